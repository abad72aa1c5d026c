//! Keys: planned, offered, answered, and those that could not be used.

use super::super::types::{
    IdentityFile, LoadFailure, Needs, Offer, OfferOutcome, Outcome, Planned, Prompted, ProviderFailure, Skipped, Stage,
    Waiting,
};
use super::super::{Asking, Attempt};
use super::{MAX_KEYS, push};
use crate::ssh::log::event::{Event, KeyDescription};
use crate::ssh::log::parser::Logged;
use crate::ssh::log::reason::{LoadReason, SignReason, SkipReason};
use crate::ssh::seen::Seen;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_keys(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::IdentityFile { path, loaded } => push(
                &mut self.identity_files,
                MAX_KEYS,
                IdentityFile { path: path.clone(), loaded: *loaded, ..IdentityFile::default() },
            ),
            Event::IdentityMissing { path, explicit, warned } => self.identity_missing(path, *explicit, *warned, seen),
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
                        token: key.token,
                    },
                );
            }
            Event::Skipping { path, algorithm, reason } => {
                if *reason == SkipReason::NotSupportedByServer
                    && let Some(kind) = algorithm.as_deref().and_then(rsa_in_offers)
                {
                    // OpenSSH 10 looks for a mutual signature before it makes its list; older ones when the key's turn comes.
                    let algorithm = Some(kind.to_owned());
                    let key = KeyDescription { path: path.clone(), algorithm, ..KeyDescription::default() };
                    self.offer(&key, OfferOutcome::NoMutualSignature, seen.clone());
                }
                push(
                    &mut self.skipped,
                    MAX_KEYS,
                    Skipped { path: path.clone(), algorithm: algorithm.clone(), reason: *reason, seen },
                );
            }
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
                self.waiting = None;
                if let Asking::Offered(index) | Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
                    self.answer(index, OfferOutcome::NoMutualSignature, Some(seen));
                } else {
                    let failed = self.offers.last().is_some_and(|last| last.outcome == OfferOutcome::SigningFailed);
                    if !self.state.verbose && !failed {
                        // Without -v ssh does not name the key. Only RSA has a choice of signatures (RFC 8332).
                        let algorithm = Some("RSA".to_owned());
                        let key = KeyDescription { algorithm, ..KeyDescription::default() };
                        self.offer(&key, OfferOutcome::NoMutualSignature, seen.clone());
                    }
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
            Event::ProviderFailed { path, security_key, reason } => {
                self.note(&seen);
                let (path, security_key, reason) = (path.clone(), *security_key, *reason);
                self.provider_failed(ProviderFailure { path, security_key, reason, seen });
            }
            Event::SecurityKeyAsked => {
                self.state.security_key_missing = false;
                self.need(Needs::Touch, seen);
            }
            Event::SecurityKeyMissing => self.state.security_key_missing = true,
            Event::SigningFailed { path, reason, agent, .. } => {
                self.signed_for(path.as_deref(), *agent, &seen);
                self.signing_failed(*reason, seen);
            }
            Event::ConfirmUserPresence => self.need(Needs::Touch, seen),
            Event::PassphrasePrompt { path } => {
                self.prompted(path, seen.clone());
                self.need(Needs::Passphrase, seen);
            }
            Event::PassphraseBad => {
                if let Some(prompt) = self.prompts.last_mut() {
                    prompt.bad = true;
                }
                self.need(Needs::Passphrase, seen);
            }
            Event::CannotAsk { .. } => {
                self.note(&seen);
                // Without -v nothing shows whether it is for the host key, which ends in other words.
                if self.reached >= Stage::Authenticating || !self.state.verbose {
                    self.cannot_ask.get_or_insert_with(|| seen.clone());
                    self.need(Needs::Passphrase, seen);
                }
            }
            _ => {}
        }
    }

    pub(in crate::ssh::log::attempt) fn identity_missing(
        &mut self,
        path: &str,
        explicit: bool,
        warned: bool,
        seen: Seen,
    ) {
        if let Some(file) = self.identity_files.iter_mut().find(|file| file.path == path) {
            (file.missing, file.passed_over) = (explicit, warned);
        } else {
            push(
                &mut self.identity_files,
                MAX_KEYS,
                IdentityFile { path: path.to_owned(), loaded: false, missing: explicit, passed_over: warned },
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

    pub(in crate::ssh::log::attempt) fn offer(
        &mut self,
        key: &KeyDescription,
        outcome: OfferOutcome,
        seen: Seen,
    ) -> Option<usize> {
        if self.offers.len() >= MAX_KEYS {
            return None;
        }
        let KeyDescription { path, algorithm, fingerprint, explicit, agent, token } = key.clone();
        let offer = Offer { path, algorithm, fingerprint, agent, explicit, token, outcome, seen, ..Offer::default() };
        self.offers.push(offer);
        Some(self.offers.len() - 1)
    }

    pub(in crate::ssh::log::attempt) fn answer(
        &mut self,
        index: Option<usize>,
        outcome: OfferOutcome,
        seen: Option<Seen>,
    ) {
        if let Some(offer) = index.and_then(|index| self.offers.get_mut(index)) {
            offer.accepted |= matches!(outcome, OfferOutcome::Accepted);
            offer.outcome = outcome;
            offer.seen = seen.unwrap_or_else(|| offer.seen.clone());
        }
    }

    pub(in crate::ssh::log::attempt) fn accepted(&mut self, key: &KeyDescription, seen: Seen) {
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

    pub(in crate::ssh::log::attempt) fn load_failed(&mut self, path: &str, reason: LoadReason, seen: Seen) {
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
    pub(in crate::ssh::log::attempt) fn load_failure(&mut self, failure: LoadFailure) {
        match self.load_failures.iter_mut().find(|known| known.path == failure.path) {
            Some(known) => known.mode = known.mode.take().or(failure.mode),
            None => push(&mut self.load_failures, MAX_KEYS, failure),
        }
    }

    /// What follows the first line about a library says less, or says why: one entry, with the line that came first.
    fn provider_failed(&mut self, failure: ProviderFailure) {
        match self.provider_failures.last_mut().filter(|last| goes_on(last, &failure)) {
            Some(last) => {
                last.reason = last.reason.max(failure.reason);
                last.security_key |= failure.security_key;
                last.path = last.path.take().or(failure.path);
            }
            None => push(&mut self.provider_failures, MAX_KEYS, failure),
        }
    }

    /// A log without `-v` shows no offers and no acceptance, and one that is not whole may lack them. A signature is made
    /// for a key that the server has accepted.
    fn signed_for(&mut self, path: Option<&str>, agent: bool, seen: &Seen) {
        let path = path.unwrap_or_default();
        let is_it = |offer: &Offer| !path.is_empty() && offer.path == path;
        let index = match self.state.asking {
            Asking::Offered(index) => index,
            Asking::Nothing if !self.offers.iter().any(is_it) => {
                let key = KeyDescription { path: path.to_owned(), agent, ..KeyDescription::default() };
                self.offer(&key, OfferOutcome::NotAnswered, seen.clone())
            }
            _ => return,
        };
        self.answer(index, OfferOutcome::Accepted, None);
        self.state.asking = Asking::Accepted(index);
    }

    pub(in crate::ssh::log::attempt) fn signing_failed(&mut self, reason: SignReason, seen: Seen) {
        let missing = std::mem::take(&mut self.state.security_key_missing);
        let waited = self.needs == Some(Needs::Touch);
        if let Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
            self.answer(index, OfferOutcome::SigningFailed, Some(seen.clone()));
            if let Some(offer) = index.and_then(|index| self.offers.get_mut(index)) {
                let asked_in_vain = self.provider_failures.last().is_some_and(|last| last.security_key);
                let vague = matches!(reason, SignReason::Other | SignReason::Unsupported);
                // Before 8.4 every failure of a security key was `invalid format`; a touch that never came still is.
                let reason = match reason {
                    _ if asked_in_vain && !offer.agent => SignReason::Provider,
                    _ if vague && missing => SignReason::DeviceNotFound,
                    _ if vague && waited => SignReason::NotTouched,
                    reason => reason,
                };
                // The first reason is the precise one: `contents do not match`, then `signing failed: error in libcrypto`.
                offer.sign_reason.get_or_insert(reason);
            }
            if reason == SignReason::ContentsMismatch {
                self.state.asking = Asking::Accepted(index);
            }
        }
        self.waiting = None;
        match reason {
            SignReason::DeviceNotFound => (self.needs, self.needs_seen) = (None, None),
            _ => self.note(&seen),
        }
    }

    fn prompted(&mut self, path: &str, seen: Seen) {
        match self.prompts.iter_mut().find(|prompt| prompt.path == path) {
            Some(prompt) => (prompt.times, prompt.seen) = (prompt.times + 1, seen),
            None => push(
                &mut self.prompts,
                MAX_KEYS,
                Prompted { path: path.to_owned(), times: 1, seen, ..Prompted::default() },
            ),
        }
    }

    pub(in crate::ssh::log::attempt) fn need(&mut self, needs: Needs, seen: Seen) {
        (self.needs, self.needs_seen) = (Some(needs), Some(seen));
        self.waiting = Some(Waiting::Person);
    }

    /// The client has turned to something else. An accepted key file that it passed over in silence wanted a passphrase:
    /// that is what BatchMode does (sshconnect2.c `load_identity_file`).
    pub(in crate::ssh::log::attempt) fn settle(&mut self) {
        if let Asking::Accepted(index) = std::mem::take(&mut self.state.asking) {
            let silent = index
                .and_then(|index| self.offers.get(index))
                .filter(|offer| !offer.agent && offer.outcome == OfferOutcome::Accepted);
            if let Some(seen) = silent.map(|offer| offer.seen.clone())
                && self.needs.is_none()
                && self.outcome != Outcome::Authenticated
            {
                (self.needs, self.needs_seen) = (Some(Needs::Passphrase), Some(seen));
            }
        }
    }
}

/// The name under which an offer shows an RSA key of this algorithm. Only RSA has a choice of signatures (RFC 8332).
fn rsa_in_offers(algorithm: &str) -> Option<&'static str> {
    match algorithm {
        "ssh-rsa" => Some("RSA"),
        "ssh-rsa-cert-v01@openssh.com" => Some("RSA-CERT"),
        _ => None,
    }
}

/// Whether two lines in a row are about the same library.
fn goes_on(last: &ProviderFailure, next: &ProviderFailure) -> bool {
    match (&last.path, &next.path) {
        (Some(last), Some(next)) => last == next,
        _ => true,
    }
}
