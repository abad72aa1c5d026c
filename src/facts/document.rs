//! The facts as one JSON document, and the list of what is missing from it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{
    Facts,
    fact::MARK,
    infer,
    masking::{mask, secrets_of},
};

/// Version of the facts' document; it rises when a path is renamed or changes its meaning.
pub const VERSION: u32 = 1;

/// A fact that could not be learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unknown {
    /// Dotted path of the fact, with an index for list items: `keys[2].bits`.
    pub fact: String,
    /// The reason, completing "unknown, because …".
    pub why: String,
}

/// What checks are held against: the known facts as JSON, the unknown ones as a list beside it.
///
/// Nothing in `known` is null: a fact that could not be learnt is in `unknown`, and what does not exist is left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`VERSION`] of the program that wrote it.
    pub facts_version: u32,
    /// The known facts; its JSON schema is docs/facts.schema.json.
    pub facts: Value,
    /// What could not be learnt, with the reasons.
    #[serde(default)]
    pub unknown: Vec<Unknown>,
}

/// Why a saved document cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// Not JSON, or not a facts document.
    #[error("this is not a facts document: {0}; write one with `cci-ssh facts > FILE`")]
    Form(#[from] serde_json::Error),
    /// Written by a newer program.
    #[error("the facts were written in version {0}, and this program reads up to {VERSION}; update cci-ssh")]
    Newer(u32),
}

impl Document {
    /// Splits the facts into what is known and what is not. Passwords and tokens in the user's commands are left out.
    ///
    /// # Errors
    /// When a fact cannot be written as JSON, which no type in this folder allows.
    pub fn of(facts: &Facts) -> Result<Self, DocumentError> {
        let mut value = serde_json::to_value(facts)?;
        let secrets = secrets_of(facts);
        if !secrets.is_empty() {
            mask(&mut value, &secrets);
        }
        let mut unknown = Vec::new();
        split(&mut value, &mut String::new(), &mut unknown);
        Ok(Self { facts_version: VERSION, facts: value, unknown })
    }

    /// The facts and their document, both without passwords and tokens.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn with(facts: Facts) -> Result<(Facts, Self), DocumentError> {
        let document = Self::of(&facts)?;
        if secrets_of(&facts).is_empty() {
            return Ok((facts, document));
        }
        let mut shown = document.typed()?;
        shown.restore_reasons(|section| document.why_unknown(section).map(|unknown| unknown.why.as_str()));
        Ok((shown, document))
    }

    /// Reads a saved document, refusing paths that do not exist.
    ///
    /// # Errors
    /// When the text is no facts document of a version this program knows.
    pub fn parse(text: &[u8]) -> Result<Self, DocumentError> {
        let document: Self = serde_json::from_slice(text)?;
        if document.facts_version > VERSION {
            return Err(DocumentError::Newer(document.facts_version));
        }
        document.typed()?;
        Ok(document)
    }

    /// The same facts with everything that follows from them worked out anew, so that a document saved by an older
    /// program, or mended by hand, says no more and no less than what this program makes of the same observations.
    ///
    /// What was observed stays as it is, the reasons of what is unknown included.
    ///
    /// # Errors
    /// When a path or value does not exist in the types.
    pub fn inferred_again(&self) -> Result<Self, DocumentError> {
        Ok(self.facts_again()?.1)
    }

    /// The same, and the facts as types.
    ///
    /// # Errors
    /// As [`Self::inferred_again`].
    pub fn facts_again(&self) -> Result<(Facts, Self), DocumentError> {
        let reasons: HashMap<&str, &str> =
            self.unknown.iter().map(|unknown| (unknown.fact.as_str(), unknown.why.as_str())).collect();
        let mut facts = self.typed()?;
        facts.restore_reasons(|section| reasons.get(section).copied());
        infer::all(&mut facts);
        let (facts, mut document) = Self::with(facts)?;
        for unknown in &mut document.unknown {
            if let Some(why) = reasons.get(unknown.fact.as_str()) {
                (*why).clone_into(&mut unknown.why);
            }
        }
        Ok((facts, document))
    }

    /// The facts as types, without the reasons of the unknown ones.
    ///
    /// # Errors
    /// When a path or value does not exist in the types.
    pub fn typed(&self) -> Result<Facts, DocumentError> {
        Ok(Facts::deserialize(&self.facts)?)
    }

    /// Why `path` (or what it is part of, or a part of it) is unknown; `None` if nothing was hidden from us there.
    pub fn why_unknown(&self, path: &str) -> Option<&Unknown> {
        self.unknown.iter().find(|unknown| {
            let fact = unknown.fact.as_str();
            if fact.len() <= path.len() { within(path, fact) } else { within(fact, path) }
        })
    }
}

