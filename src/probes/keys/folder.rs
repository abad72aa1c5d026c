//! What lies in `~/.ssh`: a bounded look, so that a folder of ten thousand files costs little.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::file;
use crate::{
    facts::KeyFolder,
    probes::text,
    ssh::key_file::{self, KeyFile, KeyFormat},
    system::{Account, Kind, Metadata, System},
};

/// Names listed of one folder.
const MOST_NAMES: usize = 50_000;
/// Files that are opened, in all.
const MOST_READ: usize = 500;
/// Folders below `~/.ssh` that are entered, and how deep.
const MOST_FOLDERS: usize = 50;
const DEEPEST: usize = 4;
/// Public files without a private key beside them that are opened, to see whether they are certificates.
const MOST_CERTIFICATES: usize = 100;

/// One file, read once.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) metadata: Metadata,
    /// Its bytes understood, or why it could not be read.
    pub(super) key: Result<KeyFile, String>,
    /// Its first line, for people.
    pub(super) first_line: String,
}

/// The folder, and the private keys in it.
#[derive(Debug, Clone)]
pub struct Scan {
    folder: KeyFolder,
    keys: BTreeMap<PathBuf, Read>,
    order: Vec<PathBuf>,
    certificates: Vec<PathBuf>,
}

impl Scan {
    pub(super) fn folder(&self) -> &KeyFolder {
        &self.folder
    }

    /// Private keys that were found, in the order of their names.
    pub(super) fn candidates(&self) -> impl Iterator<Item = &Path> {
        self.order.iter().map(PathBuf::as_path)
    }

    /// Files that may be certificates.
    pub(super) fn certificates(&self) -> impl Iterator<Item = &Path> {
        self.certificates.iter().map(PathBuf::as_path)
    }

    /// What was read already.
    pub(super) fn read(&self, path: &Path) -> Option<&Read> {
        self.keys.get(path)
    }
}

/// Lists the folder and reads what may be a private key.
pub fn scan(system: &dyn System, account: &Account) -> Scan {
    let mut scan =
        Scan { folder: KeyFolder::default(), keys: BTreeMap::new(), order: Vec::new(), certificates: Vec::new() };
    let Some(home) = &account.home else { return scan };
    let mut seen = Seen { folders_left: MOST_FOLDERS, ..Seen::default() };
    list_folder(system, account, &home.join(".ssh"), &mut scan.folder, &mut seen);
    list_other_home(system, home, &mut seen);
    let Seen { mut plausible, mut public, .. } = seen;
    // A certificate's name mostly says so.
    public.sort_by_key(|path| (!path.to_string_lossy().contains("cert"), path.clone()));
    public.truncate(MOST_CERTIFICATES);
    for path in public {
        match read(system, &path) {
            // Whatever its name, ssh takes it after `-i`.
            Some(read) if read.key.as_ref().is_ok_and(KeyFile::is_private) => {
                scan.order.push(path.clone());
                scan.keys.insert(path, read);
            }
            _ => scan.certificates.push(path),
        }
    }
    // Likely ones first, so that the limit cuts the unlikely ones.
    plausible.sort_by(|a, b| (rank(a), &a.path).cmp(&(rank(b), &b.path)));
    scan.folder.not_examined += plausible.len().saturating_sub(MOST_READ);
    for candidate in plausible.into_iter().take(MOST_READ) {
        let Some(read) = read(system, &candidate.path) else { continue };
        let is_key = match &read.key {
            Ok(key) => key.is_private() || key.format == KeyFormat::Ppk,
            // Unreadable: only a name or a public half speaks for it.
            Err(_) => candidate.public_beside || candidate.name.starts_with("id_"),
        };
        if is_key {
            scan.order.push(candidate.path.clone());
            scan.keys.insert(candidate.path, read);
        } else if read.key.is_ok_and(|key| key.format == KeyFormat::CertificateLine) {
            scan.certificates.push(candidate.path);
        }
    }
    scan.order.sort();
    scan
}

