//! Finds the installation and the token where the user already has them: options, environment, and what CircleCI's own CLI
//! stored, in the order in which that CLI itself looks.
//!
//! A token belongs to the installation that it was stored for. Where the user names another one, a stored token is passed
//! over, and the reason is said. A token that comes alone goes to the named installation; else, as with the CLI that reads
//! that variable, to the one in that CLI's file; else to the cloud. Where that file is there and cannot be read, the token
//! goes nowhere.

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

#[cfg(test)]
impl Credentials {
    /// The cloud, and a token for it.
    pub(in crate::circleci) fn sample() -> Self {
        let token = Token::new(&"a".repeat(40)).expect("a token");
        Self {
            host: Host::cloud(),
            host_from: HostSource::Nothing,
            token: Some((token, TokenSource::Variable("CIRCLE_TOKEN"))),
            cacert: None,
            why_no_token: None,
            notes: Vec::new(),
        }
    }
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
    /// The token itself was given.
    #[error(
        "--token-file takes a file's name, and was given a token; write the token into a file, or set CIRCLE_TOKEN"
    )]
    TokenItself,
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

/// Looks in every place, in order, until a token is found. A variable that is set decides, even where it holds no token:
/// whoever set it does not expect to act as somebody else.
///
/// # Errors
/// When what the user named cannot be used; stored files and keyrings never make an error.
pub fn find(system: &dyn System, account: &Account, options: &Options) -> Result<Credentials, CredentialsError> {
    let named = named(system, options)?;
    let mut passed = Vec::new();
    let new = files::new(system, account, &mut passed);
    let old = files::old(system, account, &mut passed);
    let mut search = Search { named, new, old, notes: Vec::new(), passed };
    let found = if let Some(path) = &options.token_file {
        search.flag(system, path)?
    } else if let Some((name, text)) = TOKENS.iter().find_map(|(name, _)| Some((name, filled(system, name)?))) {
        search.variable(name, &text)
    } else {
        search.stored(system, account, options.limit)
    };
    Ok(search.done(found, options))
}

/// A token, where it was found, and the installation it is for.
type Found = (Token, TokenSource, (Host, HostSource));

struct Search {
    named: Option<(Host, HostSource)>,
    new: Option<Stored>,
    old: Option<Stored>,
    notes: Vec<String>,
    /// What was seen and is not used, a reason each.
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

impl Search {
    fn flag(&mut self, system: &dyn System, path: &Path) -> Result<Option<Found>, CredentialsError> {
        let shown = path.display().to_string();
        let bytes = match system.read(path, token::LONGEST as u64 + 2) {
            Ok(bytes) => bytes,
            Err(_) if token::is_token(&shown) => return Err(CredentialsError::TokenItself),
            Err(error) => return Err(CredentialsError::TokenFile { path: shown, error }),
        };
        let token = Token::new(&String::from_utf8_lossy(&bytes))
            .map_err(|error| CredentialsError::NoToken { path: shown, error })?;
        self.notes.extend(files::readable_by_others(system, path, path));
        Ok(self.alone(token, TokenSource::Flag(path.to_owned()), &[Generation::New, Generation::Old]))
    }

    fn variable(&mut self, name: &'static str, text: &str) -> Option<Found> {
        match Token::new(text) {
            Ok(token) => {
                let reader = if TOKENS.contains(&(name, true)) { Generation::New } else { Generation::Old };
                self.alone(token, TokenSource::Variable(name), &[reader])
            }
            Err(error) => {
                self.passed.push(format!("the variable {name} holds no token: {error}"));
                None
            }
        }
    }

    /// A token that came without an installation: it is for the named one, else for the one that these files are for.
    fn alone(&mut self, token: Token, source: TokenSource, files: &[Generation]) -> Option<Found> {
        match self.home_of(files) {
            Ok(host) => Some((token, source, host)),
            Err(file) => {
                let file = file.display();
                self.passed.push(format!(
                    "{source} holds a token, and {file} does not say which host it is for; set CIRCLE_HOST"
                ));
                None
            }
        }
    }

    fn stored(&mut self, system: &dyn System, account: &Account, limit: Duration) -> Option<Found> {
        self.file(Generation::New)
            .or_else(|| self.keyring(system, account, limit))
            .or_else(|| self.file(Generation::Old))
    }

