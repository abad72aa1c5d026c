//! Which kinds of bytes a line has. Nearly all lines have letters only, so one look at each byte spares them the rest.

/// May end what was written on a line first: CR, `ESC`, `<br>`, `\r\n` in letters.
pub(super) const PARTS: u8 = 1;
/// May belong to a question that nobody ended with a line.
pub(super) const ASKS: u8 = 2;
/// A terminal or a web page may show something else than these: controls, entities and tags, all that is no ASCII.
pub(super) const HIDES: u8 = 4;

static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut byte = 0;
    while byte < kinds.len() {
        kinds[byte] = match byte as u8 {
            b'\r' | b'\x1b' | b'<' => PARTS | HIDES,
            b'\\' => PARTS,
            b'\'' | b'?' => ASKS,
            b'&' => HIDES,
            b' '..=b'~' => 0,
            _ => HIDES,
        };
        byte += 1;
    }
    kinds
};

/// The kinds of all bytes together.
pub(super) fn kinds(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |kinds, byte| kinds | KINDS[usize::from(*byte)])
}
