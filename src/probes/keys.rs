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
    ssh::config_text,
    system::{Account, System},
};
pub(super) use certificate::held as certificate_held;
pub(super) use file::family;
pub use folder::{Scan, scan};

/// ssh's built-in names, for when it could not be asked (ssh_config(5), IdentityFile).
const DEFAULT_NAMES: [&str; 6] = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk", "id_dsa"];

/// Configuration files that are read for the keys of other hosts, bytes of each, and keys that are taken from them.
const MOST_CONFIG_FILES: usize = 20;
const CONFIG_CAP: u64 = 256 * 1024;
const MOST_OF_OTHER_HOSTS: usize = 50;

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

/// What was found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// `~/.ssh`.
    pub folder: Fact<KeyFolder>,
    /// The keys.
    pub keys: Fact<Vec<Key>>,
    /// What CertificateFile names.
    pub certificates: Fact<Vec<Certificate>>,
}

impl Looked {
    /// Nothing, and why.
    pub fn nothing(why: &str) -> Self {
        Self { folder: Fact::unknown(why), keys: Fact::unknown(why), certificates: Fact::unknown(why) }
    }
}

/// The folder and the keys, in ssh's order, those that ssh does not look at for this host last.
///
/// A missing file is listed when the configuration or the command line names it; of ssh's built-in names only those
/// that exist are.
pub fn look(system: &dyn System, scan: &Scan, context: Context<'_>) -> Looked {
    let tokens = Tokens::new(system, context.account, context.config);
    let files = file::Files { system, account: context.account, wsl: context.machine.wsl.is_some() };
    let mut known = Known { system, paths: BTreeSet::new() };
    let mut keys: Vec<Key> = Vec::new();
    for Named { written, path, origin, listed } in named(scan, &tokens, context) {
        let key = match path {
            Fact::Known(path) => {
                files.key(Path::new(&path), origin, scan).map(|key| Key { passed_over: !listed && !key.exists, ..key })
            }
            Fact::Unknown(why) => Some(file::unknown(&written, origin, &why)),
        };
        keys.extend(key.filter(|key| known.is_new(key)));
    }
    for path in scan.candidates() {
        let key = files.key(path, KeyOrigin::Found, scan);
        keys.extend(key.filter(|key| known.is_new(key)));
    }
    for written in of_other_hosts(system, context.config) {
        let Fact::Known(path) = tokens.path(&written) else { continue };
        let key = files.key(Path::new(&path), KeyOrigin::Found, scan);
        let key = key.filter(|key| key.exists && key.fault.as_deref() != Some("public") && key.readable.is(&true));
        keys.extend(key.filter(|key| known.is_new(key)));
    }
    let certificates = named_certificates(system, &tokens, context);
    attach_certificates(certificates.known().map(Vec::as_slice).unwrap_or_default(), &mut keys);
    keygen::fill(system, &mut keys, context.limit);
    for key in &mut keys {
        usable::judge(key, context);
    }
    let folder = match &context.account.home {
        Some(_) => {
            let named = certificates.known().map(Vec::as_slice).unwrap_or_default();
            let certificates = certificates_of_nobody(system, scan, named, &keys);
            Fact::Known(KeyFolder { certificates, ..scan.folder().clone() })
        }
        None => Fact::unknown("the password database has no home for this user"),
    };
    Looked { folder, keys: keys.into(), certificates }
}

