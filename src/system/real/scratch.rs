//! A folder of our own.

use std::{
    fs::OpenOptions,
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::interrupt;
use crate::system::Scratch;

/// The longest parent folder that leaves room for our folder's name and a socket's in `sun_path` (104 bytes on macOS).
const LONGEST_PARENT: usize = 60;

struct Folder(tempfile::TempDir);

pub(super) fn make() -> io::Result<Box<dyn Scratch>> {
    let mut parents = Vec::new();
    if cfg!(unix) {
        parents.extend(std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from));
    }
    parents.push(std::env::temp_dir());
    if cfg!(unix) {
        parents.push("/tmp".into());
    }
    let short = |parent: &PathBuf| cfg!(not(unix)) || parent.as_os_str().len() <= LONGEST_PARENT;
    let mut failure = io::Error::new(io::ErrorKind::NotFound, "there is no folder for temporary files");
    // A long path is no place for a socket, and better than none.
    parents.sort_by_key(|parent| !short(parent));
    for parent in parents.iter().filter(|parent| parent.is_absolute()) {
        match folder_in(parent) {
            Ok(folder) => return Ok(Box::new(Folder(folder))),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

fn folder_in(parent: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix("cci-ssh-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        builder.permissions(std::fs::Permissions::from_mode(0o700));
    }
    interrupt::folder(|| builder.tempdir_in(parent))
}

impl Drop for Folder {
    fn drop(&mut self) {
        interrupt::removed(self.0.path());
    }
}

impl Scratch for Folder {
    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, bytes: &[u8]) -> io::Result<PathBuf> {
        let path = self.0.path().join(name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(0o600);
        }
        options.open(&path)?.write_all(bytes)?;
        Ok(path)
    }
}
