//! The one door to the machine: files, environment, clock, processes, sockets and HTTP.
//!
//! Probes see a `&dyn System` and nothing else, so a recorded machine can stand in for this one (a Mac in a test on
//! Linux, a home without an agent). `clippy.toml` refuses the standard library's doors everywhere but in [`real`].
//!
//! To add something a probe needs: a method here that says what is seen, its implementation in `real.rs`, and its answer
//! in `recorded.rs`. Methods never prompt, never write outside the scratch folder, and every wait has a limit, but for the
//! one program to which everything is handed over.

mod http;
pub mod real;
pub mod recorded;

use std::{
    ffi::OsString,
    io,
    net::{IpAddr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

pub use http::{Http, HttpError, HttpFault, HttpRequest, HttpResponse, HttpSettings, Method};

/// The system family, as far as files, agents and shells differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Platform {
    /// Linux, WSL included.
    Linux,
    /// macOS.
    Macos,
    /// Windows.
    Windows,
    /// Any other Unix.
    Unix,
}

/// Who runs the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// Login name in the password database (Windows: `%USERNAME%`).
    pub name: Option<String>,
    /// Home directory in the password database (Windows: `%USERPROFILE%`).
    pub home: Option<PathBuf>,
    /// Login shell in the password database.
    pub shell: Option<PathBuf>,
    /// Effective user id; not on Windows.
    pub uid: Option<u32>,
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A Unix socket, or a named pipe of Windows.
    Socket,
    /// Anything else.
    Other,
}

/// What the file system says about a path, links followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metadata {
    /// What it is.
    pub kind: Kind,
    /// Size in bytes.
    pub size: u64,
    /// Permission bits, 0o7777; not on Windows.
    pub mode: Option<u32>,
    /// Owner; not on Windows.
    pub uid: Option<u32>,
    /// The path itself is a symbolic link.
    pub symlink: bool,
}

/// A child process to run. Standard input is empty; there is no shell.
#[derive(Clone)]
pub struct Run<'a> {
    /// The program, by path.
    pub program: &'a Path,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables to set (`Some`) or remove (`None`) in the inherited environment.
    pub env: Vec<(&'a str, Option<OsString>)>,
    /// It is killed, with its process group, after this time.
    pub timeout: Duration,
    /// Bytes kept of each of its two outputs; the rest is read and dropped.
    pub cap: usize,
    /// Asked every few milliseconds while the child is silent; it is ended once the answer is yes.
    pub stop: Option<&'a (dyn Fn() -> bool + Sync)>,
}

/// A program that takes this one's place at the terminal: its three streams are ours, and so is its process group.
#[derive(Debug, Clone)]
pub struct HandOver<'a> {
    /// The program, by path.
    pub program: &'a Path,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// Variables to set in the inherited environment.
    pub env: Vec<(&'a str, OsString)>,
    /// It reads from the terminal itself, for our standard input has been read to its end.
    pub input_from_terminal: bool,
}

/// How a program ended that had taken over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HandedBack {
    /// Exit code; where a signal ended it 128 and the signal's number, as shells count.
    pub code: i32,
    /// Somebody ended it: by a signal, to it or to us.
    pub interrupted: bool,
    /// How long it ran.
    pub lasted: Duration,
}

/// What became of a child process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ran {
    /// Exit code; `None` when a signal or the time limit ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
    /// The time limit ended it.
    pub timed_out: bool,
    /// The watcher of [`System::watch`] ended it.
    pub stopped: bool,
}

/// Where a watched child's line comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// Standard output.
    Out,
    /// Standard error.
    Err,
}

/// Whether a watched child goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Watch {
    /// Read on.
    Continue,
    /// Enough was seen: end the process and its group.
    Stop,
}

/// A connection, reading and writing with limits.
pub trait Stream: io::Read + io::Write + Send {
    /// Sets the limit of each later read and write.
    ///
    /// # Errors
    /// When the system refuses it.
    fn set_timeout(&mut self, limit: Duration) -> io::Result<()>;

    /// The process that made the socket at the other end, where the system tells.
    fn peer(&self) -> Option<u32> {
        None
    }
}

/// One who answers on a socket of ours: see [`System::serve`].
pub trait Service: Send + Sync {
    /// Talks to one client until it leaves; `io::Error` ends this client only.
    ///
    /// # Errors
    /// When the client cannot be read or written.
    fn client(&self, stream: &mut dyn Stream) -> io::Result<()>;
}

