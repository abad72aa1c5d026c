//! Four answers instead of two: yes, no, unknown, and "that does not exist".

use std::{borrow::Cow, cmp::Ordering};

use serde_json::Value;

use super::{Comparison, Expression, Operand, Path, Step};
use crate::facts::{Document, Unknown};

/// What a condition came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It holds, whatever the unknown facts are.
    Yes,
    /// It does not hold, or speaks of something that does not exist.
    No,
    /// It depends on a fact that could not be learnt.
    Unknown(Unknown),
}

/// Values that cannot be compared: a fault of the check.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}; correct the condition")]
pub struct TypeFault(pub(super) String);

/// What the names in a condition stand for.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    document: &'a Document,
    item: Option<Item<'a>>,
}

/// The list item that an `each` check is about.
#[derive(Debug, Clone, Copy)]
struct Item<'a> {
    alias: &'a str,
    list: &'a str,
    index: usize,
    value: &'a Value,
}

/// What a path leads to.
pub(in crate::checks) enum Found<'a> {
    Value(&'a Value),
    Absent,
    Unknown(Unknown),
}

/// The answer while it is being worked out.
#[derive(Debug, PartialEq)]
pub(super) enum Truth {
    Yes,
    No,
    Absent,
    Unknown(Unknown),
}

/// A section is left out only when it is unknown; these are the exceptions, and say so in their types.
const MAY_BE_ABSENT: [&str; 6] = ["target", "log", "contrast", "circleci", "inspection", "dockerfiles"];

impl<'a> Scope<'a> {
    /// The facts alone.
    pub fn new(document: &'a Document) -> Self {
        Self { document, item: None }
    }

    /// The facts, and `alias` for the item at `index` of the list at `list`.
    pub fn with_item(document: &'a Document, alias: &'a str, list: &'a str, index: usize, value: &'a Value) -> Self {
        Self { document, item: Some(Item { alias, list, index, value }) }
    }

    /// The path from the top of the document: `key.mode` is `keys[2].mode`.
    pub(super) fn full<'p>(&self, path: &'p Path) -> Cow<'p, str> {
        match self.item {
            Some(item) if path.root() == item.alias => {
                format!("{}[{}]{}", item.list, item.index, &path.text()[item.alias.len()..]).into()
            }
            _ => path.text().into(),
        }
    }

    pub(in crate::checks) fn look(&self, path: &Path) -> Found<'a> {
        let (mut value, steps) = match self.item {
            Some(item) if path.root() == item.alias => (item.value, &path.steps[1..]),
            _ => (&self.document.facts, &path.steps[..]),
        };
        for step in steps {
            let next = match step {
                Step::Name(name) => value.get(name.as_ref()),
                Step::Index(index) => value.get(index),
            };
            match next {
                Some(next) if !next.is_null() => value = next,
                _ => return self.missing(path),
            }
        }
        Found::Value(value)
    }

    fn missing(&self, path: &Path) -> Found<'a> {
        if let Some(unknown) = self.document.why_unknown(&self.full(path)) {
            return Found::Unknown(unknown.clone());
        }
        let root = path.root();
        let is_item = self.item.is_some_and(|item| item.alias == root);
        if !MAY_BE_ABSENT.contains(&root) && !is_item && self.document.facts.get(root).is_none() {
            return Found::Unknown(Unknown { fact: root.to_owned(), why: "it was not looked at".to_owned() });
        }
        Found::Absent
    }
}

pub(super) fn answer(tree: &Expression, scope: &Scope<'_>) -> Result<Answer, TypeFault> {
    Ok(match truth(tree, scope)? {
        Truth::Yes => Answer::Yes,
        Truth::No | Truth::Absent => Answer::No,
        Truth::Unknown(unknown) => Answer::Unknown(unknown),
    })
}

pub(super) fn truth(tree: &Expression, scope: &Scope<'_>) -> Result<Truth, TypeFault> {
    use Truth::{Absent, No, Unknown, Yes};
    Ok(match tree {
        Expression::And(left, right) => match truth(left, scope)? {
            No => No,
            Yes => truth(right, scope)?,
            Absent => {
                if truth(right, scope)? == No {
                    No
                } else {
                    Absent
                }
            }
            Unknown(unknown) => match truth(right, scope)? {
                settled @ (No | Absent) => settled,
                Yes | Unknown(_) => Unknown(unknown),
            },
        },
        Expression::Or(left, right) => match truth(left, scope)? {
            Yes => Yes,
            No => truth(right, scope)?,
            Absent => match truth(right, scope)? {
                settled @ (Yes | Unknown(_)) => settled,
                No | Absent => Absent,
            },
            Unknown(unknown) => {
                if truth(right, scope)? == Yes {
                    Yes
                } else {
                    Unknown(unknown)
                }
            }
        },
        Expression::Not(inner) => match truth(inner, scope)? {
            Yes => No,
            No => Yes,
            other => other,
        },
        Expression::Defined(path) => match scope.look(path) {
            Found::Value(_) => Yes,
            Found::Absent => No,
            Found::Unknown(unknown) => Unknown(unknown),
        },
        Expression::Compare(left, how, right) => on(left, right, scope, |left, right| compare(left, *how, right))?,
        Expression::In { item, list, negated } => {
            on(item, list, scope, |item, list| Ok(contains(item, list)? != *negated))?
        }
        Expression::Holds(operand) => on(operand, operand, scope, |value, _| {
            value.as_bool().ok_or_else(|| TypeFault(format!("{} is no yes or no", name(value))))
        })?,
    })
}

