//! What the user sees and types: standard input and outputs, the terminal's width, colours, and the progress line.

use std::{
    io::{self, Read, Write},
    sync::Mutex,
};

use anstream::adapter::strip_str;
use textwrap::{Options, WordSeparator, WordSplitter};

use super::Colour;
use crate::{
    doctor::Progress,
    report::{Look, safe},
    system::{Platform, System},
};

/// Columns where there is no terminal to ask: what mail, issues and CI logs show without breaking lines.
const COLUMNS: usize = 80;

/// Longest answer to a question, in bytes.
const ANSWER: usize = 100;

/// The three standard streams, and what is known about the terminal behind them.
pub struct Console<'a> {
    /// Standard input.
    pub input: &'a mut dyn Read,
    /// Standard output.
    pub output: &'a mut dyn Write,
    /// Standard error.
    pub errors: &'a mut (dyn Write + Send),
    /// Standard input is a terminal.
    pub input_is_terminal: bool,
    /// Whether to colour the two outputs, when `--color` leaves it open: `NO_COLOR`, `CLICOLOR_FORCE` and whether they
    /// are terminals decide it.
    pub colours: [bool; 2],
    /// Columns of the terminal behind standard output, where there is one.
    pub columns: Option<usize>,
    /// Columns of the terminal behind standard error, where there is one.
    pub error_columns: Option<usize>,
}

impl Console<'_> {
    /// Follows `--color`.
    pub(super) fn colour(&mut self, colour: Colour) {
        match colour {
            Colour::Auto => {}
            Colour::Always => self.colours = [true; 2],
            Colour::Never => self.colours = [false; 2],
        }
    }

    /// Writes coloured text to standard output.
    pub(super) fn print(&mut self, text: &str) -> io::Result<()> {
        put(self.output, text, self.colours[0])
    }

    /// Writes coloured text to standard error.
    pub(super) fn print_error(&mut self, text: &str) -> io::Result<()> {
        put(self.errors, text, self.colours[1])
    }

    /// One sentence about what went wrong: wrapped on a terminal, one line for everything else.
    pub(super) fn complain(&mut self, sentence: &str) -> io::Result<()> {
        let label = "error: ";
        let text = format!("{label}{}", safe::line(sentence));
        let text = match self.error_columns {
            Some(columns) => textwrap::fill(&text, wrapping(columns)),
            None => text,
        };
        let rest = text.strip_prefix(label).unwrap_or(&text);
        self.print_error(&format!("\u{1b}[1;31merror:\u{1b}[0m {rest}\n"))
    }

    /// Text of the user on standard input, at most `cap` MiB; bytes that are no UTF-8 become replacement characters.
    pub(super) fn read(&mut self, what: &'static str, cap: usize) -> Result<String, super::Failure> {
        let limit = cap << 20;
        let mut bytes = Vec::new();
        (&mut *self.input).take(limit as u64 + 1).read_to_end(&mut bytes)?;
        if bytes.len() > limit {
            return Err(super::Failure::TooLong(what, cap));
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// One line of the user on standard input, as an answer to a question: a short one.
    pub(super) fn line(&mut self) -> io::Result<String> {
        let mut bytes = Vec::new();
        let mut byte = [0];
        // Byte by byte, so that what follows the line stays where it is.
        while bytes.len() < ANSWER && self.input.read(&mut byte)? == 1 && byte != *b"\n" {
            bytes.extend(byte);
        }
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// How text is to look here.
    pub(super) fn look(&self, system: &dyn System, verbose: bool) -> Look {
        Look { width: self.columns.unwrap_or(COLUMNS), unicode: unicode(system), verbose }
    }

    /// The same for text on standard error.
    pub(super) fn look_of_errors(&self, system: &dyn System) -> Look {
        Look { width: self.error_columns.unwrap_or(COLUMNS), unicode: unicode(system), verbose: false }
    }

    /// A line on standard error that says what is being done; nothing where there is no terminal.
    pub(super) fn progress(&mut self) -> Line<'_> {
        Line { columns: self.error_columns, out: Mutex::new(&mut *self.errors) }
    }
}

/// Words stay whole, so that they can be copied.
fn wrapping(columns: usize) -> Options<'static> {
    Options::new(columns.clamp(20, 100))
        .subsequent_indent("  ")
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(false)
}

fn put(out: &mut dyn Write, text: &str, colours: bool) -> io::Result<()> {
    if colours {
        out.write_all(text.as_bytes())?
    } else {
        write!(out, "{}", strip_str(text))?
    }
    out.flush()
}

/// Whether the locale is one of UTF-8, as setlocale(3) looks for it; Windows' consoles are.
fn unicode(system: &dyn System) -> bool {
    let locale =
        ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|name| system.env(name).filter(|value| !value.is_empty()));
    match locale {
        Some(locale) => {
            let locale = locale.to_string_lossy().to_ascii_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => system.platform() == Platform::Windows,
    }
}

/// The progress line.
pub(super) struct Line<'a> {
    columns: Option<usize>,
    out: Mutex<&'a mut (dyn Write + Send)>,
}

impl Line<'_> {
    fn show(&self, what: &str) {
        let Some(columns) = self.columns else { return };
        let what: String = safe::line(what).chars().take(columns.saturating_sub(3)).collect();
        let dots = if what.is_empty() { "" } else { " …" };
        // Progress is a courtesy: a terminal that does not take it, or a poisoned lock, changes nothing.
        if let Ok(mut out) = self.out.lock() {
            let _ = write!(out, "\r\u{1b}[K{what}{dots}").and_then(|()| out.flush());
        }
    }
}

impl Progress for Line<'_> {
    fn step(&self, what: &str) {
        self.show(what);
    }

    fn done(&self) {
        self.show("");
    }
}

impl Drop for Line<'_> {
    fn drop(&mut self) {
        self.show("");
    }
}
