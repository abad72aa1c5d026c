//! What is worth a word and keeps nobody out, and the causes beside those of the article.

use super::{Acme, Ci, MINUTE};
use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{Fault, GitHost, Job, Kind, Session};
use crate::support::job_server::JobServer;

fn live(acme: &Acme, server: &JobServer) -> Job {
    Job::new("test").running(2 * MINUTE).session(Session::direct(server)).ssh_user(acme.ana)
}

/// The check stands in the report with this severity.
#[track_caller]
fn expect(report: &Report, check: &str, severity: &str) {
    let found = report.findings().find(|finding| finding.text("check") == check);
    assert_eq!(found.map(|finding| finding.text("severity")), Some(severity), "{check}\n{report}");
}

/// A no of CircleCI's is no cause of anything: the login that works is not touched by it.
#[test]
fn a_no_of_circlecis_is_a_warning_beside_a_login_that_works() {
    for (pattern, fault, check) in [
        ("*", Fault::Revoked, "cci-api-token-invalid"),
        ("GET */job/*", Fault::Status(403), "cci-insufficient-permissions"),
    ] {
        let (ci, _) = Ci::new(Kind::Github, |acme, server| live(acme, server));
        ci.fake.always(pattern, fault);
        let port = ci.scene.port().to_string();
        let report = ci.examine(&["-p", &port, "127.0.0.1"]);
        expect(&report, check, "warning");
        assert!(report.root_errors().is_empty() && report.verdict() == "problems", "{report}");
    }
}

#[test]
fn a_job_that_is_not_to_be_seen() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| live(acme, server));
    let words = ["--format", "json", "--with-facts", "gh/acme/web/99999"];
    let report = Report::of(ci.scene.home.doctor(words));
    expect(&report, "cci-job-not-found", "warning");
    assert!(report.root_errors().is_empty(), "{report}");
}

#[test]
fn ssh_stays_on_where_it_was_switched_off() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        acme.world[acme.web].disable_ssh = true;
        live(acme, server)
    });
    let report = ci.examine(&[]);
    report.expect_silence();
    expect(&report, "cci-ssh-sticky", "info");
}

#[test]
fn the_time_runs_out() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        let session = Session::direct(server).limits("2h0m0s", "10m0s");
        Job::new("test").running(100 * MINUTE).session(session).ssh_user(acme.ana)
    });
    let report = ci.examine(&[]);
    report.expect_silence();
    expect(&report, "cci-session-2h-extension", "info");
}

#[test]
fn a_setup_workflow_is_not_the_one_to_rerun() {
    let (ci, _) = Ci::new(Kind::Github, |acme, _| {
        acme.world[acme.flow].tag = Some("setup".to_owned());
        Job::new("test")
    });
    expect(&ci.examine(&[]), "cci-setup-workflow", "info");
}

#[test]
fn jobs_that_cannot_be_entered() {
    let text = |text: &str| Job::new("test").running(5 * MINUTE).session(Session::text_of(text));
    let pods = text("SSH is enabled.\n").executor("docker", "acme/pods");
    let policy =
        Job::new("test").status("not_run").message("error", "denied by config policy: ssh_rerun is not allowed");
    for (job, check) in [
        (text("Failed to enable SSH\n"), "cci-enable-ssh-failed"),
        (pods, "cci-container-runner-unsupported"),
        (Job::new("test").status("not_run"), "cci-job-did-not-run"),
        (policy, "cci-config-policy-forbids"),
    ] {
        let (ci, _) = Ci::new(Kind::Github, |acme, _| job.ssh_user(acme.ana));
        let report = ci.examine(&[]);
        assert_eq!(report.root_errors(), [check], "{report}");
        assert_eq!(report.verdict(), "blocked", "{report}");
    }
}

#[test]
fn no_key_of_this_machine_is_registered() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let another = scene.home.keygen("elsewhere/id", "ed25519");
    scene.job([&another]);
    let ci = Ci::with(scene, Kind::Github, |acme, server| live(acme, server));
    let host = GitHost::start([("ana", vec![another.public.as_str()])]);
    let report = ci.examine(&["--git-account", &format!("{}/ana", host.url())]);
    assert_eq!(report.root_errors(), ["cci-key-not-registered"], "{report}");
}
