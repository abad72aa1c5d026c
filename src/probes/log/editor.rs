//! What an editor writes around the ssh that it starts: VS Code's Remote-SSH extension and its kin.

/// A line of the editor's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Says<'l> {
    /// With this command it starts ssh.
    Command(&'l str),
    /// Anything else.
    Other,
}

/// Beginnings of lines that nobody else writes.
const OWN: [&str; 9] = [
    "local-server-",
    "remote-ssh@",
    "SSH Resolver called for",
    "Spawning local server with",
    "Setting up SSH remote",
    "\"install\" terminal command done",
    "Install terminal quit with output",
    "\"remote.SSH.",
    "remote.SSH.",
];

/// What the editor says in this line, if it is one of the editor's.
pub(super) fn says(text: &str) -> Option<Says<'_>> {
    let text = text.trim_start_matches("> ");
    let starts = ["Running ssh connection command: ", "Running script with connection command: "];
    let command = starts
        .iter()
        .find_map(|start| text.split_once(start))
        .filter(|(before, _)| before.is_empty() || before.starts_with("local-server-"));
    match command {
        Some((_, command)) => Some(Says::Command(command)),
        None => OWN.iter().any(|start| text.starts_with(start)).then_some(Says::Other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_the_editor() {
        for (text, expected) in [
            (
                "local-server-1> Running ssh connection command: ssh -v -T -D 4 h",
                Some(Says::Command("ssh -v -T -D 4 h")),
            ),
            ("Running script with connection command: ssh -T \"h\" bash", Some(Says::Command("ssh -T \"h\" bash"))),
            ("local-server-1> Spawned ssh, pid=4711", Some(Says::Other)),
            ("\"remote.SSH.useLocalServer\": true", Some(Says::Other)),
            ("ssh -T h", None),
            ("debug1: Connecting to h", None),
            ("somebody wrote at length about Running ssh connection command: ssh h", None),
        ] {
            assert_eq!(says(text), expected, "{text}");
        }
    }
}
