//! Lines in, events out, one by one and in bounded memory.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::around;
use super::event::Event;
use super::join::{self, Widths};
use super::line::Line;
use super::lines::{Lines, MAX_RAW, pieces};
use super::text::{MAX_LINE, cap_owned, name};
use super::wording;

/// Lines looked at ahead of one that may have been broken.
const AHEAD: usize = 64;
/// Parts that one line is put together from, at most.
const MAX_PARTS: usize = 40;
/// Things taken from around a line that means nothing as it is.
const MAX_LOOSENED: usize = 3;

/// An event with the line it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// Line number, counted from 1; that of the first part where a line was broken.
    pub line: u64,
    /// 0 for what ssh says to everybody, 1 to 3 for `debug1` to `debug3`.
    pub level: u8,
    /// The cleaned line, at most 300 characters.
    pub text: String,
    /// What it says.
    pub event: Event,
}

impl Logged {
    fn new(number: u64, line: Line, event: Event) -> Self {
        Logged { line: number, level: line.level(), text: cap_owned(line.into_text(), MAX_LINE), event }
    }
}

fn read(raw: &[u8]) -> (Line, Event) {
    let line = Line::clean(raw.get(..MAX_RAW).unwrap_or(raw));
    let event = wording::read(&line);
    if event != Event::Other || line.level() > 0 || line.text().is_empty() {
        return (line, event);
    }
    let mut rest = if wording::may_mean(line.text()) { line.loosened() } else { None };
    for _ in 0..MAX_LOOSENED {
        let Some(inner) = rest else { break };
        let event = wording::read(&inner);
        if event != Event::Other || inner.level() > 0 {
            return (inner, event);
        }
        rest = inner.loosened();
    }
    match around::prompt(line.text()) {
        Some((prompt, command)) => {
            let event = Event::Prompt { prompt: name(prompt), command: name(command) };
            (line, event)
        }
        None => (line, event),
    }
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
        let (line, event) = read(raw);
        Logged::new(self.lines, line, event)
    }

    /// How many lines were read.
    pub fn lines(&self) -> u64 {
        self.lines
    }
}

/// A line, or a part of one, that waits for its turn.
#[derive(Debug)]
struct Piece {
    number: u64,
    raw: Vec<u8>,
    width: usize,
    read: Option<(Line, Event)>,
}

impl Piece {
    fn read(&mut self) -> &(Line, Event) {
        self.read.get_or_insert_with(|| read(&self.raw))
    }

    fn can_go_on(&mut self) -> bool {
        if self.raw.starts_with(b"debug") {
            return false;
        }
        let (line, event) = self.read();
        join::can_go_on(line, event)
    }
}

/// The events of a whole log. Lines that a terminal broke are put together where that is sure; lines on which several
/// things were written are taken apart, under one number.
///
/// # Errors
///
/// Items are errors only where the reader fails; after one the iteration ends.
#[derive(Debug)]
pub struct Events<R> {
    lines: Lines<R>,
    widths: Widths,
    waiting: VecDeque<Piece>,
    buffer: Vec<u8>,
    spare: Vec<Vec<u8>>,
    error: Option<io::Error>,
    done: bool,
}

impl<R: BufRead> Events<R> {
    /// Reads from `reader` to its end. [`Decoded`](super::Decoded) makes a reader of a file in any encoding.
    pub fn new(reader: R) -> Self {
        Events {
            lines: Lines::new(reader),
            widths: Widths::default(),
            waiting: VecDeque::new(),
            buffer: Vec::new(),
            spare: Vec::new(),
            error: None,
            done: false,
        }
    }

    /// Reads lines until so many pieces wait, or the log ends.
    fn fill(&mut self, count: usize) {
        while self.waiting.len() < count && !self.done {
            match self.lines.next(&mut self.buffer) {
                Ok(Some(number)) => {
                    let (waiting, spare) = (&mut self.waiting, &mut self.spare);
                    pieces(&self.buffer, |piece| {
                        let mut raw = spare.pop().unwrap_or_default();
                        raw.clear();
                        raw.extend_from_slice(piece);
                        let width = join::width(&raw);
                        waiting.push_back(Piece { number, raw, width, read: None });
                    });
                }
                Ok(None) => self.done = true,
                Err(error) => {
                    self.error = Some(error);
                    self.done = true;
                }
            }
        }
    }

    fn pop(&mut self) -> Option<Piece> {
        self.fill(1);
        let piece = self.waiting.pop_front()?;
        self.widths.note(piece.width);
        Some(piece)
    }

    fn recycle(&mut self, piece: Piece) {
        if self.spare.len() < AHEAD && piece.raw.capacity() <= 4 * 1024 {
            self.spare.push(piece.raw);
        }
    }

    /// Whether other lines break at this width, and none near is wider.
    fn wraps_at(&mut self, width: usize) -> (bool, bool) {
        self.fill(AHEAD);
        let longest = self.widths.is_longest(width) && self.waiting.iter().all(|piece| piece.width <= width);
        let mut again = self.widths.breaks_at(width);
        let mut at = 0;
        while longest && !again && at + 1 < self.waiting.len().min(AHEAD) {
            again = self.waiting[at].width == width && self.waiting[at + 1].can_go_on();
            at += 1;
        }
        (longest && again, longest)
    }

    /// Puts the rest of a broken line to its beginning.
    fn complete(&mut self, first: &mut Piece) {
        if !join::is_wide(first.width) {
            return;
        }
        self.fill(1);
        if self.waiting.front().is_none_or(|next| next.raw.starts_with(b"debug")) {
            return;
        }
        first.read();
        let Some((line, event)) = &first.read else { return };
        if !join::can_begin(line, event) {
            return;
        }
        if !self.waiting.front_mut().is_some_and(Piece::can_go_on) {
            return;
        }
        let lead = join::lead(&first.raw, line);
        let mut width = first.width;
        for _ in 0..MAX_PARTS {
            if !self.waiting.front_mut().is_some_and(Piece::can_go_on) {
                return;
            }
            let (wraps, longest) = self.wraps_at(width);
            let Some(next) = self.waiting.front() else { return };
            let wraps = wraps && next.width <= width;
            let Some((line, event)) = &first.read else { return };
            let rest = join::rest_of(&next.raw, &lead);
            let (joined, broke_at) = (join::joined(line, event, &rest, wraps, longest), width);
            let Some(whole) = joined.filter(|(line, _)| line.text().len() <= MAX_RAW) else { return };
            self.widths.note_break(broke_at);
            first.read = Some(whole);
            if let Some(next) = self.pop() {
                width = next.width;
                self.recycle(next);
            }
            if width < broke_at.saturating_sub(2) {
                return;
            }
        }
    }
}

impl<R: BufRead> Iterator for Events<R> {
    type Item = io::Result<Logged>;

    fn next(&mut self) -> Option<Self::Item> {
        let Some(mut piece) = self.pop() else { return self.error.take().map(Err) };
        self.complete(&mut piece);
        let (line, event) = piece.read.take().unwrap_or_else(|| read(&piece.raw));
        let logged = Logged::new(piece.number, line, event);
        self.recycle(piece);
        Some(Ok(logged))
    }
}
