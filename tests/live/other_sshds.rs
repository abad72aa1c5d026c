//! The sshd of older and newer releases than the installed one: a few faults and odd set-ups against each, since what a
//! server says about keys, and when it hangs up, differs.

use std::fs;
use std::path::Path;

use crate::scene::Scene;
use crate::support::client::client;
use crate::support::other_release;
use crate::support::sshd::Sshd;

/// 8.4, 10.0 and the newest.
const RELEASES: [&str; 3] = ["bullseye", "trixie", "testing"];

/// Runs a test against each of them that can be had.
#[track_caller]
fn against_each(test: impl Fn(&Path)) {
    for suite in RELEASES {
        if let Some(program) = other_release::sshd(suite) {
            test(&program);
        }
    }
}

#[test]
fn another_key_is_offered() {
    against_each(|program| {
        let mut scene = Scene::new();
        scene.home.keygen(".ssh/id_rsa", "rsa");
        let right = scene.key(".ssh/work");
        scene.other_sshd(program, [&right], "").user(&Sshd::user());
        scene.blocked_by("wrong-key-offered").titled("/.ssh/work").while_ssh_says("Permission denied").mended();
    });
}

#[test]
fn no_key_is_registered() {
    against_each(|program| {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        scene.other_sshd(program, [], "").user(&Sshd::user());
        scene.blocked_by("key-not-authorised").while_ssh_says("Permission denied").with_nothing_to_paste();
    });
}

/// Seven keys that are in nobody's list, in the agent, before the one that is.
fn seven_others_first(program: &Path, test: impl FnOnce(&Scene)) {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..7).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    let right = scene.key(".ssh/id_ed25519");
    scene.other_sshd(program, [&right], "").user(&Sshd::user());
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    test(&scene);
}

#[test]
fn too_many_keys_come_first() {
    for suite in ["bullseye", "trixie"] {
        let Some(program) = other_release::sshd(suite) else { continue };
        seven_others_first(&program, |scene| {
            let blocked = scene.blocked_by("too-many-auth-failures").titled("id_ed25519");
            blocked.while_ssh_says("Too many authentication failures").mended();
        });
    }
}

/// Seven refused keys were within the patience of 10.6, whose MaxAuthTries is 6 as ever; the doctor says what it sees.
#[test]
fn the_newest_is_more_patient() {
    let Some(program) = other_release::sshd("testing") else { return };
    seven_others_first(&program, |scene| {
        let report = scene.examine();
        assert!(report.root_errors().is_empty() || report.root_errors() == ["too-many-auth-failures"], "{report}");
    });
}

#[test]
fn identities_only_hides_the_agents_key() {
    against_each(|program| {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.home.keygen(".ssh/work", "rsa");
        scene.other_sshd(program, [&right], "").user(&Sshd::user());
        let _agent = scene.home.agent(&[&right]);
        fs::remove_file(&right.path).expect("our own key");
        scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
        let blocked = scene.blocked_by("config-identitiesonly-wrong-key").shows("config:1");
        blocked.while_ssh_says("Permission denied").mended();
    });
}

#[test]
fn each_type_of_key_is_let_in() {
    against_each(|program| {
        for kind in ["rsa", "ed25519", "ecdsa"] {
            let mut scene = Scene::new();
            let key = scene.home.keygen(&format!(".ssh/id_{kind}"), kind);
            scene.other_sshd(program, [&key], "").user(&Sshd::user());
            scene.healthy();
        }
    });
}

#[test]
fn a_certificate_is_let_in() {
    against_each(|program| {
        let mut scene = Scene::new();
        let trusts = scene.certified_rsa();
        scene.other_sshd(program, [], &trusts).user(&Sshd::user());
        if client().at_least(7, 8) || program.display().to_string().contains("bullseye") {
            scene.healthy();
        } else {
            // It signs for such a certificate with SHA-1 alone, which servers from 8.8 on do not take.
            let blocked = scene.blocked_by("cert-client-sha1").titled("id_rsa-cert.pub").shows("server-sig-algs");
            blocked.while_ssh_says("Permission denied").with_nothing_to_paste();
        }
    });
}
