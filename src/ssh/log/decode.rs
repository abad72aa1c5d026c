//! Bytes of a file made UTF-8 while they are read. Shells write logs in their own encodings: PowerShell's `>` in UTF-16,
//! editors with a byte order mark.

use std::io::{self, BufRead, Read};

/// Bytes read at a time, and looked at to tell the encoding.
const CHUNK: usize = 64 * 1024;
/// Bytes looked at to tell a text from a binary file.
const HEAD: usize = 8 * 1024;

/// How the characters of a log are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 or an older code page; what is no UTF-8 is shown as `U+FFFD`.
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Bom,
    /// UTF-16, low byte first: PowerShell 5 and its `Out-File`.
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// No text at all: an archive, an image, a program.
    Binary,
}

/// A reader that gives UTF-8 whatever the file holds, in bounded memory.
///
/// Binary input is passed on as it is: [`Decoded::encoding`] says so, and nobody should look for a login in it.
#[derive(Debug)]
pub struct Decoded<R> {
    inner: R,
    encoding: Encoding,
    what: Option<&'static str>,
    /// Bytes of the file; of UTF-16 those that have not been transcoded yet. `filled` of them are in use.
    raw: Vec<u8>,
    filled: usize,
    /// What UTF-16 has become; other encodings need no second copy.
    text: Vec<u8>,
    /// What has been taken already of `text`, or of `raw`.
    at: usize,
    ended: bool,
}

impl<R: Read> Decoded<R> {
    /// Reads the beginning and finds out how it is stored.
    ///
    /// # Errors
    ///
    /// Those of the reader.
    pub fn new(mut inner: R) -> io::Result<Self> {
        let mut raw = Vec::new();
        (&mut inner).take(CHUNK as u64).read_to_end(&mut raw)?;
        let what = kind_of_binary(&raw);
        let (encoding, mark) = if what.is_some() { (Encoding::Binary, 0) } else { encoding_of(&raw) };
        let filled = raw.len();
        raw.resize(CHUNK, 0);
        let mut decoded =
            Decoded { inner, encoding, what, raw, filled, text: Vec::new(), at: mark, ended: filled < CHUNK };
        if decoded.is_utf16() {
            decoded.raw.copy_within(mark..filled, 0);
            decoded.filled -= mark;
            decoded.transcode();
        }
        Ok(decoded)
    }

    /// How the file is stored.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// What a binary file is by its first bytes, with its article: `a gzip archive`. None: a text, or nobody knows.
    pub fn what(&self) -> Option<&'static str> {
        self.what
    }

    fn is_utf16(&self) -> bool {
        matches!(self.encoding, Encoding::Utf16Le | Encoding::Utf16Be)
    }

    fn available(&self) -> &[u8] {
        let text = if self.is_utf16() { &self.text[..] } else { &self.raw[..self.filled] };
        text.get(self.at..).unwrap_or_default()
    }

    fn refill(&mut self) -> io::Result<()> {
        while self.available().is_empty() && !self.ended {
            let kept = if self.is_utf16() { self.filled } else { 0 };
            let read = loop {
                match self.inner.read(&mut self.raw[kept..]) {
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    result => break result?,
                }
            };
            (self.filled, self.at, self.ended) = (kept + read, 0, read == 0);
            if self.is_utf16() {
                self.transcode();
            }
        }
        Ok(())
    }

    /// Moves all whole characters of UTF-16 from `raw` to `text`.
    fn transcode(&mut self) {
        let unit = match self.encoding {
            Encoding::Utf16Be => |pair: &[u8]| u16::from_be_bytes([pair[0], pair[1]]),
            _ => |pair: &[u8]| u16::from_le_bytes([pair[0], pair[1]]),
        };
        self.text.clear();
        self.at = 0;
        let mut whole = self.filled & !1;
        if !self.ended && whole >= 2 && is_high_surrogate(unit(&self.raw[whole - 2..whole])) {
            whole -= 2;
        }
        let mut buffer = [0; 4];
        for c in char::decode_utf16(self.raw[..whole].chunks_exact(2).map(unit)) {
            let c = c.unwrap_or(char::REPLACEMENT_CHARACTER);
            self.text.extend_from_slice(c.encode_utf8(&mut buffer).as_bytes());
        }
        self.raw.copy_within(whole..self.filled, 0);
        self.filled -= whole;
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(into.len());
        into[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl<R: Read> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.refill()?;
        Ok(self.available())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount.min(self.available().len());
    }
}

