//! The agent: which keys it holds, whether it answers, and whether ssh asks it.

use std::fs;
use std::time::{Duration, Instant};

use crate::DENIED;
use crate::scene::{Scene, public, word};
use crate::support::agent::OneAnswer;
use crate::support::client::client;
use crate::support::job_server::Options;
use crate::support::keys::Key;

/// A machine with a key that the job does not know, and another one, known to the job, only in the agent.
#[track_caller]
fn only_in_the_agent(keep_public_half: bool, test: impl FnOnce(&mut Scene)) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    let _agent = scene.home.agent(&[&right]);
    fs::remove_file(&right.path).expect("our own key");
    if !keep_public_half {
        fs::remove_file(public(&right)).expect("our own key");
    }
    scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
    test(&mut scene);
}

#[test]
fn identities_only_hides_a_key_of_the_agent() {
    only_in_the_agent(true, |scene| {
        let blocked = scene.blocked_by("config-identitiesonly-wrong-key").shows("config:1");
        blocked.while_ssh_says(DENIED).mended();
    });
}

#[test]
fn identities_only_hides_a_key_that_has_no_file_at_all() {
    only_in_the_agent(false, |scene| {
        let blocked = scene.blocked_by("config-identitiesonly-wrong-key").shows("config:1");
        blocked.while_ssh_says(DENIED).mended();
    });
}

#[test]
fn too_many_keys_come_before_the_right_one() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..8).map(|number| scene.key(&format!("keys/key{number}"))).collect();
    let right = scene.key(".ssh/id_ed25519");
    scene.job([&right]);
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    let blocked = scene.blocked_by("too-many-auth-failures").shows("too many authentication failures");
    blocked.while_ssh_says("too many authentication failures").mended();
}

#[test]
fn too_many_keys_come_before_the_right_one_in_the_agent() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..8).map(|number| scene.key(&format!(".ssh/key{number}"))).collect();
    scene.job([&keys[7]]);
    let _agent = scene.home.agent(&keys.iter().collect::<Vec<_>>());
    let blocked = scene.blocked_by("too-many-auth-failures").shows("too many authentication failures");
    blocked.while_ssh_says("too many authentication failures").mended();
}

#[test]
fn the_agent_that_has_the_key_is_dead() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job([&key]);
    fs::remove_file(&key.path).expect("our own key");
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.blocked_by("agent-stale-socket").titled("dead.sock").while_ssh_says(DENIED);
}

#[test]
fn the_agents_socket_is_gone() {
    let mut scene = Scene::new();
    scene.job([]);
    let socket = scene.home.join("gone.sock");
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.blocked_by("agent-stale-socket").titled("gone.sock").while_ssh_says(DENIED);
}

#[test]
fn the_agent_is_locked() {
    let mut scene = Scene::new();
    let key = scene.key("job");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    fs::remove_file(&key.path).expect("our own key");
    let answers = [("Enter lock password", "sesame\r"), ("Again", "sesame\r")];
    scene.home.paste("ssh-add -x", &answers).expect_code(0);
    if !client().at_least(8, 9) {
        // Agents of that age do not tell.
        let blocked = scene.blocked_by("no-key-found").while_ssh_says(DENIED);
        assert!(blocked.report.json.to_string().contains("ssh-add -X"), "{}", blocked.report);
        return;
    }
    let blocked = scene.blocked_by("agent-locked").while_ssh_says(DENIED);
    blocked.mended_with(&[("Enter lock password", "sesame\r")]);
}

#[test]
fn the_agent_is_empty_and_there_is_no_key() {
    let mut scene = Scene::new();
    scene.job([]);
    let _agent = scene.home.agent(&[]);
    scene.blocked_by("no-key-found").while_ssh_says(DENIED);
}

#[test]
fn the_agent_wants_a_confirmation_that_nobody_can_give() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/work");
    scene.job([&key]);
    let _agent = scene.home.agent(&[]);
    scene.home.run("ssh-add", ["-q", "-c", ".ssh/work"]).expect_code(0);
    scene.blocked_by("agent-confirm-denied").while_ssh_says("agent refused operation").mended();
}

