//! Greeting and key exchange: kex.c, packet.c; before 8.0 the greeting is sshconnect.c's.

use crate::ssh::log::event::{Event, Negotiated};
use crate::ssh::log::line::Line;
use crate::ssh::log::reason::ConnectReason;
use crate::ssh::log::text::{MAX_LINE, cap, cut, has, host_port, list, name};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(text) = body.strip_prefix("Local version string ") {
        return Some(Event::LocalVersion { text: name(text) });
    }
    if let Some(rest) = body.strip_prefix("Remote protocol version ") {
        let (protocol, software) = cut(rest, ", remote software version ").unwrap_or((rest, ""));
        return Some(Event::RemoteVersion { protocol: name(protocol), software: name(software) });
    }
    if is_greeting(line) {
        let text = line.message();
        // `banner line 0: TEXT` since 8.0, the text alone before.
        let text =
            text.strip_prefix("banner line ").and_then(|rest| rest.split_once(':')).map_or(text, |(_, text)| text);
        return Some(Event::PreBannerLine { text: name(text) });
    }
    if let Some(rest) = body.strip_prefix("Authenticating to ") {
        let (place, user) = cut(rest, " as '")?;
        let (host, port) = place.rsplit_once(':')?;
        let user = user.strip_suffix('\'').unwrap_or(user);
        return Some(Event::Authenticating { host: name(host), port: port.parse().ok()?, user: name(user) });
    }
    match body {
        "SSH2_MSG_KEXINIT sent" => return Some(Event::KexInitSent),
        "SSH2_MSG_KEXINIT received" => return Some(Event::KexInitReceived),
        "SSH2_MSG_NEWKEYS received" => return Some(Event::NewKeys),
        "SSH2_MSG_SERVICE_ACCEPT received" => return Some(Event::ServiceAccepted),
        _ => {}
    }
    if body.starts_with("expecting SSH2_MSG_KEX") {
        return Some(Event::KexReplyAwaited);
    }
    if let Some(rest) = body.strip_prefix("kex: ") {
        return chosen(rest);
    }
    let names = line.message().strip_prefix("server-sig-algs=<")?.split_once('>')?.0;
    Some(Event::ServerSigAlgs { algorithms: list(names) })
}

/// Only for a `-vv` log whose `debug1` lines somebody filtered out.
pub(super) fn deeper(line: &Line) -> Option<Event> {
    let body = line.body();
    match body {
        "service_accept: ssh-userauth" => return Some(Event::ServiceAccepted),
        "local client KEXINIT proposal" => return Some(Event::ProposalOf { server: false }),
        "peer server KEXINIT proposal" => return Some(Event::ProposalOf { server: true }),
        _ => {}
    }
    // Of the two directions the one that ssh names when it finds nothing in common.
    let (what, names) = [
        ("KEX algorithms: ", Negotiated::Kex),
        ("host key algorithms: ", Negotiated::HostKey),
        ("ciphers stoc: ", Negotiated::Cipher),
        ("MACs stoc: ", Negotiated::Mac),
    ]
    .into_iter()
    .find_map(|(start, what)| body.strip_prefix(start).map(|names| (what, names)))?;
    Some(Event::Proposal { what, algorithms: list(names) })
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    let text = || cap(body, MAX_LINE);
    if is_greeting(line) {
        return Some(greeting(line.message(), body));
    }
    // Before 8.0 a greeting that could not be sent is told without the function's name (sshconnect.c, `send_client_banner`).
    if ["write: Broken pipe", "write: Connection reset by peer"].contains(&body) {
        return Some(Event::KexExchangeReset { text: text() });
    }
    if line.has("timed out during banner exchange") {
        return Some(Event::BannerTimeout);
    }
    if let Some(rest) = body.strip_prefix("banner exchange: ") {
        // `Connection to H port P: invalid format`, or the system's words for a connection that broke.
        let rest = rest.to_ascii_lowercase();
        return Some(if has(&rest, "timed out") {
            Event::BannerTimeout
        } else if ["broken pipe", "reset", "aborted", "unknown error"].iter().any(|words| rest.contains(words)) {
            Event::KexExchangeReset { text: text() }
        } else {
            Event::BannerInvalid { text: text() }
        });
    }
    if ["Protocol major versions differ", "Remote machine has too old SSH", "Remote machine has too new"]
        .iter()
        .any(|start| body.starts_with(start))
    {
        return Some(Event::ProtocolMismatch { text: text() });
    }
    if body.starts_with("Bad remote protocol version identification") {
        return Some(Event::BannerInvalid { text: text() });
    }
    // What is left of the client's own list is nothing, and versions before 8.0 stop there (kex.c, `kex_names_cat`).
    if body == "ssh_kex2: kex_names_cat" {
        return Some(Event::NoMatch { what: Negotiated::Kex, offer: Vec::new() });
    }
    if let Some((what, offer)) = line.cut("no matching ").and_then(|(_, rest)| cut(rest, " found")) {
        let offer = cut(offer, "Their offer: ").or_else(|| cut(offer, "their offer: ")).map_or("", |(_, offer)| offer);
        return Some(Event::NoMatch { what: negotiated(what)?, offer: list(offer) });
    }
    if [
        "Bad packet length",
        "Corrupted MAC on input",
        "padding error",
        "Corrupted padding",
        "Corrupted check bytes",
        "key_verify failed",
    ]
    .iter()
    .any(|start| body.starts_with(start))
    {
        return Some(Event::ProtocolError { text: text() });
    }
    // `ssh_dispatch_run_fatal: Connection to H port P: message authentication code incorrect`
    let dispatch = line.function().is_some_and(|function| has(function, "dispatch"));
    let (host, port, rest) = host_port(
        line.message()
            .strip_prefix("Connection to ")
            .or_else(|| line.message().strip_prefix("Connection from "))
            .filter(|_| dispatch)?,
    )?;
    // The system's reason means that the connection is lost, ssh's own that what came over it is wrong.
    match ConnectReason::read(rest.strip_prefix(": ")?) {
        ConnectReason::TimedOut => Some(Event::ConnectionTimedOut { host: name(host), port }),
        ConnectReason::Reset | ConnectReason::NoRoute | ConnectReason::NetworkUnreachable => {
            Some(Event::ConnectionReset { host: name(host), port })
        }
        _ if rest.ends_with("Broken pipe") => Some(Event::ConnectionReset { host: name(host), port }),
        _ => Some(Event::ProtocolError { text: text() }),
    }
}

