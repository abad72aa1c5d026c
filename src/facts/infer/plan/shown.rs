//! Which public half ssh finds for a key file, and whether it can load the private one instead.

use crate::facts::{Certificate, Config, Identity, Key, Version};

/// A public key or certificate as ssh holds it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Public<'f> {
    pub(super) blob: &'f str,
    pub(super) fingerprint: &'f str,
    pub(super) algorithm: &'f str,
    pub(super) bits: Option<u32>,
    pub(super) for_hosts: bool,
}

impl<'f> Public<'f> {
    pub(super) fn of_certificate(certificate: &'f Certificate) -> Self {
        let Certificate { blob, key, algorithm, bits, for_hosts, .. } = certificate;
        Self { blob, fingerprint: key, algorithm, bits: *bits, for_hosts: *for_hosts }
    }

    pub(super) fn of_identity(identity: &'f Identity) -> Self {
        let Identity { blob, fingerprint, algorithm, bits, .. } = identity;
        Self { blob, fingerprint, algorithm, bits: bits.known().copied(), for_hosts: false }
    }

    /// The key that the facts about a file name.
    fn of_file(key: &'f Key) -> Option<Self> {
        Some(Self {
            blob: key.blob.known()?,
            fingerprint: key.fingerprint.known()?,
            algorithm: key.algorithm.known()?,
            bits: key.bits.known().copied(),
            for_hosts: false,
        })
    }

    /// The key in a public file that belongs to another private key.
    fn of_stranger(key: &'f Key) -> Option<Self> {
        let public = key.public_file.as_ref()?;
        Some(Self {
            blob: public.other_blob.as_ref()?,
            fingerprint: public.fingerprint.as_ref()?,
            algorithm: public.other_algorithm.as_ref()?,
            bits: public.other_bits,
            for_hosts: false,
        })
    }
}

/// What ssh reads before it connects: the file itself where it is a public line, else `FILE.pub`, else, since 8.3, the open
/// part of a private key in OpenSSH's own format (authfile.c, `sshkey_load_public`).
pub(super) fn shown(key: &Key, version: Option<Version>) -> Option<Public<'_>> {
    find(key, version).filter(|public| !(public.algorithm.starts_with("sk-") && is_before(version, 8, 2)))
}

fn is_before(version: Option<Version>, major: u32, minor: u32) -> bool {
    version.is_some_and(|version| version < Version { major, minor })
}

fn find(key: &Key, version: Option<Version>) -> Option<Public<'_>> {
    let is_public = key.format.known().is_some_and(|format| format == "public" || format == "certificate");
    let has_public = key.public_file.as_ref().is_some_and(|public| public.valid);
    let open = key.format.is(&"openssh".to_owned()) && key.readable.is(&true) && framed(key);
    if is_public && let Some(own) = Public::of_file(key) {
        return Some(own);
    }
    match has_public {
        true => Public::of_stranger(key).or_else(|| Public::of_file(key)),
        false if open && !is_before(version, 8, 3) => Public::of_file(key),
        false => None,
    }
}

/// Nothing in the file's form hides its open part.
fn framed(key: &Key) -> bool {
    key.fault.as_deref().is_none_or(|fault| matches!(fault, "unknown-cipher" | "damaged"))
}

impl Key {
    /// What ssh would make of it depends on where the damage is.
    pub(super) fn damaged_but_shown(&self) -> bool {
        let no_public = self.public_file.as_ref().is_none_or(|public| !public.valid);
        self.fault.as_deref() == Some("damaged") && no_public && self.blob.known().is_some()
    }
}

/// Whether ssh can load a private key when its turn comes, and whether it needs a passphrase for that; or why not, where
/// that is known.
pub(super) fn load_at_its_turn(
    key: &Key,
    config: &Config,
    version: Option<Version>,
) -> Result<bool, Option<&'static str>> {
    // Before 7.8 nothing but its public half kept a DSA key back.
    let still_used = key.family.is(&"dsa".to_owned()) && is_before(version, 7, 8);
    let security_key = key.family.known().is_some_and(|family| family.ends_with("-sk"));
    let because = if !key.exists {
        "no-such-file"
    } else if key.readable.is(&false) {
        "unreadable"
    } else if key.mode_too_open {
        "mode-too-open"
    } else if key.fault.is_some() {
        "damaged"
    } else if key.type_unsupported && !still_used {
        "type-unsupported"
    } else if security_key && config.security_key_provider.is_none() {
        "no-security-key-provider"
    } else if key.too_small {
        "rsa-too-small"
    } else {
        return match (key.encrypted.known(), config.batch_mode.is(&true)) {
            (Some(true), true) => Err(Some("passphrase")),
            (Some(encrypted), _) => Ok(*encrypted),
            (None, _) => Err(None),
        };
    };
    Err(Some(because))
}
