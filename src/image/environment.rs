//! Two environments side by side: what the image set, and what a login shell made of it.
//!
//! What shells and logins manage themselves is no difference, and neither is what was added: a variable counts as reset only
//! where something of it is gone.

use std::collections::BTreeMap;

/// Variables by name.
pub type Environment = BTreeMap<String, String>;

/// What became of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// A list of folders has lost some, which stood before those that are left, or behind them.
    Lost {
        /// In front, in order.
        before: Vec<String>,
        /// Behind, in order.
        behind: Vec<String>,
    },
    /// It has another value, in which the old one does not occur.
    Changed,
    /// It is not set any more, or it is empty.
    Gone,
}

/// Lists of folders by their names; any other variable whose value begins with a slash and holds a colon is one too.
const LISTS: [&str; 12] = [
    "PATH",
    "MANPATH",
    "INFOPATH",
    "LD_LIBRARY_PATH",
    "LIBRARY_PATH",
    "CPATH",
    "PKG_CONFIG_PATH",
    "PYTHONPATH",
    "CLASSPATH",
    "GOPATH",
    "XDG_DATA_DIRS",
    "XDG_CONFIG_DIRS",
];

/// Folders with which Docker begins every PATH, and which systems leave out of it for everybody but root.
const OF_ROOT: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/// What a login, a shell, a terminal or a connection sets by itself.
const MANAGED: [&str; 44] = [
    "_",
    "SHLVL",
    "PWD",
    "OLDPWD",
    "PS1",
    "PS2",
    "PS3",
    "PS4",
    "PROMPT",
    "PROMPT_COMMAND",
    "RPROMPT",
    "SHELL",
    "USER",
    "LOGNAME",
    "USERNAME",
    "MAIL",
    "MAILCHECK",
    "TERM",
    "COLORTERM",
    "COLUMNS",
    "LINES",
    "HOSTNAME",
    "HOST",
    "HOSTTYPE",
    "OSTYPE",
    "MACHTYPE",
    "HISTSIZE",
    "HISTFILE",
    "HISTFILESIZE",
    "HISTCONTROL",
    "HISTTIMEFORMAT",
    "SAVEHIST",
    "LS_COLORS",
    "LS_OPTIONS",
    "LESSOPEN",
    "LESSCLOSE",
    "LESS",
    "MORE",
    "PROFILEREAD",
    "BASHRCSOURCED",
    "INPUTRC",
    "KSH_VERSION",
    "RANDOM",
    "TTY",
];

/// Beginnings of such names.
const MANAGED_BEGINNINGS: [&str; 4] = ["SSH_", "BASH_FUNC_", "XDG_SESSION", "DBUS_"];

/// Reads what `env -0` prints, or plain `env`, whose values may go on over several lines.
pub fn read(output: &[u8]) -> Environment {
    let text = String::from_utf8_lossy(output);
    let mut all = Environment::new();
    if text.contains('\0') {
        for entry in text.split('\0') {
            // What a shell said before is in front of the first.
            if let Some((name, value)) = entry.split_once('=') {
                let name = name.rsplit('\n').next().unwrap_or(name);
                if !name.is_empty() {
                    all.insert(name.to_owned(), value.to_owned());
                }
            }
        }
        return all;
    }
    let mut last: Option<String> = None;
    for line in text.lines() {
        match line.split_once('=').filter(|(name, _)| is_name(name)) {
            Some((name, value)) => {
                all.insert(name.to_owned(), value.to_owned());
                last = Some(name.to_owned());
            }
            None => {
                if let Some(value) = last.as_ref().and_then(|last| all.get_mut(last)) {
                    value.push('\n');
                    value.push_str(line);
                }
            }
        }
    }
    all
}

