use super::*;
use crate::{
    facts::{Agent, Attempt, Client, KeyFolder, PublicFile},
    ssh::log::{Offer, Planned},
};

fn key(name: &str, origin: KeyOrigin) -> Key {
    Key {
        path: format!("/h/.ssh/{name}"),
        origin,
        exists: true,
        readable: true.into(),
        encrypted: false.into(),
        format: "openssh".to_owned().into(),
        algorithm: "ssh-ed25519".to_owned().into(),
        family: "ed25519".to_owned().into(),
        fingerprint: format!("SHA256:{name}").into(),
        blob: name.to_owned().into(),
        ..Key::default()
    }
}

fn identity(name: &str) -> Identity {
    Identity {
        algorithm: "ssh-ed25519".into(),
        fingerprint: format!("SHA256:{name}"),
        blob: name.into(),
        comment: name.into(),
        ..Identity::default()
    }
}

fn certificate(path: &str, name: &str) -> Certificate {
    Certificate {
        path: path.into(),
        algorithm: "ssh-ed25519-cert-v01@openssh.com".into(),
        key: format!("SHA256:{name}"),
        blob: format!("certified {name}"),
        ..Certificate::default()
    }
}

fn facts(keys: Vec<Key>, held: &[&str]) -> Facts {
    let names = ["ssh-ed25519", "ssh-ed25519-cert-v01@openssh.com", "rsa-sha2-512"];
    let config = Config {
        identity_files: Vec::new().into(),
        identity_files_configured: true.into(),
        identities_only: false.into(),
        pubkey_authentication: true.into(),
        publickey_not_preferred: false.into(),
        pubkey_algorithms: names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().into(),
        ..Config::default()
    };
    let identities: Vec<Identity> = held.iter().map(|name| identity(name)).collect();
    Facts {
        config: config.into(),
        keys: keys.into(),
        key_folder: KeyFolder { path: "/h/.ssh".into(), ..KeyFolder::default() }.into(),
        certificates: Vec::new().into(),
        agent: Agent { state: AgentState::Answers, identities: identities.into(), ..Agent::default() }.into(),
        client: client(9, 2),
        ..Facts::default()
    }
}

fn client(major: u32, minor: u32) -> Fact<Client> {
    Client { version: Version { major, minor }.into(), ..Client::default() }.into()
}

fn configure(facts: &mut Facts, change: impl FnOnce(&mut Config)) {
    change(facts.config.known_mut().expect("a configuration"));
}

fn planned(facts: &mut Facts) -> Plan {
    infer(facts);
    facts.plan.known().expect("a plan").clone()
}

fn names(plan: &Plan) -> Vec<&str> {
    plan.offers.iter().map(|offer| offer.name.rsplit('/').next().unwrap_or_default()).collect()
}

fn because<'p>(plan: &'p Plan, name: &str) -> &'p str {
    let of_it = |left_out: &&LeftOut| left_out.name.ends_with(name);
    plan.left_out.iter().find(of_it).map(|left_out| left_out.because.as_str()).unwrap_or_default()
}

#[test]
fn the_agent_s_order_rules_and_what_is_named_goes_before_the_rest() {
    let keys = ["a", "b", "c"].map(|name| key(name, KeyOrigin::Configured)).to_vec();
    let mut facts = facts(keys, &["x", "c", "y", "a"]);
    assert_eq!(names(&planned(&mut facts)), ["c", "a", "x", "y", "b"]);
    configure(&mut facts, |config| config.identities_only = true.into());
    let plan = planned(&mut facts);
    assert_eq!(names(&plan), ["c", "a", "b"]);
    assert_eq!(because(&plan, "x"), "identities-only");
    let held = facts.agent.known().and_then(|agent| agent.identities.known()).expect("keys");
    assert_eq!(held.iter().map(|identity| identity.offered.is(&true)).collect::<Vec<_>>(), [false, true, false, true]);
}

#[test]
fn certificates_come_where_each_version_puts_them() {
    let mut a = key("a", KeyOrigin::Default);
    a.certificate = Some(certificate("/h/.ssh/a-cert.pub", "a"));
    let mut facts = facts(vec![key("b", KeyOrigin::Default), a], &[]);
    let algorithms = |plan: &Plan| plan.offers.iter().map(|offer| offer.algorithm.len() > 20).collect::<Vec<_>>();
    assert_eq!(algorithms(&planned(&mut facts)), [false, false, true]);
    facts.client = client(10, 5);
    assert_eq!(algorithms(&planned(&mut facts)), [true, false, false]);
    facts.client = client(9, 2);
    configure(&mut facts, |config| config.certificate_files = vec!["~/other".into()]);
    facts.certificates = vec![certificate("/h/other", "b")].into();
    let plan = planned(&mut facts);
    assert_eq!(names(&plan), ["other", "b", "a"], "CertificateFile comes first and turns off what lies beside keys");
}

#[test]
fn keys_that_nobody_named() {
    let keys =
        vec![key("work", KeyOrigin::Configured), key("id_ed25519", KeyOrigin::Found), key("x", KeyOrigin::Found)];
    let mut facts = facts(keys, &[]);
    let plan = planned(&mut facts);
    assert_eq!(because(&plan, "id_ed25519"), "default-name-replaced");
    assert_eq!(because(&plan, "x"), "not-configured");
}

