//! What somebody meant who typed something else.

use std::ffi::OsString;

use clap::Command;

/// `cci-ssh -p 64535 203.0.113.7` and `cci-ssh ssh …`: the same with `doctor` in front; none for anything that begins with a
/// command or does not look like a login.
pub(super) fn doctor(arguments: &[OsString], cli: &Command) -> Option<String> {
    let words: Option<Vec<&str>> = arguments.iter().skip(1).map(|word| word.to_str()).collect();
    let words = words?;
    let known = |word: &&str| *word == "help" || cli.find_subcommand(word).is_some();
    if words.iter().any(known) {
        return None;
    }
    let first = *words.first()?;
    let option = first.starts_with('-') && !first.starts_with("--") && first.len() > 1;
    let place = first == "-" || first.contains(['.', '@', ':']) || ["ssh", "ssh.exe", "$"].contains(&first);
    if !(place || (option && words.len() > 1)) {
        return None;
    }
    Some(format!("cci-ssh doctor {}", shlex::try_join(words).ok()?))
}

/// The long option of a command that is closest to an unknown one, if any is close.
pub(super) fn option<'a>(unknown: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let unknown = unknown.trim_start_matches('-').split('=').next().unwrap_or_default();
    let start: String = unknown.chars().take(64).collect();
    let near = known.map(|name| (strsim::levenshtein(&start, name), name)).min()?;
    (near.0 <= 2 && near.0 < near.1.len() / 2).then_some(near.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_options_are_found_and_far_ones_not() {
        let known = || ["offline", "verbose", "from", "format"].into_iter();
        for (typed, meant) in [
            ("--ofline", Some("offline")),
            ("--verbos", Some("verbose")),
            ("--form=json", Some("format")),
            ("--fromat", Some("format")),
            ("--nonsense", None),
            ("--x", None),
        ] {
            assert_eq!(option(typed, known()), meant, "{typed}");
        }
    }
}
