//! Each log as it is: the cause, its evidence, its fixes, and the reports.

use std::{
    collections::BTreeSet,
    fs,
    io::Write as _,
    process::{Command, Stdio},
};

use cci_ssh::findings::{Finding, Safety, Severity, Verdict, is_hidden};
use regex::RegexBuilder;

use super::pipeline::{self, ALL, Said, faults_of_evidence, share};

#[test]
fn the_first_cause_is_the_true_one() {
    share(&ALL, |(log, diagnosis), complaints| {
        let diagnosis = match diagnosis {
            Ok(diagnosis) => diagnosis,
            Err(error) => return complaints.add("not a log", format!("{}: {error}", log.name)),
        };
        let said = Said::from(diagnosis);
        for fault in &said.faults {
            complaints.add("a check has no words", format!("{}: {}: {}", log.name, fault.check, fault.what));
        }
        let brief = || format!("{}: {} instead of {} ({})", log.name, said.brief(), log.label.cause, log.label.why);
        if log.is_healthy() {
            // What a command inside the session met may be told.
            let loud = |finding: &&Finding| finding.severity > Severity::Info && !log.allows(&finding.check);
            let calm = matches!(said.verdict, Verdict::Healthy | Verdict::Problems);
            if said.findings.iter().any(|finding| loud(&finding)) || !calm {
                complaints.add("a healthy login does not get silence", brief());
            }
            return;
        }
        // What only restates the failure may be all that a log shows.
        let symptom = || said.findings.first().filter(|first| log.label.cause == first.check);
        let named = said.first().or_else(symptom).map_or("unknown", |finding| finding.check.as_str());
        let silent = log.is_open() && named == "unknown";
        if !silent && !log.allows(named) {
            complaints.add("another cause stands first", brief());
        }
        for finding in said.certainties().filter(|finding| !log.allows(&finding.check)) {
            complaints.add("a second cause is certain", format!("{}; {}", brief(), finding.check));
        }
        if said.verdict == Verdict::Healthy && !log.allows("healthy") {
            complaints.add("a failed login is called healthy", brief());
        }
        if let Some(first) = said.first().filter(|first| !log.label.confidence.allow(&first.confidence.to_string())) {
            let confidence = &log.label.confidence;
            complaints.add("as sure as it should not be", format!("{}: {confidence:?}, {}", brief(), first.confidence));
        }
    })
    .expect_none();
}

fn all_text(finding: &Finding) -> String {
    let fixes = finding.fixes.iter().flat_map(|fix| {
        [&fix.title].into_iter().chain(&fix.commands).chain(fix.url.as_ref()).chain(fix.reason.as_ref())
    });
    fixes.map(String::as_str).collect::<Vec<_>>().join("\n")
}

fn matches(pattern: &str, text: &str) -> bool {
    let pattern = RegexBuilder::new(pattern).case_insensitive(true).build();
    pattern.unwrap_or_else(|error| panic!("{error}")).is_match(text)
}

#[test]
fn the_fixes_say_what_mends_it() {
    share(&ALL, |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let said = Said::from(diagnosis);
        let Some(first) = said.first() else { return };
        let text = all_text(first);
        for pattern in log.label.fix_must_contain.iter().filter(|pattern| !matches(pattern, &text)) {
            let what = format!("{}: {} has no {pattern:?}:\n{text}", log.name, first.check);
            complaints.add("a fix is missing", what);
        }
    })
    .expect_none();
}

#[test]
fn the_evidence_is_a_line_of_the_log() {
    share(&ALL, |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let said = Said::from(diagnosis);
        for finding in said.findings.iter().filter(|finding| pipeline::is_loud(finding)) {
            if log.is_in_bytes() {
                for fault in faults_of_evidence(finding, &log.bytes) {
                    complaints.add("the evidence is wrong", format!("{}: {}: {fault}", log.name, finding.check));
                }
            }
        }
    })
    .expect_none();
}

#[test]
fn nothing_in_the_reports_acts_on_a_terminal() {
    let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/report.schema.json");
    let schema = serde_json::from_str(&fs::read_to_string(schema).expect("it is there")).expect("JSON");
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    share(&ALL, |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let text = anstream::adapter::strip_str(&pipeline::report(diagnosis)).to_string();
        if let Some(line) = text.lines().find(|line| line.chars().any(is_hidden)) {
            complaints.add("a control character in the report", format!("{}: {line:?}", log.name));
        }
        for finding in &diagnosis.findings {
            let evidence = finding.evidence.iter().map(|seen| &seen.text);
            let commands = finding.fixes.iter().flat_map(|fix| &fix.commands);
            for text in evidence.chain(commands).chain([&finding.title]) {
                if text.chars().any(|c| is_hidden(c) && c != '\n') {
                    complaints.add("a control character in a finding", format!("{}: {text:?}", log.name));
                }
            }
        }
        let json = pipeline::json_report(diagnosis);
        for error in schema.iter_errors(&json) {
            complaints.add("the JSON has another form", format!("{}: {error} at {}", log.name, error.instance_path()));
        }
    })
    .expect_none();
}

/// Commands that may be pasted, by log.
fn commands(said: &Said) -> impl Iterator<Item = (&Finding, &str)> {
    said.findings.iter().flat_map(|finding| {
        let fixes = finding.fixes.iter().filter(|fix| fix.safety != Safety::Manual);
        fixes.flat_map(move |fix| fix.commands.iter().map(move |command| (finding, command.as_str())))
    })
}

