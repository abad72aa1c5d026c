//! The name, the connection, and what the server says before anybody logs in: its greeting and its algorithms.
//!
//! One connection serves all of it. Our side greets politely and leaves after the server's SSH_MSG_KEXINIT (RFC 4253
//! section 7.1), so nothing is authenticated.

use std::{
    io::{self, ErrorKind, Read, Write},
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::text;
use crate::{
    facts::{Config, Fact, Network, Seen, Server, ServerOffers, Tcp},
    ssh::{
        greeting::{self, Greeting, Notice, Spoke},
        kex::{self, KexInit},
    },
    system::{Stream, System},
};

/// What we call ourselves (RFC 4253 section 4.2).
const OUR_GREETING: &[u8] = b"SSH-2.0-cci_ssh\r\n";
/// Bytes read in all: a greeting and one packet are far shorter.
const CAP: usize = 128 * 1024;
/// Source of evidence from here.
const SOURCE: &str = "connection";

/// Looks; `config` names host and port.
pub fn look(system: &dyn System, config: &Config, limit: Duration) -> (Fact<Network>, Fact<Server>) {
    if config.proxied.is(&true) {
        let why = "the connection goes through a proxy, so the server cannot be reached directly";
        return (Fact::unknown(why), Fact::unknown(why));
    }
    let (Some(host), Some(port)) = (config.hostname.known(), config.port.known()) else {
        let why = "the configuration does not say where the server is";
        return (Fact::unknown(why), Fact::unknown(why));
    };
    let until = Instant::now() + limit;
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    let mut network = Network {
        host: text::clean(host),
        port: *port,
        host_is_address: bare.parse::<IpAddr>().is_ok(),
        ..Network::default()
    };
    let addresses = match addresses(system, bare, config, limit) {
        Ok(addresses) => addresses,
        Err(error) => {
            network.resolve_failure = Some(resolve_failure(&error).into());
            network.addresses = Fact::unknown(format!("the name was not resolved: {error}"));
            network.tcp = Fact::unknown("the name has no address");
            return (network.into(), Fact::unknown("the name has no address"));
        }
    };
    network.addresses = addresses.iter().map(ToString::to_string).collect::<Vec<_>>().into();
    let (tcp, stream) = connect(system, &addresses, *port, until);
    network.tcp = tcp;
    let server = match stream {
        Some(mut stream) => greet(&mut *stream, until).into(),
        None => Fact::unknown("no connection was made"),
    };
    (network.into(), server)
}

/// The addresses ssh would try: of the family that AddressFamily allows.
fn addresses(system: &dyn System, host: &str, config: &Config, limit: Duration) -> io::Result<Vec<IpAddr>> {
    let all = match host.parse() {
        Ok(address) => vec![address],
        Err(_) => system.resolve(host, limit)?,
    };
    let wanted: Vec<IpAddr> = all
        .into_iter()
        .filter(|address| match config.address_family.as_deref() {
            Some("inet") => address.is_ipv4(),
            Some("inet6") => address.is_ipv6(),
            _ => true,
        })
        .collect();
    if wanted.is_empty() {
        return Err(io::Error::new(ErrorKind::AddrNotAvailable, "no address of the family that AddressFamily allows"));
    }
    Ok(wanted)
}

/// What a resolver's failure means. Their words differ (glibc, musl, macOS, Windows); the kinds do not tell them apart.
fn resolve_failure(error: &io::Error) -> &'static str {
    let words = error.to_string().to_ascii_lowercase();
    let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
    if error.kind() == ErrorKind::TimedOut || says(&["temporary failure", "try again", "non-recoverable"]) {
        "temporary"
    } else if says(&["no address"]) {
        "no-address"
    } else if says(&["not known", "does not resolve", "nodename nor servname", "no such host", "not found"]) {
        "unknown-name"
    } else {
        "other"
    }
}

/// Tries each address with its share of the time.
fn connect(
    system: &dyn System,
    addresses: &[IpAddr],
    port: u16,
    until: Instant,
) -> (Fact<Tcp>, Option<Box<dyn Stream>>) {
    let mut last = Fact::unknown("there was no time left to connect");
    for (index, address) in addresses.iter().enumerate() {
        let left = until.saturating_duration_since(Instant::now());
        let share = left / u32::try_from(addresses.len() - index).unwrap_or(1);
        if share.is_zero() {
            break;
        }
        let begun = Instant::now();
        let place = SocketAddr::new(*address, port);
        let outcome = system.connect(place, share);
        let mut tcp = Tcp {
            address: address.to_string(),
            milliseconds: u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
            ..Tcp::default()
        };
        match outcome {
            Ok(stream) => {
                tcp.state = "open".into();
                return (tcp.into(), Some(stream));
            }
            Err(error) => {
                let words = text::clean(error.to_string());
                tcp.state = state(&error).into();
                tcp.seen = Seen { source: SOURCE.into(), line: None, text: format!("{place}: {words}") };
                tcp.text = Some(words);
                last = tcp.into();
            }
        }
    }
    (last, None)
}

