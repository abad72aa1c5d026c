//! What a log says of itself: who wrote it, whether it came to an end, and which causes it leaves open.

use super::{answers::put_to_the_server, before};
use crate::{
    facts::{Attempt, CommandShell, Facts, OpenCause},
    ssh::log::{Detail, Outcome},
};

/// Fills the inferred part of `log`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(mut log) = facts.log.take() else { return };
    log.names_target = names_target(facts, log.command.is_some());
    log.writer = writer(facts);
    log.powershell = facts.machine.known().is_some_and(|machine| machine.command_shell == CommandShell::Powershell);
    log.unfinished = unfinished(facts);
    log.before = facts.attempt.known().map(before::before).unwrap_or_default();
    log.open_causes = open_causes(facts);
    facts.log = Some(log);
}

/// A denial without `-v` names the host and not the port, and a job's server is nowhere but at its port.
fn names_target(facts: &Facts, has_command: bool) -> bool {
    let Some(target) = facts.target.as_ref().filter(|target| !target.host.is_empty()) else { return false };
    let attempt = facts.attempt.known();
    let shows_port = attempt.is_some_and(|attempt| attempt.target.is_some() || attempt.connect.is_some());
    target.port_given || has_command || shows_port || !target.text.is_empty() || target.form.starts_with("proxy")
}

/// The client's version and its machine, as far as they are known.
fn writer(facts: &Facts) -> Option<String> {
    let version = facts.attempt.known().and_then(|attempt| attempt.client.as_ref());
    let version = version.map(|client| client.text.split(',').next().unwrap_or_default().trim().to_owned());
    let os = facts.machine.known().map(|machine| machine.os.to_string());
    match (version, os) {
        (Some(version), Some(os)) if version.contains(&os) => Some(version),
        (Some(version), Some(os)) => Some(format!("{version} on {os}")),
        (Some(only), None) => Some(only),
        (None, Some(os)) => Some(format!("an ssh on {os}")),
        (None, None) => None,
    }
}

/// Nothing in it says how the login ended.
fn unfinished(facts: &Facts) -> bool {
    let works = facts.login.known().is_some_and(|login| login.works);
    !works && facts.attempt.known().is_some_and(|attempt| attempt.outcome == Outcome::Unknown)
}

/// What a denial may come from, where the log does not show which. Likely ones first: the key that is not offered is the
/// most frequent of all (CircleCI's support article), and what ssh says without `-v` (a key file that it cannot read, an
/// agent that does not sign, too many tries) is none of them where it is not said.
fn open_causes(facts: &Facts) -> Vec<OpenCause> {
    let denied = |attempt: &&Attempt| matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther);
    let Some(attempt) = facts.attempt.known().filter(denied) else { return Vec::new() };
    if facts.login.known().is_some_and(|login| login.works || login.failed_jump.is_some()) {
        return Vec::new();
    }
    let mut causes = Vec::new();
    let mut add = |check: &str, what: String| causes.push(OpenCause { check: check.into(), what });
    let passwords = attempt.denied.iter().flat_map(|denied| &denied.methods).any(|method| method != "publickey");
    if passwords {
        add(
            "auth-password-only-server",
            "this is not the job's server, which takes public keys and nothing else".into(),
        );
    }
    let named = facts.target.as_ref().is_some_and(|target| !target.identity_files.is_empty());
    match put_to_the_server(&attempt.offers).count() {
        0 if attempt.detail == Detail::Plain => {
            if !named {
                let what = "the right key lies in a file that ssh does not look at by itself: of all files it takes \
                            id_ed25519, id_ecdsa, id_rsa and the like, unless -i or the configuration names another";
                add("key-nondefault-name", what.into());
            }
            let what = if named {
                "the key that -i names is not the one that the job knows"
            } else {
                "the agent or the configuration brings other keys than the one that the job knows"
            };
            add("wrong-key-offered", what.into());
            add("key-not-authorised", not_authorised().into());
            if !named {
                add("no-key-found", "there is no key at all, neither in a file nor in an agent".into());
            }
            let what = "the right key could not be used: nobody typed its passphrase";
            add("key-passphrase-no-prompt", what.into());
            let what = "the right key is an RSA key, and ssh and the server agree on no signature for it";
            add("rsa-sha1-no-mutual-signature", what.into());
        }
        0 if attempt.tried.is_empty() && attempt.planned.is_empty() && attempt.skipped.is_empty() => {
            add("wrong-key-offered", "ssh offered other keys: the lines about that are not in the log".into());
            add("key-not-authorised", not_authorised().into());
        }
        0 => {
            let what = "the right key lies in a file that ssh was not told of, or in an agent that it did not ask";
            add("key-nondefault-name", what.into());
            add("no-key-found", "there is no key at all on that machine".into());
        }
        shown => {
            let what = match shown {
                1 => "the right key is another than the one that ssh offered",
                _ => "the right key is none of those that ssh offered",
            };
            add("wrong-key-offered", what.into());
            add("key-not-authorised", not_authorised().into());
        }
    }
    causes
}