fn is_powershell(said: &Said) -> bool {
    said.document.facts["machine"]["command_shell"] == "powershell"
}

/// Whether `sh -n` takes it.
fn is_posix(script: &str) -> bool {
    let mut shell = Command::new("sh");
    shell.args(["-n"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = shell.spawn().expect("there is a shell");
    child.stdin.take().expect("a pipe").write_all(script.as_bytes()).expect("the shell reads");
    child.wait().expect("it ends").success()
}

/// Whether every quote and bracket of a PowerShell command is closed (about_Quoting_Rules, about_Parsing).
fn is_closed_powershell(command: &str) -> bool {
    let (mut quote, mut open) = (None, Vec::new());
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        // Typographic quotes count as plain ones.
        let letter = match letter {
            '\u{2018}'..='\u{201b}' => '\'',
            '\u{201c}'..='\u{201e}' => '"',
            other => other,
        };
        match (quote, letter) {
            (None | Some('"'), '`') => {
                letters.next();
            }
            (Some(end), letter) if letter == end => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(letter),
            (None, '(' | '{' | '[') => open.push(letter),
            (None, ')' | '}' | ']')
                if open.pop().is_none_or(|open| !matches!((open, letter), ('(', ')') | ('{', '}') | ('[', ']'))) =>
            {
                return false;
            }
            _ => {}
        }
    }
    quote.is_none() && open.is_empty()
}

#[test]
fn what_may_be_pasted_is_a_command() {
    let posix = std::sync::Mutex::new(BTreeSet::new());
    let complaints = share(&ALL, |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let said = Said::from(diagnosis);
        for (finding, command) in commands(&said) {
            let name = || format!("{}: {}: {command}", log.name, finding.check);
            if is_powershell(&said) {
                let here = finding.fixes.iter().filter(|fix| fix.place == "this machine");
                let its = here.flat_map(|fix| &fix.commands).any(|one| one == command);
                if its && !is_closed_powershell(command) {
                    complaints.add("PowerShell would not take it", name());
                }
            } else {
                posix.lock().expect("no panic").insert(command.to_owned());
            }
            let holes = ["{{", "}}", "…", "YOUR", "path/to", "<hidden>", "HOST", "PORT", "FILE"];
            if holes.iter().any(|hole| command.contains(hole)) {
                complaints.add("a placeholder in a command", name());
            }
        }
    });
    complaints.expect_none();
    let posix = posix.into_inner().expect("no panic");
    let together = posix.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
    if !is_posix(&together) {
        let wrong: Vec<&String> = posix.iter().filter(|command| !is_posix(command)).collect();
        panic!("sh would not take {wrong:#?}");
    }
}

/// Words of a command that name something: paths, addresses, users.
fn names(command: &str) -> Vec<String> {
    // Backslashes are Windows', and mean nothing there.
    let Some(words) = shlex::split(&command.replace('\\', "/")) else { return Vec::new() };
    let parts = words.iter().flat_map(|word| word.split([' ', '=', ';', ',', '"', '\'', '(', ')', '>', '<']));
    let named = |part: &&str| {
        let drive = part.as_bytes().get(1) == Some(&b':') && part.as_bytes()[0].is_ascii_alphabetic();
        let address = part.chars().filter(|c| *c == '.').count() == 3 && part.chars().any(|c| c.is_ascii_digit());
        // `sk-ssh-ed25519@openssh.com` is an algorithm (RFC 4250 section 4.6.1), `"$@"` and `\\?\` are the shell's.
        let user = part.contains('@') && !part.ends_with("@openssh.com") && !part.contains('$');
        (part.starts_with('/') && part.len() > 1) || drive || address || user
    };
    parts.filter(named).map(|part| part.trim_matches(['[', ']', ':']).to_owned()).collect()
}

/// Where every machine has the same.
const EVERYWHERE: [&str; 6] =
    ["/dev/null", "/etc/ssh/ssh_config", "/etc/resolv.conf", "/usr/bin/ssh", "/bin/sh", "/usr/bin/"];

#[test]
fn a_command_names_nothing_that_the_log_does_not() {
    share(&ALL, |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let said = Said::from(diagnosis);
        // Windows' ssh writes doubled and mixed slashes.
        let plain = |text: &str| text.replace("\\\\", "\\").replace('\\', "/").to_lowercase();
        let text = plain(&String::from_utf8_lossy(&log.bytes).replace('\0', ""));
        for (finding, command) in commands(&said) {
            for name in names(command) {
                let known = EVERYWHERE.iter().any(|place| name.starts_with(place));
                let whole = plain(&name);
                let parts: Vec<&str> = whole.split(['@', ':']).filter(|part| !part.is_empty()).collect();
                // The folder may be known from another file's path, and the file's name is one that ssh has.
                let folder = whole.rsplit_once('/').map_or(whole.as_str(), |(folder, _)| folder);
                let told = text.contains(&whole) || text.contains(folder) && whole.contains('/');
                if !known && !told && !parts.iter().all(|part| text.contains(part)) {
                    complaints
                        .add("a name from nowhere", format!("{}: {}: {name} in {command}", log.name, finding.check));
                }
            }
        }
    })
    .expect_none();
}
