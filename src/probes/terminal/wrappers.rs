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
/// Lines kept of a function; a longer one is too much to be understood by its words.
const MOST_LINES: usize = 20;

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
        let text = String::from_utf8_lossy(&bytes);
        let mut lines = text.lines().map(str::trim).enumerate();
        // What is sourced inside a condition begins anew: usually the condition asks for the file.
        let mut depth = 0_usize;
        while let Some((index, line)) = lines.next() {
            let found = self.found.len();
            self.line(path, index + 1, line, depth > 0);
            if self.found.get(found).is_some_and(|added| added.kind == "function" && added.runs.is_none()) {
                let runs = rest_of_body(line, lines.by_ref().map(|(_, line)| line), self.fish);
                if let Some(added) = self.found.get_mut(found) {
                    added.runs = runs.map(text::clean).filter(|runs| !runs.is_empty());
                }
                continue;
            }
            depth = nested(depth, line, self.fish);
        }
    }

    fn line(&mut self, file: &Path, number: usize, line: &str, nested: bool) {
        if line.starts_with('#') || !(line.contains("ssh") || line.contains("source") || line.contains('.')) {
            return;
        }
        let conditional = nested || guarded(line);
        for statement in statements(line) {
            match understand(&statement, self.fish) {
                Some(Meaning::Alias(runs)) => self.add("alias", file, number, line, Some(runs), conditional),
                Some(Meaning::Function) => self.add("function", file, number, line, body(line), conditional),
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

    fn add(&mut self, kind: &str, file: &Path, line: usize, text: &str, runs: Option<String>, conditional: bool) {
        self.found.push(Wrapper {
            kind: kind.to_owned(),
            file: text::path(file),
            line,
            text: text::clean(text),
            runs: runs.map(text::clean).filter(|runs| !runs.is_empty()),
            conditional,
            ..Wrapper::default()
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

/// The lines of a function behind its first, up to the end of it, as one; none where that does not come.
fn rest_of_body<'l>(first: &str, lines: impl Iterator<Item = &'l str>, fish: bool) -> Option<String> {
    let behind = first.split_once('{').map_or("", |(_, rest)| rest.trim());
    let mut body: Vec<&str> = Some(behind).filter(|text| !text.is_empty()).into_iter().collect();
    for line in lines.take(MOST_LINES) {
        match line {
            "}" if !fish => return Some(body.join("; ")),
            "end" if fish => return Some(body.join("; ")),
            "{" | "" => {}
            comment if comment.starts_with('#') => {}
            line => body.push(line.trim_end_matches(';')),
        }
    }
    None
}

/// Whether something on the line itself decides about what it defines.
fn guarded(line: &str) -> bool {
    let at = line.find("alias").or_else(|| line.find("function")).or_else(|| line.find("ssh")).unwrap_or(0);
    let before = line.get(..at).unwrap_or_default();
    ["&&", "||", "if ", "then ", "and ", "or ", ")"].iter().any(|word| before.contains(word))
}

/// How deep inside conditions, loops and functions the line after this one stands.
fn nested(depth: usize, line: &str, fish: bool) -> usize {
    if line.starts_with('#') {
        return depth;
    }
    let mut depth = depth;
    for part in line.split(';') {
        let mut words = part.split_whitespace().skip_while(|word| ["then", "else", "do", "{"].contains(word));
        match words.next() {
            Some("if" | "case" | "for" | "while" | "until" | "select") if !fish => depth += 1,
            Some("fi" | "esac" | "done") if !fish => depth = depth.saturating_sub(1),
            Some("if" | "for" | "while" | "switch" | "function" | "begin") if fish => depth += 1,
            Some("end") if fish => depth = depth.saturating_sub(1),
            Some(word) if !fish && word.starts_with('}') => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    if !fish && line.ends_with('{') && !line.starts_with('}') { depth + 1 } else { depth }
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
    fn the_body_of_a_function_over_several_lines() {
        let body = |text: &str| bash(text).pop().and_then(|(.., runs)| runs);
        assert_eq!(
            body("ssh() {\n  # my own\n  local t=x;\n  command ssh -t \"$@\" 'tmux new -A'\n}\nalias ll=ls\n")
                .as_deref(),
            Some("local t=x; command ssh -t \"$@\" 'tmux new -A'")
        );
        assert_eq!(body("function ssh\n{\n  kitten ssh \"$@\"\n}\n").as_deref(), Some("kitten ssh \"$@\""));
        assert_eq!(body("ssh() {\n  x\n"), None);
        let fish = home().file("/home/ana/.config/fish/config.fish", 0o644, "function ssh\n  kitten ssh $argv\nend\n");
        assert_eq!(kinds(&fish, "fish")[0].2.as_deref(), Some("kitten ssh $argv"));
    }

    #[test]
    fn what_stands_inside_a_condition() {
        for (text, conditional) in [
            ("alias ssh=x\n", false),
            ("if [ -n \"$X\" ]; then\n  alias ssh=x\nfi\n", true),
            ("if [ -n \"$X\" ]; then\n  y\nfi\nalias ssh=x\n", false),
            ("[ -n \"$X\" ] && alias ssh=x\n", true),
            ("case $TERM in\n  xterm*)\n    alias ssh=x\n    ;;\nesac\n", true),
            ("work() {\n  alias ssh=x\n}\n", true),
            ("work() {\n  y\n}\nssh() {\n  x\n}\n", false),
            ("for f in a b; do y; done\nalias ssh=x\n", false),
        ] {
            let machine = home().file("/home/ana/.bashrc", 0o644, text);
            let found = look(&machine, &machine.account(), "bash");
            assert_eq!(found.first().map(|found| found.conditional), Some(conditional), "{text}");
        }
        let sourced = home().file("/home/ana/.bashrc", 0o644, "if [ -f ~/.own ]; then\n  . ~/.own\nfi\n").file(
            "/home/ana/.own",
            0o644,
            "alias ssh=x\n",
        );
        assert!(!look(&sourced, &sourced.account(), "bash")[0].conditional);
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
