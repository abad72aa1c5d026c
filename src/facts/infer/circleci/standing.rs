//! Whether somebody can be let in now, and what keeps everybody out if not: one answer, so that one job has one cause.

use super::executions::meant;
use crate::{
    facts::{
        CircleCi, EnableSsh, Fact, Facts,
        circleci::{Execution, Job},
        time::between,
    },
    ssh::log::Outcome,
};

/// How long a job may run before its Enable SSH step is missed.
const STEP_COMES: i64 = 60;
/// The same where nothing says that it was not rerun with SSH; a machine takes minutes to spin up.
const STEP_COMES_AT_LAST: i64 = 10 * 60;

/// Fills `standing`, `window` and `holding`.
pub(super) fn fill(side: &mut CircleCi, facts: &Facts) {
    side.standing = match standing(side) {
        // What was tried then and what CircleCI says now are not of the same time.
        Ok(_) if facts.log.is_some() => Fact::unknown("the log is of another time than CircleCI's answer"),
        Ok(word) if word != "open" && answers(facts) => Fact::unknown(
            "CircleCI says that nobody can log in to the job, and the job's own machine answered the login",
        ),
        Ok(word) => word.to_owned().into(),
        Err(why) => Fact::unknown(why),
    };
    side.window = window(side);
    side.holding = holding(side);
}

/// The machine with the printed host key took the login or refused it, so it is there, whatever its job's status. One that
/// closes the connection may just be going away.
fn answers(facts: &Facts) -> bool {
    let step = facts.target.as_ref().and_then(|target| target.enable_ssh.as_ref());
    let answered = [Outcome::Authenticated, Outcome::Refused, Outcome::RefusedOther, Outcome::TooManyFailures];
    step.is_some_and(|step| step.fingerprint_matches.is(&true))
        && facts.attempt.known().is_some_and(|attempt| answered.contains(&attempt.outcome))
}

fn standing(side: &CircleCi) -> Result<&'static str, String> {
    let job = match &side.job {
        Fact::Known(job) => job,
        Fact::Unknown(why) => return Err(why.clone()),
    };
    let state = match &job.state {
        Fact::Known(state) => state.as_str(),
        Fact::Unknown(why) => return Err(why.clone()),
    };
    match state {
        "unauthorized" => Ok("unauthorized"),
        "not-run" => Ok("not-run"),
        "waiting" => Ok("waiting"),
        "ended" => ended(side, job),
        "running" if job.ssh.is(&false) => without_ssh(side, job, STEP_COMES),
        "running" => running(side, job),
        _ => Err("CircleCI does not say how it stands".to_owned()),
    }
}

fn ended(side: &CircleCi, job: &Job) -> Result<&'static str, String> {
    let executions = side.executions.known().map(Vec::as_slice).unwrap_or_default();
    let waits = |execution: &Execution| execution.waiting_since.is_some() && execution.waited_until.is_none();
    let no_key = |step: &EnableSsh| step.state == "no-key";
    if job.ssh.is(&false) {
        Ok("without-ssh")
    } else if meant(side).and_then(|execution| execution.enable_ssh.known()).is_some_and(no_key) {
        Ok("no-key")
    } else if job.stopped_at.is_none() && !job.canceled && executions.iter().any(waits) {
        Err("CircleCI says that the job has ended, and that it waits for SSH".to_owned())
    } else {
        Ok("ended")
    }
}

/// A job that has only just begun may get its Enable SSH step yet.
fn without_ssh(side: &CircleCi, job: &Job, step_comes: i64) -> Result<&'static str, String> {
    match between(job.started_at.as_deref(), side.asked_at.known().map(String::as_str)) {
        Some(running) if running >= step_comes => Ok("without-ssh"),
        Some(_) => Err("the job has not run for long, and its Enable SSH step may still come".to_owned()),
        None => Err("it is not known since when the job runs, and its Enable SSH step may still come".to_owned()),
    }
}

