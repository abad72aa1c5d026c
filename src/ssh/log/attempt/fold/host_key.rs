//! The host key and known_hosts.

use super::super::Attempt;
use super::super::types::{HostKey, HostKeyState, Outcome, Stage, Waiting};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_host_key(&mut self, logged: &Logged) {
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
                if changed {
                    // It says more than the frame of @ above it.
                    host_key.seen = seen;
                }
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
            Event::HostKeyInvalid { text } => {
                let short = text.contains("Invalid key length");
                self.host_key = Some(state(if short { HostKeyState::TooShort } else { HostKeyState::Invalid }));
                if !text.starts_with("Bad server host key") {
                    // The plain key inside has a chance of its own, which comes next in the log.
                    self.host_certificate_invalid.get_or_insert_with(|| seen.clone());
                }
                if self.outcome == Outcome::Unknown && logged.text.contains("Bad server host key") {
                    self.end(Outcome::HostKeyRejected, Stage::HostKey, seen);
                }
            }
            Event::KnownHostsUnwritable { .. } => self.note(&seen),
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
}
