//! `cci-ssh jobs`: what is listed, and what is cancelled.

use super::rerun::expect_schema;
use super::{Ci, MINUTE};
use crate::support::circleci::{Fault, Id, Job, Kind, Role, Session};
use crate::support::job_server::JobServer;

/// A job with SSH of nobody yet.
fn live(name: &str, server: &JobServer) -> Job {
    Job::new(name).running(47 * MINUTE).session(Session::direct(server))
}

/// ana has one job with SSH that runs, of three parallel runs; ben has one that waits; ordinary ones stand between.
fn ci() -> Ci {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        acme.world.job(acme.flow, Job::new("lint").running(MINUTE));
        let theirs = acme.world.workflow(acme.web, acme.ben, "build");
        acme.world.job(theirs, live("deploy", server).queued().why("ssh").ssh_user(acme.ben));
        acme.world.job(theirs, live("old", server).ended("canceled", 5 * MINUTE).ssh_user(acme.ana));
        live("test", server).parallel(3).ssh_user(acme.ana)
    });
    ci
}

fn status(ci: &Ci, job: Id<Job>) -> String {
    ci.fake.seen(|world| world[job].status.clone())
}

#[test]
fn ones_own_are_listed() {
    let ci = ci();
    let number = ci.fake.seen(|world| world[ci.job].number);
    let outcome = ci.act(["jobs"]);
    outcome.expect_code(0);
    for words in [
        &format!("{number}  test of acme/web"),
        "runs for 47 minutes (since ",
        "3 places, docker, large",
        &ci.fake.job_url(ci.job),
        "1 job with SSH of yours holds 3 places",
        &format!("cci-ssh jobs --cancel gh/acme/web/{number}"),
    ] {
        assert!(outcome.stdout.contains(words), "{words}: {outcome:#?}");
    }
    for words in ["deploy", "lint", "old of", "ben"] {
        assert!(!outcome.stdout.contains(words), "{words}: {outcome:#?}");
    }

    let outcome = ci.act(["jobs", "--all"]);
    for words in ["deploy of acme/web", "waits for 2 minutes", "ben's", "yours", "2 jobs with SSH hold 4 places"] {
        assert!(outcome.expect_code(0).stdout.contains(words), "{words}: {outcome:#?}");
    }
    let (test, deploy) = (outcome.stdout.find("test of"), outcome.stdout.find("deploy of"));
    assert!(test < deploy, "the oldest first: {outcome:#?}");

    let json = ci.act(["jobs", "--all", "--format", "json"]).expect_code(0).json();
    expect_schema("jobs", &json);
    assert_eq!((&json["version"], &json["slots"]), (&1.into(), &4.into()), "{json:#}");
    assert_eq!((&json["jobs"][0]["mine"], &json["jobs"][1]["owner"]), (&true.into(), &"ben".into()), "{json:#}");
}

#[test]
fn nothing_is_said_calmly() {
    let (ci, _) = Ci::new(Kind::Github, |_, _| Job::new("test"));
    let outcome = ci.act(["jobs"]);
    assert!(outcome.expect_code(0).stdout.contains("No job with SSH of yours runs or waits"), "{outcome:#?}");
    assert_eq!((outcome.stdout.lines().count(), outcome.stderr.as_str()), (1, ""));
    assert_eq!(ci.act(["jobs", "--format", "json"]).json()["jobs"], serde_json::json!([]));
    let outcome = ci.act(["jobs", "--cancel-mine"]);
    assert!(outcome.expect_code(0).stdout.contains("No job with SSH"), "{outcome:#?}");
}

/// The short documents may tell neither by `why` nor by `ssh_users`.
#[test]
fn a_short_document_that_leaves_it_open_is_looked_into() {
    let (ci, _) = Ci::new(Kind::Circleci, |_, server| live("test", server).why("retry"));
    let outcome = ci.act(["jobs"]);
    assert!(outcome.expect_code(0).stdout.contains("test of acme/web"), "{outcome:#?}");
    ci.fake.always("GET /api/v1.1/project/*", Fault::Status(403));
    let outcome = ci.act(["jobs"]);
    assert!(outcome.expect_code(0).stdout.contains("1 other job runs or waits and was not looked at"), "{outcome:#?}");
}

