//! CircleCI answers badly or not at all: that is unknown with its reason, what ssh shows stands, and the time is kept.

use std::time::Duration;

use super::facts::{live, usual};
use super::{Ci, Facts, MINUTE};
use crate::scene::Scene;
use crate::support::circleci::{Fault, Job, Kind, Session};
use crate::support::ports::RefusedPort;
use crate::support::process::Outcome;

/// A machine that offers the wrong key, and a live job.
fn wrong_key() -> Ci {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let right = scene.key(".ssh/work");
    scene.job([&right]);
    Ci::with(scene, Kind::Github, |acme, server| live(acme, Session::direct(server)))
}

/// What the doctor says about the login, whatever CircleCI does: the cause that ssh shows, in time. Then why the job is
/// unknown.
#[track_caller]
fn still_diagnosed(ci: &Ci, timeout: u64, what: &str) -> Facts {
    let (url, port) = (ci.fake.job_url(ci.job), ci.scene.port().to_string());
    let seconds = timeout.to_string();
    let words = ["--timeout", &seconds, "--job", &url, "-p", &port, "127.0.0.1"];
    let outcome = ci.run(["doctor", "--format", "json", "--with-facts"].into_iter().chain(words));
    let late = Duration::from_secs(timeout) + Duration::from_millis(1500);
    assert!(outcome.elapsed < late, "{what}: {outcome:#?}");
    let Outcome { status, stdout, stderr, elapsed } = outcome;
    let facts = Facts(serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stdout} {stderr}")));
    let report = crate::report::Report::of(Outcome { status, stdout, stderr, elapsed });
    assert_eq!(report.root_errors(), ["wrong-key-offered"], "{what}\n{report}");
    facts
}

#[test]
fn what_is_no_answer_is_unknown_with_its_reason() {
    for (fault, reason) in [
        (Fault::Status(500), "has a fault (500)"),
        (Fault::Status(503), "has a fault (503)"),
        (Fault::Html(503), "has a fault (503)"),
        (Fault::Html(200), "not CircleCI's API but a web page (200)"),
        (Fault::Html(403), "not CircleCI's API but a web page (403)"),
        (Fault::Html(404), "not CircleCI's API but a web page (404)"),
        (Fault::Html(407), "not CircleCI's API but a web page (407)"),
        (Fault::Html(511), "not CircleCI's API but a web page (511)"),
        (Fault::Truncated, "broke off"),
        (Fault::EmptyBody, "not CircleCI's API but an empty page (200)"),
        (Fault::NotJson, "something that is no JSON (200)"),
        (Fault::WrongShape, "has a form that is not known here"),
        (Fault::Redirect(302), "which was not followed"),
        (Fault::RateLimited(60), "(429); in 60 seconds it does again"),
        (Fault::RateLimitedUntil(60), "(429); in"),
        (Fault::Closed, "cannot be reached"),
        (Fault::Gone, "refused the request (410"),
        (Fault::Status(403), "does not let this token's owner see it (403"),
    ] {
        let ci = wrong_key();
        ci.fake.always("*", fault.clone());
        let facts = still_diagnosed(&ci, 6, &format!("{fault:?}"));
        assert!(facts.why("job").contains(reason), "{fault:?}: {}", facts.why("job"));
        assert!(facts.why("token").contains(reason), "{fault:?}: {}", facts.why("token"));
        assert_eq!(facts.get("/not_found"), false, "{fault:?}");
        assert!(!ci.fake.stranger().saw_token() && ci.fake.stranger().requests().is_empty(), "{fault:?}");
    }
}

#[test]
fn the_token_is_revoked() {
    let ci = wrong_key();
    ci.fake.change(|world| world[ci.acme.0].revoked = true);
    let facts = still_diagnosed(&ci, 6, "revoked");
    assert_eq!(facts.text("/token"), "rejected");
    assert!(facts.why("job").contains("does not accept the API token (401)"), "{facts:#?}");
}

