//! Colours and marks. Text is always coloured here; the stream that it is written to drops what the reader must not get.

use owo_colors::Style;

use super::Look;
use crate::findings::Severity;

/// What went well.
pub(super) const GOOD: Style = Style::new().green();
/// What blocks the login.
pub(super) const BAD: Style = Style::new().red().bold();
/// What will bite.
pub(super) const CAUTION: Style = Style::new().yellow().bold();
/// Headings and titles.
pub(super) const STRONG: Style = Style::new().bold();
/// What one may skip.
pub(super) const FAINT: Style = Style::new().dimmed();
/// What is to be pasted.
pub(super) const COMMAND: Style = Style::new().cyan().bold();
/// Nothing special.
pub(super) const PLAIN: Style = Style::new();

/// A mark and its colour.
pub(super) type Mark = (&'static str, Style);

impl Look {
    pub(super) fn status(&self, status: &str) -> Mark {
        match (status, self.unicode) {
            ("ok", true) => ("✓", GOOD),
            ("ok", false) => ("+", GOOD),
            ("failed", true) => ("✗", BAD),
            ("failed", false) => ("x", BAD),
            ("warning", _) => ("!", CAUTION),
            (_, true) => ("–", FAINT),
            (_, false) => ("-", FAINT),
        }
    }

    pub(super) fn severity(&self, severity: Severity) -> Mark {
        match severity {
            Severity::Error => self.status("failed"),
            Severity::Warning => self.status("warning"),
            Severity::Info => ("i", FAINT),
        }
    }

    pub(super) fn arrow(&self) -> &'static str {
        if self.unicode { "→" } else { "->" }
    }

    /// Typographic characters in what plain terminals can show; everything else stays as it is.
    pub(super) fn plain(&self, text: String) -> String {
        if self.unicode || text.is_ascii() {
            return text;
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '\u{2018}' | '\u{2019}' => out.push('\''),
                '\u{201c}' | '\u{201d}' => out.push('"'),
                '\u{2010}'..='\u{2015}' | '\u{2212}' => out.push('-'),
                '…' => out.push_str("..."),
                '→' => out.push_str("->"),
                '×' => out.push('x'),
                '•' | '·' => out.push('*'),
                '\u{a0}' => out.push(' '),
                c => out.push(c),
            }
        }
        out
    }
}
