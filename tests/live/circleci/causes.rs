//! What the article's tables name of CircleCI's side: each is the one root, beside what ssh itself met.

use std::time::Duration;

use super::{Ci, MINUTE};
use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{Fault, Form, GitHost, Job, Kind, Restriction, Session};
use crate::support::ports::{RefusedPort, SilentPort};

/// The one root among the errors, and how sure it is.
#[track_caller]
fn expect_root(report: &Report, check: &str, confidence: &str) {
    assert_eq!(report.root_errors(), [check], "{report}\n{:#}", report.json["facts"]["circleci"]);
    let first = report.first().expect("a finding");
    assert_eq!((first.text("check"), first.text("confidence")), (check, confidence), "{report}");
    assert_eq!(report.verdict(), "blocked", "{report}");
    let evidence = first.0["evidence"].as_array().map_or(0, Vec::len);
    assert!(evidence > 0, "no evidence\n{report}");
}

/// A job that runs, with this machine's server behind it.
fn live(server: &crate::support::job_server::JobServer) -> Job {
    Job::new("test").running(2 * MINUTE).session(Session::direct(server))
}

/// The command that the job printed, behind which nobody listens any more.
fn gone(port: u16) -> Session {
    Session::elsewhere(Form::Direct, "127.0.0.1", port)
}

#[test]
fn refused_and_the_job_ended_12_minutes_ago() {
    let closed = RefusedPort::new();
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        Job::new("test").session(gone(closed.port)).ssh_user(acme.ana).ended("canceled", 12 * MINUTE)
    });
    // Either fact alone names no more than what it is.
    let port = closed.port.to_string();
    let alone = ci.scene.examine_words(&["-p", &port, "127.0.0.1"]);
    assert_eq!(alone.root_errors(), ["connection-refused"], "{alone}");
    for words in [&[][..], &["-p", &port, "127.0.0.1"]] {
        let report = ci.examine(words);
        expect_root(&report, "job-window-expired", "certain");
        let title = report.first().expect("a finding").text("title").to_owned();
        assert!(title.contains("12 minutes ago"), "{title}");
        let folded: Vec<_> = report.findings().filter(|finding| !finding.root()).collect();
        assert!(folded.iter().any(|finding| finding.text("check") == "connection-refused"), "{report}");
    }
}

#[test]
fn a_colleague_started_the_rerun() {
    // Whose workflow it is says less than whose keys are on it.
    for (named, confidence) in [(true, "certain"), (false, "likely")] {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let theirs = scene.home.keygen("elsewhere/ben", "ed25519");
        scene.job([&theirs]);
        let ci = Ci::with(scene, Kind::Github, |acme, server| {
            acme.world[acme.flow].started_by = acme.ben;
            if named { live(server).ssh_user(acme.ben) } else { live(server) }
        });
        let report = ci.examine(&[]);
        expect_root(&report, "cci-other-user-reran", confidence);
        assert!(report.first().expect("a finding").text("title").contains("ben started"), "{report}");
    }
}

#[test]
fn a_key_of_the_git_host_counts_for_some_projects_only() {
    for (kind, check, confidence) in [
        (Kind::Circleci, "cci-git-host-keys-do-not-count", "certain"),
        (Kind::Github, "cci-key-registered-late", "likely"),
    ] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.job([]);
        let ci = Ci::with(scene, kind, |acme, server| live(server).ssh_user(acme.ana));
        let host = GitHost::start([("ana", vec![key.public.as_str()])]);
        let report = ci.examine(&["--git-account", &format!("{}/ana", host.url())]);
        expect_root(&report, check, confidence);
    }
}

#[test]
fn no_key_on_the_account() {
    let (ci, _) = Ci::new(Kind::Github, |_, _| Job::new("test").running(2 * MINUTE).session(Session::no_key()));
    expect_root(&ci.examine(&[]), "cci-no-ssh-key-on-account", "certain");
}

#[test]
fn the_button_is_not_there() {
    // An ordinary job: rerun it with SSH.
    let (ci, _) = Ci::new(Kind::Github, |_, _| Job::new("test"));
    let report = ci.examine(&[]);
    assert_eq!(report.root_errors(), ["cci-job-without-ssh"], "{report}");
    let fixes = report.first().expect("a finding").pasteable().len();
    let offered = report.first().expect("a finding").0["fixes"].to_string();
    assert!(fixes == 0 && offered.contains("cci-ssh rerun"), "{offered}");

    // The project does not allow it.
    ci.fake.change(|world| world[ci.acme.2].disable_ssh = true);
    assert_eq!(ci.examine(&[]).root_errors(), ["cci-ssh-disabled-for-project"]);
}

#[test]
fn a_workflow_is_no_job() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        acme.world.job(acme.flow, Job::new("lint"));
        Job::new("test")
    });
    let url = ci.fake.job_url(ci.job);
    let workflow = url.split("/jobs/").next().expect("a job's address");
    let outcome = ci.scene.home.doctor(["--format", "json", "--with-facts", workflow]);
    let report = Report::of(outcome);
    let checks: Vec<_> = report.findings().map(|finding| finding.text("check").to_owned()).collect();
    assert!(checks.contains(&"cci-workflow-level".to_owned()), "{report}");
    let detail = report.json["findings"].to_string();
    assert!(detail.contains("lint") && detail.contains("test"), "{detail}");
}

