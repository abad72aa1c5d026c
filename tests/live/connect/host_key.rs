//! The host key: pinned to the printed fingerprint where there is one, the user's own affair where there is none.

use super::{TEMPORARY, connect, run_there, step, true_step};
use crate::scene::{INSIDE, Scene, by_way_of};
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::sshd::Sshd;

/// The step's text with what is to run there behind its command.
fn with_command(text: &str, port: u16, command: &str) -> String {
    text.replace(&format!("-p {port} 127.0.0.1"), &format!("-p {port} 127.0.0.1 {command}"))
}

/// Logs in with the printed text, and sees nothing of the user's known_hosts change.
#[track_caller]
fn is_let_in(scene: &mut Scene) {
    let text = with_command(&true_step(scene), scene.port(), "echo in");
    let outcome = connect(scene, &[&text]);
    assert_eq!((outcome.code(), outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), "in\n", ""));
}

#[test]
fn a_new_host_whose_fingerprint_is_printed_is_not_asked_about() {
    let (mut scene, _) = Scene::usual();
    is_let_in(&mut scene);
}

#[test]
fn rsa_hashed_names_and_a_name_of_its_own() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).rsa_host_key());
    scene.home.config("HashKnownHosts yes\nHostKeyAlias job\nCheckHostIP yes\nStrictHostKeyChecking yes\n");
    is_let_in(&mut scene);
}

#[test]
fn the_key_of_an_earlier_job_is_no_obstacle() {
    let (mut scene, _) = Scene::usual();
    let old = scene.home.keygen("old", "ed25519");
    let line = format!("[127.0.0.1]:{} {}\n", scene.port(), old.public);
    scene.home.known_hosts(&line);
    is_let_in(&mut scene);
    run_there(&mut scene, &["true"]).expect_code(255).expect_text("known_hosts");
}

#[test]
fn by_way_of_a_jump_host() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job([&key]);
    let bastion = Sshd::start([key.public.as_str()], "");
    scene.home.config(&by_way_of(&bastion));
    scene.home.known_hosts(&bastion.known_hosts_line().replace("127.0.0.1", "localhost"));
    is_let_in(&mut scene);
}

#[test]
fn another_machine_is_not_logged_in_to() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    let text = step(&scene, "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (ED25519)");
    let outcome = connect(&mut scene, &[&text]);
    outcome.expect_code(255).expect_text("is not the machine that the Enable SSH step describes");
    assert_eq!((outcome.stdout.as_str(), scene.server().settled_record().sessions), ("", 0));
}

#[test]
fn another_machine_behind_the_first_connection_is_not_logged_in_to() {
    let (mut scene, key) = Scene::usual();
    let text = true_step(&scene);
    // The words are those that ssh gets; the server is exchanged before it gets them.
    let line = connect(&mut scene, &["--dry-run", &text]).stdout;
    let port = scene.port();
    scene.port_of_nobody(port);
    let another = Options::authorizing([key.public.as_str()]).listen(std::net::Ipv4Addr::LOCALHOST.into(), port);
    scene.job_like(another);
    let seen = scene.person(&line, &[]);
    seen.expect_text("Host key verification failed").expect_code(255);
    assert_eq!(scene.server().settled_record().logins.len(), 0, "{seen:#?}");
}

#[test]
fn a_revoked_key_stays_revoked() {
    let (mut scene, _) = Scene::usual();
    scene.home.known_hosts(&format!("@revoked {}", scene.server().known_hosts_line()));
    let text = true_step(&scene);
    let outcome = connect(&mut scene, &[&text]);
    outcome.expect_code(255).expect_text("REVOKED");
    assert_eq!(scene.server().settled_record().sessions, 0, "{outcome:#?}");
}

#[test]
fn without_a_fingerprint_the_users_own_settings_decide() {
    let (mut scene, _) = Scene::usual();
    let outcome = run_there(&mut scene, &["true"]);
    outcome.expect_code(255).expect_text("Host key verification failed");
    scene.home.config(&format!("{}UserKnownHostsFile ~/tmp/mine\n", client().takes_new_hosts()));
    super::with_temporary_folder(&mut scene);
    let port = scene.port().to_string();
    let outcome = scene.home.cci_ssh(["connect", "-p", &port, "127.0.0.1", "echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
    assert!(scene.home.read(&format!("{TEMPORARY}/mine")).contains("ssh-ed25519 "), "ssh learnt it as it always does");
}

#[test]
fn the_printed_line_brings_its_host_key_along() {
    let (mut scene, _) = Scene::usual();
    let text = true_step(&scene);
    let outcome = connect(&mut scene, &["--dry-run", &text]);
    assert_eq!((outcome.code(), outcome.stdout.lines().count()), (Some(0), 1), "{outcome:#?}");
    scene.home.make_folder("a folder", 0o700);
    let folder = scene.home.join("a folder");
    scene.home.set_env("TMPDIR", folder);
    let seen = scene.home.paste(&outcome.stdout, &[(INSIDE, "exit\r")]);
    assert!(seen.output.contains(INSIDE) && !seen.output.contains("yes/no"), "{seen:#?}");
    assert!(std::fs::read_dir(scene.home.join("a folder")).expect("is there").next().is_none());
}
