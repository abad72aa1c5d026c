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

/// What a file holds.
pub(super) struct Stored {
    /// Its path as its owner knows it.
    pub(super) shown: PathBuf,
    /// The installation it is for; `None` is the CLI's own default, the cloud.
    pub(super) host: Option<Host>,
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

/// Today's CLI takes `$XDG_CONFIG_HOME` on every system, Windows too.
pub(super) fn new(system: &dyn System, account: &Account, notes: &mut Vec<String>) -> Option<Stored> {
    let home = home(system, account);
    let base = match filled(system, "XDG_CONFIG_HOME").map(PathBuf::from) {
        Some(base) if is_absolute(system, &base) => base,
        // Nothing is taken from the current directory.
        Some(_) => {
            notes.push("XDG_CONFIG_HOME is not an absolute path, so the CircleCI CLI's file was not read".to_owned());
            return None;
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
    let mut note = |what: &str| notes.push(format!("{} {what}", shown.display()));
    let bytes = match system.read(path, LARGEST + 1) {
        Ok(bytes) if bytes.len() as u64 > LARGEST => {
            note("was not read: it is larger than the CircleCI CLI makes it");
            return None;
        }
        Ok(bytes) => bytes,
        Err(error) => {
            if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) {
                note(&format!("was not read: {error}"));
            }
            return None;
        }
    };
    let values = match scalars(&bytes) {
        Ok(values) => values,
        Err(why) => {
            note(&format!("was not read: {why}"));
            return None;
        }
    };
    let value = |key: &str| values.get(key).map(|value| value.trim()).filter(|value| !value.is_empty());
    let token = value("token").and_then(|text| match Token::new(text) {
        Ok(token) => Some(token),
        Err(error) => {
            note(&format!("holds no token: {error}"));
            None
        }
    });
    let mut typed = value("host");
    if is_old {
        // The old CLI once kept whole addresses of its endpoints, and no host.
        let whole = |key| value(key).filter(|text| text.contains("://"));
        typed = typed.or_else(|| whole("rest_endpoint")).or_else(|| whole("endpoint"));
    }
    let host = match typed.map(Host::parse).transpose() {
        Ok(host) => host,
        Err(error) => {
            note(&format!("was not used: it is for a host that is none: {error}"));
            return None;
        }
    };
    let mut stored = Stored {
        host,
        typed_host: typed.map(str::to_owned),
        token,
        cacert: None,
        cacert_refused: None,
        insecure: None,
        readable_by_others: readable_by_others(system, path, &shown),
        shown,
    };
    if is_old {
        if let Some(cert) = value("tls_cert").map(PathBuf::from) {
            match refused(system, &cert) {
                None => stored.cacert = Some(cert),
                Some(why) => {
                    let shown = stored.shown.display();
                    stored.cacert_refused = Some(format!("tls_cert of {shown} was not used: {why}"));
                }
            }
        }
        if value("tls_insecure").is_some_and(|text| text.eq_ignore_ascii_case("true")) {
            let shown = stored.shown.display();
            stored.insecure =
                Some(format!("tls_insecure of {shown} is not followed: certificates are always verified"));
        }
    }
    Some(stored)
}

/// As the old CLI does it: certificates that anybody can exchange are not trusted.
fn refused(system: &dyn System, cert: &Path) -> Option<String> {
    if !is_absolute(system, cert) {
        return Some("it is not an absolute path".to_owned());
    }
    cert.ancestors().filter(|path| !path.as_os_str().is_empty()).find_map(|path| match system.metadata(path) {
        Err(error) => Some(format!("{error}")),
        Ok(found) => found
            .mode
            .filter(|mode| mode & 0o002 != 0 && path.parent().is_some())
            .map(|_| "anybody on this machine can write to it or to a folder above it".to_owned()),
    })
}

/// That others than the user can read a file.
pub(super) fn readable_by_others(system: &dyn System, path: &Path, shown: &Path) -> Option<String> {
    let mode = system.metadata(path).ok()?.mode?;
    let shown = shown.display();
    (mode & 0o044 != 0).then(|| format!("{shown} holds a token and can be read by others; chmod 600 closes it"))
}

/// The top level's scalars. What is written twice, and what is no map, is an error, as it is to the CLI.
fn scalars(bytes: &[u8]) -> Result<BTreeMap<String, String>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_owned())?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut values = BTreeMap::new();
    let mut anchors: BTreeMap<usize, String> = BTreeMap::new();
    let mut depth = 0usize;
    let mut key: Option<String> = None;
    for event in Parser::new_from_str(text) {
        // The parser's own words could repeat what stands there.
        let (event, _) = event.map_err(|error| format!("line {} is no YAML", error.marker().line()))?;
        let scalar = match event {
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                if depth == 0 && matches!(event, Event::SequenceStart(..)) {
                    return Err("it is no map of names and values".to_owned());
                }
                depth += 1;
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth -= 1;
                if depth == 1 {
                    // A key's value has ended; or a key that is itself a map, which names nothing of ours.
                    key = if key.is_some() { None } else { Some(String::new()) };
                }
                continue;
            }
            Event::Scalar(text, style, anchor, _) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "~" | "null" | "Null" | "NULL");
                let text = if null { String::new() } else { text.into_owned() };
                if anchor > 0 && depth == 1 {
                    anchors.insert(anchor, text.clone());
                }
                text
            }
            Event::Alias(anchor) => anchors.get(&anchor).cloned().unwrap_or_default(),
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        match depth {
            0 if scalar.is_empty() => {}
            0 => return Err("it is no map of names and values".to_owned()),
            1 => match key.take() {
                None => key = Some(scalar),
                Some(key) => {
                    if values.insert(key, scalar).is_some() {
                        return Err("a name stands there twice".to_owned());
                    }
                }
            },
            _ => {}
        }
    }
    Ok(values)
}
