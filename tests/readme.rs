//! What the guides show is true: the example reports come from the doctor, command lines parse, the JSON is what the schema
//! says, and links lead somewhere.
#![cfg(unix)]
#![allow(clippy::disallowed_methods, reason = "tests look at the files of this repository")]

#[path = "support/mod.rs"]
mod support;

use std::{ffi::OsString, fs, path::Path};

use cci_ssh::{
    cli::{self, Console},
    system::{Platform, recorded::Recorded},
};
use serde_json::Value;
use support::{
    home::Home,
    job_server::{JobServer, Options},
    sshd::Sshd,
};

const README: &str = include_str!("../README.md");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The insides of the code blocks of one language, in order.
fn blocks(language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let insides = README.split(&fence).skip(1).map(|rest| rest.split("\n```").next().unwrap_or_default().to_owned());
    insides.collect()
}

/// A report of ana's, at the address that CircleCI's documentation has.
fn anas(report: &str, home: &Home, server: &JobServer) -> String {
    report
        .replace(&home.path().display().to_string(), "/home/ana")
        .replace(&format!("{} port {}", server.ip(), server.port()), "203.0.113.7 port 64535")
        .replace(&format!("-p {} {}", server.port(), server.ip()), "-p 64535 203.0.113.7")
        .replace(&format!("{}@{}", Sshd::user(), server.ip()), "ana@203.0.113.7")
}

/// Its words, without what differs from machine to machine or is new in every login. How lines are broken does not matter.
fn told(report: &str) -> Vec<&str> {
    let machines_own = |line: &&str| ["✓ client", "✓ config"].iter().any(|row| line.trim_start().starts_with(row));
    let words = report.lines().filter(|line| !machines_own(line)).flat_map(str::split_whitespace);
    let is_new = |word: &str| word.trim_start_matches('(').starts_with("SHA256:");
    let number = |word: &str| word.chars().all(|letter| letter.is_ascii_digit());
    words.filter(|word| !is_new(word) && !number(word)).collect()
}

/// `UPDATE=1 cargo test --test readme` puts today's reports into the README.
#[test]
fn the_reports_are_the_doctors() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let right = home.keygen(".ssh/circleci", "ed25519");
    let server = JobServer::start(Options::authorizing([right.public.as_str()]));
    let port = server.port().to_string();
    let target = ["-p", port.as_str(), "127.0.0.1"];
    let key = right.path.display().to_string();
    let seen = [home.doctor(target), home.doctor(["-i", &key].into_iter().chain(target))];
    let shown = blocks("console");
    assert_eq!(shown.len(), seen.len(), "every example has its login here");
    let mut readme = README.to_owned();
    for (shown, seen) in shown.iter().zip(&seen) {
        let (command, report) = shown.split_once('\n').expect("a command and what it prints");
        assert!(command.starts_with("$ cci-ssh doctor "), "{command}");
        let seen = anas(&seen.stdout, &home, &server);
        if told(report) != told(&seen) {
            let update = std::env::var_os("UPDATE").is_some();
            assert!(update, "README.md shows another report; run: UPDATE=1 cargo test --test readme\n{seen}");
            readme = readme.replace(shown.as_str(), &format!("{command}\n{}", seen.trim_end()));
        }
    }
    if readme != README {
        fs::write(root().join("README.md"), readme).expect("the README can be written");
    }
}

#[test]
fn command_lines_parse() {
    let step = "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p 64535 203.0.113.7\n";
    let log = "ana@203.0.113.7: Permission denied (publickey).\n";
    let mut lines: Vec<String> = blocks("sh").iter().flat_map(|block| block.lines()).map(str::to_owned).collect();
    lines.extend(
        blocks("console").iter().filter_map(|block| Some(block.lines().next()?.strip_prefix("$ ")?.to_owned())),
    );
    let mut ours = 0;
    for line in &lines {
        let command = line.split(" > ").next().unwrap_or_default().split("  #").next().unwrap_or_default();
        let command = command.split(" | ").last().unwrap_or_default().replace("cargo run --release --", "cci-ssh");
        let words = shlex::split(&command).unwrap_or_else(|| panic!("no shell understands: {line}"));
        match words[0].as_str() {
            "cci-ssh" => ours += 1,
            "cargo" | "ssh" => continue,
            script => {
                assert!(root().join(script).exists(), "{line}");
                continue;
            }
        }
        let system = Recorded::new(Platform::Linux).user("ana", "/home/ana");
        let input = if words.iter().any(|word| word == "--log") { log } else { step };
        let (mut output, mut errors) = (Vec::new(), Vec::new());
        let mut console = Console {
            input: &mut input.as_bytes(),
            output: &mut output,
            errors: &mut errors,
            input_is_terminal: false,
            colours: [false; 2],
            columns: None,
            error_columns: None,
        };
        let code = cli::run(words.into_iter().map(OsString::from).collect(), &system, &mut console);
        let errors = String::from_utf8_lossy(&errors);
        // Files of the reader's own are not there, and no token.
        let missing = ["cannot be read", "no token was found"];
        assert!(code < 2 || missing.iter().any(|words| errors.contains(words)), "{line}\n{errors}");
    }
    assert!(ours >= 10, "{ours}");
}

#[test]
fn the_json_is_what_the_schema_says() {
    let schema = fs::read_to_string(root().join("docs/report.schema.json")).expect("the schema");
    let schema: Value = serde_json::from_str(&schema).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let shown = blocks("json");
    assert_eq!(shown.len(), 1);
    let shown: Value = serde_json::from_str(&shown[0]).expect("the example is JSON");
    let faults: Vec<String> =
        validator.iter_errors(&shown).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
    assert!(faults.is_empty(), "{faults:#?}");
    let check = shown["findings"][0]["check"].as_str().unwrap_or_default();
    assert!(cci_ssh::checks::Catalogue::embedded().checks().iter().any(|known| known.id == check), "{check}");
}

#[test]
fn links_lead_somewhere() {
    let mut guides = vec![root().join("README.md"), root().join("CHANGELOG.md"), root().join("checks/README.md")];
    for entry in fs::read_dir(root().join("docs")).expect("docs/ can be listed") {
        guides.push(entry.expect("an entry").path());
    }
    let mut links = 0;
    for guide in guides.iter().filter(|guide| guide.extension().is_some_and(|end| end == "md")) {
        let text = fs::read_to_string(guide).expect("a guide");
        for target in text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next()) {
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            links += 1;
            let file = guide.parent().expect("a folder").join(target);
            assert!(file.exists(), "{}: {target}", guide.display());
        }
    }
    assert!(links > 10, "{links}");
}
