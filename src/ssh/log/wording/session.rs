//! The session after the login: clientloop.c, channels.c, ssh.c, and the job's server (Go's os/exec).

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, cap, cut, has, host_port, name};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let body = line.body();
    if body.starts_with("Entering interactive session") {
        return Some(Event::SessionEntered);
    }
    if body.starts_with("channel_connect_stdio_fwd") {
        return Some(Event::PassesOn);
    }
    if let Some(command) = body.strip_prefix("Sending command:").or_else(|| body.strip_prefix("Sending subsystem:")) {
        return Some(Event::SendingCommand { command: name(command) });
    }
    body.strip_prefix("Exit status ").and_then(|code| code.parse().ok()).map(|code| Event::ExitStatus { code })
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    let text = || cap(body, MAX_LINE);
    if let Some(program) = exec_not_found(line) {
        return Some(Event::ExecNotFound { program: name(program) });
    }
    if line.has("No command or PTY requested") {
        return Some(Event::NoCommandOrPty);
    }
    if let Some(host) = line.after_prompt("Connection to ").or_else(|| line.after_prompt("Shared connection to ")) {
        if let Some(host) = host.strip_suffix(" closed by remote host.") {
            return Some(Event::SessionClosedByRemote { host: name(host) });
        }
        if let Some(host) = host.strip_suffix(" closed.") {
            return Some(Event::SessionClosed { host: name(host) });
        }
    }
    if let Some(rest) = line.find("Timeout, server ").and_then(|at| body.get(at + 16..)) {
        return cut(rest, " not responding").map(|(host, _)| Event::SessionTimeout { host: name(host) });
    }
    if line.has("request failed on channel") {
        let request = line.cut(" request").map_or(body, |(request, _)| request);
        return Some(Event::RequestFailed { request: name(request) });
    }
    if let Some(rest) = line.after_prompt("channel ") {
        let (number, why) = cut(rest, ": open failed: ")?;
        return Some(Event::ChannelOpenFailed { channel: number.parse().ok()?, text: cap(why, MAX_LINE) });
    }
    if let Some((_, rest)) = body.strip_prefix("Transferred: ").and_then(|rest| rest.rsplit_once(" in ")) {
        let seconds = rest.split(['.', ' ']).next()?.parse().ok()?;
        return Some(Event::Transferred { seconds });
    }
    if body.starts_with("Could not request local forwarding")
        || line.has("port forwarding failed for listen port")
        || line.function().is_some_and(|function| function.starts_with("channel_setup_fwd"))
    {
        return Some(Event::ForwardFailed { text: text() });
    }
    if is_lost(line) {
        return Some(Event::SessionLost { text: text() });
    }
    git_host(line)
}

/// What git hosts tell those who want a shell.
fn git_host(line: &Line) -> Option<Event> {
    let of = |host: &str, account: Option<&str>| Event::GitHost { host: host.to_owned(), account: account.map(name) };
    if line.has("successfully authenticated, but GitHub does not provide shell access") {
        return Some(of("github.com", line.between("Hi ", "!")));
    }
    if let Some(account) = line.between("Welcome to GitLab, @", "!") {
        return Some(of("gitlab.com", Some(account)));
    }
    (line.body() == "authenticated via ssh key." || line.has("You can use git to connect to Bitbucket"))
        .then(|| of("bitbucket.org", None))
}

/// A remote prompt often stands before these on the same line, so they are looked for anywhere.
fn is_lost(line: &Line) -> bool {
    if line.has("client_loop: send disconnect: ") || line.has("client_loop: ssh_packet_write_poll: ") {
        return true;
    }
    if let Some((_, rest)) =
        line.cut("packet_write_wait: Connection to ").or_else(|| line.cut("packet_write_poll: Connection to "))
    {
        return host_port(rest).is_some();
    }
    line.body().ends_with("Write failed: Broken pipe") || (line.has("Read from remote host ") && line.has(": "))
}

