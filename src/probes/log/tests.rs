use super::*;
use crate::facts::{AgentState, CommandShell, Os};

fn facts(log: &str) -> Facts {
    look(&Capture::read(log.as_bytes(), "ssh.log").expect("a log of ssh"), None)
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
