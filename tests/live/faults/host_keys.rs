//! The server's own key. Every job has a new one, so these are no rarities.

use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::job_server::{JobServer, Options};
use crate::support::keys::Key;
use crate::support::sshd::Sshd;

/// A machine that was in an earlier job at the same address and port.
fn after_another_job() -> (Scene, Key, String) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let first = JobServer::start(Options::authorizing([key.public.as_str()]));
    let (ip, port, line) = (first.ip(), first.port(), first.known_hosts_line());
    drop(first);
    scene.job_like(Options::authorizing([key.public.as_str()]).listen(ip, port));
    (scene, key, line)
}

/// What a careful person answers to the question about a new host.
fn answer(scene: &Scene) -> String {
    if client().at_least(8, 0) { format!("{}\r", scene.server().host_key_fingerprint()) } else { "yes\r".to_owned() }
}

const OTHERS: &str = "github.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl\n";

#[test]
fn the_address_was_another_jobs_before() {
    let (mut scene, _, line) = after_another_job();
    scene.home.known_hosts(&format!("{OTHERS}{line}# mine\n"));
    scene.keeps(OTHERS.trim()).keeps("# mine");
    let fingerprint = answer(&scene);
    let blocked = scene
        .blocked_by("hostkey-changed")
        .shows("known_hosts")
        .while_ssh_says("REMOTE HOST IDENTIFICATION HAS CHANGED");
    blocked.mended_with(&[("(yes/no", &fingerprint)]);
}

#[test]
fn the_fingerprint_of_the_step_is_the_new_keys() {
    let (mut scene, _, line) = after_another_job();
    scene.home.known_hosts(&format!("{OTHERS}{line}"));
    scene.keeps(OTHERS.trim());
    let server = scene.server();
    let step = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\
         RSA key fingerprint of the host is\nSHA256:{}\n",
        server.port(),
        server.host_key_fingerprint().trim_start_matches("SHA256:"),
    );
    scene.text_blocked_by(&step, "hostkey-changed").mended();
}

#[test]
fn new_hosts_are_forbidden() {
    let (scene, _) = Scene::usual();
    scene.home.config("StrictHostKeyChecking yes\n");
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-unknown-strict").shows("config:1");
    blocked.while_ssh_says("Host key verification failed").mended_with(&[("(yes/no", &fingerprint)]);
}

#[test]
fn nobody_may_be_asked_about_a_new_host() {
    let (scene, _) = Scene::usual();
    scene.home.config("BatchMode yes\n");
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-unknown-no-tty").shows("config:1");
    blocked.while_ssh_says("Host key verification failed").mended_with(&[("(yes/no", &fingerprint)]);
}

#[test]
fn the_key_is_revoked() {
    let (scene, _) = Scene::usual();
    scene.home.known_hosts(&format!("@revoked {}", scene.server().known_hosts_line()));
    scene.blocked_by("hostkey-revoked").while_ssh_says("REVOKED HOST KEY DETECTED").with_nothing_to_paste();
}

#[test]
fn the_printed_fingerprint_is_another_machines() {
    let (scene, _) = Scene::usual();
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\
         SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (ED25519)\n",
        scene.port()
    );
    scene.text_blocked_by(&text, "hostkey-mismatch-with-step").with_nothing_to_paste();
    assert!(scene.person(&scene.ssh_line(), &[]).output.contains(INSIDE), "ssh itself cannot know");
}

#[test]
fn the_old_entry_is_hashed_and_in_a_file_of_its_own() {
    let (scene, _, line) = after_another_job();
    scene.home.known_hosts(&format!("{OTHERS}{line}"));
    scene.home.run("ssh-keygen", ["-q", "-H", "-f", ".ssh/known_hosts"]).expect_code(0);
    std::fs::remove_file(scene.home.join(".ssh/known_hosts.old")).expect("ssh-keygen keeps the old file");
    std::fs::rename(scene.home.join(".ssh/known_hosts"), scene.home.join(".ssh/jobs")).expect("our own file");
    scene.home.config("UserKnownHostsFile ~/.ssh/jobs\n");
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-changed").shows(".ssh/jobs");
    blocked.while_ssh_says("HAS CHANGED").mended_with(&[("(yes/no", &fingerprint)]);
}

#[test]
fn the_old_entry_has_an_alias() {
    let (scene, _, line) = after_another_job();
    let key = line.split_once(' ').expect("a name and a key").1.to_owned();
    scene.home.known_hosts(&format!("{OTHERS}circleci {key}"));
    // What an older ssh has instead also takes a changed key.
    let policy = if client().at_least(7, 6) { client().takes_new_hosts() } else { "" };
    scene.home.config(&format!("HostKeyAlias circleci\n{policy}"));
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-changed").titled("circleci");
    blocked.while_ssh_says("HAS CHANGED").mended_with(&[("(yes/no", &fingerprint)]);
}