fn is_greeting(line: &Line) -> bool {
    line.function()
        .is_some_and(|function| function.ends_with("exchange_identification") || function.ends_with("exchange_banner"))
}

fn greeting(message: &str, body: &str) -> Event {
    let text = cap(body, MAX_LINE);
    let lower = message.to_ascii_lowercase();
    if has(&lower, "timed out") {
        Event::BannerTimeout
    } else if has(&lower, "invalid characters")
        || has(&lower, "too long")
        || has(&lower, "no ssh")
        || has(&lower, "invalid protocol")
        || has(&lower, "no banner received")
    {
        Event::BannerInvalid { text }
    } else if has(&lower, "closed") {
        Event::KexExchangeClosed
    } else {
        // `read: Connection reset by peer`, `write: Broken pipe`, `Connection aborted` (Windows)
        Event::KexExchangeReset { text }
    }
}

fn chosen(rest: &str) -> Option<Event> {
    let (what, value) = cut(rest, ": ")?;
    let what = match what {
        "algorithm" => Negotiated::Kex,
        "host key algorithm" => Negotiated::HostKey,
        _ if what.ends_with(" cipher") => Negotiated::Cipher,
        _ => return None,
    };
    let algorithm = if what == Negotiated::Cipher { value.split(' ').next()? } else { value };
    Some(Event::KexChosen { what, algorithm: name(algorithm) })
}

