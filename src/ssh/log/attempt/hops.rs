//! Whose line it is, and when a new attempt begins.
//!
//! With ProxyJump two clients write into one log, and only some of their lines carry a name. But they take turns: until
//! the server has greeted *our* client, every line about connecting, keys and logins is the jump host's client's.
//! (Our client's lines before the greeting are about its own files, and its words about the greeting itself.)

use super::types::{Jump, Outcome, Proxy, Stage};
use super::{Attempt, State};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;
use crate::ssh::log::reason::ConnectReason;

/// Jump hosts kept; also the depth to which jump hosts behind jump hosts are followed.
const MAX_JUMPS: usize = 8;
/// Lines between a jump host's failure and the client's word that it was a proxy's, in a log without `-v`.
const MAX_DISTANCE: u64 = 4;

impl Attempt {
    /// Hands the line to the jump host's client, where it is its.
    pub(super) fn goes_to_hop(&mut self, logged: &Logged) -> bool {
        if !self.waits_for_proxy() || self.is_another_run(&logged.event) {
            return false;
        }
        if matches!(logged.event, Event::Authenticated { via_proxy: false, .. }) && !self.in_hop() {
            // To 8.6 a login takes two lines, and this is the second; ours would say `via proxy`.
            return true;
        }
        let unfinished = self.in_hop();
        let mine = if unfinished { self.is_mine_during_hop(&logged.event) } else { !begins_hop(&logged.event) };
        if mine || logged.event == Event::Other {
            return false;
        }
        if !unfinished && !self.open_hop(&logged.event) {
            return false;
        }
        let Some(mut hop) = self.state.hop.take() else { return false };
        hop.apply(logged);
        self.keep_jumps(&hop);
        if !matches!(hop.outcome, Outcome::Unknown | Outcome::Authenticated) {
            let seen = self.seen(logged);
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        }
        self.state.hop = Some(hop);
        true
    }

    /// An `ssh -W` with `-v` of its own, in the log of an ssh without: the login above was a jump host's, and whatever stands
    /// below in plain words is said by the client that waits behind it.
    pub(super) fn was_passed_on(&mut self, logged: &Logged) {
        let of_either = matches!(logged.event, Event::Other | Event::Transferred { .. } | Event::Prompt { .. });
        let over = self.outcome != Outcome::Authenticated || self.state.ended || self.state.depth > 0;
        if !self.state.passes_on || logged.level > 0 || of_either || over {
            return;
        }
        let hop = std::mem::take(self);
        *self = Attempt {
            attempts: hop.attempts,
            earlier: hop.earlier.clone(),
            first_line: hop.first_line,
            command: hop.command.clone(),
            detail: hop.detail,
            ..Attempt::new(hop.source.clone())
        };
        self.state.shell = hop.state.shell.clone();
        self.proxy = Some(Proxy { jump: true, jumps: vec![hop.as_jump()], ..Proxy::default() });
        self.reached = Stage::Connecting;
        self.state.hop = Some(Box::new(hop));
    }

    /// A proxy is in use and our server has not greeted.
    pub(super) fn waits_for_proxy(&self) -> bool {
        self.proxy.is_some() && self.reached < Stage::Greeting && !self.state.ended
    }

    /// One more version, and no client inside waits for another's: the user started ssh again.
    fn is_another_run(&self, event: &Event) -> bool {
        let mut innermost = self;
        while let Some(hop) = innermost.state.hop.as_deref() {
            innermost = hop;
        }
        matches!(event, Event::Version { .. }) && innermost.client.is_some() && innermost.proxy.is_none()
    }

    /// A jump host's client is at work.
    fn in_hop(&self) -> bool {
        self.state.hop.as_ref().is_some_and(|hop| hop.outcome == Outcome::Unknown)
    }

    fn is_mine_during_hop(&self, event: &Event) -> bool {
        let Some(hop) = self.state.hop.as_deref() else { return true };
        let hop_is_proxied = hop.proxy.is_some();
        match event {
            Event::ConnectionClosed { host, .. } | Event::ConnectionReset { host, .. } => {
                is_unknown(host) && !hop_is_proxied
            }
            Event::Authenticated { via_proxy, .. } => *via_proxy && !hop_is_proxied,
            Event::ProxyProgramFailed { .. } => true,
            // Where the line of the jump host's login is lost: a second greeting, a second target are ours.
            Event::RemoteVersion { .. } => hop.reached >= Stage::Authenticating,
            Event::Authenticating { host, port, .. } => hop.target.is_some() && self.proxy_leads_to(host, *port),
            _ => false,
        }
    }

