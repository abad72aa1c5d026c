//! Whether it is the SHA-1 signature that keeps the user out (RFC 8332; OpenSSH 8.8 release notes).
//!
//! ssh says "no mutual signature algorithm" of an RSA key in three cases, and the server's own list tells them apart.

use super::same_file::same_file;
use crate::{
    facts::{Auth, Facts},
    ssh::log::{Attempt, OfferOutcome},
};

/// Which signatures of RSA keys a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RsaSignatures {
    /// SHA-1 alone, as servers do that send no list.
    Sha1,
    /// SHA-2, so the user's own list leaves it out where there is no mutual one.
    Sha2,
    /// None: it takes no RSA keys.
    None,
}

/// What the server's list of signature algorithms (RFC 8308 section 3.1, `server-sig-algs`) says about RSA.
pub(super) fn rsa_signatures(attempt: &Attempt) -> RsaSignatures {
    let listed = attempt.server.as_ref().map(|server| server.sig_algs.as_slice()).unwrap_or_default();
    if listed.iter().any(|name| name.starts_with("rsa-sha2-")) {
        RsaSignatures::Sha2
    } else if listed.is_empty() || listed.iter().any(|name| name.starts_with("ssh-rsa")) {
        RsaSignatures::Sha1
    } else {
        RsaSignatures::None
    }
}

/// Keys that ssh kept to itself because it has no signature algorithm for them that the server takes.
pub(super) fn unsigned(attempt: &Attempt) -> Vec<String> {
    let offers = attempt.offers.iter().filter(|offer| offer.outcome == OfferOutcome::NoMutualSignature);
    offers.map(|offer| offer.path.clone()).collect()
}

