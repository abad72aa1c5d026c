//! Finds the installation and the token where the user already has them: options, environment, and what CircleCI's own CLI
//! stored, in the order in which that CLI itself looks.
//!
//! A token belongs to the installation that it was stored for. Where the user names another one, a stored token is passed
//! over, and the reason is said; a token that comes alone (a variable, `--token-file`) goes to the named installation, else
//! to the one that the CLI which reads that variable is set up for, else to the cloud.

mod files;
mod keyring;
#[cfg(test)]
mod tests;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    time::Duration,
};

use thiserror::Error;

use self::files::Stored;
use super::{
    host::{Host, HostError},
    token::{self, Token, TokenError, TokenSource},
};
use crate::system::{Account, System};

/// The variables that name the installation, the first that is set wins.
const HOSTS: [&str; 2] = ["CIRCLE_HOST", "CIRCLECI_CLI_HOST"];
/// The variables that hold a token, the first that is set wins; and whether today's CLI reads it, or the old one.
const TOKENS: [(&str, bool); 3] = [("CIRCLE_TOKEN", true), ("CIRCLE_CLI_TOKEN", true), ("CIRCLECI_CLI_TOKEN", false)];

/// What the user said on the command line.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// `--token-file`: a file with nothing but the token.
    pub token_file: Option<PathBuf>,
    /// The installation, as the user typed it. Never one out of an address that was pasted: whoever made that address would
    /// get the token.
    pub host: Option<String>,
    /// `--cacert`.
    pub cacert: Option<PathBuf>,
    /// How long the keyring may take.
    pub limit: Duration,
}

/// The installation and the token for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The only installation that the token may go to.
    pub host: Host,
    /// What named it.
    pub host_from: HostSource,
    /// The token and where it was found.
    pub token: Option<(Token, TokenSource)>,
    /// Certificates to trust for this installation, beside the system's.
    pub cacert: Option<PathBuf>,
    /// Where there is no token: everything that was looked at, as one sentence.
    pub why_no_token: Option<String>,
    /// What could not be read or was passed over, a sentence each.
    pub notes: Vec<String>,
}

/// What named the installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HostSource {
    /// The command line.
    Flag,
    /// A variable of the environment.
    Variable(&'static str),
    /// A file of CircleCI's CLI.
    File(PathBuf),
    /// Nothing: it is the cloud.
    Nothing,
}

impl fmt::Display for HostSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag => write!(f, "the host on the command line"),
            Self::Variable(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Nothing => write!(f, "nothing, so it is CircleCI's cloud"),
        }
    }
}

/// What the user said and cannot be done.
#[derive(Debug, Error)]
pub enum CredentialsError {
    /// The file of `--token-file` cannot be read.
    #[error("the token file {path} cannot be read: {error}; name a regular file that holds the token alone")]
    TokenFile {
        /// The file.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// It holds something else.
    #[error("the token file {path} holds no token: {error}")]
    NoToken {
        /// The file.
        path: String,
        /// Why.
        error: TokenError,
    },
    /// The named installation is none.
    #[error("{from} names no CircleCI installation: {error}")]
    Host {
        /// What named it.
        from: HostSource,
        /// Why.
        error: HostError,
    },
}

/// Looks in every place, in order, until a token is found.
///
/// # Errors
/// When what the user named cannot be used; stored files and keyrings never make an error.
pub fn find(system: &dyn System, account: &Account, options: &Options) -> Result<Credentials, CredentialsError> {
    let mut search = Search { named: named(system, options)?, notes: Vec::new(), passed: Vec::new() };
    let new = files::new(system, account, &mut search.notes);
    let old = files::old(system, account, &mut search.notes);
    let found = match search.flag(system, options, new.as_ref(), old.as_ref())? {
        Some(found) => Some(found),
        None => search
            .variables(system, new.as_ref(), old.as_ref())
            .or_else(|| search.file(new.as_ref()))
            .or_else(|| search.keyring(system, account, new.as_ref(), options.limit))
            .or_else(|| search.file(old.as_ref())),
    };
    Ok(search.done(found, options, new.as_ref(), old.as_ref()))
}

/// A token, where it was found, and the installation it is for.
type Found = (Token, TokenSource, (Host, HostSource));

struct Search {
    named: Option<(Host, HostSource)>,
    notes: Vec<String>,
    /// Tokens that were seen and are not used, a reason each.
    passed: Vec<String>,
}

fn named(system: &dyn System, options: &Options) -> Result<Option<(Host, HostSource)>, CredentialsError> {
    let flag = options.host.clone().map(|text| (text, HostSource::Flag));
    let variable = || HOSTS.iter().find_map(|name| Some((filled(system, name)?, HostSource::Variable(name))));
    let Some((text, from)) = flag.or_else(variable) else { return Ok(None) };
    match Host::parse(&text) {
        Ok(host) => Ok(Some((host, from))),
        Err(error) => Err(CredentialsError::Host { from, error }),
    }
}

fn filled(system: &dyn System, name: &str) -> Option<String> {
    system.env(name).map(|value| value.to_string_lossy().into_owned()).filter(|value| !value.trim().is_empty())
}

/// The installation that a file is for.
fn host_of(stored: Option<&Stored>) -> Option<(Host, HostSource)> {
    let stored = stored?;
    Some((stored.host.clone()?, HostSource::File(stored.shown.clone())))
}

fn cloud() -> (Host, HostSource) {
    (Host::cloud(), HostSource::Nothing)
}

impl Search {
    fn flag(
        &mut self,
        system: &dyn System,
        options: &Options,
        new: Option<&Stored>,
        old: Option<&Stored>,
    ) -> Result<Option<Found>, CredentialsError> {
        let Some(path) = &options.token_file else { return Ok(None) };
        let shown = || path.display().to_string();
        let bytes = system
            .read(path, token::LONGEST as u64 + 2)
            .map_err(|error| CredentialsError::TokenFile { path: shown(), error })?;
        let token = Token::new(&String::from_utf8_lossy(&bytes))
            .map_err(|error| CredentialsError::NoToken { path: shown(), error })?;
        self.notes.extend(files::readable_by_others(system, path, path));
        let host = self.named.clone().or_else(|| host_of(new)).or_else(|| host_of(old)).unwrap_or_else(cloud);
        Ok(Some((token, TokenSource::Flag(path.clone()), host)))
    }

