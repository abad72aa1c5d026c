//! What a login shell of the image loses of its environment, and the line of the Dockerfile that gives it back.

use super::{
    parse::Parsed,
    restored::{self, Gives},
    start_files::{How, OF_HOME, PROFILE_D, Written},
    users::User,
    value::Value,
    walk::{Image, Setting},
};
use crate::image::{
    base::Base,
    family::{DEFAULT_PATH, Family},
    login_shell::LoginShell,
    profile_line::Restore,
};

/// A file that every login shell of these families reads, whoever logs in. Nothing comes behind it.
const FOR_EVERYBODY: &str = "/etc/profile.d/zz-image-env.sh";

/// Folders of PATH beyond this are not looked at one by one.
const MOST: usize = 500;

/// What is found out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A login shell keeps everything; why, completing "nothing is lost, because …".
    Kept(String),
    /// It cannot be known; why, completing "unknown, because …".
    Unknown(String),
    /// It loses something.
    Loses(Loss),
}

/// What is lost, and what gives it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// Variables, PATH first.
    pub variables: Vec<Lost>,
    /// The file that takes them.
    pub by: &'static str,
    /// Nothing but the image's name was taken on trust, and that says it.
    pub is_certain: bool,
    /// `/etc/environment` was written, which no login shell reads.
    pub tried_environment: bool,
    /// What gives it back; `None` where no line can.
    pub addition: Option<Addition>,
}

/// A variable that is lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// Its name.
    pub name: String,
    /// Folders of PATH, or the one value.
    pub lost: Vec<String>,
    /// What the login shell has in its place; of PATH, all of it.
    pub instead: String,
    /// Lines that set what is lost, of which 0 is the base image's own.
    pub lines: Vec<usize>,
}

/// A line to add.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addition {
    /// What it restores.
    pub restore: Vec<Restore>,
    /// The file that it appends to.
    pub file: String,
    /// The Dockerfile writes that file itself, so that its last line may have no end.
    pub begins_line: bool,
    /// The line of the Dockerfile behind which it belongs.
    pub behind: usize,
}

/// Holds the image against what its login shell reads; `shipped` are the places of the shipped stage's instructions.
pub(super) fn outcome(image: &Image, base: &Base, parsed: &Parsed, shipped: (usize, usize)) -> Outcome {
    let family = base.family;
    match family {
        Family::Windows => return Outcome::Kept("a Windows image has no such profile".into()),
        Family::Bare => return Outcome::Kept("the image has no /etc/profile".into()),
        _ => {}
    }
    let user = image.session_user();
    if user.is_some_and(|user| !matches!(user.shell, Some(LoginShell::Bash | LoginShell::Posix))) {
        return Outcome::Unknown("the user's login shell reads other files than those of bash and sh".into());
    }
    let reader = Reader { image, family, user, chain: Vec::new() };
    let reader = Reader { chain: reader.files(), ..reader };
    if let Some(kept) = reader.profile_is_replaced() {
        return kept;
    }
    let mut unknown = None;
    let mut found: Vec<Lost> = Vec::new();
    match reader.path() {
        Ok(lost) => found.extend(lost),
        Err(why) => unknown = Some(why),
    }
    for (name, value) in family.sets_anew() {
        match reader.variable(name, value) {
            Ok(lost) => found.extend(lost),
            Err(why) => unknown = unknown.or(Some(why)),
        }
    }
    if found.is_empty() {
        let path = family.login_path(reader.is_root());
        return match unknown {
            Some(why) => Outcome::Unknown(why),
            None if path.is_none() => {
                Outcome::Kept(format!("the profile of {} keeps PATH as it finds it", family.name()))
            }
            None if reader.was_written() => Outcome::Kept("the start files that it writes give it back".into()),
            None => Outcome::Kept("the profile sets nothing anew that the image has set".into()),
        };
    }
    let tried_environment = image.written.iter().any(|written| written.path == "/etc/environment");
    let is_certain = base.is_stock && !image.is_opaque && image.user.known().is_some();
    let addition = reader.addition(&found, parsed, shipped);
    Outcome::Loses(Loss { variables: found, by: "/etc/profile", is_certain, tried_environment, addition })
}

