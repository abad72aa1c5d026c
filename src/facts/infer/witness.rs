//! What the second witness heard, in the words of a person.

use super::candidates::candidates;
use crate::facts::Facts;

/// Fills `accepted_names` of `witness`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(witness) = facts.witness.known() else { return };
    let names: Vec<String> = candidates(facts)
        .iter()
        .filter(|candidate| witness.accepted.contains(&candidate.id))
        .map(|candidate| candidate.name())
        .collect();
    if let Some(witness) = facts.witness.known_mut() {
        witness.accepted_names = names;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Key, Witness};

    #[test]
    fn an_accepted_key_is_called_by_its_path() {
        let key = |path: &str| Key {
            path: path.into(),
            exists: true,
            fingerprint: format!("SHA256:{path}").into(),
            blob: "blob".to_owned().into(),
            ..Key::default()
        };
        let witness = Witness { accepted: vec!["SHA256:/work".into(), "SHA256:gone".into()], ..Witness::default() };
        let keys = vec![key("/id_rsa"), key("/work")];
        let mut facts = Facts { keys: keys.into(), witness: witness.into(), ..Facts::default() };
        fill(&mut facts);
        assert_eq!(facts.witness.known().expect("it was known before").accepted_names, ["/work"]);
    }
}
