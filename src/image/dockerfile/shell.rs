//! The commands of a `RUN`, as far as it matters what they print into which file: words, redirections, pipes, heredocs.
//!
//! Which branch is taken is not asked: every command counts. Sources: POSIX.1-2024 XCU 2.

use std::collections::VecDeque;

use super::{parse::Heredoc, value::Value, words};

/// Commands of one script beyond this are not read.
pub(super) const MOST: usize = 5_000;

/// One simple command.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Command {
    /// Its words, variables replaced.
    pub(super) words: Vec<Value>,
    /// Where its output goes: whether it is appended, and the file.
    pub(super) writes: Vec<(bool, Value)>,
    /// What it reads: the body of a heredoc.
    pub(super) input: Option<Value>,
    /// It reads what the command before it prints.
    pub(super) is_piped: bool,
}

impl Command {
    /// The known text of a word.
    pub(super) fn word(&self, place: usize) -> &str {
        self.words.get(place).and_then(Value::known).unwrap_or_default()
    }
}

/// Reads the commands of a script; `heredocs` are bodies that stand behind it, and others are looked for in it.
pub(super) fn commands(text: &str, heredocs: &[Heredoc], lookup: words::Lookup<'_>) -> Vec<Command> {
    let letters: Vec<char> = text.chars().filter(|letter| *letter != '\r').collect();
    let given = heredocs.iter().cloned().collect();
    let mut lexer = Lexer { letters: &letters, at: 0, given, open: Vec::new(), lookup, done: Vec::new() };
    lexer.run();
    lexer.done
}

/// What comes next belongs to a redirection.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    Word,
    Write { append: bool },
    Read,
    Heredoc { tabs: bool },
}

