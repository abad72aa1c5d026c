//! One line made clean: text without control characters, and the level ssh printed it at.

use std::cell::OnceCell;

use super::text;
use super::{around, terminal};

/// A cleaned log line.
///
/// What is taken off: line ends (ssh ends its lines with CR LF), ANSI, CSI and OSC sequences, control and bidirectional
/// characters, NUL bytes, markup and entities of web pages, `> ` quoting, time stamps of syslog, CI systems and IDEs,
/// `ssh.exe : ` of PowerShell, and whatever decoration stands before `debugN: `. What stays is [`Line::text`], fit to be
/// shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    text: String,
    body: usize,
    /// Letters of the function's name, which stands before the message.
    function: usize,
    level: u8,
    pairs: Pairs,
}

impl Line {
    /// Cleans one line; `raw` may hold any bytes, with or without its line end.
    pub fn clean(raw: &[u8]) -> Self {
        Line::of_text(terminal::shown(raw.trim_ascii()))
    }

    /// The same for text that has no sequences any more.
    pub(super) fn of_text(text: String) -> Self {
        let (found, body) = level(&text);
        if found > 0 && !text.ends_with(['`', '}', ' ']) {
            return Line { function: function(&text[body..]), text, body, level: found, pairs: Pairs::default() };
        }
        let whole = text.trim();
        let rest = around::unprefixed(whole);
        let quote = whole[..whole.len() - rest.len()].chars().next_back().filter(|c| "\"'`".contains(*c));
        let rest = quote.map_or(rest, |quote| around::without_quote(rest, quote));
        let rest = without_end(rest);
        let text = if rest.len() == text.len() { text } else { rest.to_owned() };
        let (level, body) = level(&text);
        Line { function: function(&text[body..]), text, body, level, pairs: Pairs::default() }
    }

    /// The line without one more thing that may stand around it; for a line that means nothing as it is.
    pub(super) fn loosened(&self) -> Option<Self> {
        let line = Line::of_text(around::loosened(&self.text)?.to_owned());
        (line.text.len() < self.text.len()).then_some(line)
    }

    /// The whole line as it may be shown, with its `debug1: `.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The same, when nothing else of the line is needed.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    /// The verbosity it was printed at: 0 for messages everybody sees, 1 to 3 for `debug1: ` to `debug3: ` (ssh(1) `-v`).
    pub fn level(&self) -> u8 {
        self.level
    }

    /// The line without its level.
    pub fn body(&self) -> &str {
        self.text.get(self.body..).unwrap_or_default()
    }

    /// The line without its level and without the function that printed it (`debug_f` and friends in OpenSSH's log.h).
    /// Since functions are renamed between versions (`pubkey_prepare`, `get_agent_identities`), match this.
    pub fn message(&self) -> &str {
        let before = if self.function == 0 { 0 } else { self.function + 2 };
        self.body().get(before..).unwrap_or_default()
    }

    /// Where the words stand in the body.
    pub(super) fn find(&self, words: &str) -> Option<usize> {
        text::find(self.body_with(words)?, words)
    }

    /// Whether the words are in the body.
    pub(super) fn has(&self, words: &str) -> bool {
        self.find(words).is_some()
    }

    /// What stands before the words in the body, and what after.
    pub(super) fn cut(&self, words: &str) -> Option<(&str, &str)> {
        text::cut(self.body_with(words)?, words)
    }

    /// The body's text after `start` and before the next `end`.
    pub(super) fn between(&self, start: &str, end: &str) -> Option<&str> {
        text::between(self.body_with(start)?, start, end)
    }

    /// The body's text behind `start`, as [`text::after_prompt`] finds it.
    pub(super) fn after_prompt(&self, start: &str) -> Option<&str> {
        text::after_prompt(self.body_with(start)?, start)
    }

    /// The body, where its letters do not rule out that the words are in it.
    fn body_with(&self, words: &str) -> Option<&str> {
        self.pairs.may_have(self.body(), words).then(|| self.body())
    }

    /// The name of the function that printed the line, where the line says it.
    pub fn function(&self) -> Option<&str> {
        self.body().get(..self.function).filter(|name| !name.is_empty())
    }
}

/// Which pairs of letters stand next to each other in a text, roughly: dozens of sentences are looked for in a line, and
/// nearly all have a pair that it has not.
#[derive(Debug, Clone, Default)]
struct Pairs(OnceCell<[u64; 8]>);