#[test]
fn a_context_forbids_reruns_with_ssh() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        let organisation = acme.world[acme.web].organisation;
        let rule = Restriction::Expression("not job.ssh.enabled".to_owned());
        let context = acme.world.context(organisation, "deploy", &[rule]);
        Job::new("test").queued().status("unauthorized").context(context).why("ssh")
    });
    let report = ci.examine(&[]);
    assert_eq!(report.root_errors(), ["cci-context-restricted"], "{report}");
    assert!(report.json["findings"].to_string().contains("job.ssh.enabled"), "{report}");
}

#[test]
fn forgotten_jobs_hold_the_places() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        acme.world.job(acme.flow, live(server).ssh_user(acme.ana).why("ssh"));
        Job::new("test").queued().why("ssh")
    });
    let report = ci.examine(&[]);
    expect_root(&report, "cci-concurrency-consumed", "likely");
}

#[test]
fn a_runner_prints_no_address() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        let empty = Session::text_of("SSH is enabled.\n");
        Job::new("test").running(5 * MINUTE).executor("runner", "acme/linux").session(empty).ssh_user(acme.ana)
    });
    let report = ci.examine(&[]);
    assert_eq!(report.root_errors(), ["cci-runner-advertise-addr"], "{report}");
}

#[test]
fn another_execution_than_the_one_that_runs() {
    let closed = RefusedPort::new();
    let (ci, _) =
        Ci::new(Kind::Github, |acme, server| live(server).session(gone(closed.port)).parallel(2).ssh_user(acme.ana));
    // The other one's command is refused, and nothing says why.
    let url = ci.fake.job_url(ci.job);
    let outcome = ci.scene.home.doctor(["--format", "json", "--with-facts", &format!("{url}/parallel-runs/1")]);
    let report = Report::of(outcome);
    assert_eq!(report.root_errors(), ["connection-refused"], "{report}");
    ci.examine(&[]).expect_silence();
}

#[test]
fn a_firewall_between_here_and_an_open_job() {
    let silent = SilentPort::new();
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        Job::new("test").running(2 * MINUTE).session(gone(silent.port)).ssh_user(acme.ana)
    });
    let report = ci.examine(&["--timeout", "6"]);
    assert!(report.root_errors().len() == 1 && report.verdict() == "blocked", "{report}");
    let root = report.root_errors()[0];
    assert!(["firewall-blocks-high-port", "cci-server-ports-closed"].contains(&root), "{report}");
}

#[test]
fn what_was_pasted_is_of_another_job() {
    let closed = RefusedPort::new();
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(server).ssh_user(acme.ana));
    let report = ci.examine(&["-p", &closed.port.to_string(), "127.0.0.1"]);
    expect_root(&report, "cci-command-of-another-job", "certain");
}

/// A server that would take one of this machine's keys is a job of the same person, whichever job was named beside it.
#[test]
fn another_job_that_knows_a_key_of_mine_has_a_cause_of_its_own() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/circleci");
    scene.job([&right]);
    let elsewhere = RefusedPort::new();
    let ci = Ci::with(scene, Kind::Github, |acme, _| {
        Job::new("test").running(2 * MINUTE).session(gone(elsewhere.port)).ssh_user(acme.ana)
    });
    let port = ci.scene.port().to_string();
    expect_root(&ci.examine(&["-p", &port, "127.0.0.1"]), "wrong-key-offered", "certain");
}

/// The faults of a machine stay what they are, whatever CircleCI says or does not say.
#[test]
fn a_fault_of_the_machine_is_named_all_the_same() {
    let machine = || {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.key(".ssh/circleci");
        scene.job([&right]);
        Ci::with(scene, Kind::Github, |acme, server| live(server).ssh_user(acme.ana))
    };
    let ci = machine();
    expect_root(&ci.examine(&[]), "wrong-key-offered", "certain");
    let port = ci.scene.port().to_string();
    for fault in [Fault::Status(503), Fault::Html(200), Fault::Html(403), Fault::Slow(Duration::from_secs(30))] {
        let ci = machine();
        let port = ci.scene.port().to_string();
        ci.fake.always("*", fault.clone());
        let report = ci.examine(&["--timeout", "6", "-p", &port, "127.0.0.1"]);
        expect_root(&report, "wrong-key-offered", "certain");
    }
    ci.fake.always("*", Fault::Revoked);
    let report = ci.examine(&["-p", &port, "127.0.0.1"]);
    assert_eq!(report.root_errors(), ["wrong-key-offered"], "{report}");
    assert_eq!(report.json["facts"]["circleci"]["token"], "rejected", "{report}");
}

/// The machine that answers with the printed host key is there, so its refusal has another cause than the job's end.
#[test]
fn a_machine_that_answers_has_not_gone_away() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/circleci");
    scene.job([&right]);
    let ci = Ci::with(scene, Kind::Github, |acme, server| live(server).ssh_user(acme.ana).ended("failed", 3 * MINUTE));
    expect_root(&ci.examine(&[]), "wrong-key-offered", "certain");
}

/// CircleCI's word about a job is older than the login that works.
#[test]
fn a_login_that_works_is_never_accused() {
    for status in ["success", "unauthorized", "terminated-unknown", "queued", "not_run"] {
        let (ci, _) = Ci::new(Kind::Github, |acme, server| live(server).ssh_user(acme.ana).status(status));
        let port = ci.scene.port().to_string();
        let report = ci.examine(&["-p", &port, "127.0.0.1"]);
        assert!(report.root_errors().is_empty(), "{report}");
    }
}
