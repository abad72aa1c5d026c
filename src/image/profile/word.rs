//! Words as they are written: what in them is text, and what a shell puts in its place.

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Text(String),
    /// `$NAME`
    Variable(String),
    /// `${NAME:-word}` and its kin, which keep what is there.
    Or(String, Vec<Part>),
    /// `${NAME:+word}`
    If(String, Vec<Part>),
    /// A command's output, arithmetic, a part of a variable: text that is not known here.
    Unknown,
    /// The home folder of whoever runs it.
    Home,
}

/// Nested expansions beyond this are unknown.
const DEEPEST: usize = 20;

/// The parts of a word as it is written; `value` of one that follows an equals sign, where `~` counts behind each colon.
pub(super) fn parts(raw: &str, value: bool) -> Vec<Part> {
    read(raw, value, 0)
}

/// The text of a word in which a shell replaces nothing but quotes.
pub(super) fn literal(raw: &str) -> Option<String> {
    match parts(raw, false).as_slice() {
        [] => Some(String::new()),
        [Part::Text(text)] => Some(text.clone()),
        _ => None,
    }
}

/// The name and the value of `NAME=value`, and whether it is `NAME+=value`.
pub(super) fn assignment(raw: &str) -> Option<(&str, &str, bool)> {
    let (name, value) = raw.split_once('=')?;
    let (name, added) = name.strip_suffix('+').map_or((name, false), |name| (name, true));
    is_name(name).then_some((name, value, added))
}

/// Whether a variable may be called that.
pub(super) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|letter: char| letter.is_ascii_digit())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn read(raw: &str, value: bool, depth: usize) -> Vec<Part> {
    let letters: Vec<char> = raw.chars().collect();
    let mut parts = Parts(Vec::new());
    let (mut at, mut double) = (0, false);
    while let Some(letter) = letters.get(at).copied() {
        at += 1;
        match letter {
            '\'' if !double => {
                let end = find(&letters, at, '\'');
                parts.text(letters.get(at..end).unwrap_or_default().iter());
                at = end + 1;
            }
            '"' => double = !double,
            '\\' => {
                let next = letters.get(at).copied();
                at += 1;
                match next {
                    Some('\n') => {}
                    Some(next) if double && !matches!(next, '"' | '\\' | '$' | '`') => parts.text(&['\\', next]),
                    Some(next) => parts.text(&[next]),
                    None => parts.text(&['\\']),
                }
            }
            '`' => {
                at = find(&letters, at, '`') + 1;
                parts.push(Part::Unknown);
            }
            '$' => at = dollar(&letters, at, &mut parts, depth),
            '~' if !double && at_home(&letters, at, value) => parts.push(Part::Home),
            _ => parts.text(&[letter]),
        }
    }
    parts.0
}

struct Parts(Vec<Part>);

impl Parts {
    fn text<'l>(&mut self, letters: impl IntoIterator<Item = &'l char>) {
        let text: String = letters.into_iter().collect();
        match self.0.last_mut() {
            Some(Part::Text(last)) => last.push_str(&text),
            _ if text.is_empty() => {}
            _ => self.0.push(Part::Text(text)),
        }
    }

    fn push(&mut self, part: Part) {
        self.0.push(part);
    }
}

fn find(letters: &[char], from: usize, end: char) -> usize {
    let rest = letters.get(from..).unwrap_or_default();
    rest.iter().position(|letter| *letter == end).map_or(letters.len(), |length| from + length)
}

/// A `~` at the beginning of a word, or of a folder in a value, with nobody's name behind it.
fn at_home(letters: &[char], at: usize, value: bool) -> bool {
    let before = at.checked_sub(2).and_then(|before| letters.get(before));
    let begins = before.is_none() || (value && before == Some(&':'));
    begins && matches!(letters.get(at), None | Some('/' | ':'))
}

