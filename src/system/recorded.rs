//! A machine that exists only in memory, for tests: a Mac or a Windows box on Linux, an agent that never answers.
//!
//! ```
//! use cci_ssh::system::{Account, Platform, System, recorded::Recorded};
//!
//! let mac = Recorded::new(Platform::Macos)
//!     .with_account(Account { name: Some("ana".into()), home: Some("/Users/ana".into()), ..Account::default() })
//!     .file("/Users/ana/.ssh/config", 0o644, "Host *\n")
//!     .variable("SSH_AUTH_SOCK", "/private/tmp/agent");
//! assert!(mac.metadata("/Users/ana/.ssh".as_ref()).is_ok());
//! ```
//!
//! What was not recorded does not exist: reading it gives `NotFound`, running it too. Nothing here waits; a limit that
//! would be reached is reached at once.

mod files;
mod http;
mod stream;

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    io,
    net::{IpAddr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime},
};

use super::{
    Account, HandOver, HandedBack, Http, HttpSettings, Kind, Metadata, Output, Platform, Ran, Run, Scratch, Served,
    Service, Stream, System, Watch,
};
use files::Node;
pub use http::Asked;
pub use stream::{End, Exchange};

type Answer = dyn Fn(&[String]) -> Option<Ran> + Send + Sync;

/// A recorded [`System`].
pub struct Recorded {
    platform: Platform,
    account: Account,
    env: BTreeMap<String, OsString>,
    now: SystemTime,
    interactive: bool,
    nodes: BTreeMap<PathBuf, Node>,
    links: BTreeMap<PathBuf, PathBuf>,
    path: Vec<PathBuf>,
    answers: Vec<(PathBuf, Box<Answer>)>,
    names: BTreeMap<String, Result<Vec<IpAddr>, (io::ErrorKind, String)>>,
    connections: BTreeMap<SocketAddr, Result<Exchange, io::ErrorKind>>,
    sockets: BTreeMap<PathBuf, Result<Exchange, io::ErrorKind>>,
    ran: Mutex<Vec<Vec<String>>>,
    paused: Mutex<Vec<Duration>>,
    written: Arc<Mutex<Vec<u8>>>,
    servers: Arc<Mutex<http::Servers>>,
}

impl Recorded {
    /// An empty machine, with uid 1000 on anything but Windows, at the start of 2026-11-22 UTC.
    pub fn new(platform: Platform) -> Self {
        let uid = (platform != Platform::Windows).then_some(1000);
        Self {
            platform,
            account: Account { uid, ..Account::default() },
            env: BTreeMap::new(),
            now: SystemTime::UNIX_EPOCH + Duration::from_secs(1_795_305_600),
            interactive: true,
            nodes: BTreeMap::new(),
            links: BTreeMap::new(),
            path: Vec::new(),
            answers: Vec::new(),
            names: BTreeMap::new(),
            connections: BTreeMap::new(),
            sockets: BTreeMap::new(),
            ran: Mutex::default(),
            paused: Mutex::default(),
            written: Arc::default(),
            servers: Arc::default(),
        }
    }

    /// A user with a home folder, which exists.
    #[must_use]
    pub fn user(self, name: &str, home: &str) -> Self {
        let uid = self.account.uid;
        let account = Account { name: Some(name.into()), home: Some(home.into()), shell: None, uid };
        self.with_account(account).directory(home, 0o755)
    }

    /// Who the user is.
    #[must_use]
    pub fn with_account(mut self, account: Account) -> Self {
        self.account = account;
        self
    }

    /// A variable.
    #[must_use]
    pub fn variable(mut self, name: &str, value: &str) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// The time.
    #[must_use]
    pub fn clock(mut self, now: SystemTime) -> Self {
        self.now = now;
        self
    }

    /// Whether somebody sits at it.
    #[must_use]
    pub fn attended(mut self, interactive: bool) -> Self {
        self.interactive = interactive;
        self
    }

    /// A file of the user, and the folders above it.
    #[must_use]
    pub fn file(self, path: &str, mode: u32, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref().to_vec();
        self.node(path, Kind::File, mode, bytes)
    }

    /// A folder of the user.
    #[must_use]
    pub fn directory(self, path: &str, mode: u32) -> Self {
        self.node(path, Kind::Directory, mode, Vec::new())
    }