impl Pairs {
    fn may_have(&self, text: &str, words: &str) -> bool {
        let known = self.0.get_or_init(|| {
            let mut known = [0; 8];
            for pair in text.as_bytes().windows(2) {
                let index = index(pair);
                known[index / 64] |= 1 << (index % 64);
            }
            known
        });
        words.as_bytes().windows(2).map(index).all(|index| known[index / 64] >> (index % 64) & 1 == 1)
    }
}

/// Made of the text, so that two of the same text are the same.
impl PartialEq for Pairs {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Pairs {}

fn index(pair: &[u8]) -> usize {
    (usize::from(pair[0]) * 31 + usize::from(pair[1])) % 512
}

/// How many letters the name of a function has that stands before a message; 0 where none does.
fn function(body: &str) -> usize {
    let name = body.bytes().position(|b| !is_letter_of_function(b)).unwrap_or_default();
    if body[name..].starts_with(": ") && body[..name].contains('_') { name } else { 0 }
}

fn is_letter_of_function(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_'
}

/// The line without the mark with which a quotation ends on it.
fn without_end(text: &str) -> &str {
    ["```", "{noformat}", "{code}", "{quote}"]
        .iter()
        .find_map(|mark| text.strip_suffix(mark))
        .unwrap_or(text)
        .trim_end()
}

pub(super) fn level(text: &str) -> (u8, usize) {
    match text.as_bytes() {
        [b'd', b'e', b'b', b'u', b'g', n @ b'1'..=b'3', b':', rest @ ..] => {
            (n - b'0', if rest.first() == Some(&b' ') { 8 } else { 7 })
        }
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_same_line_behind_every_prefix() {
        for raw in [
            "debug1: Connection established.\r\n",
            "    debug1: Connection established.",
            "> debug1: Connection established.",
            "> > debug1: Connection established.",
            "[09:41:20.463] > debug1: Connection established.",
            "2026-11-22T09:41:20.1234567Z debug1: Connection established.",
            "2026-11-22 09:41:20,123 debug1: Connection established.",
            "09:41:20 debug1: Connection established.",
            "#12 3.456 debug1: Connection established.",
            "ssh[4711]: debug1: Connection established.",
            "ssh.exe : debug1: Connection established.",
            "\u{1b}[1;32mdebug1: \u{1b}[0mConnection established.\u{1b}]0;title\u{7}",
            "\u{feff}debug1: Connection\u{202e} established.",
            "Nov 22 09:41:20 build-7 ssh[4711]: debug1: Connection established.",
            "<span>debug1: Connection established.</span><br>",
            "```debug1: Connection established.```",
            "{code}debug1: Connection established.{code}",
            "  12\tdebug1: Connection established.",
            "12: debug1: Connection established.",
            "- debug1: Connection established.",
            "`debug1: Connection established.",
        ] {
            let line = Line::clean(raw.as_bytes());
            assert_eq!(
                (line.text(), line.level(), line.body()),
                ("debug1: Connection established.", 1, "Connection established."),
                "{raw:?}"
            );
        }
    }

    #[test]
    fn reads_utf16_that_nobody_decoded() {
        let mut raw = vec![0xff, 0xfe];
        raw.extend("debug1: Connection established.".encode_utf16().flat_map(u16::to_le_bytes));
        assert_eq!(Line::clean(&raw).body(), "Connection established.");
    }

    #[test]
    fn leaves_addresses_and_names_alone() {
        for raw in [
            "203.0.113.7: Permission denied (publickey).",
            "ana@203.0.113.7: Permission denied (publickey).",
            "[ana@host ~]$ ssh x",
            "12:34 is not a stamp alone",
        ] {
            let line = Line::clean(raw.as_bytes());
            if !raw.starts_with("12") {
                assert_eq!(line.text(), raw);
            }
        }
        assert_eq!(Line::clean(b"server-&gt;client &amp;lt;").text(), "server->client &lt;");
    }

    #[test]
    fn takes_the_function_off() {
        let line = Line::clean(b"debug1: get_agent_identities: agent returned 2 keys");
        assert_eq!((line.function(), line.message()), (Some("get_agent_identities"), "agent returned 2 keys"));
        let line = Line::clean(b"debug1: kex: algorithm: x");
        assert_eq!((line.function(), line.message()), (None, "kex: algorithm: x"));
    }
}