struct Lexer<'a> {
    letters: &'a [char],
    at: usize,
    given: VecDeque<Heredoc>,
    /// Heredocs whose bodies begin on the next line: the command's place, name, whether they expand, whether tabs go.
    open: Vec<(usize, String, bool, bool)>,
    lookup: words::Lookup<'a>,
    done: Vec<Command>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn run(&mut self) {
        let mut command = Command::default();
        let mut expect = Expect::Word;
        while self.done.len() < MOST {
            let Some(letter) = self.peek(0) else { break };
            match letter {
                ' ' | '\t' => self.at += 1,
                '\\' if self.peek(1) == Some('\n') => self.at += 2,
                '#' => {
                    while self.peek(0).is_some_and(|letter| letter != '\n') {
                        self.at += 1;
                    }
                }
                '\n' => {
                    self.at += 1;
                    self.end(&mut command, false);
                    self.bodies();
                }
                ';' | '&' | '|' | '(' | ')' if !(letter == '&' && self.peek(1) == Some('>')) => {
                    let is_pipe = letter == '|' && self.peek(1) != Some('|');
                    self.at += if self.peek(1) == Some(letter) { 2 } else { 1 };
                    if is_pipe && self.peek(0) == Some('&') {
                        self.at += 1;
                    }
                    self.end(&mut command, is_pipe);
                    if letter == '(' || letter == ')' {
                        command.words.push(Value::from(if letter == '(' { "{" } else { "}" }));
                    }
                    if letter == '(' {
                        self.end(&mut command, false);
                    }
                }
                '<' | '>' | '&' => expect = self.redirection(),
                _ => {
                    let (word, raw) = self.word();
                    match expect {
                        // The number of a stream.
                        Expect::Word if is_number(&raw) && matches!(self.peek(0), Some('<' | '>')) => {}
                        Expect::Word => command.words.push(word),
                        Expect::Write { append } => command.writes.push((append, word)),
                        Expect::Read => {}
                        Expect::Heredoc { tabs } => self.heredoc(&mut command, &raw, tabs),
                    }
                    expect = Expect::Word;
                    // A brace on its own is a command of its own.
                    if command.words.len() == 1 && command.word(0) == "{" {
                        self.end(&mut command, false);
                    }
                }
            }
        }
        self.end(&mut command, false);
    }

    fn end(&mut self, command: &mut Command, feeds_next: bool) {
        let done = std::mem::take(command);
        if !done.words.is_empty() || !done.writes.is_empty() {
            self.done.push(done);
            command.is_piped = feeds_next;
        }
    }

    fn redirection(&mut self) -> Expect {
        const OPERATORS: [(&str, Expect); 11] = [
            ("&>>", Expect::Write { append: true }),
            ("&>", Expect::Write { append: false }),
            ("<<<", Expect::Read),
            ("<<-", Expect::Heredoc { tabs: true }),
            ("<<", Expect::Heredoc { tabs: false }),
            (">>", Expect::Write { append: true }),
            (">|", Expect::Write { append: false }),
            (">&", Expect::Read),
            ("<&", Expect::Read),
            (">", Expect::Write { append: false }),
            ("<", Expect::Read),
        ];
        for (text, expect) in OPERATORS {
            if text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter)) {
                self.at += text.len();
                return expect;
            }
        }
        self.at += 1;
        Expect::Word
    }

    fn heredoc(&mut self, command: &mut Command, raw: &str, tabs: bool) {
        let name: String = raw.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')).collect();
        let expands = name.len() == raw.len();
        match self.given.pop_front() {
            Some(given) => command.input = Some(self.body(&given.text, given.expands)),
            None => self.open.push((self.done.len(), name, expands, tabs)),
        }
    }

    /// The bodies that begin here.
    fn bodies(&mut self) {
        for (place, name, expands, tabs) in std::mem::take(&mut self.open) {
            let mut text = String::new();
            while self.at < self.letters.len() {
                let line: String = self.letters[self.at..].iter().take_while(|letter| **letter != '\n').collect();
                self.at = (self.at + line.chars().count() + 1).min(self.letters.len());
                let line = if tabs { line.trim_start_matches('\t') } else { &line };
                if line == name {
                    break;
                }
                text.push_str(line);
                text.push('\n');
            }
            let body = self.body(&text, expands);
            if let Some(command) = self.done.get_mut(place) {
                command.input = Some(body);
            }
        }
    }

    fn body(&self, text: &str, expands: bool) -> Value {
        if !expands {
            return Value::from(text);
        }
        let letters: Vec<char> = text.chars().collect();
        let mut inner = Lexer {
            letters: &letters,
            at: 0,
            given: VecDeque::new(),
            open: Vec::new(),
            lookup: self.lookup,
            done: Vec::new(),
        };
        let mut value = Value::default();
        while inner.at < letters.len() {
            inner.double_quoted_letter(&mut value, false);
        }
        value
    }

    /// A word, and how it is written.
    fn word(&mut self) -> (Value, String) {
        let start = self.at;
        let mut value = Value::default();
        if self.peek(0) == Some('~') {
            self.at += 1;
            match self.peek(0) {
                None | Some('/' | ' ' | '\n' | ';' | '&' | '|') => {
                    value.append(&(self.lookup)("HOME").unwrap_or_else(|| Value::default().unknown()));
                }
                _ => value = value.unknown(),
            }
        }
        while let Some(letter) = self.peek(0) {
            match letter {
                ' ' | '\t' | '\n' | ';' | '&' | '|' | '(' | ')' | '<' | '>' => break,
                '\'' => {
                    self.at += 1;
                    while let Some(inner) = self.peek(0) {
                        self.at += 1;
                        if inner == '\'' {
                            break;
                        }
                        value.push(inner);
                    }
                }
                '"' => {
                    self.at += 1;
                    while self.peek(0).is_some_and(|letter| letter != '"') {
                        self.double_quoted_letter(&mut value, true);
                    }
                    self.at += 1;
                }
                '\\' => {
                    self.at += 1;
                    if let Some(next) = self.peek(0) {
                        self.at += 1;
                        if next != '\n' {
                            value.push(next);
                        }
                    }
                }
                '$' | '`' => self.substitution(&mut value),
                _ => {
                    self.at += 1;
                    value.push(letter);
                }
            }
        }
        if self.at == start {
            self.at += 1;
        }
        let end = self.at.min(self.letters.len());
        (value, self.letters[start.min(end)..end].iter().collect())
    }

    fn double_quoted_letter(&mut self, value: &mut Value, is_quoted: bool) {
        let Some(letter) = self.peek(0) else { return };
        match (letter, self.peek(1)) {
            ('\\', Some('\n')) => self.at += 2,
            ('\\', Some(next)) if matches!(next, '$' | '`' | '\\') || (is_quoted && next == '"') => {
                self.at += 2;
                value.push(next);
            }
            ('$' | '`', _) => self.substitution(value),
            _ => {
                self.at += 1;
                value.push(letter);
            }
        }
    }

    /// A variable, or what a command prints, which nobody knows.
    fn substitution(&mut self, value: &mut Value) {
        let start = self.at;
        let is_quoted_back = self.peek(0) == Some('`');
        self.at += 1;
        match self.peek(0) {
            _ if is_quoted_back => {
                self.pass('`');
                *value = std::mem::take(value).unknown();
            }
            Some('(') => {
                self.at += 1;
                self.pass(')');
                *value = std::mem::take(value).unknown();
            }
            Some('{') => {
                self.at += 1;
                self.pass('}');
                let end = self.at.min(self.letters.len());
                let text: String = self.letters[start..end].iter().collect();
                value.append(&words::expand(&text, '\\', &|name| Some(self.found(name))));
            }
            Some(letter) if letter.is_ascii_alphabetic() || letter == '_' => {
                let name: String = self.letters[self.at..]
                    .iter()
                    .take_while(|letter| letter.is_ascii_alphanumeric() || **letter == '_')
                    .collect();
                self.at += name.len();
                value.append(&self.found(&name));
            }
            Some(letter) if letter.is_ascii_digit() || "@*#?!-$".contains(letter) => {
                self.at += 1;
                *value = std::mem::take(value).unknown();
            }
            _ => value.push('$'),
        }
    }

    /// What nobody set for the image, the script may have set.
    fn found(&self, name: &str) -> Value {
        (self.lookup)(name).unwrap_or_else(|| Value::default().unknown())
    }

    /// Passes everything up to and with `end`; what opens within is closed within.
    fn pass(&mut self, end: char) {
        let opening = match end {
            ')' => Some('('),
            '}' => Some('{'),
            _ => None,
        };
        let mut depth = 1usize;
        while let Some(letter) = self.peek(0) {
            self.at += 1;
            match letter {
                '\\' => self.at += 1,
                _ if letter == end => {
                    depth -= 1;
                    if depth == 0 {
                        return;
                    }
                }
                _ if Some(letter) == opening => depth += 1,
                _ => {}
            }
        }
    }
}

