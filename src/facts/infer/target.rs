//! What follows from the target's own words.

use std::net::IpAddr;

use crate::facts::{EnableSsh, Facts, Target};

/// Fills `ssh_args_without_jump`, `public_address`, `not_in_step` and `step_pasted`.
pub(super) fn fill(facts: &mut Facts) {
    let asked = facts.circleci.is_some();
    if let Some(target) = &mut facts.target {
        target.step_pasted = target.enable_ssh.is_some() && !asked;
        target.ssh_args_without_jump = without_jump(&target.ssh_args);
        target.public_address = target.host.parse().is_ok_and(is_public);
        target.not_in_step = target.enable_ssh.as_ref().is_some_and(|step| !is_in(step, target));
    }
}

/// Whether the step prints a command for the host and port; a step without a command says nothing about it.
fn is_in(step: &EnableSsh, target: &Target) -> bool {
    target.host.is_empty() || step.commands.is_empty() || step.prints(target)
}

/// Not one that every network may use for itself (RFC 1918, 4193, 6598) or that never leaves a machine or a link.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(four) => {
            let [first, second, ..] = four.octets();
            let shared = first == 100 && (64..128).contains(&second);
            !(four.is_private() || four.is_loopback() || four.is_link_local() || four.is_unspecified() || shared)
        }
        IpAddr::V6(six) => {
            let first = six.segments()[0];
            !(six.is_loopback() || six.is_unspecified() || first & 0xfe00 == 0xfc00 || first & 0xffc0 == 0xfe80)
        }
    }
}

/// The words without `-J` and its value: ssh takes a second `-J` for a mistake.
fn without_jump(words: &[String]) -> Vec<String> {
    let mut words = words.iter();
    let mut kept = Vec::new();
    while let Some(word) = words.next() {
        if word == "-J" {
            words.next();
        } else {
            kept.push(word.clone());
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_everybody_and_of_one_network() {
        for (address, public) in [
            ("203.0.113.7", true),
            ("10.0.0.7", false),
            ("127.0.0.1", false),
            ("100.64.0.1", false),
            ("2001:db8::7", true),
            ("fe80::1", false),
            ("fd00::1", false),
        ] {
            assert_eq!(is_public(address.parse().expect(address)), public, "{address}");
        }
    }

    #[test]
    fn a_step_that_prints_another_port() {
        let of = |command: &str, port| {
            let step = EnableSsh { commands: vec![command.to_owned()], ..EnableSsh::default() };
            is_in(&step, &Target { host: "203.0.113.7".into(), port, ..Target::default() })
        };
        assert!(of("ssh -p 64535 203.0.113.7", Some(64535)));
        assert!(of("ssh -p64535 circleci@203.0.113.7", Some(64535)));
        assert!(!of("ssh -p 64537 203.0.113.7", Some(64535)));
        assert!(!of("ssh -p 64535 203.0.113.8", Some(64535)));
    }

    #[test]
    fn a_jump_and_its_value_go_together() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(without_jump(&words("-p 64535 -J ana@bastion 203.0.113.7")), words("-p 64535 203.0.113.7"));
        assert_eq!(without_jump(&words("-p 64535 203.0.113.7")), words("-p 64535 203.0.113.7"));
    }
}
