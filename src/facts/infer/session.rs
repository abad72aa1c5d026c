//! What the session meets: said by the job in a log, or to be foreseen from the command, the configuration and the terminal.

use super::sender::{is_without_shell, sender};
use crate::{
    facts::{Fact, Facts, MissingCommand, ProgramMissing, Sender, Session, SessionNeeds},
    ssh::log::{self, Attempt},
    target::is_shell,
};

/// What is known about the session.
pub(super) fn session(facts: &Facts) -> Fact<Session> {
    let attempt = facts.attempt.known();
    if facts.target.is_none() && attempt.is_none() {
        return Fact::unknown("there is neither a target nor a log");
    }
    let said = attempt.and_then(|attempt| attempt.session.as_ref());
    let sender = sender(facts);
    let of = |kind: &str| sender.as_ref().is_some_and(|sender| sender.kind == kind);
    Session {
        warp_script: sender.as_ref().is_some_and(|sender| sender.kind == "warp" && sender.harm == "fails"),
        program_missing: said
            .and_then(program_said)
            // What Ghostty tries before the session is not the session.
            .filter(|_| !of("ghostty"))
            .or_else(|| sender.as_ref().and_then(word_of_a_shell)),
        sender: sender.clone(),
        nothing_requested: said.is_some_and(|session| session.no_command_or_pty) || terminal_off(facts, attempt),
        ends_at_once: said.is_some_and(shell_ends_at_once),
        command_failed: said.is_some_and(command_failed),
        missing_command: said.and_then(missing_command),
        end: None,
        needs: SessionNeeds::default(),
        prevented: None,
    }
    .into()
}

/// How long a shell may last that ends by itself without a person, in seconds.
const AT_ONCE: u64 = 2;

/// A person at a prompt takes longer; a command that was sent is no login shell. ssh says that the connection is closed
/// where it had a terminal (clientloop.c): a shell whose input is empty ends at once, as it should.
fn shell_ends_at_once(session: &log::Session) -> bool {
    // 126 and 127 too: a start file may hand over to a shell that is not there.
    let failed = session.exit_status.is_some_and(|status| (1..=127).contains(&status));
    let told_why = session.program_not_found.is_some() || session.no_command_or_pty || session.request_failed.is_some();
    session.command.is_none()
        && session.ended == Some(log::SessionEnd::Closed)
        && failed
        && !told_why
        && session.git_host.is_none()
        && session.seconds.is_some_and(|seconds| seconds < AT_ONCE)
}

fn command_failed(session: &log::Session) -> bool {
    let own = |status: i64| status > 0 && status != 127 && status != 255;
    session.command.as_ref().is_some_and(|command| !command.trim().is_empty())
        && session.program_not_found.is_none()
        && session.exit_status.is_some_and(own)
}

/// By the shell's own line, or by the status that shells have for it (POSIX, 2.8.2).
fn missing_command(session: &log::Session) -> Option<MissingCommand> {
    let said = session.troubles.iter().find(|trouble| trouble.what == log::Trouble::CommandNotFound);
    if let Some(trouble) = said {
        return Some(MissingCommand { program: trouble.subject.clone(), seen: trouble.seen.clone() });
    }
    let nobody_typed = shell_ends_at_once(session);
    let by_status = session.exit_status == Some(127) && session.program_not_found.is_none() && !nobody_typed;
    by_status.then(|| MissingCommand { program: None, seen: session.seen.clone().unwrap_or_default() })
}

fn program_said(session: &log::Session) -> Option<ProgramMissing> {
    let program = session.program_not_found.clone()?;
    let line = session.seen.clone().unwrap_or_default();
    let on_windows = line.text.to_ascii_uppercase().contains("%PATH%");
    Some(ProgramMissing {
        shell: is_shell(&program),
        windows_name: !on_windows && program.to_ascii_lowercase().ends_with(".exe"),
        on_windows,
        program,
        seen: line,
    })
}

/// A typed command that begins with a word which no program answers to.
fn word_of_a_shell(sender: &Sender) -> Option<ProgramMissing> {
    let foreseen = !sender.sent && sender.kind == "typed" && sender.harm == "fails" && sender.start == "shell-word";
    let program = sender.program.clone().filter(|_| foreseen)?;
    Some(ProgramMissing { shell: false, windows_name: false, on_windows: false, program, seen: sender.seen.clone() })
}

