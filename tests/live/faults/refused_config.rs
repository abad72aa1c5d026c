//! ssh_config(5): files and lines that ssh refuses, whatever it was asked to do.

use super::config::with_config;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::sshd::Sshd;

#[test]
fn an_option_that_does_not_exist() {
    let scene = with_config("Host *\n  IdentityFiles ~/.ssh/id_ed25519\n");
    let blocked = scene.blocked_by("config-bad-option").titled("identityfiles").shows("config:2");
    blocked.while_ssh_says("Bad configuration option").mended();
}

#[test]
fn an_option_in_an_included_file() {
    let scene = with_config("Include conf.d/*\n");
    scene.home.write(".ssh/conf.d/10 work", "Host *\n\n  Prot 22\n", 0o600);
    let blocked = scene.blocked_by("config-bad-option").titled("prot").shows("10 work:3");
    blocked.while_ssh_says("Bad configuration option").mended();
}

#[test]
fn an_option_of_apples() {
    if cfg!(target_os = "macos") {
        crate::support::skipped("this ssh knows UseKeychain");
        return;
    }
    let scene = with_config("Host *\n  UseKeychain yes\n  AddKeysToAgent yes\n");
    let blocked = scene.blocked_by("config-usekeychain-not-macos").titled("usekeychain").shows("config:2");
    blocked.while_ssh_says("Bad configuration option").mended();
}

#[test]
fn an_option_newer_than_this_ssh() {
    let scene = with_config("RefuseConnection never\n");
    // Known from OpenSSH 10.0 on.
    if scene.home.ssh(["-G", "job"]).stderr.contains("Bad configuration option") {
        let blocked = scene.blocked_by("config-option-too-new").titled("refuseconnection").shows("config:1");
        blocked.while_ssh_says("Bad configuration option").mended();
    } else {
        crate::support::skipped("this ssh knows every option that the test knows");
    }
}

#[test]
fn a_value_that_ssh_does_not_take() {
    let scene = with_config("Host *\n  Compression maybe\n");
    let blocked = scene.blocked_by("config-bad-value").titled("config line 2").shows("config:2");
    blocked.while_ssh_says("unsupported option").mended();
}

#[test]
fn an_algorithm_that_ssh_does_not_have() {
    let gone = if client().at_least(7, 6) { "blowfish-cbc" } else { "idea-cbc" };
    let scene = with_config(&format!("Host *\n  Ciphers {gone},aes128-ctr\n"));
    scene.blocked_by("config-bad-algorithm-name").titled("config line 2").while_ssh_says(gone).mended();
}

#[test]
fn a_match_that_ssh_does_not_know() {
    let scene = with_config("Match planet mars\n  User root\n");
    scene.blocked_by("config-match-error").titled("Match").while_ssh_says("Match").mended();
}

#[test]
fn a_byte_order_mark() {
    let scene = with_config("\u{feff}Host *\n  ServerAliveInterval 30\n");
    scene.blocked_by("config-bom-or-utf16").titled("config").while_ssh_says("Bad configuration option").mended();
}

#[test]
fn others_may_write_to_the_file() {
    let (scene, _) = Scene::usual();
    scene.home.write(".ssh/config", "ServerAliveInterval 30\n", 0o666);
    let blocked = scene.blocked_by("config-bad-permissions").titled("config");
    blocked.while_ssh_says("Bad owner or permissions").mended();
}

#[test]
fn the_configuration_includes_itself() {
    let scene = with_config("Include ~/.ssh/config\n");
    scene.blocked_by("config-not-accepted").titled("recursive").while_ssh_says("recursive").mended();
}

/// The same faults are seen without a target, before anybody has a job.
#[test]
fn a_refused_configuration_without_a_target() {
    let nothing: [&str; 0] = [];
    for (text, check) in [
        ("Nonsense yes\n", "config-bad-option"),
        ("Include ~/.ssh/config\n", "config-not-accepted"),
        ("Match planet mars\n", "config-match-error"),
    ] {
        let scene = with_config(text);
        let report = scene.examine_words(&nothing);
        assert_eq!((report.root_errors(), report.verdict()), (vec![check], "blocked"), "{report}");
    }
}

#[test]
fn a_token_that_ssh_does_not_know() {
    let scene = with_config("IdentityFile ~/.ssh/%q\n");
    scene.blocked_by("config-token-expansion").while_ssh_says("unknown key %q");
}

#[test]
fn two_lines_are_wrong() {
    let scene = with_config("Nonsense yes\nHost *\n  Compression maybe\n");
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["config-bad-option", "config-bad-value"], "{report}");
}

#[test]
fn the_file_belongs_to_somebody_else() {
    let (scene, _) = Scene::usual();
    let file = scene.home.config("ServerAliveInterval 30\n");
    if Sshd::user() != "root" {
        crate::support::skipped("only root can give files away");
        return;
    }
    std::os::unix::fs::chown(&file, Some(65534), Some(65534)).expect("root may");
    scene.blocked_by("config-bad-permissions").titled("config").while_ssh_says("Bad owner or permissions").mended();
}
