//! A handful of logs through the real program.

use std::{
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use serde_json::Value;

use super::pipeline::ALL;

/// Names of the machine that runs the doctor; none of them may be seen.
const HOME: &str = "/tmp/home-of-the-doctor";
const USER: &str = "user-of-the-doctor";

fn program(words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cci-ssh"));
    command.args(words).env_clear().envs([
        ("HOME", HOME),
        ("USER", USER),
        ("LOGNAME", USER),
        ("PATH", "/usr/bin:/bin"),
    ]);
    command.env("SSH_AUTH_SOCK", "/tmp/agent-of-the-doctor").env("TERM_PROGRAM", "WarpTerminal").env("COLUMNS", "100");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(words: &[&str]) -> Output {
    program(words).output().expect("the program runs")
}

fn run_with(words: &[&str], input: &[u8]) -> Output {
    let mut child = program(words).stdin(Stdio::piped()).spawn().expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        // It may end before it has read all.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().expect("it ends");
    writer.join().expect("no panic");
    output
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Exit code 2, one sentence that says what to do, nothing on standard output.
#[track_caller]
fn expect_refusal(output: &Output, words: &str) {
    let (out, err) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(2), "{out}{err}");
    assert_eq!(out, "");
    assert!(err.starts_with("error: ") && err.contains(words) && !err.contains("panicked"), "{err}");
    assert!(!err.chars().any(|c| c.is_control() && c != '\n'), "{err:?}");
}

#[test]
fn file_and_pipe_text_and_json_say_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let picked: Vec<_> =
        ALL.iter().filter(|(_, diagnosis)| diagnosis.is_ok()).step_by((ALL.len() / 6).max(1)).collect();
    for (log, diagnosis) in picked {
        let diagnosis = diagnosis.as_ref().expect("filtered");
        let file = folder.path().join("ssh.log");
        fs::write(&file, &log.bytes).expect("a file");
        let path = file.to_string_lossy().into_owned();
        let by_file = run(&["doctor", "--log", &path, "--format", "json", "--with-facts"]);
        let by_pipe = run_with(&["doctor", "--log", "-", "--format", "json", "--with-facts"], &log.bytes);
        let json = |output: &Output| -> Value {
            serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{}: {error}: {output:?}", log.name))
        };
        let (one, other) = (json(&by_file), json(&by_pipe));
        let brief = |report: &Value| {
            let findings = report["findings"].as_array().into_iter().flatten();
            let ids: Vec<String> = findings.map(|finding| finding["check"].to_string()).collect();
            (report["verdict"].clone(), ids)
        };
        assert_eq!(brief(&one), brief(&other), "{}", log.name);
        let ids: Vec<String> = diagnosis.findings.iter().map(|finding| format!("\"{}\"", finding.check)).collect();
        assert_eq!(brief(&one).1, ids, "{}", log.name);
        let errors = diagnosis.findings.iter().any(|one| one.severity == cci_ssh::findings::Severity::Error);
        let in_words = run(&["doctor", "--log", &path]);
        for output in [&by_file, &by_pipe, &in_words] {
            assert_eq!(output.status.code(), Some(i32::from(errors)), "{}", log.name);
            assert_eq!(text(&output.stderr), "", "{}", log.name);
            let said = text(&output.stdout);
            for name in [HOME, USER, "of-the-doctor"] {
                assert!(!said.contains(name), "{}: {name} is of this machine\n{said}", log.name);
            }
            let hostname = fs::read_to_string("/etc/hostname").unwrap_or_default();
            let hostname = hostname.trim();
            assert!(hostname.len() < 4 || !said.contains(hostname), "{}: {hostname}", log.name);
        }
        let words = anstream::adapter::strip_str(&text(&in_words.stdout)).to_string();
        assert!(!words.chars().any(|c| c.is_control() && c != '\n'), "{}: {words:?}", log.name);
    }
}

#[test]
fn what_cannot_be_read_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("a file");
        path.to_string_lossy().into_owned()
    };
    let of = |path: &str| run(&["doctor", "--log", path]);
    expect_refusal(&of(&file("empty.log", b"")), "empty");
    expect_refusal(&of(&file("blank.log", b"\n\n\n")), "blank.log");
    expect_refusal(&of(&file("binary.log", b"\x7fELF\0\0\0\x01\x02\n\xff\xfe\xfd")), "binary.log");
    expect_refusal(
        &of(&file(
            "server.log",
            b"Nov 22 09:41:20 box sshd[4711]: Failed publickey for ana from 203.0.113.5 port 50022 ssh2\n",
        )),
        "server.log",
    );
    expect_refusal(&of(&file("\u{1b}[31mred.log", b"")), "red.log");
    expect_refusal(&of("no-such-file.log"), "no-such-file.log");
    expect_refusal(&of(&folder.path().to_string_lossy()), "");
    expect_refusal(&run(&["doctor", "--log"]), "--log");
    expect_refusal(&run_with(&["doctor", "--log", "-"], b""), "empty");
    expect_refusal(&run_with(&["doctor", "--log", "-"], b"GET / HTTP/1.1\n"), "none of");
    // Nobody who runs as root is kept from a file.
    let kept = file("kept.log", b"x");
    if Path::new("/proc/self").exists() && fs::metadata("/proc/self").is_ok_and(|own| !is_root(&own)) {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(&kept, fs::Permissions::from_mode(0o000)).expect("the mode changes");
        expect_refusal(&of(&kept), "kept.log");
    }
}

fn is_root(own: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    own.uid() == 0
}

/// The most memory that a log may need, in KiB: as much as a program with its catalogue, whatever the log's length.
const MEMORY: u64 = 120 << 10;

/// A debug build reads some 10 MB a second here; the length is such that what grows with it would show.
#[test]
#[cfg(target_os = "linux")]
fn memory_does_not_grow_with_the_log() {
    let lines = "debug2: channel 0: window 1966080 sent adjust 131072\n".repeat(600);
    let one_line = vec![b'x'; 12 << 20];
    for input in [lines.repeat(400), String::from_utf8(one_line).expect("ASCII")] {
        let script = format!("ulimit -v {}; exec \"$@\"", MEMORY * 8);
        let mut child = Command::new("sh")
            .args(["-c", &script, "sh", env!("CARGO_BIN_EXE_cci-ssh"), "doctor", "--log", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let id = child.id();
        let mut stdin = child.stdin.take().expect("a pipe");
        // Its greatest size is read while it waits for the rest.
        let (most, rest) = input.as_bytes().split_at(input.len() - 1);
        stdin.write_all(most).expect("it reads");
        let status = fs::read_to_string(format!("/proc/{id}/status")).expect("it runs");
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).expect("Linux tells it");
        let peak: u64 = peak.trim().trim_end_matches(" kB").trim().parse().expect("a number");
        stdin.write_all(rest).expect("it reads");
        drop(stdin);
        let output = child.wait_with_output().expect("it ends");
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(peak < MEMORY, "{peak} KiB");
    }
}

#[test]
#[cfg(unix)]
fn a_device_that_never_ends_is_not_read_for_ever() {
    let mut child = program(&["doctor", "--log", "/dev/zero"]).spawn().expect("the program runs");
    // Whether it ends by itself or not, it must not grow.
    std::thread::sleep(std::time::Duration::from_millis(700));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
    let peak =
        status.lines().find_map(|line| line.strip_prefix("VmHWM:")).map(|peak| peak.trim().trim_end_matches(" kB"));
    let peak = peak.and_then(|peak| peak.trim().parse().ok()).unwrap_or(0_u64);
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
    assert!(peak < MEMORY, "{peak} KiB");
}
