//! Several attempts in one log: what is kept of each, where each begins, and what is none.

use super::logs::*;
use super::*;

const REFUSED_TCP: &str = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";

fn outcomes(attempt: &Attempt) -> Vec<(u64, Outcome)> {
    let mut all: Vec<_> = attempt.earlier.iter().map(|earlier| (earlier.number, earlier.outcome)).collect();
    all.push((attempt.attempts, attempt.outcome));
    all
}

#[test]
fn each_is_kept_with_its_place() {
    let healthy = [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat();
    let log =
        [REFUSED_TCP, &healthy, "Connection to 203.0.113.7 closed.\n", START, KEX, NEW_KEYS, OFFERS, REFUSED].concat();
    let attempt = attempt(&log);
    assert_eq!(outcomes(&attempt), [(1, Outcome::ConnectFailed), (2, Outcome::Authenticated), (3, Outcome::Refused)]);
    let [first, second] = &attempt.earlier[..] else { panic!("two earlier ones") };
    assert_eq!((first.first_line, first.last_line, first.detail), (Some(1), Some(1), Detail::Plain));
    assert_eq!((first.host.as_deref(), first.port), (Some("203.0.113.7"), Some(64535)));
    assert_eq!(second.first_line, Some(2));
    assert_eq!(second.last_line, Some(1 + healthy.lines().count() + 1));
    assert_eq!((second.user.as_deref(), second.method.as_deref()), (Some("ana"), Some("publickey")));
    assert_eq!(second.accepted.as_ref().map(|offer| offer.path.as_str()), Some("/home/ana/.ssh/id_ed25519"));
    assert_eq!((second.offers.len(), second.detail), (2, Detail::Debug1));
    assert_eq!(attempt.first_line, second.last_line.map(|line| line + 1));
    assert!(!attempt.top_missing && !attempt.mixed);
}

#[test]
fn only_the_last_eight_are_kept() {
    let attempt = attempt(&REFUSED_TCP.repeat(30));
    let numbers: Vec<u64> = attempt.earlier.iter().map(|earlier| earlier.number).collect();
    assert_eq!((numbers, attempt.attempts), ((22..30).collect(), 30));
}

#[test]
fn the_git_host_lets_in_and_the_job_does_not() {
    let github = "Hi ana! You've successfully authenticated, but GitHub does not provide shell access.\n";
    let denied = "ana@203.0.113.7: Permission denied (publickey).\n";
    for log in [
        [github, denied].concat(),
        ["ana@home:~$ ssh -T git@github.com\n", github, "ana@home:~$ ssh -p 64535 203.0.113.7\n", denied].concat(),
    ] {
        let attempt = attempt(&log);
        assert_eq!(outcomes(&attempt), [(1, Outcome::Authenticated), (2, Outcome::Refused)], "{log}");
        assert_eq!(attempt.earlier[0].git_host.as_deref(), Some("github.com"));
    }
    let verbose = START.replace("203.0.113.7", "github.com");
    let log = [&verbose, &KEX.replace("203.0.113.7", "github.com"), NEW_KEYS, OFFERS, ACCEPTED, IN, github].concat();
    let both = attempt(&[&log, START, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!(outcomes(&both), [(1, Outcome::Authenticated), (2, Outcome::Refused)]);
    assert_eq!(both.earlier[0].host.as_deref(), Some("github.com"));
    assert_eq!(attempt(&log).session.and_then(|session| session.git_account).as_deref(), Some("ana"));
    // And the other way round.
    let reverse = attempt(&[denied, "ana@home:~$ ssh -T git@github.com\n", github].concat());
    assert_eq!(outcomes(&reverse), [(1, Outcome::Refused), (2, Outcome::Authenticated)]);
}

#[test]
fn a_typed_command_begins_an_attempt() {
    let log = "\
ana@home:~$ ssh -p 64535 203.0.113.7
Connection closed by 203.0.113.7 port 64535
ana@home:~$ ssh -p 64535 -i k 203.0.113.7
Connection closed by 203.0.113.7 port 64535
ana@home:~$ cat ~/.ssh/config
ana@home:~$ ssh -p 64535 -l x 203.0.113.7
Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts.
x@203.0.113.7: Permission denied (publickey).
";
    let attempt = attempt(log);
    assert_eq!(outcomes(&attempt), [(1, Outcome::Closed), (2, Outcome::Closed), (3, Outcome::Refused)]);
    let command = |typed: &Option<Typed>| typed.as_ref().map(|typed| (typed.text.clone(), typed.seen.line));
    assert_eq!(command(&attempt.command), Some(("ssh -p 64535 -l x 203.0.113.7".to_owned(), Some(6))));
    assert_eq!(command(&attempt.earlier[1].command), Some(("ssh -p 64535 -i k 203.0.113.7".to_owned(), Some(3))));
    assert_eq!(attempt.first_line, Some(7));
    assert_eq!(attempt.host_key.map(|key| key.state), Some(HostKeyState::New));
}

#[test]
fn what_a_program_in_the_session_says_is_no_attempt() {
    let inside = "\
circleci@6c5f0e3a9b12:~/project$ git clone git@github.com:acme/app.git
Warning: Permanently added 'github.com' (ED25519) to the list of known hosts.
git@github.com: Permission denied (publickey).
fatal: Could not read from remote repository.
circleci@6c5f0e3a9b12:~/project$ ssh -v git@github.com
OpenSSH_8.9p1 Ubuntu-3ubuntu0.10, OpenSSL 3.0.2 15 Mar 2022
debug1: Connecting to github.com [192.0.2.4] port 22.
debug1: Offering public key: /root/.ssh/id_rsa RSA SHA256:other
ssh: connect to host github.com port 22: Connection timed out
circleci@6c5f0e3a9b12:~/project$ exit
";
    let healthy = [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat();
    let end = "Connection to 203.0.113.7 closed.\n";
    let command = "ana@home:~$ ssh -v -p 64535 203.0.113.7\n";
    for log in [[command, &healthy, inside, end].concat(), [command, inside, end].concat(), [command, inside].concat()]
    {
        let attempt = attempt(&log);
        assert_eq!(outcomes(&attempt), [(1, Outcome::Authenticated)], "{log}");
        assert!(attempt.denied.is_none());
        assert!(attempt.offers.iter().all(|offer| offer.fingerprint.as_deref() != Some("SHA256:other")));
        assert_eq!(attempt.command.as_ref().map(|typed| typed.text.as_str()), Some("ssh -v -p 64535 203.0.113.7"));
    }
    // Back at home without a word, and on.
    let later = attempt(&[command, inside, command, "ana@203.0.113.7: Permission denied (publickey).\n"].concat());
    assert_eq!(outcomes(&later), [(1, Outcome::Authenticated), (2, Outcome::Refused)]);
    // The end of somebody else's connection is not ours.
    let other = attempt(&[&healthy, "Connection to github.com closed by remote host.\n"].concat());
    assert_eq!(other.session.and_then(|session| session.ended), None);
}

/// Without `-v` only the end of a session shows that there was one.
#[test]
fn ssh_add_in_the_session_asks_an_agent_of_the_job() {
    let asked = "circleci@6c5f0e3a9b12:~$ ssh-add -l\nCould not open a connection to your authentication agent.\n";
    let end = "Connection to 203.0.113.7 closed.\n";
    let healthy = [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat();
    for before in ["", "$ ssh -p 64535 203.0.113.7\n", "ana@home:~$ ssh -p 64535 203.0.113.7\n", &healthy] {
        let attempt = attempt(&[before, asked, end].concat());
        assert_eq!(outcomes(&attempt), [(1, Outcome::Authenticated)], "{before}");
        assert!(attempt.agent.is_none_or(|agent| agent.state != AgentState::Unreachable), "{before}");
        let troubles = attempt.session.map_or_else(Vec::new, |session| session.troubles);
        assert_eq!(troubles.iter().map(|trouble| trouble.what).collect::<Vec<_>>(), [Trouble::NoAgent], "{before}");
    }
    let here = attempt(&[asked, "ana@home:~$ ssh -p 64535 203.0.113.7\n", end].concat());
    assert!(here.session.is_some_and(|session| session.troubles.is_empty()));
}

/// Only a session ends with these words, whatever a banner or another login said before.
#[test]
fn a_session_that_ends_without_v_was_a_login() {
    let log =
        "ana@home:~$ ssh -p 64535 203.0.113.7\nPermission denied (publickey).\nConnection to 203.0.113.7 closed.\n";
    let healthy = attempt(log);
    assert_eq!(outcomes(&healthy), [(1, Outcome::Refused), (2, Outcome::Authenticated)]);
    assert!(healthy.command.is_some());
    let other = attempt(&log.replace("Connection to 203.0.113.7", "Connection to 198.51.100.1"));
    assert_eq!(outcomes(&other), [(1, Outcome::Refused)]);
}

/// A server may print what it likes before anybody is let in.
#[test]
fn a_banner_that_looks_like_a_shell_changes_nothing() {
    let banner = "ana@home:~$ ssh x\nroot@job:~# ls\nroot@job:~# ssh y\n";
    let (before, after) = NEW_KEYS.split_at(NEW_KEYS.find("debug1: Authentications").expect("a place"));
    let with = attempt(&[START, KEX, before, banner, after, OFFERS, REFUSED].concat());
    assert_eq!((outcomes(&with), with.offers.len()), (vec![(1, Outcome::Refused)], 2));
    let words = "debug1: Offering public key: /k RSA SHA256:other\ndebug1: Server accepts key: /k RSA SHA256:other\n\
                 Load key \"/k\": error in libcrypto\n/home/ana/.ssh/config: line 3: Bad configuration option: x\n\
                 Enter passphrase for key '/k': \nUnable to negotiate with 203.0.113.7 port 64535: no matching cipher found. Their offer: x\n";
    let (silent, spoken) = (&[START, KEX, before], &[START, KEX, before, words]);
    for rest in [[after, OFFERS, REFUSED].concat(), [after, OFFERS, ACCEPTED, IN].concat()] {
        let without = attempt(&[silent.concat(), rest.clone()].concat());
        let with = attempt(&[spoken.concat(), rest].concat());
        assert_eq!((outcomes(&with), with.offers.len()), (outcomes(&without), without.offers.len()));
        assert_eq!((with.config_problems, with.load_failures, with.prompts), (vec![], vec![], vec![]));
        assert_eq!((with.no_match, with.needs), (None, without.needs));
    }
    let open = attempt(&[START, KEX, before, banner].concat());
    assert_eq!(open.outcome, Outcome::Unknown);
}

#[test]
fn says_how_much_it_has_seen() {
    let deep = attempt(&[START, "debug3: send packet: type 20\n", KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((deep.detail, deep.top_missing), (Detail::Debug3, false));
    let cut = attempt(&[NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((cut.detail, cut.top_missing), (Detail::Debug1, true));
    let cut_deep = attempt(&["debug2: reserved 0\n", NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((cut_deep.detail, cut_deep.top_missing), (Detail::Debug2, true));
    let new = attempt("debug1: OpenSSH_10.2p1, OpenSSL 3.6.0 1 Oct 2025\ndebug3: Running on Linux\n");
    assert_eq!((new.detail, new.top_missing), (Detail::Debug3, false));
    let plain = attempt(REFUSED_TCP);
    assert_eq!((plain.detail, plain.top_missing), (Detail::Plain, false));
    // Each attempt for itself.
    let after = attempt(&[START, "debug3: x\n", "^C\n", START, KEX].concat());
    assert_eq!((after.detail, after.earlier[0].detail), (Detail::Debug1, Detail::Debug3));
    assert_eq!((after.top_missing, after.attempts), (false, 2));
}

#[test]
fn two_clients_at_once_are_told() {
    let one = [START, KEX, NEW_KEYS, OFFERS, REFUSED].concat();
    let other = one.replace("203.0.113.7", "198.51.100.9");
    let both: String = one.lines().zip(other.lines()).map(|(one, other)| format!("{one}\n{other}\n")).collect();
    assert!(attempt(&both).mixed);
    assert!(!attempt(&one).mixed);
    let jump = "Authenticated to bastion ([198.51.100.2]:22) using \"publickey\".\n";
    assert!(!attempt(&[JUMP, jump, KEX, NEW_KEYS, OFFERS, REFUSED].concat()).mixed);
}
