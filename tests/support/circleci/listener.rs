//! A listener on loopback: a thread for each connection, which stays open for more requests. It ends when it is dropped,
//! and by itself after [`LIFE`] whatever a test forgot.

use std::io::{self, BufReader, Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::ServerConfig;

use super::http::{Reply, Request};
use super::tls::{self, Certificate};

const LIFE: Duration = Duration::from_secs(300);
/// A connection on which nothing is heard for so long is given up.
const SILENCE_LIMIT: Duration = Duration::from_secs(60);

type Answer = dyn Fn(&Request) -> Reply + Send + Sync;

struct Shared {
    address: SocketAddr,
    tls: Option<Arc<ServerConfig>>,
    answer: Box<Answer>,
    connections: Mutex<Vec<(usize, TcpStream)>>,
    stopping: AtomicBool,
}

impl Shared {
    fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The listener waits in accept(); a connection wakes it up to see that it should stop.
        let _ = TcpStream::connect(self.address);
        for (_, stream) in self.connections.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

pub(crate) struct Listener {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
    /// Dropped to tell the watchman that all is over.
    watch: Option<Sender<()>>,
}

impl Listener {
    pub(crate) fn start(tls: Option<Certificate>, answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback port to listen on");
        let shared = Arc::new(Shared {
            address: listener.local_addr().expect("a bound socket has an address"),
            tls: tls.map(tls::config),
            answer: Box::new(answer),
            connections: Mutex::default(),
            stopping: AtomicBool::new(false),
        });
        let (watch, over) = mpsc::channel();
        let (accepting, watching) = (Arc::clone(&shared), Arc::clone(&shared));
        let threads = vec![
            thread::spawn(move || accept(&listener, &accepting)),
            thread::spawn(move || {
                if over.recv_timeout(LIFE) == Err(RecvTimeoutError::Timeout) {
                    watching.stop();
                }
            }),
        ];
        Self { shared, threads, watch: Some(watch) }
    }

    /// Scheme, host and port.
    pub(crate) fn url(&self) -> String {
        let scheme = if self.shared.tls.is_some() { "https" } else { "http" };
        format!("{scheme}://{}", self.shared.address)
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.watch = None;
        self.shared.stop();
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    for (number, stream) in listener.incoming().enumerate() {
        if shared.stopping.load(Ordering::SeqCst) {
            break;
        }
        let Ok(stream) = stream else { continue };
        if let Ok(copy) = stream.try_clone() {
            shared.connections.lock().unwrap_or_else(PoisonError::into_inner).push((number, copy));
        }
        // The service may have stopped, and closed what it knew, just before this connection was known.
        if shared.stopping.load(Ordering::SeqCst) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        let shared = Arc::clone(shared);
        // Nobody waits for these: a slow reply must not hold up the end of a test.
        thread::spawn(move || {
            let _ = serve(&stream, &shared);
            let _ = stream.shutdown(Shutdown::Both);
            let mut connections = shared.connections.lock().unwrap_or_else(PoisonError::into_inner);
            connections.retain(|(other, _)| *other != number);
        });
    }
}

fn serve(stream: &TcpStream, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(SILENCE_LIMIT))?;
    match &shared.tls {
        None => converse(BufReader::new(stream.try_clone()?), shared),
        Some(config) => converse(BufReader::new(tls::talk(config, stream.try_clone()?)?), shared),
    }
}

/// One connection from its first request to its last.
fn converse(mut stream: BufReader<impl Read + Write>, shared: &Shared) -> io::Result<()> {
    loop {
        let request = match Request::read(&mut stream) {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                Reply::message(400, &error.to_string()).write(stream.get_mut())?;
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let last = request.header("connection").is_some_and(|value| value.eq_ignore_ascii_case("close"));
        let goes_on = (shared.answer)(&request).write(stream.get_mut())?;
        if last || !goes_on {
            return Ok(());
        }
    }
}
