//! A scratch home directory that ssh, ssh-add, ssh-keygen, bash and our own program take for the user's.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, DirBuilder, Permissions};
use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Instant;

use ring::digest::{SHA256, digest};

use super::agent::{Agent, HungAgent};
use super::client;
use super::keys::{self, Key};
use super::paste::{self, Pasted};
use super::process::{Outcome, run};
use super::snapshot::{self, Snapshot};

/// What is loaded into every program of a home: one file for each thing that is not the machine's own.
const SHIM_TEXT: &str = concat!(
    include_str!("passwd_home.c"),
    include_str!("names.c"),
    include_str!("slash_tmp.c"),
    include_str!("no_sockets.c")
);

pub(crate) struct Home {
    folder: tempfile::TempDir,
    /// Variables that the test added to the scrubbed environment.
    variables: BTreeMap<OsString, OsString>,
    keys: BTreeMap<String, usize>,
}

impl Home {
    /// An empty home with an `.ssh` of mode 0700. Its path is short, because the path of a Unix socket is limited to
    /// about a hundred bytes (unix(7)).
    pub(crate) fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("home")
            .permissions(Permissions::from_mode(0o700))
            .tempdir_in("/tmp")
            .expect("a folder in /tmp");
        let mut home = Self { folder, variables: BTreeMap::new(), keys: BTreeMap::new() };
        home.make_folder(".ssh", 0o700);
        home.make_folder("bin", 0o755);
        // The smallest of containers have no /etc/hosts.
        home.name("localhost", "127.0.0.1");
        home
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A path below the home.
    pub(crate) fn join(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    pub(crate) fn make_folder(&self, path: &str, mode: u32) {
        let folder = self.join(path);
        DirBuilder::new().recursive(true).mode(mode).create(&folder).expect("a folder in the scratch home");
        fs::set_permissions(&folder, Permissions::from_mode(mode)).expect("our own folder");
    }

    /// Writes a file below the home; folders on the way are made with mode 0700.
    pub(crate) fn write(&self, path: &str, text: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let file = self.join(path);
        if let Some(parent) = file.parent().filter(|parent| !parent.exists()) {
            DirBuilder::new().recursive(true).mode(0o700).create(parent).expect("a folder in the scratch home");
        }
        fs::write(&file, text).expect("a file in the scratch home");
        fs::set_permissions(&file, Permissions::from_mode(mode)).expect("our own file");
        file
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.join(path)).unwrap_or_else(|error| panic!("~/{path}: {error}"))
    }

    /// `~/.ssh/config`.
    pub(crate) fn config(&self, text: &str) -> PathBuf {
        self.write(".ssh/config", text, 0o600)
    }

    /// `~/.ssh/known_hosts`.
    pub(crate) fn known_hosts(&self, text: &str) -> PathBuf {
        self.write(".ssh/known_hosts", text, 0o600)
    }

    /// A new key pair at `path` (`.ssh/id_ed25519`) and `path.pub`. See [`keys`] for the kinds.
    pub(crate) fn keygen(&mut self, path: &str, kind: &str) -> Key {
        let count = self.keys.entry(kind.to_owned()).or_default();
        let files = keys::generate(kind, *count);
        *count += 1;
        let private = self.write(path, &files.private, 0o600);
        self.write(&format!("{path}.pub"), format!("{}\n", files.public), 0o644);
        Key { path: private, fingerprint: files.fingerprint(), public: files.public }
    }

    /// Adds a variable to the environment of everything that runs in this home.
    pub(crate) fn set_env(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.insert(name.into(), value.into());
    }

    /// Lets a name stand for an address, or several with commas between them, in everything that runs in this home; with a negative number it fails instead,
    /// with that error of getaddrinfo(3): -2 for a name that does not exist, -3 for a resolver that does not answer.
    pub(crate) fn name(&mut self, name: &str, answer: &str) {
        let names = self.variables.entry("CCI_SSH_TEST_NAMES".into()).or_default();
        names.push(format!("{name}={answer} "));
    }

    /// From now on no program of this home can listen on a Unix socket.
    pub(crate) fn without_sockets(&mut self) {
        self.set_env("CCI_SSH_TEST_NO_SOCKETS", "1");
    }

    /// Starts a real ssh-agent with these keys and names it in SSH_AUTH_SOCK.
    pub(crate) fn agent(&mut self, keys: &[&Key]) -> Agent {
        let agent = Agent::start(self, &self.join("agent.sock"));
        self.set_env("SSH_AUTH_SOCK", agent.socket());
        for key in keys {
            let mut add = self.command("ssh-add");
            add.arg("-q").arg(&key.path);
            run(add).expect_code(0);
        }
        agent
    }

