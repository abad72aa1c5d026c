//! The user and the machine's name. The user is the C library's: ssh asks the same password database (LDAP, directory
//! services and all), so reading /etc/passwd could show another home than ssh sees.

use crate::system::Account;

#[cfg(unix)]
pub(super) fn current() -> Account {
    let uid = nix::unistd::geteuid();
    // No entry, and a database that cannot be asked, both leave ssh without a user: "No user exists for uid".
    let entry = nix::unistd::User::from_uid(uid).ok().flatten();
    let (name, home, shell) = match entry {
        Some(user) => (Some(user.name), Some(user.dir), Some(user.shell)),
        None => (None, None, None),
    };
    Account {
        name,
        home: home.filter(|home| !home.as_os_str().is_empty()),
        shell: shell.filter(|shell| !shell.as_os_str().is_empty()),
        uid: Some(uid.as_raw()),
    }
}

#[cfg(not(unix))]
pub(super) fn current() -> Account {
    Account {
        name: std::env::var("USERNAME").ok(),
        home: std::env::var_os("USERPROFILE").map(Into::into),
        shell: None,
        uid: None,
    }
}

#[cfg(unix)]
pub(super) fn host_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_owned)
}

#[cfg(not(unix))]
pub(super) fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok().map(|name| name.to_ascii_lowercase())
}
