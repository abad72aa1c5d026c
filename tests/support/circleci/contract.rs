//! Holds requests and replies of API v2 against CircleCI's own description of them (`description.rs`).

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use jsonschema::Validator;
use serde_json::{Value, json};

use super::description::PATHS;
use super::http::{Request, decoded};
use super::v2::PREFIX;

/// A call of the description that a request means.
pub(crate) struct Operation {
    pub(crate) template: &'static str,
    method: String,
    described: &'static Value,
    /// What stands at the places of the path.
    places: Vec<(&'static str, String)>,
}

/// Which call of v2 a request is; none for other APIs and for calls that are not described.
pub(crate) fn operation(request: &Request) -> Option<Operation> {
    let path = request.path.strip_prefix(PREFIX)?;
    let method = request.method.to_ascii_lowercase();
    let templates = PATHS.as_object()?;
    let mut found: Vec<Operation> = templates
        .iter()
        .filter_map(|(template, calls)| {
            let places = places(template, path)?;
            Some(Operation { template, method: method.clone(), described: calls.get(&method)?, places })
        })
        .collect();
    // `/project/{project-slug}/pipeline/mine` rather than a place that happens to be called so.
    found.sort_by_key(|operation| operation.places.len());
    found.into_iter().next()
}

/// What stands at the places of a template. A project's slug has three segments, or one with its slashes encoded.
fn places(template: &'static str, path: &str) -> Option<Vec<(&'static str, String)>> {
    let mut rest: Vec<&str> = path.split('/').collect();
    let mut places = Vec::new();
    for part in template.split('/') {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let first = *rest.first()?;
        let size = match name {
            None if part == first => 1,
            None => return None,
            Some("project-slug") if !decoded(first).contains('/') => 3,
            Some(_) => 1,
        };
        let words = rest.get(..size)?.join("/");
        if let Some(name) = name {
            places.push((name, decoded(&words)));
        }
        rest.drain(..size);
    }
    rest.is_empty().then_some(places)
}

/// What is wrong with a request of v2.
pub(crate) fn request_faults(request: &Request) -> Vec<String> {
    if !request.path.starts_with(&format!("{PREFIX}/")) {
        return Vec::new();
    }
    let Some(operation) = operation(request) else { return vec!["the description has no such call".to_owned()] };
    let mut faults = Vec::new();
    let parameters = operation.described["parameters"].as_array().map_or(&[][..], Vec::as_slice);
    let known = |place: &str, name: &str| parameters.iter().find(|known| known["in"] == place && known["name"] == name);
    let values = operation.places.iter().map(|(name, value)| ("path", *name, value.as_str()));
    let query = request.query.iter().map(|(name, value)| ("query", name.as_str(), value.as_str()));
    for (place, name, value) in values.chain(query) {
        match known(place, name) {
            None => faults.push(format!("the description has no parameter {name:?}")),
            Some(parameter) => {
                let key = format!("{} {} {place} {name}", operation.method, operation.template);
                faults.extend(schema_faults(&key, &parameter["schema"], &json!(value), &format!("parameter {name:?}")));
            }
        }
    }
    for parameter in parameters.iter().filter(|known| known["in"] == "query" && known["required"] == true) {
        if parameter["name"].as_str().is_some_and(|name| request.parameter(name).is_none()) {
            faults.push(format!("the parameter {} is missing", parameter["name"]));
        }
    }
    faults.extend(body_faults(request, &operation));
    faults
}

fn body_faults(request: &Request, operation: &Operation) -> Vec<String> {
    let schema = operation.described.pointer("/requestBody/content/application~1json/schema");
    let Some(schema) = schema else {
        // A call without a body may still be sent an empty document.
        let empty = request.body.is_empty() || request.json() == Some(json!({}));
        return if empty { Vec::new() } else { vec!["the description has no body here".to_owned()] };
    };
    if request.body.is_empty() {
        let needed = operation.described["requestBody"]["required"] == true;
        return if needed { vec!["the body is missing".to_owned()] } else { Vec::new() };
    }
    let Some(body) = request.json() else { return vec!["the body is not JSON".to_owned()] };
    let mut faults = schema_faults(&format!("{} {} body", operation.method, operation.template), schema, &body, "body");
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
        faults.push("the body is not announced as application/json".to_owned());
    }
    faults
}

/// What is wrong with the fake's own reply to a request of v2.
pub(crate) fn reply_faults(request: &Request, status: u16, body: &[u8]) -> Vec<String> {
    // A request that means nothing has been complained about already.
    let Some(operation) = operation(request) else { return Vec::new() };
    let Some((key, schema)) = reply_schema(&operation, status) else {
        return vec![format!("the description has no answer {status}")];
    };
    match serde_json::from_slice(body) {
        Ok(body) => schema_faults(&key, schema, &body, "answer"),
        Err(error) => vec![format!("answer: {error}")],
    }
}

/// The schema of a reply. What the description calls the default is for errors.
pub(crate) fn reply_schema(operation: &Operation, status: u16) -> Option<(String, &'static Value)> {
    let Operation { template, method, described, .. } = operation;
    let listed = described["responses"].get(status.to_string());
    let reply = listed.or(described["responses"].get("default").filter(|_| status >= 400))?;
    Some((format!("{method} {template} {status}"), reply.pointer("/content/application~1json/schema")?))
}

fn schema_faults(key: &str, schema: &Value, value: &Value, what: &str) -> Vec<String> {
    static VALIDATORS: LazyLock<Mutex<BTreeMap<String, Arc<Validator>>>> = LazyLock::new(Mutex::default);
    let mut validators = VALIDATORS.lock().unwrap_or_else(PoisonError::into_inner);
    let validator = Arc::clone(validators.entry(key.to_owned()).or_insert_with(|| {
        let options = jsonschema::options().should_validate_formats(true);
        Arc::new(options.build(schema).expect("a schema of the description"))
    }));
    drop(validators);
    validator.iter_errors(value).map(|fault| format!("{what}{}: {fault}", fault.instance_path())).collect()
}
