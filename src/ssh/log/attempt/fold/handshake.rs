//! Greeting and key exchange.

use super::super::Attempt;
use super::super::types::{InsteadOfGreeting, NoMatch, Outcome, SessionEnd, Stage, Target, Waiting};
use super::{MAX_ITEMS, push};
use crate::ssh::log::event::{Event, Negotiated};
use crate::ssh::log::parser::Logged;
use crate::ssh::seen::Seen;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_handshake(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::LocalVersion { .. } => {
                self.mixed |= std::mem::replace(&mut self.state.greeted, true);
                if self.proxy.is_none() {
                    self.reach(Stage::Connected);
                }
                self.waiting = Some(Waiting::Greeting);
            }
            Event::PreBannerLine { text } => {
                // `HTTP/1.1 302 Found` says that it is a redirect, `HTTP/1.1 400` leaves it to a later line.
                let instead = InsteadOfGreeting::read(text);
                if self.instead_of_greeting.is_none() || instead == Some(InsteadOfGreeting::HttpRedirect) {
                    self.instead_of_greeting = instead;
                }
                push(&mut self.before_greeting, MAX_ITEMS, seen);
            }
            Event::RemoteVersion { protocol, software } => {
                let server = self.server();
                (server.protocol, server.software) = (Some(protocol.clone()), Some(software.clone()));
                server.seen = Some(seen);
                self.reach(Stage::Greeting);
                self.waiting = None;
            }
            // `Protocol major versions differ`, or what was wrong with the banner, came before and says more.
            Event::BannerInvalid { .. } if matches!(self.outcome, Outcome::NoAlgorithmMatch | Outcome::NotSsh) => {
                self.note(&seen)
            }
            Event::BannerInvalid { .. } => self.end(Outcome::NotSsh, Stage::Connected, seen),
            Event::ProtocolMismatch { .. } => self.end(Outcome::NoAlgorithmMatch, Stage::Greeting, seen),
            Event::BannerTimeout => self.end(Outcome::TimedOut, Stage::Connected, seen),
            Event::KexExchangeClosed => {
                self.was_proxied_in_old_words(logged);
                self.lost_before_greeting(Outcome::Closed, seen);
            }
            Event::KexExchangeReset { text } => {
                // ssh's name for a server behind another program, of which a log without -v says nothing else.
                if text.contains("UNKNOWN port 65535") && self.outcome == Outcome::Unknown {
                    self.proxy.get_or_insert_default();
                }
                self.lost_before_greeting(Outcome::Reset, seen);
            }
            Event::Authenticating { host, port, user } => {
                self.target = Some(Target { host: host.clone(), port: *port, user: user.clone() });
                self.reach(Stage::Greeting);
            }
            Event::KexInitSent => self.wait_in_kex(Waiting::KexInit),
            Event::KexReplyAwaited => self.wait_in_kex(Waiting::KexReply),
            Event::KexInitReceived => {
                self.reach(Stage::KeyExchange);
                self.waiting = None;
            }
            Event::ProposalOf { server } => self.state.lists_of_server = *server,
            Event::Proposal { what, algorithms } => {
                let side = if self.state.lists_of_server { &mut self.server_proposed } else { &mut self.proposed };
                let lists = side.get_or_insert_default();
                match what {
                    Negotiated::Kex => lists.kex.clone_from(algorithms),
                    Negotiated::HostKey => lists.host_key.clone_from(algorithms),
                    Negotiated::Cipher => lists.ciphers.clone_from(algorithms),
                    Negotiated::Mac => lists.macs.clone_from(algorithms),
                    Negotiated::Compression => {}
                }
            }
            Event::KexChosen { what, algorithm } => {
                self.reach(Stage::KeyExchange);
                if *what == Negotiated::Kex {
                    self.server().kex = Some(algorithm.clone());
                }
            }
            Event::NoMatch { what, offer } => {
                self.no_match = Some(NoMatch { what: *what, their_offer: offer.clone(), seen: seen.clone() });
                self.end(Outcome::NoAlgorithmMatch, Stage::KeyExchange, seen);
            }
            Event::ProtocolError { .. } => {
                if self.outcome == Outcome::Authenticated {
                    self.session_end(SessionEnd::Lost, seen);
                } else if self.outcome == Outcome::Unknown {
                    self.end(Outcome::ClientError, Stage::Connected, seen);
                } else {
                    self.note(&seen);
                }
            }
            Event::NewKeys => {
                self.waiting = None;
                // The client now asks its agent, before it writes another line.
                self.reach(Stage::Authenticating);
            }
            Event::ServerSigAlgs { algorithms } => {
                let server = self.server();
                server.sig_algs.clone_from(algorithms);
                server.sig_algs_seen = Some(seen);
            }
            _ => {}
        }
    }

    pub(in crate::ssh::log::attempt) fn lost_before_greeting(&mut self, outcome: Outcome, seen: Seen) {
        if self.outcome == Outcome::Authenticated || self.outcome == Outcome::ProxyFailed {
            self.note(&seen);
        } else if self.proxy.is_some() && self.reached < Stage::Greeting {
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        } else if matches!(self.instead_of_greeting, Some(InsteadOfGreeting::Http | InsteadOfGreeting::HttpRedirect)) {
            self.end(Outcome::NotSsh, Stage::Connected, seen);
        } else {
            self.end(outcome, Stage::Connected, seen);
        }
    }

    pub(in crate::ssh::log::attempt) fn wait_in_kex(&mut self, waiting: Waiting) {
        // Keys are exchanged again in long sessions (RFC 4253 section 9).
        if self.reached < Stage::Authenticating {
            self.reach(Stage::KeyExchange);
            self.waiting = Some(waiting);
        }
    }
}