/// Whether `path` is `whole` or lies inside it.
fn within(path: &str, whole: &str) -> bool {
    path.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

fn split(value: &mut Value, path: &mut String, unknown: &mut Vec<Unknown>) {
    match value {
        Value::Object(map) => map.retain(|name, inner| {
            let length = path.len();
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(name);
            let why = inner.as_object().and_then(reason);
            let is_known = why.is_none();
            match why {
                Some(why) => unknown.push(Unknown { fact: path.clone(), why }),
                None => split(inner, path, unknown),
            }
            path.truncate(length);
            is_known
        }),
        Value::Array(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                let length = path.len();
                path.push_str(&format!("[{index}]"));
                split(item, path, unknown);
                path.truncate(length);
            }
        }
        _ => {}
    }
}

fn reason(map: &Map<String, Value>) -> Option<String> {
    map.get(MARK).and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Fact, Key, Machine};

    #[test]
    fn unknown_facts_are_listed_and_left_out() {
        let key = Key { path: "/k".into(), bits: Fact::unknown("encrypted"), ..Key::default() };
        let facts = Facts {
            machine: Machine { user: "ana".to_owned().into(), ..Machine::default() }.into(),
            agent: Fact::unknown("it did not answer within 1 s"),
            keys: vec![key].into(),
            ..Facts::default()
        };
        let document = Document::of(&facts).expect("facts are JSON");
        assert_eq!(document.facts["machine"]["user"], "ana");
        assert!(document.facts.get("agent").is_none());
        assert!(!document.facts.to_string().contains("null"));
        assert_eq!(document.why_unknown("agent.identities").expect("listed").why, "it did not answer within 1 s");
        assert_eq!(document.why_unknown("keys[0].bits").expect("listed").why, "encrypted");
        assert!(document.why_unknown("keys[0].path").is_none());
    }

    #[test]
    fn a_saved_document_reads_back() {
        let facts = Facts { agent: Fact::unknown("no answer"), ..Facts::default() };
        let document = Document::of(&facts).expect("facts are JSON");
        let text = serde_json::to_vec(&document).expect("serialises");
        assert_eq!(Document::parse(&text).expect("reads back"), document);
    }

    #[test]
    fn what_follows_is_worked_out_anew_and_reasons_stay() {
        let key = Key {
            path: "/k".into(),
            exists: true,
            readable: true.into(),
            bits: Fact::unknown("encrypted"),
            ..Key::default()
        };
        let facts = Facts { agent: Fact::unknown("no answer"), keys: vec![key].into(), ..Facts::default() };
        let saved = Document::of(&facts).expect("facts are JSON");
        assert_eq!(saved.facts["keys"][0].get("loadable"), None, "saved before anybody asked");
        let again = saved.inferred_again().expect("the same types");
        assert_eq!(again.facts["keys"][0]["loadable"], true);
        assert_eq!(again.why_unknown("keys[0].bits").expect("listed").why, "encrypted");
        assert_eq!(again.why_unknown("agent").expect("listed").why, "no answer");
        assert_eq!(again.why_unknown("keys[0].in_agent").expect("listed").why, "it was not looked at");
        assert_eq!(again.inferred_again().expect("the same types"), again);
    }

    #[test]
    fn a_misspelt_path_is_refused() {
        let text = br#"{"facts_version":1,"facts":{"agnet":{}}}"#;
        assert!(Document::parse(text).is_err());
    }
}