/// What follows a `$` at `at`; the place behind it.
fn dollar(letters: &[char], at: usize, parts: &mut Parts, depth: usize) -> usize {
    match letters.get(at) {
        Some('{') => {
            let end = closing(letters, at + 1, '{', '}');
            let inner: String = letters.get(at + 1..end).unwrap_or_default().iter().collect();
            parts.push(braces(&inner, depth));
            end + 1
        }
        Some('(') => {
            parts.push(Part::Unknown);
            closing(letters, at + 1, '(', ')') + 1
        }
        Some(letter) if letter.is_ascii_alphabetic() || *letter == '_' => {
            let rest = letters.get(at..).unwrap_or_default();
            let length = rest.iter().take_while(|letter| letter.is_ascii_alphanumeric() || **letter == '_').count();
            parts.push(Part::Variable(rest.iter().take(length).collect()));
            at + length
        }
        Some(letter) if letter.is_ascii_digit() => {
            parts.push(Part::Variable(letter.to_string()));
            at + 1
        }
        Some('?' | '#' | '@' | '*' | '-' | '!' | '$') => {
            parts.push(Part::Unknown);
            at + 1
        }
        _ => {
            parts.text(&['$']);
            at
        }
    }
}

/// The place of the bracket that closes the one before `from`.
fn closing(letters: &[char], from: usize, open: char, close: char) -> usize {
    let (mut depth, mut at, mut single) = (1_usize, from, false);
    while let Some(letter) = letters.get(at) {
        match letter {
            '\\' => at += 1,
            '\'' if open == '(' => single = !single,
            _ if single => {}
            letter if *letter == open => depth += 1,
            letter if *letter == close => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    letters.len()
}

fn braces(inner: &str, depth: usize) -> Part {
    let length = inner.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count();
    let (name, rest) = inner.split_at(length);
    if name.is_empty() || depth > DEEPEST {
        return Part::Unknown;
    }
    let name = name.to_owned();
    let word = |word: &str| read(word, false, depth + 1);
    for (operator, keeps) in [(":-", true), (":=", true), (":+", false), ("-", true), ("=", true), ("+", false)] {
        if let Some(rest) = rest.strip_prefix(operator) {
            return if keeps { Part::Or(name, word(rest)) } else { Part::If(name, word(rest)) };
        }
    }
    if rest.is_empty() || rest.starts_with(":?") || rest.starts_with('?') {
        Part::Variable(name)
    } else {
        Part::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Part {
        Part::Text(text.into())
    }

    fn variable(name: &str) -> Part {
        Part::Variable(name.into())
    }

    #[test]
    fn quotes_go_and_expansions_stay() {
        assert_eq!(parts("'/a b':\"$PATH\"", true), [text("/a b:"), variable("PATH")]);
        assert_eq!(parts("\"\\$x\\y\"", true), [text("$x\\y")]);
        assert_eq!(parts("${A}x$1", true), [variable("A"), text("x"), variable("1")]);
        assert_eq!(parts("$(id -u)y`z`", true), [Part::Unknown, text("y"), Part::Unknown]);
        assert_eq!(
            parts("${PATH:+$PATH:}/x", true),
            [Part::If("PATH".into(), vec![variable("PATH"), text(":")]), text("/x")]
        );
        assert_eq!(parts("${LANG:-C}", true), [Part::Or("LANG".into(), vec![text("C")])]);
        assert_eq!(parts("${PATH%:*}", true), [Part::Unknown]);
        assert_eq!(parts("~/bin:~/x:a~b", true), [Part::Home, text("/bin:"), Part::Home, text("/x:a~b")]);
        assert_eq!(literal("'~'\"b\""), Some("~b".into()));
        assert_eq!(literal("a$b"), None);
    }

    #[test]
    fn assignments_have_a_name() {
        assert_eq!(assignment("A=b=c"), Some(("A", "b=c", false)));
        assert_eq!(assignment("A+=b"), Some(("A", "b", true)));
        assert_eq!(assignment("--a=b"), None);
        assert_eq!(assignment("1A=b"), None);
    }

    #[test]
    fn any_word_has_an_end() {
        for raw in ["$", "${", "${a", "$(", "`", "\\", "'", "~", "${a:-${", "\""] {
            parts(raw, true);
        }
        parts(&"${a:-".repeat(5_000), true);
    }
}
