//! CircleCI's description of its API v2, made ready to validate with, and the list of what it is known to be behind on.
//!
//! Made ready: `nullable` and `x-nullable` become what JSON Schema says for it, and every object is closed, so that a field
//! that the fake made up is caught. To add an exception: a line in [`EXCEPTIONS`] or [`more_calls`], with its reason.

use std::sync::LazyLock;

use serde_json::{Value, json};

const TEXT: &str = include_str!("../../circleci/openapi-v2-subset.json");

/// `paths` of the description.
pub(crate) static PATHS: LazyLock<Value> = LazyLock::new(|| {
    let mut whole: Value = serde_json::from_str(TEXT).expect("the description is JSON");
    let mut paths = whole["paths"].take();
    make_ready(&mut paths);
    more_calls(&mut paths);
    for (call, place, change, why) in EXCEPTIONS {
        let (path, method) = call;
        let found = paths[path][method].pointer_mut(place);
        let found = found.unwrap_or_else(|| panic!("no {place} in {method} {path}, which was to be changed: {why}"));
        let change: Value = serde_json::from_str(change).expect("an exception is JSON");
        match found {
            Value::Array(list) => list.push(change),
            Value::Object(fields) => {
                fields.extend(change.as_object().expect("an object's change is an object").clone())
            }
            other => *other = change,
        }
    }
    paths
});

type Exception = ((&'static str, &'static str), &'static str, &'static str, &'static str);

const OK: &str = "/responses/200/content/application~1json/schema/properties";

/// Where the service is known to do more than the description says: the call, the place (an array gets one more item, an
/// object more fields), what, why.
const EXCEPTIONS: [Exception; 9] = [
    (
        ("/workflow/{id}/job", "get"),
        "/parameters",
        r#"{ "name": "page-token", "in": "query", "schema": { "type": "string" } }"#,
        "the answer has a next_page_token, and nothing else could be done with it",
    ),
    (
        ("/context/{context_id}/restrictions", "get"),
        "/parameters",
        r#"{ "name": "page-token", "in": "query", "schema": { "type": "string" } }"#,
        "the same",
    ),
    (
        ("/context/{context_id}/restrictions", "get"),
        "/responses/200/content/application~1json/schema/properties/items/items/properties/restriction_type/enum",
        r#""group""#,
        "a security group is a restriction too",
    ),
    (
        ("/workflow/{id}/job", "get"),
        "/responses/200/content/application~1json/schema/properties/items/items/properties/started_at",
        r#"{ "type": ["string", "null"] }"#,
        "a job that waits has no time of its start (not proved for v2; v3 says null)",
    ),
    (
        ("/project/{project-slug}/job/{job-number}", "get"),
        "/responses/200/content/application~1json/schema/properties/started_at",
        r#"{ "type": ["string", "null"] }"#,
        "the same",
    ),
    (
        ("/me/collaborations", "get"),
        "/responses/200/content/application~1json/schema/items/properties",
        r#"{ "vcs_type": { "type": "string" } }"#,
        "both spellings have been seen",
    ),
    (("/context/{context-id}", "get"), OK, r#"{ "restrictions": { "type": "array" } }"#, "newer descriptions have it"),
    (
        ("/project/{project-slug}/job/{job-number}/cancel", "post"),
        "/responses",
        r#"{ "202": { "content": { "application/json": { "schema": {
            "type": "object", "properties": { "message": { "type": "string" } }, "required": ["message"]
        } } } } }"#,
        "202 is what is known of the service; the description says 200, which stays allowed",
    ),
    (
        ("/project/{provider}/{organization}/{project}/settings", "get"),
        "/responses",
        r#"{ "default": { "content": { "application/json": { "schema": {
            "type": "object", "properties": { "message": { "type": "string" } }
        } } } } }"#,
        "other errors than the listed ones look like everywhere else",
    ),
];

/// Calls that the description lacks.
fn more_calls(paths: &mut Value) {
    // Newer than the description; it cancels a job that is known by its id only.
    paths["/jobs/{job-id}/cancel"] = json!({ "post": {
        "parameters": [
            { "name": "job-id", "in": "path", "required": true, "schema": { "type": "string", "format": "uuid" } },
        ],
        "responses": {
            "202": message(),
            "default": message(),
        },
    }});
}

fn message() -> Value {
    json!({ "content": { "application/json": { "schema": {
        "type": "object", "properties": { "message": { "type": "string" } }, "additionalProperties": false,
    }}}})
}

fn make_ready(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(make_ready),
        Value::Object(fields) => {
            let nullable = |name: &str| fields.get(name) == Some(&Value::Bool(true));
            if nullable("nullable") || nullable("x-nullable") {
                let kind = fields.get("type").cloned();
                fields.insert("type".to_owned(), json!([kind, "null"]));
                if let Some(Value::Array(values)) = fields.get_mut("enum") {
                    values.push(Value::Null);
                }
            }
            let closes = fields.get("type").is_some_and(|kind| *kind == "object" || kind[0] == "object");
            if closes && fields.get("properties").is_some_and(Value::is_object) {
                fields.entry("additionalProperties").or_insert(Value::Bool(false));
            }
            fields.values_mut().for_each(make_ready);
        }
        _ => {}
    }
}
