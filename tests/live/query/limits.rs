//! Servers that hang up after some tries: what was not asked is not refused.

use super::{fact, is_verified, query};
use crate::DENIED;
use crate::scene::Scene;
use crate::support::job_server::Options;
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

/// Keys that nobody configured, whose names tell nothing, behind one of the usual name.
fn keys(scene: &mut Scene, count: usize) -> Vec<Key> {
    scene.key(".ssh/id_ed25519");
    (0..count).map(|number| scene.key(&format!(".ssh/key{number:02}"))).collect()
}

#[test]
fn the_third_of_thirty() {
    let mut scene = Scene::new();
    let keys = keys(&mut scene, 30);
    scene.job([&keys[2]]);
    let blocked = scene.blocked_by("wrong-key-offered").titled("key02");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_twenty_fifth_of_thirty() {
    let mut scene = Scene::new();
    let keys = keys(&mut scene, 30);
    scene.job([&keys[24]]).options(["--with-facts"]);
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!(report.verdict(), "unknown", "{report}");
    assert_eq!((query(&report, "refused"), query(&report, "not_answered")), (6, 24), "{report}");
    assert_eq!((fact(&report, "/query/cut_short"), fact(&report, "/auth/shown")), (&true.into(), &7.into()));
    let detail = report.json["findings"][0]["detail"].to_string();
    assert!(detail.contains("hung up") && detail.contains("key24"), "{detail}");
    let summary = report.json["stages"].to_string();
    assert!(summary.contains("the server was shown 7 public keys"), "{summary}");
}

/// The likely one first, wherever its name stands in the alphabet.
#[test]
fn the_last_of_thirty_has_a_telling_name() {
    let mut scene = Scene::new();
    keys(&mut scene, 30);
    let right = scene.key(".ssh/zz_circleci");
    scene.job([&right]);
    scene.blocked_by("wrong-key-offered").titled("zz_circleci").while_ssh_says(DENIED).mended();
}

#[test]
fn keys_that_the_server_accepts_cost_no_try() {
    let mut scene = Scene::new();
    let all = keys(&mut scene, 12);
    scene.sshd(&all, "MaxAuthTries 2").user(&Sshd::user()).options(["--with-facts"]);
    let blocked = scene.blocked_by("wrong-key-offered").titled("key00");
    assert_eq!(query(&blocked.report, "accepted"), 12, "{}", blocked.report);
    blocked.mended();
}

#[test]
fn hardened_servers() {
    for tries in [3_usize, 2, 1] {
        let mut scene = Scene::new();
        keys(&mut scene, 5);
        let outside = scene.key("outside");
        scene.sshd([&outside], &format!("MaxAuthTries {tries}")).user(&Sshd::user()).options(["--with-facts"]);
        let report = scene.examine();
        let named = report.root_errors();
        let honest = if tries == 1 { "too-many-auth-failures" } else { "permission-denied" };
        assert_eq!(named, [honest], "MaxAuthTries {tries}\n{report}");
        assert_eq!((query(&report, "refused"), query(&report, "not_answered")), (tries, 5 - tries), "{report}");
    }
}

#[test]
fn a_hardened_server_hears_of_the_right_key_in_time() {
    let mut scene = Scene::new();
    let keys = keys(&mut scene, 5);
    scene.sshd([&keys[1]], "MaxAuthTries 3").user(&Sshd::user());
    scene.blocked_by("wrong-key-offered").titled("key01").while_ssh_says("Permission denied").mended();
}

/// Everybody gets an answer where there are few keys, and then it is certain.
#[test]
fn six_keys_and_six_tries() {
    let mut scene = Scene::new();
    keys(&mut scene, 5);
    scene.job_like(Options::new());
    scene.blocked_by("key-not-authorised").titled("all 6");
}
