//! Servers that are no jobs: what ssh reaches when the address or the port is wrong.

use crate::scene::Scene;
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

#[test]
fn passwords_only() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).methods(&["password", "keyboard-interactive"]));
    let port = scene.port();
    let line = format!("ssh -o NumberOfPasswordPrompts=0 -p {port} 127.0.0.1");
    let blocked = scene.blocked_by("auth-password-only-server");
    blocked.while_ssh_says_to(&line, "Permission denied (password,keyboard-interactive)").with_nothing_to_paste();
}

/// A real sshd without public keys, and one that only asks questions.
#[test]
fn an_sshd_without_public_keys() {
    for (sshd, methods) in [
        ("PubkeyAuthentication no\nPasswordAuthentication yes", "password"),
        (
            "AuthenticationMethods keyboard-interactive\nKbdInteractiveAuthentication yes\nUsePAM yes",
            "keyboard-interactive",
        ),
    ] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.sshd([&key], sshd).user(&Sshd::user());
        let line = scene.ssh_line().replace("ssh ", "ssh -o NumberOfPasswordPrompts=0 ");
        let blocked = scene.blocked_by("auth-password-only-server").shows(methods);
        blocked.while_ssh_says_to(&line, &format!("Permission denied ({methods})")).with_nothing_to_paste();
    }
}

/// The key is taken and its signature is good; the account is what is turned down.
#[test]
fn the_account_may_not_log_in() {
    if Sshd::user() != "root" {
        crate::support::skipped("only root has an account that PermitRootLogin is about");
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "PermitRootLogin no").user("root");
    let blocked = scene.blocked_by("auth-account-restricted").titled("id_ed25519");
    blocked.while_ssh_says("Permission denied").with_nothing_to_paste();
}

#[test]
fn the_key_is_registered_for_another_address() {
    for option in ["from=\"192.0.2.1\"", "expiry-time=\"20200101\""] {
        refused_by_the_server_itself(|scene, key| {
            let list = scene.home.write("server/authorized_keys", format!("{option} {}\n", key.public), 0o600);
            format!("AuthorizedKeysFile {}", list.display())
        });
    }
}

#[test]
fn the_configuration_changes_the_user() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], &format!("AllowUsers {}", Sshd::user()));
    scene.home.config("Host *\n  User nobody-of-this-name\n");
    let blocked = scene.blocked_by("config-user-override").titled("nobody-of-this-name").shows("config:2");
    blocked.while_ssh_says(&client().denies("nobody-of-this-name@127.0.0.1")).mended();
}

#[test]
fn a_second_proof_is_wanted() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "AuthenticationMethods publickey,password\nPasswordAuthentication yes");
    scene.user(&Sshd::user());
    let line = format!("{} -o NumberOfPasswordPrompts=0", scene.ssh_line());
    scene.blocked_by("auth-partial-success").while_ssh_says_to(&line, "Permission denied (password)");
}

#[test]
fn keys_of_another_type_only() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let rsa_only = ["rsa-sha2-512", "rsa-sha2-256"];
    scene.job_like(Options::authorizing([key.public.as_str()]).signature_algorithms(&rsa_only));
    let blocked = scene.blocked_by("key-type-not-accepted").titled("id_ed25519").shows("server-sig-algs");
    blocked.while_ssh_says("Permission denied").with_nothing_to_paste();
}

/// The key comes last in an agent that holds four, on servers that are less patient than usual.
#[test]
fn fewer_tries_than_keys() {
    for tries in [2, 3] {
        let mut scene = Scene::new();
        let keys: Vec<_> = (0..3).map(|number| scene.key(&format!("keys/key{number}"))).collect();
        let right = scene.key(".ssh/id_ed25519");
        scene.sshd([&right], &format!("MaxAuthTries {tries}")).user(&Sshd::user());
        let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
        let blocked = scene.blocked_by("too-many-auth-failures").titled("id_ed25519");
        blocked.while_ssh_says("Too many authentication failures").mended();
    }
}

/// Nobody can know which of them it is, and no certain cause is made up.
#[test]
fn fewer_tries_than_keys_and_none_is_known_to_be_right() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..6).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    scene.sshd([], "MaxAuthTries 2").user(&Sshd::user());
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    let blocked = scene.blocked_by("too-many-auth-failures").titled("never saw the others");
    assert_eq!(blocked.report.first().map(|finding| finding.text("confidence")), Some("likely"));
    blocked.while_ssh_says("Too many authentication failures");
}

/// A registered key on a machine with accounts, which refuses it for a reason of its own.
fn refused_by_the_server_itself(prepare: impl FnOnce(&mut Scene, &Key) -> String) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let sshd = prepare(&mut scene, &key);
    scene.sshd([&key], &sshd).user(&Sshd::user());
    let blocked = scene.blocked_by("key-not-authorised").while_ssh_says("Permission denied");
    let found: Vec<_> =
        blocked.report.findings().map(|finding| (finding.text("check"), finding.text("confidence"))).collect();
    assert!(found.contains(&("key-not-authorised", "likely")), "{found:?}");
    assert!(found.contains(&("auth-server-files", "possible")), "{found:?}");
}

#[test]
fn others_may_write_to_the_servers_list_of_keys() {
    refused_by_the_server_itself(|scene, key| {
        let list = scene.home.write("server/authorized_keys", format!("{}\n", key.public), 0o666);
        format!("StrictModes yes\nAuthorizedKeysFile {}", list.display())
    });
}

#[test]
fn the_server_lets_only_others_in() {
    refused_by_the_server_itself(|_, _| "AllowUsers nobody-of-this-name".to_owned());
}

/// This sshd lists every type that it was built with, whatever its configuration says.
#[test]
fn the_servers_configuration_leaves_out_the_type_of_the_key() {
    refused_by_the_server_itself(|_, _| "PubkeyAcceptedAlgorithms rsa-sha2-512".to_owned());
}

#[test]
fn one_try_only() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let other = scene.key("other");
    scene.sshd([&key], "MaxAuthTries 1");
    scene.user(&Sshd::user());
    let _agent = scene.home.agent(&[&other]);
    let blocked = scene.blocked_by("too-many-auth-failures").titled("one key");
    blocked.while_ssh_says("Too many authentication failures").mended();
}
