//! What a private-key file is, judged by its bytes exactly as OpenSSH reads them.
//!
//! Libraries are both too lax and too strict about files (they take CRLF and a missing last newline, and refuse other line
//! widths), and OpenSSH's own messages name the crypto library's mood, not the fault. So the framing is read here and the
//! crate `ssh-key` gets the keys inside; `body` says where even it differs. [`read`] does what OpenSSH does:
//! `sshkey_parse_private2` for its own format, then OpenSSL's PEM reader for the rest, and only where both refuse does
//! `diagnose` say why. `tests/ssh_zoo.rs` holds the verdicts against the real `ssh-keygen`.
//!
//! To add a fault: a variant of [`KeyFault`], an arm in `diagnose`, an animal in `tests/ssh/zoo/make.sh`.

mod body;
mod der;
mod diagnose;
mod openssh;
mod pem;
mod ppk;

use schemars::JsonSchema;
use semver::VersionReq;
use serde::{Deserialize, Serialize};

use super::public_key::{PublicKey, is_certificate};
use super::version::Ability;

/// Names that ssh looks at by itself (ssh_config(5), IdentityFile), those of all versions.
pub const DEFAULT_NAMES: [&str; 8] =
    ["id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk", "id_xmss", "id_mldsa44_ed25519"];

/// What a file is meant to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFormat {
    /// `BEGIN OPENSSH PRIVATE KEY`, the default since 7.8.
    Openssh,
    /// `BEGIN RSA PRIVATE KEY`.
    PemRsa,
    /// `BEGIN EC PRIVATE KEY`.
    PemEc,
    /// `BEGIN DSA PRIVATE KEY`.
    PemDsa,
    /// `BEGIN PRIVATE KEY`.
    Pkcs8,
    /// `BEGIN ENCRYPTED PRIVATE KEY`.
    Pkcs8Encrypted,
    /// PuTTY's own format.
    Ppk,
    /// `BEGIN SSH2 ENCRYPTED PRIVATE KEY`, of Tectia and old ssh.com programs.
    Ssh2Private,
    /// `BEGIN SSH2 PUBLIC KEY` (RFC 4716).
    Ssh2Public,
    /// `BEGIN PUBLIC KEY`, `BEGIN RSA PUBLIC KEY`.
    PemPublic,
    /// One line `ssh-ed25519 AAAA…`.
    PublicLine,
    /// The same, of a certificate.
    CertificateLine,
    /// Nothing but blanks.
    Empty,
    /// Something else.
    NotAKey,
}

/// Why OpenSSH refuses to load a file as a private key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFault {
    /// The file has nothing in it.
    Empty,
    /// The marker lines end in CR LF (or CR), as Windows editors write them.
    Crlf,
    /// The END line has no newline after it, as after a paste or in a CI variable.
    NoFinalNewline,
    /// Blank lines, indentation, quotes or words stand before BEGIN.
    LeadingText,
    /// A UTF-8 byte order mark stands before BEGIN.
    ByteOrderMark,
    /// The text is UTF-16, as PowerShell's `>` writes it.
    #[serde(rename = "utf-16")]
    Utf16,
    /// BEGIN, key and END stand on one line: the newlines became blanks.
    SingleLine,
    /// The newlines became the two characters `\n`.
    EscapedNewlines,
    /// Letters of the key became entities of HTML (`&#43;` for `+`), as templates and web forms write them.
    HtmlEscaped,
    /// The whole file is in base64 once more, as CI variables keep it.
    #[serde(rename = "base64")]
    Base64Encoded,
    /// The BEGIN or END line is missing or not exactly as it must be (blanks after it, other dashes, a quote).
    MarkerLine,
    /// The end is missing.
    Truncated,
    /// The lines between the markers are not base64.
    DamagedBase64,
    /// The markers are right, what is between them is not a key: lines are missing or altered.
    DamagedBody,
    /// Encrypted with a cipher or key derivation that OpenSSH does not have.
    UnknownCipher,
    /// A sound key of a type that OpenSSH has nowhere: Ed448, a curve of another trade.
    UnknownType,
    /// PuTTY's format, which OpenSSH cannot read.
    Putty,
    /// The public half.
    PublicKey,
    /// A private key of another SSH program.
    ForeignFormat,
    /// No key at all.
    NotAKey,
}

/// How a private key is protected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Encryption {
    /// As the file names it: `aes256-ctr`, `AES-128-CBC`.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub cipher: Option<String>,
    /// `bcrypt`, `pbkdf2`, or `md5` for legacy PEM.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub kdf: Option<String>,
    /// Rounds of the key derivation.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub rounds: Option<u32>,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyFile {
    /// What it is meant to be.
    pub format: KeyFormat,
    /// Why OpenSSH refuses it; `None` means that it loads (given the passphrase).
    pub fault: Option<KeyFault>,
    /// Further faults that would show once the first is mended.
    pub more_faults: Vec<KeyFault>,
    /// The faults are of the text alone, and undoing them ([`mend`]) makes it a key that loads.
    pub mendable: bool,
    /// How it is encrypted; `None` means that it is not, or that it is not known.
    pub encryption: Option<Encryption>,
    /// The public half, where the file shows it: always in OpenSSH's format, in PEM only unencrypted. For public files, the key.
    /// Where [`KeyFile::fault`] is one that [`mend`] can undo, this is the key in the mended file.
    pub public: Option<PublicKey>,
    /// The key's type, where the public half is unknown but the type is not.
    pub algorithm: Option<String>,
    /// The comment, which OpenSSH's format hides when encrypted and PEM never has.
    pub comment: Option<String>,
}

