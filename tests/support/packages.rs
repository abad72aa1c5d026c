//! Files of Debian's packages that a test wants and the machine may not have: unpacked into the target folder, never
//! installed. Where there is no apt-get, no network or no such package, the test is skipped with a printed line.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::process::run_with;

/// How long one download may take.
const LIMIT: Duration = Duration::from_secs(60);

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// The file `path` (without a leading slash) of a package: the installed one, or one that is unpacked here. None, with the
/// reason printed: it cannot be had.
pub(crate) fn file(package: &str, path: &str) -> Option<PathBuf> {
    let installed = Path::new("/").join(path);
    if installed.exists() {
        return Some(installed);
    }
    let found = unpacked(package).map(|folder| folder.join(path)).filter(|file| file.exists());
    if found.is_none() {
        super::skipped(&format!("the package {package} with {path} is not installed and cannot be downloaded"));
    }
    found
}

/// The folder with all of a package's files, installed or not. None, with the reason printed: it cannot be had.
pub(crate) fn folder(package: &str) -> Option<PathBuf> {
    let found = unpacked(package);
    if found.is_none() {
        super::skipped(&format!("the package {package} cannot be downloaded"));
    }
    found
}

fn unpacked(package: &str) -> Option<PathBuf> {
    let _alone = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    let finished = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packages").join(package);
    if finished.exists() {
        return Some(finished);
    }
    which::which("apt-get").and_then(|_| which::which("dpkg-deb")).ok()?;
    let work = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).ok()?;
    let mut download = Command::new("apt-get");
    download.args(["-q", "download", package]).current_dir(work.path());
    if !run_with(download, b"", LIMIT).success() {
        return None;
    }
    let archive = fs::read_dir(work.path()).ok()?.filter_map(Result::ok).map(|entry| entry.path()).next()?;
    let root = work.path().join("root");
    let mut unpack = Command::new("dpkg-deb");
    unpack.arg("-x").arg(archive).arg(&root);
    if !run_with(unpack, b"", LIMIT).success() {
        return None;
    }
    fs::create_dir_all(finished.parent()?).ok()?;
    // Another test process may have been quicker.
    fs::rename(&root, &finished).ok();
    finished.exists().then_some(finished)
}
