//! One line made clean: text without control characters, and the level ssh printed it at.

use super::text::is_unprintable;

/// A cleaned log line.
///
/// What is taken off: line ends (ssh ends its lines with CR LF), ANSI, CSI and OSC sequences, control and bidirectional
/// characters, NUL bytes (PowerShell redirects to UTF-16), `> ` quoting, time stamps of CI systems and IDEs, and
/// `ssh.exe : ` of PowerShell. What stays is [`Line::text`], fit to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    text: String,
    body: usize,
    level: u8,
}

impl Line {
    /// Cleans one line; `raw` may hold any bytes, with or without its line end.
    pub fn clean(raw: &[u8]) -> Self {
        let text = printable(raw);
        let start = text.len() - unprefixed(&text).len();
        let text = if start == 0 { text } else { text[start..].to_owned() };
        let (level, body) = level(&text);
        Line { text, body, level }
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
        self.split_function().1
    }

    /// The name of the function that printed the line, where the line says it.
    pub fn function(&self) -> Option<&str> {
        self.split_function().0
    }

    fn split_function(&self) -> (Option<&str>, &str) {
        let body = self.body();
        match body.split_once(": ") {
            Some((name, message)) if is_function(name) => (Some(name), message),
            _ => (None, body),
        }
    }
}

fn is_function(name: &str) -> bool {
    name.contains('_') && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}

fn level(text: &str) -> (u8, usize) {
    match text.as_bytes() {
        [b'd', b'e', b'b', b'u', b'g', n @ b'1'..=b'3', b':', rest @ ..] => {
            (n - b'0', if rest.first() == Some(&b' ') { 8 } else { 7 })
        }
        _ => (0, 0),
    }
}

fn printable(raw: &[u8]) -> String {
    let raw = raw.trim_ascii();
    if raw.iter().all(|b| matches!(b, b' '..=b'~')) && !raw.contains(&b'&') {
        return String::from_utf8_lossy(raw).into_owned();
    }
    let lossy = String::from_utf8_lossy(raw);
    let mut clean = String::with_capacity(lossy.len());
    let mut chars = lossy.trim_start_matches('\u{fffd}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => match chars.next() {
                Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
                Some(']' | 'P' | '^' | '_') => skip_string(&mut chars),
                _ => {}
            },
            '\t' => clean.push(' '),
            c if is_unprintable(c) => {}
            c => clean.push(c),
        }
    }
    let clean = if clean.contains('&') { without_entities(&clean) } else { clean };
    clean.trim().to_owned()
}

/// Skips an operating system command (`ESC ] …`) up to BEL or `ESC \`.
fn skip_string(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{7}' => return,
            '\u{1b}' => {
                chars.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Text copied out of a web page's source. `&amp;` last, so that nothing is decoded twice.
fn without_entities(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

/// The line without what other programs put in front of it.
fn unprefixed(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..6 {
        let next = one_prefix(rest).trim_start();
        if next.len() == rest.len() {
            break;
        }
        rest = next;
    }
    rest
}

fn one_prefix(text: &str) -> &str {
    for quote in ["> ", "| ", "│ ", "ssh : ", "ssh.exe : "] {
        if let Some(rest) = text.strip_prefix(quote) {
            return rest;
        }
    }
    if let Some(rest) = text.strip_prefix('>').filter(|rest| rest.starts_with("debug") || rest.starts_with('>')) {
        return rest;
    }
    // `[09:41:20.463] > debug1: …` of an IDE, `[41234] debug1: …` of a supervisor.
    if let Some((stamp, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once("] "))
        && !stamp.is_empty()
        && stamp.bytes().all(is_stamp_byte)
        && stamp.bytes().any(|b| b.is_ascii_digit())
    {
        return rest;
    }
    if let Some((word, rest)) = text.split_once(' ')
        && (is_time(word) || is_process(word))
    {
        return rest;
    }
    before_level(text)
}

/// Whatever numbers stand before `debugN: ` (`#12 3.456 debug1: …` of a container build).
fn before_level(text: &str) -> &str {
    match text.find("debug") {
        Some(at @ 1..=48) if level(&text[at..]).0 > 0 && text.as_bytes()[..at].iter().all(|b| is_stamp_byte(*b)) => {
            &text[at..]
        }
        _ => text,
    }
}

fn is_stamp_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || b" :.,-+/TZ#[]()>|".contains(&byte)
}

/// A date, a time, or both in one word: `2026-11-22`, `09:41:20.463`, `2026-11-22T09:41:20.1234567Z`.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    let clock = |at: usize| digits(at..at + 2) && bytes.get(at + 2) == Some(&b':') && digits(at + 3..at + 5);
    let date =
        digits(0..4) && bytes.get(4) == Some(&b'-') && digits(5..7) && bytes.get(7) == Some(&b'-') && digits(8..10);
    let whole = bytes.iter().all(|b| is_stamp_byte(*b));
    whole && ((date && (bytes.len() == 10 || clock(11))) || (clock(0) && bytes.get(5).is_none_or(|b| *b == b':')))
}

/// `ssh[4711]:` as syslog writes it (ssh(1) `-y`).
fn is_process(word: &str) -> bool {
    let pid = word.strip_prefix("ssh[").and_then(|rest| rest.strip_suffix("]:"));
    pid.is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
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
    fn reads_utf16_of_powershell() {
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
