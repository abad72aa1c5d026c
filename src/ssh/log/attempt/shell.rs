//! What prompts tell: which command made an attempt, and whether a shell is the user's own or the server's.
//!
//! A program inside a session (git, another ssh) says the same things as the user's client, and in a log without `-v` a
//! login that worked shows in nothing but the other prompt.

use super::Attempt;
use super::types::{Outcome, Stage, Typed};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;
use crate::ssh::log::text::{MAX_LINE, cap};
use crate::ssh::log::trouble::Trouble;

/// Whose shell it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shell {
    /// `user@host` of the prompt behind which the first command was typed.
    home: Option<String>,
    /// The last command of the user's own, while nothing has come of it.
    pub(super) pending: Option<Typed>,
    /// A program inside the session is at work.
    inside: bool,
}

impl Attempt {
    pub(super) fn hear_prompt(&mut self, prompt: &str, command: &str, logged: &Logged) {
        let who = who(prompt);
        let is_home = self.state.shell.home.is_none() || self.state.shell.home.as_deref() == who;
        let in_session = self.outcome == Outcome::Authenticated && !self.state.ended;
        let connects = connects(command);
        if in_session {
            if self.state.shell.home.is_some() && is_home {
                // Back at home, though nobody said so.
                (self.state.ended, self.state.shell.inside) = (true, false);
            } else {
                self.state.shell.inside = connects && who.is_some();
                return;
            }
        } else if !is_home && who.is_some() && !self.state.verbose && self.outcome == Outcome::Unknown {
            let typed = self.state.shell.pending.take();
            if typed.is_some() || self.command.is_some() {
                let seen = self.seen(logged);
                if typed.is_some() && self.attempts > 0 && self.command.is_some() {
                    self.restart(logged);
                }
                self.attempts = self.attempts.max(1);
                self.command = typed.or(self.command.take());
                (self.first_line, self.last) = (self.first_line.or(seen.line), Some(seen.clone()));
                self.let_in(Stage::Session, &seen);
                self.state.shell.inside = connects;
                return;
            }
        }
        if connects {
            if self.state.shell.home.is_none() {
                self.state.shell.home = who.map(str::to_owned);
            }
            self.state.shell.pending = Some(Typed { text: cap(command, MAX_LINE), seen: self.seen(logged) });
        }
    }

    /// What git or another ssh inside the session says is about itself. Only what names our host, or can only be the
    /// client's own, is about ours.
    pub(super) fn is_of_a_program_inside(&mut self, event: &Event) -> bool {
        if self.outcome != Outcome::Authenticated || self.state.ended {
            return false;
        }
        if !self.state.shell.inside {
            return comes_before_a_login(event);
        }
        match event {
            Event::SessionClosed { host } | Event::SessionClosedByRemote { host } | Event::SessionTimeout { host } => {
                !self.is_ours(host)
            }
            Event::SessionLost { .. } => false,
            _ => true,
        }
    }

    /// What they say is a remark about the session all the same.
    pub(super) fn hear_inside(&mut self, logged: &Logged) {
        match &logged.event {
            Event::PermissionDenied { host: Some(host), .. } => {
                let seen = self.seen(logged);
                self.trouble(Some((Trouble::NoAgent, Some(host.clone()))), &seen);
            }
            _ => self.hear_session(logged),
        }
    }

    /// Whether this is the host we are logged in to, as far as the log says.
    pub(super) fn is_ours(&self, host: &str) -> bool {
        let ours = self.connect.as_ref().map(|connect| connect.host.as_str()).filter(|ours| !ours.is_empty());
        let target = self.target.as_ref().map(|target| target.host.as_str());
        let address = self.connect.as_ref().and_then(|connect| connect.address.as_deref());
        let named = [ours, target, address];
        let typed = self.command.as_ref().is_none_or(|command| command.text.contains(host));
        if named.iter().all(Option::is_none) { typed } else { named.contains(&Some(host)) }
    }

    /// A command of the user's own was typed, and what comes next is about it.
    pub(super) fn has_pending_command(&self) -> bool {
        self.state.shell.pending.is_some()
    }

    pub(super) fn take_pending_command(&mut self) {
        if let Some(typed) = self.state.shell.pending.take() {
            self.command.get_or_insert(typed);
        }
    }
}

/// What a client that is logged in says no more: another one does, in a script that no prompt announces.
fn comes_before_a_login(event: &Event) -> bool {
    matches!(
        event,
        Event::ConfigError { .. }
            | Event::ConfigTerminating { .. }
            | Event::ConfigPermissions { .. }
            | Event::ProxyLoop { .. }
            | Event::BannerInvalid { .. }
            | Event::BannerTimeout
            | Event::ProtocolMismatch { .. }
            | Event::NoMatch { .. }
    )
}

/// `user@host` of a prompt; `[ana@home ~]`, `ana@mac ~`, `(venv) ana@home:~/x` have it too.
fn who(prompt: &str) -> Option<&str> {
    let word = prompt.split([' ', '[', ']', '(', ')']).find(|word| word.contains('@'))?;
    Some(word.split(':').next().unwrap_or(word))
}

/// The command starts an ssh.
fn connects(command: &str) -> bool {
    let mut words = command.split_whitespace().skip_while(|word| {
        matches!(*word, "sudo" | "command" | "exec" | "time" | "kitten" | "winpty" | "$" | "&" | "env")
            || word.contains('=')
    });
    let program = words.next().unwrap_or_default().trim_start_matches('\\').trim_matches(['"', '\'']);
    let name = program.rsplit(['/', '\\']).next().unwrap_or(program);
    let talks = |word: &str| matches!(word, "clone" | "fetch" | "pull" | "push" | "ls-remote" | "submodule");
    match name.trim_end_matches(".exe") {
        "ssh" | "autossh" | "scp" | "sftp" | "mosh" => true,
        "git" => words.any(talks),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_that_connect() {
        for command in ["ssh -v x", "sudo ssh x", "/usr/bin/ssh x", "TERM=xterm ssh x", "git clone git@h:x", "\\ssh x"]
        {
            assert!(connects(command), "{command}");
        }
        for command in ["ls", "ssh-add -l", "git status", "cat ssh", "", "ssh: connect to host"] {
            assert!(!connects(command), "{command}");
        }
    }

    #[test]
    fn prompts_say_who() {
        for (prompt, name) in [
            ("ana@home:~/x", Some("ana@home")),
            ("[ana@home ~]", Some("ana@home")),
            ("(venv) ana@home:~", Some("ana@home")),
            ("ana@mac ~", Some("ana@mac")),
            ("~/x", None),
        ] {
            assert_eq!(who(prompt), name);
        }
    }
}
