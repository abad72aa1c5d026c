//! Checks the signatures that clients make: Ed25519 (RFC 8709), ECDSA (RFC 5656), RSA (RFC 4253, RFC 8332).

use std::io;

use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, EcdsaVerificationAlgorithm,
    RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
    RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};

use super::wire::Reader;

const ED25519_NAME: &str = "ssh-ed25519";
const P256_NAME: &str = "ecdsa-sha2-nistp256";
const P384_NAME: &str = "ecdsa-sha2-nistp384";
const RSA_SHA1: &str = "ssh-rsa";
const RSA_SHA256: &str = "rsa-sha2-256";
const RSA_SHA512: &str = "rsa-sha2-512";

/// Signature algorithms the server takes, as `server-sig-algs` lists them. Missing beside a Go server's list: ECDSA on
/// P-521 and hardware keys, which nothing here can verify.
pub(crate) fn accepted(rsa_sha2: bool) -> &'static [&'static str] {
    if rsa_sha2 {
        &[ED25519_NAME, P256_NAME, P384_NAME, RSA_SHA256, RSA_SHA512, RSA_SHA1]
    } else {
        &[ED25519_NAME, P256_NAME, P384_NAME, RSA_SHA1]
    }
}

/// The type of key that goes with a signature algorithm.
pub(crate) fn key_type(algorithm: &str) -> &str {
    match algorithm {
        RSA_SHA256 | RSA_SHA512 => RSA_SHA1,
        other => other,
    }
}

/// Whether `signature` (algorithm and bytes) is one by `key` over `data` with exactly this algorithm.
pub(crate) fn verify(algorithm: &str, key: &[u8], signature: &[u8], data: &[u8]) -> io::Result<bool> {
    let mut signature = Reader::new(signature);
    let mut key = Reader::new(key);
    if signature.text()? != algorithm || key.text()? != key_type(algorithm) {
        return Ok(false);
    }
    let signature = signature.string()?;
    match algorithm {
        ED25519_NAME => Ok(UnparsedPublicKey::new(&ED25519, key.string()?).verify(data, signature).is_ok()),
        P256_NAME => ecdsa(&ECDSA_P256_SHA256_FIXED, 32, &mut key, signature, data),
        P384_NAME => ecdsa(&ECDSA_P384_SHA384_FIXED, 48, &mut key, signature, data),
        RSA_SHA1 => rsa(&RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY, &mut key, signature, data),
        RSA_SHA256 => rsa(&RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, &mut key, signature, data),
        RSA_SHA512 => rsa(&RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY, &mut key, signature, data),
        _ => Ok(false),
    }
}

fn ecdsa(
    algorithm: &'static EcdsaVerificationAlgorithm,
    size: usize,
    key: &mut Reader<'_>,
    signature: &[u8],
    data: &[u8],
) -> io::Result<bool> {
    key.string()?;
    let point = key.string()?;
    let mut numbers = Reader::new(signature);
    let mut fixed = Vec::with_capacity(2 * size);
    for _ in 0..2 {
        let number = numbers.unsigned()?;
        let Some(zeros) = size.checked_sub(number.len()) else { return Ok(false) };
        fixed.resize(fixed.len() + zeros, 0);
        fixed.extend_from_slice(number);
    }
    Ok(UnparsedPublicKey::new(algorithm, point).verify(data, &fixed).is_ok())
}

fn rsa(parameters: &'static RsaParameters, key: &mut Reader<'_>, signature: &[u8], data: &[u8]) -> io::Result<bool> {
    let e = key.unsigned()?;
    let n = key.unsigned()?;
    // RFC 8332 section 3 lets signers drop leading zeros.
    let mut padded = vec![0; n.len().saturating_sub(signature.len())];
    padded.extend_from_slice(signature);
    Ok(RsaPublicKeyComponents { n, e }.verify(parameters, data, &padded).is_ok())
}
