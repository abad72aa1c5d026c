//! Where the login of a log went, in words that can be handed to ssh.

use super::{Capture, shell::Around};
use crate::{
    facts::{EnableSsh, Fact, Machine, Seen, Target},
    ssh::{
        known_hosts::host_of,
        log::{Attempt, ClientProblemKind, host_port},
    },
    target::{self, Asked},
};

/// What stands for what the log does not show.
const HOST: &str = "HOST";
const PORT: &str = "PORT";

/// The target of the log; `asked` is the one that the user gave beside it.
pub(super) fn look(capture: &Capture, asked: Option<&target::Target>, machine: &Fact<Machine>) -> Option<Target> {
    let attempt = &capture.attempt;
    let step = step(&capture.around, &attempt.source);
    let given = asked.or(capture.command.as_ref().map(|(_, target)| target));
    let mut target = match given {
        Some(given) => with_slip(given.into(), attempt),
        None => match met(attempt, machine) {
            Some(target) => with_slip(target, attempt),
            None => unknown(attempt),
        },
    };
    if step.is_some() {
        target.enable_ssh = step;
    }
    if let Some(step) = &mut target.enable_ssh {
        came_with_its_command(step);
    }
    target.of_a_log = true;
    Some(target)
}

/// A slip of the command counts where the attempt was made with it: the log shows another host or port than was meant, or
/// none at all.
fn with_slip(mut target: Target, attempt: &Attempt) -> Target {
    let kind = attempt.client_problem.as_ref().map(|problem| problem.kind);
    if kind == Some(ClientProblemKind::MisPasted) {
        target.slip = Some("mis-pasted".to_owned());
    }
    let went = attempt.connect.as_ref().filter(|connect| !connect.host.is_empty());
    let as_meant = went.is_some_and(|went| went.host == target.host && Some(went.port) == target.port);
    target.slip_tried = target.slip.is_some() && !as_meant;
    target
}

