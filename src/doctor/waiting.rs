//! Waits until a job prints how to log in to it.

use std::time::{Duration, Instant};

use super::{AskedJob, Progress};
use crate::{
    facts::{CircleCi, Fact},
    probes::circleci,
    system::System,
};

/// How often CircleCI is asked.
const EVERY: Duration = Duration::from_secs(5);
/// How long one question may take.
const ASKING: Duration = Duration::from_secs(15);

/// Comes back when the job prints a command, when it is plain that it will not, or after `limit`.
pub fn await_command(system: &dyn System, job: &AskedJob, limit: Duration, progress: &dyn Progress) {
    let end = Instant::now() + limit;
    let left = || end.saturating_duration_since(Instant::now());
    progress.step("asking CircleCI about the job");
    loop {
        let looked = circleci::look(system, job, left().clamp(Duration::from_secs(1), ASKING));
        if !looked.target.host.is_empty() || is_in_vain(&looked.facts) || left().is_zero() {
            break;
        }
        progress.step(&waiting_for(&looked.facts, left()));
        system.pause(EVERY.min(left()));
    }
    progress.done();
}

/// The job has ended, or CircleCI will not tell about it.
fn is_in_vain(facts: &CircleCi) -> bool {
    let ended = facts.job.known().is_some_and(|job| job.stopped_at.is_some());
    let no_token = facts.token.known().is_some_and(|token| token != "accepted");
    let no_job = facts.names != "job" || facts.not_found || facts.other_host.is_some();
    ended || no_token || no_job
}

fn waiting_for(facts: &CircleCi, left: Duration) -> String {
    let (name, status) = match &facts.job {
        Fact::Known(job) => (job.display.as_str(), job.status.as_str()),
        Fact::Unknown(_) => (facts.asked.as_str(), ""),
    };
    let status = if status.is_empty() { String::new() } else { format!(" ({status})") };
    format!("waiting for {name} to print how to log in{status}, {} s left", left.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::circleci::Job;

    #[test]
    fn a_job_is_waited_for_while_it_may_still_print_a_command() {
        let facts = |job: Job| CircleCi { names: "job".into(), job: job.into(), ..CircleCi::default() };
        let running = facts(Job { status: "running".into(), display: "job 345 of acme/web".into(), ..Job::default() });
        assert!(!is_in_vain(&running));
        assert_eq!(
            waiting_for(&running, Duration::from_secs(30)),
            "waiting for job 345 of acme/web to print how to log in (running), 30 s left"
        );
        assert!(is_in_vain(&facts(Job { stopped_at: Some("2026-11-23T02:00:00Z".into()), ..Job::default() })));
        assert!(is_in_vain(&CircleCi { token: "none".to_owned().into(), ..running.clone() }));
        assert!(is_in_vain(&CircleCi { not_found: true, ..running.clone() }));
        assert!(is_in_vain(&CircleCi { names: "workflow".into(), ..running }));
    }
}
