//! Hosts, users and ports: which words may be handed to ssh as such.

use std::net::{IpAddr, Ipv6Addr};

use super::TargetError;

/// Where the login goes, as one word says it.
#[derive(Debug, Default)]
pub(super) struct Destination {
    pub(super) host: String,
    pub(super) user: Option<String>,
    pub(super) port: Option<u16>,
    /// The port was written behind a colon, where ssh does not look for one.
    pub(super) colon_port: bool,
}

/// Reads `host`, `user@host`, `host:port`, `[::1]`, or `ssh://user@host:port`.
pub(super) fn destination(word: &str) -> Result<Destination, TargetError> {
    placeholder(word)?;
    let uri = word.strip_prefix("ssh://");
    let body = match uri {
        Some(rest) => rest.trim_end_matches('/'),
        None if word.contains("://") => return Err(TargetError::WebAddress(word.into())),
        None => word,
    };
    let (user, place) = match body.rsplit_once('@') {
        Some((user, place)) if uri.is_some() => (Some(user_name(&percent_decoded(user))?), place),
        Some((user, place)) => (Some(user_name(user)?), place),
        None => (None, body),
    };
    let (host, port) = host_and_port(place)?;
    let host = host_name(host)?;
    Ok(Destination { host, user, port, colon_port: port.is_some() && uri.is_none() })
}

fn host_and_port(place: &str) -> Result<(&str, Option<u16>), TargetError> {
    if let Some(inner) = place.strip_prefix('[') {
        return match inner.split_once(']') {
            Some((host, "")) => Ok((host, None)),
            Some((host, rest)) => match rest.strip_prefix(':') {
                Some(text) => Ok((host, Some(port(text)?))),
                None => Err(bad_host(place, "something stands behind its closing bracket")),
            },
            None => Err(bad_host(place, "its closing bracket is missing")),
        };
    }
    match place.split_once(':') {
        Some((host, text)) if !text.contains(':') && text.starts_with(|c: char| c.is_ascii_digit()) => {
            Ok((host, Some(port(text)?)))
        }
        _ => Ok((place, None)),
    }
}

/// `%5C` as ssh reads it in a URI (RFC 3986 section 2.1); what is no such thing stays.
fn percent_decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let decoded = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(decoded.unwrap_or(*first));
        rest = if decoded.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// A port from 1 to 65535, or the name of a service that ssh looks up (services(5)).
pub(super) fn port(text: &str) -> Result<u16, TargetError> {
    placeholder(text)?;
    if let Some((_, port)) = [("ssh", 22), ("https", 443), ("http", 80)].iter().find(|(name, _)| *name == text) {
        return Ok(*port);
    }
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic()) {
        return Err(TargetError::Placeholder(text.into()));
    }
    let number = |digits: &str| digits.parse::<u16>().ok().filter(|port| *port != 0);
    // `+22` parses as a number and is none.
    match number(text).filter(|_| text.starts_with(|c: char| c.is_ascii_digit())) {
        Some(port) => Ok(port),
        None => {
            let digits = text.trim_matches(|c: char| !c.is_ascii_digit());
            let meant = (digits != text).then(|| number(digits)).flatten();
            Err(TargetError::BadPort { text: short(text), meant })
        }
    }
}

/// A port with what a sentence puts around it: `64535,`.
pub(super) fn port_in_a_sentence(text: &str) -> Option<String> {
    let digits = text.trim_matches(|c: char| ",.;:!?'\"`)(".contains(c));
    (digits != text && digits.parse::<u16>().is_ok_and(|port| port != 0)).then(|| digits.to_owned())
}

/// A host that can be nothing but a host: an address, a name, or a Host of the configuration, which may hold a few signs
/// more; none that a shell expands, since ssh puts the name into ProxyCommand.
pub(super) fn host_name(text: &str) -> Result<String, TargetError> {
    if text.is_empty() {
        return Err(TargetError::NoHost);
    }
    if text.starts_with('-') {
        return Err(bad_host(text, "it begins with a hyphen, so ssh would take it for an option"));
    }
    if ipv6(text) {
        return Ok(text.into());
    }
    if ["IP", "HOST", "HOSTNAME", "ADDRESS", "IP_ADDRESS", "IP-ADDRESS", "IPADDRESS", "YOUR_IP"].contains(&text)
        || (text.contains('.') && text.chars().all(|c| "xX.".contains(c)))
    {
        return Err(TargetError::Placeholder(text.into()));
    }
    if text.len() > 253 {
        return Err(bad_host(text, "it is longer than a name can be"));
    }
    if !text.chars().all(|c| c.is_alphanumeric() || "._-+~,=^".contains(c)) {
        return Err(bad_host(text, "a host has letters, digits, dots, hyphens and underscores only"));
    }
    if text.starts_with('.') {
        return Err(bad_host(text, "it begins with a dot"));
    }
    Ok(text.into())
}

