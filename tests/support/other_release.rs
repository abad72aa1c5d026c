//! Servers of other Debian releases, unpacked into target/ by `tests/other-release`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

static FOUND: Mutex<BTreeMap<String, Option<PathBuf>>> = Mutex::new(BTreeMap::new());

/// The sshd of a release (`trixie`, `testing`); where it cannot be had, a line says why the test is skipped.
pub(crate) fn sshd(suite: &str) -> Option<PathBuf> {
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    found.entry(suite.to_owned()).or_insert_with(|| unpack(suite)).clone()
}

fn unpack(suite: &str) -> Option<PathBuf> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/other-release");
    let output = Command::new(script).args([suite, "openssh-server"]).stdin(Stdio::null()).output();
    let output = output.expect("tests/other-release is part of the repository");
    let folder = String::from_utf8_lossy(&output.stdout).lines().last().map(str::to_owned);
    let sshd = folder.filter(|_| output.status.success()).map(|folder| Path::new(&folder).join("sshd"));
    if sshd.is_none() {
        let why = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        super::skipped(&format!("a test against the sshd of Debian's {suite}: {why}"));
    }
    sshd
}
