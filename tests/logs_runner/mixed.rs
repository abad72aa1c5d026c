//! Logs among other things: two attempts in one paste, and everything that stands around a log.

use std::fmt::Write as _;

use cci_ssh::{
    doctor::Diagnosis,
    findings::{Severity, Verdict},
    ssh::log::Line,
};

use super::{
    dice::Dice,
    label::Log,
    pipeline::{Complaints, Said, everything, examine, judge, sample, share, some},
};

/// What stands between a log's lines in a ticket, a terminal, or another program's output. None of it is ssh's.
const NOISE: [&str; 24] = [
    "",
    "   ",
    "ana@laptop:~/work$ ls -la",
    "total 48",
    "-rw-------  1 ana ana  411 Nov 22 09:14 id_ed25519",
    "% git status",
    "On branch main",
    "nothing to commit, working tree clean",
    "[2026-11-22 09:41:20] deploy: step 3 of 7 finished",
    "npm WARN deprecated request@2.88.2: request has been deprecated",
    "nginx: [warn] conflicting server name \"example.com\" on 0.0.0.0:80, ignored",
    "E: Unable to locate package frobnicate",
    "Traceback (most recent call last):",
    "  File \"deploy.py\", line 12, in <module>",
    "--- FAIL: TestDial (0.00s)",
    "PING 203.0.113.99 (203.0.113.99) 56(84) bytes of data.",
    "64 bytes from 203.0.113.99: icmp_seq=1 ttl=54 time=11.2 ms",
    "It did work last week, and I have changed nothing since then!",
    "Thanks in advance, Ana",
    "```",
    "C:\\Users\\ana>dir",
    " Volume in drive C has no label.",
    "\u{f120} ~/work \u{e0a0} main",
    "Schöne Grüße aus Köln — 木村",
];

fn plain(log: &Log) -> Vec<String> {
    let text = String::from_utf8_lossy(&log.bytes);
    text.lines().map(str::to_owned).collect()
}

/// What is done to a log: lines in, bytes out.
type Dress = (&'static str, fn(&[String], &mut Dice) -> Vec<u8>);

fn each(lines: &[String], end: &str, of: impl Fn(&str) -> String) -> Vec<u8> {
    let mut text = String::new();
    for line in lines {
        let _ = write!(text, "{}{end}", of(line));
    }
    text.into_bytes()
}

const DRESSES: [Dress; 14] = [
    ("noise before", |lines, dice| {
        let mut all: Vec<String> = (0..5).map(|_| dice.pick(&NOISE).to_owned()).collect();
        all.extend_from_slice(lines);
        each(&all, "\n", str::to_owned)
    }),
    ("noise after", |lines, dice| {
        let mut all = lines.to_vec();
        all.extend((0..5).map(|_| dice.pick(&NOISE).to_owned()));
        each(&all, "\n", str::to_owned)
    }),
    ("noise between", |lines, dice| {
        let mut all = Vec::new();
        for line in lines {
            all.push(line.clone());
            if dice.percent(20) {
                all.push(dice.pick(&NOISE).to_owned());
            }
        }
        each(&all, "\n", str::to_owned)
    }),
    ("CRLF", |lines, _| each(lines, "\r\n", str::to_owned)),
    ("no final line end", |lines, _| lines.join("\n").into_bytes()),
    ("blank lines", |lines, _| each(lines, "\n\n", str::to_owned)),
    ("indented", |lines, _| each(lines, "\n", |line| format!("    {line}"))),
    ("quoted", |lines, _| each(lines, "\n", |line| format!("> {line}"))),
    ("stamped", |lines, _| each(lines, "\n", |line| format!("2026-11-22T09:41:20.1234567Z {line}"))),
    ("stamped by an IDE", |lines, _| each(lines, "\n", |line| format!("[09:41:20.463] > {line}"))),
    ("coloured", |lines, _| each(lines, "\n", |line| format!("\u{1b}[0;33m{line}\u{1b}[0m"))),
    ("with a byte order mark", |lines, _| [b"\xef\xbb\xbf".to_vec(), each(lines, "\n", str::to_owned)].concat()),
    ("UTF-16 little", |lines, _| {
        let text = format!("\u{feff}{}\r\n", lines.join("\r\n"));
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }),
    ("UTF-16 big", |lines, _| {
        let text = format!("\u{feff}{}\r\n", lines.join("\r\n"));
        text.encode_utf16().flat_map(u16::to_be_bytes).collect()
    }),
];

/// Root causes and how sure they are.
fn claims(said: &Said) -> Vec<String> {
    let mut claims: Vec<String> = (said.findings.iter())
        .filter(|finding| finding.root && finding.severity > Severity::Info)
        .map(|finding| format!("{} ({})", finding.check, finding.confidence))
        .collect();
    claims.push(format!("{:?}", said.verdict));
    claims
}

/// The lines that show the first finding, in their words.
fn evidence(said: &Said) -> Vec<String> {
    said.first().into_iter().flat_map(|finding| &finding.evidence).map(|seen| seen.text.clone()).collect()
}

#[test]
fn what_stands_around_a_log_changes_nothing() {
    let few = if everything() { DRESSES.len() } else { 3 };
    share(&some(80), |(log, diagnosis), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        if !log.is_in_bytes() {
            return;
        }
        let whole = Said::from(diagnosis);
        let mut dice = Dice::new(log.bytes.len() as u64 + 7 + 1000 * sample());
        let mut dresses: Vec<&Dress> = DRESSES.iter().collect();
        dice.shuffle(&mut dresses);
        for (name, dress) in dresses.into_iter().take(few) {
            let bytes = dress(&plain(log), &mut dice);
            match judge(&bytes) {
                Err(error) => complaints.add(format!("{name}: no log"), format!("{}: {error}", log.name)),
                Ok(said) if claims(&said) != claims(&whole) => complaints.add(
                    format!("{name}: another verdict"),
                    format!("{}: {:?} instead of {:?}", log.name, claims(&said), claims(&whole)),
                ),
                Ok(said) if evidence(&said) != evidence(&whole) => complaints.add(
                    format!("{name}: other evidence"),
                    format!("{}: {:?} instead of {:?}", log.name, evidence(&said), evidence(&whole)),
                ),
                Ok(_) => {}
            }
        }
    })
    .expect_none();
}

