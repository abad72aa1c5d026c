//! The keyring, where today's CLI keeps the token: by github.com/zalando/go-keyring, under the service
//! `com.circleci.cli:<host>` and the user's login name (`internal/keyring/keyring.go`).
//!
//! It is asked by the programs that the systems have for it, which hand the token over on their standard output. Nothing
//! is started that was not running, and nothing is unlocked, so that nobody is asked for a password.

use std::{
    ffi::OsString,
    path::Path,
    time::{Duration, Instant},
};

use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::{Host, Token};
use crate::system::{Account, Platform, Ran, Run, System};

/// The longest that a program may take.
const PATIENCE: Duration = Duration::from_secs(1);
/// How much of its output is kept.
const CAP: usize = 16 * 1024;
/// How `security` says that there is no such entry (errSecItemNotFound, its last byte).
const NO_ENTRY: i32 = 44;

/// The token for an installation, looked up under the host as the CLI would write it and as the user typed it; or why
/// that cannot be known.
pub(super) fn ask(
    system: &dyn System,
    account: &Account,
    host: &Host,
    typed: Option<&str>,
    limit: Duration,
) -> Result<Option<Token>, String> {
    let user = account.name.as_deref().ok_or("the user's login name is not known")?;
    if user.starts_with('-') || user.contains(char::is_control) {
        return Err("the user's login name cannot be handed to another program".to_owned());
    }
    let mut hosts = vec![host.base()];
    hosts.extend(typed.filter(|typed| *typed != host.base()).map(str::to_owned));
    let asking = Asking { system, user, until: Instant::now() + limit };
    for host in hosts {
        let service = format!("com.circleci.cli:{host}");
        let found = match system.platform() {
            Platform::Macos => asking.keychain(&service)?,
            Platform::Linux | Platform::Unix => asking.secret_service(&service)?,
            Platform::Windows => return Err("the Windows Credential Manager cannot be asked yet".to_owned()),
        };
        if let Some(text) = found {
            return Token::new(&text).map(Some).map_err(|error| format!("its entry holds no token: {error}"));
        }
    }
    Ok(None)
}

struct Asking<'a> {
    system: &'a dyn System,
    user: &'a str,
    until: Instant,
}

impl Asking<'_> {
    /// The program by which go-keyring made the entry, and which may therefore read it without asking.
    fn keychain(&self, service: &str) -> Result<Option<String>, String> {
        let program = Path::new("/usr/bin/security");
        let ran = self.run(program, &["find-generic-password", "-s", service, "-wa", self.user])?;
        match ran.code {
            Some(0) => decoded(&ran.stdout).map(Some),
            Some(NO_ENTRY) => Ok(None),
            _ => Err("the keychain is locked, or does not let /usr/bin/security read the entry".to_owned()),
        }
    }

    /// `secret-tool` would ask for a password where an entry is locked, and start a keyring where none runs; so it is only
    /// called once the bus has said that there is an entry, and that it is open.
    fn secret_service(&self, service: &str) -> Result<Option<String>, String> {
        let program = |name: &str| {
            self.system.programs(name).into_iter().next().ok_or_else(|| format!("{name} is not installed"))
        };
        let (busctl, tool) = (program("busctl")?, program("secret-tool")?);
        let search = [
            "--user",
            "--auto-start=no",
            "--allow-interactive-authorization=no",
            "call",
            "org.freedesktop.secrets",
            "/org/freedesktop/secrets",
            "org.freedesktop.Secret.Service",
            "SearchItems",
            "a{ss}",
            "2",
            "service",
            service,
            "username",
            self.user,
        ];
        let ran = self.run(&busctl, &search)?;
        if ran.code != Some(0) {
            return Err("no keyring runs in this session".to_owned());
        }
        match open_and_locked(&ran.stdout).ok_or("the keyring's answer was not understood")? {
            (0, 0) => return Ok(None),
            (0, _) => return Err("the keyring is locked".to_owned()),
            _ => {}
        }
        let ran = self.run(&tool, &["lookup", "service", service, "username", self.user])?;
        if ran.code == Some(0) { decoded(&ran.stdout).map(Some) } else { Err("secret-tool gave no entry".to_owned()) }
    }

    fn run(&self, program: &Path, args: &[&str]) -> Result<Ran, String> {
        let name = program.display();
        let timeout = self.until.saturating_duration_since(Instant::now()).min(PATIENCE);
        let args = args.iter().map(OsString::from).collect();
        let env = vec![("LC_ALL", Some("C".into()))];
        let run = Run { program, args, env, timeout, cap: CAP, stop: None };
        let ran = self.system.run(&run).map_err(|error| format!("{name} cannot be started: {error}"))?;
        if ran.timed_out { Err(format!("{name} gave no answer in time")) } else { Ok(ran) }
    }
}

/// How many entries are open and how many locked, in busctl's words: `aoao 1 "/org/…/17" 0`.
fn open_and_locked(bytes: &[u8]) -> Option<(usize, usize)> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut words = text.split_whitespace();
    if words.next()? != "aoao" {
        return None;
    }
    let open = words.next()?.parse().ok()?;
    let locked = words.nth(open)?.parse().ok()?;
    Some((open, locked))
}

/// go-keyring encodes what it puts into the keychain: older versions by digits, newer ones by base64.
fn decoded(bytes: &[u8]) -> Result<String, String> {
    let bad = || "its entry is damaged".to_owned();
    let text = std::str::from_utf8(bytes).map_err(|_| bad())?.trim();
    let bytes = if let Some(rest) = text.strip_prefix("go-keyring-base64:") {
        STANDARD.decode(rest).map_err(|_| bad())?
    } else if let Some(rest) = text.strip_prefix("go-keyring-encoded:") {
        hex(rest).ok_or_else(bad)?
    } else {
        return Ok(text.to_owned());
    };
    String::from_utf8(bytes).map_err(|_| bad())
}

fn hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let byte = |pair: &[u8; 2]| u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}
