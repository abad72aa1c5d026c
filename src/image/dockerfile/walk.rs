//! Goes through the instructions of the stages that make up an image, and remembers what a login shell will care for.

use std::collections::BTreeMap;

use super::{
    parse::{Instruction, Keyword, Parsed},
    shell::{self, Command},
    start_files::{self, How, OF_ALL, OF_HOME, PROFILE_D, Written},
    users::{self, Change, User},
    value::Value,
    words,
};
use crate::image::{
    base::Base,
    family::{DEFAULT_PATH, Family},
    login_shell::LoginShell,
};

/// The build's context: the files beside the Dockerfile.
pub trait Context {
    /// What is there under a path relative to the context.
    fn look(&self, path: &str) -> Source;
    /// Names in a folder of it.
    fn names(&self, folder: &str) -> Vec<String>;
}

/// What the context has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file with this text.
    Text(String),
    /// A folder.
    Folder,
    /// Nobody knows: it is not there, is no text, or there is no context.
    Unknown,
}

/// An `ENV` that was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) name: String,
    pub(super) value: Value,
    pub(super) line: usize,
    /// Place of the instruction.
    pub(super) at: usize,
}

/// What the instructions amount to.
pub(super) struct Image {
    /// The environment.
    pub(super) env: BTreeMap<String, Value>,
    /// The PATH that the base image sets.
    pub(super) base_path: Value,
    /// How it came about.
    pub(super) settings: Vec<Setting>,
    /// Start files that were written.
    pub(super) written: Vec<Written>,
    /// Who runs the session.
    pub(super) user: Value,
    /// Who ran from which instruction on.
    pub(super) users_at: Vec<(usize, Value)>,
    /// Everybody who is known.
    pub(super) users: Vec<User>,
    /// Where a user was made or changed last.
    pub(super) user_made_at: BTreeMap<String, usize>,
    /// Homes whose start files a downloaded installer may have written, and what its command says.
    pub(super) installers: Vec<(Option<String>, String)>,
    /// Scripts ran that were not read.
    pub(super) is_opaque: bool,
    /// bash is there, or was installed.
    pub(super) has_bash: bool,
    /// `RUN` hands its line to a POSIX shell.
    pub(super) posix_run: bool,
}

/// Goes through the stages; `ranges` are their instructions, FROM included, the oldest first.
pub(super) fn walk(
    parsed: &Parsed,
    ranges: &[(usize, usize)],
    base: &Base,
    globals: &BTreeMap<String, Value>,
    build_args: &BTreeMap<String, String>,
    context: &dyn Context,
) -> Image {
    let mut walker = Walker {
        escape: parsed.escape,
        family: base.family,
        globals,
        build_args,
        context,
        args: BTreeMap::new(),
        cwd: Some("/".to_owned()),
        copies: Vec::new(),
        at: 0,
        image: Image {
            env: base.env.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect(),
            base_path: base
                .env
                .iter()
                .find(|(name, _)| name == "PATH")
                .map(|(_, path)| path.as_str().into())
                .unwrap_or_default(),
            settings: Vec::new(),
            written: Vec::new(),
            user: base.user.into(),
            users_at: Vec::new(),
            users: known_users(base),
            user_made_at: BTreeMap::new(),
            installers: Vec::new(),
            is_opaque: false,
            has_bash: base.family.has_bash(),
            posix_run: true,
        },
    };
    for &(first, end) in ranges {
        walker.args.clear();
        for at in first..end {
            walker.at = at;
            if let Some(instruction) = parsed.instructions.get(at) {
                walker.step(instruction);
                walker.image.users_at.push((at, walker.image.user.clone()));
            }
        }
    }
    walker.image
}

fn known_users(base: &Base) -> Vec<User> {
    let family = base.family;
    let root = User {
        name: "root".into(),
        uid: Some(0),
        home: "/root".into(),
        shell: Some(family.shell_of_root()),
        has_skeleton: false,
    };
    let others = base.users.iter().map(|(name, uid, home)| User {
        name: (*name).into(),
        uid: Some(*uid),
        home: (*home).into(),
        shell: Some(if family.has_bash() { LoginShell::Bash } else { LoginShell::Posix }),
        has_skeleton: true,
    });
    std::iter::once(root).chain(others).collect()
}

