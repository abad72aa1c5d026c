//! Names, addresses, proxies and older connections: sshconnect.c, ssh.c, mux.c.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::reason::{ConnectReason, ResolveReason};
use crate::ssh::log::text::{MAX_LINE, cap, cut, has, host_port, name};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(rest) = body.strip_prefix("Connecting to ") {
        return connecting(rest);
    }
    if let Some(rest) = body.strip_prefix("connect to address ") {
        let (address, port, text) = host_port(rest)?;
        let text = text.trim_start_matches(':').trim();
        return Some(Event::AddressFailed {
            address: name(address),
            port,
            reason: ConnectReason::read(text),
            text: cap(text, MAX_LINE),
        });
    }
    if body.starts_with("Connection established") {
        return Some(Event::ConnectionEstablished);
    }
    if let Some(command) =
        body.strip_prefix("Executing proxy command: ").or_else(|| body.strip_prefix("Executing proxy dialer command: "))
    {
        return Some(Event::ProxyCommand { command: name(command) });
    }
    if let Some(command) = body.strip_prefix("Setting implicit ProxyCommand from ProxyJump: ") {
        return Some(Event::ProxyJump { command: name(command) });
    }
    let master = body.strip_prefix("auto-mux: ").unwrap_or(body).strip_prefix("Trying existing master at '");
    if let Some((path, _)) = master.and_then(|rest| rest.split_once('\'')) {
        return Some(Event::ControlMasterTrying { path: name(path) });
    }
    if line.function().is_some_and(|function| function.starts_with("mux_client"))
        && line.message().starts_with("master session id")
    {
        return Some(Event::MuxShared);
    }
    None
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(rest) = line.find("connect to host ").and_then(|at| body.get(at + 16..)) {
        // `ssh: ` stands in front since ever; a terminal may have put a prompt there.
        let (host, port, text) = host_port(rest)?;
        let text = text.trim_start_matches(':').trim();
        return Some(Event::ConnectFailed {
            host: name(host),
            port,
            reason: ConnectReason::read(text),
            text: cap(text, MAX_LINE),
        });
    }
    // Dropbear's client: `Connection to ana@HOST:PORT exited: Connect failed: REASON`.
    if let Some((place, text)) = line.cut("Connection to ").and_then(|(_, rest)| cut(rest, " exited: Connect failed: "))
    {
        let (host, port) = place.rsplit_once(':')?;
        let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
        return Some(Event::ConnectFailed {
            host: name(host),
            port: port.parse().ok()?,
            reason: ConnectReason::read(text),
            text: cap(text.trim(), MAX_LINE),
        });
    }
    if let Some(rest) = line.cut("Could not resolve hostname ").map(|(_, rest)| rest) {
        let (host, text) = cut(rest, ": ").unwrap_or((rest, ""));
        return Some(Event::ResolveFailed {
            host: name(host),
            reason: ResolveReason::read(text),
            text: cap(text.trim(), MAX_LINE),
        });
    }
    // Canonicalisation without fallback names no reason.
    if let Some(host) = line.between("Could not resolve host \"", "\"") {
        return Some(Event::ResolveFailed { host: name(host), reason: ResolveReason::Other, text: String::new() });
    }
    if (body.starts_with("bind ") && has(body, ": ") && ConnectReason::read(body) == ConnectReason::BindFailed)
        || body.starts_with("getifaddrs: ")
    {
        return Some(Event::BindFailed { text: cap(body, MAX_LINE) });
    }
    if body.starts_with("CreateProcessW failed") || body.starts_with("posix_spawn") {
        return Some(Event::ProxyProgramFailed { text: cap(body, MAX_LINE) });
    }
    if line.function().is_some_and(|function| function.starts_with("mux_client")) {
        return Some(Event::MuxFailed { text: cap(body, MAX_LINE) });
    }
    None
}