/// `exec: "x": executable file not found in $PATH` (`%PATH%` on Windows), `exec: "/bin/bash": stat /bin/bash: no such
/// file or directory`, `fork/exec /bin/bash: no such file or directory`.
fn exec_not_found(line: &Line) -> Option<&str> {
    // A container's engine, in which nobody has logged in yet.
    if ["OCI runtime", "container process", "docker: "].iter().any(|words| line.has(words)) {
        return None;
    }
    if let Some((_, rest)) = line.cut("fork/exec ") {
        return cut(rest, ": no such file").map(|(program, _)| program);
    }
    let (program, why) = line.cut("exec: \"")?.1.split_once("\": ")?;
    (has(why, "executable file not found") || has(why, "no such file") || has(why, "cannot find")).then_some(program)
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn what_the_job_could_not_run() {
        for (text, program) in [
            ("Error: exec: \"export\": executable file not found in $PATH", "export"),
            ("Error: exec: \"bash\": executable file not found in %PATH%", "bash"),
            ("exec: \"/bin/bash\": stat /bin/bash: no such file or directory", "/bin/bash"),
            ("Error: fork/exec /bin/bash: no such file or directory", "/bin/bash"),
        ] {
            assert_eq!(of(text), Event::ExecNotFound { program: program.to_owned() });
        }
        assert_eq!(of("Error: No command or PTY requested"), Event::NoCommandOrPty);
        assert_eq!(
            of("debug1: Executing proxy command: exec: \"x\": no such file"),
            Event::ProxyCommand { command: "exec: \"x\": no such file".to_owned() }
        );
    }

    #[test]
    fn git_hosts_greet() {
        for (text, host, account) in [
            (
                "Hi ana! You've successfully authenticated, but GitHub does not provide shell access.",
                "github.com",
                Some("ana"),
            ),
            ("Welcome to GitLab, @ana!", "gitlab.com", Some("ana")),
            ("You can use git to connect to Bitbucket. Shell access is disabled", "bitbucket.org", None),
        ] {
            assert_eq!(of(text), Event::GitHost { host: host.to_owned(), account: account.map(str::to_owned) });
        }
        assert_eq!(of("Hi ana! You've been away"), Event::Other);
    }

    #[test]
    fn ends_of_sessions() {
        assert_eq!(of("Connection to 203.0.113.7 closed."), Event::SessionClosed { host: "203.0.113.7".to_owned() });
        assert_eq!(
            of("Shared connection to 203.0.113.7 closed."),
            Event::SessionClosed { host: "203.0.113.7".to_owned() }
        );
        assert_eq!(
            of("Connection to 203.0.113.7 closed by remote host."),
            Event::SessionClosedByRemote { host: "203.0.113.7".to_owned() }
        );
        assert_eq!(
            of("Timeout, server 198.51.100.55 not responding."),
            Event::SessionTimeout { host: "198.51.100.55".to_owned() }
        );
        for text in [
            "client_loop: send disconnect: Broken pipe",
            "circleci@1:~$ packet_write_wait: Connection to 203.0.113.7 port 64535: Broken pipe",
            "Write failed: Broken pipe",
            "Read from remote host 203.0.113.7: Operation timed out",
        ] {
            assert!(matches!(of(text), Event::SessionLost { .. }), "{text}");
        }
        assert_eq!(
            of("Transferred: sent 3360, received 3120 bytes, in 7201.4 seconds"),
            Event::Transferred { seconds: 7201 }
        );
        assert!(matches!(of("Warning: remote port forwarding failed for listen port 80"), Event::ForwardFailed { .. }));
        assert!(matches!(
            of("channel_setup_fwd_listener_tcpip: cannot listen to port: 5901"),
            Event::ForwardFailed { .. }
        ));
        assert_eq!(of("debug1: Exit status -1"), Event::ExitStatus { code: -1 });
        assert_eq!(
            of("PTY allocation request failed on channel 0"),
            Event::RequestFailed { request: "PTY allocation".to_owned() }
        );
        assert_eq!(
            of("subsystem request failed on channel 0"),
            Event::RequestFailed { request: "subsystem".to_owned() }
        );
        assert!(matches!(
            of("channel 0: open failed: administratively prohibited: no"),
            Event::ChannelOpenFailed { channel: 0, .. }
        ));
        assert!(matches!(
            of("debug1: Sending command: \\nexport TERM_PROGRAM='WarpTerminal'"),
            Event::SendingCommand { .. }
        ));
    }
}
