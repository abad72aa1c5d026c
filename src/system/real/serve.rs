//! Answering on a Unix socket of our own.

use std::{
    io,
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::system::{Served, Service, Stream as _};

/// Clients at the same time; the next one is turned away.
const MOST_CLIENTS: usize = 16;
/// A client that says nothing for this long is let go.
const PATIENCE: Duration = Duration::from_secs(30);

struct Listening {
    path: PathBuf,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn start(path: &Path, service: Arc<dyn Service>) -> io::Result<Box<dyn Served>> {
    let listener = UnixListener::bind(path)?;
    let stop = Arc::new(AtomicBool::new(false));
    let stopped = Arc::clone(&stop);
    let thread = thread::Builder::new().name("agent".into()).spawn(move || accept(&listener, &stopped, &service))?;
    Ok(Box::new(Listening { path: path.to_owned(), stop, thread: Some(thread) }))
}

fn accept(listener: &UnixListener, stop: &AtomicBool, service: &Arc<dyn Service>) {
    let clients = Arc::new(AtomicUsize::new(0));
    while let Ok((stream, _)) = listener.accept() {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        if clients.fetch_add(1, Ordering::SeqCst) >= MOST_CLIENTS {
            clients.fetch_sub(1, Ordering::SeqCst);
            continue;
        }
        let (service, counted) = (Arc::clone(service), Arc::clone(&clients));
        let started = thread::Builder::new().name("agent client".into()).spawn(move || {
            let _ = talk(stream, service.as_ref());
            counted.fetch_sub(1, Ordering::SeqCst);
        });
        if started.is_err() {
            clients.fetch_sub(1, Ordering::SeqCst);
        }
    }
}

fn talk(mut stream: UnixStream, service: &dyn Service) -> io::Result<()> {
    stream.set_timeout(PATIENCE)?;
    service.client(&mut stream)
}

impl Served for Listening {
    fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // A last visitor wakes the thread; if nobody can get in any more it ends with the program.
        let woken = super::local::connect(&self.path, Duration::from_millis(100)).is_ok();
        if let (true, Some(thread)) = (woken, self.thread.take()) {
            let _ = thread.join();
        }
        let _ = std::fs::remove_file(&self.path);
    }
}