/// The words of ssherr.c: `no matching host key type found`, `no matching key exchange method found` (to 7.x
/// `no matching key exchange method`), `no matching cipher`, `no matching MAC`, `no matching comp`.
fn negotiated(what: &str) -> Option<Negotiated> {
    let what = what.to_ascii_lowercase();
    let kinds = [
        ("host key", Negotiated::HostKey),
        ("key exchange", Negotiated::Kex),
        ("kex", Negotiated::Kex),
        ("cipher", Negotiated::Cipher),
        ("mac", Negotiated::Mac),
        ("compression", Negotiated::Compression),
    ];
    kinds.iter().find(|(words, _)| what.starts_with(words)).map(|(_, kind)| *kind)
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn greetings() {
        assert_eq!(
            of("debug1: Remote protocol version 2.0, remote software version Go"),
            Event::RemoteVersion { protocol: "2.0".to_owned(), software: "Go".to_owned() }
        );
        assert_eq!(
            of("debug1: Authenticating to 2001:db8::7:64535 as 'ana'"),
            Event::Authenticating { host: "2001:db8::7".to_owned(), port: 64535, user: "ana".to_owned() }
        );
        for text in [
            "kex_exchange_identification: Connection closed by remote host",
            "ssh_exchange_identification: Connection closed by remote host",
        ] {
            assert_eq!(of(text), Event::KexExchangeClosed, "{text}");
        }
        for text in [
            "kex_exchange_identification: read: Connection reset by peer",
            "ssh_exchange_identification: read: Connection reset by peer",
            "kex_exchange_identification: write: Broken pipe",
            "write: Broken pipe",
            "write: Connection reset by peer",
        ] {
            assert!(matches!(of(text), Event::KexExchangeReset { .. }), "{text}");
        }
        for text in [
            "kex_exchange_identification: banner line contains invalid characters",
            "banner exchange: Connection to 203.0.113.7 port 443: invalid format",
            "ssh_exchange_identification: No banner received",
            "Bad remote protocol version identification: 'SSH-x'",
        ] {
            assert!(matches!(of(text), Event::BannerInvalid { .. }), "{text}");
        }
        assert!(matches!(
            of("banner exchange: Connection to 203.0.113.7 port 443: Unknown error"),
            Event::KexExchangeReset { .. }
        ));
        assert_eq!(of("Connection timed out during banner exchange"), Event::BannerTimeout);
        assert!(matches!(of("Protocol major versions differ: 2 vs. 1"), Event::ProtocolMismatch { .. }));
    }

    #[test]
    fn the_servers_words_are_not_the_clients() {
        let pre = |text: &str| Event::PreBannerLine { text: text.to_owned() };
        assert_eq!(
            of("debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request"),
            pre("HTTP/1.1 400 Bad Request")
        );
        assert_eq!(
            of("debug1: ssh_exchange_identification: HTTP/1.1 400 Bad Request"),
            pre("HTTP/1.1 400 Bad Request")
        );
        assert_eq!(of("debug1: kex_exchange_identification: banner line 2:"), pre(""));
        assert_eq!(
            of("debug1: kex_exchange_identification: banner line 1: x@y: Permission denied (publickey)."),
            pre("x@y: Permission denied (publickey).")
        );
        assert_eq!(
            of("debug1: ssh_exchange_identification: Connection closed by remote host"),
            pre("Connection closed by remote host")
        );
    }

    #[test]
    fn no_match_of_each_kind() {
        let of_kind = |words: &str| {
            of(&format!(
                "Unable to negotiate with 203.0.113.7 port 64535: no matching {words} found. Their offer: a,b@x"
            ))
        };
        for (words, what) in [
            ("key exchange method", Negotiated::Kex),
            ("host key type", Negotiated::HostKey),
            ("cipher", Negotiated::Cipher),
            ("MAC", Negotiated::Mac),
            ("compression method", Negotiated::Compression),
        ] {
            assert_eq!(of_kind(words), Event::NoMatch { what, offer: vec!["a".to_owned(), "b@x".to_owned()] });
        }
        assert_eq!(of("ssh_kex2: kex_names_cat"), Event::NoMatch { what: Negotiated::Kex, offer: vec![] });
        assert_eq!(of("no matching package found"), Event::Other);
    }

    #[test]
    fn key_exchange() {
        assert_eq!(
            of("debug1: kex: host key algorithm: rsa-sha2-512"),
            Event::KexChosen { what: Negotiated::HostKey, algorithm: "rsa-sha2-512".to_owned() }
        );
        assert_eq!(
            of("debug1: kex: server->client cipher: aes256-gcm@openssh.com MAC: <implicit> compression: none"),
            Event::KexChosen { what: Negotiated::Cipher, algorithm: "aes256-gcm@openssh.com".to_owned() }
        );
        for prefix in ["kex_input_ext_info", "kex_ext_info_client_parse"] {
            assert_eq!(
                of(&format!("debug1: {prefix}: server-sig-algs=<ssh-ed25519,rsa-sha2-256>")),
                Event::ServerSigAlgs { algorithms: vec!["ssh-ed25519".to_owned(), "rsa-sha2-256".to_owned()] }
            );
        }
        assert_eq!(of("debug1: expecting SSH2_MSG_KEX_ECDH_REPLY"), Event::KexReplyAwaited);
        assert_eq!(of("debug1: SSH2_MSG_KEXINIT sent"), Event::KexInitSent);
        for text in [
            "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: message authentication code incorrect",
            "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: error in libcrypto",
            "ssh_dispatch_run_fatal: Connection to UNKNOWN port 65535: incorrect signature",
            "Bad packet length 1349676916.",
            "Corrupted MAC on input.",
        ] {
            assert!(matches!(of(text), Event::ProtocolError { .. }), "{text}");
        }
        let lost = |why: &str| of(&format!("ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: {why}"));
        for why in ["Broken pipe", "Connection reset by peer", "No route to host"] {
            assert_eq!(lost(why), Event::ConnectionReset { host: "203.0.113.7".to_owned(), port: 64535 }, "{why}");
        }
        assert!(matches!(lost("Operation timed out"), Event::ConnectionTimedOut { .. }));
    }
}
