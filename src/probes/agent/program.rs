//! Which program is behind an agent's socket: told by the process at its other end, or by the path, since each has its own
//! habit.

use std::path::Path;

use crate::system::{Stream, System};

/// What a process calls itself (proc(5), `/proc/pid/comm`, 15 letters), and the program. The first one that fits.
const PROCESSES: [(&str, &str); 11] = [
    ("ssh-agent", "openssh"),
    // An agent of another machine, forwarded by its ssh (ssh(1), -A).
    ("sshd", "forwarded"),
    ("gpg-agent", "gpg-agent"),
    ("gcr-ssh-agent", "gnome-keyring"),
    ("gnome-keyring", "gnome-keyring"),
    ("1password", "1password"),
    ("bitwarden", "bitwarden"),
    ("keepassxc", "keepassxc"),
    ("socat", "relay"),
    ("npiperelay", "relay"),
    ("wsl2-ssh-agent", "relay"),
];

/// Part of the path in lower case, slashes forward, and the program that makes such paths. The first one that fits.
const PATHS: [(&str, &str); 20] = [
    ("npiperelay", "relay"),
    ("wsl2-ssh-agent", "relay"),
    ("1password", "1password"),
    ("secretive", "secretive"),
    ("bitwarden", "bitwarden"),
    ("strongbox", "strongbox"),
    ("proton-pass", "proton-pass"),
    ("keeagent", "keeagent"),
    ("keepass", "keeagent"),
    ("s.gpg-agent.ssh", "gpg-agent"),
    ("com.apple.launchd", "launchd"),
    ("/keyring/", "gnome-keyring"),
    ("/gcr/ssh", "gnome-keyring"),
    ("pipe/openssh-ssh-agent", "windows-service"),
    ("/.ssh/agent/s.", "openssh"),
    ("/openssh_agent", "openssh"),
    ("/ssh-agent.so", "openssh"),
    ("/ssh-agent", "openssh"),
    ("/agent.", "openssh"),
    ("/ssh-", "openssh"),
];

/// The same for a path that is only text.
pub(in crate::probes) fn of_path(path: &str) -> &'static str {
    of(Path::new(path))
}

pub(super) fn of(path: &Path) -> &'static str {
    let path = path.to_string_lossy().to_ascii_lowercase().replace('\\', "/");
    PATHS.iter().find(|(part, _)| path.contains(part)).map_or("unknown", |(_, program)| program)
}

/// The program of the process at the other end.
pub(super) fn behind(system: &dyn System, stream: &dyn Stream) -> Option<&'static str> {
    let comm = system.read(Path::new(&format!("/proc/{}/comm", stream.peer()?)), 64).ok()?;
    of_process(&String::from_utf8_lossy(&comm))
}

fn of_process(comm: &str) -> Option<&'static str> {
    let comm = comm.to_ascii_lowercase();
    PROCESSES.iter().find(|(name, _)| comm.starts_with(name)).map(|(_, program)| *program)
}

/// Programs that ask at the screen before they sign.
pub(super) fn asks(program: &str) -> bool {
    matches!(program, "1password" | "secretive" | "bitwarden" | "keeagent" | "strongbox" | "proton-pass" | "gpg-agent")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processes_of_the_wild() {
        for (comm, program) in [
            ("ssh-agent\n", Some("openssh")),
            ("sshd-session\n", Some("forwarded")),
            ("gnome-keyring-d\n", Some("gnome-keyring")),
            ("1Password\n", Some("1password")),
            ("npiperelay.exe\n", Some("relay")),
            ("systemd\n", None),
        ] {
            assert_eq!(of_process(comm), program, "{comm}");
        }
    }

    #[test]
    fn paths_of_the_wild() {
        for (path, program) in [
            ("/Users/a/Library/Group Containers/2BUA8C4S2C.com.1password/t/agent.sock", "1password"),
            ("/home/a/.1password/agent.sock", "1password"),
            ("/Users/a/Library/Containers/com.maxgoedjen.Secretive.SecretAgent/Data/socket.ssh", "secretive"),
            ("/run/user/1000/gnupg/S.gpg-agent.ssh", "gpg-agent"),
            ("/run/user/1000/keyring/ssh", "gnome-keyring"),
            ("/run/user/1000/gcr/ssh", "gnome-keyring"),
            ("/private/tmp/com.apple.launchd.Xy/Listeners", "launchd"),
            ("/home/a/.bitwarden-ssh-agent.sock", "bitwarden"),
            (r"\\.\pipe\openssh-ssh-agent", "windows-service"),
            ("/tmp/ssh-h5Rdabc/agent.1234", "openssh"),
            ("/home/a/.ssh/agent/s.Ab.agent.Cd", "openssh"),
            ("/run/user/1000/ssh-agent.socket", "openssh"),
            ("/run/user/1000/openssh_agent", "openssh"),
            ("/var/tmp/x", "unknown"),
        ] {
            assert_eq!(of(Path::new(path)), program, "{path}");
        }
    }
}
