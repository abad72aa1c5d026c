//! Reads a log to its end, line by line: the last attempt stays, and the command that began it.

use std::io::{self, Read};

use super::{
    editor::{self, Says},
    printed::Printed,
    shell::Around,
};
use crate::{
    facts::Seen,
    probes::text,
    ssh::log::{Attempt, Decoded, Encoding, Event, Events, Logged, Outcome, is_servers},
    target::{self, Asked, Target},
};

/// Longest line that is looked at as a command, in characters.
const LONGEST_COMMAND: usize = 1000;

/// A log, read to its end.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The last attempt in it.
    pub attempt: Attempt,
    /// The ssh command that stands above it, by its line.
    pub command: Option<(Seen, Target)>,
    /// The line in which an editor says how it started ssh for it.
    pub editor: Option<Seen>,
    /// The line where somebody pressed Ctrl-C in the last attempt.
    pub interrupted: Option<Seen>,
    /// What the shell around it shows.
    pub(super) printed: Printed,
    /// What the lines around ssh's own say.
    pub around: Around,
    /// Lines in all.
    pub lines: u64,
}

/// Why there is nothing to diagnose in a log.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The file or the pipe broke.
    #[error("{source_name} cannot be read to its end: {error}; check the file and that you may read it")]
    Io {
        /// The log's name.
        source_name: String,
        /// The system's words.
        error: io::Error,
    },
    /// Nothing in it.
    #[error(
        "{0} is empty; ssh writes its log to standard error, so let ssh write it: ssh -v -E ssh.log -p 64535 203.0.113.7"
    )]
    Empty(String),
    /// No line of ssh.
    #[error(
        "none of the {lines} lines of {source_name} is one that ssh prints about a login; a log comes from \
         ssh -v -E ssh.log -p 64535 203.0.113.7"
    )]
    NoSsh {
        /// The log's name.
        source_name: String,
        /// How many lines it has.
        lines: u64,
    },
    /// No text at all.
    #[error(
        "{source_name} is no text{}; the doctor reads what ssh prints: ssh -v -E ssh.log -p 64535 203.0.113.7",
        what.map(|what| format!(" but {what}")).unwrap_or_default()
    )]
    Binary {
        /// The log's name.
        source_name: String,
        /// What it is instead, where its first bytes say so: `a gzip archive`.
        what: Option<&'static str>,
    },
    /// The other side's log.
    #[error(
        "{source_name} is the log of an ssh server (line {line}), which shows nothing of the machine that wants to log in; \
         the doctor reads what the client prints: ssh -v -E ssh.log -p 64535 203.0.113.7"
    )]
    Server {
        /// The log's name.
        source_name: String,
        /// The first line that only a server prints, from 1.
        line: u64,
    },
}

