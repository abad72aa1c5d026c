//! Start files that the commands and copies of a Dockerfile write.

use super::{shell::Command, value::Value};

/// Start files of a home, by name.
pub(super) const OF_HOME: [&str; 6] = [".profile", ".bash_profile", ".bash_login", ".bashrc", ".zprofile", ".zshenv"];
/// Start files for everybody, besides those of `/etc/profile.d`.
pub(super) const OF_ALL: [&str; 7] = [
    "/etc/profile",
    "/etc/bash.bashrc",
    "/etc/bashrc",
    "/etc/bash/bashrc",
    "/etc/profile.local",
    "/etc/bash.bashrc.local",
    "/etc/environment",
];
/// Their folder.
pub(super) const PROFILE_D: &str = "/etc/profile.d";

/// Commands that feed each other beyond this are not followed.
const DEEPEST: usize = 20;

/// What became of a start file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    /// Place of the instruction.
    pub(super) at: usize,
    /// The file, absolute.
    pub(super) path: String,
    /// What was done.
    pub(super) how: How,
}

/// What is done to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum How {
    /// This is behind what was there.
    Appended(Value),
    /// This is all of it.
    Replaced(Value),
    /// In a way that only running it tells.
    Edited,
    /// It is gone.
    Removed,
}

/// Whether shells read this file when they start.
pub(super) fn is_start_file(path: &str) -> bool {
    OF_ALL.contains(&path)
        || path.strip_prefix(PROFILE_D).is_some_and(|rest| rest.starts_with('/'))
        || path.rsplit('/').next().is_some_and(|name| OF_HOME.contains(&name))
}

/// What the commands do to files that `resolve` finds the absolute path of, in order.
pub(super) fn written(commands: &[Command], resolve: &dyn Fn(&Value) -> Option<String>) -> Vec<(String, How)> {
    let mut found = Vec::new();
    for (place, command) in commands.iter().enumerate() {
        let text = || printed(commands, place, 0).unwrap_or_else(|| Value::default().unknown());
        for (append, target) in &command.writes {
            let Some(path) = resolve(target).filter(|path| is_start_file(path)) else { continue };
            let text = text();
            found.push((path, if *append { How::Appended(text) } else { How::Replaced(text) }));
        }
        let words: Vec<&Value> = own_words(command);
        let Some(program) = words.first().and_then(|word| word.known()) else { continue };
        let files = words.iter().skip(1).filter_map(|word| resolve(word)).filter(|path| is_start_file(path));
        let appends = words.iter().any(|word| matches!(word.known(), Some("-a" | "--append")));
        let how = match program.rsplit('/').next().unwrap_or(program) {
            "tee" if command.is_piped || command.input.is_some() => {
                let text = command
                    .input
                    .clone()
                    .or_else(|| printed(commands, place.checked_sub(1)?, 0))
                    .unwrap_or_else(|| Value::default().unknown());
                if appends { How::Appended(text) } else { How::Replaced(text) }
            }
            "sed" | "perl" | "ed" | "patch" | "awk" | "cp" | "mv" | "ln" | "install" | "tar" | "unzip" | "curl"
            | "wget" | "rsync" | "dd" | "ex" | "vi" | "python" | "python3" => How::Edited,
            "touch" => How::Appended(Value::default()),
            "rm" | "unlink" => How::Removed,
            _ => continue,
        };
        found.extend(files.map(|path| (path, how.clone())));
    }
    found
}

/// The words of a command without what stands in front of its program: assignments, and words that run the rest.
pub(super) fn own_words(command: &Command) -> Vec<&Value> {
    const IN_FRONT: [&str; 12] =
        ["sudo", "env", "exec", "command", "then", "do", "else", "if", "!", "time", "elif", "while"];
    let is_in_front = |word: &&Value| {
        word.known()
            .is_none_or(|text| IN_FRONT.contains(&text) || text.split_once('=').is_some_and(|(name, _)| is_name(name)))
    };
    command.words.iter().skip_while(is_in_front).collect()
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '_')
}

