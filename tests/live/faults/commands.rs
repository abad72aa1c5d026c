//! The command line: slips that ssh does not forgive, and commands that a job cannot run.

use std::time::Duration;

use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::job_server::Options;

/// A machine whose one key has a name that ssh does not look at.
fn a_key_to_be_named() -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    scene
}

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

/// Settings of ssh 8.7 and later, each with what ssh makes of it.
#[test]
fn the_configuration_leaves_nobody_in_a_shell() {
    if !client().at_least(8, 7) {
        return;
    }
    for (setting, words) in [
        ("StdinNull yes", "No command or PTY requested"),
        ("ForkAfterAuthentication yes", "Cannot fork into background without a command to execute"),
    ] {
        let (scene, _) = Scene::usual();
        scene.home.config(&format!("{setting}\n"));
        let name = setting.split(' ').next().unwrap_or_default();
        let blocked = scene.blocked_by("config-no-session").titled(name).shows("config:1");
        blocked.while_ssh_says(words).mended();
    }
}

#[test]
fn the_configuration_opens_no_session() {
    if !client().at_least(8, 7) {
        return;
    }
    let (scene, _) = Scene::usual();
    scene.home.config("SessionType none\n");
    let blocked = scene.blocked_by("config-no-session").titled("SessionType").shows("config:1");
    let waits = format!("timeout 3 {} || echo still $?", scene.ssh_line());
    let seen = scene.person(&waits, &[]);
    assert!(seen.output.contains("still 124") && !seen.output.contains(INSIDE), "{seen:#?}");
    blocked.mended();
}

/// Every command that is printed for the key logs in, where the plain one would meet the next fault.
#[track_caller]
fn gets_past_the_next_trap(scene: &Scene, added: &str) {
    let report = scene.examine();
    let finding = report.findings().find(|finding| finding.text("check") == "key-nondefault-name");
    let finding = finding.unwrap_or_else(|| panic!("the key is the cause\n{report}"));
    let fixes = finding.pasteable();
    assert!(!fixes.is_empty(), "{report}");
    for fix in fixes {
        let line = fix.commands().join("\n");
        assert!(line.contains(added), "{line}");
        let seen = scene.person_within(&line, &[], Duration::from_secs(8));
        assert!(seen.output.contains(INSIDE), "{line}\n{seen:#?}");
    }
}

#[test]
fn a_cure_goes_past_a_wrapper() {
    let mut scene = a_key_to_be_named();
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    // Whatever is typed, the function is in the way of it.
    scene.shell("ssh() { command ssh -t \"$@\" \"\nexport TERM_PROGRAM='WarpTerminal'\nexec bash --norc\"; }\n");
    gets_past_the_next_trap(&scene, "command ssh ");
}

#[test]
fn a_cure_undoes_what_ends_the_session() {
    if !client().at_least(8, 7) {
        return;
    }
    for (setting, added) in [
        ("RequestTTY no", "ssh -t "),
        ("SessionType none", "-o SessionType=default"),
        ("StdinNull yes", "-o StdinNull=no"),
        ("ForkAfterAuthentication yes", "-o ForkAfterAuthentication=no"),
    ] {
        let scene = a_key_to_be_named();
        scene.home.config(&format!("{setting}\n"));
        gets_past_the_next_trap(&scene, added);
    }
}

/// A Windows job has no shell but the one that is named.
#[test]
fn a_cure_keeps_the_shell_of_a_windows_job() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.home.write("windows/bash.exe", "#!/bin/sh\nexec /bin/sh -i\n", 0o755);
    let path = scene.home.join("windows").display().to_string();
    scene.job_like(Options::authorizing([key.public.as_str()]).path(&path));
    scene.typed(["-t"]).remote(&["bash.exe"]);
    gets_past_the_next_trap(&scene, "127.0.0.1 -- bash.exe");
}

#[test]
fn an_option_on_the_command_line_that_does_not_exist() {
    let (mut scene, _) = Scene::usual();
    scene.typed(["-o", "IdentityFiles=x"]);
    scene.blocked_by("config-bad-option").while_ssh_says("Bad configuration option").with_nothing_to_paste();
}