/// Lines that look alike and are not the old job's: other ports, authorities, revoked keys.
#[test]
fn only_the_entry_of_this_address_and_port_goes() {
    let (mut scene, _, line) = after_another_job();
    let rsa = scene.home.keygen("server/old_rsa", "rsa").public;
    let (name, key) = line.trim().split_once(' ').expect("a name and a key");
    let authority = format!("@cert-authority {name} {rsa}");
    let revoked = format!("@revoked {name} {rsa}");
    let port = format!("[127.0.0.1]:1 {key}");
    let bare = format!("127.0.0.1 {key}");
    for kept in [&authority, &revoked, &port, &bare] {
        scene.keeps(kept);
    }
    scene.home.known_hosts(&format!("{authority}\n{port}\n{line}{name} {rsa}\n{revoked}\n{bare}\n"));
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-changed").while_ssh_says("HAS CHANGED");
    assert!(blocked.report.json["findings"][0]["fixes"].to_string().contains("ssh-keygen -R"), "{}", blocked.report);
    blocked.mended_with(&[("(yes/no", &fingerprint)]);
}

/// ssh-keygen -R would forget the other host of the line, so it is not printed.
#[test]
fn the_old_entry_is_for_another_host_too() {
    for other in ["git.example", "*.example"] {
        let (mut scene, _, line) = after_another_job();
        let shared = format!("{other},{}", line.trim());
        scene.home.known_hosts(&format!("{OTHERS}{shared}\n"));
        scene.keeps(&shared);
        let fingerprint = answer(&scene);
        let blocked = scene.blocked_by("hostkey-changed").shows("known_hosts");
        blocked.while_ssh_says("HAS CHANGED").mended_with(&[("(yes/no", &fingerprint)]);
    }
}

#[test]
fn the_old_entry_is_in_two_files() {
    let (mut scene, _, line) = after_another_job();
    scene.home.known_hosts(&line);
    scene.home.write(".ssh/more_hosts", format!("{OTHERS}{line}"), 0o600);
    scene.home.config("UserKnownHostsFile ~/.ssh/known_hosts ~/.ssh/more_hosts\n");
    scene.keeps(OTHERS.trim());
    let fingerprint = answer(&scene);
    let blocked = scene.blocked_by("hostkey-changed").while_ssh_says("HAS CHANGED");
    blocked.mended_with(&[("(yes/no", &fingerprint)]);
}

/// A machine that trusts an authority for this address, and an sshd whose host certificate was made with these words.
fn certified(words: &[&str]) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let host = scene.key("server/host");
    let authority = scene.key("server/authority");
    let sign = ["-q", "-s", "server/authority", "-I", "host", "-h"];
    scene.home.run("ssh-keygen", sign.iter().chain(words).chain(&["server/host.pub"])).expect_code(0);
    let host = host.path.display();
    scene.sshd([&key], &format!("HostKey {host}\nHostCertificate {host}-cert.pub")).user(&Sshd::user());
    let line = format!("@cert-authority [127.0.0.1]:{} {}\n", scene.port(), authority.public);
    scene.home.known_hosts(&line);
    scene.keeps(line.trim());
    scene
}

#[test]
fn the_hosts_certificate_is_for_another_name() {
    let scene = certified(&["-n", "runner.example"]);
    scene.home.config("StrictHostKeyChecking yes\n");
    let blocked = scene.blocked_by("hostkey-cert-invalid").shows("name is not a listed principal");
    blocked.while_ssh_says("Certificate invalid").mended_with(&[("(yes/no", "yes\r")]);
}

#[test]
fn the_hosts_certificate_has_run_out() {
    let scene = certified(&["-n", "127.0.0.1", "-V", "20200101:20200201"]);
    scene.home.config("StrictHostKeyChecking yes\n");
    let blocked = scene.blocked_by("hostkey-cert-invalid").shows("expired");
    blocked.while_ssh_says("Certificate invalid").mended_with(&[("(yes/no", "yes\r")]);
}

#[test]
fn the_hosts_certificate_names_nobody() {
    let scene = certified(&[]);
    scene.home.config("StrictHostKeyChecking yes\n");
    if client().at_least(10, 6) {
        let blocked = scene.blocked_by("hostkey-cert-invalid").shows("lacks principal list");
        blocked.while_ssh_says("Certificate lacks principal list").mended_with(&[("(yes/no", "yes\r")]);
    } else {
        scene.healthy();
    }
}

#[test]
fn the_host_key_is_too_short() {
    if !client().at_least(9, 1) {
        crate::support::skipped("a test of RequiredRSASize, which came with OpenSSH 9.1");
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let host = scene.home.keygen("server/host", "rsa");
    scene.sshd([&key], &format!("HostKeyAlgorithms rsa-sha2-512\nHostKey {}", host.path.display()));
    scene.user(&Sshd::user());
    scene.home.config("RequiredRSASize 3072\n");
    let blocked = scene.blocked_by("hostkey-too-small").shows("config:1").shows("Invalid key length");
    blocked.while_ssh_says("Invalid key length").mended();
}
