//! Keys of a type that the server's own list has no algorithm for (RFC 8308 section 3.1, `server-sig-algs`).

use super::{
    candidates::Candidate,
    sha1::{RsaSignatures, rsa_signatures},
};
use crate::{
    facts::Facts,
    ssh::{
        log::{Offer, OfferOutcome, SkipReason},
        public_key::plain_algorithm,
    },
};

/// Names of the candidates that the server's list leaves out. Nothing where the server sent no list.
pub(super) fn unlisted(facts: &Facts, candidates: &[Candidate<'_>]) -> Vec<String> {
    let Some(attempt) = facts.attempt.known() else { return Vec::new() };
    let listed = attempt.server.as_ref().map(|server| server.sig_algs.as_slice()).unwrap_or_default();
    // ssh says so of an RSA key also where the server takes RSA, by a signature that ssh does not make.
    let takes_rsa = rsa_signatures(attempt) != RsaSignatures::None;
    let skipped = attempt.skipped.iter().filter(|key| key.reason == SkipReason::NotSupportedByServer);
    let skipped =
        skipped.filter(|key| !takes_rsa || !key.algorithm.as_deref().is_some_and(|name| name.starts_with("ssh-rsa")));
    let mut names: Vec<String> = skipped.map(|key| key.path.clone()).collect();
    let out = |candidate: &&Candidate<'_>| {
        let algorithm = candidate.algorithm();
        // A certificate has an algorithm of its own: `ssh-ed25519-cert-v01@openssh.com`.
        let certified = candidate.key.is_some_and(|key| key.certificate.is_some());
        let plain = plain_algorithm(&algorithm);
        let fits = |name: &String| {
            signs_for(name, &algorithm) || signs_for(name, &plain) || (certified && name.contains("-cert-"))
        };
        !listed.is_empty() && !algorithm.is_empty() && !listed.iter().any(fits)
    };
    // What this client does not use is no matter of the server's.
    let used = |candidate: &&Candidate<'_>| candidate.key.is_none_or(|key| !key.type_unsupported && !key.too_small);
    for candidate in candidates.iter().filter(used).filter(out) {
        let name = candidate.key.map_or_else(|| candidate.name(), |key| key.path.clone());
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if facts.key_folder.known().is_none() {
        // "No mutual signature" of an RSA key, by a server that takes none of RSA, is about its type.
        let refused = attempt.offers.iter().filter(|offer| {
            offer.outcome == OfferOutcome::Refused || (offer.outcome == OfferOutcome::NoMutualSignature && !takes_rsa)
        });
        let out = |offer: &&Offer| !listed.is_empty() && !listed.iter().any(|name| is_of_type(name, offer));
        for offer in refused.filter(|offer| offer.algorithm.is_some()).filter(out) {
            if !names.contains(&offer.path) {
                names.push(offer.path.clone());
            }
        }
    }
    names
}

/// Whether a signature algorithm is one of the type that ssh's log has for a key: `ED25519`, `ECDSA-SK`.
fn is_of_type(signature: &str, offer: &Offer) -> bool {
    let kind = offer.algorithm.as_deref().unwrap_or_default().to_ascii_lowercase();
    let (kind, certified) = kind.strip_suffix("-cert").map_or((kind.as_str(), false), |kind| (kind, true));
    let (kind, held) = kind.strip_suffix("-sk").map_or((kind, false), |kind| (kind, true));
    let known = ["rsa", "ed25519", "ecdsa"].contains(&kind);
    !known
        || (signature.contains(kind)
            && signature.starts_with("sk-") == held
            && (!certified || signature.contains("-cert-") || !held))
}

/// Whether a signature algorithm is one of this type of key: an RSA key has three (RFC 8332).
pub(super) fn signs_for(signature: &str, key: &str) -> bool {
    signature == key || (key == "ssh-rsa" && signature.starts_with("rsa-sha2-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Attempt, Key, infer},
        ssh::log::{Server, Skipped},
    };

    fn of(listed: &[&str], algorithm: &str) -> Vec<String> {
        let mut attempt = Attempt::new("a log");
        let sig_algs = listed.iter().map(|name| (*name).to_owned()).collect();
        attempt.server = Some(Server { sig_algs, ..Server::default() });
        let key = Key {
            path: "/k".into(),
            exists: true,
            algorithm: algorithm.to_owned().into(),
            fingerprint: "SHA256:k".to_owned().into(),
            blob: "k".to_owned().into(),
            ..Key::default()
        };
        let facts = Facts { attempt: attempt.into(), keys: vec![key].into(), ..Facts::default() };
        unlisted(&facts, &infer::candidates(&facts))
    }

    /// A log without keys' files, of a server that takes the signatures `listed`.
    fn shown(listed: &str, fill: impl Fn(&mut Attempt)) -> Vec<String> {
        let mut attempt = Attempt::new("a log");
        attempt.server = Some(Server { sig_algs: vec![listed.to_owned()], ..Server::default() });
        fill(&mut attempt);
        unlisted(&Facts { attempt: attempt.into(), ..Facts::default() }, &[])
    }

    #[test]
    fn an_rsa_key_may_be_left_out_for_its_signature_alone() {
        let skipped = |attempt: &mut Attempt| {
            attempt.skipped = vec![Skipped {
                path: "/k".into(),
                algorithm: Some("ssh-rsa".into()),
                reason: SkipReason::NotSupportedByServer,
                ..Skipped::default()
            }];
        };
        assert_eq!(shown("ssh-ed25519", skipped), ["/k"]);
        assert!(shown("ssh-rsa", skipped).is_empty() && shown("rsa-sha2-256", skipped).is_empty());
    }

    #[test]
    fn a_key_in_a_log_without_any_mutual_signature_is_of_a_type_that_the_server_leaves_out() {
        let offered = |attempt: &mut Attempt| {
            attempt.offers = vec![Offer {
                path: "/k".into(),
                algorithm: Some("RSA".into()),
                outcome: OfferOutcome::NoMutualSignature,
                ..Offer::default()
            }];
        };
        assert_eq!(shown("ssh-ed25519", offered), ["/k"]);
        assert!(shown("ssh-rsa", offered).is_empty());
    }

    #[test]
    fn the_list_has_a_name_for_each_type_it_takes() {
        assert_eq!(of(&["rsa-sha2-512"], "ssh-ed25519"), ["/k"]);
        assert!(of(&["rsa-sha2-512"], "ssh-rsa").is_empty());
        assert!(of(&["ssh-ed25519", "rsa-sha2-512"], "ssh-ed25519").is_empty());
        assert!(of(&[], "ssh-ed25519").is_empty(), "an old server sends no list");
    }
}
