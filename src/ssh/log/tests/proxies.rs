//! Two clients in one log.

use super::logs::*;
use super::*;

const JUMP_IN: &str = "\
debug1: Server accepts key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:filekey
Authenticated to bastion ([198.51.100.2]:22) using \"publickey\".
debug1: channel_connect_stdio_fwd: 203.0.113.7:64535
debug1: Entering interactive session.
";
const JUMP_DENIED: &str = "\
debug1: Authentications that can continue: publickey
debug1: No more authentication methods to try.
ops@bastion: Permission denied (publickey).
";
const PIPE_CLOSED: &str =
    "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n";

fn jump(attempt: &Attempt) -> &Jump {
    attempt.proxy.as_ref().and_then(|proxy| proxy.jumps.first()).expect("a jump")
}

#[test]
fn a_denial_of_the_jump_host_is_not_ours() {
    let attempt = attempt(&[JUMP, JUMP_DENIED, PIPE_CLOSED].concat());
    assert_eq!((attempt.outcome, attempt.reached, attempt.attempts), (Outcome::ProxyFailed, Stage::Connecting, 1));
    assert_eq!((attempt.denied.is_none(), attempt.offers.len()), (true, 0));
    let jump = jump(&attempt);
    assert_eq!(
        (jump.host.as_deref(), jump.user.as_deref(), jump.outcome),
        (Some("bastion"), Some("ops"), Outcome::Refused)
    );
    assert_eq!(jump.offers[0].outcome, OfferOutcome::Refused);
}

