//! Every file of `tests/ssh/zoo` as our parsers see it, held against the `ssh-keygen` of this machine.
//!
//! Without `ssh-keygen` these tests say so and pass: the verdicts of the table are still checked.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests start the real program on real files")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use cci_ssh::ssh::certificate::{Certificate, CertificateKind};
use cci_ssh::ssh::key_file::{self, KeyFault, KeyFormat};
use cci_ssh::ssh::known_hosts::{self, KnownHosts, MatchedBy};
use cci_ssh::ssh::public_key::PublicKey;

fn zoo() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ssh/zoo")
}

fn animal(name: &str) -> Vec<u8> {
    fs::read(zoo().join(name)).unwrap_or_else(|error| panic!("{name}: {error}; run tests/ssh/zoo/make.sh"))
}

fn animals() -> Vec<String> {
    let entries = fs::read_dir(zoo()).expect("the zoo is there");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("readable").file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != "make.sh" && !name.starts_with("known_hosts") && !name.starts_with('.'));
    names.sort();
    names
}

/// What `ssh-keygen -y` makes of a private key.
#[derive(Debug, PartialEq)]
enum Keygen {
    Loads(String),
    NeedsPassphrase,
    Refuses(String),
}

fn keygen(bytes: &[u8]) -> Option<Keygen> {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("key");
    fs::write(&path, bytes).expect("writable");
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).expect("own file");
    let run = Command::new("ssh-keygen").args(["-y", "-P", "", "-f"]).arg(&path).stdin(Stdio::null()).output();
    let Ok(output) = run else {
        eprintln!("skipped: no ssh-keygen on this machine (install openssh-client)");
        return None;
    };
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Some(if output.status.success() {
        Keygen::Loads(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    } else if errors.contains("incorrect passphrase") {
        Keygen::NeedsPassphrase
    } else {
        Keygen::Refuses(errors)
    })
}

/// Compares our verdict with the real one; the text says what differs.
fn disagreement(name: &str, bytes: &[u8]) -> Option<String> {
    let ours = key_file::read(bytes);
    let theirs = keygen(bytes)?;
    let agrees = match &theirs {
        Keygen::Loads(line) => {
            let key = PublicKey::from_line(line).expect("ssh-keygen prints a public key");
            let same = ours.public.as_ref().is_none_or(|public| public.same_key(&key));
            ours.fault.is_none() && !ours.encrypted() && same && (ours.comment.is_none() || ours.comment == key.comment)
        }
        // It also blames the passphrase when the two check numbers of an unencrypted key differ, and before it counts bytes.
        Keygen::NeedsPassphrase => ours.fault.map_or(ours.encrypted(), |fault| fault == KeyFault::DamagedBody),
        // An algorithm it does not know is no fault of the file.
        Keygen::Refuses(errors) => {
            ours.fault.is_some() || ours.needs_version().is_some() || errors.contains("unknown or unsupported key type")
        }
    };
    (!agrees).then(|| {
        format!("{name}: ssh-keygen: {theirs:?}\n  ours: {:?} {:?} {:?}", ours.format, ours.fault, ours.encryption)
    })
}

