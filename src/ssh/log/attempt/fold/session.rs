//! Being let in, and what comes after.

use super::super::types::{AgentSeen, AgentState, Denied, Outcome, SessionEnd, SessionTrouble, Stage};
use super::super::{Asking, Attempt};
use super::{MAX_ITEMS, push};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;
use crate::ssh::log::reason::ConnectReason;
use crate::ssh::log::trouble::Trouble;
use crate::ssh::seen::Seen;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_session(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        // Until our server has greeted, a proxied log's session is the jump host's.
        let ours = self.proxy.is_none() || self.outcome == Outcome::Authenticated;
        match &logged.event {
            Event::SessionEntered if ours => self.let_in(Stage::Session, &seen),
            Event::SendingCommand { command } if ours => {
                self.let_in(Stage::Session, &seen);
                self.session.get_or_insert_default().command = Some(command.clone());
            }
            Event::ExecNotFound { program } if ours => {
                self.let_in(Stage::Session, &seen);
                let session = self.session.get_or_insert_default();
                (session.program_not_found, session.seen) = (Some(program.clone()), Some(seen));
            }
            Event::NoCommandOrPty if ours => {
                self.let_in(Stage::Session, &seen);
                let session = self.session.get_or_insert_default();
                (session.no_command_or_pty, session.seen) = (true, Some(seen));
            }
            Event::RequestFailed { request } if ours => {
                self.let_in(Stage::Session, &seen);
                let session = self.session.get_or_insert_default();
                if let Some(trouble) = Trouble::read(&logged.text) {
                    // Only the session's own program needs the request; the rest goes on without.
                    self.trouble(Some(trouble), &seen);
                } else {
                    (session.request_failed, session.seen) = (Some(request.clone()), Some(seen));
                }
            }
            // Behind a proxy of our own the line is the jump host's client's.
            Event::PassesOn if self.proxy.is_none() => self.state.passes_on = true,
            Event::ChannelOpenFailed { channel, text } => self.channel_failed(*channel, text, seen),
            Event::SessionClosed { host } if ours && self.was_denied_inside(host) => {
                let denied = self.denied.take();
                (self.outcome, self.decisive) = (Outcome::Unknown, None);
                self.session_end(SessionEnd::Closed, seen);
                if let Some(denied) = denied {
                    self.trouble(Some((Trouble::NoAgent, denied.host)), &denied.seen);
                }
            }
            Event::SessionClosed { host } | Event::SessionClosedByRemote { host } | Event::SessionTimeout { host }
                if ours && !self.is_ours(host) =>
            {
                self.note(&seen);
            }
            Event::GitHost { host, account } if ours => self.greeted_by(host, account.as_deref(), seen),
            Event::SessionClosed { .. } if ours => {
                let refused = self.state.channel_refused.take();
                self.session_end(SessionEnd::Closed, seen);
                if let Some((text, seen)) = refused {
                    let session = self.session.get_or_insert_default();
                    (session.channel_failed, session.seen, session.not_opened) = (Some(text), Some(seen), true);
                }
            }
            Event::SessionClosedByRemote { .. } if ours => self.session_end(SessionEnd::ClosedByRemote, seen),
            Event::SessionLost { text } if ours && self.is_before_the_login() => {
                let timed_out = text.contains("timed out");
                let outcome = if timed_out { Outcome::TimedOut } else { Outcome::Reset };
                self.end(outcome, Stage::Connected, seen);
            }
            Event::SessionLost { .. } if ours => self.session_end(SessionEnd::Lost, seen),
            Event::SessionTimeout { .. } if ours => self.session_end(SessionEnd::TimedOut, seen),
            Event::ForwardFailed { text } => {
                self.note(&seen);
                self.trouble(Trouble::read(text), &seen);
            }
            Event::Transferred { seconds } if ours && self.outcome == Outcome::Authenticated => {
                self.session.get_or_insert_default().seconds = Some(*seconds);
            }
            Event::ExitStatus { code } if ours => {
                self.session.get_or_insert_default().exit_status = Some(*code);
                self.state.ended = true;
            }
            _ => {}
        }
    }

    /// `Connection to HOST closed.` ends a session at that host, so a denial by another one was heard inside it. In a log
    /// without `-v` the login itself leaves no line.
    pub(in crate::ssh::log::attempt) fn was_denied_inside(&self, host: &str) -> bool {
        let other = |denied: &Denied| denied.host.as_deref().is_some_and(|denied| denied != host);
        matches!(self.outcome, Outcome::Refused | Outcome::RefusedOther)
            && !self.state.verbose
            && self.proxy.is_none()
            && self.denied.as_ref().is_some_and(other)
    }

    /// A log with `-v` shows how far the login came; a connection that breaks before is no session.
    fn is_before_the_login(&self) -> bool {
        self.outcome == Outcome::Unknown && self.state.verbose && self.reached >= Stage::Connecting
    }

    pub(in crate::ssh::log::attempt) fn channel_failed(&mut self, channel: u64, text: &str, seen: Seen) {
        if self.waits_for_proxy() {
            // The jump host could not reach the target: `channel 0: open failed: connect failed: Connection refused`.
            let (host, port) = self.proxy_destination().unwrap_or_default();
            let (host, port) = (host.to_owned(), port);
            let connect = self.connect.get_or_insert_default();
            (connect.reason, connect.text, connect.seen) =
                (Some(ConnectReason::read(text)), Some(text.to_owned()), seen.clone());
            if connect.host.is_empty() {
                (connect.host, connect.port) = (host, port);
            }
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        } else if channel == 0 && self.outcome == Outcome::Authenticated {
            let session = self.session.get_or_insert_default();
            // What is listened to for forwarding has numbers too, and the session's is 0 where there is none of that.
            (session.channel_failed, session.seen, session.not_opened) = (Some(text.to_owned()), Some(seen), true);
        } else {
            if channel == 0 && self.outcome == Outcome::Unknown && !self.state.verbose {
                self.state.channel_refused = Some((text.to_owned(), seen.clone()));
            }
            // Another channel is a forwarding; the session does not suffer.
            self.note(&seen);
            if text.to_ascii_lowercase().contains("refused") {
                self.trouble(Some((Trouble::ForwardTargetRefused, None)), &seen);
            }
        }
    }

    /// What programs in the session print, as far as it tells of trouble.
    pub(in crate::ssh::log::attempt) fn hear_session(&mut self, logged: &Logged) {
        if logged.level > 0 || self.outcome != Outcome::Authenticated {
            return;
        }
        let found = Trouble::read(&logged.text);
        if found.is_some() {
            let seen = self.seen(logged);
            self.trouble(found, &seen);
        }
    }

    pub(in crate::ssh::log::attempt) fn trouble(&mut self, found: Option<(Trouble, Option<String>)>, seen: &Seen) {
        let Some((what, subject)) = found.filter(|_| self.outcome == Outcome::Authenticated) else { return };
        let troubles = &mut self.session.get_or_insert_default().troubles;
        let known = troubles.iter().any(|known| known.what == what && (subject.is_none() || known.subject == subject));
        if !known {
            push(troubles, MAX_ITEMS, SessionTrouble { what, subject, seen: seen.clone() });
        }
    }

    /// Takes what ssh-add said below the command. Where nothing but its end shows the session, that was said inside it.
    fn agent_inside(&mut self) -> Option<AgentSeen> {
        let typed = self.command.as_ref().and_then(|command| command.seen.line);
        let unseen = self.outcome == Outcome::Unknown && !self.state.verbose;
        self.agent.take_if(|agent| unseen && typed.is_none_or(|typed| agent.seen.line > Some(typed)))
    }

    /// A git host says hello and hangs up. Inside a session it spoke to a program there.
    fn greeted_by(&mut self, host: &str, account: Option<&str>, seen: Seen) {
        let inside = self.outcome == Outcome::Authenticated && !self.state.verbose;
        if inside || !matches!(self.outcome, Outcome::Authenticated | Outcome::Unknown) {
            self.note(&seen);
            return;
        }
        self.let_in(Stage::Session, &seen);
        let session = self.session.get_or_insert_default();
        (session.git_host, session.git_account) = (Some(host.to_owned()), account.map(str::to_owned));
        session.seen = Some(seen);
        self.state.ended = true;
    }

    /// Lines that are only printed after a login; a log may begin with them, or lack `-v`.
    pub(in crate::ssh::log::attempt) fn let_in(&mut self, stage: Stage, seen: &Seen) {
        if self.outcome == Outcome::Unknown {
            (self.outcome, self.decisive) = (Outcome::Authenticated, Some(seen.clone()));
        }
        if self.outcome == Outcome::Authenticated {
            self.reach(stage);
            self.waiting = None;
            (self.needs, self.needs_seen) = (None, None);
            self.state.asking = Asking::Nothing;
        }
    }

    pub(in crate::ssh::log::attempt) fn session_end(&mut self, end: SessionEnd, seen: Seen) {
        if matches!(self.outcome, Outcome::Unknown | Outcome::Authenticated) {
            let agent = self.agent_inside();
            self.let_in(Stage::Session, &seen);
            if let Some(agent) = agent.filter(|agent| agent.state == AgentState::Unreachable) {
                self.trouble(Some((Trouble::NoAgent, None)), &agent.seen);
            }
            let session = self.session.get_or_insert_default();
            session.ended.get_or_insert(end);
            session.seen.get_or_insert(seen);
            self.state.ended = true;
        } else {
            self.note(&seen);
        }
    }
}
