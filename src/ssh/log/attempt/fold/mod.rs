//! What each event changes in an attempt: a file for each part of the way, and here what they share.
//!
//! Every event is shown to every part; each takes those it knows.

mod authentication;
mod handshake;
mod host_key;
mod keys;
mod session;
mod way;

use super::Attempt;
use super::types::{Client, ClientProblem, ClientProblemKind, ConfigProblem, Outcome, Server, Stage};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;
use crate::ssh::seen::Seen;

/// Items kept in each list of keys.
const MAX_KEYS: usize = 64;
/// Bytes after which no further line of a command is kept.
const LONGEST_COMMAND: usize = 200;
/// Items kept in every other list.
const MAX_ITEMS: usize = 20;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold(&mut self, logged: &Logged) {
        if logged.event == Event::Other {
            self.hear_proxy(logged);
            self.pass_over(logged);
            self.hear_command(logged);
            self.hear_session(logged);
            return;
        }
        self.unread = None;
        self.attempts = self.attempts.max(1);
        self.state.verbose |= logged.level > 0;
        self.take_pending_command();
        let seen = self.seen(logged);
        self.first_line = self.first_line.or(seen.line);
        self.last = Some(seen);
        self.revive(logged);
        self.fold_start(logged);
        self.fold_way(logged);
        self.fold_handshake(logged);
        self.fold_host_key(logged);
        self.fold_keys(logged);
        self.fold_agent(logged);
        self.fold_authentication(logged);
        self.fold_session(logged);
    }

    /// The client goes on authenticating: what looked like the end was not. Servers may print anything as their banner
    /// (RFC 4252 section 5.4), `Permission denied (publickey).` too.
    pub(in crate::ssh::log::attempt) fn revive(&mut self, logged: &Logged) {
        let goes_on = matches!(
            logged.event,
            Event::WillAttempt { .. }
                | Event::Offering { .. }
                | Event::Accepted { .. }
                | Event::TryingPrivateKey { .. }
                | Event::AuthMethodsContinue { .. }
                | Event::NextMethod { .. }
        );
        if goes_on && self.outcome != Outcome::Unknown {
            self.outcome = Outcome::Unknown;
            self.decisive = None;
            self.denied = None;
            self.disconnect = None;
            self.session = None;
            self.state.ended = false;
            self.reached = self.reached.min(Stage::Authenticating);
        }
    }

    pub(in crate::ssh::log::attempt) fn fold_start(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::Version { text } => self.client = Some(Client { text: text.clone(), seen }),
            Event::ReadingConfig { file } if !self.config_files.contains(file) => {
                push(&mut self.config_files, MAX_ITEMS, file.clone());
            }
            Event::ConfigError { file, line, text } => {
                self.config_problem(file.clone(), *line, text, &seen);
            }
            Event::ConfigTerminating { file } => self.config_problem(Some(file.clone()), None, &logged.text, &seen),
            Event::ConfigPermissions { file } => {
                self.config_problem(Some(file.clone()), None, "Bad owner or permissions", &seen)
            }
            Event::UsageError { .. }
            | Event::RemoteCommandConflict
            | Event::ClientMissing { .. }
            | Event::MisPasted { .. }
            | Event::LibraryMismatch { .. }
            | Event::ClientFatal { .. }
            | Event::ControlPathTooLong { .. } => {
                let kind = problem_kind(&logged.event);
                // Inside a session these are the remote shell's words, but for the socket, which is made behind the login.
                if self.outcome == Outcome::Authenticated && kind != ClientProblemKind::ControlPath {
                    self.note(&seen);
                } else if self.outcome == Outcome::Authenticated {
                    self.client_problem = Some(ClientProblem { kind, seen: seen.clone() });
                    self.note(&seen);
                } else if self.outcome != Outcome::ClientError {
                    self.client_problem = Some(ClientProblem { kind, seen: seen.clone() });
                    self.end(Outcome::ClientError, Stage::NotStarted, seen);
                } else {
                    self.note(&seen);
                }
            }
            Event::WindowsPermissions { .. } => self.note(&seen),
            _ => {}
        }
    }

    pub(in crate::ssh::log::attempt) fn config_problem(
        &mut self,
        file: Option<String>,
        line: Option<u64>,
        text: &str,
        seen: &Seen,
    ) {
        if self.config_problems.len() < MAX_ITEMS {
            self.config_problems.push(ConfigProblem { file, line, text: text.to_owned(), seen: seen.clone() });
        }
        if self.outcome != Outcome::ConfigError {
            // The first line names the option; `terminating, 1 bad configuration options` only counts.
            self.end(Outcome::ConfigError, Stage::ConfigError, seen.clone());
        }
    }

    /// A command of several lines: ssh prints it as it is.
    fn hear_command(&mut self, logged: &Logged) {
        let begun = self.last.as_ref().is_some_and(|last| last.text.starts_with("debug1: Sending command:"));
        let command = self.session.as_mut().and_then(|session| session.command.as_mut()).filter(|_| begun);
        if let Some(command) = command.filter(|command| command.len() < LONGEST_COMMAND) {
            command.push('\n');
            command.push_str(&logged.text);
        }
    }

    /// Keeps what was not understood, as long as the end is not known. A prompt, and a person's Ctrl-C, are no words of ssh.
    fn pass_over(&mut self, logged: &Logged) {
        let text = logged.text.trim_end();
        let prompt = text.ends_with(['$', '#', '%', '>']) || text.starts_with("^C");
        if logged.level == 0 && self.attempts > 0 && self.outcome == Outcome::Unknown && !text.is_empty() && !prompt {
            self.unread = Some(self.seen(logged));
        }
    }

    /// What a proxy program says before the server greets is neither ours to understand nor to lose.
    pub(in crate::ssh::log::attempt) fn hear_proxy(&mut self, logged: &Logged) {
        if logged.level == 0 && !logged.text.is_empty() && self.reached < Stage::Greeting {
            let seen = self.seen(logged);
            if let Some(proxy) = self.proxy.as_mut().filter(|proxy| proxy.seen.is_some()) {
                push(&mut proxy.said, 5, seen);
            }
        }
    }

    pub(in crate::ssh::log::attempt) fn end(&mut self, outcome: Outcome, stage: Stage, seen: Seen) {
        self.reach(stage);
        self.outcome = outcome;
        self.decisive = Some(seen);
        self.state.ended = true;
    }

    pub(in crate::ssh::log::attempt) fn reach(&mut self, stage: Stage) {
        self.reached = self.reached.max(stage);
    }

    pub(in crate::ssh::log::attempt) fn server(&mut self) -> &mut Server {
        self.server.get_or_insert_default()
    }

    pub(in crate::ssh::log::attempt) fn note(&mut self, seen: &Seen) {
        push(&mut self.notes, MAX_ITEMS, seen.clone());
    }
}

/// What kept ssh from beginning, by the event that says so.
fn problem_kind(event: &Event) -> ClientProblemKind {
    match event {
        Event::ClientMissing { .. } => ClientProblemKind::Missing,
        Event::LibraryMismatch { text } if text.starts_with("OpenSSL version mismatch") => {
            ClientProblemKind::OpensslMismatch
        }
        Event::LibraryMismatch { .. } => ClientProblemKind::LibraryMissing,
        Event::MisPasted { .. } => ClientProblemKind::MisPasted,
        Event::UsageError { .. } => ClientProblemKind::Usage,
        Event::RemoteCommandConflict => ClientProblemKind::TwoCommands,
        Event::ControlPathTooLong { .. } => ClientProblemKind::ControlPath,
        Event::ClientFatal { text } if text.starts_with("unix_listener") => ClientProblemKind::ControlPath,
        _ => ClientProblemKind::Other,
    }
}

fn push<T>(list: &mut Vec<T>, max: usize, item: T) {
    if list.len() < max {
        list.push(item);
    }
}