fn is_name(name: &str) -> bool {
    let name = name.strip_prefix("BASH_FUNC_").map_or(name, |rest| rest.trim_end_matches(['%', '(', ')']));
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// What `after` lacks of `before`, by name. That somebody else than root lacks root's folders and nothing more is no
/// difference: nobody's Dockerfile has put them there.
pub fn compare(before: &Environment, after: &Environment, is_root: bool) -> BTreeMap<String, Change> {
    let own =
        |name: &str| MANAGED.contains(&name) || MANAGED_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    let all = before.iter().filter(|(name, value)| !own(name) && !value.is_empty());
    let change = |name: &str, value: &str| {
        let change = change(name, value, after.get(name).map(String::as_str))?;
        match &change {
            Change::Lost { before, behind }
                if !is_root && before.iter().chain(behind).all(|folder| is_of_root(folder)) =>
            {
                None
            }
            _ => Some(change),
        }
    };
    all.filter_map(|(name, value)| Some((name.clone(), change(name, value)?))).collect()
}

fn change(name: &str, before: &str, after: Option<&str>) -> Option<Change> {
    let Some(after) = after.filter(|after| !after.is_empty()) else { return Some(Change::Gone) };
    if before == after || is_part(before, after) {
        return None;
    }
    if is_list(name, before) { lost(before, after) } else { Some(Change::Changed) }
}

/// Whether the whole of `before` stands somewhere in `after`, between blanks or the signs that lists have.
fn is_part(before: &str, after: &str) -> bool {
    let apart = |letter: Option<char>| letter.is_none_or(|letter| letter.is_whitespace() || ":;,".contains(letter));
    after
        .match_indices(before)
        .any(|(at, _)| apart(after[..at].chars().next_back()) && apart(after[at + before.len()..].chars().next()))
}

/// Whether it is one of the folders that systems give to root.
pub fn is_of_root(folder: &str) -> bool {
    OF_ROOT.contains(&folder.trim_end_matches('/'))
}

/// Whether a variable is a list of folders.
pub fn is_list(name: &str, value: &str) -> bool {
    LISTS.contains(&name) || (value.starts_with('/') && value.contains(':'))
}

/// Folders of a list, each once.
pub fn folders(list: &str) -> Vec<&str> {
    let mut found: Vec<&str> = Vec::new();
    for folder in list.split(':') {
        if !folder.is_empty() && !found.contains(&folder) {
            found.push(folder);
        }
    }
    found
}

fn lost(before: &str, after: &str) -> Option<Change> {
    let same = |folder: &str| folder.trim_end_matches('/').to_owned();
    let kept: Vec<String> = folders(after).into_iter().map(same).collect();
    let is_kept = |folder: &&str| kept.contains(&same(folder));
    let folders = folders(before);
    let last_kept = folders.iter().rposition(is_kept);
    let (mut front, mut behind) = (Vec::new(), Vec::new());
    for (place, folder) in folders.iter().enumerate().filter(|(_, folder)| !is_kept(folder)) {
        // One that stood between those that are left came before the last of them.
        let list = if last_kept.is_none_or(|last| place < last) { &mut front } else { &mut behind };
        list.push((*folder).to_owned());
    }
    if front.is_empty() && behind.is_empty() { None } else { Some(Change::Lost { before: front, behind }) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Environment {
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    fn lost(before: &[&str], behind: &[&str]) -> Option<Change> {
        let owned = |folders: &[&str]| folders.iter().map(|folder| (*folder).to_owned()).collect();
        Some(Change::Lost { before: owned(before), behind: owned(behind) })
    }

    #[test]
    fn folders_that_are_gone_keep_their_side() {
        let path = |before, after| change("PATH", before, Some(after));
        assert_eq!(path("/a:/usr/bin:/bin:/z", "/usr/local/bin:/usr/bin:/bin"), lost(&["/a"], &["/z"]));
        assert_eq!(path("/usr/bin:/a:/bin", "/usr/bin:/bin"), lost(&["/a"], &[]));
        assert_eq!(path("/a:/b", "/usr/bin"), lost(&["/a", "/b"], &[]));
        assert_eq!(path("/a/:/usr/bin:", "/usr/bin:/a"), None, "another order, and how a folder is written");
        assert_eq!(path("/a", "/usr/bin:/a"), None);
        assert_eq!(path("/a", ""), Some(Change::Gone));
    }

    #[test]
    fn what_is_added_or_managed_is_no_difference() {
        let before =
            of(&[("PATH", "/bin"), ("SHLVL", "1"), ("PWD", "/x"), ("OPTS", "-a"), ("EMPTY", ""), ("SSH_TTY", "1")]);
        let after = of(&[("PATH", "/bin:/y"), ("SHLVL", "2"), ("PWD", "/y"), ("OPTS", "-a -b"), ("LANG", "C.UTF-8")]);
        assert_eq!(compare(&before, &after, true), BTreeMap::new());
    }

    #[test]
    fn only_root_misses_the_folders_of_root() {
        let whole = "/opt/x:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
        let path = |path: &str| of(&[("PATH", path)]);
        let lost = |after: &str, is_root| !compare(&path(whole), &path(after), is_root).is_empty();
        assert!(!lost("/opt/x:/usr/local/bin:/usr/bin:/bin", false));
        assert!(lost("/opt/x:/usr/local/bin:/usr/bin:/bin", true));
        assert!(lost("/usr/local/bin:/usr/bin:/bin", false));
        assert!(lost("/opt/x:/usr/bin:/bin", false), "/usr/local/bin is everybody's");
    }

    #[test]
    fn what_is_another_or_gone_is_named() {
        let before = of(&[("LANG", "C.UTF-8"), ("JAVA_HOME", "/opt/java"), ("HOME", "/root"), ("JOBS", "1")]);
        let after = of(&[("LANG", "en_US.UTF-8"), ("HOME", "/home/circleci"), ("JOBS", "12")]);
        let found: Vec<(String, Change)> = compare(&before, &after, false).into_iter().collect();
        let changed = || Change::Changed;
        let expected = [("HOME", changed()), ("JAVA_HOME", Change::Gone), ("JOBS", changed()), ("LANG", changed())];
        assert_eq!(found, expected.map(|(name, change)| (name.to_owned(), change)));
    }

    #[test]
    fn both_ways_of_printing_are_read() {
        let expected = of(&[("A", "1\nB=x"), ("C", "")]);
        assert_eq!(read(b"A=1\nB=x\0C=\0\n"), expected);
        assert_eq!(read(b"Welcome!\nA=1\0B=\0"), of(&[("A", "1"), ("B", "")]));
        assert_eq!(read(b"A=1\nsecond line\n  C=x\nD=4\n"), of(&[("A", "1\nsecond line\n  C=x"), ("D", "4")]));
        assert_eq!(read(b"\xff=\0\n"), of(&[("\u{fffd}", "")]));
    }
}
