//! Lines that somebody wrote for this host and that do not count, and options of the command line that count instead.

use std::collections::BTreeMap;

use crate::{
    facts::{Config, DeadInclude, Fact, KeyForOthers, OverruledLine, Seen, Target},
    probes::{expand::Tokens, text},
    ssh::{
        config_text::{self, Activity, Block, BlockKind, PlacedLine, canonical_option},
        effective::Effective,
        pattern,
    },
    system::{Account, System},
};

/// Options that lead somewhere else when the wrong line counts.
const LEADING: [&str; 5] = ["user", "port", "hostname", "proxyjump", "proxycommand"];
/// Lines of one kind that are kept.
const MOST: usize = 20;
/// How the crypto policy's file ends, whichever system's root it lies under (crypto-policies(7)).
const CRYPTO_POLICY: &str = "crypto-policies/back-ends/openssh.config";

pub(super) fn fill(
    system: &dyn System,
    account: &Account,
    target: Option<&Target>,
    effective: &Effective,
    lines: &[PlacedLine],
    config: &mut Config,
) {
    config.crypto_policy = effective.files_read.iter().find(|file| file.ends_with(CRYPTO_POLICY)).cloned();
    let Some(target) = target else { return };
    config.overruled = overruled(effective, lines, &config.typed);
    if lines.iter().any(|line| line.activity == Activity::No) {
        let known = Fact::Known(config.clone());
        let tokens = Tokens::new(system, account, &known);
        config.keys_for_others = keys_for_others(lines, &tokens);
        config.dead_includes = dead_includes(&target.host, lines, &tokens);
    }
}

/// The options of the command line. The first value of each counts, so it is the one that is kept.
pub(super) fn typed(target: Option<&Target>) -> BTreeMap<String, Seen> {
    let mut typed = BTreeMap::new();
    let Some(target) = target else { return typed };
    let seen = |text: String| Seen { source: "command line".to_owned(), line: None, text: text::clean(text) };
    typed.extend(target.port.map(|port| ("port".to_owned(), seen(format!("-p {port}")))));
    typed.extend(target.user.as_ref().map(|user| ("user".to_owned(), seen(format!("{user}@{}", target.host)))));
    let mut words = target.ssh_args.iter();
    while let Some(word) = words.next() {
        let (name, shown) = match (word.as_str(), words.as_slice().first()) {
            ("-o", Some(value)) => {
                (value.split(['=', ' ']).next().unwrap_or_default().trim().to_owned(), format!("-o {value}"))
            }
            ("-J", Some(value)) => ("proxyjump".to_owned(), format!("-J {value}")),
            ("-4" | "-6", _) => ("addressfamily".to_owned(), word.clone()),
            _ => continue,
        };
        typed.entry(canonical_option(&name)).or_insert_with(|| seen(shown));
    }
    typed
}

fn overruled(effective: &Effective, lines: &[PlacedLine], typed: &BTreeMap<String, Seen>) -> Vec<OverruledLine> {
    let mut overruled = Vec::new();
    for option in LEADING.into_iter().filter(|option| !typed.contains_key(*option)) {
        let mut candidates = lines
            .iter()
            .filter(|line| line.activity == Activity::Yes && canonical_option(&line.line.keyword) == option);
        let Some(first) = candidates.next() else { continue };
        let later = candidates.find(|line| {
            line.line.arguments != first.line.arguments && closeness(line, effective) > closeness(first, effective)
        });
        overruled.extend(later.map(|line| OverruledLine {
            option: option.to_owned(),
            value: text::clean(&line.line.rest),
            seen: seen(line),
            by: seen(first),
        }));
    }
    overruled
}

/// How closely a line's block speaks of this host: every host, some, or this one by its name.
fn closeness(line: &PlacedLine, effective: &Effective) -> u8 {
    match &line.line.block {
        None => 0,
        Some(block) if block.kind == BlockKind::Match => u8::from(block.text.trim() != "all"),
        Some(block) => {
            let here = |place: &crate::ssh::effective::Place| place.file == line.file && place.line == block.line;
            let pattern = effective.hosts.iter().find(|host| here(&host.place)).map(|host| host.pattern.as_str());
            match pattern {
                Some("*") | None => 0,
                Some(pattern) if pattern.contains(['*', '?']) => 1,
                Some(_) => 2,
            }
        }
    }
}

fn keys_for_others(lines: &[PlacedLine], tokens: &Tokens<'_>) -> Vec<KeyForOthers> {
    let dead =
        lines.iter().filter(|line| line.activity == Activity::No && line.dead_include.is_none() && names_key(line));
    let key = |line: &PlacedLine| {
        let path = tokens.path(line.line.arguments.first()?).known()?.clone();
        let block = block_line(&line.file, line.line.block.as_ref()?);
        Some(KeyForOthers { path, seen: seen(line), block })
    };
    dead.filter_map(key).take(MOST).collect()
}

fn names_key(line: &PlacedLine) -> bool {
    canonical_option(&line.line.keyword) == "identityfile"
}

fn dead_includes(host: &str, lines: &[PlacedLine], tokens: &Tokens<'_>) -> Vec<DeadInclude> {
    let mut found: Vec<DeadInclude> = Vec::new();
    for line in lines {
        let Some(include) = line.dead_include.as_ref().filter(|_| would_fit(line, host)) else { continue };
        let Some(block) = &include.block else { continue };
        let at = found.iter().position(|known| known.file == line.file).unwrap_or_else(|| {
            let seen =
                Seen { source: include.file.clone(), line: Some(include.line), text: text::clean(&include.text) };
            let block = block_line(&include.file, block);
            let backup = beside(&include.file);
            found.push(DeadInclude { file: line.file.clone(), seen, block, backup, ..DeadInclude::default() });
            found.len() - 1
        });
        if names_key(line) {
            found[at].keys.extend(line.line.arguments.first().and_then(|path| tokens.path(path).known().cloned()));
        }
        found[at].names_host |= line.line.keyword == "host" && line.line.arguments.iter().any(|name| name == host);
    }
    found.retain(|include| include.names_host || !include.keys.is_empty());
    found.truncate(MOST);
    found
}