    /// The `-W` of the command names the host that our client means.
    fn proxy_leads_to(&self, host: &str, port: u16) -> bool {
        self.proxy_destination().is_some_and(|(name, number)| (name, number) == (host, port))
    }

    /// Host and port after the proxy command's `-W`: where ssh wants to come out behind the jump host.
    pub fn proxy_destination(&self) -> Option<(&str, u16)> {
        let command = self.proxy.as_ref()?.command.as_deref()?;
        let place = command.split_once("-W ")?.1.split_whitespace().next()?.trim_matches(['\'', '"']);
        let (name, number) = place.rsplit_once(':')?;
        Some((name.trim_matches(['[', ']']), number.parse().ok()?))
    }

    /// Begins to follow a jump host's client. Not when the one before got through: then a new attempt has begun.
    fn open_hop(&mut self, event: &Event) -> bool {
        let Some(proxy) = self.proxy.as_ref() else { return false };
        let runs_ssh = proxy.jump || proxy.command.as_deref().is_none_or(|command| command.contains("ssh"));
        let got_through = self.state.hop.is_some();
        if got_through || !runs_ssh || proxy.jumps.len() >= MAX_JUMPS || self.state.depth >= MAX_JUMPS {
            return false;
        }
        let mut hop = Attempt::new(self.source.clone());
        // `ssh -W` without -v says little: what it says is plain, and comes without a version.
        hop.state.verbose = matches!(event, Event::Version { .. });
        hop.state.depth = self.state.depth + 1;
        self.state.hop = Some(Box::new(hop));
        true
    }

    /// The jump hosts behind the jump host come first: they are nearer.
    fn keep_jumps(&mut self, hop: &Attempt) {
        if let Some(proxy) = self.proxy.as_mut() {
            proxy.jumps = hop.proxy.iter().flat_map(|proxy| proxy.jumps.iter().cloned()).collect();
            proxy.jumps.push(hop.as_jump());
        }
    }

    pub(super) fn as_jump(&self) -> Jump {
        let denied = self.denied.as_ref();
        let target = self.target.as_ref();
        let connect = self.connect.as_ref();
        Jump {
            host: denied
                .and_then(|denied| denied.host.clone())
                .or_else(|| target.map(|target| target.host.clone()))
                .or_else(|| connect.map(|connect| connect.host.clone()))
                .or_else(|| self.resolve.as_ref().map(|resolve| resolve.host.clone())),
            port: target.map(|target| target.port).or_else(|| connect.map(|connect| connect.port)),
            user: denied.and_then(|denied| denied.user.clone()).or_else(|| target.map(|target| target.user.clone())),
            reached: self.reached,
            outcome: self.outcome,
            connect_reason: connect.and_then(|connect| connect.reason),
            offers: self.offers.clone(),
            decisive: self.decisive.clone(),
        }
    }

