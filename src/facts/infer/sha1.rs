//! Whether it is the SHA-1 signature that keeps the user out (RFC 8332; OpenSSH 8.8 release notes).

use super::same_file::same_file;
use crate::{
    facts::{Auth, Facts},
    ssh::log::{Attempt, OfferOutcome},
};

/// Fills `sha1_blocks`, `sha1_key_accepted` and `sha1_seen` from `sha1_only_keys` and what else is known.
pub(super) fn fill(auth: &mut Auth, facts: &Facts) {
    let left_out = |name: &String| auth.sha1_only_keys.iter().any(|said| same_file(said, name));
    let other_would_do = auth
        .winner
        .as_ref()
        .is_some_and(|winner| !winner.path.as_ref().is_some_and(&left_out) && !left_out(&winner.name));
    let works = facts.login.known().is_some_and(|login| login.works);
    auth.sha1_blocks = !works && !auth.sha1_only_keys.is_empty() && !other_would_do;

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
    let accepted = facts.witness.known().map(|witness| witness.accepted.as_slice()).unwrap_or_default();
    let confirmed = on_disk.chain(offered).any(|fingerprint| accepted.contains(fingerprint));
    auth.sha1_key_accepted = confirmed;
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
    fn the_witness_confirms_the_key() {
        let key = Key { path: "/id_rsa".into(), fingerprint: "SHA256:x".to_owned().into(), ..Key::default() };
        let witness = Witness { accepted: vec!["SHA256:x".into()], ..Witness::default() };
        let facts = Facts { keys: vec![key].into(), witness: witness.into(), ..refused() };
        assert!(filled(auth(), &facts).sha1_key_accepted);
        assert!(!filled(auth(), &refused()).sha1_key_accepted);
    }
}
