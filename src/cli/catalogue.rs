//! The catalogue, as the commands about it need it: the only file of the command line that knows how it is loaded.

use std::path::{Path, PathBuf};

use super::Failure;
use crate::{
    checks::{self, Catalogue, Check},
    report::catalogue::Entry,
    system::{Kind, System},
};

/// Largest check file that is read, in bytes.
const FILE: u64 = 1 << 20;
/// Files of one folder that are looked at.
const FILES: usize = 10_000;

/// Every check, the user's own included.
pub(super) fn entries(own: &[(String, String)]) -> Result<Vec<Entry>, Failure> {
    let catalogue = Catalogue::embedded().with_folder(own.iter().map(|(name, text)| (name, text)));
    if let Some(broken) = catalogue.broken().first() {
        return Err(Failure::BrokenCheck(broken.to_string()));
    }
    Ok(catalogue.checks().into_iter().map(entry).collect())
}

/// Tests the checks of `own`, or those of the program where there are none; returns how many, and what is wrong.
pub(super) fn test(own: Option<&[(String, String)]>) -> (usize, Vec<checks::Failure>) {
    match own {
        Some(own) => {
            let catalogue = Catalogue::embedded().with_folder(own.iter().map(|(name, text)| (name, text)));
            (own.len(), checks::test_own(&catalogue))
        }
        None => {
            let catalogue = Catalogue::embedded();
            (catalogue.checks().len() + catalogue.broken().len(), checks::test(&catalogue))
        }
    }
}

/// The check files in folders of the user: `STAGE/ID.md`, or `ID.md` in a folder called as a stage. Empty without any.
pub(super) fn own(folders: &[PathBuf], system: &dyn System) -> Result<Vec<(String, String)>, Failure> {
    let mut files = Vec::new();
    for folder in folders {
        let before = files.len();
        collect(folder, 2, system, &mut files)?;
        if files.len() == before {
            return Err(Failure::NoChecks(folder.display().to_string()));
        }
    }
    Ok(files)
}

fn collect(path: &Path, depth: usize, system: &dyn System, files: &mut Vec<(String, String)>) -> Result<(), Failure> {
    let fail = |error| Failure::Read { path: path.display().to_string(), error };
    let kind = system.metadata(path).map_err(fail)?.kind;
    if kind == Kind::Directory {
        if depth == 0 {
            return Ok(());
        }
        for name in system.list(path, FILES).map_err(fail)?.0 {
            let inner = path.join(&name);
            let hidden = name.to_string_lossy().starts_with('.');
            let folder = || system.metadata(&inner).is_ok_and(|metadata| metadata.kind == Kind::Directory);
            if !hidden && (is_check(&inner) || folder()) {
                collect(&inner, depth - 1, system, files)?;
            }
        }
    } else if kind == Kind::File {
        let text = String::from_utf8_lossy(&system.read(path, FILE).map_err(fail)?).into_owned();
        files.push((name(path), text));
    }
    Ok(())
}

/// A README teaches and is no check.
fn is_check(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "md")
        && !path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"))
}

/// `keys/key-crlf.md`: what the catalogue calls the file.
fn name(path: &Path) -> String {
    let part = |part: Option<&std::ffi::OsStr>| part.unwrap_or_default().to_string_lossy().into_owned();
    format!("{}/{}", part(path.parent().and_then(Path::file_name)), part(path.file_name()))
}

fn entry(check: &Check) -> Entry {
    Entry {
        id: check.id.clone(),
        stage: check.stage.clone(),
        severity: check.severity,
        title: check.title.clone(),
        page: checks::explain(check),
    }
}
