//! The way to the server as ssh met it: addresses, the connection, the greeting, the server's algorithms, known_hosts.

use std::net::IpAddr;

use crate::{
    facts::{Fact, KnownHost, KnownHosts, Network, Server, ServerOffers, Tcp},
    ssh::log::{Attempt, ConnectReason, HostKeyState, Negotiated, Proposal, ResolveReason, Stage},
};

/// The connection; nothing where it was a proxy's.
pub(super) fn look(attempt: &Attempt) -> Fact<Network> {
    const WHY: &str = "the log does not show a connection";
    if attempt.proxy.is_some() {
        return Fact::unknown("the way leads through a proxy, which made the connection");
    }
    if let Some(resolve) = attempt.resolve.as_ref().filter(|_| attempt.connect.is_none()) {
        return Network {
            host: resolve.host.clone(),
            host_is_address: resolve.host.parse::<IpAddr>().is_ok(),
            addresses: Fact::unknown("the name has none"),
            resolve_failure: Some(resolve_word(resolve.reason).to_owned()),
            tcp: Fact::unknown("no connection was made"),
            ..Network::default()
        }
        .into();
    }
    let Some(connect) = attempt.connect.as_ref().filter(|connect| !connect.host.is_empty()) else {
        return Fact::unknown(WHY);
    };
    let state = match connect.reason {
        Some(reason) => Some(word(reason)),
        None if attempt.reached >= Stage::Connected => Some("open"),
        None => None,
    };
    let tcp = state.map(|state| Tcp {
        state: state.to_owned(),
        address: connect.address.clone().unwrap_or_else(|| connect.host.clone()),
        milliseconds: 0,
        text: connect.text.clone(),
        seen: connect.seen.clone(),
    });
    let addresses = connect.addresses.clone();
    Network {
        host: connect.host.clone(),
        port: connect.port,
        host_is_address: connect.host.parse::<IpAddr>().is_ok(),
        only_ipv6: !addresses.is_empty() && addresses.iter().all(|address| address.contains(':')),
        addresses: if addresses.is_empty() { Fact::unknown("the log does not show them") } else { addresses.into() },
        tcp: tcp.map_or_else(|| Fact::unknown(WHY), Fact::Known),
        ..Network::default()
    }
    .into()
}

fn word(reason: ConnectReason) -> &'static str {
    match reason {
        ConnectReason::Refused => "refused",
        ConnectReason::TimedOut => "timed-out",
        ConnectReason::NoRoute => "no-route",
        ConnectReason::NetworkUnreachable | ConnectReason::Unreachable => "network-unreachable",
        ConnectReason::PermissionDenied => "forbidden",
        ConnectReason::Reset => "reset",
        _ => "other",
    }
}

fn resolve_word(reason: ResolveReason) -> &'static str {
    match reason {
        ResolveReason::UnknownName => "unknown-name",
        ResolveReason::Temporary => "temporary",
        ResolveReason::NoAddress => "no-address",
        _ => "other",
    }
}

/// The server, where it greeted, or where its algorithms are shown.
pub(super) fn server(attempt: &Attempt) -> Fact<Server> {
    let greeted = attempt.server.as_ref().and_then(|server| Some((server, server.software.clone()?)));
    if greeted.is_none() && attempt.server_proposed.is_none() && attempt.no_match.is_none() {
        return Fact::unknown("the log does not show the server's greeting");
    }
    let (server, software) = greeted.unzip();
    let protocol = server.and_then(|server| server.protocol.clone());
    let old = protocol.as_deref().is_some_and(|protocol| protocol.starts_with("1.") && protocol != "1.99");
    Server {
        spoke: if old { "ssh1" } else { "ssh2" }.to_owned(),
        greeting_end: "complete".to_owned(),
        greeting: software
            .as_ref()
            .map(|software| format!("SSH-{}-{software}", protocol.unwrap_or_else(|| "2.0".to_owned()))),
        software,
        offers: offers(attempt),
        seen: server.and_then(|server| server.seen.clone()).unwrap_or_default(),
        ..Server::default()
    }
    .into()
}

/// The server's lists (`-vv`), or the one that ssh prints when nothing fits.
fn offers(attempt: &Attempt) -> Fact<ServerOffers> {
    if attempt.server_proposed.is_none() && attempt.no_match.is_none() {
        return Fact::unknown("the log does not show the server's algorithms; -vv does");
    }
    let Proposal { kex, host_key, ciphers, macs } = attempt.server_proposed.clone().unwrap_or_default();
    let mut offers = ServerOffers { kex, host_key, ciphers, macs, ..ServerOffers::default() };
    if let Some(no_match) = &attempt.no_match {
        let (list, word) = match no_match.what {
            Negotiated::Kex => (&mut offers.kex, "kex"),
            Negotiated::HostKey => (&mut offers.host_key, "host-key"),
            Negotiated::Cipher => (&mut offers.ciphers, "cipher"),
            Negotiated::Mac => (&mut offers.macs, "mac"),
            Negotiated::Compression => return offers.into(),
        };
        if list.is_empty() {
            list.clone_from(&no_match.their_offer);
        }
        offers.no_match.push(word.to_owned());
    }
    offers.into()
}

/// The line of known_hosts that ssh pointed at.
pub(super) fn known_hosts(attempt: &Attempt) -> Fact<KnownHosts> {
    let Some(host_key) = attempt.host_key.as_ref().filter(|key| key.state == HostKeyState::Changed) else {
        return Fact::unknown("a log does not show known_hosts");
    };
    let entry = host_key.file.clone().zip(host_key.line).map(|(file, line)| KnownHost {
        file,
        line: usize::try_from(line).unwrap_or_default(),
        ..KnownHost::default()
    });
    KnownHosts {
        name: host_key.host.clone().unwrap_or_default(),
        files: host_key.file.iter().cloned().collect(),
        entries: entry.into_iter().collect(),
        of_a_log: true,
        ..KnownHosts::default()
    }
    .into()
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;

    #[test]
    fn the_connection_as_ssh_met_it() {
        let of = |log: &str| facts(log).network.known().cloned().expect("there is a connection");
        let refused = of("ssh: connect to host 203.0.113.7 port 64535: Connection refused\n");
        assert_eq!(refused.tcp.known().map(|tcp| tcp.state.as_str()), Some("refused"));
        let six = of("debug1: Connecting to job.example [2001:db8::9] port 64535.\n\
                      debug1: connect to address 2001:db8::9 port 64535: Network is unreachable\n\
                      ssh: connect to host job.example port 64535: Network is unreachable\n");
        assert!(six.only_ipv6 && !six.host_is_address);
        let name = of("ssh: Could not resolve hostname x.example: Name or service not known\n");
        assert_eq!(name.resolve_failure.as_deref(), Some("unknown-name"));
    }

    #[test]
    fn the_servers_lists() {
        let log = "debug1: Remote protocol version 2.0, remote software version Go\n\
                   debug2: peer server KEXINIT proposal\ndebug2: KEX algorithms: curve25519-sha256\n\
                   Unable to negotiate with 203.0.113.7 port 64535: no matching cipher found. Their offer: aes128-cbc\n";
        let server = facts(log).server.known().cloned().expect("it greeted");
        assert_eq!(server.greeting.as_deref(), Some("SSH-2.0-Go"));
        let offers = server.offers.known().cloned().expect("it is shown");
        assert_eq!((offers.kex, offers.ciphers), (vec!["curve25519-sha256".to_owned()], vec!["aes128-cbc".to_owned()]));
        assert_eq!(offers.no_match, ["cipher"]);
    }
}
