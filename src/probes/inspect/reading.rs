//! What the two commands answered, made into facts. Nothing of the answers gets further than the names of variables, values
//! that may be shown, and the lines of start files that are to blame, cut in the same way.

use std::collections::BTreeMap;

use super::script::{self, Section};
use crate::{
    facts::{EndsEarly, Fact, Inspection, Reset, Seen, Shadowed, StartFile},
    image::{
        blame::{Case, Culprit},
        environment::{self, Change, Environment},
        login_shell::LoginShell,
        profile::{Files, Place},
        showable,
    },
    probes::text::clean,
};

/// Variables of one job that are told about at most.
const MOST: usize = 40;

/// The status of a shell that was ended from outside, because it took too long.
const KILLED: i64 = 137;

/// The facts of two answers: the environment of a plain command, and what the script said.
pub(super) fn read(plain: &[u8], answer: &[u8], mark: &str, seconds: u64) -> Inspection {
    let sections = script::sections(answer, mark);
    let said = Said(&sections);
    let mut seen = Inspection {
        user: said.word("user", "the job has no name for the account"),
        home: said.word("home", "the job does not tell the home folder"),
        shell: said.word("shell", "the job does not tell the login shell"),
        shell_missing: said.body("missing").is_some(),
        bash_env: said.body("bashenv").is_some_and(|body| body.trim_ascii() == b"yes"),
        ..Inspection::default()
    };
    (seen.family, seen.system) = system(said.body("os").unwrap_or_default());
    let before = environment::read(plain);
    let home = before.get("HOME").or(seen.home.known()).cloned().unwrap_or_default();
    let shell = seen.shell.known().and_then(|shell| LoginShell::named(shell));
    seen.shell_kind = shell.map(|shell| kind(shell).to_owned());
    let files = files(&said, &home);
    let read = shell.map(|shell| reads(shell, &files, &home)).unwrap_or_default();
    seen.start_files = start_files(&said, shell, &read, &home);
    seen.image_path = before.get("PATH").filter(|path| showable::may_be_shown("PATH", path)).cloned();
    let read: Vec<&str> = read.iter().map(String::as_str).collect();
    let case = Case { files: &files, read: &read, before: &before, home: &home };
    match after(&said, shell, seconds) {
        Ok(after) => {
            let at_start = said.body("env").map(environment::read).unwrap_or_default();
            let is_root = seen.user.known().is_some_and(|user| user == "root");
            let changes = changes(&before, &at_start, &after, is_root);
            seen.shadowed = shell.and_then(|shell| shadowed(&case, shell, &changes));
            seen.reset = changes
                .iter()
                .take(MOST)
                .map(|(name, change)| reset(&case, name, change, &after))
                .collect::<Vec<_>>()
                .into();
        }
        Err(NoAnswer::Ended(status)) => {
            let early = ends_early(&case, status);
            seen.reset = Fact::unknown(if early.exec {
                "a start file hands over to another program before the login shell could be asked"
            } else {
                "the login shell ended before it could be asked"
            });
            seen.ends_early = Some(early);
        }
        Err(NoAnswer::Unknown(why)) => seen.reset = Fact::unknown(why),
    }
    seen
}

/// The parts of the script's answer.
struct Said<'a>(&'a [Section<'a>]);

impl Said<'_> {
    /// The body of the part with this title.
    fn body(&self, title: &str) -> Option<&[u8]> {
        self.0.iter().find(|section| section.title == title).map(|section| section.body)
    }

    /// What stands behind a title's first word.
    fn rest(&self, word: &str) -> Option<&str> {
        self.0.iter().find_map(|section| section.title.strip_prefix(word)?.strip_prefix(' '))
    }

    fn word(&self, word: &str, why: &str) -> Fact<String> {
        let text = clean(self.rest(word).unwrap_or_default());
        if text.is_empty() { Fact::unknown(why) } else { text.into() }
    }
}

