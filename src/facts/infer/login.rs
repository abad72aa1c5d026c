//! How far the login comes, in the report's words.

use crate::{
    facts::{Attempt, Fact, Facts, Key, Login, Stage},
    ssh::log::{Needs, OfferOutcome, Outcome, Stage as Reached},
};

pub(super) fn infer(facts: &mut Facts) {
    facts.login = match &facts.attempt {
        Fact::Unknown(why) => Fact::unknown(why),
        Fact::Known(attempt) => login(facts, attempt).into(),
    };
}

fn login(facts: &Facts, attempt: &Attempt) -> Login {
    let needs = match attempt.needs {
        Some(Needs::Passphrase) => only_the_passphrase_is_missing(facts, attempt).then_some("passphrase"),
        Some(Needs::Touch) => Some("touch"),
        Some(Needs::Approval) => Some("approval"),
        None => None,
    };
    let works = attempt.outcome == Outcome::Authenticated || needs.is_some();
    Login {
        works,
        needs: needs.map(str::to_owned),
        failed_stage: if works { None } else { failed_stage(attempt) },
        outcome: outcome(attempt),
        seen: attempt.decisive.clone().unwrap_or_default(),
        ..Login::default()
    }
}

/// The name that the attempt's outcome has in JSON.
fn outcome(attempt: &Attempt) -> String {
    serde_json::to_value(attempt.outcome).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The server accepted a sound key of which nobody was asked the passphrase: a person at a terminal would have been.
fn only_the_passphrase_is_missing(facts: &Facts, attempt: &Attempt) -> bool {
    let nobody_is_asked = facts.config.known().is_some_and(|config| config.batch_mode.is(&true));
    let sound = |key: &Key| key.encrypted.is(&true) && key.loadable.is(&true) && !public_half_differs(key);
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    !nobody_is_asked
        && attempt.offers.iter().any(|offer| {
            offer.accepted
                && !offer.agent
                && offer.outcome != OfferOutcome::SigningFailed
                && keys.iter().any(|key| key.path == offer.path && sound(key))
        })
}

fn public_half_differs(key: &Key) -> bool {
    key.public_file.as_ref().is_some_and(|public| public.matches.is(&false))
}

/// The stage where an attempt ended.
fn failed_stage(attempt: &Attempt) -> Option<Stage> {
    match attempt.outcome {
        Outcome::ConfigError => Some(Stage::Config),
        Outcome::ClientError => Some(Stage::Client),
        Outcome::ConnectFailed | Outcome::ResolveFailed => Some(Stage::Network),
        Outcome::ProxyFailed => Some(Stage::Network),
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
