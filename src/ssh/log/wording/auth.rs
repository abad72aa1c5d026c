//! Authentication and its end: sshconnect2.c, packet.c.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, between, cap, cut, has, host_port, list, name};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(methods) = body.strip_prefix("Authentications that can continue: ") {
        return Some(Event::AuthMethodsContinue { methods: list(methods) });
    }
    if let Some(method) = body.strip_prefix("Next authentication method: ") {
        return Some(Event::NextMethod { method: name(method) });
    }
    if body.starts_with("No more authentication methods to try") {
        return Some(Event::NoMoreMethods);
    }
    let method = body.strip_prefix("Authentication succeeded (").and_then(|rest| rest.split_once(')'));
    method.map(|(method, _)| method).map(|method| Event::Authenticated {
        host: None,
        method: Some(name(method)),
        via_proxy: false,
    })
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(rest) = body.strip_prefix("Authenticated to ") {
        return authenticated(rest);
    }
    if body == "Authentication failed." {
        return Some(Event::BrokenOff);
    }
    if body.starts_with("Authenticated ") && has(body, "with partial success") {
        return Some(Event::PartialSuccess { method: between(body, "\"", "\"").map(name) });
    }
    if let Some(end) = line.find("Permission denied") {
        return denied(&body[..end], &body[end + "Permission denied".len()..]);
    }
    // PuTTY's plink.
    if let Some(methods) = line.between("No supported authentication methods available (server sent: ", ")") {
        return Some(Event::PermissionDenied { user: None, host: None, methods: list(methods) });
    }
    if let Some(rest) = body.strip_prefix("Received disconnect from ") {
        return Some(disconnected(rest, body));
    }
    if let Some(rest) = body.strip_prefix("Disconnecting") {
        return Some(disconnecting(rest, body));
    }
    if let Some((host, port, _)) = line.after_prompt("Connection closed by ").and_then(host_port) {
        return Some(Event::ConnectionClosed { host: name(host), port });
    }
    if let Some((host, port, _)) = line.after_prompt("Connection reset by ").and_then(host_port) {
        return Some(Event::ConnectionReset { host: name(host), port });
    }
    if let Some((host, port, rest)) =
        body.strip_prefix("Connection to ").or_else(|| body.strip_prefix("Connection with ")).and_then(host_port)
    {
        return has(rest, "timed out").then(|| Event::ConnectionTimedOut { host: name(host), port });
    }
    (body.contains('@') && (body.ends_with("'s password:"))).then_some(Event::PasswordPrompt)
}

/// `HOST ([ADDRESS]:PORT) using "METHOD".`, `HOST (via proxy) using …`; without `using` before 8.7.
fn authenticated(rest: &str) -> Option<Event> {
    let (host, place) = cut(rest, " (")?;
    let via_proxy = place.starts_with("via proxy)");
    if !(via_proxy || place.starts_with('[')) {
        return None;
    }
    Some(Event::Authenticated { host: Some(name(host)), method: between(rest, "using \"", "\"").map(name), via_proxy })
}

/// `USER@HOST: Permission denied (METHODS).`; old versions name nobody. A remote program's `x: Permission denied` has
/// no methods.
fn denied(who: &str, rest: &str) -> Option<Event> {
    if rest.starts_with(", please try again") {
        return Some(Event::PasswordRefused);
    }
    let methods = rest.strip_prefix(" (")?.split_once(')')?.0;
    let is_method = |c: char| c.is_ascii_alphanumeric() || matches!(c, ',' | '-' | '_' | '@' | '.');
    if !methods.chars().all(is_method) {
        return None;
    }
    // What a terminal shows before it on the line (a prompt, a spinner) ends with a blank.
    let who = who.trim_end().trim_end_matches(':').rsplit(' ').next().unwrap_or_default();
    let who = who.trim_start_matches(['`', '"', '\'', '(', '*', '>']);
    // `41:ana@203.0.113.7` has its line's number in front; no user name begins like that.
    let who = match who.split_once(':') {
        Some((number, rest)) if rest.contains('@') && number.bytes().all(|b| b.is_ascii_digit()) => rest,
        _ => who,
    };
    let (user, host) = match who.rsplit_once('@') {
        Some((user, host)) => (Some(name(user)), Some(name(host))),
        None => (None, Some(name(who)).filter(|host| !host.is_empty())),
    };
    Some(Event::PermissionDenied { user, host, methods: list(methods) })
}

/// `ADDRESS port PORT:CODE: TEXT`; `ADDRESS: CODE: TEXT` to 7.1.
fn disconnected(rest: &str, body: &str) -> Event {
    let tail = match host_port(rest) {
        Some((_, _, tail)) => tail.trim_start_matches(':'),
        None => cut(rest, ": ").map_or("", |(_, tail)| tail),
    };
    let (code, text) = match tail.trim_start().split_once(": ") {
        Some((code, text)) if code.bytes().all(|b| b.is_ascii_digit()) => (code.parse().ok(), text),
        _ => (None, tail.trim()),
    };
    if is_too_many(body) {
        return Event::TooManyFailures { code, text: cap(text, MAX_LINE) };
    }
    Event::Disconnected { code, text: cap(text, MAX_LINE) }
}

