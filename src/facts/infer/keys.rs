//! What follows for each key: whether ssh looks at it, whether the agent holds it, what the server said to it.

use std::collections::HashMap;

use crate::{
    facts::{AgentState, Fact, Facts, Key, KeyOrigin},
    ssh::log::{LoadFailure, LoadReason, OfferOutcome},
};

use super::{candidates::candidates, same_file::same_file};

pub(super) fn infer(facts: &mut Facts) {
    let held = agent_fingerprints(facts);
    let answers = answers(facts);
    let ignored = ignored_for_their_mode(facts);
    let Some(keys) = facts.keys.known_mut() else { return };
    for key in keys {
        key.tried = key.origin != KeyOrigin::Found;
        if let Some(failure) = ignored.iter().find(|failure| same_file(&failure.path, &key.path) && !key.mode_too_open)
        {
            key.mode_too_open = true;
            key.seen = failure.seen.clone();
        }
        key.is_public = key.format.is(&"public".to_owned()) || key.fault.as_deref() == Some("public");
        key.loadable = loadable(key);
        key.in_agent = match (&held, key.fingerprint.known()) {
            (Fact::Known(held), Some(fingerprint)) => held.contains(fingerprint).into(),
            (Fact::Known(held), None) if held.is_empty() => false.into(),
            (Fact::Known(_), None) => Fact::unknown("its public half is unknown"),
            (Fact::Unknown(why), _) => Fact::unknown(why),
        };
        let certificate = key.certificate.as_ref().map(|certificate| &certificate.path);
        let answer = key.fingerprint.known().and_then(|fingerprint| answers.get(fingerprint));
        let by_path = || answer_by_path(&answers, &key.path).or_else(|| answer_by_path(&answers, certificate?));
        key.accepted = match answer.copied().or_else(by_path) {
            Some(answer) => answer.into(),
            None => Fact::unknown("the server was not asked about it"),
        };
        key.may_serve = !key.accepted.is(&false);
        if let Some(public) = &mut key.public_file {
            public.accepted = match public.fingerprint.as_ref().and_then(|fingerprint| answers.get(fingerprint)) {
                Some(answer) => (*answer).into(),
                None => Fact::unknown("the server was not asked about it"),
            };
        }
    }
}

/// Files of which ssh itself said that others may read them: on Windows nobody else knows.
fn ignored_for_their_mode(facts: &Facts) -> Vec<LoadFailure> {
    let failures = facts.attempt.known().map(|attempt| attempt.load_failures.as_slice()).unwrap_or_default();
    failures.iter().filter(|failure| failure.reason == LoadReason::BadPermissions).cloned().collect()
}

/// Fingerprints in the agent; one that ssh cannot reach holds none for it.
pub(super) fn agent_fingerprints(facts: &Facts) -> Fact<Vec<String>> {
    match &facts.agent {
        Fact::Unknown(why) => Fact::unknown(why),
        Fact::Known(agent) => match agent.state {
            AgentState::Answers | AgentState::NotConfigured | AgentState::Off => agent
                .identities
                .map(|identities| identities.iter().map(|identity| identity.fingerprint.clone()).collect()),
            AgentState::Silent | AgentState::Failing => Fact::unknown("the agent does not tell its keys"),
            _ => Vec::new().into(),
        },
    }
}

/// What the server said, by fingerprint and by the path that the log names; an acceptance outweighs a refusal, since a
/// certificate and its plain key can be answered differently.
pub(super) fn answers(facts: &Facts) -> HashMap<String, bool> {
    let mut answers: HashMap<String, bool> = HashMap::new();
    let mut note = |name: &str, accepted: bool| {
        if !name.is_empty() {
            let known = answers.entry(name.to_owned()).or_insert(accepted);
            *known |= accepted;
        }
    };
    if let Some(attempt) = facts.attempt.known() {
        for offer in &attempt.offers {
            let Some(accepted) = heard(offer.outcome) else { continue };
            if let Some(fingerprint) = &offer.fingerprint {
                note(fingerprint, accepted);
            } else if !offer.agent {
                note(&offer.path, accepted);
            }
        }
    }
    if let Some(query) = facts.query.known() {
        query.accepted.iter().for_each(|fingerprint| note(fingerprint, true));
        query.refused.iter().for_each(|fingerprint| note(fingerprint, false));
        // A certificate goes by an id of its own there.
        for candidate in candidates(facts).iter().filter(|one| one.is_certificate() && query.accepted.contains(&one.id))
        {
            note(candidate.fingerprint, true);
        }
    }
    if let Some(witness) = facts.witness.known() {
        witness.accepted.iter().for_each(|fingerprint| note(fingerprint, true));
        witness.refused.iter().for_each(|fingerprint| note(fingerprint, false));
    }
    answers
}

/// The answer about a file that the log names by its path.
fn answer_by_path(answers: &HashMap<String, bool>, path: &str) -> Option<bool> {
    answers.iter().filter(|(name, _)| same_file(name, path)).map(|(_, accepted)| *accepted).max()
}

/// Whether an offer's outcome is an answer of the server, and which.
pub(super) fn heard(outcome: OfferOutcome) -> Option<bool> {
    match outcome {
        OfferOutcome::Accepted
        | OfferOutcome::SigningFailed
        | OfferOutcome::LoadFailed
        | OfferOutcome::SignatureRefused => Some(true),
        OfferOutcome::Refused => Some(false),
        OfferOutcome::NotAnswered | OfferOutcome::NoMutualSignature => None,
    }
}

/// Whether nothing about the file keeps ssh from loading it.
fn loadable(key: &Key) -> Fact<bool> {
    if !key.exists || key.mode_too_open || key.fault.is_some() || key.type_unsupported || key.too_small {
        return false.into();
    }
    if key.readable.is(&false) {
        return false.into();
    }
    match &key.readable {
        Fact::Known(_) => true.into(),
        Fact::Unknown(why) => Fact::unknown(why),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::Attempt,
        ssh::log::{Offer, Seen},
    };

    fn inferred(attempt: Attempt) -> Key {
        let key =
            Key { path: r"C:\Users\ana\.ssh\id_rsa".into(), exists: true, readable: true.into(), ..Key::default() };
        let mut facts = Facts { keys: vec![key].into(), attempt: attempt.into(), ..Facts::default() };
        infer(&mut facts);
        facts.keys.known().expect("keys")[0].clone()
    }

    #[test]
    fn ssh_knows_on_windows_who_may_read_a_file() {
        let of = |reason| {
            let path = r"C:\\Users\\ana/.ssh/id_rsa".to_owned();
            let mut attempt = Attempt::new("ssh -v");
            attempt.load_failures = vec![LoadFailure {
                path,
                reason,
                seen: Seen { text: "said".into(), ..Seen::default() },
                ..LoadFailure::default()
            }];
            inferred(attempt)
        };
        let open = of(LoadReason::BadPermissions);
        assert!(open.mode_too_open && open.loadable.is(&false));
        assert_eq!(open.seen.text, "said");
        assert!(!of(LoadReason::NotFound).mode_too_open);
    }

    #[test]
    fn an_answer_is_found_by_the_file_s_name_where_the_log_has_no_fingerprint() {
        let outcome = OfferOutcome::Refused;
        let mut attempt = Attempt::new("ssh -v");
        attempt.offers = vec![Offer { path: "/c/Users/ana/.ssh/id_rsa".into(), outcome, ..Offer::default() }];
        assert!(inferred(attempt).accepted.is(&false));
    }
}
