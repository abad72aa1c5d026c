//! Options of our own among the words of an ssh command.
//!
//! `cci-ssh doctor -p 64535 203.0.113.7 --format json` is what people type, but after the first of ssh's words clap
//! would take all of them as ssh's. ssh has no long options, so a word that begins with two hyphens and stands before
//! the remote command is ours: it is moved in front.

use std::ffi::OsString;

use clap::Command;

use crate::target;

/// Commands that take a target.
const WITH_TARGET: [&str; 3] = ["connect", "doctor", "facts"];

/// Moves our own options before ssh's words, and puts `--` between the two.
pub(super) fn hoist(arguments: Vec<OsString>, cli: &Command) -> Vec<OsString> {
    let mut words = arguments.into_iter();
    let mut out: Vec<OsString> = words.by_ref().take(1).collect();
    // Up to the subcommand.
    let mut command = None;
    while let Some(word) = words.next() {
        let text = word.to_string_lossy().into_owned();
        out.push(word);
        if !text.starts_with('-') {
            command = cli.find_subcommand(&text);
            break;
        }
        if takes_separate_value(&text, cli, None) {
            out.extend(words.next());
        }
    }
    let Some(command) = command.filter(|command| WITH_TARGET.contains(&command.get_name())) else {
        out.extend(words);
        return out;
    };

    let mut theirs: Vec<OsString> = Vec::new();
    let mut have_host = false;
    while let Some(word) = words.next() {
        let text = word.to_string_lossy().into_owned();
        if text == "--" {
            theirs.push(word);
            theirs.extend(words);
            break;
        } else if text.starts_with("--") || text == "-h" {
            let value = takes_separate_value(&text, cli, Some(command));
            out.push(word);
            if value {
                out.extend(words.next());
            }
        } else if text.starts_with('-') && text != "-" {
            theirs.push(word);
            if awaits_value(&text) {
                theirs.extend(words.next());
            }
        } else {
            theirs.push(word);
            if have_host {
                theirs.extend(words);
                break;
            }
            have_host = !is_prompt_or_ssh(&text);
        }
    }
    if !theirs.is_empty() {
        out.push("--".into());
    }
    out.extend(theirs);
    out
}

/// Whether our option `word` has its value in the next word.
fn takes_separate_value(word: &str, cli: &Command, command: Option<&Command>) -> bool {
    let Some(name) = word.strip_prefix("--").filter(|name| !name.contains('=')) else { return false };
    let known = cli.get_arguments().chain(command.into_iter().flat_map(Command::get_arguments));
    known.filter(|arg| arg.get_long() == Some(name)).any(|arg| arg.get_action().takes_values())
}

/// Whether ssh's option word `-tp` has its value in the next word.
fn awaits_value(word: &str) -> bool {
    let mut letters = word.chars().skip(1);
    let valued = letters.find(|letter| target::takes_value(*letter));
    valued.is_some() && letters.next().is_none()
}

/// What may stand before the host in a pasted command.
fn is_prompt_or_ssh(word: &str) -> bool {
    word.ends_with(['$', '%', '#', '>'])
        || ["command", "sudo", "exec"].contains(&word)
        || ["ssh", "ssh.exe"].contains(&word.rsplit(['/', '\\']).next().unwrap_or_default())
}