fn on(
    left: &Operand,
    right: &Operand,
    scope: &Scope<'_>,
    test: impl FnOnce(&Value, &Value) -> Result<bool, TypeFault>,
) -> Result<Truth, TypeFault> {
    let (left, right) = match (operand(left, scope)?, operand(right, scope)?) {
        (Ok(left), Ok(right)) => (left, right),
        (Err(Truth::Absent), _) | (_, Err(Truth::Absent)) => return Ok(Truth::Absent),
        (Err(unknown), _) | (_, Err(unknown)) => return Ok(unknown),
    };
    Ok(if test(&left, &right)? { Truth::Yes } else { Truth::No })
}

type Looked<'a> = Result<Cow<'a, Value>, Truth>;

fn operand<'a>(operand: &'a Operand, scope: &Scope<'a>) -> Result<Looked<'a>, TypeFault> {
    use Cow::{Borrowed, Owned};
    let path = match operand {
        Operand::Literal(literal) => return Ok(Ok(Owned(literal.into()))),
        Operand::Path(path) | Operand::Length(path) => path,
    };
    let value = match scope.look(path) {
        Found::Value(value) => value,
        Found::Absent => return Ok(Err(Truth::Absent)),
        Found::Unknown(unknown) => return Ok(Err(Truth::Unknown(unknown))),
    };
    if matches!(operand, Operand::Path(_)) {
        return Ok(Ok(Borrowed(value)));
    }
    let length = match value {
        Value::Array(items) => items.len(),
        Value::Object(map) => map.len(),
        Value::String(text) => text.chars().count(),
        _ => return Err(TypeFault(format!("`{path}` has no length"))),
    };
    Ok(Ok(Owned(Value::from(length))))
}