fn terminal_off(facts: &Facts, attempt: Option<&Attempt>) -> bool {
    let config = facts.config.known();
    let off = |word: &str| word.eq_ignore_ascii_case("no") || word.eq_ignore_ascii_case("false");
    let configured = config.and_then(|config| config.request_tty.as_deref()).is_some_and(off);
    let command = config.is_some_and(|config| config.remote_command.is_some())
        || attempt.is_some_and(|attempt| attempt.session.as_ref().is_some_and(|session| session.command.is_some()));
    facts.target.as_ref().is_some_and(|target| {
        is_without_shell(facts) == Some(true)
            && target.remote_command.is_empty()
            && !command
            && (target.no_tty || (configured && !target.tty))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Config, Target, Terminal, Warp};

    fn direct() -> Target {
        Target {
            form: "direct".into(),
            host: "203.0.113.7".into(),
            port: Some(64535),
            job_port: true,
            ..Target::default()
        }
    }

    fn of(facts: &Facts) -> Session {
        session(facts).known().cloned().expect("there is a target or a log")
    }

    fn log(command: Option<&str>, program: &str, text: &str) -> Facts {
        let session = log::Session {
            command: command.map(str::to_owned),
            program_not_found: Some(program.into()),
            seen: Some(log::Seen { source: "ssh -v".into(), line: Some(1), text: text.into() }),
            ..log::Session::default()
        };
        let mut attempt = Attempt::new("ssh -v");
        attempt.session = Some(session);
        Facts { attempt: attempt.into(), ..Facts::default() }
    }

    #[test]
    fn warp_in_a_log_is_told_from_a_typed_export() {
        let text = "Error: exec: \"export\": executable file not found in $PATH";
        assert!(of(&log(Some("export TERM_PROGRAM='WarpTerminal'"), "export", text)).warp_script);
        assert!(of(&log(Some(""), "export", text)).warp_script);
        let typed = of(&log(Some("export A=1; make"), "export", text));
        assert!(!typed.warp_script);
        assert_eq!(typed.program_missing.expect("said").program, "export");
    }

    #[test]
    fn a_shell_that_ends_at_once_is_told_from_a_person_who_leaves() {
        let of = |status, seconds, command: Option<&str>| {
            let session = log::Session {
                ended: Some(log::SessionEnd::Closed),
                exit_status: Some(status),
                seconds,
                command: command.map(str::to_owned),
                ..log::Session::default()
            };
            (shell_ends_at_once(&session), command_failed(&session), missing_command(&session).is_some())
        };
        assert_eq!(of(1, Some(0), None), (true, false, false));
        assert_eq!(of(1, Some(40), None), (false, false, false), "the last command of a person");
        assert_eq!(of(1, None, None), (false, false, false), "nobody knows how long it took");
        assert_eq!(of(0, Some(0), None), (false, false, false));
        assert_eq!(of(2, Some(0), Some("make")), (false, true, false));
        assert_eq!(of(127, Some(9), None), (false, false, true));
        assert_eq!(of(127, Some(0), None), (true, false, false), "a start file asked for what is not there");
        assert_eq!(of(255, Some(9), Some("make")), (false, false, false));
    }

    #[test]
    fn shells_and_windows_are_told() {
        let bash = of(&log(None, "/bin/bash", "exec: \"/bin/bash\": executable file not found in $PATH"));
        assert!(bash.program_missing.is_some_and(|missing| missing.shell && !missing.on_windows));
        let windows = of(&log(None, "bash", "exec: \"bash\": executable file not found in %PATH%"));
        assert!(windows.program_missing.is_some_and(|missing| missing.on_windows && !missing.windows_name));
        let linux = of(&log(None, "bash.exe", "exec: \"bash.exe\": executable file not found in $PATH"));
        assert!(linux.program_missing.is_some_and(|missing| missing.shell && missing.windows_name));
    }

    #[test]
    fn a_shells_word_matters_where_there_is_no_shell() {
        let command = vec!["cd project && make".to_owned()];
        let target = Target { command_needs_shell: true, remote_command: command, ..direct() };
        let facts = Facts { target: Some(target.clone()), ..Facts::default() };
        assert_eq!(of(&facts).program_missing.expect("foreseen").program, "cd");
        let facts = Facts { target: Some(Target { form: "alias".into(), ..target }), ..Facts::default() };
        assert_eq!(of(&facts).program_missing, None);
    }

    #[test]
    fn warp_matters_for_the_direct_form() {
        let warp = Warp { wrapper: true, would_wrap: true.into() };
        let terminal = Terminal { warp: Some(warp), ..Terminal::default() };
        let facts = Facts { target: Some(direct()), terminal: terminal.into(), ..Facts::default() };
        assert!(of(&facts).warp_script);
        let proxy = Target { form: "proxy".into(), ..direct() };
        assert!(!of(&Facts { target: Some(proxy), ..facts }).warp_script);
    }

    #[test]
    fn no_terminal_and_no_command() {
        let silent = Target { no_tty: true, ..direct() };
        assert!(of(&Facts { target: Some(silent.clone()), ..Facts::default() }).nothing_requested);
        let command = Target { remote_command: vec!["bash".into()], ..silent.clone() };
        assert!(!of(&Facts { target: Some(command), ..Facts::default() }).nothing_requested);
        let config = Config { remote_command: Some("bash".into()), ..Config::default() };
        assert!(!of(&Facts { target: Some(silent), config: config.into(), ..Facts::default() }).nothing_requested);
        let config = Config { request_tty: Some("no".into()), ..Config::default() };
        assert!(of(&Facts { target: Some(direct()), config: config.into(), ..Facts::default() }).nothing_requested);
        assert!(!of(&Facts { target: Some(direct()), ..Facts::default() }).nothing_requested);
    }
}
