//! The last thing that happens to a printed command: what the shell that it is pasted into, the configuration of its ssh, and
//! the job at its end would make of it.
//!
//! Checks write `ssh {{ target.ssh_args }}` and know nothing of this. Where the word `ssh` is a function or an alias in the
//! person's shell, it is printed as `command ssh`; where the configuration or the job asks for more than the words say
//! ([`SessionNeeds`]), ssh gets it as options. Every command of every fix goes through [`Shell::ready`].

use serde::Deserialize;
use serde_json::Value;

use super::document::Place;
use crate::facts::{CommandShell, SessionNeeds};

/// The shell that commands are pasted into, and what ssh meets behind it.
pub(super) struct Shell {
    kind: CommandShell,
    /// `ssh` is not the program there.
    replaced: bool,
    host: String,
    needs: SessionNeeds,
}

/// Programs that start the one behind their own words, whatever the shell calls that.
const STARTERS: [&str; 8] = ["env", "sudo", "command", "exec", "nohup", "time", "nice", "stdbuf"];

impl Shell {
    /// What is known of it.
    pub(super) fn of(facts: &Value, kind: CommandShell, place: Place) -> Self {
        let here = !matches!(place, Place::JobImage);
        let needs = facts.pointer("/session/needs").filter(|_| here);
        let replaced = facts.pointer("/terminal/ssh_is_replaced") == Some(&Value::Bool(true));
        let host = facts.pointer("/target/host").and_then(Value::as_str);
        Self {
            kind,
            replaced: here && replaced && kind == CommandShell::Posix,
            host: host.unwrap_or_default().to_owned(),
            needs: needs.and_then(|needs| SessionNeeds::deserialize(needs).ok()).unwrap_or_default(),
        }
    }

    /// The command as it can be pasted.
    pub(super) fn ready(&self, command: String) -> String {
        if !self.replaced && self.needs == SessionNeeds::default() {
            return command;
        }
        let mut added: Vec<(usize, String)> = Vec::new();
        for words in commands(&command, self.kind) {
            self.add_to(&words, &mut added);
        }
        let mut ready = command;
        // From behind, so that the places before stay where they are.
        added.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
        for (place, text) in added {
            ready.insert_str(place, &text);
        }
        ready
    }

    fn add_to(&self, words: &[Word], added: &mut Vec<(usize, String)>) {
        let first = words.iter().position(|word| !is_assignment(&word.text)).unwrap_or(words.len());
        let Some(program) = words.get(first) else { return };
        let started = STARTERS.contains(&program.text.as_str());
        let places = first..if started { words.len() } else { first + 1 };
        let Some(at) = places.into_iter().find(|at| is_ssh(&words[*at].text)) else { return };
        if self.replaced && at == first && program.text == "ssh" {
            added.push((program.start, "command ".to_owned()));
        }
        let behind: Vec<String> = words[at + 1..].iter().map(|word| word.text.clone()).collect();
        let lacks = self.needs.added(&behind, &self.host);
        let end = words.last().map_or(0, |word| word.end);
        let mut insert = |place: usize, words: &[String]| {
            if !words.is_empty() {
                added.push((place, format!(" {}", words.join(" "))));
            }
        };
        insert(end, &lacks.command);
        insert(words[at].end, &lacks.options);
    }
}

fn is_ssh(word: &str) -> bool {
    let name = word.rsplit(['/', '\\']).next().unwrap_or(word);
    name == "ssh" || name.eq_ignore_ascii_case("ssh.exe")
}

fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty()
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    })
}

/// A word of the command: what it says, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Word {
    text: String,
    start: usize,
    end: usize,
}

