//! How a session that worked came to its end from the other side: the job was cancelled, its time was up, nobody was counted
//! as its visitor, or it was over.
//!
//! The Enable SSH step prints both times ("This box will stay up for 2h0m0s, or until 10m0s passes without an active SSH
//! session"); CircleCI documents one and two hours, by plan. A session that broke on its way is no such end: the server
//! closes a connection, the network loses it.

use super::circleci::{meant, name};
use crate::{
    facts::{
        EnableSsh, EndOfSession, Facts, Target,
        circleci::{CircleCi, Job},
        time::{between, exact_words, go, of_day},
    },
    ssh::log::{ConnectReason, SessionEnd},
};

/// What a job waits for a session where its step does not print it, in seconds.
const WAITS: i64 = 10 * 60;
/// The documented limits of a session, by plan, in seconds.
const DOCUMENTED: [i64; 2] = [3600, 7200];
/// A session without an exit status that lasted about this long at least may have met a limit, in seconds.
const NEARLY_AN_HOUR: u64 = 3500;

/// Fills `session.end`.
pub(super) fn fill(facts: &mut Facts) {
    let end = end(facts);
    if let Some(session) = facts.session.known_mut() {
        session.end = end;
    }
}

fn end(facts: &Facts) -> Option<EndOfSession> {
    let circleci = facts.circleci.as_ref();
    match facts.target.as_ref().and_then(|target| target.lasted_seconds) {
        Some(lasted) => {
            let end = of(facts, circleci, Some(seconds(lasted)));
            after_connect(facts, circleci, lasted, &end).then_some(end)
        }
        None => {
            let Logged { lasted, said } = logged(facts)?;
            let end = of(facts, circleci, lasted.map(seconds));
            let long = lasted.is_some_and(|lasted| lasted >= NEARLY_AN_HOUR);
            match end.why.as_str() {
                _ if said => Some(end),
                // Without ssh's own words a person may have cut the connection, too (`~.`).
                "cancelled" | "limit" | "unvisited" => Some(EndOfSession { certain: false, ..end }),
                _ => long.then_some(end),
            }
        }
    }
}