/// Why there is no environment of a login shell.
enum NoAnswer {
    /// It ended with this status.
    Ended(i64),
    Unknown(String),
}

fn after(said: &Said<'_>, shell: Option<LoginShell>, seconds: u64) -> Result<Environment, NoAnswer> {
    let unknown = |why: String| Err(NoAnswer::Unknown(why));
    if said.body("missing").is_some() {
        return unknown("the login shell is not there".into());
    }
    if said.body("other").is_some() || shell.is_none() {
        return unknown("the start files of this login shell are not known here".into());
    }
    if let Some(body) = said.body("start") {
        // A login shell that was killed in the middle has told only a part.
        return match said.body("end") {
            Some(_) => Ok(environment::read(body.strip_suffix(b"\n").unwrap_or(body))),
            None => unknown("the login shell did not tell all of its environment".into()),
        };
    }
    let status = said.rest("status").and_then(|status| status.trim().parse().ok());
    let noise = said.body("login").unwrap_or_default();
    let refused = String::from_utf8_lossy(noise).to_ascii_lowercase();
    match status {
        None | Some(KILLED) => {
            unknown(format!("the login shell was not ready within {seconds} s; --timeout 60 gives it more time"))
        }
        Some(_) if refused.contains("llegal option") || refused.contains("nvalid option") => {
            unknown("this login shell knows no option -l".into())
        }
        Some(status) => Err(NoAnswer::Ended(status)),
    }
}

/// What differs, but for variables that are no two times the same.
fn changes(
    before: &Environment,
    at_start: &Environment,
    after: &Environment,
    is_root: bool,
) -> BTreeMap<String, Change> {
    let mut changes = environment::compare(before, after, is_root);
    changes.retain(|name, _| at_start.get(name) == before.get(name));
    changes
}

fn reset(case: &Case<'_>, name: &str, change: &Change, after: &Environment) -> Reset {
    let now = after.get(name).map(String::as_str);
    let Culprit { place, sure } = case.culprit(name, change, now);
    let shown = |value: Option<&str>| value.filter(|value| showable::may_be_shown(name, value)).map(str::to_owned);
    let folder = |folder: &String| if showable::is_folder(folder) { folder.clone() } else { "…".to_owned() };
    let (change_name, lost_before, lost_behind) = match change {
        Change::Lost { before, behind } => {
            ("folders-lost", before.iter().map(folder).collect(), behind.iter().map(folder).collect())
        }
        Change::Changed => ("changed", Vec::new(), Vec::new()),
        Change::Gone => ("gone", Vec::new(), Vec::new()),
    };
    Reset {
        name: clean(name),
        change: change_name.into(),
        lost_before,
        lost_behind,
        was: shown(case.before.get(name).map(String::as_str)),
        is: shown(now.filter(|now| !now.is_empty())),
        by: place.map(line),
        sure,
    }
}

fn line(place: Place) -> Seen {
    Seen { source: clean(place.file), line: Some(place.line), text: clean(showable::assignment(&place.text)) }
}

fn shadowed(case: &Case<'_>, shell: LoginShell, changes: &BTreeMap<String, Change>) -> Option<Shadowed> {
    let listed: Vec<(&str, &Change)> = changes.iter().map(|(name, change)| (name.as_str(), change)).collect();
    let (by, file, variables) = case.shadowed(shell, &listed)?;
    let all = variables.len() == listed.len();
    Some(Shadowed { file: clean(file), by: clean(by), by_open_ended: false, variables, all })
}

fn ends_early(case: &Case<'_>, status: i64) -> EndsEarly {
    let (place, sure) = case.end();
    let exec = place.as_ref().is_some_and(|place| place.text.starts_with("exec"));
    let program = |mut place: Place| {
        // What is behind the program's name may hold anything.
        place.text = place.text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
        Seen { source: clean(place.file), line: Some(place.line), text: clean(place.text) }
    };
    EndsEarly { status, by: place.map(program), sure, exec }
}

