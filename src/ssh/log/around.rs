//! What others put around a line: quoting, time stamps, line numbers, prompts. Some of it can be told at once; some only
//! because what is left is a line of ssh.

use super::line::level;
use super::text::{cut, find};

/// The line without what other programs put in front of it, and nobody else does.
pub(super) fn unprefixed(text: &str) -> &str {
    let mut rest = text;
    for _ in 0..8 {
        let next = one_prefix(rest).trim_start();
        if next.len() == rest.len() {
            break;
        }
        rest = next;
    }
    rest
}

/// The line without one thing that may stand around it by chance too; for lines that mean nothing as they are.
pub(super) fn loosened(text: &str) -> Option<&str> {
    let rest = in_quotes(text)
        .or_else(|| after_bullet(text))
        .or_else(|| after_number(text))
        .or_else(|| after_question(text))
        .or_else(|| after_prompt(text))
        .or_else(|| after_column(text))
        .or_else(|| after_label(text))?
        .trim();
    (!rest.is_empty() && rest.len() < text.len()).then_some(rest)
}

fn one_prefix(text: &str) -> &str {
    if text.starts_with(['>', '|', '│', '┃', '{', '`']) {
        for quote in ["> ", "| ", "│ ", "┃ ", "{noformat}", "{quote}", "{code}", "```"] {
            if let Some(rest) = text.strip_prefix(quote) {
                return rest;
            }
        }
    }
    if let Some(rest) = text.strip_prefix('>').filter(|rest| rest.starts_with("debug") || rest.starts_with('>')) {
        return rest;
    }
    if let Some(rest) = after_powershell(text).or_else(|| after_bracket(text)).or_else(|| after_syslog(text)) {
        return rest;
    }
    if let Some((word, rest)) = text.split_once(' ')
        && (is_time(word) || is_process(word) || is_stream(word))
    {
        return rest;
    }
    before_level(text)
}

/// `ssh.exe : ` before the first line that a program wrote to stderr.
fn after_powershell(text: &str) -> Option<&str> {
    let (word, rest) = cut(text, " : ")?;
    let name = word.rsplit(['\\', '/']).next().unwrap_or(word);
    (matches!(name, "ssh" | "ssh.exe" | "git" | "git.exe" | "scp" | "scp.exe") && !word.contains(' ')
        || (word.len() < 80 && word.ends_with("\\ssh.exe")))
    .then_some(rest)
    // `ssh : The term 'ssh' is not recognized …` is PowerShell's own.
    .filter(|rest| !rest.contains("'ssh'"))
}

/// `[09:41:20.463] > debug1: …` of an IDE, `[41234] debug1: …` of a supervisor, `[ 123.45] …` of a boot log.
fn after_bracket(text: &str) -> Option<&str> {
    let (stamp, rest) = text.strip_prefix('[')?.split_once("] ")?;
    let stamp = stamp.trim();
    (!stamp.is_empty() && stamp.bytes().all(is_stamp_byte) && stamp.bytes().any(|b| b.is_ascii_digit())).then_some(rest)
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// `Nov 22 09:41:20 host ssh[4711]: `, the host and the program being optional.
fn after_syslog(text: &str) -> Option<&str> {
    let (mut word, mut rest) = next_word(text)?;
    if DAYS.contains(&word.trim_end_matches(',')) {
        (word, rest) = next_word(rest)?;
    }
    if !MONTHS.contains(&word) {
        return after_host(text);
    }
    let (day, after_day) = next_word(rest)?;
    let (time, rest) = next_word(after_day)?;
    let is_day = day.parse::<u8>().is_ok_and(|day| (1..=31).contains(&day));
    (is_day && is_time(time)).then_some(after_host(rest).unwrap_or(rest))
}

/// `host ssh[4711]: `.
fn after_host(text: &str) -> Option<&str> {
    let (host, rest) = next_word(text)?;
    let (process, rest) = next_word(rest)?;
    let name = |b: u8| b.is_ascii_alphanumeric() || b"._-".contains(&b);
    (host.bytes().all(name) && is_process(process)).then_some(rest)
}

fn next_word(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once(' ')?;
    Some((word, rest.trim_start()))
}

/// Whatever decoration stands before `debugN: `: numbers (`#12 3.456 debug1: …` of a container build), a label
/// (`remote: debug1: …`), a prompt. Somebody's sentence about a line is none.
fn before_level(text: &str) -> &str {
    let Some(at) = find(text, "debug").filter(|at| (1..=100).contains(at) && level(&text[*at..]).0 > 0) else {
        return text;
    };
    let before = &text[..at];
    if before.bytes().all(is_stamp_byte) || before.ends_with(['"', '\'', '`']) && before.len() <= 3 {
        return &text[at..];
    }
    let closed =
        before.trim_end().ends_with([':', ']', '|', '>', '$', '%', '#', ')', '*', '-', '+', '•', '·', '»', '❯']);
    let prose = before.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic)).count();
    if closed && prose <= 1 { &text[at..] } else { text }
}

