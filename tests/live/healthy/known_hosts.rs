//! known_hosts files that look wrong and are not.

use crate::scene::Scene;
use crate::support::job_server::{JobServer, Options};
use crate::support::sshd::Sshd;

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

/// An authority vouches for the host; a certificate that does not count leaves the plain key, which is asked about or known.
#[test]
fn certificates_of_hosts() {
    for (words, known, checking) in [
        (["-n", "127.0.0.1", "-V", "-1d:+1d"], false, "yes"),
        (["-n", "127.0.0.1", "-V", "20200101:20200201"], true, "yes"),
        (["-n", "runner.example", "-V", "-1d:+1d"], false, "ask"),
    ] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        let host = scene.key("server/host");
        let authority = scene.key("server/authority");
        let sign = ["-q", "-s", "server/authority", "-I", "host", "-h"];
        scene.home.run("ssh-keygen", sign.iter().chain(&words).chain(&["server/host.pub"])).expect_code(0);
        let path = host.path.display();
        scene.sshd([&key], &format!("HostKey {path}\nHostCertificate {path}-cert.pub")).user(&Sshd::user());
        let name = format!("[127.0.0.1]:{}", scene.port());
        let plain = if known { format!("{name} {}\n", host.public) } else { String::new() };
        scene.home.known_hosts(&format!("@cert-authority {name} {}\n{plain}", authority.public));
        scene.home.config(&format!("StrictHostKeyChecking {checking}\n"));
        scene.healthy();
    }
}
