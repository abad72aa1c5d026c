//! Logins that fail for a reason that could not be seen: the report says that it does not know, and what would decide it.

use crate::report::Report;
use crate::scene::Scene;

/// A machine whose right key has a name of its own.
fn key_of_another_name() -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/circleci");
    scene.job([&key]);
    scene
}

#[track_caller]
fn does_not_know(report: &Report, decides: &str) {
    assert_eq!(report.verdict(), "unknown", "{report}");
    let first = report.first().expect("a refusal is a finding");
    assert_eq!(first.text("check"), "permission-denied", "{report}");
    assert!(first.text("detail").contains(decides), "{}", first.text("detail"));
}

#[test]
fn nobody_asked_the_server() {
    let mut scene = key_of_another_name();
    scene.options(["--no-key-probe"]);
    let report = scene.examine();
    does_not_know(&report, "without `--no-key-probe`");
    let first = report.first().expect("a refusal is a finding");
    let fixes = first.pasteable();
    let again = fixes.first().expect("the next step can be pasted").commands();
    assert_eq!(again, [format!("cci-ssh doctor -p {} 127.0.0.1", scene.port())]);
}

/// The right key may have been in it.
#[test]
fn nobody_knows_what_a_dead_agent_held() {
    let mut scene = Scene::new();
    let right = scene.key("elsewhere/right");
    scene.key(".ssh/id_ed25519");
    scene.job([&right]);
    let socket = scene.home.dead_agent_socket();
    scene.home.set_env("SSH_AUTH_SOCK", socket);
    let report = scene.examine();
    let first = report.first().expect("a refusal is a finding");
    assert_eq!((first.text("check"), first.text("confidence")), ("key-not-authorised", "likely"), "{report}");
    assert!(first.text("detail").contains("dead.sock held"), "{}", first.text("detail"));
}
