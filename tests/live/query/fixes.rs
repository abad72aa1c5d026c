//! What is printed for a key that the server said yes to.

use std::fs;

use super::is_verified;
use crate::DENIED;
use crate::scene::{Scene, public};

const COMMENTS: [&str; 5] = [
    "it's \"mine\"",
    "$(touch pwned) `touch pwned`",
    "a; touch pwned #",
    "-oProxyCommand=touch pwned",
    "ключ \\ ! ~ *",
];

/// A key that only the agent has, under whatever name, is named by a file that is written for it and for nothing else.
#[test]
fn odd_comments_in_the_agent() {
    for comment in COMMENTS {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let kind = shlex::try_join(["-t", "ed25519", "-C", comment]).expect("words");
        let right = scene.home.keygen("keys/right", &kind);
        scene.job([&right]);
        let _agent = scene.home.agent(&[&right]);
        fs::remove_file(&right.path).expect("our own key");
        fs::remove_file(public(&right)).expect("our own key");
        scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
        // Files of the person's that an older version of this program, or another one, may have written.
        scene.home.write(".ssh/cci-ssh-job-key.pub", "something of the person's\n", 0o644);
        let blocked = scene.blocked_by("config-identitiesonly-wrong-key");
        assert!(is_verified(&blocked.report), "{}", blocked.report);
        blocked.while_ssh_says(DENIED).mended();
        assert!(!scene.home.join("pwned").exists(), "{comment:?} ran");
    }
}

/// The same command once more finds its own file, and does not write it again.
#[test]
fn pasted_twice() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key("keys/right");
    scene.job([&right]).known();
    let _agent = scene.home.agent(&[&right]);
    fs::remove_file(&right.path).expect("our own key");
    fs::remove_file(public(&right)).expect("our own key");
    scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
    let report = scene.examine();
    let fixes = report.json["findings"][0]["fixes"].as_array().cloned().unwrap_or_default();
    let saving = fixes.iter().find(|fix| fix["commands"].to_string().contains("printf")).expect("the file is made");
    let lines: Vec<&str> =
        saving["commands"].as_array().into_iter().flatten().filter_map(|line| line.as_str()).collect();
    for _ in 0..2 {
        scene.person(&lines.join("\n"), &[]).expect_code(0);
    }
    // And the doctor takes the file for what it is: nothing to complain about.
    let typed = lines.last().expect("the login").trim_start_matches("ssh ").to_owned();
    let words = shlex::split(&typed.replace("~/", &format!("{}/", scene.home.path().display()))).expect("words");
    scene.examine_words(&words).expect_silence();
}

/// Names on disk that a shell or ssh could read otherwise.
#[test]
fn odd_names_of_keys_and_certificates() {
    for name in ["my key", "it's", "a;b", "$HOME", "*", "~", "[x]", "ключ"] {
        let mut scene = Scene::new();
        let right = scene.key(&format!(".ssh/{name}"));
        scene.job([&right]);
        let blocked = scene.blocked_by("key-nondefault-name").titled(name);
        assert!(is_verified(&blocked.report), "{}", blocked.report);
        blocked.while_ssh_says(DENIED).mended();
    }
}
