//! What the configuration, the command and the job ask of a command that is to end in a shell, and the setting that keeps a
//! person from one.

use super::super::session_needs::NO_REMOTE_COMMAND;
use crate::{
    facts::{Config, Facts, SessionNeeds, SessionPrevented, Target},
    target::{self, Asked},
};

/// Fills `session.needs` and `session.prevented`.
pub(super) fn fill(facts: &mut Facts) {
    let (needs, prevented) = (needs(facts), prevented(facts));
    if let Some(session) = facts.session.known_mut() {
        session.needs = needs;
        session.prevented = prevented;
    }
}

fn needs(facts: &Facts) -> SessionNeeds {
    let shell = facts.target.as_ref().and_then(|target| windows_shell(facts, target));
    let Some(config) = facts.config.known() else { return SessionNeeds { shell, ..SessionNeeds::default() } };
    let off = |word: &str| word.eq_ignore_ascii_case("no") || word.eq_ignore_ascii_case("false");
    let tunnel = is_tunnel(facts, config);
    // One that the job has just called no program of its.
    let refused = facts.session.known().is_some_and(|session| session.program_missing.is_some());
    let undone = [
        (config.remote_command_fails || (refused && config.remote_command.is_some()), NO_REMOTE_COMMAND),
        (config.session_type.is_some() && !tunnel, "SessionType=default"),
        (config.stdin_null && !tunnel, "StdinNull=no"),
        (config.forks && !tunnel, "ForkAfterAuthentication=no"),
    ];
    SessionNeeds {
        options: undone.into_iter().filter(|(needed, _)| *needed).map(|(_, option)| option.to_owned()).collect(),
        no_other_command: config.remote_command.is_some(),
        terminal: config.request_tty.as_deref().is_some_and(off),
        shell,
    }
}

/// Whoever carries something through the connection may want no shell of it.
fn is_tunnel(facts: &Facts, config: &Config) -> bool {
    config.forwards || facts.target.as_ref().is_some_and(|target| target.no_session || target.forwards)
}

/// What the command itself names, what the step prints, or what CircleCI says about the job's machine; none where the job
/// answered that it does not have such a program.
fn windows_shell(facts: &Facts, target: &Target) -> Option<String> {
    let missing = facts.session.known().and_then(|session| session.program_missing.as_ref());
    if missing.is_some_and(|missing| missing.windows_name) {
        return None;
    }
    if target.windows_shell {
        return target.remote_command.first().filter(|word| is_plain(word)).cloned();
    }
    if target.form != "direct" {
        return None;
    }
    let printed = target.enable_ssh.iter().flat_map(|step| &step.commands).find_map(|command| {
        let Ok(Asked::Login(printed)) = target::from_text(command, false) else { return None };
        let here = printed.windows_shell && printed.host == target.host && printed.port == target.port;
        printed.remote_command.into_iter().next().filter(|word| here && is_plain(word))
    });
    let circleci = facts.circleci.as_ref().filter(|circleci| circleci.reaches_job.is(&true));
    let job = circleci.and_then(|circleci| circleci.job.known());
    let windows = job.is_some_and(|job| job.system.known().is_some_and(|system| system == "windows"));
    printed.or_else(|| windows.then(|| "powershell.exe".to_owned()))
}

/// It goes into a command as it is.
fn is_plain(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')) && !word.starts_with('-')
}

