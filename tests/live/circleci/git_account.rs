//! `--git-account`: which keys somebody has registered, as the git host tells everybody.

use std::time::Duration;

use serde_json::json;

use super::facts::usual;
use super::{Ci, Facts};
use crate::support::circleci::{Fault, GitHost};

fn facts(ci: &Ci, host: &GitHost, name: &str) -> Facts {
    let url = ci.fake.job_url(ci.job);
    ci.facts(["--git-account", &format!("{}/{name}", host.url()), &url])
}

#[test]
fn the_registered_keys_are_read() {
    let mut ci = usual();
    let (first, second) = (ci.scene.key(".ssh/first"), ci.scene.key(".ssh/second"));
    let host = GitHost::start([("ana", vec![first.public.as_str(), second.public.as_str()]), ("none", vec![])]);
    let found = facts(&ci, &host, "ana");
    assert_eq!(found.get("/git_host/keys"), &json!([first.fingerprint, second.fingerprint]), "{found:#?}");
    assert_eq!(found.text("/git_host/url"), format!("{}/ana.keys", host.url()));
    assert_eq!(facts(&ci, &host, "none").get("/git_host/keys"), &json!([]));
    assert!(facts(&ci, &host, "ben").why("git_host").contains("is not there (404); is ben the account's name?"));
    assert_eq!(host.requests("GET *").count(), 3, "one request each");
    assert!(!host.saw_token());
}

#[test]
fn what_is_no_list_of_keys_is_unknown() {
    for (fault, reason) in [
        (Fault::Html(200), "is no list of keys"),
        (Fault::EmptyBody, "is no list of keys"),
        (Fault::NotJson, "is no list of keys"),
        (Fault::RedirectHere(302, "/login".to_owned()), "answers with 302"),
        (Fault::Html(403), "answers with 403"),
        (Fault::Html(503), "answers with 503"),
        (Fault::Closed, "cannot be read"),
    ] {
        let ci = usual();
        let host = GitHost::start([("ana", vec![])]);
        host.misbehave(fault.clone());
        let found = facts(&ci, &host, "ana");
        assert!(found.why("git_host").contains(reason), "{fault:?}: {found:#?}");
        assert_eq!(found.get("/executions/0/enable_ssh/state"), "ready", "the rest is known");
    }
}

#[test]
fn a_slow_git_host_costs_no_more_than_its_share_of_the_time() {
    let ci = usual();
    let host = GitHost::start([("ana", vec![])]);
    host.misbehave(Fault::Slow(Duration::from_secs(20)));
    ci.fake.always("GET /api/v1.1/recent-builds", Fault::Slow(Duration::from_secs(20)));
    let (url, account) = (ci.fake.job_url(ci.job), format!("{}/ana", host.url()));
    let outcome = ci.facts_outcome(["--timeout", "4", "--git-account", &account, &url]);
    assert!(outcome.elapsed < Duration::from_millis(3500), "{outcome:#?}");
    assert!(Facts(outcome.json()).why("git_host").contains("cannot be read"));
}

#[test]
fn without_a_job_it_is_refused_in_a_sentence() {
    let ci = usual();
    for words in
        [&["doctor", "--git-account", "github:ana", "127.0.0.1"][..], &["facts", "--git-account", "github:ana"]]
    {
        ci.run(words.iter().copied()).expect_code(2).expect_text("name the job as well: --job URL");
    }
    for account in ["ana", "github:", "github:a/b", "http://192.0.2.1/ana", "https://a@b/ana", "github:../x"] {
        ci.run(["doctor", "--git-account", account, "gh/acme/web/101"]).expect_code(2);
    }
    assert_eq!(ci.fake.requests("*").count(), 0);
}
