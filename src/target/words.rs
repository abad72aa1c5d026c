//! A pasted command line in words, as the user's shell would split it; nothing is expanded or run.

/// Splits a line into words and stops where the shell would end the command (`;`, `|`, `&`, a redirection, a comment).
///
/// Quotes are honoured, curly ones too. A backslash escapes only what needs it, so paths of Windows stay whole.
/// `<name>` is kept as a word: it is a placeholder of some manual, not a redirection.
pub(super) fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\n' => words.extend(word.take()),
            '\'' | '"' | '\u{2018}' | '\u{2019}' | '\u{201c}' | '\u{201d}' => {
                let text = word.get_or_insert_default();
                quoted(closing(c), &mut chars, text);
            }
            '\\' if chars.peek().is_none_or(|next| " \\'\"$`&;|<>()*?#~".contains(*next)) => {
                word.get_or_insert_default().extend(chars.next());
            }
            '<' if placeholder(chars.clone()) => {
                let text = word.get_or_insert_default();
                text.push('<');
                text.extend(chars.by_ref().take_while(|c| *c != '>'));
                text.push('>');
            }
            ';' | '|' | '&' | '<' | '>' | '(' | ')' => break,
            '#' if word.is_none() => break,
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn closing(open: char) -> &'static [char] {
    match open {
        '\'' => &['\''],
        '"' => &['"'],
        '\u{2018}' | '\u{2019}' => &['\u{2018}', '\u{2019}'],
        _ => &['\u{201c}', '\u{201d}'],
    }
}

fn quoted(close: &[char], chars: &mut std::iter::Peekable<std::str::Chars<'_>>, text: &mut String) {
    while let Some(c) = chars.next() {
        match c {
            c if close.contains(&c) => return,
            '\\' if close != ['\''] && chars.peek().is_some_and(|next| "\"\\$`".contains(*next)) => {
                text.extend(chars.next());
            }
            c => text.push(c),
        }
    }
}

fn placeholder(mut rest: std::iter::Peekable<std::str::Chars<'_>>) -> bool {
    rest.next_if(char::is_ascii_alphabetic).is_some()
        && rest.find(|c| !(c.is_ascii_alphanumeric() || "-_. ".contains(*c))) == Some('>')
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_the_shells() {
        for (line, wanted) in [
            ("-p 1  h", &["-p", "1", "h"][..]),
            ("h 'a b' \"c d\"", &["h", "a b", "c d"]),
            ("h \u{201c}a b\u{201d}", &["h", "a b"]),
            ("-i my\\ key h", &["-i", "my key", "h"]),
            ("-i C:\\Users\\ana\\.ssh\\id h", &["-i", "C:\\Users\\ana\\.ssh\\id", "h"]),
            ("h && ls", &["h"]),
            ("h 2>log", &["h", "2"]),
            ("h # note", &["h"]),
            ("-p <port> <ip address>", &["-p", "<port>", "<ip address>"]),
            ("h ''", &["h", ""]),
            ("h 'open", &["h", "open"]),
        ] {
            assert_eq!(split(line), wanted, "{line}");
        }
    }
}
