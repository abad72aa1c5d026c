//! The schemas in docs/: made from the types, and held against documents.

use schemars::Schema;
use serde::Serialize;
use serde_json::Value;

use super::json;

/// A document as it is printed.
pub(super) fn printed(value: &impl Serialize) -> String {
    let mut out = Vec::new();
    json::write(value, &mut out).expect("writes to memory");
    String::from_utf8(out).expect("JSON is UTF-8")
}

/// docs/NAME.schema.json is this schema; `UPDATE=1` writes it.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a test about a file of this repository")]
pub(super) fn expect_stored(name: &str, schema: &Schema) {
    let path = format!("{}/docs/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let schema = printed(schema);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &schema).expect("writes the schema");
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(stored, schema, "run UPDATE=1 cargo test --lib report");
}

/// The document is as the schema says.
#[track_caller]
pub(super) fn expect_valid(schema: &Schema, value: &impl Serialize) -> Value {
    let schema = serde_json::to_value(schema).expect("a schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let value: Value = serde_json::from_str(&printed(value)).expect("one JSON value");
    let faults: Vec<String> = validator.iter_errors(&value).map(|fault| fault.to_string()).collect();
    assert!(faults.is_empty(), "{faults:?}\n{value:#}");
    value
}
