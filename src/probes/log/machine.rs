//! The machine that a log comes from, by its paths and the version of its ssh.

use crate::{
    facts::{CommandShell, Fact, Machine, Os},
    ssh::log::Attempt,
};

pub(super) fn look(attempt: &Attempt, command: &str) -> Fact<Machine> {
    let version = attempt.client.as_ref().map_or("", |client| client.text.as_str());
    let paths: Vec<&str> = paths(attempt).collect();
    let home = paths.iter().find_map(|path| home(path));
    // Windows has no file modes.
    let has_modes = attempt.load_failures.iter().any(|failure| failure.mode.is_some());
    let os = os(version, home.as_deref(), &paths)
        .or(has_modes.then_some(Os::Unix))
        .or_else(|| has_windows_prompt(command).then_some(Os::Windows));
    let Some(os) = os else {
        return Fact::unknown("the log does not show what machine it comes from");
    };
    // Where a key lies on a drive of Windows, Linux runs in WSL; of which version does not matter to anybody.
    let wsl = os == Os::Linux && (paths.iter().any(|path| drive_of_wsl(path)) || version.contains("WSL"));
    // Git for Windows brings a shell of its own, and paths in its manner.
    let posix = os != Os::Windows || paths.iter().any(|path| drive_of_git(path));
    Machine {
        os,
        user: user(home.as_deref()),
        root: home.as_deref() == Some("/root") || home.as_deref() == Some("/var/root"),
        home: home.map_or_else(|| Fact::unknown("the log names no file of the user's home"), Fact::Known),
        wsl: wsl.then_some(2),
        home_differs: Fact::unknown("a log does not show $HOME"),
        command_shell: if posix { CommandShell::Posix } else { CommandShell::Powershell },
        ..Machine::default()
    }
    .into()
}

/// Paths of this machine, as ssh writes them.
fn paths(attempt: &Attempt) -> impl Iterator<Item = &str> {
    let host_key = attempt.host_key.iter().filter_map(|key| key.file.as_deref());
    let problems = attempt.config_problems.iter().filter_map(|problem| problem.file.as_deref());
    let files = attempt.identity_files.iter().map(|file| file.path.as_str());
    let offers = attempt.offers.iter().filter(|offer| !offer.agent).map(|offer| offer.path.as_str());
    let tried = attempt.tried.iter().map(String::as_str);
    let failures = attempt.load_failures.iter().map(|failure| failure.path.as_str());
    let skipped = attempt.skipped.iter().map(|skipped| skipped.path.as_str());
    let prompts = attempt.prompts.iter().map(|prompt| prompt.path.as_str());
    files.chain(prompts).chain(offers).chain(tried).chain(failures).chain(skipped).chain(host_key).chain(problems)
}

fn os(version: &str, home: Option<&str>, paths: &[&str]) -> Option<Os> {
    let any = |is: fn(&str) -> bool| paths.iter().any(|path| is(path));
    let built_for = |names: &[&str]| names.iter().any(|name| version.contains(name));
    if version.contains("for_Windows") || any(has_drive) || any(drive_of_git) {
        Some(Os::Windows)
    } else if home.is_some_and(|home| home.starts_with("/Users/") || home == "/var/root") {
        Some(Os::Macos)
    } else if built_for(&["FreeBSD", "NetBSD", "OpenBSD"]) || home.is_some_and(|home| home.starts_with("/usr/home/")) {
        Some(Os::Unix)
    } else if built_for(&["Debian", "Ubuntu", "Raspbian"]) || home.is_some() || any(|path| path.starts_with('/')) {
        Some(Os::Linux)
    } else {
        None
    }
}

/// `PS C:\Users\ana> ssh …` of PowerShell, `C:\Users\ana>ssh …` of cmd.exe.
fn has_windows_prompt(command: &str) -> bool {
    let prompt = command.strip_prefix("PS ").unwrap_or(command);
    has_drive(prompt) && prompt.contains('>')
}

/// `C:\Users\ana`, `C:/Users/ana`.
fn has_drive(path: &str) -> bool {
    let bytes = path.as_bytes();
    bytes.first().is_some_and(u8::is_ascii_alphabetic) && bytes.get(1) == Some(&b':')
}

/// `/c/Users/ana` of Git for Windows and MSYS2, `/cygdrive/c/…`.
fn drive_of_git(path: &str) -> bool {
    let path = path.strip_prefix("/cygdrive").unwrap_or(path);
    matches!(path.as_bytes(), [b'/', drive, b'/', ..] if drive.is_ascii_alphabetic())
        && path[2..].starts_with("/Users/")
}

/// `/mnt/c/Users/ana`.
fn drive_of_wsl(path: &str) -> bool {
    matches!(path.as_bytes(), [b'/', b'm', b'n', b't', b'/', drive, b'/', ..] if drive.is_ascii_alphabetic())
}

/// The home above a `.ssh` folder, where ssh keeps the user's files (ssh(1), FILES).
fn home(path: &str) -> Option<String> {
    let at = path.find("/.ssh/").or_else(|| path.find("\\.ssh"))?;
    let home = path[..at].trim_end_matches(['/', '\\']);
    (!home.is_empty() && !home.starts_with('~')).then(|| home.replace("\\\\", "\\"))
}

fn user(home: Option<&str>) -> Fact<String> {
    match home.and_then(|home| home.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty()) {
        Some(name) => name.to_owned().into(),
        None => Fact::unknown("the log names no file of the user's home"),
    }
}
