//! Files and folders.

use std::{
    ffi::OsString,
    fs::{self, OpenOptions},
    io::{self, Read as _},
    path::Path,
};

use crate::system::{Kind, Metadata};

/// Reads regular files only: opening a FIFO would wait for its writer, and reading a pipe (`ssh -F <(…)`) or a
/// terminal would take away what somebody else is to read.
pub(super) fn read(path: &Path, cap: u64) -> io::Result<Vec<u8>> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
        options.custom_flags(flags.bits().cast_signed());
    }
    if path == Path::new("/dev/null") {
        return Ok(Vec::new());
    }
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let file = options.open(path)?;
    // Looked at again, for it may have been exchanged in between.
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(metadata.len().min(cap)).unwrap_or(0));
    file.take(cap).read_to_end(&mut bytes)?;
    Ok(bytes)
}

pub(super) fn metadata(path: &Path) -> io::Result<Metadata> {
    let symlink = fs::symlink_metadata(path)?.is_symlink();
    let found = fs::metadata(path)?;
    let (mode, uid) = mode_and_owner(&found);
    Ok(Metadata { kind: kind(path, &found), size: found.len(), mode, uid, symlink })
}

#[cfg(unix)]
fn mode_and_owner(found: &fs::Metadata) -> (Option<u32>, Option<u32>) {
    use std::os::unix::fs::MetadataExt as _;
    (Some(found.mode() & 0o7777), Some(found.uid()))
}

#[cfg(not(unix))]
fn mode_and_owner(_found: &fs::Metadata) -> (Option<u32>, Option<u32>) {
    (None, None)
}

#[cfg_attr(unix, expect(unused_variables, reason = "a socket shows in its metadata here"))]
fn kind(path: &Path, found: &fs::Metadata) -> Kind {
    #[cfg(unix)]
    let socket = std::os::unix::fs::FileTypeExt::is_socket(&found.file_type());
    #[cfg(not(unix))]
    let socket = super::local::is_pipe(path);
    if socket {
        Kind::Socket
    } else if found.is_file() {
        Kind::File
    } else if found.is_dir() {
        Kind::Directory
    } else {
        Kind::Other
    }
}

pub(super) fn list(path: &Path, cap: usize) -> io::Result<(Vec<OsString>, usize)> {
    let mut names: Vec<OsString> = fs::read_dir(path)?.flatten().map(|entry| entry.file_name()).collect();
    let count = names.len();
    names.sort();
    names.truncate(cap);
    Ok((names, count))
}