fn is_high_surrogate(unit: u16) -> bool {
    (0xd800..0xdc00).contains(&unit)
}

/// First bytes of what people send instead of a log.
const MAGIC: [(&[u8], &str); 24] = [
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a zip archive or an office document"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "an RTF document"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!\x1a\x07", "a rar archive"),
    (b"\xd4\xc3\xb2\xa1", "a packet capture"),
    (b"\xa1\xb2\xc3\xd4", "a packet capture"),
    (b"\x4d\x3c\xb2\xa1", "a packet capture"),
    (b"\x0a\x0d\x0d\x0a", "a packet capture"),
    (b"\xcf\xfa\xed\xfe", "a program"),
    (b"\xca\xfe\xba\xbe", "a program"),
    (b"MZ\x90\x00", "a program"),
    (b"SQLite format 3\x00", "a database"),
    (b"bplist00", "a property list"),
    (b"\x00asm", "a program"),
];

fn kind_of_binary(head: &[u8]) -> Option<&'static str> {
    MAGIC.iter().find(|(magic, _)| head.starts_with(magic)).map(|(_, what)| *what)
}

/// The encoding, and how many bytes its mark takes.
fn encoding_of(head: &[u8]) -> (Encoding, usize) {
    match head {
        [0xef, 0xbb, 0xbf, ..] => return (Encoding::Utf8Bom, 3),
        [0xff, 0xfe, ..] => return (Encoding::Utf16Le, 2),
        [0xfe, 0xff, ..] => return (Encoding::Utf16Be, 2),
        _ => {}
    }
    let head = &head[..head.len().min(HEAD)];
    let nul = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd, half) = (nul(0), nul(1), head.len() / 2);
    // A log is nearly all ASCII, of which UTF-16 makes a zero and the letter.
    if half >= 2 && odd * 10 >= half * 6 && even * 10 <= half {
        return (Encoding::Utf16Le, 0);
    }
    if half >= 2 && even * 10 >= half * 6 && odd * 10 <= half {
        return (Encoding::Utf16Be, 0);
    }
    (if is_binary(head, even + odd) { Encoding::Binary } else { Encoding::Utf8 }, 0)
}

/// Zeros alone prove nothing: a log that was cut while ssh wrote it begins with a hole of them.
fn is_binary(head: &[u8], nuls: usize) -> bool {
    let strange = head.iter().filter(|byte| is_strange(**byte)).count();
    let rest = head.len() - nuls;
    strange > 1 && (strange * 20 > rest || (nuls * 10 > head.len() && strange * 100 > rest))
}

