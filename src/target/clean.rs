//! Pasted text without what terminals and web pages add to it.

/// The text without escape sequences, control characters and invisible characters; line ends become `\n`, and every
/// kind of space a space.
pub fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.peek() {
                // CSI (ECMA-48 5.4): parameters, then one final byte.
                Some('[') => {
                    chars.next();
                    while chars.next_if(|c| ('\u{20}'..='\u{3f}').contains(c)).is_some() {}
                    chars.next_if(|c| ('\u{40}'..='\u{7e}').contains(c));
                }
                // OSC, DCS, PM, APC, SOS: up to BEL or ST, and never over the end of the line.
                Some(']' | 'P' | '^' | '_' | 'X') => {
                    while let Some(c) = chars.next_if(|c| *c != '\n') {
                        if c == '\u{7}' || (c == '\u{1b}' && chars.next_if_eq(&'\\').is_some()) {
                            break;
                        }
                    }
                }
                Some('\u{20}'..='\u{7e}') => {
                    chars.next();
                }
                _ => {}
            },
            '\r' => {
                chars.next_if_eq(&'\n');
                out.push('\n');
            }
            '\n' | '\u{2028}' | '\u{2029}' | '\u{85}' => out.push('\n'),
            c if invisible(c) => {}
            c if c.is_whitespace() => out.push(' '),
            c if c.is_control() => {}
            c => out.push(c),
        }
    }
    out
}

/// Zero-width, bidirectional and tag characters, soft hyphens and byte-order marks.
fn invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// A hyphen by any other code point.
pub fn is_dash(c: char) -> bool {
    matches!(c, '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_terminals_add_goes() {
        for (text, wanted) in [
            ("\u{1b}[1;32mssh\u{1b}[0m -p\u{a0}1 h\r\n", "ssh -p 1 h\n"),
            ("\u{1b}]0;title\u{7}ssh h", "ssh h"),
            ("\u{1b}]8;;http://x\u{1b}\\h\u{1b}]8;;\u{1b}\\", "h"),
            ("a\u{202e}b\u{200b}c\u{feff}", "abc"),
            ("a\tb\u{0}\u{9b}c", "a bc"),
            ("\u{1b}", ""),
        ] {
            assert_eq!(clean(text), wanted);
        }
    }
}
