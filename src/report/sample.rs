//! Reports to look at and to test with.

use serde_json::json;

use super::Model;
use crate::{
    facts::{Document, Stage, Step, Unknown},
    findings::{Confidence, Evidence, Finding, Fix, RuledOut, Safety, Severity, Verdict},
};

/// Everything a [`Model`] borrows.
pub(super) struct Sample {
    pub(super) document: Document,
    pub(super) steps: Vec<Step>,
    pub(super) findings: Vec<Finding>,
    pub(super) ruled_out: Vec<RuledOut>,
    pub(super) verdict: Verdict,
}

impl Sample {
    pub(super) fn model(&self) -> Model<'_> {
        Model {
            document: &self.document,
            steps: &self.steps,
            findings: &self.findings,
            ruled_out: &self.ruled_out,
            verdict: self.verdict,
        }
    }
}

pub(super) fn all() -> Vec<(&'static str, Sample)> {
    vec![
        ("blocked", blocked()),
        ("likely", likely()),
        ("unknown", unknown()),
        ("problems", problems()),
        ("healthy", healthy()),
        ("machine", machine()),
        ("hostile", hostile()),
    ]
}

fn step(stage: Stage, status: &str, summary: &str) -> Step {
    Step { stage, status: status.into(), summary: summary.into() }
}

fn finding(check: &str, stage: &str, severity: Severity, title: &str) -> Finding {
    Finding {
        check: check.into(),
        severity,
        confidence: Confidence::Certain,
        stage: stage.into(),
        symptom: false,
        meets_first: false,
        root: true,
        explained_by: None,
        explains: Vec::new(),
        title: title.into(),
        detail: String::new(),
        subject: None,
        evidence: Vec::new(),
        fixes: Vec::new(),
    }
}

fn fix(title: &str, command: &str) -> Fix {
    Fix {
        title: title.into(),
        place: "this machine".into(),
        safety: Safety::Safe,
        reason: None,
        verified: false,
        commands: vec![command.into()],
        url: None,
    }
}

fn out(check: &str, because: &str, in_words: bool) -> RuledOut {
    RuledOut { check: check.into(), because: because.into(), in_words }
}

fn seen(source: &str, line: Option<usize>, text: &str) -> Evidence {
    Evidence { source: source.into(), line, text: text.into() }
}

fn document(facts: serde_json::Value) -> Document {
    Document { facts_version: 1, facts, unknown: Vec::new() }
}

fn steps() -> Vec<Step> {
    vec![
        step(Stage::Client, "ok", "OpenSSH 9.2p1 Debian-2+deb12u10"),
        step(Stage::Config, "warning", "~/.ssh/config line 12 pins keys with IdentitiesOnly yes"),
        step(Stage::Keys, "ok", "3 keys, 2 of them ssh would offer"),
        step(Stage::Agent, "not-checked", "no agent is configured"),
        step(Stage::Network, "ok", "203.0.113.7 port 64535 answered in 24 ms"),
        step(Stage::Handshake, "ok", "SSH-2.0-Go, ed25519"),
        step(Stage::HostKey, "ok", "new to this machine, as with every job"),
        step(Stage::Authentication, "failed", "2 keys offered, none accepted"),
        step(Stage::Session, "not-reached", ""),
        step(Stage::Circleci, "not-checked", ""),
    ]
}

fn target() -> serde_json::Value {
    json!({
        "display": "203.0.113.7 port 64535", "host": "203.0.113.7", "port": 64535, "form": "direct",
        "ssh_args": ["-p", "64535", "203.0.113.7"], "text": "ssh -p 64535 203.0.113.7",
    })
}

