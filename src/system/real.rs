//! The machine this program runs on.
//!
//! A part per door: `files`, `process`, `network`, `http`, `local` (Unix sockets and Windows' pipes), `serve`, `scratch`,
//! `account`; `interrupt` knows what to clean up. What differs between systems is `cfg` inside the part, never in a probe.

// This is the door that clippy.toml guards.
#![allow(clippy::disallowed_methods, clippy::disallowed_types)]

mod account;
mod files;
mod hand_over;
mod http;
mod interrupt;
mod local;
mod network;
mod process;
mod scratch;
#[cfg(unix)]
mod serve;

use std::{
    ffi::OsString,
    io,
    net::{IpAddr, SocketAddr, TcpStream},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, SystemTime},
};

pub use interrupt::on_interrupt;

use super::{
    Account, HandOver, HandedBack, Http, HttpSettings, Metadata, Output, Platform, Ran, Run, Scratch, Served, Service,
    Stream, System, Watch,
};

/// The real [`System`].
#[derive(Debug, Clone, Copy, Default)]
pub struct Real;

impl System for Real {
    fn platform(&self) -> Platform {
        if cfg!(target_os = "linux") {
            Platform::Linux
        } else if cfg!(target_os = "macos") {
            Platform::Macos
        } else if cfg!(windows) {
            Platform::Windows
        } else {
            Platform::Unix
        }
    }

    fn account(&self) -> Account {
        account::current()
    }

    fn env(&self, name: &str) -> Option<OsString> {
        std::env::var_os(name)
    }

    fn host_name(&self) -> Option<String> {
        account::host_name()
    }

    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn interactive(&self) -> bool {
        // ssh opens the terminal itself (readpass.c), whatever its standard input is.
        #[cfg(unix)]
        {
            std::fs::OpenOptions::new().read(true).write(true).open("/dev/tty").is_ok()
        }
        #[cfg(not(unix))]
        {
            use io::IsTerminal as _;
            io::stdin().is_terminal()
        }
    }

    fn read(&self, path: &Path, cap: u64) -> io::Result<Vec<u8>> {
        files::read(path, cap)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn io::Read + Send>> {
        Ok(Box::new(std::fs::File::open(path)?))
    }

    fn metadata(&self, path: &Path) -> io::Result<Metadata> {
        files::metadata(path)
    }

    fn list(&self, path: &Path, cap: usize) -> io::Result<(Vec<OsString>, usize)> {
        files::list(path, cap)
    }

    fn canonical(&self, path: &Path) -> io::Result<PathBuf> {
        std::fs::canonicalize(path)
    }

    fn programs(&self, name: &str) -> Vec<PathBuf> {
        let mut programs: Vec<PathBuf> = Vec::new();
        for program in which::which_all(name).into_iter().flatten() {
            if !programs.contains(&program) {
                programs.push(program);
            }
        }
        programs
    }

    fn run(&self, run: &Run<'_>) -> io::Result<Ran> {
        process::run(run, None)
    }

    fn watch(&self, run: &Run<'_>, line: &mut (dyn FnMut(Output, &[u8]) -> Watch + Send)) -> io::Result<Ran> {
        process::run(run, Some(line))
    }

    fn hand_over(&self, to: &HandOver<'_>) -> io::Result<HandedBack> {
        hand_over::run(to)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn resolve(&self, host: &str, limit: Duration) -> io::Result<Vec<IpAddr>> {
        network::resolve(host, limit)
    }

    fn connect(&self, address: SocketAddr, limit: Duration) -> io::Result<Box<dyn Stream>> {
        network::connect(address, limit)
    }

    fn tcp(&self, address: SocketAddr, limit: Duration) -> io::Result<TcpStream> {
        network::tcp(address, limit)
    }

    fn http(&self, settings: &HttpSettings) -> io::Result<Box<dyn Http>> {
        http::open(settings, &|name| self.env(name))
    }

    fn connect_local(&self, path: &Path, limit: Duration) -> io::Result<Box<dyn Stream>> {
        local::connect(path, limit)
    }

    fn scratch(&self) -> io::Result<Box<dyn Scratch>> {
        scratch::make()
    }

    #[cfg(unix)]
    fn serve(&self, path: &Path, service: Arc<dyn Service>) -> io::Result<Box<dyn Served>> {
        serve::start(path, service)
    }

    #[cfg(not(unix))]
    fn serve(&self, _path: &Path, _service: Arc<dyn Service>) -> io::Result<Box<dyn Served>> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "this system's ssh cannot use a Unix socket as its agent"))
    }
}

#[cfg(test)]
mod tests;