fn is_number(raw: &str) -> bool {
    !raw.is_empty() && raw.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<Value> {
        match name {
            "HOME" => Some("/root".into()),
            "PATH" => Some("/a:/b".into()),
            _ => None,
        }
    }

    fn of(text: &str) -> Vec<Command> {
        commands(text, &[], &lookup)
    }

    fn shown(command: &Command) -> String {
        let words: Vec<String> = command.words.iter().map(Value::shown).collect();
        let writes: Vec<String> = (command.writes.iter())
            .map(|(append, file)| format!("{}{}", if *append { ">>" } else { ">" }, file.shown()))
            .collect();
        format!("{}{}", words.join("|"), writes.concat())
    }

    fn all(text: &str) -> Vec<String> {
        of(text).iter().map(shown).collect()
    }

    #[test]
    fn words_and_where_they_go() {
        assert_eq!(
            all("set -ex; echo 'export PATH=$HOME/bin:$PATH' >> ~/.profile && x 2>/dev/null || y"),
            ["set|-ex", "echo|export PATH=$HOME/bin:$PATH>>/root/.profile", "x>/dev/null", "y"]
        );
        assert_eq!(all("echo \"P=$PATH \\$PATH ${NO} $(x)\">f"), ["echo|P=/a:/b $PATH … …>f"]);
        assert_eq!(all("{ echo a; echo b; } > \"$HOME/.x\""), ["{", "echo|a", "echo|b", "}>/root/.x"]);
        assert_eq!(all("(echo a)>f"), ["{", "echo|a", "}>f"]);
        let piped = of("echo a | tee -a f");
        assert!(!piped[0].is_piped && piped[1].is_piped);
    }

    #[test]
    fn heredocs_given_and_found() {
        let given = Heredoc { name: "EOF".into(), expands: true, text: "x $PATH \\$y\n".into() };
        let found = commands("cat <<EOF >> f && z", &[given], &lookup);
        assert_eq!(found[0].input, Some("x /a:/b $y\n".into()));
        assert_eq!(shown(&found[0]), "cat>>f");
        let inline = of("cat <<'E' > f\n$x\nE\ncat <<-F\n\ty\n\tF\nend");
        assert_eq!(inline[0].input, Some("$x\n".into()));
        assert_eq!(inline[1].input, Some("y\n".into()));
        assert_eq!(shown(&inline[2]), "end");
    }

    #[test]
    fn any_text_has_an_end() {
        for text in ["'", "\"$(", "${", "`", "a=(", "<<", "$(((((", ")", "\\", "<(", "&&&;;;|||", ">", "~", "\"\\"] {
            of(text);
        }
        of(&"$(".repeat(10_000));
        of(&"\"${".repeat(10_000));
    }
}
