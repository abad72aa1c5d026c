//! A CircleCI installation: the cloud, or a company's own server.

#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{Ipv4Addr, Ipv6Addr},
};

use thiserror::Error;

/// The cloud's name in its API.
const CLOUD: &str = "circleci.com";
/// The cloud's name in the browser.
const CLOUD_WEB: &str = "app.circleci.com";
/// How the paths begin that the old CLI keeps together with the host.
const ENDPOINTS: [&str; 2] = ["api", "graphql-unstable"];
/// The longest name of a host (RFC 1035 section 2.3.4).
const LONGEST_NAME: usize = 253;
/// The longest part between two dots.
const LONGEST_LABEL: usize = 63;

/// An installation of CircleCI: scheme, name and port, each in its one normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Host {
    secure: bool,
    name: Name,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Name {
    /// Lower case, no dot at the end.
    Dns(String),
    V4(Ipv4Addr),
    V6(Ipv6Addr),
}

/// Why a text names no installation. None of these repeats the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum HostError {
    /// Nothing there.
    #[error("it is empty; write a host such as https://circleci.com")]
    Empty,
    /// `http://` to another machine.
    #[error("http:// would send the token in clear text; write https://")]
    PlainHttp,
    /// Another scheme.
    #[error("its scheme is neither https nor http; write a host such as https://circleci.com")]
    Scheme,
    /// `user@` or `user:password@`.
    #[error("it has a user name before an @; write the host alone")]
    UserInfo,
    /// A blank, a control character, a backslash.
    #[error("it has a character in it that no host has; write a host such as https://circleci.com")]
    Character,
    /// A letter that may look like another one.
    #[error(
        "it has letters beyond ASCII, which can look like other letters; where they are meant, write the name's xn-- form"
    )]
    NotAscii,
    /// A path, a query or a fragment.
    #[error("it has more than a host and a port; write it without the path")]
    Path,
    /// A port that is none.
    #[error("its port is not a number from 1 to 65535")]
    Port,
    /// A name that is none.
    #[error("its name is no host name; write a host such as https://circleci.com")]
    Name,
}

impl Host {
    /// CircleCI's cloud.
    #[must_use]
    pub fn cloud() -> Self {
        Self { secure: true, name: Name::Dns(CLOUD.to_owned()), port: 443 }
    }

    /// Reads `https://ci.example.org`, `ci.example.org:8443`, or an API address as the old CLI stores it.
    ///
    /// # Errors
    /// When it names no installation that a token may be sent to.
    pub fn parse(text: &str) -> Result<Self, HostError> {
        let text = text.trim_matches([' ', '\t', '\r', '\n']);
        if text.is_empty() {
            return Err(HostError::Empty);
        }
        if !text.is_ascii() {
            return Err(HostError::NotAscii);
        }
        if text.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'\\') {
            return Err(HostError::Character);
        }
        let (secure, rest) = match text.split_once("://") {
            None => (true, text),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (true, rest),
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (false, rest),
            Some(_) => return Err(HostError::Scheme),
        };
        let (place, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if place.contains('@') {
            return Err(HostError::UserInfo);
        }
        let host = Self::at(place, secure)?;
        if !is_endpoint(path) {
            return Err(HostError::Path);
        }
        if !secure && !host.is_loopback() {
            return Err(HostError::PlainHttp);
        }
        Ok(host)
    }

    /// `name`, `name:port`, `[::1]:port`; the browser's name of the cloud becomes the API's.
    fn at(place: &str, secure: bool) -> Result<Self, HostError> {
        let usual = if secure { 443 } else { 80 };
        let (name, port) = match place.strip_prefix('[') {
            Some(inner) => {
                let (address, rest) = inner.split_once(']').ok_or(HostError::Name)?;
                let address = address.parse().map_err(|_| HostError::Name)?;
                (
                    Name::V6(address),
                    if rest.is_empty() { None } else { Some(rest.strip_prefix(':').ok_or(HostError::Name)?) },
                )
            }
            None => match place.split_once(':') {
                Some((name, port)) => (named(name)?, Some(port)),
                None => (named(place)?, None),
            },
        };
        let port = port.map_or(Ok(usual), port_number)?;
        let host = Self { secure, name, port };
        Ok(if host.is(CLOUD_WEB) { Self::cloud() } else { host })
    }

    fn is(&self, name: &str) -> bool {
        self.secure && self.port == 443 && matches!(&self.name, Name::Dns(own) if own == name)
    }

    fn is_loopback(&self) -> bool {
        match &self.name {
            Name::Dns(name) => name == "localhost",
            Name::V4(address) => address.is_loopback(),
            Name::V6(address) => address.is_loopback(),
        }
    }

    /// Whether this is CircleCI's cloud.
    #[must_use]
    pub fn is_cloud(&self) -> bool {
        self.is(CLOUD)
    }

    /// Where the API's paths begin: `https://circleci.com`, without a slash.
    #[must_use]
    pub fn base(&self) -> String {
        self.to_string()
    }

    /// Where people look at their jobs.
    #[must_use]
    pub fn web(&self) -> String {
        if self.is_cloud() { format!("https://{CLOUD_WEB}") } else { self.base() }
    }

    /// Where users set the keys that open their jobs.
    #[must_use]
    pub fn settings_page(&self) -> String {
        format!("{}/settings/user/job-ssh-keys", self.web())
    }

    /// Whether a job's address with this host, and its port where it has one, belongs to this installation. Names are
    /// compared whole: `circleci.com.evil.example` and `evilcircleci.com` are strangers.
    #[must_use]
    pub fn serves(&self, job_url_host: &str) -> bool {
        Self::at(job_url_host, self.secure).is_ok_and(|other| other == *self)
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.secure { ("https", 443) } else { ("http", 80) };
        match &self.name {
            Name::Dns(name) => write!(f, "{scheme}://{name}")?,
            Name::V4(address) => write!(f, "{scheme}://{address}")?,
            Name::V6(address) => write!(f, "{scheme}://[{address}]")?,
        }
        if self.port == usual { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

fn port_number(text: &str) -> Result<u16, HostError> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|port| digits && *port > 0).ok_or(HostError::Port)
}

fn named(text: &str) -> Result<Name, HostError> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    if let Ok(address) = name.parse() {
        return Ok(Name::V4(address));
    }
    let letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
    let label = |label: &str| (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(letter);
    // `127.1` and `0x7f000001` are addresses to resolvers, in forms that people do not see through.
    let last = name.rsplit('.').next().unwrap_or_default();
    let number = last.starts_with(|first: char| first.is_ascii_digit())
        && (last.bytes().all(|byte| byte.is_ascii_digit()) || last.starts_with("0x"));
    if name.len() > LONGEST_NAME || !name.split('.').all(label) || number {
        return Err(HostError::Name);
    }
    Ok(Name::Dns(name))
}

fn is_endpoint(path: &str) -> bool {
    let mut parts = path.split('/').filter(|part| !part.is_empty());
    let first = parts.next();
    !path.contains(['?', '#'])
        && match first {
            None => true,
            Some(first) => ENDPOINTS.contains(&first) && parts.all(|part| part.starts_with('v')),
        }
}