impl KeyFile {
    /// Whether a passphrase is needed.
    pub fn encrypted(&self) -> bool {
        self.encryption.is_some()
    }

    /// Whether the file is meant to be a private key that OpenSSH can read in principle.
    pub fn is_private(&self) -> bool {
        use KeyFormat::{Openssh, PemDsa, PemEc, PemRsa, Pkcs8, Pkcs8Encrypted};
        matches!(self.format, Openssh | PemRsa | PemEc | PemDsa | Pkcs8 | Pkcs8Encrypted)
    }

    /// The versions of OpenSSH that read this kind of file, where not all since 7.4 do.
    pub fn needs_version(&self) -> Option<VersionReq> {
        (self.format == KeyFormat::Pkcs8 && self.algorithm.as_deref() == Some("ssh-ed25519"))
            .then(|| Ability::Pkcs8Ed25519.requirement())
    }
}

/// What a reader of one format found; the public half may be missing.
#[derive(Debug, Clone, PartialEq)]
struct Loaded {
    format: KeyFormat,
    encryption: Option<Encryption>,
    public: Option<PublicKey>,
    algorithm: Option<String>,
    comment: Option<String>,
}

/// Why no reader took the text.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Refusal {
    /// The framing lines are not there or not right.
    Framing,
    Base64,
    Body,
    Cipher,
    Type,
}

/// A text with more faults than this is not worth mending.
const MOST_FAULTS: usize = 5;

/// Reads a file's bytes. Never fails: what cannot be a key is said in [`KeyFile::format`] and [`KeyFile::fault`].
pub fn read(bytes: &[u8]) -> KeyFile {
    examine(bytes).0
}

/// The same key with the faults of its text undone (line ends, marks, text around it), if that makes it load and there is
/// something to undo. What is lost or damaged is never guessed.
pub fn mend(bytes: &[u8]) -> Option<Vec<u8>> {
    examine(bytes).1
}

fn examine(bytes: &[u8]) -> (KeyFile, Option<Vec<u8>>) {
    let mut text = bytes.to_vec();
    let mut faults = Vec::new();
    let mut format = KeyFormat::NotAKey;
    while faults.len() < MOST_FAULTS {
        match load(&text) {
            Ok(loaded) => {
                let mended = (!faults.is_empty()).then_some(text);
                return (KeyFile { mendable: mended.is_some(), ..key_file(loaded, &faults) }, mended);
            }
            Err(refusal) => {
                let diagnosis = diagnose::diagnose(&text, refusal);
                faults.push(diagnosis.fault);
                format = diagnosis.format;
                match diagnosis.mended.filter(|mended| *mended != text) {
                    Some(mended) => text = mended,
                    None => break,
                }
            }
        }
    }
    (refused_file(format, &text, &faults), None)
}

fn key_file(loaded: Loaded, faults: &[KeyFault]) -> KeyFile {
    KeyFile {
        format: loaded.format,
        fault: faults.first().copied(),
        more_faults: faults.iter().skip(1).copied().collect(),
        mendable: false,
        encryption: loaded.encryption,
        algorithm: loaded.public.as_ref().map(|key| key.algorithm.clone()).or(loaded.algorithm),
        comment: loaded.comment,
        public: loaded.public,
    }
}

fn refused_file(format: KeyFormat, text: &[u8], faults: &[KeyFault]) -> KeyFile {
    let public = match format {
        KeyFormat::PublicLine | KeyFormat::CertificateLine => diagnose::public_line(text),
        KeyFormat::Ssh2Public => diagnose::ssh2_public(text),
        KeyFormat::Ppk => ppk::public(text),
        _ => None,
    };
    // A damaged body can still show the cipher and the public half, which stand before the damage.
    let loaded = openssh::partial(text).unwrap_or(Loaded {
        format,
        encryption: diagnose::encryption_by_text(text),
        comment: public.as_ref().and_then(|key| key.comment.clone()),
        public,
        algorithm: None,
    });
    key_file(Loaded { format, ..loaded }, faults)
}

/// sshkey_parse_private_fileblob_type: OpenSSH's own format first, PEM only where that is not the format at all.
fn load(text: &[u8]) -> Result<Loaded, Refusal> {
    match openssh::load(text) {
        Err(Refusal::Framing) => pem::load(text),
        other => other,
    }
}

#[cfg(test)]
mod tests;