#[test]
fn a_login_at_the_jump_host_is_not_ours() {
    let waiting = attempt(&[JUMP, JUMP_IN].concat());
    assert_eq!(waiting.outcome, Outcome::Unknown);
    assert_eq!(jump(&waiting).outcome, Outcome::Authenticated);
    // To 8.6 the login takes two lines.
    let old = attempt(&[JUMP, "debug1: Authentication succeeded (publickey).\nAuthenticated to bastion ([198.51.100.2]:22).\ndebug1: Entering interactive session.\n"].concat());
    assert_eq!(old.outcome, Outcome::Unknown);
    assert_eq!(jump(&old).host.as_deref(), Some("bastion"));

    let denied = attempt(&[JUMP, JUMP_IN, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((denied.outcome, denied.attempts), (Outcome::Refused, 1));
    assert_eq!((denied.offers.len(), jump(&denied).offers.len()), (2, 1));

    let login = "Authenticated to 203.0.113.7 (via proxy) using \"publickey\".\n";
    let healthy = attempt(&[JUMP, JUMP_IN, KEX, NEW_KEYS, OFFERS, ACCEPTED, login].concat());
    assert_eq!((healthy.outcome, healthy.reached, healthy.attempts), (Outcome::Authenticated, Stage::Authenticated, 1));
}

#[test]
fn the_jump_host_cannot_reach_the_job() {
    let attempt = attempt(
        &[
            JUMP,
            JUMP_IN,
            "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n",
            PIPE_CLOSED,
        ]
        .concat(),
    );
    assert_eq!(attempt.outcome, Outcome::ProxyFailed);
    let connect = attempt.connect.expect("a connection that the jump host tried");
    assert_eq!((connect.reason, connect.host.as_str()), (Some(ConnectReason::Refused), "203.0.113.7"));
}

#[test]
fn without_v_the_pipe_tells() {
    for (line, outcome) in [
        ("ops@bastion: Permission denied (publickey).\n", Outcome::Refused),
        ("ssh: connect to host bastion port 22: Connection refused\n", Outcome::ConnectFailed),
    ] {
        for tail in [PIPE_CLOSED, "Connection closed by UNKNOWN port 65535\n"] {
            let attempt = attempt(&[line, tail].concat());
            assert_eq!((attempt.outcome, attempt.attempts), (Outcome::ProxyFailed, 1), "{line}{tail}");
            assert_eq!((jump(&attempt).outcome, jump(&attempt).host.as_deref()), (outcome, Some("bastion")));
            assert!(attempt.denied.is_none());
        }
    }
}

#[test]
fn proxy_programs() {
    let start = "OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024\ndebug1: Executing proxy command: exec corkscrew proxy 3128 203.0.113.7 64535\n";
    let missing = attempt(&[start, "/bin/bash: line 1: exec: corkscrew: not found\n", PIPE_CLOSED].concat());
    assert_eq!(missing.outcome, Outcome::ProxyFailed);
    assert!(missing.proxy.is_some_and(|proxy| !proxy.jump && proxy.said[0].text.contains("corkscrew: not found")));
    // Where ssh wrote its greeting before it saw the end.
    let broken = "banner exchange: Connection to UNKNOWN port 65535: Broken pipe\n";
    assert_eq!(attempt(&[start, broken].concat()).outcome, Outcome::ProxyFailed);
    // Clients before 7.9 may die of that write.
    let mut dead = attempt(start);
    dead.died();
    assert_eq!(dead.outcome, Outcome::ProxyFailed);
    let mut greeted = attempt(&[start, KEX].concat());
    greeted.died();
    assert_ne!(greeted.outcome, Outcome::ProxyFailed);
    let windows = attempt("CreateProcessW failed error:2\r\nposix_spawnp: No such file or directory\r\n");
    assert_eq!((windows.outcome, decisive(&windows)), (Outcome::ProxyFailed, "CreateProcessW failed error:2"));
    let healthy = attempt(&[start, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!(healthy.outcome, Outcome::Refused);
    // ssh -W without -v is quiet while all is well.
    let quiet = start.replace("corkscrew proxy 3128 203.0.113.7 64535", "ssh -W 203.0.113.7:64535 bastion");
    assert_eq!(attempt(&[&quiet, KEX, NEW_KEYS, OFFERS, REFUSED].concat()).outcome, Outcome::Refused);
    let denied = attempt(&[&quiet, "ops@bastion: Permission denied (publickey).\n", PIPE_CLOSED].concat());
    assert_eq!((denied.outcome, jump(&denied).outcome), (Outcome::ProxyFailed, Outcome::Refused));
    let unknown = attempt(&[&quiet, "Host key verification failed.\n", PIPE_CLOSED].concat());
    assert_eq!((unknown.outcome, jump(&unknown).outcome), (Outcome::ProxyFailed, Outcome::HostKeyRejected));
}

#[test]
fn jump_hosts_behind_jump_hosts() {
    let log = "\
OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024
debug1: Setting implicit ProxyCommand from ProxyJump: ssh -J a -v -W '[%h]:%p' b
debug1: Executing proxy command: exec ssh -J a -v -W '[203.0.113.7]:64535' b
OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024
debug1: Setting implicit ProxyCommand from ProxyJump: ssh -v -W '[%h]:%p' a
debug1: Executing proxy command: exec ssh -v -W '[b]:22' a
OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024
debug1: Connecting to a [198.51.100.1] port 22.
debug1: Connection established.
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2
debug1: Authenticating to a:22 as 'ana'
Authenticated to a ([198.51.100.1]:22) using \"publickey\".
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2
debug1: Authenticating to b:22 as 'ana'
Authenticated to b (via proxy) using \"publickey\".
";
    let attempt = attempt(&[log, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((attempt.outcome, attempt.attempts), (Outcome::Refused, 1));
    let hosts: Vec<_> = attempt.proxy.iter().flat_map(|proxy| &proxy.jumps).map(|jump| jump.host.as_deref()).collect();
    assert_eq!(hosts, [Some("a"), Some("b")]);
}

/// Tunnels and tests: jump host and job are at one address, even behind one name.
#[test]
fn one_name_for_both() {
    let jump_log = JUMP.replace("bastion", "203.0.113.7");
    let denied = attempt(&[&jump_log, &JUMP_DENIED.replace("bastion", "203.0.113.7"), PIPE_CLOSED].concat());
    assert_eq!((denied.outcome, denied.attempts, jump(&denied).outcome), (Outcome::ProxyFailed, 1, Outcome::Refused));
    let jump_in = JUMP_IN.replace("bastion", "203.0.113.7");
    let refused = "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n";
    let unreachable = attempt(&[&jump_log, &jump_in, refused, PIPE_CLOSED].concat());
    assert_eq!((unreachable.outcome, jump(&unreachable).outcome), (Outcome::ProxyFailed, Outcome::Authenticated));
    let ours = attempt(&[&jump_log, &jump_in, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((ours.outcome, ours.attempts, ours.offers.len()), (Outcome::Refused, 1, 2));
}

/// `ProxyCommand ssh -v -W …` in the configuration, and an ssh without `-v`.
#[test]
fn a_jump_host_s_client_alone_is_verbose() {
    let hop = &JUMP[JUMP.rfind("OpenSSH_9.6p1, ").expect("the jump host's client has a version")..];
    let inside = format!("{hop}{JUMP_IN}");
    let denied = attempt(&format!("{inside}Permission denied (publickey).\ndebug1: channel 0: free: direct-tcpip\n"));
    assert_eq!((denied.outcome, denied.attempts), (Outcome::Refused, 1));
    assert_eq!(jump(&denied).outcome, Outcome::Authenticated);
    let unreachable = attempt(&format!("{inside}channel 0: open failed: connect failed: Connection refused\n"));
    assert_eq!(unreachable.outcome, Outcome::ProxyFailed);
    assert_eq!(attempt(&inside).outcome, Outcome::Authenticated, "nothing was heard of another");
}

/// To 7.9 the client behind a jump host says the same as one that a server hangs up on.
#[test]
fn old_clients_do_not_name_the_pipe() {
    let closed = "ssh_exchange_identification: Connection closed by remote host\n";
    for (line, outcome) in [
        ("Permission denied (publickey).\n", Outcome::Refused),
        ("ssh: connect to host bastion port 22: Connection refused\n", Outcome::ConnectFailed),
    ] {
        let behind = attempt(&[line, closed].concat());
        assert_eq!((behind.outcome, behind.attempts, jump(&behind).outcome), (Outcome::ProxyFailed, 1, outcome));
        let again = attempt(&[line, "$ ssh -p 64535 203.0.113.7\n", closed].concat());
        assert_eq!(again.outcome, Outcome::Closed, "another attempt");
    }
    let refused = "channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n";
    let gone = attempt(&[refused, closed].concat());
    assert_eq!(gone.outcome, Outcome::ProxyFailed);
    assert_eq!(gone.connect.and_then(|connect| connect.reason), Some(ConnectReason::Refused));
}
