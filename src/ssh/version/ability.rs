//! What only some versions of OpenSSH can do, as requirements on the version (release notes of openssh.com).
//!
//! To add one: a variant of [`Ability`] and its line in `requirement`. Write `>=8.2` or `<9.8`: a bare `8.2` means `^8.2`
//! to `semver`, which leaves out 9.0.

use semver::VersionReq;

/// Something that was not always there, or is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Ability {
    /// ECDSA keys.
    Ecdsa,
    /// Ed25519 keys.
    Ed25519,
    /// Signatures of RSA keys with SHA-2 (RFC 8332).
    RsaSha2,
    /// Signatures of RSA keys with SHA-1 without being told to.
    RsaSha1ByDefault,
    /// `StrictHostKeyChecking accept-new`.
    AcceptNew,
    /// Keys on security tokens (PROTOCOL.u2f).
    SecurityKeys,
    /// DSA keys, where `PubkeyAcceptedAlgorithms` lists them; left out of the usual builds from 9.8 on.
    Dsa,
    /// Ed25519 keys in PKCS#8 files. They came with 9.6, but portable builds before 9.8 did not find Ed25519 in their
    /// OpenSSL, and some libraries never have it.
    Pkcs8Ed25519,
}

impl Ability {
    /// Every one of them.
    pub const ALL: [Self; 8] = [
        Self::Ecdsa,
        Self::Ed25519,
        Self::RsaSha2,
        Self::RsaSha1ByDefault,
        Self::AcceptNew,
        Self::SecurityKeys,
        Self::Dsa,
        Self::Pkcs8Ed25519,
    ];

    /// The versions that have it, to hold against [`super::Version::satisfies`] or to print: `>=8.2`.
    pub fn requirement(self) -> VersionReq {
        let text = match self {
            Self::Ecdsa => ">=5.7",
            Self::Ed25519 => ">=6.5",
            Self::RsaSha2 => ">=7.2",
            Self::RsaSha1ByDefault => "<8.8",
            Self::AcceptNew => ">=7.6",
            Self::SecurityKeys => ">=8.2",
            Self::Dsa => "<9.8",
            Self::Pkcs8Ed25519 => ">=9.8",
        };
        VersionReq::parse(text).expect("a test parses every one of these constants")
    }
}

#[cfg(test)]
mod tests {
    use super::super::Version;
    use super::*;
    use semver::Op;

    #[test]
    fn requirements_have_one_open_end() {
        for ability in Ability::ALL {
            let requirement = ability.requirement();
            let operators: Vec<Op> = requirement.comparators.iter().map(|comparator| comparator.op).collect();
            assert!(matches!(operators[..], [Op::GreaterEq | Op::Less]), "{ability:?}: {requirement}");
        }
    }

    #[test]
    fn versions_have_what_their_release_notes_say() {
        let has = |ability: Ability| move |major, minor| Version { major, minor, patch: Some(1) }.has(ability);
        let keys = has(Ability::SecurityKeys);
        assert!(!keys(8, 1) && keys(8, 2) && keys(9, 0) && keys(10, 0));
        let sha1 = has(Ability::RsaSha1ByDefault);
        assert!(sha1(7, 4) && sha1(8, 7) && !sha1(8, 8) && !sha1(10, 2));
        let pkcs8 = has(Ability::Pkcs8Ed25519);
        assert!(!pkcs8(9, 7) && pkcs8(9, 8) && pkcs8(9, 10) && pkcs8(10, 0));
    }
}
