//! `cci-ssh connect`: who is let in with what, what ssh is left alone with, and that nothing stays behind.

mod ends;
mod host_key;
mod jobs;
mod keys;
mod terminal;
mod through;
mod traps;

use std::fs;
use std::process::Command;

use crate::scene::Scene;
use crate::support::home::Home;
use crate::support::process::{Outcome, TIME_LIMIT, run_with};

/// Where the program makes its temporary folders.
const TEMPORARY: &str = "tmp";

/// A place for temporary folders that the test can look into.
fn with_temporary_folder(scene: &mut Scene) {
    scene.home.make_folder(TEMPORARY, 0o700);
    let folder = scene.home.join(TEMPORARY);
    scene.home.set_env("TMPDIR", folder);
    let runtime = scene.home.join("none");
    scene.home.set_env("XDG_RUNTIME_DIR", runtime);
}

#[track_caller]
fn expect_nothing_left(home: &Home) {
    let left: Vec<_> = fs::read_dir(home.join(TEMPORARY)).expect("is there").flatten().collect();
    assert!(left.is_empty(), "left behind: {left:?}");
}

/// The program with these words, and its streams as bytes.
fn command(scene: &Scene, words: &[&str]) -> Command {
    let mut command = scene.home.command(env!("CARGO_BIN_EXE_cci-ssh"));
    command.arg("connect").args(words);
    command
}

/// Connects without a terminal; nothing in the home changes, and nothing is left behind.
#[track_caller]
fn connect(scene: &mut Scene, words: &[&str]) -> Outcome {
    connect_with(scene, words, b"")
}

#[track_caller]
fn connect_with(scene: &mut Scene, words: &[&str], input: &[u8]) -> Outcome {
    with_temporary_folder(scene);
    let before = scene.home.snapshot();
    let mut outcome = run_with(command(scene, words), input, TIME_LIMIT);
    // A client of another release does not know every line of this machine's own configuration, or warns of key exchanges
    // that quantum computers may break, and says so whoever starts it.
    let of_ssh = |line: &&str| line.starts_with("/etc/ssh/") || line.starts_with("** ");
    outcome.stderr = outcome.stderr.split_inclusive('\n').filter(|line| !of_ssh(line)).collect();
    assert_eq!(scene.home.snapshot(), before, "something changed\n{outcome:#?}");
    expect_nothing_left(&scene.home);
    outcome
}

/// The words that lead to the scene's server.
fn way(scene: &Scene) -> [String; 3] {
    ["-p".to_owned(), scene.port().to_string(), "127.0.0.1".to_owned()]
}

/// Connects to the scene's server and runs this there.
#[track_caller]
fn run_there(scene: &mut Scene, remote: &[&str]) -> Outcome {
    let way = way(scene);
    let words: Vec<&str> = way.iter().map(String::as_str).chain(remote.iter().copied()).collect();
    connect(scene, &words)
}

/// The text of the step.
fn step(scene: &Scene, fingerprint: &str) -> String {
    let port = scene.port();
    format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {port} 127.0.0.1\n\
         {fingerprint}\n"
    )
}

/// The same with the server's own fingerprint.
fn true_step(scene: &Scene) -> String {
    step(scene, &format!("RSA key fingerprint of the host is\n  {}", scene.server().host_key_fingerprint()))
}
