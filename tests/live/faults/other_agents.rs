//! The right key is in an agent that ssh does not ask.

use std::fs;

use crate::DENIED;
use crate::scene::{Scene, public, word};
use crate::support::agent::Agent;
use crate::support::gpg::GpgAgent;
use crate::support::keys::Key;
use crate::support::tmux::Tmux;

/// A job and an agent at that path below the home, which alone has the job's key; ssh offers another one.
fn only_in(path: &str) -> (Scene, Key, Agent) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key("right");
    scene.job([&right]);
    let agent = scene.home.agent_at(path, &[&right]);
    forget(&right);
    (scene, right, agent)
}

/// The key's files are gone.
fn forget(key: &Key) {
    fs::remove_file(&key.path).expect("our own key");
    fs::remove_file(public(key)).expect("our own key");
}

#[test]
fn the_shell_knows_of_no_agent() {
    let (scene, _, _agent) = only_in("run/ssh-agent.socket");
    let blocked = scene.blocked_by("agent-other-has-key").titled("run/ssh-agent.socket").shows("would accept");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn there_is_no_other_key_at_all() {
    let (scene, _, _agent) = only_in("run/ssh-agent.sock");
    fs::remove_file(scene.home.join(".ssh/id_ed25519")).expect("our own key");
    fs::remove_file(scene.home.join(".ssh/id_ed25519.pub")).expect("our own key");
    scene.blocked_by("agent-other-has-key").while_ssh_says(DENIED).mended();
}

#[test]
fn the_shell_asks_another_agent() {
    let (mut scene, _, _agent) = only_in(".1password/agent.sock");
    let other = scene.key("other");
    let _asked = scene.home.agent(&[&other]);
    let blocked = scene.blocked_by("agent-other-has-key").titled(".1password/agent.sock");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_agent_of_a_shell_that_was_closed() {
    let (mut scene, _, _agent) = only_in("tmp/ssh-h5Rdabc/agent.77");
    let temporary = scene.home.join("tmp");
    scene.home.set_env("TMPDIR", temporary);
    scene.blocked_by("agent-other-has-key").titled("agent.77").while_ssh_says(DENIED).mended();
}

#[test]
fn the_variable_is_stale_and_a_newer_agent_has_the_key() {
    let (mut scene, _, _agent) = only_in(".ssh/agent/s.Ab12.agent.Cd34");
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    let blocked = scene.blocked_by("agent-stale-socket").titled("dead.sock").shows("would accept");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_variable_names_nothing_and_a_link_leads_to_the_forwarded_agent() {
    let (mut scene, _, agent) = only_in("elsewhere/agent.1");
    let socket = scene.home.join("tmp/ssh-gone/agent.5");
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.home.set_env("SSH_CONNECTION", "198.51.100.9 50000 192.0.2.4 22");
    std::os::unix::fs::symlink(agent.socket(), scene.home.join(".ssh/ssh_auth_sock")).expect("a link in the home");
    scene.blocked_by("agent-stale-socket").titled("ssh-gone").while_ssh_says(DENIED).mended();
}

#[test]
fn the_configuration_names_an_agent_that_has_another_key() {
    let (mut scene, _, agent) = only_in("shell.sock");
    scene.home.set_env("SSH_AUTH_SOCK", agent.socket());
    let other = scene.key("other");
    let configured = scene.home.agent_at("configured.sock", &[&other]);
    scene.home.config(&format!("IdentityAgent \"{}\"\n", word(configured.socket())));
    let blocked = scene.blocked_by("config-identityagent-bad").titled("configured.sock").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_configuration_names_an_agent_that_is_gone_and_the_shell_none() {
    let (scene, _, _agent) = only_in(".1password/agent.sock");
    scene.home.config("IdentityAgent ~/old.sock\n");
    let blocked = scene.blocked_by("config-identityagent-bad").titled("old.sock").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn the_configuration_pins_another_key_besides() {
    let (scene, _, _agent) = only_in("run/ssh-agent.socket");
    scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
    scene.blocked_by("agent-other-has-key").while_ssh_says(DENIED).mended();
}

#[test]
fn the_key_stands_behind_others_there() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let keys: Vec<_> = (0..6).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    scene.job([&keys[5]]);
    let _agent = scene.home.agent_at("run/ssh-agent", &keys.iter().collect::<Vec<_>>());
    keys.iter().for_each(forget);
    scene.blocked_by("agent-other-has-key").while_ssh_says(DENIED).mended();
}

/// The server hangs up before it was asked about all of them.
#[test]
fn more_keys_elsewhere_than_the_server_hears() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..8).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    scene.job([&keys[7]]);
    let _agent = scene.home.agent_at("run/ssh-agent", &keys.iter().collect::<Vec<_>>());
    keys.iter().for_each(forget);
    let blocked = scene.blocked_by("agent-other-not-asked").titled("2 keys");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

/// Locked, it would open a window to list its keys.
#[test]
fn bitwarden_runs_and_is_left_in_peace() {
    let mut scene = Scene::new();
    scene.job([]);
    let silent = scene.home.hung_agent_at(".bitwarden-ssh-agent.sock");
    let blocked = scene.blocked_by("agent-other-not-asked").titled(".bitwarden-ssh-agent.sock");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
    assert_eq!(silent.requests(), 0, "it was asked something");
}

/// The public half that a configuration pins is there, and its agent is not the one that is asked.
#[test]
fn a_pinned_public_half_belongs_to_another_agent() {
    let mut scene = Scene::new();
    let right = scene.key(".ssh/circleci");
    let other = scene.key("other");
    scene.job([&right]);
    let _agent = scene.home.agent_at("run/ssh-agent.socket", &[&right]);
    let _asked = scene.home.agent(&[&other]);
    fs::remove_file(&right.path).expect("our own key");
    scene.home.config("IdentityFile ~/.ssh/circleci.pub\nIdentitiesOnly yes\n");
    scene.blocked_by("agent-other-has-key").mended();
}

/// A shell in tmux keeps the variable with which its window was opened.
#[test]
fn tmux_knows_the_agent_that_came_later() {
    let (mut scene, _, agent) = only_in("later.sock");
    let Some(tmux) = Tmux::start(&scene.home, agent.socket()) else { return };
    scene.home.set_env("TMUX", tmux.variable());
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    let blocked = scene.blocked_by("agent-stale-socket").titled("dead.sock");
    let fixes = blocked.report.to_string();
    assert!(fixes.contains("tmux show-environment"), "{fixes}");
    blocked.while_ssh_says(DENIED).mended();
}

/// Other agents' keys that the server does not take change nothing about the diagnosis.
#[test]
fn keys_elsewhere_that_the_job_does_not_know_either() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let other = scene.key("other");
    let right = scene.key("right");
    scene.job([&right]);
    let _agent = scene.home.agent_at("run/ssh-agent.socket", &[&other]);
    forget(&right);
    forget(&other);
    scene.blocked_by("key-not-authorised").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn agents_that_hang_cost_little_and_hide_nothing() {
    let (scene, _, _agent) = only_in("run/ssh-agent.socket");
    let hung: Vec<_> = [".1password/agent.sock", "run/ssh-agent", ".ssh/agent/s.a.agent.b"]
        .map(|path| scene.home.hung_agent_at(path))
        .into();
    let began = std::time::Instant::now();
    scene.blocked_by("agent-other-has-key");
    assert!(hung.iter().all(|agent| agent.connections() == 1), "each was asked once");
    assert!(began.elapsed().as_secs() < 8, "{:?}", began.elapsed());
}

/// What another user of this machine runs is nobody's business, root's neither.
#[test]
fn an_agent_of_another_user_is_not_touched() {
    let mut scene = Scene::new();
    scene.job([]);
    let theirs = scene.home.hung_agent_at("run/ssh-agent.socket");
    if std::os::unix::fs::chown(theirs.socket(), Some(12_345), None).is_err() {
        return crate::support::skipped("only root can give a socket away");
    }
    scene.blocked_by("no-key-found");
    assert_eq!(theirs.connections(), 0);
}

#[test]
fn gpg_agent_has_the_key() {
    let mut scene = Scene::new();
    let key = scene.key("right");
    scene.job([&key]);
    let Some(_agent) = GpgAgent::start(&mut scene.home, &[&key]) else { return };
    forget(&key);
    scene.blocked_by("agent-other-has-key").titled("S.gpg-agent.ssh").while_ssh_says(DENIED).mended();
}

/// Asked for its keys, it would write a file into the home.
#[test]
fn gpg_agent_that_never_served_ssh_is_left_alone() {
    let mut scene = Scene::new();
    scene.job([]);
    let Some(_agent) = GpgAgent::start(&mut scene.home, &[]) else { return };
    assert!(!scene.home.join(".gnupg/sshcontrol").exists());
    scene.blocked_by("no-key-found").while_ssh_says(DENIED);
    assert!(!scene.home.join(".gnupg/sshcontrol").exists());
}

#[test]
fn gpg_agent_cannot_ask_for_the_passphrase() {
    let mut scene = Scene::new();
    let key = scene.key("right");
    scene.job([&key]);
    let Some(agent) = GpgAgent::start(&mut scene.home, &[&key]) else { return };
    forget(&key);
    scene.home.set_env("SSH_AUTH_SOCK", agent.socket());
    scene.healthy();
    agent.asks_now_with(&scene.home, "/usr/local/bin/pinentry-gone");
    let report = scene.examine();
    assert_eq!(report.first().map(|finding| finding.text("check")), Some("agent-pinentry-missing"), "{report}");
    scene.person(&scene.ssh_line(), &[]).expect_text("agent refused operation");
}
