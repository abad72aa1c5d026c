//! ssh_config(5): lines that ssh takes, and that lead it elsewhere.

use crate::DENIED;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::job_server::Options;

/// The usual machine with this configuration.
pub(super) fn with_config(text: &str) -> Scene {
    let (scene, _) = Scene::usual();
    scene.home.config(text);
    scene
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
    let scene = with_config(&format!("{} rsa-sha2-256,rsa-sha2-512\n", client().accepted_algorithms()));
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
    if !client().at_least(7, 6) {
        scene.blocked_by("config-option-too-new").while_ssh_says("Bad configuration option").mended();
        return;
    }
    let blocked = scene.blocked_by("config-remotecommand").shows("config:1");
    blocked.while_ssh_says("Cannot execute command-line and remote command").mended();
}

#[test]
fn a_job_like_any_other_takes_any_user() {
    // The direct form ignores the name, so a User line is not the cause of anything.
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.job_like(Options::new());
    scene.home.config("User git\n");
    scene.blocked_by("key-not-authorised").while_ssh_says(&client().denies("git@127.0.0.1"));
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
