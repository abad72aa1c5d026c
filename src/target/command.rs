//! The remote command: what a server makes of it that has no shell.

/// Words that only a shell knows (POSIX XCU 2.14 and 1.6, bash(1), zshbuiltins(1)) and for which no program of that name is
/// commonly installed.
const SHELL_WORDS: &[&str] = &[
    ".", ":", "alias", "bg", "bind", "break", "builtin", "case", "cd", "command", "continue", "coproc", "declare",
    "dirs", "disown", "eval", "exec", "exit", "export", "fc", "fg", "for", "function", "getopts", "hash", "history",
    "if", "jobs", "let", "local", "logout", "noglob", "popd", "pushd", "read", "readonly", "return", "select", "set",
    "setopt", "shift", "shopt", "source", "suspend", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias",
    "unset", "unsetopt", "until", "wait", "while", "[[", "{", "(", "!",
];

/// Shells that nearly every image has, and Windows' own.
const SHELLS: &[&str] = &["sh", "bash", "dash", "ash", "cmd", "powershell", "pwsh"];

/// Programs that a person has on machines of their own, and the image of a job hardly has.
const RARE: &[&str] = &[
    "tmux",
    "screen",
    "byobu",
    "zellij",
    "abduco",
    "dtach",
    "zsh",
    "fish",
    "nu",
    "xonsh",
    "elvish",
    "tcsh",
    "csh",
    "ksh",
    "mosh-server",
];

/// Shells of Windows, as the Enable SSH step names them.
const WINDOWS_SHELLS: &[&str] = &["bash.exe", "cmd.exe", "powershell.exe", "pwsh.exe"];

/// What a remote command begins with, for a server that splits it into words, honours quotes only, and starts the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// There is none.
    Nothing,
    /// A word that only a shell knows: a builtin, a keyword, an assignment, an expansion.
    ShellWord,
    /// A program, with operators, redirections or expansions behind it that reach it as plain words.
    Operators,
    /// A shell that nearly every image has.
    Shell,
    /// A program that images hardly have: a terminal multiplexer, a shell of somebody's taste.
    Rare,
    /// Any other program.
    Program,
}

impl Start {
    /// The word for it in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::ShellWord => "shell-word",
            Self::Operators => "operators",
            Self::Shell => "shell",
            Self::Rare => "rare",
            Self::Program => "program",
        }
    }

    /// Nothing comes of it where there is no shell.
    pub fn needs_shell(self) -> bool {
        matches!(self, Self::ShellWord | Self::Operators)
    }
}

/// What a command begins with that ssh would send: its words, joined with spaces.
pub fn start(sent: &str) -> Start {
    let first = first_word(sent);
    let assignment = first
        .split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    if first.is_empty() {
        Start::Nothing
    } else if assignment || SHELL_WORDS.contains(&first.as_str()) || first.starts_with(['(', '{']) || operators(&first)
    {
        Start::ShellWord
    } else if operators(sent) {
        Start::Operators
    } else if is_one_of(&first, SHELLS) {
        Start::Shell
    } else if is_one_of(&first, RARE) {
        Start::Rare
    } else {
        Start::Program
    }
}

/// The word that such a server takes for the program.
pub fn first_word(sent: &str) -> String {
    let plain = || sent.split_whitespace().next().unwrap_or_default().to_owned();
    // What ends no quote is not split at all.
    shlex::split(sent).and_then(|words| words.into_iter().next()).unwrap_or_else(plain)
}

/// Whether this program is a shell, wherever it lies.
pub fn is_shell(program: &str) -> bool {
    is_one_of(program, SHELLS) || ["zsh", "fish", "ksh"].contains(&base(program))
}

fn is_one_of(program: &str, names: &[&str]) -> bool {
    names.contains(&base(program))
}

fn base(program: &str) -> &str {
    program.rsplit(['/', '\\']).next().unwrap_or(program).trim_end_matches(".exe")
}

/// The same of words.
pub(super) fn needs_shell(words: &[String]) -> bool {
    start(&words.join(" ")).needs_shell()
}

/// Whether something outside quotes is an operator, an expansion or a substitution.
fn operators(sent: &str) -> bool {
    let mut chars = sent.chars().peekable();
    let mut quote = None;
    while let Some(c) = chars.next() {
        match (quote, c) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some(_), '\\') | (None, '\\') if quote != Some('\'') => {
                chars.next();
            }
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, ';' | '|' | '&' | '<' | '>' | '`') => return true,
            (None, '$') if chars.peek().is_some_and(|c| c.is_ascii_alphabetic() || "_({?$!@*".contains(*c)) => {
                return true;
            }
            (None, _) => {}
        }
    }
    false
}

/// Whether the command names a shell of Windows.
pub(super) fn windows_shell(words: &[String]) -> bool {
    let first = words.first().map(String::as_str).unwrap_or_default();
    let program = first.split_whitespace().next().unwrap_or_default().rsplit(['/', '\\']).next().unwrap_or_default();
    WINDOWS_SHELLS.iter().any(|shell| shell.eq_ignore_ascii_case(program))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }

    #[test]
    fn builtins_and_operators_need_a_shell() {
        for text in
            ["export A=1", "cd /x && ls", "A=1 make", "ls | wc", "echo $HOME", "source x", "ls; ls", "(ls)", "ls > f"]
        {
            assert!(needs_shell(&words(text)), "{text}");
        }
        for text in [
            "",
            "ls -la",
            "bash -lc 'cd /x && ls'",
            "echo \"a;b\"",
            "echo '$HOME'",
            "echo a\\;b",
            "make A=1",
            "bash.exe",
        ] {
            assert!(!needs_shell(&words(text)), "{text}");
        }
        // The local shell took the quotes away, and ssh joins with spaces.
        assert!(needs_shell(&["bash".into(), "-lc".into(), "cd /x && ls".into()]));
    }

    #[test]
    fn commands_begin_with() {
        for (sent, expected) in [
            ("", Start::Nothing),
            ("\nexport TERM_PROGRAM='WarpTerminal'\nhook=\"x", Start::ShellWord),
            ("exec sh -c 'x'", Start::ShellWord),
            ("'export' A", Start::ShellWord),
            ("$SHELL -l", Start::ShellWord),
            ("command -v openssl", Start::ShellWord),
            ("infocmp xterm-ghostty >/dev/null 2>&1 && exit 0", Start::Operators),
            ("bash -l; exit", Start::Operators),
            ("bash -l", Start::Shell),
            ("/usr/bin/bash", Start::Shell),
            ("cmd.exe /c exit 0", Start::Shell),
            ("bash -c 'cd /x && exec zsh'", Start::Shell),
            ("tmux new -A -s main", Start::Rare),
            ("/usr/local/bin/fish", Start::Rare),
            ("make test", Start::Program),
            ("sudo -i", Start::Program),
        ] {
            assert_eq!(start(sent), expected, "{sent}");
        }
        assert!(is_shell("/bin/zsh") && is_shell("bash.exe") && !is_shell("tmux"));
    }

    #[test]
    fn shells_of_windows() {
        assert!(windows_shell(&words("bash.exe")));
        assert!(windows_shell(&words("C:\\Windows\\CMD.EXE /c exit")));
        assert!(!windows_shell(&words("bash")));
        assert!(!windows_shell(&[]));
    }
}
