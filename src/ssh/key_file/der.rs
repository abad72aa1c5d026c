//! Just enough DER (X.690) to read the public half out of an unencrypted PEM key, and the cipher out of an encrypted PKCS#8.

use super::super::public_key::PublicKey;
use super::super::wire::put_string;
use super::Encryption;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const EC_PARAMETERS: u8 = 0xa0;
const EC_PUBLIC: u8 = 0xa1;

const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const DSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x01];
const EC: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
const CURVES: &[(&[u8], &str)] = &[
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07], "nistp256"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x22], "nistp384"),
    (&[0x2b, 0x81, 0x04, 0x00, 0x23], "nistp521"),
];
const CIPHERS: &[(&[u8], &str)] = &[
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x02], "aes-128-cbc"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x16], "aes-192-cbc"),
    (&[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a], "aes-256-cbc"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07], "des-ede3-cbc"),
];
const PBKDF2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c];

/// A key as DER shows it; no algorithm: none that ssh has.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct DerKey {
    pub(super) algorithm: Option<String>,
    pub(super) public: Option<PublicKey>,
}

/// Walks over the elements of one level.
struct Elements<'a> {
    rest: &'a [u8],
}

impl<'a> Elements<'a> {
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (&tag, rest) = self.rest.split_first()?;
        let (&first, mut rest) = rest.split_first()?;
        let mut length = usize::from(first);
        if first & 0x80 != 0 {
            let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f))?;
            if bytes.is_empty() || bytes.len() > 4 {
                return None;
            }
            length = bytes.iter().fold(0, |sum, byte| (sum << 8) | usize::from(*byte));
            rest = after;
        }
        let (value, rest) = rest.split_at_checked(length)?;
        self.rest = rest;
        Some((tag, value))
    }

    fn expect(&mut self, wanted: u8) -> Option<&'a [u8]> {
        self.next().filter(|(tag, _)| *tag == wanted).map(|(_, value)| value)
    }

    fn integers(&mut self, count: usize) -> Option<Vec<&'a [u8]>> {
        (0..count).map(|_| self.expect(INTEGER)).collect()
    }
}

fn sequence(der: &[u8]) -> Option<Elements<'_>> {
    Elements { rest: der }.expect(SEQUENCE).map(|rest| Elements { rest })
}

/// RSAPrivateKey (RFC 8017 appendix A.1.2).
pub(super) fn rsa(der: &[u8]) -> Option<DerKey> {
    let numbers = sequence(der)?.integers(9)?;
    known("ssh-rsa", &[numbers[2], numbers[1]])
}

/// DSAPrivateKey, OpenSSL's own: version, p, q, g, y, x.
pub(super) fn dsa(der: &[u8]) -> Option<DerKey> {
    let numbers = sequence(der)?.integers(6)?;
    known("ssh-dss", &numbers[1..5])
}

/// ECPrivateKey (RFC 5915); inside PKCS#8 the curve stands outside.
pub(super) fn ec(der: &[u8], curve_outside: Option<&[u8]>) -> Option<DerKey> {
    let mut elements = sequence(der)?;
    elements.expect(INTEGER)?;
    elements.expect(OCTET_STRING)?;
    let (mut curve, mut point) = (curve_outside, None);
    while let Some((tag, value)) = elements.next() {
        match tag {
            EC_PARAMETERS => curve = Some(Elements { rest: value }.expect(OBJECT)?),
            EC_PUBLIC => point = Elements { rest: value }.expect(BIT_STRING)?.strip_prefix(&[0]),
            _ => {}
        }
    }
    let Some((_, name)) = CURVES.iter().find(|(object, _)| Some(*object) == curve) else {
        // A curve that ssh does not use, such as secp256k1; without a name of a curve it is no key at all.
        return curve.map(|_| DerKey { algorithm: None, public: None });
    };
    let algorithm = format!("ecdsa-sha2-{name}");
    match point {
        Some(point) => known(&algorithm, &[name.as_bytes(), point]),
        None => Some(DerKey { algorithm: Some(algorithm), public: None }),
    }
}

/// PrivateKeyInfo (RFC 5208, RFC 5958).
pub(super) fn pkcs8(der: &[u8]) -> Option<DerKey> {
    let mut elements = sequence(der)?;
    elements.expect(INTEGER)?;
    let mut algorithm = Elements { rest: elements.expect(SEQUENCE)? };
    let object = algorithm.expect(OBJECT)?;
    let key = elements.expect(OCTET_STRING)?;
    match object {
        RSA => rsa(key),
        EC => ec(key, algorithm.expect(OBJECT)),
        DSA => Some(DerKey { algorithm: Some("ssh-dss".to_owned()), public: None }),
        ED25519 => Some(DerKey { algorithm: Some("ssh-ed25519".to_owned()), public: None }),
        _ => Some(DerKey { algorithm: None, public: None }),
    }
}

/// EncryptedPrivateKeyInfo with PBES2 (RFC 8018 appendix A.4); older schemes are encrypted all the same.
pub(super) fn pkcs8_encryption(der: &[u8]) -> Option<Encryption> {
    let mut elements = sequence(der)?;
    let scheme = elements.expect(SEQUENCE)?;
    elements.expect(OCTET_STRING)?;
    Some(pbes2(scheme).unwrap_or(Encryption { cipher: None, kdf: None, rounds: None }))
}

fn pbes2(scheme: &[u8]) -> Option<Encryption> {
    let mut elements = Elements { rest: scheme };
    elements.expect(OBJECT)?;
    let mut parameters = Elements { rest: elements.expect(SEQUENCE)? };
    let mut kdf = Elements { rest: parameters.expect(SEQUENCE)? };
    let kdf_object = kdf.expect(OBJECT)?;
    let mut kdf_parameters = Elements { rest: kdf.expect(SEQUENCE)? };
    let rounds = kdf_parameters.expect(OCTET_STRING).and_then(|_| kdf_parameters.expect(INTEGER));
    let rounds = rounds
        .filter(|bytes| bytes.len() <= 4)
        .map(|bytes| bytes.iter().fold(0, |sum, byte| (sum << 8) | u32::from(*byte)));
    let cipher = Elements { rest: parameters.expect(SEQUENCE)? }.expect(OBJECT)?;
    let cipher = CIPHERS.iter().find(|(object, _)| *object == cipher).map(|(_, name)| (*name).to_owned());
    let pbkdf2 = kdf_object == PBKDF2;
    Some(Encryption { cipher, kdf: pbkdf2.then(|| "pbkdf2".to_owned()), rounds: rounds.filter(|_| pbkdf2) })
}

fn known(algorithm: &str, fields: &[&[u8]]) -> Option<DerKey> {
    let mut blob = Vec::new();
    put_string(&mut blob, algorithm.as_bytes());
    for field in fields {
        put_string(&mut blob, field);
    }
    Some(DerKey { algorithm: Some(algorithm.to_owned()), public: PublicKey::from_blob(&blob).ok() })
}