    /// Starts a real ssh-agent with these keys at a path below the home, and tells nobody.
    pub(crate) fn agent_at(&self, path: &str, keys: &[&Key]) -> Agent {
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder, 0o700);
        }
        let agent = Agent::start(self, &self.join(path));
        for key in keys {
            let mut add = self.command("ssh-add");
            add.env("SSH_AUTH_SOCK", agent.socket()).arg("-q").arg(&key.path);
            run(add).expect_code(0);
        }
        agent
    }

    /// A socket that nobody listens on any more, as an agent leaves it that was killed.
    pub(crate) fn dead_agent_socket(&self) -> PathBuf {
        let path = self.join("dead.sock");
        drop(std::os::unix::net::UnixListener::bind(&path).expect("a socket in the scratch home"));
        path
    }

    /// A socket that takes requests and never answers.
    pub(crate) fn hung_agent(&self) -> HungAgent {
        self.hung_agent_at("hung.sock")
    }

    /// The same at a path below the home.
    pub(crate) fn hung_agent_at(&self, path: &str) -> HungAgent {
        if let Some((folder, _)) = path.rsplit_once('/') {
            self.make_folder(folder, 0o700);
        }
        HungAgent::start(&self.join(path))
    }

    /// Puts a script before the real programs on PATH. `script` begins with its `#!` line.
    pub(crate) fn fake_program(&self, name: &str, script: &str) -> PathBuf {
        let file = self.join("bin").join(name);
        // Written by a child: a file that this process had open for writing could not be run while another thread starts a
        // program ("text file busy"), because that program holds a copy for a moment.
        let mut child = Command::new("sh")
            .args(["-c", "cat > \"$1\" && chmod 755 \"$1\"", "sh"])
            .arg(&file)
            .stdin(Stdio::piped())
            .spawn()
            .expect("a shell");
        child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("cat reads it all");
        assert!(child.wait().expect("our own child").success(), "cannot write {}", file.display());
        file
    }

    /// A command with a scrubbed environment in this home: no terminal, no agent, nothing of the person who runs the tests
    /// but where programs are found (`~/bin` first).
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        // A session of its own has no controlling terminal, so nothing can ask the person who runs the tests. setsid(1)
        // becomes the program, unless it leads a process group already.
        let mut command = match setsid() {
            Some(setsid) => {
                let mut command = Command::new(setsid);
                command.arg(program);
                command
            }
            None => {
                let mut command = Command::new(program);
                command.process_group(0);
                command
            }
        };
        command.current_dir(self.path()).env_clear().envs(self.environment());
        command
    }

    /// The whole environment of [`Self::command`].
    pub(crate) fn environment(&self) -> BTreeMap<OsString, OsString> {
        let mut path = OsString::from(self.join("bin"));
        path.push(":");
        path.push(client::path());
        let mut all: BTreeMap<OsString, OsString> = [
            ("PATH", path),
            ("HOME", self.path().into()),
            ("CCI_SSH_TEST_HOME", self.path().into()),
            ("LD_PRELOAD", shim().into()),
            ("LANG", "C.UTF-8".into()),
            // The folder of the person who runs the tests has agents of their own.
            ("XDG_RUNTIME_DIR", self.join("run").into()),
            ("TERM", "xterm-256color".into()),
        ]
        .map(|(name, value)| (name.into(), value))
        .into();
        all.extend(self.variables.clone());
        all
    }

    /// Runs a program with arguments in this home.
    pub(crate) fn run<A: AsRef<OsStr>>(&self, program: &str, arguments: impl IntoIterator<Item = A>) -> Outcome {
        let mut command = self.command(program);
        command.args(arguments);
        run(command)
    }

    /// The real ssh: see [`client`].
    pub(crate) fn ssh<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.run("ssh", arguments)
    }

    /// Our own program.
    pub(crate) fn cci_ssh<A: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Outcome {
        self.run(env!("CARGO_BIN_EXE_cci-ssh"), arguments)
    }

    /// `cci-ssh doctor …`; with `--format json` among the arguments, [`Outcome::json`] has the report.
    pub(crate) fn doctor<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
        self.cci_ssh(["doctor"].into_iter().chain(arguments))
    }

    /// The same at a terminal, where ssh could ask: the two streams go to files, as in `cci-ssh doctor > report`.
    pub(crate) fn doctor_at_a_terminal<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Outcome {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let words = [env!("CARGO_BIN_EXE_cci-ssh"), "doctor"].into_iter().chain(arguments);
        let command = shlex::try_join(words).expect("words without NUL");
        let (out, err) = (folder.path().join("out"), folder.path().join("err"));
        let start = Instant::now();
        let pasted = self.paste(&format!("{command} >{} 2>{}\n", out.display(), err.display()), &[]);
        let read = |file: &Path| fs::read_to_string(file).unwrap_or_default();
        // What the doctor or its ssh says on the terminal itself is nothing that a stream holds.
        assert_eq!(pasted.output, "", "something was said on the terminal");
        Outcome {
            status: pasted.code.map(|code| ExitStatus::from_raw(code << 8)),
            stdout: read(&out),
            stderr: read(&err),
            elapsed: start.elapsed(),
        }
    }

    /// Pastes text into bash at a terminal, as a person does, and answers what it asks: see [`paste`].
    pub(crate) fn paste(&self, text: &str, answers: &[(&str, &str)]) -> Pasted {
        paste::paste(self, text, answers)
    }

    /// Every file in the home, to show that nothing changed.
    pub(crate) fn snapshot(&self) -> Snapshot {
        snapshot::of(self.path())
    }
}

fn setsid() -> Option<&'static Path> {
    static SETSID: OnceLock<Option<PathBuf>> = OnceLock::new();
    SETSID.get_or_init(|| which::which("setsid").ok()).as_deref()
}

/// The library that moves the home and answers for names, compiled once.
pub(crate) fn shim() -> &'static Path {
    static SHIM: OnceLock<PathBuf> = OnceLock::new();
    SHIM.get_or_init(|| {
        // Named by its source, so that an edited source is compiled anew.
        let digest: String =
            digest(&SHA256, SHIM_TEXT.as_bytes()).as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect();
        let finished = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("scratch_home-{digest}.so"));
        if finished.exists() {
            return finished;
        }
        let ours = finished.with_extension(format!("{}.so", std::process::id()));
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support");
        let output = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&ours)
            .args(["passwd_home.c", "names.c", "slash_tmp.c", "no_sockets.c"].map(|source| folder.join(source)))
            .arg("-ldl")
            .output()
            .expect("a C compiler `cc` is installed; `tests/run` says what the tests need");
        assert!(output.status.success(), "cc: {}", String::from_utf8_lossy(&output.stderr));
        // Renamed into place, so that no other test process ever sees half of it.
        fs::rename(&ours, &finished).expect("a rename inside one folder");
        finished
    })
}
