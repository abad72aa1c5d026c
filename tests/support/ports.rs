//! Loopback ports on which nothing answers, in the two ways that a network can put it.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType, bind, getsockname, listen, socket};

/// Enough to fill the shortest queue there is.
const FILLING: usize = 4;
/// A connection over loopback takes microseconds; one that takes this long was not answered.
const UNANSWERED: Duration = Duration::from_millis(300);

fn bound() -> (OwnedFd, u16) {
    let socket = socket(AddressFamily::INET, SocketType::STREAM, None).expect("a socket");
    bind(&socket, &SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0)).expect("a loopback port");
    let address = getsockname(&socket).expect("a bound socket has an address");
    let address = SocketAddr::try_from(address).expect("an internet address");
    (socket, address.port())
}

/// A port of 127.0.0.1 that refuses connections. It is held, so that no other test can start listening there.
pub(crate) struct RefusedPort {
    _socket: OwnedFd,
    pub(crate) port: u16,
}

impl RefusedPort {
    pub(crate) fn new() -> Self {
        let (socket, port) = bound();
        Self { _socket: socket, port }
    }
}

/// A port of 127.0.0.1 that never answers, as behind a firewall that drops packets: its queue of connections is full,
/// and Linux ignores those who want to join it (listen(2), tcp(7)).
pub(crate) struct SilentPort {
    _listener: TcpListener,
    _queue: Vec<TcpStream>,
    pub(crate) port: u16,
}

impl SilentPort {
    pub(crate) fn new() -> Self {
        let (socket, port) = bound();
        Self::filled(socket, (Ipv4Addr::LOCALHOST, port).into())
    }

    /// The port of ::1 with this number; none where it cannot be had.
    pub(crate) fn at_version_six(port: u16) -> Option<Self> {
        let socket = socket(AddressFamily::INET6, SocketType::STREAM, None).ok()?;
        bind(&socket, &SocketAddrV6::new(Ipv6Addr::LOCALHOST, port, 0, 0)).ok()?;
        Some(Self::filled(socket, (Ipv6Addr::LOCALHOST, port).into()))
    }

    fn filled(socket: OwnedFd, address: SocketAddr) -> Self {
        listen(&socket, 0).expect("our own socket");
        let connect = || TcpStream::connect_timeout(&address, UNANSWERED).ok();
        let queue: Vec<_> = (0..FILLING).map_while(|_| connect()).collect();
        // What filled the queue stays in it, because nobody accepts.
        assert!(queue.len() < FILLING && connect().is_none(), "this system answers although the queue is full");
        Self { _listener: socket.into(), _queue: queue, port: address.port() }
    }
}
