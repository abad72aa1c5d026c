//! The ssh program, and whose keys it looks at.

use std::os::unix::fs::symlink;
#[cfg(feature = "ssh2")]
use std::time::{Duration, Instant};

use crate::DENIED;
use crate::scene::Scene;
use crate::support::sshd::Sshd;

#[test]
fn there_is_no_ssh() {
    let (mut scene, _) = Scene::usual();
    without_ssh(&mut scene);
    let blocked = scene.blocked_by("client-not-installed");
    blocked.while_ssh_says("command not found");
}

/// Leaves nothing on PATH but what a test itself needs.
fn without_ssh(scene: &mut Scene) {
    scene.home.make_folder("tools", 0o755);
    for program in ["bash", "sh", "script"] {
        let real = which::which(program).expect("the tests need it anyway");
        symlink(real, scene.home.join("tools").join(program)).expect("our own folder");
    }
    let tools = scene.home.join("tools");
    scene.home.set_env("PATH", tools);
}

/// libssh2 can still ask the server which keys it would let in.
#[cfg(feature = "ssh2")]
#[test]
fn there_is_no_ssh_and_the_server_is_asked_all_the_same() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    without_ssh(&mut scene);
    let blocked = scene.blocked_by("client-not-installed").while_ssh_says("command not found");
    let detail = blocked.report.json["findings"][0]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains(".ssh/work") && !detail.contains("id_ed25519"), "{detail}");
    let record = scene.server().settled_record();
    assert_eq!((record.attempts, record.signatures()), (1, 0), "{record:#?}");
}

/// The agent's keys are listed by the doctor itself, since libssh2 would wait for ever on an agent that hangs.
#[cfg(feature = "ssh2")]
#[test]
fn there_is_no_ssh_and_the_agent_hangs() {
    let mut scene = Scene::new();
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    let agent = scene.home.hung_agent();
    scene.home.set_env("SSH_AUTH_SOCK", agent.socket());
    without_ssh(&mut scene);
    let start = Instant::now();
    let blocked = scene.blocked_by("client-not-installed");
    assert!(start.elapsed() < Duration::from_secs(9), "{}", blocked.report);
    assert!(blocked.report.json["findings"][0]["detail"].to_string().contains(".ssh/work"), "{}", blocked.report);
}

/// known_hosts is looked at without ssh, too.
#[cfg(feature = "ssh2")]
#[test]
fn there_is_no_ssh_and_the_host_key_is_another() {
    let (mut scene, _) = Scene::usual();
    let other = scene.key("server/other").public;
    scene.home.known_hosts(&format!("[127.0.0.1]:{} {other}\n", scene.port()));
    without_ssh(&mut scene);
    let blocked = scene.blocked_by("client-not-installed");
    assert!(!blocked.report.json["findings"][0]["detail"].to_string().contains("id_ed25519"), "{}", blocked.report);
    assert!(scene.server().settled_record().offers.is_empty(), "no key was shown");
}

#[cfg(feature = "ssh2")]
#[test]
fn there_is_no_ssh_and_the_key_is_in_the_agent() {
    let mut scene = Scene::new();
    let right = scene.key("job-key");
    scene.job([&right]);
    let _agent = scene.home.agent(&[&right]);
    std::fs::remove_file(&right.path).expect("our own key");
    without_ssh(&mut scene);
    let blocked = scene.blocked_by("client-not-installed");
    assert!(blocked.report.json["findings"][0]["detail"].to_string().contains("ana@laptop"), "{}", blocked.report);
}

/// An ssh before the real one on PATH that says this and nothing else.
fn broken_ssh(words: &str) -> Scene {
    let (scene, _) = Scene::usual();
    scene.home.fake_program("ssh", &format!("#!/bin/sh\necho \"{words}\" >&2\nexit 127\n"));
    scene
}

#[test]
fn a_shared_library_is_missing() {
    let words = "ssh: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file: No such file or directory";
    let blocked_scene = broken_ssh(words);
    let blocked = blocked_scene.blocked_by("client-shared-library-missing").titled("/bin/ssh");
    blocked.while_ssh_says("libcrypto.so.1.1").mended_by(|title| title.contains("other ssh"), &[]);
}

#[test]
fn openssl_is_another() {
    let scene = broken_ssh("OpenSSL version mismatch. Built against 30000070, you have 30200020");
    let blocked = scene.blocked_by("client-openssl-mismatch").titled("/bin/ssh");
    blocked.while_ssh_says("OpenSSL version mismatch").mended_by(|title| title.contains("other ssh"), &[]);
}

#[test]
fn root_has_no_keys() {
    if Sshd::user() != "root" {
        crate::support::skipped("only root can be root under sudo");
        return;
    }
    let mut scene = Scene::new();
    scene.job([]);
    for (name, value) in [("SUDO_USER", "ana"), ("SUDO_UID", "1000"), ("SUDO_GID", "1000"), ("SUDO_COMMAND", "/bin/sh")]
    {
        scene.home.set_env(name, value);
    }
    scene.blocked_by("run-as-root-sudo").titled("ana").while_ssh_says(DENIED);
}

#[test]
fn home_is_another_than_the_account_says() {
    let mut scene = Scene::new();
    let key = scene.key("elsewhere/.ssh/id_ed25519");
    scene.job([&key]);
    let elsewhere = scene.home.join("elsewhere");
    scene.home.set_env("HOME", elsewhere);
    scene.blocked_by("home-differs").titled("elsewhere").while_ssh_says(DENIED).mended();
}
