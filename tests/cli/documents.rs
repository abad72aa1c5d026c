//! Exit codes, JSON and saved facts.

use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::support::ports::RefusedPort;
use crate::{expect_refusal, with_input};

#[test]
fn exit_codes() {
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let (closed, server) = (RefusedPort::new(), JobServer::start(Options::authorizing([key.public.as_str()])));
    let (bad, good) = (closed.port.to_string(), server.port().to_string());
    for (words, code) in [
        (vec!["-p", &good, "127.0.0.1"], 0),
        (vec!["-p", &bad, "127.0.0.1"], 1),
        (vec!["--format", "json", "-p", &bad, "127.0.0.1"], 1),
        (vec!["--exit-zero", "-p", &bad, "127.0.0.1"], 0),
        (vec!["--fail-on", "never", "-p", &bad, "127.0.0.1"], 0),
        (vec!["--fail-on", "warning", "-p", &good, "127.0.0.1"], 0),
        (vec!["-p", &bad, "127.0.0.1", "--exit-zero"], 0),
    ] {
        home.doctor(words).expect_code(code);
    }
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let port = closed.port.to_string();
    for words in [vec!["--format", "json"], vec!["--format", "json", "--with-facts", "-p", &port, "127.0.0.1"]] {
        let outcome = home.doctor(words.iter().copied());
        let values: Vec<_> =
            serde_json::Deserializer::from_str(&outcome.stdout).into_iter::<serde_json::Value>().collect();
        assert!(matches!(&values[..], [Ok(value)] if value.is_object()), "{outcome:#?}");
        assert_eq!(outcome.json().get("facts").is_some(), words.contains(&"--with-facts"));
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn saved_facts() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::new());
    let port = server.port().to_string();
    let facts = home.cci_ssh(["facts", "-p", &port, "127.0.0.1"]);
    facts.expect_code(0);
    let connections = server.settled_record().connections;
    home.write("facts.json", &facts.stdout, 0o600);
    for outcome in [
        home.doctor(["--from", "facts.json", "--format", "json"]),
        with_input(&home, &["doctor", "--from", "-", "--format", "json"], &facts.stdout),
    ] {
        outcome.expect_code(1);
        assert_eq!(outcome.json()["findings"][0]["check"], "key-not-authorised", "{outcome:#?}");
    }
    assert_eq!(server.record().connections, connections, "saved facts are judged and nothing is looked at");
    let private = home.read(".ssh/id_ed25519");
    assert!(private.lines().filter(|line| line.len() > 40).all(|line| !facts.stdout.contains(line)));
}

#[test]
fn saved_facts_that_are_none() {
    let home = Home::new();
    for (name, text) in [
        ("empty", ""),
        ("text", "The quick brown fox"),
        ("list", "[]"),
        ("other", "{\"name\": \"something else\"}"),
        ("cut", "{\"version\": 1, \"facts\": {"),
        ("future", "{\"version\": 99}"),
        ("binary", "\u{0}\u{0}"),
    ] {
        home.write(name, text, 0o600);
        expect_refusal(&home.doctor(["--from", name]), "");
    }
    expect_refusal(&home.doctor(["--from", "no-such-file"]), "no-such-file");
    expect_refusal(&home.doctor(["--from", "/"]), "");
    expect_refusal(&home.doctor(["--from", "empty", "-p", "1", "127.0.0.1"]), "leave out");
}
