use std::process::{Child, Command, Stdio};

use super::*;
use crate::{
    ssh::public_key::PublicKey,
    system::{
        real::Real,
        recorded::{End, Exchange, Recorded},
    },
};

const KEY: &str = include_str!("../../../tests/ssh/zoo/openssh-ed25519.public");

fn ssh(major: u32, minor: u32, vendor: &str) -> Fact<Client> {
    Fact::Known(Client {
        version: Version { major, minor }.into(),
        vendor: vendor.to_owned().into(),
        ..Client::default()
    })
}

fn config(agent: Option<&str>) -> Fact<Config> {
    Fact::Known(Config { identity_agent: agent.map(str::to_owned), ..Config::default() })
}

fn seen(system: &Recorded, agent: Option<&str>) -> Agent {
    look(system, &system.account(), &config(agent), &ssh(9, 2, "openssh"), Duration::from_secs(1))
}

fn list(count: usize) -> Vec<u8> {
    let blob = PublicKey::from_line(KEY).expect("a key").blob;
    let one = |index| agent::Identity { blob: blob.clone(), comment: format!("key \u{1b}[1m{index}") };
    agent::identities_answer(&(0..count).map(one).collect::<Vec<_>>())
}

fn answers(count: usize) -> Result<Exchange, io::ErrorKind> {
    Ok(Exchange::says("", End::Silence).answers(list(count)).answers(agent::failure()).answers(agent::failure()))
}

fn mac() -> Recorded {
    Recorded::new(Platform::Macos).user("ana", "/Users/ana")
}

#[test]
fn keys_come_in_the_agents_order_and_clean() {
    let agent = seen(
        &mac()
            .variable("SSH_AUTH_SOCK", "/private/tmp/com.apple.launchd.x/Listeners")
            .socket("/private/tmp/com.apple.launchd.x/Listeners", answers(2)),
        None,
    );
    assert_eq!((agent.state, agent.program.as_deref()), (AgentState::Answers, Some("launchd")));
    let identities = agent.identities.known().expect("listed");
    assert_eq!(
        identities.iter().map(|identity| identity.comment.as_str()).collect::<Vec<_>>(),
        ["key [1m0", "key [1m1"]
    );
    assert_eq!((identities[0].family.as_str(), identities[0].bits.clone()), ("ed25519", 256.into()));
    assert!(agent.locked.is(&false) && !agent.may_ask);
}

#[test]
fn each_way_to_have_no_answer() {
    let state = |exchange| seen(&mac().variable("SSH_AUTH_SOCK", "/a").socket("/a", exchange), None).state;
    assert_eq!(state(Err(io::ErrorKind::ConnectionRefused)), AgentState::Dead);
    assert_eq!(state(Err(io::ErrorKind::PermissionDenied)), AgentState::Forbidden);
    assert_eq!(state(Err(io::ErrorKind::TimedOut)), AgentState::Silent);
    assert_eq!(state(Ok(Exchange::says("", End::Silence))), AgentState::Silent);
    assert_eq!(state(Ok(Exchange::says("", End::Close))), AgentState::Failing);
    assert_eq!(state(Ok(Exchange::says("HTTP/1.1 400 Bad Request\r\n", End::Close))), AgentState::Failing);
    assert_eq!(state(Ok(Exchange::says("", End::Close).answers(agent::failure()))), AgentState::Failing);
    assert_eq!(seen(&mac().variable("SSH_AUTH_SOCK", "/a"), None).state, AgentState::Missing);
    assert_eq!(seen(&mac(), None).state, AgentState::NotConfigured);
}

#[test]
fn identity_agent_wins_and_the_other_one_is_counted() {
    let machine = mac()
        .variable("SSH_AUTH_SOCK", "/tmp/ssh-x/agent.1")
        .variable("MINE", "/Users/ana/.1password/agent.sock")
        .socket("/tmp/ssh-x/agent.1", answers(3))
        .socket("/Users/ana/.1password/agent.sock", answers(1))
        .link("/Users/ana/link", "/tmp/ssh-x/agent.1");
    for written in ["~/.1password/agent.sock", "$MINE", "%d/.1password/agent.sock", "${MINE}"] {
        let agent = seen(&machine, Some(written));
        assert_eq!(agent.socket_from.as_deref(), Some("IdentityAgent"), "{written}");
        assert_eq!(agent.program.as_deref(), Some("1password"));
        assert!(agent.may_ask);
        assert_eq!(agent.other.as_ref().expect("has keys").identities, 3);
    }
    assert!(seen(&machine, Some("~/link")).other.is_none());
    assert_eq!(seen(&machine, Some("SSH_AUTH_SOCK")).socket_from.as_deref(), Some("SSH_AUTH_SOCK"));
    let off = seen(&machine, Some("none"));
    assert_eq!((off.state, off.other.expect("has keys").identities), (AgentState::Off, 3));
    assert_eq!(seen(&machine, Some("$UNSET")).state, AgentState::NotConfigured);
}