/// A running [`Service`]; it ends when this is dropped.
pub trait Served: Send {
    /// Where clients find it.
    fn path(&self) -> &Path;
}

/// A folder of our own, 0700, removed when this is dropped.
pub trait Scratch: Send + Sync {
    /// Its path; short enough for a socket in it (104 bytes in all on macOS), where there is such a place.
    fn path(&self) -> &Path;

    /// Writes a file in it, 0600.
    ///
    /// # Errors
    /// When it cannot be written.
    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf>;
}

/// The machine.
pub trait System: Sync {
    /// The system family.
    fn platform(&self) -> Platform;

    /// The user, from the password database.
    fn account(&self) -> Account;

    /// A variable of the environment; empty ones count as set.
    fn env(&self, name: &str) -> Option<OsString>;

    /// The machine's own name, as gethostname(2) gives it.
    fn host_name(&self) -> Option<String>;

    /// The clock on the wall.
    fn now(&self) -> SystemTime;

    /// Whether there is a terminal on which a program could ask, whatever its standard input is.
    fn interactive(&self) -> bool;

    /// The first `cap` bytes of a file.
    ///
    /// # Errors
    /// As the system says.
    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>>;

    /// A file to be read from its beginning, however long it is.
    ///
    /// # Errors
    /// As the system says.
    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read + Send>>;

    /// What a path is.
    ///
    /// # Errors
    /// As the system says.
    fn metadata(&self, path: &Path) -> io::Result<Metadata>;

    /// Names in a directory, sorted, at most `cap`; and how many there are in all.
    ///
    /// # Errors
    /// As the system says.
    fn list(&self, path: &Path, cap: usize) -> io::Result<(Vec<OsString>, usize)>;

    /// A path with its links resolved.
    ///
    /// # Errors
    /// As the system says.
    fn canonical(&self, path: &Path) -> io::Result<PathBuf>;

    /// Every program of that name on PATH, in order.
    fn programs(&self, name: &str) -> Vec<PathBuf>;

    /// Runs a child process to its end or its limit.
    ///
    /// # Errors
    /// When it cannot be started.
    fn run(&self, run: &Run<'_>) -> io::Result<Ran>;

    /// Runs a child process and shows each line of its two outputs to `line`, which may stop it.
    ///
    /// # Errors
    /// When it cannot be started.
    fn watch(&self, run: &Run<'_>, line: &mut (dyn FnMut(Output, &[u8]) -> Watch + Send)) -> io::Result<Ran>;

    /// Lets a program take over until it ends. Signals from the terminal reach it as if we were not there: where it is
    /// stopped (Ctrl-Z) we stop, where it is continued we wait on, and what ends us ends it.
    ///
    /// # Errors
    /// When it cannot be started.
    fn hand_over(&self, to: &HandOver<'_>) -> io::Result<HandedBack>;

    /// Waits.
    fn pause(&self, time: Duration);

    /// The addresses of a name, in the resolver's order.
    ///
    /// # Errors
    /// As the resolver says; `TimedOut` when it does not answer in time.
    fn resolve(&self, host: &str, limit: Duration) -> io::Result<Vec<IpAddr>>;

    /// A TCP connection.
    ///
    /// # Errors
    /// As the system says.
    fn connect(&self, address: SocketAddr, limit: Duration) -> io::Result<Box<dyn Stream>>;

    /// The same as the socket itself, for libraries that want one.
    ///
    /// # Errors
    /// As the system says; `Unsupported` on a recorded machine.
    fn tcp(&self, address: SocketAddr, limit: Duration) -> io::Result<TcpStream>;

    /// The way to servers that speak HTTP. Nothing is connected and nothing of TLS is set up before the first request.
    ///
    /// # Errors
    /// When a file of certificates that was named cannot be read or holds none; the text says which and what to do.
    fn http(&self, settings: &HttpSettings) -> io::Result<Box<dyn Http>>;

    /// A connection to a Unix socket, or to a named pipe on Windows.
    ///
    /// # Errors
    /// As the system says.
    fn connect_local(&self, path: &Path, limit: Duration) -> io::Result<Box<dyn Stream>>;

    /// A folder of our own.
    ///
    /// # Errors
    /// When none can be made.
    fn scratch(&self) -> io::Result<Box<dyn Scratch>>;

    /// Answers on a Unix socket `path` of ours until the answer is dropped.
    ///
    /// # Errors
    /// When the socket cannot be made; `Unsupported` on Windows.
    fn serve(&self, path: &Path, service: std::sync::Arc<dyn Service>) -> io::Result<Box<dyn Served>>;
}
