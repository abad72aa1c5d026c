//! What follows from the target's own words.

use crate::facts::Facts;

/// Fills `ssh_args_without_jump`.
pub(super) fn fill(facts: &mut Facts) {
    if let Some(target) = &mut facts.target {
        target.ssh_args_without_jump = without_jump(&target.ssh_args);
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
    fn a_jump_and_its_value_go_together() {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(without_jump(&words("-p 64535 -J ana@bastion 203.0.113.7")), words("-p 64535 203.0.113.7"));
        assert_eq!(without_jump(&words("-p 64535 203.0.113.7")), words("-p 64535 203.0.113.7"));
    }
}
