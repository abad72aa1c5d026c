//! `known_hosts` (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT): which lines speak about a host and port, by OpenSSH's rules.
//!
//! Port 22 is looked up as `host`, any other port as `[host]:port`, names are hashed the same way. When nothing is known for
//! `[host]:port`, OpenSSH also looks at `host` alone ("checking without port identifier") and lets the server pass if the key
//! there is the same; lines found so are marked, since a different key there accuses nobody.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac as _};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::pattern;
use super::public_key::{Fingerprint, PublicKey, PublicKeyError};

/// What stands before the host names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Marker {
    /// `@cert-authority`: the key signs the certificates of these hosts.
    CertAuthority,
    /// `@revoked`: the key must never be accepted.
    Revoked,
}

/// The names a line is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hosts {
    /// Patterns as written, without the commas.
    Patterns(Vec<String>),
    /// `|1|salt|hash`: HMAC-SHA1 of one name.
    Hashed {
        /// The key of the HMAC.
        salt: Vec<u8>,
        /// Its result.
        hash: Vec<u8>,
    },
}

impl Hosts {
    /// Whether the line is for this name; a port other than 22 is part of it: `[host]:port`.
    pub fn matches(&self, name: &str) -> bool {
        match self {
            Self::Patterns(patterns) => pattern::list_matches(name, patterns.iter().map(String::as_str)),
            Self::Hashed { salt, hash } => Hmac::<sha1::Sha1>::new_from_slice(salt)
                .is_ok_and(|hmac| hmac.chain_update(name.to_ascii_lowercase()).verify_slice(hash).is_ok()),
        }
    }
}

impl Hosts {
    /// Whether they may be more than one host.
    fn are_several(&self) -> bool {
        match self {
            Self::Patterns(patterns) => {
                patterns.len() != 1 || patterns.iter().any(|pattern| pattern.contains(['*', '?', '!']))
            }
            Self::Hashed { .. } => false,
        }
    }
}

/// One good line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Counted from 1.
    pub line: usize,
    /// The marker, if any.
    pub marker: Option<Marker>,
    /// Names.
    pub hosts: Hosts,
    /// The host's key, or the authority's.
    pub key: PublicKey,
}

/// Why a line is passed over.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LineFaultKind {
    /// `@` and a word that is no marker.
    #[error("unknown marker; only @cert-authority and @revoked exist")]
    Marker,
    /// `|1|…` that cannot be read.
    #[error("the hashed host name is damaged")]
    Hash,
    /// The key.
    #[error(transparent)]
    Key(#[from] PublicKeyError),
}

/// A line that OpenSSH passes over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// Counted from 1.
    pub line: usize,
    /// What is wrong with it.
    pub kind: LineFaultKind,
}

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KnownHosts {
    /// Good lines in the order of the file.
    pub entries: Vec<Entry>,
    /// Bad ones.
    pub faults: Vec<LineFault>,
}

/// By which of a host's names a line was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MatchedBy {
    /// The name and port.
    Host,
    /// The IP address and port, which counts with `CheckHostIP yes`.
    Address,
    /// The name without its port: only good news counts (the same key), and only where no line has name and port.
    HostWithoutPort,
}

/// A line about the host that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Match {
    /// Counted from 1.
    pub line: usize,
    /// The marker, if any.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub marker: Option<Marker>,
    /// The key's algorithm.
    pub algorithm: String,
    /// Its fingerprint.
    pub fingerprint: Fingerprint,
    /// Whether the name is hashed in the file.
    pub hashed: bool,
    /// Whether the line is for other hosts too: it has several names, or a pattern.
    pub shared: bool,
    /// Which name it was found by.
    pub matched_by: MatchedBy,
}

/// The name under which OpenSSH keeps a host: put_host_port of misc.c.
pub fn name_with_port(host: &str, port: u16) -> String {
    let host = host.to_ascii_lowercase();
    if port == 22 { host } else { format!("[{host}]:{port}") }
}

/// The host and, where it is not 22, the port of such a name.
pub fn host_of(name: &str) -> (&str, Option<u16>) {
    match name.strip_prefix('[').and_then(|rest| rest.split_once("]:")) {
        Some((host, port)) => (host, port.parse().ok()),
        None => (name, None),
    }
}

impl KnownHosts {
    /// Reads a file. Bytes that are no UTF-8 spoil only their own line.
    pub fn parse(bytes: &[u8]) -> Self {
        let mut all = Self::default();
        for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let text = String::from_utf8_lossy(line);
            match entry(index + 1, text.trim()) {
                Ok(Some(entry)) => all.entries.push(entry),
                Ok(None) => {}
                Err(kind) => all.faults.push(LineFault { line: index + 1, kind }),
            }
        }
        all
    }

    /// The lines about a host, by name (or `HostKeyAlias`, then with port 22) and, where given, by address.
    pub fn matching(&self, host: &str, port: u16, address: Option<&str>) -> Vec<Match> {
        let by_host = self.found(&name_with_port(host, port), MatchedBy::Host);
        let by_address = match address {
            Some(address) if !address.eq_ignore_ascii_case(host) => {
                self.found(&name_with_port(address, port), MatchedBy::Address)
            }
            _ => Vec::new(),
        };
        let without_port = if port != 22 && by_host.is_empty() {
            self.found(&name_with_port(host, 22), MatchedBy::HostWithoutPort)
        } else {
            Vec::new()
        };
        let mut all = by_host;
        for found in by_address.into_iter().chain(without_port) {
            if !all.iter().any(|known| known.line == found.line) {
                all.push(found);
            }
        }
        all
    }

    fn found(&self, name: &str, matched_by: MatchedBy) -> Vec<Match> {
        let entries = self.entries.iter().filter(|entry| entry.hosts.matches(name));
        entries
            .map(|entry| Match {
                line: entry.line,
                marker: entry.marker,
                algorithm: entry.key.algorithm.clone(),
                fingerprint: entry.key.fingerprint.clone(),
                hashed: matches!(entry.hosts, Hosts::Hashed { .. }),
                shared: entry.hosts.are_several(),
                matched_by,
            })
            .collect()
    }
}

