//! `circleci ssh-doctor`: the plug-in, in the environment that CircleCI's own CLI gives it.

use super::{Ci, MINUTE};
use crate::report::Report;
use crate::support::circleci::{Job, Kind, Session};
use crate::support::job_server::JobServer;
use crate::support::process::{Outcome, TIME_LIMIT, run_with};

/// What `circleci ssh-doctor WORDS` starts.
fn plugin(ci: &Ci, words: &[&str]) -> Outcome {
    let mut command = ci.scene.home.command(env!("CARGO_BIN_EXE_circleci-ssh-doctor"));
    let project = [("CIRCLE_PROJECT_USERNAME", "acme"), ("CIRCLE_PROJECT_REPONAME", "web"), ("CIRCLE_BRANCH", "main")];
    command.args(words).envs(project).env("CIRCLE_VCS_TYPE", "github");
    run_with(command, b"", TIME_LIMIT)
}

fn live(server: &JobServer) -> Job {
    Job::new("test").running(2 * MINUTE).session(Session::direct(server)).why("ssh")
}

#[test]
fn the_folders_own_job_is_meant() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(server).ssh_user(acme.ana));
    let report = Report::of(plugin(&ci, &["--format", "json", "--with-facts"]));
    report.expect_silence();
    assert_eq!(report.json["facts"]["circleci"]["job"]["name"], "test", "{report}");
    // The same where it is asked for.
    let outcome = ci.scene.home.doctor(["--format", "json", "--with-facts", "--my-job"]);
    assert_eq!(Report::of(outcome).json["facts"]["circleci"]["job"]["name"], "test");
}

#[test]
fn where_none_runs_this_machine_is_meant() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        acme.world[acme.flow].started_by = acme.ben;
        live(server).ssh_user(acme.ben)
    });
    let report = Report::of(plugin(&ci, &["--format", "json", "--with-facts"]));
    report.expect_silence();
    assert_eq!(report.json["target"], serde_json::Value::Null, "{report}");
    let outcome = ci.scene.home.doctor(["--my-job"]);
    outcome.expect_code(2);
    assert!(outcome.stderr.contains("cci-ssh rerun JOB"), "{outcome:#?}");
}

#[test]
fn a_login_may_be_named_without_the_word_doctor() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(server).ssh_user(acme.ana));
    let port = ci.scene.port().to_string();
    let report = Report::of(plugin(&ci, &["--format", "json", "--with-facts", "-p", &port, "127.0.0.1"]));
    report.expect_silence();
    assert_eq!(report.json["target"]["host"], "127.0.0.1", "{report}");
    assert!(ci.fake.requests("*").next().is_none(), "nobody named a job");
    let outcome = plugin(&ci, &["explain", "no-key-found"]);
    outcome.expect_code(0);
    assert!(plugin(&ci, &["--help"]).stdout.contains("circleci ssh-doctor"));
}
