//! The text of a job's `Enable SSH` step.

use super::text;

/// What the step says, apart from where to go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnableSsh {
    /// How far it came.
    pub state: State,
    /// Every command it prints, without the prompt.
    pub commands: Vec<String>,
    /// `SHA256:…` of the host, without a trailing type.
    pub fingerprint: Option<String>,
    /// How long the box stays up: `2h0m0s`.
    pub stays_up: Option<String>,
    /// How long it waits for a session: `10m0s`.
    pub waits: Option<String>,
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

/// Reads the step's text; `None` when nothing in it is of this step.
pub(super) fn parse(lines: &[String]) -> Option<EnableSsh> {
    let all = lines.join("\n");
    let lower = all.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|words| lower.contains(words));

    let no_key = has(&["no ssh key is found", "no ssh key found", "no ssh keys found", "no ssh keys were found"]);
    let failed = has(&["failed to enable ssh", "could not enable ssh", "unable to enable ssh", "error enabling ssh"]);
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
    Some(EnableSsh { state, commands, fingerprint: fingerprint(&all), stays_up, waits })
}

/// The first SHA-256 fingerprint: 43 characters of base64 behind `SHA256:`, as ssh-keygen prints it.
fn fingerprint(all: &str) -> Option<String> {
    all.match_indices("SHA256:").find_map(|(at, mark)| {
        let rest = &all[at + mark.len()..];
        let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c))).unwrap_or(rest.len());
        (length == 43).then(|| format!("{mark}{}", &rest[..length]))
    })
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
