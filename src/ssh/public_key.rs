//! Public keys as they stand in `.pub` files, `authorized_keys`, `known_hosts` and an agent's answer: a type name, the
//! binary blob of RFC 4253 section 6.6, a comment. An algorithm that is not known here is kept by its name, never an error.
//!
//! The key itself is read by the crate `ssh-key`. Lines are split here: it takes exactly one blank between the words, no
//! options in front and no certificates, and has one error for faults that people mend in different ways.
//!
//! To teach it a new algorithm: an arm in [`Family::of`], and one in `bits` once `ssh-key` knows it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ssh_encoding::Decode as _;
use ssh_key::public::{KeyData, RsaPublicKey};
use ssh_key::{Algorithm, EcdsaCurve, HashAlg, Mpint};

use super::wire::{Reader, bit_length, put_string};

/// The fingerprint of a key as OpenSSH prints it: `SHA256:` and base64 without padding, or `MD5:` and hex pairs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// The SHA-256 fingerprint of a blob as it stands (for a certificate use [`PublicKey::fingerprint`]).
    pub fn sha256(blob: &[u8]) -> Self {
        use ssh_key::sha2::{Digest as _, Sha256};
        Self::from(ssh_key::Fingerprint::Sha256(Sha256::digest(blob).into()))
    }

    /// The MD5 fingerprint of a blob, which old logs and the Enable SSH step print.
    pub fn md5(blob: &[u8]) -> Self {
        use md5::Digest as _;
        let pairs: Vec<String> = md5::Md5::digest(blob).iter().map(|byte| format!("{byte:02x}")).collect();
        Self(format!("MD5:{}", pairs.join(":")))
    }

    /// Takes a fingerprint found in text, with its prefix; sixteen bare hex pairs are MD5. `None` if it is neither.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.starts_with("SHA256:") {
            return text.trim_end_matches('=').parse::<ssh_key::Fingerprint>().ok().map(Self::from);
        }
        let pairs = text.strip_prefix("MD5:").unwrap_or(text).to_ascii_lowercase();
        let good = pairs.split(':').count() == 16
            && pairs.split(':').all(|pair| pair.len() == 2 && pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        good.then(|| Self(format!("MD5:{pairs}")))
    }

    /// The text, prefix included.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<ssh_key::Fingerprint> for Fingerprint {
    fn from(fingerprint: ssh_key::Fingerprint) -> Self {
        Self(fingerprint.to_string())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// The kind of key, whatever the curve, the signature algorithm or the certificate around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Family {
    /// `ssh-rsa`, which says nothing about the signature: an RSA key signs with SHA-1 or SHA-2.
    Rsa,
    /// `ssh-dss`, gone from OpenSSH 10.0.
    Dsa,
    /// `ecdsa-sha2-nistp256`, `-384`, `-521`.
    Ecdsa,
    /// `ssh-ed25519`.
    Ed25519,
    /// ECDSA on a security key.
    SkEcdsa,
    /// Ed25519 on a security key.
    SkEd25519,
    /// Another algorithm; its name is kept.
    Other,
}

impl Family {
    /// The family of a key type or signature algorithm: `rsa-sha2-512` and `ssh-rsa-cert-v01@openssh.com` are both RSA.
    pub fn of(algorithm: &str) -> Self {
        match plain_algorithm(algorithm).as_str() {
            "ssh-rsa" | "rsa-sha2-256" | "rsa-sha2-512" => Self::Rsa,
            "ssh-dss" => Self::Dsa,
            "ssh-ed25519" => Self::Ed25519,
            "sk-ssh-ed25519@openssh.com" => Self::SkEd25519,
            "sk-ecdsa-sha2-nistp256@openssh.com" | "webauthn-sk-ecdsa-sha2-nistp256@openssh.com" => Self::SkEcdsa,
            name if name.starts_with("ecdsa-sha2-") => Self::Ecdsa,
            _ => Self::Other,
        }
    }
}

const CERTIFICATE_MARK: &str = "-cert-v01";

/// Whether the name is that of a certificate.
pub fn is_certificate(algorithm: &str) -> bool {
    algorithm.contains(CERTIFICATE_MARK)
}

/// The name of the key inside a certificate of this type; a plain name stays as it is.
pub fn plain_algorithm(algorithm: &str) -> String {
    match algorithm.split_once(CERTIFICATE_MARK) {
        // Only the security-key types carry the domain in their plain names too.
        Some((name, domain)) if name.starts_with("sk-") => format!("{name}{domain}"),
        Some((name, _)) => name.to_owned(),
        None => algorithm.to_owned(),
    }
}

