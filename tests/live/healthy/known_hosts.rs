//! known_hosts files that look wrong and are not.

use crate::scene::Scene;
use crate::support::job_server::{JobServer, Options};

/// The host key of a job that has ended, as known_hosts has it.
fn old_line() -> String {
    JobServer::start(Options::new()).known_hosts_line()
}

#[test]
fn other_ports_of_the_same_address() {
    let (scene, _) = Scene::usual();
    let key = old_line().split_once(' ').expect("a name and a key").1.to_owned();
    let port = scene.port();
    scene.home.known_hosts(&format!(
        "127.0.0.1 {key}[127.0.0.1]:{} {key}[127.0.0.2]:{port} {key}*.example,10.0.0.? {key}[127.0.0.1]:1{port} {key}",
        port ^ 1
    ));
    scene.healthy();
}

#[test]
fn hashed_names() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let line = scene.home.read(".ssh/known_hosts");
    scene.home.known_hosts(&format!("{}{line}{}", old_line(), old_line()));
    scene.home.run("ssh-keygen", ["-q", "-H", "-f", ".ssh/known_hosts"]).expect_code(0);
    std::fs::remove_file(scene.home.join(".ssh/known_hosts.old")).expect("ssh-keygen keeps the old file");
    scene.home.config("StrictHostKeyChecking yes\n");
    scene.healthy();
}

#[test]
fn an_old_key_beside_the_right_one() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let line = scene.home.read(".ssh/known_hosts");
    let old = old_line().split_once(' ').expect("a name and a key").1.to_owned();
    let name = line.split(' ').next().expect("a name").to_owned();
    scene.home.known_hosts(&format!("{name} {old}{line}"));
    scene.healthy();
}

#[test]
fn a_revoked_key_of_another_host() {
    let (scene, _) = Scene::usual();
    scene.home.known_hosts(&format!(
        "@revoked {}@cert-authority *.example {}",
        old_line(),
        old_line().split_once(' ').expect("two words").1
    ));
    scene.healthy();
}

#[test]
fn lines_that_are_none() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let line = scene.home.read(".ssh/known_hosts");
    scene.home.known_hosts(&format!("# a comment\n\nnonsense\n127.0.0.1 ssh-ed25519 not-base64!\n|1|broken\n{line}"));
    scene.healthy();
}

#[test]
fn a_long_file() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let line = scene.home.read(".ssh/known_hosts");
    let key = line.split_once(' ').expect("a name and a key").1.to_owned();
    let many: String = (0..20_000)
        .map(|number| format!("host{number}.example,10.1.{}.{} {key}", number / 256, number % 256))
        .collect();
    scene.home.known_hosts(&format!("{many}{line}"));
    scene.healthy();
}