#[test]
fn the_job_is_not_there_or_not_for_this_token() {
    let ci = wrong_key();
    ci.fake.change(|world| world[ci.acme.2].members.retain(|(user, _)| *user != ci.acme.0));
    let facts = still_diagnosed(&ci, 6, "private");
    assert_eq!((facts.text("/token"), facts.get("/not_found")), ("accepted", &true.into()));
    assert!(facts.why("job").contains("or nothing that this token's owner may see (404)"), "{facts:#?}");

    let ci = usual();
    let facts = ci.facts(["gh/acme/web/9999"]);
    assert_eq!((facts.text("/token"), facts.get("/not_found")), ("accepted", &true.into()), "{facts:#?}");
    let facts = ci.facts([format!("{}/workflow/{}", ci.fake.url(), "057f0065-7e6d-4912-921b-50917ff046a3").as_str()]);
    assert_eq!(facts.get("/not_found"), true, "{facts:#?}");
}

#[test]
fn a_slow_circleci_leaves_ssh_its_time() {
    for fault in [Fault::Slow(Duration::from_secs(20)), Fault::Drip(Duration::from_millis(300))] {
        let ci = wrong_key();
        ci.fake.always("*", fault.clone());
        let facts = still_diagnosed(&ci, 4, &format!("{fault:?}"));
        assert!(facts.why("job").contains("did not answer in time"), "{fault:?}: {facts:#?}");
    }
}

#[test]
fn one_slow_call_does_not_cost_the_others() {
    let ci = usual();
    ci.fake.always("GET /api/v1.1/recent-builds", Fault::Slow(Duration::from_secs(20)));
    ci.fake.always("GET /api/v2/project/*/settings", Fault::Slow(Duration::from_secs(20)));
    let url = ci.fake.job_url(ci.job);
    let facts = ci.facts(["--timeout", "4", &url]);
    assert_eq!(facts.get("/executions/0/enable_ssh/state"), "ready", "{facts:#?}");
    assert!(facts.why("ssh_jobs").contains("in time") && facts.why("project.disable_ssh").contains("in time"));
}

#[test]
fn what_passes_is_not_noticed() {
    for fault in [Fault::Status(503), Fault::Truncated, Fault::Closed, Fault::RateLimited(0)] {
        let ci = usual();
        ci.fake.once("GET /api/v2/project/*/job/*", fault.clone());
        ci.fake.once("GET /api/v1.1/project/*/output/*", fault.clone());
        ci.examine(&[]).expect_silence();
    }
}

#[test]
fn a_wrong_clock_is_told_and_changes_nothing() {
    for off in [-86_400, 86_400, 0] {
        let ci = usual();
        ci.fake.always("*", Fault::Clock(off));
        let facts = ci.facts_of_the_job();
        let ahead = facts.get("/ahead_seconds").as_i64().unwrap_or_else(|| panic!("{facts:#?}"));
        assert!((ahead + off).abs() < 10, "{ahead} beside {off}");
        assert_eq!(facts.get("/executions/0/enable_ssh/state"), "ready");
    }
}

#[test]
fn nobody_listens_at_the_host() {
    let refused = RefusedPort::new();
    let mut ci = wrong_key();
    let path = ci.fake.job_url(ci.job).split_off(ci.fake.url().len());
    ci.scene.home.name("ci.example", "-2");
    for (host, reason) in [
        (format!("http://127.0.0.1:{}", refused.port), "cannot be reached"),
        ("https://ci.example".to_owned(), "ci.example"),
    ] {
        ci.scene.home.set_env("CIRCLE_HOST", &host);
        let facts = ci.facts(["--timeout", "4", &format!("{host}{path}")]);
        assert!(facts.why("job").contains(reason), "{}", facts.why("job"));
        assert!(facts.why("token").contains(reason), "{}", facts.why("token"));
    }
}

#[test]
fn a_job_that_vanishes_between_two_calls_is_half_known() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        Job::new("test").running(MINUTE).session(Session::direct(server)).ssh_user(acme.ana)
    });
    ci.fake.always("GET /api/v2/project/*/job/*", Fault::Status(404));
    ci.fake.always("GET /api/v1.1/project/*/output/*", Fault::Closed);
    let facts = ci.facts_of_the_job();
    assert_eq!((facts.text("/job/status"), facts.get("/not_found")), ("running", &false.into()), "{facts:#?}");
}
