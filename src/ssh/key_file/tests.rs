use super::*;
use crate::ssh::version::Version;
use proptest::prelude::*;

macro_rules! zoo {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/ssh/zoo/", $name))
    };
}

fn fingerprint_of(line: &str) -> String {
    PublicKey::from_line(line).expect("a public line").fingerprint.to_string()
}

#[test]
fn an_encrypted_key_shows_its_public_half_but_no_comment() {
    let file = read(zoo!("openssh-ed25519-encrypted"));
    assert_eq!((file.format, file.fault), (KeyFormat::Openssh, None));
    let encryption = file.encryption.expect("encrypted");
    assert_eq!(
        (encryption.cipher.as_deref(), encryption.kdf.as_deref(), encryption.rounds),
        (Some("aes256-ctr"), Some("bcrypt"), Some(4))
    );
    let public = String::from_utf8_lossy(zoo!("openssh-ed25519.public"));
    assert_eq!(file.public.map(|key| key.fingerprint.to_string()), Some(fingerprint_of(&public)));
    assert_eq!(file.comment, None);
}

#[test]
fn a_plain_key_shows_everything() {
    let file = read(zoo!("openssh-rsa"));
    assert_eq!(file.comment.as_deref(), Some("zoo@openssh-rsa"));
    assert_eq!(file.public.and_then(|key| key.bits), Some(2048));
    assert_eq!(file.encryption, None);
    assert_eq!(read(zoo!("openssh-no-comment")).comment, None);
}

#[test]
fn the_cipher_of_encrypted_pem_is_named() {
    let file = read(zoo!("pem-rsa-encrypted"));
    assert_eq!((file.format, file.fault, file.public), (KeyFormat::PemRsa, None, None));
    assert_eq!(file.encryption.and_then(|encryption| encryption.cipher).as_deref(), Some("AES-128-CBC"));
    let file = read(zoo!("pkcs8-rsa-encrypted"));
    assert_eq!((file.format, file.fault), (KeyFormat::Pkcs8Encrypted, None));
    assert_eq!(file.encryption.and_then(|encryption| encryption.kdf).as_deref(), Some("pbkdf2"));
}

#[test]
fn faults_that_lie_over_each_other_are_all_named_and_the_key_is_known() {
    let file = read(zoo!("bad-openssh-crlf-no-final-newline"));
    assert_eq!(file.fault, Some(KeyFault::Crlf));
    assert_eq!(file.more_faults, [KeyFault::NoFinalNewline]);
    assert_eq!(file.public, read(zoo!("openssh-ed25519")).public);
}

#[test]
fn what_is_lost_is_not_mended() {
    for lost in [
        &zoo!("bad-openssh-cut")[..],
        zoo!("bad-openssh-lines-missing"),
        zoo!("bad-openssh-damaged-base64"),
        zoo!("text"),
    ] {
        assert_eq!(mend(lost), None);
    }
    assert_eq!(mend(zoo!("openssh-ed25519")), None, "nothing to mend");
}

#[test]
fn an_ed25519_key_in_pkcs8_needs_a_newer_openssh() {
    let file = read(zoo!("pkcs8-ed25519"));
    assert_eq!((file.format, file.fault), (KeyFormat::Pkcs8, None));
    let needed = file.needs_version().expect("not every OpenSSH reads it");
    assert!(Version::new(9, 8).satisfies(&needed) && Version::new(10, 0).satisfies(&needed));
    assert!(!Version { major: 9, minor: 7, patch: Some(1) }.satisfies(&needed));
    assert_eq!(read(zoo!("pkcs8-rsa")).needs_version(), None);
}

proptest! {
    #[test]
    fn never_panics_on_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes);
    }

    #[test]
    fn never_panics_on_damaged_keys(at in 0usize..2000, with in any::<u8>(), cut in 0usize..2000, which in 0usize..5) {
        let mut bytes = [
            &zoo!("openssh-ed25519")[..], zoo!("pem-rsa-encrypted"), zoo!("pkcs8-ec"), zoo!("openssh-rsa-encrypted"), zoo!("pem-ec"),
        ][which].to_vec();
        let length = bytes.len();
        bytes[at % length] = with;
        let _ = read(&bytes);
        bytes.truncate(cut % length);
        let _ = read(&bytes);
    }
}
