//! OpenSSH certificates: a public key that an authority has signed, with names and a time span
//! (draft-miller-ssh-cert, PROTOCOL.certkeys). Nothing is verified: the server judges, the doctor explains.
//!
//! The keys in it are read by the crate `ssh-key`, the fields around them here, because `ssh_key::Certificate` (0.6.7)
//! refuses much of what OpenSSH takes: certificates without an end (its times stop at `i64::MAX`), signed with `ssh-rsa`
//! by an old authority, or with a name that is not UTF-8. A test says so, and holds the two against each other elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::public_key::{Fingerprint, PublicKey, PublicKeyError, key_data};
use super::wire::Reader;

/// What a certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateKind {
    /// Lets somebody log in.
    User,
    /// Proves a server; useless for logging in.
    Host,
    /// Neither of the two numbers the format defines.
    Other,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Certificate {
    /// `ssh-ed25519-cert-v01@openssh.com`.
    pub algorithm: String,
    /// User or host.
    pub kind: CertificateKind,
    /// The name the authority gave it; servers log it.
    pub key_id: String,
    /// Number chosen by the authority, 0 if it does not count.
    pub serial: u64,
    /// Names it is good for; empty means any.
    pub principals: Vec<String>,
    /// First valid second since 1970-01-01 UTC; left out if valid since always.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_after: Option<u64>,
    /// First second since 1970-01-01 UTC at which it is no longer valid; left out if valid for ever.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub valid_before: Option<u64>,
    /// The authority's key.
    pub authority: Fingerprint,
    /// The key inside, to compare with the private key's.
    pub key: Fingerprint,
    /// Critical options: `force-command`, `source-address`, `verify-required`; a server refuses those it does not know.
    pub critical_options: Vec<String>,
    /// Algorithm of the authority's signature: `ssh-ed25519`, `rsa-sha2-512`, `ssh-rsa` (SHA-1).
    pub signature: String,
    /// Extensions: `permit-pty` and the like; without `permit-pty` there is no terminal.
    pub extensions: Vec<String>,
}

impl Certificate {
    /// Reads a `-cert.pub` line.
    ///
    /// # Errors
    /// When the line is no public key or not a certificate.
    pub fn from_line(line: &str) -> Result<Self, PublicKeyError> {
        Self::from_key(&PublicKey::from_line(line)?)
    }

    /// Reads the certificate a public key's blob is.
    ///
    /// # Errors
    /// [`PublicKeyError::Damaged`] when the blob is cut, and for plain keys and unknown algorithms, which are no certificates.
    pub fn from_key(key: &PublicKey) -> Result<Self, PublicKeyError> {
        read(key).ok_or_else(|| PublicKeyError::Damaged { algorithm: key.algorithm.clone() })
    }

    /// Whether it is valid at a time, in seconds since 1970-01-01 UTC (sshkey_cert_check_authority's rule).
    pub fn valid_at(&self, now: u64) -> bool {
        self.valid_after.is_none_or(|after| now >= after) && self.valid_before.is_none_or(|before| now < before)
    }
}

fn read(key: &PublicKey) -> Option<Certificate> {
    if !key.certificate {
        return None;
    }
    let (_, fields) = key_data(&key.blob)?;
    let mut reader = Reader::new(fields);
    let serial = reader.uint64()?;
    let kind = match reader.uint32()? {
        1 => CertificateKind::User,
        2 => CertificateKind::Host,
        _ => CertificateKind::Other,
    };
    let key_id = String::from_utf8_lossy(reader.string()?).into_owned();
    let principals = strings(reader.string()?)?;
    let valid_after = reader.uint64()?;
    let valid_before = reader.uint64()?;
    let critical_options = option_names(reader.string()?)?;
    let extensions = option_names(reader.string()?)?;
    let _reserved = reader.string()?;
    let authority = PublicKey::from_blob(reader.string()?).ok()?;
    let signature = Reader::new(reader.string()?).text()?.to_owned();
    reader.rest().is_empty().then(|| Certificate {
        algorithm: key.algorithm.clone(),
        kind,
        key_id,
        serial,
        principals,
        valid_after: (valid_after != 0).then_some(valid_after),
        valid_before: (valid_before != u64::MAX).then_some(valid_before),
        authority: authority.fingerprint,
        key: key.fingerprint.clone(),
        critical_options,
        signature,
        extensions,
    })
}

