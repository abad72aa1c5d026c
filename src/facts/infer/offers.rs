//! Whether client and server have algorithms in common (RFC 4253 section 7.1), and whether the printed fingerprint is the
//! server's.

use crate::facts::{Config, Facts, ServerOffers};

pub(super) fn infer(facts: &mut Facts) {
    let seen = facts.attempt.known().and_then(|attempt| attempt.server.as_ref()?.host_key_fingerprint.clone());
    if let (Some(seen), Some(step)) = (seen, facts.target.as_mut().and_then(|target| target.enable_ssh.as_mut()))
        && let Some(printed) = &step.fingerprint
    {
        // A server has one key of each type, and the step prints one of them: another type is no contradiction.
        step.fingerprint_matches = (printed.trim_end_matches('=') == seen.trim_end_matches('=')).into();
    }
    let Some(config) = facts.config.known() else { return };
    let config = config.clone();
    if let Some(server) = facts.server.known_mut()
        && let Some(offers) = server.offers.known_mut()
    {
        offers.no_match = no_match(&config, offers);
    }
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