fn is_stamp_byte(byte: u8) -> bool {
    byte.is_ascii_digit() || b" :.,-+/TZ#[]()>|".contains(&byte)
}

/// A date, a time, or both in one word: `2026-11-22`, `09:41:20.463`, `2026-11-22T09:41:20.1234567Z`, `2026/11/22`.
fn is_time(word: &str) -> bool {
    let bytes = word.as_bytes();
    let digits = |range: std::ops::Range<usize>| bytes.get(range).is_some_and(|b| b.iter().all(u8::is_ascii_digit));
    let clock = |at: usize| digits(at..at + 2) && bytes.get(at + 2) == Some(&b':') && digits(at + 3..at + 5);
    let dash = |at: usize| matches!(bytes.get(at), Some(b'-' | b'/'));
    let date = digits(0..4) && dash(4) && digits(5..7) && dash(7) && digits(8..10);
    let whole = bytes.iter().all(|b| is_stamp_byte(*b));
    whole && ((date && (bytes.len() == 10 || clock(11))) || (clock(0) && bytes.get(5).is_none_or(|b| *b == b':')))
}

/// `ssh[4711]:` as syslog writes it (ssh(1) `-y`). Not `sshd[4711]:`: what a server says of its clients is not their log.
fn is_process(word: &str) -> bool {
    let Some((name, pid)) = word.strip_suffix("]:").and_then(|word| word.split_once('[')) else { return false };
    let name = name.rsplit('/').next().unwrap_or(name);
    matches!(name, "ssh" | "autossh" | "scp" | "sftp" | "git")
        && !pid.is_empty()
        && pid.bytes().all(|b| b.is_ascii_digit())
}

/// `00O`, `01E+`: which stream of a build's step a line came from.
fn is_stream(word: &str) -> bool {
    matches!(word.as_bytes(), [a, b, b'O' | b'E'] | [a, b, b'O' | b'E', b'+'] if a.is_ascii_digit() && b.is_ascii_digit())
}

/// `"…",`, `` `…` ``, `*…*`: a string of a program, code in a chat.
fn in_quotes(text: &str) -> Option<&str> {
    let first = text.chars().next().filter(|c| matches!(c, '"' | '\'' | '`' | '*' | '_' | '~'))?;
    Some(without_quote(text.trim_start_matches(first), first))
}

/// The text without the end of a string that begins before it.
pub(super) fn without_quote(text: &str, quote: char) -> &str {
    text.trim_end_matches(',').trim_end_matches(quote).trim_end_matches("\\n").trim_end_matches("\\r")
}

fn after_bullet(text: &str) -> Option<&str> {
    ["- ", "* ", "+ ", "• ", "· ", "– ", "-", "+"].iter().find_map(|bullet| text.strip_prefix(bullet))
}

/// `12: `, `12 | `, `12. `, `12) `, `12 `: a number of a line. An address goes on after its first dot.
fn after_number(text: &str) -> Option<&str> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    if !(1..=7).contains(&digits) {
        return None;
    }
    let rest = text[digits..].trim_start_matches(' ');
    let mark =
        [": ", ":", "| ", "|", "│", "\u{2502}", ". ", ") ", "- "].iter().find_map(|mark| rest.strip_prefix(mark));
    mark.or_else(|| text[digits..].starts_with(' ').then_some(rest))
}

/// What a terminal shows behind a question, because nobody's answer ended the line.
pub(super) fn after_question(text: &str) -> Option<&str> {
    let end = |mark: &str| find(text, mark).map(|at| at + mark.len());
    let end = end("'s password:")
        .or_else(|| find(text, "Enter passphrase for key '").and_then(|at| Some(at + text[at..].find("':")? + 2)))
        .or_else(|| end("(yes/no/[fingerprint])?"))
        .or_else(|| end("(yes/no)?"))
        .or_else(|| text.starts_with("Enter PIN for ").then(|| end(": ")).flatten())?;
    let rest = text[end..].trim_start();
    let rest = rest.strip_prefix("yes").or_else(|| rest.strip_prefix("no ")).unwrap_or(rest).trim_start();
    (!rest.is_empty()).then_some(rest)
}

/// What stands behind a shell's prompt: a command somebody typed, or a line that came while nobody did.
pub(super) fn after_prompt(text: &str) -> Option<&str> {
    prompt(text).map(|(_, rest)| rest).filter(|rest| !rest.is_empty())
}

/// The prompt's own words, and what follows: `ana@home:~$ `, `[ana@home ~]# `, `ana@mac ~ % `, `PS C:\> `, `C:\Users\ana>`.
pub(super) fn prompt(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let windows = text.strip_prefix("PS ").unwrap_or(text).as_bytes();
    if let [drive, b':', b'\\', ..] = windows
        && drive.is_ascii_alphabetic()
    {
        let end = text.find('>').filter(|end| *end <= 120)?;
        return Some((&text[..end], text[end + 1..].trim_start()));
    }
    let end = (0..bytes.len().min(120)).find(|at| {
        matches!(bytes[*at], b'$' | b'%' | b'#' | b'>') && bytes.get(at + 1).is_none_or(|next| *next == b' ')
    })?;
    let before = text[..end].trim_end();
    let rest = text[end + 1..].trim_start();
    let names =
        before.contains('@') || before.contains('~') || before.ends_with(']') || before.is_empty() || before == "/";
    let plain =
        before.split(' ').count() <= 4 && !before.contains(['"', '\'', '(', '<', '>']) && !before.contains(": ");
    (names && plain).then_some((before, rest))
}

