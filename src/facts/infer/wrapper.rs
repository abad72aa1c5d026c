//! What an alias or a function makes of an ssh command, by its words. Whatever is not plain stays unknown.

use crate::{facts::Wrapper, target::takes_value};

/// Programs that stand in for ssh and have a command of their own started at the other end.
const STAND_INS: [&str; 4] = ["mosh", "et", "sshrc", "xxh"];
/// Words that make a function's way depend on something.
const CONTROL: [&str; 22] = [
    "if", "case", "for", "while", "until", "select", "switch", "begin", "else", "elif", "then", "do", "[", "[[",
    "test", "{", "(", "!", "&&", "||", "|", "&",
];

/// What happens to the words behind `ssh`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    /// The program gets them, with options before them at most.
    PassesOn {
        /// By the bare word `ssh`, so that a function of that name comes first.
        by_name: bool,
    },
    /// A remote command comes behind them.
    Command(String),
    /// RemoteCommand comes with them, in place of the configuration's.
    Sets(String),
    /// `-T` comes with them.
    NoTerminal,
    /// `kitten ssh` gets them.
    Kitty,
    /// Another program gets them.
    OtherProgram,
}

impl Effect {
    /// The word for it in the facts.
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::PassesOn { .. } => "passes-on",
            Self::Command(_) | Self::Sets(_) => "command",
            Self::NoTerminal => "no-terminal",
            Self::Kitty => "kitty",
            Self::OtherProgram => "other-program",
        }
    }
}

/// What the wrapper does, where its words are plain.
pub(super) fn effect(wrapper: &Wrapper) -> Option<Effect> {
    let runs = wrapper.runs.as_deref()?;
    match wrapper.kind.as_str() {
        "alias" => {
            let words = shlex::split(runs).filter(|words| !has_control(runs, words))?;
            of_words(&words, true)
        }
        "function" => of_body(runs),
        _ => None,
    }
}

/// The one statement of a function that has ssh in it; the others may do what they like.
fn of_body(body: &str) -> Option<Effect> {
    let words = shlex::split(body).filter(|words| !has_control(body, words))?;
    let mut statements = vec![Vec::new()];
    for word in words {
        let ends = word.ends_with(';');
        let bare = word.trim_end_matches(';');
        if let Some(statement) = statements.last_mut().filter(|_| !bare.is_empty()) {
            statement.push(bare.to_owned());
        }
        if ends {
            statements.push(Vec::new());
        }
    }
    let mut about = statements.iter().filter(|words| program(words).is_some_and(|(_, program)| starts_ssh(program)));
    let one = about.next()?;
    about.next().is_none().then(|| of_words(one, false))?
}

/// Operators that no word of its own shows: substitutions, redirections.
fn has_control(text: &str, words: &[String]) -> bool {
    text.contains('`')
        || text.contains("$(")
        || words.iter().any(|word| {
            CONTROL.contains(&word.trim_end_matches(';')) || (!word.contains(' ') && word.contains(['<', '>']))
        })
}

fn starts_ssh(program: &str) -> bool {
    let name = base(program);
    matches!(name, "ssh" | "ssh.exe" | "kitten" | "kitty") || STAND_INS.contains(&name)
}

fn base(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// The words from the program on, and the program: assignments and prefixes that change nothing left out.
fn program(words: &[String]) -> Option<(usize, &str)> {
    let assigns = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()))
    };
    let prefix = |word: &str| {
        ["command", "builtin", "exec", "env", "noglob", "nocorrect", "time"].contains(&word) || assigns(word)
    };
    let at = words.iter().position(|word| !prefix(word))?;
    Some((at, words.get(at)?.as_str()))
}

/// `appended`: what was typed comes behind the words, as with an alias; otherwise `"$@"` stands for it.
fn of_words(words: &[String], appended: bool) -> Option<Effect> {
    let (at, name) = program(words)?;
    let rest = &words[at + 1..];
    match base(name) {
        "kitten" => rest.first().is_some_and(|word| word == "ssh").then_some(Effect::Kitty),
        "kitty" => {
            let kitten =
                rest.first().is_some_and(|word| word == "+kitten") && rest.get(1).is_some_and(|word| word == "ssh");
            (kitten || rest.first().is_some_and(|word| word == "+kitten ssh")).then_some(Effect::Kitty)
        }
        "ssh" | "ssh.exe" => {
            // `command ssh`, `/usr/bin/ssh` and `\ssh` go past functions; the backslash is gone by now, and only hides aliases.
            let by_name =
                name == "ssh" && !words[..at].iter().any(|word| word == "command" || word == "env" || word == "exec");
            of_options(rest, appended, by_name)
        }
        other if STAND_INS.contains(&other) => Some(Effect::OtherProgram),
        _ => None,
    }
}

fn of_options(words: &[String], appended: bool, by_name: bool) -> Option<Effect> {
    let typed = |word: &String| ["$@", "$*", "${@}", "${@:1}", "$argv"].contains(&word.as_str());
    let split = words.iter().position(typed);
    let (before, behind) = match split {
        Some(at) if !appended => (&words[..at], &words[at + 1..]),
        None if appended => (words, &words[words.len()..]),
        _ => return None,
    };
    let (first, host) = options(before)?;
    // A host of its own: then what was typed is the command.
    if host < before.len() {
        return None;
    }
    let (second, command) = options(behind)?;
    let command = behind[command..].join(" ");
    let set = first.command.or(second.command);
    // A command with a variable at its head may be anything.
    if command.starts_with('$') || set.as_ref().is_some_and(|set| set.starts_with('$')) {
        return None;
    }
    match set {
        Some(set) if command.is_empty() => Some(Effect::Sets(set)),
        // ssh refuses both together, whatever is typed.
        Some(_) => None,
        None if !command.is_empty() => Some(Effect::Command(command)),
        None if second.terminal.or(first.terminal) == Some(false) => Some(Effect::NoTerminal),
        None => Some(Effect::PassesOn { by_name }),
    }
}

