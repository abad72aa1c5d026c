//! What holds whatever a log contains. The fuzz target and the tests run this; nothing else needs it.

use serde_json::Value;

use super::text::{MAX_LINE, MAX_NAME, is_unprintable};
use super::{Attempt, Decoded, Events};

/// Items of a list, at most.
const MAX_LIST: usize = 64;
/// Characters of any text, at most.
const MAX_TEXT: usize = if MAX_LINE > MAX_NAME { MAX_LINE } else { MAX_NAME };

/// Reads any bytes as a log.
///
/// # Panics
///
/// Where something does not hold: line numbers that go back, text that a terminal would obey, lists without an end.
pub fn hold(bytes: &[u8]) {
    let mut attempt = Attempt::new("log");
    let mut last = 1;
    let Ok(decoded) = Decoded::new(bytes) else { return };
    for logged in Events::new(decoded) {
        let Ok(logged) = logged else { return };
        assert!(logged.line >= last, "line {} after line {last}", logged.line);
        last = logged.line;
        assert!(logged.level <= 3);
        check_text(&logged.text);
        attempt.apply(&logged);
    }
    attempt.finish();
    for pair in attempt.earlier.windows(2) {
        assert!(pair[0].number < pair[1].number, "attempts out of order");
    }
    assert!(attempt.earlier.iter().all(|earlier| earlier.number < attempt.attempts.max(1)));
    match serde_json::to_value(&attempt) {
        Ok(value) => check(&value),
        Err(error) => panic!("an attempt that cannot be written down: {error}"),
    }
}

fn check(value: &Value) {
    match value {
        Value::String(text) => check_text(text),
        Value::Array(items) => {
            assert!(items.len() <= MAX_LIST, "{} items", items.len());
            items.iter().for_each(check);
        }
        Value::Object(fields) => fields.values().for_each(check),
        _ => {}
    }
}

fn check_text(text: &str) {
    assert!(text.chars().count() <= MAX_TEXT + 1, "{} characters", text.chars().count());
    assert!(!text.contains(is_unprintable), "{text:?}");
}
