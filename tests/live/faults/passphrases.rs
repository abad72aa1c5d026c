//! Keys that ask for a passphrase, where nobody can be asked or the answer is wrong.

use crate::DENIED;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::process::run;

const ANSWER: &[(&str, &str)] = &[("Enter passphrase", "sesame\r")];

/// A machine with an encrypted key that the job knows.
fn encrypted() -> Scene {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.job([&key]).known();
    scene
}

#[test]
fn there_is_no_terminal_to_ask_on() {
    let scene = encrypted();
    let blocked = scene.blocked_by("key-passphrase-no-prompt").titled("no terminal");
    let mut cron = scene.home.command("ssh");
    cron.args(["-p", &scene.port().to_string(), "127.0.0.1"]);
    run(cron).expect_code(255).expect_text(DENIED);
    blocked.mended_with(ANSWER);
}

#[test]
fn there_is_no_terminal_and_an_agent_without_the_key() {
    let mut scene = encrypted();
    let _agent = scene.home.agent(&[]);
    scene.blocked_by("key-passphrase-no-prompt").titled("no terminal").mended_with(ANSWER);
}

#[test]
fn the_program_that_is_to_ask_is_not_there() {
    let mut scene = encrypted();
    scene.home.set_env("SSH_ASKPASS", "/usr/lib/no-such-askpass");
    scene.home.set_env("SSH_ASKPASS_REQUIRE", "force");
    scene.at_a_terminal();
    if !client().at_least(8, 4) {
        // It does not know the second variable and asks on the terminal.
        scene.healthy_with(ANSWER);
        return;
    }
    let blocked = scene.blocked_by("key-passphrase-no-prompt").titled("the program that is to ask");
    blocked.while_ssh_says(DENIED).mended_with(ANSWER);
}

#[test]
fn an_editor_has_a_screen_and_no_program_to_ask_with() {
    let mut scene = encrypted();
    scene.home.set_env("SSH_ASKPASS", "/usr/lib/no-such-askpass");
    scene.home.set_env("DISPLAY", ":99");
    scene.blocked_by("key-passphrase-no-prompt").titled("the program that is to ask");
}

/// Healthy, however it looks: the program asks on the screen.
#[test]
fn there_is_no_terminal_and_a_program_asks() {
    let mut scene = encrypted();
    let askpass = scene.home.fake_program("askpass", "#!/bin/sh\necho sesame\n");
    scene.home.set_env("SSH_ASKPASS", askpass);
    scene.home.set_env("SSH_ASKPASS_REQUIRE", "force");
    if !client().at_least(8, 4) {
        // It does not know the second variable and wants a screen.
        scene.blocked_by("key-passphrase-no-prompt").titled("no terminal").mended_with(ANSWER);
        return;
    }
    scene.healthy();
}

/// Healthy: a screen that is wanted and not there leaves the terminal.
#[test]
fn a_program_is_preferred_and_there_is_no_screen() {
    let mut scene = encrypted();
    scene.home.set_env("SSH_ASKPASS", "/usr/lib/no-such-askpass");
    scene.home.set_env("SSH_ASKPASS_REQUIRE", "prefer");
    scene.at_a_terminal();
    scene.healthy_with(ANSWER);
}