/// What options say about the session.
#[derive(Default)]
struct Options {
    terminal: Option<bool>,
    command: Option<String>,
}

/// The options at the head of the words, and where they end; none where they start no session of the usual kind.
fn options(words: &[String]) -> Option<(Options, usize)> {
    let mut said = Options::default();
    let mut at = 0;
    while let Some(letters) = words.get(at).and_then(|word| word.strip_prefix('-')).filter(|word| !word.is_empty()) {
        at += 1;
        if letters == "-" {
            break;
        }
        for (index, letter) in letters.char_indices() {
            match letter {
                't' => said.terminal = Some(true),
                'T' => said.terminal = Some(false),
                'N' | 's' | 'W' | 'f' | 'G' | 'Q' | 'V' | 'O' => return None,
                _ => {}
            }
            if takes_value(letter) {
                let glued = &letters[index + letter.len_utf8()..];
                let value = if glued.is_empty() { words.get(at)?.as_str() } else { glued };
                at += usize::from(glued.is_empty());
                if letter == 'o' {
                    option(value, &mut said);
                }
                break;
            }
        }
    }
    Some((said, at))
}

fn option(value: &str, said: &mut Options) {
    let Some((name, value)) = value.split_once(['=', ' ']) else { return };
    if name.eq_ignore_ascii_case("RequestTTY") {
        said.terminal = Some(!["no", "false"].contains(&value.to_ascii_lowercase().as_str()));
    } else if name.eq_ignore_ascii_case("RemoteCommand") && !value.eq_ignore_ascii_case("none") {
        said.command = Some(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str, runs: &str) -> Option<Effect> {
        effect(&Wrapper { kind: kind.into(), runs: Some(runs.into()), ..Wrapper::default() })
    }

    #[test]
    fn aliases() {
        let passes = |by_name| Some(Effect::PassesOn { by_name });
        for (runs, expected) in [
            ("ssh -A", passes(true)),
            ("TERM=xterm-256color ssh", passes(true)),
            ("env TERM=xterm ssh -o ServerAliveInterval=30", passes(false)),
            ("/usr/bin/ssh -p 64535", passes(false)),
            ("command ssh -t", passes(false)),
            ("kitten ssh", Some(Effect::Kitty)),
            ("kitty +kitten ssh", Some(Effect::Kitty)),
            ("ssh -T", Some(Effect::NoTerminal)),
            ("ssh -oRequestTTY=no", Some(Effect::NoTerminal)),
            ("ssh -T -t", passes(true)),
            ("ssh -o RemoteCommand='tmux new -A'", Some(Effect::Sets("tmux new -A".into()))),
            ("ssh -o RemoteCommand=none", passes(true)),
            ("mosh", Some(Effect::OtherProgram)),
            ("sshrc", Some(Effect::OtherProgram)),
            ("autossh -M 0", None),
            ("my-ssh", None),
            ("ssh bastion", None),
            ("clear; ssh", None),
            ("ssh -N", None),
            ("echo x && ssh", None),
            ("ssh -i $(pick-key)", None),
        ] {
            assert_eq!(of("alias", runs), expected, "{runs}");
        }
    }

    #[test]
    fn functions() {
        let passes = |by_name| Some(Effect::PassesOn { by_name });
        let command = |text: &str| Some(Effect::Command(text.into()));
        for (runs, expected) in [
            (r#"command ssh -t "$@" 'tmux new -A -s main'"#, command("tmux new -A -s main")),
            (r#"command ssh "$@" -t tmux attach"#, command("tmux attach")),
            (r#"echo going; /usr/bin/ssh "$@" "cd work && bash -l""#, command("cd work && bash -l")),
            (r#"TERM=xterm command ssh "$@""#, passes(false)),
            (r#"local t=x; command ssh -A "$@"; tput sgr0"#, passes(false)),
            ("kitten ssh $argv", Some(Effect::Kitty)),
            (r#"command ssh -T "$@""#, Some(Effect::NoTerminal)),
            (r#"command ssh -o RemoteCommand=tmux "$@""#, Some(Effect::Sets("tmux".into()))),
            (r#"command ssh -o RemoteCommand=tmux "$@" bash"#, None),
            (r#"if [ -n "$TMUX" ]; then command ssh "$@" tmux; fi"#, None),
            (r#"command ssh "$@" || command ssh "$@" tmux"#, None),
            (r#"command ssh "$@" "$MY_COMMAND""#, None),
            (r#"command ssh "$@" > log"#, None),
            (r#"command ssh "$1""#, None),
            (r#"my-wrapper "$@""#, None),
            ("unfinished 'quote", None),
        ] {
            assert_eq!(of("function", runs), expected, "{runs}");
        }
        assert_eq!(effect(&Wrapper { kind: "function".into(), ..Wrapper::default() }), None);
    }
}
