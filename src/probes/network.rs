//! The way to the server: its name, a connection, its greeting and its algorithms, all on one connection that ends before
//! anybody logs in. Where the attempt's own connection shows as much, there is no other.
//!
//! Parts: this file resolves and connects, `greeting` talks, `first_hand` hears what the attempt shows.

mod first_hand;
mod greeting;

pub use first_hand::FirstHand;

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::text;
use crate::{
    facts::{Config, Fact, Network, Seen, Server, Target, Tcp},
    system::{Stream, System},
};

/// Addresses that are tried.
const MOST_ADDRESSES: usize = 8;

/// With less time than this, silence would say nothing about the server.
const LEAST: Duration = Duration::from_millis(300);

/// How long the attempt may take to come through the key exchange before this looks for itself.
const PATIENCE: Duration = Duration::from_secs(1);

/// Resolves, connects and listens, for at most `limit` in all. Behind a proxy command or jump host nothing is done: only
/// ssh knows that way. Where `first_hand` shows a key exchange, no connection is made.
pub fn look(
    system: &dyn System,
    target: Option<&Target>,
    config: &Fact<Config>,
    first_hand: &FirstHand,
    limit: Duration,
) -> (Fact<Network>, Fact<Server>) {
    let (host, port) = match destination(target, config) {
        Ok(destination) => destination,
        Err(why) => return (Fact::unknown(&why), Fact::unknown(&why)),
    };
    if limit < LEAST {
        let why = "no time was left for it";
        return (Fact::unknown(why), Fact::unknown(why));
    }
    let deadline = Instant::now() + limit;
    let mut network = Network {
        host_is_address: host.parse::<IpAddr>().is_ok(),
        host,
        port,
        addresses: Fact::unknown("the name was not looked up"),
        ..Network::default()
    };
    let addresses = match resolve(system, &mut network, config, deadline) {
        Ok(addresses) => addresses,
        Err(why) => {
            network.tcp = Fact::unknown(&why);
            return (network.into(), Fact::unknown(why));
        }
    };
    // A fingerprint that was printed is compared with all the keys that the server offers.
    let step = target.is_some_and(|target| target.enable_ssh.is_some());
    if let Some((tcp, server)) =
        Some(first_hand).filter(|_| !step).and_then(|heard| heard.wait(PATIENCE.min(limit / 4)))
    {
        network.tcp = tcp.into();
        return (network.into(), server.into());
    }
    let (tcp, stream) = connect(system, &addresses, port, deadline, &mut network.silent_first);
    let server = match stream {
        Some(stream) => greeting::listen(stream, deadline).into(),
        None => Fact::unknown(format!("no connection could be made: {}", tcp.state)),
    };
    network.tcp = tcp.into();
    (network.into(), server)
}

/// Where ssh would connect to, or why that is not this program's to try.
fn destination(target: Option<&Target>, config: &Fact<Config>) -> Result<(String, u16), String> {
    let target = target.ok_or("there is no target")?;
    // Without a configuration, an address is still an address.
    let plain = || (target.host.parse::<IpAddr>().is_ok()).then(|| (target.host.clone(), target.port.unwrap_or(22)));
    let config = match config {
        Fact::Known(config) => config,
        Fact::Unknown(why) => return plain().ok_or_else(|| why.clone()),
    };
    if config.proxied.is(&true) {
        return Err("the connection goes through a proxy command or a jump host, which only ssh can follow".to_owned());
    }
    match (&config.hostname, &config.port) {
        (Fact::Known(host), Fact::Known(port)) => Ok((host.clone(), *port)),
        (Fact::Unknown(why), _) | (_, Fact::Unknown(why)) => plain().ok_or_else(|| why.clone()),
    }
}

fn resolve(
    system: &dyn System,
    network: &mut Network,
    config: &Fact<Config>,
    deadline: Instant,
) -> Result<Vec<IpAddr>, String> {
    let found = match system.resolve(&network.host, left(deadline)) {
        Ok(found) => found,
        Err(error) => {
            let words = text::clean(error.to_string());
            network.resolve_failure = Some(resolve_failure(&error).to_owned());
            network.addresses = Vec::new().into();
            return Err(format!("the name {} has no address: {words}", text::clean(&network.host)));
        }
    };
    let family = config.known().and_then(|config| config.address_family.as_deref());
    let wanted: Vec<IpAddr> = found
        .into_iter()
        .filter(|address| match family {
            Some("inet") => address.is_ipv4(),
            Some("inet6") => address.is_ipv6(),
            _ => true,
        })
        .take(MOST_ADDRESSES)
        .collect();
    network.addresses = wanted.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    if wanted.is_empty() {
        network.resolve_failure = Some("no-address".to_owned());
        return Err(format!("{} has no address of the wanted family", text::clean(&network.host)));
    }
    Ok(wanted)
}

/// Sorts the resolver's words (getaddrinfo's, in the C locale; glibc, musl, macOS, and Windows' numbers).
fn resolve_failure(error: &io::Error) -> &'static str {
    const WSATRY_AGAIN: i32 = 11002;
    const WSAHOST_NOT_FOUND: i32 = 11001;
    const WSANO_DATA: i32 = 11004;
    if error.kind() == io::ErrorKind::TimedOut {
        return "temporary";
    }
    match error.raw_os_error() {
        Some(WSATRY_AGAIN) => return "temporary",
        Some(WSAHOST_NOT_FOUND) => return "unknown-name",
        Some(WSANO_DATA) => return "no-address",
        _ => {}
    }
    let words = error.to_string().to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| words.contains(mark));
    if has(&["temporary failure", "try again"]) {
        "temporary"
    } else if has(&["no address associated", "no usable address", "address family"]) {
        "no-address"
    } else if has(&["not known", "does not resolve", "no such host", "nodename nor servname"]) {
        "unknown-name"
    } else {
        "other"
    }
}

fn left(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}

/// Tries the addresses in order, each with its share of the time that is left. An IPv6 address that stays silent is
/// put into `silent`.
fn connect(
    system: &dyn System,
    addresses: &[IpAddr],
    port: u16,
    deadline: Instant,
    silent: &mut Option<Tcp>,
) -> (Tcp, Option<Box<dyn Stream>>) {
    let mut last = Tcp::default();
    for (index, address) in addresses.iter().enumerate() {
        let rest = u32::try_from(addresses.len() - index).unwrap_or(1);
        let share = left(deadline) / rest;
        let start = Instant::now();
        let outcome = system.connect(SocketAddr::new(*address, port), share);
        let milliseconds = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
        let (state, text, stream) = match outcome {
            Ok(stream) => ("open", None, Some(stream)),
            Err(error) => (state(&error), Some(text::clean(error.to_string())), None),
        };
        let seen = Seen {
            source: "tcp".to_owned(),
            line: None,
            text: format!("{address} port {port}: {}", text.as_deref().unwrap_or("open")),
        };
        last = Tcp { state: state.to_owned(), address: address.to_string(), milliseconds, text, seen };
        if stream.is_some() {
            *silent = silent.take().filter(|_| address.is_ipv4());
            return (last, stream);
        }
        if address.is_ipv6() && last.state == "timed-out" {
            *silent = Some(last.clone());
        }
    }
    *silent = None;
    (last, None)
}

fn state(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => "refused",
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => "timed-out",
        io::ErrorKind::HostUnreachable => "no-route",
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => "network-unreachable",
        io::ErrorKind::PermissionDenied => "forbidden",
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => "reset",
        _ => "other",
    }
}

#[cfg(test)]
mod tests;
