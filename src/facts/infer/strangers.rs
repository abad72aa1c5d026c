//! Keys that ssh or the server spoke of and that are not among those which were found: on a token, perhaps, or in a file
//! that nobody could look at. Whoever says "all keys" or "no key" has to count them.

use std::collections::BTreeMap;

use super::{candidates::Candidate, keys::heard, same_file::same_file};
use crate::{
    facts::{Facts, Key},
    ssh::log::{LoadReason, SkipReason},
};

/// What the server said to each of them: by fingerprint, or by the path that the log names.
pub(super) fn strangers(facts: &Facts, candidates: &[Candidate<'_>]) -> BTreeMap<String, Option<bool>> {
    // A public half alone is offered too, for a private one in some agent.
    let is_there = |key: &&Key| key.exists || key.public_file.is_some();
    let keys: Vec<&Key> = facts.keys.known().into_iter().flatten().filter(is_there).collect();
    let known = |name: &str| candidates.iter().any(|candidate| candidate.fingerprint == name || candidate.id == name);
    let mut all: BTreeMap<String, Option<bool>> = BTreeMap::new();
    for offer in facts.attempt.known().into_iter().flat_map(|attempt| &attempt.offers) {
        let found = match &offer.fingerprint {
            Some(fingerprint) => known(fingerprint),
            None => offer.agent || is_named(&offer.path, &keys, candidates),
        };
        if !found {
            let name = offer.fingerprint.as_ref().unwrap_or(&offer.path);
            let answer = all.entry(name.clone()).or_default();
            *answer = (*answer).max(heard(offer.outcome));
        }
    }
    for path in left_aside(facts).filter(|path| !is_named(path, &keys, candidates)) {
        all.entry(path.to_owned()).or_default();
    }
    for (name, accepted) in asked(facts).filter(|(name, _)| !known(name)) {
        let answer = all.entry(name.clone()).or_default();
        *answer = (*answer).max(Some(accepted));
    }
    // A public half without its private one is no key; one beside another private key is told if the server knows it.
    for key in keys {
        let public = key.public_file.as_ref().and_then(|public| public.fingerprint.as_ref());
        if let Some(fingerprint) = public.filter(|name| !key.exists || all.get(*name) == Some(&Some(false))) {
            all.remove(fingerprint);
        }
    }
    all
}

/// What was said when the server was asked, beside the attempt.
fn asked(facts: &Facts) -> impl Iterator<Item = (&String, bool)> {
    let query = facts.query.known().map(|query| (&query.accepted, &query.refused));
    let witness = facts.witness.known().map(|witness| (&witness.accepted, &witness.refused));
    let said = query.into_iter().chain(witness);
    said.flat_map(|(yes, no)| yes.iter().map(|name| (name, true)).chain(no.iter().map(|name| (name, false))))
}

/// Keys that the client had and could not use, or would not offer.
fn left_aside(facts: &Facts) -> impl Iterator<Item = &str> {
    let attempt = facts.attempt.known();
    let failed = attempt.into_iter().flat_map(|attempt| &attempt.load_failures);
    let failed = failed.filter(|failure| failure.reason != LoadReason::NotFound).map(|failure| failure.path.as_str());
    let skipped = attempt.into_iter().flat_map(|attempt| &attempt.skipped);
    let of_the_user =
        |reason| !matches!(reason, SkipReason::NotInHostbasedAlgorithms | SkipReason::UnusableCertificate);
    let skipped = skipped.filter(move |key| of_the_user(key.reason)).map(|key| key.path.as_str());
    failed.chain(skipped).filter(|path| !path.is_empty())
}

/// A log names a file by its path or by that of its public half, a key in the agent by its comment.
fn is_named(path: &str, keys: &[&Key], candidates: &[Candidate<'_>]) -> bool {
    let private = path.strip_suffix(".pub").unwrap_or(path);
    let private = private.strip_suffix("-cert").unwrap_or(private);
    let of = |key: &&Key| same_file(path, &key.path) || same_file(private, &key.path);
    let certified = |key: &&Key| key.certificate.as_ref().is_some_and(|certificate| same_file(path, &certificate.path));
    keys.iter().any(|key| of(key) || certified(key))
        || candidates.iter().filter_map(|candidate| candidate.identity).any(|held| held.comment == path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Attempt, PublicFile, Query, infer},
        ssh::log::{LoadFailure, Offer, OfferOutcome, Skipped},
    };

    fn offer(path: &str, fingerprint: Option<&str>, outcome: OfferOutcome) -> Offer {
        Offer { path: path.into(), fingerprint: fingerprint.map(str::to_owned), outcome, ..Offer::default() }
    }

    fn of(offers: Vec<Offer>, accepted: &[&str]) -> Vec<(String, Option<bool>)> {
        let mut attempt = Attempt::new("ssh -v");
        attempt.offers = offers;
        seen_in(attempt, accepted)
    }

    fn seen_in(attempt: Attempt, accepted: &[&str]) -> Vec<(String, Option<bool>)> {
        let key = Key {
            path: "/home/ana/.ssh/id_rsa".into(),
            exists: true,
            fingerprint: "SHA256:k".to_owned().into(),
            blob: "k".to_owned().into(),
            ..Key::default()
        };
        let accepted = accepted.iter().map(|&name| name.to_owned()).collect();
        let query = Query { accepted, ..Query::default() };
        let facts = Facts { keys: vec![key].into(), attempt: attempt.into(), query: query.into(), ..Facts::default() };
        strangers(&facts, &infer::candidates(&facts)).into_iter().collect()
    }

    #[test]
    fn a_key_that_was_found_is_none() {
        let offers = vec![
            offer("PIV token", Some("SHA256:k"), OfferOutcome::Refused),
            offer("/home/ana/.ssh/id_rsa", None, OfferOutcome::Refused),
        ];
        assert_eq!(of(offers, &["SHA256:k"]), []);
    }

    #[test]
    fn others_are_told_with_the_answer_that_they_got() {
        let offers = vec![
            offer("PIV token", Some("SHA256:t"), OfferOutcome::Refused),
            offer("/elsewhere", None, OfferOutcome::NotAnswered),
        ];
        let expected = [("/elsewhere".to_owned(), None), ("SHA256:t".to_owned(), Some(false))];
        assert_eq!(of(offers.clone(), &[]), expected);
        assert_eq!(of(offers, &["SHA256:t"])[1], ("SHA256:t".to_owned(), Some(true)), "the query said yes");
        assert_eq!(of(vec![], &["SHA256:q"]), [("SHA256:q".to_owned(), Some(true))]);
    }

    #[test]
    fn a_public_half_alone_is_no_key() {
        let public = PublicFile { fingerprint: Some("SHA256:p".into()), ..PublicFile::default() };
        let of = |exists, outcome| {
            let key = Key { path: "/k".into(), exists, public_file: Some(public.clone()), ..Key::default() };
            let mut attempt = Attempt::new("ssh -v");
            attempt.offers = vec![offer("/k", Some("SHA256:p"), outcome)];
            let facts = Facts { keys: vec![key].into(), attempt: attempt.into(), ..Facts::default() };
            strangers(&facts, &infer::candidates(&facts)).len()
        };
        assert_eq!(of(false, OfferOutcome::LoadFailed), 0);
        assert_eq!(of(true, OfferOutcome::Refused), 0);
        assert_eq!(of(true, OfferOutcome::Accepted), 1);
    }

    #[test]
    fn a_file_that_ssh_could_not_use_is_there() {
        let mut attempt = Attempt::new("ssh -v");
        let failure = |path: &str, reason| LoadFailure { path: path.into(), reason, ..LoadFailure::default() };
        attempt.load_failures = vec![
            failure("/home/ana/.ssh/id_rsa", LoadReason::InvalidFormat),
            failure("/home/ana/.ssh/id_rsa-cert.pub", LoadReason::InvalidFormat),
            failure("/home/ana/.ssh/id_ecdsa", LoadReason::NotFound),
            failure("/mnt/k", LoadReason::PermissionDenied),
        ];
        attempt.skipped = vec![Skipped { path: "/home/ana/.ssh/id_dsa".into(), ..Skipped::default() }];
        let expected = [("/home/ana/.ssh/id_dsa".to_owned(), None), ("/mnt/k".to_owned(), None)];
        assert_eq!(seen_in(attempt, &[]), expected);
    }
}