impl Capture {
    /// Reads `log` to its end; `source` is its name in the evidence.
    ///
    /// # Errors
    /// When it cannot be read, is empty or no text, or holds no line of ssh.
    pub fn read(log: impl Read, source: &str) -> Result<Self, CaptureError> {
        let source = text::clean(source);
        let failed = |error| CaptureError::Io { source_name: source.clone(), error };
        let log = Decoded::new(log).map_err(failed)?;
        if log.encoding() == Encoding::Binary {
            return Err(CaptureError::Binary { what: log.what(), source_name: source });
        }
        let mut attempt = Attempt::new(source.clone());
        let mut command = None;
        let mut above = None;
        let (mut editor, mut editor_above) = (None, None);
        let (mut printed, mut printed_above) = (Printed::default(), Printed::default());
        let mut around = Around::default();
        let mut interrupted = None;
        let mut lines = 0;
        let mut servers = None;
        let mut before_banner = None;
        for logged in Events::new(log) {
            let logged = logged.map_err(failed)?;
            lines = logged.line;
            let before = attempt.attempts;
            let was_in = attempt.outcome == Outcome::Authenticated;
            attempt.apply(&logged);
            if attempt.attempts != before {
                command = above.take();
                editor = editor_above.take();
                interrupted = None;
            }
            if servers.is_none()
                && logged.event == Event::Other
                && may_be_a_server_s(&attempt)
                && is_servers(body(&logged))
            {
                servers = Some(logged.line);
            }
            if logged.event == Event::Other && logged.text.starts_with("^C") {
                interrupted = Some(seen(&source, &logged));
            }
            match logged.event {
                // A server may print any prompt, and any answer to it, between these two lines of ssh.
                Event::ServiceAccepted => before_banner = Some((printed.clone(), around.clone())),
                Event::AuthMethodsContinue { .. } => {
                    (printed, around) = before_banner.take().unwrap_or((printed, around));
                }
                _ => {}
            }
            let is_in = attempt.outcome == Outcome::Authenticated;
            if is_in && !was_in && attempt.is_over() {
                // Only the session's end shows that there was one.
                printed.clone_from(&printed_above);
            }
            // Behind the login it is the job's shell that speaks.
            if !is_in || attempt.is_over() {
                match &logged.event {
                    // ssh-add says of the agent what concerns ssh as well.
                    Event::Other | Event::AgentSocketError { .. } if logged.level == 0 => printed.hear(&logged.text),
                    Event::Prompt { command, .. } => printed.hear_command(command),
                    _ => {}
                }
                around.hear(&logged);
                let of_editor = editor::says(&logged.text);
                let target = match of_editor {
                    Some(Says::Command(line)) => target_of(line),
                    Some(Says::Other) => None,
                    None => command_of(&logged),
                };
                if matches!(of_editor, Some(Says::Command(_))) {
                    editor_above = Some(seen(&source, &logged));
                }
                if let Some(target) = target {
                    above = Some((seen(&source, &logged), target));
                    printed_above.clone_from(&printed);
                }
            }
        }
        attempt.finish();
        if lines == 0 {
            return Err(CaptureError::Empty(source));
        }
        if let Some(line) = servers.filter(|_| may_be_a_server_s(&attempt)) {
            return Err(CaptureError::Server { source_name: source, line });
        }
        if attempt.attempts == 0 {
            return Err(CaptureError::NoSsh { source_name: source, lines });
        }
        let typed = attempt.command.as_ref().and_then(|typed| Some((typed.seen.clone(), target_of(&typed.text)?)));
        Ok(Self { command: typed.or(command), attempt, editor, interrupted, printed, around, lines })
    }
}

fn seen(source: &str, logged: &Logged) -> Seen {
    Seen { source: source.to_owned(), line: usize::try_from(logged.line).ok(), text: logged.text.clone() }
}

/// Nothing in it is the client's alone: not its version, and not how a login ends for it.
fn may_be_a_server_s(attempt: &Attempt) -> bool {
    let either = [Outcome::Unknown, Outcome::Closed, Outcome::Reset, Outcome::TimedOut, Outcome::TooManyFailures];
    attempt.client.is_none() && either.contains(&attempt.outcome) && attempt.offers.is_empty()
}

/// The line without its `debug1: `.
fn body(logged: &Logged) -> &str {
    logged.text.split_once(": ").filter(|_| logged.level > 0).map_or(&logged.text, |(_, body)| body)
}

/// The ssh command that a line is, without a prompt that would tell it from other text.
fn command_of(logged: &Logged) -> Option<Target> {
    (logged.level == 0 && logged.event == Event::Other).then(|| target_of(&logged.text)).flatten()
}

/// Where a command leads.
fn target_of(text: &str) -> Option<Target> {
    if text.len() > LONGEST_COMMAND || !text.contains("ssh") {
        return None;
    }
    match target::from_text(text, false) {
        Ok(Asked::Login(target)) if !target.host.is_empty() => Some(*target),
        _ => None,
    }
}