/// Whether `ssh-key` knows how keys of this type are made, certificates included.
pub(crate) fn is_known(algorithm: &str) -> bool {
    Algorithm::new(&plain_algorithm(algorithm)).is_ok_and(|algorithm| !matches!(algorithm, Algorithm::Other(_)))
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    /// The type as named in the blob: `ssh-ed25519`, `ssh-rsa-cert-v01@openssh.com`.
    pub algorithm: String,
    /// Its family.
    pub family: Family,
    /// Whether the blob is a certificate; see [`super::certificate`].
    pub certificate: bool,
    /// Size in bits, as `ssh-keygen -l` counts; unknown for algorithms not known here.
    pub bits: Option<u32>,
    /// SHA-256 fingerprint; of the key inside where this is a certificate, as OpenSSH prints it.
    pub fingerprint: Fingerprint,
    /// The comment, if there is one; control characters are still in it.
    pub comment: Option<String>,
    /// The blob, certificate included.
    pub blob: Vec<u8>,
    /// The key itself, the one inside where this is a certificate; not there where [`is_known`] says no.
    data: Option<KeyData>,
}

/// Why a line or blob is not a public key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicKeyError {
    /// No type name with base64 after it.
    #[error(
        "not a public key: a line starts with its type, `ssh-ed25519 AAAA…`; make it again with `ssh-keygen -y -f KEY`"
    )]
    NoKey,
    /// The base64 part is damaged.
    #[error("the base64 of this {algorithm} key is damaged; copy the whole line again, without line breaks")]
    Base64 {
        /// The type named in the line.
        algorithm: String,
    },
    /// The type in front is not the type inside.
    #[error("the line says {said} but the key is {is}; make it again with `ssh-keygen -y -f KEY`")]
    TypeMismatch {
        /// The type in front.
        said: String,
        /// The type in the blob.
        is: String,
    },
    /// The blob ends early or has bytes left over.
    #[error("this {algorithm} key is cut or damaged; make the line again with `ssh-keygen -y -f KEY`")]
    Damaged {
        /// The type, empty if not even that can be read.
        algorithm: String,
    },
}

impl PublicKey {
    /// Reads the binary form, as agents and certificates carry it.
    ///
    /// # Errors
    /// [`PublicKeyError::Damaged`] when the blob is not made as its type demands. Unknown types are not checked.
    pub fn from_blob(blob: &[u8]) -> Result<Self, PublicKeyError> {
        let algorithm = Reader::new(blob).text().unwrap_or_default().to_owned();
        let damaged = || PublicKeyError::Damaged { algorithm: algorithm.clone() };
        let is_a_name = !algorithm.is_empty() && algorithm.bytes().all(|byte| byte.is_ascii_graphic());
        if !is_a_name {
            return Err(PublicKeyError::Damaged { algorithm: String::new() });
        }
        let certificate = is_certificate(&algorithm);
        let data = match key_data(blob) {
            Some((data, rest)) if certificate || rest.is_empty() => Some(data),
            None if !is_known(&algorithm) => None,
            _ => return Err(damaged()),
        };
        Ok(Self {
            family: Family::of(&algorithm),
            certificate,
            bits: data.as_ref().and_then(bits),
            fingerprint: data
                .as_ref()
                .map_or_else(|| Fingerprint::sha256(blob), |data| Fingerprint::from(data.fingerprint(HashAlg::Sha256))),
            comment: None,
            blob: blob.to_vec(),
            algorithm,
            data,
        })
    }

    /// Reads one line: `type base64 comment`, with or without `authorized_keys` options in front.
    ///
    /// # Errors
    /// When there is no key in the line, or a damaged one.
    pub fn from_line(line: &str) -> Result<Self, PublicKeyError> {
        let line = line.trim();
        let first = Self::from_plain_line(line);
        if first != Err(PublicKeyError::NoKey) {
            return first;
        }
        match skip_options(line) {
            Some(rest) => Self::from_plain_line(rest),
            None => first,
        }
    }

    fn from_plain_line(line: &str) -> Result<Self, PublicKeyError> {
        let mut words = line.splitn(2, [' ', '\t']);
        let said = words.next().unwrap_or_default();
        let rest = words.next().unwrap_or_default().trim_start();
        let (base64, comment) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        // Every blob starts with the length of a short name, which is three zero bytes: AAAA in base64.
        if !looks_like_type(said) || !base64.starts_with("AAAA") {
            return Err(PublicKeyError::NoKey);
        }
        let blob = STANDARD.decode(base64).map_err(|_| PublicKeyError::Base64 { algorithm: said.to_owned() })?;
        let mut key = Self::from_blob(&blob)?;
        if key.algorithm != said {
            return Err(PublicKeyError::TypeMismatch { said: said.to_owned(), is: key.algorithm });
        }
        key.comment = Some(comment.trim()).filter(|comment| !comment.is_empty()).map(str::to_owned);
        Ok(key)
    }

