//! Lines that a terminal or a mail broke: what belongs to the line before.
//!
//! Only a line without a level and without a meaning of its own can be the rest of another, and plain lines of ssh and of
//! others follow its `debug` lines all the time. So one of two proofs is needed: other lines break at this very width and
//! none is longer, or the two halves make something that neither is.

use super::event::{Event, KeyDescription};
use super::line::Line;
use super::reason::{ConnectReason, LoadReason, ResolveReason, SignReason};
use super::text::{begins_with_any, has};
use super::{terminal, wording};

/// No part of a line is shorter, neither of a terminal's nor of a mail's, which breaks before a word of fifty letters.
const NARROWEST: usize = 24;
/// Characters of a SHA-256 in base64 without padding, as ssh shows it.
const FINGERPRINT: usize = 43;
/// Lines after which the longest one is forgotten: the rest of the log may come from another window.
const MEMORY: u32 = 100;

/// What the lines so far say about the width at which they break.
#[derive(Debug, Default)]
pub(super) struct Widths {
    longest: [usize; 2],
    lines: u32,
    breaks: Vec<usize>,
}

impl Widths {
    pub(super) fn note(&mut self, width: usize) {
        if self.lines >= MEMORY {
            self.longest = [0, self.longest[0]];
            self.lines = 0;
        }
        self.lines += 1;
        self.longest[0] = self.longest[0].max(width);
    }

    /// Two lines were put together that broke here.
    pub(super) fn note_break(&mut self, width: usize) {
        if self.breaks.len() < 16 && !self.breaks.contains(&width) {
            self.breaks.push(width);
        }
    }

    pub(super) fn breaks_at(&self, width: usize) -> bool {
        self.breaks.contains(&width)
    }

    pub(super) fn is_longest(&self, width: usize) -> bool {
        self.longest.iter().all(|longest| *longest <= width)
    }
}

/// The columns a line takes; those of double width count once.
pub(super) fn width(raw: &[u8]) -> usize {
    let raw = raw.trim_ascii_end();
    if raw.is_ascii() && !raw.contains(&0x1b) { raw.len() } else { terminal::shown(raw).trim_end().chars().count() }
}

/// Whether a line of this width can have been broken.
pub(super) fn is_wide(width: usize) -> bool {
    width >= NARROWEST
}

/// Whether this can be the first part of a line of ssh.
pub(super) fn can_begin(line: &Line, event: &Event) -> bool {
    line.level() > 0 || *event != Event::Other || begins_with_any(line.text(), &BEGINNINGS)
}

/// Whether this can be the rest of another line.
pub(super) fn can_go_on(line: &Line, event: &Event) -> bool {
    line.level() == 0 && *event == Event::Other && !line.text().is_empty() && !stands_alone(line.text())
}

/// How plain sentences of ssh begin that are long enough to be broken.
const BEGINNINGS: [&str; 20] = [
    "ssh: ",
    "Unable to negotiate with ",
    "Received disconnect from ",
    "Disconnect",
    "Connection ",
    "kex_exchange_identification: ",
    "ssh_exchange_identification: ",
    "ssh_dispatch_run_fatal: ",
    "banner exchange: ",
    "Host key for ",
    "Offending ",
    "No ",
    "Load key ",
    "Permissions ",
    "Warning: ",
    "sign_and_send_pubkey: ",
    "identity_sign: ",
    "no such identity: ",
    "Bad ",
    "OpenSSH_",
];

/// Lines that begin something though they mean nothing here: frames, remarks of ssh, other programs' words. A prompt means
/// something.
fn stands_alone(text: &str) -> bool {
    const STARTS: [&str; 31] = [
        "@@@",
        "**",
        "Warning: ",
        "WARNING: ",
        "The authenticity of",
        "Are you sure",
        "IT IS POSSIBLE",
        "Someone could be",
        "It is also possible",
        "The fingerprint for",
        "Please contact",
        "Add correct host key",
        "This key is not known",
        "This private key",
        "It is required that",
        "Transferred: ",
        "Bytes per second",
        "Pseudo-terminal",
        "Disconnected from",
        "Last login",
        "Welcome to",
        "usage: ",
        "fatal: ",
        "error: ",
        "Error: ",
        "^C",
        "bash: ",
        "sh: ",
        "zsh: ",
        "scp: ",
        "git@",
    ];
    begins_with_any(text, &STARTS)
        || begins_with_any(text, &BEGINNINGS) && !text.starts_with("No ")
        || has(text, "command not found")
        || has(text, "No such file")
}

