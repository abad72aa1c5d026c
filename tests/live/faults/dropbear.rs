//! Faults against dropbear, which is no relative of OpenSSH's sshd: it knows no certificates, takes
//! RSA by `rsa-sha2-256` only, and counts no refused key.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use crate::DENIED;
use crate::scene::{Scene, public, word};
use crate::support::client::client;
use crate::support::dropbear::{Dropbear, Options, is_there};
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

/// A newcomer's machine and a key of this kind that dropbear lets in.
fn with_key(path: &str, kind: &str, options: impl FnOnce(Options) -> Options) -> (Scene, Key) {
    let mut scene = Scene::new();
    let key = scene.home.keygen(path, kind);
    scene.dropbear(&options(Options::authorizing([key.public.as_str()])));
    scene.user(&Sshd::user());
    (scene, key)
}

fn plain(options: Options) -> Options {
    options
}

#[test]
fn another_key_is_offered() {
    if !is_there() {
        return;
    }
    let (mut scene, _) = with_key(".ssh/work", "ed25519", plain);
    scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.blocked_by("wrong-key-offered").titled("/.ssh/work").while_ssh_says(DENIED).mended();
}

#[test]
fn no_key_is_registered() {
    if !is_there() {
        return;
    }
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.home.keygen(".ssh/id_ecdsa", "ecdsa");
    scene.dropbear(&Options::new());
    scene.blocked_by("key-not-authorised").shows(DENIED).while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn identities_only_hides_the_agents_key() {
    if !is_there() {
        return;
    }
    let (mut scene, right) = with_key(".ssh/work", "ed25519", plain);
    scene.home.keygen(".ssh/id_rsa", "rsa");
    let _agent = scene.home.agent(&[&right]);
    fs::remove_file(&right.path).expect("our own key");
    scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_rsa\n");
    let blocked = scene.blocked_by("config-identitiesonly-wrong-key").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn others_may_read_the_key() {
    if !is_there() {
        return;
    }
    let (scene, key) = with_key(".ssh/id_ed25519", "ed25519", plain);
    fs::set_permissions(&key.path, Permissions::from_mode(0o644)).expect("our own key");
    let blocked = scene.blocked_by("key-perms-too-open").titled("id_ed25519");
    blocked.while_ssh_says("UNPROTECTED PRIVATE KEY FILE").mended();
}

#[test]
fn the_public_half_is_of_another_key() {
    if !is_there() {
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let other = scene.key("other");
    scene.dropbear(&Options::authorizing([key.public.as_str()]));
    fs::write(public(&key), format!("{}\n", other.public)).expect("our own key");
    scene.blocked_by("key-pub-mismatch").titled("id_ed25519.pub").while_ssh_says(DENIED).mended();
}

/// Refused keys are free with dropbear, so each of them gets its answer.
#[test]
fn a_full_agent_and_no_key_is_registered() {
    if !is_there() {
        return;
    }
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..12).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    scene.dropbear(&Options::new());
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    scene.blocked_by("key-not-authorised").titled("all 12").while_ssh_says(DENIED).with_nothing_to_paste();
}

/// `rsa-sha2-256` is all that this dropbear has, so this is no matter of SHA-1 signatures.
#[test]
fn the_configuration_leaves_out_the_only_signature_in_common() {
    if !is_there() {
        return;
    }
    if !client().at_least(8, 5) {
        crate::support::skipped("a test of PubkeyAcceptedAlgorithms, which came with OpenSSH 8.5");
        return;
    }
    let (scene, _) = with_key(".ssh/id_rsa", "rsa", plain);
    scene.home.config("PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-512\n");
    let blocked = scene.blocked_by("config-pubkey-algorithms-exclude-key").titled("id_rsa").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_host_key_is_unknown_and_must_be_known() {
    if !is_there() {
        return;
    }
    let (scene, _) = with_key(".ssh/id_ed25519", "ed25519", plain);
    scene.home.config("StrictHostKeyChecking yes\n");
    let blocked = scene.blocked_by("hostkey-unknown-strict").shows("config:1");
    blocked.while_ssh_says("Host key verification failed").mended_with(&[("(yes/no", "yes\r")]);
}

#[test]
fn the_host_key_was_another_one_before() {
    if !is_there() {
        return;
    }
    let (scene, _) = with_key(".ssh/id_ed25519", "ed25519", plain);
    let other = Dropbear::start(&Options::new(), "");
    let key = other.known_hosts_line().split_once(' ').expect("a name and a key").1.to_owned();
    scene.home.known_hosts(&format!("[127.0.0.1]:{} {key}", scene.port()));
    let blocked = scene.blocked_by("hostkey-changed").shows("known_hosts");
    blocked.while_ssh_says("HOST IDENTIFICATION HAS CHANGED").mended_with(&[("(yes/no", "yes\r")]);
}

#[test]
fn the_configuration_changes_the_user() {
    if !is_there() {
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.dropbear(&Options::authorizing([key.public.as_str()]));
    scene.home.config("Host *\n  User nobody-of-this-name\n");
    let blocked = scene.blocked_by("config-user-override").titled("nobody-of-this-name").shows("config:2");
    blocked.while_ssh_says(&client().denies("nobody-of-this-name@127.0.0.1")).mended();
}

#[test]
fn two_proofs_are_wanted() {
    if !is_there() {
        return;
    }
    // Without -s, passwords are on.
    let (scene, _) = with_key(".ssh/id_ed25519", "ed25519", |options| options.passwords().words(["-t"]));
    let line = format!("{} -o NumberOfPasswordPrompts=0", scene.ssh_line());
    scene.blocked_by("auth-partial-success").while_ssh_says_to(&line, "Permission denied (password)");
}

#[test]
fn pinned_ciphers() {
    if !is_there() {
        return;
    }
    let (scene, _) = with_key(".ssh/id_ed25519", "ed25519", plain);
    scene.home.config("Ciphers aes256-gcm@openssh.com\n");
    scene.blocked_by("config-algorithms-pinned").shows("config:1").while_ssh_says("no matching cipher found").mended();
}

#[test]
fn pinned_host_key_types() {
    if !is_there() {
        return;
    }
    let (scene, _) = with_key(".ssh/id_ed25519", "ed25519", |options| options.host_key("ecdsa"));
    scene.home.config("HostKeyAlgorithms ssh-ed25519\n");
    let blocked = scene.blocked_by("config-algorithms-pinned").shows("config:1");
    blocked.while_ssh_says("no matching host key type found").mended();
}

#[test]
fn the_key_after_i_is_another() {
    if !is_there() {
        return;
    }
    let (mut scene, right) = with_key(".ssh/id_ed25519", "ed25519", plain);
    let other = scene.key(".ssh/other");
    scene.typed(["-i", &word(&other.path), "-o", "IdentitiesOnly=yes"]);
    scene.blocked_by("wrong-key-offered").titled(&word(&right.path)).while_ssh_says(DENIED).mended();
}