/// A log that begins as ssh begins: with its version, or in plain words after a command. What was lost at the top of a log
/// cannot be told from the middle of the one before.
fn begins_properly(log: &Log) -> bool {
    let lines = plain(log);
    let first = lines.iter().map(|line| Line::clean(line.as_bytes())).find(|line| !line.text().is_empty());
    first.is_some_and(|line| line.text().starts_with("OpenSSH_") || line.text().contains(" ssh "))
}

/// A login that worked: it shows a key that lets in, and where the log does not end the session, what comes next without
/// `-v` may be what somebody typed in it.
fn let_in((log, diagnosis): &(Log, Result<Diagnosis, String>)) -> bool {
    let Ok(diagnosis) = diagnosis else { return true };
    let attempt = &diagnosis.document.facts["attempt"];
    let earlier = String::from_utf8_lossy(&log.bytes).contains("Authenticat");
    attempt["outcome"] == "authenticated" || (earlier && attempt["attempts"] != 1)
}

#[test]
fn of_two_attempts_the_last_counts() {
    let whole =
        |(log, diagnosis): &&(Log, Result<_, _>)| diagnosis.is_ok() && log.is_in_bytes() && begins_properly(log);
    let complete: Vec<&(Log, Result<Diagnosis, String>)> = some(160).into_iter().filter(whole).collect();
    assert!(complete.len() >= 8, "{}", complete.len());
    let mut dice = Dice::new(2 + sample());
    let mut pairs = Vec::new();
    for second in &complete {
        for _ in 0..(if everything() { 20 } else { 2 }) {
            let first = complete[dice.below(complete.len())];
            if first.0.name != second.0.name && !let_in(first) {
                pairs.push((first, *second));
            }
        }
    }
    share(&pairs, |((first, _), (second, diagnosis)), complaints| {
        let Ok(diagnosis) = diagnosis else { return };
        let mut both = first.bytes.clone();
        both.extend_from_slice(b"\n");
        both.extend_from_slice(&second.bytes);
        let Ok(said) = judge(&both) else { return };
        let alone = Said::from(diagnosis);
        let kind = |what: &str| what.to_owned();
        let name = || format!("{}, then {}: {} instead of {}", first.name, second.name, said.brief(), alone.brief());
        for claim in said.certainties().filter(|claim| !second.allows(&claim.check)) {
            complaints.add(format!("{} for certain", claim.check), name());
        }
        if said.verdict == Verdict::Healthy && !second.is_healthy() {
            complaints.add(kind("healthy"), name());
        }
        // Folders that were listed and commands that were typed are the same machine's, as far as anybody can tell.
        let ssh_alone = first.name.starts_with("recorded/");
        if ssh_alone && claims(&said) != claims(&alone) {
            complaints.add(kind("the first attempt changes what is said of the second"), name());
        }
    })
    .expect_none();
}

