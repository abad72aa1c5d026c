//! A CircleCI job in the host's place.

use std::time::Duration;

use super::connect;
use crate::circleci::{Ci, MINUTE};
use crate::scene::Scene;
use crate::support::circleci::{Change, Form, Job, Kind, Progress, Session, When};
use crate::support::client::client;
use crate::support::job_server::{Options, Users};
use crate::support::process::Outcome;
use crate::support::skipped;
use crate::support::sshd::free_port;

fn running(session: Session) -> Job {
    Job::new("test").running(2 * MINUTE).session(session)
}

/// The session's words and nothing else.
#[track_caller]
fn expect_in(outcome: &Outcome, words: &str) {
    let said = (outcome.code(), outcome.stdout.as_str(), outcome.stderr.as_str());
    assert_eq!(said, (Some(0), words, ""), "{outcome:#?}");
}

#[test]
fn the_job_is_logged_in_to_and_its_host_key_is_the_printed_one() {
    let (mut ci, _) = Ci::new(Kind::Github, |acme, server| running(Session::direct(server)).ssh_user(acme.ana));
    let url = ci.fake.job_url(ci.job);
    let outcome = connect(&mut ci.scene, &[&url, "echo", "in"]);
    expect_in(&outcome, "in\n");
}

#[test]
fn options_beside_the_job() {
    if !client().at_least(7, 8) {
        return skipped("SetEnv came with OpenSSH 7.8");
    }
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.home.keygen("circleci", "ed25519");
    scene.job([&right]);
    let mut ci = Ci::with(scene, Kind::Github, |acme, server| running(Session::direct(server)).ssh_user(acme.ana));
    let url = ci.fake.job_url(ci.job);
    let key = right.path.to_string_lossy().into_owned();
    let words = ["-i", &key, "-o", "SetEnv=FROM_HERE=yes", &url, "printenv", "FROM_HERE"];
    let outcome = connect(&mut ci.scene, &words);
    expect_in(&outcome, "yes\n");
}

#[test]
fn the_proxy_form() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).users(Users::SessionName)).known();
    let mut ci = Ci::with(scene, Kind::Circleci, |acme, server| running(Session::proxy(server)).ssh_user(acme.ana));
    let url = ci.fake.job_url(ci.job);
    let outcome = connect(&mut ci.scene, &[&url, "echo", "in"]);
    expect_in(&outcome, "in\n");
    let user = ci.scene.server().record().logins.last().map(|login| login.user.clone()).unwrap_or_default();
    assert!(user.ends_with("-0"), "{user}");
}

#[test]
fn one_of_several_parallel_runs() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).users(Users::SessionName)).known();
    let mut ci = Ci::with(scene, Kind::Circleci, |acme, server| {
        running(Session::proxy(server)).session(Session::proxy(server)).parallel(2).ssh_user(acme.ana)
    });
    let url = ci.fake.job_url(ci.job);
    connect(&mut ci.scene, &["--execution", "1", &url, "true"]).expect_code(0);
    let user = ci.scene.server().record().logins.last().map(|login| login.user.clone()).unwrap_or_default();
    assert!(user.ends_with("-1"), "{user}");
}

#[test]
fn a_job_that_prints_nothing_yet() {
    let (mut ci, _) = Ci::new(Kind::Github, |acme, server| {
        Job::new("test").queued().session(Session::direct(server)).ssh_user(acme.ana)
    });
    let url = ci.fake.job_url(ci.job);
    let outcome = connect(&mut ci.scene, &[&url]);
    outcome.expect_code(255).expect_text("has printed no command to log in with yet").expect_text("--wait SECONDS");
    assert_eq!(outcome.stdout, "");
}

#[test]
fn a_job_that_is_over() {
    let (mut ci, _) = Ci::new(Kind::Github, |acme, _| {
        let session = Session::elsewhere(Form::DirectMinimal, "127.0.0.1", free_port());
        Job::new("test").running(30 * MINUTE).session(session).ended("success", 5 * MINUTE).ssh_user(acme.ana)
    });
    let url = ci.fake.job_url(ci.job);
    connect(&mut ci.scene, &[&url, "true"]).expect_code(255).expect_text("ended");
}

#[test]
fn a_job_is_waited_for() {
    let (mut ci, _) = Ci::new(Kind::Github, |acme, server| {
        let progress = Progress::none()
            .then(When::After(Duration::from_secs(1)), Change::Runs)
            .then(When::After(Duration::from_secs(1)), Change::StepAppears)
            .then(When::After(Duration::from_secs(1)), Change::StepIsReady);
        Job::new("test").queued().session(Session::direct(server)).ssh_user(acme.ana).progress(progress)
    });
    let url = ci.fake.job_url(ci.job);
    let outcome = connect(&mut ci.scene, &["--wait", "25", &url, "echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
}

#[test]
fn a_step_that_prints_options_is_not_obeyed() {
    let (mut ci, _) = Ci::new(Kind::Github, |acme, server| {
        let text = format!(
            "You can now SSH into this box if your SSH public key is added:\n    $ ssh -oProxyCommand='touch evil' -F \
             evil -E evil -p {} 127.0.0.1\n",
            server.port()
        );
        running(Session::text_of(&text)).ssh_user(acme.ana)
    });
    ci.scene.known();
    let url = ci.fake.job_url(ci.job);
    let outcome = connect(&mut ci.scene, &[&url, "echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
}
