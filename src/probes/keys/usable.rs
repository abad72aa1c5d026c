//! Keys that this client would not use, whatever the server says.

use super::Context;
use crate::{
    facts::Key,
    ssh::{
        pattern,
        version::{Ability, Version},
    },
};

/// Smallest RSA key any OpenSSH since 7.6 takes (ssh.h, SSH_RSA_MINIMUM_MODULUS_SIZE).
const SMALLEST_RSA: u32 = 1024;

pub(super) fn judge(key: &mut Key, context: Context<'_>) {
    let version = context.client.known().and_then(|client| client.version.known().copied());
    let lacks = |ability| version.is_some_and(|known| !Version::new(known.major, known.minor).has(ability));
    let config = context.config.known();
    let accepted = config.and_then(|config| config.pubkey_algorithms.known()).map(Vec::as_slice);
    let Some(family) = key.family.known().cloned() else { return };
    let algorithm = key.algorithm.known().cloned().unwrap_or_default();
    let listed = accepted.map(|list| signs_with(&family, &algorithm, key.certificate.is_some(), list));

    key.type_unsupported = match family.as_str() {
        // Switched off in 7.0 and left out of builds since 9.8.
        "dsa" => lacks(Ability::Dsa) || listed == Some(false),
        "ed25519" => lacks(Ability::Ed25519),
        "ecdsa" => lacks(Ability::Ecdsa),
        "ed25519-sk" | "ecdsa-sk" => lacks(Ability::SecurityKeys),
        _ => false,
    };
    // An agent may stand in for the file, so this is about the file and not about the type.
    if family == "ed25519" && key.format.is(&"pkcs8".to_owned()) && lacks(Ability::Pkcs8Ed25519) {
        key.fault.get_or_insert_with(|| "needs-newer-ssh".to_owned());
    }
    if family == "rsa"
        && let Some(bits) = key.bits.known()
    {
        let least = config.and_then(|config| config.required_rsa_size).unwrap_or(0).max(SMALLEST_RSA);
        key.too_small = *bits < least;
    }
    let by_default = family != "dsa" && family != "other";
    key.excluded_by_config = by_default && !key.type_unsupported && listed == Some(false);
}

/// Whether the list has an algorithm for a key; an RSA key signs with any of three.
fn signs_with(family: &str, algorithm: &str, certified: bool, list: &[String]) -> bool {
    let plain: &[&str] = match family {
        "rsa" => &["ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"],
        "ecdsa-sk" => &["sk-ecdsa-sha2-nistp256@openssh.com", "webauthn-sk-ecdsa-sha2-nistp256@openssh.com"],
        _ => &[algorithm],
    };
    let matches = |name: &str| list.iter().any(|entry| pattern::matches(name, entry));
    plain.iter().any(|name| {
        let certificate = match name.split_once('@') {
            Some((name, domain)) => format!("{name}-cert-v01@{domain}"),
            None => format!("{name}-cert-v01@openssh.com"),
        };
        matches(name) || certified && matches(&certificate)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn an_rsa_key_needs_any_of_its_signatures() {
        assert!(signs_with("rsa", "ssh-rsa", false, &list(&["rsa-sha2-512"])));
        assert!(signs_with("rsa", "ssh-rsa", false, &list(&["*"])));
        assert!(!signs_with("rsa", "ssh-rsa", false, &list(&["ssh-ed25519"])));
        assert!(!signs_with("ecdsa", "ecdsa-sha2-nistp521", false, &list(&["ecdsa-sha2-nistp256"])));
    }

    #[test]
    fn a_certificate_may_be_enough() {
        let only = list(&["ssh-ed25519-cert-v01@openssh.com"]);
        assert!(signs_with("ed25519", "ssh-ed25519", true, &only));
        assert!(!signs_with("ed25519", "ssh-ed25519", false, &only));
        let sk = list(&["sk-ssh-ed25519-cert-v01@openssh.com"]);
        assert!(signs_with("ed25519-sk", "sk-ssh-ed25519@openssh.com", true, &sk));
    }
}