#[test]
fn the_agent_never_answers() {
    let mut scene = Scene::new();
    let key = scene.key("keys/job");
    scene.job([&key]).options(["--timeout", "3"]);
    let hung = scene.home.hung_agent();
    scene.home.set_env("SSH_AUTH_SOCK", hung.socket());
    scene.blocked_by("agent-not-answering").titled("hung.sock");
}

#[test]
fn the_agent_never_answers_and_another_has_the_key() {
    let mut scene = Scene::new();
    let key = scene.key("keys/job");
    scene.job([&key]);
    let _agent = scene.home.agent_at("run/ssh-agent.socket", &[&key]);
    let hung = scene.home.hung_agent();
    scene.home.set_env("SSH_AUTH_SOCK", hung.socket());
    scene.blocked_by("agent-not-answering").titled("hung.sock").mended();
}

#[test]
fn the_agent_of_the_configuration_never_answers_and_the_shells_has_the_key() {
    let mut scene = Scene::new();
    let key = scene.key("keys/job");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    let hung = scene.home.hung_agent();
    scene.home.config(&format!("IdentityAgent {}\n", hung.socket().display()));
    scene.blocked_by("config-identityagent-bad").titled("hung.sock").shows("config:1").mended();
}

#[test]
fn the_agent_of_the_configuration_is_not_there() {
    let mut scene = Scene::new();
    let key = scene.key("keys/job");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    let socket = scene.home.join("1password.sock");
    scene.home.config(&format!("IdentityAgent \"{}\"\n", word(&socket)));
    let blocked = scene.blocked_by("config-identityagent-bad").titled("1password.sock").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

/// ssh asks the agent before it looks at a file, and waits for it without a limit.
#[test]
fn the_agent_never_answers_although_a_good_key_lies_on_disk() {
    let (mut scene, _) = Scene::usual();
    let hung = scene.home.hung_agent();
    scene.home.set_env("SSH_AUTH_SOCK", hung.socket());
    let began = Instant::now();
    let blocked = scene.blocked_by("agent-not-answering").titled("hung.sock");
    assert!(began.elapsed() < Duration::from_secs(8), "the doctor waits longer than it has to: {:?}", began.elapsed());
    blocked
        .while_ssh_says_to(&format!("timeout --foreground 2 {} -v", scene.ssh_line()), "SSH2_MSG_NEWKEYS received")
        .mended();
}

#[test]
fn too_many_keys_of_the_configuration_come_before_the_right_one() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..8).map(|number| scene.key(&format!(".ssh/key{number}"))).collect();
    scene.job([&keys[7]]);
    scene.home.config(&(0..8).map(|number| format!("IdentityFile ~/.ssh/key{number}\n")).collect::<String>());
    let blocked = scene.blocked_by("too-many-auth-failures").titled("key7");
    blocked.while_ssh_says("too many authentication failures").mended();
}

#[test]
fn nothing_is_put_into_the_agent() {
    let (mut scene, _) = Scene::usual();
    let _agent = scene.home.agent(&[]);
    scene.home.config("AddKeysToAgent yes\n");
    scene.examine().expect_silence();
    scene.home.run("ssh-add", ["-l"]).expect_code(1).expect_text("no identities");
}

#[test]
fn the_agent_is_switched_off_by_the_configuration() {
    let mut scene = Scene::new();
    let key = scene.key("keys/job");
    scene.job([&key]);
    let _agent = scene.home.agent(&[&key]);
    scene.home.config("IdentityAgent none\n");
    let blocked = scene.blocked_by("config-identityagent-bad").titled("none").shows("config:1");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn an_rsa_key_in_the_agent_meets_a_server_that_only_knows_sha1() {
    let mut scene = Scene::new();
    let rsa = scene.home.keygen("keys/job", "rsa");
    scene.job_like(Options::authorizing([rsa.public.as_str()]).no_rsa_sha2());
    let _agent = scene.home.agent(&[&rsa]);
    if !client().at_least(8, 8) {
        scene.healthy();
        return;
    }
    scene.blocked_by("rsa-sha1-no-mutual-signature").while_ssh_says(DENIED).mended();
}

/// The private half was only ever in the agent: its public half is on disk, and the job knows it.
fn only_the_public_half() -> (Scene, Key) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job([&key]);
    fs::rename(&key.path, scene.home.join("backup")).expect("our own key");
    (scene, key)
}

