//! The image of a job: a scratch root file system with real shells and profile files, in which the sessions of a
//! [`JobServer`](super::job_server::JobServer) run as a user of its own.
//!
//! A session is started with chroot(1), so the tests have to be root; elsewhere [`Builder::make`] says so in one line, and the
//! test is over. Nothing of the machine's own `/etc` and users is touched, and the folder is gone with the last copy of the
//! [`Image`].
//!
//! The profile files of a family are the tree of files under `families/`, written to behave as those of the distribution do; to
//! add a family, add a folder there and a line to [`FAMILIES`]. The programs are the machine's own, copied once and
//! linked into each image ([`pool`]).

mod build;
mod dockerfile;
mod expand;
mod pool;
mod root;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};

pub(crate) use self::build::Builder;
use self::root::Root;
use super::process::{Outcome, TIME_LIMIT, run, run_with};

/// A family of images: its folder under `families/`, and whether it comes with busybox instead of bash and GNU's programs.
pub(crate) struct Family {
    pub(crate) name: &'static str,
    small: bool,
}

pub(crate) const FAMILIES: [Family; 7] = [
    Family { name: "debian", small: false },
    Family { name: "ubuntu", small: false },
    Family { name: "alpine_old", small: true },
    Family { name: "alpine", small: true },
    Family { name: "redhat", small: false },
    Family { name: "suse", small: false },
    Family { name: "arch", small: false },
];

/// Somebody in the image's /etc/passwd.
#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: String,
    pub(crate) shell: String,
}

/// An image as it is shipped: its files, its ENV, and the user that its jobs run as.
#[derive(Clone, Debug)]
pub(crate) struct Image {
    root: Arc<Root>,
    user: User,
    environment: BTreeMap<String, String>,
    folder: String,
    shell: Vec<String>,
}

impl Image {
    /// By its name in [`FAMILIES`].
    pub(crate) fn of(family: &str) -> Builder {
        let known = FAMILIES.iter().find(|known| known.name == family);
        Builder::of(known.unwrap_or_else(|| panic!("there is no family {family}")).name)
    }

    pub(crate) fn debian() -> Builder {
        Builder::of("debian")
    }

    pub(crate) fn ubuntu() -> Builder {
        Builder::of("ubuntu")
    }

    /// With a profile that sets PATH anew, as until Alpine 3.14.
    pub(crate) fn alpine_old() -> Builder {
        Builder::of("alpine_old")
    }

    pub(crate) fn alpine() -> Builder {
        Builder::of("alpine")
    }

    pub(crate) fn redhat() -> Builder {
        Builder::of("redhat")
    }

    pub(crate) fn suse() -> Builder {
        Builder::of("suse")
    }

    pub(crate) fn arch() -> Builder {
        Builder::of("arch")
    }

    /// What a Dockerfile makes: see [`dockerfile`]. None, with a printed line: there can be no images here.
    pub(crate) fn from_dockerfile(text: &str) -> Option<Self> {
        dockerfile::build(text)
    }

    /// What `RUN line` in its Dockerfile would do, at the end of what stands there; panics where that fails.
    #[track_caller]
    pub(crate) fn run(&self, line: &str) -> Outcome {
        let outcome = self.try_run(line);
        assert!(outcome.success(), "RUN {line}\n{outcome:#?}");
        outcome
    }

    /// The same for a line that may fail.
    pub(crate) fn try_run(&self, line: &str) -> Outcome {
        self.try_run_with(line, &BTreeMap::new())
    }

    /// The same with ARG's variables, which stand back behind ENV's.
    fn try_run_with(&self, line: &str, arguments: &BTreeMap<String, String>) -> Outcome {
        let words: Vec<_> = self.shell.iter().cloned().chain([line.to_owned()]).collect();
        let mut command = self.command_in(&self.folder, &words);
        command.env_clear().envs(arguments).envs(self.variables());
        run(command)
    }

    /// Writes a file as the build's root does; folders on the way are made.
    pub(crate) fn write(&self, path: &str, text: &str) {
        self.root.write(path, text.as_bytes(), None);
    }

