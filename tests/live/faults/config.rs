//! ssh_config(5): lines that ssh refuses, and lines that lead it elsewhere.

use crate::DENIED;
use crate::scene::Scene;
use crate::support::job_server::Options;
use crate::support::process::expect_end;
use crate::support::sshd::Sshd;

/// The usual machine with this configuration.
fn with_config(text: &str) -> Scene {
    let (scene, _) = Scene::usual();
    scene.home.config(text);
    scene
}

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
    let scene = with_config("Host *\n  Ciphers blowfish-cbc,aes128-ctr\n");
    scene.blocked_by("config-bad-algorithm-name").titled("config line 2").while_ssh_says("blowfish").mended();
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
fn public_keys_are_switched_off() {
    let scene = with_config("Host *\n  PubkeyAuthentication no\n");
    scene.blocked_by("config-pubkey-disabled").shows("config:2").while_ssh_says(DENIED).mended();
}

#[test]
fn passwords_are_preferred_over_everything() {
    let scene = with_config("Host *\n  PreferredAuthentications password\n");
    scene.blocked_by("config-pubkey-disabled").shows("config:2").while_ssh_says(DENIED).mended();
}

#[test]
fn the_keys_type_is_excluded() {
    let scene = with_config("PubkeyAcceptedAlgorithms rsa-sha2-256,rsa-sha2-512\n");
    let blocked = scene.blocked_by("config-pubkey-algorithms-exclude-key").titled("id_ed25519").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_host_name_leads_elsewhere() {
    let scene = with_config("Host 127.*\n  HostName 127.0.0.2\n");
    let blocked = scene.blocked_by("config-hostname-rewrite").titled("127.0.0.2").shows("config:2");
    blocked.while_ssh_says("Connection refused").mended();
}

#[test]
fn the_address_is_of_the_other_family() {
    let scene = with_config("AddressFamily inet6\n");
    let blocked = scene.blocked_by("config-addressfamily").titled("inet6").shows("config:1");
    blocked.while_ssh_says("Could not resolve hostname").mended();
}

#[test]
fn the_address_to_connect_from_is_not_this_machines() {
    let scene = with_config("BindAddress 192.0.2.199\n");
    let blocked = scene.blocked_by("config-bindaddress").titled("192.0.2.199").shows("config:1");
    blocked.while_ssh_says("Cannot assign requested address").mended();
}

#[test]
fn a_remote_command_collides_with_the_typed_one() {
    let mut scene = with_config("RemoteCommand tmux new -A\n");
    scene.remote(&["bash"]).typed(["-t"]);
    let blocked = scene.blocked_by("config-remotecommand").shows("config:1");
    blocked.while_ssh_says("Cannot execute command-line and remote command").mended();
}

#[test]
fn the_folder_for_shared_connections_is_not_there() {
    let scene = with_config("ControlMaster auto\nControlPath ~/.ssh/sockets/%C\n");
    let blocked = scene.blocked_by("config-controlpath-bad").shows("config:2");
    blocked.while_ssh_says("No such file or directory").mended();
}

#[test]
fn the_path_for_shared_connections_is_too_long() {
    let (scene, _) = Scene::usual();
    let folder = "a-folder-with-a-long-name/".repeat(5);
    scene.home.make_folder(&folder, 0o700);
    scene.home.config(&format!("ControlMaster auto\nControlPath ~/{folder}%C\n"));
    scene.blocked_by("config-controlpath-bad").shows("config:2").while_ssh_says("too long").mended();
}

/// A master connection whose ssh has been stopped.
#[test]
fn the_shared_connection_is_frozen() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    scene.home.config("ControlPath ~/.ssh/shared\nControlMaster auto\n");
    let start = format!("{} -M -N -f && ssh -O check -p {} 127.0.0.1", scene.ssh_line(), scene.port());
    let started = scene.home.paste(&start, &[]).output;
    let pid = started.split("(pid=").nth(1).and_then(|rest| rest.split(')').next()).expect("a master").to_owned();
    scene.home.run("kill", ["-STOP", &pid]).expect_code(0);
    let frozen = Frozen { scene: &scene, pid };
    let blocked = scene.blocked_by("config-controlmaster-stale").titled("older connection").shows("config:1");
    // timeout(1) is the person who loses patience.
    blocked.while_ssh_says_to(&format!("timeout 1 {} -v", scene.ssh_line()), "Trying existing master").mended();
    drop(frozen);
}

/// Ends the stopped ssh, also when the test fails.
struct Frozen<'a> {
    scene: &'a Scene,
    pid: String,
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.scene.home.run("kill", ["-KILL", &self.pid]);
        if !std::thread::panicking() {
            expect_end(&self.pid);
        }
    }
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
fn a_job_like_any_other_takes_any_user() {
    // The direct form ignores the name, so a User line is not the cause of anything.
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.job_like(Options::new());
    scene.home.config("User git\n");
    scene.blocked_by("key-not-authorised").while_ssh_says("git@127.0.0.1: Permission denied");
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

#[test]
fn a_quiet_configuration_hides_nothing() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    scene.home.config("LogLevel QUIET\n");
    scene.blocked_by("key-nondefault-name").mended();
}

#[test]
fn nothing_that_the_configuration_starts_is_started() {
    let (scene, _) = Scene::usual();
    scene.home.config(
        "PermitLocalCommand yes\nLocalCommand touch ~/started\nRemoteCommand touch started\nForkAfterAuthentication yes\n\
         LocalForward 127.0.0.1:1 127.0.0.1:1\nExitOnForwardFailure yes\nTunnel yes\nControlMaster yes\nControlPath ~/.ssh/cm\n",
    );
    scene.examine();
    assert!(!scene.home.join("started").exists());
}