#[test]
fn the_public_half_is_known_and_no_agent_runs() {
    let (scene, _) = only_the_public_half();
    scene.blocked_by("agent-not-running").titled("id_ed25519.pub").while_ssh_says(DENIED);
}

#[test]
fn the_public_half_is_known_and_the_agent_is_dead() {
    let (mut scene, _) = only_the_public_half();
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    scene.blocked_by("agent-stale-socket").titled("dead.sock").while_ssh_says(DENIED);
}

#[test]
fn the_public_half_is_known_and_the_agent_is_empty() {
    let (mut scene, _) = only_the_public_half();
    let _agent = scene.home.agent(&[]);
    scene.blocked_by("agent-empty").titled("id_ed25519.pub").while_ssh_says(DENIED);
}

#[test]
fn the_agent_keeps_the_key_for_other_hosts() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/work");
    scene.job([&key]);
    let _agent = scene.home.agent(&[]);
    let elsewhere = scene.key("host-key-of-example-com");
    scene.home.write("hosts", format!("example.com {}\n", elsewhere.public), 0o600);
    let added = scene.home.run("ssh-add", ["-q", "-H", "hosts", "-h", "example.com", ".ssh/work"]);
    if added.stderr.contains("option") {
        return crate::support::skipped("this ssh-add knows no destinations");
    }
    added.expect_code(0);
    if !client().at_least(8, 9) {
        // It does not tell the agent where it goes, and the agent shows the key without ever signing with it.
        let blocked = scene.blocked_by("agent-confirm-denied").titled("keeps the key for others");
        blocked.while_ssh_says("agent refused operation").mended();
        return;
    }
    let blocked = scene.blocked_by("agent-destination-restricted").titled(".ssh/work");
    blocked.while_ssh_says(DENIED).mended();
}

/// The agent shows the key, and would sign for another user only.
#[test]
fn the_agent_keeps_the_key_for_another_user() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/work");
    scene.job([&key]).known();
    let _agent = scene.home.agent(&[]);
    let host = format!("bob@[127.0.0.1]:{}", scene.port());
    let added = scene.home.run("ssh-add", ["-q", "-h", &host, ".ssh/work"]);
    if added.stderr.contains("option") {
        return crate::support::skipped("this ssh-add knows no destinations");
    }
    added.expect_code(0);
    scene.blocked_by("agent-confirm-denied").while_ssh_says("agent refused operation").mended();
}

/// `ssh-add -t`: the agent drops the key when its time is over.
#[test]
fn the_agent_has_forgotten_the_key() {
    let (mut scene, key) = only_the_public_half();
    let _agent = scene.home.agent(&[]);
    scene.home.run("ssh-add", ["-q", "-t", "1", "backup"]).expect_code(0);
    std::thread::sleep(Duration::from_secs(2));
    drop(key);
    scene.blocked_by("agent-empty").titled("id_ed25519.pub").while_ssh_says(DENIED);
}

#[test]
fn what_listens_is_no_agent_or_breaks_off() {
    let many = [[0, 0, 0, 5, 12].as_slice(), &3000_u32.to_be_bytes()].concat();
    let answers: [(&str, Vec<Vec<u8>>); 4] = [
        ("hangs up", vec![]),
        ("speaks HTTP", vec![b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()]),
        ("refuses", vec![vec![0, 0, 0, 1, 5]]),
        ("has too many keys", vec![many]),
    ];
    for (what, answers) in answers {
        let mut scene = Scene::new();
        scene.job([]);
        let agent = OneAnswer::start(&scene.home.join("odd.sock"), answers);
        scene.home.set_env("SSH_AUTH_SOCK", agent.socket());
        let blocked = scene.blocked_by("agent-list-failed").titled("odd.sock");
        let found = blocked.report.to_string();
        blocked.while_ssh_says(DENIED);
        assert!(found.contains("agent-list-failed"), "{what}");
    }
}
