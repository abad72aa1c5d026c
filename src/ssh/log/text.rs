//! Small readers of text that the matchers share. All results are bounded: logs are written by strangers.

/// Characters kept of a decisive line.
pub(super) const MAX_LINE: usize = 300;
/// Characters kept of a path, host name, comment or command.
pub(super) const MAX_NAME: usize = 400;
/// Items kept of a comma-separated list.
const MAX_ITEMS: usize = 64;

/// At most `max` characters, with `…` where something was cut off.
pub(super) fn cap(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}

/// The same for a text that is not needed otherwise.
pub(super) fn cap_owned(text: String, max: usize) -> String {
    if text.len() <= max { text } else { cap(&text, max) }
}

/// A name from a log line: vis(3) escapes undone, no control characters, bounded.
pub(super) fn name(text: &str) -> String {
    cap(unvis(text.trim()).trim(), MAX_NAME)
}

/// The items of an algorithm or method list.
pub(super) fn list(text: &str) -> Vec<String> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.take(MAX_ITEMS).map(|item| cap(item, 100)).collect()
}

/// Where the words stand. Lines are short and matchers many, so that preparing a search costs more than searching.
pub(super) fn find(text: &str, words: &str) -> Option<usize> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    let (first, last) = (*words.first()?, *words.last()?);
    let starts = text.get(..=text.len().checked_sub(words.len())?)?;
    let mut at = 0;
    loop {
        at += starts.get(at..)?.iter().position(|byte| *byte == first)?;
        let end = at + words.len();
        // Comparing both ends spares nearly every call of memcmp(3).
        if text[end - 1] == last && text[at..end] == *words {
            return Some(at);
        }
        at += 1;
    }
}

/// Whether the text begins with one of these. Most differ in their first letter already.
pub(super) fn begins_with_any(text: &str, starts: &[&str]) -> bool {
    let first = text.as_bytes().first();
    first.is_some() && starts.iter().any(|start| start.as_bytes().first() == first && text.starts_with(start))
}

/// Whether the words are in the text.
pub(super) fn has(text: &str, words: &str) -> bool {
    find(text, words).is_some()
}

/// What stands before the words, and what after.
pub(super) fn cut<'a>(text: &'a str, words: &str) -> Option<(&'a str, &'a str)> {
    let at = find(text, words)?;
    Some((&text[..at], &text[at + words.len()..]))
}

/// The text after `start` and before the next `end`.
pub(super) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = cut(text, start)?.1;
    Some(cut(rest, end)?.0)
}

/// The text behind `start`, which stands at the beginning or behind a prompt: a remote shell's stays on the line on which ssh
/// reports the end.
pub(super) fn after_prompt<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let (before, rest) = cut(text, start)?;
    (before.is_empty() || before.trim_end().ends_with(['$', '#', '%', '>', '❯'])).then_some(rest)
}

/// The text between the first and the last `"`.
pub(super) fn quoted(text: &str) -> Option<&str> {
    let rest = text.split_once('"')?.1;
    Some(rest.rsplit_once('"')?.0)
}

/// `prefix` taken off, whatever its case.
pub(super) fn strip_ci<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let head = text.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix).then(|| &text[prefix.len()..])
}

/// `HOST port PORT` followed by anything: the last word before ` port `, the number, and the rest.
/// OpenSSH puts `user NAME` before some addresses (packet.c, `ssh_remote_ipaddr` and its callers).
pub fn host_port(text: &str) -> Option<(&str, u16, &str)> {
    let (before, after) = cut(text, " port ")?;
    let host = before.rsplit(' ').next().filter(|host| !host.is_empty())?;
    let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
    Some((host, after[..end].parse().ok()?, &after[end..]))
}

/// Undoes vis(3) as ssh's log.c applies it (`VIS_SAFE|VIS_OCTAL`): `\\` is a backslash, `\303\251` two bytes of UTF-8.
/// So `C:\\Users\\u/.ssh/id_rsa` in a log of Windows' ssh is the path one backslash shorter.
pub(super) fn unvis(text: &str) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let bytes = text.as_bytes();
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at..] {
            [b'\\', b'\\', ..] => {
                plain.push(b'\\');
                at += 2;
            }
            [b'\\', a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..] => {
                plain.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                at += 4;
            }
            _ => {
                plain.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&plain).chars().filter(|c| !is_unprintable(*c)).collect()
}

/// Control characters, and those that reorder or hide text (bidirectional overrides, zero-width, BOM).
pub(super) fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caps_at_characters_not_bytes() {
        assert_eq!(cap("ééé", 3), "ééé");
        assert_eq!(cap("éééé", 3), "ééé…");
    }

    #[test]
    fn finds_words() {
        for (text, words) in
            [("abcabd", "abd"), ("aab", "ab"), ("x", "x"), ("x", "xy"), ("", "x"), ("éa", "a"), ("ab", "c")]
        {
            assert_eq!(find(text, words), text.find(words), "{text} {words}");
        }
        assert_eq!(cut("a: b: c", ": "), Some(("a", "b: c")));
        assert_eq!(between("a <b> c>", "<", ">"), Some("b"));
    }

    #[test]
    fn undoes_vis() {
        assert_eq!(unvis(r"C:\\Users\\u/.ssh/id_rsa"), r"C:\Users\u/.ssh/id_rsa");
        assert_eq!(unvis(r"/home/ren\303\251/.ssh"), "/home/rené/.ssh");
        assert_eq!(unvis(r"\342\200\223p"), "–p");
        assert_eq!(unvis(r"evil\033[2J\007"), "evil[2J");
        assert_eq!(unvis(r"tail\"), r"tail\");
    }

    #[test]
    fn reads_host_and_port() {
        assert_eq!(host_port("203.0.113.7 port 64535: x"), Some(("203.0.113.7", 64535, ": x")));
        assert_eq!(host_port("user ana 2001:db8::1 port 22"), Some(("2001:db8::1", 22, "")));
        assert_eq!(host_port("x port 99999"), None);
        assert_eq!(host_port("nothing"), None);
    }
}