fn entry(line: usize, text: &str) -> Result<Option<Entry>, LineFaultKind> {
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let (first, rest) = word(text);
    let (marker, hosts, rest) = match first {
        "@cert-authority" => {
            let (hosts, rest) = word(rest);
            (Some(Marker::CertAuthority), hosts, rest)
        }
        "@revoked" => {
            let (hosts, rest) = word(rest);
            (Some(Marker::Revoked), hosts, rest)
        }
        other if other.starts_with('@') => return Err(LineFaultKind::Marker),
        hosts => (None, hosts, rest),
    };
    let key = PublicKey::from_line(rest)?;
    Ok(Some(Entry { line, marker, hosts: names(hosts).ok_or(LineFaultKind::Hash)?, key }))
}

fn word(text: &str) -> (&str, &str) {
    let (word, rest) = text.split_once([' ', '\t']).unwrap_or((text, ""));
    (word, rest.trim_start())
}

fn names(field: &str) -> Option<Hosts> {
    let Some(hashed) = field.strip_prefix('|') else {
        return Some(Hosts::Patterns(field.split(',').map(str::to_owned).collect()));
    };
    let (salt, hash) = hashed.strip_prefix("1|")?.split_once('|')?;
    Some(Hosts::Hashed { salt: STANDARD.decode(salt).ok()?, hash: STANDARD.decode(hash).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: &str = include_str!("../../tests/ssh/zoo/openssh-ed25519.public");
    const OTHER: &str = include_str!("../../tests/ssh/zoo/openssh-rsa.public");
    const HASHED: &[u8] = include_bytes!("../../tests/ssh/zoo/known_hosts.hashed");

    fn lines(known: &[Match]) -> Vec<(usize, MatchedBy)> {
        known.iter().map(|found| (found.line, found.matched_by)).collect()
    }

    #[test]
    fn port_and_pattern_rules() {
        let text = format!(
            "# comment\n\nbox.example,192.0.2.7 {KEY}[box.example]:64535 {OTHER}*.example,!no.example {KEY}[*]:64535 {KEY}@revoked [box.example]:64535 {KEY}@cert-authority *.ca.example {OTHER}"
        );
        let known = KnownHosts::parse(text.as_bytes());
        assert_eq!(known.faults, []);
        assert_eq!(lines(&known.matching("BOX.example", 22, None)), [(3, MatchedBy::Host), (5, MatchedBy::Host)]);
        let at_port = known.matching("box.example", 64535, Some("192.0.2.7"));
        assert_eq!(lines(&at_port), [(4, MatchedBy::Host), (6, MatchedBy::Host), (7, MatchedBy::Host)]);
        assert_eq!(at_port[2].marker, Some(Marker::Revoked));
        assert_eq!(
            lines(&known.matching("box.example", 2222, None)),
            [(3, MatchedBy::HostWithoutPort), (5, MatchedBy::HostWithoutPort)]
        );
        assert_eq!(known.matching("no.example", 22, None), []);
        assert_eq!(lines(&known.matching("elsewhere", 22, Some("192.0.2.7"))), [(3, MatchedBy::Address)]);
        assert_eq!(
            known.matching("a.ca.example", 22, None).last().and_then(|found| found.marker),
            Some(Marker::CertAuthority)
        );
    }

    #[test]
    fn hashed_names_are_found_with_their_port() {
        let known = KnownHosts::parse(HASHED);
        assert_eq!(known.faults, []);
        assert_eq!(lines(&known.matching("203.0.113.7", 64535, None)), [(1, MatchedBy::Host)]);
        assert_eq!(lines(&known.matching("Box.Example", 22, None)), [(2, MatchedBy::Host)]);
        assert!(known.matching("box.example", 22, None)[0].hashed);
        assert_eq!(known.matching("203.0.113.7", 22, None), []);
        assert_eq!(lines(&known.matching("box.example", 64535, None)), [(2, MatchedBy::HostWithoutPort)]);
    }

    #[test]
    fn bad_lines_are_kept_and_spoil_nothing() {
        let text = format!(
            "@what box {KEY}|1|x|y {KEY}box ssh-ed25519 AAAA*\nbox\nbox 1024 35 1234567\n\u{fffd}\u{1}box {KEY}box {KEY}"
        );
        let known = KnownHosts::parse(text.as_bytes());
        assert_eq!(known.faults.iter().map(|fault| fault.line).collect::<Vec<_>>(), [1, 2, 3, 4, 5]);
        assert_eq!(known.faults[0].kind, LineFaultKind::Marker);
        assert_eq!(known.faults[1].kind, LineFaultKind::Hash);
        assert_eq!(lines(&known.matching("box", 22, None)), [(7, MatchedBy::Host)]);
    }

    #[test]
    fn line_ends_of_windows_are_no_fault() {
        let text = format!("box {}\r\n", KEY.trim_end());
        let known = KnownHosts::parse(text.as_bytes());
        assert_eq!(lines(&known.matching("box", 22, None)), [(1, MatchedBy::Host)]);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "(@revoked )?\\|?1?\\|?\\PC{0,60}", host in "\\PC{0,20}") {
            let _ = KnownHosts::parse(&bytes).matching(&host, 22, Some(&host));
            let _ = KnownHosts::parse(text.as_bytes()).matching(&host, 2200, None);
        }
    }
}
