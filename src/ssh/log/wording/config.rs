//! The program, its command line and ssh_config: readconf.c, ssh.c before the connection.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, cap, cut, has, name, strip_ci};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(file) = body.strip_prefix("Reading configuration data ") {
        return Some(Event::ReadingConfig { file: name(file) });
    }
    if let Some((place, pattern)) = cut(body, ": Applying options for ") {
        let (file, number) = place.rsplit_once(" line ")?;
        return Some(Event::ApplyingOptions { file: name(file), line: number.parse().ok()?, pattern: name(pattern) });
    }
    // Since 10.0 the version is a debug message.
    version(body)
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    version(body)
        .or_else(|| at_line(line))
        .or_else(|| permissions(body))
        .or_else(|| usage(body))
        .or_else(|| algorithms(body))
        .or_else(|| fatal(line))
}

fn version(body: &str) -> Option<Event> {
    let rest = body.strip_prefix("OpenSSH_")?;
    // `, ` and a library follow: `OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2`.
    let (number, _) = cut(rest, ", ")?;
    number.contains(|c: char| c.is_ascii_digit()).then(|| Event::Version { text: cap(body, MAX_LINE) })
}

/// `FILE: line N: …` and `FILE line N: …` (one function prints either, by keyword).
fn at_line(line: &Line) -> Option<Event> {
    if let Some((file, _)) = line.cut(": terminating, ") {
        return line.body().ends_with("configuration options").then(|| Event::ConfigTerminating { file: name(file) });
    }
    let (file, rest) = line.cut(" line ")?;
    let (number, text) = cut(rest, ": ")?;
    let number = number.parse().ok()?;
    if PASSED_OVER.iter().any(|start| text.starts_with(start)) || text.ends_with(" matched no files") {
        return None;
    }
    let file = file.trim_end_matches(':');
    // `/bin/bash: line 1: x: not found` is a shell's.
    let known = file == "command-line" || file.ends_with("config") || file.ends_with(".conf");
    if !(known || CONFIG_MESSAGES.iter().any(|start| strip_ci(text, start).is_some())) || text.ends_with("not found") {
        return None;
    }
    Some(Event::ConfigError { file: Some(name(file)), line: Some(number), text: cap(text, MAX_LINE) })
}

/// Remarks after which ssh goes on. With a capital it is the option that is unsupported, without one it is its value.
const PASSED_OVER: [&str; 4] =
    ["Unsupported option ", "Deprecated option ", "Ignored unknown option ", "Applying options for "];

/// How readconf.c begins what it has to say about a line, for files whose names say nothing.
const CONFIG_MESSAGES: [&str; 11] = [
    "bad configuration option",
    "unsupported option",
    "unsupported match attribute",
    "missing ",
    "no argument after keyword",
    "keyword ",
    "garbage at end of line",
    "extra arguments",
    "bad ",
    "invalid ",
    "could not parse",
];

fn permissions(body: &str) -> Option<Event> {
    if let Some(file) = body.strip_prefix("Bad owner or permissions on ") {
        return Some(Event::ConfigPermissions { file: name(file) });
    }
    let rest = body.strip_prefix("Bad permissions. Try removing permissions for user: ")?;
    let (user, file) = rest.rsplit_once(" on file ")?;
    Some(Event::WindowsPermissions { user: name(user), file: name(file.trim_end_matches('.')) })
}

fn usage(body: &str) -> Option<Event> {
    if body == "Cannot execute command-line and remote command." {
        return Some(Event::RemoteCommandConflict);
    }
    // getopt's words are the C library's: `ssh: illegal option -- x` (macOS), `unknown option -- x` (OpenSSH's own).
    let text = body.strip_prefix("ssh: ").unwrap_or(body);
    let starts = [
        "usage: ssh ",
        "Bad port '",
        "Bad port \"",
        "unknown option -- ",
        "illegal option -- ",
        "invalid option -- ",
        "unrecognized option",
        "option requires an argument -- ",
        "Bad escape character",
        "remote username contains invalid",
        "hostname contains invalid",
        "Bad local forwarding specification",
        "Bad remote forwarding specification",
        "Bad dynamic forwarding specification",
        "Bad stdio forwarding specification",
    ];
    starts.iter().any(|start| text.starts_with(start)).then(|| Event::UsageError { text: cap(body, MAX_LINE) })
}

/// Algorithm lists that name what this ssh does not have; also without file and line.
fn algorithms(body: &str) -> Option<Event> {
    let starts = [
        "Bad key types ",
        "Bad SSH2 cipher spec ",
        "Bad SSH2 MAC spec ",
        "Bad SSH2 KexAlgorithms ",
        "Bad SSH2 mac spec ",
        "Unsupported KEX algorithm ",
        "Unsupported Match attribute ",
        "Unknown cipher type ",
        "Unknown mac type ",
        "Too many recursive configuration includes",
        "Can't open user config file ",
        "Too many recursive configuration includes",
    ];
    starts.iter().any(|start| body.starts_with(start)).then(|| Event::ConfigError {
        file: None,
        line: None,
        text: cap(body, MAX_LINE),
    })
}

