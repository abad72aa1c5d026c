//! The login of another log, as far as it is to be laid beside this one.

use super::{machine, shell::Around};
use crate::{
    facts::{Contrast, contrast::WorkingKey},
    ssh::log::{Attempt, Earlier, Offer, OfferOutcome, Outcome, place},
};

/// An earlier attempt of the same log that was let in with a key.
pub(super) fn earlier(attempt: &Attempt) -> Option<Contrast> {
    let works = |earlier: &&Earlier| earlier.outcome == Outcome::Authenticated && earlier.accepted.is_some();
    let earlier = attempt.earlier.iter().rfind(works)?;
    let host = earlier.git_host.clone().or_else(|| earlier.host.clone());
    let machine = machine::look(attempt, &Around::default());
    Some(Contrast {
        source: attempt.source.clone(),
        place: place_of(host.as_deref(), earlier.port),
        host: host.unwrap_or_default(),
        port: earlier.port,
        user: earlier.user.clone(),
        works: true,
        key: earlier.accepted.as_ref().map(working),
        // What stands in one paste comes from one machine.
        home: machine.known().and_then(|machine| machine.home.known().cloned()),
        proxied: attempt.proxy.is_some(),
        seen: earlier.decisive.clone(),
        ..Contrast::default()
    })
}

/// What is compared of `other`.
pub(super) fn look(other: &Attempt) -> Contrast {
    let (host, port) = other.destination().unzip();
    let machine = machine::look(other, &Around::default());
    Contrast {
        source: other.source.clone(),
        place: place_of(host, port),
        host: host.unwrap_or_default().to_owned(),
        port,
        user: other.target.as_ref().map(|met| met.user.clone()).filter(|user| !user.is_empty()),
        works: other.outcome == Outcome::Authenticated,
        key: key(other),
        client: other.client.as_ref().map(|client| client.text.clone()),
        home: machine.known().and_then(|machine| machine.home.known().cloned()),
        agent_keys: other.agent.as_ref().and_then(|agent| agent.count),
        proxied: other.proxy.is_some(),
        seen: other.decisive.clone(),
        ..Contrast::default()
    }
}

/// The usual port goes without saying.
fn place_of(host: Option<&str>, port: Option<u16>) -> String {
    host.map_or_else(|| "another server".to_owned(), |host| place(host, port.filter(|port| *port != 22)))
}

/// The key that the server took last is the one that let the user in, unless another method did.
fn key(other: &Attempt) -> Option<WorkingKey> {
    if other.method.as_deref().is_some_and(|method| method != "publickey") {
        return None;
    }
    other.offers.iter().rfind(|offer| offer.outcome == OfferOutcome::Accepted).map(working)
}

fn working(offer: &Offer) -> WorkingKey {
    WorkingKey {
        // ssh doubles the backslashes of Windows' paths in its log (vis(3)).
        name: offer.path.replace(r"\\", r"\"),
        fingerprint: offer.fingerprint.clone(),
        agent: offer.agent,
        path: None,
        seen: offer.seen.clone(),
    }
}
