//! What a command of ssh needs beside its own words, so that it ends in a shell of the job.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::target::SessionWords;

/// What the configuration or the job asks of every command that is to end in a shell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionNeeds {
    /// Options that undo what the configuration would make of the session: `SessionType=default`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    /// RemoteCommand is set, which ssh takes together with no other command.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_other_command: bool,
    /// RequestTTY is off, so that a command without a remote command gets no terminal.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub terminal: bool,
    /// The shell that has to be named, of a Windows job.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
}

/// Words that a command lacks.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Added {
    /// Right behind `ssh`.
    pub options: Vec<String>,
    /// At the very end.
    pub command: Vec<String>,
}

/// ssh's letters with which there is no login, or none of its own.
const NO_LOGIN: &str = "GOQV";
/// Those with which there is a login and no session.
const NO_SESSION: &str = "NW";

impl SessionNeeds {
    /// A command needs nothing.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// What the words after `ssh` lack to end in a shell of `host`; nothing for another host's.
    pub fn added(&self, words: &[String], host: &str) -> Added {
        let mut added = Added::default();
        let Some(line) = SessionWords::read(words).filter(|line| line.host.eq_ignore_ascii_case(host)) else {
            return added;
        };
        if line.has(NO_LOGIN) || line.has(NO_SESSION) {
            return added;
        }
        // A letter of the command line that says the contrary was meant.
        let contrary = |keyword: &str| match keyword {
            "sessiontype" => line.has("s"),
            "stdinnull" => line.has("nf"),
            "forkafterauthentication" => line.has("f"),
            _ => false,
        };
        let own_command = line.command || (line.sets("remotecommand") && !line.has("s"));
        let mut options: Vec<&str> = self.options.iter().map(String::as_str).collect();
        let shell = self.shell.as_deref().filter(|_| !own_command && !line.has("s"));
        if self.no_other_command && (line.command || shell.is_some()) && !options.contains(&NO_REMOTE_COMMAND) {
            options.insert(0, NO_REMOTE_COMMAND);
        }
        for option in options {
            let keyword = option.split('=').next().unwrap_or_default().to_ascii_lowercase();
            if !line.sets(&keyword) && !contrary(&keyword) {
                added.options.extend(["-o".to_owned(), option.to_owned()]);
            }
        }
        let asks = line.has("tTs") || line.sets("requesttty");
        if !asks && (shell.is_some() || (self.terminal && !own_command)) {
            added.options.insert(0, "-t".to_owned());
        }
        if let Some(shell) = shell {
            added.command = vec!["--".to_owned(), shell.to_owned()];
        }
        added
    }
}

/// ssh takes no two commands.
pub(super) const NO_REMOTE_COMMAND: &str = "RemoteCommand=none";

#[cfg(test)]
mod tests {
    use super::*;

    fn added(needs: &SessionNeeds, text: &str) -> String {
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        let Added { options, command } = needs.added(&words, "203.0.113.7");
        [options, words, command].concat().join(" ")
    }

    #[test]
    fn nothing_is_added_where_nothing_is_needed() {
        let needs = SessionNeeds::default();
        assert_eq!(added(&needs, "-p 64535 203.0.113.7"), "-p 64535 203.0.113.7");
    }

    #[test]
    fn two_commands_never_meet() {
        let needs = SessionNeeds { no_other_command: true, ..SessionNeeds::default() };
        assert_eq!(added(&needs, "203.0.113.7"), "203.0.113.7");
        assert_eq!(added(&needs, "203.0.113.7 -t bash"), "-o RemoteCommand=none 203.0.113.7 -t bash");
        let own = "-o RemoteCommand=none 203.0.113.7 bash";
        assert_eq!(added(&needs, own), own);
        let windows = SessionNeeds { shell: Some("bash.exe".into()), ..needs };
        assert_eq!(added(&windows, "203.0.113.7"), "-t -o RemoteCommand=none 203.0.113.7 -- bash.exe");
        assert_eq!(added(&windows, "-o RemoteCommand=dir 203.0.113.7"), "-o RemoteCommand=dir 203.0.113.7");
    }

    #[test]
    fn what_the_configuration_forbids_is_undone() {
        let options = vec!["SessionType=default".to_owned(), "StdinNull=no".to_owned()];
        let needs = SessionNeeds { options, terminal: true, ..SessionNeeds::default() };
        assert_eq!(added(&needs, "203.0.113.7"), "-t -o SessionType=default -o StdinNull=no 203.0.113.7");
        assert_eq!(added(&needs, "203.0.113.7 ls"), "-o SessionType=default -o StdinNull=no 203.0.113.7 ls");
        assert_eq!(added(&needs, "-tt -n 203.0.113.7"), "-o SessionType=default -tt -n 203.0.113.7");
    }

    #[test]
    fn other_hosts_and_tunnels_are_left_alone() {
        let needs = SessionNeeds { options: vec!["SessionType=default".into()], ..SessionNeeds::default() };
        for text in ["-T git@github.com", "-O exit 203.0.113.7", "-N -L 1:h:2 203.0.113.7", "-G 203.0.113.7"] {
            assert_eq!(added(&needs, text), text);
        }
    }
}