    /// A symbolic link.
    #[must_use]
    pub fn link(mut self, path: &str, to: &str) -> Self {
        self.parents(Path::new(path));
        self.links.insert(path.into(), to.into());
        self
    }

    /// Gives the path last recorded to another user, who may have shut this one out.
    #[must_use]
    pub fn owned_by(mut self, path: &str, uid: u32, unreadable: bool) -> Self {
        if let Some(node) = self.nodes.get_mut(Path::new(path)) {
            (node.uid, node.unreadable) = (uid, unreadable);
        }
        self
    }

    /// A program on PATH, after those recorded before it.
    #[must_use]
    pub fn program(self, path: &str) -> Self {
        let mut machine = self.file(path, 0o755, "");
        machine.path.push(path.into());
        machine
    }

    /// What a program prints when `answer` knows its arguments; the first recording that does so speaks.
    #[must_use]
    pub fn answer(mut self, program: &str, answer: impl Fn(&[String]) -> Option<Ran> + Send + Sync + 'static) -> Self {
        self.answers.push((program.into(), Box::new(answer)));
        self
    }

    /// What the resolver says about a name.
    #[must_use]
    pub fn name(mut self, host: &str, addresses: &[&str]) -> Self {
        self.names.insert(host.into(), Ok(addresses.iter().filter_map(|text| text.parse().ok()).collect()));
        self
    }

    /// How the resolver fails for a name.
    #[must_use]
    pub fn no_name(mut self, host: &str, kind: io::ErrorKind, text: &str) -> Self {
        self.names.insert(host.into(), Err((kind, text.into())));
        self
    }

    /// What a server says; without one, connections are refused.
    ///
    /// # Panics
    /// When `address` is no `address:port`.
    #[must_use]
    pub fn connection(mut self, address: &str, exchange: Result<Exchange, io::ErrorKind>) -> Self {
        self.connections.insert(address.parse().expect("an address and a port"), exchange);
        self
    }

    /// A Unix socket or named pipe, and who answers on it; an error is what connecting to it gives.
    #[must_use]
    pub fn socket(self, path: &str, exchange: Result<Exchange, io::ErrorKind>) -> Self {
        let mut machine = self.node(path, Kind::Socket, 0o600, Vec::new());
        machine.sockets.insert(path.into(), exchange);
        machine
    }

