//! Whether client and server have algorithms in common (RFC 4253 section 7.1), and whether the printed fingerprint is the
//! server's.

use std::collections::BTreeSet;

use super::negotiation;
use crate::facts::{Config, EnableSsh, Fact, Facts, PrintedFingerprint, ServerOffers};

pub(super) fn infer(facts: &mut Facts) {
    let printed = printed_fingerprint_matches(facts);
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
fn printed_fingerprint_matches(facts: &Facts) -> Fact<bool> {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    let Some(step) = step.filter(|step| !step.fingerprints.is_empty()) else { return Fact::default() };
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

/// The host key algorithms of a configuration with those of the printed keys first, so that the server shows one of
/// them; none where the text does not say of which family they are, or where they come first anyway.
pub fn printed_first(config: &Config, step: &EnableSsh) -> Option<String> {
    let printed: Option<Vec<String>> = step.fingerprints.iter().map(|printed| printed.family.clone()).collect();
    let printed = printed.filter(|families| !families.is_empty())?;
    let named = |name: &&String| family(name).is_some_and(|family| printed.contains(&family));
    let known = config.host_key_algorithms.known()?;
    let (first, rest): (Vec<&String>, Vec<&String>) = known.iter().partition(named);
    let ordered: Vec<&str> = first.into_iter().chain(rest).map(String::as_str).collect();
    (ordered != *known).then(|| ordered.join(","))
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
        facts::{Attempt, EnableSsh, Server, Target},
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
        printed_fingerprint_matches(&Facts {
            target: Some(Target { enable_ssh: Some(step), ..Target::default() }),
            attempt: attempt.into(),
            server: Server { offers: offers.into(), ..Server::default() }.into(),
            ..Facts::default()
        })
    }

    #[test]
    fn a_key_of_another_type_is_no_contradiction_where_a_server_has_several() {
        assert!(shown("SHA256:seen", Some("ed25519"), "ssh-ed25519").is(&true));
        assert!(shown("SHA256:other", Some("ed25519"), "ssh-ed25519,rsa-sha2-512").is(&false));
        assert!(shown("SHA256:other", Some("rsa"), "ssh-ed25519,rsa-sha2-512").known().is_none());
        assert!(shown("SHA256:other", None, "rsa-sha2-256,ssh-ed25519").known().is_none());
        assert!(shown("SHA256:other", None, "ssh-ed25519").is(&false));
    }

    #[test]
    fn the_printed_key_is_asked_for_first() {
        let of = |families: &[Option<&str>]| {
            let printed = |family: &Option<&str>| PrintedFingerprint {
                family: family.map(str::to_owned),
                ..PrintedFingerprint::default()
            };
            let fingerprints = families.iter().map(printed).collect();
            printed_first(&config(), &EnableSsh { fingerprints, ..EnableSsh::default() })
        };
        assert_eq!(of(&[Some("rsa")]).as_deref(), Some("rsa-sha2-512,ssh-ed25519"));
        for none in [&[][..], &[Some("ed25519")], &[Some("rsa"), Some("ed25519")], &[Some("dsa")], &[Some("rsa"), None]]
        {
            assert_eq!(of(none), None, "{none:?}");
        }
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
