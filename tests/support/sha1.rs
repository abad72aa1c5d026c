//! SHA-1 signatures of RSA keys, which a real ssh-agent still makes when nobody asks it for better ones (its protocol's
//! flags are the only way to ask). Two old things are made of it: a host key that signs so, and an agent that does not know
//! the flags.

use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::job_server::wire::{Reader, Writer};
use super::keys::blob;
use super::process::end;

/// How long an agent may take to make its socket, or to answer.
const LIMIT: Duration = Duration::from_secs(10);
/// draft-ietf-sshm-ssh-agent, section 6.
const SIGN_REQUEST: u8 = 13;
const SIGN_RESPONSE: u8 = 14;

/// An RSA key that signs with SHA-1.
pub(crate) struct Sha1Key {
    agent: Child,
    folder: tempfile::TempDir,
    /// The public key as it is sent and fingerprinted.
    pub(crate) blob: Vec<u8>,
}

impl Sha1Key {
    pub(crate) fn make() -> Self {
        let folder = tempfile::Builder::new().prefix("sha1").tempdir_in("/tmp").expect("a folder in /tmp");
        let (file, socket) = (folder.path().join("key"), folder.path().join("socket"));
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "rsa", "-b", "2048", "-N", "", "-C", "", "-f"]).arg(&file);
        succeed(keygen);
        let mut agent = Command::new("ssh-agent");
        agent.args(["-D", "-a"]).arg(&socket).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let agent = agent.process_group(0).spawn().expect("ssh-agent is installed (openssh-client)");
        let limit = Instant::now() + LIMIT;
        while UnixStream::connect(&socket).is_err() {
            assert!(Instant::now() < limit, "ssh-agent made no socket at {}", socket.display());
            thread::sleep(Duration::from_millis(5));
        }
        let mut add = Command::new("ssh-add");
        add.arg("-q").arg(&file).env("SSH_AUTH_SOCK", &socket);
        succeed(add);
        let public = std::fs::read_to_string(file.with_extension("pub")).expect("ssh-keygen wrote both files");
        Self { agent, folder, blob: blob(&public) }
    }

    /// The signature blob, which names its algorithm, `ssh-rsa`, itself.
    pub(crate) fn sign(&self, data: &[u8]) -> io::Result<Vec<u8>> {
        let mut stream = UnixStream::connect(self.folder.path().join("socket"))?;
        stream.set_read_timeout(Some(LIMIT))?;
        send(&mut stream, &Writer::message(SIGN_REQUEST).string(&self.blob).string(data).u32(0).finish())?;
        let answer = receive(&mut stream)?;
        let mut fields = Reader::new(&answer);
        if fields.u8()? != SIGN_RESPONSE {
            return Err(io::Error::other("ssh-agent does not sign"));
        }
        Ok(fields.string()?.to_vec())
    }
}

impl Drop for Sha1Key {
    fn drop(&mut self) {
        end(&mut self.agent);
    }
}

fn succeed(mut command: Command) {
    let output = command.stdin(Stdio::null()).output().expect("openssh-client is installed");
    assert!(output.status.success(), "{command:?}: {output:?}");
}

/// Stands before a real agent and loses the flags of every request to sign, as agents do that are older than them.
pub(crate) struct Sha1Agent {
    socket: PathBuf,
    stopping: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Sha1Agent {
    pub(crate) fn start(socket: &Path, behind: &Path) -> Self {
        let listener = UnixListener::bind(socket).expect("a socket in the scratch home");
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, behind) = (Arc::clone(&stopping), behind.to_owned());
        let thread = thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let behind = behind.clone();
                // A client that goes away ends its thread.
                thread::spawn(move || pass_on(client, &behind));
            }
        });
        Self { socket: socket.to_owned(), stopping, thread: Some(thread) }
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.socket
    }
}

impl Drop for Sha1Agent {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::SeqCst);
        if UnixStream::connect(&self.socket).is_ok()
            && let Some(thread) = self.thread.take()
        {
            let _ = thread.join();
        }
    }
}

fn pass_on(mut client: UnixStream, behind: &Path) -> io::Result<()> {
    let mut agent = UnixStream::connect(behind)?;
    loop {
        let mut message = receive(&mut client)?;
        if message.first() == Some(&SIGN_REQUEST) {
            let flags = message.len().saturating_sub(4);
            message.truncate(flags);
            message.extend([0; 4]);
        }
        send(&mut agent, &message)?;
        let answer = receive(&mut agent)?;
        send(&mut client, &answer)?;
    }
}

fn send(stream: &mut UnixStream, message: &[u8]) -> io::Result<()> {
    stream.write_all(&Writer::new().string(message).finish())
}

fn receive(stream: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    stream.read_exact(&mut length)?;
    let mut message = vec![0; u32::from_be_bytes(length) as usize];
    stream.read_exact(&mut message)?;
    Ok(message)
}