    /// The blob of the key itself: the one inside where this is a certificate.
    pub fn plain_blob(&self) -> Vec<u8> {
        self.data.as_ref().and_then(encoded).unwrap_or_else(|| self.blob.clone())
    }

    /// The MD5 fingerprint, of the key inside where this is a certificate.
    pub fn md5(&self) -> Fingerprint {
        Fingerprint::md5(&self.plain_blob())
    }

    /// Whether both are the same key, whatever their comments and the certificates around them.
    pub fn same_key(&self, other: &Self) -> bool {
        self.plain_blob() == other.plain_blob()
    }

    /// The key itself as `ssh-key` has it; `None` for algorithms it does not know.
    pub(crate) fn data(&self) -> Option<&KeyData> {
        self.data.as_ref()
    }

    /// `type base64`, without comment.
    pub fn to_line(&self) -> String {
        format!("{} {}", self.algorithm, STANDARD.encode(&self.blob))
    }
}

pub(crate) fn looks_like_type(word: &str) -> bool {
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || b"-@._".contains(&byte);
    word.contains('-') && word.bytes().all(letters)
}

/// The rest of an `authorized_keys` line after its options (sshd(8)): they end at the first blank outside quotes.
fn skip_options(line: &str) -> Option<&str> {
    let mut quoted = false;
    let mut escaped = false;
    for (index, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ' ' | '\t' if !quoted => return Some(line[index..].trim_start()),
            _ => {}
        }
    }
    None
}

/// The key in a blob and what follows it. In a certificate a nonce stands between the type and the fields of the key
/// (PROTOCOL.certkeys), so the plain form is put together in front of all the rest, and `ssh-key` reads as far as the key goes.
pub(crate) fn key_data(blob: &[u8]) -> Option<(KeyData, &[u8])> {
    let mut reader = Reader::new(blob);
    let algorithm = reader.text().filter(|algorithm| is_known(algorithm))?;
    if is_certificate(algorithm) {
        reader.string()?;
    }
    let mut plain = Vec::with_capacity(blob.len());
    put_string(&mut plain, plain_algorithm(algorithm).as_bytes());
    plain.extend_from_slice(reader.rest());
    let mut rest = plain.as_slice();
    let data = KeyData::decode(&mut rest).ok().and_then(|data| {
        // Where a length in the blob is too large, ssh-key reads what it needs and does not complain; OpenSSH does.
        let whole = plain[..plain.len() - rest.len()] == encoded(&data)?;
        whole.then(|| (data, &blob[blob.len() - rest.len()..]))
    });
    data.or_else(|| if Family::of(algorithm) == Family::Rsa { rsa_with_leading_zeros(reader) } else { None })
}

/// OpenSSH drops zeros in front of a number that it does not need (sshbuf_get_bignum2); `ssh-key` refuses them.
fn rsa_with_leading_zeros(mut reader: Reader<'_>) -> Option<(KeyData, &[u8])> {
    let mut number = || {
        let positive = reader.string().filter(|bytes| bytes.first().is_none_or(|byte| *byte < 0x80))?;
        Mpint::from_positive_bytes(positive).ok()
    };
    let key = RsaPublicKey { e: number()?, n: number()? };
    Some((key.into(), reader.rest()))
}

fn encoded(data: &KeyData) -> Option<Vec<u8>> {
    ssh_key::PublicKey::from(data.clone()).to_bytes().ok()
}

