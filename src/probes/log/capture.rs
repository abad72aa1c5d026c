//! Reads a log to its end, line by line: the last attempt stays, and the command that began it.

use std::io::{self, BufRead};

use super::surroundings::Surroundings;
use crate::{
    probes::text,
    ssh::log::{Attempt, Event, Events, Logged},
    target::{self, Asked, Target},
};

/// Longest line that is looked at as a command, in characters.
const LONGEST_COMMAND: usize = 1000;

/// A log, read to its end.
#[derive(Debug, Clone)]
pub struct Capture {
    /// The last attempt in it.
    pub attempt: Attempt,
    /// The ssh command that stands above it, by its line, counted from 1.
    pub command: Option<(u64, Target)>,
    /// What the shell around it shows.
    pub(super) surroundings: Surroundings,
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
        "{0} is empty; ssh writes its log to standard error, so redirect that: ssh -v -p 64535 203.0.113.7 2> ssh.log"
    )]
    Empty(String),
    /// No line of ssh.
    #[error(
        "none of the {lines} lines of {source_name} is one that ssh prints about a login; a log comes from \
         ssh -v -p 64535 203.0.113.7 2> ssh.log"
    )]
    NoSsh {
        /// The log's name.
        source_name: String,
        /// How many lines it has.
        lines: u64,
    },
}

impl Capture {
    /// Reads `log` to its end; `source` is its name in the evidence.
    ///
    /// # Errors
    /// When it cannot be read, is empty, or holds no line of ssh.
    pub fn read(log: impl BufRead, source: &str) -> Result<Self, CaptureError> {
        let source = text::clean(source);
        let mut attempt = Attempt::new(source.clone());
        let mut command = None;
        let mut above = None;
        let mut surroundings = Surroundings::default();
        let mut lines = 0;
        for logged in Events::new(log) {
            let logged = logged.map_err(|error| CaptureError::Io { source_name: source.clone(), error })?;
            lines = logged.line;
            match &logged.event {
                Event::Other if logged.level == 0 => surroundings.hear(&logged.text),
                Event::Prompt { command, .. } => surroundings.hear_command(command),
                _ => {}
            }
            let before = attempt.attempts;
            attempt.apply(&logged);
            if attempt.attempts != before {
                command = above.take();
            }
            if let Some(target) = command_of(&logged) {
                above = Some((logged.line, target));
            }
        }
        attempt.finish();
        if lines == 0 {
            return Err(CaptureError::Empty(source));
        }
        if attempt.attempts == 0 {
            return Err(CaptureError::NoSsh { source_name: source, lines });
        }
        Ok(Self { attempt, command, surroundings, lines })
    }
}

/// The ssh command that a shell's line shows behind its prompt.
fn command_of(logged: &Logged) -> Option<Target> {
    let text = &logged.text;
    let may_be = logged.level == 0 && logged.event == Event::Other && text.len() < LONGEST_COMMAND;
    if !may_be || !text.contains("ssh") {
        return None;
    }
    match target::from_text(text, false) {
        Ok(Asked::Login(target)) if !target.host.is_empty() => Some(*target),
        _ => None,
    }
}
