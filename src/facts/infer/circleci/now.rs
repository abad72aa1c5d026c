//! How the job stands, in a few words for the top of a report.

use crate::facts::{CircleCi, circleci::Clock};

/// Fills `now`.
pub(super) fn fill(side: &mut CircleCi) {
    let nothing = Clock::default();
    let clock = side.clock.known().unwrap_or(&nothing);
    let state = side.job.known().and_then(|job| job.state.known()).map(String::as_str);
    let canceled = side.job.known().is_some_and(|job| job.canceled);
    let standing = side.standing.known().map(String::as_str);
    side.now = state.map(|state| match (standing, state) {
        (Some("open"), _) => open(clock),
        (Some("execution-ended"), _) => format!("running; its execution {} has ended", side.execution),
        (Some("without-ssh"), "running") => "running, without SSH".to_owned(),
        (Some("without-ssh"), _) => format!("{}; it had no SSH", ended(clock, canceled)),
        (Some("preparing"), _) => "running; its Enable SSH step has not printed a command yet".to_owned(),
        (Some("no-key"), "running") => "running; CircleCI found no key of its person".to_owned(),
        (Some("no-address"), _) => "running; its Enable SSH step prints no address".to_owned(),
        (Some("failed"), _) => "running; its Enable SSH step failed".to_owned(),
        (_, "waiting") => match &clock.queued_for {
            Some(long) => format!("waiting to begin for {long}"),
            None => "waiting to begin".to_owned(),
        },
        (_, "ended") => ended(clock, canceled),
        (_, "not-run") => "not run".to_owned(),
        (_, other) => other.to_owned(),
    });
}

fn open(clock: &Clock) -> String {
    match (&clock.connect_left, clock.connect_left_seconds, &clock.session_left) {
        (Some(left), ..) => format!("running; {left} left to connect"),
        (None, Some(_), Some(left)) => format!("running; at most {left} left"),
        _ => "running; its own steps are not over yet".to_owned(),
    }
}

fn ended(clock: &Clock, canceled: bool) -> String {
    let how = if canceled { "cancelled" } else { "ended" };
    clock.ended_ago.as_ref().map_or_else(|| how.to_owned(), |ago| format!("{how} {ago} ago"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::circleci::Job;

    fn now(state: &str, standing: Option<&str>, clock: Clock) -> Option<String> {
        let mut side = CircleCi {
            job: Job { state: state.to_owned().into(), ..Job::default() }.into(),
            clock: clock.into(),
            ..CircleCi::default()
        };
        if let Some(standing) = standing {
            side.standing = standing.to_owned().into();
        }
        fill(&mut side);
        side.now
    }

    #[test]
    fn the_clock_in_a_few_words() {
        let left =
            Clock { connect_left: Some("7 minutes".into()), connect_left_seconds: Some(420), ..Clock::default() };
        assert_eq!(now("running", Some("open"), left).as_deref(), Some("running; 7 minutes left to connect"));
        let connected =
            Clock { connect_left_seconds: Some(0), session_left: Some("1 hour".into()), ..Clock::default() };
        assert_eq!(now("running", Some("open"), connected).as_deref(), Some("running; at most 1 hour left"));
        let ago = Clock { ended_ago: Some("12 minutes".into()), ..Clock::default() };
        assert_eq!(now("ended", Some("ended"), ago).as_deref(), Some("ended 12 minutes ago"));
        assert_eq!(now("ended", None, Clock::default()).as_deref(), Some("ended"));
        assert_eq!(now("unauthorized", Some("unauthorized"), Clock::default()).as_deref(), Some("unauthorized"));
        let mut unknown = CircleCi::default();
        fill(&mut unknown);
        assert_eq!(unknown.now, None);
    }
}