pub(super) fn blocked() -> Sample {
    let mut cause = finding(
        "key-not-offered",
        "authentication",
        Severity::Error,
        "the job accepts /home/ana/.ssh/circleci, but ssh does not offer it",
    );
    cause.detail = "The server says yes to this key when it is asked, so it was put on the job when the rerun began. ssh never \
                    shows it, because `IdentitiesOnly yes` limits it to the keys that are named for the host.\n\nTo see it \
                    for yourself, look for `Offering public key` in the output of:\n\n```sh\nssh -v -p 64535 203.0.113.7\n```"
        .into();
    cause.evidence = vec![
        seen("/home/ana/.ssh/config", Some(12), "IdentitiesOnly yes"),
        seen(
            "ssh -v",
            Some(41),
            "debug1: Offering public key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw",
        ),
        seen("public-key query", None, "SHA256:0123456789012345678901234567890123456789012 is accepted"),
    ];
    cause.fixes = vec![
        Fix {
            verified: true,
            ..fix(
                "Name the key on the command line",
                "ssh -i /home/ana/.ssh/circleci -o IdentitiesOnly=yes -p 64535 203.0.113.7 # and a comment that makes it long enough to pass one hundred",
            )
        },
        Fix {
            place: "git host".into(),
            safety: Safety::Ask,
            reason: Some("the key will then open your repositories as well".into()),
            commands: Vec::new(),
            url: Some("https://github.com/settings/keys".into()),
            ..fix("Add the key that ssh does offer", "")
        },
    ];
    let mut symptom = finding(
        "permission-denied",
        "authentication",
        Severity::Error,
        "the server refused every key that was offered",
    );
    symptom.symptom = true;
    symptom.root = false;
    symptom.explained_by = Some("key-not-offered".into());
    let warning = finding(
        "key-mode-too-open",
        "keys",
        Severity::Warning,
        "/home/ana/.ssh/id_old can be read by others, so ssh ignores it (mode 0644)",
    );
    let info = finding("no-agent", "agent", Severity::Info, "no agent is running");
    let mut document = document(json!({
        "target": target(), "login": {"works": false}, "auth": {"offered": 2}, "query": {"shown": 5},
    }));
    document.unknown = vec![
        Unknown { fact: "keys[2].bits".into(), why: "the key is encrypted and has no public file beside it".into() },
        Unknown {
            fact: "keys[2].fingerprint".into(),
            why: "the key is encrypted and has no public file beside it".into(),
        },
        Unknown { fact: "witness".into(), why: "it was not looked at".into() },
    ];
    let ruled_out = vec![
        out("config-match-error", "config.errors has 0 entries", false),
        out("agent-stale-socket", "not the agent: it answers and holds 2 keys", true),
        out("agent-empty", "not the agent: it answers and holds 2 keys", true),
        out("rsa-sha1-only", "not SHA-1: the server takes rsa-sha2-512", true),
    ];
    Sample {
        document,
        steps: steps(),
        findings: vec![cause, symptom, warning, info],
        ruled_out,
        verdict: Verdict::Blocked,
    }
}

pub(super) fn likely() -> Sample {
    let mut sample = blocked();
    sample.findings[0].confidence = Confidence::Likely;
    sample
}

pub(super) fn unknown() -> Sample {
    let mut sample = blocked();
    sample.findings.remove(0);
    sample.findings[0].root = true;
    sample.findings[0].explained_by = None;
    sample.findings[0].evidence = vec![seen("ssh -v", Some(88), "ana@203.0.113.7: Permission denied (publickey).")];
    sample.document.unknown = (0..9)
        .map(|place| Unknown { fact: format!("keys[{place}].bits"), why: format!("reason {place} of many") })
        .collect();
    sample.verdict = Verdict::Unknown;
    sample
}

pub(super) fn problems() -> Sample {
    let mut sample = blocked();
    sample.findings.drain(..2);
    sample.findings[0].fixes = vec![fix("Let nobody else read it", "chmod 600 /home/ana/.ssh/id_old")];
    sample.document.facts["login"] = json!({"works": true});
    sample.steps[7] = step(Stage::Authentication, "ok", "key /home/ana/.ssh/circleci is accepted");
    sample.steps[8] = step(Stage::Session, "ok", "");
    sample.verdict = Verdict::Problems;
    sample
}

pub(super) fn healthy() -> Sample {
    let mut sample = problems();
    sample.findings.clear();
    sample.ruled_out.clear();
    sample.document.facts["login"] = json!({"works": true, "needs": "passphrase"});
    sample.verdict = Verdict::Healthy;
    sample
}

pub(super) fn machine() -> Sample {
    let mut sample = healthy();
    sample.document = document(json!({}));
    sample.steps.truncate(4);
    sample
}

/// Text from strangers wherever text goes.
pub(super) fn hostile() -> Sample {
    let evil = "x\u{1b}[2J\u{1b}]0;t\u{7}\u{9b}31m\u{202e}y\u{200b}z\nnew line \u{e0041}".repeat(3);
    let mut sample = blocked();
    for step in &mut sample.steps {
        step.summary = evil.clone();
    }
    for finding in &mut sample.findings {
        finding.title = evil.clone();
        finding.detail = format!("{evil}\n\n```\n{evil}\n```\n# {evil}\n- {evil}");
        finding.evidence = vec![seen(&evil, Some(1), &evil); 9];
        finding.subject = Some(json!("a plain value"));
        finding.fixes = vec![Fix {
            place: evil.clone(),
            safety: Safety::Manual,
            reason: Some(evil.clone()),
            verified: true,
            commands: vec![evil.clone(), "w".repeat(150)],
            url: Some(evil.clone()),
            ..fix(&evil, "")
        }];
    }
    sample.document.facts["target"]["display"] = json!(evil);
    sample.document.facts["target"]["left_out"] = json!([evil]);
    for unknown in &mut sample.document.unknown {
        (unknown.fact, unknown.why) = (evil.clone(), evil.clone());
    }
    for out in &mut sample.ruled_out {
        out.because = evil.clone();
    }
    sample
}
