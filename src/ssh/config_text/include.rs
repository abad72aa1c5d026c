//! Which of the files ssh has read an `Include` line means (ssh_config(5), Include).

use super::super::pattern;

/// The files among `known` that an Include's argument names, in glob(3)'s order.
///
/// `folder` is where relative names start: `~/.ssh` in a user's file, the folder of the system's file there.
pub(super) fn resolve<'a>(
    argument: &str,
    home: Option<&str>,
    folder: &str,
    known: impl Iterator<Item = &'a str>,
) -> Vec<&'a str> {
    let wanted = match (argument.strip_prefix('~'), home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with(['/', '\\']) => format!("{home}{rest}"),
        _ if is_absolute(argument) => argument.to_owned(),
        _ => format!("{folder}/{argument}"),
    };
    let wanted: Vec<String> = segments(&wanted);
    let mut found: Vec<&str> = known.filter(|path| path_matches(&segments(path), &wanted)).collect();
    found.sort_unstable();
    found
}

fn is_absolute(path: &str) -> bool {
    let mut letters = path.chars();
    let drive = letters.next().is_some_and(|letter| letter.is_ascii_alphabetic()) && letters.next() == Some(':');
    drive || path.starts_with(['/', '\\']) || path.starts_with("__PROGRAMDATA__")
}

/// Path parts, whichever slashes (Windows' ssh doubles its backslashes in what it prints).
fn segments(path: &str) -> Vec<String> {
    path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect()
}

fn path_matches(path: &[String], wanted: &[String]) -> bool {
    path.len() == wanted.len() && path.iter().zip(wanted).all(|(part, pattern)| part_matches(part, pattern))
}

fn part_matches(part: &str, wanted: &str) -> bool {
    // glob(3) shows hidden files only to those who ask for the dot.
    let hidden = part.starts_with('.') && !wanted.starts_with('.');
    part == wanted || (!hidden && pattern::matches(part, wanted))
}
