//! Agents: a real one, and one that hangs.

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::home::Home;
use super::process::end;

/// How long an agent may take to make its socket.
const START_LIMIT: Duration = Duration::from_secs(10);

/// A running ssh-agent; it ends with this value.
pub(crate) struct Agent {
    child: Child,
    socket: PathBuf,
}

impl Agent {
    pub(crate) fn start(home: &Home, socket: &Path) -> Self {
        let mut command = Command::new("ssh-agent");
        command.env_clear().envs(home.environment()).arg("-D").arg("-a").arg(socket);
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("ssh-agent is installed (openssh-client); `tests/run` says what the tests need");
        let agent = Self { child, socket: socket.to_owned() };
        let limit = Instant::now() + START_LIMIT;
        while UnixStream::connect(socket).is_err() {
            assert!(Instant::now() < limit, "ssh-agent made no socket at {}", socket.display());
            thread::sleep(Duration::from_millis(5));
        }
        agent
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        end(&mut self.child);
        let _ = std::fs::remove_file(&self.socket);
    }
}

/// Gives one answer to every request, and closes the connection then.
pub(crate) struct OneAnswer {
    socket: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl OneAnswer {
    /// `answers`: to the first request of a connection, to the second, and so on; then it closes.
    pub(crate) fn start(socket: &Path, answers: Vec<Vec<u8>>) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket in the scratch home");
        let stopping = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopping);
        let thread = thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let _ = stream.set_read_timeout(Some(START_LIMIT));
                for answer in &answers {
                    // A client may leave at any time.
                    if !read_request(&mut stream) || stream.write_all(answer).is_err() {
                        break;
                    }
                }
                // Nothing is left unread, which would end the connection with an error in place of an end.
                read_request(&mut stream);
            }
        });
        Self { socket: socket.to_owned(), stopping, thread: Some(thread) }
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }
}

/// Reads one message of the agent protocol; false at the end.
fn read_request(stream: &mut UnixStream) -> bool {
    let mut length = [0; 4];
    if stream.read_exact(&mut length).is_err() {
        return false;
    }
    let mut message = vec![0; u32::from_be_bytes(length).min(1 << 18) as usize];
    stream.read_exact(&mut message).is_ok()
}

impl Drop for OneAnswer {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

/// Accepts connections, keeps them and says nothing.
pub(crate) struct HungAgent {
    socket: PathBuf,
    stopping: Arc<AtomicBool>,
    connections: Arc<Mutex<Vec<UnixStream>>>,
    thread: Option<JoinHandle<()>>,
}

impl HungAgent {
    pub(crate) fn start(socket: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket in the scratch home");
        let stopping = Arc::new(AtomicBool::new(false));
        let connections = Arc::new(Mutex::new(Vec::new()));
        let (stop, held) = (Arc::clone(&stopping), Arc::clone(&connections));
        let thread = thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                held.lock().unwrap_or_else(PoisonError::into_inner).push(stream);
            }
        });
        Self { socket: socket.to_owned(), stopping, connections, thread: Some(thread) }
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }

    /// How often somebody has knocked.
    pub(crate) fn connections(&self) -> usize {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

impl HungAgent {
    /// How many of them said something.
    pub(crate) fn requests(&self) -> usize {
        let mut connections = self.connections.lock().unwrap_or_else(PoisonError::into_inner);
        let spoke = |stream: &mut UnixStream| {
            stream.set_nonblocking(true).expect("our own socket");
            stream.read(&mut [0; 16]).is_ok_and(|count| count > 0)
        };
        connections.iter_mut().map(spoke).filter(|spoke| *spoke).count()
    }
}

impl Drop for HungAgent {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        // The thread waits in accept(). Where the socket has been removed it is left to end with the test.
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}
