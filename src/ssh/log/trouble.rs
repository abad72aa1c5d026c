//! What goes wrong inside a session, in the words of ssh or of the programs that run there.
//!
//! The login worked, so none of this blocks it, and a program may print anything: these are remarks, never verdicts. A new
//! sentence is an arm of [`Trouble::read`] and a line in its test.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::text::{cut, has, name};
use super::wording::Beginnings;

/// Every sentence below has a word that begins like one of these, and few lines of a session do.
static WORDS: Beginnings = Beginnings::new(&[b"fou", b"unk", b"age", b"ter", b"lis", b"use", b"x11", b"loc"]);

/// The kind of a trouble in a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Trouble {
    /// A shell has no program of that name: `bash: poetry: command not found`.
    #[default]
    CommandNotFound,
    /// A login from inside the session needed a key, and no agent was forwarded.
    NoAgent,
    /// The image does not know this terminal's type ($TERM).
    TerminalUnknown,
    /// Nothing listens where a forwarded port leads.
    ForwardTargetRefused,
    /// The local port that was to be forwarded is in use here.
    LocalPortTaken,
    /// The server does not listen for a port that was to be forwarded from there.
    RemoteForwardRefused,
    /// No X11.
    X11Refused,
    /// The image has not the locale that ssh passed on.
    LocaleMissing,
    /// ssh was asked for a terminal and has none to offer.
    NoTerminalHere,
}

impl Trouble {
    /// What a line is about that ssh or a program printed without a level, and the thing it names.
    pub(super) fn read(text: &str) -> Option<(Self, Option<String>)> {
        if !WORDS.any_in(text) {
            return None;
        }
        let lower = text.to_ascii_lowercase();
        let has = |words: &str| has(&lower, words);
        let named = |found: Option<&str>| found.map(name).filter(|found| !found.is_empty());
        if let Some(program) = missing_program(text) {
            return Some((Self::CommandNotFound, named(Some(program))));
        }
        let kind = if has("could not open a connection to your authentication agent") {
            Self::NoAgent
        } else if has("unknown terminal type") || has("unsuitable terminal") || has("cannot initialize terminal type") {
            return Some((Self::TerminalUnknown, named(in_quotes(text))));
        } else if let Some((_, rest)) = cut(text, "Error opening terminal: ") {
            return Some((Self::TerminalUnknown, named(Some(rest.trim_end_matches('.')))));
        } else if has("terminal is not fully functional") || has("unknown terminal \"") {
            return Some((Self::TerminalUnknown, named(in_quotes(text))));
        } else if has("remote port forwarding failed for listen port") {
            let port = text.rsplit(' ').next();
            return Some((Self::RemoteForwardRefused, named(port)));
        } else if lower.starts_with("bind [") && has("in use") {
            let port = text.split_once("]:").and_then(|(_, rest)| rest.split(':').next());
            return Some((Self::LocalPortTaken, named(port)));
        } else if has("cannot listen to port: ") {
            return Some((Self::LocalPortTaken, named(text.rsplit(' ').next())));
        } else if has("x11 forwarding request failed") || has("x11 forwarding setup failed") {
            Self::X11Refused
        } else if has("cannot change locale") {
            let locale = text.rsplit_once('(').and_then(|(_, rest)| rest.split(')').next());
            return Some((Self::LocaleMissing, named(locale)));
        } else if has("setting locale failed") {
            Self::LocaleMissing
        } else if has("pseudo-terminal will not be allocated because stdin is not a terminal") {
            Self::NoTerminalHere
        } else {
            return None;
        };
        Some((kind, None))
    }
}

/// The word that a shell did not find: sh, dash, bash, zsh, fish, busybox.
fn missing_program(text: &str) -> Option<&str> {
    let last = |text: &'_ str| text.rsplit(": ").next().map_or("", str::trim).len();
    let word = |found: &'static str| {
        let rest = text.strip_suffix(found)?.trim_end();
        let start = rest.len() - last(rest);
        Some(&rest[start..])
    };
    let found = cut(text, "command not found: ")
        .map(|(_, word)| word)
        .or_else(|| cut(text, "Unknown command: ").map(|(_, word)| word.trim_end_matches('.')))
        .or_else(|| word(": command not found"))
        .or_else(|| word(": not found").filter(|_| text.contains("sh: ") || text.starts_with("/bin/")))?;
    (!found.is_empty() && !found.contains(' ')).then_some(found)
}

fn in_quotes(text: &str) -> Option<&str> {
    let open = text.find(['\'', '"'])?;
    let quote = text[open..].chars().next()?;
    text[open + 1..].split(quote).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_of_programs_in_a_session() {
        use Trouble::*;
        for (text, kind, subject) in [
            ("bash: poetry: command not found", CommandNotFound, "poetry"),
            ("-bash: line 1: go: command not found", CommandNotFound, "go"),
            ("zsh: command not found: node", CommandNotFound, "node"),
            ("/bin/sh: 1: yarn: not found", CommandNotFound, "yarn"),
            ("sh: yarn: not found", CommandNotFound, "yarn"),
            ("fish: Unknown command: node", CommandNotFound, "node"),
            ("Could not open a connection to your authentication agent.", NoAgent, ""),
            ("'xterm-ghostty': unknown terminal type.", TerminalUnknown, "xterm-ghostty"),
            ("Error opening terminal: xterm-kitty.", TerminalUnknown, "xterm-kitty"),
            ("tput: unknown terminal \"alacritty\"", TerminalUnknown, "alacritty"),
            ("WARNING: terminal is not fully functional", TerminalUnknown, ""),
            ("Warning: remote port forwarding failed for listen port 9000", RemoteForwardRefused, "9000"),
            ("bind [127.0.0.1]:5901: Address already in use", LocalPortTaken, "5901"),
            ("channel_setup_fwd_listener_tcpip: cannot listen to port: 5901", LocalPortTaken, "5901"),
            ("X11 forwarding request failed on channel 0", X11Refused, ""),
            ("bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)", LocaleMissing, "de_DE.UTF-8"),
            ("Pseudo-terminal will not be allocated because stdin is not a terminal.", NoTerminalHere, ""),
        ] {
            let subject = (!subject.is_empty()).then(|| subject.to_owned());
            assert_eq!(Trouble::read(text), Some((kind, subject)), "{text}");
        }
        for text in ["page not found", "404: not found", "npm error: package not found in registry", "all good"] {
            assert_eq!(Trouble::read(text), None, "{text}");
        }
    }
}