/// What was listed so far.
#[derive(Default)]
struct Seen {
    files: usize,
    folders_left: usize,
    folders_not_entered: usize,
    plausible: Vec<Candidate>,
    /// Public files without a private key beside them.
    public: Vec<PathBuf>,
}

fn list_folder(system: &dyn System, account: &Account, path: &Path, folder: &mut KeyFolder, seen: &mut Seen) {
    folder.path = text::path(path);
    let Ok(metadata) = system.metadata(path) else {
        folder.owned = false.into();
        return;
    };
    folder.exists = metadata.kind == Kind::Directory;
    folder.symlink = metadata.symlink;
    folder.mode = metadata.mode.map(file::octal);
    folder.writable_by_others = metadata.mode.is_some_and(|mode| mode & 0o022 != 0);
    folder.owned = file::owned(&metadata, account);
    collect(system, path, 0, seen);
    (folder.files, folder.folders_not_entered) = (seen.files, seen.folders_not_entered);
}

/// The `.ssh` of another `$HOME` than the account's: ssh does not look there, but a person who made a key may mean it.
fn list_other_home(system: &dyn System, home: &Path, seen: &mut Seen) {
    let Some(other) = text::filled(system.env("HOME")).map(PathBuf::from) else { return };
    let real = |path: &Path| system.canonical(path).unwrap_or_else(|_| path.to_owned());
    if other.is_absolute() && real(home) != real(&other) {
        collect(system, &other.join(".ssh"), DEEPEST, seen);
    }
}

struct Candidate {
    path: PathBuf,
    name: String,
    public_beside: bool,
}

fn rank(candidate: &Candidate) -> u8 {
    let name = candidate.name.to_ascii_lowercase();
    if candidate.public_beside || name.starts_with("id_") {
        0
    } else if ["key", "rsa", "ed25519", "ecdsa", "pem", "ppk", "circleci"].iter().any(|part| name.contains(part)) {
        1
    } else {
        2
    }
}

fn collect(system: &dyn System, folder: &Path, depth: usize, seen: &mut Seen) {
    let Ok((names, count)) = system.list(folder, MOST_NAMES) else { return };
    let present: BTreeSet<String> = names.iter().map(|name| name.to_string_lossy().into_owned()).collect();
    seen.files += count;
    for name in &present {
        let path = folder.join(name);
        if no_private_key(name) {
            if name.strip_suffix(".pub").is_some_and(|stem| !present.contains(stem)) {
                seen.public.push(path);
            }
            continue;
        }
        let public_beside = present.contains(&format!("{name}.pub"));
        // Any name may be a folder's; asking costs a stat, which only few are worth.
        let folder_like = !public_beside && seen.plausible.len() < MOST_READ;
        if folder_like && system.metadata(&path).is_ok_and(|found| found.kind == Kind::Directory) {
            seen.files -= 1;
            if depth < DEEPEST && seen.folders_left > 0 {
                seen.folders_left -= 1;
                collect(system, &path, depth + 1, seen);
            } else {
                seen.folders_not_entered += 1;
            }
        } else {
            seen.plausible.push(Candidate { path, name: name.clone(), public_beside });
        }
    }
}

/// Names that never are private keys.
fn no_private_key(name: &str) -> bool {
    let starts =
        ["known_hosts", "authorized_keys", "config", "allowed_signers", "revoked_keys", "environment", "agent"];
    let is = ["rc", "moduli", ".DS_Store", "desktop.ini", ".git", ".gitignore"];
    name.ends_with(".pub")
        || name.ends_with(".sock")
        || is.contains(&name)
        || starts.iter().any(|start| name.starts_with(start))
}

/// Reads a file as a key; `None` when nothing is there or it is no file.
pub(super) fn read(system: &dyn System, path: &Path) -> Option<Read> {
    let metadata = system.metadata(path).ok()?;
    if metadata.kind != Kind::File {
        return None;
    }
    let (key, first_line) = match system.read(path, file::CAP) {
        Ok(bytes) => {
            let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
            (Ok(key_file::read(&bytes)), text::clean(line))
        }
        Err(error) => (Err(error.to_string()), String::new()),
    };
    Some(Read { metadata, key, first_line })
}
