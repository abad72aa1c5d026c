//! Where the login of a log went, in words that can be handed to ssh.

use crate::{
    facts::{Fact, Machine, Target},
    ssh::log::Attempt,
    target::{self, Asked},
};

pub(super) fn look(attempt: &Attempt, machine: &Fact<Machine>) -> Option<Target> {
    let met = attempt.target.as_ref();
    let connect = attempt.connect.as_ref().filter(|connect| !connect.host.is_empty());
    let denied = attempt.denied.as_ref();
    let host = met
        .map(|met| met.host.as_str())
        .or_else(|| connect.map(|connect| connect.host.as_str()))
        .or_else(|| attempt.resolve.as_ref().map(|resolve| resolve.host.as_str()))
        .or_else(|| denied.and_then(|denied| denied.host.as_deref()))?;
    let port = met.map(|met| met.port).or_else(|| connect.map(|connect| connect.port));
    let user = met.map(|met| met.user.as_str()).or_else(|| denied.and_then(|denied| denied.user.as_deref()));
    let own = machine.known().and_then(|machine| machine.user.known());
    let mut words = Vec::new();
    if let Some(port) = port.filter(|port| *port != 22) {
        words.extend(["-p".to_owned(), port.to_string()]);
    }
    // The name that ssh takes by itself need not be typed.
    if let Some(user) = user.filter(|user| own.is_none_or(|own| own != user)) {
        words.extend(["-l".to_owned(), user.to_owned()]);
    }
    words.push(host.to_owned());
    match target::from_words(&words, false) {
        Ok(Asked::Login(target)) => {
            let mut target = Target { text: String::new(), ..target.as_ref().into() };
            // The denial names the host and not the port. A job is at no other than its own.
            if port.is_none() && !is_at_the_usual_port(&target) {
                target.ssh_args.clear();
                target.ssh_args_without_identity.clear();
                target.ssh_args_without_user.clear();
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