#[test]
fn many_jobs_are_read_page_by_page() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        for _ in 0..150 {
            acme.world.job(acme.flow, Job::new("lint"));
        }
        live("test", server).running(3 * 60 * MINUTE).ssh_user(acme.ana)
    });
    let outcome = ci.act(["jobs"]);
    assert!(outcome.expect_code(0).stdout.contains("runs for 3 hours"), "{outcome:#?}");
    assert_eq!(ci.fake.requests("GET /api/v1.1/recent-builds*").count(), 2);
}

#[test]
fn a_number_is_cancelled_when_it_is_meant() {
    let ci = ci();
    let number = ci.fake.seen(|world| world[ci.job].number).to_string();
    let outcome = ci.act(["jobs", "--cancel", &number]);
    assert!(outcome.expect_code(2).stderr.contains("add --yes if that is meant"), "{outcome:#?}");
    assert_eq!(status(&ci, ci.job), "running");
    let outcome = ci.act(["jobs", "--cancel", &number, "--yes"]);
    assert!(
        outcome.expect_code(0).stdout.contains(&format!("job {number} (test) of acme/web is cancelled")),
        "{outcome:#?}"
    );
    assert_eq!(status(&ci, ci.job), "canceled");

    let outcome = ci.act(["jobs", "--cancel", &number, "--yes"]);
    assert!(outcome.expect_code(2).stderr.contains("name it in full"), "{outcome:#?}");
    let outcome = ci.act(["jobs", "--cancel", &format!("gh/acme/web/{number}"), "--yes"]);
    assert!(outcome.expect_code(0).stdout.contains("had ended already (canceled)"), "{outcome:#?}");
    let outcome = ci.act(["jobs", "--cancel", "x", "--yes"]);
    assert!(outcome.expect_code(2).stderr.contains("`x` is no job"), "{outcome:#?}");
}

#[test]
fn somebody_elses_is_cancelled_only_by_name_and_with_a_word_about_it() {
    let ci = ci();
    let theirs = Id::new(1);
    ci.act(["jobs", "--all", "--cancel-mine", "--yes"]).expect_code(0);
    assert_eq!((status(&ci, ci.job), status(&ci, theirs)), ("canceled".to_owned(), "queued".to_owned()));

    let number = ci.fake.seen(|world| world[theirs].number);
    let command = format!("{} jobs --cancel {number}\n", env!("CARGO_BIN_EXE_cci-ssh"));
    let pasted = ci.scene.home.paste(&command, &[("[y/N]", "\n")]);
    pasted.expect_code(0).expect_text("(ben's)").expect_text("Cancel 1 job? [y/N]").expect_text("Nothing is cancelled");
    assert_eq!(status(&ci, theirs), "queued");
    let pasted = ci.scene.home.paste(&command, &[("[y/N]", "y\n")]);
    pasted.expect_code(0).expect_text("is cancelled");
    assert_eq!(status(&ci, theirs), "canceled");
}

#[test]
fn what_cannot_be_cancelled_is_said() {
    let ci = ci();
    let number = ci.fake.seen(|world| world[ci.job].number).to_string();
    ci.fake.always("POST *", Fault::Status(403));
    let outcome = ci.act(["jobs", "--cancel", &number, "--yes"]);
    assert!(outcome.expect_code(2).stderr.contains("does not let this token's owner do it"), "{outcome:#?}");
    let outcome = ci.act(["jobs", "--cancel", &number, "--yes", "--format", "json"]);
    assert_eq!(outcome.expect_code(2).json()["cancelled"][0]["result"], "failed", "{outcome:#?}");
    ci.fake.behave();
    ci.fake.always("POST */project/*", Fault::Status(404));
    ci.act(["jobs", "--cancel-mine", "--yes"]).expect_code(0);
    assert_eq!(status(&ci, ci.job), "canceled", "by its id");
}

#[test]
fn a_number_in_two_projects_has_to_be_named() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        let owner = acme.world[acme.web].organisation;
        let docs = acme.world.project(owner, "docs", &[(acme.ana, Role::Write)]);
        let flow = acme.world.workflow(docs, acme.ana, "build");
        let other = acme.world.job(flow, live("spell", server).ssh_user(acme.ana));
        let mine = live("test", server).ssh_user(acme.ana);
        acme.world[other].number = 102;
        mine
    });
    let outcome = ci.act(["jobs", "--cancel", "102", "--yes"]);
    assert!(outcome.expect_code(2).stderr.contains("several jobs are called 102: "), "{outcome:#?}");
}
