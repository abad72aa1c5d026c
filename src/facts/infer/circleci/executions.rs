//! Where the job's executions are reached, and whether the login goes there.

use super::source;
use crate::facts::{CircleCi, EnableSsh, Fact, Facts, Seen, Target, circleci::Execution};

/// Fills `printed`, `step_seen`, `reaches_job`, `target_not_printed`, `goes_to_execution`, `goes_to_ended` and `target_accepts`.
pub(super) fn fill(side: &mut CircleCi, facts: &Facts) {
    side.target_accepts = facts.auth.known().is_some_and(|auth| auth.winner.is_some());
    let meant = meant(side).cloned();
    let step = meant.as_ref().and_then(|execution| execution.enable_ssh.known());
    side.printed = step.and_then(|step| step.commands.first().cloned());
    let source = format!("{}, Enable SSH step of execution {}", source(side), side.execution);
    side.step_seen = step.map(|step| Seen { source, line: None, text: told(step) });

    let target = facts.target.as_ref().filter(|target| !target.host.is_empty());
    let goes_to = target.map(|target| Place::of(target, facts));
    side.goes_to_execution = None;
    side.target_not_printed = false;
    side.goes_to_ended = false;
    let reached = goes_to.as_ref().and_then(|place| reached(side, place)).cloned();
    if let (Some(place), Some(step)) = (&goes_to, step.filter(|step| !step.commands.is_empty())) {
        let here = step.commands.iter().any(|command| place.is_of(command));
        side.target_not_printed = place.literal && !here;
        let other = reached.as_ref().filter(|_| !here);
        side.goes_to_execution = other.map(|other| other.index);
        side.goes_to_ended = other.is_some_and(|other| other.waited_until.is_some());
    }
    side.reaches_job = match (&goes_to, facts.log.is_some()) {
        (_, true) => Fact::unknown("the log does not tell which job it is about"),
        (None, _) => true.into(),
        (Some(_), _) if reached.is_some() => true.into(),
        (Some(place), _) => goes_elsewhere(side, place),
    };
}

/// The execution that is meant.
pub(in crate::facts::infer) fn meant(side: &CircleCi) -> Option<&Execution> {
    side.executions.known()?.iter().find(|execution| execution.index == side.execution)
}

/// The execution to which the login goes.
fn reached<'c>(side: &'c CircleCi, place: &Place) -> Option<&'c Execution> {
    let commands = |execution: &Execution| {
        let step = execution.enable_ssh.known();
        step.is_some_and(|step| step.commands.iter().any(|command| place.is_of(command)))
    };
    side.executions.known()?.iter().find(|execution| commands(execution))
}

/// A no, where all that the job prints is known.
fn goes_elsewhere(side: &CircleCi, place: &Place) -> Fact<bool> {
    let executions = match &side.executions {
        Fact::Unknown(why) => return Fact::unknown(why),
        Fact::Known(executions) => executions,
    };
    let steps: Vec<Option<&EnableSsh>> = executions.iter().map(|execution| execution.enable_ssh.known()).collect();
    let all_print = steps.iter().all(|step| step.is_some_and(|step| !step.commands.is_empty()));
    let others = side.job.known().is_some_and(|job| (job.parallelism as usize) > steps.len());
    if steps.is_empty() || others || !all_print {
        Fact::unknown("not every execution of the job has printed its command")
    } else if !place.literal {
        Fact::unknown("the target is a name, and where it leads is not known")
    } else {
        false.into()
    }
}

fn told(step: &EnableSsh) -> String {
    match (step.commands.as_slice(), step.state.as_str()) {
        ([command, ..], _) => command.clone(),
        ([], "no-key") => "No SSH key is found".to_owned(),
        ([], "failed") => "Failed to enable SSH".to_owned(),
        ([], _) => "no command is printed".to_owned(),
    }
}

/// Where a login goes.
struct Place {
    host: String,
    port: Option<u16>,
    user: Option<String>,
    /// It is what somebody pasted, and not a name that the configuration turns into something else.
    literal: bool,
}

impl Place {
    /// A name is followed into the configuration; what was pasted counts as it stands.
    fn of(target: &Target, facts: &Facts) -> Self {
        let is_whole = target.form == "proxy" || (target.form == "direct" && target.port.is_some());
        let literal = is_whole && !target.placeholder;
        let config = facts.config.known().filter(|_| !literal);
        let host = config.and_then(|config| config.hostname.known()).unwrap_or(&target.host).clone();
        let port = config.and_then(|config| config.port.known().copied()).or(target.port);
        let user = config.and_then(|config| config.user.known()).or(target.user.as_ref()).cloned();
        Self { host, port, user, literal }
    }

    /// Whether the printed command goes there. The proxy answers on more than one port and tells jobs by the user; direct
    /// addresses take any user.
    fn is_of(&self, command: &str) -> bool {
        let before_remote = command.split(" -- ").next().unwrap_or_default();
        let words: Vec<&str> = before_remote.split_whitespace().skip(1).collect();
        let port = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("-p") {
            Some("") => words.get(at + 1)?.parse().ok(),
            Some(port) => port.parse().ok(),
            None => None,
        });
        words.iter().any(|word| match word.rsplit_once('@') {
            Some((user, host)) if is_session(user) => {
                host.eq_ignore_ascii_case(&self.host) && self.user.as_deref() == Some(user)
            }
            Some((_, host)) => host.eq_ignore_ascii_case(&self.host) && port == self.port,
            None => word.eq_ignore_ascii_case(&self.host) && port == self.port,
        })
    }
}