fn strings(bytes: &[u8]) -> Option<Vec<String>> {
    let mut reader = Reader::new(bytes);
    let mut all = Vec::new();
    while !reader.rest().is_empty() {
        all.push(String::from_utf8_lossy(reader.string()?).into_owned());
    }
    Some(all)
}

/// Options are pairs of a name and data; the data of a `force-command` is nobody's business here.
fn option_names(bytes: &[u8]) -> Option<Vec<String>> {
    Some(strings(bytes)?.into_iter().step_by(2).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ssh_key::HashAlg;

    const USER: &str = include_str!("../../tests/ssh/zoo/certificate-user");
    const FOREVER: &str = include_str!("../../tests/ssh/zoo/certificate-forever");
    const FORCED: &str = include_str!("../../tests/ssh/zoo/certificate-forced");
    const SHA1: &str = include_str!("../../tests/ssh/zoo/certificate-sha1");
    const LATIN_1: &str = include_str!("../../tests/ssh/zoo/certificate-latin-1");
    const HOST: &str = include_str!("../../tests/ssh/zoo/certificate-host");
    const PLAIN: &str = include_str!("../../tests/ssh/zoo/openssh-ed25519.public");

    #[test]
    fn what_ssh_key_reads_is_read_here_the_same() {
        for line in [USER, HOST] {
            let theirs = ssh_key::Certificate::from_openssh(line).expect("a certificate");
            let ours = Certificate::from_line(line).expect("a certificate");
            assert_eq!((ours.serial, ours.key_id.as_str()), (theirs.serial(), theirs.key_id()));
            assert_eq!(ours.kind == CertificateKind::Host, theirs.cert_type().is_host());
            assert_eq!(ours.principals, theirs.valid_principals());
            assert_eq!(ours.valid_after, Some(theirs.valid_after()));
            assert_eq!(ours.valid_before, Some(theirs.valid_before()));
            assert!(ours.critical_options.iter().eq(theirs.critical_options().keys()));
            assert!(ours.extensions.iter().eq(theirs.extensions().keys()));
            assert_eq!(ours.authority, theirs.signature_key().fingerprint(HashAlg::Sha256).into());
            assert_eq!(ours.key, theirs.public_key().fingerprint(HashAlg::Sha256).into());
        }
    }

    /// Fails on the day when `ssh_key::Certificate` can take the place of this module's reader.
    #[test]
    fn openssh_takes_certificates_that_ssh_key_refuses() {
        for line in [FOREVER, FORCED, SHA1, LATIN_1] {
            assert!(ssh_key::Certificate::from_openssh(line).is_err(), "{line}");
            assert!(Certificate::from_line(line).is_ok(), "{line}");
        }
    }

    #[test]
    fn for_ever_has_no_dates() {
        let certificate = Certificate::from_line(FOREVER).expect("a certificate");
        assert_eq!((certificate.valid_after, certificate.valid_before), (None, None));
        assert!(certificate.valid_at(0) && certificate.valid_at(u64::MAX));
        let json = serde_json::to_value(&certificate).expect("serialises");
        assert!(json.get("valid_before").is_none());
    }

    #[test]
    fn a_plain_key_is_no_certificate() {
        assert!(matches!(Certificate::from_line(PLAIN), Err(PublicKeyError::Damaged { .. })));
    }

    #[test]
    fn a_cut_certificate_is_damaged() {
        let mut key = PublicKey::from_line(USER).expect("a key");
        key.blob.truncate(key.blob.len() - 1);
        assert!(matches!(Certificate::from_key(&key), Err(PublicKeyError::Damaged { .. })));
    }

    proptest! {
        #[test]
        fn never_panics(at in 0usize..500, with in any::<u8>(), cut in 0usize..500) {
            let mut key = PublicKey::from_line(USER).expect("a key");
            let length = key.blob.len();
            key.blob[at % length] = with;
            let _ = Certificate::from_key(&key);
            key.blob.truncate(cut % length);
            let _ = Certificate::from_key(&key);
        }
    }
}
