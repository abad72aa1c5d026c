//! Whether the text of a start file gives a login shell back what the stock profile took.
//!
//! The text is no more than searched: what it names is taken as given back, and what only running it would tell makes the
//! answer unknown. So a mistake here is a silence, and never an accusation.

/// What a text does about a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gives {
    /// Nothing.
    Nothing,
    /// It names what is lost.
    Back,
    /// Only running it would tell.
    Unknown,
}

/// Whether the text gives back `what` of the variable `name`: a folder of PATH, or the whole value. `value_of` are the
/// variables that a login shell keeps.
pub(super) fn gives(text: &str, name: &str, what: &str, value_of: &dyn Fn(&str) -> Option<String>) -> Gives {
    let mut own: Vec<(String, String)> = Vec::new();
    let mut answer = Gives::Nothing;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let found = |variable: &str| {
            let own = own.iter().rev().find(|(name, _)| name == variable).map(|(_, value)| value.clone());
            own.or_else(|| value_of(variable))
        };
        let resolved = resolve(line, &found);
        if name == "PATH" && is_in(&resolved, what) {
            return Gives::Back;
        }
        for (variable, value) in assignments(&resolved) {
            if variable == name && name != "PATH" {
                return Gives::Back;
            }
            let open = value.replace("$PATH", "").replace("${PATH}", "").replace("${PATH:+:${PATH}}", "");
            if variable == name && (open.contains(['$', '`', '\u{e000}']) || open.contains("$(")) {
                answer = Gives::Unknown;
            }
            own.push((variable, value));
        }
        match program(&resolved, what) {
            Gives::Back => return Gives::Back,
            Gives::Unknown => answer = Gives::Unknown,
            Gives::Nothing => {}
        }
        // Text that is not known might be anything.
        if resolved.contains('\u{e000}') || resolved.contains('…') {
            answer = Gives::Unknown;
        }
    }
    answer
}

/// Whether the text reads `~/.bashrc`.
pub(super) fn reads_bashrc(text: &str) -> bool {
    text.lines().map(str::trim).any(|line| !line.starts_with('#') && line.contains(".bashrc"))
}

/// The line with variables replaced that are known; others stay as they are written.
fn resolve(line: &str, found: &dyn Fn(&str) -> Option<String>) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some(at) = rest.find(['$', '~']) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        let is_home = from.starts_with('~');
        let is_escaped = before.ends_with('\\');
        let (name, length) = if is_home {
            ("HOME", 1)
        } else if let Some(inner) = from.strip_prefix("${") {
            let end = inner.find('}').unwrap_or(0);
            (&inner[..end], end + 3)
        } else {
            let end = from[1..].find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
            let name = &from[1..end.map_or(from.len(), |end| end + 1)];
            (name, name.len() + 1)
        };
        match found(name).filter(|_| !is_escaped && !name.is_empty() && name != "PATH") {
            Some(value) => {
                text.push_str(&value);
                rest = &from[length..];
            }
            None => {
                text.push_str(&from[..1]);
                rest = &from[1..];
            }
        }
    }
    text.push_str(rest);
    text
}

/// Whether the folder stands in the text, and not only as a part of another's name.
fn is_in(text: &str, folder: &str) -> bool {
    let folder = folder.trim_end_matches('/');
    !folder.is_empty()
        && text.match_indices(folder).any(|(at, _)| {
            let before = text[..at].chars().next_back();
            let mut after = text[at + folder.len()..].chars();
            let next = after.next();
            let ends = next.is_none_or(|letter| {
                letter.is_whitespace() || ":\"';)}&|".contains(letter) || (letter == '/' && ends_there(after.as_str()))
            });
            ends && before.is_none_or(|letter| letter.is_whitespace() || ":\"'=({".contains(letter))
        })
}

fn ends_there(rest: &str) -> bool {
    rest.chars().next().is_none_or(|letter| letter.is_whitespace() || ":\"';)}".contains(letter))
}

