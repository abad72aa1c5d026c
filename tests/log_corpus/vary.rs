//! Makes of recorded logs what people paste: the steps of a label's field `made`, one after the other.
//!
//! A step is a word, some with a value behind `=`. Where a label names two logs, they follow one another, each behind its prompt.

use crate::labels::{Label, corpus};

const PROMPT: &str = "ana@laptop:~$ ";

/// The log that the label describes.
pub(crate) fn made(label: &Label, labels: &[Label]) -> Vec<u8> {
    let parts: Vec<(String, String)> = label.from.iter().map(|name| part(name, labels)).collect();
    let mut text = match parts.as_slice() {
        [(_, text)] => text.clone(),
        many => many.iter().map(|(command, text)| format!("{PROMPT}{command}\n{text}")).collect(),
    };
    let mut encoding = "utf-8";
    for step in label.made.split(", ") {
        let (name, value) = step.split_once('=').unwrap_or((step, ""));
        text = match name {
            "one after the other" => text,
            "prompt" => format!("{PROMPT}{}\n{text}{PROMPT}\n", parts[0].0),
            "colours" => each(&text, |line| format!("\u{1b}[{}m{line}\u{1b}[0m", colour(line))),
            "quoted" => each(&text, |line| format!("> {line}")),
            "indented" => each(&text, |line| format!("    {line}")),
            "fenced" => format!("```\n{text}```\n"),
            "chat" => format!(
                "Hi, I can't get into my job since this morning, it worked on Friday. Any idea?\n\n{text}\nThanks!\n"
            ),
            "timestamps" => numbered(&text, |number, line| {
                format!("2026-11-22T10:{:02}:{:02}.{:03}Z {line}", 15 + number / 60, number % 60, number * 37 % 1000)
            }),
            "log of an editor" => {
                numbered(&text, |number, line| format!("[09:41:{:02}.{:03}] > {line}", number % 60, number * 53 % 1000))
            }
            "wrapped" => each(&text, |line| wrapped(line, value.parse().expect("wrapped=COLUMNS"))),
            "html" => text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
            "without top to" => from_line(&text, value),
            "without bottom from" => to_line(&text, value),
            "without lines with" => text.split_inclusive('\n').filter(|line| !line.contains(value)).collect(),
            "git host" => git_host(&text),
            "apple" => apple(&text),
            "windows" => windows(&text),
            "crlf" | "utf-16" => {
                encoding = name;
                text
            }
            "cut short" => text.trim_end().to_owned(),
            other => panic!("{}: no step {other:?}", label.log),
        };
    }
    match encoding {
        "crlf" => text.replace('\n', "\r\n").into_bytes(),
        "utf-16" => {
            let text = format!("\u{feff}{}", text.replace('\n', "\r\n"));
            text.encode_utf16().flat_map(u16::to_le_bytes).collect()
        }
        _ => text.into_bytes(),
    }
}

/// The command and the text of a log of the corpus, lines ending in `\n`.
fn part(name: &str, labels: &[Label]) -> (String, String) {
    let label = labels.iter().find(|label| label.log == name).unwrap_or_else(|| panic!("no label for {name}"));
    let bytes = std::fs::read(corpus().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    (label.command.clone(), readable(&bytes))
}

/// A log as text, whatever its encoding.
pub(crate) fn readable(bytes: &[u8]) -> String {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => {
            let units: Vec<u16> = rest.as_chunks().0.iter().map(|pair| u16::from_le_bytes(*pair)).collect();
            String::from_utf16_lossy(&units)
        }
        _ => String::from_utf8_lossy(bytes).into_owned(),
    };
    text.replace("\r\n", "\n")
}

fn each(text: &str, change: impl Fn(&str) -> String) -> String {
    numbered(text, |_, line| change(line))
}

fn numbered(text: &str, change: impl Fn(usize, &str) -> String) -> String {
    text.lines().enumerate().map(|(number, line)| change(number, line) + "\n").collect()
}

/// Grey for ssh's debugging, red for what it complains about, green for a prompt.
fn colour(line: &str) -> &'static str {
    match line {
        debug if debug.starts_with("debug") => "90",
        prompt if prompt.starts_with(PROMPT.trim_end()) => "1;32",
        _ => "31",
    }
}

/// The line as a terminal of so many columns breaks it.
fn wrapped(line: &str, columns: usize) -> String {
    let letters: Vec<char> = line.chars().collect();
    letters.chunks(columns).map(String::from_iter).collect::<Vec<_>>().join("\n")
}

/// From the first line that contains this on.
fn from_line(text: &str, word: &str) -> String {
    let at = text.lines().position(|line| line.contains(word)).unwrap_or_else(|| panic!("no line with {word:?}"));
    text.split_inclusive('\n').skip(at).collect()
}

