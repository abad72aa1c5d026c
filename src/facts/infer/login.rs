//! How far the login comes, in the report's words.

use super::{greeting::through_proxy, protocol_error::protocol_error, same_file::same_file};
use crate::{
    facts::{Attempt, Fact, Facts, Key, Login, Stage},
    ssh::log::{HostKeyState, Needs, Negotiated, Offer, OfferOutcome, Outcome, Stage as Reached},
};

pub(super) fn infer(facts: &mut Facts) {
    facts.login = match &facts.attempt {
        Fact::Unknown(why) => Fact::unknown(why),
        Fact::Known(attempt) => login(facts, attempt).into(),
    };
}

fn login(facts: &Facts, attempt: &Attempt) -> Login {
    let needs = match attempt.needs {
        // In a log nobody ended ssh to spare the person: what it does not show was not done.
        _ if facts.log.is_some() => None,
        Some(Needs::Passphrase) => only_the_passphrase_is_missing(facts, attempt).then_some("passphrase"),
        // Where the server had the last word, the person was asked and did not, or could not be asked.
        Some(_) if was_denied(attempt) => None,
        Some(Needs::Touch) => Some("touch"),
        Some(Needs::Pin) => (!nobody_is_asked(facts)).then_some("pin"),
        Some(Needs::Approval) => Some("approval"),
        None => (was_denied(attempt) && a_key_passed_over_is_accepted(facts, attempt)).then_some("passphrase"),
    };
    let shared = goes_through_a_master(facts, attempt);
    let works = attempt.outcome == Outcome::Authenticated || needs.is_some() || shared;
    Login {
        shared,
        works,
        by_log: facts.log.is_some(),
        needs: needs.map(str::to_owned),
        hidden_keys: if was_denied(attempt) && !works { hidden_keys(facts, attempt) } else { Vec::new() },
        failed_stage: if works { None } else { failed_stage(attempt) },
        outcome: outcome(attempt),
        seen: attempt.decisive.clone().unwrap_or_default(),
        ..Login::default()
    }
}

/// The user's ssh goes through a connection that is already there, so the denial of a new one does not concern it.
///
/// A master greets even where its server is gone, and a job's address may be another job's by now. So it counts only beside
/// a denial by the very server that known_hosts knows: that one is there.
fn goes_through_a_master(facts: &Facts, attempt: &Attempt) -> bool {
    let live = facts.config.known().is_some_and(|config| config.control_master_live);
    let same_server = attempt.host_key.as_ref().is_some_and(|key| key.state == HostKeyState::Known);
    live && same_server && was_denied(attempt)
}

fn was_denied(attempt: &Attempt) -> bool {
    matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures)
}

