//! Several attempts in one log, and text that only looks like one.

use super::logs::*;
use super::*;

#[test]
fn the_last_attempt_counts() {
    let refused = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";
    let verbose = [START, KEX, NEW_KEYS, OFFERS, REFUSED].concat();
    let healthy = [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat();
    let both = attempt(&[refused, &verbose].concat());
    assert_eq!((both.attempts, both.outcome), (2, Outcome::Refused));
    let later = attempt(&[&verbose, "ana@home:~$ ssh -v x\n", &healthy].concat());
    assert_eq!((later.attempts, later.outcome, later.denied), (2, Outcome::Authenticated, None));
    let after = attempt(&[&verbose, "ana@home:~$ ssh x\n", refused].concat());
    assert_eq!((after.attempts, after.outcome), (2, Outcome::ConnectFailed));
    let closed =
        "kex_exchange_identification: Connection closed by remote host\nConnection closed by 203.0.113.7 port 64535\n";
    let thrice = attempt(&[closed, closed, START, closed].concat());
    assert_eq!((thrice.attempts, thrice.outcome, thrice.reached), (3, Outcome::Closed, Stage::Connected));
    let again = attempt(&[&healthy, "Connection to 203.0.113.7 closed.\ndebug1: Exit status 0\n", &verbose].concat());
    assert_eq!((again.attempts, again.outcome), (2, Outcome::Refused));
}

#[test]
fn interrupted_attempts_count() {
    let attempt = attempt(&[START, "^C\n", START, KEX].concat());
    assert_eq!((attempt.attempts, attempt.outcome, attempt.reached), (2, Outcome::Unknown, Stage::HostKey));
}

#[test]
fn config_errors_of_one_run_stay_together() {
    let one = "/c line 4: unsupported option \"accept_new\".\n/c: terminating, 1 bad configuration options\n";
    let attempt = attempt(&[one, "OpenSSH_9.6p1, OpenSSL 3.2.2 4 Jun 2024\n", one].concat());
    assert_eq!((attempt.attempts, attempt.config_problems.len()), (2, 2));
    assert_eq!((attempt.config_problems[0].line, decisive(&attempt).contains("accept_new")), (Some(4), true));
}

/// RFC 4252 section 5.4: the banner is any text, and ssh prints it as it comes.
#[test]
fn a_misleading_banner_is_not_the_end() {
    let banner = "\
ana@203.0.113.7: Permission denied (publickey).
ssh: connect to host 203.0.113.7 port 64535: Connection refused
kex_exchange_identification: Connection closed by remote host
Host key verification failed.
Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\".
";
    let (before, after) = NEW_KEYS.split_at(NEW_KEYS.find("debug1: Authentications").expect("a place"));
    let healthy = attempt(&[START, KEX, before, banner, after, OFFERS, ACCEPTED, IN].concat());
    assert_eq!((healthy.outcome, healthy.attempts), (Outcome::Authenticated, 1));
    assert_eq!(healthy.server.as_ref().and_then(|server| server.software.as_deref()), Some("Go"));
    let denied = attempt(&[START, KEX, before, banner, after, OFFERS, REFUSED].concat());
    assert_eq!((denied.outcome, denied.offers.len(), denied.attempts), (Outcome::Refused, 2, 1));
}

/// Losing a line may cost the answer; it never makes a failure a success.
#[test]
fn no_lost_line_lets_anybody_in() {
    let jump_in = "Authenticated to bastion ([198.51.100.2]:22) using \"publickey\".\n";
    let closed =
        "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n";
    for log in [
        [START, KEX, NEW_KEYS, OFFERS, REFUSED].concat(),
        [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, REFUSED].concat(),
        [START, KEX, CHANGED].concat(),
        [START, "kex_exchange_identification: read: Connection reset by peer\n"].concat(),
        [JUMP, jump_in, KEX, NEW_KEYS, OFFERS, REFUSED].concat(),
        [JUMP, jump_in, "channel 0: open failed: connect failed: Connection refused\n", closed].concat(),
        [JUMP, "ops@bastion: Permission denied (publickey).\n", closed].concat(),
    ] {
        let lines: Vec<&str> = log.lines().collect();
        for without in 0..lines.len() {
            let rest: Vec<&str> =
                lines.iter().enumerate().filter(|(at, _)| *at != without).map(|(_, line)| *line).collect();
            let attempt = attempt(&rest.join("\r\n"));
            assert_ne!(attempt.outcome, Outcome::Authenticated, "without {:?}", lines[without]);
        }
    }
}
