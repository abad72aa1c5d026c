//! Users of an image: who is made by `useradd` and `adduser`, where their homes are, and which shell they have.
//!
//! Sources: useradd(8), adduser(8) of Debian, busybox's adduser.

use crate::image::{family::Family, login_shell::LoginShell};

/// A user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    /// Name in the password file.
    pub(super) name: String,
    /// Its number, where it is known.
    pub(super) uid: Option<u32>,
    /// Home folder.
    pub(super) home: String,
    /// Login shell; `None`: one that reads other files.
    pub(super) shell: Option<LoginShell>,
    /// The home was filled from `/etc/skel`.
    pub(super) has_skeleton: bool,
}

/// What a command does to the users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Change {
    /// Somebody new.
    Made(User),
    /// Somebody has another home, another shell, or both.
    Changed { name: String, home: Option<String>, shell: Option<String> },
}

/// What a command with these words does to the users; unknown words are empty.
pub(super) fn change(words: &[&str], family: Family) -> Option<Change> {
    let (program, arguments) = words.split_first()?;
    match program.rsplit('/').next().unwrap_or(program) {
        "useradd" => made(arguments, family, false),
        "adduser" => made(arguments, family, true),
        "usermod" => {
            let read = read(arguments, &USERMOD);
            let name = read.names.last()?.clone();
            Some(Change::Changed { name, home: read.value(&["-d", "--home"]), shell: read.value(&["-s", "--shell"]) })
        }
        "chsh" => {
            let read = read(arguments, &["-s", "--shell"]);
            let name = read.names.last().cloned().unwrap_or_else(|| "root".into());
            Some(Change::Changed { name, home: None, shell: Some(read.value(&["-s", "--shell"])?) })
        }
        _ => None,
    }
}

/// Options with a value, besides those that matter.
const USERADD: [&str; 30] = [
    "-d",
    "--home-dir",
    "--home",
    "-s",
    "--shell",
    "-u",
    "--uid",
    "-g",
    "--gid",
    "-G",
    "--groups",
    "-c",
    "--comment",
    "-b",
    "--base-dir",
    "-e",
    "--expiredate",
    "-f",
    "--inactive",
    "-k",
    "--skel",
    "-K",
    "--key",
    "-p",
    "--password",
    "-Z",
    "--selinux-user",
    "-R",
    "--root",
    "--gecos",
];
/// The same of Debian's and of busybox's adduser.
const ADDUSER: [&str; 16] = [
    "-h",
    "--home",
    "-s",
    "--shell",
    "-u",
    "--uid",
    "-G",
    "--ingroup",
    "-g",
    "--gecos",
    "--comment",
    "--gid",
    "-k",
    "--firstuid",
    "--lastuid",
    "--conf",
];
const USERMOD: [&str; 14] = [
    "-d",
    "--home",
    "-s",
    "--shell",
    "-u",
    "--uid",
    "-g",
    "--gid",
    "-G",
    "--groups",
    "-c",
    "--comment",
    "-l",
    "--login",
];

struct Read {
    values: Vec<(String, String)>,
    flags: Vec<String>,
    names: Vec<String>,
}

impl Read {
    fn value(&self, options: &[&str]) -> Option<String> {
        (self.values.iter().rev()).find(|(name, _)| options.contains(&name.as_str())).map(|(_, value)| value.clone())
    }

    fn has(&self, long: &str, short: char) -> bool {
        self.flags.iter().any(|flag| flag == long || (!flag.starts_with("--") && flag.contains(short)))
    }
}

fn read(arguments: &[&str], valued: &[&str]) -> Read {
    let mut read = Read { values: Vec::new(), flags: Vec::new(), names: Vec::new() };
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if let Some((name, value)) = word.split_once('=').filter(|(name, _)| name.starts_with("--")) {
            read.values.push((name.to_owned(), value.to_owned()));
        } else if valued.contains(word) {
            read.values.push(((*word).to_owned(), words.next().copied().unwrap_or_default().to_owned()));
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty() && !rest.starts_with('-')) {
            read.flags.push((*word).to_owned());
            // `-ms /bin/bash`: the last letter takes the next word.
            let last = letters.chars().last().map(|letter| format!("-{letter}")).unwrap_or_default();
            if letters.len() > 1 && valued.contains(&last.as_str()) {
                read.values.push((last, words.next().copied().unwrap_or_default().to_owned()));
            }
        } else if word.starts_with("--") {
            read.flags.push((*word).to_owned());
        } else {
            read.names.push((*word).to_owned());
        }
    }
    read
}

