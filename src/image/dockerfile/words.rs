//! The little language of values: quotes, escapes and variables, as Docker replaces them in `ENV`, `ARG`, `FROM`, `USER`,
//! `WORKDIR`, `COPY` and `ADD`.
//!
//! Source: docs.docker.com/reference/dockerfile (Environment replacement), moby/buildkit frontend/dockerfile/shell.

use super::value::Value;

/// Substitutions within substitutions beyond this are unknown.
const DEEPEST: usize = 20;

/// Where a variable's value comes from; `None` where it is not set.
pub(super) type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// The text with quotes and escapes taken away and variables replaced.
pub(super) fn expand(text: &str, escape: char, lookup: Lookup<'_>) -> Value {
    let letters: Vec<char> = text.chars().collect();
    let mut cursor = Cursor { letters: &letters, at: 0, escape, lookup, depth: 0 };
    cursor.until(None)
}

/// The body of a heredoc with variables replaced: quotes are letters in it.
pub(super) fn expand_heredoc(text: &str, escape: char, lookup: Lookup<'_>) -> Value {
    let quoted: String =
        text.chars().flat_map(|letter| (letter == '"').then_some(escape).into_iter().chain([letter])).collect();
    let letters: Vec<char> = quoted.chars().collect();
    let mut cursor = Cursor { letters: &letters, at: 0, escape, lookup, depth: 0 };
    let mut value = Value::default();
    cursor.double_quoted(&mut value);
    value
}

/// The pairs of `ENV` or of `ARG`: name, value as it is written, and the byte at which the pair begins. A word without `=`
/// has no value; of `ENV` it is the old form, whose value is the rest of the line.
pub(super) fn pairs(body: &str, escape: char, old_form: bool) -> Vec<(String, Option<String>, usize)> {
    let words = words(body, escape);
    match words.first() {
        Some((at, first)) if old_form && !first.contains('=') => {
            let value = body[at + first.len()..].trim();
            vec![((*first).to_owned(), (!value.is_empty()).then(|| value.to_owned()), *at)]
        }
        _ => words
            .into_iter()
            .map(|(at, word)| match word.split_once('=') {
                Some((name, value)) => (unquoted(name), Some(value.to_owned()), at),
                None => (unquoted(word), None, at),
            })
            .collect(),
    }
}

fn unquoted(name: &str) -> String {
    name.trim_matches(['"', '\'']).to_owned()
}

/// Words at blanks outside quotes, with the byte at which each begins.
fn words(body: &str, escape: char) -> Vec<(usize, &str)> {
    let (mut words, mut start, mut quote, mut escaped) = (Vec::new(), None, None, false);
    for (at, letter) in body.char_indices() {
        if quote.is_none() && letter.is_whitespace() && !escaped {
            words.extend(start.take().map(|start: usize| (start, &body[start..at])));
            continue;
        }
        start.get_or_insert(at);
        match letter {
            _ if escaped => escaped = false,
            _ if letter == escape && quote != Some('\'') => escaped = true,
            '"' | '\'' if quote.is_none() => quote = Some(letter),
            _ if quote == Some(letter) => quote = None,
            _ => {}
        }
    }
    words.extend(start.map(|start| (start, &body[start..])));
    words
}

/// The words of a line, each with its variables replaced.
pub(super) fn expanded_words(body: &str, escape: char, lookup: Lookup<'_>) -> Vec<Value> {
    words(body, escape).into_iter().map(|(_, word)| expand(word, escape, lookup)).collect()
}

