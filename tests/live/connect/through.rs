//! What goes through to ssh untouched: streams, exit codes, options.

use super::{command, connect, connect_with, run_there, way, with_temporary_folder};
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::process::{TIME_LIMIT, run_with};
use crate::support::skipped;

fn healthy() -> Scene {
    let (mut scene, _) = Scene::usual();
    scene.known();
    scene
}

#[test]
fn the_exit_code_is_the_remote_commands() {
    let mut scene = healthy();
    for code in [0, 3, 255] {
        let outcome = run_there(&mut scene, &["sh", "-c", &format!("'exit {code}'")]);
        assert_eq!(outcome.code(), Some(code), "{outcome:#?}");
        assert_eq!((outcome.stdout.as_str(), outcome.stderr.as_str()), ("", ""), "a healthy login gets silence");
    }
}

#[test]
fn input_and_output_are_ssh_s_byte_for_byte() {
    use std::io::{Read as _, Write as _};
    let mut scene = healthy();
    with_temporary_folder(&mut scene);
    let bytes: Vec<u8> = (0..300_000_u32).map(|count| (count.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let way = way(&scene);
    let mut words: Vec<&str> = way.iter().map(String::as_str).collect();
    words.push("cat");
    let mut child = command(&scene, &words)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("starts");
    let mut input = child.stdin.take().expect("a pipe");
    let sent = bytes.clone();
    let writer = std::thread::spawn(move || input.write_all(&sent));
    let mut output = Vec::new();
    child.stdout.take().expect("a pipe").read_to_end(&mut output).expect("reads");
    writer.join().expect("ends").expect("writes");
    assert!(child.wait().expect("ends").success());
    assert!(output == bytes, "{} bytes of {}", output.len(), bytes.len());
}

#[test]
fn one_login_of_the_doctors_and_one_of_ssh() {
    let mut scene = healthy();
    run_there(&mut scene, &["true"]).expect_code(0);
    let record = scene.server().settled_record();
    assert_eq!((record.logins.len(), record.sessions), (2, 1), "{record:#?}");
    assert_eq!(record.signatures(), 2, "each signs once: {record:#?}");
}

#[test]
fn options_of_ssh_reach_ssh() {
    if !client().at_least(7, 8) {
        return skipped("SetEnv came with OpenSSH 7.8");
    }
    let mut scene = healthy();
    let port = scene.port().to_string();
    let log = scene.home.join("tmp/ssh.log").to_string_lossy().into_owned();
    let words = ["-vv", "-E", &log, "-o", "SetEnv=FROM_HERE=yes", "-p", &port, "127.0.0.1", "printenv", "FROM_HERE"];
    with_temporary_folder(&mut scene);
    let outcome = run_with(command(&scene, &words), b"", TIME_LIMIT);
    outcome.expect_code(0);
    assert_eq!(outcome.stdout, "yes\n");
    let log = scene.home.read("tmp/ssh.log");
    assert!(log.contains("debug2:") && !log.contains("UserKnownHostsFile"), "{log}");
}

#[test]
fn options_of_ours_stand_anywhere_before_the_command() {
    let mut scene = healthy();
    let port = scene.port().to_string();
    let outcome = connect(&mut scene, &["-p", &port, "--timeout", "9", "127.0.0.1", "echo", "--format", "json"]);
    assert_eq!(outcome.stdout, "--format json\n", "{outcome:#?}");
}

#[test]
fn a_refusal_is_explained_on_standard_error() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let other = scene.home.keygen("elsewhere", "ed25519");
    scene.job([&other]).known();
    std::fs::remove_file(&other.path).expect("ours");
    std::fs::remove_file(other.path.with_extension("pub")).expect("ours");
    let outcome = run_there(&mut scene, &["true"]);
    outcome.expect_code(255).expect_text("knows none of this machine's keys");
    assert_eq!(outcome.stdout, "");
    assert_eq!(scene.server().settled_record().sessions, 0);
}

#[test]
fn nobody_is_there() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let port = crate::support::sshd::free_port();
    scene.port_of_nobody(port);
    run_there(&mut scene, &["true"]).expect_code(255).expect_text("refused");
}

#[test]
fn the_job_goes_away_while_somebody_is_in() {
    use crate::support::job_server::{Fault, Options};
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let drop = Fault::DropSession(std::time::Duration::from_secs(2));
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(drop)).known();
    let outcome = run_there(&mut scene, &["sleep", "20"]);
    outcome.expect_code(255).expect_text("closed by remote host");
    assert!(!outcome.stderr.contains("debug"), "{outcome:#?}");
}

#[test]
fn bad_words_are_not_handed_on() {
    let mut scene = healthy();
    for words in [&["-p", "0", "127.0.0.1"][..], &["-z", "127.0.0.1"], &[], &["--nonsense", "h"]] {
        let outcome = connect(&mut scene, words);
        assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(2), ""), "{words:?} {outcome:#?}");
    }
}

#[test]
fn text_that_smuggles_options_in_gets_nothing_of_them() {
    let mut scene = healthy();
    let port = scene.port();
    let evil = scene.home.join("evil");
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -oProxyCommand='touch {0}' \
         -o 'LocalCommand=touch {0}' -o PermitLocalCommand=yes -o 'KnownHostsCommand=/bin/touch {0}' -p {port} 127.0.0.1 true\n",
        evil.display()
    );
    let outcome = connect(&mut scene, &[&text]);
    outcome.expect_code(0);
    assert!(!evil.exists(), "{outcome:#?}");
    let outcome = connect_with(&mut scene, &["-"], b"$ ssh -p 64535 -oProxyCommand=x -- -oProxyCommand=evil\n");
    assert_eq!(outcome.code(), Some(2), "{outcome:#?}");
}