/// What a command prints, where it only prints words that stand there.
fn printed(commands: &[Command], place: usize, depth: usize) -> Option<Value> {
    if depth > DEEPEST {
        return None;
    }
    let command = commands.get(place)?;
    let words = own_words(command);
    let program = words.first()?.known()?;
    let line = |words: &[&Value]| {
        let mut line = Value::default();
        for (number, word) in words.iter().enumerate() {
            if number > 0 {
                line.push(' ');
            }
            line.append(word);
        }
        line.push('\n');
        line
    };
    match program {
        "echo" => {
            let flags =
                words.iter().skip(1).take_while(|word| matches!(word.known(), Some("-e" | "-n" | "-ne" | "-en")));
            let count = 1 + flags.count();
            Some(unescaped(&line(&words[count..])))
        }
        // Whatever the format makes of them, the words are in it.
        "printf" => Some(unescaped(&line(&words[1..]))),
        "cat" => match &command.input {
            Some(input) => Some(input.clone()),
            None => printed_before(commands, place, depth),
        },
        "tee" | ":" | "true" if words.len() < 3 && !command.is_piped => Some(Value::default()),
        "tee" => printed_before(commands, place, depth),
        "}" => {
            let start = commands[..place].iter().rposition(|command| command.word(0) == "{")?;
            let mut all = Value::default();
            for inner in start + 1..place {
                all.append(&printed(commands, inner, depth + 1)?);
            }
            Some(all)
        }
        _ => None,
    }
}

fn printed_before(commands: &[Command], place: usize, depth: usize) -> Option<Value> {
    let command = commands.get(place)?;
    if command.is_piped { printed(commands, place.checked_sub(1)?, depth + 1) } else { None }
}

/// `\n` of echo and printf begins a line.
fn unescaped(value: &Value) -> Value {
    value.replaced("\\n", "\n")
}

#[cfg(test)]
mod tests {
    use super::{super::shell::commands, *};

    fn of(script: &str) -> Vec<(String, How)> {
        let lookup = |name: &str| (name == "HOME").then(|| Value::from("/root"));
        let resolve = |path: &Value| path.known().map(str::to_owned);
        written(&commands(script, &[], &lookup), &resolve)
    }

    fn appended(path: &str, text: &str) -> Vec<(String, How)> {
        vec![(path.to_owned(), How::Appended(text.into()))]
    }

    #[test]
    fn what_is_printed_is_what_is_written() {
        let p = "/root/.profile";
        assert_eq!(of("echo 'export A=$B' >> ~/.profile"), appended(p, "export A=$B\n"));
        assert_eq!(of("printf 'a\\nb' >> ~/.profile"), appended(p, "a\nb\n"));
        assert_eq!(of("x && echo a | sudo tee -a ~/.profile > /dev/null"), appended(p, "a\n"));
        assert_eq!(of("cat <<'E' >> ~/.profile\na\nE\n"), appended(p, "a\n"));
        assert_eq!(of("{ echo a; echo b; } >> ~/.profile"), appended(p, "a\nb\n"));
        assert_eq!(of("tee -a ~/.profile <<E\na\nE"), appended(p, "a\n"));
        assert_eq!(
            of("echo a > /etc/profile.d/a.sh"),
            [("/etc/profile.d/a.sh".to_owned(), How::Replaced("a\n".into()))]
        );
        assert_eq!(of("touch ~/.profile"), appended(p, ""));
        assert_eq!(of("echo a >> /tmp/x; echo ~/.profile"), []);
    }

    #[test]
    fn what_only_running_tells_is_unknown() {
        assert_eq!(of("sed -i 's/x/y/' /etc/profile"), [("/etc/profile".to_owned(), How::Edited)]);
        assert_eq!(of("ln -sf /x ~/.profile"), [("/root/.profile".to_owned(), How::Edited)]);
        assert_eq!(of("rm -f /etc/profile"), [("/etc/profile".to_owned(), How::Removed)]);
        let generated = of("tool init >> ~/.profile");
        assert_eq!(generated, [("/root/.profile".to_owned(), How::Appended(Value::default().unknown()))]);
    }
}
