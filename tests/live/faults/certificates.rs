//! Certificates that an sshd with TrustedUserCAKeys does not take. ssh itself offers them without a word.

use crate::scene::Scene;
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

/// A machine whose key has a certificate made with these words of ssh-keygen's, and an sshd that trusts its authority.
pub(crate) fn signed(words: &[&str]) -> (Scene, Key) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let authority = scene.key("authority/ca");
    let mut all = vec!["-q", "-s", "authority/ca", "-I", "ana"];
    all.extend_from_slice(words);
    all.push(".ssh/id_ed25519.pub");
    scene.home.run("ssh-keygen", all).expect_code(0);
    drop(authority);
    let trusted = scene.home.join("authority/ca.pub");
    scene.sshd([], &format!("TrustedUserCAKeys {}", trusted.display()));
    scene.user(&Sshd::user());
    (scene, key)
}

#[test]
fn the_certificate_has_run_out() {
    let (scene, _) = signed(&["-n", &Sshd::user(), "-V", "20200101:20200201"]);
    scene
        .blocked_by("cert-expired")
        .titled("id_ed25519-cert.pub")
        .while_ssh_says("Permission denied")
        .with_nothing_to_paste();
}

#[test]
fn the_certificate_is_not_valid_yet() {
    let (scene, _) = signed(&["-n", &Sshd::user(), "-V", "20990101:20990201"]);
    scene
        .blocked_by("cert-not-yet-valid")
        .titled("id_ed25519-cert.pub")
        .while_ssh_says("Permission denied")
        .with_nothing_to_paste();
}

#[test]
fn the_certificate_is_for_somebody_else() {
    let (scene, _) = signed(&["-n", "somebody-else"]);
    scene.blocked_by("cert-wrong-principal").titled("id_ed25519-cert.pub").while_ssh_says("Permission denied");
}
