//! RSA keys and servers that know no SHA-2 signature, or only look so.

use std::fs;

use crate::DENIED;
use crate::scene::{Scene, public};
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::keys::Key;
use crate::support::other_release;
use crate::support::sha1::Sha1Agent;
use crate::support::sshd::Sshd;

/// Clients before 8.8 sign with SHA-1 as a matter of course; for them these servers are healthy.
fn refuses_sha1() -> bool {
    let refuses = client().at_least(8, 8);
    if !refuses {
        crate::support::skipped("a test of a client that refuses SHA-1 signatures, with one that makes them");
    }
    refuses
}

/// A job from before SHA-2 signatures that lets these keys in.
fn old_job<'a>(scene: &mut Scene, keys: impl IntoIterator<Item = &'a Key>) {
    scene.job_like(Options::authorizing(keys.into_iter().map(|key| key.public.as_str())).no_rsa_sha2());
}

#[test]
fn rsa_meets_a_job_that_only_knows_sha1() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    old_job(&mut scene, [&rsa]);
    scene.blocked_by("rsa-sha1-no-mutual-signature").titled("id_rsa").while_ssh_says(DENIED).mended();
}

/// sshd's list of what it takes follows its configuration in newer versions only (in 10.0 it does).
#[test]
fn rsa_meets_an_sshd_that_only_takes_sha1() {
    if !refuses_sha1() {
        return;
    }
    let Some(program) = other_release::sshd("trixie") else { return };
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.other_sshd(&program, [&rsa], "PubkeyAcceptedAlgorithms ssh-rsa").user(&Sshd::user());
    let blocked = scene.blocked_by("rsa-sha1-no-mutual-signature").titled("id_rsa");
    blocked.while_ssh_says(DENIED).mended();
}

/// The certificate of an RSA key is signed with the same algorithms as the key.
#[test]
fn a_certificate_of_an_rsa_key_meets_an_sshd_that_only_takes_sha1() {
    if !refuses_sha1() {
        return;
    }
    let Some(program) = other_release::sshd("trixie") else { return };
    let mut scene = Scene::new();
    let trusts = scene.certified_rsa();
    let takes = "PubkeyAcceptedAlgorithms ssh-rsa-cert-v01@openssh.com,ssh-rsa";
    scene.other_sshd(&program, [], &format!("{trusts}\n{takes}"));
    scene.user(&Sshd::user());
    scene.blocked_by("rsa-sha1-no-mutual-signature").titled("id_rsa").while_ssh_says(DENIED).mended();
}

#[test]
fn the_rsa_key_is_in_the_agent() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/work_rsa", "rsa");
    old_job(&mut scene, [&rsa]);
    let _agent = scene.home.agent(&[&rsa]);
    fs::remove_file(&rsa.path).expect("our own key");
    fs::remove_file(public(&rsa)).expect("our own key");
    scene.blocked_by("rsa-sha1-no-mutual-signature").while_ssh_says(DENIED).mended();
}

#[test]
fn a_good_ed25519_key_is_there_and_not_offered() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    scene.home.keygen(".ssh/id_rsa", "rsa");
    let right = scene.key(".ssh/work");
    old_job(&mut scene, [&right]);
    scene.blocked_by("key-nondefault-name").titled("/.ssh/work").while_ssh_says(DENIED).mended();
}

/// Both would do; the one that costs nothing comes first.
#[test]
fn a_good_ed25519_key_is_there_beside_a_known_rsa_key() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    let right = scene.key(".ssh/work");
    old_job(&mut scene, [&rsa, &right]);
    scene.blocked_by("key-nondefault-name").titled("/.ssh/work").while_ssh_says(DENIED).mended();
}

#[test]
fn another_key_was_refused_too() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.key(".ssh/id_ed25519");
    old_job(&mut scene, [&rsa]);
    scene.blocked_by("rsa-sha1-no-mutual-signature").titled("id_rsa").while_ssh_says(DENIED).mended();
}

/// The old server does not know the RSA key either, so allowing SHA-1 would change nothing.
#[cfg(feature = "ssh2")]
#[test]
fn the_old_server_knows_none_of_the_keys() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.key(".ssh/id_ed25519");
    old_job(&mut scene, []);
    scene.blocked_by("key-not-authorised").titled("all 2").while_ssh_says(DENIED).with_nothing_to_paste();
    let line = scene.ssh_line().replace("ssh ", "ssh -o PubkeyAcceptedAlgorithms=+ssh-rsa ");
    assert!(scene.person(&line, &[]).output.contains(DENIED), "the signature makes no difference");
}

/// The server takes RSA in no way at all: SHA-1 would not help.
#[test]
fn a_server_without_rsa() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job_like(Options::authorizing([rsa.public.as_str()]).signature_algorithms(&["ssh-ed25519"]));
    let blocked = scene.blocked_by("key-type-not-accepted").titled("id_rsa").shows("server-sig-algs");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_host_key_signs_with_sha1_too() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job_like(Options::authorizing([rsa.public.as_str()]).no_rsa_sha2().sha1_host_key());
    let words = "no matching host key type found. Their offer: ssh-rsa";
    scene.blocked_by("hostkey-no-matching-type").shows(words).while_ssh_says(words).mended();
}

#[test]
fn the_host_key_signs_with_sha1_and_the_users_is_ed25519() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).no_rsa_sha2().sha1_host_key());
    let words = "no matching host key type found. Their offer: ssh-rsa";
    scene.blocked_by("hostkey-no-matching-type").shows(words).while_ssh_says(words).mended();
}

#[test]
fn the_host_key_signs_with_sha1_and_both_kinds_of_key_are_there() {
    if !refuses_sha1() {
        return;
    }
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job_like(Options::authorizing([rsa.public.as_str()]).no_rsa_sha2().sha1_host_key());
    let words = "no matching host key type found. Their offer: ssh-rsa";
    scene.blocked_by("hostkey-no-matching-type").shows(words).while_ssh_says(words).mended();
}

/// An agent from before RFC 8332 in front of the RSA key that is only there.
fn with_an_old_agent(test: impl FnOnce(&mut Scene)) {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    let agent = scene.home.agent(&[&rsa]);
    let old = Sha1Agent::start(&scene.home.join("old.sock"), agent.socket());
    scene.home.set_env("SSH_AUTH_SOCK", old.socket());
    scene.sshd([&rsa], "").user(&Sshd::user());
    test(&mut scene);
}

#[test]
fn the_agent_signs_with_sha1_whatever_it_is_asked() {
    if !refuses_sha1() {
        return;
    }
    with_an_old_agent(|scene| {
        let blocked = scene.blocked_by("agent-sha1-only").titled("id_rsa").shows("incorrect signature type");
        blocked.while_ssh_says("incorrect signature type").mended();
    });
}

#[test]
fn such_an_agent_is_all_that_has_the_key() {
    if !refuses_sha1() {
        return;
    }
    with_an_old_agent(|scene| {
        fs::remove_file(scene.home.join(".ssh/id_rsa")).expect("our own key");
        fs::remove_file(scene.home.join(".ssh/id_rsa.pub")).expect("our own key");
        let blocked = scene.blocked_by("agent-sha1-only").shows("incorrect signature type");
        blocked.while_ssh_says(DENIED).with_nothing_to_paste();
    });
}
