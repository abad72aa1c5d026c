//! Finding ssh commands in pasted text: behind prompts, time stamps and prose, over continued lines.

use super::{TargetError, clean, name, words};

/// Characters that end a prompt.
const PROMPTS: &[char] = &['$', '%', '>', '#', '❯', '➜', '»', 'λ', '→'];

/// The text as cleaned lines, continued ones joined, empty ones left out.
pub(super) fn lines(pasted: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut open = false;
    for line in clean(pasted).lines() {
        let line = line.trim_end();
        // sh continues with a backslash, PowerShell with a backquote, cmd with a caret, each behind a space; a lone
        // backquote may also close a code span.
        let (body, continued) = match line.strip_suffix(['\\', '`', '^']) {
            Some(body) if line.ends_with('\\') || body.ends_with(' ') => (body.trim_end(), true),
            _ => (line, false),
        };
        match lines.last_mut().filter(|_| open) {
            Some(last) => {
                last.push(' ');
                last.push_str(body.trim_start().trim_start_matches("> "));
            }
            None if body.trim().is_empty() => {}
            None => lines.push(body.to_owned()),
        }
        open = continued;
    }
    lines
}

/// The place of the word `ssh` in words that were pasted behind a prompt, a path, or `command`; `None` when the words
/// are arguments.
pub(super) fn command_word(words: &[String]) -> Option<usize> {
    let at = words.iter().take(6).position(|word| is_ssh(word))?;
    let before = &words[..at];
    (at == 0 || before.iter().all(|word| is_prefix(word)) || before.last().is_some_and(|word| word.ends_with(PROMPTS)))
        .then_some(at)
}

/// The arguments of every ssh command in the text, in order.
pub(super) fn commands(lines: &[String]) -> Vec<Vec<String>> {
    command_lines(lines).iter().map(|line| words::split(line).into_iter().skip(1).collect()).collect()
}

/// Every ssh command in the text, from `ssh` to its end.
pub(super) fn command_lines(lines: &[String]) -> Vec<String> {
    lines.iter().filter_map(|line| command_in(line)).collect()
}

/// The ssh command in a line: at its beginning, behind a prompt or in quotes; in prose only when it names a port or a
/// user, since sentences have the word ssh in them too.
fn command_in(line: &str) -> Option<String> {
    let mut from = 0;
    while let Some(found) = line[from..].find("ssh") {
        let at = from + found;
        from = at + 3;
        let rest = &line[at + 3..];
        let rest = rest.strip_prefix(".exe").unwrap_or(rest);
        if !rest.starts_with(' ') {
            continue;
        }
        let before = &line[..at];
        // A path or an escape in front of the program belongs to it.
        let start = before
            .rfind(|c: char| c == ' ' || QUOTES.contains(&c) || PROMPTS.contains(&c))
            .map_or(0, |space| space + before[space..].chars().next().map_or(1, char::len_utf8));
        if !before[start..].is_empty() && !before.ends_with(['/', '\\']) {
            continue;
        }
        let head = before[..start].trim_end();
        let quote = head.chars().last().filter(|c| QUOTES.contains(c) && before.ends_with(*c));
        let rest = match quote {
            Some(open) => rest.split(closing(open)).next().unwrap_or(rest),
            None => rest,
        };
        let strong = quote.is_some() || is_start(head);
        let arguments = words::split(rest);
        let named = arguments.iter().any(|word| word.contains('@') || word.starts_with("-p") || word.starts_with("–p"));
        let sentence = head.is_empty() && !named && rest.ends_with('.');
        if arguments.is_empty() || sentence || !(named || strong) {
            continue;
        }
        let rest =
            if strong && quote.is_none() { rest } else { rest.trim_end_matches(['.', ',', ';', ':', '!', '?', ')']) };
        return Some(format!("ssh{}", rest.trim_end()));
    }
    None
}

const QUOTES: &[char] = &['`', '\'', '"', '\u{2018}', '\u{201c}', '«', '('];

fn closing(open: char) -> char {
    match open {
        '\u{2018}' => '\u{2019}',
        '\u{201c}' => '\u{201d}',
        '«' => '»',
        '(' => ')',
        same => same,
    }
}

/// Whether what stands before `ssh` is a prompt, a time stamp, or words that run the next one.
fn is_start(head: &str) -> bool {
    head.ends_with(PROMPTS)
        || head
            .split_whitespace()
            .all(|word| is_prefix(word) || is_timestamp(word) || ["-", "*", "•", "+"].contains(&word))
}

/// Words that may stand before a command without changing what it reaches.
fn is_prefix(word: &str) -> bool {
    ["command", "exec", "sudo", "time", "env", "&", "$", ">", "%", "#"].contains(&word)
        || word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
}

/// `[16:00:01]`, `2026-11-22T16:00:01.123Z`, `16:00:01`: digits and what separates them.
fn is_timestamp(word: &str) -> bool {
    let word = word.trim_matches(['[', ']', '(', ')', '|', ':']);
    word.is_empty()
        || (word.starts_with(|c: char| c.is_ascii_digit())
            && word.contains(':') | word.contains('-')
            && word.chars().all(|c| c.is_ascii_digit() || ":.-+,TZ".contains(c)))
}

fn is_ssh(word: &str) -> bool {
    let program = word.trim_start_matches('\\').rsplit(['/', '\\']).next().unwrap_or_default();
    program == "ssh" || program.eq_ignore_ascii_case("ssh.exe")
}

/// The words of a text without the word `ssh`: options and a host, a lone host, or a web address.
pub(super) fn bare(lines: &[String]) -> Option<Vec<String>> {
    let only = lines.len() == 1;
    lines.iter().find_map(|line| {
        let words = words::split(line.trim_start().trim_start_matches(PROMPTS));
        let first = words.first().filter(|word| !is_ssh(word))?;
        let address =
            first.contains("://") || first.starts_with("app.circleci.com/") || first.starts_with("circleci.com/");
        let options = first.starts_with('-') || first.starts_with(super::clean::is_dash);
        let host =
            first.contains('@') || name::is_address(first) || first.split(':').next().is_some_and(name::is_address);
        let placeholder = first.starts_with('<');
        let alone = only && (words.len() == 1 || words.get(1).is_some_and(|word| word.starts_with('-')));
        (address || (options && words.len() > 1) || host || placeholder || alone).then_some(words)
    })
}

/// What a text without a command is.
pub(super) fn what_else(lines: &[String]) -> TargetError {
    if lines.is_empty() {
        TargetError::Empty
    } else if lines.iter().any(|line| line.starts_with("debug1:")) {
        TargetError::Log
    } else if lines.iter().any(|line| line.split_whitespace().any(is_ssh)) {
        TargetError::NoHost
    } else {
        TargetError::NoCommand
    }
}
