//! What is said when a session is over that worked: how the job ended it, and nothing where a person left.

use std::thread;
use std::time::Duration;

use super::{connect, run_there};
use crate::circleci::{Ci, MINUTE};
use crate::scene::Scene;
use crate::support::circleci::{FakeCircleci, Id, Job, Kind, Session, User};
use crate::support::job_server::{Fault, JobServer, Options};
use crate::support::process::Outcome;

/// A session that the job's server ends after three seconds, in a job whose step prints this limit; meanwhile this happens
/// at CircleCI.
fn dropped(limit: &str, meanwhile: impl Fn(&FakeCircleci, Id<Job>, [Id<User>; 2]) + Sync) -> Outcome {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(Fault::DropSession(Duration::from_secs(3))));
    let mut ci = Ci::with(scene, Kind::Github, |acme, server| {
        let session = Session::direct(server).limits(limit, "10m0s");
        Job::new("test").running(20 * MINUTE).session(session).ssh_user(acme.ana)
    });
    let url = ci.fake.job_url(ci.job);
    let Ci { scene, fake, acme, job } = &mut ci;
    let (fake, job, people) = (&*fake, *job, [acme.0, acme.1]);
    thread::scope(|scope| {
        scope.spawn(|| {
            thread::sleep(Duration::from_millis(2500));
            meanwhile(fake, job, people);
        });
        connect(scene, &[&url, "sleep", "30"])
    })
}

/// ssh's own code, and this one thing beside ssh's own words.
#[track_caller]
fn expect(outcome: &Outcome, words: &str) {
    outcome.expect_code(255).expect_text(words);
    assert!(!outcome.stderr.contains("The way to"), "a sentence is enough\n{outcome:#?}");
    assert!(outcome.stderr.lines().count() < 8 && outcome.stdout.is_empty(), "{outcome:#?}");
}

#[test]
fn cancelled_by_oneself() {
    let outcome = dropped("2h0m0s", |fake, job, [ana, _]| fake.change(|world| world.cancel(job, ana)));
    expect(&outcome, "because you cancelled the job at ");
    outcome.expect_text("cci-ssh rerun ");
}

#[test]
fn cancelled_by_a_colleague() {
    let outcome = dropped("2h0m0s", |fake, job, [_, ben]| fake.change(|world| world.cancel(job, ben)));
    expect(&outcome, "because ben cancelled the job at ");
}

#[test]
fn the_printed_time_is_over() {
    let outcome = dropped("0h0m3s", |fake, job, _| fake.change(|world| world[job].end("success")));
    expect(&outcome, "because the job's time was over: 3 seconds, as its Enable SSH step prints");
}

#[test]
fn the_job_is_over() {
    let outcome = dropped("2h0m0s", |fake, job, _| fake.change(|world| world[job].end("failed")));
    expect(&outcome, "the session ended with the job, at ");
}

/// The job runs, so that the connection was lost on its way, or the command had that code.
#[test]
fn the_job_still_runs() {
    let outcome = dropped("2h0m0s", |_, _, _| ());
    outcome.expect_code(255);
    assert!(!outcome.stderr.contains("the session"), "{outcome:#?}");
}

/// The machine goes away with its session, and there is nobody to ask.
#[test]
fn without_a_job_to_ask_about() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    scene.home.known_hosts(&server.known_hosts_line());
    let port = server.port().to_string();
    let outcome = thread::scope(|scope| {
        scope.spawn(move || {
            thread::sleep(Duration::from_millis(2500));
            drop(server);
        });
        connect(&mut scene, &["-p", &port, "127.0.0.1", "sleep", "30"])
    });
    expect(&outcome, "the job ended the session: its time was over, or it was cancelled");
    outcome.expect_text("cci-ssh doctor JOB");
}

#[test]
fn a_command_s_own_code_is_no_end() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    for code in ["0", "7", "255"] {
        let outcome = run_there(&mut scene, &[&format!("sh -c 'exit {code}'")]);
        assert_eq!((outcome.code().map(|code| code.to_string()).as_deref(), outcome.stderr.as_str()), (Some(code), ""));
    }
}
