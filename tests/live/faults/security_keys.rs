//! Keys that live in a security key (FIDO), with OpenSSH's own dummy in the place of the device.

use std::fs;
use std::path::PathBuf;

use crate::DENIED;
use crate::scene::{INSIDE, Scene, word};
use crate::support::keys::Key;
use crate::support::tokens::{authenticator, dummy_security_key, security_key};

/// A machine with `~/.ssh/id_ed25519_sk`, a real sshd that knows it, and the library that signs for it.
pub(crate) fn with_security_key(kind: &str) -> Option<(Scene, Key, PathBuf)> {
    let provider = dummy_security_key()?;
    let mut scene = Scene::new();
    let name = if kind.starts_with("ecdsa") { ".ssh/id_ecdsa_sk" } else { ".ssh/id_ed25519_sk" };
    let key = security_key(&scene.home, &provider, name, kind)?;
    scene.sshd([&key], "");
    Some((scene, key, provider))
}

#[test]
fn the_security_key_is_not_plugged_in() {
    let Some((scene, ..)) = with_security_key("ed25519-sk") else { return };
    if fs::read_dir("/dev")
        .is_ok_and(|all| all.flatten().any(|one| one.file_name().to_string_lossy().starts_with("hidraw")))
    {
        return crate::support::skipped("a device that may be a security key is plugged in here");
    }
    let blocked = scene.blocked_by("key-sk-no-device").titled("id_ed25519_sk").shows("device not found");
    blocked.while_ssh_says("device not found").with_nothing_to_paste();
}

#[test]
fn the_library_for_the_security_key_is_not_there() {
    let Some((scene, ..)) = with_security_key("ed25519-sk") else { return };
    scene.home.config("SecurityKeyProvider /usr/lib/no-such-library.so\n");
    let blocked = scene.blocked_by("key-sk-no-provider").titled("/usr/lib/no-such-library.so").shows("config:1");
    drop(blocked.while_ssh_says("not an OpenSSH FIDO library"));
}

#[test]
fn the_library_for_the_security_key_is_another_kind_of_file() {
    let Some((scene, ..)) = with_security_key("ecdsa-sk") else { return };
    let text = scene.home.write("library.so", "not a library\n", 0o644);
    scene.home.config(&format!("SecurityKeyProvider {}\n", text.display()));
    drop(scene.blocked_by("key-sk-no-provider").titled("library.so").while_ssh_says("not an OpenSSH FIDO library"));
}

#[test]
fn ssh_is_told_to_use_no_library_for_security_keys() {
    let Some((scene, ..)) = with_security_key("ed25519-sk") else { return };
    scene.home.config("SecurityKeyProvider $NO_SUCH_VARIABLE\n");
    let blocked = scene.blocked_by("key-sk-no-provider").titled("no way to talk").shows("no SecurityKeyProvider");
    drop(blocked.while_ssh_says(DENIED));
}

/// The doctor does not make a security key blink, opens no window and tries no PIN: it stops where a person is needed.
#[test]
fn the_doctor_waits_for_no_touch() {
    let Some((mut scene, ..)) = with_security_key("ed25519-sk") else { return };
    for does in ["waits", "pin"] {
        scene.home.set_env("CCI_SSH_TEST_AUTHENTICATOR", does);
        let library = authenticator(&scene.home);
        let asked = scene.home.join("asked");
        let askpass = format!("#!/bin/sh\necho \"$@\" >>{}\necho 1234\n", word(&asked));
        let askpass = scene.home.fake_program("askpass", &askpass);
        scene.home.set_env("SSH_ASKPASS", askpass);
        scene.home.set_env("DISPLAY", ":99");
        scene.home.config(&format!("SecurityKeyProvider {}\n", library.display()));
        scene.at_a_terminal();
        let report = scene.examine();
        report.expect_silence();
        assert_eq!(report.verdict(), "healthy", "{report}");
        assert!(!asked.exists(), "somebody was asked: {}", fs::read_to_string(asked).unwrap_or_default());
    }
}

#[test]
fn healthy_logins_with_security_keys() {
    for kind in ["ed25519-sk", "ecdsa-sk", "ed25519-sk -O verify-required", "ed25519-sk -O no-touch-required"] {
        let Some((mut scene, mut key, provider)) = with_security_key(kind) else { return };
        if kind.contains("no-touch") {
            key.public = format!("no-touch-required {}", key.public);
            scene.sshd([&key], "");
        }
        scene.home.config(&format!("SecurityKeyProvider {}\n", provider.display()));
        // Older clients ask for a PIN before they ask the key whether it needs one.
        scene.healthy_with(&[("Enter PIN", "1234\r")]);
    }
}

#[test]
fn a_library_that_is_not_there_beside_a_key_of_another_kind() {
    let Some((mut scene, ..)) = with_security_key("ed25519-sk") else { return };
    let plain = scene.key(".ssh/id_ed25519");
    scene.sshd([&plain], "");
    scene.home.config("SecurityKeyProvider /usr/lib/no-such-library.so\n");
    let report = scene.healthy();
    assert!(!report.to_string().contains(INSIDE));
}
