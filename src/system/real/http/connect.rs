//! Names and connections for `ureq`, which by itself does not tell a name without an address from a refused connection.
//!
//! This builds on the part of `ureq` that may change with its minor versions (hence the `~` in Cargo.toml).

use std::{error, fmt, io, net::SocketAddr, time::Duration};

use ureq::{
    Error, Timeout,
    config::Config,
    http::Uri,
    unversioned::{
        resolver::{ResolvedSocketAddrs, Resolver},
        transport::{
            ConnectProxyConnector, ConnectionDetails, Connector, NextTimeout, RustlsConnector, SocksConnector,
            TcpConnector, Transport,
        },
    },
};

use crate::system::real::network;

/// How many addresses of a name are tried.
const ADDRESSES: usize = 16;

/// What `ureq` carries from here to [`super::fault`].
#[derive(Debug)]
pub(super) enum Failure {
    /// A name has no address: the server's or the proxy's.
    Name(String, io::Error),
    /// A name of this machine leads to another one.
    NotLoopback,
    /// The proxy was not to be reached, or broke off.
    Proxy(Box<Error>),
    /// The connection, TLS included, failed.
    Connection(Box<Error>),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self:?}")
    }
}

impl error::Error for Failure {}

impl From<Failure> for Error {
    fn from(failure: Failure) -> Self {
        Self::Other(Box::new(failure))
    }
}

/// Asks the system's resolver, as everything else here does.
#[derive(Debug)]
pub(super) struct Resolve {
    /// Nothing but this machine's own addresses is an answer.
    pub(super) loopback_only: bool,
}

impl Resolver for Resolve {
    fn resolve(&self, uri: &Uri, _config: &Config, limit: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let host = uri.host().unwrap_or_default();
        let https = uri.scheme_str() == Some("https");
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            _ if https => 443,
            Some("http") => 80,
            _ => 1080,
        });
        let limit = if limit.after.is_not_happening() { Duration::MAX } else { *limit.after };
        let found = network::resolve(bare(host), limit).map_err(|error| match error.kind() {
            io::ErrorKind::TimedOut => Error::Timeout(Timeout::Resolve),
            _ => Failure::Name(host.to_owned(), error).into(),
        })?;
        if self.loopback_only && !found.iter().all(|address| address.to_canonical().is_loopback()) {
            return Err(Failure::NotLoopback.into());
        }
        let mut addresses = self.empty();
        for address in found.into_iter().take(ADDRESSES) {
            addresses.push(SocketAddr::new(address, port));
        }
        if addresses.is_empty() {
            return Err(Failure::Name(host.to_owned(), io::Error::other("the name has no address")).into());
        }
        Ok(addresses)
    }
}

/// A host as resolvers know it: without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// The connections of `ureq`, made as it makes them by itself, with the failures told apart.
pub(super) fn connector(proxied: bool) -> impl Connector {
    let way =
        ().chain(SocksConnector::default()).chain(ConnectProxyConnector::default()).chain(TcpConnector::default());
    Part { inner: way, proxied, tls: false }.chain(Part { inner: RustlsConnector::default(), proxied, tls: true })
}

#[derive(Debug)]
struct Part<C> {
    inner: C,
    proxied: bool,
    tls: bool,
}

impl<In: Transport, C: Connector<In>> Connector<In> for Part<C> {
    type Out = C::Out;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        let details = ConnectionDetails {
            uri: details.uri,
            addrs: details.addrs.clone(),
            config: details.config,
            // Every request has its limit and so a configuration of its own, for which `ureq` would read the roots anew at
            // each connection. All that matters to TLS is the agent's.
            request_level: false,
            resolver: details.resolver,
            now: details.now,
            timeout: details.timeout,
            current_time: details.current_time.clone(),
            run_connector: details.run_connector.clone(),
            register_shutdown: details.register_shutdown.clone(),
        };
        // The connection to the proxy is one of its own, made without a proxy.
        let to_proxy = self.proxied && (!self.tls || details.config.proxy().is_none());
        self.inner.connect(&details, chained).map_err(|error| match error {
            Error::Timeout(_) => Error::Timeout(Timeout::Connect),
            Error::Other(_) | Error::ConnectProxyFailed(_) => error,
            error if to_proxy => Failure::Proxy(Box::new(error)).into(),
            error => Failure::Connection(Box::new(error)).into(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_this_machine_may_not_lead_to_another_one() {
        let resolve = |loopback_only, url: &str| {
            let uri = url.parse().expect("an address");
            let found = Resolve { loopback_only }.resolve(&uri, &Config::default(), NextTimeout::default());
            found.map(|found| found.to_vec())
        };
        let here = resolve(true, "http://[::1]:8080/").expect("this machine");
        assert_eq!(here, ["[::1]:8080".parse::<SocketAddr>().expect("an address")]);
        assert!(resolve(true, "http://192.0.2.1/").is_err());
        let there = resolve(false, "https://192.0.2.1/").expect("any machine");
        assert_eq!(there, ["192.0.2.1:443".parse::<SocketAddr>().expect("an address")]);
    }
}
