//! Machines in a sorry state, and limits.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use crate::expect_look;
use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::support::ports::{RefusedPort, SilentPort};

#[test]
fn no_home() {
    let mut home = Home::new();
    let gone = home.join("gone");
    home.set_env("CCI_SSH_TEST_HOME", &gone);
    home.set_env("HOME", &gone);
    let closed = RefusedPort::new();
    for words in [
        &["doctor", "--format", "json"][..],
        &["doctor", "--format", "json", "-p", &closed.port.to_string(), "127.0.0.1"],
    ] {
        let outcome = home.cci_ssh(words);
        expect_look(&outcome);
        assert_eq!(outcome.json()["version"], 1);
    }
    assert!(!gone.exists(), "nobody makes one either");
}

#[test]
fn a_key_that_may_not_be_read() {
    if rustix::process::geteuid().is_root() {
        crate::support::skipped("root may read everything");
        return;
    }
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    fs::set_permissions(&key.path, Permissions::from_mode(0o000)).expect("our own key");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let outcome = home.doctor(["--format", "json", "-p", &server.port().to_string(), "127.0.0.1"]);
    outcome.expect_code(1);
    assert_eq!(outcome.json()["findings"][0]["check"], "key-unreadable", "{outcome:#?}");
}

#[test]
fn things_in_the_way_of_files() {
    let home = Home::new();
    home.make_folder(".ssh/id_ed25519", 0o700);
    home.make_folder(".ssh/config", 0o700);
    home.make_folder(".ssh/known_hosts", 0o700);
    home.run("mkfifo", [".ssh/id_rsa"]).expect_code(0);
    home.write(".ssh/huge", vec![b'x'; 3 << 20], 0o600);
    std::os::unix::fs::symlink("loop", home.join(".ssh/loop")).expect("our own folder");
    std::os::unix::fs::symlink("/dev/zero", home.join(".ssh/id_ecdsa")).expect("our own folder");
    let outcome = home.doctor(["--format", "json", "--timeout", "5"]);
    expect_look(&outcome);
    assert!(outcome.elapsed < Duration::from_secs(5), "{outcome:#?}");
}

#[test]
fn ten_thousand_files() {
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    for number in 0..10_000 {
        let text = if number % 100 == 0 { fs::read_to_string(&key.path).expect("our own key") } else { "x".to_owned() };
        fs::write(home.join(format!(".ssh/file{number}")), text).expect("our own folder");
    }
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let outcome = home.doctor(["--format", "json", "-p", &server.port().to_string(), "127.0.0.1"]);
    outcome.expect_code(0);
    // The optimised program needs a fraction of it.
    assert!(outcome.elapsed < Duration::from_secs(5), "{:?}", outcome.elapsed);
}

#[test]
fn includes_that_go_round_in_circles() {
    let home = Home::new();
    home.config("Include ~/.ssh/other\n");
    home.write(".ssh/other", "Include ~/.ssh/config\n", 0o600);
    let outcome = home.doctor(["--format", "json"]);
    outcome.expect_code(1).expect_text("recursive");
    assert_eq!(outcome.json()["findings"][0]["check"], "config-not-accepted", "{outcome:#?}");
}

#[test]
fn nothing_takes_longer_than_allowed() {
    let mut home = Home::new();
    let silent = SilentPort::new();
    let hung = home.hung_agent();
    home.set_env("SSH_AUTH_SOCK", hung.socket());
    let outcome = home.doctor(["--timeout", "1", "-p", &silent.port.to_string(), "127.0.0.1"]);
    outcome.expect_code(1);
    assert!(outcome.elapsed < Duration::from_millis(2500), "{outcome:#?}");
    assert!(home.doctor(["--timeout", "1"]).elapsed < Duration::from_millis(2500));
}

#[test]
fn a_match_exec_that_never_ends() {
    let home = Home::new();
    home.config("Match exec \"sleep 60\"\n  User ana\n");
    let outcome = home.doctor(["--timeout", "2", "--format", "json"]);
    expect_look(&outcome);
    assert!(outcome.elapsed < Duration::from_secs(4), "{outcome:#?}");
}