/// The simple commands of a line in words without their quotes. What stands behind a redirection belongs to none.
fn commands(line: &str, shell: CommandShell) -> Vec<Vec<Word>> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<Word> = None;
    let mut letters = line.char_indices().peekable();
    let mut redirected = false;
    let escape = if shell == CommandShell::Posix { '\\' } else { '`' };
    let close = |word: &mut Option<Word>, redirected: &mut bool, commands: &mut Vec<Vec<Word>>| {
        let kept = word.take().filter(|_| !std::mem::take(redirected));
        if let (Some(kept), Some(command)) = (kept, commands.last_mut()) {
            command.push(kept);
        }
    };
    while let Some((at, letter)) = letters.next() {
        match letter {
            ' ' | '\t' => close(&mut word, &mut redirected, &mut commands),
            '<' | '>' => {
                // The number of a stream is no word.
                if word.as_ref().is_some_and(|word| word.text.chars().all(|c| c.is_ascii_digit())) {
                    word = None;
                }
                close(&mut word, &mut redirected, &mut commands);
                redirected = true;
                if letters.peek().is_some_and(|(_, next)| *next == '&') {
                    letters.next();
                }
            }
            '|' | '&' | ';' | '(' | ')' | '\n' => {
                close(&mut word, &mut redirected, &mut commands);
                redirected = false;
                commands.push(Vec::new());
            }
            _ => {
                let word = word.get_or_insert_with(|| Word { text: String::new(), start: at, end: at });
                word.end = at + letter.len_utf8();
                if letter == escape {
                    if let Some((at, next)) = letters.next() {
                        word.text.push(next);
                        word.end = at + next.len_utf8();
                    }
                } else if letter == '\'' || letter == '"' {
                    for (at, inner) in letters.by_ref() {
                        word.end = at + inner.len_utf8();
                        if inner == letter {
                            break;
                        }
                        word.text.push(inner);
                    }
                } else {
                    word.text.push(letter);
                }
            }
        }
    }
    close(&mut word, &mut redirected, &mut commands);
    for words in &mut commands {
        let keywords = words.iter().take_while(|word| matches!(word.text.as_str(), "{" | "!")).count();
        words.drain(..keywords);
    }
    commands.retain(|words| !words.is_empty());
    commands
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ready(facts: &Value, command: &str) -> String {
        Shell::of(facts, CommandShell::Posix, Place::ThisMachine).ready(command.to_owned())
    }

    fn wrapped() -> Value {
        json!({ "terminal": { "ssh_is_replaced": true }, "target": { "host": "203.0.113.7" } })
    }

    #[test]
    fn the_program_is_named_where_a_function_has_its_name() {
        for (written, printed) in [
            ("ssh -p 64535 203.0.113.7", "command ssh -p 64535 203.0.113.7"),
            ("ssh-add -l", "ssh-add -l"),
            ("ssh-add k && ssh h", "ssh-add k && command ssh h"),
            ("TERM=xterm ssh h", "TERM=xterm command ssh h"),
            ("env SSH_AUTH_SOCK=/s ssh h", "env SSH_AUTH_SOCK=/s ssh h"),
            ("sudo -H -u ana ssh h", "sudo -H -u ana ssh h"),
            ("command ssh h", "command ssh h"),
            ("/usr/bin/ssh h", "/usr/bin/ssh h"),
            ("(cd x; ssh h) | ssh h", "(cd x; command ssh h) | command ssh h"),
            ("ssh -v h 2>&1 | cci-ssh doctor --log -", "command ssh -v h 2>&1 | cci-ssh doctor --log -"),
            ("{ ssh h; }", "{ command ssh h; }"),
            ("echo ssh h", "echo ssh h"),
            ("printf '%s\\n' 'a; ssh h'", "printf '%s\\n' 'a; ssh h'"),
        ] {
            assert_eq!(ready(&wrapped(), written), printed);
        }
    }

    /// A command as its check writes it, with the first branch of each choice and something for every value.
    fn example(written: &str) -> String {
        let mut command = written.to_owned();
        let cut = |text: &str, from: &str, to: &str| {
            let start = text.find(from)?;
            let end = start + text[start..].find(to)? + to.len();
            Some((start, end))
        };
        while let Some((start, end)) = cut(&command, "{% el", "{% endif %}") {
            command.replace_range(start..end, "");
        }
        while let Some((start, end)) = cut(&command, "{%", "%}") {
            command.replace_range(start..end, "");
        }
        while let Some((start, end)) = cut(&command, "{{", "}}") {
            let value = match &command[start..end] {
                value if value.contains("target.ssh_args") => "-p 64535 203.0.113.7",
                // Another ssh, by its path.
                _ if start == 0 => "/usr/bin/ssh",
                _ => "x",
            };
            command.replace_range(start..end, value);
        }
        command
    }

    #[test]
    fn no_check_prints_an_ssh_that_is_not_seen_here() {
        let needs = json!({ "options": ["SessionType=default"], "no_other_command": true });
        let mut facts = wrapped();
        facts["session"] = json!({ "needs": needs });
        let catalogue = super::super::Catalogue::embedded();
        let mut logins = 0;
        for check in catalogue.checks() {
            for fix in &check.fixes {
                for written in fix.run.iter().filter(|run| run.contains("{{ target.ssh_args")) {
                    let printed = Shell::of(&facts, CommandShell::Posix, fix.place).ready(example(written));
                    let told = format!("{}: {printed}", check.id);
                    let mut words = printed.split(' ').skip_while(|word| is_assignment(word));
                    assert_ne!(words.next(), Some("ssh"), "{told}");
                    let none_of_its_own = ["cci-ssh doctor ", "ssh -O "].iter().any(|part| printed.contains(part));
                    // The one that is about such options names its own.
                    assert!(
                        none_of_its_own || printed.contains("-o SessionType=default") || printed.contains("-o x=x"),
                        "{told}"
                    );
                    logins += usize::from(!none_of_its_own);
                }
            }
        }
        assert!(logins > 150, "{logins} commands log in");
    }

    #[test]
    fn other_shells_and_machines_have_no_such_function() {
        let shell = Shell::of(&wrapped(), CommandShell::Powershell, Place::ThisMachine);
        assert_eq!(shell.ready("ssh h".into()), "ssh h");
        let image = Shell::of(&wrapped(), CommandShell::Posix, Place::JobImage);
        assert_eq!(image.ready("ssh h".into()), "ssh h");
        assert_eq!(ready(&json!({}), "ssh h"), "ssh h");
    }

    #[test]
    fn options_stand_behind_ssh_and_shells_at_the_end() {
        let needs = json!({ "options": ["SessionType=default"], "no_other_command": true });
        let facts = json!({ "session": { "needs": needs }, "target": { "host": "203.0.113.7" } });
        assert_eq!(
            ready(&facts, "ssh-add k && ssh -i 'my key' 203.0.113.7 -t bash"),
            "ssh-add k && ssh -o RemoteCommand=none -o SessionType=default -i 'my key' 203.0.113.7 -t bash"
        );
        assert_eq!(ready(&facts, "ssh -T git@github.com"), "ssh -T git@github.com");
        let facts = json!({ "session": { "needs": { "shell": "bash.exe" } }, "target": { "host": "203.0.113.7" } });
        assert_eq!(
            ready(&facts, "ssh -v 203.0.113.7 2>&1 | cci-ssh doctor --log -"),
            "ssh -t -v 203.0.113.7 -- bash.exe 2>&1 | cci-ssh doctor --log -"
        );
        let shell = Shell::of(&facts, CommandShell::Powershell, Place::ThisMachine);
        assert_eq!(
            shell.ready("& 'C:\\Program Files\\ssh.exe' -p 1 203.0.113.7".into()),
            "& 'C:\\Program Files\\ssh.exe' -t -p 1 203.0.113.7 -- bash.exe"
        );
    }
}