    /// Writes a file below the user's home, of the user's own.
    pub(crate) fn write_home(&self, path: &str, text: &str) {
        self.root.write(&format!("{}/{path}", self.user.home), text.as_bytes(), Some(&self.user));
    }

    /// The text of a file; empty where there is none.
    pub(crate) fn read(&self, path: &str) -> String {
        self.root.read(path)
    }

    pub(crate) fn user(&self) -> &User {
        &self.user
    }

    /// What `ENV` has set, and no more.
    pub(crate) fn environment(&self) -> &BTreeMap<String, String> {
        &self.environment
    }

    /// The environment of everything that runs in a container of this image: HOME and HOSTNAME come from Docker.
    pub(crate) fn variables(&self) -> BTreeMap<String, String> {
        let mut all = BTreeMap::from([("HOSTNAME".to_owned(), "job".to_owned())]);
        all.insert("HOME".to_owned(), self.user.home.clone());
        all.extend(self.environment.clone());
        all
    }

    /// The names of all that runs in it.
    pub(crate) fn processes(&self) -> Vec<String> {
        self.root.processes().into_iter().map(|(_, name)| name).collect()
    }

    /// The folder of its files on the machine.
    pub(crate) fn folder(&self) -> &Path {
        self.root.path()
    }

    /// What a terminal without a command gets: the user's login shell.
    pub(crate) fn login_shell(&self) -> Vec<String> {
        [self.user.shell.as_str(), "-l", "-i"].map(str::to_owned).into()
    }

    /// What the user's login shell says to somebody who types this, without a way in between.
    pub(crate) fn typed(&self, text: &str) -> Outcome {
        let mut command = self.command(&self.login_shell());
        command.env_clear().envs(self.variables()).env("TERM", "xterm");
        run_with(command, text.as_bytes(), TIME_LIMIT)
    }

    /// A command that runs `words`, of which the first is a path, inside the image as its user, from the user's home. The
    /// environment is left to the caller.
    pub(crate) fn command(&self, words: &[String]) -> Command {
        let home = self.user.home.trim_start_matches('/');
        self.command_in(if self.folder().join(home).is_dir() { &self.user.home } else { "/" }, words)
    }

    fn command_in(&self, folder: &str, words: &[String]) -> Command {
        let mut command = Command::new(chroot().expect("an image is only made where chroot(1) works"));
        command
            .arg(format!("--userspec={}:{}", self.user.uid, self.user.gid))
            .arg("--groups=")
            .arg(self.folder())
            // chroot(1) begins in /, and this env is not one of the image's programs.
            .args([root::ENV, "-C", folder])
            .args(words);
        command
    }
}

/// chroot(1), by its full path: what runs with an image's PATH finds nothing of the machine's.
fn chroot() -> Option<&'static Path> {
    static CHROOT: OnceLock<Option<std::path::PathBuf>> = OnceLock::new();
    let found = CHROOT.get_or_init(|| {
        let places = ["/usr/sbin/chroot", "/usr/bin/chroot", "/sbin/chroot"].map(Path::new);
        places.into_iter().find(|place| place.exists()).map(Path::to_path_buf)
    });
    found.as_deref()
}

/// Why there can be no images here, if so; asked once.
fn obstacle() -> Option<&'static str> {
    static OBSTACLE: OnceLock<Option<String>> = OnceLock::new();
    let found = OBSTACLE.get_or_init(|| {
        if !rustix::process::geteuid().is_root() {
            return Some("the image of a job needs root, for chroot(1)".to_owned());
        }
        let Some(chroot) = chroot() else { return Some("there is no chroot(1) here".to_owned()) };
        let mut trial = Command::new(chroot);
        // The user, too, is a thing that a container can forbid.
        trial.args(["--userspec=3434:3434", "--groups=", "/", "/bin/true"]).stdin(Stdio::null());
        match trial.output() {
            Ok(output) if output.status.success() => pool::obstacle(),
            Ok(output) => Some(format!("chroot(1): {}", String::from_utf8_lossy(&output.stderr).trim())),
            Err(error) => Some(format!("chroot(1): {error}")),
        }
    });
    found.as_deref()
}
