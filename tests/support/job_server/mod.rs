//! A CircleCI job's SSH server, written here because it has to misbehave on purpose.
//!
//! It follows what is known of the real one, a program on Go's x/crypto/ssh: the greeting `SSH-2.0-Go`, one host key that
//! is new for every job, only `publickey`, six tries, commands run without a shell, no subsystems. [`Options`] says what to
//! change. Everything listens on loopback only, ends when the [`JobServer`] is dropped, and is limited in time besides.

mod auth;
mod channel;
mod child;
pub(crate) mod host_key;
mod kex;
mod message;
mod misbehave;
mod options;
mod record;
mod session;
mod transport;
pub(crate) mod verify;
pub(crate) mod wire;

use rustix::net::sockopt::set_socket_linger;
use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub(crate) use self::host_key::fingerprint;
pub(crate) use self::options::{Fault, Options, Users};
pub(crate) use self::record::{Login, Offer, Record};

use super::image::Image;

use self::child::Children;
use self::host_key::HostKey;
use self::transport::{PacketReader, PacketWriter};

/// A connection on which nothing is heard for so long is given up, whatever a test forgot.
const SILENCE_LIMIT: Duration = Duration::from_secs(120);

/// What the threads of one server have in common.
pub(crate) struct Shared {
    options: Options,
    host_key: HostKey,
    record: Mutex<Record>,
    connections: Mutex<Vec<(usize, TcpStream)>>,
    /// The folder that sessions start in.
    home: tempfile::TempDir,
    children: Children,
    stopping: AtomicBool,
}

impl Shared {
    /// What a session begins with.
    fn environment(&self) -> BTreeMap<String, String> {
        let options = &self.options;
        let mut all = match &options.image {
            Some(image) => image.variables(),
            None => BTreeMap::from([
                ("PATH".to_owned(), options.path.clone()),
                ("HOME".to_owned(), self.home.path().to_string_lossy().into_owned()),
            ]),
        };
        all.extend(options.environment.clone());
        all
    }

    /// What a terminal without a command gets.
    fn login_shell(&self) -> Vec<String> {
        let plain = || ["/bin/sh", "-i"].map(str::to_owned).into();
        self.options.image.as_ref().map_or_else(plain, Image::login_shell)
    }

    fn note(&self, change: impl FnOnce(&mut Record)) {
        change(&mut self.record.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A named port may belong for a moment to a connection of another test, or to a server that it started.
fn bind(address: IpAddr, port: u16) -> TcpListener {
    let limit = Instant::now() + Duration::from_secs(20);
    loop {
        match TcpListener::bind((address, port)) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse && Instant::now() < limit => {
                thread::sleep(Duration::from_millis(50));
            }
            listener => return listener.expect("a loopback port to listen on"),
        }
    }
}

/// A running server.
pub(crate) struct JobServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
}

impl JobServer {
    /// Starts listening; clients can connect when this returns.
    pub(crate) fn start(options: Options) -> Self {
        let listener = bind(options.address, options.port);
        let address = listener.local_addr().expect("a bound socket has an address");
        let shared = Arc::new(Shared {
            host_key: HostKey::make(options.host_key, options.host_key_seed),
            options,
            record: Mutex::default(),
            connections: Mutex::default(),
            home: tempfile::tempdir().expect("a temporary folder for the job"),
            children: Children::default(),
            stopping: AtomicBool::new(false),
        });
        let for_thread = Arc::clone(&shared);
        let listener = thread::spawn(move || accept(listener, &for_thread));
        Self { address, shared, listener: Some(listener) }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn ip(&self) -> IpAddr {
        self.address.ip()
    }

    /// The host key's fingerprint as ssh and the Enable SSH step print it.
    pub(crate) fn host_key_fingerprint(&self) -> String {
        fingerprint(&self.shared.host_key.blob())
    }

    /// A line for `known_hosts` that names this server.
    pub(crate) fn known_hosts_line(&self) -> String {
        use base64::prelude::{BASE64_STANDARD, Engine};
        let blob = self.shared.host_key.blob();
        let kind = wire::Reader::new(&blob).text().expect("a key begins with its type");
        format!("[{}]:{} {kind} {}\n", self.ip(), self.port(), BASE64_STANDARD.encode(&blob))
    }

    /// What has happened when all is quiet: for the end of a test, where the client may be gone before the server has
    /// noticed everything. Panics when somebody stays connected.
    pub(crate) fn settled_record(&self) -> Record {
        let limit = Instant::now() + Duration::from_secs(5);
        loop {
            // A connection is made before accept() returns it.
            thread::sleep(Duration::from_millis(20));
            if self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                return self.record();
            }
            assert!(Instant::now() < limit, "somebody is still connected: {:#?}", self.record());
        }
    }