/// The user name of the proxy's form: a job's id and the number of its execution.
fn is_session(user: &str) -> bool {
    let index = user.rsplit_once('-').map(|(_, index)| index);
    user.len() > 36
        && user.is_char_boundary(36)
        && user[..36].matches('-').count() == 4
        && index.is_some_and(|index| !index.is_empty() && index.chars().all(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Config;

    const JOB: &str = "057f0065-7e6d-4912-921b-50917ff046a3";

    fn step(commands: &[&str]) -> EnableSsh {
        let commands: Vec<String> = commands.iter().map(|command| (*command).to_owned()).collect();
        let state = if commands.is_empty() { "not-ready" } else { "ready" };
        EnableSsh { state: state.into(), commands, ..EnableSsh::default() }
    }

    fn side(commands: &[&[&str]]) -> CircleCi {
        let executions: Vec<Execution> = commands
            .iter()
            .zip(0..)
            .map(|(commands, index)| Execution { index, enable_ssh: step(commands).into(), ..Execution::default() })
            .collect();
        CircleCi { executions: executions.into(), ..CircleCi::default() }
    }

    fn direct(host: &str, port: u16) -> Target {
        Target { host: host.into(), port: Some(port), form: "direct".into(), ..Target::default() }
    }

    fn with(mut side: CircleCi, target: Target) -> CircleCi {
        fill(&mut side, &Facts { target: Some(target), ..Facts::default() });
        side
    }

    #[test]
    fn a_target_among_the_printed_ones() {
        let two: &[&[&str]] = &[&["ssh -p 64535 203.0.113.7"], &["ssh -p 64536 203.0.113.7"]];
        let first = with(side(two), direct("203.0.113.7", 64535));
        assert_eq!((first.goes_to_execution, first.target_not_printed), (None, false));
        assert_eq!(first.reaches_job.known(), Some(&true));
        let second = with(side(two), direct("203.0.113.7", 64536));
        assert_eq!((second.goes_to_execution, second.target_not_printed), (Some(1), true));
        assert_eq!((second.reaches_job.known(), second.goes_to_ended), (Some(&true), false));
        let elsewhere = with(side(two), direct("203.0.113.8", 64535));
        assert_eq!((elsewhere.goes_to_execution, elsewhere.target_not_printed), (None, true));
        assert_eq!(elsewhere.reaches_job.known(), Some(&false));
    }

    #[test]
    fn the_proxy_tells_jobs_by_the_user_and_takes_any_port() {
        let printed = format!("ssh {JOB}-0@ssh.circleci.com");
        let proxy = |user: &str, port| Target {
            host: "ssh.circleci.com".into(),
            user: Some(user.into()),
            port,
            form: "proxy".into(),
            ..Target::default()
        };
        let own = with(side(&[&[&printed]]), proxy(&format!("{JOB}-0"), Some(443)));
        assert_eq!((own.target_not_printed, own.reaches_job.known()), (false, Some(&true)));
        let other = with(side(&[&[&printed]]), proxy(&format!("{JOB}-1"), None));
        assert_eq!((other.target_not_printed, other.reaches_job.known()), (true, Some(&false)));
    }

    #[test]
    fn shells_of_windows_and_users_do_not_matter() {
        let windows = with(side(&[&["ssh -t -p 54782 35.226.214.52 -- bash.exe"]]), direct("35.226.214.52", 54782));
        assert!(!windows.target_not_printed);
        let user = with(side(&[&["ssh -p 54782 circleci@35.226.214.52"]]), direct("35.226.214.52", 54782));
        assert!(!user.target_not_printed);
    }

    #[test]
    fn what_is_not_known_accuses_nobody() {
        let unread = CircleCi {
            executions: vec![Execution { enable_ssh: Fact::unknown("no answer"), ..Execution::default() }].into(),
            ..CircleCi::default()
        };
        let unread = with(unread, direct("203.0.113.7", 64535));
        assert_eq!((unread.target_not_printed, unread.reaches_job.known()), (false, None));
        let empty = with(side(&[&[]]), direct("203.0.113.7", 64535));
        assert_eq!((empty.target_not_printed, empty.reaches_job.known()), (false, None));
        let alias = Target { host: "job".into(), form: "alias".into(), ..Target::default() };
        let named = with(side(&[&["ssh -p 64535 203.0.113.7"]]), alias.clone());
        assert_eq!((named.target_not_printed, named.reaches_job.known()), (false, None));
        let config = Config { hostname: "203.0.113.7".to_owned().into(), port: 64535.into(), ..Config::default() };
        let mut known = side(&[&["ssh -p 64535 203.0.113.7"]]);
        fill(&mut known, &Facts { target: Some(alias), config: config.into(), ..Facts::default() });
        assert_eq!(known.reaches_job.known(), Some(&true));
    }

    #[test]
    fn without_a_target_it_is_about_the_job() {
        let mut alone = side(&[&["ssh -p 64535 203.0.113.7"]]);
        fill(&mut alone, &Facts::default());
        assert_eq!(alone.reaches_job.known(), Some(&true));
        assert_eq!(alone.printed.as_deref(), Some("ssh -p 64535 203.0.113.7"));
        let seen = alone.step_seen.expect("evidence");
        assert_eq!(seen.source, "CircleCI, Enable SSH step of execution 0");
    }
}
