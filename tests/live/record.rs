//! Writes down what the person's own ssh says in a situation whose report was as expected: what `tests/logs` is made of.
//!
//! `CCI_SSH_RECORD_LOGS=FOLDER cargo test --features ssh2 --test live` fills the folder; without the variable nothing happens here.
//! Each situation gives a log for every row of [`RUNS`], made anonymous by [`scrub`](crate::scrub), and a line of
//! `index.jsonl` that says what the doctor found on the live machine. What can be known from the log alone is another question:
//! `tests/logs/labels.jsonl` answers it.
//!
//! A test that counts connections, or whose server shuts out who comes too often, may fail after its logs are written.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde_json::json;

use crate::scene::Scene;
use crate::scrub::Scrub;
use crate::support::client::{client, program};
use crate::support::process::run_with;

/// Names the folder for the logs.
const FOLDER: &str = "CCI_SSH_RECORD_LOGS";
/// After this long a person presses ^C.
const PATIENCE: Duration = Duration::from_secs(6);
/// Findings of what was pasted, where no ssh ran.
const NO_LOG: [&str; 2] = ["cci-no-ssh-key-on-account", "cci-step-not-ready"];

/// How a log comes about.
#[derive(Clone, Copy)]
struct Run {
    /// What is typed behind `ssh`.
    detail: &'static str,
    stream: Stream,
}

#[derive(Clone, Copy, PartialEq)]
enum Stream {
    /// Copied from the terminal, with everything that is on it.
    Screen,
    /// `2> file` at a terminal: ssh can ask, and gives a session a terminal.
    File,
    /// `2>&1 | tee file` at a terminal: what the session says is there, too.
    Piped,
    /// `< /dev/null 2> file` without a terminal.
    Unattended,
}

const RUNS: [Run; 6] = [
    Run { detail: "plain", stream: Stream::Screen },
    Run { detail: "plain", stream: Stream::Unattended },
    Run { detail: "-v", stream: Stream::File },
    Run { detail: "-v", stream: Stream::Piped },
    Run { detail: "-v", stream: Stream::Unattended },
    Run { detail: "-vvv", stream: Stream::File },
];

/// Records this situation for what the person types; `cause` is what the doctor found, or `healthy`.
pub(crate) fn situation(scene: &Scene, line: &str, cause: &str, answers: &[(&str, &str)]) {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    // Before 8.3 a jump host that jumps over itself starts ssh without end; before 9.4 the port after -P is taken for a host,
    // which is not on loopback.
    let astray = match cause {
        "config-proxyjump-loop" => !client().at_least(8, 3),
        "cmdline-uppercase-p" => !client().at_least(9, 4),
        cause => NO_LOG.contains(&cause),
    };
    if astray {
        return;
    }
    let name = name();
    let scrub = Scrub::of(scene, &name, cause);
    for run in RUNS {
        let command = with_detail(line, run.detail, !scene.shell_lines().is_empty());
        let text = log_of(scene, &command, run.stream, answers);
        let way = match run.stream {
            Stream::Screen => "screen",
            Stream::File => "file",
            Stream::Piped => "piped",
            Stream::Unattended => "unattended",
        };
        let file = format!("{name}.{}.{}.{way}.log", version(), run.detail.trim_start_matches('-'));
        let label = json!({
            "log": file, "cause": cause, "client": version(), "detail": run.detail, "way": way,
            "server": scene.server_kind(), "command": scrub.text(&command),
        });
        write(&folder, &file, &scrub.text(&text), &label.to_string());
    }
}

/// The command with `-v` in it. A wrapper of the shell's that counts its words must not see one more.
fn with_detail(line: &str, detail: &str, wrapped: bool) -> String {
    let line = if line.starts_with("ssh ") { line.to_owned() } else { format!("ssh {line}") };
    match detail {
        "plain" => line,
        _ if wrapped => line.replacen("ssh -p ", &format!("ssh {detail}p "), 1),
        _ => line.replacen("ssh ", &format!("ssh {detail} "), 1),
    }
}

fn log_of(scene: &Scene, command: &str, stream: Stream, answers: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("log");
    // What a login writes into known_hosts would be there for the next one.
    let known_hosts = scene.home.join(".ssh/known_hosts");
    let known = fs::read(&known_hosts).ok();
    let text = match stream {
        Stream::Screen => scene.person_within(command, answers, PATIENCE).output.replace('\r', ""),
        Stream::File => {
            scene.person_within(&format!("{command} 2>{}", file.display()), answers, PATIENCE);
            read(&file)
        }
        Stream::Piped => {
            scene.person_within(&format!("{command} 2>&1 | tee {}", file.display()), answers, PATIENCE);
            read(&file)
        }
        Stream::Unattended => {
            let mut bash = scene.home.command("bash");
            let lines = format!("{}\n{command} </dev/null 2>{}", scene.shell_lines(), file.display());
            bash.args(["--noprofile", "--norc", "-c", &lines]);
            run_with(bash, b"", PATIENCE);
            read(&file)
        }
    };
    match known {
        Some(text) if fs::read(&known_hosts).ok().as_ref() != Some(&text) => {
            fs::write(&known_hosts, text).expect("our own known_hosts");
        }
        Some(_) => {}
        None => drop(fs::remove_file(&known_hosts)),
    }
    text
}

fn read(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).into_owned()
}

/// `keys-another_key_is_offered`, and `-2` for the second situation of that test.
fn name() -> String {
    static COUNTS: Mutex<BTreeMap<String, usize>> = Mutex::new(BTreeMap::new());
    let thread = std::thread::current();
    let path = thread.name().expect("a test runs in a thread of its name; RUST_TEST_THREADS=1 takes that away");
    let name = path.trim_start_matches("faults::").replace("::", "-");
    let mut counts = COUNTS.lock().unwrap_or_else(PoisonError::into_inner);
    let count = counts.entry(name.clone()).or_default();
    *count += 1;
    if *count == 1 { name } else { format!("{name}-{count}") }
}

/// `9.2` of `OpenSSH_9.2p1 Debian…`.
fn version() -> String {
    let said = Command::new(program("ssh")).arg("-V").output().expect("ssh can be run").stderr;
    let said = String::from_utf8_lossy(&said);
    said.trim_start_matches("OpenSSH_")
        .split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn write(folder: &Path, file: &str, text: &str, label: &str) {
    static INDEX: Mutex<()> = Mutex::new(());
    let _one = INDEX.lock().unwrap_or_else(PoisonError::into_inner);
    fs::create_dir_all(folder).expect("the folder for the logs");
    fs::write(folder.join(file), text).expect("a file in the folder for the logs");
    let mut index = OpenOptions::new().create(true).append(true).open(folder.join("index.jsonl")).expect("the index");
    writeln!(index, "{label}").expect("a line of the index");
}
