//! Takes this machine out of a recorded log: a scratch home becomes `/home/ana`, loopback becomes addresses for documentation
//! (RFC 5737, RFC 3849), the port that chance gave becomes one of a job, and so on; the same thing has the same name throughout.

use crate::scene::{INSIDE, Scene};
use crate::support::sshd::Sshd;

/// A prompt as a job's shell has it.
const PROMPT: &str = "circleci@3c1f2a9b7d55:~/project$ ";
/// What the tests put into the environment, which `-vvv` lists.
const OURS: [&str; 4] = ["CCI_SSH_", "LD_PRELOAD", "CARGO", "RUST"];
/// The jump host, or another server beside the job's.
const OTHER_ADDRESS: &str = "198.51.100.7";
const OTHER_NAME: &str = "bastion.example.net";
/// Where `tests/other-release` unpacks.
const OTHER_RELEASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/other-releases/");
/// How the addresses of this machine begin; the last number of others than the first is kept.
const LOOPBACK: &str = "127.0.0.";
/// Ports that a system hands out by chance.
const BY_CHANCE: std::ops::RangeInclusive<u16> = 32768..=60999;

/// What stands for what in the logs of one situation.
pub(crate) struct Scrub {
    /// In this order, each as a whole word.
    words: Vec<(String, String)>,
    /// The port of the job as it is, and as it is called.
    port: Option<(u16, u16)>,
    address: String,
    address_six: String,
    /// Another server stands between, which the tests have on `localhost`.
    jumps: bool,
    /// Not root, whoever runs the tests.
    ordinary_user: bool,
}

impl Scrub {
    /// For this situation; `name` is what addresses and ports are drawn from.
    pub(crate) fn of(scene: &Scene, name: &str, cause: &str) -> Self {
        let drawn = name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte)));
        let proxy = scene.ssh_line().contains("ssh.circleci.com");
        // CircleCI's proxy listens on 443, too.
        let port = if proxy { 443 } else { 64535 + u16::try_from(drawn % 1000).unwrap_or(0) };
        let port = scene.port_if_any().map(|ours| (ours, port));
        let sudo = cause == "run-as-root-sudo";
        let home = scene.home.path().display().to_string();
        let mut words = vec![
            (format!("{home}/run"), "/run/user/1000".to_owned()),
            (home, if sudo { "/root" } else { "/home/ana" }.to_owned()),
        ];
        if let Some((ours, theirs)) = port {
            words.push((as_address(ours), as_address(theirs)));
            words.push((ours.to_string(), theirs.to_string()));
        }
        if !sudo {
            words.push((Sshd::user(), "ana".to_owned()));
        }
        words.push((hostname(), "laptop".to_owned()));
        Self {
            words,
            port,
            address: format!("203.0.113.{}", 1 + drawn % 253),
            address_six: format!("2001:db8::{:x}", 1 + drawn % 4000),
            jumps: words_of_proxies(scene),
            ordinary_user: !sudo,
        }
    }

    /// The text with everything replaced.
    pub(crate) fn text(&self, text: &str) -> String {
        let kept =
            text.split_inclusive('\n').filter(|line| !OURS.iter().any(|ours| line.contains(&format!("env {ours}"))));
        let mut text: String = kept.collect();
        for (ours, theirs) in &self.words {
            text = replace_word(&text, ours, theirs);
        }
        if self.ordinary_user {
            text = text.replace("set_uid: 0/0", "set_uid: 1000/1000").replace("drop_suid: 0", "drop_suid: 1000");
        }
        with_typed_exit(&self.others(&kernel(&without_folders(&without_packages(&text)))))
    }

    /// `localhost`, `127.0.0.1`, and ports by chance that belong to another server than the job's.
    fn others(&self, text: &str) -> String {
        let mut ports = Vec::new();
        let text: Vec<String> = text.split_inclusive('\n').map(|line| self.other_line(line, &mut ports)).collect();
        let mut text = text.concat();
        for (index, port) in ports.iter().enumerate() {
            text = replace_word(&text, &port.to_string(), &(2222 + index).to_string());
        }
        text = replace_word(&text, "localhost", if self.jumps { OTHER_NAME } else { "job.example.net" });
        text = text.replace("127.*", "203.*").replace("127.255.255.255", "203.0.113.255");
        replace_word(&text, "::1", &self.address_six)
    }

    /// Every loopback address of a line, by the port behind it; the ports of others are collected.
    fn other_line(&self, line: &str, ports: &mut Vec<u16>) -> String {
        let mut out = String::new();
        let mut rest = line;
        while let Some((at, place)) = [LOOPBACK, "localhost"].iter().filter_map(|it| Some((rest.find(it)?, *it))).min()
        {
            let (before, found) = rest.split_at(at);
            let (number, after) = digits(&found[place.len()..]);
            let port = port_after(after);
            let by_chance = port.filter(|port| BY_CHANCE.contains(port));
            ports.extend(by_chance.filter(|port| !ports.contains(port)));
            let at_other = before.ends_with("localhost [") || before.ends_with("localhost ([");
            out.push_str(before);
            out.push_str(&match (number, port) {
                _ if place == "localhost" => format!("{place}{number}"),
                ("1", Some(port)) if self.port.is_some_and(|(_, job)| job == port) => self.address.clone(),
                ("1", _) if self.jumps && (by_chance.is_some() || at_other) => OTHER_ADDRESS.to_owned(),
                ("1", _) if by_chance.is_some() => self.address.clone(),
                // A program of the person's own machine, and what a forwarded channel says of itself.
                ("1", Some(1024..)) => format!("{place}{number}"),
                ("1", _) => self.address.clone(),
                (number, _) => format!("203.0.113.{number}"),
            });
            rest = after;
        }
        out.push_str(rest);
        out
    }
}