/// `NAME=value` anywhere in a line: name and the value's text up to a blank outside quotes.
fn assignments(line: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('=') {
        let name: String = line[..at]
            .chars()
            .rev()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect::<String>()
            .chars()
            .rev()
            .collect();
        if name.is_empty() || name.starts_with(|letter: char| letter.is_ascii_digit()) {
            continue;
        }
        let mut quote = None;
        let mut value = String::new();
        for letter in line[at + 1..].chars() {
            match letter {
                '"' | '\'' if quote.is_none() => quote = Some(letter),
                _ if quote == Some(letter) => quote = None,
                _ if quote.is_none() && (letter.is_whitespace() || letter == ';') => break,
                _ => value.push(letter),
            }
        }
        found.push((name, value));
    }
    found
}

/// What a line does that reads another file or runs what a program prints: a tool of which `what` is a part gives that
/// back, and only some can be anything.
fn program(line: &str, what: &str) -> Gives {
    const HARMLESS: [&str; 11] = [
        "lesspipe",
        "dircolors",
        "bash_completion",
        "bash_aliases",
        ".bashrc",
        "bash.bashrc",
        "/etc/bashrc",
        "/etc/profile",
        "bash-completion",
        "git-prompt",
        "color_prompt",
    ];
    // What these put into PATH is their own.
    const TOOLS: [&str; 21] = [
        "nvm", "cargo", "sdkman", "rbenv", "pyenv", "nodenv", "goenv", "jenv", "direnv", "starship", "brew", "asdf",
        "rvm", "conda", "mamba", "volta", "fnm", "mise", "ghcup", "deno", "bun",
    ];
    let mut words = line.split_whitespace();
    let reads = words.any(|word| matches!(word.trim_start_matches(['\\', '{', '(']), "." | "source" | "eval"));
    if !reads || HARMLESS.iter().any(|harmless| line.contains(harmless)) {
        return Gives::Nothing;
    }
    let known: Vec<&str> = TOOLS.into_iter().filter(|tool| line.contains(tool)).collect();
    if known.iter().any(|tool| what.contains(tool)) {
        Gives::Back
    } else if known.is_empty() {
        Gives::Unknown
    } else {
        Gives::Nothing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, what: &str) -> Gives {
        gives(text, "PATH", what, &|name| match name {
            "HOME" => Some("/root".to_owned()),
            "GOPATH" => Some("/go".to_owned()),
            _ => None,
        })
    }

    #[test]
    fn folders_are_found_however_they_are_written() {
        for text in [
            "export PATH=/go/bin:$PATH",
            "PATH=\"$PATH:$GOPATH/bin\"",
            "export PATH=${GOPATH}/bin/:${PATH}",
            "X=/go\nexport PATH=$X/bin:$PATH",
            "pathmunge /go/bin",
            "append_path '/go/bin'",
        ] {
            assert_eq!(of(text, "/go/bin"), Gives::Back, "{text}");
        }
        assert_eq!(of("PATH=~/.local/bin:$PATH", "/root/.local/bin"), Gives::Back);
        assert_eq!(of(". \"$HOME/.cargo/env\"", "/root/.cargo/bin"), Gives::Back);
        assert_eq!(of("eval \"$(pyenv init -)\"", "/root/.pyenv/shims"), Gives::Back);
    }

    #[test]
    fn what_says_nothing_gives_nothing() {
        for text in [
            "# export PATH=/go/bin:$PATH",
            "export PATH=/go/binaries:/x/go/bin:$PATH",
            "alias ll='ls -l'",
            "export EDITOR=vim; [ -f ~/.bashrc ] && . ~/.bashrc",
            "[ -s \"$NVM_DIR/nvm.sh\" ] && \\. \"$NVM_DIR/nvm.sh\"",
            "export PATH=$PATH:/other",
        ] {
            assert_eq!(of(text, "/go/bin"), Gives::Nothing, "{text}");
        }
    }

    #[test]
    fn what_only_running_tells_is_unknown() {
        for text in
            ["export PATH=$TOOLS:$PATH", "export PATH=`x`:$PATH", ". /opt/env.sh", "export PATH=$(x)", "\u{e000}"]
        {
            assert_eq!(of(text, "/go/bin"), Gives::Unknown, "{text}");
        }
    }

    #[test]
    fn any_assignment_of_another_variable_is_meant() {
        let of = |text: &str| gives(text, "PAGER", "cat", &|_| None);
        assert_eq!(of("export PAGER=more"), Gives::Back);
        assert_eq!(of("export PAGERS=more"), Gives::Nothing);
    }
}
