//! Keys that look wrong and are not.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::faults::signed;
use crate::scene::{INSIDE, Scene, public, word};
use crate::support::sshd::Sshd;

#[test]
fn the_usual_machine() {
    let (scene, _) = Scene::usual();
    scene.healthy();
}

#[test]
fn rsa_on_a_modern_server() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job([&rsa]).healthy();
}

#[test]
fn every_kind_of_key_and_only_the_last_is_known() {
    let mut scene = Scene::new();
    scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.home.keygen(".ssh/id_ecdsa", "ecdsa");
    let right = scene.key(".ssh/id_ed25519");
    scene.job([&right]).healthy();
}

#[test]
fn the_key_is_encrypted_and_a_person_is_there() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.job([&key]).at_a_terminal();
    scene.healthy_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn the_encrypted_key_has_no_public_half_beside_it() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    fs::remove_file(public(&key)).expect("our own key");
    scene.job([&key]).at_a_terminal();
    scene.healthy_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn the_key_is_in_the_format_of_openssl() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_rsa", "-t rsa -b 2048 -m PEM");
    fs::remove_file(public(&key)).expect("our own key");
    scene.job([&key]).healthy();
}

#[test]
fn files_that_nobody_uses_are_damaged_open_or_foreign() {
    let (mut scene, key) = Scene::usual();
    let open = scene.key(".ssh/backup");
    fs::set_permissions(&open.path, Permissions::from_mode(0o644)).expect("our own key");
    scene.home.write(".ssh/old", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNz\n", 0o600);
    scene.home.write(".ssh/windows", fs::read_to_string(&key.path).expect("our own key").replace('\n', "\r\n"), 0o600);
    scene.home.write(".ssh/work.ppk", "PuTTY-User-Key-File-2: ssh-rsa\n", 0o600);
    scene.home.write(".ssh/orphan.pub", format!("{}\n", open.public), 0o644);
    scene.home.write(".ssh/notes.txt", "remember the milk\n", 0o644);
    scene.home.write(".ssh/authorized_keys", format!("{}\n", open.public), 0o600);
    scene.home.write(".ssh/config.bak", "Host *\n  Nonsense yes\n", 0o644);
    scene.healthy();
}

#[test]
fn a_refused_key_that_others_may_read_comes_before_the_right_one() {
    let (mut scene, _) = Scene::usual();
    let open = scene.home.keygen(".ssh/id_rsa", "rsa");
    fs::set_permissions(&open.path, Permissions::from_mode(0o644)).expect("our own key");
    scene.healthy();
}

#[test]
fn an_old_dsa_key_lies_beside_the_right_one() {
    let (scene, _) = Scene::usual();
    let text = "-----BEGIN DSA PRIVATE KEY-----\nMIIBugIBAAKBgQ==\n-----END DSA PRIVATE KEY-----\n";
    scene.home.write(".ssh/id_dsa", text, 0o600);
    scene.home.write(".ssh/id_dsa.pub", "ssh-dss AAAAB3NzaC1kc3MAAACBAA== old\n", 0o644);
    scene.healthy();
}

#[test]
fn a_path_with_spaces_and_quotes() {
    let mut scene = Scene::new();
    let key = scene.key("Meine Schlüssel/it's mine");
    scene.job([&key]);
    scene.home.config(&format!("Host 127.0.0.1\n  IdentityFile \"{}\"\n", key.path.display()));
    scene.healthy();
}

#[test]
fn the_key_after_i_is_the_right_one_and_others_are_not() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let key = scene.key("keys/circleci");
    scene.job([&key]).typed(["-i", &word(&key.path), "-o", "IdentitiesOnly=yes"]);
    scene.healthy();
}

#[test]
fn a_certificate_that_is_valid() {
    let (scene, _) = signed(&["-n", &Sshd::user(), "-V", "-1d:+30d"]);
    scene.healthy();
}

#[test]
fn a_certificate_that_has_run_out_beside_a_key_that_is_known() {
    let (mut scene, key) = Scene::usual();
    scene.key("authority/ca");
    let sign = ["-q", "-s", "authority/ca", "-I", "ana", "-n", "ana", "-V", "20200101:20200201", ".ssh/id_ed25519.pub"];
    scene.home.run("ssh-keygen", sign).expect_code(0);
    assert!(public(&key).exists());
    scene.healthy();
}

/// Nobody but the person with the passphrase can know; what is not known is not called a fault.
#[test]
fn an_encrypted_key_whose_public_half_nobody_can_see() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_rsa", "-t rsa -b 2048 -m PEM -N sesame");
    fs::remove_file(public(&key)).expect("our own key");
    scene.job([&key]).at_a_terminal();
    let report = scene.examine();
    let found: Vec<_> = report.findings().map(|finding| (finding.text("check"), finding.text("severity"))).collect();
    assert_eq!((&found[..], report.verdict()), (&[("key-hidden-by-passphrase", "info")][..], "unknown"), "{report}");
    let seen = scene.person(&scene.ssh_line(), &[("Enter passphrase", "sesame\r")]);
    assert!(seen.output.contains(INSIDE), "{seen:#?}");
}

#[test]
fn a_broken_public_half_and_a_broken_certificate_beside_a_good_key() {
    let (scene, key) = Scene::usual();
    fs::write(public(&key), "garbage\n").expect("our own key");
    scene.home.write(".ssh/id_ed25519-cert.pub", "ssh-ed25519-cert-v01@openssh.com AAAA broken\n", 0o644);
    scene.home.config("CertificateFile ~/.ssh/none-cert.pub\n");
    scene.healthy();
}