    /// `Connection closed by UNKNOWN port 65535`: our client had a proxy. In a log without `-v` this is the only word of
    /// it, and what was read just before was the jump host's client.
    pub(super) fn was_proxied(&mut self, logged: &Logged) {
        let is_loop = |seen: &crate::ssh::seen::Seen| seen.text.contains("jumphost loop");
        if self.proxy.is_some() || self.decisive.as_ref().is_some_and(is_loop) {
            return;
        }
        if let Some((text, seen)) = self.state.channel_refused.take() {
            // The jump host's client could not get on: its words stand just before ours.
            self.proxy = Some(Proxy { jump: true, ..Proxy::default() });
            let connect = self.connect.get_or_insert_default();
            (connect.reason, connect.text, connect.seen) = (Some(ConnectReason::read(&text)), Some(text), seen.clone());
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
            return;
        }
        let before = self.state.before.take().filter(|(line, _)| logged.line.saturating_sub(*line) <= MAX_DISTANCE);
        // Where a jump host's client waits in vain, ours sees its proxy hang up; so this wait was ours.
        let waited = matches!(logged.event, Event::ConnectionTimedOut { .. }) && self.outcome == Outcome::TimedOut;
        let own_words = waited || matches!(self.outcome, Outcome::Closed | Outcome::Reset | Outcome::Unknown);
        let jump = match (self.state.verbose, own_words, before) {
            (false, false, _) => {
                let jump = self.as_jump();
                let old = std::mem::take(self);
                *self = Attempt {
                    attempts: old.attempts,
                    earlier: old.earlier,
                    first_line: old.first_line,
                    command: old.command,
                    ..Attempt::new(old.source)
                };
                self.state.shell = old.state.shell;
                Some(jump)
            }
            (_, true, Some((_, jump))) => {
                self.attempts = self.attempts.saturating_sub(1).max(1);
                if let Some(part) = self.earlier.pop() {
                    self.first_line = part.first_line.or(self.first_line);
                    self.command = part.command.or(self.command.take());
                }
                self.state.previous = None;
                Some(*jump)
            }
            _ => None,
        };
        self.proxy = Some(Proxy { jumps: jump.into_iter().collect(), ..Proxy::default() });
        self.reached = self.reached.min(Stage::Connecting);
    }

    /// `ssh_exchange_identification: Connection closed by remote host` (to 7.9) names nobody. Right below a jump host's
    /// failure, in a log without `-v`, it is what the client behind it says; another attempt has its command between.
    pub(super) fn was_proxied_in_old_words(&mut self, logged: &Logged) {
        let follows = |line: u64| logged.line.saturating_sub(line) == 1;
        let failed = self.state.before.as_ref().is_some_and(|(line, _)| follows(*line));
        let old = logged.text.contains("ssh_exchange_identification");
        let told = self.state.channel_refused.is_some();
        if old && !self.state.verbose && (failed || told) {
            self.was_proxied(logged);
            if let Some(proxy) = self.proxy.as_mut() {
                proxy.guessed = !told;
            }
        }
    }

    /// Whether the line is the first of another attempt.
    pub(super) fn begins_anew(&mut self, logged: &Logged) -> bool {
        if self.state.previous.is_some() && logged.level > 0 && logged.event != Event::Other {
            if is_first(&logged.event) {
                self.state.previous = None;
            } else if let Some(mut previous) = self.state.previous.take() {
                // The attempt goes on: what looked like another one was somebody's text in between.
                previous.state.ended = false;
                *self = *previous;
                return false;
            }
        }
        let same_end = match &logged.event {
            Event::ConfigError { .. } | Event::ConfigTerminating { .. } | Event::ConfigPermissions { .. } => {
                self.outcome == Outcome::ConfigError
            }
            Event::UsageError { .. } | Event::LibraryMismatch { .. } => {
                self.outcome == Outcome::ClientError && self.reached < Stage::Connected
            }
            // Where ssh has spoken, there was one.
            Event::ClientMissing { .. } => self.outcome == Outcome::ClientError && self.reached == Stage::NotStarted,
            Event::KexExchangeClosed | Event::KexExchangeReset { .. } => self.outcome == Outcome::ProxyFailed,
            // `Protocol major versions differ`, then `banner exchange: …: could not read protocol version`.
            Event::BannerInvalid { .. } => matches!(self.outcome, Outcome::NotSsh | Outcome::NoAlgorithmMatch),
            _ => false,
        };
        // A line with a level is never taken from an attempt that goes on: a server may print a prompt as its banner.
        let may_be_anew = !self.state.verbose || (self.state.ended && (logged.level == 0 || is_first(&logged.event)));
        if self.has_pending_command() && self.attempts > 0 && logged.event != Event::Other && may_be_anew {
            return true;
        }
        match &logged.event {
            Event::Version { .. } => self.client.is_some() || self.state.ended || self.reached > Stage::NotStarted,
            Event::Connecting { .. } => self.state.ended || self.reached >= Stage::Connected,
            Event::ReadingConfig { .. } => self.state.ended,
            // A git or ssh inside the session names another host.
            Event::PermissionDenied { host: Some(host), .. }
            | Event::ConnectFailed { host, .. }
            | Event::ResolveFailed { host, .. }
                if self.outcome == Outcome::Authenticated && !self.state.ended =>
            {
                let connect = self.connect.as_ref();
                connect.is_some_and(|connect| connect.host == *host || connect.address.as_deref() == Some(host))
            }
            // Only a session ends so. Without `-v` its login leaves no line, and what failed above was another, or no words of ssh.
            Event::SessionClosed { host } => self.has_failed() && self.is_ours(host) && !self.was_denied_inside(host),
            event => self.state.ended && is_whole_end(event) && !same_end,
        }
    }