struct Reader<'a> {
    image: &'a Image,
    family: Family,
    user: Option<&'a User>,
    /// Every file of which one of the shells reads at least one line.
    chain: Vec<String>,
}

impl Reader<'_> {
    fn is_root(&self) -> bool {
        match self.user {
            Some(user) => user.uid == Some(0),
            None => matches!(self.image.user.known(), Some("0" | "root")),
        }
    }

    /// The home that the session has.
    fn home(&self) -> Option<String> {
        match self.image.env.get("HOME") {
            Some(home) => home.known().map(str::to_owned),
            None => self.user.map(|user| user.home.clone()),
        }
        .map(|home| home.trim_end_matches('/').to_owned())
        .filter(|home| home.starts_with('/'))
    }

    fn profile_is_replaced(&self) -> Option<Outcome> {
        let last = self
            .image
            .written
            .iter()
            .rev()
            .find(|written| written.path == "/etc/profile" && !matches!(written.how, How::Appended(_)))?;
        Some(match &last.how {
            How::Removed => Outcome::Kept("it removes /etc/profile".into()),
            How::Replaced(text) if text.known().is_some_and(|text| !text.contains("PATH=")) => {
                Outcome::Kept("its own /etc/profile sets no PATH".into())
            }
            _ => Outcome::Unknown("it puts something of its own in the place of /etc/profile, or edits it".into()),
        })
    }

    /// The shells that the session may run: the user's own, and bash where there is one.
    fn shells(&self) -> Vec<LoginShell> {
        let own = self.user.and_then(|user| user.shell);
        let bash = self.image.has_bash.then_some(LoginShell::Bash);
        let mut shells: Vec<LoginShell> = own.into_iter().chain(bash).collect();
        shells.dedup();
        if shells.is_empty() { vec![LoginShell::Posix] } else { shells }
    }

    fn stock_files(&self) -> &'static [&'static str] {
        match self.user {
            // With another HOME the start files are elsewhere.
            Some(user) if self.home().as_deref() != Some(user.home.trim_end_matches('/')) => &[],
            Some(user) if user.uid == Some(0) => self.family.files_of_root(),
            Some(user) if user.has_skeleton => self.family.skeleton(),
            _ => &[],
        }
    }

    fn written_to<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a Written> {
        self.image.written.iter().filter(move |written| written.path == path)
    }

    /// Whether the home has this file.
    fn has(&self, home: &str, name: &str) -> bool {
        let path = format!("{home}/{name}");
        let mut there = self.stock_files().contains(&name);
        for written in self.written_to(&path) {
            there = written.how != How::Removed;
        }
        there
    }

    /// Every file of which one of the shells reads at least one line.
    fn files(&self) -> Vec<String> {
        let mut chain: Vec<String> = vec!["/etc/profile".to_owned()];
        chain.extend(self.family.other_system_files().iter().map(|path| (*path).to_owned()));
        let scripts = self.image.written.iter().map(|written| &written.path);
        chain.extend(scripts.filter(|path| path.starts_with(PROFILE_D) && path.ends_with(".sh")).cloned());
        let Some(home) = self.home() else { return chain };
        for shell in self.shells() {
            let Some(own) = shell.own_files().iter().find(|name| self.has(&home, name)) else { continue };
            let path = format!("{home}/{own}");
            let replaced = self.written_to(&path).any(|written| matches!(written.how, How::Replaced(_)));
            let stock_reads = self.stock_files().contains(own) && !replaced;
            let reads_bashrc = stock_reads
                || self.family == Family::Suse
                || self.written_to(&path).any(|written| match &written.how {
                    How::Appended(text) | How::Replaced(text) => restored::reads_bashrc(&text.shown()),
                    How::Edited => true,
                    How::Removed => false,
                });
            chain.push(path);
            if reads_bashrc {
                chain.push(format!("{home}/.bashrc"));
            }
        }
        chain
    }

    fn was_written(&self) -> bool {
        self.image.written.iter().any(|written| self.chain.contains(&written.path))
    }

    /// What the start files that the Dockerfile writes give back of a variable.
    fn gives(&self, name: &str, what: &str) -> Gives {
        let home = self.home();
        let kept = |variable: &str| match variable {
            "HOME" => home.clone(),
            "PATH" => None,
            other => self.image.env.get(other).and_then(Value::known).map(str::to_owned),
        };
        let mut answer = Gives::Nothing;
        for written in self.image.written.iter().filter(|written| self.chain.contains(&written.path)) {
            let gives = match &written.how {
                How::Appended(text) | How::Replaced(text) => restored::gives(&text.shown(), name, what, &kept),
                How::Edited => Gives::Unknown,
                How::Removed => Gives::Nothing,
            };
            match gives {
                Gives::Back => return Gives::Back,
                Gives::Unknown => answer = Gives::Unknown,
                Gives::Nothing => {}
            }
        }
        answer
    }

    /// The stock start files, or an installer's, may give back a folder of the home.
    fn may_be_given_back(&self, folder: &str) -> bool {
        let Some(home) = self.home() else { return false };
        let below = folder.strip_prefix(&home).and_then(|rest| rest.strip_prefix('/'));
        let by_stock = |below: &str| {
            let reads_stock =
                self.family == Family::Suse || self.stock_files().contains(&".profile") && !self.is_root();
            reads_stock && self.family.adds_of_home().contains(&below.trim_end_matches('/'))
        };
        if below.is_some_and(by_stock) {
            return true;
        }
        self.image.installers.iter().any(|(of, told)| {
            let is_ours = of.is_none() || of.as_deref() == Some(&home);
            let is_tools = told.contains("rustup") && folder.contains("cargo");
            is_ours && (below.is_some() || is_tools)
        })
    }

    /// What is lost of PATH.
    fn path(&self) -> Result<Option<Lost>, String> {
        let Some(login) = self.family.login_path(self.is_root()) else { return Ok(None) };
        let Some(path) = self.image.env.get("PATH") else { return Ok(None) };
        let kept: Vec<&str> = login.split(':').chain(DEFAULT_PATH.split(':')).collect();
        let mut lost: Vec<Value> = Vec::new();
        let folders = path.folders();
        if folders.len() > MOST {
            return Err(format!("its PATH has more than {MOST} folders"));
        }
        for folder in folders {
            match folder.known() {
                Some(known) if kept.contains(&known.trim_end_matches('/')) || is_of_an_empty_home(known) => continue,
                Some(known) if self.may_be_given_back(known) => continue,
                Some(known) => match self.gives("PATH", known) {
                    Gives::Back => continue,
                    Gives::Unknown => return Err(unknown_start_file("PATH")),
                    Gives::Nothing => {}
                },
                // Whatever it is, a start file that was written may mean it.
                None if self.was_written() => return Err("a folder of PATH depends on what the build is told".into()),
                None => {}
            }
            if !lost.contains(&folder) {
                lost.push(folder);
            }
        }
        // An unknown folder alone may be one of those that are kept.
        if lost.iter().all(|folder| folder.is_something() != Some(true)) {
            return Ok(None);
        }
        let lines = self.lines("PATH", &lost);
        let lost = lost.iter().map(Value::shown).collect();
        Ok(Some(Lost { name: "PATH".into(), lost, instead: login.to_owned(), lines }))
    }

    fn variable(&self, name: &str, anew: &str) -> Result<Option<Lost>, String> {
        let Some(value) = self.image.env.get(name).and_then(Value::known).filter(|value| *value != anew) else {
            return Ok(None);
        };
        match self.gives(name, value) {
            Gives::Back => Ok(None),
            Gives::Unknown => Err(unknown_start_file(name)),
            Gives::Nothing => Ok(Some(Lost {
                name: name.to_owned(),
                lost: vec![value.to_owned()],
                instead: anew.to_owned(),
                lines: self.lines(name, &[value.into()]),
            })),
        }
    }

    /// The lines from which on what is lost was there.
    fn lines(&self, name: &str, lost: &[Value]) -> Vec<usize> {
        let settings: Vec<&Setting> = self.image.settings.iter().filter(|setting| setting.name == name).collect();
        let has = |setting: &&Setting, folder: &Value| {
            if name == "PATH" { setting.value.folders().contains(folder) } else { setting.value == *folder }
        };
        let mut lines: Vec<usize> = (lost.iter())
            .map(|folder| {
                let since = settings.iter().rev().take_while(|setting| has(setting, folder)).count();
                let first = settings.len() - since;
                // What was there before the first setting is the base image's.
                let of_base = since == settings.len() && name == "PATH" && self.of_base(folder);
                if of_base { 0 } else { settings.get(first).map_or(0, |setting| setting.line) }
            })
            .collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    fn of_base(&self, folder: &Value) -> bool {
        self.image.base_path.folders().contains(folder)
    }

    /// The line that gives it back, and where it belongs.
    fn addition(&self, lost: &[Lost], parsed: &Parsed, shipped: (usize, usize)) -> Option<Addition> {
        let (first, end) = shipped;
        let restore = lost.iter().map(|lost| self.restore(lost)).collect();
        let own = self.home().filter(|_| self.user.is_some());
        let file = match &own {
            Some(home) => format!("{home}/{}", self.file_of(home)),
            None => FOR_EVERYBODY.to_owned(),
        };
        let names: Vec<&str> = lost.iter().map(|lost| lost.name.as_str()).collect();
        let mut at = first;
        for setting in self.image.settings.iter().filter(|setting| names.contains(&setting.name.as_str())) {
            at = at.max(setting.at);
        }
        // Behind what writes the files of this home, for it may write them anew.
        let of_home = |path: &str| {
            path == file || own.as_ref().is_some_and(|home| OF_HOME.iter().any(|name| path == format!("{home}/{name}")))
        };
        for written in self.image.written.iter().filter(|written| of_home(&written.path)) {
            at = at.max(written.at);
        }
        if let Some(made) = self.user.and_then(|user| self.image.user_made_at.get(&user.name)) {
            at = at.max(*made);
        }
        let may_write =
            |user: &Value| matches!(user.known(), Some("root" | "0")) || (own.is_some() && *user == self.image.user);
        let users_at =
            |place: usize| self.image.users_at.iter().rev().find(|(at, _)| *at == place).map(|(_, user)| user);
        let place = (at..end).find(|place| users_at(*place).is_some_and(may_write))?;
        let behind = parsed.instructions.get(place)?.last_line;
        let begins_line = self.written_to(&file).next().is_some();
        self.image.posix_run.then_some(Addition { restore, file, begins_line, behind })
    }

    /// The file of the home that is read, and in whose place no new one must stand.
    fn file_of(&self, home: &str) -> &'static str {
        let is_there = |name: &&&str| self.has(home, name);
        let by_bash = LoginShell::Bash.own_files().iter().find(is_there).copied();
        match self.shells().as_slice() {
            [LoginShell::Posix] => ".profile",
            // Where there is none yet, every shell reads this one.
            _ => by_bash.unwrap_or(".profile"),
        }
    }

    fn restore(&self, lost: &Lost) -> Restore {
        if lost.name != "PATH" {
            return Restore::Value { name: lost.name.clone(), value: lost.lost.concat() };
        }
        let folders = self.image.env.get("PATH").map(Value::folders).unwrap_or_default();
        if folders.iter().any(|folder| folder.known().is_none()) {
            return Restore::AsBuilt { name: "PATH".into() };
        }
        let is_lost = |folder: &&Value| lost.lost.contains(&folder.shown());
        let first_kept = folders.iter().position(|folder| !is_lost(&folder)).unwrap_or(folders.len());
        let shown = |folders: &[Value]| -> Vec<String> {
            let mut shown: Vec<String> = Vec::new();
            for folder in folders.iter().filter(is_lost).map(Value::shown) {
                if !shown.contains(&folder) {
                    shown.push(folder);
                }
            }
            shown
        };
        let before = shown(&folders[..first_kept]);
        let mut behind = shown(&folders[first_kept..]);
        behind.retain(|folder| !before.contains(folder));
        Restore::Path { before, behind }
    }
}

/// `$HOME/.local/bin` in `ENV` is `/.local/bin`, for Docker sets no HOME there. Nobody has such a folder, and nobody misses it.
fn is_of_an_empty_home(folder: &str) -> bool {
    folder.starts_with("/.")
}

fn unknown_start_file(name: &str) -> String {
    format!("it writes a start file that may set {name}, and only running it would tell")
}