fn fatal(line: &Line) -> Option<Event> {
    let body = line.body();
    let text = || cap(body, MAX_LINE);
    if let Some(host) = body.strip_prefix("jumphost loop via ") {
        return Some(Event::ProxyLoop { host: name(host) });
    }
    if body.starts_with("ControlPath too long") || body.ends_with("too long for Unix domain socket") {
        return Some(Event::ControlPathTooLong { text: text() });
    }
    // Containers run programs as users that /etc/passwd does not know.
    if body.starts_with("No user exists for uid ") || body.starts_with("Too many identity files specified") {
        return Some(Event::ClientFatal { text: text() });
    }
    if body.strip_prefix("KnownHostsCommand ").is_some_and(|rest| rest == "failed" || has(rest, " failed, ")) {
        return Some(Event::ClientFatal { text: text() });
    }
    let fatal = match line.function() {
        Some("unix_listener") => line.message().starts_with("cannot bind to path"),
        Some(function) => function.ends_with("_expand"),
        None => false,
    };
    fatal.then(|| Event::ClientFatal { text: text() })
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    fn error(file: &str, line: u64, text: &str) -> Event {
        Event::ConfigError { file: Some(file.to_owned()), line: Some(line), text: text.to_owned() }
    }

    #[test]
    fn versions() {
        for text in [
            "OpenSSH_9.2p1 Debian-2+deb12u5, OpenSSL 3.0.15 3 Sep 2024",
            "OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2",
            "OpenSSH_10.2p1, OpenSSL 3.6.0 1 Oct 2025",
        ] {
            assert_eq!(of(text), Event::Version { text: text.to_owned() });
            assert_eq!(of(&format!("debug1: {text}")), Event::Version { text: text.to_owned() });
        }
        assert_eq!(of("OpenSSH_ is a program"), Event::Other);
    }

    #[test]
    fn configuration() {
        assert_eq!(
            of("debug1: Reading configuration data C:\\\\Users\\\\u/.ssh/config"),
            Event::ReadingConfig { file: "C:\\Users\\u/.ssh/config".to_owned() }
        );
        assert_eq!(
            of("debug1: /home/u/.ssh/config line 3: Applying options for 203.0.113.*"),
            Event::ApplyingOptions {
                file: "/home/u/.ssh/config".to_owned(),
                line: 3,
                pattern: "203.0.113.*".to_owned()
            }
        );
        assert_eq!(
            of("/home/u/.ssh/config: line 4: Bad configuration option: usekeychain"),
            error("/home/u/.ssh/config", 4, "Bad configuration option: usekeychain")
        );
        assert_eq!(
            of("/home/u/.ssh/config line 4: unsupported option \"accept_new\"."),
            error("/home/u/.ssh/config", 4, "unsupported option \"accept_new\".")
        );
        assert_eq!(
            of("command-line: line 0: Bad configuration option: xyz"),
            error("command-line", 0, "Bad configuration option: xyz")
        );
        assert_eq!(
            of("command-line line 0: Bad key types '+ssh-dss'."),
            error("command-line", 0, "Bad key types '+ssh-dss'.")
        );
        assert_eq!(
            of("/tmp/hosts line 2: keyword port extra arguments at end of line"),
            error("/tmp/hosts", 2, "keyword port extra arguments at end of line")
        );
        assert_eq!(
            of("/home/u/.ssh/config: terminating, 1 bad configuration options"),
            Event::ConfigTerminating { file: "/home/u/.ssh/config".to_owned() }
        );
        assert_eq!(
            of("Bad owner or permissions on /home/u/.ssh/config"),
            Event::ConfigPermissions { file: "/home/u/.ssh/config".to_owned() }
        );
        assert_eq!(
            of(
                "Bad permissions. Try removing permissions for user: BUILTIN\\\\Users (S-1-5-32-545) on file C:/Users/u/.ssh/config."
            ),
            Event::WindowsPermissions {
                user: "BUILTIN\\Users (S-1-5-32-545)".to_owned(),
                file: "C:/Users/u/.ssh/config".to_owned()
            }
        );
        assert!(matches!(of("Unsupported Match attribute tagged"), Event::ConfigError { file: None, .. }));
        for passed_over in [
            "/etc/ssh/ssh_config line 53: Unsupported option \"gssapiauthentication\"",
            "/home/u/.ssh/config line 1: Deprecated option \"useroaming\"",
        ] {
            assert_eq!(of(passed_over), Event::Other);
        }
        assert_eq!(of("/bin/bash: line 1: corp-vpn-up: command not found"), Event::Other);
    }

    #[test]
    fn the_program_itself() {
        for text in [
            "Bad port '64535,'",
            "unknown option -- -",
            "ssh: illegal option -- -",
            "option requires an argument -- p",
            "usage: ssh [-46AaCfGgKkMNnqsTtVvXxYy] [-B bind_interface]",
        ] {
            assert_eq!(of(text), Event::UsageError { text: text.to_owned() });
        }
        assert_eq!(of("Cannot execute command-line and remote command."), Event::RemoteCommandConflict);
        assert!(matches!(of("ControlPath too long ('/x' >= 108 bytes)"), Event::ControlPathTooLong { .. }));
        assert!(matches!(
            of("unix_listener: path \"/x\" too long for Unix domain socket"),
            Event::ControlPathTooLong { .. }
        ));
        assert!(matches!(of("vdollar_percent_expand: unknown key %q"), Event::ClientFatal { .. }));
        assert!(matches!(of("KnownHostsCommand failed"), Event::ClientFatal { .. }));
        assert!(matches!(of("No user exists for uid 3434"), Event::ClientFatal { .. }));
        assert!(matches!(of("Bad local forwarding specification 'x'"), Event::UsageError { .. }));
        assert_eq!(of("jumphost loop via bastion"), Event::ProxyLoop { host: "bastion".to_owned() });
    }
}