struct Cursor<'a> {
    letters: &'a [char],
    at: usize,
    escape: char,
    lookup: Lookup<'a>,
    depth: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<char> {
        self.letters.get(self.at).copied()
    }

    fn take(&mut self, letter: char) -> bool {
        let is_it = self.peek() == Some(letter);
        self.at += usize::from(is_it);
        is_it
    }

    /// Everything up to `end`, which is passed, or up to the end of the text.
    fn until(&mut self, end: Option<char>) -> Value {
        let mut value = Value::default();
        while let Some(letter) = self.peek() {
            self.at += 1;
            match letter {
                _ if Some(letter) == end => break,
                '\'' => {
                    while let Some(inner) = self.peek() {
                        self.at += 1;
                        if inner == '\'' {
                            break;
                        }
                        value.push(inner);
                    }
                }
                '"' => self.double_quoted(&mut value),
                '$' => value.append(&self.variable()),
                _ if letter == self.escape => {
                    if let Some(next) = self.peek() {
                        self.at += 1;
                        value.push(next);
                    }
                }
                _ => value.push(letter),
            }
        }
        value
    }

    fn double_quoted(&mut self, value: &mut Value) {
        while let Some(letter) = self.peek() {
            self.at += 1;
            match letter {
                '"' => return,
                '$' => value.append(&self.variable()),
                _ if letter == self.escape => match self.peek() {
                    Some(next) if next == '"' || next == '$' || next == self.escape => {
                        self.at += 1;
                        value.push(next);
                    }
                    _ => value.push(letter),
                },
                _ => value.push(letter),
            }
        }
    }

    /// What stands behind a dollar sign.
    fn variable(&mut self) -> Value {
        if self.take('{') {
            return self.in_braces();
        }
        let name = self.name();
        if name.is_empty() { Value::from("$") } else { (self.lookup)(&name).unwrap_or_default() }
    }

    fn name(&mut self) -> String {
        let start = self.at;
        while self.peek().is_some_and(|letter| letter.is_ascii_alphanumeric() || letter == '_') {
            self.at += 1;
        }
        self.letters.get(start..self.at).unwrap_or_default().iter().collect()
    }

    fn in_braces(&mut self) -> Value {
        self.depth += 1;
        let value = if self.depth > DEEPEST {
            self.at = self.letters.len();
            Value::default().unknown()
        } else {
            self.modified()
        };
        self.depth -= 1;
        value
    }

    fn modified(&mut self) -> Value {
        let name = self.name();
        let set = (self.lookup)(&name);
        if name.is_empty() {
            return self.until(Some('}')).unknown();
        }
        if self.take('}') {
            return set.unwrap_or_default();
        }
        let empty_counts_as_unset = self.take(':');
        let modifier = self.peek();
        self.at += 1;
        let word = self.until(Some('}'));
        let there = match &set {
            Some(value) if empty_counts_as_unset => value.is_something(),
            Some(_) => Some(true),
            None => Some(false),
        };
        match (modifier, there) {
            (Some('-'), Some(true)) | (Some('?'), Some(true)) => set.unwrap_or_default(),
            (Some('-'), Some(false)) => word,
            (Some('+'), Some(true)) => word,
            (Some('+'), Some(false)) => Value::default(),
            // Patterns are for the newest frontends, and for nobody's PATH.
            _ => Value::default().unknown(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<Value> {
        match name {
            "A" => Some("a b".into()),
            "EMPTY" => Some("".into()),
            "UNKNOWN" => Some(Value::default().unknown()),
            _ => None,
        }
    }

    fn of(text: &str) -> Option<String> {
        expand(text, '\\', &lookup).known().map(str::to_owned)
    }

    #[test]
    fn values_are_read_as_docker_reads_them() {
        for (text, value) in [
            ("a$A-${A}c", "aa b-a bc"),
            ("\"x $A\" 'y $A'", "x a b y $A"),
            ("\\$A \\\" \"\\$A \\n\"", "$A \" $A \\n"),
            ("${NO:-d}${A:-d}${EMPTY:-e}${EMPTY-e}", "da be"),
            ("${A:+p}${NO:+p}${EMPTY:+p}${EMPTY+q}", "pq"),
            ("${NO:-${A}x}", "a bx"),
            ("$NO$", "$"),
        ] {
            assert_eq!(of(text).as_deref(), Some(value), "{text}");
        }
        for text in ["$UNKNOWN", "x${A#a}", "${", "${A//a/b}", "${UNKNOWN:-x}"] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(expand("C:\\x`$A", '`', &lookup).known(), Some("C:\\x$A"));
    }

    #[test]
    fn pairs_old_and_new() {
        let found = |body: &str| pairs(body, '\\', true);
        assert_eq!(found("P a  b=c "), [("P".to_owned(), Some("a  b=c".to_owned()), 0)]);
        assert_eq!(found("P"), [("P".to_owned(), None, 0)]);
        let several = found("A=\"x y\"  B=\\ z C='q'");
        assert_eq!(several[0], ("A".to_owned(), Some("\"x y\"".to_owned()), 0));
        assert_eq!(several[1], ("B".to_owned(), Some("\\ z".to_owned()), 9));
        assert_eq!(several.len(), 3);
        assert_eq!(pairs("A B=1", '\\', false).len(), 2);
    }

    #[test]
    fn any_depth_has_an_end() {
        expand(&"${A:-".repeat(10_000), '\\', &lookup);
        expand(&"\"${".repeat(10_000), '\\', &lookup);
    }
}
