//! The text of a job's `Enable SSH` step.

use super::text;

/// What the step says, apart from where to go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnableSsh {
    /// How far it came.
    pub state: State,
    /// Every command it prints, without the prompt.
    pub commands: Vec<String>,
    /// The line that says so, where no command is printed.
    pub said: Option<String>,
    /// Fingerprints of the host, in order.
    pub fingerprints: Vec<Fingerprint>,
    /// How long the box stays up: `2h0m0s`.
    pub stays_up: Option<String>,
    /// How long it waits for a session: `10m0s`.
    pub waits: Option<String>,
}

/// A fingerprint of the host, as printed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fingerprint {
    /// `SHA256:…`, without a trailing type.
    pub sha256: String,
    /// The key's family in lower case, `rsa` or `ed25519`, where the text says it.
    pub family: Option<String>,
}

/// How far the step came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum State {
    /// A command is printed.
    Ready,
    /// Nothing is printed yet.
    #[default]
    NotReady,
    /// CircleCI has no key for this user.
    NoKey,
    /// It failed, and does not say why.
    Failed,
}

impl State {
    /// The word for it in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not-ready",
            Self::NoKey => "no-key",
            Self::Failed => "failed",
        }
    }
}

const NO_KEY: [&str; 4] = ["no ssh key is found", "no ssh key found", "no ssh keys found", "no ssh keys were found"];
const FAILED: [&str; 4] =
    ["failed to enable ssh", "could not enable ssh", "unable to enable ssh", "error enabling ssh"];

/// Reads the step's text; `None` when nothing in it is of this step.
pub(super) fn parse(lines: &[String]) -> Option<EnableSsh> {
    let all = lines.join("\n");
    let lower = all.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|words| lower.contains(words));

    let no_key = has(&NO_KEY);
    let failed = has(&FAILED);
    let starting = has(&["setting up ssh", "enabling ssh", "waiting for ssh"]);
    let ready = has(&["you can now ssh", "key fingerprint of the host", "if your ssh public key is added"])
        || (has(&["will stay up for"]) && has(&["ssh session"]));
    let named = lines.iter().any(|line| ["enable ssh", "wait for ssh"].contains(&line.trim().to_lowercase().as_str()));
    if !(no_key || failed || starting || ready || named) {
        return None;
    }

    let commands: Vec<String> = text::command_lines(lines);
    let state = if !commands.is_empty() {
        State::Ready
    } else if no_key {
        State::NoKey
    } else if failed {
        State::Failed
    } else {
        State::NotReady
    };
    let (stays_up, waits) = durations(&all);
    Some(EnableSsh { state, commands, said: said(lines, state), fingerprints: fingerprints(&all), stays_up, waits })
}

/// The line that shows how far the step came; of one that is not ready, its last.
fn said(lines: &[String], state: State) -> Option<String> {
    let says = |words: &[&str]| {
        let has = |line: &&String| words.iter().any(|words| line.to_lowercase().contains(words));
        lines.iter().find(has)
    };
    let line = match state {
        State::Ready => None,
        State::NoKey => says(&NO_KEY),
        State::Failed => says(&FAILED),
        State::NotReady => lines.iter().rev().find(|line| !line.trim().is_empty()),
    };
    line.map(|line| line.trim().to_owned())
}

/// SHA-256 fingerprints: 43 characters of base64 behind `SHA256:`, as ssh-keygen prints them. The key's family stands
/// behind in brackets, or before `key fingerprint` in the words above.
fn fingerprints(all: &str) -> Vec<Fingerprint> {
    let found = all.match_indices("SHA256:").filter_map(|(at, mark)| {
        let rest = &all[at + mark.len()..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c))).unwrap_or(rest.len());
        let behind = rest[length..].trim_start_matches('=').trim_start();
        let behind = behind.strip_prefix('(').and_then(|inner| inner.split(')').next());
        let before = || all[..at].rsplit_once("key fingerprint")?.0.split_whitespace().next_back();
        (length == 43).then(|| Fingerprint {
            sha256: format!("{mark}{}", &rest[..length]),
            family: behind.or_else(before).and_then(family),
        })
    });
    found.take(8).collect()
}

/// A key family that OpenSSH prints.
fn family(word: &str) -> Option<String> {
    let word = word.to_ascii_lowercase();
    ["rsa", "dsa", "ecdsa", "ed25519"].contains(&word.as_str()).then_some(word)
}

/// The box's life and its patience: the duration after `for`, and the one after `until`; the first two, if it says so in
/// other words.
fn durations(all: &str) -> (Option<String>, Option<String>) {
    let mut before = "";
    let mut found: Vec<(&str, String)> = Vec::new();
    for word in all.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        if is_duration(bare) {
            found.push((before, bare.to_owned()));
        }
        before = word;
    }
    let mut take = |word: &str| {
        let at = found.iter().position(|(before, _)| before.eq_ignore_ascii_case(word));
        at.map(|at| found.remove(at).1)
    };
    let (life, patience) = (take("for"), take("until"));
    let mut rest = found.into_iter().map(|(_, duration)| duration);
    let life = life.or_else(|| rest.next());
    (life, patience.or_else(|| rest.next()))
}

/// Go's way to print a duration: `2h0m0s`, `10m0s`, `45s`.
fn is_duration(word: &str) -> bool {
    let mut units = "hms".chars();
    let mut digits = 0;
    let mut seen = false;
    for c in word.chars() {
        match c {
            '0'..='9' => digits += 1,
            c if digits > 0 && units.any(|unit| unit == c) => (digits, seen) = (0, true),
            _ => return false,
        }
    }
    seen && digits == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        for word in ["2h0m0s", "10m0s", "45s", "1h"] {
            assert!(is_duration(word), "{word}");
        }
        for word in ["", "s", "10", "10s5m", "2d", "this"] {
            assert!(!is_duration(word), "{word}");
        }
    }
}
