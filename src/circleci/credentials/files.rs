//! The files of CircleCI's CLI: today's `~/.config/circleci/config.yml` (`internal/config/config.go`) and the old
//! `~/.circleci/cli.yml` (`settings/settings.go`, branch v0).
//!
//! Both are flat maps. Only scalars of the top level are read, so what is nested, and what refers to it, costs nothing.

use std::{
    collections::BTreeMap,
    io,
    path::{Path, PathBuf},
};

use saphyr_parser::{Event, Parser, ScalarStyle};

use super::{Host, Token, filled, shown};
use crate::system::{Account, Platform, System};

/// The largest file that is read, in bytes.
const LARGEST: u64 = 64 * 1024;

/// The names that are read.
const NAMES: [&str; 6] = ["token", "host", "endpoint", "rest_endpoint", "tls_cert", "tls_insecure"];

/// What a file holds.
pub(super) struct Stored {
    /// Its path as its owner knows it.
    pub(super) shown: PathBuf,
    /// The installation it is for; `None` is the CLI's own default, the cloud. An error where nobody can say.
    pub(super) host: Result<Option<Host>, NotKnown>,
    /// The same as it is written there: the CLI names its keyring entries so.
    pub(super) typed_host: Option<String>,
    pub(super) token: Option<Token>,
    /// The old CLI's `tls_cert`.
    pub(super) cacert: Option<PathBuf>,
    /// Why that is not trusted.
    pub(super) cacert_refused: Option<String>,
    /// The old CLI's `tls_insecure`, and that it is not followed.
    pub(super) insecure: Option<String>,
    /// That others can read it.
    pub(super) readable_by_others: Option<String>,
}

/// The file is there, and which installation it is for is not known.
#[derive(Clone, Copy)]
pub(super) struct NotKnown;

impl Stored {
    fn unread(shown: PathBuf) -> Self {
        Self {
            shown,
            host: Err(NotKnown),
            typed_host: None,
            token: None,
            cacert: None,
            cacert_refused: None,
            insecure: None,
            readable_by_others: None,
        }
    }

    /// Whether it is for that installation.
    pub(super) fn is_for(&self, host: &Host) -> bool {
        match &self.host {
            Ok(Some(own)) => own == host,
            Ok(None) => host.is_cloud(),
            Err(NotKnown) => false,
        }
    }
}

/// Today's CLI takes `$XDG_CONFIG_HOME` on every system, Windows too.
pub(super) fn new(system: &dyn System, account: &Account, notes: &mut Vec<String>) -> Option<Stored> {
    let home = home(system, account);
    let base = match filled(system, "XDG_CONFIG_HOME").map(PathBuf::from) {
        Some(base) if is_absolute(system, &base) => base,
        // Nothing is taken from the current directory.
        Some(_) => {
            notes.push("XDG_CONFIG_HOME is not an absolute path, so the CircleCI CLI's file was not read".to_owned());
            return Some(Stored::unread("$XDG_CONFIG_HOME/circleci/config.yml".into()));
        }
        None => home.as_ref()?.join(".config"),
    };
    read(system, &base.join("circleci").join("config.yml"), home.as_deref(), false, notes)
}

/// The old CLI.
pub(super) fn old(system: &dyn System, account: &Account, notes: &mut Vec<String>) -> Option<Stored> {
    let home = home(system, account)?;
    read(system, &home.join(".circleci").join("cli.yml"), Some(&home), true, notes)
}

/// Where Go's `os.UserHomeDir` looks, else where the password database says.
fn home(system: &dyn System, account: &Account) -> Option<PathBuf> {
    let variable = if system.platform() == Platform::Windows { "USERPROFILE" } else { "HOME" };
    let named = filled(system, variable).map(PathBuf::from).filter(|home| is_absolute(system, home));
    named.or_else(|| account.home.clone())
}

fn is_absolute(system: &dyn System, path: &Path) -> bool {
    system.platform() == Platform::Windows || path.has_root()
}

fn read(
    system: &dyn System,
    path: &Path,
    home: Option<&Path>,
    is_old: bool,
    notes: &mut Vec<String>,
) -> Option<Stored> {
    let shown = home.map_or_else(|| path.to_owned(), |home| shown(path, home));
    let values = match contents(system, path) {
        Ok(Some(bytes)) => scalars(&bytes),
        Ok(None) => return None,
        Err(why) => Err(why),
    };
    let values = match values {
        Ok(values) => values,
        Err(why) => {
            notes.push(format!("{} was not read: {why}", shown.display()));
            return Some(Stored::unread(shown));
        }
    };
    let mut stored = Stored::unread(shown);
    let value = |name: &str| values.get(name).map(|value| value.trim()).filter(|value| !value.is_empty());
    let mut typed = value("host");
    if is_old {
        // The old CLI once kept whole addresses of its endpoints, and no host.
        let whole = |name| value(name).filter(|text| text.contains("://"));
        typed = typed.or_else(|| whole("rest_endpoint")).or_else(|| whole("endpoint"));
        stored.certificates(system, value("tls_cert"), value("tls_insecure"));
    }
    match typed.map(Host::parse).transpose() {
        Ok(host) => stored.host = Ok(host),
        Err(error) => notes.push(format!("{} is for a host that is none: {error}", stored.shown.display())),
    }
    stored.typed_host = typed.map(str::to_owned);
    match value("token").map(Token::new).transpose() {
        Ok(token) => stored.token = token,
        Err(error) => notes.push(format!("{} holds no token: {error}", stored.shown.display())),
    }
    stored.readable_by_others = readable_by_others(system, path, &stored.shown);
    Some(stored)
}

