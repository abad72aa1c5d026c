//! Whether client and server have algorithms in common (RFC 4253 section 7.1), and whether the printed fingerprint is the
//! server's.

use std::collections::BTreeSet;

use super::negotiation;
use crate::facts::{Config, EnableSsh, Fact, Facts, PrintedFingerprint, ServerOffers};

pub(super) fn infer(facts: &mut Facts) {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    let printed = step.map_or_else(Fact::default, |step| printed_fingerprint_matches(step, facts));
    if let Some(step) = facts.target.as_mut().and_then(|target| target.enable_ssh.as_mut()) {
        step.fingerprint_matches = printed;
    }
    let Some(config) = facts.config.known() else { return };
    let config = config.clone();
    // Where the client's list is not known, its own words still say what it found nothing in common in.
    let attempt = facts.attempt.known().and_then(|attempt| attempt.no_match.as_ref());
    let said = attempt.map(|no_match| negotiation::word(no_match.what));
    if let Some(server) = facts.server.known_mut()
        && let Some(offers) = server.offers.known_mut()
    {
        offers.no_match = no_match(&config, offers);
        if let Some(what) = said.filter(|what| !offers.no_match.iter().any(|known| known == what)) {
            offers.no_match.push(what.to_owned());
        }
    }
}

/// Whether the server is the one whose fingerprint the Enable SSH step printed.
pub(super) fn printed_fingerprint_matches(step: &EnableSsh, facts: &Facts) -> Fact<bool> {
    if step.fingerprints.is_empty() {
        return Fact::default();
    }
    let server = facts.attempt.known().and_then(|attempt| attempt.server.as_ref());
    let Some(seen) = server.and_then(|server| server.host_key_fingerprint.as_deref()) else {
        return Fact::unknown("the server did not show its host key");
    };
    if step.fingerprints.iter().any(|printed| printed.sha256 == seen.trim_end_matches('=')) {
        return true.into();
    }
    let algorithm = server.and_then(|server| server.host_key_algorithm.as_deref()).unwrap_or_default();
    let same_family = |printed: &PrintedFingerprint| printed.family.is_some() && printed.family == family(algorithm);
    if step.fingerprints.iter().any(same_family) || has_one_key(facts) {
        return false.into();
    }
    Fact::unknown("the server showed a key of another type than the one whose fingerprint is printed")
}

/// The server offers host keys of a single family, so it has one key.
fn has_one_key(facts: &Facts) -> bool {
    let offers = facts.server.known().and_then(|server| server.offers.known());
    let families: BTreeSet<Option<String>> =
        offers.into_iter().flat_map(|offers| &offers.host_key).map(|name| family(name)).collect();
    families.len() == 1
}

/// The family of a host key algorithm, in the words of a printed fingerprint.
fn family(algorithm: &str) -> Option<String> {
    let families = [("ed25519", "ed25519"), ("ecdsa", "ecdsa"), ("rsa", "rsa"), ("dss", "dsa")];
    families.iter().find(|(part, _)| algorithm.contains(part)).map(|(_, family)| (*family).to_owned())
}

/// Categories in which the two lists share no name. A category whose client list is unknown is not judged.
fn no_match(config: &Config, offers: &ServerOffers) -> Vec<String> {
    let pairs = [
        ("kex", config.kex_algorithms.known(), &offers.kex),
        ("host-key", config.host_key_algorithms.known(), &offers.host_key),
        ("cipher", config.ciphers.known(), &offers.ciphers),
        ("mac", config.macs.known(), &offers.macs),
    ];
    let apart = |ours: &Vec<String>, theirs: &Vec<String>| !ours.iter().any(|name| theirs.contains(name));
    pairs
        .into_iter()
        // A cipher that authenticates needs no MAC, so an empty meeting of MACs proves nothing by itself.
        .filter(|(what, ours, theirs)| {
            ours.is_some_and(|ours| apart(ours, theirs)) && (*what != "mac" || !aead(config, offers))
        })
        .map(|(what, ..)| what.to_owned())
        .collect()
}

/// Whether the cipher that both would choose authenticates by itself.
fn aead(config: &Config, offers: &ServerOffers) -> bool {
    config
        .ciphers
        .known()
        .and_then(|ours| ours.iter().find(|name| offers.ciphers.contains(name)))
        .is_some_and(|cipher| cipher.contains("gcm") || cipher.contains("poly1305"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Attempt, Server},
        ssh::log,
    };

    fn shown(printed: &str, family: Option<&str>, host_keys: &str) -> Fact<bool> {
        let printed = PrintedFingerprint { sha256: printed.into(), family: family.map(str::to_owned) };
        let step = EnableSsh { fingerprints: vec![printed], ..EnableSsh::default() };
        let mut attempt = Attempt::new("ssh -v");
        attempt.server = Some(log::Server {
            host_key_algorithm: Some("ssh-ed25519".into()),
            host_key_fingerprint: Some("SHA256:seen".into()),
            ..log::Server::default()
        });
        let offers = ServerOffers { host_key: list(host_keys), ..ServerOffers::default() };
        let server = Server { offers: offers.into(), ..Server::default() };
        let facts = Facts { attempt: attempt.into(), server: server.into(), ..Facts::default() };
        printed_fingerprint_matches(&step, &facts)
    }

    #[test]
    fn a_key_of_another_type_is_no_contradiction_where_a_server_has_several() {
        assert!(shown("SHA256:seen", Some("ed25519"), "ssh-ed25519").is(&true));
        assert!(shown("SHA256:other", Some("ed25519"), "ssh-ed25519,rsa-sha2-512").is(&false));
        assert!(shown("SHA256:other", Some("rsa"), "ssh-ed25519,rsa-sha2-512").known().is_none());
        assert!(shown("SHA256:other", None, "rsa-sha2-256,ssh-ed25519").known().is_none());
        assert!(shown("SHA256:other", None, "ssh-ed25519").is(&false));
    }

    fn list(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    fn config() -> Config {
        Config {
            kex_algorithms: list("curve25519-sha256").into(),
            host_key_algorithms: list("ssh-ed25519,rsa-sha2-512").into(),
            ciphers: list("chacha20-poly1305@openssh.com,aes128-ctr").into(),
            macs: list("hmac-sha2-256").into(),
            ..Config::default()
        }
    }

    #[test]
    fn names_the_categories_apart() {
        let offers = ServerOffers {
            kex: list("diffie-hellman-group14-sha1"),
            host_key: list("ssh-rsa"),
            ciphers: list("aes128-ctr"),
            macs: list("hmac-sha1"),
            no_match: vec![],
        };
        assert_eq!(no_match(&config(), &offers), ["kex", "host-key", "mac"]);
    }

    #[test]
    fn a_cipher_that_authenticates_needs_no_mac() {
        let offers = ServerOffers {
            kex: list("curve25519-sha256"),
            host_key: list("ssh-ed25519"),
            ciphers: list("chacha20-poly1305@openssh.com"),
            macs: list("hmac-md5"),
            no_match: vec![],
        };
        assert!(no_match(&config(), &offers).is_empty());
    }
}
