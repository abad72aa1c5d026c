//! Who would be let in: the second connection, in which the server is asked about the keys that ssh did not offer.
//!
//! What holds for every examination (no session, one login at most, no signature but that login's, two connections that
//! authenticate) is held by `scene.rs`.

mod candidates;
mod copies;
mod fixes;
mod limits;
mod other_servers;
mod traps;

use crate::report::Report;
use crate::scene::Scene;
use crate::support::keys::Key;

/// A machine with a key under its usual name that the server does not know, and `.ssh/work`, which it does.
fn with_work() -> (Scene, Key) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let work = scene.key(".ssh/work");
    scene.job([&work]);
    (scene, work)
}

/// A fact of the report, which was made `--with-facts`.
#[track_caller]
fn fact<'r>(report: &'r Report, pointer: &str) -> &'r serde_json::Value {
    let facts = &report.json["facts"];
    facts.pointer(pointer).unwrap_or_else(|| panic!("no {pointer}\n{report}"))
}

/// How many items a list of the query's has.
#[track_caller]
fn query(report: &Report, list: &str) -> usize {
    fact(report, &format!("/query/{list}")).as_array().map_or(0, Vec::len)
}

/// Why there are no answers of the query.
fn why_not(report: &Report) -> String {
    let unknown = report.json["unknown"].as_array().into_iter().flatten();
    unknown.filter(|fact| fact["fact"] == "query").filter_map(|fact| fact["why"].as_str()).collect()
}

/// Whether the first fix of the first finding is verified.
#[track_caller]
fn is_verified(report: &Report) -> bool {
    report.json["findings"][0]["fixes"][0]["verified"] == true
}