/// What stands in front of the line that is left of a raw one: indentation, quoting, a time.
pub(super) fn lead(raw: &[u8], line: &Line) -> String {
    let shown = terminal::shown(raw);
    shown.find(line.text()).and_then(|at| shown.get(..at)).unwrap_or_default().to_owned()
}

/// The rest as it stood on the screen: without what stands in front of the first part too, with its blank.
pub(super) fn rest_of(raw: &[u8], lead: &str) -> String {
    let shown = terminal::shown(raw);
    shown.strip_prefix(lead).unwrap_or(&shown).trim_end().to_owned()
}

/// Two halves of one line, where it is sure. `wraps`: lines break at the first one's width, and none is longer.
pub(super) fn joined(first: &Line, event: &Event, rest: &str, wraps: bool, longest: bool) -> Option<(Line, Event)> {
    // A command that wraps is all that can go on behind a prompt.
    if !wraps && matches!(event, Event::Prompt { .. }) {
        return None;
    }
    let with = |blank: &str| {
        let line = Line::of_text(format!("{}{blank}{rest}", first.text()));
        let event = wording::read(&line);
        (line, event)
    };
    if wraps {
        return Some(with(""));
    }
    let whole = with("");
    if proves(first, event, &whole, rest, longest) {
        return Some(whole);
    }
    if rest.starts_with(' ') || first.text().ends_with(' ') {
        return None;
    }
    let spaced = with(" ");
    proves(first, event, &spaced, rest, longest).then_some(spaced)
}

/// Whether two halves make something that the first is not.
fn proves(first: &Line, before: &Event, (whole, after): &(Line, Event), rest: &str, longest: bool) -> bool {
    if let (Some(before), Some(after)) = (key(before), key(after)) {
        let marks = |text: &str| text.split_whitespace().all(|word| MARKS.contains(&word));
        return is_whole(after) && (!is_whole(before) || marks(rest)) && ends_well(whole.text());
    }
    match (before, after) {
        // `server-sig-algs=<…` closes its bracket on one of the next lines.
        (Event::Other, Event::ServerSigAlgs { .. }) => true,
        (Event::Other, Event::Other) => first.level() > 0 && is_open(first.text()) && longest && !rest.contains(": "),
        (Event::Other, _) => longest || first.level() > 0,
        (Event::ConnectFailed { reason: ConnectReason::Other, .. }, Event::ConnectFailed { reason, .. })
        | (Event::AddressFailed { reason: ConnectReason::Other, .. }, Event::AddressFailed { reason, .. }) => {
            *reason != ConnectReason::Other
        }
        (Event::ResolveFailed { reason: ResolveReason::Other, .. }, Event::ResolveFailed { reason, .. }) => {
            *reason != ResolveReason::Other
        }
        (Event::KeyLoadFailed { reason: LoadReason::Other, .. }, Event::KeyLoadFailed { reason, .. }) => {
            *reason != LoadReason::Other
        }
        (Event::SigningFailed { reason: SignReason::Other, .. }, Event::SigningFailed { reason, .. }) => {
            *reason != SignReason::Other
        }
        (Event::ServerHostKey { fingerprint, .. }, Event::ServerHostKey { fingerprint: whole, .. }) => {
            !is_fingerprint(fingerprint) && is_fingerprint(whole)
        }
        // A list of algorithms breaks inside a name or after a comma.
        (Event::NoMatch { offer, .. }, Event::NoMatch { offer: more, .. }) => {
            longest && !rest.trim().contains(' ') && (more.len() > offer.len() || rest.contains(','))
        }
        _ => false,
    }
}

const MARKS: [&str; 4] = ["explicit", "agent", "token", "authenticator"];

fn key(event: &Event) -> Option<&KeyDescription> {
    match event {
        Event::WillAttempt { key } | Event::Offering { key } | Event::Accepted { key } => Some(key),
        _ => None,
    }
}

fn is_whole(key: &KeyDescription) -> bool {
    key.fingerprint.as_deref().is_some_and(is_fingerprint)
}

fn is_fingerprint(text: &str) -> bool {
    let hash = text.strip_prefix("SHA256:").unwrap_or_default();
    hash.len() == FINGERPRINT && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/')
}

/// Nothing follows a fingerprint but the marks.
fn ends_well(text: &str) -> bool {
    text.rsplit_once(" SHA256:")
        .is_some_and(|(_, rest)| rest.split_whitespace().skip(1).all(|word| MARKS.contains(&word)))
}

/// A bracket is open at the end.
fn is_open(text: &str) -> bool {
    text.rfind('<') > text.rfind('>')
}
