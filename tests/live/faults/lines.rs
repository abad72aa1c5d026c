//! ssh_config(5): lines for this host that do not count, and who says so instead.

use std::os::unix::fs::PermissionsExt as _;

use crate::DENIED;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::ports::RefusedPort;
use crate::support::sshd::Sshd;

/// A job behind the name `job`, as this configuration has it (`PORT` stands for its port), and a key under no usual name.
fn alias(config: &str) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    let port = scene.port().to_string();
    scene.home.config(&config.replace("PORT", &port));
    scene
}

#[test]
fn a_port_for_all_comes_before_the_jobs() {
    let closed = RefusedPort::new();
    let config = format!(
        "Host *\n  Port {}\n\nHost job\n  HostName 127.0.0.1\n  Port PORT\n  IdentityFile ~/.ssh/circleci\n",
        closed.port
    );
    let scene = alias(&config);
    let port = scene.port().to_string();
    scene
        .text_blocked_by("job", "config-line-overruled")
        .titled("Port")
        .shows("config:2")
        .shows(&format!("Port {port}"));
    let blocked = scene.text_blocked_by("job", "config-line-overruled");
    blocked.while_ssh_says_to("ssh job", "Connection refused").mended();
}

#[test]
fn a_user_for_all_comes_before_the_hosts() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "");
    scene.home.config(&format!("User git\nHost 127.0.0.1\n  User {}\n", Sshd::user()));
    let blocked = scene.blocked_by("config-line-overruled").titled("User git").shows("config:3");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn an_include_below_another_host() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    scene.home.write(".ssh/conf.d/circleci", "Host 127.*\n  IdentityFile ~/.ssh/circleci\n", 0o600);
    scene.home.config("Host work\n  User bob\n\nInclude conf.d/*\n");
    let blocked = scene.blocked_by("config-include-inside-host").titled("Host work").shows("config:4");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn a_host_in_an_include_below_another_host() {
    let mut scene = alias("Match user nobody-at-all\n  Port 1\nInclude conf.d/it\\ is\n");
    let port = scene.port();
    scene.home.name("job", "-2");
    scene.home.write(
        ".ssh/conf.d/it is",
        format!("Host job\n  HostName 127.0.0.1\n  Port {port}\n  IdentityFile ~/.ssh/circleci\n"),
        0o600,
    );
    scene.home.config("Match user nobody-at-all\n  Port 1\nInclude \"conf.d/it is\"\n");
    scene.host("job");
    let blocked = scene.text_blocked_by("job", "config-include-inside-host").shows("config:3");
    blocked.while_ssh_says_to("ssh job", "Could not resolve hostname job").mended();
}

#[test]
fn the_key_is_named_for_another_host() {
    let scene = alias("Host 198.51.100.4\n  User circleci\n\n  IdentityFile ~/.ssh/circleci\n");
    let blocked = scene.blocked_by("config-identityfile-other-host").titled("Host 198.51.100.4").shows("config:4");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn a_name_that_no_domain_knows() {
    let (mut scene, _) = Scene::usual();
    for name in ["job-box.corp.example", "job-box.corp.example."] {
        scene.home.name(name, "-2");
    }
    scene.home.name("job-box", "127.0.0.1");
    scene.host("job-box");
    scene.home.config("CanonicalizeHostname yes\nCanonicalDomains corp.example\nCanonicalizeFallbackLocal no\n");
    let blocked = scene.blocked_by("config-canonicalization").titled("job-box");
    blocked.while_ssh_says("Could not resolve host \"job-box\"").mended();
}

#[test]
fn a_port_of_the_configuration_for_an_address() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let closed = RefusedPort::new();
    scene.home.config(&format!("Host *\n  Port {}\n", closed.port));
    scene.host("127.0.0.1");
    let blocked = scene.text_blocked_by("127.0.0.1", "config-port-override").shows("config:2");
    blocked.while_ssh_says_to("ssh 127.0.0.1", "Connection refused");
}

#[test]
fn the_systems_policy_leaves_out_the_keys_type() {
    let (scene, _) = Scene::usual();
    scene.home.write(
        "crypto-policies/back-ends/openssh.config",
        format!("{} ecdsa-sha2-nistp256,rsa-sha2-256,rsa-sha2-512\n", client().accepted_algorithms()),
        0o644,
    );
    scene.home.config("Include ~/crypto-policies/back-ends/openssh.config\n");
    scene.blocked_by("config-crypto-policy").shows("openssh.config:1").while_ssh_says(DENIED).mended();
}

#[test]
fn the_systems_policy_has_no_algorithm_in_common() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "Ciphers aes256-gcm@openssh.com").user(&Sshd::user());
    scene.home.write("crypto-policies/back-ends/openssh.config", "Ciphers aes128-ctr\n", 0o644);
    scene.home.config("Include ~/crypto-policies/back-ends/openssh.config\n");
    scene.blocked_by("config-crypto-policy").while_ssh_says("no matching cipher found").mended();
}

