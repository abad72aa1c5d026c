//! Markdown paragraphs as lines of a terminal: as much of it as checks are written in.

use textwrap::{Options, WordSeparator, WordSplitter};

use super::safe;

/// One line of a laid-out text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Wrapped text.
    Text(String),
    /// A heading.
    Heading(String),
    /// A line of a code block: never wrapped, so that it can be copied.
    Code(String),
    /// Between paragraphs.
    Blank,
}

/// Wraps one paragraph; only a word longer than a line is ever broken.
pub(super) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .word_separator(WordSeparator::AsciiSpace)
        .word_splitter(WordSplitter::NoHyphenation)
        .break_words(true);
    let text = safe::line(text);
    textwrap::wrap(text.trim(), options).into_iter().map(|line| line.trim_end().to_owned()).collect()
}

/// Lays out Markdown: paragraphs, lists, code blocks, headings; emphasis and link syntax become plain words.
pub(super) fn markdown(text: &str, width: usize) -> Vec<Line> {
    let mut out: Vec<Line> = Vec::new();
    let mut paragraph = Paragraph::default();
    let mut fence = false;
    for raw in text.lines() {
        let line = raw.trim_end();
        let trimmed = line.trim_start();
        if trimmed.starts_with("```") || trimmed.starts_with("~~~") {
            paragraph.end(&mut out, width);
            if !fence {
                gap(&mut out);
            }
            fence = !fence;
            continue;
        }
        if fence {
            out.push(Line::Code(safe::line(line).into_owned()));
        } else if trimmed.is_empty() {
            paragraph.end(&mut out, width);
            gap(&mut out);
        } else if let (true, Some(code)) = (paragraph.text.is_empty(), line.strip_prefix("    ")) {
            out.push(Line::Code(safe::line(code).into_owned()));
        } else if let Some(heading) = heading(trimmed) {
            paragraph.end(&mut out, width);
            gap(&mut out);
            out.extend(wrap(&inline(heading), width, "", "").into_iter().map(Line::Heading));
            gap(&mut out);
        } else if let Some((bullet, item)) = bullet(trimmed) {
            paragraph.end(&mut out, width);
            paragraph = Paragraph { first: bullet, text: item.into() };
        } else {
            if !paragraph.text.is_empty() {
                paragraph.text.push(' ');
            }
            paragraph.text.push_str(trimmed);
        }
    }
    paragraph.end(&mut out, width);
    while out.last() == Some(&Line::Blank) {
        out.pop();
    }
    out
}

#[derive(Default)]
struct Paragraph {
    first: String,
    text: String,
}

impl Paragraph {
    fn end(&mut self, out: &mut Vec<Line>, width: usize) {
        if !self.text.is_empty() {
            let rest = " ".repeat(self.first.chars().count());
            out.extend(wrap(&inline(&self.text), width, &self.first, &rest).into_iter().map(Line::Text));
        }
        *self = Self::default();
    }
}

fn gap(out: &mut Vec<Line>) {
    if out.last().is_some_and(|line| *line != Line::Blank) {
        out.push(Line::Blank);
    }
}

fn heading(line: &str) -> Option<&str> {
    let rest = line.trim_start_matches('#');
    (rest.len() < line.len()).then(|| rest.strip_prefix(' ')).flatten()
}

fn bullet(line: &str) -> Option<(String, &str)> {
    if let Some(item) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some(("- ".into(), item));
    }
    let (number, item) = line.split_once(". ")?;
    (number.len() < 3 && number.bytes().all(|b| b.is_ascii_digit()) && !number.is_empty())
        .then(|| (format!("{number}. "), item))
}

/// `**bold**`, `[words](address)` and `<address>` as plain words; code keeps its backquotes, which say where it ends.
fn inline(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['`', '*', '[', '<']) {
        out.push_str(&rest[..at]);
        let from = &rest[at..];
        let taken = match from.as_bytes()[0] {
            b'`' => from[1..].find('`').map(|end| {
                out.push_str(&from[..end + 2]);
                end + 2
            }),
            b'*' if from.starts_with("**") => Some(2),
            b'*' => emphasis(&out, from).map(|words| {
                out.push_str(words);
                words.len() + 2
            }),
            b'[' => link(from).map(|(words, address, length)| {
                out.push_str(words);
                if words != address {
                    out.push_str(&format!(" ({address})"));
                }
                length
            }),
            b'<' if from[1..].starts_with("http") => from.find('>').map(|end| {
                out.push_str(&from[1..end]);
                end + 1
            }),
            _ => None,
        };
        let taken = taken.unwrap_or_else(|| {
            out.push_str(&from[..1]);
            1
        });
        rest = &from[taken..];
    }
    out.push_str(rest);
    out
}

/// The words of `*words*`; an asterisk beside a blank or inside a word is one of a pattern, such as `*.example.org`.
fn emphasis<'a>(before: &str, from: &'a str) -> Option<&'a str> {
    let end = from[1..].find('*')? + 1;
    let words = &from[1..end];
    let opens = !before.ends_with(|c: char| c.is_alphanumeric() || "*./".contains(c))
        && words.starts_with(char::is_alphanumeric);
    let closes = words.ends_with(char::is_alphanumeric)
        && !from[end + 1..].starts_with(|c: char| c.is_alphanumeric() || c == '*');
    (opens && closes).then_some(words)
}

fn link(from: &str) -> Option<(&str, &str, usize)> {
    let end = from.find("](")?;
    let words = &from[1..end];
    let address = &from[end + 2..];
    let close = address.find(')')?;
    (!words.contains('[') && !address[..close].contains(' ')).then(|| (words, &address[..close], end + 2 + close + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_lines() {
        let text = "# Head\nOne **bold** and\n`code **x**`, see [the page](https://x.org/).\n\n- item one\n  goes on\n- two\n\n```sh\nssh  -p 1\n```\nEnd.";
        let lines: Vec<String> = markdown(text, 40)
            .into_iter()
            .map(|line| match line {
                Line::Text(text) | Line::Heading(text) => text,
                Line::Code(text) => format!("|{text}"),
                Line::Blank => String::new(),
            })
            .collect();
        assert_eq!(
            lines,
            [
                "Head",
                "",
                "One bold and `code **x**`, see the page",
                "(https://x.org/).",
                "",
                "- item one goes on",
                "- two",
                "",
                "|ssh  -p 1",
                "End."
            ]
        );
    }

    #[test]
    fn emphasis_is_words_and_patterns_stay() {
        assert_eq!(inline("the step *Enable SSH*, and *two*."), "the step Enable SSH, and two.");
        for text in ["Host *.circleci.com and *", "2 * 3 * 4", "a*b*c", "* x*", "*"] {
            assert_eq!(inline(text), text);
        }
    }

    #[test]
    fn broken_markdown_is_text() {
        for text in ["[", "`", "**", "<http", "[a](", "[a](b", "* ", "1. ", "```", "#", "[[a](b)"] {
            assert!(markdown(text, 20).len() <= 1, "{text}");
        }
    }
}
