//! The configuration of the query: the user's own, without any key of theirs.

use std::path::Path;

use super::{super::jump::quote, Asked};
use crate::{
    probes::text,
    system::{Platform, System},
};

/// Options of `ssh -G`'s answer that are ours to set.
const OURS: [&str; 15] = [
    "host",
    "identityfile",
    "identityagent",
    "identitiesonly",
    "certificatefile",
    "pkcs11provider",
    "proxyjump",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "remotecommand",
    "localcommand",
    "userknownhostsfile",
    "forkafterauthentication",
    "logverbose",
];

/// Options that shape a session, which there is none of; some are told in words that ssh does not read again.
const SESSION: [&str; 12] = [
    "addkeystoagent",
    "channeltimeout",
    "dynamicforward",
    "escapechar",
    "localforward",
    "permitremoteopen",
    "remoteforward",
    "requesttty",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
];

/// Options whose value is one word, which ssh tells without the quotes that it needs to be read again.
const ONE_WORD: [&str; 10] = [
    "bindaddress",
    "bindinterface",
    "hostkeyalias",
    "hostname",
    "revokedhostkeys",
    "securitykeyprovider",
    "tag",
    "user",
    "versionaddendum",
    "xauthlocation",
];

/// What a proxy command finds around it.
///
/// Newer clients (10.6 does) hand their IdentityAgent down to it in SSH_AUTH_SOCK. Our agent is for the target alone: a jump
/// host is logged in to with the user's own, and must not be shown the candidates.
pub(super) struct Surroundings {
    /// The shell that runs it; none where it is not a POSIX one's.
    pub(super) shell: Option<String>,
    /// The user's SSH_AUTH_SOCK.
    pub(super) agent: Option<String>,
}

impl Surroundings {
    pub(super) fn of(system: &dyn System) -> Self {
        let variable = |name: &str| text::filled(system.env(name));
        let posix = system.platform() != Platform::Windows;
        let shell = variable("SHELL").unwrap_or_else(|| "/bin/sh".to_owned());
        Self { shell: posix.then_some(shell), agent: variable("SSH_AUTH_SOCK") }
    }

    /// The command with the user's own SSH_AUTH_SOCK.
    fn keep_for(&self, command: &str) -> String {
        let Some(shell) = &self.shell else { return command.to_owned() };
        // ssh replaces tokens in all of it; those of the command are meant.
        let plain = |word: &str| quote(word).replace('%', "%%");
        let agent = match &self.agent {
            Some(socket) => format!("SSH_AUTH_SOCK={}", plain(socket)),
            None => "-u SSH_AUTH_SOCK".to_owned(),
        };
        format!("env {agent} {} -c {}", plain(shell), quote(&format!("exec {command}")))
    }
}

/// A line that gives an option the value that `ssh -G` told for it.
fn line(option: &str, value: &str) -> String {
    // HostName is told with its tokens replaced, and is looked through for tokens again (ssh.c `main`).
    let value = if option == "hostname" { value.replace('%', "%%") } else { value.to_owned() };
    let means_more = |letter: char| letter.is_whitespace() || letter == '\'' || letter == '#';
    if ONE_WORD.contains(&option) && value.contains(means_more) && !value.contains('"') {
        format!("{option} \"{value}\"\n")
    } else {
        format!("{option} {value}\n")
    }
}

/// A configuration that says what `effective` says, but knows no key; with the socket of our agent, or without any agent.
pub(super) fn configuration(
    asked: &Asked<'_>,
    surroundings: &Surroundings,
    agent: Option<&Path>,
    known_hosts: &Path,
) -> String {
    let mut text = String::from("Host *\n");
    for (option, values) in &asked.effective.options {
        if !OURS.contains(&option.as_str()) && !SESSION.contains(&option.as_str()) {
            let kept = |value: &String| match option.as_str() {
                "proxycommand" if value != "none" => line(option, &surroundings.keep_for(value)),
                _ => line(option, value),
            };
            values.iter().for_each(|value| text.push_str(&kept(value)));
        }
    }
    let (only, agent) = match agent {
        Some(socket) => ("no", format!("\"{}\"", socket.display().to_string().replace('%', "%%"))),
        None => ("yes", "none".to_owned()),
    };
    text.push_str(&format!("IdentityFile none\nIdentitiesOnly {only}\nIdentityAgent {agent}\n"));
    if let Some((jumps, way)) = asked.jumps {
        let command = surroundings.keep_for(&jumps.command(way, known_hosts, false));
        text.push_str(&format!("ProxyCommand {command}\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ssh_told_can_be_read_again() {
        assert_eq!(line("hostname", "fe80::1%eth0"), "hostname fe80::1%%eth0\n");
        assert_eq!(line("user", "ana maria"), "user \"ana maria\"\n");
        assert_eq!(line("user", "o'brien"), "user \"o'brien\"\n");
        assert_eq!(line("port", "22"), "port 22\n");
        assert_eq!(line("proxycommand", "nc %h %p"), "proxycommand nc %h %p\n");
    }

    #[test]
    fn a_proxy_command_keeps_the_users_agent() {
        let kept = |agent: Option<&str>, shell: Option<&str>| {
            Surroundings { shell: shell.map(str::to_owned), agent: agent.map(str::to_owned) }.keep_for("nc 'a b' %h %p")
        };
        let words = |line: String| shlex::split(&line).expect("words");
        assert_eq!(
            words(kept(Some("/tmp/my 100%/agent"), Some("/bin/zsh"))),
            ["env", "SSH_AUTH_SOCK=/tmp/my 100%%/agent", "/bin/zsh", "-c", "exec nc 'a b' %h %p"]
        );
        assert_eq!(words(kept(None, Some("/bin/sh")))[..3], ["env", "-u", "SSH_AUTH_SOCK"]);
        assert_eq!(kept(None, None), "nc 'a b' %h %p");
    }
}
