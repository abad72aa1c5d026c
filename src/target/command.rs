//! The remote command: whether it can run where there is no shell.

/// Words that only a shell knows (POSIX XCU 2.14 and 1.6, bash(1), zshbuiltins(1)) and for which no program of that name is
/// commonly installed.
const SHELL_WORDS: &[&str] = &[
    ".", ":", "alias", "bg", "bind", "break", "builtin", "case", "cd", "continue", "declare", "dirs", "disown", "eval",
    "exec", "exit", "export", "fc", "fg", "for", "function", "getopts", "hash", "history", "if", "jobs", "let",
    "local", "logout", "popd", "pushd", "read", "readonly", "return", "select", "set", "setopt", "shift", "shopt",
    "source", "suspend", "times", "trap", "type", "typeset", "ulimit", "umask", "unalias", "unset", "until", "wait",
    "while", "[[", "{", "(", "!",
];

/// Shells of Windows, as the Enable SSH step names them.
const WINDOWS_SHELLS: &[&str] = &["bash.exe", "cmd.exe", "powershell.exe", "pwsh.exe"];

/// Whether the command is something for a shell: a builtin first, an assignment first, or operators in it.
///
/// ssh joins the words with spaces and sends one string; a server without a shell splits it again and honours quotes
/// only.
pub(super) fn needs_shell(words: &[String]) -> bool {
    let sent = words.join(" ");
    let first = sent.split_whitespace().next().unwrap_or_default();
    let assignment = first
        .split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'));
    SHELL_WORDS.contains(&first) || first.starts_with(['(', '{']) || assignment || operators(&sent)
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
    fn shells_of_windows() {
        assert!(windows_shell(&words("bash.exe")));
        assert!(windows_shell(&words("C:\\Windows\\CMD.EXE /c exit")));
        assert!(!windows_shell(&words("bash")));
        assert!(!windows_shell(&[]));
    }
}
