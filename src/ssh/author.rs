//! Programs that have ssh send a command of theirs, told by how it begins: the terminals' ways to prepare a session, and
//! scripts that bring somebody's shell along.

/// Whose command it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Author {
    /// Warp's wrapper (bash_body.sh, zsh_body.sh, fish.sh: `warp_ssh_helper`).
    Warp,
    /// kitty's `kitten ssh`, since 0.25 (kittens/ssh/main.go, `wrap_bootstrap_script`).
    Kitty,
    /// iTerm2's `it2ssh`.
    Iterm2,
    /// What Ghostty runs before the session, to teach the other side its terminal; it goes on without it.
    Ghostty,
    /// sshrc and its kin.
    Sshrc,
}

impl Author {
    /// The word for it in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Warp => "warp",
            Self::Kitty => "kitty",
            Self::Iterm2 => "iterm2",
            Self::Ghostty => "ghostty",
            Self::Sshrc => "sshrc",
        }
    }
}

/// Who wrote this command, which a log may cut short.
pub fn author(command: &str) -> Option<Author> {
    if command.contains("WarpTerminal") || command.contains("WARP_") {
        return Some(Author::Warp);
    }
    if command.contains("infocmp xterm-ghostty") {
        return Some(Author::Ghostty);
    }
    if command.contains("SSHHOME") || command.contains("sshrc requires") {
        return Some(Author::Sshrc);
    }
    let mut words = command.split_whitespace();
    if words.next() != Some("exec") || words.nth(1) != Some("-c") {
        return None;
    }
    // Both quote a script for any login shell in the same way, and differ in how it begins.
    let unwraps = command.contains("eval \"$(echo \"$0\" | tr ");
    if command.contains("base64.standard_b64decode(sys.argv[-1])") || (unwraps && command.contains("#!/bin/sh")) {
        return Some(Author::Kitty);
    }
    (unwraps && command.contains("set -euo pipefail")).then_some(Author::Iterm2)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How kitty and iTerm2 have a script unpacked at the other end.
    const UNWRAP: &str = r#"exec sh -c 'eval "$(echo "$0" | tr \\\v\\\f\\\r\\\b \\\047\\\134\\\n\\\041)"' "#;

    #[test]
    fn each_has_its_beginning() {
        for (command, expected) in [
            ("\nexport TERM_PROGRAM='WarpTerminal'\nexport WARP_IS_SSH='1'".to_owned(), Some(Author::Warp)),
            (format!("{UNWRAP}'#!/bin/sh\r# Copyright"), Some(Author::Kitty)),
            ("exec python -c \"import base64, sys; eval(compile(base64.standard_b64decode(sys.argv[-1]), 'bootstrap.py', 'exec'))\" aW1".to_owned(), Some(Author::Kitty)),
            (format!("{UNWRAP}'set -euo pipefail\rlogin_shell="), Some(Author::Iterm2)),
            ("\n  infocmp xterm-ghostty >/dev/null 2>&1 && exit 0".to_owned(), Some(Author::Ghostty)),
            ("command -v openssl || exit 1; export SSHHOME=$(mktemp -d)".to_owned(), Some(Author::Sshrc)),
            ("export A=1; make".to_owned(), None),
            ("exec bash -l".to_owned(), None),
            ("exec sh -c 'echo #!/bin/sh'".to_owned(), None),
            ("infocmp xterm".to_owned(), None),
            (String::new(), None),
        ] {
            assert_eq!(author(&command), expected, "{command}");
        }
    }
}
