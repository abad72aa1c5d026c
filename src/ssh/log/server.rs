//! Lines that only an ssh server prints: its log is easily taken for the client's.

/// The beginnings of what sshd says and ssh never does (auth.c, sshd.c, session.c and sshd-session.c of OpenSSH).
const BEGINNINGS: [&str; 18] = [
    "Accepted ",
    "Failed publickey for ",
    "Failed password for ",
    "Failed none for ",
    "Failed keyboard-interactive",
    "Postponed ",
    "Invalid user ",
    "Server listening on ",
    "Connection from ",
    "Connection closed by invalid user ",
    "Disconnected from user ",
    "Disconnected from authenticating user ",
    "Disconnecting authenticating user ",
    "Starting session: ",
    "userauth-request for user ",
    "sshd version ",
    "Forked child ",
    "Server will not fork ",
];

/// Whether a cleaned line, without its `debug1: `, is one that only an ssh server prints.
///
/// Its children mark what they say with `[preauth]`; in a system's journal its name stands before every line.
pub fn is_servers(body: &str) -> bool {
    marked(body)
        || BEGINNINGS.iter().any(|start| body.starts_with(start))
        || body.contains(" sshd[")
        || body.contains(" sshd-session[")
}

/// The cheap part of it, which every line has to pass.
pub(super) fn marked(text: &str) -> bool {
    text.ends_with(']') && (text.ends_with(" [preauth]") || text.ends_with(" [postauth]"))
}

#[cfg(test)]
mod tests {
    use super::is_servers;

    #[test]
    fn a_server_s_words_are_not_the_client_s() {
        for line in [
            "Server listening on 0.0.0.0 port 2222.",
            "Failed publickey for ana from 203.0.113.5 port 50022 ssh2: RSA SHA256:x",
            "Connection closed by authenticating user ana 203.0.113.5 port 50022 [preauth]",
            "Nov 22 09:41:20 box sshd[4711]: Received disconnect from 203.0.113.5 port 50022:11: bye",
            "SSH2_MSG_KEXINIT sent [preauth]",
        ] {
            assert!(is_servers(line), "{line}");
        }
        for line in [
            "Connection closed by 203.0.113.7 port 22",
            "Permission denied (publickey).",
            "Authentication succeeded (publickey).",
            "Disconnected from 203.0.113.7 port 22",
            "Connection to 203.0.113.7 closed.",
        ] {
            assert!(!is_servers(line), "{line}");
        }
    }
}
