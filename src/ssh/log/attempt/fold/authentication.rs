//! Authentication, its end, and the agent.

use super::super::hops::is_unknown;
use super::super::types::{
    AgentSeen, AgentState, Denied, Disconnect, OfferOutcome, Outcome, SessionEnd, Stage, Waiting,
};
use super::super::{Asking, Attempt};
use super::{MAX_ITEMS, push};
use crate::ssh::log::event::{Event, KeyDescription};
use crate::ssh::log::parser::Logged;
use crate::ssh::log::trouble::Trouble;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_authentication(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::ServiceAccepted => self.reach(Stage::Authenticating),
            Event::AuthMethodsContinue { methods } => {
                self.reach(Stage::Authenticating);
                self.waiting = None;
                self.server().methods.clone_from(methods);
                match std::mem::take(&mut self.state.asking) {
                    // What comes next says nothing of the key, the offer does.
                    Asking::Offered(index) => self.answer(index, OfferOutcome::Refused, None),
                    Asking::Accepted(index) if self.partial.is_none() => {
                        self.answer(index, OfferOutcome::SignatureRefused, Some(seen))
                    }
                    Asking::Tried(_, path) => {
                        self.offer(&KeyDescription { path, ..KeyDescription::default() }, OfferOutcome::Refused, seen);
                    }
                    _ => {}
                }
            }
            Event::NextMethod { .. } | Event::NoMoreMethods => {
                match &logged.event {
                    Event::NextMethod { method } => {
                        // What looked like an offer before was the server's banner (RFC 4252 section 5.4).
                        if method == "publickey" && !self.begun.contains(method) {
                            self.offers.retain(|offer| offer.outcome == OfferOutcome::NoMutualSignature);
                            self.state.asking = Asking::Nothing;
                        }
                        push(&mut self.begun, MAX_ITEMS, method.clone());
                    }
                    _ => self.no_more_methods = true,
                }
                self.settle();
                self.reach(Stage::Authenticating);
                self.waiting = None;
            }
            Event::PartialSuccess { .. } => {
                self.tried_was_accepted();
                self.state.asking = Asking::Nothing;
                (self.needs, self.needs_seen) = (None, None);
                self.partial = Some(seen);
            }
            Event::BrokenOff if self.outcome == Outcome::Unknown => self.end(Outcome::Closed, Stage::Connected, seen),
            Event::PasswordPrompt => self.waiting = Some(Waiting::Person),
            Event::PasswordRefused => self.note(&seen),
            Event::Authenticated { method, .. } => {
                if let Some(method) = method {
                    self.method = Some(method.clone());
                }
                self.tried_was_accepted();
                self.let_in(Stage::Authenticated, &seen);
            }
            Event::PermissionDenied { user, host, methods } => {
                if self.outcome == Outcome::Authenticated {
                    self.note(&seen);
                    // A git or ssh inside the session was refused by another host.
                    self.trouble(host.clone().map(|host| (Trouble::NoAgent, Some(host))), &seen);
                    return;
                }
                self.settle();
                let key = methods.iter().any(|method| method == "publickey");
                self.denied = Some(Denied {
                    user: user.clone(),
                    host: host.clone(),
                    methods: methods.clone(),
                    seen: seen.clone(),
                });
                self.end(if key { Outcome::Refused } else { Outcome::RefusedOther }, Stage::Authenticating, seen);
            }
            Event::TooManyFailures { code, text } | Event::Disconnected { code, text } => {
                let too_many = matches!(logged.event, Event::TooManyFailures { .. });
                self.disconnect = Some(Disconnect { code: *code, text: text.clone(), seen: seen.clone() });
                if self.outcome == Outcome::Authenticated {
                    self.session_end(SessionEnd::ClosedByRemote, seen);
                } else if too_many {
                    // The key it was asked about last is among those it did not take.
                    if let Asking::Offered(index) = std::mem::take(&mut self.state.asking) {
                        self.answer(index, OfferOutcome::Refused, None);
                    }
                    self.waiting = None;
                    self.end(Outcome::TooManyFailures, Stage::Authenticating, seen);
                } else if self.outcome == Outcome::Unknown {
                    self.end(Outcome::Closed, Stage::Connected, seen);
                }
            }
            Event::ConnectionClosed { host, .. } => self.connection_lost(host, Outcome::Closed, logged),
            Event::ConnectionReset { host, .. } => self.connection_lost(host, Outcome::Reset, logged),
            Event::ConnectionTimedOut { host, .. } => self.connection_lost(host, Outcome::TimedOut, logged),
            _ => {}
        }
    }

    pub(in crate::ssh::log::attempt) fn fold_agent(&mut self, logged: &Logged) {
        // ssh-add typed inside the session asks an agent of the job.
        if logged.level == 0 && self.outcome == Outcome::Authenticated && !self.state.ended {
            if matches!(logged.event, Event::AgentSocketError { .. }) {
                self.hear_session(logged);
            }
            return;
        }
        let seen = self.seen(logged);
        match &logged.event {
            Event::AgentSocketError { text } => {
                self.agent = Some(AgentSeen {
                    state: AgentState::Unreachable,
                    text: Some(text.clone()),
                    seen,
                    ..AgentSeen::default()
                })
            }
            Event::AgentBound => {
                self.agent = Some(AgentSeen { state: AgentState::Ok, bound: true, seen, ..AgentSeen::default() })
            }
            Event::AgentEmpty => {
                let agent = self.agent.get_or_insert_default();
                (agent.state, agent.count, agent.seen) = (AgentState::Empty, Some(0), seen);
            }
            Event::AgentIdentities { count } => {
                let agent = self.agent.get_or_insert_default();
                let state = if *count == 0 { AgentState::Empty } else { AgentState::Ok };
                (agent.state, agent.count, agent.seen) = (state, Some(*count), seen);
            }
            _ => {}
        }
    }

    /// A legacy private key is offered and signed at once: success is the first word about it.
    pub(in crate::ssh::log::attempt) fn tried_was_accepted(&mut self) {
        if let Asking::Tried(seen, path) = std::mem::take(&mut self.state.asking) {
            let index = self.offer(&KeyDescription { path, ..KeyDescription::default() }, OfferOutcome::Accepted, seen);
            self.answer(index, OfferOutcome::Accepted, None);
        }
    }

    pub(in crate::ssh::log::attempt) fn connection_lost(&mut self, host: &str, outcome: Outcome, logged: &Logged) {
        if is_unknown(host) {
            self.was_proxied(logged);
        }
        let seen = self.seen(logged);
        self.last = Some(seen.clone());
        self.attempts = self.attempts.max(1);
        match self.outcome {
            Outcome::Authenticated => {
                let end = if outcome == Outcome::Closed { SessionEnd::ClosedByRemote } else { SessionEnd::Lost };
                self.session_end(end, seen);
            }
            Outcome::Unknown | Outcome::Closed | Outcome::Reset
                if self.proxy.is_some() && self.reached < Stage::Greeting =>
            {
                self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
            }
            Outcome::Unknown => {
                self.end(outcome, Stage::Connected, seen);
            }
            // `kex_exchange_identification: …` and its like came before and say more.
            _ => self.note(&seen),
        }
    }
}
