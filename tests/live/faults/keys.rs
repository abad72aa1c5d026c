//! Which key ssh uses, and which one the job knows.

use std::fs;

use crate::DENIED;
use crate::scene::{Scene, public, word};

#[test]
fn another_key_is_offered() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    scene.blocked_by("wrong-key-offered").titled("/.ssh/work").while_ssh_says(DENIED).mended();
}

#[test]
fn another_key_is_named_on_the_command_line() {
    let (mut scene, right) = Scene::usual();
    let other = scene.key(".ssh/other");
    scene.typed(["-i", &word(&other.path), "-o", "IdentitiesOnly=yes"]);
    scene.blocked_by("wrong-key-offered").titled(&word(&right.path)).while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_has_a_name_of_its_own() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519_github");
    scene.job([&key]);
    scene.blocked_by("key-nondefault-name").titled("id_ed25519_github").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_has_a_name_with_a_space_in_it() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/my key");
    scene.job([&key]);
    scene.blocked_by("key-nondefault-name").titled("my key").while_ssh_says(DENIED).mended();
}

#[test]
fn a_key_named_for_every_host_switches_the_usual_names_off() {
    let (mut scene, right) = Scene::usual();
    let other = scene.key(".ssh/work");
    scene.home.config("Host *\n  IdentityFile ~/.ssh/work\n");
    let blocked = scene.blocked_by("config-identityfile-replaces-default").titled(&word(&right.path));
    blocked.shows("config:2").while_ssh_says(DENIED).mended();
    assert_eq!(scene.server().record().offers[0].fingerprint, other.fingerprint);
}

#[test]
fn there_is_no_key() {
    let mut scene = Scene::new();
    scene.job([]);
    let blocked = scene.blocked_by("no-key-found").while_ssh_says(DENIED);
    // Making a key is one half; the other is done in the browser.
    assert!(blocked.report.json["findings"][0]["fixes"].to_string().contains("ssh-keygen -t ed25519"));
}

#[test]
fn the_job_knows_no_key_of_this_machine() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.key(".ssh/work");
    scene.job([]);
    scene.blocked_by("key-not-authorised").shows(DENIED).while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_file_after_i_is_not_there() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    let missing = scene.home.join(".ssh/circle-ci");
    scene.job([&key]).typed(["-i", &word(&missing)]);
    scene.blocked_by("key-file-missing").titled("circle-ci").while_ssh_says("not accessible").mended();
}

#[test]
fn the_file_after_identity_file_is_not_there() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    scene.home.config("Host 127.0.0.1\n  IdentityFile ~/.ssh/circle-ci\n");
    let blocked = scene.blocked_by("config-identityfile-missing").titled("circle-ci").shows("config:2");
    blocked.while_ssh_says("no such identity").mended();
}

#[test]
fn batch_mode_keeps_the_passphrase_from_being_asked_for() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.job([&key]).known();
    scene.home.config("BatchMode yes\n");
    let blocked = scene.blocked_by("config-batchmode").titled("id_ed25519").shows("config:1").while_ssh_says(DENIED);
    blocked.mended_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn identity_file_none() {
    let (scene, _) = Scene::usual();
    scene.home.config("IdentityFile none\n");
    let blocked = scene.blocked_by("config-identityfile-replaces-default").titled("id_ed25519").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn a_key_with_a_passphrase_has_a_name_of_its_own() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/circleci", "-t ed25519 -N sesame");
    scene.job([&key]);
    let blocked = scene.blocked_by("key-nondefault-name").titled("circleci").while_ssh_says(DENIED);
    blocked.mended_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn the_right_key_has_no_public_half_beside_it() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    fs::remove_file(public(&right)).expect("our own key");
    scene.job([&right]);
    scene.blocked_by("wrong-key-offered").titled("/.ssh/work").while_ssh_says(DENIED).mended();
}

#[test]
fn the_right_key_is_an_rsa_key_in_the_old_format() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.home.keygen(".ssh/circleci.pem", "-t rsa -b 2048 -m PEM");
    fs::remove_file(public(&right)).expect("our own key");
    scene.job([&right]);
    scene.blocked_by("wrong-key-offered").titled("circleci.pem").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_lies_in_a_folder_below() {
    let mut scene = Scene::new();
    let right = scene.key(".ssh/keys/circleci/id_ed25519");
    scene.job([&right]);
    scene.blocked_by("key-nondefault-name").titled("circleci/id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_has_the_name_of_a_public_half() {
    let mut scene = Scene::new();
    let key = scene.key("made");
    scene.job([&key]);
    scene.home.write(".ssh/circleci.pub", scene.home.read("made"), 0o600);
    scene.blocked_by("key-nondefault-name").titled(".ssh/circleci.pub").while_ssh_says(DENIED).mended();
}