fn bits(data: &KeyData) -> Option<u32> {
    match data {
        KeyData::Rsa(key) => Some(bit_length(key.n.as_bytes())),
        KeyData::Dsa(key) => Some(bit_length(key.p.as_bytes())),
        KeyData::Ecdsa(key) => Some(match key.curve() {
            EcdsaCurve::NistP256 => 256,
            EcdsaCurve::NistP384 => 384,
            EcdsaCurve::NistP521 => 521,
        }),
        KeyData::Ed25519(_) | KeyData::SkEd25519(_) | KeyData::SkEcdsaSha2NistP256(_) => Some(256),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ED25519: &str = include_str!("../../tests/ssh/zoo/openssh-ed25519.public");
    const RSA: &str = include_str!("../../tests/ssh/zoo/openssh-rsa.public");
    const LEADING_ZERO: &str = include_str!("../../tests/ssh/zoo/public-rsa-leading-zero");
    const SECURITY_KEY: &str = include_str!("../../tests/ssh/zoo/public-sk-ed25519");
    const CERTIFICATE: &str = include_str!("../../tests/ssh/zoo/certificate-user");

    fn key(line: &str) -> PublicKey {
        PublicKey::from_line(line).expect("a public key")
    }

    #[test]
    fn reads_lines_with_and_without_options() {
        assert_eq!(key(ED25519).comment.as_deref(), Some("zoo@openssh-ed25519"));
        let with_options = format!(r#"restrict,command="echo \"ssh-rsa AAAA\", done",from="192.0.2.1" {ED25519}"#);
        assert!(key(&with_options).same_key(&key(ED25519)));
        assert_eq!(key(RSA).bits, Some(2048));
        assert_eq!(key(SECURITY_KEY).family, Family::SkEd25519);
    }

    #[test]
    fn a_certificate_is_the_same_key_as_its_plain_one() {
        let (certificate, plain) = (key(CERTIFICATE), key(ED25519));
        assert!(certificate.certificate && !plain.certificate);
        assert!(certificate.same_key(&plain));
        assert_eq!(certificate.fingerprint, plain.fingerprint);
        assert_ne!(certificate.blob, plain.blob);
        assert!(!plain.same_key(&key(RSA)));
    }

    #[test]
    fn zeros_that_a_number_does_not_need_make_no_other_key() {
        assert_ne!(key(LEADING_ZERO).blob, key(RSA).blob);
        assert!(key(LEADING_ZERO).same_key(&key(RSA)));
        assert_eq!(key(LEADING_ZERO).fingerprint, key(RSA).fingerprint);
    }

    #[test]
    fn unknown_algorithms_are_kept_by_name() {
        let mut blob = Vec::new();
        put_string(&mut blob, b"ssh-mldsa-65@example.com");
        put_string(&mut blob, b"whatever");
        let line = format!("ssh-mldsa-65@example.com {} new", STANDARD.encode(&blob));
        let found = key(&line);
        assert_eq!(
            (found.algorithm.as_str(), found.family, found.bits),
            ("ssh-mldsa-65@example.com", Family::Other, None)
        );
    }

    #[test]
    fn faults_are_told_apart() {
        let base64 = ED25519.split(' ').nth(1).expect("base64");
        let cases = [
            ("hello world".to_owned(), PublicKeyError::NoKey),
            (String::new(), PublicKeyError::NoKey),
            (
                format!("ssh-ed25519 {}", &base64[..base64.len() - 1]),
                PublicKeyError::Base64 { algorithm: "ssh-ed25519".into() },
            ),
            (
                format!("ssh-ed25519 {}", &base64[..base64.len() - 4]),
                PublicKeyError::Damaged { algorithm: "ssh-ed25519".into() },
            ),
            (
                format!("ssh-rsa {base64}"),
                PublicKeyError::TypeMismatch { said: "ssh-rsa".into(), is: "ssh-ed25519".into() },
            ),
        ];
        for (line, error) in cases {
            assert_eq!(PublicKey::from_line(&line), Err(error), "{line}");
        }
    }

    #[test]
    fn families_see_through_signature_names_and_certificates() {
        assert_eq!(Family::of("rsa-sha2-512-cert-v01@openssh.com"), Family::Rsa);
        assert_eq!(Family::of("sk-ssh-ed25519-cert-v01@openssh.com"), Family::SkEd25519);
        assert_eq!(Family::of("ecdsa-sha2-nistp521"), Family::Ecdsa);
        assert_eq!(Family::of("ssh-xmss@openssh.com"), Family::Other);
    }

    #[test]
    fn fingerprints_are_found_in_text() {
        let fingerprint = key(ED25519).fingerprint;
        assert_eq!(Fingerprint::parse(fingerprint.as_str()), Some(fingerprint));
        let md5 = key(ED25519).md5();
        assert_eq!(Fingerprint::parse(md5.as_str().strip_prefix("MD5:").expect("prefix")), Some(md5));
        assert_eq!(Fingerprint::parse("SHA256:short"), None);
        assert_eq!(Fingerprint::parse("aa:bb"), None);
    }

    proptest! {
        #[test]
        fn never_panics(line in "(ssh-rsa |ssh-ed25519 )?(AAAA)?\\PC{0,80}", blob in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = PublicKey::from_line(&line);
            let _ = PublicKey::from_blob(&blob);
            let _ = Fingerprint::parse(&line);
        }

        #[test]
        fn damaged_keys_never_panic(at in 0usize..400, with in any::<u8>()) {
            for line in [RSA, CERTIFICATE] {
                let mut blob = key(line).blob;
                let length = blob.len();
                blob[at % length] = with;
                let _ = PublicKey::from_blob(&blob).map(|key| (key.plain_blob(), key.md5()));
            }
        }
    }
}