#[test]
fn the_command_line_prefers_passwords() {
    let (mut scene, _) = Scene::usual();
    scene.typed(["-o", "PreferredAuthentications=keyboard-interactive,password"]);
    let blocked = scene.blocked_by("config-pubkey-disabled").shows("-o PreferredAuthentications");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn an_included_file_prefers_a_method_that_does_not_exist() {
    let (scene, _) = Scene::usual();
    scene.home.write(".ssh/conf.d/a", "PreferredAuthentications public-key\n", 0o600);
    scene.home.config("Include conf.d/*\n");
    scene.blocked_by("config-pubkey-disabled").shows("conf.d/a:1").while_ssh_says(DENIED).mended();
}

#[test]
fn the_command_line_pins_a_cipher() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "").user(&Sshd::user()).typed(["-c", "3des-cbc"]);
    let blocked = scene.blocked_by("config-algorithms-pinned").shows("-o Ciphers=3des-cbc");
    blocked.while_ssh_says("no matching cipher found").mended();
}

#[test]
fn lists_that_take_away() {
    let accepted = format!("{} -ssh-ed25519*", client().accepted_algorithms());
    let no_kex = if client().at_least(8, 0) { "no matching key exchange method found" } else { "kex_names_cat" };
    for (line, check, words) in [
        (accepted.as_str(), "config-pubkey-algorithms-exclude-key", "Permission denied"),
        ("HostKeyAlgorithms -ssh-ed25519*", "config-algorithms-pinned", "no matching host key type found"),
        ("KexAlgorithms -*", "config-algorithms-pinned", no_kex),
        ("Ciphers -*", "config-algorithms-pinned", "no matching cipher found"),
    ] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.sshd([&key], "").user(&Sshd::user());
        let reading = if client().at_least(8, 0) { "Match final all" } else { "Match all" };
        scene.home.config(&format!("{reading}\n  {line}\n"));
        scene.blocked_by(check).shows("config:2").while_ssh_says(words).mended();
    }
}

/// The usual machine, with a script called ssh before the real one.
fn script(text: &str) -> Scene {
    let (scene, _) = Scene::usual();
    scene.home.fake_program("ssh", text);
    scene
}

#[test]
fn a_script_called_ssh_switches_keys_off() {
    let scene = script(
        "#!/bin/sh\n# as the manual of the old gateway says\nexec /usr/bin/ssh -o PubkeyAuthentication=no \"$@\"\n",
    );
    let blocked = scene.blocked_by("client-wrapper-script").titled("/bin/ssh").shows("bin/ssh:3");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn a_script_called_ssh_goes_elsewhere() {
    let closed = RefusedPort::new();
    let scene = script(&format!("#!/usr/bin/env bash\nset -e\n/usr/bin/ssh -p {} \"$@\"\n", closed.port));
    scene.blocked_by("client-wrapper-script").titled("port").while_ssh_says("Connection refused").mended();
}

#[test]
fn a_script_called_ssh_drops_what_it_is_given() {
    for text in [
        "#!/bin/sh\nexec /usr/bin/ssh \"$1\" \"$2\"\n",
        "#!/bin/sh\necho 'connect the VPN first' >&2\nexit 1\n",
        "#!/bin/sh\nread -p 'Continue? ' answer\nexec /usr/bin/ssh\n",
    ] {
        let scene = script(text);
        let report = scene.examine();
        assert_eq!(report.first().map(|finding| finding.text("check")), Some("client-script-garbles"), "{report}");
        assert_eq!(report.verdict(), "problems", "{report}");
    }
}

#[test]
fn the_name_has_an_address_of_version_six_that_is_dead() {
    let (mut scene, _) = Scene::usual();
    let Some(_silent) = crate::support::ports::SilentPort::at_version_six(scene.port()) else {
        crate::support::skipped("this machine has no IPv6 loopback");
        return;
    };
    scene.home.name("job.example", "::1,127.0.0.1");
    scene.host("job.example").options(["--timeout", "3"]);
    let report = scene.examine();
    let first = report.first().expect("something is wrong");
    assert_eq!((first.text("check"), first.text("severity")), ("ipv6-broken", "warning"), "{report}");
    let port = scene.port().to_string();
    assert!(
        first.pasteable().iter().any(|fix| fix.commands() == [format!("ssh -4 -p {port} job.example")]),
        "{report}"
    );
}

#[test]
fn a_quiet_configuration_is_told_about() {
    let mut scene = Scene::new();
    let closed = RefusedPort::new();
    scene.port_of_nobody(closed.port);
    scene.home.config("LogLevel fatal\n");
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["connection-refused"], "{report}");
    assert!(report.findings().any(|finding| finding.text("check") == "config-loglevel-quiet"), "{report}");
    assert_eq!(scene.person(&scene.ssh_line(), &[]).code, Some(255));
}

#[test]
fn a_file_that_may_be_written_by_others() {
    let (scene, _) = Scene::usual();
    let file = scene.home.config("ServerAliveInterval 5\n");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666)).expect("our own file");
    scene.blocked_by("config-bad-permissions").while_ssh_says("Bad owner or permissions").mended();
}
