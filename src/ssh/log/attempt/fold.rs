//! What each event changes in an attempt.

use super::hops::is_unknown;
use super::types::{
    AgentSeen, AgentState, Client, ConfigProblem, Connect, Denied, Disconnect, HostKey, HostKeyState, IdentityFile,
    LoadFailure, Needs, NoMatch, Offer, OfferOutcome, Outcome, Planned, Proxy, Resolve, Server, SessionEnd, Skipped,
    Stage, Target, Waiting,
};
use super::{Asking, Attempt};
use crate::ssh::log::event::{Event, KeyDescription, Negotiated};
use crate::ssh::log::parser::Logged;
use crate::ssh::log::reason::{ConnectReason, LoadReason, SignReason};
use crate::ssh::log::seen::Seen;

/// Items kept in each list of keys.
const MAX_KEYS: usize = 64;
/// Items kept in every other list.
const MAX_ITEMS: usize = 20;

impl Attempt {
    pub(super) fn fold(&mut self, logged: &Logged) {
        if logged.event == Event::Other {
            self.hear_proxy(logged);
            return;
        }
        self.attempts = self.attempts.max(1);
        self.state.verbose |= logged.level > 0;
        self.last = Some(self.seen(logged));
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
    fn revive(&mut self, logged: &Logged) {
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

    fn fold_start(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::Version { text } => self.client = Some(Client { text: text.clone(), seen }),
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
            | Event::LibraryMismatch { .. }
            | Event::ClientFatal { .. }
            | Event::ControlPathTooLong { .. } => {
                if self.outcome == Outcome::Authenticated {
                    self.note(&seen);
                } else if self.outcome != Outcome::ClientError {
                    self.end(Outcome::ClientError, Stage::NotStarted, seen);
                } else {
                    self.note(&seen);
                }
            }
            Event::WindowsPermissions { .. } => self.note(&seen),
            _ => {}
        }
    }

    fn config_problem(&mut self, file: Option<String>, line: Option<u64>, text: &str, seen: &Seen) {
        if self.config_problems.len() < MAX_ITEMS {
            self.config_problems.push(ConfigProblem { file, line, text: text.to_owned(), seen: seen.clone() });
        }
        if self.outcome != Outcome::ConfigError {
            // The first line names the option; `terminating, 1 bad configuration options` only counts.
            self.end(Outcome::ConfigError, Stage::ConfigError, seen.clone());
        }
    }

    fn fold_way(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::ProxyCommand { command } | Event::ProxyJump { command } => {
                let jump = matches!(logged.event, Event::ProxyJump { .. });
                let proxy = self.proxy.get_or_insert_with(Proxy::default);
                proxy.jump |= jump;
                proxy.command = Some(command.clone());
                proxy.seen = Some(seen);
                self.reach(Stage::Connecting);
                self.waiting = Some(Waiting::Connection);
            }
            Event::ProxyProgramFailed { .. } => {
                self.proxy.get_or_insert_with(Proxy::default);
                if self.outcome == Outcome::ProxyFailed {
                    // `CreateProcessW failed error:2` came first and says more.
                    self.note(&seen);
                } else if self.reached < Stage::Greeting {
                    self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
                }
            }
            Event::ProxyLoop { .. } => self.end(Outcome::ProxyFailed, Stage::Connecting, seen),
            Event::ControlMasterTrying { .. } => self.waiting = Some(Waiting::Master),
            Event::MuxShared => {
                self.session.get_or_insert_default().shared = true;
                self.let_in(Stage::Session, &seen);
            }
            Event::MuxFailed { .. } => {
                self.note(&seen);
                self.session.get_or_insert_default().channel_failed = Some(logged.text.clone());
            }
            Event::ResolveFailed { host, reason, text } => {
                if self.outcome == Outcome::Authenticated {
                    self.note(&seen);
                    return;
                }
                self.resolve =
                    Some(Resolve { host: host.clone(), reason: *reason, text: text.clone(), seen: seen.clone() });
                self.end(Outcome::ResolveFailed, Stage::Resolving, seen);
            }
            Event::Connecting { host, address, port } => {
                let failed_addresses = self.connect.as_ref().map_or(0, |connect| connect.failed_addresses);
                self.connect = Some(Connect {
                    host: host.clone(),
                    address: address.clone(),
                    port: *port,
                    failed_addresses,
                    seen,
                    ..Connect::default()
                });
                self.reach(Stage::Connecting);
                self.waiting = Some(Waiting::Connection);
            }
            Event::AddressFailed { address, port, reason, text } => {
                let connect = self.connect.get_or_insert_with(|| Connect {
                    host: address.clone(),
                    port: *port,
                    ..Connect::default()
                });
                connect.failed_addresses += 1;
                connect.address = Some(address.clone());
                (connect.reason, connect.text, connect.seen) = (Some(*reason), Some(text.clone()), seen);
                self.reach(Stage::Connecting);
            }
            Event::BindFailed { text } => {
                let connect = self.connect.get_or_insert_default();
                (connect.reason, connect.text, connect.seen) =
                    (Some(ConnectReason::BindFailed), Some(text.clone()), seen);
            }
            Event::ConnectFailed { host, port, reason, text } => {
                if self.outcome == Outcome::Authenticated {
                    self.note(&seen);
                    return;
                }
                let connect = self.connect.get_or_insert_default();
                (connect.host, connect.port) = (host.clone(), *port);
                // The word `failure` only repeats that there was a line above it, which says more.
                if connect.reason.is_none() || *reason != ConnectReason::BindFailed {
                    (connect.reason, connect.text) = (Some(*reason), Some(text.clone()));
                    connect.seen = seen.clone();
                }
                self.end(Outcome::ConnectFailed, Stage::Connecting, seen);
            }
            Event::ConnectionEstablished => {
                if let Some(connect) = self.connect.as_mut() {
                    (connect.reason, connect.text) = (None, None);
                }
                self.reach(Stage::Connected);
                self.waiting = Some(Waiting::Greeting);
            }
            _ => {}
        }
    }

