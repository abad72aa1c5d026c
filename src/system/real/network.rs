//! Names and TCP.

use std::{
    io,
    net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs as _},
    sync::mpsc,
    thread,
    time::Duration,
};

use crate::system::Stream;

/// Asks the system's resolver, in a thread of its own: getaddrinfo cannot be called off, so on time-out it is left to
/// itself.
pub(super) fn resolve(host: &str, limit: Duration) -> io::Result<Vec<IpAddr>> {
    if let Ok(address) = host.parse() {
        return Ok(vec![address]);
    }
    let (answer, answered) = mpsc::channel();
    let name = host.to_owned();
    thread::Builder::new().name("resolver".into()).spawn(move || {
        let found = (name.as_str(), 0).to_socket_addrs();
        // Nobody listens any more after the limit.
        let _ = answer.send(found.map(|all| all.map(|address| address.ip()).collect::<Vec<_>>()));
    })?;
    let found = answered
        .recv_timeout(limit)
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the resolver did not answer in time"))??;
    let mut addresses = Vec::new();
    for address in found {
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}

pub(super) fn connect(address: SocketAddr, limit: Duration) -> io::Result<Box<dyn Stream>> {
    let mut stream: Box<dyn Stream> = Box::new(tcp(address, limit)?);
    stream.set_timeout(limit)?;
    Ok(stream)
}

pub(super) fn tcp(address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, at_least_something(limit))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// The standard library refuses a limit of zero.
pub(super) fn at_least_something(limit: Duration) -> Duration {
    limit.max(Duration::from_millis(1))
}

impl Stream for TcpStream {
    fn set_timeout(&mut self, limit: Duration) -> io::Result<()> {
        self.set_read_timeout(Some(at_least_something(limit)))?;
        self.set_write_timeout(Some(at_least_something(limit)))
    }
}
