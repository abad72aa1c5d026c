//! The key's file: its mode, its bytes, its public half, its kind.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::DENIED;
use crate::scene::{Scene, public, word};
use crate::support::job_server::Options;

#[test]
fn others_may_read_the_key() {
    let (scene, key) = Scene::usual();
    fs::set_permissions(&key.path, Permissions::from_mode(0o644)).expect("our own key");
    scene.blocked_by("key-perms-too-open").titled("id_ed25519").while_ssh_says("are too open").mended();
}

/// A machine whose one key has these bytes.
fn damaged(change: impl FnOnce(String) -> String) -> Scene {
    let (scene, key) = Scene::usual();
    let text = change(fs::read_to_string(&key.path).expect("our own key"));
    fs::write(&key.path, text).expect("our own key");
    scene
}

#[test]
fn the_key_has_the_line_ends_of_windows() {
    let scene = damaged(|text| text.replace('\n', "\r\n"));
    scene.blocked_by("key-crlf").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_last_line_of_the_key_does_not_end() {
    let scene = damaged(|text| text.trim_end().to_owned());
    scene.blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_is_cut_off() {
    let scene = damaged(|text| text.lines().take(3).map(|line| format!("{line}\n")).collect());
    scene.blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_key_is_one_of_putty() {
    let mut scene = Scene::new();
    let key = scene.key("job");
    let ppk = "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: ana\nPublic-Lines: 2\n\
        AAAAC3NzaC1lZDI1NTE5AAAAIEFQRUVfZXhhbXBsZV9rZXlfd2l0aF8zMl9ieXRlcyEh\nPrivate-Lines: 1\n\
        AAAAIEFQRUVfZXhhbXBsZV9rZXlfd2l0aF8zMl9ieXRlcyEh\nPrivate-MAC: 00\n";
    let file = scene.home.write(".ssh/job.ppk", ppk, 0o600);
    scene.job([&key]).typed(["-i", &word(&file)]);
    scene.blocked_by("key-putty-ppk").titled("job.ppk").while_ssh_says(DENIED);
}

#[test]
fn the_public_half_is_given_for_the_private_one() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/work");
    scene.job([&key]).typed(["-i", &word(&public(&key))]);
    scene.blocked_by("key-public-given-as-private").titled("work.pub").while_ssh_says(DENIED).mended();
}

#[test]
fn the_public_half_belongs_to_another_key() {
    let (mut scene, key) = Scene::usual();
    let other = scene.key("other");
    fs::write(public(&key), format!("{}\n", other.public)).expect("our own key");
    scene.blocked_by("key-pub-mismatch").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_is_dsa() {
    // Made beforehand: ssh-keygen makes no DSA key any more since OpenSSH 9.8.
    let private = include_str!("../../ssh/zoo/openssh-dsa");
    let public = include_str!("../../ssh/zoo/openssh-dsa.public").trim_end();
    let mut scene = Scene::new();
    scene.home.write(".ssh/id_dsa", private, 0o600);
    scene.home.write(".ssh/id_dsa.pub", format!("{public}\n"), 0o644);
    scene.job_like(Options::authorizing([public]));
    scene.blocked_by("key-dsa-unsupported").titled("id_dsa").while_ssh_says(DENIED);
}

#[test]
fn the_rsa_key_is_shorter_than_allowed() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job([&rsa]);
    scene.home.config("RequiredRSASize 3072\n");
    if !scene.home.ssh(["-G", "job"]).success() {
        scene.blocked_by("config-option-too-new").titled("requiredrsasize").mended();
        return;
    }
    scene.blocked_by("key-rsa-too-small").titled("id_rsa").while_ssh_says(DENIED);
}

#[test]
fn the_key_was_pasted_with_text_before_it() {
    let scene = damaged(|text| format!("Here is the key:\n\n{text}"));
    // What OpenSSH makes of it depends on its version.
    if scene.home.run("ssh-keygen", ["-y", "-f", ".ssh/id_ed25519"]).success() {
        crate::support::skipped("this ssh reads a key behind other text");
        return;
    }
    scene.blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_lost_its_line_breaks() {
    let scene = damaged(|text| text.trim_end().replace('\n', " "));
    scene.blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_was_saved_by_notepad() {
    let (scene, key) = Scene::usual();
    let text = fs::read_to_string(&key.path).expect("our own key");
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    fs::write(&key.path, utf16).expect("our own key");
    scene.blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_file_is_empty() {
    damaged(|_| String::new()).blocked_by("key-invalid-format").titled("id_ed25519").while_ssh_says(DENIED);
}

#[test]
fn an_encrypted_key_has_the_public_half_of_another_beside_it() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    let other = scene.key("other");
    fs::write(public(&key), format!("{}\n", other.public)).expect("our own key");
    scene.job([&key]);
    let blocked = scene.blocked_by("key-pub-mismatch").titled("id_ed25519.pub").while_ssh_says(DENIED);
    blocked.mended_with(&[("passphrase", "sesame\r")]);
}

#[test]
fn only_the_public_half_is_there() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    fs::remove_file(&key.path).expect("our own key");
    scene.home.config("IdentityFile ~/.ssh/circleci.pub\nIdentitiesOnly yes\n");
    let blocked = scene.blocked_by("key-public-given-as-private").titled("circleci.pub").while_ssh_says(DENIED);
    blocked.with_nothing_to_paste();
}