fn not_authorised() -> &'static str {
    "the job does not know the key: it is not on the account of the person who pressed Rerun job with SSH, or was put there \
     after the rerun had begun"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Log, Login, Machine, Os, Target},
        ssh::log::Events,
    };

    fn of(text: &str, target: Target) -> Log {
        let mut attempt = Attempt::new("x.log");
        for logged in Events::new(text.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt.finish();
        let works = attempt.outcome == Outcome::Authenticated;
        let login = Login { works, ..Login::default() };
        let mut facts = Facts {
            log: Some(Log::default()),
            target: Some(target),
            attempt: attempt.into(),
            login: login.into(),
            ..Facts::default()
        };
        fill(&mut facts);
        facts.log.expect("it was there")
    }

    fn causes(text: &str, target: Target) -> Vec<String> {
        of(text, target).open_causes.into_iter().map(|cause| cause.check).collect()
    }

    const DENIED: &str = "ana@203.0.113.7: Permission denied (publickey).\n";
    const OFFER: &str = "debug1: Offering public key: /home/ana/.ssh/id_rsa RSA SHA256:AAAA\n\
                         debug1: Authentications that can continue: publickey\n";

    #[test]
    fn a_denial_without_v_leaves_all_causes_open_and_a_key_after_i_some() {
        let all = causes(DENIED, Target::default());
        assert_eq!(all.first().map(String::as_str), Some("key-nondefault-name"));
        assert!(all.iter().any(|check| check == "key-not-authorised"));
        let named = Target { identity_files: vec!["~/.ssh/cci".into()], ..Target::default() };
        let left = causes(DENIED, named);
        assert_eq!(left.first().map(String::as_str), Some("wrong-key-offered"));
        assert!(!left.iter().any(|check| check == "key-nondefault-name" || check == "no-key-found"));
    }

    #[test]
    fn what_the_log_shows_closes_causes() {
        let offered = causes(&[OFFER, DENIED].concat(), Target::default());
        assert_eq!(offered, ["wrong-key-offered", "key-not-authorised"]);
        let nothing = "debug1: Trying private key: /home/ana/.ssh/id_rsa\n";
        assert_eq!(causes(&[nothing, DENIED].concat(), Target::default()), ["key-nondefault-name", "no-key-found"]);
        let password = "ana@203.0.113.7: Permission denied (publickey,password).\n";
        assert_eq!(causes(password, Target::default())[0], "auth-password-only-server");
        assert!(causes("ssh: connect to host h port 22: Connection refused\n", Target::default()).is_empty());
    }

    #[test]
    fn a_log_that_stops_is_told_from_one_that_ends() {
        let start = "debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n";
        assert!(of(start, Target::default()).unfinished);
        assert!(!of(DENIED, Target::default()).unfinished);
    }

    #[test]
    fn whose_log_it_is() {
        let of = |version: &str, os: Option<Os>| {
            let client = crate::ssh::log::Client { text: version.into(), ..Default::default() };
            let mut attempt = Attempt::new("x");
            attempt.client = Some(client).filter(|_| !version.is_empty());
            let machine = os.map_or_else(crate::facts::Fact::default, |os| Machine { os, ..Machine::default() }.into());
            writer(&Facts { attempt: attempt.into(), machine, ..Facts::default() })
        };
        assert_eq!(of("OpenSSH_9.9p1, OpenSSL 3.2.4", Some(Os::Linux)).as_deref(), Some("OpenSSH_9.9p1 on Linux"));
        assert_eq!(
            of("OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2", Some(Os::Windows)).as_deref(),
            Some("OpenSSH_for_Windows_9.5p1")
        );
        assert_eq!(of("", Some(Os::Macos)).as_deref(), Some("an ssh on macOS"));
        assert_eq!(of("", None), None);
    }
}
