//! Certificates that an sshd with TrustedUserCAKeys does not take. ssh itself offers them without a word.

use crate::scene::Scene;
use crate::support::client::client;
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

const DENIED: &str = "Permission denied";

/// A machine whose key has a certificate made with these words of ssh-keygen's, and an sshd that trusts its authority.
pub(crate) fn signed(words: &[&str]) -> (Scene, Key) {
    signed_by("ed25519", words, "")
}

/// The same with another kind of authority and more for the server's configuration.
fn signed_by(authority: &str, words: &[&str], server: &str) -> (Scene, Key) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.home.keygen("authority/ca", authority);
    sign(&scene, words);
    let trusted = scene.home.join("authority/ca.pub");
    scene.sshd([], &format!("TrustedUserCAKeys {}\n{server}", trusted.display()));
    scene.user(&Sshd::user());
    (scene, key)
}

fn sign(scene: &Scene, words: &[&str]) {
    let all = ["-q", "-s", "authority/ca", "-I", "ana"].iter().chain(words).chain([&".ssh/id_ed25519.pub"]);
    // The authority is another machine, with the installed ssh-keygen.
    let program = which::which("ssh-keygen").expect("ssh-keygen is installed");
    scene.home.run(&program.display().to_string(), all).expect_code(0);
}

/// The words for the user who can log in, with these before them.
fn for_the_user<'a>(words: &[&'a str], user: &'a str) -> Vec<&'a str> {
    [words, &["-n", user]].concat()
}

#[test]
fn the_certificate_has_run_out() {
    let (scene, _) = signed(&["-n", &Sshd::user(), "-V", "20200101:20200201"]);
    scene.blocked_by("cert-expired").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_is_not_valid_yet() {
    let (scene, _) = signed(&["-n", &Sshd::user(), "-V", "20990101:20990201"]);
    scene.blocked_by("cert-not-yet-valid").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_is_for_somebody_else() {
    let (scene, _) = signed(&["-n", "somebody-else"]);
    scene.blocked_by("cert-wrong-principal").titled("id_ed25519-cert.pub").while_ssh_says(DENIED);
}

#[test]
fn the_certificate_is_for_another_name_of_the_same_person() {
    let (mut scene, _) = signed(&["-n", &Sshd::user()]);
    scene.user("somebody-else");
    let blocked = scene.blocked_by("cert-wrong-principal").titled("somebody-else").while_ssh_says(DENIED);
    blocked.mended();
}

#[test]
fn the_certificate_is_for_nobody() {
    let (scene, _) = signed(&[]);
    scene.blocked_by("cert-wrong-principal").shows("for nobody").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_is_one_for_hosts() {
    let user = Sshd::user();
    let (scene, _) = signed(&for_the_user(&["-h"], &user));
    scene.blocked_by("cert-for-hosts").titled("one for hosts").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_is_signed_with_sha1() {
    let user = Sshd::user();
    let (scene, _) = signed_by("-t rsa -b 2048", &for_the_user(&["-t", "ssh-rsa"], &user), "");
    scene.blocked_by("cert-sha1-signature").shows("ssh-rsa").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_is_for_other_addresses() {
    let user = Sshd::user();
    let (scene, _) = signed(&for_the_user(&["-O", "source-address=192.0.2.0/24"], &user));
    scene.blocked_by("cert-refused").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_has_an_option_that_the_server_does_not_know() {
    let user = Sshd::user();
    let (scene, _) = signed(&for_the_user(&["-O", "critical:moon@example.com=full"], &user));
    scene.blocked_by("cert-refused").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_server_trusts_another_authority() {
    let user = Sshd::user();
    let (mut scene, _) = signed(&["-n", &user]);
    scene.key("authority/other");
    let other = scene.home.join("authority/other.pub");
    scene.sshd([], &format!("TrustedUserCAKeys {}", other.display()));
    scene.blocked_by("cert-refused").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_authority_has_been_revoked() {
    let user = Sshd::user();
    let (mut scene, _) = signed(&["-n", &user]);
    let trusted = scene.home.join("authority/ca.pub").display().to_string();
    scene.sshd([], &format!("TrustedUserCAKeys {trusted}\nRevokedKeys {trusted}"));
    scene.blocked_by("cert-refused").titled("id_ed25519-cert.pub").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_belongs_to_another_key() {
    let user = Sshd::user();
    let (mut scene, _) = signed(&["-n", &user]);
    let other = scene.key("authority/other");
    scene
        .home
        .run("ssh-keygen", ["-q", "-s", "authority/ca", "-I", "x", "-n", &user, "authority/other.pub"])
        .expect_code(0);
    std::fs::rename(format!("{}-cert.pub", other.path.display()), scene.home.join(".ssh/id_ed25519-cert.pub"))
        .expect("our own file");
    let blocked = scene.blocked_by("cert-key-mismatch").titled("another key");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_certificate_in_the_agent_has_run_out() {
    let (mut scene, _) = signed(&["-n", &Sshd::user(), "-V", "20200101:20200201"]);
    let _agent = scene.home.agent(&[]);
    // A newer ssh-add leaves such a certificate out unless it is told to let it stay whatever its dates say.
    let keeps_it: &[&str] = if client().at_least(10, 1) { &["-N"] } else { &[] };
    scene.home.run("ssh-add", ["-q"].iter().chain(keeps_it).chain(&[".ssh/id_ed25519"])).expect_code(0);
    scene.home.run("sh", ["-c", "rm .ssh/id_*"]).expect_code(0);
    scene.blocked_by("cert-expired").titled("ana@laptop").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn a_certificate_that_only_the_agent_has() {
    let (mut scene, _) = signed(&["-n", &Sshd::user()]);
    let _agent = scene.home.agent(&[]);
    scene.home.run("ssh-add", ["-q", ".ssh/id_ed25519"]).expect_code(0);
    scene.home.run("sh", ["-c", "rm .ssh/id_*"]).expect_code(0);
    scene.healthy();
}

#[test]
fn healthy_certificates_of_odd_kinds() {
    let user = Sshd::user();
    for (authority, words) in [
        ("-t rsa -b 2048", &[][..]),
        ("ecdsa", &["-V", "always:forever"][..]),
        ("ed25519", &["-O", "source-address=127.0.0.0/8"][..]),
        ("ed25519", &["-O", "extension:moon@example.com=full"][..]),
        ("ed25519", &["-O", "clear", "-O", "permit-pty"][..]),
    ] {
        let (scene, _) = signed_by(authority, &for_the_user(words, &user), "");
        scene.healthy();
    }
}

/// By this machine's clock it has run out; the server's clock is the one that counts.
#[test]
fn the_server_takes_what_has_run_out_by_this_clock() {
    let user = Sshd::user();
    let (mut scene, key) = signed(&["-n", &user, "-V", "20200101:20200201"]);
    scene.sshd([&key], "");
    scene.healthy();
}
