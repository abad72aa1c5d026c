//! What the login attempt's own connection shows, which saves a second one.
//!
//! Servers count connections that end before anybody logs in, and some shut an address out for them (sshd_config(5),
//! PerSourcePenalties). So where ssh itself came through the key exchange, nobody knocks again.

use std::{
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    facts::{Attempt, Fact, Seen, Server, Tcp},
    probes::text,
    ssh::log::Stage,
};

/// Shared by the attempt, which tells, and the network probe, which waits to hear whether it is needed.
#[derive(Default)]
pub struct FirstHand {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    connecting: Option<Instant>,
    connected: Option<Duration>,
    agreed: Option<(Tcp, Server)>,
    ended: bool,
}

impl FirstHand {
    /// Told after each line of the attempt's log.
    pub fn heard(&self, attempt: &Attempt) {
        if attempt.reached < Stage::Connecting {
            return;
        }
        let mut state = self.lock();
        let since = *state.connecting.get_or_insert_with(Instant::now);
        if attempt.reached >= Stage::Connected && state.connected.is_none() {
            state.connected = Some(since.elapsed());
        }
        if attempt.reached >= Stage::HostKey && state.agreed.is_none() {
            state.agreed = shown(attempt, state.connected.unwrap_or_default());
            self.changed.notify_all();
        }
    }

    /// There is no attempt, or it has ended.
    pub fn end(&self) {
        self.lock().ended = true;
        self.changed.notify_all();
    }

    /// The connection and the greeting, where ssh came through the key exchange within `patience`.
    pub(super) fn wait(&self, patience: Duration) -> Option<(Tcp, Server)> {
        let until = Instant::now() + patience;
        let mut state = self.lock();
        loop {
            if state.agreed.is_some() {
                return state.agreed.clone();
            }
            let left = until.saturating_duration_since(Instant::now());
            if state.ended || left.is_zero() {
                return None;
            }
            (state, _) = self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The facts that the log has, where it has them.
fn shown(attempt: &Attempt, connected: Duration) -> Option<(Tcp, Server)> {
    let server = attempt.server.as_ref()?;
    let (protocol, software) = (server.protocol.as_deref()?, server.software.as_deref()?);
    let connect = attempt.connect.as_ref()?;
    let address = connect.address.as_deref()?;
    let tcp = Tcp {
        state: "open".to_owned(),
        address: text::clean(address),
        milliseconds: u64::try_from(connected.as_millis()).unwrap_or(u64::MAX),
        text: None,
        seen: connect.seen.clone(),
    };
    let greeting = text::clean(format!("SSH-{protocol}-{software}"));
    let server = Server {
        spoke: "ssh2".to_owned(),
        greeting_end: "complete".to_owned(),
        // What follows the blank is a comment (RFC 4253 section 4.2).
        software: software.split(' ').next().map(text::clean),
        seen: server.seen.clone().unwrap_or_else(|| Seen { text: greeting.clone(), ..Seen::default() }),
        greeting: Some(greeting),
        // Client and server agreed, so nobody misses the rest of it.
        offers: Fact::default(),
        ..Server::default()
    };
    Some((tcp, server))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Events;

    const GREETED: &str = "debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n\
        debug1: Connection established.\n\
        debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2p1 Debian-2\n";

    fn after(log: &str) -> FirstHand {
        let first_hand = FirstHand::default();
        let mut attempt = Attempt::new("ssh -v");
        for logged in Events::new(log.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
            first_hand.heard(&attempt);
        }
        first_hand
    }

    #[test]
    fn a_key_exchange_that_worked_needs_no_second_look() {
        let agreed = after(&format!("{GREETED}debug1: Server host key: ssh-ed25519 SHA256:x\n"));
        let (tcp, server) = agreed.wait(Duration::ZERO).expect("ssh came through");
        assert_eq!((tcp.state.as_str(), tcp.address.as_str()), ("open", "203.0.113.7"));
        assert_eq!(server.greeting.as_deref(), Some("SSH-2.0-OpenSSH_9.2p1 Debian-2"));
        assert_eq!(server.software.as_deref(), Some("OpenSSH_9.2p1"));
    }

    #[test]
    fn an_attempt_that_ended_before_leaves_it_open() {
        let closed = after(&format!("{GREETED}Connection closed by 203.0.113.7 port 64535\n"));
        closed.end();
        assert!(closed.wait(Duration::from_secs(60)).is_none());
    }
}
