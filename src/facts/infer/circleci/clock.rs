//! How long ago the job ended, and how long it waits yet, all by CircleCI's own clock.

use super::executions::meant;
use crate::facts::{
    CircleCi, Fact,
    circleci::{Clock, Execution, Job},
    time::{between, go, words},
};

/// How long a job waits for its first visitor where its step does not print it.
const WAITS: i64 = 10 * 60;

/// Fills `clock`, and the age of other jobs.
pub(super) fn fill(side: &mut CircleCi) {
    let now = side.asked_at.clone();
    let now = now.known().map(String::as_str);
    for job in side.ssh_jobs.known_mut().into_iter().flatten() {
        job.age = between(job.started_at.as_deref(), now).map(words);
    }
    side.clock = match (&side.job, now) {
        (Fact::Known(job), Some(now)) => clock(job, meant(side), now).into(),
        (Fact::Unknown(why), _) => Fact::unknown(why),
        (_, None) => Fact::unknown("CircleCI's answers do not tell its time"),
    };
}

fn clock(job: &Job, execution: Option<&Execution>, now: &str) -> Clock {
    let is = |state: &str| job.state.is(&state.to_owned());
    let step = execution.and_then(|execution| execution.enable_ssh.known());
    let waits = step.and_then(|step| step.waits.as_deref()).and_then(go).unwrap_or(WAITS);
    let stays_up = step.and_then(|step| step.stays_up.as_deref()).and_then(go);
    let mut clock = Clock { waits: words(waits), stays_up: stays_up.map(words), ..Clock::default() };
    if is("ended") {
        clock.ended_ago = between(job.stopped_at.as_deref(), Some(now)).map(words);
    }
    if is("waiting") {
        clock.queued_for = between(job.queued_at.as_deref(), Some(now)).filter(|waited| *waited >= 60).map(words);
    }
    let open = execution.filter(|execution| is("running") && execution.waited_until.is_none());
    let Some(execution) = open else { return clock };
    let waiting_since = execution.waiting_since.as_deref();
    if let Some(waited) = between(waiting_since, Some(now)) {
        // Once the time has run out and the job still runs, somebody is or was connected.
        let left = (waits - waited).min(waits);
        clock.connect_left = (left > 0).then(|| words(left));
        clock.connect_left_seconds = u64::try_from(left.max(0)).ok();
    }
    // From when the session's time counts is not documented: the later of the two gives the most that it can be.
    let since = waiting_since.or(execution.enabled_at.as_deref());
    if let (Some(stays_up), Some(gone)) = (stays_up, between(since, Some(now))) {
        let left = (stays_up - gone).min(stays_up);
        clock.session_left = (left > 0).then(|| words(left));
        clock.session_left_seconds = u64::try_from(left.max(0)).ok();
    }
    clock
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{EnableSsh, circleci::SshJob};

    const NOW: &str = "2026-11-22T10:30:00Z";

    fn job(state: &str) -> Job {
        Job { state: state.to_owned().into(), stopped_at: Some("2026-11-22T10:18:00Z".into()), ..Job::default() }
    }

    fn execution(waiting_since: Option<&str>, limits: Option<(&str, &str)>) -> Execution {
        let step = EnableSsh {
            stays_up: limits.map(|(up, _)| up.into()),
            waits: limits.map(|(_, waits)| waits.into()),
            ..EnableSsh::default()
        };
        Execution {
            enable_ssh: step.into(),
            enabled_at: Some("2026-11-22T10:00:00Z".into()),
            waiting_since: waiting_since.map(str::to_owned),
            ..Execution::default()
        }
    }

    #[test]
    fn an_ended_job() {
        let clock = clock(&job("ended"), None, NOW);
        assert_eq!((clock.ended_ago.as_deref(), clock.waits.as_str()), (Some("12 minutes"), "10 minutes"));
        assert_eq!(clock.connect_left, None);
    }

    #[test]
    fn the_wait_counts_from_the_end_of_the_job_s_own_steps() {
        let left = |since, limits| {
            let clock = clock(&job("running"), Some(&execution(since, limits)), NOW);
            (clock.connect_left, clock.connect_left_seconds)
        };
        assert_eq!(left(None, None), (None, None));
        assert_eq!(left(Some("2026-11-22T10:27:00Z"), None), (Some("7 minutes".into()), Some(420)));
        assert_eq!(left(Some("2026-11-22T10:27:00Z"), Some(("2h0m0s", "5m0s"))), (Some("2 minutes".into()), Some(120)));
        assert_eq!(left(Some("2026-11-22T10:00:00Z"), None), (None, Some(0)), "somebody may be connected");
        assert_eq!(left(Some("2026-11-22T10:40:00Z"), None), (Some("10 minutes".into()), Some(600)), "a later time");
        assert_eq!(left(Some("soon"), None), (None, None));
    }

    #[test]
    fn the_session_s_time_is_only_what_the_step_prints() {
        let left = |since, limits| clock(&job("running"), Some(&execution(since, limits)), NOW).session_left;
        assert_eq!(left(None, None), None);
        assert_eq!(left(None, Some(("2h0m0s", "10m0s"))).as_deref(), Some("1 hour 30 minutes"));
        assert_eq!(left(Some("2026-11-22T10:20:00Z"), Some(("1h0m0s", "10m0s"))).as_deref(), Some("50 minutes"));
        assert_eq!(left(None, Some(("forever", "10m0s"))), None);
    }

    #[test]
    fn a_wrong_clock_of_this_machine_changes_nothing_and_none_of_circleci_s_leaves_all_unknown() {
        let other = SshJob { started_at: Some("2026-11-22T09:43:00Z".into()), ..SshJob::default() };
        let mut side = CircleCi { job: job("ended").into(), ssh_jobs: vec![other].into(), ..CircleCi::default() };
        fill(&mut side);
        assert_eq!(side.clock.known(), None);
        side.asked_at = NOW.to_owned().into();
        side.ahead_seconds = 86_400.into();
        fill(&mut side);
        assert_eq!(side.clock.known().and_then(|clock| clock.ended_ago.as_deref()), Some("12 minutes"));
        let jobs = side.ssh_jobs.known().expect("jobs");
        assert_eq!(jobs[0].age.as_deref(), Some("47 minutes"));
    }
}
