//! The binary inside an OpenSSH private key, `openssh-key-v1` (PROTOCOL.key), judged as `sshkey_parse_private2` does.

use super::super::public_key::{Family, PublicKey, is_certificate, plain_algorithm};
use super::super::wire::Reader;
use super::{Encryption, Refusal};

pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Ciphers by name: block size and length of the tag after the encrypted part (cipher.c).
const CIPHERS: &[(&str, usize, usize)] = &[
    ("none", 8, 0),
    ("3des-cbc", 8, 0),
    ("aes128-cbc", 16, 0),
    ("aes192-cbc", 16, 0),
    ("aes256-cbc", 16, 0),
    ("rijndael-cbc@lysator.liu.se", 16, 0),
    ("aes128-ctr", 16, 0),
    ("aes192-ctr", 16, 0),
    ("aes256-ctr", 16, 0),
    ("aes128-gcm@openssh.com", 16, 16),
    ("aes256-gcm@openssh.com", 16, 16),
    ("chacha20-poly1305@openssh.com", 8, 16),
];

/// The parts of the body, the private one still closed if it is encrypted.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Body<'a> {
    cipher: &'a str,
    kdf: &'a str,
    kdf_options: &'a [u8],
    pub(super) public: PublicKey,
    private: &'a [u8],
    /// What follows the private part: the tag of an authenticated cipher.
    tail: &'a [u8],
}

impl<'a> Body<'a> {
    /// Reads the parts that are never encrypted; `bytes` starts with [`MAGIC`].
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Refusal> {
        Self::parts(bytes).ok_or(Refusal::Body)
    }

    fn parts(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes.strip_prefix(MAGIC)?);
        let cipher = reader.text()?;
        let kdf = reader.text()?;
        let kdf_options = reader.string()?;
        if reader.uint32()? != 1 {
            return None;
        }
        let public = PublicKey::from_blob(reader.string()?).ok()?;
        let length = usize::try_from(reader.uint32()?).ok()?;
        let available = reader.rest();
        // A part that is cut short is left to check(), so that the public half can still be shown.
        let (private, tail) = available.split_at(length.min(available.len()));
        let private = if private.len() == length { private } else { &[] };
        Some(Self { cipher, kdf, kdf_options, public, private, tail })
    }

    /// Everything OpenSSH checks before, and for unencrypted keys after, it has asked for a passphrase.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let known = CIPHERS.iter().find(|(name, ..)| *name == self.cipher);
        let Some((_, block, tag)) = known else { return Err(Refusal::Cipher) };
        if !matches!(self.kdf, "none" | "bcrypt") {
            return Err(Refusal::Cipher);
        }
        let plain = self.kdf == "none";
        let whole =
            self.private.len() >= *block && self.private.len().is_multiple_of(*block) && self.tail.len() == *tag;
        if !whole || (plain != (self.cipher == "none")) {
            return Err(Refusal::Body);
        }
        if plain && self.open().is_none() { Err(Refusal::Body) } else { Ok(()) }
    }

    /// The comment, which only an unencrypted key shows.
    pub(super) fn comment(&self) -> Option<String> {
        let comment = self.open()?;
        Some(String::from_utf8_lossy(comment).into_owned()).filter(|comment| !comment.is_empty())
    }

    pub(super) fn encryption(&self) -> Option<Encryption> {
        if self.kdf == "none" {
            return None;
        }
        let mut options = Reader::new(self.kdf_options);
        let rounds = options.string().and_then(|_salt| options.uint32());
        Some(Encryption { cipher: Some(self.cipher.to_owned()), kdf: Some(self.kdf.to_owned()), rounds })
    }

    /// Reads an unencrypted private part through to its padding and gives the comment.
    fn open(&self) -> Option<&'a [u8]> {
        if self.kdf != "none" {
            return None;
        }
        let mut reader = Reader::new(self.private);
        if reader.uint32()? != reader.uint32()? {
            return None;
        }
        let algorithm = reader.text()?;
        if plain_algorithm(algorithm) != plain_algorithm(&self.public.algorithm) {
            return None;
        }
        let Some(matches) = private_fields(&mut reader, algorithm, &self.public) else {
            // An algorithm from after our time: its fields cannot be told from the comment.
            return (Family::of(algorithm) == Family::Other).then_some(&[]);
        };
        let comment = reader.string()?;
        let padding = reader.rest();
        let padded = padding.iter().zip(1u8..).all(|(byte, expected)| *byte == expected) && padding.len() < 255;
        // A C string: NUL only at its end (sshbuf_get_cstring).
        let one_string = !comment.iter().rev().skip(1).any(|byte| *byte == 0);
        (matches && padded && one_string).then_some(comment)
    }
}

/// Reads a private key's fields; says whether its public numbers are those of the envelope.
fn private_fields(reader: &mut Reader<'_>, algorithm: &str, public: &PublicKey) -> Option<bool> {
    let family = Family::of(algorithm);
    let blob = public.plain_blob();
    let mut envelope = Reader::new(&blob);
    envelope.string()?;
    if is_certificate(algorithm) {
        reader.string()?;
    }
    // The public numbers in the order of the private part, which differs from the blob's only for RSA (n before e).
    let certificate = is_certificate(algorithm);
    let (public_fields, private_fields) = match (family, certificate) {
        (Family::Rsa, false) => (2, 4),
        (Family::Rsa, true) => (0, 4),
        (Family::Dsa, false) => (4, 1),
        (Family::Dsa, true) => (0, 1),
        (Family::Ecdsa, false) => (2, 1),
        (Family::Ecdsa, true) => (0, 1),
        (Family::Ed25519, _) => (1, 1),
        (Family::SkEd25519, _) => return security_key(reader, 2, &mut envelope),
        (Family::SkEcdsa, _) => return security_key(reader, 3, &mut envelope),
        (Family::Other, _) => return None,
    };
    let inside: Vec<&[u8]> = (0..public_fields).map(|_| reader.string()).collect::<Option<_>>()?;
    let mut outside: Vec<&[u8]> = (0..public_fields).map(|_| envelope.string()).collect::<Option<_>>()?;
    if family == Family::Rsa {
        outside.reverse();
    }
    let private: Vec<&[u8]> = (0..private_fields).map(|_| reader.string()).collect::<Option<_>>()?;
    let good_ed25519 = family != Family::Ed25519
        || (inside.first().is_some_and(|key| key.len() == 32) && private.first().is_some_and(|key| key.len() == 64));
    Some(inside == outside && good_ed25519)
}

fn security_key(reader: &mut Reader<'_>, public_fields: usize, envelope: &mut Reader<'_>) -> Option<bool> {
    let inside: Vec<&[u8]> = (0..public_fields).map(|_| reader.string()).collect::<Option<_>>()?;
    let outside: Vec<&[u8]> = (0..public_fields).map(|_| envelope.string()).collect::<Option<_>>()?;
    let _flags = reader.byte()?;
    let _key_handle = reader.string()?;
    let _reserved = reader.string()?;
    Some(inside == outside)
}