/// `None` where there is no file.
fn contents(system: &dyn System, path: &Path) -> Result<Option<Vec<u8>>, String> {
    match system.read(path, LARGEST + 1) {
        Ok(bytes) if bytes.len() as u64 > LARGEST => Err("it is larger than the CircleCI CLI makes it".to_owned()),
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

impl Stored {
    fn certificates(&mut self, system: &dyn System, cert: Option<&str>, insecure: Option<&str>) {
        let shown = self.shown.display();
        if let Some(cert) = cert.map(PathBuf::from) {
            match refused(system, &cert) {
                None => self.cacert = Some(cert),
                Some(why) => self.cacert_refused = Some(format!("tls_cert of {shown} was not used: {why}")),
            }
        }
        if insecure.is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            self.insecure = Some(format!("tls_insecure of {shown} is not followed: certificates are always verified"));
        }
    }
}

/// As the old CLI does it: certificates that anybody can exchange are not trusted.
fn refused(system: &dyn System, cert: &Path) -> Option<String> {
    if !is_absolute(system, cert) {
        return Some("it is not an absolute path".to_owned());
    }
    let folders = cert.ancestors().filter(|path| path.parent().is_some_and(|parent| !parent.as_os_str().is_empty()));
    folders.map(|path| system.metadata(path)).find_map(|found| match found {
        Err(error) => Some(format!("it cannot be looked at: {error}")),
        Ok(found) if found.mode.is_some_and(|mode| mode & 0o002 != 0) => {
            Some("anybody on this machine can write to it, or to a folder above it".to_owned())
        }
        Ok(_) => None,
    })
}

/// That a token's file is open to others than the user.
pub(super) fn readable_by_others(system: &dyn System, path: &Path, shown: &Path) -> Option<String> {
    let mode = system.metadata(path).ok()?.mode?;
    let shown = shown.display();
    (mode & 0o044 != 0)
        .then(|| format!("{shown} holds a token, and its mode {mode:03o} lets others read it; chmod 600 closes it"))
}

/// The top level's scalars by the names that are read. What cannot be said for certain is an error: a host that is passed
/// over would send the token to another one.
fn scalars(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let no_map = || Err("it is no map of names and values".to_owned());
    let not_plain = |name: &str| Err(format!("{name} is not written there as plain text"));
    let ours = |name: &str| NAMES.contains(&name);
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())?;
    let mut values = BTreeMap::new();
    let mut anchors: BTreeMap<usize, String> = BTreeMap::new();
    let mut depth = 0usize;
    let mut name: Option<String> = None;
    for event in Parser::new_from_str(text.strip_prefix('\u{feff}').unwrap_or(text)) {
        // The parser's own words could repeat what stands there.
        let (event, _) = event.map_err(|error| format!("line {} is no YAML", error.marker().line()))?;
        let scalar = match event {
            // Further documents are nothing to the CLI.
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::SequenceStart(..) if depth == 0 => return no_map(),
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if let Some(name) = name.as_deref().filter(|name| depth == 1 && ours(name)) {
                    return not_plain(name);
                }
                depth += 1;
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 1 {
                    // It was the value of a name; or it is a name itself, which is none of ours.
                    name = if name.is_some() { None } else { Some(String::new()) };
                }
                continue;
            }
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "~" | "null" | "Null" | "NULL");
                let text = if null { String::new() } else { text.into_owned() };
                if anchor > 0 {
                    anchors.insert(anchor, text.clone());
                }
                Some(text)
            }
            Event::Alias(anchor) => anchors.get(&anchor).cloned(),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        match (depth, name.take()) {
            (0, _) if scalar.as_deref().is_some_and(|text| !text.is_empty()) => return no_map(),
            (0, _) => {}
            // What is merged in could be any of the names.
            (1, None) if scalar.as_deref() == Some("<<") => {
                return Err("it takes values from elsewhere (<<)".to_owned());
            }
            (1, None) => name = Some(scalar.unwrap_or_default()),
            (1, Some(name)) if !ours(&name) => {}
            (1, Some(name)) => match scalar {
                None => return not_plain(&name),
                Some(scalar) => {
                    if values.insert(name, scalar).is_some() {
                        return Err("a name stands there twice".to_owned());
                    }
                }
            },
            // Inside of something nested.
            (_, outer) => name = outer,
        }
    }
    Ok(values)
}
