//! Text from strangers, made fit for facts: no control characters, no tricks with the direction of writing, an end.

use std::{ffi::OsStr, path::Path};

/// The longest piece of text a fact holds, in characters.
pub const LONGEST: usize = 300;

/// Bytes as one line of text: control and direction characters dropped, tabs and line ends as spaces, cut at
/// [`LONGEST`] characters.
pub fn clean(bytes: impl AsRef<[u8]>) -> String {
    let text = String::from_utf8_lossy(bytes.as_ref());
    // Nearly every text is of this kind, and there are hundreds.
    if text.len() <= LONGEST && text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text.trim().to_owned();
    }
    let text: String = text
        .trim()
        .chars()
        .map(|letter| if matches!(letter, '\t' | '\n' | '\r') { ' ' } else { letter })
        .filter(|letter| !hidden(*letter))
        .take(LONGEST)
        .collect();
    text.trim_end().to_owned()
}

fn hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// A path as text; what is not Unicode in it is shown as such.
pub fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A variable's value as text, unless it is empty.
pub fn filled(value: Option<impl AsRef<OsStr>>) -> Option<String> {
    value.map(|value| value.as_ref().to_string_lossy().into_owned()).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_moves_a_cursor_stays() {
        assert_eq!(clean(b"\x1b[31mred\x1b[0m\r\n"), "[31mred[0m");
        assert_eq!(clean("a\tb\u{202e}c\u{9b}d"), "a bcd");
        assert_eq!(clean([0xff, b'x']), "\u{fffd}x");
        assert_eq!(clean("x".repeat(1000)).len(), LONGEST);
    }
}