fn compare(left: &Value, how: Comparison, right: &Value) -> Result<bool, TypeFault> {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64().partial_cmp(&right.as_f64()),
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    };
    let order = order.ok_or_else(|| TypeFault(format!("{} is compared with {}", name(left), name(right))))?;
    Ok(match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::Unequal => order != Ordering::Equal,
        _ if !left.is_number() => return Err(TypeFault(format!("{} has no order", name(left)))),
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn contains(item: &Value, list: &Value) -> Result<bool, TypeFault> {
    match (item, list) {
        (_, Value::Array(items)) => {
            for other in items {
                if compare(item, Comparison::Equal, other)? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
        (Value::String(part), Value::String(whole)) => Ok(whole.contains(part.as_str())),
        (Value::String(key), Value::Object(map)) => Ok(map.contains_key(key)),
        _ => Err(TypeFault(format!("{} is looked for in {}", name(item), name(list)))),
    }
}

fn name(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a yes or no",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a section",
    }
}

/// The paths that the answer yes or no rests on.
pub(super) fn rests_on<'a>(tree: &'a Expression, scope: &Scope<'_>) -> Vec<&'a Path> {
    let (left, right, deciding) = match tree {
        Expression::And(left, right) => (left, right, Truth::No),
        Expression::Or(left, right) => (left, right, Truth::Yes),
        Expression::Not(inner) => return rests_on(inner, scope),
        leaf => return leaf.own_paths(),
    };
    let decides = |side| truth(side, scope).is_ok_and(|truth| truth == deciding);
    match (decides(left), decides(right)) {
        (true, true) => Vec::new(),
        (true, false) => rests_on(left, scope),
        (false, true) => rests_on(right, scope),
        (false, false) => [rests_on(left, scope), rests_on(right, scope)].concat(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::checks::condition::Condition;

    fn document() -> Document {
        Document {
            facts_version: 1,
            facts: json!({
                "login": {"works": false, "outcome": "refused"},
                "auth": {"offered": 7},
                "keys": [{"path": "/k", "mode": "0600"}, {"path": "/l"}],
                "config": {"from": {"user": {"line": 3}}},
            }),
            unknown: vec![
                Unknown { fact: "agent".into(), why: "it did not answer".into() },
                Unknown { fact: "keys[0].bits".into(), why: "it is encrypted".into() },
            ],
        }
    }

    fn ask(text: &str) -> Result<Answer, TypeFault> {
        Condition::parse(text).expect(text).answer(&Scope::new(&document()))
    }

    fn yes(text: &str) -> bool {
        ask(text).expect(text) == Answer::Yes
    }

    fn unknown(text: &str) -> Option<String> {
        match ask(text).expect(text) {
            Answer::Unknown(unknown) => Some(unknown.fact),
            Answer::Yes | Answer::No => None,
        }
    }

    #[test]
    fn known_facts_are_compared() {
        assert!(yes("not login.works and login.outcome == 'refused'"));
        assert!(yes("auth.offered > 6 and auth.offered >= 7 and auth.offered != 8 and auth.offered <= 7"));
        assert!(yes("login.outcome in ['refused', 'closed'] and login.outcome not in ['open']"));
        assert!(yes("keys | length == 2 and keys[0].path == '/k' and 'user' in config.from"));
        assert!(!yes("login.works or auth.offered < 7"));
    }

    #[test]
    fn what_does_not_exist_never_makes_it_true() {
        for text in [
            "auth.winner.offered",
            "not auth.winner.offered",
            "auth.methods != 'password'",
            "auth.methods == auth.methods",
            "auth.tries_heard < 6",
            "keys[0].fault not in ['crlf']",
            "not (auth.winner.offered or login.works)",
            "keys[9].path is defined",
            "not target.port == 22",
        ] {
            assert_eq!(ask(text).expect(text), Answer::No, "{text}");
        }
        assert!(yes("auth.winner.offered or not login.works"), "the other side decides");
    }

    #[test]
    fn unknown_facts_make_it_unknown_unless_the_rest_settles_it() {
        assert_eq!(unknown("agent.state == 'dead'").as_deref(), Some("agent"));
        assert_eq!(unknown("agent is defined").as_deref(), Some("agent"));
        assert_eq!(unknown("keys[0].bits < 2048").as_deref(), Some("keys[0].bits"));
        assert_eq!(unknown("not agent.locked and not login.works").as_deref(), Some("agent"));
        assert_eq!(unknown("login.works or agent.locked").as_deref(), Some("agent"));
        assert_eq!(ask("agent.locked and login.works"), Ok(Answer::No));
        assert_eq!(ask("agent.locked and auth.winner.offered"), Ok(Answer::No));
        assert!(yes("agent.locked or not login.works"));
        assert_eq!(unknown("machine.root").as_deref(), Some("machine"), "a section that nobody mentions");
    }

    #[test]
    fn an_item_is_known_by_its_place() {
        let document = document();
        let scope = Scope::with_item(&document, "key", "keys", 0, &document.facts["keys"][0]);
        let condition = Condition::parse("key.mode == '0600' and key.bits < 2048").expect("parses");
        assert!(matches!(condition.answer(&scope), Ok(Answer::Unknown(unknown)) if unknown.fact == "keys[0].bits"));
        let scope = Scope::with_item(&document, "key", "keys", 1, &document.facts["keys"][1]);
        assert_eq!(condition.answer(&scope), Ok(Answer::No));
    }

    #[test]
    fn different_types_are_a_fault() {
        for text in ["auth.offered == '7'", "login.outcome > 3", "login.outcome", "keys == 3", "'a' in auth.offered"] {
            assert!(ask(text).is_err(), "{text}");
        }
        assert!(ask("login.outcome > 'a'").expect_err("texts").to_string().contains("no order"));
    }

    #[test]
    fn what_an_answer_rests_on() {
        let document = document();
        let rests = |text: &str| Condition::parse(text).expect(text).rests_on(&Scope::new(&document)).join(" ");
        assert_eq!(rests("not login.works and auth.offered > 6"), "auth.offered login.works");
        assert_eq!(rests("login.works or auth.offered > 6"), "auth.offered");
        assert_eq!(rests("auth.offered > 5 or auth.offered > 6"), "");
        assert_eq!(rests("not (login.works or auth.offered < 6)"), "auth.offered login.works");
    }

    /// The small language is a part of the templates' language: wherever every fact is there, both answer alike.
    #[test]
    fn it_agrees_with_the_template_engine() {
        let document = document();
        let environment = minijinja::Environment::new();
        let texts = [
            "not login.works and login.outcome == 'refused'",
            "login.works or auth.offered < 7 and not login.works",
            "not auth.offered == 7",
            "not login.works == true",
            "auth.offered in [1, 7] and 'ref' in login.outcome",
            "auth.offered not in [1, 7] or keys | length > 1",
            "(login.works or auth.offered > 6) and keys[1].path != '/k'",
            "login.works and login.works or auth.offered >= 7",
            "not login.works or login.works and login.works",
            "config.from['user'].line == 3 and auth.winner is defined",
            "not (login.works and auth.offered == 7) and true",
        ];
        for text in texts {
            let theirs = environment.compile_expression(text).expect(text);
            let theirs = theirs.eval(minijinja::value::Value::from(minijinja::value::Serde(&document.facts)));
            assert_eq!(theirs.expect(text).is_true(), yes(text), "{text}");
        }
    }
}
