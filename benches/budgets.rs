//! The doctor's budgets as ratios in one run: `cargo bench --bench budgets`.
//!
//! Each line pairs a doctor's run with what its child processes cost anyway, alternating, so that a busy machine slows both.
//! Nothing fails here: a number over its budget is printed with a mark, and a person looks.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark runs programs and prints what it measured"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Duration;

use support::{
    home::Home,
    job_server::{JobServer, Options},
    keys::Key,
    process::Outcome,
    sshd::Sshd,
};

const RUNS: usize = 15;

/// Median times of two things done in turn.
fn paired(mut one: impl FnMut() -> Outcome, mut other: impl FnMut() -> Outcome) -> (Duration, Duration) {
    let (mut ones, mut others) = (Vec::new(), Vec::new());
    // The first pair warms the caches.
    for run in 0..=RUNS {
        let (first, second) = (one().elapsed, other().elapsed);
        if run > 0 {
            ones.push(first);
            others.push(second);
        }
    }
    ones.sort();
    others.sort();
    (ones[RUNS / 2], others[RUNS / 2])
}

fn report(what: &str, budget: f64, (doctor, floor): (Duration, Duration)) {
    let ratio = doctor.as_secs_f64() / floor.as_secs_f64();
    let mark = if ratio <= budget { "within" } else { "OVER" };
    println!("{what}: {ratio:.2} × ({doctor:.1?} against {floor:.1?}); budget {budget} ×, {mark}");
}

fn home_with_keys(count: usize) -> (Home, Vec<Key>) {
    let mut home = Home::new();
    let keys = (0..count)
        .map(|index| {
            let name = if index == 0 { ".ssh/id_ed25519".to_owned() } else { format!(".ssh/key{index}") };
            home.keygen(&name, "ed25519")
        })
        .collect();
    (home, keys)
}

/// A refused login with this many candidate keys, against a server of either kind.
fn refused(what: &str, budget: f64, count: usize, port: u16) {
    let (mut home, keys) = home_with_keys(count);
    let _agent = home.agent(&keys.iter().take(4).collect::<Vec<_>>());
    let port = port.to_string();
    let times = paired(
        || home.doctor(["-p", &port, "127.0.0.1"]),
        || {
            home.ssh([
                "-v",
                "-o",
                "BatchMode=yes",
                "-o",
                "StrictHostKeyChecking=no",
                "-o",
                "UserKnownHostsFile=/dev/null",
                "-p",
                &port,
                "127.0.0.1",
                "true",
            ])
        },
    );
    report(what, budget, times);
}

fn main() {
    let (mut home, keys) = home_with_keys(10);
    let _agent = home.agent(&keys.iter().take(4).collect::<Vec<_>>());
    report(
        "doctor --offline, 10 keys, an agent, against one ssh -v -G",
        1.5,
        paired(|| home.doctor(["--offline"]), || home.ssh(["-v", "-G", "localhost"])),
    );

    let mut stranger = Home::new();
    let other = stranger.keygen("other", "ed25519");
    let job = JobServer::start(Options::authorizing([other.public.as_str()]).max_auth_tries(100));
    refused("job server, refused, 5 candidates, against one plain attempt", 1.3, 5, job.port());
    refused("job server, refused, 30 candidates, against one plain attempt", 2.0, 30, job.port());
    let sshd = Sshd::start([other.public.as_str()], "MaxAuthTries 100\nMaxStartups 100\n");
    refused("sshd, refused, 5 candidates, against one plain attempt", 1.3, 5, sshd.port());
    refused("sshd, refused, 30 candidates, against one plain attempt", 2.0, 30, sshd.port());
}