fn running(side: &CircleCi, job: &Job) -> Result<&'static str, String> {
    let executions = match &side.executions {
        Fact::Known(executions) => executions,
        Fact::Unknown(why) => return Err(why.clone()),
    };
    let Some(execution) = meant(side) else {
        return match (executions.is_empty(), job.ssh.is(&true)) {
            (true, true) => preparing(side, job),
            (true, false) => without_ssh(side, job, STEP_COMES_AT_LAST),
            (false, _) => Err(format!("the job has no execution {}", side.execution)),
        };
    };
    let step = match &execution.enable_ssh {
        Fact::Known(step) => step,
        Fact::Unknown(why) => return Err(why.clone()),
    };
    match step.state.as_str() {
        "ready" if execution.waited_until.is_some() => Ok("execution-ended"),
        "ready" => Ok("open"),
        "no-key" => Ok("no-key"),
        "failed" => Ok("failed"),
        "not-ready" if !has_ended(execution) => Ok("preparing"),
        "not-ready" => match &job.self_hosted {
            Fact::Known(true) => Ok("no-address"),
            Fact::Known(false) => Ok("failed"),
            Fact::Unknown(why) => Err(why.clone()),
        },
        _ => Err("what the Enable SSH step says is not known".to_owned()),
    }
}

/// A job with SSH whose step is not among its steps yet.
fn preparing(side: &CircleCi, job: &Job) -> Result<&'static str, String> {
    match between(job.started_at.as_deref(), side.asked_at.known().map(String::as_str)) {
        Some(running) if running >= STEP_COMES_AT_LAST => {
            Err("the job has SSH, and its Enable SSH step is not among its steps".to_owned())
        }
        _ => Ok("preparing"),
    }
}

/// The step is over, so it prints nothing any more.
fn has_ended(execution: &Execution) -> bool {
    let status = execution.status.to_ascii_lowercase();
    matches!(status.as_str(), "success" | "failed" | "timedout" | "canceled" | "infrastructure_fail" | "ended")
        || execution.waiting_since.is_some()
}

fn window(side: &CircleCi) -> Fact<String> {
    let ended = side.job.known().is_some_and(|job| job.state.is(&"ended".to_owned()));
    let word = match side.standing.known().map(String::as_str) {
        Some("open") => "open",
        Some("waiting" | "preparing") => "not-yet",
        Some("ended" | "without-ssh" | "no-key") if ended => "over",
        Some("execution-ended") => "over",
        Some(_) => "never",
        None => return side.standing.clone(),
    };
    word.to_owned().into()
}

