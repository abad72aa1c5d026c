//! Which keys an old ssh means. To 7.5 an offer names a file, or an agent's comment, and no fingerprint; to 7.8 it does not
//! say whether the agent holds the key (sshconnect2.c, `send_pubkey_test`).

use super::same_file::same_file;
use crate::{
    facts::{Attempt, Facts, Identity, Key},
    ssh::{
        log::Offer,
        version::{self, Version},
    },
};

/// Since when offers say what the agent holds.
const SAYS_AGENT: Version = Version::new(7, 9);

/// Fills `fingerprint` and `agent` of the attempt's offers, as a newer ssh would have said them.
pub(super) fn fill(facts: &mut Facts) {
    let Some(attempt) = facts.attempt.known() else { return };
    if !is_old(attempt) {
        return;
    }
    let mut offers = attempt.offers.clone();
    let mut used: Vec<String> = offers.iter().filter_map(|offer| offer.fingerprint.clone()).collect();
    let held = facts.agent.known().and_then(|agent| agent.identities.known()).map(Vec::as_slice).unwrap_or_default();
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    for offer in &mut offers {
        if offer.fingerprint.is_none() {
            offer.fingerprint = of_file(offer, keys).or_else(|| of_comment(offer, held, &used));
            used.extend(offer.fingerprint.clone());
        }
        offer.agent |= held.iter().any(|identity| Some(&identity.fingerprint) == offer.fingerprint.as_ref());
    }
    if let Some(attempt) = facts.attempt.known_mut() {
        attempt.offers = offers;
    }
}

/// The log is of an ssh before 7.9, or of one that says nothing of itself and names no fingerprints.
fn is_old(attempt: &Attempt) -> bool {
    let client = attempt.client.as_ref().and_then(|client| version::parse(&client.text).ok());
    match client.map(|client| client.version) {
        Some(version) => version < SAYS_AGENT,
        None => attempt.offers.iter().any(|offer| offer.fingerprint.is_none()),
    }
}

/// What ssh shows of a file is its public half: the file beside it, where there is one.
fn of_file(offer: &Offer, keys: &[Key]) -> Option<String> {
    let key = keys.iter().find(|key| key.exists && same_file(&offer.path, &key.path))?;
    let beside = key.public_file.as_ref().filter(|public| public.valid).and_then(|public| public.fingerprint.clone());
    beside.or_else(|| key.fingerprint.known().cloned())
}

/// The agent's keys are offered in its order, so of two with one comment the first comes first.
fn of_comment(offer: &Offer, held: &[Identity], used: &[String]) -> Option<String> {
    let kind = offer.algorithm.as_deref().map(str::to_ascii_lowercase);
    let fits = |identity: &&Identity| {
        identity.comment == offer.path
            && !used.contains(&identity.fingerprint)
            && kind.as_ref().is_none_or(|kind| kind.starts_with(&identity.family))
    };
    held.iter().find(fits).map(|identity| identity.fingerprint.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Agent, PublicFile},
        ssh::log,
    };

    fn offer(path: &str, algorithm: &str) -> Offer {
        Offer { path: path.into(), algorithm: Some(algorithm.into()), ..Offer::default() }
    }

    fn held(comment: &str, family: &str, fingerprint: &str) -> Identity {
        Identity {
            comment: comment.into(),
            family: family.into(),
            fingerprint: fingerprint.into(),
            ..Identity::default()
        }
    }

    fn filled(client: Option<&str>, offers: Vec<Offer>, keys: Vec<Key>, identities: Vec<Identity>) -> Vec<Offer> {
        let mut attempt = Attempt::new("ssh -v");
        attempt.client = client.map(|text| log::Client { text: text.into(), ..log::Client::default() });
        attempt.offers = offers;
        let agent = Agent { identities: identities.into(), ..Agent::default() };
        let mut facts = Facts { attempt: attempt.into(), keys: keys.into(), agent: agent.into(), ..Facts::default() };
        fill(&mut facts);
        let once = facts.attempt.known().expect("one").offers.clone();
        fill(&mut facts);
        assert_eq!(once, facts.attempt.known().expect("one").offers, "a second time changes nothing");
        once
    }

    const OLD: Option<&str> = Some("OpenSSH_7.5p1 Debian-14, OpenSSL 3.0.20 7 Apr 2026");

    #[test]
    fn files_are_known_by_their_public_half() {
        let key = |path: &str, beside: Option<&str>| Key {
            path: path.into(),
            exists: true,
            fingerprint: "SHA256:inside".to_owned().into(),
            public_file: beside.map(|fingerprint| PublicFile {
                valid: true,
                fingerprint: Some(fingerprint.to_owned()),
                ..PublicFile::default()
            }),
            ..Key::default()
        };
        let keys = vec![key("/h/a", None), key("/h/b", Some("SHA256:beside"))];
        let offers = filled(OLD, vec![offer("/h/a", "RSA"), offer("/h/b", "RSA"), offer("/h/c", "RSA")], keys, vec![]);
        let said: Vec<Option<&str>> = offers.iter().map(|offer| offer.fingerprint.as_deref()).collect();
        assert_eq!(said, [Some("SHA256:inside"), Some("SHA256:beside"), None]);
        assert!(offers.iter().all(|offer| !offer.agent));
    }

    #[test]
    fn two_keys_of_one_comment_come_in_the_agents_order() {
        let held =
            vec![held("me", "rsa", "SHA256:1"), held("me", "ed25519", "SHA256:2"), held("me", "ed25519", "SHA256:3")];
        let offers = vec![offer("me", "RSA"), offer("me", "ED25519"), offer("me", "ED25519")];
        let offers = filled(OLD, offers, vec![], held);
        let said: Vec<Option<&str>> = offers.iter().map(|offer| offer.fingerprint.as_deref()).collect();
        assert_eq!(said, [Some("SHA256:1"), Some("SHA256:2"), Some("SHA256:3")]);
        assert!(offers.iter().all(|offer| offer.agent));
    }

    #[test]
    fn what_a_newer_ssh_says_stands() {
        let new = Some("OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.22 25 Aug 2026");
        let said = Offer { fingerprint: Some("SHA256:1".into()), ..offer("me", "RSA") };
        let offers = filled(new, vec![said.clone()], vec![], vec![held("me", "rsa", "SHA256:1")]);
        assert_eq!(offers, [said]);
    }
}