/// A user as ssh takes one: blanks, quotes, `DOMAIN\\user` and `user@realm` included.
pub(super) fn user_name(text: &str) -> Result<String, TargetError> {
    placeholder(text)?;
    let bad = |why| TargetError::BadUser { text: short(text), why };
    if text.is_empty() {
        return Err(bad("nothing stands before the @"));
    }
    if text.starts_with('-') {
        return Err(bad("it begins with a hyphen, so ssh would take it for an option"));
    }
    if text.len() > 255 {
        return Err(bad("it is longer than a name can be"));
    }
    // What ssh itself refuses since 9.6 (ssh.c, valid_ruser), and what an older one would hand to the shell of a ProxyCommand.
    if text.chars().any(|c| c.is_control() || "`;&<>|(){}".contains(c)) {
        return Err(bad("ssh takes no control characters and none of ` ; & < > | ( ) { } in a user"));
    }
    if text.contains(" -") || text.ends_with('\\') {
        return Err(bad("ssh takes no hyphen after a blank and no backslash at the end of a user"));
    }
    Ok(text.into())
}

/// Whether it is an address, with or without a zone.
pub(super) fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok() || ipv6(host)
}

/// Whether the user is a session of CircleCI's proxy: `<uuid>-<execution>`.
pub(super) fn is_session(user: &str) -> bool {
    let Some((uuid, execution)) = user.rsplit_once('-') else { return false };
    !execution.is_empty() && execution.bytes().all(|b| b.is_ascii_digit()) && is_uuid(uuid)
}

/// Whether it is a UUID in its usual form.
pub(super) fn is_uuid(text: &str) -> bool {
    let groups: Vec<&str> = text.split('-').collect();
    groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// Whether it is the name of a proxy, whichever the installation: `ssh.circleci.com`, `ssh.circleci.example.org`.
pub(super) fn is_proxy(host: &str) -> bool {
    let host = host.to_ascii_lowercase();
    host.strip_prefix("ssh.").is_some_and(|rest| rest.split('.').any(|label| label.contains("circleci")))
}

/// Refuses words that stand for a value: `<port>`, `{host}`, `$PORT`, `[ip]`.
pub(super) fn placeholder(word: &str) -> Result<(), TargetError> {
    let bracketed = [('<', '>'), ('{', '}')].iter().any(|(open, close)| {
        word.find(*open).is_some_and(|start| word[start..].find(*close).is_some_and(|length| length > 1))
    });
    let square = word.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let square = square.is_some_and(|inner| !ipv6(inner) && inner.starts_with(|c: char| c.is_ascii_alphabetic()));
    let variable =
        word.split_once('$').is_some_and(|(_, rest)| rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'));
    if bracketed || square || variable { Err(TargetError::Placeholder(short(word))) } else { Ok(()) }
}

fn ipv6(text: &str) -> bool {
    match text.split_once('%') {
        Some((address, zone)) => {
            address.parse::<Ipv6Addr>().is_ok()
                && !zone.is_empty()
                && zone.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
        }
        None => text.parse::<Ipv6Addr>().is_ok(),
    }
}

fn bad_host(text: &str, why: &'static str) -> TargetError {
    TargetError::BadHost { text: short(text), why }
}

/// Enough of a word to recognise it by.
fn short(text: &str) -> String {
    let mut short: String = text.chars().filter(|c| !c.is_control()).take(80).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

/// Refuses `<path>` in a path, where braces and variables are legitimate.
pub(super) fn placeholder_in_angles(path: &str) -> Result<(), TargetError> {
    if path.starts_with('<') && path.ends_with('>') { Err(TargetError::Placeholder(short(path))) } else { Ok(()) }
}