/// The person's own jobs with SSH that run while this one has been queued for some time.
fn holding(side: &CircleCi) -> Vec<crate::facts::circleci::SshJob> {
    let queued = side.clock.known().is_some_and(|clock| clock.queued_for.is_some());
    let this = side.job.known().and_then(|job| job.number.map(|number| (job.slug.as_str(), number)));
    let others = side.ssh_jobs.known().filter(|_| queued).into_iter().flatten();
    others
        .filter(|job| job.status.eq_ignore_ascii_case("running") && Some((job.slug.as_str(), job.number)) != this)
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{
        Log,
        circleci::{Clock, SshJob},
    };

    fn side(state: &str, ssh: Option<bool>, step: Option<&str>) -> CircleCi {
        let job = Job {
            state: state.to_owned().into(),
            ssh: ssh.map_or_else(|| Fact::unknown("not looked up"), Fact::Known),
            self_hosted: false.into(),
            started_at: Some("2026-11-22T10:00:00Z".into()),
            ..Job::default()
        };
        let enable_ssh = EnableSsh { state: step.unwrap_or_default().into(), ..EnableSsh::default() };
        let executions: Vec<Execution> =
            step.map(|_| Execution { enable_ssh: enable_ssh.into(), ..Execution::default() }).into_iter().collect();
        CircleCi {
            job: job.into(),
            executions: executions.into(),
            asked_at: "2026-11-22T10:30:00Z".to_owned().into(),
            ..CircleCi::default()
        }
    }

    fn of(mut side: CircleCi) -> (Option<String>, Option<String>) {
        fill(&mut side, &Facts::default());
        (side.standing.known().cloned(), side.window.known().cloned())
    }

    fn words(standing: Option<&str>, window: Option<&str>) -> (Option<String>, Option<String>) {
        (standing.map(str::to_owned), window.map(str::to_owned))
    }

    #[test]
    fn each_job_has_one_standing() {
        for (state, ssh, step, standing, window) in [
            ("running", Some(true), Some("ready"), Some("open"), Some("open")),
            ("running", None, Some("ready"), Some("open"), Some("open")),
            ("running", Some(true), Some("not-ready"), Some("preparing"), Some("not-yet")),
            ("running", Some(true), None, None, None),
            ("running", None, None, Some("without-ssh"), Some("never")),
            ("running", Some(true), Some("no-key"), Some("no-key"), Some("never")),
            ("running", Some(true), Some("failed"), Some("failed"), Some("never")),
            ("running", Some(true), Some("a new word"), None, None),
            ("running", Some(false), None, Some("without-ssh"), Some("never")),
            ("waiting", Some(true), None, Some("waiting"), Some("not-yet")),
            ("waiting", Some(false), None, Some("waiting"), Some("not-yet")),
            ("ended", Some(true), Some("ready"), Some("ended"), Some("over")),
            ("ended", None, None, Some("ended"), Some("over")),
            ("ended", Some(false), None, Some("without-ssh"), Some("over")),
            ("ended", Some(true), Some("no-key"), Some("no-key"), Some("over")),
            ("unauthorized", Some(true), None, Some("unauthorized"), Some("never")),
            ("not-run", Some(true), None, Some("not-run"), Some("never")),
        ] {
            assert_eq!(of(side(state, ssh, step)), words(standing, window), "{state} {ssh:?} {step:?}");
        }
        assert_eq!(of(CircleCi::default()), words(None, None));
    }

    #[test]
    fn a_job_that_has_just_begun_may_get_its_step_yet() {
        let mut early = side("running", Some(true), None);
        early.asked_at = "2026-11-22T10:00:40Z".to_owned().into();
        assert_eq!(of(early), words(Some("preparing"), Some("not-yet")));
        let begun = |ssh: Option<bool>, at: Option<&str>| {
            let mut side = side("running", ssh, None);
            if let Some(job) = side.job.known_mut() {
                job.started_at = at.map(str::to_owned);
            }
            of(side).0
        };
        assert_eq!(begun(Some(false), Some("2026-11-22T10:29:40Z")), None);
        assert_eq!(begun(Some(false), None), None);
        assert_eq!(begun(Some(false), Some("2026-11-22T10:29:00Z")).as_deref(), Some("without-ssh"));
        assert_eq!(begun(None, Some("2026-11-22T10:29:00Z")), None);
        assert_eq!(begun(None, Some("2026-11-22T10:19:00Z")).as_deref(), Some("without-ssh"));
    }

    #[test]
    fn a_step_that_is_over_prints_nothing_more() {
        let over = |self_hosted: bool| {
            let mut side = side("running", Some(true), Some("not-ready"));
            if let Some(job) = side.job.known_mut() {
                job.self_hosted = self_hosted.into();
            }
            if let Some(executions) = side.executions.known_mut() {
                executions[0].status = "success".into();
            }
            of(side).0
        };
        assert_eq!(over(true).as_deref(), Some("no-address"));
        assert_eq!(over(false).as_deref(), Some("failed"));
    }

    #[test]
    fn an_execution_ends_before_its_job() {
        let mut side = side("running", Some(true), Some("ready"));
        if let Some(executions) = side.executions.known_mut() {
            executions[0].waited_until = Some("2026-11-22T10:20:00Z".into());
        }
        assert_eq!(of(side), words(Some("execution-ended"), Some("over")));
    }

    #[test]
    fn a_contradiction_is_no_answer() {
        let mut side = side("ended", Some(true), Some("ready"));
        if let Some(executions) = side.executions.known_mut() {
            executions[0].waiting_since = Some("2026-11-22T10:20:00Z".into());
        }
        assert_eq!(of(side.clone()), words(None, None));
        if let Some(job) = side.job.known_mut() {
            job.stopped_at = Some("2026-11-22T10:30:00Z".into());
        }
        assert_eq!(of(side).0.as_deref(), Some("ended"));
    }

    #[test]
    fn a_log_is_of_another_time() {
        let mut side = side("ended", Some(true), Some("ready"));
        fill(&mut side, &Facts { log: Some(Log::default()), ..Facts::default() });
        assert_eq!(side.standing.known(), None);
    }

    #[test]
    fn only_running_jobs_hold_a_place_and_only_while_this_one_is_queued() {
        let other = |number, status: &str| SshJob { number, status: status.into(), ..SshJob::default() };
        let jobs = vec![other(1, "running"), other(2, "queued"), other(345, "running")];
        let mut side = side("waiting", Some(true), None);
        side.ssh_jobs = jobs.into();
        if let Some(job) = side.job.known_mut() {
            job.number = Some(345);
        }
        assert!(holding(&side).is_empty(), "it has only just been queued");
        side.clock = Clock { queued_for: Some("3 minutes".into()), ..Clock::default() }.into();
        assert_eq!(holding(&side).iter().map(|job| job.number).collect::<Vec<_>>(), [1]);
    }
}
