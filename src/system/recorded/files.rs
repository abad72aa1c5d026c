//! The files of a recorded machine.

use std::{
    io,
    path::{Component, Path, PathBuf},
};

use super::Recorded;
use crate::system::Kind;

#[derive(Debug, Clone)]
pub(super) struct Node {
    pub(super) kind: Kind,
    pub(super) bytes: Vec<u8>,
    pub(super) mode: u32,
    pub(super) uid: u32,
    pub(super) unreadable: bool,
}

impl Recorded {
    pub(super) fn node(mut self, path: &str, kind: Kind, mode: u32, bytes: Vec<u8>) -> Self {
        self.parents(Path::new(path));
        let uid = self.account.uid.unwrap_or(0);
        self.nodes.insert(path.into(), Node { kind, bytes, mode, uid, unreadable: false });
        self
    }

    pub(super) fn parents(&mut self, path: &Path) {
        let uid = self.account.uid.unwrap_or(0);
        for parent in path.ancestors().skip(1).filter(|parent| !self.links.contains_key(*parent)) {
            let folder = Node { kind: Kind::Directory, bytes: Vec::new(), mode: 0o755, uid, unreadable: false };
            self.nodes.entry(parent.to_owned()).or_insert(folder);
        }
    }

    /// Follows links, in every part of the path.
    pub(super) fn follow(&self, path: &Path) -> io::Result<PathBuf> {
        let mut rest: Vec<PathBuf> = parts(path);
        let mut done = PathBuf::new();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            done = if part == Path::new("..") { done.parent().unwrap_or(&done).to_owned() } else { done.join(part) };
            if let Some(target) = self.links.get(&done) {
                links += 1;
                if links > 40 {
                    return Err(io::Error::other("too many levels of symbolic links"));
                }
                done.pop();
                rest.extend(parts(target));
            }
        }
        Ok(done)
    }

    pub(super) fn at(&self, path: &Path) -> io::Result<(PathBuf, &Node)> {
        let real = self.follow(path)?;
        match self.nodes.get(&real) {
            Some(node) => Ok((real, node)),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }
}

/// The parts of a path, last first, for a stack.
fn parts(path: &Path) -> Vec<PathBuf> {
    path.components()
        .filter(|part| *part != Component::CurDir)
        .map(|part| PathBuf::from(part.as_os_str()))
        .rev()
        .collect()
}
