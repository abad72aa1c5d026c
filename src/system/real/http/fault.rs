//! Failures in words.
//!
//! A text names hosts and ports and repeats what the system and the libraries say; never an address as it was given, a
//! header or a body. To tell one more failure: its arm in [`Place::explain`].

use std::{io, time::Duration};

use rustls::CertificateError;
use ureq::{Error, Timeout, http::Uri};

use super::connect::Failure;
use crate::system::{HttpError, HttpFault};

/// Where a request went.
pub(super) struct Place {
    host: String,
    server: String,
    proxy: Option<String>,
    limit: Duration,
}

impl Place {
    pub(super) fn new(uri: &Uri, proxy: Option<String>, limit: Duration) -> Self {
        let host = plain(uri.host().unwrap_or_default());
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        Self { server: format!("{host}:{port}"), host, proxy: proxy.as_deref().map(plain), limit }
    }

    pub(super) fn explain(&self, error: Error) -> HttpError {
        let (fault, text) = self.told(&error, false);
        HttpError { fault, text: plain(&text) }
    }

    fn told(&self, error: &Error, connecting: bool) -> (HttpFault, String) {
        let Self { server, .. } = self;
        match error {
            Error::Timeout(part) => (HttpFault::Timeout, self.late(*part)),
            Error::ConnectProxyFailed(reason) => (HttpFault::Proxy, self.refused_by_proxy(reason)),
            Error::InvalidProxyUrl => (HttpFault::Proxy, "the address of the proxy is not a valid one".to_owned()),
            Error::HostNotFound => (HttpFault::Resolve, format!("the name {} has no address", self.host)),
            Error::Rustls(error) => self.tls(error),
            Error::Tls(what) => (HttpFault::Tls, format!("no TLS with {server}: {what}")),
            Error::TlsRequired => (HttpFault::Tls, format!("no TLS with {server}")),
            Error::Io(error) => self.io(error, connecting),
            Error::ConnectionFailed => (HttpFault::Connect, format!("{server} cannot be reached")),
            Error::Protocol(_) | Error::LargeResponseHeader(..) | Error::BodyStalled => {
                (HttpFault::Broken, format!("{server} answers with something that is not HTTP"))
            }
            Error::Other(other) => match other.downcast_ref::<Failure>() {
                Some(failure) => self.failure(failure),
                None => (HttpFault::Other, format!("the request to {server} failed")),
            },
            Error::Http(_) | Error::BadUri(_) => (HttpFault::Other, "the request cannot be sent as it is".to_owned()),
            _ => (HttpFault::Other, format!("the request to {server} failed")),
        }
    }

    fn failure(&self, failure: &Failure) -> (HttpFault, String) {
        match (failure, &self.proxy) {
            (Failure::NotLoopback, _) => {
                let text = "is not this machine, and http:// would show the token on the way: use https://";
                (HttpFault::Other, format!("{} {text}", self.host))
            }
            // A proxy of the older kinds is told addresses, so the server's name is asked for here.
            (Failure::Name(name, error), Some(proxy)) if *name != self.host => {
                (HttpFault::Proxy, format!("the name of the proxy {proxy} cannot be resolved: {error}"))
            }
            (Failure::Name(name, error), _) => {
                (HttpFault::Resolve, format!("the name {name} cannot be resolved: {error}"))
            }
            (Failure::Proxy(error), Some(proxy)) => {
                let at_proxy = Self { host: proxy.clone(), server: proxy.clone(), proxy: None, limit: self.limit };
                (HttpFault::Proxy, format!("the proxy fails: {}", at_proxy.told(error, true).1))
            }
            (Failure::Proxy(error) | Failure::Connection(error), _) => self.told(error, true),
        }
    }

    fn io(&self, error: &io::Error, connecting: bool) -> (HttpFault, String) {
        let Self { server, .. } = self;
        if let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            return self.tls(error);
        }
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => (HttpFault::Timeout, self.late(Timeout::Global)),
            io::ErrorKind::UnexpectedEof
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe => {
                let when = if connecting { "while it was being set up" } else { "before its answer was complete" };
                (HttpFault::Broken, format!("{server} ended the connection {when}"))
            }
            _ if connecting => {
                let (fault, through) = match &self.proxy {
                    Some(proxy) => (HttpFault::Proxy, format!(" through the proxy {proxy}")),
                    None => (HttpFault::Connect, String::new()),
                };
                (fault, format!("{server} cannot be reached{through}: {error}"))
            }
            _ => (HttpFault::Broken, format!("the connection to {server} broke: {error}")),
        }
    }

    fn tls(&self, error: &rustls::Error) -> (HttpFault, String) {
        let Self { host, server, .. } = self;
        let reason = match error {
            rustls::Error::InvalidCertificate(error) => match error {
                CertificateError::UnknownIssuer => "its issuer is not one that this machine trusts".to_owned(),
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".to_owned(),
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "it is not valid yet".to_owned()
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "it is for another name".to_owned()
                }
                CertificateError::Revoked => "it was revoked".to_owned(),
                // The platform's own words.
                CertificateError::Other(error) => error.to_string(),
                other => other.to_string(),
            },
            rustls::Error::General(text) if text.starts_with("No CA certificates") => {
                "this machine has no list of trusted issuers (on Linux the package ca-certificates)".to_owned()
            }
            error => return (HttpFault::Tls, format!("no TLS with {server}: {error}")),
        };
        (HttpFault::Certificate, format!("the certificate of {host} is not to be trusted: {reason}"))
    }

    fn late(&self, part: Timeout) -> String {
        let Self { host, server, proxy, limit } = self;
        let through = proxy.as_ref().map(|proxy| format!(" through the proxy {proxy}")).unwrap_or_default();
        match part {
            Timeout::Resolve => format!("the name {host} was not resolved within {limit:?}"),
            Timeout::Connect => format!("no connection to {server}{through} within {limit:?}"),
            _ => format!("no complete answer from {server}{through} within {limit:?}"),
        }
    }

    fn refused_by_proxy(&self, reason: &str) -> String {
        let proxy = self.proxy.as_deref().unwrap_or_default();
        if reason.contains("407") {
            format!("the proxy {proxy} wants a user and a password, or other ones than it was given (407)")
        } else {
            format!("the proxy {proxy} does not let this program through to {}: {reason}", self.server)
        }
    }
}

/// A text of somebody else, fit for one line of a terminal.
pub(super) fn plain(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