/// What a stranger may write into names: file names, hosts, banners, key comments.
const HOSTILE: [&str; 12] = [
    "$(touch /tmp/pwned)",
    "`touch /tmp/pwned`",
    "'; touch /tmp/pwned; '",
    "\"; touch /tmp/pwned; \"",
    "a b",
    "-oProxyCommand=touch",
    "x\u{1b}[2J\u{1b}]0;owned\u{7}",
    "x\u{202e}gpj.exe",
    "\\012touch /tmp/pwned\\012",
    "\u{9b}31mred",
    "{{ 7 * 7 }}{% for x in y %}",
    "x\r\ndebug1: Authentication succeeded (publickey).\r\n",
];

/// Words of a log that name something, in the order in which they come.
fn named(log: &Log) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for line in plain(log) {
        for word in line.split([' ', '\'', '"', ',']) {
            let word = word.trim_end_matches([':', '.', ')', ']']);
            let is_name = word.len() > 4 && (word.starts_with('/') || word.contains("\\") || word.contains('@'));
            if is_name && !names.iter().any(|name| name == word) {
                names.push(word.to_owned());
            }
        }
    }
    names
}

#[test]
fn hostile_names_stay_words() {
    share(&some(50), |(log, diagnosis), complaints| {
        if diagnosis.is_err() || !log.is_in_bytes() {
            return;
        }
        let mut dice = Dice::new(log.bytes.len() as u64 + 11 + 1000 * sample());
        let text = String::from_utf8_lossy(&log.bytes).into_owned();
        let names = named(log);
        for _ in 0..(if everything() { 40 } else { 2 }) {
            let Some(name) = (!names.is_empty()).then(|| &names[dice.below(names.len())]) else { return };
            let hostile = dice.pick(&HOSTILE);
            let folder = name.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
            let instead = if folder.is_empty() { hostile.to_owned() } else { format!("{folder}/{hostile}") };
            check_hostile(log, &text.replace(name.as_str(), &instead), &instead, complaints);
        }
    })
    .expect_none();
}

fn check_hostile(log: &Log, text: &str, instead: &str, complaints: &mut Complaints) {
    let Ok(diagnosis) = examine(text.as_bytes()) else { return };
    let name = |what: &str| format!("{} with {instead:?}: {what:?}", log.name);
    let shown = super::pipeline::report(&diagnosis);
    let shown = anstream::adapter::strip_str(&shown).to_string();
    if let Some(line) = shown.lines().find(|line| line.chars().any(cci_ssh::findings::is_hidden)) {
        complaints.add("a control character in the report", name(line));
    }
    for finding in &diagnosis.findings {
        for command in finding.fixes.iter().flat_map(|fix| &fix.commands) {
            if command.chars().any(cci_ssh::findings::is_hidden) {
                complaints.add("a control character in a command", name(command));
            }
            if runs_something(command) && diagnosis.document.facts["machine"]["command_shell"] != "powershell" {
                complaints.add("a command runs what a name says", name(command));
            }
        }
    }
}

/// Whether `touch` of the hostile names stands outside of every quote.
fn runs_something(command: &str) -> bool {
    let (mut single, mut double) = (false, false);
    let mut letters = command.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '\\' if !single => {
                letters.next();
            }
            '\'' if !double => single = !single,
            '"' if !single => double = !double,
            '$' if !single && command[at..].starts_with("$(touch") => return true,
            '`' if !single => return true,
            't' if !single && !double && command[at..].starts_with("touch /tmp") => return true,
            _ => {}
        }
    }
    single || double
}
