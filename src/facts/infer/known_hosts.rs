//! Whether an old host key can be taken out without losing anything else.

use crate::facts::{Facts, KnownHosts};

/// Fills `removable` of `known_hosts`.
pub(super) fn fill(facts: &mut Facts) {
    let root = facts.machine.known().is_some_and(|machine| machine.root);
    let global = facts.config.known().and_then(|config| config.global_known_hosts.known()).cloned();
    let global = if root { Vec::new() } else { global.unwrap_or_default() };
    if let Some(known) = facts.known_hosts.known_mut() {
        known.removable = removable(known, &global);
    }
}

/// ssh-keygen takes out every line for a name that has no marker, with the other names in it, and of one file only.
fn removable(known: &KnownHosts, not_mine: &[String]) -> bool {
    let mut plain = known.entries.iter().filter(|entry| entry.marker.is_none()).peekable();
    let Some(file) = plain.peek().map(|entry| entry.file.clone()) else { return false };
    !known.of_a_log && !not_mine.contains(&file) && plain.all(|entry| !entry.shared && entry.file == file)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::KnownHost;

    fn entry(file: &str, shared: bool, marker: Option<&str>) -> KnownHost {
        KnownHost { file: file.into(), shared, marker: marker.map(str::to_owned), ..KnownHost::default() }
    }

    fn of(entries: Vec<KnownHost>) -> bool {
        removable(&KnownHosts { entries, ..KnownHosts::default() }, &["/etc/ssh/ssh_known_hosts".into()])
    }

    #[test]
    fn only_lines_of_their_own_in_one_file() {
        let own = || entry("/h/known_hosts", false, None);
        assert!(of(vec![own(), own()]));
        assert!(of(vec![own(), entry("/h/known_hosts", true, Some("cert-authority"))]), "lines with markers stay");
        assert!(!of(vec![own(), entry("/h/known_hosts", true, None)]));
        assert!(!of(vec![own(), entry("/h/known_hosts2", false, None)]));
        assert!(!of(vec![entry("/etc/ssh/ssh_known_hosts", false, None)]));
        assert!(!of(vec![]));
    }
}
