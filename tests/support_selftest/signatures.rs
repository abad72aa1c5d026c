//! The job server believes a signature only when it is one.

use crate::support::job_server::host_key::{HostKey, HostKeyKind};
use crate::support::job_server::verify::{key_type, verify};

#[test]
fn only_the_right_key_data_and_algorithm_will_do() {
    for kind in [HostKeyKind::Ed25519, HostKeyKind::Rsa] {
        let (ours, other) = (HostKey::make(kind, None), HostKey::make(kind, None));
        for algorithm in ours.algorithms() {
            let signature = ours.sign(&algorithm, b"what was signed").expect("a signature");
            let check = |algorithm: &str, key: &HostKey, signature: &[u8], data: &[u8]| {
                verify(algorithm, &key.blob(), signature, data).unwrap_or(false)
            };
            assert!(check(&algorithm, &ours, &signature, b"what was signed"));
            assert!(!check(&algorithm, &ours, &signature, b"something else"));
            assert!(!check(&algorithm, &other, &signature, b"what was signed"));
            assert!(!check("ecdsa-sha2-nistp256", &ours, &signature, b"what was signed"));
            let mut forged = signature.clone();
            *forged.last_mut().expect("a signature has bytes") ^= 1;
            assert!(!check(&algorithm, &ours, &forged, b"what was signed"));
            assert!(!check(&algorithm, &ours, &signature[..signature.len() - 1], b"what was signed"));
        }
    }
    assert_eq!(key_type("rsa-sha2-512"), "ssh-rsa");
}