/// Control characters that neither ssh nor a terminal writes.
fn is_strange(byte: u8) -> bool {
    matches!(byte, 0x01..=0x02 | 0x05..=0x06 | 0x10..=0x19 | 0x1c..=0x1f | 0x7f)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "debug1: identity file C:\\\\Users\\\\José/.ssh/id_rsa type -1\r\nbjörn@𝒽: Permission denied\r\n";

    /// Gives one byte at a time.
    struct Drops<'a>(&'a [u8]);

    impl Read for Drops<'_> {
        fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
            let length = into.len().min(self.0.len()).min(1);
            into[..length].copy_from_slice(&self.0[..length]);
            self.0 = &self.0[length..];
            Ok(length)
        }
    }

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    fn decode(bytes: &[u8]) -> (Encoding, String) {
        let mut text = Vec::new();
        let mut decoded = Decoded::new(bytes).expect("slices can be read");
        decoded.read_to_end(&mut text).expect("slices can be read");
        let mut by_drops = Vec::new();
        Decoded::new(Drops(bytes)).expect("readable").read_to_end(&mut by_drops).expect("readable");
        assert_eq!(text, by_drops);
        (decoded.encoding(), String::from_utf8_lossy(&text).into_owned())
    }

    #[test]
    fn reads_utf16_with_and_without_its_mark() {
        for (mark, bytes, encoding) in [
            (&b"\xff\xfe"[..], u16::to_le_bytes as fn(u16) -> [u8; 2], Encoding::Utf16Le),
            (b"\xfe\xff", u16::to_be_bytes, Encoding::Utf16Be),
            (b"", u16::to_le_bytes, Encoding::Utf16Le),
            (b"", u16::to_be_bytes, Encoding::Utf16Be),
        ] {
            assert_eq!(decode(&[mark, &utf16(TEXT, bytes)].concat()), (encoding, TEXT.to_owned()));
            // Longer than what is read at a time, so that characters lie across the borders.
            let long = format!("x{}", TEXT.repeat(3_000));
            assert_eq!(decode(&[mark, &utf16(&long, bytes)].concat()), (encoding, long));
        }
    }

    #[test]
    fn torn_utf16_is_no_error() {
        let mut bytes = [b"\xff\xfe", &utf16("ana", u16::to_le_bytes)[..]].concat();
        bytes.extend([0x00, 0xd8, b'x', 0, 0x34]);
        assert_eq!(decode(&bytes), (Encoding::Utf16Le, "ana\u{fffd}x".to_owned()));
    }

    #[test]
    fn utf8_and_code_pages_pass() {
        assert_eq!(decode(TEXT.as_bytes()), (Encoding::Utf8, TEXT.to_owned()));
        assert_eq!(decode(&[b"\xef\xbb\xbf", TEXT.as_bytes()].concat()), (Encoding::Utf8Bom, TEXT.to_owned()));
        assert_eq!(decode(b"").0, Encoding::Utf8);
        let latin = "Zugriff verweigert für größere Übungen\r\n".chars().map(|c| c as u8).collect::<Vec<_>>();
        assert_eq!(decode(&latin).0, Encoding::Utf8);
        // Russian in one byte each: more high bytes than letters of ASCII.
        let cyrillic: Vec<u8> = (0xc0..=0xff).cycle().take(900).chain(*b"\r\nConnection refused").collect();
        assert_eq!(decode(&cyrillic).0, Encoding::Utf8);
        let terminal = "\u{1b}[01;32mana\u{1b}[00m$ \u{7}\u{8}\u{1b}(B\u{e}\u{f}\r\n^C\u{3}\r\n".repeat(40);
        assert_eq!(decode(terminal.as_bytes()).0, Encoding::Utf8);
        let hole = [vec![0; 100_000], TEXT.as_bytes().to_vec()].concat();
        assert_eq!(decode(&hole).0, Encoding::Utf8);
    }

    #[test]
    fn tells_what_is_no_log() {
        for (bytes, what) in [
            (&b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03debug1: "[..], Some("a gzip archive")),
            (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", Some("a PNG image")),
            (b"\x7fELF\x02\x01\x01\x00", Some("a program")),
            (b"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00", Some("a packet capture")),
        ] {
            let decoded = Decoded::new(bytes).expect("readable");
            assert_eq!((decoded.encoding(), decoded.what()), (Encoding::Binary, what));
        }
        let mut state = 1_u32;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .take(5_000)
        .collect();
        let decoded = Decoded::new(&noise[..]).expect("readable");
        assert_eq!((decoded.encoding(), decoded.what()), (Encoding::Binary, None));
    }
}
