//! What the server said about a key or a certificate, in whichever connection.

use super::{candidates::Candidate, keys::heard, same_file::same_file};
use crate::{
    facts::Facts,
    ssh::log::{Offer, OfferOutcome},
};

/// The server's answer about one candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) accepted: bool,
    /// The user's own ssh got it; libssh2 signs where OpenSSH would not.
    pub(super) by_openssh: bool,
}

/// What the server said about a candidate; `None` if nothing. An acceptance outweighs a refusal.
pub(super) fn answer(facts: &Facts, candidate: &Candidate<'_>) -> Option<Answer> {
    let by_query = || {
        let query = facts.query.known()?;
        let said = |list: &[String]| list.contains(&candidate.id);
        said(&query.accepted).then_some(true).or_else(|| said(&query.refused).then_some(false))
    };
    let by_witness = || {
        let witness = facts.witness.known()?;
        let said = |list: &[String]| list.contains(&candidate.id);
        said(&witness.accepted).then_some(true).or_else(|| said(&witness.refused).then_some(false))
    };
    let by_openssh = [in_attempt(facts, candidate), by_query()].into_iter().flatten().max();
    let by_openssh = by_openssh.map(|accepted| Answer { accepted, by_openssh: true });
    let by_witness = by_witness().map(|accepted| Answer { accepted, by_openssh: false });
    match (by_openssh, by_witness) {
        (Some(Answer { accepted: false, .. }), Some(other)) if other.accepted => Some(other),
        (one, other) => one.or(other),
    }
}

/// What the server said in the attempt.
pub(super) fn in_attempt(facts: &Facts, candidate: &Candidate<'_>) -> Option<bool> {
    let offers = facts.attempt.known().map(|attempt| attempt.offers.as_slice()).unwrap_or_default();
    offers.iter().filter(|offer| is_about(offer, candidate)).filter_map(|offer| heard(offer.outcome)).max()
}

/// Offers that the server heard.
pub(super) fn put_to_the_server(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers.iter().filter(|offer| offer.outcome != OfferOutcome::NoMutualSignature)
}

/// Whether an offer of the log is this key, or this certificate. A certificate has the fingerprint of its key there.
pub(super) fn is_about(offer: &Offer, candidate: &Candidate<'_>) -> bool {
    let certificate = offer.algorithm.as_ref().is_some_and(|name| name.to_ascii_lowercase().contains("-cert"));
    if certificate != candidate.is_certificate() {
        return false;
    }
    let same_key = offer.fingerprint.as_ref().map(|fingerprint| fingerprint == candidate.fingerprint);
    let path = candidate.key.map(|key| key.path.as_str());
    let named = |path: Option<&str>| path.is_some_and(|path| same_file(&offer.path, path));
    match (candidate.certificate, same_key) {
        (_, Some(false)) => false,
        // ssh names a certificate by the key that it lies beside, or by its own file.
        (Some(file), _) => named(Some(&file.path)) || (candidate.belongs_by_name() && named(path)),
        (None, Some(same)) => same,
        (None, None) => named(path),
    }
}
