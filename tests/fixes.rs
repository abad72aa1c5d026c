//! What holds for every printed fix: what it rests on, and what it never does.
//!
//! Held against the commands as the checks write them, and as they come out for every recorded machine.
#![expect(clippy::disallowed_methods, reason = "tests read the catalogue and their scenarios")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use cci_ssh::{checks::Catalogue, facts::Document};

/// A fix as its check writes it.
struct Written {
    check: String,
    when: String,
    verified: String,
    title: String,
    safety: String,
    commands: Vec<String>,
}

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn folder(path: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn written() -> Vec<Written> {
    let mut all = Vec::new();
    for file in folder(&repository("checks")).iter().flat_map(|stage| folder(stage)) {
        let text = fs::read_to_string(&file).expect("a check");
        let block = text.split("```").nth(1).and_then(|block| block.strip_prefix("toml\n")).expect("front matter");
        let table: toml::Table = block.parse().expect("TOML");
        for fix in table.get("fix").and_then(toml::Value::as_array).into_iter().flatten() {
            let field = |name: &str| fix.get(name).and_then(toml::Value::as_str).unwrap_or_default().to_owned();
            let commands = match fix.get("run") {
                Some(toml::Value::String(line)) => vec![line.clone()],
                Some(toml::Value::Array(lines)) => {
                    lines.iter().filter_map(|line| Some(line.as_str()?.to_owned())).collect()
                }
                _ => Vec::new(),
            };
            all.push(Written {
                check: file.file_stem().unwrap_or_default().to_string_lossy().into_owned(),
                when: field("when"),
                verified: field("verified"),
                title: field("title"),
                safety: field("safety"),
                commands,
            });
        }
    }
    assert!(all.len() > 100, "the catalogue has many fixes");
    all
}

/// Every command, with the check that prints it: as written, and as printed for the recorded machines.
fn commands() -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for fix in written() {
        all.extend(fix.commands.iter().map(|command| (fix.check.clone(), command.clone())));
    }
    let catalogue = Catalogue::embedded();
    for scenario in folder(&repository("tests/scenarios")) {
        let Ok(bytes) = fs::read(scenario.join("facts.json")) else { continue };
        let document = Document::parse(&bytes).expect("a recorded machine");
        for finding in catalogue.judge(&document).findings {
            let commands = finding.fixes.iter().flat_map(|fix| &fix.commands);
            all.extend(commands.map(|command| (finding.check.clone(), command.clone())));
        }
    }
    all
}

/// "Use that key" is printed only for a key that the server said yes to, and verified only where this proves a login.
#[test]
fn a_key_is_recommended_only_after_the_server_said_yes() {
    let names_it = |command: &String| {
        ["-i {{ auth.winner", "ssh-add {{ auth.winner", "auth.winner.save_as", "-o {{ auth.winner.certificate"]
            .iter()
            .any(|part| command.contains(part))
    };
    let mut count = 0;
    for fix in written().iter().filter(|fix| fix.commands.iter().any(names_it)) {
        count += 1;
        let (check, title) = (&fix.check, &fix.title);
        assert!(fix.when.contains("auth.winner."), "{check}: `{title}` has no `when` about auth.winner");
        assert!(
            fix.verified.contains("auth.winner.proven"),
            "{check}: `{title}` has no `verified` with auth.winner.proven"
        );
    }
    assert!(count >= 15, "{count} fixes name the key");
}

#[test]
fn what_is_verified_rests_on_the_server_s_own_word() {
    let known = ["auth.winner.proven", "auth.winner.elsewhere.in_reach and auth.winner.proven"];
    for fix in written().iter().filter(|fix| !fix.verified.is_empty()) {
        let by_answer = known.contains(&fix.verified.as_str());
        assert!(
            by_answer,
            "{}: `verified` of `{}` is {:?}; only a proof makes it so",
            fix.check, fix.title, fix.verified
        );
        assert_ne!(fix.safety, "manual", "{}: what cannot be pasted was not tried", fix.check);
    }
}

/// With IdentitiesOnly and no key named, ssh would go back to its built-in names, and the agent's keys would be hidden.
#[test]
fn identities_only_comes_with_a_key() {
    for (check, command) in commands() {
        if command.to_lowercase().contains("identitiesonly=yes") {
            let named = command.contains(" -i ") || command.contains("IdentityFile=");
            assert!(named, "{check}: IdentitiesOnly=yes without a key: {command}");
        }
    }
}

#[test]
fn no_fix_gives_up_a_protection() {
    let never = [
        "stricthostkeychecking=no",
        "stricthostkeychecking=off",
        "stricthostkeychecking no",
        "chmod 777",
        "chmod 666",
        "chmod -r",
        "chmod a+",
        "chmod o+",
        "chmod +",
        "host *",
        "checkhostip",
        "nohostauthenticationforlocalhost",
        "> ~/.ssh/authorized_keys",
    ];
    for (check, command) in commands() {
        let plain = command.to_lowercase();
        for part in never {
            assert!(!plain.contains(part), "{check}: {part:?} in {command}");
        }
    }
    for fix in written() {
        let title = fix.title.to_lowercase();
        let weak = ["stricthostkeychecking no", "777", "delete ~/.ssh", "remove ~/.ssh", "delete known_hosts"];
        assert!(!weak.iter().any(|part| title.contains(part)), "{}: {}", fix.check, fix.title);
    }
}

