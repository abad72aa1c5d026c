//! What the server is asked about.

use std::fs;

use super::{fact, is_verified, query, with_work};
use crate::DENIED;
use crate::faults::signed;
use crate::scene::{Scene, public, word};
use crate::support::sshd::Sshd;

/// A key with a certificate of another name, and an sshd that knows only the certificate's authority.
fn certificate_at(path: &str) -> Scene {
    let (scene, _) = signed(&["-n", &Sshd::user()]);
    scene.home.make_folder(".ssh/certs", 0o700);
    fs::rename(scene.home.join(".ssh/id_ed25519-cert.pub"), scene.home.join(path)).expect("our own file");
    scene
}

#[test]
fn a_certificate_under_a_name_that_ssh_does_not_look_for() {
    for path in [".ssh/work.cert", ".ssh/my certificate.pub", ".ssh/certs/2026-cert.pub"] {
        let scene = certificate_at(path);
        let blocked = scene.blocked_by("certificate-not-named").titled(path);
        assert!(is_verified(&blocked.report), "{}", blocked.report);
        blocked.while_ssh_says("Permission denied").mended();
    }
}

#[test]
fn a_certificate_beside_its_key_while_the_configuration_names_another() {
    let (mut scene, _) = signed(&["-n", &Sshd::user()]);
    scene.key(".ssh/other");
    scene
        .home
        .run("ssh-keygen", ["-q", "-s", "authority/ca", "-I", "x", "-n", "nobody", ".ssh/other.pub"])
        .expect_code(0);
    scene.home.config("CertificateFile ~/.ssh/other-cert.pub\n");
    let blocked = scene.blocked_by("certificate-not-named").titled("id_ed25519-cert.pub");
    blocked.while_ssh_says("Permission denied").mended();
}

#[test]
fn a_certificate_for_a_key_that_only_the_agent_has() {
    let (mut scene, key) = signed(&["-n", &Sshd::user()]);
    fs::rename(scene.home.join(".ssh/id_ed25519-cert.pub"), scene.home.join(".ssh/job-cert.pub")).expect("our file");
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    fs::remove_file(public(&key)).expect("our own key");
    scene.blocked_by("certificate-not-named").titled("job-cert.pub").while_ssh_says("Permission denied").mended();
}

#[test]
fn a_certificate_in_the_agent_beside_its_plain_key() {
    let (mut scene, key) = signed(&["-n", &Sshd::user()]);
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    scene.healthy();
}

/// A certificate that the server does not take says nothing about the plain key, and the other way round.
#[test]
fn a_certificate_is_refused_where_the_plain_key_is_not_and_lies_elsewhere() {
    let (mut scene, _) = signed(&["-n", "somebody-else"]);
    let right = scene.key(".ssh/work");
    scene
        .home
        .run("ssh-keygen", ["-q", "-s", "authority/ca", "-I", "x", "-n", "nobody", ".ssh/work.pub"])
        .expect_code(0);
    scene.sshd([&right], &format!("TrustedUserCAKeys {}", scene.home.join("authority/ca.pub").display()));
    scene.options(["--with-facts"]);
    let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
    assert_eq!((query(&blocked.report, "accepted"), query(&blocked.report, "refused")), (1, 1), "{}", blocked.report);
    blocked.while_ssh_says("Permission denied").mended();
}

#[test]
fn an_encrypted_key_in_openssls_format() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/old.pem", "-t rsa -b 2048 -m PEM -N sesame");
    scene.job([&key]);
    let blocked = scene.blocked_by("key-nondefault-name").titled("old.pem");
    // Nobody can tell whether the public half beside it is its own.
    assert!(!is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn a_key_that_the_configuration_names_for_another_host() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key("keys/git hub");
    scene.job([&right]);
    scene.home.config("Host github.com\n  IdentityFile \"~/keys/git hub\"\n");
    let blocked = scene.blocked_by("config-identityfile-other-host").titled("keys/git hub");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn folders_that_lie_too_deep_are_told() {
    let (mut scene, _) = with_work();
    scene.key(".ssh/a/b/c/d/e/deep");
    scene.job([]).options(["--with-facts"]);
    let report = scene.examine();
    assert_eq!(fact(&report, "/key_folder/folders_not_entered"), 1, "{report}");
    assert_eq!(report.root_errors(), ["permission-denied"], "not all keys are known\n{report}");
    assert!(report.json["findings"][0]["detail"].to_string().contains("not entered"), "{report}");
}

#[test]
fn the_public_half_of_a_key_lies_beside_it_under_its_name_only() {
    let (scene, work) = with_work();
    fs::rename(public(&work), scene.home.join(".ssh/elsewhere.pub")).expect("our own file");
    let blocked = scene.blocked_by("wrong-key-offered").titled(&word(&work.path));
    blocked.while_ssh_says(DENIED).mended();
}
