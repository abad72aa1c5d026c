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
        transport::{ConnectionDetails, Connector, DefaultConnector, NextTimeout, Transport},
    },
};

use crate::system::real::network;

/// How many addresses of a name are tried.
const ADDRESSES: usize = 16;

/// What `ureq` carries from here to [`super::fault`].
#[derive(Debug)]
pub(super) enum Failure {
    /// A name has no address.
    Name(io::Error),
    /// A name of this machine leads to another one.
    NotLoopback,
    /// The proxy itself was not to be reached.
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
            _ => Failure::Name(error).into(),
        })?;
        if self.loopback_only && !found.iter().all(|address| address.to_canonical().is_loopback()) {
            return Err(Failure::NotLoopback.into());
        }
        let mut addresses = self.empty();
        for address in found.into_iter().take(ADDRESSES) {
            addresses.push(SocketAddr::new(address, port));
        }
        if addresses.is_empty() {
            return Err(Failure::Name(io::Error::other("the name has no address")).into());
        }
        Ok(addresses)
    }
}

/// A host as resolvers know it: without the brackets of an IPv6 address.
pub(super) fn bare(host: &str) -> &str {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host)
}

/// `ureq`'s own connections, with the failures told apart.
#[derive(Debug)]
pub(super) struct Connect {
    inner: DefaultConnector,
    proxied: bool,
}

impl Connect {
    pub(super) fn new(proxied: bool) -> Self {
        Self { inner: DefaultConnector::new(), proxied }
    }
}

impl Connector for Connect {
    type Out = Box<dyn Transport>;

    fn connect(&self, details: &ConnectionDetails<'_>, chained: Option<()>) -> Result<Option<Self::Out>, Error> {
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
        // The way to the proxy is a connection of its own, made without one.
        let to_proxy = self.proxied && details.config.proxy().is_none();
        self.inner.connect(&details, chained).map_err(|error| match error {
            Error::Timeout(_) => Error::Timeout(Timeout::Connect),
            Error::Other(_) | Error::ConnectProxyFailed(_) => error,
            error if to_proxy => Failure::Proxy(Box::new(error)).into(),
            error => Failure::Connection(Box::new(error)).into(),
        })
    }
}