/// Up to the first line that contains this, without it.
fn to_line(text: &str, word: &str) -> String {
    let at = text.lines().position(|line| line.contains(word)).unwrap_or_else(|| panic!("no line with {word:?}"));
    text.split_inclusive('\n').take(at).collect()
}

/// A login at the job becomes one at the git host, which has no shell and says so.
fn git_host(text: &str) -> String {
    const HOST: &str = "github.com";
    const ADDRESS: &str = "198.51.100.40";
    let mut job = (String::new(), String::new());
    let mut out = String::new();
    for line in text.lines() {
        if let Some((host, port)) = line.strip_prefix("debug1: Connecting to ").and_then(|rest| {
            let (host, rest) = rest.split_once(" [")?;
            Some((host, rest.split_once(" port ")?.1.trim_end_matches('.')))
        }) {
            job = (host.to_owned(), port.to_owned());
            out += &format!("debug1: Connecting to {HOST} [{ADDRESS}] port 22.\n");
            continue;
        }
        let (host, port) = &job;
        let line = line
            .replace(
                &format!("Authenticated to {host} ([{host}]:{port})"),
                &format!("Authenticated to {HOST} ([{ADDRESS}]:22)"),
            )
            .replace(&format!("{host}:{port} as 'ana'"), &format!("{HOST}:22 as 'git'"))
            .replace(&format!("[{host}]:{port}"), HOST)
            .replace("remote software version Go", "remote software version babeld-8405f9f3")
            .replace("no match: Go", "no match: babeld-8405f9f3")
            .replace(&format!("Connection to {host}"), &format!("Connection to {HOST}"))
            .replace("Exit status 0", "Exit status 1");
        if line.contains("circleci@") {
            continue;
        }
        if line.starts_with("debug1: client_input_channel_req") {
            out += "Hi ana! You've successfully authenticated, but GitHub does not provide shell access.\n";
        }
        out += &line;
        out.push('\n');
    }
    out
}

/// The same on a Mac: Apple's build, its paths, its way to connect.
fn apple(text: &str) -> String {
    let line = |line: &str| -> Option<String> {
        if line.starts_with("OpenSSH_") {
            return Some("OpenSSH_9.3p2, LibreSSL 3.3.6".to_owned());
        }
        // Built without XMSS, and connected by a framework that says no addresses.
        if line.contains("id_xmss") || line.contains("debug1: connect to address") {
            return None;
        }
        if line.contains("include /etc/ssh/ssh_config.d/*.conf matched") {
            return Some(
                "debug1: /etc/ssh/ssh_config line 21: include /etc/ssh/ssh_config.d/* matched no files".into(),
            );
        }
        if line.contains("/etc/ssh/ssh_config line 21: Applying") {
            return Some(
                "debug1: /etc/ssh/ssh_config line 54: Applying options for *\n\
                debug1: Authenticator provider $SSH_SK_PROVIDER did not resolve; disabling"
                    .into(),
            );
        }
        if let Some((host, rest)) = line.strip_prefix("debug1: Connecting to ").and_then(|rest| rest.split_once(" [")) {
            let port = rest.split_once("] ").map_or("", |(_, port)| port);
            return Some(format!("debug1: Connecting to {host} {port}"));
        }
        let line = line
            .replace("/home/ana", "/Users/ana")
            .replace("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", "SSH-2.0-OpenSSH_9.3");
        Some(line.replace("Connection timed out", "Operation timed out"))
    };
    text.lines().filter_map(line).map(|line| line + "\n").collect()
}

/// The same on Windows: Microsoft's build, its paths, its agent's service that is off.
fn windows(text: &str) -> String {
    let line = |line: &str| -> Option<String> {
        if line.starts_with("OpenSSH_") {
            return Some("OpenSSH_for_Windows_9.2p1, LibreSSL 3.7.2".to_owned());
        }
        if line.contains("/etc/ssh/ssh_config") {
            return None;
        }
        if line.starts_with("debug1: Will attempt key") && !line.contains("get_agent") {
            return Some(windows_path(line));
        }
        Some(windows_path(line).replace("SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u10", "SSH-2.0-OpenSSH_for_Windows_9.2"))
    };
    let mut out = String::new();
    for line in text.lines().filter_map(line) {
        let first = line.starts_with("debug1: Will attempt key") && !out.contains("debug1: Will attempt key");
        if first && !out.contains("get_agent_identities") {
            out += "debug1: get_agent_identities: ssh_get_authentication_socket: No such file or directory\n";
        }
        out += &line;
        out.push('\n');
    }
    out
}

fn windows_path(line: &str) -> String {
    line.replace("/home/ana", "C:\\\\Users\\\\ana").replace("/etc/ssh/", "__PROGRAMDATA__\\\\ssh/")
}
