use std::process::{Child, Command, Stdio};
use std::thread;

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

fn others(system: &Recorded, agent: &Agent) -> Vec<crate::facts::OtherAgent> {
    look_for_others(system, &system.account(), agent, Duration::from_secs(1))
}

#[test]
fn identity_agent_wins_and_the_other_one_is_found() {
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
        let others = others(&machine, &agent);
        assert_eq!(others.len(), 1);
        let other = named_by_the_shell(&others).expect("has keys");
        assert_eq!((other.identities, other.socket.as_str(), other.asked), (3, "/tmp/ssh-x/agent.1", true));
    }
    let linked = others(&machine, &seen(&machine, Some("~/link")));
    assert_eq!(linked.iter().map(|other| other.program.as_str()).collect::<Vec<_>>(), ["1password"]);
    assert_eq!(seen(&machine, Some("SSH_AUTH_SOCK")).socket_from.as_deref(), Some("SSH_AUTH_SOCK"));
    let off = seen(&machine, Some("none"));
    assert_eq!((off.state, others(&machine, &off).len()), (AgentState::Off, 2));
    assert_eq!(seen(&machine, Some("$UNSET")).state, AgentState::NotConfigured);
}

fn linux() -> Recorded {
    Recorded::new(Platform::Linux).user("ana", "/home/ana").variable("XDG_RUNTIME_DIR", "/run/user/1000")
}

fn sockets(machine: &Recorded) -> Vec<String> {
    others(machine, &Agent::default()).into_iter().map(|other| other.socket).collect()
}

#[test]
fn agents_in_their_usual_places() {
    let places = [
        "/home/ana/.ssh/agent/s.Ab.agent.Cd",
        "/home/ana/.1password/agent.sock",
        "/home/ana/.ssh/wsl-ssh-agent.sock",
        "/run/user/1000/ssh-agent.socket",
        "/tmp/ssh-XXabc/agent.7",
    ];
    let machine = places.iter().fold(linux(), |machine, place| machine.socket(place, answers(1)));
    assert_eq!(sockets(&machine), places);
    let unset = Recorded::new(Platform::Linux).user("ana", "/home/ana").socket(places[3], answers(1));
    assert_eq!(sockets(&unset), [places[3]], "the folder is there whoever does not name it");
    let mac = mac()
        .socket("/private/tmp/com.apple.launchd.Ab/Listeners", answers(1))
        .socket("/Users/ana/Library/Containers/com.maxgoedjen.Secretive.SecretAgent/Data/socket.ssh", answers(1));
    assert_eq!(sockets(&mac).len(), 2);
    let windows = Recorded::new(Platform::Windows).user("ana", "C:/Users/ana").socket(WINDOWS_PIPE, answers(1));
    assert!(sockets(&windows).is_empty());
}

#[test]
fn agents_without_a_key_or_an_answer_are_of_no_use() {
    let machine = linux()
        .socket("/tmp/ssh-a/agent.1", answers(0))
        .socket("/tmp/ssh-b/agent.2", Err(io::ErrorKind::ConnectionRefused))
        .socket("/tmp/ssh-c/agent.3", Ok(Exchange::says("", End::Silence)))
        .file("/tmp/ssh-d/agent.4", 0o600, "no socket")
        .socket("/tmp/ssh-e/other.5", answers(1));
    assert!(sockets(&machine).is_empty());
}

#[test]
fn agents_of_somebody_else_are_not_touched() {
    let machine = linux().socket("/tmp/ssh-a/agent.1", answers(1)).socket("/tmp/ssh-b/agent.2", answers(1));
    let machine = machine.owned_by("/tmp/ssh-a/agent.1", 1001, false).owned_by("/tmp/ssh-b", 1001, false);
    assert!(sockets(&machine).is_empty());
    assert!(machine.written().is_empty());
}

#[test]
fn an_agent_that_would_open_a_window_is_only_seen_to_live() {
    let machine = linux().socket("/home/ana/.bitwarden-ssh-agent.sock", answers(2));
    let others = others(&machine, &Agent::default());
    assert_eq!((others.len(), others[0].asked, others[0].identities), (1, false, 0));
    assert!(machine.written().is_empty());
}

#[test]
fn a_program_that_does_not_run_is_not_started() {
    let gpg = "/run/user/1000/gnupg/S.gpg-agent.ssh";
    let machine = || linux().socket(gpg, answers(1)).file("/home/ana/.gnupg/sshcontrol", 0o600, "");
    assert!(sockets(&machine()).is_empty(), "systemd would start it");
    let running = |name: &str| machine().file("/proc/4711/comm", 0o444, format!("{name}\n"));
    assert_eq!(sockets(&running("gpg-agent")), [gpg]);
    assert!(sockets(&running("bash")).is_empty());
    assert!(sockets(&running("gpg-agent").owned_by("/proc/4711", 0, false)).is_empty());
    let unit = "/sys/fs/cgroup/user.slice/user-1000.slice/user@1000.service/app.slice/gpg-agent.service/cgroup.procs";
    assert_eq!(sockets(&machine().file(unit, 0o444, "4711\n")), [gpg]);
    let never = linux().socket(gpg, answers(1)).file("/proc/4711/comm", 0o444, "gpg-agent\n");
    assert!(sockets(&never).is_empty(), "it would write a file into the home");
}

#[test]
fn tmux_is_asked_only_from_within() {
    use crate::system::Ran;
    let says = |text: &str| {
        let text = text.to_owned();
        linux().socket("/tmp/later/agent.9", answers(1)).program("/usr/bin/tmux").answer("/usr/bin/tmux", move |_| {
            Some(Ran { code: Some(0), stdout: text.clone().into(), ..Ran::default() })
        })
    };
    let inside = |text: &str| sockets(&says(text).variable("TMUX", "/tmp/tmux-1000/default,1,0"));
    assert_eq!(inside("SSH_AUTH_SOCK=/tmp/later/agent.9\n"), ["/tmp/later/agent.9"]);
    assert!(inside("-SSH_AUTH_SOCK\n").is_empty());
    assert!(sockets(&says("SSH_AUTH_SOCK=/tmp/later/agent.9\n")).is_empty());
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