    fn fold_handshake(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::LocalVersion { .. } => {
                if self.proxy.is_none() {
                    self.reach(Stage::Connected);
                }
                self.waiting = Some(Waiting::Greeting);
            }
            Event::PreBannerLine { .. } => push(&mut self.before_greeting, MAX_ITEMS, seen),
            Event::RemoteVersion { protocol, software } => {
                let server = self.server();
                (server.protocol, server.software) = (Some(protocol.clone()), Some(software.clone()));
                server.seen = Some(seen);
                self.reach(Stage::Greeting);
                self.waiting = None;
            }
            Event::BannerInvalid { .. } => self.end(Outcome::NotSsh, Stage::Connected, seen),
            Event::ProtocolMismatch { .. } => self.end(Outcome::NoAlgorithmMatch, Stage::Greeting, seen),
            Event::BannerTimeout => self.end(Outcome::TimedOut, Stage::Connected, seen),
            Event::KexExchangeClosed => self.lost_before_greeting(Outcome::Closed, seen),
            Event::KexExchangeReset { .. } => self.lost_before_greeting(Outcome::Reset, seen),
            Event::Authenticating { host, port, user } => {
                self.target = Some(Target { host: host.clone(), port: *port, user: user.clone() });
                self.reach(Stage::Greeting);
            }
            Event::KexInitSent => self.wait_in_kex(Waiting::KexInit),
            Event::KexReplyAwaited => self.wait_in_kex(Waiting::KexReply),
            Event::KexInitReceived => self.reach(Stage::KeyExchange),
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
            Event::NewKeys => self.waiting = None,
            Event::ServerSigAlgs { algorithms } => self.server().sig_algs.clone_from(algorithms),
            _ => {}
        }
    }

    fn lost_before_greeting(&mut self, outcome: Outcome, seen: Seen) {
        if self.outcome == Outcome::Authenticated || self.outcome == Outcome::ProxyFailed {
            self.note(&seen);
        } else if self.proxy.is_some() && self.reached < Stage::Greeting {
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        } else if self.before_greeting.iter().any(|line| is_http(&line.text)) {
            self.end(Outcome::NotSsh, Stage::Connected, seen);
        } else {
            self.end(outcome, Stage::Connected, seen);
        }
    }

    fn wait_in_kex(&mut self, waiting: Waiting) {
        // Keys are exchanged again in long sessions (RFC 4253 section 9).
        if self.reached < Stage::Authenticating {
            self.reach(Stage::KeyExchange);
            self.waiting = Some(waiting);
        }
    }

    fn fold_host_key(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        let state = |state| HostKey { state, seen: seen.clone(), ..HostKey::default() };
        match &logged.event {
            Event::ServerHostKey { algorithm, fingerprint } => {
                let server = self.server();
                server.host_key_algorithm = Some(algorithm.clone());
                server.host_key_fingerprint = Some(fingerprint.clone()).filter(|text| !text.is_empty());
                if self.reached < Stage::Authenticating {
                    self.reach(Stage::HostKey);
                    self.waiting = None;
                }
            }
            Event::HostKnown { host } => {
                self.host_key = Some(HostKey { host: Some(host.clone()), ..state(HostKeyState::Known) })
            }
            Event::HostKeyFound { file, line } | Event::HostKeyOffending { file, line } => {
                let changed = matches!(logged.event, Event::HostKeyOffending { .. });
                let fallback = if changed { HostKeyState::Changed } else { HostKeyState::Known };
                let host_key = self.host_key.get_or_insert_with(|| state(fallback));
                (host_key.file, host_key.line) = (Some(file.clone()), Some(*line));
                self.reach(Stage::HostKey);
            }
            Event::HostKeyPrompt { host } => {
                self.host_key = Some(HostKey { host: Some(host.clone()), ..state(HostKeyState::Asked) });
                self.reach(Stage::HostKey);
                self.waiting = Some(Waiting::Person);
            }
            Event::HostKeyAdded { host } => {
                // With StrictHostKeyChecking=no a changed key may be followed by this one for the address.
                if self.host_key.as_ref().is_none_or(|host_key| host_key.state != HostKeyState::Changed) {
                    self.host_key = Some(HostKey { host: Some(host.clone()), ..state(HostKeyState::New) });
                }
                self.reach(Stage::HostKey);
                self.waiting = None;
            }
            Event::HostKeyChanged => {
                self.host_key = Some(state(HostKeyState::Changed));
                self.reach(Stage::HostKey);
            }
            Event::HostKeyChangedStrict { host } => {
                let host_key = self.host_key.get_or_insert_with(|| state(HostKeyState::Changed));
                (host_key.state, host_key.host) = (HostKeyState::Changed, Some(host.clone()));
                self.reach(Stage::HostKey);
            }
            Event::HostKeyUnknownStrict { host } => {
                self.host_key = Some(HostKey { host: Some(host.clone()), ..state(HostKeyState::UnknownStrict) });
                self.reach(Stage::HostKey);
            }
            Event::HostKeyRevoked => {
                self.host_key = Some(state(HostKeyState::Revoked));
                self.reach(Stage::HostKey);
            }
            Event::HostKeyInvalid { .. } => {
                self.host_key = Some(state(HostKeyState::Invalid));
                if self.outcome == Outcome::Unknown && logged.text.contains("Bad server host key") {
                    self.end(Outcome::HostKeyRejected, Stage::HostKey, seen);
                }
            }
            Event::HostVerificationFailed => {
                if self.outcome == Outcome::Authenticated {
                    self.note(&seen);
                    return;
                }
                self.host_key.get_or_insert_with(|| state(HostKeyState::Unconfirmed));
                self.end(Outcome::HostKeyRejected, Stage::HostKey, seen);
            }
            _ => {}
        }
    }

    fn fold_keys(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::IdentityFile { path, loaded } => push(
                &mut self.identity_files,
                MAX_KEYS,
                IdentityFile { path: path.clone(), loaded: *loaded, missing: false },
            ),
            Event::IdentityMissing { path, explicit } => self.identity_missing(path, *explicit, seen),
            Event::WillAttempt { key } => {
                self.reach(Stage::Authenticating);
                let key = key.clone();
                push(
                    &mut self.planned,
                    MAX_KEYS,
                    Planned {
                        path: key.path,
                        algorithm: key.algorithm,
                        fingerprint: key.fingerprint,
                        explicit: key.explicit,
                        agent: key.agent,
                    },
                );
            }
            Event::Skipping { path, algorithm, reason } => push(
                &mut self.skipped,
                MAX_KEYS,
                Skipped { path: path.clone(), algorithm: algorithm.clone(), reason: *reason, seen },
            ),
            Event::Offering { key } => {
                self.settle();
                self.reach(Stage::Authenticating);
                self.waiting = Some(Waiting::Answer);
                let index = self.offer(key, OfferOutcome::NotAnswered, seen);
                self.state.asking = Asking::Offered(index);
            }
            Event::Accepted { key } => self.accepted(key, seen),
            Event::TryingPrivateKey { path } => {
                self.settle();
                self.reach(Stage::Authenticating);
                push(&mut self.tried, MAX_KEYS, path.clone());
                self.state.asking = Asking::Tried(seen, path.clone());
            }
            Event::NoMutualSignature => {
                if let Asking::Offered(index) | Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
                    self.answer(index, OfferOutcome::NoMutualSignature, Some(seen));
                } else {
                    self.note(&seen);
                }
            }
            Event::KeyLoadFailed { path, reason, .. } => self.load_failed(path, *reason, seen),
            Event::UnprotectedKey { path, mode } => {
                self.load_failure(LoadFailure {
                    path: path.clone(),
                    reason: LoadReason::BadPermissions,
                    mode: mode.clone(),
                    seen,
                });
            }
            Event::SigningFailed { reason, .. } => self.signing_failed(*reason, seen),
            Event::ConfirmUserPresence => self.need(Needs::Touch, seen),
            Event::PassphrasePrompt { .. } | Event::PassphraseBad => self.need(Needs::Passphrase, seen),
            Event::CannotAsk { .. } => {
                self.note(&seen);
                if self.reached >= Stage::Authenticating {
                    self.need(Needs::Passphrase, seen);
                }
            }
            _ => {}
        }
    }

    fn identity_missing(&mut self, path: &str, explicit: bool, seen: Seen) {
        if let Some(file) = self.identity_files.iter_mut().find(|file| file.path == path) {
            file.missing = explicit;
        } else {
            push(
                &mut self.identity_files,
                MAX_KEYS,
                IdentityFile { path: path.to_owned(), loaded: false, missing: explicit },
            );
        }
        match self.state.asking {
            // A .pub was there and its private key is not.
            Asking::Accepted(_) => self.load_failed(path, LoadReason::NotFound, seen),
            Asking::Tried(..) => self.state.asking = Asking::Nothing,
            _ => {}
        }
        if explicit && !self.load_failures.iter().any(|failure| failure.path == path) {
            let seen = self.last.clone().unwrap_or_default();
            self.load_failure(LoadFailure { path: path.to_owned(), reason: LoadReason::NotFound, mode: None, seen });
        }
    }

    fn offer(&mut self, key: &KeyDescription, outcome: OfferOutcome, seen: Seen) -> Option<usize> {
        if self.offers.len() >= MAX_KEYS {
            return None;
        }
        let KeyDescription { path, algorithm, fingerprint, explicit, agent, .. } = key.clone();
        self.offers.push(Offer { path, algorithm, fingerprint, agent, explicit, outcome, seen, ..Offer::default() });
        Some(self.offers.len() - 1)
    }

    fn answer(&mut self, index: Option<usize>, outcome: OfferOutcome, seen: Option<Seen>) {
        if let Some(offer) = index.and_then(|index| self.offers.get_mut(index)) {
            offer.accepted |= matches!(outcome, OfferOutcome::Accepted);
            offer.outcome = outcome;
            offer.seen = seen.unwrap_or_else(|| offer.seen.clone());
        }
    }

    fn accepted(&mut self, key: &KeyDescription, seen: Seen) {
        self.reach(Stage::Authenticating);
        self.waiting = None;
        let by_name =
            |offer: &Offer| !key.path.is_empty() && offer.path == key.path && offer.fingerprint == key.fingerprint;
        let named = self.offers.iter().rposition(by_name);
        let index = match (named, &self.state.asking) {
            (Some(index), _) => Some(index),
            // To 7.8 the acceptance does not name the key: it is the one offered last.
            (None, Asking::Offered(index)) if key.path.is_empty() => *index,
            _ => self.offer(key, OfferOutcome::NotAnswered, seen.clone()),
        };
        self.answer(index, OfferOutcome::Accepted, Some(seen));
        self.state.asking = Asking::Accepted(index);
    }

    fn load_failed(&mut self, path: &str, reason: LoadReason, seen: Seen) {
        self.load_failure(LoadFailure { path: path.to_owned(), reason, mode: None, seen: seen.clone() });
        if let Asking::Accepted(index) = self.state.asking {
            self.answer(index, OfferOutcome::LoadFailed, Some(seen));
            if let Some(offer) = index.and_then(|index| self.offers.get_mut(index)) {
                offer.load_reason = Some(reason);
            }
            self.state.asking = Asking::Nothing;
        } else if matches!(self.state.asking, Asking::Tried(..)) {
            self.state.asking = Asking::Nothing;
        }
    }

    /// `UNPROTECTED PRIVATE KEY FILE` and `Load key …: bad permissions` are about one key: one entry, with the mode.
    fn load_failure(&mut self, failure: LoadFailure) {
        match self.load_failures.iter_mut().find(|known| known.path == failure.path) {
            Some(known) => known.mode = known.mode.take().or(failure.mode),
            None => push(&mut self.load_failures, MAX_KEYS, failure),
        }
    }

    fn signing_failed(&mut self, reason: SignReason, seen: Seen) {
        if let Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
            self.answer(index, OfferOutcome::SigningFailed, Some(seen.clone()));
            if let Some(offer) = index.and_then(|index| self.offers.get_mut(index)) {
                // The first reason is the precise one: `contents do not match`, then `signing failed: error in libcrypto`.
                offer.sign_reason.get_or_insert(reason);
            }
            if reason == SignReason::ContentsMismatch {
                self.state.asking = Asking::Accepted(index);
            }
        }
        match reason {
            SignReason::AgentRefused => self.need(Needs::Approval, seen),
            SignReason::DeviceNotFound => (self.needs, self.needs_seen) = (None, None),
            _ => self.note(&seen),
        }
    }

    fn need(&mut self, needs: Needs, seen: Seen) {
        (self.needs, self.needs_seen) = (Some(needs), Some(seen));
        self.waiting = Some(Waiting::Person);
    }

    /// The client has turned to something else. An accepted key file that it passed over in silence wanted a passphrase:
    /// that is what BatchMode does (sshconnect2.c `load_identity_file`).
    pub(super) fn settle(&mut self) {
        if let Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
            let silent = index
                .and_then(|index| self.offers.get(index))
                .filter(|offer| !offer.agent && offer.outcome == OfferOutcome::Accepted);
            if let Some(seen) = silent.map(|offer| offer.seen.clone()) {
                if self.needs.is_none() && self.outcome != Outcome::Authenticated {
                    (self.needs, self.needs_seen) = (Some(Needs::Passphrase), Some(seen));
                }
            }
        }
    }

    fn fold_agent(&mut self, logged: &Logged) {
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

    fn fold_authentication(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::ServiceAccepted => self.reach(Stage::Authenticating),
            Event::AuthMethodsContinue { methods } => {
                self.reach(Stage::Authenticating);
                self.waiting = None;
                self.server().methods.clone_from(methods);
                match std::mem::take(&mut self.state.asking) {
                    Asking::Offered(index) => self.answer(index, OfferOutcome::Refused, Some(seen)),
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
                self.settle();
                self.reach(Stage::Authenticating);
            }
            Event::PartialSuccess { .. } => {
                self.tried_was_accepted();
                self.state.asking = Asking::Nothing;
                (self.needs, self.needs_seen) = (None, None);
                self.partial = Some(seen);
            }
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

    /// A legacy private key is offered and signed at once: success is the first word about it.
    fn tried_was_accepted(&mut self) {
        if let Asking::Tried(seen, path) = std::mem::take(&mut self.state.asking) {
            let index = self.offer(&KeyDescription { path, ..KeyDescription::default() }, OfferOutcome::Accepted, seen);
            self.answer(index, OfferOutcome::Accepted, None);
        }
    }

    fn connection_lost(&mut self, host: &str, outcome: Outcome, logged: &Logged) {
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

    fn fold_session(&mut self, logged: &Logged) {
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
                (session.request_failed, session.seen) = (Some(request.clone()), Some(seen));
            }
            Event::ChannelOpenFailed { channel, text } => self.channel_failed(*channel, text, seen),
            Event::SessionClosed { .. } if ours => self.session_end(SessionEnd::Closed, seen),
            Event::SessionClosedByRemote { .. } if ours => self.session_end(SessionEnd::ClosedByRemote, seen),
            Event::SessionLost { .. } if ours => self.session_end(SessionEnd::Lost, seen),
            Event::SessionTimeout { .. } if ours => self.session_end(SessionEnd::TimedOut, seen),
            Event::ExitStatus { code } if ours => {
                self.session.get_or_insert_default().exit_status = Some(*code);
                self.state.ended = true;
            }
            _ => {}
        }
    }

    fn channel_failed(&mut self, channel: u64, text: &str, seen: Seen) {
        if self.waits_for_proxy() {
            // The jump host could not reach the target: `channel 0: open failed: connect failed: Connection refused`.
            let connect = self.connect.get_or_insert_default();
            (connect.reason, connect.text, connect.seen) =
                (Some(ConnectReason::read(text)), Some(text.to_owned()), seen.clone());
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        } else if channel == 0 && self.outcome == Outcome::Authenticated {
            let session = self.session.get_or_insert_default();
            (session.channel_failed, session.seen) = (Some(text.to_owned()), Some(seen));
        } else {
            // Another channel is a forwarding; the session does not suffer.
            self.note(&seen);
        }
    }

    /// Lines that are only printed after a login; a log may begin with them, or lack `-v`.
    fn let_in(&mut self, stage: Stage, seen: &Seen) {
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

    fn session_end(&mut self, end: SessionEnd, seen: Seen) {
        if matches!(self.outcome, Outcome::Unknown | Outcome::Authenticated) {
            self.let_in(Stage::Session, &seen);
            let session = self.session.get_or_insert_default();
            session.ended.get_or_insert(end);
            session.seen.get_or_insert(seen);
            self.state.ended = true;
        } else {
            self.note(&seen);
        }
    }

    /// What a proxy program says before the server greets is neither ours to understand nor to lose.
    fn hear_proxy(&mut self, logged: &Logged) {
        if logged.level == 0 && !logged.text.is_empty() && self.reached < Stage::Greeting {
            let seen = self.seen(logged);
            if let Some(proxy) = self.proxy.as_mut().filter(|proxy| proxy.seen.is_some()) {
                push(&mut proxy.said, 5, seen);
            }
        }
    }

    pub(super) fn end(&mut self, outcome: Outcome, stage: Stage, seen: Seen) {
        self.reach(stage);
        self.outcome = outcome;
        self.decisive = Some(seen);
        self.state.ended = true;
    }

    fn reach(&mut self, stage: Stage) {
        self.reached = self.reached.max(stage);
    }

    fn server(&mut self) -> &mut Server {
        self.server.get_or_insert_default()
    }

    fn note(&mut self, seen: &Seen) {
        push(&mut self.notes, MAX_ITEMS, seen.clone());
    }
}

fn push<T>(list: &mut Vec<T>, max: usize, item: T) {
    if list.len() < max {
        list.push(item);
    }
}

/// A web server, proxy or captive portal answered.
fn is_http(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    ["http/1.", "http/2", "<html", "<!doctype", "location: http"].iter().any(|mark| text.contains(mark))
}
