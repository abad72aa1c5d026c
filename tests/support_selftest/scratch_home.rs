//! The scratch home is the one that programs use, and nothing else of the machine's user is.

use std::time::Duration;

use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::support::process::{expect_end, run_with};

#[test]
fn ssh_reads_the_scratch_home_and_not_the_real_one() {
    let mut home = Home::new();
    home.config("Host job\n  HostName 203.0.113.7\n  Port 64535\n");
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let configuration = home.ssh(["-v", "-G", "job"]);
    configuration.expect_text("hostname 203.0.113.7\n").expect_text("port 64535\n");
    configuration.expect_text(&format!("Reading configuration data {}/.ssh/config", home.path().display()));
    // $HOME alone would not do.
    let mut elsewhere = home.command("ssh");
    elsewhere.env("HOME", "/nowhere").args(["-G", "job"]);
    run_with(elsewhere, b"", Duration::from_secs(5)).expect_text("hostname 203.0.113.7\n");

    home.known_hosts(&format!("[203.0.113.7]:64535 {}\n", key.public));
    home.run("ssh-keygen", ["-F", "[203.0.113.7]:64535"]).expect_code(0).expect_text("found: line 1");
    home.run("bash", ["-c", "echo ~ ~/.ssh"]).expect_text(&format!("{0} {0}/.ssh\n", home.path().display()));
}

#[test]
fn the_environment_is_scrubbed() {
    let mut home = Home::new();
    home.set_env("SSH_AUTH_SOCK", "/given/by/the/test");
    let outcome = home.run("env", [""; 0]);
    let mut names: Vec<_> =
        outcome.stdout.lines().filter_map(|line| line.split_once('=')).map(|(name, _)| name).collect();
    names.sort_unstable();
    let ours = ["CCI_SSH_TEST_HOME", "CCI_SSH_TEST_NAMES"];
    let usual = ["HOME", "LANG", "LD_PRELOAD", "PATH", "SSH_AUTH_SOCK", "TERM", "XDG_RUNTIME_DIR"];
    assert_eq!(names, [&ours[..], &usual].concat());
    home.run("sh", ["-c", "exec < /dev/tty"]).expect_text("/dev/tty");
}

#[test]
fn a_snapshot_sees_every_change() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let before = home.snapshot();
    home.ssh(["-G", "job"]).expect_code(0);
    assert_eq!(home.snapshot(), before);
    home.config("# new\n");
    let with_config = home.snapshot();
    assert_ne!(with_config, before);
    home.write(".ssh/config", "# new\n", 0o644);
    assert_ne!(home.snapshot(), with_config);
}

#[test]
fn a_fake_program_comes_before_the_real_one() {
    let home = Home::new();
    home.fake_program("ssh", "#!/bin/sh\necho \"fake $*\"\nexit 9\n");
    let outcome = home.ssh(["-V"]);
    assert_eq!((outcome.stdout.as_str(), outcome.code()), ("fake -V\n", Some(9)));
    home.paste("ssh -p 1 host", &[]).expect_code(9).expect_text("fake -p 1 host\n");
}

#[test]
fn agents_of_all_sorts() {
    let mut home = crate::home();
    let key = home.keygen("job", "ed25519");
    {
        let _agent = home.agent(&[&key]);
        home.run("ssh-add", ["-l"]).expect_code(0).expect_text(&key.fingerprint);
    }
    home.run("ssh-add", ["-l"]).expect_code(2);

    let dead = home.dead_agent_socket();
    home.set_env("SSH_AUTH_SOCK", dead);
    home.run("ssh-add", ["-l"]).expect_code(2).expect_text("Connection refused");

    let hung = home.hung_agent();
    home.set_env("SSH_AUTH_SOCK", hung.socket());
    let mut list = home.command("ssh-add");
    list.arg("-l");
    assert!(run_with(list, b"", Duration::from_secs(2)).timed_out());
    assert_eq!(hung.connections(), 1);
}

#[test]
fn what_overruns_its_time_is_ended_with_its_children() {
    let home = Home::new();
    let mut command = home.command("sh");
    command.args(["-c", "sleep 60 & echo $! > child; wait"]);
    let outcome = run_with(command, b"", Duration::from_secs(2));
    assert!(outcome.timed_out() && outcome.elapsed < Duration::from_secs(10), "{outcome:#?}");
    expect_end(&home.read("child"));
}

#[test]
fn our_own_program_can_be_run() {
    let home = Home::new();
    assert!(!home.cci_ssh(["--version"]).timed_out());
}

#[test]
fn two_keys_of_one_home_differ() {
    let mut home = Home::new();
    let (one, two) = (home.keygen("one", "ed25519"), home.keygen("two", "ed25519"));
    assert_ne!(one.fingerprint, two.fingerprint);
    home.run("ssh-keygen", ["-l", "-f", "one"]).expect_text(&one.fingerprint);
    drop(JobServer::start(Options::authorizing([one.public.as_str(), two.public.as_str()])));
}
