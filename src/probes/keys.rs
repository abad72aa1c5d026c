//! Private keys, public keys and certificates on disk.
//!
//! Two steps, so that the folder can be read while ssh is asked for its configuration: [`scan`] lists `~/.ssh` and reads
//! what may be a key, [`look`] adds the files that the configuration and the command line name. Files are judged by
//! their bytes ([`crate::ssh::key_file`]); nobody is asked for a passphrase.
//!
//! Parts: `folder` (what lies in `~/.ssh`), `file` (one file), `certificate`, `usable` (what this client would not
//! use), `keygen` (the last resort for formats that only ssh-keygen reads).

mod certificate;
mod file;
mod folder;
mod keygen;
mod usable;

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    time::Duration,
};

use super::{expand::Tokens, text};
use crate::{
    facts::{Certificate, Client, Config, Fact, Key, KeyFolder, KeyOrigin, Machine, Target},
    system::{Account, System},
};
pub(super) use file::family;
pub use folder::{Scan, scan};

/// ssh's built-in names, for when it could not be asked (ssh_config(5), IdentityFile).
const DEFAULT_NAMES: [&str; 6] = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa"];

/// What else is known when the keys are looked at.
#[derive(Clone, Copy)]
pub struct Context<'c> {
    /// The user.
    pub account: &'c Account,
    /// The machine, for WSL.
    pub machine: &'c Machine,
    /// The target, for `-i`.
    pub target: Option<&'c Target>,
    /// The configuration.
    pub config: &'c Fact<Config>,
    /// The ssh program.
    pub client: &'c Fact<Client>,
    /// For the last resort, `ssh-keygen`.
    pub limit: Duration,
}

/// The folder and the keys, in ssh's order, those that ssh does not look at last.
///
/// A missing file is listed when the configuration or the command line names it; of ssh's built-in names only those
/// that exist are.
pub fn look(system: &dyn System, scan: &Scan, context: Context<'_>) -> (Fact<KeyFolder>, Fact<Vec<Key>>) {
    let tokens = Tokens::new(system, context.account, context.config);
    let files = file::Files { system, account: context.account, wsl: context.machine.wsl.is_some() };
    let mut known = Known { system, paths: BTreeSet::new() };
    let mut keys: Vec<Key> = Vec::new();
    for (written, origin) in named(scan, context) {
        let key = match tokens.path(&written) {
            Fact::Known(path) => files.key(Path::new(&path), origin, scan),
            Fact::Unknown(why) => Some(file::unknown(&written, origin, &why)),
        };
        keys.extend(key.filter(|key| known.is_new(key)));
    }
    for path in scan.candidates() {
        let key = files.key(path, KeyOrigin::Found, scan);
        keys.extend(key.filter(|key| known.is_new(key)));
    }
    attach_certificates(system, &tokens, context, &mut keys);
    keygen::fill(system, &mut keys, context.limit);
    for key in &mut keys {
        usable::judge(key, context);
    }
    let folder = match &context.account.home {
        Some(_) => Fact::Known(scan.folder().clone()),
        None => Fact::unknown("the password database has no home for this user"),
    };
    (folder, keys.into())
}

/// Whether ssh would look at a file whose key lives in a security key (FIDO).
pub fn has_security_keys(system: &dyn System, scan: &Scan, context: Context<'_>) -> bool {
    let tokens = Tokens::new(system, context.account, context.config);
    named(scan, context).iter().any(|(written, _)| {
        let Fact::Known(path) = tokens.path(written) else { return false };
        let path = Path::new(&path);
        let fresh = if scan.read(path).is_none() { folder::read(system, path) } else { None };
        let key = scan.read(path).or(fresh.as_ref()).and_then(|read| read.key.as_ref().ok());
        key.and_then(|key| key.public.as_ref()).is_some_and(|key| key.algorithm.starts_with("sk-"))
    })
}

/// Keys that were looked at, by where their links lead: one whose path leads to another's file is that key.
struct Known<'s> {
    system: &'s dyn System,
    paths: BTreeSet<PathBuf>,
}

impl Known<'_> {
    /// Whether this is the first time.
    fn is_new(&mut self, key: &Key) -> bool {
        let path = PathBuf::from(&key.path);
        self.paths.insert(self.system.canonical(&path).unwrap_or(path))
    }
}

/// The files that ssh looks at, as they are written.
fn named(scan: &Scan, context: Context<'_>) -> Vec<(String, KeyOrigin)> {
    let given: &[String] = context.target.map_or(&[], |target| &target.identity_files);
    let mut all: Vec<(String, KeyOrigin)> = given.iter().map(|path| (path.clone(), KeyOrigin::CommandLine)).collect();
    let config = context.config.known();
    match config.and_then(|config| config.identity_files.known().map(|files| (config, files))) {
        Some((config, files)) => {
            let built_in = config.identity_files_configured.is(&false);
            let origin = if built_in { KeyOrigin::Default } else { KeyOrigin::Configured };
            all.extend(files.iter().filter(|file| !given.contains(file)).map(|file| (file.clone(), origin)));
        }
        // ssh could not say; what it would look at without any configuration is the best guess, and its reason is known.
        None if given.is_empty() => {
            let folder = Path::new(&scan.folder().path);
            all.extend(DEFAULT_NAMES.iter().map(|name| (text::path(&folder.join(name)), KeyOrigin::Default)));
        }
        None => {}
    }
    all.retain(|(path, _)| !path.eq_ignore_ascii_case("none"));
    all
}

/// A CertificateFile belongs to the key that it certifies, wherever that lies.
fn attach_certificates(system: &dyn System, tokens: &Tokens<'_>, context: Context<'_>, keys: &mut [Key]) {
    let Some(config) = context.config.known() else { return };
    for written in &config.certificate_files {
        let Fact::Known(path) = tokens.path(written) else { continue };
        let Some(found) = certificate::read(system, Path::new(&path)) else { continue };
        let of_it = keys.iter_mut().find(|key| key.fingerprint.is(&found.key));
        if let Some(key) = of_it.filter(|key| key.certificate.as_ref().is_none_or(|old| old.matches.is(&false))) {
            key.certificate = Some(Certificate { matches: true.into(), ..found.facts });
        }
    }
}

#[cfg(test)]
mod tests;
