//! A real dropbear: the server of routers, boards and small images, which is no relative of OpenSSH's.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::home::shim;
use super::job_server::fingerprint;
use super::keys::blob;
use super::process::end;
use super::sshd::free_port;

const START_LIMIT: Duration = Duration::from_secs(10);

/// A running dropbear; it ends with this value.
pub(crate) struct Dropbear {
    child: Child,
    port: u16,
    folder: tempfile::TempDir,
    host_key_public: String,
}

/// What a dropbear is asked to be. [`Options::new`] lets nobody in and has an Ed25519 host key.
pub(crate) struct Options {
    authorized: Vec<String>,
    host_key: &'static str,
    passwords: bool,
    words: Vec<String>,
}

impl Options {
    pub(crate) fn new() -> Self {
        Self { authorized: Vec::new(), host_key: "ed25519", passwords: false, words: Vec::new() }
    }

    /// Lets these keys in, each a line as in `authorized_keys`.
    pub(crate) fn authorizing<'a>(public_lines: impl IntoIterator<Item = &'a str>) -> Self {
        Self { authorized: public_lines.into_iter().map(str::to_owned).collect(), ..Self::new() }
    }

    /// The type of the host key, as dropbearkey names it: `ed25519`, `ecdsa`, `rsa`.
    pub(crate) fn host_key(mut self, kind: &'static str) -> Self {
        self.host_key = kind;
        self
    }

    /// Passwords are a method too, as they are where nobody has switched them off.
    pub(crate) fn passwords(mut self) -> Self {
        self.passwords = true;
        self
    }

    /// More words for its command line (dropbear(8)).
    pub(crate) fn words<'a>(mut self, words: impl IntoIterator<Item = &'a str>) -> Self {
        self.words.extend(words.into_iter().map(str::to_owned));
        self
    }
}

/// Whether there is a dropbear; where there is none, a line says that the test is skipped.
pub(crate) fn is_there() -> bool {
    let found = program("dropbear").is_some() && program("dropbearkey").is_some();
    if !found {
        super::skipped("a test against dropbear, which is not installed (Debian's package is dropbear-bin)");
    }
    found
}

impl Dropbear {
    /// Starts dropbear on 127.0.0.1 for the user who runs the tests, in a home of its own. Every session prints `says` and
    /// ends.
    pub(crate) fn start(options: &Options, says: &str) -> Self {
        let folder = tempfile::Builder::new().prefix("bear").tempdir_in("/tmp").expect("a folder in /tmp");
        let write = |name: &str, text: &str| {
            let file = folder.path().join(name);
            fs::write(&file, text).expect("a file in the temporary folder");
            fs::set_permissions(&file, Permissions::from_mode(0o600)).expect("our own file");
        };
        fs::create_dir(folder.path().join(".ssh")).expect("a folder in the temporary folder");
        fs::set_permissions(folder.path().join(".ssh"), Permissions::from_mode(0o700)).expect("our own folder");
        write(".ssh/authorized_keys", &options.authorized.iter().map(|line| format!("{line}\n")).collect::<String>());
        write("sessions", "");
        let host_key_public = make_host_key(folder.path(), options.host_key);
        let command = format!("echo session >> {}/sessions; echo '{says}'", folder.path().display());
        // A port that is free now can be taken before dropbear has it.
        for _ in 0..5 {
            let port = free_port();
            let mut child = spawn(folder.path(), port, &command, options);
            if listens(&mut child, &folder.path().join("log")) {
                return Self { child, port, folder, host_key_public };
            }
            end(&mut child);
        }
        panic!("dropbear does not start: {}", fs::read_to_string(folder.path().join("log")).unwrap_or_default());
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// A line for `known_hosts` that names this server.
    pub(crate) fn known_hosts_line(&self) -> String {
        format!("[127.0.0.1]:{} {}\n", self.port, self.host_key_public)
    }

    pub(crate) fn host_key_fingerprint(&self) -> String {
        fingerprint(&blob(&self.host_key_public))
    }

    /// What dropbear has said so far.
    pub(crate) fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }

    /// How many logins there have been.
    pub(crate) fn logins(&self) -> usize {
        self.log().matches("auth succeeded").count()
    }

    /// How many sessions have been opened.
    pub(crate) fn sessions(&self) -> usize {
        fs::read_to_string(self.folder.path().join("sessions")).unwrap_or_default().lines().count()
    }
}

impl Drop for Dropbear {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn program(name: &str) -> Option<PathBuf> {
    let places = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"];
    places
        .iter()
        .map(|place| Path::new(place).join(name))
        .find(|path| path.exists())
        .or_else(|| which::which(name).ok())
}

/// A key in dropbear's own format, and its public line.
fn make_host_key(folder: &Path, kind: &str) -> String {
    let output = Command::new(program("dropbearkey").expect("dropbearkey comes with dropbear"))
        .args(["-t", kind, "-f"])
        .arg(folder.join("host_key"))
        .stdin(Stdio::null())
        .output()
        .expect("dropbearkey can be run");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("ssh-") || line.starts_with("ecdsa-"));
    line.unwrap_or_else(|| panic!("dropbearkey: {output:?}")).to_owned()
}

fn spawn(folder: &Path, port: u16, command: &str, options: &Options) -> Child {
    let log = File::create(folder.join("log")).expect("a file in the temporary folder");
    Command::new(program("dropbear").expect("the test asked whether it is there"))
        .args(["-F", "-E", "-m", "-P"])
        .arg(folder.join("pid"))
        .arg("-r")
        .arg(folder.join("host_key"))
        .args(["-p", &format!("127.0.0.1:{port}"), "-c", command])
        .args((!options.passwords).then_some("-s"))
        .args(&options.words)
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LD_PRELOAD", shim())
        .env("CCI_SSH_TEST_HOME", folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log)
        .process_group(0)
        .spawn()
        .expect("dropbear can be run")
}

/// Waits for dropbear to say that it is ready: a trial connection would stand in its log.
fn listens(child: &mut Child, log: &Path) -> bool {
    let limit = Instant::now() + START_LIMIT;
    while Instant::now() < limit {
        if fs::read_to_string(log).unwrap_or_default().contains("Not backgrounding") {
            return true;
        }
        if !matches!(child.try_wait(), Ok(None)) {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    false
}
