//! `ssh` as an alias or function: reads the shell's start files as text and never runs them.
//!
//! What hides behind variables, conditions or plug-in managers is not seen; files that a start file names literally
//! after `source` or `.` are read too. A later `unalias ssh` or `unset -f ssh` takes back what stood before.

use std::path::{Path, PathBuf};

use crate::{
    facts::Wrapper,
    probes::text,
    system::{Account, System},
};

/// Bytes read of one start file.
const CAP: u64 = 256 * 1024;
/// Start files read in all.
const MOST_FILES: usize = 40;

/// Finds what `shell` would run for `ssh`, in the order in which its files are read.
pub(super) fn look(system: &dyn System, account: &Account, shell: &str) -> Vec<Wrapper> {
    // A shell finds its files by $HOME, unlike ssh.
    let Some(home) = text::filled(system.env("HOME")).map(PathBuf::from).or_else(|| account.home.clone()) else {
        return Vec::new();
    };
    let folder = |name: &str, fallback: PathBuf| text::filled(system.env(name)).map_or(fallback, PathBuf::from);
    let under =
        |folder: PathBuf, names: &[&str]| -> Vec<PathBuf> { names.iter().map(|name| folder.join(name)).collect() };
    let files = match shell {
        "bash" => under(home.clone(), &[".bash_profile", ".bash_login", ".profile", ".bashrc", ".bash_aliases"]),
        "zsh" => under(folder("ZDOTDIR", home.clone()), &[".zshenv", ".zprofile", ".zshrc", ".zsh_aliases"]),
        "fish" => {
            let fish = folder("XDG_CONFIG_HOME", home.join(".config")).join("fish");
            let (names, _) = system.list(&fish.join("conf.d"), MOST_FILES).unwrap_or_default();
            let parts = names.into_iter().filter(|name| name.to_string_lossy().ends_with(".fish"));
            let mut files: Vec<PathBuf> = parts.map(|name| fish.join("conf.d").join(name)).collect();
            files.extend(under(fish, &["config.fish", "functions/ssh.fish"]));
            files
        }
        "sh" | "dash" | "ksh" | "mksh" | "ash" => under(home.clone(), &[".profile", ".kshrc", ".shrc"]),
        _ => Vec::new(),
    };
    let mut reader = Reader { system, home: &home, fish: shell == "fish", read: Vec::new(), found: Vec::new() };
    for file in files {
        reader.file(&file);
    }
    reader.found
}

struct Reader<'s> {
    system: &'s dyn System,
    home: &'s Path,
    fish: bool,
    read: Vec<PathBuf>,
    found: Vec<Wrapper>,
}

impl Reader<'_> {
    fn file(&mut self, path: &Path) {
        // Links and `source` circles lead to the same file twice.
        let real = self.system.canonical(path).unwrap_or_else(|_| path.to_owned());
        if self.read.len() >= MOST_FILES || self.read.contains(&real) {
            return;
        }
        self.read.push(real);
        let Ok(bytes) = self.system.read(path, CAP) else { return };
        for (index, line) in String::from_utf8_lossy(&bytes).lines().enumerate() {
            self.line(path, index + 1, line.trim());
        }
    }

    fn line(&mut self, file: &Path, number: usize, line: &str) {
        if line.starts_with('#') || !(line.contains("ssh") || line.contains("source") || line.contains('.')) {
            return;
        }
        for statement in statements(line) {
            match understand(&statement, self.fish) {
                Some(Meaning::Alias(runs)) => self.add("alias", file, number, line, Some(runs)),
                Some(Meaning::Function) => self.add("function", file, number, line, body(line)),
                Some(Meaning::NoAlias) => self.found.retain(|wrapper| wrapper.kind != "alias"),
                Some(Meaning::NoFunction) => self.found.retain(|wrapper| wrapper.kind != "function"),
                Some(Meaning::Source(named)) => {
                    if let Some(path) = self.literal(&named) {
                        self.file(&path);
                    }
                }
                None => {}
            }
        }
    }

    fn add(&mut self, kind: &str, file: &Path, line: usize, text: &str, runs: Option<String>) {
        self.found.push(Wrapper {
            kind: kind.to_owned(),
            file: text::path(file),
            line,
            text: text::clean(text),
            runs: runs.map(text::clean).filter(|runs| !runs.is_empty()),
        });
    }

    /// The path of a sourced file, when nothing but the home stands for something else in it.
    fn literal(&self, named: &str) -> Option<PathBuf> {
        let rest = ["~/", "$HOME/", "${HOME}/"].iter().find_map(|start| named.strip_prefix(start));
        let path = rest.map_or_else(|| PathBuf::from(named), |rest| self.home.join(rest));
        let plain = !rest.unwrap_or(named).contains(['$', '`', '*', '~', '(']);
        (plain && path.is_absolute()).then_some(path)
    }
}

enum Meaning {
    Alias(String),
    Function,
    NoAlias,
    NoFunction,
    Source(String),
}

/// The commands of a line, as words. A line that does not end what it quotes has none.
fn statements(line: &str) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    for word in shlex::split(line).unwrap_or_default() {
        let ends = word.ends_with(';');
        let word = word.trim_end_matches(';');
        if matches!(word, "" | "&&" | "||" | "then" | "else" | "do" | "{" | "and" | "or" | "fi" | "}") {
            all.push(Vec::new());
            continue;
        }
        if let Some(statement) = all.last_mut() {
            statement.push(word.to_owned());
        }
        if ends {
            all.push(Vec::new());
        }
    }
    all.retain(|statement| !statement.is_empty());
    all
}

