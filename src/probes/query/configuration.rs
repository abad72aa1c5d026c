//! The configuration of the query: the user's own, without any key of theirs.

use std::path::Path;

use super::Asked;

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
pub(super) fn configuration(asked: &Asked<'_>, agent: Option<&Path>, known_hosts: &Path) -> String {
    let mut text = String::from("Host *\n");
    for (option, values) in &asked.effective.options {
        if !OURS.contains(&option.as_str()) && !SESSION.contains(&option.as_str()) {
            values.iter().for_each(|value| text.push_str(&line(option, value)));
        }
    }
    let (only, agent) = match agent {
        Some(socket) => ("no", format!("\"{}\"", socket.display().to_string().replace('%', "%%"))),
        None => ("yes", "none".to_owned()),
    };
    text.push_str(&format!("IdentityFile none\nIdentitiesOnly {only}\nIdentityAgent {agent}\n"));
    if let Some((jumps, way)) = asked.jumps {
        text.push_str(&format!("ProxyCommand {}\n", jumps.command(way, known_hosts, false)));
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
}
