//! Files with names that a shell, ssh or a terminal would make something else of.

use crate::scene::Scene;

const NAMES: [&str; 7] = [
    "my key",
    "it's",
    "$(touch ~/pwned)",
    "`touch ~/pwned`;touch ~/pwned",
    "\"quoted\"",
    "schlüssel-鍵",
    "back\\slash*?[x]",
];

#[test]
fn a_printed_command_reaches_every_file() {
    for name in NAMES {
        println!("{name}");
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.key(&format!(".ssh/{name}"));
        scene.job([&right]);
        scene.blocked_by("wrong-key-offered").mended();
        assert!(!scene.home.join("pwned").exists(), "{name} was run");
    }
}

#[test]
fn a_damaged_key_is_repaired_under_every_name() {
    for name in NAMES {
        println!("{name}");
        let mut scene = Scene::new();
        let right = scene.key(&format!(".ssh/{name}"));
        let text = scene.home.read(&format!(".ssh/{name}")).replace('\n', "\r\n");
        scene.home.write(&format!(".ssh/{name}"), text, 0o600);
        scene.job([&right]).typed(["-i", &right.path.display().to_string()]);
        scene.blocked_by("key-crlf").mended();
        assert!(!scene.home.join("pwned").exists(), "{name} was run");
    }
}

/// There is no way to name it to ssh after `-i`, which looks for tokens in the name.
#[test]
fn no_command_is_printed_that_cannot_work() {
    for name in ["${HOME}", "100% sure", "%h-%d"] {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.key(&format!(".ssh/{name}"));
        scene.job([&right]);
        let report = scene.examine();
        assert_eq!(report.root_errors(), ["wrong-key-offered"], "{report}");
        assert!(report.first().is_some_and(|finding| finding.pasteable().is_empty()), "{report}");
    }
}

#[test]
fn users_as_directories_have_them() {
    for user in [r"CORP\ana", "ana maria", "o'brien", "ana@corp.example", "svc$", "Jürgen", "a*b?"] {
        println!("{user}");
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.key(".ssh/circleci");
        scene.job([&right]);
        if is_refused(&scene, user) {
            scene.home.config(&format!("User \"{user}\"\n"));
        } else {
            scene.user(user);
        }
        scene.blocked_by("wrong-key-offered").mended();
    }
}

/// Newer clients take ever fewer names on the command line, distributions bring that to older ones, and all take them in
/// the configuration. So the client is asked.
fn is_refused(scene: &Scene, user: &str) -> bool {
    scene.home.ssh(["-G", "-l", user, "127.0.0.1"]).stderr.contains("invalid characters")
}

#[test]
fn users_that_ssh_takes_from_its_configuration_only() {
    for user in [r"CORP\ana", "o'brien", "svc$"] {
        println!("{user}");
        let (mut scene, _) = Scene::usual();
        scene.user(user);
        if !is_refused(&scene, user) {
            scene.healthy();
            continue;
        }
        let blocked = scene.blocked_by("cmdline-user-refused").titled(user).shows("invalid characters");
        blocked.while_ssh_says("remote username contains invalid characters").with_nothing_to_paste();
        // What the fix says to do.
        scene.without_user().home.config(&format!("Host 127.0.0.1\n  User \"{user}\"\n"));
        scene.healthy();
    }
}

#[test]
fn hosts_as_configurations_have_them() {
    for host in ["Job_1", "job-1.example.", "work+ci", "bücher.example", "JOB.EXAMPLE"] {
        println!("{host}");
        let (mut scene, _) = Scene::usual();
        scene.home.config(&format!("Host {host}\n  HostName 127.0.0.1\n"));
        scene.host(host);
        scene.examine().expect_silence();
    }
}