#[test]
fn only_windows_own_ssh_has_a_default_pipe() {
    let windows = Recorded::new(Platform::Windows).user("ana", "C:/Users/ana").socket(WINDOWS_PIPE, answers(1));
    let with = |vendor| look(&windows, &windows.account(), &config(None), &ssh(9, 5, vendor), Duration::from_secs(1));
    let own = with("windows");
    assert_eq!((own.state, own.socket_from.as_deref()), (AgentState::Answers, Some("default")));
    assert_eq!(own.program.as_deref(), Some("windows-service"));
    assert_eq!(with("openssh").state, AgentState::NotConfigured);
}

#[test]
fn an_empty_answer_from_an_unknown_agent_is_not_called_locked() {
    let empty = |path: &str, version: (u32, u32)| {
        let machine = mac().variable("SSH_AUTH_SOCK", path).socket(path, answers(0));
        look(&machine, &machine.account(), &config(None), &ssh(version.0, version.1, "x"), Duration::from_secs(1))
            .locked
    };
    assert!(empty("/tmp/ssh-x/agent.1", (9, 2)).is(&true));
    assert!(empty("/tmp/ssh-x/agent.1", (8, 4)).known().is_none());
    assert!(empty("/home/a/.1password/agent.sock", (9, 2)).known().is_none());
}

#[test]
fn agents_of_every_age_tell_whether_they_are_locked() {
    let frame = |kind: u8| [0, 0, 0, 1, kind];
    let locked = |rest: &[[u8; 5]]| {
        let says = Exchange::says("", End::Silence).answers(list(0));
        let says = rest.iter().fold(says, |says, answer| says.answers(answer));
        let path = "/tmp/ssh-x/agent.1";
        seen(&mac().variable("SSH_AUTH_SOCK", path).socket(path, Ok(says)), None).locked
    };
    let (failure, success, response, extension_failure) = (frame(5), frame(6), frame(29), frame(28));
    assert!(locked(&[response]).is(&false), "open, 10.6");
    assert!(locked(&[failure, success, extension_failure]).is(&true), "locked, 10.6");
    assert!(locked(&[failure, success, failure]).is(&false), "open, 9.2");
    assert!(locked(&[failure, failure]).is(&true), "locked, 9.2");
    assert!(locked(&[]).known().is_none(), "it says no more");
}

/// A real ssh-agent, ended with the test.
struct RealAgent(Child);

impl Drop for RealAgent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The real System with SSH_AUTH_SOCK set for it.
fn real(socket: &Path) -> Agent {
    let config = config(Some(&text::path(socket)));
    look(&Real, &Real.account(), &config, &ssh(9, 2, "openssh"), Duration::from_secs(5))
}

#[cfg(unix)]
#[test]
#[expect(clippy::disallowed_methods, reason = "a test starts a real agent")]
fn a_real_agent_empty_filled_and_locked() {
    use std::os::unix::fs::PermissionsExt as _;
    if Real.programs("ssh-agent").is_empty() {
        return;
    }
    let scratch = Real.scratch().expect("a folder");
    let socket = scratch.path().join("agent.1");
    let _agent = RealAgent(
        Command::new("ssh-agent").arg("-D").arg("-a").arg(&socket).stdout(Stdio::null()).spawn().expect("starts"),
    );
    for _ in 0..500 {
        // The file is there a moment before anybody listens.
        if std::os::unix::net::UnixStream::connect(&socket).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    let empty = real(&socket);
    assert_eq!((empty.state, empty.identities.known().map(Vec::len)), (AgentState::Answers, Some(0)));
    assert!(empty.locked.is(&false), "{empty:?}");

    let key = scratch.path().join("key");
    let askpass = scratch.write("askpass", b"#!/bin/sh\necho secret\n").expect("writes");
    std::fs::set_permissions(&askpass, std::fs::Permissions::from_mode(0o700)).expect("allowed");
    let run = |program: &str, args: &[&str]| {
        let ran = Command::new(program)
            .args(args)
            .env("SSH_AUTH_SOCK", &socket)
            .env("SSH_ASKPASS", &askpass)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .output()
            .expect("starts");
        assert!(ran.status.success(), "{program}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-C", "mine", "-f", &text::path(&key)]);
    run("ssh-add", &["-q", &text::path(&key)]);
    let filled = real(&socket);
    assert_eq!(filled.identities.known().expect("listed")[0].comment, "mine");
    assert!(filled.locked.is(&false));

    run("ssh-add", &["-x"]);
    let locked = real(&socket);
    assert_eq!((locked.state, locked.identities.known().map(Vec::len)), (AgentState::Answers, Some(0)));
    assert!(locked.locked.is(&true));
}
