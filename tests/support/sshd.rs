//! A real OpenSSH sshd with a scratch configuration, for what a server written by us cannot prove.

use std::fs;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::keys;
use super::process::end;

const START_LIMIT: Duration = Duration::from_secs(10);
const PLACES: [&str; 3] = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/usr/bin/sshd"];

/// A running sshd; it ends with this value.
pub(crate) struct Sshd {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
    host_key_public: String,
    fingerprint: String,
}

impl Sshd {
    /// Starts sshd on 127.0.0.1 (and ::1 where there is one) for the user who runs the tests, whose account must not be
    /// locked (`!` in front of the password in shadow(5)) and must have a shell. `authorized` are public key
    /// lines, `extra` lines come first in its configuration, so they win over ours (sshd_config(5)).
    pub(crate) fn start<'a>(authorized: impl IntoIterator<Item = &'a str>, extra: &str) -> Self {
        Self::start_program(&program(), authorized, extra)
    }

    /// The same with another sshd, as [`other_release`](super::other_release) finds them.
    pub(crate) fn start_program<'a>(
        program: &Path,
        authorized: impl IntoIterator<Item = &'a str>,
        extra: &str,
    ) -> Self {
        make_privilege_separation_folder();
        let folder = tempfile::tempdir().expect("a temporary folder for sshd");
        let host_key = keys::generate("-t ed25519 -C host", 0);
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).expect("a file in the temporary folder");
            restrict(&file);
        };
        write("host_key", &host_key.private);
        write("authorized_keys", &authorized.into_iter().map(|line| format!("{line}\n")).collect::<String>());
        // A port that is free now can be taken before sshd has it.
        for _ in 0..5 {
            let port = free_port();
            write("sshd_config", &config(folder.path(), port, extra, program));
            write("log", "");
            let mut child = spawn(program, folder.path());
            if listens(&mut child, &folder.path().join("log")) {
                return Self {
                    child,
                    port,
                    fingerprint: host_key.fingerprint(),
                    host_key_public: host_key.public,
                    folder,
                };
            }
            end(&mut child);
        }
        panic!("sshd does not start: {}", fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The only user who can log in: the one who runs the tests.
    pub(crate) fn user() -> String {
        let output = Command::new("id").arg("-un").output().expect("id(1)");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    pub(crate) fn host_key_fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// A line for `known_hosts` that names this server.
    pub(crate) fn known_hosts_line(&self) -> String {
        format!("[127.0.0.1]:{} {}\n", self.port, self.host_key_public)
    }

    /// What sshd has said so far, at level DEBUG1.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn program() -> PathBuf {
    PLACES
        .iter()
        .map(PathBuf::from)
        .find(|path| path.exists())
        .or_else(|| which::which("sshd").ok())
        .expect("this test needs OpenSSH's server: install openssh-server, or use `tests/run`, which has everything")
}

/// sshd started by root wants the empty folder it was built with; a service manager would have made it.
fn make_privilege_separation_folder() {
    let folder = Path::new("/run/sshd");
    if rustix::process::geteuid().is_root() && !folder.exists() {
        let _ = fs::create_dir(folder);
    }
}

fn restrict(file: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o600)).expect("our own file");
}

/// A port where nobody listens at the moment.
pub(crate) fn free_port() -> u16 {
    let probe = TcpListener::bind("127.0.0.1:0").expect("a loopback port");
    probe.local_addr().expect("a bound socket has an address").port()
}

fn config(folder: &Path, port: u16, extra: &str, program: &Path) -> String {
    let folder = folder.display();
    let six =
        if TcpListener::bind("[::1]:0").is_ok() { format!("ListenAddress [::1]:{port}\n") } else { String::new() };
    // Since 9.8 sshd shuts out addresses that fail often, and all of ours come from one.
    let penalties = if version(program) >= (9, 8) { "PerSourcePenalties no\n" } else { "" };
    // Its helpers lie where it was built to be, which for an unpacked one is not where they are.
    let helpers: String = [("SshdSessionPath", "sshd-session"), ("SshdAuthPath", "sshd-auth")]
        .iter()
        .map(|(option, name)| (option, program.with_file_name(name)))
        .filter(|(_, path)| path.exists())
        .map(|(option, path)| format!("{option} {}\n", path.display()))
        .collect();
    format!(
        "{extra}\n{penalties}{helpers}ListenAddress 127.0.0.1:{port}\n{six}HostKey {folder}/host_key\n\
         AuthorizedKeysFile {folder}/authorized_keys\nStrictModes no\nUsePAM no\nPidFile none\nPermitRootLogin yes\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nLogLevel DEBUG1\nPrintMotd no\nPrintLastLog no\n"
    )
}

/// The version as sshd tells it, together with its options where it is too old for -V.
fn version(program: &Path) -> (u32, u32) {
    let output = Command::new(program).arg("-V").stdin(Stdio::null()).output().expect("sshd can be run");
    let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    let number = text.split("OpenSSH_").nth(1).unwrap_or_default();
    let mut parts = number.split(|letter: char| !letter.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    (parts.next().unwrap_or(0), parts.next().unwrap_or(0))
}

fn spawn(program: &Path, folder: &Path) -> Child {
    Command::new(program)
        .arg("-D")
        .arg("-E")
        .arg(folder.join("log"))
        .arg("-f")
        .arg(folder.join("sshd_config"))
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sshd can be run")
}

/// Waits for sshd to say so: a trial connection would stand in its log and count against its limits.
fn listens(child: &mut Child, log: &Path) -> bool {
    let limit = Instant::now() + START_LIMIT;
    while Instant::now() < limit {
        if fs::read_to_string(log).unwrap_or_default().contains("Server listening on 127.0.0.1") {
            return true;
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
