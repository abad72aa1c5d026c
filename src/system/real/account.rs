//! The user, as the C library's password database knows them: ssh asks it too (LDAP, directory services and all), so
//! reading /etc/passwd would see another home than ssh does.

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
