//! Lines in, events out, one by one and in bounded memory.

use std::io::{self, BufRead};

use super::event::Event;
use super::line::Line;
use super::text::{MAX_LINE, cap_owned};
use super::wording;

/// Bytes kept of one line; the rest of a longer line is read and dropped. OpenSSH itself cuts messages at 1,024
/// characters (log.c `MSGBUFSIZ`).
const MAX_RAW: usize = 16 * 1024;

/// An event with the line it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Line number, counted from 1.
    pub line: u64,
    /// 0 for what ssh says to everybody, 1 to 3 for `debug1` to `debug3`.
    pub level: u8,
    /// The cleaned line, at most 300 characters.
    pub text: String,
    /// What it says.
    pub event: Event,
}

/// Counts lines and reads each. Keeps nothing else.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    lines: u64,
}

impl Parser {
    /// A parser before line 1.
    pub fn new() -> Self {
        Parser::default()
    }

    /// Reads the next line; `raw` may hold any bytes, with or without its line end. Never fails.
    pub fn line(&mut self, raw: &[u8]) -> Logged {
        self.lines += 1;
        let line = Line::clean(raw.get(..MAX_RAW).unwrap_or(raw));
        let event = wording::read(&line);
        Logged { line: self.lines, level: line.level(), text: cap_owned(line.into_text(), MAX_LINE), event }
    }

    /// How many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }
}

/// The events of a whole log.
///
/// # Errors
///
/// Items are errors only where the reader fails; after one the iteration ends.
#[derive(Debug)]
pub struct Events<R> {
    reader: R,
    parser: Parser,
    buffer: Vec<u8>,
    done: bool,
}

impl<R: BufRead> Events<R> {
    /// Reads from `reader` to its end.
    pub fn new(reader: R) -> Self {
        Events { reader, parser: Parser::new(), buffer: Vec::new(), done: false }
    }

    /// Fills the buffer with one line of at most `MAX_RAW` bytes; false at the end of the log.
    fn next_line(&mut self) -> io::Result<bool> {
        self.buffer.clear();
        let mut any = false;
        loop {
            let available = match self.reader.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            if available.is_empty() {
                return Ok(any);
            }
            any = true;
            let end = available.iter().position(|byte| *byte == b'\n');
            let part = &available[..end.unwrap_or(available.len())];
            let room = MAX_RAW.saturating_sub(self.buffer.len()).min(part.len());
            self.buffer.extend_from_slice(&part[..room]);
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                return Ok(true);
            }
        }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = io::Result<Logged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        match self.next_line() {
            Ok(true) => Some(Ok(self.parser.line(&self.buffer))),
            Ok(false) => {
                self.done = true;
                None
            }
            Err(error) => {
                self.done = true;
                Some(Err(error))
            }
        }
    }
}
