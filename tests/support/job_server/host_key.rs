//! The server's own key: Ed25519 (RFC 8709) or RSA with SHA-2 signatures (RFC 8332) or SHA-1.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, Engine};
use ring::digest::{SHA256, digest};
use ring::rand::{SecureRandom, SystemRandom};
use ring::rsa::{KeyPair as RsaKeyPair, PublicKeyComponents};
use ring::signature::{Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RSA_PKCS1_SHA512};

use super::super::sha1::Sha1Key;
use super::wire::{Writer, malformed};

/// Which kind of host key the server shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum HostKeyKind {
    /// Made in microseconds.
    Ed25519,
    /// What most job servers have; made by `ssh-keygen`, so it costs a tenth of a second.
    Rsa,
    /// RSA that signs with SHA-1 and nothing else, as servers did before 2016.
    RsaSha1,
}

pub(crate) enum HostKey {
    Ed25519(Box<Ed25519KeyPair>),
    Rsa(Box<RsaKeyPair>),
    RsaSha1(Box<Sha1Key>),
}

/// RSA keys (PKCS#8, DER) by seed, so that a server that is started again can show the same one.
static RSA_BY_SEED: Mutex<BTreeMap<u64, Vec<u8>>> = Mutex::new(BTreeMap::new());

impl HostKey {
    /// A new key, or the one that belongs to `seed`.
    pub(crate) fn make(kind: HostKeyKind, seed: Option<u64>) -> Self {
        match kind {
            HostKeyKind::Ed25519 => Self::ed25519(seed),
            HostKeyKind::Rsa => Self::rsa(seed),
            HostKeyKind::RsaSha1 => Self::RsaSha1(Box::new(Sha1Key::make())),
        }
    }

    fn ed25519(seed: Option<u64>) -> Self {
        let mut secret = [0; 32];
        match seed {
            Some(number) => secret.copy_from_slice(digest(&SHA256, &number.to_be_bytes()).as_ref()),
            None => SystemRandom::new().fill(&mut secret).expect("the system has random numbers"),
        }
        let pair = Ed25519KeyPair::from_seed_unchecked(&secret).expect("any 32 bytes are an Ed25519 seed");
        Self::Ed25519(Box::new(pair))
    }

    fn rsa(seed: Option<u64>) -> Self {
        let der = match seed {
            Some(number) => {
                let mut known = RSA_BY_SEED.lock().unwrap_or_else(PoisonError::into_inner);
                known.entry(number).or_insert_with(new_rsa_key).clone()
            }
            None => new_rsa_key(),
        };
        Self::Rsa(Box::new(RsaKeyPair::from_pkcs8(&der).expect("ssh-keygen writes PKCS#8 that ring reads")))
    }

    /// The public key as it is sent and fingerprinted.
    pub(crate) fn blob(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(pair) => Writer::new().string("ssh-ed25519").string(pair.public_key()).finish(),
            Self::Rsa(pair) => {
                let public: PublicKeyComponents<Vec<u8>> = pair.public().into();
                Writer::new().string("ssh-rsa").unsigned(&public.e).unsigned(&public.n).finish()
            }
            Self::RsaSha1(key) => key.blob.clone(),
        }
    }

    /// The signature algorithms this key can be used with, best first.
    pub(crate) fn algorithms(&self) -> Vec<String> {
        let names: &[&str] = match self {
            Self::Ed25519(_) => &["ssh-ed25519"],
            Self::Rsa(_) => &["rsa-sha2-256", "rsa-sha2-512"],
            Self::RsaSha1(_) => &["ssh-rsa"],
        };
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// The signature blob over `data` with one of [`Self::algorithms`].
    pub(crate) fn sign(&self, algorithm: &str, data: &[u8]) -> io::Result<Vec<u8>> {
        let signature = match self {
            Self::Ed25519(pair) => pair.sign(data).as_ref().to_vec(),
            Self::Rsa(pair) => {
                let padding = if algorithm == "rsa-sha2-512" { &RSA_PKCS1_SHA512 } else { &RSA_PKCS1_SHA256 };
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(padding, &SystemRandom::new(), data, &mut signature)
                    .map_err(|_| malformed("the RSA host key cannot sign"))?;
                signature
            }
            Self::RsaSha1(key) => return key.sign(data),
        };
        Ok(Writer::new().string(algorithm).string(signature).finish())
    }
}

/// The fingerprint as ssh prints it: `SHA256:` and base64 without padding.
pub(crate) fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(digest(&SHA256, blob)))
}

fn new_rsa_key() -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a temporary folder for the RSA host key");
    let file = folder.path().join("host_key");
    let status = Command::new("ssh-keygen")
        .args(["-q", "-t", "rsa", "-b", "2048", "-m", "PKCS8", "-N", "", "-C", "", "-f"])
        .arg(&file)
        .stdin(Stdio::null())
        .status()
        .expect("ssh-keygen is installed (openssh-client)");
    assert!(status.success(), "ssh-keygen could not make an RSA host key: {status}");
    read_pem(&file)
}

fn read_pem(file: &Path) -> Vec<u8> {
    let text = std::fs::read_to_string(file).expect("ssh-keygen wrote the key");
    let body: String = text.lines().filter(|line| !line.starts_with("-----")).collect();
    BASE64_STANDARD.decode(body).expect("a PEM file is base64 between its marks")
}
