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
    let lists_dsa = |list: &[String]| list.iter().any(|entry| pattern::matches("ssh-dss", entry));

    key.type_unsupported = match family.as_str() {
        // Switched off in 7.0 and left out of builds since 9.8.
        "dsa" => lacks(Ability::Dsa) || accepted.is_some_and(|list| !lists_dsa(list)),
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
}