/// Whether the line would count if its file did. ssh evaluates no block of such a file, so this is for `Host` alone.
fn would_fit(line: &PlacedLine, host: &str) -> bool {
    let patterns = match (&line.line.block, line.line.keyword.as_str()) {
        (None, "host") => line.line.arguments.clone(),
        (None, "match") => return false,
        (None, _) => return true,
        (Some(block), _) if block.kind == BlockKind::Host => config_text::arguments(&block.text),
        _ => return false,
    };
    pattern::list_matches(host, patterns.iter().map(String::as_str))
}

fn seen(line: &PlacedLine) -> Seen {
    Seen { source: line.file.clone(), line: Some(line.line.number), text: text::clean(&line.line.text) }
}

fn block_line(file: &str, block: &Block) -> Seen {
    let keyword = if block.kind == BlockKind::Host { "Host" } else { "Match" };
    Seen { source: file.to_owned(), line: Some(block.line), text: text::clean(format!("{keyword} {}", block.text)) }
}

/// A hidden name beside a file, which no pattern of an Include fits.
fn beside(file: &str) -> String {
    let name = file.rfind(['/', '\\']).map_or(0, |slash| slash + 1);
    format!("{}.{}.before-cci-ssh", &file[..name], &file[name..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ssh::config_text::Sources,
        system::{Platform, recorded::Recorded},
    };

    const CONFIG: &str = "/home/ana/.ssh/config";

    fn filled(config: &str, included: &str, applied: &str, words: &[&str]) -> Config {
        let system = Recorded::new(Platform::Linux).user("ana", "/home/ana");
        let stderr = format!(
            "debug1: Reading configuration data {CONFIG}\ndebug1: Reading configuration data /home/ana/.ssh/cci\n{applied}"
        );
        let effective = Effective::parse(b"", stderr.as_bytes());
        let texts = [(CONFIG.to_owned(), config.to_owned()), ("/home/ana/.ssh/cci".to_owned(), included.to_owned())];
        let sources = Sources { texts: texts.into(), home: Some("/home/ana".into()) };
        let lines = sources.walk(&effective);
        let target = Target {
            host: "job".into(),
            ssh_args: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Target::default()
        };
        let mut config = Config { typed: typed(Some(&target)), ..Config::default() };
        fill(&system, &system.account(), Some(&target), &effective, &lines, &mut config);
        config
    }

    #[test]
    fn a_line_for_this_host_comes_too_late() {
        let text = "Host *\n Port 22\n User git\nHost job\n Port 64535\n";
        let applied = format!(
            "debug1: {CONFIG} line 1: Applying options for *\ndebug1: {CONFIG} line 4: Applying options for job\n"
        );
        let config = filled(text, "", &applied, &["job"]);
        let [line] = config.overruled.as_slice() else { panic!("{config:?}") };
        assert_eq!((line.option.as_str(), line.value.as_str()), ("port", "64535"));
        assert_eq!((line.seen.line, line.by.line), (Some(5), Some(2)));
        assert!(filled(text, "", &applied, &["-o", "Port=1", "job"]).overruled.is_empty());
        let usual = "Host job\n Port 64535\nHost *\n Port 22\n";
        let applied = format!(
            "debug1: {CONFIG} line 1: Applying options for job\ndebug1: {CONFIG} line 3: Applying options for *\n"
        );
        assert!(filled(usual, "", &applied, &["job"]).overruled.is_empty(), "what is meant for all may come last");
    }

    #[test]
    fn lines_for_others() {
        let config = filled("Host work\n IdentityFile ~/.ssh/circleci\n", "", "", &["job"]);
        let [key] = config.keys_for_others.as_slice() else { panic!("{config:?}") };
        assert_eq!((key.path.as_str(), key.block.text.as_str()), ("/home/ana/.ssh/circleci", "Host work"));
    }

    #[test]
    fn an_include_in_somebody_elses_block() {
        let of = |included: &str| filled("Host work\n User bob\n\nInclude cci\n", included, "", &["job"]).dead_includes;
        let found = of("Host job\n IdentityFile ~/.ssh/circleci\n");
        let [include] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((include.seen.line, include.block.line, include.names_host), (Some(4), Some(1), true));
        assert_eq!(include.keys, ["/home/ana/.ssh/circleci"]);
        assert_eq!(include.backup, "/home/ana/.ssh/.config.before-cci-ssh");
        assert!(of("Host other\n IdentityFile ~/.ssh/circleci\n").is_empty());
        assert!(of("ServerAliveInterval 5\n").is_empty());
        assert_eq!(of("IdentityFile ~/.ssh/x\n")[0].keys, ["/home/ana/.ssh/x"]);
    }

    #[test]
    fn what_the_command_line_sets() {
        let words =
            ["-4", "-o", "Ciphers=aes128-ctr", "-o", "PubkeyAcceptedKeyTypes=ssh-rsa", "-o", "Ciphers=x", "job"];
        let typed = filled("", "", "", &words).typed;
        assert_eq!(typed["ciphers"].text, "-o Ciphers=aes128-ctr");
        assert_eq!(typed["pubkeyacceptedalgorithms"].text, "-o PubkeyAcceptedKeyTypes=ssh-rsa");
        assert_eq!(typed["addressfamily"].text, "-4");
    }
}