#[test]
fn what_shows_no_public_half_is_loaded_when_its_turn_comes() {
    let pem = || Key { format: "pem".to_owned().into(), ..key("pem", KeyOrigin::Default) };
    let of = |pem: Key, version: (u32, u32)| {
        let mut facts = facts(vec![pem], &[]);
        facts.client = client(version.0, version.1);
        configure(&mut facts, |config| config.batch_mode = true.into());
        planned(&mut facts)
    };
    let first = |plan: &Plan| plan.offers.first().map(|offer| offer.loaded_first);
    assert_eq!(first(&of(pem(), (9, 2))), Some(true));
    assert_eq!(because(&of(Key { encrypted: true.into(), ..pem() }, (9, 2)), "pem"), "passphrase");
    assert_eq!(because(&of(Key { mode_too_open: true, ..pem() }, (9, 2)), "pem"), "mode-too-open");
    let open = || Key { mode_too_open: true, ..key("id_ed25519", KeyOrigin::Default) };
    assert_eq!(first(&of(open(), (9, 2))), Some(false), "its public half is open to all");
    assert_eq!(because(&of(open(), (8, 2)), "id_ed25519"), "mode-too-open", "an older ssh did not look into it");
}

#[test]
fn the_public_file_is_believed() {
    let public = PublicFile {
        valid: true,
        matches: false.into(),
        fingerprint: Some("SHA256:other".into()),
        other_blob: Some("other".into()),
        other_algorithm: Some("ssh-ed25519".into()),
        ..PublicFile::default()
    };
    let mut facts = facts(vec![Key { public_file: Some(public), ..key("a", KeyOrigin::Default) }], &["other"]);
    let plan = planned(&mut facts);
    assert_eq!(plan.offers[0].fingerprint.as_deref(), Some("SHA256:other"));
    assert!(plan.offers[0].in_agent && plan.offers.len() == 1);
    assert_eq!(because(&plan, "/a"), "pub-mismatch");
}

#[test]
fn what_is_not_known_is_said() {
    let known = || facts(vec![key("a", KeyOrigin::Default)], &[]);
    assert_eq!(planned(&mut known()).unsure, None);
    let mut tokens = known();
    configure(&mut tokens, |config| config.pkcs11_provider = Some("/lib/p11.so".into()));
    assert!(planned(&mut tokens).unsure.is_some());
    let mut silent = known();
    silent.agent = Agent { state: AgentState::Silent, ..Agent::default() }.into();
    assert!(planned(&mut silent).unsure.is_some());
    assert!(silent.keys.known().expect("keys")[0].offered.known().is_none());
    let mut dead = known();
    dead.agent = Agent { state: AgentState::Dead, ..Agent::default() }.into();
    assert_eq!(planned(&mut dead).unsure, None, "ssh gets no keys from it");
    let mut none = known();
    none.config = Fact::unknown("ssh refuses it");
    infer(&mut none);
    assert_eq!(none.plan, Fact::unknown("ssh refuses it"));
}

#[test]
fn the_log_is_right() {
    let shown = |name: &str| Planned { fingerprint: Some(format!("SHA256:{name}")), ..Planned::default() };
    let with = |planned: &[&str]| {
        let mut attempt = Attempt::new("ssh -v");
        attempt.planned = planned.iter().map(|name| shown(name)).collect();
        let keys = vec![key("a", KeyOrigin::Default), key("b", KeyOrigin::Default)];
        let mut facts = Facts { attempt: attempt.into(), ..facts(keys, &[]) };
        let confirmed = self::planned(&mut facts).confirmed;
        let offered: Vec<bool> = facts.keys.known().expect("keys").iter().map(|key| key.offered.is(&true)).collect();
        (confirmed, offered)
    };
    assert_eq!(with(&["a", "b"]), (true.into(), vec![true, true]));
    assert_eq!(with(&["b", "a"]).0, false.into());
    assert_eq!(with(&["b"]), (false.into(), vec![false, true]));
}

#[test]
fn an_older_log_shows_only_what_had_its_turn() {
    let mut attempt = Attempt::new("ssh -v");
    attempt.offers = vec![Offer { path: "/h/.ssh/a".into(), ..Offer::default() }];
    let keys = vec![key("a", KeyOrigin::Default), key("b", KeyOrigin::Default)];
    let mut facts = Facts { attempt: attempt.into(), ..facts(keys, &[]) };
    facts.client = client(7, 5);
    // Without a public file this version would load both.
    for key in facts.keys.known_mut().expect("keys") {
        let path = format!("{}.pub", key.path);
        key.public_file = Some(PublicFile { path, valid: true, matches: true.into(), ..PublicFile::default() });
    }
    assert_eq!(planned(&mut facts).confirmed, true.into());
}

#[test]
fn public_keys_may_be_off() {
    let mut facts = facts(vec![key("a", KeyOrigin::Default)], &["x"]);
    configure(&mut facts, |config| config.pubkey_authentication = false.into());
    let plan = planned(&mut facts);
    assert!(plan.offers.is_empty());
    assert_eq!((because(&plan, "/a"), because(&plan, "x")), ("publickey-off", "publickey-off"));
}