#[test]
fn verdicts_are_those_of_ssh_keygen() {
    let wrong: Vec<String> = animals()
        .iter()
        // The program skips DSA from 9.8 on, which is about the algorithm and not about the file.
        .filter(|name| !name.contains("dsa") || name.contains("ecdsa"))
        .filter_map(|name| disagreement(name, &animal(name)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_we_mend_loads_in_ssh_keygen_and_is_the_same_key() {
    for name in animals() {
        let bytes = animal(&name);
        let Some(mended) = key_file::mend(&bytes) else { continue };
        if let Some(difference) = disagreement(&name, &mended) {
            panic!("mended {difference}");
        }
        assert_eq!(key_file::read(&mended).public, key_file::read(&bytes).public, "{name}");
        assert_eq!(key_file::read(&mended).fault, None, "{name}");
    }
}

#[test]
fn faults_are_named() {
    use KeyFault::*;
    let openssh: &[(&str, Option<KeyFault>)] = &[
        ("crlf", Some(Crlf)),
        ("cr-only", Some(Crlf)),
        ("crlf-inside", None),
        ("no-final-newline", Some(NoFinalNewline)),
        ("blank-line-before", Some(LeadingText)),
        ("text-before", Some(LeadingText)),
        ("indented", Some(LeadingText)),
        ("quoted", Some(LeadingText)),
        ("text-after", None),
        ("byte-order-mark", Some(ByteOrderMark)),
        ("utf-16-le", Some(Utf16)),
        ("utf-16-be", Some(Utf16)),
        ("utf-16-unmarked", Some(Utf16)),
        ("single-line", Some(SingleLine)),
        ("escaped-newlines", Some(EscapedNewlines)),
        ("no-end-line", Some(Truncated)),
        ("cut", Some(Truncated)),
        ("lines-missing", Some(DamagedBody)),
        ("wrapped-64", None),
        ("wrapped-76", None),
        ("not-wrapped", None),
        ("damaged-base64", Some(DamagedBase64)),
        ("blank-after-begin", Some(MarkerLine)),
        ("blank-after-end", Some(MarkerLine)),
        ("typographic-dash", Some(MarkerLine)),
        ("no-markers", Some(MarkerLine)),
        ("no-begin-line", Some(MarkerLine)),
        ("twice", None),
        ("nul-after", None),
    ];
    for (name, fault) in openssh {
        let file = key_file::read(&animal(&format!("bad-openssh-{name}")));
        assert_eq!((file.format, file.fault), (KeyFormat::Openssh, *fault), "{name}");
    }
    for (name, fault) in [
        ("crlf", None),
        ("byte-order-mark", None),
        ("text-before", None),
        ("no-final-newline", None),
        ("indented", Some(LeadingText)),
        ("single-line", Some(SingleLine)),
        ("cut", Some(Truncated)),
        ("damaged-base64", Some(DamagedBase64)),
        ("utf-16-le", Some(Utf16)),
    ] {
        assert_eq!(key_file::read(&animal(&format!("bad-pem-{name}"))).fault, fault, "pem {name}");
        assert_eq!(key_file::read(&animal(&format!("bad-pkcs8-{name}"))).fault, fault, "pkcs8 {name}");
    }
    for (name, format, fault) in [
        ("empty", KeyFormat::Empty, Empty),
        ("blank", KeyFormat::Empty, Empty),
        ("text", KeyFormat::NotAKey, NotAKey),
        ("binary", KeyFormat::NotAKey, NotAKey),
        ("x509", KeyFormat::NotAKey, NotAKey),
        ("putty.ppk", KeyFormat::Ppk, Putty),
        ("ssh2-public", KeyFormat::Ssh2Public, PublicKey),
        ("pem-rsa-public", KeyFormat::PemPublic, PublicKey),
        ("pkcs8-rsa-public", KeyFormat::PemPublic, PublicKey),
        ("openssh-rsa.public", KeyFormat::PublicLine, PublicKey),
        ("certificate-user", KeyFormat::CertificateLine, PublicKey),
    ] {
        let file = key_file::read(&animal(name));
        assert_eq!((file.format, file.fault), (format, Some(fault)), "{name}");
    }
    assert!(key_file::read(&animal("putty-encrypted.ppk")).encrypted());
    assert!(!key_file::read(&animal("putty.ppk")).encrypted());
}

#[test]
fn fingerprints_and_bits_are_those_of_ssh_keygen() {
    for name in animals()
        .into_iter()
        .filter(|name| name.ends_with(".public") || name.starts_with("certificate-") || name.starts_with("public-"))
    {
        let text = String::from_utf8(animal(&name)).expect("text");
        let key = PublicKey::from_line(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        for (hash, ours) in [("sha256", key.fingerprint.clone()), ("md5", key.md5())] {
            let run = Command::new("ssh-keygen").args(["-l", "-E", hash, "-f"]).arg(zoo().join(&name)).output();
            let Ok(output) = run else {
                eprintln!("skipped: no ssh-keygen on this machine (install openssh-client)");
                return;
            };
            let line = String::from_utf8_lossy(&output.stdout).into_owned();
            if line.is_empty() {
                continue; // a build without this algorithm
            }
            let expected = format!("{} {ours} ", key.bits.expect("a known algorithm"));
            assert!(line.starts_with(&expected), "{name}: {line} is not {expected}");
        }
    }
}

#[test]
fn certificates_say_what_ssh_keygen_signed() {
    let read =
        |name: &str| Certificate::from_line(&String::from_utf8(animal(name)).expect("text")).expect("a certificate");
    let plain =
        |name: &str| PublicKey::from_line(&String::from_utf8(animal(name)).expect("text")).expect("a key").fingerprint;
    let user = read("certificate-user");
    assert_eq!((user.kind, user.key_id.as_str(), user.serial), (CertificateKind::User, "ana@example.com", 42));
    assert_eq!(user.principals, ["ana", "circleci"]);
    assert_eq!((user.valid_after, user.valid_before), (Some(1_767_225_600), Some(1_798_761_600)));
    assert_eq!(user.authority, plain("authority.public"));
    assert_eq!(user.key, plain("openssh-ed25519.public"));
    assert!(user.valid_at(1_767_225_600) && !user.valid_at(1_767_225_599) && !user.valid_at(1_798_761_600));

    let forever = read("certificate-forever");
    assert_eq!((forever.valid_after, forever.valid_before), (None, None));
    assert_eq!(read("certificate-host").kind, CertificateKind::Host);
    let forced = read("certificate-forced");
    assert_eq!(forced.critical_options, ["force-command", "source-address"]);
    assert!(!forced.extensions.contains(&"permit-pty".to_owned()) && forced.principals.is_empty());
    assert_eq!(read("certificate-rsa").key, plain("openssh-rsa.public"));
    assert_eq!(read("certificate-ecdsa").key, plain("openssh-ecdsa-384.public"));
    assert_eq!(read("certificate-sha1").authority, plain("openssh-rsa-1024.public"));
    assert_eq!(read("certificate-latin-1").key_id, "jos\u{fffd}");
}

#[test]
fn single_altered_bytes_are_judged_like_ssh_keygen_does() {
    let count: usize = std::env::var("ZOO_FLIPS").ok().and_then(|text| text.parse().ok()).unwrap_or(12);
    let mut random: u64 =
        std::env::var("ZOO_SEED").ok().and_then(|text| text.parse().ok()).unwrap_or(0x2545_f491_4f6c_dd1d);
    let mut wrong = Vec::new();
    // No elliptic curves and no PEM headers: whether a point lies on its curve, or a header's every letter, is not judged here.
    for name in ["openssh-ed25519", "openssh-rsa", "openssh-ed25519-encrypted", "pem-rsa"] {
        for _ in 0..count {
            let mut bytes = animal(name);
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (random >> 33) as usize % bytes.len();
            bytes[at] = b"Az0+ \n\r=-"[(random >> 20) as usize % 9];
            let text = format!("{name} byte {at} to {:?}", bytes[at] as char);
            wrong.extend(disagreement(&text, &bytes));
        }
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn known_hosts_are_found_as_ssh_keygen_finds_them() {
    let key = String::from_utf8(animal("openssh-ed25519.public")).expect("text");
    let names = [
        "box.example,192.0.2.7",
        "[box.example]:2222",
        "*.example,!no.example",
        "[*]:2222",
        "?ox.example",
        "BOX.example",
    ];
    let mut text: String = names.iter().map(|name| format!("{name} {key}")).collect();
    text.push_str(&String::from_utf8(animal("known_hosts.hashed")).expect("text"));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let path = folder.path().join("known_hosts");
    fs::write(&path, &text).expect("writable");
    let known = KnownHosts::parse(text.as_bytes());
    let lookups = [
        ("box.example", 22),
        ("box.example", 2222),
        ("no.example", 22),
        ("a.example", 22),
        ("192.0.2.7", 22),
        ("203.0.113.7", 64535),
        ("203.0.113.7", 22),
    ];
    for (host, port) in lookups {
        let name = known_hosts::name_with_port(host, port);
        let run = Command::new("ssh-keygen").args(["-F", &name, "-f"]).arg(&path).output();
        let Ok(output) = run else {
            eprintln!("skipped: no ssh-keygen on this machine (install openssh-client)");
            return;
        };
        let theirs: Vec<usize> = String::from_utf8_lossy(&output.stdout)
            .lines()
            .filter_map(|line| {
                line.strip_prefix("# Host ")?.split(" found: line ").nth(1)?.split(' ').next()?.parse().ok()
            })
            .collect();
        let found = known.matching(host, port, None);
        let ours: Vec<usize> =
            found.iter().filter(|found| found.matched_by == MatchedBy::Host).map(|found| found.line).collect();
        assert_eq!(ours, theirs, "{name}");
    }
}