    fn variables(&mut self, system: &dyn System, new: Option<&Stored>, old: Option<&Stored>) -> Option<Found> {
        for (name, is_new) in TOKENS {
            let Some(text) = filled(system, name) else { continue };
            match Token::new(&text) {
                Ok(token) => {
                    let file = if is_new { new } else { old };
                    let host = self.named.clone().or_else(|| host_of(file)).unwrap_or_else(cloud);
                    return Some((token, TokenSource::Variable(name), host));
                }
                Err(error) => self.passed.push(format!("the variable {name} holds no token: {error}")),
            }
        }
        None
    }

    fn file(&mut self, stored: Option<&Stored>) -> Option<Found> {
        let stored = stored?;
        let token = stored.token.clone()?;
        let own = host_of(Some(stored)).unwrap_or_else(cloud);
        match &self.named {
            Some((host, from)) if *host != own.0 => {
                self.passed.push(format!(
                    "{} has a token for {}, but {from} says {host}",
                    stored.shown.display(),
                    own.0
                ));
                None
            }
            named => {
                let host = named.clone().unwrap_or(own);
                self.notes.extend(stored.readable_by_others.clone());
                Some((token, TokenSource::File(stored.shown.clone()), host))
            }
        }
    }

    /// Today's CLI writes its file whenever it stores a token, so where there is no file nothing is asked.
    fn keyring(
        &mut self,
        system: &dyn System,
        account: &Account,
        new: Option<&Stored>,
        limit: Duration,
    ) -> Option<Found> {
        let stored = new?;
        let (host, from) = self.named.clone().or_else(|| host_of(new)).unwrap_or_else(cloud);
        let typed = stored.typed_host.clone().filter(|_| stored.host.as_ref() == Some(&host));
        match keyring::ask(system, account, &host, typed.as_deref(), limit) {
            Ok(Some(token)) => Some((token, TokenSource::Keyring, (host, from))),
            Ok(None) => None,
            Err(why) => {
                self.passed.push(format!("the system's keyring was not read: {why}"));
                None
            }
        }
    }

    fn done(self, found: Option<Found>, options: &Options, new: Option<&Stored>, old: Option<&Stored>) -> Credentials {
        let Self { named, mut notes, passed } = self;
        let why_no_token = found.is_none().then(|| why(&passed));
        if found.is_some() {
            notes.extend(passed);
        }
        let (token, (host, host_from)) = match found {
            Some((token, source, host)) => (Some((token, source)), host),
            None => (None, named.or_else(|| host_of(new)).or_else(|| host_of(old)).unwrap_or_else(cloud)),
        };
        let mut cacert = options.cacert.clone();
        // What the old CLI's file says about certificates, it says about its own installation.
        if let Some(old) = old.filter(|old| old.host.clone().unwrap_or_else(Host::cloud) == host) {
            notes.extend(old.insecure.clone());
            if cacert.is_none() {
                cacert.clone_from(&old.cacert);
                notes.extend(old.cacert_refused.clone());
            }
        }
        Credentials { host, host_from, token, cacert, why_no_token, notes }
    }
}

fn why(passed: &[String]) -> String {
    let variables: Vec<&str> = TOKENS.iter().map(|(name, _)| *name).collect();
    if passed.is_empty() {
        format!("no token was found, neither in {} nor where the CircleCI CLI keeps it", variables.join(", "))
    } else {
        format!("no token can be used: {}", passed.join("; "))
    }
}

/// A path as its owner knows it: `~/.circleci/cli.yml`.
fn shown(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix(home).map_or_else(|_| path.to_owned(), |rest| Path::new("~").join(rest))
}
