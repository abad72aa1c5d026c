//! What a folder holds, to compare before and after.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::{Path, PathBuf};

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine};
use ring::digest::{SHA256, digest};

/// One line per file, by its path below the folder: kind, mode, and what is in it.
pub(crate) type Snapshot = BTreeMap<PathBuf, String>;

/// Everything below `folder`, without following links.
pub(crate) fn of(folder: &Path) -> Snapshot {
    let mut all = BTreeMap::new();
    add(folder, folder, &mut all);
    all
}

fn add(top: &Path, folder: &Path, all: &mut Snapshot) {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    for entry in entries {
        let path = entry.expect("our own folder").path();
        let Ok(data) = path.symlink_metadata() else { continue };
        let kind = data.file_type();
        let mode = data.permissions().mode() & 0o7777;
        let content = if kind.is_dir() {
            add(top, &path, all);
            "folder".to_owned()
        } else if kind.is_symlink() {
            format!("link to {}", fs::read_link(&path).unwrap_or_default().display())
        } else if kind.is_file() {
            let bytes = fs::read(&path).unwrap_or_default();
            format!("file of {} bytes {}", bytes.len(), BASE64_STANDARD_NO_PAD.encode(digest(&SHA256, &bytes)))
        } else if kind.is_socket() {
            "socket".to_owned()
        } else {
            "something else".to_owned()
        };
        let name = path.strip_prefix(top).unwrap_or(&path).to_owned();
        all.insert(name, format!("{mode:04o} {content}"));
    }
}
