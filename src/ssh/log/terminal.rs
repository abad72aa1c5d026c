//! What a terminal would show of some bytes, and what a web page's source would: text without sequences and markup.

use super::bytes;
use super::text::is_unprintable;

/// Blanks that one cursor movement stands for, at most.
const MAX_BLANKS: usize = 200;

/// The text, with its blanks on both sides. Windows' terminals write runs of blanks as cursor movements.
pub(super) fn shown(raw: &[u8]) -> String {
    let text = String::from_utf8_lossy(raw);
    if bytes::kinds(raw) & bytes::HIDES == 0 {
        return text.into_owned();
    }
    let mut clean = String::with_capacity(text.len());
    let mut chars = text.trim_start_matches('\u{fffd}').chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => escape(&mut chars, &mut clean),
            '\u{9b}' => control_sequence(&mut chars, &mut clean),
            '\t' | '\u{a0}' => clean.push(' '),
            '\u{8}' => {
                clean.pop();
            }
            c if is_unprintable(c) => {}
            c => clean.push(c),
        }
    }
    let clean = if clean.contains('<') { without_tags(&clean) } else { clean };
    if clean.contains('&') { without_entities(&clean) } else { clean }
}

type Chars<'a> = std::iter::Peekable<std::str::Chars<'a>>;

/// ECMA-48: `ESC [` begins a control sequence, `ESC ]` and its like a string, `ESC (` takes one more letter.
fn escape(chars: &mut Chars<'_>, clean: &mut String) {
    match chars.next() {
        Some('[') => control_sequence(chars, clean),
        Some(']' | 'P' | '^' | '_' | 'X') => skip_string(chars),
        Some(' '..='/') => while chars.next().is_some_and(|c| (' '..='/').contains(&c)) {},
        _ => {}
    }
}

fn control_sequence(chars: &mut Chars<'_>, clean: &mut String) {
    let mut number = 0;
    for c in chars.by_ref() {
        match c {
            '0'..='9' => number = (number * 10 + c as usize - '0' as usize).min(MAX_BLANKS),
            'C' => return clean.extend(std::iter::repeat_n(' ', number.max(1))),
            '@'..='~' => return,
            _ => {}
        }
    }
}

/// Skips an operating system command up to BEL or `ESC \`.
fn skip_string(chars: &mut Chars<'_>) {
    while let Some(c) = chars.next() {
        match c {
            '\u{7}' | '\u{9c}' => return,
            '\u{1b}' => {
                chars.next_if_eq(&'\\');
                return;
            }
            _ => {}
        }
    }
}

/// Elements that pages and chats put around a line of a log. Not `html`: that is what a server says instead of a greeting.
const ELEMENTS: [&str; 20] = [
    "a",
    "b",
    "blockquote",
    "br",
    "code",
    "div",
    "em",
    "font",
    "i",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "samp",
    "span",
    "strong",
    "tt",
    "ul",
];

/// Takes elements off the ends of a line, and out of a line that had some there. `<implicit>` in the middle is ssh's.
fn without_tags(text: &str) -> String {
    let mut rest = text.trim();
    let whole = rest.len();
    while let Some(length) = tag(rest) {
        rest = rest[length..].trim_start();
    }
    while let Some(at) = rest.rfind('<').filter(|at| rest.ends_with('>') && tag(&rest[*at..]) == Some(rest.len() - at))
    {
        rest = rest[..at].trim_end();
    }
    if rest.len() == whole {
        return text.to_owned();
    }
    let mut clean = String::with_capacity(rest.len());
    while let Some(at) = rest.find('<') {
        clean.push_str(&rest[..at]);
        let length = tag(&rest[at..]).unwrap_or_else(|| {
            clean.push('<');
            1
        });
        rest = &rest[at + length..];
    }
    clean + rest
}

/// The length of the tag at the beginning of the text.
pub(super) fn tag(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('<')?;
    let rest = rest.strip_prefix('/').unwrap_or(rest);
    let name = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).len();
    let known = ELEMENTS.iter().any(|element| element.eq_ignore_ascii_case(&rest[..name]));
    let after = rest[name..].chars().next()?;
    let end = rest.find('>')?;
    (known && (after == '>' || after == '/' || after == ' ')).then_some(text.len() - rest.len() + end + 1)
}

/// `&amp;` last, so that nothing is decoded twice.
fn without_entities(text: &str) -> String {
    const ENTITIES: [(&str, &str); 12] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&nbsp;", " "),
        ("&#160;", " "),
        ("&#x2F;", "/"),
        ("&#47;", "/"),
        ("&amp;", "&"),
    ];
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, plain)| text.replace(entity, plain))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_a_terminal_shows() {
        for (raw, text) in [
            ("\u{1b}[1;32mdebug1:\u{1b}[0m x", "debug1: x"),
            ("\u{1b}(B\u{1b}[mdebug1:\u{1b}[1Cx\u{1b}[3Cy", "debug1: x   y"),
            ("\u{1b}]0;title\u{7}a\u{1b}]8;;http://x\u{1b}\\b\u{1b}Pq\u{1b}\\c", "abc"),
            ("lss\u{8} -l", "ls -l"),
            ("\u{9b}31mred", "red"),
            ("a\u{202e}b\u{0}c\u{7}", "abc"),
            ("a\u{1b}[99999999999999C", &format!("a{}", " ".repeat(200))),
        ] {
            assert_eq!(shown(raw.as_bytes()), text, "{raw:?}");
        }
    }

    #[test]
    fn markup_is_not_text() {
        for (raw, text) in [
            ("<span class=\"line\">debug1: <span>x</span></span><br/>", "debug1: x"),
            ("<p>ana@h: Permission denied (publickey).</p>", "ana@h: Permission denied (publickey)."),
            ("debug1: server-&gt;client &amp;lt;&nbsp;&quot;x&quot;<br>", "debug1: server->client &lt; \"x\""),
            ("debug1: kex: MAC: <implicit> compression: none", "debug1: kex: MAC: <implicit> compression: none"),
            ("debug1: banner line 3: <html>", "debug1: banner line 3: <html>"),
            ("server-sig-algs=<ssh-ed25519,rsa-sha2-256>", "server-sig-algs=<ssh-ed25519,rsa-sha2-256>"),
            ("<a@h: denied", "<a@h: denied"),
        ] {
            assert_eq!(shown(raw.as_bytes()).trim(), text);
        }
    }
}
