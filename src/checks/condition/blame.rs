//! Why a condition does not hold, in one true sentence: the first clause that keeps it from holding.

use serde_json::Value;

use super::{
    Expression, Operand,
    evaluate::{Found, Scope, Truth, truth},
};
use crate::findings::plain;

/// Longest value shown; more belongs into `--with-facts`.
const SHOWN: usize = 60;

pub(super) fn because(tree: &Expression, scope: &Scope<'_>) -> Option<String> {
    let clause = clause(tree, scope, true)?;
    match clause {
        Expression::Defined(path) => Some(match scope.look(path) {
            Found::Value(_) => format!("there is {path}"),
            _ => format!("there is no {path}"),
        }),
        Expression::Compare(left, _, right) | Expression::In { item: left, list: right, .. } => {
            let said: Vec<String> = [left, right].into_iter().filter_map(|operand| say(operand, scope)).collect();
            (!said.is_empty()).then(|| said.join(" and "))
        }
        Expression::Holds(operand) => say(operand, scope),
        _ => None,
    }
}

/// The leaf that keeps `tree` from being `wanted`.
fn clause<'a>(tree: &'a Expression, scope: &Scope<'_>, wanted: bool) -> Option<&'a Expression> {
    let met =
        |side: &Expression| truth(side, scope).is_ok_and(|truth| truth == if wanted { Truth::Yes } else { Truth::No });
    match tree {
        Expression::Not(inner) => clause(inner, scope, !wanted),
        Expression::And(left, right) | Expression::Or(left, right) => {
            let first = [left, right].into_iter().find(|side| !met(side))?;
            clause(first, scope, wanted)
        }
        leaf => Some(leaf),
    }
}

fn say(operand: &Operand, scope: &Scope<'_>) -> Option<String> {
    let path = operand.path()?;
    Some(match (scope.look(path), operand) {
        (Found::Value(value), Operand::Length(_)) => {
            let length = value.as_array().map(Vec::len).or_else(|| value.as_object().map(serde_json::Map::len))?;
            format!("{path} has {length} {}", if length == 1 { "entry" } else { "entries" })
        }
        (Found::Value(value), _) => format!("{path} is {}", shown(value)),
        (Found::Absent, _) => format!("there is no {path}"),
        (Found::Unknown(_), _) => return None,
    })
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::String(text) if text.is_empty() => "empty".to_owned(),
        Value::String(text) => plain(text),
        Value::Array(items) if items.is_empty() => "empty".to_owned(),
        Value::Array(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Value::Object(_) => "there".to_owned(),
        other => other.to_string(),
    };
    if text.chars().count() <= SHOWN {
        return text;
    }
    text.chars().take(SHOWN).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        checks::condition::{Condition, Scope},
        facts::Document,
    };

    #[test]
    fn the_first_clause_that_fails_is_named() {
        let facts = json!({
            "agent": {"state": "answers", "identities": []},
            "login": {"works": true},
            "server": {"software": "a\u{1b}b", "first_line": "x".repeat(100)},
        });
        let document = Document { facts_version: 1, facts, unknown: Vec::new() };
        let because = |text: &str| Condition::parse(text).expect(text).because(&Scope::new(&document)).expect(text);
        assert_eq!(because("login.works and agent.state == 'dead'"), "agent.state is answers");
        assert_eq!(because("not login.works"), "login.works is true");
        assert_eq!(because("agent.socket is defined and login.works"), "there is no agent.socket");
        assert_eq!(because("agent.socket == 'x'"), "there is no agent.socket");
        assert_eq!(because("agent.identities | length > 0"), "agent.identities has 0 entries");
        assert_eq!(because("agent.state in ['dead', 'missing'] or not login.works"), "agent.state is answers");
        assert_eq!(because("not (login.works or agent.state == 'x')"), "login.works is true");
        assert_eq!(because("server.software == 'Go'"), "server.software is ab");
        assert!(because("server.first_line == 'Go'").ends_with("x…"));
    }
}
