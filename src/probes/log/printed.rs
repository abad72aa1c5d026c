//! What other commands printed beside a log: `echo $SSH_AUTH_SOCK`, `ssh-add -l`, `ls ~/.ssh`, `file KEY`.
//!
//! These lines are not ssh's, so they say nothing of an attempt and stay what they are: a hint about the machine.

use crate::ssh::log::Beginnings;

/// Names in a listing that are kept.
const MOST: usize = 64;
/// Longest line that is looked at, in bytes.
const LONGEST: usize = 1000;

/// Each sentence that is looked for has a word that begins like one of these.
static WORDS: Beginnings = Beginnings::new(&[b"age", b"pri", b"crl", b"put", b"ssh"]);

/// What was seen beside the lines of ssh.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Printed {
    /// The agent's socket.
    pub(super) socket: Option<String>,
    /// `ssh-add`: no agent is configured.
    pub(super) agent_unset: bool,
    /// `ssh-add -l`: the agent holds no key.
    pub(super) agent_empty: bool,
    /// `ssh-add -x`, or an answer of one that is locked.
    pub(super) agent_locked: bool,
    /// A key file has lines that end as on Windows.
    pub(super) crlf: bool,
    /// A key file is in PuTTY's format.
    pub(super) ppk: bool,
    /// Names in `~/.ssh`, of files that have a public half beside them.
    listed: Vec<String>,
    /// The lines of a listing come now.
    listing: bool,
}

impl Printed {
    /// Takes in one line that is not ssh's.
    pub(super) fn hear(&mut self, text: &str) {
        let path = self.socket.is_none() && text.starts_with('/');
        if text.len() > LONGEST || !(self.listing || path || WORDS.any_in(text)) {
            return;
        }
        self.agent_unset |= text.contains("Could not open a connection to your authentication agent");
        self.agent_empty |= text.contains("The agent has no identities");
        if text.trim() == "Agent locked." {
            self.agent_locked = true;
        } else if text.trim() == "Agent unlocked." {
            self.agent_locked = false;
        }
        self.crlf |= text.contains("PRIVATE KEY-----^M") || (text.contains("CRLF line") && text.contains("key"));
        self.ppk |= text.contains("PuTTY-User-Key-File");
        if self.socket.is_none() {
            self.socket = socket(text);
        }
        self.list(text);
    }

    /// Takes in a command that somebody typed: what comes next is its output.
    pub(super) fn hear_command(&mut self, command: &str) {
        let words: Vec<&str> = command.split_whitespace().collect();
        let lists = |word: &&str| matches!(*word, "ls" | "dir" | "ll" | "Get-ChildItem" | "gci");
        self.listing = words.iter().take(2).any(lists) && words.iter().any(|word| word.contains(".ssh"));
        self.socket =
            self.socket.take().or_else(|| command.contains("SSH_AUTH_SOCK=").then(|| socket(command)).flatten());
    }

    fn list(&mut self, text: &str) {
        for word in text.split_whitespace().filter(|_| self.listing) {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || "._-@+".contains(letter);
            if word.chars().all(plain) && self.listed.len() < MOST && !self.listed.iter().any(|known| known == word) {
                self.listed.push(word.to_owned());
            }
        }
    }

    /// Names in `~/.ssh` that have a public half beside them: private keys, most likely.
    pub(super) fn key_pairs(&self) -> impl Iterator<Item = &str> {
        let has_public =
            |name: &&String| self.listed.iter().any(|other| other.strip_suffix(".pub") == Some(name.as_str()));
        self.listed.iter().filter(has_public).map(String::as_str)
    }

    /// Who named the socket.
    pub(super) fn socket_from(&self) -> Option<String> {
        self.socket.as_ref().map(|_| "SSH_AUTH_SOCK".to_owned())
    }
}

/// The agent's socket, as `echo $SSH_AUTH_SOCK`, `env` and `export` show it.
fn socket(text: &str) -> Option<String> {
    let text = text.trim();
    let value = match text.split_once("SSH_AUTH_SOCK=") {
        Some((_, rest)) => rest.split([';', ' ', '"', '\'']).find(|word| !word.is_empty())?,
        // A line of its own, as echo prints it; blanks stand in the paths of a Mac.
        None if text.starts_with('/') && !text.contains(": ") => text,
        None => return None,
    };
    let lower = value.to_ascii_lowercase();
    let usual = ["agent", "launchd", "keyring", "1password", "secretive", ".sock", "gcr"];
    let looks_right = value.starts_with('/') && usual.iter().any(|part| lower.contains(part));
    (looks_right && !value.contains('$')).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(lines: &[&str]) -> Printed {
        let mut printed = Printed::default();
        for line in lines {
            match line.strip_prefix("$ ") {
                Some(command) => printed.hear_command(command),
                None => printed.hear(line),
            }
        }
        printed
    }

    #[test]
    fn sockets_of_the_wild() {
        for (line, socket) in [
            ("SSH_AUTH_SOCK=/tmp/ssh-Ab/agent.17; export SSH_AUTH_SOCK;", Some("/tmp/ssh-Ab/agent.17")),
            ("/private/tmp/com.apple.launchd.Xy/Listeners", Some("/private/tmp/com.apple.launchd.Xy/Listeners")),
            ("$ echo $SSH_AUTH_SOCK", None),
            ("/usr/bin/ssh", None),
            ("unset SSH_AUTH_SOCK", None),
        ] {
            assert_eq!(of(&[line]).socket.as_deref(), socket, "{line}");
        }
    }

    #[test]
    fn ssh_add_tells_of_the_agent() {
        assert!(of(&["Could not open a connection to your authentication agent."]).agent_unset);
        assert!(of(&["The agent has no identities."]).agent_empty);
        assert!(of(&["Agent locked."]).agent_locked && !of(&["Agent locked.", "Agent unlocked."]).agent_locked);
    }

    #[test]
    fn a_listing_shows_pairs_of_keys() {
        let pairs = |lines: &[&str]| of(lines).key_pairs().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(pairs(&["$ ls ~/.ssh", "config  github  github.pub  known_hosts"]), ["github"]);
        let long = [
            "$ ls -la ~/.ssh",
            "-rw-------  1 ana ana  411 Jan  3 10:00 ci",
            "-rw-r--r--  1 ana ana   99 Jan  3 10:00 ci.pub",
        ];
        assert_eq!(pairs(&long), ["ci"]);
        assert!(pairs(&["ci ci.pub"]).is_empty(), "nobody listed anything");
        assert!(pairs(&["$ ls ~/.ssh", "$ ssh x", "ci ci.pub"]).is_empty());
    }

    #[test]
    fn what_a_key_file_is() {
        assert!(of(&["-----BEGIN OPENSSH PRIVATE KEY-----^M$"]).crlf);
        assert!(of(&["k: OpenSSH private key, ASCII text, with CRLF line terminators"]).crlf);
        assert!(of(&["PuTTY-User-Key-File-3: ssh-ed25519"]).ppk);
    }
}
