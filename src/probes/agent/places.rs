//! Where else a socket of an agent of this user may lie: the places that the programs themselves choose.
//!
//! Nothing is opened here but folders. Some agents would do something for being asked:
//!
//! - A socket that systemd holds for a program that does not run is left out: to connect would start the program.
//! - So is gpg-agent where it never served ssh: asked for its keys, it writes a file `sshcontrol` into the home.
//! - Bitwarden and KeeAgent are only seen to live: while they are locked, a request for the list opens a window that asks for
//!   the password.
//!
//! launchd's socket on a Mac is not among them: the ssh of every terminal window asks it, and starts the agent with that.

use std::path::{Path, PathBuf};

use super::program;
use crate::{
    probes::text,
    system::{Account, Kind, Platform, System},
};

/// Sockets that are asked, at most.
const MOST: usize = 24;
/// Names that are read of one folder; `/tmp` may be large.
const NAMES: usize = 10_000;
/// Folders `ssh-…` of `/tmp` that are looked into.
const FOLDERS: usize = 64;

/// Sockets that systemd may hold for a program: their name in the run-time folder, the program, and its unit.
const STARTED_BY_SYSTEMD: [(&str, &str, &str); 4] = [
    ("gnupg/", "gpg-agent", "gpg-agent.service"),
    ("gcr/ssh", "gcr-ssh-agent", "gcr-ssh-agent.service"),
    ("keyring/ssh", "gnome-keyring-d", "gnome-keyring-daemon.service"),
    ("openssh_agent", "", "ssh-agent.service"),
];

/// Below the run-time folder of a user (`$XDG_RUNTIME_DIR`).
const IN_RUNTIME: [&str; 9] = [
    "keyring/ssh",
    "gcr/ssh",
    "openssh_agent",
    "ssh-agent.socket",
    "ssh-agent.sock",
    "ssh-agent",
    "gnupg/S.gpg-agent.ssh",
    "ssh-tpm-agent.sock",
    "yubikey-agent/yubikey-agent.sock",
];

/// Below the home.
const IN_HOME: [&str; 10] = [
    ".1password/agent.sock",
    ".bitwarden-ssh-agent.sock",
    ".var/app/com.bitwarden.desktop/data/.bitwarden-ssh-agent.sock",
    "snap/bitwarden/current/.bitwarden-ssh-agent.sock",
    "Library/Containers/com.bitwarden.desktop/Data/.bitwarden-ssh-agent.sock",
    ".gnupg/S.gpg-agent.ssh",
    ".ssh/proton-pass-agent.sock",
    "Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock",
    "Library/Containers/com.maxgoedjen.Secretive.SecretAgent/Data/socket.ssh",
    "Library/Group Containers/group.strongbox.mac.mcguill/agent.sock",
];

/// Existing sockets of this user in the usual places, each once.
pub(super) fn usual(system: &dyn System, account: &Account) -> Vec<PathBuf> {
    if system.platform() == Platform::Windows {
        return Vec::new();
    }
    let mut found = Vec::new();
    let home = account.home.clone();
    if let Some(home) = &home {
        let folder = home.join(".ssh/agent");
        found.extend(names(system, &folder, |_| true).into_iter().map(|name| folder.join(name)));
        found.extend(IN_HOME.map(|name| home.join(name)));
        // Relays between WSL and Windows, and links that a shell's start file keeps up to date, lie there by custom.
        let folder = home.join(".ssh");
        let named = |name: &str| name.contains("sock") || name.contains("agent");
        found.extend(names(system, &folder, named).into_iter().map(|name| folder.join(name)));
    }
    if let Some(folder) = runtime(system, account) {
        found.extend(IN_RUNTIME.map(|name| folder.join(name)));
        let other_homes = names(system, &folder.join("gnupg"), |name| name.starts_with("d."));
        found.extend(other_homes.into_iter().map(|name| folder.join("gnupg").join(name).join("S.gpg-agent.ssh")));
    }
    for folder in temporary(system) {
        let begins = |name: &str| name.starts_with("ssh-") || name.starts_with("com.apple.launchd.");
        let folders = names(system, &folder, begins).into_iter().map(|name| folder.join(name));
        for inner in folders.filter(|inner| is(system, account, inner, Kind::Directory)).take(FOLDERS) {
            let sockets = names(system, &inner, |name| name.starts_with("agent.") || name == "Listeners");
            found.extend(sockets.into_iter().map(|name| inner.join(name)));
        }
    }
    let mut sockets: Vec<PathBuf> = Vec::new();
    for path in found {
        let usable = is(system, account, &path, Kind::Socket) && may_be_touched(system, account, &path);
        if usable && !sockets.contains(&path) {
            sockets.push(path);
        }
    }
    sockets.truncate(MOST);
    sockets
}

