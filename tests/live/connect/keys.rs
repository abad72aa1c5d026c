//! The key that the job accepts, where ssh does not show it by itself; a RemoteCommand in the way; the line to paste.

use super::{connect, run_there, way};
use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::keys::Key;
use crate::support::skipped;

/// A machine whose usual key the job does not know, while another file has the right one.
fn wrong_by_default() -> (Scene, Key) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/circleci");
    scene.job([&right]).known();
    (scene, right)
}

#[test]
fn the_right_key_has_another_name() {
    let (mut scene, _) = wrong_by_default();
    let outcome = run_there(&mut scene, &["echo", "in"]);
    outcome.expect_code(0).expect_text("logging in with");
    assert_eq!(outcome.stdout, "in\n");
    assert!(outcome.stderr.contains(".ssh/circleci"), "{outcome:#?}");
}

#[test]
fn a_wrong_key_after_i_gives_way() {
    let (mut scene, _) = wrong_by_default();
    let port = scene.port().to_string();
    let wrong = scene.home.join(".ssh/id_ed25519").to_string_lossy().into_owned();
    let outcome =
        connect(&mut scene, &["-i", &wrong, "-o", "IdentitiesOnly=yes", "-p", &port, "127.0.0.1", "echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
}

#[test]
fn the_key_is_in_the_agent_alone() {
    expect_the_agents_key("IdentitiesOnly yes\n");
}

#[test]
fn the_key_is_in_an_agent_that_ssh_does_not_ask() {
    expect_the_agents_key("IdentityAgent none\n");
}

/// With the right key in the agent and not on disk, and this configuration in the way.
#[track_caller]
fn expect_the_agents_key(config: &str) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.home.keygen("circleci", "ed25519");
    scene.job([&right]).known();
    let agent = scene.home.agent(&[&right]);
    for file in ["circleci", "circleci.pub"] {
        std::fs::remove_file(scene.home.join(file)).expect("ours");
    }
    scene.home.config(config);
    let outcome = run_there(&mut scene, &["echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
    drop(agent);
}

#[test]
fn a_remote_command_of_the_configuration_stands_back() {
    if !client().at_least(7, 6) {
        return skipped("RemoteCommand came with OpenSSH 7.6");
    }
    let (mut scene, _) = Scene::usual();
    scene.known();
    scene.home.config("RemoteCommand tmux new -A\n");
    let outcome = run_there(&mut scene, &["echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
}

#[test]
fn a_remote_command_that_was_typed_after_o_is_run() {
    if !client().at_least(7, 6) {
        return skipped("RemoteCommand came with OpenSSH 7.6");
    }
    let (mut scene, _) = Scene::usual();
    scene.known();
    let port = scene.port().to_string();
    let outcome = connect(&mut scene, &["-o", "RemoteCommand=echo %p", "-p", &port, "127.0.0.1"]);
    assert_eq!((outcome.code(), outcome.stdout), (Some(0), format!("{port}\n")));
}

#[test]
fn the_printed_line_works_when_pasted() {
    let (mut scene, _) = wrong_by_default();
    let words = way(&scene);
    let mut words: Vec<&str> = words.iter().map(String::as_str).collect();
    words.insert(0, "--dry-run");
    let outcome = connect(&mut scene, &words);
    assert_eq!((outcome.code(), outcome.stderr.as_str(), outcome.stdout.lines().count()), (Some(0), "", 1));
    assert!(outcome.stdout.starts_with("ssh -i "), "{outcome:#?}");
    assert!(scene.person(&outcome.stdout, &[]).output.contains(INSIDE));
}

#[test]
fn a_healthy_line_is_the_users_own() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let port = scene.port().to_string();
    let words = ["--dry-run", "-A", "-L", "1:a b:2", "-p", &port, "127.0.0.1", "echo", "$HOME"];
    let outcome = connect(&mut scene, &words);
    assert_eq!(outcome.stdout, format!("ssh -A -L '1:a b:2' -p {port} 127.0.0.1 -- echo '$HOME'\n"));
}

#[test]
fn a_windows_job_gets_its_shell() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    // The test's job has shells of these names.
    for shell in ["bash.exe", "cmd.exe", "powershell.exe"] {
        scene.home.fake_program(shell, &format!("#!/bin/sh\necho this is {shell}\n"));
    }
    let path = format!("{}:/usr/bin:/bin", scene.home.join("bin").display());
    scene.job_like(Options::authorizing([key.public.as_str()]).path(&path)).known();
    let port = scene.port();
    let text: String = ["bash", "cmd", "powershell"]
        .map(|shell| format!("    $ ssh -t -p {port} 127.0.0.1 -- {shell}.exe\n"))
        .concat();
    let text = format!("You can now SSH into this box if your SSH public key is added:\n{text}");
    for (options, shell) in
        [(&[][..], "bash"), (&["--shell", "powershell"], "powershell"), (&["--shell", "cmd"], "cmd")]
    {
        let outcome = connect(&mut scene, &[options, &[&text]].concat());
        outcome.expect_code(0);
        assert!(outcome.stdout.contains(&format!("this is {shell}.exe")), "{outcome:#?}");
    }
    let port = port.to_string();
    let line = connect(&mut scene, &["--dry-run", "--shell", "cmd", "-p", &port, "127.0.0.1"]).stdout;
    assert_eq!(line, format!("ssh -t -p {port} 127.0.0.1 -- cmd.exe\n"));
}
