//! The one sanitizer: what a terminal may be shown.

use std::{borrow::Cow, iter::Peekable, str::Chars};

/// One line for a terminal: escape sequences and characters that control, hide or reorder are taken out, line ends and
/// tabs become spaces.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.contains(|c: char| is_control(c) || is_space(c)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // CSI (ECMA-48 5.4), so that its parameters do not stay behind as litter.
            '\u{1b}' if chars.next_if_eq(&'[').is_some() => {
                while chars.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
                chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
            }
            '\u{1b}' if matches!(chars.peek(), Some(']' | 'P' | '^' | '_' | 'X')) => command_string(&mut chars),
            c if is_space(c) => out.push(' '),
            c if is_control(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// OSC and its kin up to BEL or ST; an unfinished one loses nothing but its ESC, lest a stranger hide the rest of a line.
fn command_string(chars: &mut Peekable<Chars<'_>>) {
    let mut ahead = chars.clone();
    let mut last = ' ';
    while let Some(c) = ahead.next().filter(|c| !is_space(*c)) {
        if c == '\u{7}' || (last == '\u{1b}' && c == '\\') {
            *chars = ahead;
            return;
        }
        last = c;
    }
}

/// Text of several lines: each made safe, the line ends kept.
pub fn lines(text: &str) -> String {
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// Whether a terminal shows exactly these characters, so that what is copied from it is what was meant.
pub fn is_faithful(text: &str) -> bool {
    !text.contains(|c: char| is_control(c) || (is_space(c) && c != '\n'))
}

fn is_space(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\t' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that control the terminal, hide, or reorder what is around them (Unicode: Cc, bidirectional formatting,
/// zero width, tags).
pub fn is_control(c: char) -> bool {
    (c.is_control() && !is_space(c))
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_reaches_the_terminal_but_text() {
        for (text, wanted) in [
            ("plain", "plain"),
            ("a\u{1b}[31;1mb\u{1b}[0m", "ab"),
            ("a\u{1b}]0;title\u{7}b", "ab"),
            ("\u{1b}]8;;http://x/\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
            ("a\u{1b}]0;hidden", "a]0;hidden"),
            ("a\u{9b}31mb", "a31mb"),
            ("two\r\nlines\t.", "two  lines ."),
            ("\u{202e}evil\u{200b}\u{e0041}", "evil"),
            ("Schlüssel 🙂", "Schlüssel 🙂"),
        ] {
            assert_eq!(line(text), wanted);
        }
        assert!(is_faithful("two\nlines"));
        assert!(!is_faithful("a\u{7}"));
        assert!(!is_faithful("a\tb"));
    }
}
