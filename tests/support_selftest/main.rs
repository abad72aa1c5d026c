//! Proves what the live tests stand on: the real ssh client meets the job server of `tests/support`, a real sshd and a
//! scratch home, and says about each fault what it says about the real thing.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests look at real files; only the program goes through System")]

#[path = "../support/mod.rs"]
mod support;

mod circleci;
mod faults;
mod host_keys;
mod images;
mod login;
mod real_sshd;
mod scratch_home;
#[cfg(feature = "ssh2")]
mod second_witness;
mod sessions;
mod signatures;

use support::home::Home;
use support::job_server::JobServer;
use support::process::Outcome;

/// A home whose ssh takes any host key and asks nothing.
fn home() -> Home {
    let home = Home::new();
    home.config("Host *\n  StrictHostKeyChecking accept-new\n  BatchMode yes\n  ConnectTimeout 10\n");
    home
}

/// `ssh -v` to the server with more arguments in front of and after the host.
fn ssh(home: &Home, server: &JobServer, options: &[&str], command: &[&str]) -> Outcome {
    let port = server.port().to_string();
    let ip = server.ip().to_string();
    let mut words = vec!["-v", "-p", &port];
    words.extend(options);
    words.push(&ip);
    words.extend(command);
    home.ssh(words)
}