/// Whether ssh would look at a file whose key lives in a security key (FIDO).
pub fn has_security_keys(system: &dyn System, scan: &Scan, context: Context<'_>) -> bool {
    let tokens = Tokens::new(system, context.account, context.config);
    named(scan, &tokens, context).iter().any(|named| {
        let Some(path) = named.path.known().map(Path::new) else { return false };
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

/// A file that ssh is told of.
#[derive(Clone)]
struct Named {
    /// As it is written.
    written: String,
    /// With everything replaced.
    path: Fact<String>,
    origin: KeyOrigin,
    /// ssh has it in its own list, or there is no such list.
    listed: bool,
}

/// The files that ssh looks at: `ssh -G` has them in ssh's order, those of `-i` among them unless they do not exist.
fn named(scan: &Scan, tokens: &Tokens<'_>, context: Context<'_>) -> Vec<Named> {
    let config = context.config.known();
    let list = config.and_then(|config| config.identity_files.known());
    let built_in = config.is_none_or(|config| config.identity_files_configured.is(&false));
    let make =
        |written: &String, origin| Named { path: tokens.path(written), written: written.clone(), origin, listed: true };
    let given: &[String] = context.target.map_or(&[], |target| &target.identity_files);
    let mut given: Vec<Named> = given.iter().map(|written| make(written, KeyOrigin::CommandLine)).collect();
    let origin = if built_in { KeyOrigin::Default } else { KeyOrigin::Configured };
    let mut all: Vec<Named> = list.into_iter().flatten().map(|written| make(written, origin)).collect();
    if list.is_some() {
        for named in &mut all {
            let before = given.len();
            given.retain(|given| given.path != named.path);
            if given.len() < before {
                named.origin = KeyOrigin::CommandLine;
            }
        }
        given.iter_mut().for_each(|given| given.listed = false);
    } else if given.is_empty() {
        // ssh could not say; what it would look at without any configuration is the best guess, and its reason is known.
        let folder = Path::new(&scan.folder().path);
        all = DEFAULT_NAMES.iter().map(|name| make(&text::path(&folder.join(name)), KeyOrigin::Default)).collect();
    }
    let later = all.iter().position(|named| named.origin != KeyOrigin::CommandLine).unwrap_or(all.len());
    let rest = all.split_off(later);
    let mut named: Vec<Named> = all.into_iter().chain(given).chain(rest).collect();
    named.retain(|named| !named.written.eq_ignore_ascii_case("none"));
    named
}

/// What CertificateFile names, in order. A path that cannot be worked out makes the list unknown.
fn named_certificates(system: &dyn System, tokens: &Tokens<'_>, context: Context<'_>) -> Fact<Vec<Certificate>> {
    let config = match context.config {
        Fact::Known(config) => config,
        Fact::Unknown(why) => return Fact::unknown(why),
    };
    let mut found = Vec::new();
    for written in &config.certificate_files {
        match tokens.path(written) {
            Fact::Known(path) => {
                let read = certificate::read(system, Path::new(&path));
                found.extend(read.map(|certificate| Certificate { configured: true, ..certificate }));
            }
            Fact::Unknown(why) => return Fact::Unknown(why),
        }
    }
    found.into()
}

/// What IdentityFile lines name for any host, this one or not: a person may keep the right key there, outside `~/.ssh`.
fn of_other_hosts(system: &dyn System, config: &Fact<Config>) -> Vec<String> {
    let files = config.known().map(|config| config.files.as_slice()).unwrap_or_default();
    let lines = files.iter().take(MOST_CONFIG_FILES).filter_map(|file| system.read(Path::new(file), CONFIG_CAP).ok());
    let mut named: Vec<String> = Vec::new();
    for bytes in lines {
        let parsed = config_text::parse(&String::from_utf8_lossy(&bytes));
        let paths = parsed.into_iter().filter(|line| line.keyword == "identityfile");
        for path in paths.filter_map(|line| line.arguments.into_iter().next()) {
            // Other tokens stand for the other host.
            let plain = path.starts_with(['/', '~']) && !path.contains('%');
            if plain && !named.contains(&path) && named.len() < MOST_OF_OTHER_HOSTS {
                named.push(path);
            }
        }
    }
    named
}

/// A CertificateFile belongs to the key that it certifies, wherever that lies.
fn attach_certificates(certificates: &[Certificate], keys: &mut [Key]) {
    for certificate in certificates {
        let of_it = keys.iter_mut().find(|key| key.fingerprint.is(&certificate.key));
        let Some(key) = of_it else { continue };
        match &mut key.certificate {
            Some(old) if old.path == certificate.path => old.configured = true,
            Some(old) if old.configured && !old.matches.is(&false) => {}
            other => {
                *other = Some(Certificate { matches: true.into(), configured: true, ..certificate.clone() });
            }
        }
    }
}

/// Certificates in the folder that belong to no key by their name or by the configuration.
fn certificates_of_nobody(system: &dyn System, scan: &Scan, named: &[Certificate], keys: &[Key]) -> Vec<Certificate> {
    let found_by_ssh = |path: &str| {
        let mut certificates = named.iter().chain(keys.iter().filter_map(|key| key.certificate.as_ref()));
        certificates
            .any(|certificate| certificate.path == path && (certificate.configured || !certificate.matches.is(&false)))
    };
    scan.certificates()
        .filter(|path| !found_by_ssh(&text::path(path)))
        .filter_map(|path| certificate::read(system, path))
        .filter(|found| !found.for_hosts)
        .collect()
}

#[cfg(test)]
mod tests;