/// `debug3: Running on Linux …` of 10.0 and later names the machine's kernel.
fn kernel(text: &str) -> String {
    const RUNNING: &str = "debug3: Running on ";
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix(RUNNING) {
        Some(rest) => {
            let end = rest.trim_start_matches(|letter| letter != '\r' && letter != '\n');
            format!("{RUNNING}Linux 6.12.48+deb13-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.12.48-1 x86_64{end}")
        }
        None => line.to_owned(),
    });
    lines.collect()
}

/// A job's prompt in place of the tests' own, and what was typed behind it: the session of the tests has no terminal of its
/// own that would echo it, and says so.
fn with_typed_exit(text: &str) -> String {
    let kept = text.split_inclusive('\n').filter(|line| !line.contains("can't access tty; job control turned off"));
    let text: String = kept.collect();
    let mut parts = text.split(INSIDE.trim_end());
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let echoed = part.trim_start_matches(' ');
        let ends = echoed.is_empty() || echoed.starts_with(['\r', '\n']);
        text + PROMPT + if ends { "" } else { "exit\n" } + echoed
    })
}

/// The port in what follows an address.
fn port_after(text: &str) -> Option<u16> {
    let port = ["] port ", "]:", " port ", ":"].into_iter().find_map(|between| text.strip_prefix(between))?;
    digits(port).0.parse().ok()
}

/// The digits that a text begins with, and the rest.
fn digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len()))
}

/// A folder of the tests' own, `/tmp/.tmp` and six letters, is where sshd has a user's keys.
fn without_folders(text: &str) -> String {
    const FOLDER: &str = "/tmp/.tmp";
    let mut parts = text.split(FOLDER);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.get(6..).unwrap_or_default();
        // What was pasted is a file of the tests', which bash names with the line.
        match rest.strip_prefix("/pasted: line ").map(digits) {
            Some((_, after)) => text + "bash" + after,
            None => text + "/home/ana/.ssh" + rest,
        }
    })
}

/// Whether the person's configuration or command goes by way of another server.
fn words_of_proxies(scene: &Scene) -> bool {
    let config = std::fs::read_to_string(scene.home.join(".ssh/config")).unwrap_or_default();
    config.contains("Proxy") || [" -J", "Proxy"].iter().any(|word| scene.ssh_line().contains(word))
}

/// Where the tests unpack programs and libraries, which on a person's machine lie at the root.
fn without_packages(text: &str) -> String {
    let unpacked = |line: &str| {
        let mut line = line.to_owned();
        for (folder, depth) in [(concat!(env!("CARGO_TARGET_TMPDIR"), "/packages/"), 1), (OTHER_RELEASES, 1)] {
            while let Some(at) = line.find(folder) {
                let rest = &line[at + folder.len()..];
                let below = rest.splitn(depth + 1, '/').last().unwrap_or_default().to_owned();
                line = format!("{}/{below}", &line[..at]);
            }
        }
        line
    };
    text.split_inclusive('\n').map(unpacked).collect()
}

/// A number that was taken for an address: 64535 is 0.0.252.23.
fn as_address(port: u16) -> String {
    format!("0.0.{}.{}", port / 256, port % 256)
}

fn hostname() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

/// Replaces a text that stands by itself: with no letter, digit or underscore beside it where it has one at that end.
fn replace_word(text: &str, ours: &str, theirs: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    let mut last = None;
    while let Some(at) = rest.find(ours) {
        let (before, found) = rest.split_at(at);
        let after = &found[ours.len()..];
        let left = before.chars().next_back().or(if before.is_empty() { last } else { None });
        let whole = !left.is_some_and(is_part) && !after.chars().next().is_some_and(is_part);
        out.push_str(before);
        out.push_str(if whole { theirs } else { ours });
        last = ours.chars().next_back();
        rest = after;
    }
    out.push_str(rest);
    out
}

fn is_part(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}
