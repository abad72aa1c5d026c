//! What kind of fact a path leads to, by the JSON schema of the facts.

use std::sync::OnceLock;

use serde_json::Value;

use super::condition::{Path, Step};

/// What a path leads to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    YesNo,
    Number,
    /// A text, and its values where the type lists them all.
    Text(Option<Vec<String>>),
    List,
    /// A section with fields, or a map with free keys.
    Section,
    Other,
}

impl Kind {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::YesNo => "a yes or no",
            Self::Number => "a number",
            Self::Text(_) => "a text",
            Self::List => "a list",
            Self::Section => "a section",
            Self::Other => "something else",
        }
    }
}

/// A place in the schema.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node(&'static Value);

impl Node {
    /// The whole document.
    pub(super) fn facts() -> Self {
        static SCHEMA: OnceLock<Value> = OnceLock::new();
        const TEXT: &str = include_str!(concat!(env!("OUT_DIR"), "/facts.schema.json"));
        Self(SCHEMA.get_or_init(|| serde_json::from_str(TEXT).unwrap_or_default()))
    }

    /// Where `path` leads from here.
    pub(super) fn at(self, path: &Path) -> Option<Self> {
        path.steps.iter().try_fold(self.resolved(), |node, step| node.step(step))
    }

    /// An item of the list.
    pub(super) fn item(self) -> Option<Self> {
        self.0.get("items").map(|items| Self(items).resolved())
    }

    /// The same below the first step: for paths that begin with an `each` check's name.
    pub(super) fn below(self, path: &Path) -> Option<Self> {
        path.steps[1..].iter().try_fold(self, |node, step| node.step(step))
    }

    pub(super) fn kind(self) -> Kind {
        let values = self.values();
        match self.0.get("type").and_then(|kind| kind.as_str().or_else(|| kind.get(0).and_then(Value::as_str))) {
            Some("boolean") => Kind::YesNo,
            Some("integer" | "number") => Kind::Number,
            Some("string") => Kind::Text(values),
            Some("array") => Kind::List,
            Some("object") => Kind::Section,
            _ if values.is_some() => Kind::Text(values),
            _ => Kind::Other,
        }
    }

    /// It has the fields of a `Seen`.
    pub(super) fn is_seen(self) -> bool {
        let field = |name: &'static str| {
            self.step(&Step::Name(name.into())).is_some_and(|node| matches!(node.kind(), Kind::Text(_)))
        };
        self.kind() == Kind::Section && field("source") && field("text")
    }

    /// Its fields, for "did you mean".
    pub(super) fn fields(self) -> Vec<&'static str> {
        let properties = self.0.get("properties").and_then(Value::as_object);
        properties.map(|map| map.keys().map(String::as_str).collect()).unwrap_or_default()
    }

    fn step(self, step: &Step) -> Option<Self> {
        let next = match step {
            Step::Name(name) => self
                .0
                .get("properties")
                .and_then(|fields| fields.get(name.as_ref()))
                .or_else(|| self.0.get("additionalProperties").filter(|free| free.is_object()))?,
            Step::Index(_) => self.0.get("items")?,
        };
        Some(Self(next).resolved())
    }

    /// Follows `$ref`, and takes the type of what may also be nothing.
    fn resolved(self) -> Self {
        let mut node = self;
        // No chain in a schema of ours is longer.
        for _ in 0..8 {
            if let Some(name) =
                node.0.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"))
            {
                match Self::facts().0.get("$defs").and_then(|all| all.get(name)) {
                    Some(target) => node = Self(target),
                    None => return node,
                }
            } else if let Some(some) = node.alternatives("anyOf").find(|node| node.0["type"] != "null") {
                node = some;
            } else {
                return node;
            }
        }
        node
    }

    fn alternatives(self, key: &str) -> impl Iterator<Item = Self> + use<> {
        self.0.get(key).and_then(Value::as_array).into_iter().flatten().map(Self)
    }

    fn values(self) -> Option<Vec<String>> {
        let listed = self.0.get("enum").and_then(Value::as_array);
        let listed = listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
        let single = |node: Self| node.0.get("const").and_then(Value::as_str).map(str::to_owned).into_iter();
        let nested = self.alternatives("oneOf").flat_map(|node| {
            let listed = node.0.get("enum").and_then(Value::as_array);
            let listed = listed.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned);
            listed.chain(single(node)).collect::<Vec<_>>()
        });
        let values: Vec<String> = listed.chain(nested).chain(single(self)).collect();
        (!values.is_empty()).then_some(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(path: &str) -> Option<Kind> {
        Node::facts().at(&Path::parse(path).expect(path)).map(Node::kind)
    }

    #[test]
    fn paths_lead_to_kinds() {
        assert_eq!(kind("login.works"), Some(Kind::YesNo));
        assert_eq!(kind("target.port"), Some(Kind::Number));
        assert_eq!(kind("keys"), Some(Kind::List));
        assert_eq!(kind("keys[3].mode"), Some(Kind::Text(None)));
        assert_eq!(kind("auth.winner.path"), Some(Kind::Text(None)));
        assert_eq!(kind("config.from.anything.line"), Some(Kind::Number));
        assert_eq!(kind("login.failed_stage").map(|kind| kind.name()), Some("a text"));
        let Some(Kind::Text(Some(states))) = kind("agent.state") else { panic!("agent.state lists its values") };
        assert!(states.contains(&"answers".to_owned()));
    }

    #[test]
    fn what_is_not_there_leads_nowhere() {
        for path in ["logn.works", "login.work", "keys.mode", "login.works.x", "keys[0].public_file.mode"] {
            assert_eq!(kind(path), None, "{path}");
        }
    }

    #[test]
    fn evidence_is_recognised() {
        let is_seen = |path: &str| Node::facts().at(&Path::parse(path).expect(path)).is_some_and(Node::is_seen);
        assert!(is_seen("login.seen") && is_seen("config.from.user") && is_seen("keys[0].seen"));
        assert!(!is_seen("login") && !is_seen("login.outcome"));
    }
}