/// A setting after which somebody who wants a shell sits before a silent terminal, is sent away, or is out again at once.
fn prevented(facts: &Facts) -> Option<SessionPrevented> {
    let (config, target) = (facts.config.known()?, facts.target.as_ref()?);
    if is_tunnel(facts, config) {
        return None;
    }
    let command = !target.remote_command.is_empty() || config.remote_command.is_some();
    let interactive = !command || target.windows_shell;
    // ssh refuses that before it connects; the others are met behind the login alone.
    let refuses = config.forks && !command && config.session_type.as_deref() != Some("none");
    if !refuses && facts.login.known().is_some_and(|login| !login.works) {
        return None;
    }
    let (option, value, undone) = if config.session_type.as_deref() == Some("none") {
        ("SessionType", "none", "default")
    } else if refuses {
        ("ForkAfterAuthentication", "yes", "no")
    } else if config.stdin_null && interactive {
        ("StdinNull", "yes", "no")
    } else {
        return None;
    };
    let seen = config.from.get(&option.to_ascii_lowercase()).cloned();
    Some(SessionPrevented { option: option.into(), value: value.into(), undone: undone.into(), seen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{CircleCi, Login, Session, circleci::Job};

    fn direct() -> Target {
        let (host, port) = ("203.0.113.7".to_owned(), Some(54782));
        Target { form: "direct".into(), host, port, ..Target::default() }
    }

    fn filled(target: Target, config: Config) -> Session {
        let mut facts = Facts {
            target: Some(target),
            config: config.into(),
            session: Session::default().into(),
            ..Facts::default()
        };
        fill(&mut facts);
        facts.session.known().cloned().expect("a session")
    }

    #[test]
    fn an_ordinary_configuration_asks_for_nothing() {
        let session = filled(direct(), Config::default());
        assert_eq!((session.needs, session.prevented), (SessionNeeds::default(), None));
        let auto = Config { request_tty: Some("auto".into()), ..Config::default() };
        assert_eq!(filled(direct(), auto).needs, SessionNeeds::default());
    }

    #[test]
    fn settings_that_leave_nobody_in_a_shell() {
        let none = || Config { session_type: Some("none".into()), ..Config::default() };
        let session = filled(direct(), none());
        assert_eq!(session.needs.options, ["SessionType=default"]);
        assert_eq!(session.prevented.map(|prevented| prevented.option).as_deref(), Some("SessionType"));
        let login = Login { works: false, ..Login::default() };
        let mut refused = Facts {
            target: Some(direct()),
            config: none().into(),
            login: login.into(),
            session: Session::default().into(),
            ..Facts::default()
        };
        fill(&mut refused);
        assert_eq!(refused.session.known().and_then(|session| session.prevented.clone()), None, "not met yet");
        let tunnel = Config { forwards: true, ..none() };
        assert_eq!(filled(direct(), tunnel), Session::default(), "it is meant as a tunnel");
        let typed = Target { no_session: true, ..direct() };
        assert_eq!(filled(typed, none()), Session::default());
        let command = Target { remote_command: vec!["make".into()], ..direct() };
        let forks = Config { forks: true, ..Config::default() };
        assert!(filled(direct(), forks.clone()).prevented.is_some());
        assert_eq!(filled(command, forks).prevented, None, "a command in the background is a wish");
    }

    #[test]
    fn a_command_of_the_configuration_goes_where_it_fails() {
        let remote =
            |fails| Config { remote_command: Some("x".into()), remote_command_fails: fails, ..Config::default() };
        let kept = filled(direct(), remote(false)).needs;
        assert!(kept.no_other_command && kept.options.is_empty());
        assert_eq!(filled(direct(), remote(true)).needs.options, ["RemoteCommand=none"]);
    }

    #[test]
    fn the_shell_of_a_windows_job() {
        let typed = Target { windows_shell: true, remote_command: vec!["bash.exe".into()], ..direct() };
        assert_eq!(filled(typed, Config::default()).needs.shell.as_deref(), Some("bash.exe"));
        let job = Job { system: "windows".to_owned().into(), ..Job::default() };
        let circleci = CircleCi { reaches_job: true.into(), job: job.into(), ..CircleCi::default() };
        let of = |form: &str| {
            let target = Target { form: form.into(), ..direct() };
            needs(&Facts { target: Some(target), circleci: Some(circleci.clone()), ..Facts::default() }).shell
        };
        assert_eq!(of("direct").as_deref(), Some("powershell.exe"));
        assert_eq!(of("proxy"), None, "the proxy starts the job's own shell");
    }
}
