//! Proxies, names, addresses, and older connections that are used again.

use super::super::Attempt;
use super::super::types::{Connect, Outcome, Proxy, Resolve, Stage, Waiting};
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;
use crate::ssh::log::reason::ConnectReason;

/// Addresses of one host that are kept.
const MAX_ADDRESSES: usize = 8;

impl Attempt {
    pub(in crate::ssh::log::attempt) fn fold_way(&mut self, logged: &Logged) {
        let seen = self.seen(logged);
        match &logged.event {
            Event::ProxyCommand { command } | Event::ProxyJump { command } => {
                let jump = matches!(logged.event, Event::ProxyJump { .. }) || is_jump(command);
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
                if self.outcome == Outcome::Unknown && self.reached == Stage::NotStarted {
                    self.waiting = Some(Waiting::Master);
                }
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
                let mut addresses = self.connect.take().map(|connect| connect.addresses).unwrap_or_default();
                addresses.extend(address.clone().filter(|_| addresses.len() < MAX_ADDRESSES));
                self.connect = Some(Connect {
                    addresses,
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
}

/// A proxy command that is an ssh of its own, which passes the connection on (ssh(1), -W): a jump host in all but name.
fn is_jump(command: &str) -> bool {
    let mut words = command.split_whitespace().skip_while(|word| *word == "exec");
    let program = words.next().unwrap_or_default().trim_matches(['\'', '"']);
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    matches!(name, "ssh" | "ssh.exe") && words.any(|word| word.starts_with("-W"))
}