    /// The arguments of every program that was run, its path first.
    pub fn ran(&self) -> Vec<Vec<String>> {
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every pause, which took no time.
    pub fn paused(&self) -> Vec<Duration> {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Every byte that was written to a connection or socket.
    pub fn written(&self) -> Vec<u8> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn open(&self, exchange: &Result<Exchange, io::ErrorKind>) -> io::Result<Box<dyn Stream>> {
        let exchange = exchange.as_ref().map_err(|kind| io::Error::from(*kind))?;
        Ok(Box::new(exchange.open(Arc::clone(&self.written))))
    }
}

impl System for Recorded {
    fn platform(&self) -> Platform {
        self.platform
    }

    fn account(&self) -> Account {
        self.account.clone()
    }

    fn env(&self, name: &str) -> Option<OsString> {
        self.env.get(name).cloned()
    }

    fn host_name(&self) -> Option<String> {
        Some("recorded.example".to_owned())
    }

    fn now(&self) -> SystemTime {
        self.now
    }

    fn interactive(&self) -> bool {
        self.interactive
    }

    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        let (_, node) = self.at(path)?;
        if node.unreadable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        if node.kind != Kind::File {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        let cap = usize::try_from(cap).unwrap_or(usize::MAX);
        Ok(node.bytes[..node.bytes.len().min(cap)].to_vec())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(io::Cursor::new(self.read(path, u64::MAX)?)))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        let (_, node) = self.at(path)?;
        let unix = self.platform != Platform::Windows;
        // The path itself, its folders' links followed.
        let itself = match (path.parent(), path.file_name()) {
            (Some(parent), Some(name)) => self.follow(parent)?.join(name),
            _ => path.to_owned(),
        };
        Ok(Metadata {
            kind: node.kind,
            size: node.bytes.len() as u64,
            mode: unix.then_some(node.mode),
            uid: unix.then_some(node.uid),
            symlink: self.links.contains_key(&itself),
        })
    }

    fn list(&self, path: &Path, cap: usize) -> io::Result<(Vec<OsString>, usize)> {
        let (real, node) = self.at(path)?;
        if node.kind != Kind::Directory {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        if node.unreadable {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        let names: BTreeSet<OsString> = self
            .nodes
            .keys()
            .chain(self.links.keys())
            .filter(|path| path.parent() == Some(&real))
            .filter_map(|path| path.file_name().map(OsString::from))
            .collect();
        let count = names.len();
        Ok((names.into_iter().take(cap).collect(), count))
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        self.at(path).map(|(real, _)| real)
    }

    fn programs(&self, name: &str) -> Vec<PathBuf> {
        self.path.iter().filter(|path| program_name(path) == name).cloned().collect()
    }

    fn run(&self, run: &Run<'_>) -> io::Result<Ran> {
        let args: Vec<String> = run.args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
        let mut line = vec![run.program.to_string_lossy().into_owned()];
        line.extend(args.iter().cloned());
        self.ran.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        self.answers
            .iter()
            .filter(|(program, _)| program == run.program)
            .find_map(|(_, answer)| answer(&args))
            .ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn watch(&self, run: &Run<'_>, line: &mut (dyn FnMut(Output, &[u8]) -> Watch + Send)) -> io::Result<Ran> {
        let mut ran = self.run(run)?;
        for text in ran.stderr.clone().split(|byte| *byte == b'\n').filter(|text| !text.is_empty()) {
            if line(Output::Err, text.strip_suffix(b"\r").unwrap_or(text)) == Watch::Stop {
                (ran.stopped, ran.code) = (true, None);
                break;
            }
        }
        Ok(ran)
    }

    fn hand_over(&self, to: &HandOver<'_>) -> io::Result<HandedBack> {
        let run = Run {
            program: to.program,
            args: to.args.clone(),
            env: Vec::new(),
            timeout: Duration::MAX,
            cap: 0,
            stop: None,
        };
        Ok(HandedBack { code: self.run(&run)?.code.unwrap_or(255), interrupted: false, lasted: Duration::ZERO })
    }

    fn pause(&self, time: Duration) {
        self.paused.lock().unwrap_or_else(PoisonError::into_inner).push(time);
    }

    fn resolve(&self, host: &str, _limit: Duration) -> io::Result<Vec<IpAddr>> {
        if let Ok(address) = host.parse() {
            return Ok(vec![address]);
        }
        match self.names.get(host) {
            Some(Ok(addresses)) => Ok(addresses.clone()),
            Some(Err((kind, text))) => Err(io::Error::new(*kind, text.clone())),
            None => Err(io::Error::other("failed to lookup address information: Name or service not known")),
        }
    }

    fn connect(&self, address: SocketAddr, _limit: Duration) -> io::Result<Box<dyn Stream>> {
        self.open(self.connections.get(&address).unwrap_or(&Err(io::ErrorKind::ConnectionRefused)))
    }

    fn tcp(&self, _address: SocketAddr, _limit: Duration) -> io::Result<TcpStream> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a recorded machine has no sockets of its own"))
    }

    fn http(&self, settings: &HttpSettings) -> io::Result<Box<dyn Http>> {
        if let Some(path) = &settings.ca_certificates {
            self.read(path, u64::MAX)?;
        }
        Ok(Box::new(http::Way(Arc::clone(&self.servers))))
    }

    fn connect_local(&self, path: &Path, _limit: Duration) -> io::Result<Box<dyn Stream>> {
        let (real, _) = self.at(path)?;
        self.open(self.sockets.get(&real).unwrap_or(&Err(io::ErrorKind::ConnectionRefused)))
    }

    fn scratch(&self) -> io::Result<Box<dyn Scratch>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a recorded machine has no scratch folder"))
    }

    fn serve(&self, _path: &Path, _service: Arc<dyn Service>) -> io::Result<Box<dyn Served>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "a recorded machine answers on no socket"))
    }
}

fn program_name(path: &Path) -> String {
    let name = path.to_string_lossy();
    // A Windows path, too, on a machine where the backslash is a letter.
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    name.strip_suffix(".exe").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests;
