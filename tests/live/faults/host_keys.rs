//! The server's own key. Every job has a new one, so these are no rarities.

use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::job_server::{JobServer, Options};
use crate::support::keys::Key;

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
    let (scene, _, line) = after_another_job();
    scene.home.known_hosts(&format!("{OTHERS}{line}# mine\n"));
    let fingerprint = answer(&scene);
    let blocked = scene
        .blocked_by("hostkey-changed")
        .shows("known_hosts")
        .while_ssh_says("REMOTE HOST IDENTIFICATION HAS CHANGED");
    blocked.mended_with(&[("(yes/no", &fingerprint)]);
    assert!(scene.home.read(".ssh/known_hosts").contains(OTHERS), "other hosts are still known");
}

#[test]
fn the_fingerprint_of_the_step_is_the_new_keys() {
    let (scene, _, line) = after_another_job();
    scene.home.known_hosts(&format!("{OTHERS}{line}"));
    let server = scene.server();
    let step = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\
         RSA key fingerprint of the host is\nSHA256:{}\n",
        server.port(),
        server.host_key_fingerprint().trim_start_matches("SHA256:"),
    );
    scene.text_blocked_by(&step, "hostkey-changed").mended();
    assert!(scene.home.read(".ssh/known_hosts").contains(OTHERS), "other hosts are still known");
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
