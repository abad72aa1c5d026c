//! Two independent faults at once: the one that blocks first is named first, nothing but the two is a root cause, and once
//! the first printed fix is pasted, the next examination names the second.
//!
//! A fault that the login does not come to cannot be seen yet: then only the first is named, and that is right.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};
use std::thread;

use crate::blocked::logs_in;
use crate::report::Report;
use crate::scene::{Scene, public};
use crate::support::client::client;
use crate::support::keys::Key;

/// Pairs that are examined at the same time.
const AT_ONCE: usize = 4;

/// A command that only a shell knows.
const BUILTIN: [&str; 2] = ["cd", "project"];

/// The situation while faults are put into it.
struct Ground {
    scene: Scene,
    /// The key that the job knows.
    key: Key,
    config: String,
}

struct Fault {
    /// The check that names it.
    check: &'static str,
    /// What it puts into the machine.
    set: fn(&mut Ground),
}

/// In the order in which a login meets them.
const FAULTS: [Fault; 14] = [
    Fault { check: "config-bad-option", set: |ground| ground.config("Frobnicate yes") },
    Fault { check: "config-proxycommand-fails", set: |ground| ground.config("ProxyCommand /nowhere/proxy %h %p") },
    Fault { check: "config-addressfamily", set: |ground| ground.config("AddressFamily inet6") },
    Fault {
        check: "config-algorithms-pinned",
        set: |ground| ground.config("KexAlgorithms diffie-hellman-group1-sha1"),
    },
    Fault { check: "hostkey-changed", set: |ground| ground.another_host_key() },
    Fault { check: "hostkey-unknown-strict", set: |ground| ground.config("StrictHostKeyChecking yes") },
    Fault { check: "config-pubkey-disabled", set: |ground| ground.config("PubkeyAuthentication no") },
    Fault {
        check: "config-pubkey-algorithms-exclude-key",
        set: |ground| ground.config(&format!("{} rsa-sha2-512", client().accepted_algorithms())),
    },
    Fault { check: "key-not-authorised", set: |ground| ground.unknown_to_the_job() },
    Fault { check: "key-perms-too-open", set: |ground| ground.mode(0o644) },
    Fault { check: "key-crlf", set: |ground| ground.windows_line_ends() },
    Fault { check: "key-nondefault-name", set: |ground| ground.rename() },
    Fault { check: "config-batchmode", set: |ground| ground.passphrase_in_batch_mode() },
    Fault { check: "session-exec-not-found", set: |ground| ground.builtin_as_command() },
];

impl Ground {
    fn new() -> Self {
        let (scene, key) = Scene::usual();
        Self { scene, key, config: String::new() }
    }

    fn config(&mut self, line: &str) {
        self.config.push_str(line);
        self.config.push('\n');
    }

    fn another_host_key(&mut self) {
        let port = self.scene.port();
        let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
        self.scene.home.known_hosts(&format!("[127.0.0.1]:{port} {other}\n"));
    }

    fn rename(&mut self) {
        let name = self.key.path.with_file_name("circleci");
        fs::rename(public(&self.key), name.with_extension("pub")).expect("our own key");
        fs::rename(&self.key.path, &name).expect("our own key");
        self.key.path = name;
    }

    fn unknown_to_the_job(&mut self) {
        let other = self.scene.key("server/other");
        self.scene.job([&other]);
    }

    fn mode(&mut self, mode: u32) {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(&self.key.path, fs::Permissions::from_mode(mode)).expect("our own key");
    }

    fn windows_line_ends(&mut self) {
        let text = fs::read_to_string(&self.key.path).expect("our own key");
        fs::write(&self.key.path, text.replace('\n', "\r\n")).expect("our own key");
    }

    fn builtin_as_command(&mut self) {
        self.scene.remote(&BUILTIN);
    }

    fn passphrase_in_batch_mode(&mut self) {
        let path = self.key.path.display().to_string();
        // ssh-keygen wants a mode of its own.
        let mode = fs::metadata(&self.key.path).expect("our own key").permissions();
        self.mode(0o600);
        self.scene.home.run("ssh-keygen", ["-q", "-p", "-N", "sesame", "-f", path.as_str()]).expect_code(0);
        fs::set_permissions(&self.key.path, mode).expect("our own key");
        self.scene.known();
        self.config("BatchMode yes");
    }
}