/// Fills `sha1_blocks`, `sha1_key_accepted` and `sha1_seen` from `sha1_only_keys` and what else is known.
pub(super) fn fill(auth: &mut Auth, facts: &Facts) {
    let left_out = |name: &String| auth.sha1_only_keys.iter().any(|said| same_file(said, name));
    let other_would_do = auth
        .winner
        .as_ref()
        .is_some_and(|winner| !winner.path.as_ref().is_some_and(&left_out) && !left_out(&winner.name));
    let works = facts.login.known().is_some_and(|login| login.works);

    let attempt = facts.attempt.known();
    let no_signature = |attempt: &Attempt| {
        attempt
            .offers
            .iter()
            .find(|offer| offer.outcome == OfferOutcome::NoMutualSignature)
            .map(|offer| offer.seen.clone())
    };
    auth.sha1_seen = attempt.and_then(no_signature);

    let on_disk = facts.keys.known().into_iter().flatten();
    let on_disk = on_disk.filter(|key| left_out(&key.path)).filter_map(|key| key.fingerprint.known());
    let offered = attempt.into_iter().flat_map(|attempt| &attempt.offers);
    let offered = offered.filter(|offer| left_out(&offer.path)).filter_map(|offer| offer.fingerprint.as_ref());
    let fingerprints: Vec<&String> = on_disk.chain(offered).collect();
    let witness = facts.witness.known();
    let accepted = witness.map(|witness| witness.accepted.as_slice()).unwrap_or_default();
    let refused = witness.map(|witness| witness.refused.as_slice()).unwrap_or_default();
    auth.sha1_key_accepted = fingerprints.iter().any(|one| accepted.contains(one));
    let left_out = attempt.into_iter().flat_map(|attempt| &attempt.offers);
    let mut left_out = left_out.filter(|offer| offer.outcome == OfferOutcome::NoMutualSignature);
    let certificate = left_out.any(|offer| offer.algorithm.as_deref().is_some_and(|name| name.contains("CERT")));
    // The server does not know them either, so their signature would change nothing. Certificates nobody asked about.
    let unknown_to_it =
        !certificate && !fingerprints.is_empty() && fingerprints.iter().all(|one| refused.contains(one));
    auth.sha1_allowance = (!auth.sha1_only_keys.is_empty()).then(|| {
        let names = if certificate { "ssh-rsa,ssh-rsa-cert-v01@openssh.com" } else { "ssh-rsa" };
        names.to_owned()
    });
    auth.sha1_blocks = !works && !auth.sha1_only_keys.is_empty() && !other_would_do && !unknown_to_it;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Key, Login, Winner, Witness};

    fn auth() -> Auth {
        Auth { sha1_only_keys: vec!["/id_rsa".into()], ..Auth::default() }
    }

    fn refused() -> Facts {
        Facts { login: Login::default().into(), ..Facts::default() }
    }

    fn filled(mut auth: Auth, facts: &Facts) -> Auth {
        fill(&mut auth, facts);
        auth
    }

    #[test]
    fn it_blocks_unless_another_key_would_do() {
        assert!(filled(auth(), &refused()).sha1_blocks);
        let other = Winner { path: Some("/id_ed25519".into()), ..Winner::default() };
        assert!(!filled(Auth { winner: Some(other), ..auth() }, &refused()).sha1_blocks);
        let itself = Winner { path: Some("/id_rsa".into()), ..Winner::default() };
        assert!(filled(Auth { winner: Some(itself), ..auth() }, &refused()).sha1_blocks);
        assert!(!filled(Auth::default(), &refused()).sha1_blocks);
        let works = Facts { login: Login { works: true, ..Login::default() }.into(), ..Facts::default() };
        assert!(!filled(auth(), &works).sha1_blocks);
    }

    #[test]
    fn the_servers_list_tells_what_it_takes_from_rsa() {
        let of = |listed: &[&str]| {
            let mut attempt = Attempt::new("a log");
            let sig_algs = listed.iter().map(|name| (*name).to_owned()).collect();
            attempt.server = Some(crate::ssh::log::Server { sig_algs, ..crate::ssh::log::Server::default() });
            rsa_signatures(&attempt)
        };
        assert_eq!(of(&[]), RsaSignatures::Sha1, "an old server sends no list");
        assert_eq!(of(&["ssh-ed25519", "ssh-rsa"]), RsaSignatures::Sha1);
        assert_eq!(of(&["ssh-ed25519", "rsa-sha2-256", "ssh-rsa"]), RsaSignatures::Sha2);
        assert_eq!(of(&["ssh-ed25519"]), RsaSignatures::None);
    }

    #[test]
    fn a_key_that_the_witness_was_refused_with_is_not_blocked_by_its_signature() {
        let key = |name: &str| Key {
            path: format!("/{name}"),
            fingerprint: format!("SHA256:{name}").into(),
            ..Key::default()
        };
        let blocks = |names: &[&str]| {
            let refused_keys = names.iter().map(|name| format!("SHA256:{name}")).collect();
            let witness = Witness { refused: refused_keys, ..Witness::default() };
            let keys = vec![key("id_rsa"), key("other_rsa")];
            let facts = Facts { keys: keys.into(), witness: witness.into(), ..refused() };
            let auth = Auth { sha1_only_keys: vec!["/id_rsa".into(), "/other_rsa".into()], ..Auth::default() };
            filled(auth, &facts).sha1_blocks
        };
        assert!(blocks(&[]) && blocks(&["id_rsa"]));
        assert!(!blocks(&["id_rsa", "other_rsa"]));
    }

    #[test]
    fn a_certificate_needs_a_name_of_its_own() {
        let of = |algorithm: &str| {
            let mut attempt = Attempt::new("a log");
            attempt.offers = vec![crate::ssh::log::Offer {
                path: "/id_rsa".into(),
                algorithm: Some(algorithm.into()),
                outcome: OfferOutcome::NoMutualSignature,
                ..crate::ssh::log::Offer::default()
            }];
            filled(auth(), &Facts { attempt: attempt.into(), ..refused() }).sha1_allowance
        };
        assert_eq!(of("RSA").as_deref(), Some("ssh-rsa"));
        assert_eq!(of("RSA-CERT").as_deref(), Some("ssh-rsa,ssh-rsa-cert-v01@openssh.com"));
        assert_eq!(filled(Auth::default(), &refused()).sha1_allowance, None);
    }

    #[test]
    fn the_witness_confirms_the_key() {
        let key = Key { path: "/id_rsa".into(), fingerprint: "SHA256:x".to_owned().into(), ..Key::default() };
        let witness = Witness { accepted: vec!["SHA256:x".into()], ..Witness::default() };
        let facts = Facts { keys: vec![key].into(), witness: witness.into(), ..refused() };
        assert!(filled(auth(), &facts).sha1_key_accepted);
        assert!(!filled(auth(), &refused()).sha1_key_accepted);
    }
}