/// `service-1  | …`, a table's cell.
fn after_column(text: &str) -> Option<&str> {
    let (name, rest) = text.split_once('|')?;
    let name = name.trim();
    (name.len() <= 40 && !name.contains(' ')).then_some(rest.trim().trim_end_matches('|'))
}

/// `remote: `, `stderr: `, `null_resource.key (local-exec): `.
fn after_label(text: &str) -> Option<&str> {
    let (label, rest) = cut(text, ": ")?;
    let known = ["remote", "stderr", "stdout", "output", "error", "err", "message", "msg", "ssh"];
    let program = label.len() <= 60 && (label.ends_with(" (local-exec)") || label.ends_with(" (remote-exec)"));
    (program || known.iter().any(|known| known.eq_ignore_ascii_case(label))).then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_and_quotes_go() {
        for text in [
            "> > x y",
            "Nov 22 09:41:20 build-7 ssh[4711]: x y",
            "Nov  2 09:41:20 ssh[4711]: x y",
            "Sun Nov 22 09:41:20 x y",
            "2026-11-22T09:41:20+0100 build-7 ssh[4711]: x y",
            "2024-05-22T12:43:46.962646Z 00O x y",
            "2026/11/22 09:41:20 x y",
            "[ 4711.25] x y",
            "{noformat}x y",
            "```x y",
            "C:\\Windows\\System32\\OpenSSH\\ssh.exe : x y",
        ] {
            assert_eq!(unprefixed(text), "x y", "{text}");
        }
        for text in ["Nov 22 09:41:20 h sshd[4711]: x y", "Nov who", "ssh : The term 'ssh' is not recognized"] {
            assert!(unprefixed(text).contains("sshd[") || unprefixed(text) == text, "{text}");
        }
    }

    #[test]
    fn decoration_before_a_level_goes_and_sentences_stay() {
        for text in [
            "12: debug1: x",
            "12 | debug1: x",
            "12\u{20}debug1: x",
            "12:debug1: x",
            "#12 3.456 debug1: x",
            "remote: debug1: x",
            "circleci@6c5f0e3a9b12:~/project$ debug1: x",
            "$ debug1: x",
            "job-1  | debug1: x",
            "null_resource.key (local-exec): debug1: x",
            "- debug1: x",
            "* debug1: x",
            "`debug1: x",
            "\"debug1: x",
            "build\u{20}ssh[1]: debug1: x",
        ] {
            assert_eq!(unprefixed(text), "debug1: x", "{text}");
        }
        for text in ["my colleague gets: debug1: x", "it stops at debug1: x", "(I saw \"then\" and debug1: x"] {
            assert_eq!(unprefixed(text), text);
        }
    }

    #[test]
    fn what_may_stand_around_by_chance() {
        for (text, rest) in [
            ("- x y", "x y"),
            ("12: x y", "x y"),
            ("  12 x y".trim(), "x y"),
            ("12 | x y", "x y"),
            ("`x y`", "x y"),
            ("\"x y\\r\",", "x y"),
            ("ana@home:~$ x y", "x y"),
            ("[ana@home ~]$ x y", "x y"),
            ("ana@mac ~ % x y", "x y"),
            ("PS C:\\Users\\ana> x y", "x y"),
            ("C:\\Users\\ana>x y", "x y"),
            ("ana@h's password: x y", "x y"),
            ("Enter passphrase for key '/k': x y", "x y"),
            ("Are you sure you want to continue connecting (yes/no/[fingerprint])? yes x y", "x y"),
            ("worker-1 | x y |", "x y"),
            ("stderr: x y", "x y"),
        ] {
            assert_eq!(loosened(text), Some(rest), "{text}");
        }
        for text in ["203.0.113.7: x y", "plain words here", "sshd[1]: x y", ""] {
            assert!(loosened(text).is_none_or(|rest| rest != "x y") || text.starts_with("203"), "{text}");
        }
    }

    #[test]
    fn prompts() {
        assert_eq!(prompt("circleci@6c5f:~/project$ ls"), Some(("circleci@6c5f:~/project", "ls")));
        assert_eq!(prompt("$ ssh x"), Some(("", "ssh x")));
        assert_eq!(prompt("/ # ssh x"), Some(("/", "ssh x")));
        assert_eq!(prompt("ana@203.0.113.7: Permission denied (publickey)."), None);
        assert_eq!(prompt("it costs 5 $ or so"), None);
    }
}