/// The family and the name of a system, by os-release(5) or by what `uname` says.
fn system(text: &[u8]) -> (Option<String>, Option<String>) {
    let text = String::from_utf8_lossy(text);
    if text.trim() == "Darwin" {
        return (Some("macos".into()), Some("macOS".into()));
    }
    let value = |name: &str| {
        let line = text.lines().find_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
        line.map(|value| clean(value.trim_matches(['"', '\''])))
    };
    let ids = format!("{} {}", value("ID").unwrap_or_default(), value("ID_LIKE").unwrap_or_default());
    let family = ids.split_whitespace().find_map(|id| match id {
        "debian" | "ubuntu" => Some("debian"),
        "alpine" => Some("alpine"),
        "rhel" | "fedora" | "centos" | "rocky" | "almalinux" | "amzn" | "ol" => Some("redhat"),
        "suse" | "opensuse" | "sles" | "opensuse-leap" | "opensuse-tumbleweed" => Some("suse"),
        "arch" => Some("arch"),
        _ => None,
    });
    (family.map(str::to_owned), value("PRETTY_NAME").or_else(|| value("NAME")))
}

fn kind(shell: LoginShell) -> &'static str {
    match shell {
        LoginShell::Bash => "bash",
        LoginShell::Posix => "posix",
        LoginShell::Zsh => "zsh",
    }
}

/// The files that were seen, and those that the script looked for in vain.
fn files(said: &Said<'_>, home: &str) -> Files {
    let mut files = Files::default();
    let mut there = Vec::new();
    for section in said.0 {
        if let Some(path) = section.title.strip_prefix("file ") {
            files.add(path, &String::from_utf8_lossy(section.body));
            there.push(path.to_owned());
        }
        if let Some(path) = section.title.strip_prefix("unreadable ") {
            there.push(path.to_owned());
        }
    }
    for path in script::start_files(home).iter().filter(|path| !there.contains(path)) {
        files.add_absent(path);
    }
    files
}

/// What an interactive login shell reads by itself, in order.
fn reads(shell: LoginShell, files: &Files, home: &str) -> Vec<String> {
    let is_there = |path: &String| files.get(path).is_some();
    let of_home = |name: &str| format!("{}/{name}", home.trim_end_matches('/'));
    let first = |names: &[&str]| names.iter().map(|name| of_home(name)).find(is_there);
    let all: Vec<String> = match shell {
        LoginShell::Zsh => {
            let both = |name: &str| {
                let of_system = [format!("/etc/zsh/{name}"), format!("/etc/{name}")].into_iter().find(is_there);
                of_system.into_iter().chain([of_home(&format!(".{name}"))]).collect::<Vec<_>>()
            };
            ["zshenv", "zprofile", "zshrc", "zlogin"].into_iter().flat_map(both).collect()
        }
        LoginShell::Bash | LoginShell::Posix => {
            ["/etc/profile".to_owned()].into_iter().chain(first(shell.own_files())).collect()
        }
    };
    all.into_iter().filter(is_there).collect()
}

fn start_files(said: &Said<'_>, shell: Option<LoginShell>, read: &[String], home: &str) -> Vec<StartFile> {
    let own = |name: &&str| format!("{}/{name}", home.trim_end_matches('/'));
    let own: Vec<String> = shell.map(|shell| shell.own_files().iter().map(own).collect()).unwrap_or_default();
    let files = said.0.iter().filter_map(|section| {
        let text = section.title.strip_prefix("file ").map(|path| (path, script::is_open_ended(section.body)));
        text.or_else(|| Some((section.title.strip_prefix("unreadable ")?, false)))
    });
    let file = |(path, open_ended): (&str, bool)| {
        let is_read = read.iter().any(|file| file == path);
        let passed_over = !is_read && own.iter().any(|file| file == path);
        StartFile { path: clean(path), read: is_read, passed_over, open_ended }
    };
    files.map(file).collect()
}

#[cfg(test)]
mod tests;
