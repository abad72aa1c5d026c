//! Whether the question is asked, what about, and our agent's memory of it.

use std::{
    io,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use super::Candidate;
use crate::{
    ssh::{
        agent::{self, Request},
        agent_bind,
    },
    system::{Service, Stream},
};

/// Bytes of one agent message that are read; OpenSSH's own limit.
const MESSAGE_CAP: u32 = 256 * 1024;

/// Whether the question is asked, and which keys it is about: decided while the connection is being made.
#[derive(Default)]
pub struct Gate {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    decision: Option<Decision>,
    /// Of the second connection, as its log tells.
    host_key: Option<String>,
    asked_to_sign: Vec<Vec<u8>>,
    listed: bool,
}

#[derive(Clone)]
struct Decision {
    candidates: Vec<Candidate>,
    /// Of the attempt's server: another one is shown nothing.
    host_key: Option<String>,
}

impl Gate {
    /// Asks about these keys, in this order, a server with this host key (`SHA256:…`), where it is known.
    pub fn open(&self, candidates: Vec<Candidate>, host_key: Option<String>) {
        self.lock().decision = Some(Decision { candidates, host_key });
        self.changed.notify_all();
    }

    /// Asks nothing.
    pub fn shut(&self) {
        self.open(Vec::new(), None);
    }

    pub(super) fn is_shut(&self) -> bool {
        let state = self.lock();
        state.decision.as_ref().is_some_and(|decision| decision.candidates.is_empty())
    }

    /// The second connection's host key, by its log.
    pub(super) fn meets(&self, host_key: &str) {
        let mut state = self.lock();
        if state.host_key.is_none() {
            state.host_key = Some(host_key.to_owned());
            self.changed.notify_all();
        }
    }

    /// The second connection met another server than the attempt.
    pub(super) fn meets_another(&self) -> bool {
        let state = self.lock();
        let expected = state.decision.as_ref().and_then(|decision| decision.host_key.as_ref());
        expected.zip(state.host_key.as_ref()).is_some_and(|(expected, seen)| expected != seen)
    }

    /// The keys that were decided on, whether or not they were shown.
    pub(super) fn candidates(&self) -> Vec<Candidate> {
        self.lock().decision.as_ref().map(|decision| decision.candidates.clone()).unwrap_or_default()
    }

    /// ssh has the list of keys.
    pub(super) fn was_listed(&self) -> bool {
        self.lock().listed
    }

    /// ssh asked for a signature, so the server accepted the key.
    pub(super) fn was_asked_to_sign(&self, blob: &[u8]) -> bool {
        self.lock().asked_to_sign.iter().any(|asked| asked == blob)
    }

    /// The candidates, once they are decided; none after `limit`.
    pub(super) fn decided(&self, limit: Duration) -> Vec<Candidate> {
        self.wait(limit, |state| Some(state.decision.as_ref()?.candidates.clone()))
    }

    /// Whether a program that is at work on this host is not the ssh that our list is for. A newer ssh names its agent to
    /// what it starts (ssh.c `main`), so a jump host's client comes here too.
    fn is_for_another(&self, host_key: &str) -> bool {
        let state = self.lock();
        let expected = state.decision.as_ref().and_then(|decision| decision.host_key.as_ref());
        expected.is_some_and(|expected| expected != host_key)
    }

    /// The candidates, once they are decided and the server is known to be the attempt's.
    fn agreed(&self, limit: Duration) -> Vec<Candidate> {
        self.wait(limit, |state| {
            let decision = state.decision.as_ref()?;
            match (&decision.host_key, &state.host_key) {
                _ if decision.candidates.is_empty() => Some(Vec::new()),
                (Some(expected), seen) if seen.as_ref()? != expected => Some(Vec::new()),
                _ => Some(decision.candidates.clone()),
            }
        })
    }

    fn wait(&self, limit: Duration, settled: impl Fn(&State) -> Option<Vec<Candidate>>) -> Vec<Candidate> {
        let until = Instant::now() + limit;
        let mut state = self.lock();
        loop {
            if let Some(candidates) = settled(&state) {
                return candidates;
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Vec::new();
            }
            (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The agent that signs nothing.
pub(super) struct ProbeAgent {
    pub(super) gate: Arc<Gate>,
    pub(super) limit: Duration,
    /// What a candidate is called in ssh's log.
    pub(super) name: fn(&std::path::Path, usize) -> std::path::PathBuf,
    /// Our own folder, which nobody else can guess.
    pub(super) folder: std::path::PathBuf,
}

impl ProbeAgent {
    fn list(&self, candidates: Vec<Candidate>) -> Vec<u8> {
        let named = |(index, key): (usize, Candidate)| agent::Identity {
            blob: key.blob,
            comment: (self.name)(&self.folder, index).display().to_string(),
        };
        agent::identities_answer(&candidates.into_iter().enumerate().map(named).collect::<Vec<_>>())
    }
}

impl Service for ProbeAgent {
    fn client(&self, stream: &mut dyn Stream) -> io::Result<()> {
        stream.set_timeout(self.limit)?;
        let mut bound_to = None;
        loop {
            let mut length = [0; 4];
            stream.read_exact(&mut length)?;
            if u32::from_be_bytes(length) > MESSAGE_CAP {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let mut message = vec![0; u32::from_be_bytes(length) as usize];
            stream.read_exact(&mut message)?;
            if let Some(host_key) = agent_bind::host_key(&message) {
                bound_to = Some(host_key);
            }
            let answer = match agent::parse_request(&message) {
                Ok(Request::Identities) if bound_to.as_deref().is_some_and(|host| self.gate.is_for_another(host)) => {
                    agent::identities_answer(&[])
                }
                Ok(Request::Identities) => {
                    let candidates = self.gate.agreed(self.limit);
                    if candidates.is_empty() {
                        // No answer: ssh is ended before it says a word to the server about authentication.
                        return stream.read_exact(&mut length);
                    }
                    self.gate.lock().listed = true;
                    self.list(candidates)
                }
                Ok(Request::Sign { blob, data, .. }) => {
                    // For a certificate ssh asks with the plain key, where that is listed too.
                    let offered = agent::authenticated_key(&data).map_or(blob, <[u8]>::to_vec);
                    self.gate.lock().asked_to_sign.push(offered);
                    agent::failure()
                }
                _ => agent::failure(),
            };
            stream.write_all(&answer)?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate(expected: Option<&str>, seen: Option<&str>) -> (usize, bool) {
        let gate = Gate::default();
        if let Some(seen) = seen {
            gate.meets(seen);
        }
        let key = Candidate { id: "SHA256:k".into(), blob: b"k".to_vec() };
        gate.open(vec![key], expected.map(str::to_owned));
        (gate.agreed(Duration::from_millis(10)).len(), gate.meets_another())
    }

    #[test]
    fn the_keys_are_for_the_attempts_server_alone() {
        assert_eq!(gate(Some("SHA256:a"), Some("SHA256:a")), (1, false));
        assert_eq!(gate(Some("SHA256:a"), Some("SHA256:b")), (0, true));
        assert_eq!(gate(Some("SHA256:a"), None), (0, false), "not before the second server is known");
        assert_eq!(gate(None, Some("SHA256:b")), (1, false));
    }

    #[test]
    fn a_jump_hosts_client_is_shown_nothing() {
        let gate = Gate::default();
        assert!(!gate.is_for_another("SHA256:b"), "nothing is decided");
        gate.open(Vec::new(), Some("SHA256:a".to_owned()));
        assert!(gate.is_for_another("SHA256:b") && !gate.is_for_another("SHA256:a"));
    }

    #[test]
    fn a_shut_gate_keeps_nobody_waiting() {
        let gate = Gate::default();
        assert!(!gate.is_shut());
        gate.shut();
        assert!(gate.is_shut() && gate.agreed(Duration::from_secs(60)).is_empty());
    }
}
