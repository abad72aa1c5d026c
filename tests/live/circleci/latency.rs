//! How much CircleCI is asked, and how many answers one has to wait for one after the other.

use std::time::Duration;

use super::Ci;
use super::facts::{live, usual};
use crate::support::circleci::{Fault, Kind, Session};

/// One answer of the slow CircleCI; long beside everything else that the doctor does.
const ANSWER: Duration = Duration::from_millis(400);

/// How long the facts take when CircleCI answers at once, and when it does not, in answers.
fn waves(ci: &Ci, address: &str) -> f64 {
    let quick = ci.facts_outcome([address]).elapsed;
    ci.fake.always("*", Fault::Slow(ANSWER));
    let slow = ci.facts_outcome([address]).elapsed;
    slow.saturating_sub(quick).as_secs_f64() / ANSWER.as_secs_f64()
}

#[test]
fn a_job_is_looked_up_in_few_calls_side_by_side() {
    let ci = usual();
    let url = ci.fake.job_url(ci.job);
    ci.examine(&[]).expect_silence();
    let mut lines: Vec<String> = ci.fake.requests("*").map(|one| format!("{} {}", one.method, one.path)).collect();
    assert_eq!(lines.len(), 7, "{lines:#?}");
    lines.sort();
    lines.dedup();
    assert_eq!(lines.len(), 7, "nothing is asked twice: {lines:#?}");
    let waves = waves(&ci, &url);
    assert!(waves < 3.0, "two answers after each other, the build's and its step's: {waves}");
}

#[test]
fn many_executions_are_read_side_by_side() {
    let (ci, _) = Ci::new(Kind::Github, |acme, server| {
        let job = live(acme, Session::proxy(server)).parallel(16);
        (1..16).fold(job, |job, _| job.session(Session::proxy(server)))
    });
    let waves = waves(&ci, &ci.fake.job_url(ci.job));
    assert!(waves < 4.5, "{waves}");
}
