//! What the fake does wrong on purpose.
//!
//! To add a way: a value of [`Fault`], its line in [`apply`], a line in `tests/support_selftest/circleci/misbehave.rs`.

use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock;
use super::contract;
use super::http::{Manner, Reply, Request};
use super::log::fits;
use super::v3;

#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Answers late.
    Slow(Duration),
    /// Sends the body byte by byte, with this wait before each.
    Drip(Duration),
    /// 429 with `Retry-After` in seconds.
    RateLimited(u64),
    /// 429 with `Retry-After` as a date so many seconds ahead.
    RateLimitedUntil(u64),
    /// An error in CircleCI's own form: 500, 502, 503, 403, 404, …
    Status(u16),
    /// A web page: with 200 that of a network which wants its guests to sign in, with 503 that of a service that is down.
    Html(u16),
    /// Ends in the middle of the body.
    Truncated,
    EmptyBody,
    /// Says that it is JSON, and is not.
    NotJson,
    /// JSON, but another document.
    WrongShape,
    /// Null for everything that may be null.
    Nulls,
    /// Fields and values that nobody has seen yet.
    Novelties,
    /// To the stranger, with this status.
    Redirect(u16),
    /// The same with a relative address, which stays at this host.
    RedirectHere(u16, String),
    /// The token is not taken any more.
    Revoked,
    /// The clock is off by so many seconds.
    Clock(i64),
    /// 410, as calls that have been removed.
    Gone,
    /// The connection ends without an answer, and nothing was done.
    Closed,
    /// What was asked for was done, and then the connection ends without an answer.
    ClosedAfter,
    /// An error in CircleCI's own form, although what was asked for was done.
    StatusAfter(u16),
    /// This document instead of the honest one; v2's is held against the description.
    Document(Value),
    /// The honest document, changed; v2's is held against the description.
    Edited(fn(&mut Value)),
}

/// A fault for the requests that fit a pattern.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) pattern: String,
    pub(crate) fault: Fault,
    /// How many more times; none for always.
    pub(crate) left: Option<usize>,
}

/// The fault that the next such request meets: the newest rule's that still counts.
pub(crate) fn next(rules: &mut [Rule], request: &Request) -> Option<Fault> {
    let mut newest = rules.iter_mut().rev();
    let rule = newest.find(|rule| rule.left != Some(0) && fits(&rule.pattern, &request.method, &request.path))?;
    rule.left = rule.left.map(|left| left - 1);
    Some(rule.fault.clone())
}

const PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Sign in to Guest WiFi</title></head>\n\
                    <body><form action=\"/login\">Welcome!</form></body></html>\n";

/// Whether the fault needs the honest reply, and with it the effects of the request.
pub(crate) fn needs_reply(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::Slow(_)
            | Fault::Drip(_)
            | Fault::Truncated
            | Fault::ClosedAfter
            | Fault::StatusAfter(_)
            | Fault::Nulls
            | Fault::Novelties
            | Fault::Clock(_)
            | Fault::Edited(_)
    )
}

