//! What a start file of the image can do to a login, as far as a log of ssh shows it.

use crate::record;
use crate::scene::{INSIDE, Scene};
use crate::support::image::{Builder, Image};
use crate::support::paste::Pasted;
use crate::support::process::Outcome;

/// Logs in with `ssh -v 2> ssh.log`, and has the log judged.
#[track_caller]
fn judged(scene: &Scene) -> (Outcome, Pasted) {
    let seen = scene.person(&format!("{} -v 2> ssh.log", scene.ssh_line()), &[]);
    let port = scene.port().to_string();
    let outcome = scene.home.doctor(["--format", "json", "--log", "ssh.log", "-p", &port, "127.0.0.1"]);
    (outcome, seen)
}

/// The job's profile ends the login, the log shows it, and what is printed gets in.
#[track_caller]
fn ends_the_login(builder: &Builder) {
    let Some(image) = builder.make() else { return };
    let scene = Scene::job_in(&image);
    let (outcome, seen) = judged(&scene);
    let log = scene.home.read("ssh.log");
    let report = outcome.json();
    assert_eq!(report["findings"][0]["check"], "session-profile-exits", "{log}\n{seen:#?}\n{outcome:#?}");
    record::situation(&scene, &scene.ssh_line(), "session-profile-exits", &[]);
    let fixes = report["findings"][0]["fixes"].as_array().expect("fixes");
    assert!(!fixes.is_empty(), "{outcome:#?}");
    for fix in fixes {
        let command = fix["commands"][0].as_str().expect("a command");
        let pasted = scene.person(command, &[]);
        assert!(pasted.output.contains(INSIDE), "{command}\n{pasted:#?}");
        assert_eq!(pasted.code, Some(0), "{command}\n{pasted:#?}");
    }
}

#[test]
fn a_profile_that_says_exit() {
    ends_the_login(&Image::debian().user("circleci").home_file(".bash_profile", ". ~/.bashrc\nexit 1\n"));
}

#[test]
fn a_profile_in_which_a_command_fails_under_set_e() {
    ends_the_login(&Image::ubuntu().user("circleci").profile_d("strict.sh", "set -e\nfalse\n"));
}
