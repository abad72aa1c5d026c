//! The programs of all images: copies of the machine's own, with the libraries that they want, made once and linked into
//! each image. They are copies, so that nothing done in an image can reach the machine's own.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use ring::digest::{SHA256, digest};

use super::super::packages;

/// Without these there is no image.
const NEEDED: [&str; 6] = ["bash", "dash", "env", "cat", "id", "mkdir"];
/// What a profile, a Dockerfile or a person may call, as far as the machine has it.
const WANTED: [&str; 61] = [
    "awk", "base64", "basename", "cat", "chmod", "chown", "cp", "cut", "date", "dirname", "du", "echo", "env", "expr",
    "false", "find", "getent", "grep", "egrep", "head", "hostname", "id", "install", "ln", "locale", "ls", "mesg",
    "mkdir", "mktemp", "mv", "nproc", "od", "printenv", "printf", "ps", "pwd", "readlink", "realpath", "rm", "rmdir",
    "sed", "seq", "sleep", "sort", "stat", "stty", "tail", "tee", "test", "touch", "tr", "true", "tty", "uname",
    "uniq", "wc", "which", "whoami", "xargs", "yes", "[",
];

/// The copies.
pub(super) struct Pool {
    folder: PathBuf,
    /// Paths of libraries, without the leading slash.
    libraries: Vec<PathBuf>,
    pub(super) busybox: Option<PathBuf>,
}

/// Why no image can be filled here, if so.
pub(super) fn obstacle() -> Option<String> {
    let missing = NEEDED.into_iter().find(|name| program(name).is_none());
    missing.map(|name| format!("the image of a job needs {name}, which is not installed"))
}

pub(super) fn pool() -> &'static Pool {
    static POOL: OnceLock<Pool> = OnceLock::new();
    POOL.get_or_init(Pool::make)
}

fn program(name: &str) -> Option<PathBuf> {
    let places = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"].map(Path::new);
    let found = places.into_iter().map(|place| place.join(name)).find(|file| file.exists())?;
    found.canonicalize().ok()
}

impl Pool {
    /// A program's copy.
    pub(super) fn program(&self, name: &str) -> Option<PathBuf> {
        Some(self.folder.join("programs").join(name)).filter(|file| file.exists())
    }

    /// Every GNU program's name.
    pub(super) fn names(&self) -> impl Iterator<Item = &'static str> {
        WANTED.into_iter().chain(["bash", "dash"])
    }

    /// Every library: where it has to be in an image, and its copy.
    pub(super) fn libraries(&self) -> impl Iterator<Item = (&Path, PathBuf)> {
        self.libraries.iter().map(|path| (path.as_path(), self.folder.join("libraries").join(path)))
    }

    /// A device's file, or what comes nearest where none can be made.
    pub(super) fn device(&self, name: &str) -> PathBuf {
        self.folder.join("dev").join(name)
    }

    fn make() -> Self {
        let programs: Vec<_> =
            WANTED.into_iter().chain(NEEDED).filter_map(|name| Some((name, program(name)?))).collect();
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("image-pool-{}", identity(&programs)));
        let libraries = libraries(programs.iter().map(|(_, file)| file.as_path()));
        if !folder.exists() {
            fill(&folder, &programs, &libraries);
        }
        let libraries = libraries.iter().map(|path| path.strip_prefix("/").expect("ldd's paths").to_path_buf());
        // A shell for small images; without it they have dash and GNU's programs under the same names.
        let busybox = packages::file("busybox-static", "bin/busybox").filter(|file| is_static(file));
        Self { folder, libraries: libraries.collect(), busybox: busybox.map(|file| copied(&file)) }
    }
}

/// The programs by name, size and time: others make another pool.
fn identity(programs: &[(&str, PathBuf)]) -> String {
    let mut text = String::new();
    for (name, file) in programs {
        let data = fs::metadata(file).expect("a program that was just found");
        text += &format!("{name} {} {} {}\n", file.display(), data.len(), data.mtime());
    }
    digest(&SHA256, text.as_bytes()).as_ref()[..6].iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The absolute paths that ldd(1) names, the loader among them.
pub(super) fn libraries<'a>(programs: impl Iterator<Item = &'a Path>) -> BTreeSet<PathBuf> {
    let output = Command::new("ldd").args(programs).env("LC_ALL", "C").output().expect("ldd(1) comes with libc");
    let text = String::from_utf8_lossy(&output.stdout);
    let words = text.lines().filter(|line| line.starts_with(char::is_whitespace)).flat_map(str::split_whitespace);
    words.filter(|word| word.starts_with('/')).map(PathBuf::from).collect()
}

/// Made beside its place and renamed into it, so that no other test process ever sees half of it.
fn fill(folder: &Path, programs: &[(&str, PathBuf)], libraries: &BTreeSet<PathBuf>) {
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder below target/");
    let copy = |from: &Path, to: PathBuf| {
        fs::create_dir_all(to.parent().expect("a folder")).expect("a folder below target/");
        fs::copy(from, &to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    };
    for (name, file) in programs {
        copy(file, work.path().join("programs").join(name));
    }
    for library in libraries {
        copy(library, work.path().join("libraries").join(library.strip_prefix("/").expect("ldd's paths")));
    }
    devices(&work.path().join("dev"));
    let _ = fs::rename(work.path(), folder);
    assert!(folder.exists(), "{} cannot be made", folder.display());
}

fn devices(folder: &Path) {
    use std::os::unix::fs::PermissionsExt;
    fs::create_dir_all(folder).expect("a folder below target/");
    for (name, minor) in [("null", "3"), ("zero", "5"), ("urandom", "9")] {
        let file = folder.join(name);
        let made = Command::new("mknod").arg(&file).args(["c", "1", minor]).output();
        // A file system without devices takes the node and refuses to open it.
        if !made.is_ok_and(|output| output.status.success()) || fs::File::open(&file).is_err() {
            let _ = fs::remove_file(&file);
            fs::write(&file, "").expect("a file below target/");
        }
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).expect("our own file");
    }
}

/// An installed busybox may want libraries, which small images do not have.
fn is_static(file: &Path) -> bool {
    let output = Command::new("ldd").arg(file).env("LC_ALL", "C").output();
    output.is_ok_and(|output| !String::from_utf8_lossy(&output.stdout).contains("=>"))
}

/// A copy of our own of busybox, under the one name that it answers to.
fn copied(file: &Path) -> PathBuf {
    let data = fs::metadata(file).expect("a file that was just found");
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("image-busybox-{}-{}", data.len(), data.mtime()));
    if !folder.exists() {
        let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder below target/");
        fs::copy(file, work.path().join("busybox")).expect("a file below target/");
        let _ = fs::rename(work.path(), &folder);
    }
    folder.join("busybox")
}
