//! Servers without SHA-2 signatures for RSA, where another key does.

use crate::scene::Scene;
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::sha1::Sha1Agent;
use crate::support::sshd::Sshd;

#[test]
fn rsa_is_passed_over_and_ed25519_does() {
    let mut scene = Scene::new();
    scene.home.keygen(".ssh/id_rsa", "rsa");
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).no_rsa_sha2());
    scene.healthy();
}

#[test]
fn both_keys_are_registered() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([rsa.public.as_str(), key.public.as_str()]).no_rsa_sha2());
    let _agent = scene.home.agent(&[&rsa, &key]);
    scene.healthy();
}

#[test]
fn sha1_is_allowed_for_this_host() {
    if !client().at_least(8, 5) {
        crate::support::skipped("a test of PubkeyAcceptedAlgorithms, which came with OpenSSH 8.5");
        return;
    }
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    scene.job_like(Options::authorizing([rsa.public.as_str()]).no_rsa_sha2().sha1_host_key());
    scene.home.config("Host 127.0.0.1\n  HostKeyAlgorithms +ssh-rsa\n  PubkeyAcceptedAlgorithms +ssh-rsa\n");
    scene.healthy();
}

/// Its signature of the RSA key is thrown away, and the next key does.
#[test]
fn an_agent_that_knows_only_sha1_beside_a_good_key() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen("work_rsa", "rsa");
    let key = scene.key(".ssh/id_ed25519");
    let agent = scene.home.agent(&[&rsa]);
    let old = Sha1Agent::start(&scene.home.join("old.sock"), agent.socket());
    scene.home.set_env("SSH_AUTH_SOCK", old.socket());
    scene.sshd([&rsa, &key], "").user(&Sshd::user());
    scene.healthy();
}

#[test]
fn an_sshd_that_takes_sha1_and_ed25519() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen(".ssh/id_rsa", "rsa");
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&rsa, &key], "PubkeyAcceptedAlgorithms ssh-rsa,ssh-ed25519").user(&Sshd::user());
    scene.healthy();
}
