//! Agents that look wrong and are not.

use std::fs;

use crate::scene::{Scene, public, word};
use crate::support::client::client;

#[test]
fn the_key_is_only_in_the_agent() {
    let mut scene = Scene::new();
    let key = scene.key("job");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    fs::remove_file(public(&key)).expect("our own key");
    scene.healthy();
}

#[test]
fn many_keys_in_the_agent_and_the_right_one_first() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..9).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    scene.job([&keys[0]]);
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    scene.healthy();
}

#[test]
fn a_pinned_public_half_whose_key_is_in_the_agent() {
    let mut scene = Scene::new();
    let others: Vec<_> = (0..7).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    let mut all: Vec<_> = others.iter().collect();
    all.push(&key);
    let _agent = scene.home.agent(&all);
    fs::remove_file(&key.path).expect("our own key");
    scene.home.config("Host 127.0.0.1\n  IdentityFile ~/.ssh/circleci.pub\n  IdentitiesOnly yes\n");
    scene.healthy();
}

#[test]
fn the_public_half_after_i_and_the_key_in_the_agent() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    scene.typed(["-i", &word(&public(&key)), "-o", "IdentitiesOnly=yes"]);
    scene.healthy();
}

#[test]
fn a_dead_agent_and_a_good_key() {
    let (mut scene, _) = Scene::usual();
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.healthy();
}

#[test]
fn an_agents_socket_that_is_gone_and_a_good_key() {
    let (mut scene, _) = Scene::usual();
    let socket = scene.home.join("gone/agent.sock");
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.healthy();
}

#[test]
fn an_empty_agent_and_a_good_key() {
    let (mut scene, _) = Scene::usual();
    let _agent = scene.home.agent(&[]);
    scene.healthy();
}

#[test]
fn the_agent_is_switched_off_on_purpose() {
    let (mut scene, _) = Scene::usual();
    let other = scene.key("other");
    let _agent = scene.home.agent(&[&other]);
    scene.home.config("IdentityAgent none\n");
    scene.healthy();
}

#[test]
fn the_agent_of_the_configuration_is_another_than_the_environments() {
    let mut scene = Scene::new();
    let key = scene.key("job");
    scene.job([&key]);
    let agent = scene.home.agent(&[&key]);
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.home.config(&format!("IdentityAgent {}\n", agent.socket().display()));
    scene.healthy();
}

#[test]
fn the_key_is_encrypted_on_disk_and_open_in_the_agent() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.job([&key]);
    let _agent = scene.home.agent(&[]);
    scene.home.paste("ssh-add -q", &[("Enter passphrase", "sesame\r")]).expect_code(0);
    scene.home.config(&format!("BatchMode yes\n{}", client().takes_new_hosts()));
    scene.healthy();
}

#[test]
fn the_agent_holds_only_a_key_that_the_job_does_not_know() {
    let (mut scene, _) = Scene::usual();
    let other = scene.home.keygen("other", "rsa");
    let _agent = scene.home.agent(&[&other]);
    scene.healthy();
}

#[test]
fn what_the_variable_names_is_no_agent() {
    let named: [fn(&Scene) -> std::path::PathBuf; 3] = [
        |scene| scene.home.write("agent.sock", "a file", 0o600),
        |scene| scene.home.join(".ssh"),
        |scene| scene.home.join("x".repeat(150)),
    ];
    for name in named {
        let (mut scene, _) = Scene::usual();
        let path = name(&scene);
        scene.home.set_env("SSH_AUTH_SOCK", path);
        scene.healthy();
    }
}

/// A login that works leaves every agent alone that ssh does not ask.
#[test]
fn agents_beside_the_one_that_is_asked() {
    let (mut scene, _) = Scene::usual();
    let other = scene.key("other");
    let _holds_another = scene.home.agent_at("run/ssh-agent.socket", &[&other]);
    let silent = scene.home.hung_agent_at(".1password/agent.sock");
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.healthy();
    assert_eq!(silent.connections(), 0, "nobody has a reason to ask it");
}
