//! Set-ups that work with dropbear.

use std::fs;

use crate::scene::{Scene, word};
use crate::support::dropbear::{Options, is_there};
use crate::support::keys::Key;

/// A newcomer's machine and a key of this kind that dropbear lets in.
fn with_key(path: &str, kind: &str) -> (Scene, Key) {
    let mut scene = Scene::new();
    let key = scene.home.keygen(path, kind);
    scene.dropbear(&Options::authorizing([key.public.as_str()]));
    (scene, key)
}

#[test]
fn each_type_of_key() {
    if !is_there() {
        return;
    }
    for (path, kind) in [(".ssh/id_rsa", "rsa"), (".ssh/id_ed25519", "ed25519"), (".ssh/id_ecdsa", "ecdsa")] {
        with_key(path, kind).0.healthy();
    }
}

#[test]
fn each_type_of_host_key() {
    if !is_there() {
        return;
    }
    for kind in ["rsa", "ecdsa"] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.dropbear(&Options::authorizing([key.public.as_str()]).host_key(kind));
        scene.known();
        scene.home.config("StrictHostKeyChecking yes\n");
        scene.healthy();
    }
}

#[test]
fn the_key_is_only_in_the_agent() {
    if !is_there() {
        return;
    }
    let (mut scene, key) = with_key("keys/work", "ed25519");
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    scene.healthy();
}

#[test]
fn an_encrypted_key() {
    if !is_there() {
        return;
    }
    let (mut scene, _) = with_key(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.at_a_terminal().healthy_with(&[("Enter passphrase", "sesame\r")]);
}

/// dropbear knows no certificates and refuses that offer; the plain key comes next.
#[test]
fn a_certificate_beside_the_plain_key() {
    if !is_there() {
        return;
    }
    for kind in ["ed25519", "rsa"] {
        let path = format!(".ssh/id_{kind}");
        let (mut scene, _) = with_key(&path, kind);
        scene.key("authority/ca");
        let public = format!("{path}.pub");
        let sign = ["-q", "-s", "authority/ca", "-I", "ana", "-n", "ana", "-V", "-1d:+30d", &public];
        scene.home.run("ssh-keygen", sign).expect_code(0);
        scene.healthy();
    }
}

/// dropbear counts no refused key, where sshd hangs up after six.
#[test]
fn twelve_other_keys_come_first() {
    if !is_there() {
        return;
    }
    let (mut scene, _) = with_key(".ssh/id_ed25519", "ed25519");
    let keys: Vec<_> = (0..12).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    scene.healthy();
}

#[test]
fn a_banner_and_a_key_after_i() {
    if !is_there() {
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key("keys/circleci");
    let banner = scene.home.write("server/banner", "Permission denied (publickey).\n", 0o644);
    scene.dropbear(&Options::authorizing([key.public.as_str()]).words(["-b", &word(&banner)]));
    scene.typed(["-i", &word(&key.path), "-o", "IdentitiesOnly=yes"]);
    scene.healthy();
}
