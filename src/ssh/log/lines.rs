//! Bytes cut into lines as an editor counts them, and lines into what was written on them one after another.

use std::io::{self, BufRead, Read};

use super::{around, bytes, terminal};

/// Bytes kept of one line; the rest of a longer line is read and dropped. OpenSSH itself cuts messages at 1,024
/// characters (log.c `MSGBUFSIZ`), but people paste whole logs as one line of a web page.
pub(super) const MAX_RAW: usize = 64 * 1024;
/// Pieces one line is cut into, at most.
const MAX_PIECES: usize = 2_000;

/// The lines of a reader, numbered from 1.
///
/// A line ends with LF, CR LF or any number of CR and LF, as terminals write them. Where the beginning of the log has
/// CR and no LF at all, every CR ends a line, as on old Macs.
#[derive(Debug)]
pub(super) struct Lines<R> {
    reader: R,
    number: u64,
    ends_with_cr: Option<bool>,
    after_cr: bool,
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Lines { reader, number: 0, ends_with_cr: None, after_cr: false }
    }

    /// Reads the next line without its end, and gives its number; none at the end of the log.
    pub(super) fn next(&mut self, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
        line.clear();
        let any = if self.ends_with_cr()? { self.until_cr(line)? } else { self.until_lf(line)? };
        self.number += u64::from(any);
        Ok(any.then_some(self.number))
    }

    fn ends_with_cr(&mut self) -> io::Result<bool> {
        if let Some(known) = self.ends_with_cr {
            return Ok(known);
        }
        let available = available(&mut self.reader)?;
        let cr = available.contains(&b'\r') && !available.contains(&b'\n');
        self.ends_with_cr = Some(cr);
        Ok(cr)
    }

    fn until_lf(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        let mut any = false;
        loop {
            let room = MAX_RAW - line.len();
            if room == 0 {
                self.reader.skip_until(b'\n')?;
                return Ok(true);
            }
            if self.reader.by_ref().take(room as u64).read_until(b'\n', line)? == 0 {
                return Ok(any);
            }
            any = true;
            let ended = line.pop_if(|byte| *byte == b'\n').is_some();
            without_nuls(line);
            if ended {
                return Ok(true);
            }
        }
    }

    fn until_cr(&mut self, line: &mut Vec<u8>) -> io::Result<bool> {
        let mut any = false;
        loop {
            let available = available(&mut self.reader)?;
            if available.is_empty() {
                return Ok(any);
            }
            if std::mem::take(&mut self.after_cr) && available[0] == b'\n' {
                self.reader.consume(1);
                continue;
            }
            any = true;
            let end = available.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            self.after_cr = end.is_some_and(|end| available[end] == b'\r');
            let used = end.map_or(available.len(), |end| end + 1);
            let part = &available[..end.unwrap_or(available.len())];
            line.extend_from_slice(&part[..part.len().min(MAX_RAW - line.len())]);
            without_nuls(line);
            self.reader.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

fn available(reader: &mut impl BufRead) -> io::Result<&[u8]> {
    // Asked twice, since the first answer cannot be given on while another may be needed.
    while let Err(error) = reader.fill_buf() {
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    reader.fill_buf()
}

/// A log that was emptied while ssh wrote it begins with a hole; NULs are nobody's letters.
fn without_nuls(line: &mut Vec<u8>) {
    if line.contains(&0) {
        line.retain(|byte| *byte != 0);
    }
}

/// What was written on one line, one after another: after a carriage return, after the cursor was placed elsewhere, after
/// `<br>` or a written-out `\r\n`, behind a question that nobody ended with a line.
pub(super) fn pieces<'a>(line: &'a [u8], mut take: impl FnMut(&'a [u8])) {
    let line = line.trim_ascii_end();
    let marks = bytes::kinds(line);
    let asks = marks & bytes::ASKS != 0 && !line.starts_with(b"debug");
    if !asks && marks & bytes::PARTS == 0 {
        return take(line);
    }
    let mut left = MAX_PIECES;
    let mut rest = line;
    while left > 1
        && let Some((end, next)) = cut(rest)
    {
        let piece = &rest[..end];
        if !piece.trim_ascii().is_empty() {
            take(piece);
            left -= 1;
        }
        rest = &rest[next..];
    }
    if left == MAX_PIECES || !rest.trim_ascii().is_empty() {
        take(rest);
    }
}

/// Where the first piece ends, and where the next begins.
fn cut(line: &[u8]) -> Option<(usize, usize)> {
    let mut first: Option<(usize, usize)> = None;
    for (at, byte) in line.iter().enumerate() {
        let length = match byte {
            b'\r' => 1,
            b'<' => broken(&line[at..]),
            b'\x1b' => placed(&line[at..]),
            b'\\' => written_out(line, at),
            _ => continue,
        };
        if length > 0 {
            first = Some((at, at + length));
            break;
        }
    }
    match question(&line[..first.map_or(line.len(), |(end, _)| end)]) {
        Some(at) => Some((at, at)),
        None => first,
    }
}

fn broken(rest: &[u8]) -> usize {
    let head = &rest[..rest.len().min(6)];
    let is_break = head.len() >= 4 && head[1..3].eq_ignore_ascii_case(b"br");
    if is_break { std::str::from_utf8(head).ok().and_then(terminal::tag).unwrap_or(0) } else { 0 }
}

/// `ESC [ ROW ; COLUMN H`.
fn placed(rest: &[u8]) -> usize {
    let Some(arguments) = rest.strip_prefix(b"\x1b[") else { return 0 };
    let digits = arguments.iter().take(8).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    if matches!(arguments.get(digits), Some(b'H' | b'f')) { digits + 3 } else { 0 }
}

/// `\r\n` in letters, or `\n` where more of a log follows: the string of another program. `C:\\new` has two backslashes.
fn written_out(line: &[u8], at: usize) -> usize {
    let rest = &line[at..];
    if rest.starts_with(b"\\r\\n") {
        return 4;
    }
    let escaped = at > 0 && line[at - 1] == b'\\';
    let follows = |text: &[u8]| rest.get(2..2 + text.len()) == Some(text);
    if rest.starts_with(b"\\n") && !escaped && (follows(b"debug1: ") || follows(b"debug2: ") || follows(b"debug3: ")) {
        2
    } else {
        0
    }
}

/// Where the words behind a question begin.
fn question(line: &[u8]) -> Option<usize> {
    if line.starts_with(b"debug") || !line.iter().any(|byte| matches!(byte, b'\'' | b'?')) {
        return None;
    }
    let text = std::str::from_utf8(line).ok()?;
    let rest = around::after_question(text)?;
    Some(text.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(log: &[u8]) -> Vec<(u64, String)> {
        let mut lines = Lines::new(log);
        let mut line = Vec::new();
        let mut all = Vec::new();
        while let Some(number) = lines.next(&mut line).expect("slices can be read") {
            pieces(&line, |piece| all.push((number, String::from_utf8_lossy(piece).into_owned())));
        }
        all
    }

    #[test]
    fn counts_as_an_editor_does() {
        let three = vec![(1, "a".to_owned()), (2, "b".to_owned()), (3, "c".to_owned())];
        for log in ["a\nb\nc", "a\nb\nc\n", "a\r\nb\r\nc\r\n", "a\r\r\nb\r\r\nc", "a\rb\rc", "a\rb\rc\r", "a\0\nb\n\0c"]
        {
            assert_eq!(lines(log.as_bytes()), three, "{log:?}");
        }
        assert_eq!(lines(b"a\n\nb").iter().map(|(number, _)| *number).collect::<Vec<_>>(), [1, 2, 3]);
        let hole = [vec![0; 2 * MAX_RAW], b"x\ny".to_vec()].concat();
        assert_eq!(lines(&hole), [(1, "x".to_owned()), (2, "y".to_owned())]);
    }

    #[test]
    fn cuts_what_was_written_one_after_another() {
        for (log, parts) in [
            ("- working\r\\ working\rssh: connect", &["- working", "\\ working", "ssh: connect"][..]),
            ("debug1: a<br>debug1: b<br />debug1: c", &["debug1: a", "debug1: b", "debug1: c"]),
            ("\u{1b}[1;1Ha\u{1b}[2;1Hb", &["a", "b"]),
            ("OpenSSH_9.2\\r\\ndebug1: a\\r\\nana@h: x", &["OpenSSH_9.2", "debug1: a", "ana@h: x"]),
            ("x\\ndebug1: a\\ndebug2: b", &["x", "debug1: a", "debug2: b"]),
            ("debug1: C:\\\\new\\\\ndebug1: x", &["debug1: C:\\\\new\\\\ndebug1: x"]),
            ("Sending command: \\nexport", &["Sending command: \\nexport"]),
            ("ana@h's password: Permission denied", &["ana@h's password: ", "Permission denied"]),
            ("Enter passphrase for key '/k': Load key", &["Enter passphrase for key '/k': ", "Load key"]),
            ("Enter passphrase for key '/k': ", &["Enter passphrase for key '/k':"]),
        ] {
            let found: Vec<String> = lines(format!("{log}\n").as_bytes()).into_iter().map(|(_, text)| text).collect();
            assert_eq!(found, parts, "{log:?}");
        }
    }
}
