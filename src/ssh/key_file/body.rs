//! The binary inside an OpenSSH private key, `openssh-key-v1` (PROTOCOL.key), judged as `sshkey_parse_private2` does.
//!
//! Keys and ciphers are the crate `ssh-key`'s. The envelope and what surrounds the key in it are read here, because
//! `ssh_key::PrivateKey` (0.6.7) refuses keys that OpenSSH loads: comments that are not UTF-8, more padding than a block, and
//! see `Body::after_key`. It also takes a NUL in the comment, and shows nothing of a damaged key. A test says so.

use ssh_encoding::Decode as _;
use ssh_key::Cipher;
use ssh_key::private::KeypairData;
use ssh_key::public::KeyData;

use super::super::public_key::{PublicKey, is_certificate, is_known};
use super::super::wire::Reader;
use super::{Encryption, Refusal};

pub(super) const MAGIC: &[u8] = b"openssh-key-v1\0";

/// The length of the tag that an authenticated cipher puts behind the encrypted part (cipher.c).
const TAG: usize = 16;

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
        let cipher = Cipher::new(self.cipher).map_err(|_| Refusal::Cipher)?;
        if !matches!(self.kdf, "none" | "bcrypt") {
            return Err(Refusal::Cipher);
        }
        let plain = self.kdf == "none";
        let (block, tag) = (cipher.block_size(), if cipher.has_tag() { TAG } else { 0 });
        let whole = self.private.len() >= block && self.private.len().is_multiple_of(block) && self.tail.len() == tag;
        if !whole || plain != cipher.is_none() {
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
        let key = reader.rest();
        let algorithm = reader.text()?;
        if algorithm != self.public.algorithm {
            return None;
        }
        if !is_known(algorithm) || is_certificate(algorithm) {
            // From after our time, or what no program writes into a file: its fields cannot be told from the comment.
            return Some(&[]);
        }
        let mut reader = Reader::new(self.after_key(key)?);
        let comment = reader.string()?;
        let padding = reader.rest();
        let padded = padding.iter().zip(1u8..).all(|(byte, expected)| *byte == expected) && padding.len() < 255;
        // A C string: NUL only at its end (sshbuf_get_cstring).
        let one_string = !comment.iter().rev().skip(1).any(|byte| *byte == 0);
        (padded && one_string).then_some(comment)
    }

    /// Reads the key in the private part, if it is the envelope's, and gives what follows it.
    ///
    /// Two types are taken apart here, where `ssh-key` refuses keys that OpenSSH loads: it wants ECDSA's secret number at full
    /// length, but OpenSSH leaves out leading zeros, which a quarter of all P-521 keys have; and it compares all copies of an
    /// Ed25519 key's public half, of which OpenSSH reads the first.
    fn after_key(&self, key: &'a [u8]) -> Option<&'a [u8]> {
        let secret_length = match self.public.data()? {
            KeyData::Ecdsa(_) => None,
            KeyData::Ed25519(_) => Some(64),
            public => {
                let mut rest = key;
                let pair = KeypairData::decode(&mut rest).ok()?;
                return (KeyData::try_from(&pair).ok()? == *public).then_some(rest);
            }
        };
        let mut reader = Reader::new(key.strip_prefix(self.public.blob.as_slice())?);
        let secret = reader.string()?;
        secret_length.is_none_or(|length| secret.len() == length).then(|| reader.rest())
    }
}

#[cfg(test)]
mod tests {
    use super::super::openssh::decode;
    use super::*;

    macro_rules! zoo {
        ($name:literal) => {
            decode(include_bytes!(concat!("../../../tests/ssh/zoo/", $name))).expect("the framing is right")
        };
    }

    /// Fails on the day when `ssh_key::PrivateKey` can take the place of this module's reader.
    #[test]
    fn openssh_takes_keys_that_ssh_key_refuses() {
        for binary in [zoo!("openssh-ecdsa-521-short"), zoo!("openssh-latin-1")] {
            assert!(ssh_key::PrivateKey::from_bytes(&binary).is_err());
            assert_eq!(Body::read(&binary).and_then(|body| body.check()), Ok(()));
        }
    }

    #[test]
    fn what_ssh_key_reads_is_read_here_the_same() {
        for binary in [
            zoo!("openssh-ed25519"),
            zoo!("openssh-rsa"),
            zoo!("openssh-dsa"),
            zoo!("openssh-ecdsa-256"),
            zoo!("openssh-ed25519-encrypted"),
            zoo!("openssh-gcm-encrypted"),
        ] {
            let theirs = ssh_key::PrivateKey::from_bytes(&binary).expect("a key");
            let ours = Body::read(&binary).expect("a key");
            assert_eq!(ours.check(), Ok(()));
            assert_eq!(ours.public.data(), Some(theirs.public_key().key_data()));
            assert_eq!(ours.comment().unwrap_or_default(), theirs.comment());
            assert_eq!(ours.encryption().and_then(|found| found.cipher).is_some(), theirs.is_encrypted());
        }
    }
}