impl Image {
    /// The user of this name or number.
    pub(super) fn user_named(&self, user: &str) -> Option<&User> {
        let number: Option<u32> = user.parse().ok();
        self.users.iter().rev().find(|known| known.name == user || (number.is_some() && known.uid == number))
    }

    /// The user of the session.
    pub(super) fn session_user(&self) -> Option<&User> {
        self.user_named(self.user.known()?)
    }
}

struct Walker<'a> {
    escape: char,
    family: Family,
    globals: &'a BTreeMap<String, Value>,
    build_args: &'a BTreeMap<String, String>,
    context: &'a dyn Context,
    args: BTreeMap<String, Value>,
    cwd: Option<String>,
    /// Files and folders of the context: where they lie in the image, and where they come from.
    copies: Vec<(String, String)>,
    at: usize,
    image: Image,
}

impl Walker<'_> {
    fn step(&mut self, instruction: &Instruction) {
        match instruction.keyword {
            Keyword::Arg => self.arg(instruction),
            Keyword::Env => self.env(instruction),
            Keyword::User => {
                let user = self.expand(&instruction.body);
                self.image.user = match user.known() {
                    Some(user) => user.split(':').next().unwrap_or_default().into(),
                    None => user,
                };
            }
            Keyword::Workdir => {
                let folder = self.expand(&instruction.body);
                self.cwd = self.absolute(&folder);
            }
            Keyword::Shell => {
                let shell = instruction.body.to_ascii_lowercase();
                self.image.posix_run =
                    !(shell.contains("pwsh") || shell.contains("powershell") || shell.contains("cmd"));
            }
            Keyword::Copy | Keyword::Add => self.copy(instruction),
            Keyword::Run => self.run(instruction),
            Keyword::From | Keyword::Other => {}
        }
    }

    fn lookup(&self, name: &str) -> Option<Value> {
        let default = || (name == "PATH").then(|| Value::from(DEFAULT_PATH));
        self.image.env.get(name).or_else(|| self.args.get(name)).cloned().or_else(default)
    }

    fn expand(&self, text: &str) -> Value {
        words::expand(text.trim(), self.escape, &|name| self.lookup(name))
    }

    fn arg(&mut self, instruction: &Instruction) {
        for (name, value, _) in words::pairs(&instruction.body, self.escape, false) {
            let default = value.map(|value| self.expand(&value)).or_else(|| self.globals.get(&name).cloned());
            let given = self.build_args.get(&name).map(|given| Value::from(given.as_str()));
            let value = given.or(default).unwrap_or_else(|| Value::default().unknown());
            self.args.insert(name, value);
        }
    }

    fn env(&mut self, instruction: &Instruction) {
        let pairs = words::pairs(&instruction.body, self.escape, true);
        // Values of one instruction see what was there before it.
        let values: Vec<(String, Value, usize)> = pairs
            .into_iter()
            .map(|(name, value, at)| (name, self.expand(&value.unwrap_or_default()), instruction.line_at(at)))
            .collect();
        for (name, value, line) in values {
            self.image.settings.push(Setting { name: name.clone(), value: value.clone(), line, at: self.at });
            self.image.env.insert(name, value);
        }
    }

    fn home(&self) -> Option<String> {
        let set = self.image.env.get("HOME").map(|home| home.known().map(str::to_owned));
        set.unwrap_or_else(|| self.image.session_user().map(|user| user.home.clone()))
    }

    /// What a variable is to a command of `RUN`.
    fn of_run(&self, name: &str) -> Option<Value> {
        self.lookup(name).or_else(|| if name == "HOME" { self.home().map(|home| home.as_str().into()) } else { None })
    }

    fn absolute(&self, path: &Value) -> Option<String> {
        joined(self.cwd.as_deref(), path.known()?)
    }

    fn write(&mut self, path: String, how: How) {
        // What lies in the skeleton comes to every home that is made after it.
        self.image.written.push(Written { at: self.at, path, how });
    }

    fn run(&mut self, instruction: &Instruction) {
        let exec: Option<Vec<String>> = serde_json::from_str(&instruction.body).ok();
        let lookup = |name: &str| self.of_run(name);
        let heredoc_alone = instruction.heredocs.first().filter(|_| instruction.body.trim_start().starts_with("<<"));
        let commands = match (exec, heredoc_alone) {
            (Some(words), _) => {
                vec![Command { words: words.iter().map(|word| word.as_str().into()).collect(), ..Command::default() }]
            }
            (None, Some(script)) if !instruction.body.trim().contains(char::is_whitespace) => {
                shell::commands(&script.text, &[], &lookup)
            }
            _ => shell::commands(&instruction.body, &instruction.heredocs, &lookup),
        };
        self.commands(commands, 0);
    }

    fn commands(&mut self, commands: Vec<Command>, depth: usize) {
        // What comes behind the last that was read may write anything.
        if commands.len() >= shell::MOST {
            self.write("/etc/profile".into(), How::Edited);
        }
        let mut cwd = self.cwd.clone();
        // Before the users are made, for what the same commands put into the skeleton is theirs.
        self.writes(&commands);
        for command in &commands {
            let words: Vec<&Value> = start_files::own_words(command);
            let plain: Vec<&str> = words.iter().map(|word| word.known().unwrap_or_default()).collect();
            match plain.first().copied() {
                Some("cd") => {
                    cwd = words.get(1).and_then(|to| joined(cwd.as_deref(), to.known()?));
                }
                Some("apk" | "apk.static") if plain.contains(&"bash") => self.image.has_bash = true,
                Some(program) => {
                    self.users(&plain);
                    self.installer(&commands, command, &plain);
                    self.script(program, &plain, cwd.as_deref());
                    if depth < 3 {
                        self.inner(program, command, &plain, depth);
                    }
                }
                None => {}
            }
        }
    }

    /// Start files that the commands write; a relative path is taken from where the last `cd` before it leads.
    fn writes(&mut self, commands: &[Command]) {
        let mut cwd = self.cwd.clone();
        let mut found = Vec::new();
        let mut from = 0;
        for (place, command) in commands.iter().enumerate() {
            let is_last = place + 1 == commands.len();
            if command.word(0) == "cd" || is_last {
                let resolve = |path: &Value| joined(cwd.as_deref(), path.known()?);
                let all = start_files::written(&commands[from..=place], &resolve);
                found.extend(all);
                from = place + 1;
                cwd = command.words.get(1).and_then(|to| joined(cwd.as_deref(), to.known()?));
            }
        }
        for (path, how) in found {
            self.write(path, how);
        }
    }

    /// `sh -c "…"`, `su USER -c "…"`, `bash <<EOF`.
    fn inner(&mut self, program: &str, command: &Command, plain: &[&str], depth: usize) {
        let is_shell = LoginShell::named(program).is_some();
        let runs_shell =
            is_shell || matches!(program, "su" | "runuser" | "gosu" | "su-exec" | "doas" | "sudo" | "setpriv");
        let script = plain
            .iter()
            .position(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'))
            .filter(|_| runs_shell || plain.iter().any(|word| LoginShell::named(word).is_some()))
            .and_then(|place| plain.get(place + 1).map(|text| Value::from(*text)))
            .or_else(|| command.input.clone().filter(|_| is_shell));
        if let Some(text) = script.as_ref().and_then(Value::known) {
            let inner = shell::commands(text, &[], &|name| self.of_run(name));
            self.commands(inner, depth + 1);
        }
    }

    fn users(&mut self, plain: &[&str]) {
        match users::change(plain, self.family) {
            Some(Change::Made(user)) => {
                self.image.user_made_at.insert(user.name.clone(), self.at);
                if user.has_skeleton {
                    self.fill_from_skeleton(&user.home);
                }
                self.image.users.push(user);
            }
            Some(Change::Changed { name, home, shell }) => {
                self.image.user_made_at.insert(name.clone(), self.at);
                if let Some(user) = self.image.users.iter_mut().rev().find(|user| user.name == name) {
                    if let Some(home) = home {
                        user.home = home;
                    }
                    if let Some(shell) = shell {
                        user.shell = LoginShell::named(&shell);
                    }
                }
            }
            None => {}
        }
    }

    fn fill_from_skeleton(&mut self, home: &str) {
        let copied: Vec<(String, How)> = (self.image.written.iter())
            .filter_map(|written| {
                let name = written.path.strip_prefix("/etc/skel/")?;
                Some((format!("{}/{name}", home.trim_end_matches('/')), written.how.clone()))
            })
            .collect();
        for (path, how) in copied {
            self.write(path, how);
        }
    }

    /// Installers that are downloaded and run edit start files as they like, unless they are told not to.
    fn installer(&mut self, commands: &[Command], command: &Command, plain: &[&str]) {
        const DECLINED: [&str; 4] = ["--no-modify-path", "--no-path-update", "--skip-shell", "--no-rc"];
        let all = |words: &[&str]| {
            words.iter().any(|word| DECLINED.contains(word)) || plain.iter().any(|word| DECLINED.contains(word))
        };
        let text = |command: &Command| command.words.iter().map(Value::shown).collect::<Vec<_>>().join(" ");
        let fed_by = commands
            .iter()
            .position(|other| std::ptr::eq(other, command))
            .and_then(|place| commands.get(place.checked_sub(1)?))
            .filter(|_| command.is_piped);
        let program = plain.first().copied().unwrap_or_default();
        let reads_download = LoginShell::named(program).is_some()
            && (fed_by
                .is_some_and(|fed_by| matches!(fed_by.word(0), "curl" | "wget") || text(fed_by).contains("http"))
                || command.words.iter().any(|word| word.known().is_none()));
        let of_its_own = program.ends_with("rustup-init")
            || plain.iter().any(|word| matches!(*word, "ensurepath" | "update-shell"))
            || matches!(plain, ["conda" | "mamba", "init", ..] | ["pnpm", "setup", ..]);
        let assigned = command.words.iter().filter_map(Value::known).any(|word| {
            word == "PROFILE=/dev/null" || word.ends_with("NO_MODIFY_PATH=1") || word == "SHELL=/bin/false"
        });
        if (reads_download || of_its_own) && !all(plain) && !assigned {
            let told = format!("{} {}", fed_by.map(text).unwrap_or_default(), text(command));
            self.image.installers.push((self.home(), told));
        }
    }

    /// Scripts of the context are searched for the names of start files; others are nobody's to know.
    fn script(&mut self, program: &str, plain: &[&str], cwd: Option<&str>) {
        let by_shell = LoginShell::named(program).is_some() || matches!(program, "." | "source");
        let named =
            if by_shell { plain.iter().skip(1).find(|word| !word.starts_with('-')).copied() } else { Some(program) };
        let Some(path) = named.filter(|path| path.contains('/') || (by_shell && !path.is_empty())) else { return };
        if !by_shell && (path.starts_with("/usr/") || path.starts_with("/bin/") || path.starts_with("/sbin/")) {
            return;
        }
        let Some(path) = joined(cwd, path) else { return };
        match self.copied_text(&path) {
            Some(text) => {
                const NAMES: [&str; 5] = ["profile", ".bashrc", "bash.bashrc", ".bash_login", "/etc/skel"];
                if NAMES.iter().any(|name| text.contains(name)) {
                    self.write("/etc/profile".into(), How::Edited);
                }
            }
            None => self.image.is_opaque = true,
        }
    }

    /// The text of a file that was copied out of the context.
    fn copied_text(&self, path: &str) -> Option<String> {
        self.copies.iter().rev().find_map(|(to, from)| {
            let source = if path == to {
                from.clone()
            } else {
                let rest = path.strip_prefix(to.trim_end_matches('/'))?.strip_prefix('/')?;
                format!("{}/{rest}", from.trim_end_matches('/'))
            };
            match self.context.look(&source) {
                Source::Text(text) => Some(text),
                _ => None,
            }
        })
    }

    fn copy(&mut self, instruction: &Instruction) {
        let json: Option<Vec<String>> = serde_json::from_str(&instruction.body).ok();
        let words: Vec<Value> = match json {
            Some(words) => words.iter().map(|word| self.expand(word)).collect(),
            None => words::expanded_words(&instruction.body, self.escape, &|name| self.lookup(name)),
        };
        let Some((to, sources)) = words.split_last() else { return };
        let Some(place) = self.absolute(to) else { return };
        let is_folder = to.known().is_some_and(|to| to.ends_with('/') || to.ends_with('.'))
            || sources.len() > 1
            || self.is_known_folder(&place);
        let mut heredocs = instruction.heredocs.iter();
        for source in sources {
            let from = source.known().unwrap_or_default();
            if from.starts_with("<<") {
                let Some(heredoc) = heredocs.next() else { continue };
                let text = if heredoc.expands {
                    words::expand_heredoc(&heredoc.text, self.escape, &|name| self.lookup(name))
                } else {
                    Value::from(heredoc.text.as_str())
                };
                let path =
                    if is_folder { format!("{}/{}", place.trim_end_matches('/'), heredoc.name) } else { place.clone() };
                self.put(path, text);
                continue;
            }
            let foreign = instruction.flag("from").is_some() || from.contains("://") || source.known().is_none();
            let found = if foreign { Source::Unknown } else { self.context.look(from) };
            let name = from.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            let inside = format!("{}/{name}", place.trim_end_matches('/'));
            match found {
                Source::Text(text) => {
                    let path = if is_folder { inside } else { place.clone() };
                    self.copies.push((path.clone(), from.to_owned()));
                    self.put(path, text.as_str().into());
                }
                Source::Folder => {
                    self.copies.push((place.clone(), from.to_owned()));
                    self.folder(&place, from);
                }
                Source::Unknown => self.unknown_copy(&place, from, is_folder),
            }
        }
    }

    fn put(&mut self, path: String, text: Value) {
        if start_files::is_start_file(&path) {
            self.write(path, How::Replaced(text));
        }
    }

    /// Start files in a folder of the context.
    fn folder(&mut self, to: &str, from: &str) {
        for path in self.start_files_below(to) {
            let rest = path[to.trim_end_matches('/').len()..].trim_start_matches('/');
            if let Source::Text(text) = self.context.look(&format!("{}/{rest}", from.trim_end_matches('/'))) {
                self.write(path, How::Replaced(text.as_str().into()));
            }
        }
        // The names in /etc/profile.d are anybody's.
        let below = PROFILE_D.strip_prefix(to.trim_end_matches('/')).map(|rest| format!("{from}{rest}"));
        for name in below.iter().flat_map(|folder| self.context.names(folder)) {
            let source = format!("{}/{name}", below.as_deref().unwrap_or_default());
            if let Source::Text(text) = self.context.look(&source) {
                self.write(format!("{PROFILE_D}/{name}"), How::Replaced(text.as_str().into()));
            }
        }
    }

    /// Nobody knows what is copied: the start files that it may be or hold are unknown.
    fn unknown_copy(&mut self, place: &str, from: &str, is_folder: bool) {
        let name = from.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let inside = format!("{}/{name}", place.trim_end_matches('/'));
        let path = if is_folder { &inside } else { place };
        let is_of_all = path == PROFILE_D || path.starts_with(&format!("{PROFILE_D}/"));
        let may_be_folder = from.ends_with('/')
            || name.ends_with(".d")
            || name.contains('*')
            || name.trim_matches('.').is_empty()
            || !name.trim_start_matches('.').contains('.');
        if is_of_all {
            // By what name it lies there is of no matter where nobody knows what it is.
            self.write(format!("{PROFILE_D}/*.sh"), How::Edited);
        } else if start_files::is_start_file(path) {
            self.write(path.to_owned(), How::Edited);
        } else if may_be_folder {
            for path in self.start_files_below(place) {
                self.write(path, How::Edited);
            }
        }
    }

    fn homes(&self) -> Vec<String> {
        let skeleton = "/etc/skel".to_owned();
        self.image.users.iter().map(|user| user.home.clone()).chain([skeleton]).collect()
    }

    fn is_known_folder(&self, path: &str) -> bool {
        const FOLDERS: [&str; 5] = ["/", "/etc", PROFILE_D, "/home", "/tmp"];
        let path = if path.len() > 1 { path.trim_end_matches('/') } else { path };
        FOLDERS.contains(&path) || self.homes().iter().any(|home| home == path) || self.cwd.as_deref() == Some(path)
    }

    /// Start files that a copy to this folder may bring.
    fn start_files_below(&self, folder: &str) -> Vec<String> {
        let folder = format!("{}/", folder.trim_end_matches('/'));
        let of_homes = self.homes().into_iter().flat_map(|home| OF_HOME.map(|name| format!("{home}/{name}")));
        let all = OF_ALL.iter().map(|path| (*path).to_owned()).chain(of_homes);
        all.chain([format!("{PROFILE_D}/*.sh")]).filter(|path| path.starts_with(&folder)).collect()
    }
}

/// An absolute path without `.` and `..`.
fn joined(cwd: Option<&str>, path: &str) -> Option<String> {
    let whole = if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", cwd?) };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    Some(format!("/{}", parts.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_absolute() {
        assert_eq!(joined(Some("/a/b"), "../c/./d").as_deref(), Some("/a/c/d"));
        assert_eq!(joined(None, "/x/").as_deref(), Some("/x"));
        assert_eq!(joined(None, "x"), None);
        assert_eq!(joined(Some("/"), "..").as_deref(), Some("/"));
    }
}
