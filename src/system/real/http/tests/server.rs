//! A server that does as it is told, with TLS or without. It ends when it is dropped.

use std::{
    io::{self, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _},
};

use super::tls;

/// A connection that is talked on.
pub(super) trait Talk: Read + Write + Send {}
impl<T: Read + Write + Send> Talk for T {}

/// The longest a server of a test waits for anything.
const PATIENCE: Duration = Duration::from_secs(15);

pub(super) struct Server {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    ended: Arc<AtomicBool>,
}

/// What a server keeps of the requests it reads.
pub(super) type Requests = Arc<Mutex<Vec<String>>>;

impl Server {
    /// Talks as `talk` says on each connection, each in a thread of its own.
    pub(super) fn new(
        certificate: Option<&str>,
        talk: impl Fn(&mut dyn Talk, &Requests) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let config = certificate.map(config);
        let (connections, requests, ended) = (Arc::default(), Arc::default(), Arc::default());
        let server = Self {
            address,
            connections: Arc::clone(&connections),
            requests: Arc::clone(&requests),
            ended: Arc::clone(&ended),
        };
        let talk = Arc::new(talk);
        thread::spawn(move || {
            while let Ok((stream, _)) = listener.accept() {
                if ended.load(Ordering::SeqCst) {
                    return;
                }
                connections.fetch_add(1, Ordering::SeqCst);
                let (talk, requests, config) = (Arc::clone(&talk), Arc::clone(&requests), config.clone());
                thread::spawn(move || {
                    stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
                    // A client that leaves is part of the tests.
                    let _ = match config {
                        None => talk(&mut &stream, &requests),
                        Some(config) => {
                            let tls = ServerConnection::new(config).expect("a session");
                            talk(&mut StreamOwned::new(tls, stream), &requests)
                        }
                    };
                });
            }
        });
        server
    }

    /// Gives this answer to every request, on connections that stay open.
    pub(super) fn answering(certificate: Option<&str>, answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(certificate, move |stream, requests| {
            loop {
                read_request(stream, requests)?;
                stream.write_all(&answer)?;
                stream.flush()?;
            }
        })
    }

    /// Gives this answer to one request, and hangs up.
    pub(super) fn once(certificate: Option<&str>, answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(certificate, move |stream, requests| {
            read_request(stream, requests)?;
            stream.write_all(&answer)?;
            stream.flush()
        })
    }

    pub(super) fn url(&self, scheme: &str, path: &str) -> String {
        format!("{scheme}://{}{path}", self.address)
    }

    /// How many connections there were.
    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The requests, as they came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panics in it").clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::SeqCst);
        // Wakes the one who accepts.
        let _ = TcpStream::connect(self.address);
    }
}

fn config(certificate: &str) -> Arc<ServerConfig> {
    let chain = CertificateDer::from_pem_file(tls(&format!("{certificate}.pem"))).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(tls("server.key")).expect("a key");
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("ring has them")
        .with_no_client_auth()
        .with_single_cert(vec![chain], key)
        .expect("they belong together");
    Arc::new(config)
}

/// Reads a request up to the end of its head, and of its body where it says how long that is.
pub(super) fn read_request(stream: &mut dyn Talk, requests: &Requests) -> io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    let mut request = String::from_utf8_lossy(&head).into_owned();
    let length = request.to_lowercase().lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    stream.read_exact(&mut body)?;
    request.push_str(&String::from_utf8_lossy(&body));
    requests.lock().expect("no test panics in it").push(request.clone());
    Ok(request)
}

/// Writes a byte at a time, slower than any test waits.
pub(super) fn drip(stream: &mut dyn Talk, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes.iter().cycle().take(2000) {
        stream.write_all(&[*byte])?;
        stream.flush()?;
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