fn made(arguments: &[&str], family: Family, is_adduser: bool) -> Option<Change> {
    // On Red Hat adduser is another name of useradd, and on Alpine it is busybox's.
    let of_debian = is_adduser && matches!(family, Family::Debian | Family::Ubuntu);
    let of_busybox = is_adduser && matches!(family, Family::Alpine | Family::AlpineOld | Family::Bare);
    let read = if of_debian || of_busybox { read(arguments, &ADDUSER) } else { read(arguments, &USERADD) };
    // `adduser USER GROUP` makes nobody.
    let [name] = read.names.as_slice() else { return None };
    if name.is_empty() {
        return None;
    }
    let home = match (read.value(&["-d", "--home-dir", "--home", "-h"]), read.value(&["-b", "--base-dir"])) {
        (Some(home), _) => home,
        (None, Some(base)) => format!("{}/{name}", base.trim_end_matches('/')),
        (None, None) => format!("/home/{name}"),
    };
    let is_system = read.has("--system", if of_busybox { 'S' } else { 'r' });
    let has_skeleton = if of_debian {
        !is_system && !read.flags.iter().any(|flag| flag == "--no-create-home")
    } else if of_busybox {
        false
    } else {
        read.has("--create-home", 'm') || (family == Family::RedHat && !is_system && !read.has("--no-create-home", 'M'))
    };
    let shell = match read.value(&["-s", "--shell"]) {
        Some(shell) => LoginShell::named(&shell),
        None => Some(family.shell_of_users(of_debian)),
    };
    let uid = read.value(&["-u", "--uid"]).and_then(|uid| uid.parse().ok());
    Some(Change::Made(User { name: name.clone(), uid, home, shell, has_skeleton }))
}

#[cfg(test)]
mod tests {
    use super::*;

    type Made = (String, Option<u32>, String, Option<LoginShell>, bool);

    fn made_by(line: &str, family: Family) -> Option<Made> {
        let words: Vec<String> = shlex::split(line).expect(line);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match change(&words, family)? {
            Change::Made(user) => Some((user.name, user.uid, user.home, user.shell, user.has_skeleton)),
            Change::Changed { .. } => None,
        }
    }

    #[test]
    fn users_are_made_as_each_system_makes_them() {
        use LoginShell::{Bash, Posix};
        for (line, family, expected) in [
            ("useradd -m app", Family::Debian, ("app", None, "/home/app", Some(Posix), true)),
            ("useradd -ms /bin/bash app", Family::Debian, ("app", None, "/home/app", Some(Bash), true)),
            ("useradd app", Family::Ubuntu, ("app", None, "/home/app", Some(Posix), false)),
            ("useradd app", Family::RedHat, ("app", None, "/home/app", Some(Bash), true)),
            ("useradd -r -d /srv/app app", Family::RedHat, ("app", None, "/srv/app", Some(Bash), false)),
            (
                "useradd --uid=3434 --user-group --create-home --shell /usr/bin/zsh circleci",
                Family::Debian,
                ("circleci", Some(3434), "/home/circleci", Some(LoginShell::Zsh), true),
            ),
            (
                "adduser --disabled-password --gecos '' --home /work app",
                Family::Debian,
                ("app", None, "/work", Some(Bash), true),
            ),
            ("adduser -D -h /app -u 1001 app", Family::Alpine, ("app", Some(1001), "/app", Some(Posix), false)),
            ("useradd -b /users -mu 7 app", Family::Debian, ("app", Some(7), "/users/app", Some(Posix), true)),
            ("useradd -s /usr/sbin/nologin app", Family::Debian, ("app", None, "/home/app", None, false)),
        ] {
            let (name, uid, home, shell, skeleton) = expected;
            let expected = Some((name.to_owned(), uid, home.to_owned(), shell, skeleton));
            assert_eq!(made_by(line, family), expected, "{line}");
        }
        assert_eq!(made_by("adduser app docker", Family::Debian), None);
        assert_eq!(made_by("groupadd app", Family::Debian), None);
    }

    #[test]
    fn users_are_changed() {
        let changed = Change::Changed { name: "app".into(), home: None, shell: Some("/bin/zsh".into()) };
        assert_eq!(change(&["usermod", "-s", "/bin/zsh", "app"], Family::Debian), Some(changed.clone()));
        assert_eq!(change(&["chsh", "-s", "/bin/zsh", "app"], Family::Debian), Some(changed));
    }
}
