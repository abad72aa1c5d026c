//! The host key: sshconnect.c `check_host_key`, `verify_host_key`.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, cap, cut, has, name};

const STRICT: &str = " and you have requested strict checking";

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(rest) =
        body.strip_prefix("Server host key: ").or_else(|| body.strip_prefix("Server host certificate: "))
    {
        let (algorithm, fingerprint) = rest.split_once(' ').unwrap_or((rest, ""));
        let fingerprint = fingerprint.split([' ', ',']).next().unwrap_or_default();
        return Some(Event::ServerHostKey { algorithm: name(algorithm), fingerprint: name(fingerprint) });
    }
    if let Some((host, _)) = body.strip_prefix("Host '").and_then(|rest| cut(rest, "' is known and matches the ")) {
        return Some(Event::HostKnown { host: name(host) });
    }
    let place = ["Found key in ", "Found CA key in ", "Found certificate in "]
        .iter()
        .find_map(|start| body.strip_prefix(start));
    let (file, line) = file_line(place?)?;
    Some(Event::HostKeyFound { file, line })
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body().trim_matches(['@', ' ']);
    let text = || cap(body, MAX_LINE);
    if line.has("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        return Some(Event::HostKeyChanged);
    }
    if line.has("REVOKED HOST KEY DETECTED") {
        return Some(Event::HostKeyRevoked);
    }
    if let Some(sentence) = line.find(STRICT).and_then(|at| body.get(..at)) {
        return strict(sentence);
    }
    if let Some(rest) = body.strip_prefix("Offending ") {
        let (file, line) = file_line(cut(rest, " in ")?.1)?;
        return Some(Event::HostKeyOffending { file, line });
    }
    if body.starts_with("Host key verification failed") {
        return Some(Event::HostVerificationFailed);
    }
    if let Some(rest) = body.strip_prefix("The authenticity of host '") {
        let host = rest.split([' ', '\'']).next().unwrap_or_default();
        return Some(Event::HostKeyPrompt { host: name(host) });
    }
    if let Some(host) = line.between("Permanently added '", "'") {
        // `Permanently added the RSA host key for IP address '…'` is about the address and has no quote there.
        return Some(Event::HostKeyAdded { host: name(host) });
    }
    if body.starts_with("Failed to add the host to the list of known hosts")
        || (body.starts_with("Could not create directory '") && has(body, ".ssh"))
    {
        return Some(Event::KnownHostsUnwritable { text: text() });
    }
    // `Certificate lacks principal list`: to 10.0 a certificate without names is for every host, to 10.6 for none.
    let invalid = ["Bad server host key: ", "Certificate invalid: ", "Certificate lacks ", "Host certificate "]
        .iter()
        .any(|start| body.starts_with(start));
    invalid.then(|| Event::HostKeyInvalid { text: text() })
}

/// `[TYPE ]host key for H has changed` (with the type to 8.4), `No TYPE host key is known for H`,
/// `TYPE host key for H was revoked`.
fn strict(sentence: &str) -> Option<Event> {
    if let Some((_, host)) = cut(sentence, "host key is known for ") {
        return Some(Event::HostKeyUnknownStrict { host: name(host) });
    }
    let (_, rest) = cut(sentence, "ost key for ")?;
    if let Some(host) = rest.strip_suffix(" has changed") {
        return Some(Event::HostKeyChangedStrict { host: name(host) });
    }
    has(rest, "revoked").then_some(Event::HostKeyRevoked)
}

/// `FILE:LINE`; the file may hold colons (`C:/…`), the number ends the text.
fn file_line(place: &str) -> Option<(String, u64)> {
    let (file, line) = place.trim_end().rsplit_once(':')?;
    Some((name(file), line.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn known_and_new() {
        assert_eq!(
            of("debug1: Server host key: ssh-rsa SHA256:abc"),
            Event::ServerHostKey { algorithm: "ssh-rsa".to_owned(), fingerprint: "SHA256:abc".to_owned() }
        );
        assert_eq!(
            of("debug1: Host '[203.0.113.7]:64535' is known and matches the RSA host key."),
            Event::HostKnown { host: "[203.0.113.7]:64535".to_owned() }
        );
        assert_eq!(
            of("debug1: Found key in C:\\\\Users\\\\u/.ssh/known_hosts:12"),
            Event::HostKeyFound { file: "C:\\Users\\u/.ssh/known_hosts".to_owned(), line: 12 }
        );
        assert_eq!(
            of("Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts."),
            Event::HostKeyAdded { host: "[203.0.113.7]:64535".to_owned() }
        );
        assert_eq!(
            of("The authenticity of host '[203.0.113.7]:64535 ([203.0.113.7]:64535)' can't be established."),
            Event::HostKeyPrompt { host: "[203.0.113.7]:64535".to_owned() }
        );
    }

    #[test]
    fn changed_in_both_wordings() {
        assert_eq!(of("@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @"), Event::HostKeyChanged);
        assert_eq!(
            of("Offending ED25519 key in /home/u/.ssh/known_hosts:3"),
            Event::HostKeyOffending { file: "/home/u/.ssh/known_hosts".to_owned(), line: 3 }
        );
        for start in ["RSA host key", "Host key"] {
            let text = format!("{start} for [203.0.113.7]:64535 has changed and you have requested strict checking.");
            assert_eq!(of(&text), Event::HostKeyChangedStrict { host: "[203.0.113.7]:64535".to_owned() }, "{text}");
        }
        assert_eq!(of("Host key verification failed."), Event::HostVerificationFailed);
    }

    #[test]
    fn unknown_revoked_invalid() {
        assert_eq!(
            of("No RSA host key is known for [203.0.113.7]:64535 and you have requested strict checking."),
            Event::HostKeyUnknownStrict { host: "[203.0.113.7]:64535".to_owned() }
        );
        assert_eq!(
            of("ED25519 host key for [203.0.113.7]:64535 was revoked and you have requested strict checking."),
            Event::HostKeyRevoked
        );
        assert_eq!(of("@       WARNING: REVOKED HOST KEY DETECTED!               @"), Event::HostKeyRevoked);
        assert!(matches!(of("Bad server host key: Invalid key length"), Event::HostKeyInvalid { .. }));
    }
}
