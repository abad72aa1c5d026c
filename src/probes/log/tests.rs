use super::*;
use crate::facts::{
    AgentState, CommandShell, Os,
    samples::{FAILS, WORKS},
};

pub(super) fn facts(log: &str) -> Facts {
    look(&[Capture::read(log.as_bytes(), "ssh.log").expect("a log of ssh")], None).expect("there is a log")
}

#[test]
fn what_is_no_log_of_ssh_is_said_to_be_none() {
    let said = |log: &str| Capture::read(log.as_bytes(), "x.log").expect_err("no log of ssh").to_string();
    assert!(said("").starts_with("x.log is empty"));
    assert!(said("GET / HTTP/1.1\nHost: example.com\n").starts_with("none of the 2 lines of x.log"));
}

#[test]
fn the_machine_is_the_logs_own() {
    let of = |log: &str| facts(log).machine.known().cloned().expect("its paths show it");
    let mac = of("debug1: identity file /Users/ana/.ssh/id_rsa type -1\n");
    assert_eq!((mac.os, mac.home.known().map(String::as_str)), (Os::Macos, Some("/Users/ana")));
    let windows =
        of("OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2\ndebug1: identity file C:\\\\Users\\\\ana/.ssh/id_rsa type -1\n");
    assert_eq!((windows.os, windows.command_shell), (Os::Windows, CommandShell::Powershell));
    assert_eq!(windows.home.known().map(String::as_str), Some(r"C:\Users\ana"));
    let git = of("debug1: identity file /c/Users/ana/.ssh/id_rsa type -1\n");
    assert_eq!((git.os, git.command_shell), (Os::Windows, CommandShell::Posix));
    assert!(facts("ana@203.0.113.7: Permission denied (publickey).\n").machine.known().is_none());
}

#[test]
fn the_command_above_the_log_names_the_target() {
    let log = "ana@box:~$ ssh -v -p 64535 -i ~/.ssh/cci 203.0.113.7\nOpenSSH_9.2p1, OpenSSL 3.0.1\n\
               debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n";
    let target = facts(log).target.expect("both name it");
    assert_eq!(
        (target.host.as_str(), target.port, target.identity_files),
        ("203.0.113.7", Some(64535), vec!["~/.ssh/cci".to_owned()])
    );
    let target =
        facts("ssh: connect to host 203.0.113.7 port 64535: Connection refused\n").target.expect("the line names it");
    assert_eq!(target.ssh_args, ["-p", "64535", "203.0.113.7"]);
}

#[test]
fn an_agent_is_what_ssh_met() {
    let of = |line: &str| facts(line).agent.known().map(|agent| agent.state);
    assert_eq!(
        of("debug1: get_agent_identities: ssh_get_authentication_socket: Connection refused\n"),
        Some(AgentState::Dead)
    );
    assert_eq!(of("debug1: get_agent_identities: agent returned 2 keys\n"), Some(AgentState::Answers));
    assert_eq!(of("debug1: Connection established.\n"), None);
}

#[test]
fn of_two_logs_the_one_that_fails_is_judged_wherever_it_stands() {
    let read = |name: &str, log: &str| Capture::read(log.as_bytes(), name).expect("a log of ssh");
    let (works, fails) = (read("works.log", WORKS), read("fails.log", FAILS));
    for both in [[works.clone(), fails.clone()], [fails.clone(), works.clone()]] {
        let mut facts = look(&both, None).expect("there are logs");
        crate::facts::infer::all(&mut facts);
        assert_eq!(facts.log.as_ref().map(|log| log.source.as_str()), Some("fails.log"));
        let contrast = facts.contrast.expect("the other log");
        assert_eq!((contrast.place.as_str(), contrast.works, contrast.wrong_key), ("github.com", true, true));
        assert_eq!(contrast.key.and_then(|key| key.path).as_deref(), Some("/Users/ana/.ssh/github"));
    }
    let healthy = look(&[fails, read("later.log", WORKS)], None).expect("there are logs");
    assert_eq!(healthy.log.map(|log| log.source).as_deref(), Some("fails.log"));
    let both_work = look(&[works.clone(), works], None).expect("there are logs");
    assert!(both_work.contrast.is_none(), "nothing fails");
}

#[test]
fn a_listing_behind_a_prompt_shows_which_keys_there_are() {
    let log = format!("{FAILS}ana@mbp ~ % ls ~/.ssh\nconfig\tgithub\tgithub.pub\nana@mbp ~ %\n");
    let mut facts = facts(&log);
    crate::facts::infer::all(&mut facts);
    let auth = facts.auth.known().expect("there was an attempt");
    assert_eq!(auth.unoffered_files, ["/Users/ana/.ssh/github"]);
}

#[test]
fn a_step_that_lost_its_command_was_ready_all_the_same() {
    let step = "This box will stay up for 2h0m0s, or until 10m0s passes without an active SSH session.\n";
    let refused = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";
    let target = facts(&format!("{step}{refused}")).target.expect("the line names it");
    let step = target.enable_ssh.expect("its text stands there");
    assert_eq!((step.state.as_str(), step.stays_up.as_deref()), ("ready", Some("2h0m0s")));
}
