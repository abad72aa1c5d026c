//! The agent: sshconnect2.c `get_agent_identities` (to 8.8 `pubkey_prepare`), authfd.c; a little of ssh-add.c, which
//! people paste along.

use crate::ssh::log::event::Event;
use crate::ssh::log::line::Line;
use crate::ssh::log::text::{MAX_LINE, cap, cut, has};

pub(super) fn debug1(line: &Line) -> Option<Event> {
    let message = line.message();
    // `get_agent_identities: `, `pubkey_prepare: `; without a name nobody speaks of the agent.
    line.function()?;
    if let Some(text) = cut(line.body(), "ssh_get_authentication_socket: ").map(|(_, text)| text) {
        return Some(Event::AgentSocketError { text: cap(text, MAX_LINE) });
    }
    if has(line.body(), "agent contains no identities") {
        return Some(Event::AgentEmpty);
    }
    if let Some(text) = cut(line.body(), "ssh_fetch_identitylist: ").map(|(_, text)| text) {
        return Some(Event::AgentSocketError { text: cap(text, MAX_LINE) });
    }
    if let Some(rest) = message.strip_prefix("agent returned ") {
        return Some(Event::AgentIdentities { count: rest.split(' ').next()?.parse().ok()? });
    }
    message.starts_with("bound agent to hostkey").then_some(Event::AgentBound)
}

/// `unable to connect to pipe \\.\pipe\openssh-ssh-agent, error: 2` (Windows, fileio.c).
pub(super) fn deeper(line: &Line) -> Option<Event> {
    let body = line.body();
    (body.starts_with("unable to connect to pipe") && has(body, "agent"))
        .then(|| Event::AgentSocketError { text: cap(body, MAX_LINE) })
}

pub(super) fn plain(line: &Line) -> Option<Event> {
    let body = line.body();
    if let Some(text) = body.strip_prefix("Error connecting to agent: ") {
        return Some(Event::AgentSocketError { text: cap(text, MAX_LINE) });
    }
    if body == "Could not open a connection to your authentication agent." {
        return Some(Event::AgentSocketError { text: cap(body, MAX_LINE) });
    }
    (body == "The agent has no identities.").then_some(Event::AgentEmpty)
}

#[cfg(test)]
mod tests {
    use super::super::of;
    use super::*;

    #[test]
    fn the_agent() {
        for function in ["get_agent_identities", "pubkey_prepare"] {
            assert_eq!(
                of(&format!("debug1: {function}: ssh_get_authentication_socket: Connection refused")),
                Event::AgentSocketError { text: "Connection refused".to_owned() }
            );
        }
        assert_eq!(
            of("debug1: get_agent_identities: ssh_fetch_identitylist: agent contains no identities"),
            Event::AgentEmpty
        );
        assert_eq!(
            of("debug1: get_agent_identities: ssh_fetch_identitylist: communication with agent failed"),
            Event::AgentSocketError { text: "communication with agent failed".to_owned() }
        );
        // ssh-add's.
        assert_eq!(of("The agent has no identities."), Event::AgentEmpty);
        for text in [
            "Error connecting to agent: Connection refused",
            "Could not open a connection to your authentication agent.",
        ] {
            assert!(matches!(of(text), Event::AgentSocketError { .. }), "{text}");
        }
        assert_eq!(of("debug1: get_agent_identities: agent returned 12 keys"), Event::AgentIdentities { count: 12 });
        assert_eq!(of("debug1: get_agent_identities: bound agent to hostkey"), Event::AgentBound);
        assert!(matches!(
            of("debug3: unable to connect to pipe \\\\\\\\.\\\\pipe\\\\openssh-ssh-agent, error: 2"),
            Event::AgentSocketError { .. }
        ));
    }
}
