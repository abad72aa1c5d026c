//! Text from strangers, made harmless for a terminal.

/// `text` on one line, without control characters and without the characters that reorder or hide others.
///
/// Line breaks and tabs become blanks. What goes: C0 and C1 controls (escape sequences begin with one), the bidirectional
/// controls (Unicode UAX #9), zero-width characters, soft hyphens, tag characters, and the private marks that the command
/// quoting uses.
pub fn plain(text: &str) -> String {
    text.chars()
        .filter_map(|character| match character {
            '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => Some(' '),
            hidden if is_hidden(hidden) => None,
            shown => Some(shown),
        })
        .collect()
}

/// A character that a reader does not see, but that changes what is seen or run.
pub fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e000}'..='\u{e002}'
            | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn escapes_and_reordering_do_not_reach_a_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{7}"), "a[31mb");
        assert_eq!(plain("x\u{202e}gpj\u{2069}\u{200b}y\u{9b}z"), "xgpjyz");
        assert_eq!(plain("one\ntwo\tthree"), "one two three");
        assert_eq!(plain("Schlüssel für 木村 🙂"), "Schlüssel für 木村 🙂");
    }
}
