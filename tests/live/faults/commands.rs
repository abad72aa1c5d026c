//! The command line: slips that ssh does not forgive, and commands that a job cannot run.

use crate::scene::Scene;

/// The usual machine, and a pasted command with this slip in it (`PORT` stands for the port). `control` shows what ssh
/// makes of it.
#[track_caller]
fn slip(pasted: &str, check: &str, control: &str, words: &str) {
    let (mut scene, _) = Scene::usual();
    let port = scene.port().to_string();
    // What is no name is not asked for on the network either.
    scene.home.name(&format!("127.0.0.1:{port}"), "-2");
    scene.home.name("\u{2013}p", "-2");
    let text = pasted.replace("PORT", &port);
    scene.text_blocked_by(&text, check).while_ssh_says_to(&control.replace("PORT", &port), words).mended();
}

#[test]
fn an_uppercase_p() {
    // Until OpenSSH 9.3 -P takes no word, and the port becomes the host; since then it takes a tag.
    slip("ssh -P PORT 127.0.0.1", "cmdline-uppercase-p", "ssh -G -P PORT 127.0.0.1; false", "port 22\n");
}

#[test]
fn the_port_after_a_colon() {
    let pasted = "ssh 127.0.0.1:PORT";
    slip(pasted, "cmdline-host-colon-port", pasted, "Could not resolve hostname");
}

#[test]
fn a_dash_of_a_word_processor() {
    let pasted = "ssh \u{2013}p PORT 127.0.0.1";
    slip(pasted, "cmdline-typographic-dash", pasted, "Could not resolve hostname");
}

#[test]
fn a_comma_behind_the_port() {
    slip("ssh -p PORT, 127.0.0.1", "cmdline-bad-port", "ssh -p PORT, 127.0.0.1", "Bad port");
}

#[test]
fn host_and_port_changed_places() {
    slip("ssh -p 127.0.0.1 PORT", "cmdline-bad-port", "ssh -p 127.0.0.1 PORT", "Bad port");
}

#[test]
fn the_option_of_another_program() {
    slip("ssh --port PORT 127.0.0.1", "cmdline-bad-port", "ssh --port PORT 127.0.0.1", "option -- -");
}

#[test]
fn ssh_is_there_twice() {
    let (mut scene, _) = Scene::usual();
    scene.home.name("ssh", "-2");
    let port = scene.port();
    let line = format!("ssh ssh -p {port} 127.0.0.1");
    let blocked = scene.text_blocked_by(&line, "cmdline-placeholder-or-prompt-pasted");
    blocked.while_ssh_says_to(&line, "Could not resolve hostname ssh").mended();
}

#[test]
fn no_port() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    // Nobody listens on port 22 of this loopback address.
    scene.host("127.0.0.44");
    scene.blocked_by("port-missing").titled("22").while_ssh_says("port 22: Connection refused");
}

#[test]
fn the_configuration_asks_for_no_terminal() {
    let (scene, _) = Scene::usual();
    scene.home.config("RequestTTY no\n");
    let blocked = scene.blocked_by("session-no-pty").shows("config:1");
    blocked.while_ssh_says("No command or PTY requested").mended();
}

#[test]
fn an_option_on_the_command_line_that_does_not_exist() {
    let (mut scene, _) = Scene::usual();
    scene.typed(["-o", "IdentityFiles=x"]);
    scene.blocked_by("config-bad-option").while_ssh_says("Bad configuration option").with_nothing_to_paste();
}