fn understand(statement: &[String], fish: bool) -> Option<Meaning> {
    let words: Vec<&str> = statement.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["alias", "ssh", runs @ ..] if fish && !runs.is_empty() => Some(Meaning::Alias(runs.join(" "))),
        ["alias", rest @ ..] => {
            rest.iter().find_map(|word| word.strip_prefix("ssh=")).map(|runs| Meaning::Alias(runs.to_owned()))
        }
        ["unalias", rest @ ..] if rest.contains(&"ssh") => Some(Meaning::NoAlias),
        ["unset", "-f", rest @ ..] | ["unfunction", rest @ ..] if rest.contains(&"ssh") => Some(Meaning::NoFunction),
        ["functions", "-e" | "--erase", rest @ ..] if rest.contains(&"ssh") => Some(Meaning::NoFunction),
        ["function", "ssh" | "ssh()" | "ssh(){", ..] => Some(Meaning::Function),
        ["ssh()" | "ssh(){", ..] | ["ssh", "()" | "(){", ..] => Some(Meaning::Function),
        ["source" | ".", file, ..] => Some(Meaning::Source((*file).to_owned())),
        _ => None,
    }
}

/// What stands between the braces of a function on one line.
fn body(line: &str) -> Option<String> {
    let (_, after) = line.split_once('{')?;
    let (inside, _) = after.rsplit_once('}')?;
    Some(inside.trim().trim_end_matches(';').to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    fn home() -> Recorded {
        Recorded::new(Platform::Linux).user("ana", "/home/ana")
    }

    fn kinds(system: &Recorded, shell: &str) -> Vec<(String, usize, Option<String>)> {
        look(system, &system.account(), shell).into_iter().map(|found| (found.kind, found.line, found.runs)).collect()
    }

    fn bash(text: &str) -> Vec<(String, usize, Option<String>)> {
        kinds(&home().file("/home/ana/.bashrc", 0o644, text), "bash")
    }

    #[test]
    fn aliases_and_functions_in_their_spellings() {
        let alias = |line, runs: &str| vec![("alias".to_owned(), line, Some(runs.to_owned()))];
        assert_eq!(bash("\n  alias ssh='kitten ssh'\n"), alias(2, "kitten ssh"));
        assert_eq!(bash("alias ll=ls ssh=\"TERM=xterm ssh\" # as ever"), alias(1, "TERM=xterm ssh"));
        assert_eq!(bash("[ -n \"$X\" ] && alias ssh=sshrc;"), alias(1, "sshrc"));
        for spelling in ["ssh() {", "ssh () {", "function ssh {", "function ssh() {", "ssh(){", "ssh()"] {
            assert_eq!(bash(spelling), [("function".to_owned(), 1, None)], "{spelling}");
        }
        assert_eq!(
            bash("ssh() { command ssh -A \"$@\"; }"),
            [("function".to_owned(), 1, Some("command ssh -A \"$@\"".to_owned()))]
        );
    }

    #[test]
    fn what_only_looks_like_it_is_left_alone() {
        for line in [
            "# alias ssh='kitten ssh'",
            "alias sshx=ssh",
            "alias s=ssh",
            "echo \"alias ssh=x\"",
            "ssh-add() {",
            "ssh host.example",
            "export PATH=/opt/ssh/bin:$PATH",
            "alias ssh='unfinished",
            "abbr ssh kitten",
        ] {
            assert_eq!(bash(line), [], "{line}");
        }
    }

    #[test]
    fn what_is_taken_back_is_gone() {
        assert_eq!(bash("alias ssh=x\nunalias ssh\n"), []);
        assert_eq!(bash("ssh() { x; }\nunset -f ssh\n"), []);
    }

    #[test]
    fn sourced_files_are_read_once_even_in_a_circle() {
        let machine = home()
            .file("/home/ana/.bashrc", 0o644, "if true; then source ~/a; fi\n. $HOME/.b\nsource $UNKNOWN/c\n")
            .file("/home/ana/a", 0o644, "source ~/.bashrc\nalias ssh=one\n")
            .file("/home/ana/.b", 0o644, "ssh() {\n");
        let found = look(&machine, &machine.account(), "bash");
        let files: Vec<&str> = found.iter().map(|found| found.file.as_str()).collect();
        assert_eq!(files, ["/home/ana/a", "/home/ana/.b"]);
    }

    #[test]
    fn zsh_and_fish_have_folders_of_their_own() {
        let zsh = home().variable("ZDOTDIR", "/home/ana/.config/zsh").file(
            "/home/ana/.config/zsh/.zshrc",
            0o644,
            "alias ssh=x",
        );
        assert_eq!(kinds(&zsh, "zsh").len(), 1);
        let fish = home()
            .file(
                "/home/ana/.config/fish/functions/ssh.fish",
                0o644,
                "function ssh --wraps ssh\n  kitten ssh $argv\nend\n",
            )
            .file("/home/ana/.config/fish/conf.d/a.fish", 0o644, "alias ssh 'kitten ssh'\n");
        let found = kinds(&fish, "fish");
        assert_eq!(found[0], ("alias".to_owned(), 1, Some("kitten ssh".to_owned())));
        assert_eq!(found[1].0, "function");
    }

    #[test]
    fn the_shell_uses_home_where_ssh_does_not() {
        let machine = home().variable("HOME", "/data/ana").file("/data/ana/.bashrc", 0o644, "alias ssh=x");
        assert_eq!(kinds(&machine, "bash").len(), 1);
    }
}