/// Pairs that are no two faults: one takes the place of the other, or brings what the other is without.
fn meaningless(one: &str, other: &str) -> bool {
    const PAIRS: [(&str, &str); 8] = [
        // A proxy makes the connection itself.
        ("config-proxycommand-fails", "config-addressfamily"),
        // What is printed puts the new key into known_hosts, where strict checking finds it.
        ("hostkey-changed", "hostkey-unknown-strict"),
        // What is printed for a file that ssh does not look at names it as well.
        ("key-perms-too-open", "key-nondefault-name"),
        ("key-crlf", "key-nondefault-name"),
        // The host key is known already.
        ("hostkey-changed", "config-batchmode"),
        ("hostkey-unknown-strict", "config-batchmode"),
        // Out of batch mode, a test still has no terminal to be asked on.
        ("config-batchmode", "session-exec-not-found"),
        // A damaged file has no passphrase.
        ("key-crlf", "config-batchmode"),
    ];
    PAIRS.contains(&(one, other))
}

#[test]
fn of_two_faults_the_one_that_blocks_is_named_and_then_the_other() {
    let pairs: Vec<(&Fault, &Fault)> = FAULTS
        .iter()
        .enumerate()
        .flat_map(|(place, one)| FAULTS[place + 1..].iter().map(move |other| (one, other)))
        .filter(|(one, other)| !meaningless(one.check, other.check))
        .collect();
    let (next, wrong) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((one, other)) = pairs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let held = catch_unwind(AssertUnwindSafe(|| hold(one, other)));
                    let failed = held.unwrap_or_else(|_| Err("it panicked".to_owned())).err();
                    if let Some(what) = failed {
                        wrong
                            .lock()
                            .expect("nobody panics here")
                            .push(format!("{} + {}: {what}", one.check, other.check));
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().expect("nobody panics here");
    assert!(wrong.is_empty(), "{} of {} pairs\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

fn hold(one: &Fault, other: &Fault) -> Result<(), String> {
    let mut ground = Ground::new();
    let mut faults = [one, other];
    // Another server comes before what is about the server.
    faults.sort_by_key(|fault| fault.check != "key-not-authorised");
    for fault in faults {
        (fault.set)(&mut ground);
    }
    let Ground { scene, config, .. } = ground;
    scene.home.config(&config);
    let report = scene.examine();
    names(&report, one.check, &[one.check, other.check])?;
    if at_once(one.check, other.check) && !report.root_errors().contains(&other.check) {
        return Err("the second is not shown, and could be seen".to_owned());
    }
    let Some((scene, words)) = after_the_first_fix(scene, &report) else { return Ok(()) };
    let again = match words {
        Some(mut words) => {
            // What is printed leads to the job; what one wanted to do there follows it again.
            let remote: &[&str] = if other.check == "session-exec-not-found" { &BUILTIN } else { &[] };
            words.extend(remote.iter().map(|word| (*word).to_owned()));
            scene.examine_words(&words)
        }
        None => scene.examine(),
    };
    names(&again, other.check, &[other.check]).map_err(|what| format!("after the first fix: {what}"))
}

/// Whether both can be seen in one examination: what stands on the command line where the server's greeting says that it has no
/// shell, and what lies on the machine where the login came as far as the keys.
fn at_once(one: &str, other: &str) -> bool {
    const FILES: [&str; 2] = ["key-perms-too-open", "key-crlf"];
    const OPTIONS: [&str; 2] = ["config-pubkey-disabled", "config-pubkey-algorithms-exclude-key"];
    const WITHOUT_GREETING: [&str; 2] = ["config-proxycommand-fails", "config-addressfamily"];
    let local = FILES.contains(&one) || OPTIONS.contains(&one);
    let greeted = !WITHOUT_GREETING.contains(&one);
    (other == "session-exec-not-found" && greeted) || (local && FILES.contains(&other))
}

/// The first root is `first`, and no root is anything but `allowed`.
fn names(report: &Report, first: &str, allowed: &[&str]) -> Result<(), String> {
    let roots = report.root_errors();
    let named = report.first().map(|finding| finding.text("check"));
    if named == Some(first) && roots.iter().all(|root| allowed.contains(root)) {
        return Ok(());
    }
    let all: Vec<String> = report
        .findings()
        .map(|finding| format!("{}{}", if finding.root() { "*" } else { "" }, finding.text("check")))
        .collect();
    Err(format!("{all:?} where {first} was to come first"))
}

/// The machine once the first fix is pasted, and the words that follow `ssh` now, where the fix is another command line.
fn after_the_first_fix(scene: Scene, report: &Report) -> Option<(Scene, Option<Vec<String>>)> {
    let fixes = report.first()?.pasteable();
    let mut words = None;
    for command in fixes.first()?.commands() {
        if logs_in(command) {
            words = Some(shlex::split(command)?.into_iter().skip(1).collect());
        } else {
            scene.person(command, &[]);
        }
    }
    Some((scene, words))
}