/// The name that the attempt's outcome has in JSON.
fn outcome(attempt: &Attempt) -> String {
    serde_json::to_value(attempt.outcome).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The server accepts a sound key of which nobody was asked the passphrase: a person at a terminal would have been.
fn only_the_passphrase_is_missing(facts: &Facts, attempt: &Attempt) -> bool {
    let sound = |key: &Key| key.encrypted.is(&true) && key.loadable.is(&true) && !public_half_differs(key);
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    !nobody_is_asked(facts)
        && attempt.offers.iter().any(|offer| {
            offer.accepted
                && !offer.agent
                && offer.outcome != OfferOutcome::SigningFailed
                && keys.iter().any(|key| is_offer_of(offer, key) && sound(key))
        })
}

/// The same for a key that ssh passed over: asked by its public half, the server says yes to it.
fn a_key_passed_over_is_accepted(facts: &Facts, attempt: &Attempt) -> bool {
    let sound = |key: &Key| key.encrypted.is(&true) && key.loadable.is(&true) && key.accepted.is(&true);
    let keys = facts.keys.known().into_iter().flatten();
    !nobody_is_asked(facts) && keys.into_iter().any(|key| sound(key) && passed_over(attempt, key))
}

/// ssh came to the file and did not see whose key it is, as older ones do not where the `.pub` beside it is missing. With
/// nobody to ask it went on to the next.
fn passed_over(attempt: &Attempt, key: &Key) -> bool {
    attempt.tried.iter().any(|tried| same_file(tried, &key.path))
        && !attempt.offers.iter().any(|offer| is_offer_of(offer, key))
}

/// The user's own configuration forbids questions, or there is no way to ask one here.
fn nobody_is_asked(facts: &Facts) -> bool {
    facts.config.known().is_some_and(|config| config.batch_mode.is(&true))
        || facts.terminal.known().is_some_and(|terminal| terminal.can_ask.is(&false))
}

/// Keys that only their passphrase brings before the server.
fn hidden_keys(facts: &Facts, attempt: &Attempt) -> Vec<String> {
    let batch = facts.config.known().is_some_and(|config| config.batch_mode.is(&true));
    let keys = facts.keys.known().filter(|_| !batch).into_iter().flatten();
    let unheard =
        |key: &Key| key.blob.known().is_none() || (key.accepted.known().is_none() && passed_over(attempt, key));
    let hidden = |key: &&Key| key.tried && key.encrypted.is(&true) && key.loadable.is(&true) && unheard(key);
    keys.filter(hidden).map(|key| key.path.clone()).collect()
}

/// Whether the key that was put to the server is this file's.
fn is_offer_of(offer: &Offer, key: &Key) -> bool {
    let fingerprint = offer.fingerprint.as_ref();
    same_file(&offer.path, &key.path) || fingerprint.is_some_and(|fingerprint| key.fingerprint.is(fingerprint))
}

fn public_half_differs(key: &Key) -> bool {
    key.public_file.as_ref().is_some_and(|public| public.matches.is(&false))
}

/// The stage where an attempt ended.
fn failed_stage(attempt: &Attempt) -> Option<Stage> {
    match attempt.outcome {
        Outcome::ConfigError => Some(Stage::Config),
        // Packets are the transport's, whatever they carried (RFC 4253 section 6).
        Outcome::ClientError if protocol_error(attempt).is_some() => Some(Stage::Handshake),
        Outcome::ClientError => Some(Stage::Client),
        Outcome::ConnectFailed | Outcome::ResolveFailed => Some(Stage::Network),
        Outcome::ProxyFailed if through_proxy(attempt) => Some(Stage::Handshake),
        Outcome::ProxyFailed => Some(Stage::Network),
        Outcome::NoAlgorithmMatch if about_host_keys(attempt) => Some(Stage::HostKey),
        Outcome::NotSsh | Outcome::NoAlgorithmMatch => Some(Stage::Handshake),
        Outcome::HostKeyRejected => Some(Stage::HostKey),
        Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures => Some(Stage::Authentication),
        _ => Some(match attempt.reached {
            Reached::NotStarted => return None,
            Reached::ConfigError => Stage::Config,
            Reached::Resolving | Reached::Connecting => Stage::Network,
            Reached::Connected | Reached::Greeting | Reached::KeyExchange => Stage::Handshake,
            Reached::HostKey => Stage::HostKey,
            Reached::Authenticating => Stage::Authentication,
            Reached::Authenticated | Reached::Session => Stage::Session,
        }),
    }
}

fn about_host_keys(attempt: &Attempt) -> bool {
    attempt.no_match.as_ref().is_some_and(|no_match| no_match.what == Negotiated::HostKey)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Events;

    #[test]
    fn a_key_whose_public_half_only_the_passphrase_shows_is_not_judged() {
        let mut pem = Key {
            path: "/h/id_rsa".into(),
            exists: true,
            tried: true,
            encrypted: true.into(),
            loadable: true.into(),
            blob: Fact::unknown("it is inside the encrypted part"),
            ..Key::default()
        };
        let hidden = |key: &Key| {
            let mut attempt = Attempt::new("test");
            attempt.outcome = Outcome::Refused;
            login(&Facts { keys: vec![key.clone()].into(), ..Facts::default() }, &attempt).hidden_keys
        };
        assert_eq!(hidden(&pem), ["/h/id_rsa"]);
        pem.loadable = false.into();
        assert!(hidden(&pem).is_empty(), "ssh would not load it");
        (pem.loadable, pem.blob) = (true.into(), "blob".to_owned().into());
        assert!(hidden(&pem).is_empty(), "the server was asked about it");
    }

    #[test]
    fn failures_belong_to_the_part_that_they_are_about() {
        for (log, stage) in [
            (
                "Unable to negotiate with 1.2.3.4 port 5: no matching host key type found. Their offer: ssh-rsa",
                Stage::HostKey,
            ),
            ("Unable to negotiate with 1.2.3.4 port 5: no matching cipher found. Their offer: x", Stage::Handshake),
            (
                "ssh_dispatch_run_fatal: Connection to 1.2.3.4 port 5: message authentication code incorrect",
                Stage::Handshake,
            ),
            ("vdollar_percent_expand: unknown key %q", Stage::Client),
        ] {
            let mut attempt = Attempt::new("a log");
            for logged in Events::new(log.as_bytes()) {
                attempt.apply(&logged.expect("a slice can always be read"));
            }
            attempt.finish();
            assert_eq!(failed_stage(&attempt), Some(stage), "{log}");
        }
    }

    #[test]
    fn a_key_that_an_old_ssh_passed_over_needs_its_passphrase() {
        let mut attempt = Attempt::new("ssh -v");
        (attempt.outcome, attempt.tried) = (Outcome::Refused, vec!["/h/id_ed25519".into()]);
        let of = |attempt: &Attempt, accepted: Fact<bool>, batch: bool| {
            let key = Key {
                path: "/h/id_ed25519".into(),
                exists: true,
                tried: true,
                encrypted: true.into(),
                loadable: true.into(),
                blob: "blob".to_owned().into(),
                accepted,
                ..Key::default()
            };
            let config = crate::facts::Config { batch_mode: batch.into(), ..Default::default() };
            let facts = Facts { keys: vec![key].into(), config: config.into(), ..Facts::default() };
            let login = login(&facts, attempt);
            (login.works, login.hidden_keys.len())
        };
        assert_eq!(of(&attempt, true.into(), false), (true, 0));
        assert_eq!(of(&attempt, true.into(), true), (false, 0), "nobody is asked");
        assert_eq!(of(&attempt, false.into(), false), (false, 0), "another key is wanted");
        assert_eq!(of(&attempt, Fact::default(), false), (false, 1), "the server was not asked");
        attempt.offers = vec![Offer { path: "/h/id_ed25519".into(), ..Offer::default() }];
        assert_eq!(of(&attempt, true.into(), false), (false, 0), "it had its turn");
    }

    fn of(needs: Needs, outcome: Outcome) -> Login {
        let mut attempt = Attempt::new("test");
        (attempt.needs, attempt.outcome, attempt.reached) = (Some(needs), outcome, Reached::Authenticating);
        login(&Facts::default(), &attempt)
    }

    #[test]
    fn a_master_counts_only_beside_a_denial_by_the_same_server() {
        let of = |outcome, state, live| {
            let mut attempt = Attempt::new("test");
            attempt.outcome = outcome;
            attempt.host_key = Some(crate::ssh::log::HostKey { state, ..Default::default() });
            let config = crate::facts::Config { control_master_live: live, ..Default::default() };
            let facts = Facts { config: config.into(), ..Facts::default() };
            let login = login(&facts, &attempt);
            (login.works, login.shared)
        };
        assert_eq!(of(Outcome::Refused, HostKeyState::Known, true), (true, true));
        assert_eq!(of(Outcome::Refused, HostKeyState::Known, false), (false, false));
        assert_eq!(of(Outcome::Refused, HostKeyState::New, true), (false, false), "another job, perhaps");
        assert_eq!(of(Outcome::HostKeyRejected, HostKeyState::Changed, true), (false, false));
        assert_eq!(of(Outcome::ConnectFailed, HostKeyState::Known, true), (false, false), "the server may be gone");
        assert_eq!(of(Outcome::Authenticated, HostKeyState::Known, true), (true, false), "its own login says more");
    }

    #[test]
    fn an_attempt_that_stopped_to_spare_the_person_works() {
        for (needs, word) in [(Needs::Touch, "touch"), (Needs::Approval, "approval")] {
            let login = of(needs, Outcome::Stopped);
            assert!(login.works && login.needs.as_deref() == Some(word));
        }
    }

    #[test]
    fn a_log_that_stops_at_a_question_shows_no_login() {
        let mut attempt = Attempt::new("x.log");
        (attempt.needs, attempt.reached) = (Some(Needs::Touch), Reached::Authenticating);
        let facts = Facts { log: Some(crate::facts::Log::default()), ..Facts::default() };
        let login = login(&facts, &attempt);
        assert!(!login.works && login.needs.is_none());
        assert_eq!(login.failed_stage, Some(Stage::Authentication));
    }

    #[test]
    fn an_agent_that_declined_has_let_nobody_in() {
        for outcome in [Outcome::Refused, Outcome::TooManyFailures] {
            let login = of(Needs::Approval, outcome);
            assert!(!login.works && login.needs.is_none());
            assert_eq!(login.failed_stage, Some(Stage::Authentication));
        }
    }

    #[test]
    fn the_passphrase_of_a_windows_key_is_missed_under_whatever_name() {
        let path = r"C:\Users\ana\.ssh\id_rsa".to_owned();
        let key = Key { path, encrypted: true.into(), loadable: true.into(), ..Key::default() };
        let facts = Facts { keys: vec![key].into(), ..Facts::default() };
        for said in [r"C:\\Users\\ana/.ssh/id_rsa", "/c/Users/ana/.ssh/id_rsa"] {
            let mut attempt = Attempt::new("ssh -v");
            attempt.offers = vec![Offer { path: said.into(), accepted: true, ..Offer::default() }];
            assert!(only_the_passphrase_is_missing(&facts, &attempt), "{said}");
        }
    }
}