/// `Disconnecting: TEXT`, `Disconnecting ADDRESS port PORT: TEXT`: the client's own decision.
fn disconnecting(rest: &str, body: &str) -> Event {
    let text = cut(rest, ": ").map_or(rest, |(_, text)| text);
    if is_too_many(body) {
        return Event::TooManyFailures { code: None, text: cap(text, MAX_LINE) };
    }
    Event::Disconnected { code: None, text: cap(text, MAX_LINE) }
}

/// Go's servers say it in lower case; others `Too many authentication failures for ana`, `Too many auth attempts`.
fn is_too_many(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    has(&text, "too many auth")
        || has(&text, "too many login attempts")
        || has(&text, "maximum authentication attempts")
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    fn some(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    #[test]
    fn success_in_all_wordings() {
        let event = |host: &str, method: Option<&str>, via_proxy| Event::Authenticated {
            host: some(host),
            method: method.map(str::to_owned),
            via_proxy,
        };
        assert_eq!(
            of("Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\"."),
            event("203.0.113.7", Some("publickey"), false)
        );
        assert_eq!(of("Authenticated to 203.0.113.7 ([203.0.113.7]:64535)."), event("203.0.113.7", None, false));
        assert_eq!(of("Authenticated to job (via proxy) using \"publickey\"."), event("job", Some("publickey"), true));
        assert_eq!(
            of("debug1: Authentication succeeded (publickey)."),
            Event::Authenticated { host: None, method: some("publickey"), via_proxy: false }
        );
        assert_eq!(
            of("Authenticated using \"publickey\" with partial success."),
            Event::PartialSuccess { method: Some("publickey".to_owned()) }
        );
        assert_eq!(of("Authenticated with partial success."), Event::PartialSuccess { method: None });
        assert_eq!(of("Authenticated to everybody"), Event::Other);
        assert_eq!(of("Authentication failed."), Event::BrokenOff);
    }

    #[test]
    fn denial_says_whose_it_is() {
        let event = |user: Option<&str>, host: Option<&str>, methods: &[&str]| Event::PermissionDenied {
            user: user.map(str::to_owned),
            host: host.map(str::to_owned),
            methods: methods.iter().map(|m| (*m).to_owned()).collect(),
        };
        assert_eq!(
            of("ops@bastion: Permission denied (publickey)."),
            event(Some("ops"), Some("bastion"), &["publickey"])
        );
        assert_eq!(
            of("a@b@203.0.113.7: Permission denied (publickey,password)."),
            event(Some("a@b"), Some("203.0.113.7"), &["publickey", "password"])
        );
        assert_eq!(
            of("203.0.113.7: Permission denied (password,keyboard-interactive)."),
            event(None, Some("203.0.113.7"), &["password", "keyboard-interactive"])
        );
        assert_eq!(of("ana@203.0.113.7: Permission denied ()."), event(Some("ana"), Some("203.0.113.7"), &[]));
        assert_eq!(of("Permission denied (publickey)."), event(None, None, &["publickey"]));
        assert_eq!(
            of("FATAL ERROR: No supported authentication methods available (server sent: publickey)"),
            event(None, None, &["publickey"])
        );
        assert_eq!(of("Permission denied, please try again."), Event::PasswordRefused);
        for text in
            ["bash: ./x: Permission denied", "scp: /root: Permission denied", "x: Permission denied (os error 13)"]
        {
            assert_eq!(of(text), Event::Other, "{text}");
        }
    }

    #[test]
    fn ends() {
        for (text, code) in [
            ("Received disconnect from 203.0.113.7 port 64535:2: Too many authentication failures", Some(2)),
            ("Received disconnect from 203.0.113.7 port 64535:2: too many authentication failures", Some(2)),
            ("Received disconnect from 2001:db8::7 port 64535:2: Too many authentication failures for ana", Some(2)),
            ("Received disconnect from 203.0.113.7: 2: Too many authentication failures for ana", Some(2)),
            ("Disconnecting: Too many authentication failures", None),
        ] {
            assert!(matches!(of(text), Event::TooManyFailures { code: c, .. } if c == code), "{text}");
        }
        assert_eq!(
            of("Received disconnect from 203.0.113.7 port 64535:11: Bye Bye"),
            Event::Disconnected { code: Some(11), text: "Bye Bye".to_owned() }
        );
        assert_eq!(
            of("Connection closed by UNKNOWN port 65535"),
            Event::ConnectionClosed { host: "UNKNOWN".to_owned(), port: 65535 }
        );
        assert_eq!(
            of("Connection closed by authenticating user ana 203.0.113.7 port 22"),
            Event::ConnectionClosed { host: "203.0.113.7".to_owned(), port: 22 }
        );
        assert_eq!(
            of("Connection reset by 203.0.113.15 port 64535"),
            Event::ConnectionReset { host: "203.0.113.15".to_owned(), port: 64535 }
        );
        assert_eq!(
            of("Connection to 203.0.113.7 port 64535 timed out"),
            Event::ConnectionTimedOut { host: "203.0.113.7".to_owned(), port: 64535 }
        );
        assert_eq!(of("ana@203.0.113.7's password:"), Event::PasswordPrompt);
    }
}