/// `HOST [ADDRESS] port PORT.`; Apple's ssh leaves the address out unless ConnectTimeout is set.
fn connecting(rest: &str) -> Option<Event> {
    let (head, tail) = rest.rsplit_once(" port ")?;
    let port = tail.trim_end_matches('.').parse().ok()?;
    let (host, address) = match cut(head, " [") {
        Some((host, address)) => (host, Some(name(address.trim_end_matches(']')))),
        None => (head, None),
    };
    Some(Event::Connecting { host: name(host), address, port })
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn connecting_with_and_without_address() {
        let event = |host: &str, address: Option<&str>| Event::Connecting {
            host: host.to_owned(),
            address: address.map(str::to_owned),
            port: 64535,
        };
        assert_eq!(
            of("debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535."),
            event("203.0.113.7", Some("203.0.113.7"))
        );
        assert_eq!(
            of("debug1: Connecting to job.example [2001:db8::9] port 64535."),
            event("job.example", Some("2001:db8::9"))
        );
        assert_eq!(of("debug1: Connecting to 203.0.113.7 port 64535."), event("203.0.113.7", None));
    }

    #[test]
    fn one_address_is_not_the_end() {
        assert_eq!(
            of("debug1: connect to address 2001:db8::9 port 64535: No route to host"),
            Event::AddressFailed {
                address: "2001:db8::9".to_owned(),
                port: 64535,
                reason: ConnectReason::NoRoute,
                text: "No route to host".to_owned()
            }
        );
        assert_eq!(
            of("ssh: connect to host 203.0.113.9 port 64537: Operation timed out"),
            Event::ConnectFailed {
                host: "203.0.113.9".to_owned(),
                port: 64537,
                reason: ConnectReason::TimedOut,
                text: "Operation timed out".to_owned()
            }
        );
    }

    /// Whatever language the system speaks, the sentence around its words is ssh's.
    #[test]
    fn reasons_in_other_languages_are_failures_too() {
        for (text, reason) in [
            ("ssh: connect to host 203.0.113.9 port 64537: Verbindungsaufbau abgelehnt", ConnectReason::Other),
            ("ssh: connect to host 203.0.113.9 port 64537: Connexion refus\\303\\251e", ConnectReason::Other),
            (
                "dbclient: Connection to ana@203.0.113.9:64537 exited: Connect failed: Connection refused",
                ConnectReason::Refused,
            ),
        ] {
            let event = of(text);
            assert!(
                matches!(&event, Event::ConnectFailed { host, port: 64537, reason: found, .. }
                    if host == "203.0.113.9" && *found == reason),
                "{event:?}"
            );
        }
        for (text, reason) in [
            ("Der angegebene Host ist unbekannt. ", ResolveReason::UnknownName),
            ("H\u{f4}te inconnu. ", ResolveReason::UnknownName),
            ("Dies ist normalerweise ein zeitweiliger Fehler", ResolveReason::Temporary),
            ("Quelque chose", ResolveReason::Other),
        ] {
            let event = of(&format!("ssh: Could not resolve hostname job.example: {text}"));
            assert!(matches!(&event, Event::ResolveFailed { reason: found, .. } if *found == reason), "{event:?}");
        }
    }

    #[test]
    fn names() {
        let failed = |host: &str, reason, text: &str| Event::ResolveFailed {
            host: host.to_owned(),
            reason,
            text: text.to_owned(),
        };
        assert_eq!(
            of("ssh: Could not resolve hostname job.example: Name or service not known"),
            failed("job.example", ResolveReason::UnknownName, "Name or service not known")
        );
        assert_eq!(
            of("ssh: Could not resolve hostname 203.0.113.19:64538: Name or service not known"),
            failed("203.0.113.19:64538", ResolveReason::UnknownName, "Name or service not known")
        );
        assert_eq!(
            of("ssh: Could not resolve hostname \\342\\200\\223p: Name or service not known"),
            failed("–p", ResolveReason::UnknownName, "Name or service not known")
        );
        assert_eq!(of("ssh: Could not resolve host \"job-box\""), failed("job-box", ResolveReason::Other, ""));
        assert_eq!(
            of("debug1: ssh: Could not resolve hostname job-box.corp.example.: Name or service not known"),
            Event::Other
        );
    }

    #[test]
    fn proxies_and_masters() {
        assert_eq!(
            of("debug1: Executing proxy command: exec nc 203.0.113.7 64535"),
            Event::ProxyCommand { command: "exec nc 203.0.113.7 64535".to_owned() }
        );
        assert!(matches!(
            of("debug1: Setting implicit ProxyCommand from ProxyJump: ssh -v -W '[%h]:%p' bastion"),
            Event::ProxyJump { .. }
        ));
        for text in [
            "CreateProcessW failed error:2",
            "posix_spawnp: No such file or directory",
            "posix_spawn: No such file or directory",
        ] {
            assert!(matches!(of(text), Event::ProxyProgramFailed { .. }), "{text}");
        }
        assert_eq!(
            of("debug1: auto-mux: Trying existing master at '/home/u/.ssh/cm-x'"),
            Event::ControlMasterTrying { path: "/home/u/.ssh/cm-x".to_owned() }
        );
        assert_eq!(of("debug1: mux_client_request_session: master session id: 2"), Event::MuxShared);
        assert!(matches!(
            of("mux_client_request_session: read from master failed: Broken pipe"),
            Event::MuxFailed { .. }
        ));
        assert!(matches!(of("bind 192.0.2.199: Cannot assign requested address"), Event::BindFailed { .. }));
        assert!(matches!(of("getifaddrs: tun0: no suitable addresses"), Event::BindFailed { .. }));
        assert_eq!(of("bind [127.0.0.1]:5901: Address already in use"), Event::Other);
    }
}