/// Nothing is removed but what the command names itself, and nothing is written over.
#[test]
fn no_fix_loses_a_file() {
    for (check, command) in commands() {
        // A configuration file is kept under another name before a line of it changes.
        let kept = [".backup }}", ".before-cci-ssh"].iter().any(|name| command.contains(name));
        if kept && (command.contains("cp -p ") && command.contains(" && ") || command.contains("-ErrorAction Stop;")) {
            continue;
        }
        let words = command.replace(['(', ')', ';', '&', '|', '{', '}'], " ");
        let words: Vec<&str> = words.split_whitespace().collect();
        for (place, word) in words.iter().enumerate() {
            let next = words.get(place + 1).copied().unwrap_or_default();
            match *word {
                // A socket that nobody answers at holds nothing.
                "mv" if check.starts_with("config-controlmaster") => {}
                "rm" | "unlink" | "shred" | "truncate" | "del" | "Remove-Item" => {
                    assert!(check.starts_with("config-controlmaster"), "{check}: {command}");
                }
                "mv" | "cp" => {
                    assert!(["-n", "-i", "-an"].contains(&next), "{check}: it may write over a file: {command}")
                }
                "tee" | "dd" => panic!("{check}: it may write over a file: {command}"),
                "sed" | "perl" => assert!(!next.starts_with("-i"), "{check}: it edits in place: {command}"),
                "-R" => assert!(command.starts_with("ssh-keygen -R "), "{check}: {command}"),
                _ => {}
            }
        }
        // A comparison in the template is no redirection.
        let shell: String = command.split("{%").map(|part| part.rsplit("%}").next().unwrap_or_default()).collect();
        // Nor is a placeholder of the sample: `<port>`.
        let shell = shell.replace("<port>", "1").replace("<address>", "host");
        let writes = shell.replace("2>&1 ", "").replace("2>", "").replace(">&", "").contains("> ");
        let into_the_void = command.contains("> /dev/null");
        assert!(
            !writes || into_the_void || command.contains("set -C") || command.contains(">> "),
            "{check}: it may write over a file: {command}"
        );
    }
}

/// What old servers need is asked for in one connection's own command, never for all hosts.
#[test]
fn weak_algorithms_are_for_one_connection() {
    let weak = ["ssh-rsa", "ssh-dss", "sha1", "group1-", "-cbc", "arcfour", "hmac-md5"];
    for (check, command) in commands() {
        let adds = command.split_whitespace().filter(|word| word.contains("=+") || word.contains("lgorithms="));
        for word in adds.filter(|word| weak.iter().any(|weak| word.contains(weak))) {
            let first = command.split_whitespace().next().unwrap_or_default();
            let scoped = first == "ssh" || first.ends_with("/ssh");
            assert!(scoped && command.contains(&format!("-o {word}")), "{check}: {command}");
            assert!(word.contains("=+"), "{check}: it replaces the whole list: {command}");
        }
    }
}

/// In a terminal whose `ssh` is a function, and with a configuration that sends a command of its own and opens no session:
/// what any check prints gets past both.
#[test]
fn no_printed_login_meets_the_next_trap() {
    let catalogue = Catalogue::embedded();
    let needs = serde_json::json!({ "options": ["SessionType=default"], "no_other_command": true });
    let mut logins = 0;
    for scenario in folder(&repository("tests/scenarios")) {
        let Ok(bytes) = fs::read(scenario.join("facts.json")) else { continue };
        let mut document = Document::parse(&bytes).expect("a recorded machine");
        let facts = &mut document.facts;
        let (Some(_), Some(_)) = (facts["terminal"].as_object(), facts["session"].as_object()) else { continue };
        facts["terminal"]["ssh_is_replaced"] = true.into();
        facts["session"]["needs"] = needs.clone();
        let posix = facts["machine"]["command_shell"] == "posix";
        let host = facts["target"]["host"].as_str().unwrap_or("nowhere").to_owned();
        for finding in catalogue.judge(&document).findings {
            let here = finding.fixes.iter().filter(|fix| fix.place != "job image");
            for command in here.flat_map(|fix| &fix.commands) {
                let line = format!(" {} ", command.replace("&&", "\n").replace(['|', ';', '(', ')'], "\n"));
                for part in line.split('\n') {
                    let words = shlex::split(part).unwrap_or_default();
                    let words: Vec<&str> =
                        words.iter().map(String::as_str).skip_while(|word| word.contains('=')).collect();
                    let told = format!("{}: {}: {command}", scenario.display(), finding.check);
                    assert!(!posix || words.first() != Some(&"ssh"), "{told}");
                    let Some(ssh) = words.iter().position(|word| *word == "ssh" || word.ends_with("/ssh")) else {
                        continue;
                    };
                    let to_the_job = words.iter().any(|word| word.rsplit('@').next() == Some(&host));
                    if words[0].starts_with("cci-ssh") || !to_the_job || words.contains(&"-O") {
                        continue;
                    }
                    logins += 1;
                    assert!(words[ssh..].iter().any(|word| word.starts_with("SessionType=")), "{told}");
                    let behind = words.iter().rposition(|word| word.rsplit('@').next() == Some(&host)).unwrap_or(0) + 1;
                    let command = words[behind..].iter().any(|word| !word.starts_with('-'));
                    assert!(!command || words.contains(&"RemoteCommand=none"), "{told}");
                }
            }
        }
    }
    assert!(logins > 50, "{logins} logins are printed");
}
