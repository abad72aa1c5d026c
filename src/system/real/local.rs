//! Agents' sockets: Unix sockets, and Windows' named pipes.

#[cfg(unix)]
pub(super) use unix::connect;
#[cfg(windows)]
pub(super) use windows::{connect, is_pipe};

#[cfg(unix)]
mod unix {
    use std::{
        io,
        os::unix::net::UnixStream,
        path::Path,
        thread,
        time::{Duration, Instant},
    };

    use rustix::net::{AddressFamily, SocketAddrUnix, SocketType};

    use super::super::network::at_least_something;
    use crate::system::Stream;

    /// Connects without blocking: on Linux a plain connect() to a listener that has stopped accepting waits for ever.
    pub(in super::super) fn connect(path: &Path, limit: Duration) -> io::Result<Box<dyn Stream>> {
        let deadline = Instant::now() + limit;
        let address = SocketAddrUnix::new(path)?;
        let socket = rustix::net::socket(AddressFamily::UNIX, SocketType::STREAM, None)?;
        rustix::io::fcntl_setfd(&socket, rustix::io::FdFlags::CLOEXEC)?;
        let stream = UnixStream::from(socket);
        stream.set_nonblocking(true)?;
        loop {
            match rustix::net::connect(&stream, &address) {
                Ok(()) | Err(rustix::io::Errno::ISCONN) => break,
                // The listener's queue is full.
                Err(
                    rustix::io::Errno::AGAIN
                    | rustix::io::Errno::INPROGRESS
                    | rustix::io::Errno::ALREADY
                    | rustix::io::Errno::INTR,
                ) => {}
                Err(error) => return Err(error.into()),
            }
            if Instant::now() >= deadline {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "it does not accept connections"));
            }
            thread::sleep(Duration::from_millis(5));
        }
        stream.set_nonblocking(false)?;
        let mut stream: Box<dyn Stream> = Box::new(stream);
        stream.set_timeout(limit)?;
        Ok(stream)
    }

    impl Stream for UnixStream {
        fn set_timeout(&mut self, limit: Duration) -> io::Result<()> {
            self.set_read_timeout(Some(at_least_something(limit)))?;
            self.set_write_timeout(Some(at_least_something(limit)))
        }

        #[cfg(target_os = "linux")]
        fn peer(&self) -> Option<u32> {
            let peer = rustix::net::sockopt::socket_peercred(self).ok()?;
            u32::try_from(peer.pid.as_raw_nonzero().get()).ok()
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::{
        fs::{File, OpenOptions},
        io::{self, Read, Write},
        os::windows::fs::OpenOptionsExt as _,
        path::Path,
        sync::mpsc::{self, Receiver, Sender},
        thread,
        time::{Duration, Instant},
    };

    use crate::system::Stream;

    /// SECURITY_IDENTIFICATION: whoever made the pipe may learn who we are, not act as us.
    const IDENTIFICATION: u32 = 0x0001_0000;
    const ERROR_PIPE_BUSY: i32 = 231;

    /// Whether the path names a pipe; any other file an agent variable may name (Cygwin's sockets) is no agent here.
    pub(in super::super) fn is_pipe(path: &Path) -> bool {
        let name = path.to_string_lossy().replace('/', "\\");
        name.get(..9).is_some_and(|start| start.eq_ignore_ascii_case(r"\\.\pipe\"))
    }

    pub(in super::super) fn connect(path: &Path, limit: Duration) -> io::Result<Box<dyn Stream>> {
        if !is_pipe(path) {
            return Err(io::Error::new(io::ErrorKind::Unsupported, "this is not a named pipe"));
        }
        let deadline = Instant::now() + limit;
        loop {
            match OpenOptions::new().read(true).write(true).security_qos_flags(IDENTIFICATION).open(path) {
                Ok(file) => return Ok(Box::new(Pipe::new(file, limit)?)),
                Err(error) if error.raw_os_error() == Some(ERROR_PIPE_BUSY) && Instant::now() < deadline => {
                    thread::sleep(Duration::from_millis(20));
                }
                Err(error) => return Err(error),
            }
        }
    }

    enum Order {
        Read(usize),
        Write(Vec<u8>),
    }

    /// A pipe that was opened as a file knows no time limits, so a thread works it, one order at a time; when an
    /// answer does not come in time the thread is left to itself.
    struct Pipe {
        orders: Sender<Order>,
        answers: Receiver<io::Result<Vec<u8>>>,
        limit: Duration,
        stuck: bool,
    }

    impl Pipe {
        fn new(mut file: File, limit: Duration) -> io::Result<Self> {
            let (orders, taken) = mpsc::channel();
            let (answer, answers) = mpsc::channel();
            thread::Builder::new().name("pipe".into()).spawn(move || {
                while let Ok(order) = taken.recv() {
                    let done = match order {
                        Order::Read(size) => {
                            let mut bytes = vec![0; size];
                            file.read(&mut bytes).map(|count| {
                                bytes.truncate(count);
                                bytes
                            })
                        }
                        Order::Write(bytes) => file.write_all(&bytes).map(|()| Vec::new()),
                    };
                    if answer.send(done).is_err() {
                        return;
                    }
                }
            })?;
            Ok(Self { orders, answers, limit, stuck: false })
        }

        fn order(&mut self, order: Order) -> io::Result<Vec<u8>> {
            let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "the pipe is closed");
            if self.stuck {
                return Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"));
            }
            self.orders.send(order).map_err(|_| gone())?;
            match self.answers.recv_timeout(self.limit) {
                Ok(done) => done,
                Err(mpsc::RecvTimeoutError::Timeout) => {
                    self.stuck = true;
                    Err(io::Error::new(io::ErrorKind::TimedOut, "no answer in time"))
                }
                Err(mpsc::RecvTimeoutError::Disconnected) => Err(gone()),
            }
        }
    }

    impl Read for Pipe {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let bytes = self.order(Order::Read(buffer.len()))?;
            buffer[..bytes.len()].copy_from_slice(&bytes);
            Ok(bytes.len())
        }
    }

    impl Write for Pipe {
        fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
            self.order(Order::Write(buffer.to_vec()))?;
            Ok(buffer.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    impl Stream for Pipe {
        fn set_timeout(&mut self, limit: Duration) -> io::Result<()> {
            self.limit = limit;
            Ok(())
        }
    }
}
