//! Lines on a page: wrapped, made safe, coloured.

use owo_colors::{OwoColorize as _, Style};
use textwrap::core::display_width;

use crate::report::{
    Look,
    prose::{self, Line},
    safe,
    style::{CAUTION, COMMAND, FAINT, Mark, PLAIN, STRONG},
};

/// Indent of what is to be copied. One fixed indent, so that a column of it can be selected.
const COPY: &str = "    ";
/// Narrower than this, columns stand below each other.
const NARROW: usize = 56;

/// A page that is being written.
pub(in crate::report) struct Page {
    out: String,
    look: Look,
}

impl Page {
    pub(in crate::report) fn new(look: Look) -> Self {
        Self { out: String::new(), look }
    }

    pub(in crate::report) fn look(&self) -> Look {
        self.look
    }

    /// What stands before a stage's name: its mark, indented where there is room.
    pub(in crate::report) fn lead(&self, mark: &str) -> String {
        format!("{}{mark} ", if self.look.columns() < NARROW { "" } else { "  " })
    }

    /// The text, without empty lines at its ends.
    pub(in crate::report) fn finish(mut self) -> String {
        self.out.truncate(self.out.trim_end_matches('\n').len());
        self.out.push('\n');
        self.out
    }

    /// An empty line, unless there is one already.
    pub(in crate::report) fn blank(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A wrapped paragraph.
    pub(in crate::report) fn paragraph(&mut self, style: Style, text: &str, first: &str, rest: &str) {
        for line in prose::wrap(&self.look.plain(text.into()), self.look.columns(), first, rest) {
            self.styled(style, &line);
        }
    }

    /// Markdown, indented.
    pub(in crate::report) fn markdown(&mut self, text: &str, indent: &str) {
        let width = self.look.columns().saturating_sub(indent.len()).max(10);
        for line in prose::markdown(&self.look.plain(text.into()), width) {
            match line {
                Line::Text(text) => self.styled(PLAIN, &format!("{indent}{text}")),
                Line::Heading(text) => self.styled(STRONG, &format!("{indent}{text}")),
                Line::Code(text) => self.styled(FAINT, format!("{COPY}{text}").trim_end()),
                Line::Blank => self.blank(),
            }
        }
    }

    /// A mark, a name, and words beside it; below it where there is no room.
    pub(in crate::report) fn row(&mut self, mark: Mark, name: &str, name_width: usize, words: &str, style: Style) {
        let (sign, colour) = mark;
        let words = self.look.plain(words.into());
        let narrow = self.look.columns() < NARROW;
        let indent = if narrow { 2 } else { 2 + 2 + name_width + 2 };
        let lead = if narrow { "" } else { "  " };
        let head = if narrow { name.to_owned() } else { format!("{name:name_width$}") };
        let mut lines = prose::wrap(&words, self.look.columns(), &" ".repeat(indent), &" ".repeat(indent)).into_iter();
        let beside = if narrow { None } else { lines.next() };
        let beside = beside.unwrap_or_default();
        let beside = beside.trim_start();
        let line = format!("{lead}{} {head}", sign.style(colour));
        match beside {
            "" => self.raw(&format!("{lead}{} {}", sign.style(colour), head.trim_end())),
            words => self.raw(&format!("{line}  {}", words.style(style))),
        }
        for line in lines {
            self.styled(style, &line);
        }
    }

    /// A mark and words, as an item of a list; and a faint note at the line's end, or below where there is no room.
    pub(in crate::report) fn item(&mut self, mark: Mark, words: &str, note: &str) {
        let (sign, colour) = mark;
        let mut lines = prose::wrap(&self.look.plain(words.into()), self.look.columns(), COPY, COPY);
        let last = lines.pop().unwrap_or_default();
        let beside = display_width(&last) + 2 + display_width(note) <= self.look.columns() && lines.is_empty();
        let mut mark = Some(format!("  {} ", sign.style(colour)));
        for line in lines.iter().chain([&last]) {
            let text = line.trim_start();
            let head = mark.take().unwrap_or_else(|| COPY.into());
            match note {
                note if beside && !note.is_empty() => self.raw(&format!("{head}{text}  {}", note.style(FAINT))),
                _ => self.raw(&format!("{head}{text}")),
            }
        }
        if !beside {
            self.paragraph(FAINT, note, "      ", "      ");
        }
    }

    /// A source and its words: beside each other where there is room, else below each other.
    pub(in crate::report) fn quote(&mut self, source: &str, words: &str) {
        let (source, words) = (safe::line(source), safe::line(words));
        let (source, words) = (source.trim(), words.trim());
        let columns = COPY.len() + display_width(source) + 2 + display_width(words);
        if columns <= self.look.columns() {
            self.raw(&format!("{COPY}{}  {words}", source.style(FAINT)));
        } else {
            self.paragraph(FAINT, source, COPY, COPY);
            self.paragraph(PLAIN, words, "      ", "        ");
        }
    }

    /// A command, alone on its line and never wrapped.
    pub(in crate::report) fn command(&mut self, command: &str) {
        for line in command.lines() {
            self.raw(&format!("{COPY}{}", safe::line(line).style(COMMAND)));
        }
        if !safe::is_faithful(command) {
            let note = "It holds characters that a terminal cannot show; take it from --format json.";
            self.paragraph(CAUTION, note, COPY, COPY);
        }
    }

    /// A line of its own colour.
    pub(in crate::report) fn styled(&mut self, style: Style, line: &str) {
        let text = line.trim_start();
        let indent = &line[..line.len() - text.len()];
        if style == PLAIN || text.is_empty() {
            self.raw(line.trim_end());
        } else {
            self.raw(&format!("{indent}{}", text.style(style)));
        }
    }

    fn raw(&mut self, line: &str) {
        self.out.push_str(line);
        self.out.push('\n');
    }
}