fn seconds(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A session that had begun and was closed, in a log.
struct Logged {
    /// How long it had lasted, where that is in it.
    lasted: Option<u64>,
    /// ssh says that the server closed it. With `-E` these words go to the terminal, and the log has no more than that the
    /// command ended without a status.
    said: bool,
}

fn logged(facts: &Facts) -> Option<Logged> {
    let session = facts.attempt.known()?.session.as_ref()?;
    if session.program_not_found.is_some() || session.no_command_or_pty {
        return None;
    }
    let said = session.ended == Some(SessionEnd::ClosedByRemote);
    let without_status = session.ended.is_none() && session.exit_status == Some(-1);
    (said || without_status).then_some(Logged { lasted: session.seconds, said })
}

/// ssh ended with its own failure, or with that of the remote command. Only the job's own end while it ran, or a machine that
/// is gone, tells the one from the other. An address that refuses has no such machine any more; one that keeps silent may lie
/// behind a network that is down.
fn after_connect(facts: &Facts, circleci: Option<&CircleCi>, lasted: u64, end: &EndOfSession) -> bool {
    let job = circleci.and_then(|circleci| circleci.job.known());
    let now = circleci.and_then(|circleci| circleci.asked_at.known()).map(String::as_str);
    if let Some(job) = job {
        let ago = between(job.stopped_at.as_deref(), now);
        let lasted = seconds(lasted);
        return is(job, "ended") && ago.is_none_or(|ago| ago <= lasted.saturating_add(tolerance(lasted)));
    }
    if facts.login.known().is_none_or(|login| login.works) {
        return false;
    }
    let refused = facts.attempt.known().and_then(|attempt| attempt.connect.as_ref()).and_then(|connect| connect.reason);
    match refused {
        Some(ConnectReason::Refused) => true,
        Some(ConnectReason::TimedOut) => end.why == "limit",
        _ => false,
    }
}

fn of(facts: &Facts, circleci: Option<&CircleCi>, lasted: Option<i64>) -> EndOfSession {
    let target = facts.target.as_ref();
    let job = circleci.and_then(|circleci| circleci.job.known());
    let of_this_job = circleci.is_some_and(|circleci| concerns(circleci, target));
    // A log has no clock: the job may have gone on after the session, and have come to its end later.
    let seen_end = target.is_some_and(|target| target.lasted_seconds.is_some());
    let step = step(circleci, target);
    let printed = |time: fn(&EnableSsh) -> Option<&String>| step.and_then(time).and_then(|text| go(text));
    let stays_up = printed(|step| step.stays_up.as_ref());
    let waits = printed(|step| step.waits.as_ref());
    let told = |why: &str, certain| EndOfSession {
        why: why.to_owned(),
        certain,
        lasted: lasted.map(exact_words),
        asked: job.is_some(),
        at: job.filter(|job| is(job, "ended")).and_then(|job| of_day(job.stopped_at.as_deref()?)),
        seen: job.and_then(|job| job.seen.clone()),
        ..EndOfSession::default()
    };
    let limit = |why: &str, certain, seconds: i64, printed| EndOfSession {
        limit: Some(exact_words(seconds)),
        limit_printed: printed,
        ..told(why, certain)
    };
    if let Some(job) = job.filter(|job| job.canceled) {
        let by = job.canceled_by.as_ref().and_then(name);
        return EndOfSession {
            by,
            by_me: job.canceled_by_me == Some(true),
            ..told("cancelled", of_this_job && seen_end)
        };
    }
    let stood = job.and_then(|job| stood(circleci?, job));
    let lasts = |limit: i64| [lasted, stood].into_iter().flatten().any(|time| near(time, limit));
    if let Some(stays_up) = stays_up.filter(|stays_up| lasts(*stays_up)) {
        return limit("limit", true, stays_up, true);
    }
    let tunnel = target.is_some_and(|target| target.no_session)
        || facts.config.known().is_some_and(|config| config.session_type.as_deref() == Some("none"));
    let wait = waits.unwrap_or(WAITS);
    // While the job's own steps run nobody is waited for, so that a tunnel may stand longer.
    let waited = |lasted: i64| near(lasted, wait) || (lasted < wait && job.is_some_and(|job| is(job, "ended")));
    if tunnel && lasted.is_some_and(waited) {
        return limit("unvisited", false, wait, waits.is_some());
    }
    if let Some(job) = job {
        if is(job, "running") {
            return told("runs-on", of_this_job);
        }
        if is(job, "ended") {
            return told("job-ended", of_this_job && seen_end);
        }
    }
    let documented =
        DOCUMENTED.into_iter().find(|limit| stays_up.is_none() && lasted.is_some_and(|lasted| near(lasted, *limit)));
    match documented {
        Some(seconds) => limit("limit", false, seconds, false),
        None => told("undecided", false),
    }
}

fn is(job: &Job, state: &str) -> bool {
    job.state.known().is_some_and(|known| known == state)
}

/// The job prints the command that was used; nothing but that tells jobs apart.
fn concerns(circleci: &CircleCi, target: Option<&Target>) -> bool {
    let printed = || target.is_some_and(|target| target.enable_ssh.is_some() && !target.not_in_step);
    circleci.reaches_job.is(&true) || (circleci.reaches_job.known().is_none() && printed())
}

/// The step that prints the times: that of the target, or the one of the execution that is meant.
fn step<'f>(circleci: Option<&'f CircleCi>, target: Option<&'f Target>) -> Option<&'f EnableSsh> {
    let pasted = target.filter(|target| !target.not_in_step).and_then(|target| target.enable_ssh.as_ref());
    pasted.or_else(|| circleci.and_then(meant).and_then(|execution| execution.enable_ssh.known()))
}

/// How long the box stood for visitors, by CircleCI's times. From when that time counts is not documented: from when the
/// command was printed, or from when the job's own steps were over.
fn stood(circleci: &CircleCi, job: &Job) -> Option<i64> {
    let execution = meant(circleci)?;
    let stopped = job.stopped_at.as_deref();
    let since = |time: &Option<String>| between(time.as_deref(), stopped);
    since(&execution.enabled_at).or_else(|| since(&execution.waiting_since))
}

/// As exact as such times are: the box is not up at once, and ssh counts from its first packet.
fn near(time: i64, limit: i64) -> bool {
    (time - limit).abs() <= tolerance(limit)
}

/// A twentieth, from two seconds to one minute.
fn tolerance(limit: i64) -> i64 {
    (limit / 20).clamp(2, 60)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{
            Fact, Login, Session,
            circleci::{Execution, Person},
        },
        ssh::log::{self, Attempt},
    };

    fn logged_session(seconds: Option<u64>) -> Facts {
        let mut attempt = Attempt::new("ssh.log");
        let ended = Some(log::SessionEnd::ClosedByRemote);
        attempt.session = Some(log::Session { ended, seconds, ..log::Session::default() });
        Facts { attempt: attempt.into(), session: Session::default().into(), ..Facts::default() }
    }

    fn printing(stays_up: &str, waits: &str) -> Target {
        let step = EnableSsh { stays_up: Some(stays_up.into()), waits: Some(waits.into()), ..EnableSsh::default() };
        Target { enable_ssh: Some(step), ..Target::default() }
    }

    fn job(state: &str) -> Job {
        let stopped_at = (state == "ended").then(|| "2026-11-22T10:05:00Z".to_owned());
        Job { state: state.to_owned().into(), stopped_at, ..Job::default() }
    }

    fn told_by(job: Job) -> Option<CircleCi> {
        let asked_at = "2026-11-22T10:06:00Z".to_owned().into();
        Some(CircleCi { job: job.into(), reaches_job: true.into(), asked_at, ..CircleCi::default() })
    }

    fn why(mut facts: Facts) -> Option<(String, bool)> {
        fill(&mut facts);
        facts.session.known()?.end.clone().map(|end| (end.why, end.certain))
    }

    fn of_log(seconds: Option<u64>, target: Option<Target>, circleci: Option<CircleCi>) -> (String, bool) {
        why(Facts { target, circleci, ..logged_session(seconds) }).expect("the server closed it")
    }

    fn is(why: &str, certain: bool) -> (String, bool) {
        (why.to_owned(), certain)
    }

    #[test]
    fn by_the_times_alone() {
        for (seconds, printed, expected) in [
            (7204, Some("2h0m0s"), is("limit", true)),
            (3601, Some("1h0m0s"), is("limit", true)),
            (3601, Some("2h0m0s"), is("undecided", false)),
            (7190, None, is("limit", false)),
            (3640, None, is("limit", false)),
            (3800, None, is("undecided", false)),
            (1200, None, is("undecided", false)),
            (3, Some("0h0m3s"), is("limit", true)),
        ] {
            let target = printed.map(|printed| printing(printed, "10m0s"));
            assert_eq!(of_log(Some(seconds), target, None), expected, "{seconds} {printed:?}");
        }
        assert_eq!(of_log(None, Some(printing("2h0m0s", "10m0s")), None), is("undecided", false));
    }

    #[test]
    fn circleci_has_the_last_word() {
        let canceled = Job { canceled: true, ..job("ended") };
        assert_eq!(of_log(Some(7201), None, told_by(canceled.clone())), is("cancelled", false));
        let mut elsewhere = told_by(canceled).expect("a job");
        elsewhere.reaches_job = Fact::unknown("the log does not tell which job it is about");
        assert_eq!(of_log(Some(9), None, Some(elsewhere.clone())), is("cancelled", false));
        assert_eq!(of_log(Some(9), Some(printing("2h0m0s", "10m0s")), Some(elsewhere)), is("cancelled", false));
        assert_eq!(of_log(Some(1200), None, told_by(job("ended"))), is("job-ended", false));
        assert_eq!(of_log(Some(7200), None, told_by(job("running"))), is("runs-on", true));
        let unknown = CircleCi { job: Fact::unknown("no token"), ..CircleCi::default() };
        assert_eq!(of_log(Some(1200), None, Some(unknown)), is("undecided", false));
    }

    #[test]
    fn the_box_may_stand_longer_than_the_session() {
        let step = printing("2h0m0s", "10m0s").enable_ssh.expect("a step");
        let enabled_at = Some("2026-11-22T08:05:20Z".to_owned());
        let execution = Execution { enable_ssh: step.into(), enabled_at, ..Execution::default() };
        let mut circleci = told_by(job("ended")).expect("a job");
        circleci.executions = vec![execution].into();
        assert_eq!(of_log(Some(1200), None, Some(circleci)), is("limit", true));
    }

    #[test]
    fn a_tunnel_is_no_visitor() {
        let tunnel = || Target { no_session: true, ..printing("2h0m0s", "10m0s") };
        assert_eq!(of_log(Some(603), Some(tunnel()), None), is("unvisited", false));
        assert_eq!(of_log(Some(603), Some(printing("2h0m0s", "10m0s")), None), is("undecided", false));
        assert_eq!(of_log(Some(200), Some(tunnel()), None), is("undecided", false));
        assert_eq!(of_log(Some(200), Some(tunnel()), told_by(job("ended"))), is("unvisited", false));
        let canceled = Job { canceled: true, ..job("ended") };
        assert_eq!(of_log(Some(603), Some(tunnel()), told_by(canceled)), is("cancelled", false));
    }

    #[test]
    fn whoever_cancelled_is_named() {
        let canceled_by = Some(Person { login: Some("ben".into()), ..Person::default() });
        let canceled = Job { canceled: true, canceled_by, canceled_by_me: Some(false), ..job("ended") };
        let mut facts = Facts { circleci: told_by(canceled), ..logged_session(Some(62)) };
        fill(&mut facts);
        let end = facts.session.known().and_then(|session| session.end.clone()).expect("it ended");
        assert_eq!((end.by.as_deref(), end.by_me, end.at.as_deref()), (Some("ben"), false, Some("10:05 UTC")));
        assert_eq!(end.lasted.as_deref(), Some("1 minute"));
    }

    #[test]
    fn a_log_that_ssh_wrote_itself_lacks_its_last_words() {
        let of = |seconds, circleci| {
            let mut facts = Facts { circleci, ..logged_session(Some(seconds)) };
            let session = facts.attempt.known_mut().and_then(|attempt| attempt.session.as_mut()).expect("a session");
            (session.ended, session.exit_status) = (None, Some(-1));
            why(facts)
        };
        assert_eq!(of(7200, None), Some(is("limit", false)));
        assert_eq!(of(4000, None), Some(is("undecided", false)));
        assert_eq!(of(300, None), None, "a person may have cut it");
        assert_eq!(of(300, told_by(job("ended"))), None);
        assert_eq!(of(300, told_by(Job { canceled: true, ..job("ended") })), Some(is("cancelled", false)));
    }

    #[test]
    fn other_ends_are_none_of_these() {
        for ended in [log::SessionEnd::Closed, log::SessionEnd::Lost, log::SessionEnd::TimedOut] {
            let mut attempt = Attempt::new("ssh.log");
            attempt.session = Some(log::Session { ended: Some(ended), seconds: Some(7200), ..log::Session::default() });
            let session = Session::default().into();
            assert_eq!(why(Facts { attempt: attempt.into(), session, ..Facts::default() }), None);
        }
    }

    #[test]
    fn connect_knows_only_how_long_it_took() {
        let after = |circleci: Option<CircleCi>, met: Option<ConnectReason>, lasted: u64| {
            let login = Login { works: met.is_none(), ..Login::default() };
            let target = Target { lasted_seconds: Some(lasted), ..printing("2h0m0s", "10m0s") };
            let mut attempt = Attempt::new("ssh -v");
            attempt.connect = Some(log::Connect { reason: met, ..log::Connect::default() });
            let mut facts = Facts { attempt: attempt.into(), session: Session::default().into(), ..Facts::default() };
            (facts.target, facts.login, facts.circleci) = (Some(target), login.into(), circleci);
            why(facts)
        };
        let (refused, silent) = (Some(ConnectReason::Refused), Some(ConnectReason::TimedOut));
        assert_eq!(after(None, None, 30), None, "the job is still there");
        assert_eq!(after(None, refused, 30), Some(is("undecided", false)));
        assert_eq!(after(None, refused, 7200), Some(is("limit", true)));
        assert_eq!(after(None, silent, 7200), Some(is("limit", true)));
        assert_eq!(after(None, silent, 30), None, "the network may be down");
        let canceled = || told_by(Job { canceled: true, ..job("ended") });
        assert_eq!(after(canceled(), None, 300), Some(is("cancelled", true)));
        assert_eq!(after(canceled(), None, 5), None, "it had ended before");
        assert_eq!(after(told_by(job("running")), silent, 300), None, "the network");
    }
}