    /// What has happened so far.
    pub(crate) fn record(&self) -> Record {
        self.shared.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for JobServer {
    fn drop(&mut self) {
        self.shared.stopping.store(true, Ordering::SeqCst);
        // The listener waits in accept(); a connection wakes it up to see that it should stop.
        let _ = TcpStream::connect(self.address);
        // Whoever is cut off may come again at once, and is to be refused then.
        let limit = Instant::now() + Duration::from_secs(2);
        while TcpStream::connect(self.address).is_ok() && Instant::now() < limit {
            thread::sleep(Duration::from_millis(2));
        }
        for (_, stream) in self.shared.connections.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
        self.shared.children.kill();
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

fn accept(listener: TcpListener, shared: &Arc<Shared>) {
    let mut threads = Vec::new();
    for (number, stream) in listener.incoming().enumerate() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        shared.note(|record| record.connections += 1);
        if let Ok(copy) = stream.try_clone() {
            shared.connections.lock().unwrap_or_else(PoisonError::into_inner).push((number, copy));
        }
        // The server may have stopped, and closed what it knew, just before this connection was known.
        if shared.stopping.load(Ordering::SeqCst) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let shared = Arc::clone(shared);
        threads.push(thread::spawn(move || {
            if let Err(error) = serve(&stream, &shared)
                && error.kind() != io::ErrorKind::UnexpectedEof
            {
                shared.note(|record| record.endings.push(error.to_string()));
            }
            // The copy has to go too, or the client would never see the end.
            let mut connections = shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
            connections.retain(|(other, _)| *other != number);
        }));
    }
    drop(listener);
    for thread in threads {
        let _ = thread.join();
    }
}

/// One connection from its greeting to its end.
fn serve(stream: &TcpStream, shared: &Arc<Shared>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_LIMIT))?;
    let mut reader = PacketReader::new(stream.try_clone()?);
    let mut writer = PacketWriter::new(stream.try_clone()?);
    let options = &shared.options;
    let Some(client) = misbehave::greet(stream, &mut reader, &mut writer, options)? else { return Ok(()) };
    shared.note(|record| record.client_greetings.push(client.clone()));

    let result = converse(&client, &mut reader, writer, shared);
    if result.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::ConnectionReset) {
        return set_socket_linger(stream, Some(Duration::ZERO)).map_err(Into::into);
    }
    // What the client still sends is read before the socket closes: a reset would take our last words from it.
    let _ = stream.shutdown(Shutdown::Write);
    reader.drain();
    result
}

/// The part after the greetings.
fn converse(client: &str, reader: &mut PacketReader, mut writer: PacketWriter, shared: &Arc<Shared>) -> io::Result<()> {
    let options = &shared.options;
    let greetings = kex::Greetings { client, server: &options.greeting };
    let own = options.host_key_of_each_connection.then(|| HostKey::make(options.host_key, None));
    let host_key = own.as_ref().unwrap_or(&shared.host_key);
    let agreed = kex::exchange(reader, &mut writer, &greetings, host_key, options)?;
    match options.fault {
        Fault::CloseAfterKex => return Ok(()),
        Fault::DamagedPacket => writer.damage_next(),
        _ => {}
    }
    if auth::authenticate(reader, &mut writer, &agreed, shared)? {
        session::serve(reader, writer, shared)?;
    }
    Ok(())
}