/// The host that ssh met, by the lines that name it.
fn met(attempt: &Attempt, machine: &Fact<Machine>) -> Option<Target> {
    let went = attempt.destination();
    let denied = attempt.denied.as_ref();
    // In a log without -v the host key may be a jump host's.
    let direct = attempt.proxy.is_none();
    let known = attempt.host_key.as_ref().filter(|_| direct).and_then(|key| key.host.as_deref()).map(host_of);
    let peer = attempt.decisive.as_ref().and_then(|line| peer(&line.text));
    let behind = attempt.proxy_destination();
    let host = went
        .map(|(host, _)| host)
        .or_else(|| attempt.resolve.as_ref().map(|resolve| resolve.host.as_str()))
        .or_else(|| denied.and_then(|denied| denied.host.as_deref()))
        .or(known.map(|(host, _)| host))
        .or(behind.map(|(host, _)| host))
        .or(peer.map(|(host, _)| host))?;
    let port = went
        .map(|(_, port)| port)
        .or(known.and_then(|(_, port)| port))
        .or(behind.map(|(_, port)| port))
        .or(peer.map(|(_, port)| port));
    let met = attempt.target.as_ref();
    let user = met.map(|met| met.user.as_str()).or_else(|| denied.and_then(|denied| denied.user.as_deref()));
    let own = machine.known().and_then(|machine| machine.user.known());
    let mut words = Vec::new();
    // The number that `-P` left over, taken for a host (ssh to 9.3).
    if host.parse::<u16>().is_ok() {
        return Some(Target { slip: Some("uppercase-p".into()), ..placeholder(Some(host)) });
    }
    if let Some(port) = port.filter(|port| *port != 22) {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    // The name that ssh takes by itself need not be typed.
    if let Some(user) = user.filter(|user| own.is_none_or(|own| own != user)) {
        words.extend(["-l".to_owned(), user.to_owned()]);
    }
    words.push(host.to_owned());
    if host == "ssh" {
        return Some(Target { slip: Some("ssh-twice".into()), ..placeholder(None) });
    }
    if host.starts_with(target::is_dash) {
        return Some(Target { slip: Some("typographic-dash".into()), ..placeholder(None) });
    }
    match target::from_words(&words, false) {
        Ok(Asked::Login(target)) => {
            let mut target = Target { text: String::new(), ..target.as_ref().into() };
            if user.is_none() && target.form == "proxy-host" {
                // Which user was typed, the log does not show.
                target.form = "other".to_owned();
            }
            // The denial names the host and not the port, and a job is at no other port than its own.
            if port.is_none() && !is_at_the_usual_port(&target) {
                target.placeholder = true;
                let (all, named, anybody) =
                    (&mut target.ssh_args, &mut target.ssh_args_without_identity, &mut target.ssh_args_without_user);
                for args in [all, named, anybody] {
                    args.splice(0..0, ["-p".to_owned(), PORT.to_owned()]);
                }
            }
            Some(target)
        }
        _ => None,
    }
}

/// CircleCI's proxy and the git hosts are where ssh goes by itself.
fn is_at_the_usual_port(target: &Target) -> bool {
    target.form.starts_with("proxy") || target.user.as_deref() == Some("git")
}

/// `Unable to negotiate with 203.0.113.7 port 64535: …`, `Connection reset by …`.
fn peer(text: &str) -> Option<(&str, u16)> {
    let starts = ["Unable to negotiate with ", "Connection closed by ", "Connection reset by ", "Connection to "];
    let rest = starts.iter().find_map(|start| text.split_once(start).map(|(_, rest)| rest))?;
    let (host, port, _) = host_port(rest)?;
    (host != "UNKNOWN").then_some((host, port))
}

/// Nothing but the words of the failure is known.
fn unknown(attempt: &Attempt) -> Target {
    let kind = attempt.client_problem.as_ref().map(|problem| problem.kind);
    let said = attempt.decisive.as_ref().map_or("", |line| line.text.as_str());
    if kind == Some(ClientProblemKind::MisPasted) {
        return Target { slip: Some("mis-pasted".into()), slip_tried: true, ..placeholder(None) };
    }
    let bad_port = said.split_once("Bad port ").map(|(_, rest)| rest.trim_matches(['\'', '"', '.']));
    // A long option: other programs have --port.
    let long = said.ends_with("option -- -") || said.ends_with("option -- '-'");
    let no_port = long || said.ends_with("option requires an argument -- p");
    if kind == Some(ClientProblemKind::Usage) && (bad_port.is_some() || no_port) {
        let digits = bad_port.map(|text| text.trim_matches(|c: char| !c.is_ascii_digit()));
        let port = digits.filter(|digits| digits.parse::<u16>().is_ok_and(|port| port != 0));
        return Target { slip: Some("bad-port".into()), slip_tried: true, ..placeholder(port) };
    }
    placeholder(None)
}

/// Words to fill in.
fn placeholder(port: Option<&str>) -> Target {
    let words = || vec!["-p".to_owned(), port.unwrap_or(PORT).to_owned(), HOST.to_owned()];
    Target {
        placeholder: true,
        display: "the server".to_owned(),
        ssh_args: words(),
        ssh_args_without_identity: words(),
        ssh_args_without_user: words(),
        form: "none".to_owned(),
        ..Target::default()
    }
}

/// ssh ran, so it had a command: where the step's text shows none, its lines were lost on the way here.
fn came_with_its_command(step: &mut EnableSsh) {
    if step.state == target::State::NotReady.word() {
        step.state = target::State::Ready.word().to_owned();
    }
}

/// The Enable SSH step, where its text stands beside the log, with the log's line as its evidence.
fn step(around: &Around, source: &str) -> Option<EnableSsh> {
    let lines: Vec<&str> = around.step.iter().map(|(_, text)| text.as_str()).collect();
    let Ok(Asked::Login(target)) = target::from_text(&lines.join("\n"), false) else { return None };
    let step = target.enable_ssh.as_ref()?;
    let mut found = EnableSsh::from(step);
    // Typographic marks of the text are plain ones in what was read of it.
    let line = step.said.as_ref().and_then(|said| around.step.iter().find(|(_, text)| alike(text, said)));
    found.seen = line.map(|(number, text)| Seen {
        source: source.into(),
        line: usize::try_from(*number).ok(),
        text: text.clone(),
    });
    Some(found)
}

/// Whether two texts have the same letters.
fn alike(one: &str, other: &str) -> bool {
    let letters = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    letters(one) == letters(other)
}