    fn has_failed(&self) -> bool {
        let failed = !matches!(self.outcome, Outcome::Unknown | Outcome::Authenticated);
        failed && self.state.ended && !self.state.verbose && self.proxy.is_none()
    }

    /// Forgets the attempt, keeping its number and what may still be needed of it.
    pub(super) fn restart(&mut self, logged: &Logged) {
        let mut old = std::mem::take(self);
        let certain = logged.level > 0;
        self.earlier = old.earlier_with_this();
        self.mixed = old.mixed && !matches!(logged.event, Event::Version { .. });
        self.source = old.source.clone();
        self.attempts = old.attempts;
        self.state = State { depth: old.state.depth, shell: old.state.shell.clone(), ..State::default() };
        if old.attempts > 0 && !old.state.verbose {
            self.state.before = Some((
                old.last.as_ref().and_then(|seen| seen.line).map_or(0, |line| line as u64),
                Box::new(old.as_jump()),
            ));
        }
        self.attempts += 1;
        if matches!(logged.event, Event::SessionClosed { .. }) {
            // Nothing was typed in between.
            self.command.clone_from(&old.command);
        }
        if !certain {
            self.state.previous =
                if old.state.verbose { Some(Box::new(strip(old))) } else { old.state.previous.take() };
        }
    }
}

/// An attempt without its own memory of others, so that attempts do not chain.
fn strip(mut attempt: Attempt) -> Attempt {
    attempt.state.previous = None;
    attempt.state.before = None;
    attempt
}

/// The name a client has for the other end of a pipe (packet.c `ssh_remote_ipaddr`).
pub(super) fn is_unknown(host: &str) -> bool {
    host == "UNKNOWN"
}

/// What a jump host's client says, and ours cannot say before its server has greeted.
fn begins_hop(event: &Event) -> bool {
    matches!(
        event,
        Event::Version { .. }
            | Event::Connecting { .. }
            | Event::ConnectFailed { .. }
            | Event::AddressFailed { .. }
            | Event::ResolveFailed { .. }
            | Event::ConnectionEstablished
            | Event::PermissionDenied { .. }
            | Event::TooManyFailures { .. }
            | Event::HostKeyChanged
            | Event::HostKeyPrompt { .. }
            | Event::HostKeyUnknownStrict { .. }
            | Event::HostVerificationFailed
            | Event::NoMatch { .. }
    )
}

/// A `debug1` line that only stands at the beginning of an attempt.
fn is_first(event: &Event) -> bool {
    matches!(event, Event::Version { .. } | Event::ReadingConfig { .. } | Event::Connecting { .. })
}

/// A plain line that can be a whole attempt by itself, where `-v` was not given.
fn is_whole_end(event: &Event) -> bool {
    matches!(
        event,
        Event::ConnectFailed { .. }
            | Event::ResolveFailed { .. }
            | Event::PermissionDenied { .. }
            | Event::KexExchangeClosed
            | Event::KexExchangeReset { .. }
            | Event::BannerTimeout
            | Event::BannerInvalid { .. }
            | Event::TooManyFailures { .. }
            | Event::HostKeyChanged
            | Event::HostVerificationFailed
            | Event::NoMatch { .. }
            | Event::ConfigError { .. }
            | Event::ConfigPermissions { .. }
            | Event::UsageError { .. }
            | Event::ClientMissing { .. }
            | Event::LibraryMismatch { .. }
            | Event::MisPasted { .. }
            | Event::Authenticated { host: Some(_), .. }
            | Event::GitHost { .. }
    )
}