fn state(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::ConnectionRefused => "refused",
        ErrorKind::TimedOut | ErrorKind::WouldBlock => "timed-out",
        ErrorKind::HostUnreachable => "no-route",
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => "network-unreachable",
        ErrorKind::PermissionDenied => "forbidden",
        ErrorKind::ConnectionReset => "reset",
        _ => "other",
    }
}

/// Exchanges greetings and reads the server's first packet.
fn greet(stream: &mut dyn Stream, until: Instant) -> Server {
    let mut received = Vec::new();
    let mut greeted = false;
    let (end, offers) = loop {
        if let Some(length) = greeting::end_of_greeting(&received) {
            if !greeted {
                greeted = true;
                // A server that is gone already says so when it is read.
                let _ = stream.write_all(OUR_GREETING);
            }
            match kex::next_packet(&received[length..]) {
                Ok(Some((payload, _))) => break ("complete", offers(payload)),
                Ok(None) => {}
                Err(error) => break ("complete", Fact::unknown(format!("what follows the greeting is no packet: {error}"))),
            }
        }
        let left = until.saturating_duration_since(Instant::now());
        let why = if greeted { "after the greeting" } else { "before the greeting" };
        let finish = |end| if greeted { "complete" } else { end };
        if left.is_zero() || stream.set_timeout(left).is_err() || received.len() > CAP {
            break (finish("silent"), Fact::unknown(format!("the server said nothing more {why}")));
        }
        let mut part = [0; 4096];
        match stream.read(&mut part) {
            Ok(0) => break (finish("closed"), Fact::unknown(format!("the server closed the connection {why}"))),
            Ok(length) => received.extend_from_slice(&part[..length]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock) => {
                break (finish("silent"), Fact::unknown(format!("the server said nothing more {why}")));
            }
            Err(error) => break (finish("reset"), Fact::unknown(format!("the connection broke {why}: {error}"))),
        }
        // What is no SSH server need not be heard to its end.
        if !greeted && matches!(greeting::classify(&received).spoke, Spoke::Tls | Spoke::Binary) {
            break ("complete", Fact::unknown("the other side does not speak SSH"));
        }
    };
    describe(&greeting::classify(&received), end, offers)
}

fn offers(payload: &[u8]) -> Fact<ServerOffers> {
    match KexInit::parse(payload) {
        Err(error) => Fact::unknown(format!("the server's list of algorithms cannot be read: {error}")),
        Ok(kexinit) => ServerOffers {
            kex: kexinit.kex.iter().filter(|name| !kex::is_pseudo_method(name)).map(text::clean).collect(),
            host_key: kexinit.host_key.iter().map(text::clean).collect(),
            ciphers: kexinit.ciphers.to_client.iter().map(text::clean).collect(),
            macs: kexinit.macs.to_client.iter().map(text::clean).collect(),
            no_match: Vec::new(),
        }
        .into(),
    }
}

fn describe(greeting: &Greeting, end: &str, offers: Fact<ServerOffers>) -> Server {
    let first_line = greeting.lines.first().map(text::clean).filter(|line| !line.is_empty());
    let spoken = greeting.protocol.as_ref().map(|protocol| {
        let mut words = format!("SSH-{protocol}-{}", greeting.software.as_deref().unwrap_or_default());
        if let Some(comments) = &greeting.comments {
            words.push_str(&format!(" {comments}"));
        }
        text::clean(words)
    });
    Server {
        spoke: match greeting.spoke {
            Spoke::Ssh2 => "ssh2",
            Spoke::Ssh1 => "ssh1",
            Spoke::Http => "http",
            Spoke::Tls => "tls",
            Spoke::Text => "text",
            Spoke::Binary => "binary",
            Spoke::Nothing => "nothing",
        }
        .into(),
        greeting_end: end.into(),
        software: greeting.software.as_ref().map(text::clean),
        seen: Seen {
            source: SOURCE.into(),
            line: None,
            text: spoken.clone().or_else(|| first_line.clone()).unwrap_or_default(),
        },
        greeting: spoken,
        redirect: greeting.http.as_ref().and_then(|http| http.location.as_ref()).map(text::clean),
        turned_away: greeting.notice.and_then(|notice| match notice {
            Notice::MaxStartups => Some("max-startups".into()),
            Notice::NotAllowedNow => Some("not-allowed".into()),
            Notice::MailOrFtp | Notice::OtherService => None,
        }),
        first_line,
        offers,
    }
}