/// Whether to connect there starts no program and makes none write.
pub(super) fn may_be_touched(system: &dyn System, account: &Account, socket: &Path) -> bool {
    (program::of(socket) != "gpg-agent" || served_ssh(system, account)) && runs(system, account, socket)
}

/// Whether to ask the agent at this socket for its list shows nothing to the person.
pub(super) fn may_be_asked(socket: &Path) -> bool {
    !matches!(program::of(socket), "bitwarden" | "keeagent")
}

/// Whether a path is of that kind and belongs to this user.
pub(super) fn is(system: &dyn System, account: &Account, path: &Path, kind: Kind) -> bool {
    system.metadata(path).is_ok_and(|found| found.kind == kind && account.uid.is_some() && found.uid == account.uid)
}

fn names(system: &dyn System, folder: &Path, wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let names = system.list(folder, NAMES).map(|(names, _)| names).unwrap_or_default();
    names.into_iter().filter_map(|name| name.into_string().ok()).filter(|name| wanted(name)).collect()
}

fn runtime(system: &dyn System, account: &Account) -> Option<PathBuf> {
    let named = text::filled(system.env("XDG_RUNTIME_DIR")).map(PathBuf::from);
    // sudo, su and cron do not set it, and the folder is there all the same.
    let usual = || Some(PathBuf::from(format!("/run/user/{}", account.uid?)));
    if system.platform() == Platform::Macos { named } else { named.or_else(usual) }
}

/// ssh-agent makes its folder where `$TMPDIR` says, sshd makes those of forwarded agents in `/tmp`.
fn temporary(system: &dyn System) -> Vec<PathBuf> {
    let usual = if system.platform() == Platform::Macos { "/private/tmp" } else { "/tmp" };
    let mut folders = vec![PathBuf::from(usual)];
    folders.extend(text::filled(system.env("TMPDIR")).map(PathBuf::from).filter(|named| named != Path::new("/tmp")));
    folders
}

fn served_ssh(system: &dyn System, account: &Account) -> bool {
    let named = text::filled(system.env("GNUPGHOME")).map(PathBuf::from);
    let folder = named.or_else(|| Some(account.home.as_ref()?.join(".gnupg")));
    folder.is_some_and(|folder| system.metadata(&folder.join("sshcontrol")).is_ok())
}

/// Whether the program behind a socket runs, where systemd may hold the socket for it (systemd.socket(5)).
fn runs(system: &dyn System, account: &Account, socket: &Path) -> bool {
    let Some(inside) = runtime(system, account).and_then(|folder| socket.strip_prefix(folder).ok().map(text::path))
    else {
        return true;
    };
    let held = STARTED_BY_SYSTEMD.iter().find(|(name, ..)| inside.starts_with(name));
    held.is_none_or(|(_, program, unit)| unit_runs(system, account, unit) || program_runs(system, account, program))
}

/// A unit that runs has a control group (systemd.slice(5), systemd.special(7)).
fn unit_runs(system: &dyn System, account: &Account, unit: &str) -> bool {
    let Some(uid) = account.uid else { return false };
    let user = format!("/sys/fs/cgroup/user.slice/user-{uid}.slice/user@{uid}.service");
    ["app.slice/", "session.slice/", ""]
        .iter()
        .any(|slice| system.metadata(Path::new(&format!("{user}/{slice}{unit}"))).is_ok())
}

/// Whether this user runs a program of that name (proc(5), `/proc/pid/comm`, 15 letters).
fn program_runs(system: &dyn System, account: &Account, program: &str) -> bool {
    if program.is_empty() {
        return false;
    }
    let is_it = |name: String| {
        let folder = Path::new("/proc").join(name);
        is(system, account, &folder, Kind::Directory)
            && system
                .read(&folder.join("comm"), 16)
                .is_ok_and(|comm| program.starts_with(String::from_utf8_lossy(&comm).trim_end()))
    };
    let number = |name: &str| name.bytes().all(|byte| byte.is_ascii_digit());
    names(system, Path::new("/proc"), number).into_iter().any(is_it)
}
