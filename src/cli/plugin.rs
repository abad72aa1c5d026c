//! `circleci ssh-doctor`: what is different when CircleCI's own CLI runs this program.
//!
//! It hands on the token and the installation (`CIRCLE_TOKEN`, `CIRCLE_HOST`), which are looked for there anyway, and the
//! project and branch of the folder one stands in (`CIRCLE_PROJECT_USERNAME`, `CIRCLE_BRANCH`, …). The command is a doctor by
//! its name, so the word `doctor` need not be said; and where nothing is named, the person's own job with SSH in that
//! project is meant, if one runs.

use std::ffi::OsString;

use clap::Command;

/// The name that users type.
pub(super) const NAME: &str = "circleci ssh-doctor";

/// Puts `doctor` in front of what is no command.
pub(super) fn with_doctor(mut words: Vec<OsString>, cli: &Command) -> Vec<OsString> {
    let known =
        |word: &str| ["help", "-h", "--help", "-V", "--version"].contains(&word) || cli.find_subcommand(word).is_some();
    let says = words.iter().skip(1).filter_map(|word| word.to_str()).any(known);
    if !says {
        let place = 1.min(words.len());
        words.splice(place..place, ["doctor".into(), "--my-job-if-any".into()]);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn doctor_need_not_be_said() {
        for (line, wanted) in [
            ("", "doctor --my-job-if-any"),
            ("-p 64535 203.0.113.7", "doctor --my-job-if-any -p 64535 203.0.113.7"),
            ("--format json gh/acme/web/345", "doctor --my-job-if-any --format json gh/acme/web/345"),
            ("doctor h", "doctor h"),
            ("--format json explain no-key-found", "--format json explain no-key-found"),
            ("--help", "--help"),
        ] {
            let words = std::iter::once("circleci-ssh-doctor").chain(line.split_whitespace()).map(OsString::from);
            let got: Vec<String> = with_doctor(words.collect(), &Cli::command())
                .into_iter()
                .skip(1)
                .map(|word| word.into_string().expect("UTF-8"))
                .collect();
            assert_eq!(got.join(" "), wanted, "{line}");
        }
    }
}