    fn file(&mut self, generation: Generation) -> Option<Found> {
        let own = self.host_of(generation);
        let stored = self.generation(generation)?;
        let token = stored.token.clone()?;
        // A file whose host cannot be read has been noted, and its token is for nobody.
        let own = own.ok()?.unwrap_or_else(cloud);
        let source = TokenSource::File(stored.shown.clone());
        match &self.named {
            Some((host, from)) if *host != own.0 => {
                self.passed.push(format!("{source} has a token for {}, but {from} says {host}", own.0));
                None
            }
            named => {
                let host = named.clone().unwrap_or(own);
                self.notes.extend(stored.readable_by_others.clone());
                Some((token, source, host))
            }
        }
    }

    /// Today's CLI writes its file whenever it stores a token, so where there is no file nothing is asked.
    fn keyring(&mut self, system: &dyn System, account: &Account, limit: Duration) -> Option<Found> {
        let (host, from) = self.home_of(&[Generation::New]).ok()?;
        let stored = self.new.as_ref()?;
        let typed = stored.typed_host.as_deref().filter(|_| stored.is_for(&host));
        match keyring::ask(system, account, &host, typed, limit) {
            Ok(found) => Some((found?, TokenSource::Keyring, (host, from))),
            Err(why) => {
                self.passed.push(format!("the system's keyring was not read: {why}"));
                None
            }
        }
    }

    fn generation(&self, generation: Generation) -> Option<&Stored> {
        match generation {
            Generation::New => self.new.as_ref(),
            Generation::Old => self.old.as_ref(),
        }
    }

    /// The installation that a file names, if there is one; the file, where nobody can say which.
    fn host_of(&self, generation: Generation) -> Result<Option<(Host, HostSource)>, PathBuf> {
        let Some(stored) = self.generation(generation) else { return Ok(None) };
        let host = stored.host.clone().map_err(|files::NotKnown| stored.shown.clone())?;
        Ok(host.map(|host| (host, HostSource::File(stored.shown.clone()))))
    }

    /// The named installation, else that of the first of the files that names one, else the cloud.
    fn home_of(&self, files: &[Generation]) -> Result<(Host, HostSource), PathBuf> {
        if let Some(named) = &self.named {
            return Ok(named.clone());
        }
        for file in files {
            if let Some(host) = self.host_of(*file)? {
                return Ok(host);
            }
        }
        Ok(cloud())
    }

    fn done(self, found: Option<Found>, options: &Options) -> Credentials {
        let without = self.home_of(&[Generation::New, Generation::Old]).unwrap_or_else(|_| cloud());
        let Self { old, mut notes, passed, .. } = self;
        let why_no_token = found.is_none().then(|| why(&passed));
        if found.is_some() {
            notes.extend(passed);
        }
        let (token, (host, host_from)) = match found {
            Some((token, source, host)) => (Some((token, source)), host),
            None => (None, without),
        };
        let mut cacert = options.cacert.clone();
        // What the old CLI's file says about certificates, it says about its own installation.
        if let Some(old) = old.filter(|old| old.is_for(&host)) {
            notes.extend(old.insecure);
            if cacert.is_none() {
                cacert = old.cacert;
                notes.extend(old.cacert_refused);
            }
        }
        Credentials { host, host_from, token, cacert, why_no_token, notes }
    }
}

/// Which of CircleCI's two CLIs a file is of.
#[derive(Clone, Copy)]
enum Generation {
    New,
    Old,
}

fn cloud() -> (Host, HostSource) {
    (Host::cloud(), HostSource::Nothing)
}

fn why(passed: &[String]) -> String {
    let variables: Vec<&str> = TOKENS.iter().map(|(name, _)| *name).collect();
    if passed.is_empty() {
        format!(
            "no token was found, neither in {} nor where the CircleCI CLI keeps it; CircleCI's User Settings make one, \
             under Personal API Tokens",
            variables.join(", ")
        )
    } else {
        format!("no token can be used: {}", passed.join("; "))
    }
}

/// A path as its owner knows it: `~/.circleci/cli.yml`.
fn shown(path: &Path, home: &Path) -> PathBuf {
    path.strip_prefix(home).map_or_else(|_| path.to_owned(), |rest| Path::new("~").join(rest))
}
