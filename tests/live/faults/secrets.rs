//! Passwords and tokens in the user's commands: the report helps without them.

use crate::scene::Scene;
use crate::support::job_server::Options;

const SECRETS: [&str; 4] = ["hunter22", "tr0ub4dor", "s3cret-token-99", "c29tZTpiYXNpYw"];

/// No byte of a secret is anywhere in what the doctor prints, whatever it is asked for.
#[track_caller]
fn is_silent_about_secrets(scene: &Scene, words: &[&str]) {
    for format in [&["doctor"][..], &["doctor", "--format", "json", "--with-facts"], &["facts"]] {
        let arguments = format.iter().chain(&["--timeout", "3"]).chain(words);
        let outcome = scene.home.cci_ssh(arguments);
        for secret in SECRETS {
            for text in [&outcome.stdout, &outcome.stderr] {
                assert!(!text.contains(secret), "{format:?}: {secret} in {text}");
            }
        }
        assert!(outcome.stdout.contains("<hidden>") || !format.contains(&"json"), "{outcome:#?}");
    }
}

fn address(scene: &Scene) -> [String; 3] {
    ["-p".to_owned(), scene.port().to_string(), "127.0.0.1".to_owned()]
}

#[test]
fn a_proxy_with_a_password_does_not_answer() {
    let (scene, _) = Scene::usual();
    scene.home.fake_program("tunnel", "#!/bin/sh\necho \"tunnel: $* : access denied\" >&2\nexit 1\n");
    scene.home.config(
        "Host *\n  ProxyCommand env HTTPS_PROXY_PASSWORD=hunter22 tunnel -u ana:tr0ub4dor --token s3cret-token-99 \\
         -H 'Proxy-Authorization: Basic c29tZTpiYXNpYw' %h %p\n"
            .replace("\\\n         ", "")
            .as_str(),
    );
    let words = address(&scene);
    is_silent_about_secrets(&scene, &words.each_ref().map(String::as_str));
    let blocked = scene.blocked_by("config-proxycommand-fails").titled("-u ana:<hidden>").shows("config:2");
    blocked.while_ssh_says("access denied").mended();
}

#[test]
fn a_command_of_the_configuration_hangs_with_a_token() {
    let (scene, _) = Scene::usual();
    scene.home.config("Match exec \"sleep 20; check --password hunter22\"\n  Port 1\n");
    let words = address(&scene);
    is_silent_about_secrets(&scene, &words.each_ref().map(String::as_str));
}

#[test]
fn what_was_typed_comes_back_without_its_password() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.job_like(Options::new());
    let port = scene.port().to_string();
    scene.home.fake_program("tunnel", "#!/bin/sh\nexit 1\n");
    let option = "ProxyCommand=tunnel http://ana:hunter22@proxy:3128 %h %p";
    is_silent_about_secrets(&scene, &["-o", option, "-p", &port, "127.0.0.1"]);
    scene.typed(["-o", option]);
    let report = scene.examine();
    let first = report.first().expect("it is blocked");
    assert_eq!(first.text("check"), "config-proxycommand-fails", "{report}");
    assert!(first.pasteable().is_empty(), "a command without its password is not one to paste\n{report}");
}

#[test]
fn an_alias_with_a_password() {
    let (scene, _) = Scene::usual();
    scene.home.write(".bashrc", "alias ssh='sshpass -p hunter22 ssh'\n", 0o644);
    let words = address(&scene);
    is_silent_about_secrets(&scene, &words.each_ref().map(String::as_str));
}