/// The reply as the fault makes it.
pub(crate) fn apply(fault: &Fault, request: &Request, honest: Reply, stranger: &str) -> Reply {
    let is_v3 = request.path.starts_with(v3::PREFIX);
    let refusal = |status, text: &str| if is_v3 { v3::refusal(status, text) } else { Reply::message(status, text) };
    let limited = |after: String| {
        let reply = refusal(429, "Rate limit exceeded.").header("Retry-After", &after);
        reply.header("RateLimit-Limit", "51").header("RateLimit-Remaining", "0").header("RateLimit-Reset", "1")
    };
    let manner = |manner| Reply { manner, ..honest.clone() };
    match fault {
        Fault::Slow(wait) => manner(Manner::Slow(*wait)),
        Fault::Drip(wait) => manner(Manner::Drip(*wait)),
        Fault::Truncated => manner(Manner::Truncated),
        Fault::Closed | Fault::ClosedAfter => manner(Manner::Closed),
        Fault::Clock(seconds) => Reply { clock: *seconds, ..honest },
        Fault::RateLimited(seconds) => limited(seconds.to_string()),
        Fault::RateLimitedUntil(seconds) => {
            limited(clock::http_date(SystemTime::now() + Duration::from_secs(*seconds)))
        }
        Fault::Status(status) | Fault::StatusAfter(status) => refusal(*status, "Something unexpected happened."),
        Fault::Html(status) => Reply::bytes(*status, "text/html; charset=utf-8", PAGE),
        Fault::EmptyBody => Reply::bytes(200, "application/json", ""),
        Fault::NotJson => Reply::bytes(200, "application/json", "{'id': None}"),
        Fault::WrongShape => Reply::json(200, &json!([["id", 7], { "items": { "status": ["running"] } }])),
        Fault::Edited(change) => changed(honest, change),
        Fault::Nulls => changed(honest, |document| nulls(request, document)),
        Fault::Novelties => changed(honest, novelties),
        Fault::Redirect(status) => redirect(*status, &format!("{stranger}{}", request.path)),
        Fault::RedirectHere(status, path) => redirect(*status, path),
        Fault::Revoked => refusal(401, super::NO_LOGIN),
        Fault::Gone => Reply::message(410, "This endpoint is no longer available."),
        Fault::Document(document) => Reply::json(200, document),
    }
}

fn redirect(status: u16, to: &str) -> Reply {
    Reply::bytes(status, "text/html", "<a>Moved</a>").header("Location", to)
}

fn changed(reply: Reply, change: impl FnOnce(&mut Value)) -> Reply {
    match serde_json::from_slice(&reply.body) {
        Ok(mut document) => {
            change(&mut document);
            Reply { body: document.to_string().into(), ..reply }
        }
        // The outputs of v3 are no documents.
        Err(_) => reply,
    }
}

/// Fields of v1.1 and v3, which have no description, that have been seen without a value.
const MAY_BE_NULL: [&str; 22] = [
    "branch",
    "why",
    "outcome",
    "queued_at",
    "start_time",
    "stop_time",
    "started_at",
    "ended_at",
    "build_time_millis",
    "user",
    "ssh_users",
    "retry_of",
    "canceler",
    "workflows",
    "node",
    "picard",
    "messages",
    "exit_code",
    "output_url",
    "end_time",
    "failed",
    "name",
];

fn nulls(request: &Request, document: &mut Value) {
    let schema = contract::operation(request).and_then(|operation| contract::reply_schema(&operation, 200));
    match schema {
        Some((_, schema)) => described_nulls(schema, document),
        None => usual_nulls(document),
    }
}

fn described_nulls(schema: &Value, value: &mut Value) {
    let kinds = &schema["type"];
    if kinds.as_array().is_some_and(|kinds| kinds.contains(&json!("null"))) {
        *value = Value::Null;
        return;
    }
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
            described_nulls(&schema["properties"][name.as_str()], field);
        }),
        Value::Array(items) => items.iter_mut().for_each(|item| described_nulls(&schema["items"], item)),
        _ => {}
    }
}

fn usual_nulls(value: &mut Value) {
    match value {
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| {
            // A step without a name would be another step.
            let is_step = name == "name" && field.as_str().is_some_and(|text| text.contains(' '));
            if MAY_BE_NULL.contains(&name.as_str()) && !is_step {
                *field = Value::Null;
            } else {
                usual_nulls(field);
            }
        }),
        Value::Array(items) => items.iter_mut().for_each(usual_nulls),
        _ => {}
    }
}

/// Fields whose values come from a list that may grow.
const OPEN: [&str; 8] = ["status", "type", "lifecycle", "outcome", "phase", "restriction_type", "provider", "vcs-type"];

fn novelties(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, field) in fields.iter_mut() {
                if OPEN.contains(&name.as_str()) && field.is_string() {
                    *field = json!("never_seen_before");
                } else {
                    novelties(field);
                }
            }
            fields.insert("a_new_field".to_owned(), json!({ "nested": [1, null, "text"] }));
        }
        Value::Array(items) => items.iter_mut().for_each(novelties),
        _ => {}
    }
}
