use std::{ffi::OsString, io::Write};

use super::*;
use crate::{
    facts::samples::{FAILS, WORKS},
    system::{Platform, recorded::Recorded},
};

struct Answer {
    code: u8,
    out: String,
    err: String,
}

/// A log without `-v`.
const DENIED: &str = "ana@203.0.113.7: Permission denied (publickey).\n";

fn ask_with(words: &[&str], input: &str, terminal: bool) -> Answer {
    let system = Recorded::new(Platform::Linux)
        .user("ana", "/home/ana")
        .variable("LANG", "C.UTF-8")
        .file("/logs/denied", 0o600, DENIED)
        .file("/logs/works", 0o600, WORKS)
        .file("/logs/fails", 0o600, FAILS)
        .file("/logs/both", 0o600, [WORKS, FAILS].concat())
        .file("/logs/refused", 0o600, FAILS.replace("AAAA", "BBBB"))
        .file("/logs/cut", 0o600, FAILS.split_inclusive('\n').take(6).collect::<String>())
        .file("/logs/notes", 0o600, "milk, eggs\n");
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = run(
        std::iter::once("cci-ssh").chain(words.iter().copied()).map(OsString::from).collect(),
        &system,
        &mut Console {
            input: &mut input.as_bytes(),
            output: &mut out,
            errors: &mut err,
            input_is_terminal: false,
            colours: [terminal; 2],
            columns: terminal.then_some(80),
            error_columns: terminal.then_some(80),
        },
    );
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Answer { code, out: text(out), err: text(err) }
}

fn ask(words: &[&str]) -> Answer {
    ask_with(words, "", false)
}

fn hoisted(line: &str) -> String {
    let words = ["cci-ssh"].into_iter().map(str::to_owned).chain(shlex::split(line).expect("a line"));
    let words = hoist::hoist(words.map(OsString::from).collect(), &Cli::command());
    let words: Vec<String> = words.into_iter().skip(1).map(|word| word.into_string().expect("UTF-8")).collect();
    words.join(" ")
}

#[test]
fn our_options_may_stand_anywhere_before_the_remote_command() {
    for (line, wanted) in [
        ("doctor", "doctor"),
        ("doctor --offline", "doctor --offline"),
        ("doctor -p 64535 h --format json", "doctor --format json -- -p 64535 h"),
        ("doctor --format json -p 64535 h", "doctor --format json -- -p 64535 h"),
        ("--color never doctor h --offline", "--color never doctor --offline -- h"),
        ("doctor ssh -p 1 h --format=json", "doctor --format=json -- ssh -p 1 h"),
        ("doctor '$' ssh -p 1 h --offline", "doctor --offline -- $ ssh -p 1 h"),
        ("doctor 'ana@mbp:~$' ssh h --offline", "doctor --offline -- ana@mbp:~$ ssh h"),
        ("doctor -tp 1 --timeout 5 h ls --format json", "doctor --timeout 5 -- -tp 1 h ls --format json"),
        ("doctor -o --offline h", "doctor -- -o --offline h"),
        ("doctor -p1 h --offline -t -- cmd --format json", "doctor --offline -- -p1 h -t -- cmd --format json"),
        ("doctor -h", "doctor -h"),
        ("doctor h -h", "doctor -h -- h"),
        ("doctor - --format json", "doctor --format json -- -"),
        ("facts -p 1 h --offline", "facts --offline -- -p 1 h"),
        ("doctor --fail-on warning h", "doctor --fail-on warning -- h"),
        ("explain --format json x", "explain --format json x"),
        ("checks test -- -p", "checks test -- -p"),
        ("nonsense -p 1", "nonsense -p 1"),
    ] {
        assert_eq!(hoisted(line), wanted, "{line}");
    }
}

#[test]
fn help_is_on_standard_output_and_fits() {
    for words in [
        &[][..],
        &["-h"],
        &["--help"],
        &["doctor", "-h"],
        &["doctor", "--help"],
        &["doctor", "h", "--help"],
        &["checks", "-h"],
        &["facts", "--help"],
        &["rerun", "--help"],
        &["jobs", "-h"],
        &["connect", "-h"],
        &["connect", "--help"],
    ] {
        let answer = ask(words);
        assert_eq!((answer.code, answer.err.as_str()), (0, ""), "{words:?}");
        for line in answer.out.lines() {
            assert!(line.chars().count() <= 80, "{words:?}: {line}");
        }
        assert!(!answer.out.contains('\u{1b}'), "{words:?}");
    }
    assert!(ask(&["--version"]).out.starts_with("cci-ssh "));
}

#[test]
fn what_cannot_be_done_is_said_in_one_sentence() {
    for (words, sentence) in [
        (&["doctor", "-p", "0", "h"][..], "`0` is no port"),
        (&["doctor", "-p", "<port>", "<ip>"], "stands for a value"),
        (&["doctor", "--log", "/none"], "/none cannot be read"),
        (&["doctor", "--log", "/logs"], "/logs is a folder; name the log in it"),
        (&["doctor", "--log", "-"], "standard input is empty"),
        (&["doctor", "--log", "/logs/notes"], "none of the 1 lines of /logs/notes is one that ssh prints"),
        (&["doctor", "--log", "-", "--log", "-"], "standard input can be read only once"),
        (&["doctor", "-", "--log", "-"], "standard input can be read only once"),
        (&["doctor", "--log", "a", "--log", "b", "--log", "c"], "two logs can be compared, and 3 were given"),
        (&["doctor", "--log", "a", "--from", "b"], "give either --from or --log"),
        (&["facts", "--log", "/none"], "/none cannot be read"),
        (&["rerun", "x"], "`x` is no job"),
        (&["rerun", "gh/a/b/3"], "CircleCI cannot be asked without an API token"),
        (&["rerun", "https://ci.example.org/gh/a/b/3"], "the API token is for https://circleci.com"),
        (&["jobs"], "CircleCI cannot be asked without an API token"),
        (&["jobs", "--cancel", "3"], "CircleCI cannot be asked without an API token"),
        (&["doctor", "h", "--job", "x"], "`x` is no job"),
        (&["doctor", "--job", "203.0.113.7"], "`203.0.113.7` is no job"),
        (&["doctor", "--job", "gh/a/b/3", "gh/a/b/4"], "name a job each"),
        (&["doctor", "--job", "https://a:secret@example.org/x?k=secret"], "`https://example.org/x` is a web address"),
        (&["doctor", "--git-account", "github:ana", "h"], "name the job as well: --job URL"),
        (&["doctor", "--token-file", "/none", "gh/a/b/4"], "/none"),
        (&["doctor", "--from", "/none"], "/none cannot be read"),
        (&["connect"], "say where to log in: a job's web address"),
        (&["connect", "-p", "0", "h"], "`0` is no port"),
        (&["connect", "-p", "0", "gh/a/b/4"], "`0` is no port"),
        (&["connect", "--offline", "h"], "there is no option --offline"),
        (&["connect", "h", "--dry-rn"], "there is no option --dry-rn (was --dry-run meant?)"),
        (&["connect", "--job", "gh/a/b/3", "gh/a/b/4"], "name a job each"),
        (&["connect", "--job", "x", "h"], "`x` is no job"),
        (&["connect", "https://example.org/x"], "example.org"),
        (&["connect", "-"], "the text is empty"),
        (&["doctor", "--from", "-"], "is not a facts document"),
        (&["doctor", "--from", "-", "h"], "--from has a target of its own"),
        (&["doctor", "-"], "the text is empty"),
        (&["doctor", "--checks", "/none"], "/none cannot be read"),
        (&["doctor", "--ofline", "h"], "there is no option --ofline (was --offline meant?)"),
        (&["doctor", "h", "--nonsense"], "there is no option --nonsense; --help"),
        (&["-p", "64535", "203.0.113.7"], "put doctor before it: cci-ssh doctor -p 64535 203.0.113.7"),
        (&["ssh", "-p", "1", "h", "ls -l"], "cci-ssh doctor ssh -p 1 h 'ls -l'"),
        (&["203.0.113.7"], "cci-ssh doctor 203.0.113.7"),
        (&["explain", "no-such-check-at-all"], "there is no check called"),
        (&["checks", "test", "/none"], "/none cannot be read"),
    ] {
        let answer = ask(words);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{words:?}");
        assert!(answer.err.starts_with("error: ") && answer.err.contains(sentence), "{words:?}: {}", answer.err);
        assert_eq!(answer.err.lines().count(), 1, "{words:?}: {}", answer.err);
    }
    for words in [
        &["nonsense"][..],
        &["--nonsense"],
        &["-x"],
        &["checks", "--nonsense"],
        &["doctor", "--timeout", "0"],
        &["explain"],
    ] {
        let answer = ask(words);
        assert_eq!((answer.code, answer.out.as_str()), (2, ""), "{words:?}");
        assert!(!answer.err.is_empty());
    }
}

#[test]
fn complaints_are_wrapped_on_a_terminal() {
    let answer = ask_with(&["doctor", "h", "--job", "x"], "", true);
    assert!(answer.err.lines().count() > 1, "{}", answer.err);
    for line in anstream::adapter::strip_str(&answer.err).to_string().lines() {
        assert!(line.len() <= 80, "{line}");
    }
}

#[test]
fn the_text_of_the_step_is_read_from_standard_input() {
    let answer = ask_with(&["doctor", "-", "--format", "json"], "$ ssh -p 64535 203.0.113.7\r\n", false);
    let report: serde_json::Value = serde_json::from_str(&answer.out).expect("one JSON value");
    assert_eq!(report["target"]["display"], "203.0.113.7 port 64535");
    assert_eq!(answer.err, "");
}

#[test]
fn a_log_is_judged_wherever_it_comes_from() {
    for (words, input, source) in [
        (&["doctor", "--log", "/logs/denied", "--format", "json"][..], "", "/logs/denied"),
        (&["doctor", "--log", "-", "--format", "json"], DENIED, "standard input"),
        (
            &["doctor", "-p", "64535", "203.0.113.7", "--offline", "--log", "/logs/denied", "--format", "json"],
            "",
            "/logs/denied",
        ),
    ] {
        let answer = ask_with(words, input, false);
        let report: serde_json::Value = serde_json::from_str(&answer.out).expect("one JSON value");
        assert_eq!((answer.code, answer.err.as_str()), (1, ""), "{words:?}");
        assert_eq!(report["findings"][0]["evidence"][0]["source"], source, "{words:?}");
        let port = if words.contains(&"64535") { 64535.into() } else { serde_json::Value::Null };
        assert_eq!(report["target"]["port"], port, "the target is the one that was meant: {words:?}");
    }
    let facts = ask(&["facts", "--log", "/logs/denied"]);
    let again = ask_with(&["doctor", "--from", "-"], &facts.out, false);
    assert_eq!(again.out, ask(&["doctor", "--log", "/logs/denied"]).out, "saved facts are judged alike");
}

/// The check, its first command, and what is wrong.
fn cause(words: &[&str]) -> (String, String, String) {
    let answer = ask(&[words, &["--format", "json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&answer.out).expect("one JSON value");
    let text = |pointer: &str| report.pointer(pointer).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    (text("/findings/0/check"), text("/findings/0/fixes/0/commands/0"), text("/findings/0/title"))
}

#[test]
fn the_login_that_works_shows_what_the_other_lacks() {
    let names_it = "ssh -i /Users/ana/.ssh/github -o IdentitiesOnly=yes -p 64535 203.0.113.7";
    for words in [
        &["doctor", "--log", "/logs/works", "--log", "/logs/fails"][..],
        &["doctor", "--log", "/logs/fails", "--log", "/logs/works"],
        &["doctor", "--log", "/logs/both"],
    ] {
        let (check, command, title) = cause(words);
        assert_eq!((check.as_str(), command.as_str()), ("wrong-key-offered", names_it), "{words:?}");
        assert!(title.contains("github.com"), "{title}");
    }
    let (check, command, _) = cause(&["doctor", "--log", "/logs/works", "--log", "/logs/refused"]);
    assert_eq!((check.as_str(), command.as_str()), ("key-not-authorised", "ssh-keygen -y -f /Users/ana/.ssh/github"));
    let healthy = ask(&["doctor", "--log", "/logs/works", "--log", "/logs/works"]);
    assert_eq!((healthy.code, healthy.out.starts_with("✓ works: the login to")), (0, true), "{}", healthy.out);
    let text = ask(&["doctor", "--log", "/logs/both"]).out;
    assert!(
        text.contains("The attempts before it") && text.contains("Compared with the login to github.com"),
        "{text}"
    );
}

#[test]
fn what_a_log_does_not_decide_comes_with_one_command_that_does() {
    let (check, command, _) = cause(&["doctor", "--log", "/logs/denied", "-p", "64535", "203.0.113.7"]);
    assert_eq!(check, "permission-denied");
    assert_eq!(command, "ssh -v -p 64535 203.0.113.7 2>&1 | cci-ssh doctor --log -");
    let (check, command, title) = cause(&["doctor", "--log", "/logs/cut"]);
    assert_eq!((check.as_str(), command.as_str()), ("login-not-understood", "cci-ssh doctor -p 64535 203.0.113.7"));
    assert!(title.starts_with("the log stops"), "{title}");
}

#[test]
fn a_log_can_be_pasted_into_a_terminal() {
    let system = Recorded::new(Platform::Linux);
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut console = Console {
        input: &mut DENIED.as_bytes(),
        output: &mut out,
        errors: &mut err,
        input_is_terminal: true,
        colours: [false; 2],
        columns: None,
        error_columns: None,
    };
    let words = ["cci-ssh", "doctor", "--log", "-"].map(OsString::from).to_vec();
    assert_eq!(run(words, &system, &mut console), 1);
    assert!(String::from_utf8_lossy(&err).contains("press Ctrl-D"));
}

#[test]
fn a_pipe_gets_neither_colour_nor_progress() {
    let piped = ask(&["doctor"]);
    assert!(!piped.out.contains('\u{1b}') && piped.err.is_empty(), "{}{}", piped.out, piped.err);
    let coloured = ask(&["doctor", "--color", "always"]);
    assert!(coloured.out.contains('\u{1b}') && coloured.err.is_empty());
    let terminal = ask_with(&["doctor"], "", true);
    assert!(terminal.out.contains('\u{1b}'));
    assert!(terminal.err.ends_with("\r\u{1b}[K"), "the progress line is erased: {:?}", terminal.err);
    assert!(!ask_with(&["doctor", "--color", "never"], "", true).out.contains('\u{1b}'));
}

#[test]
fn facts_are_read_back() {
    let facts = ask(&["facts", "-p", "64535", "203.0.113.7"]);
    let answer = ask_with(&["doctor", "--from", "-", "--format", "json", "--with-facts"], &facts.out, false);
    let report: serde_json::Value = serde_json::from_str(&answer.out).expect("one JSON value");
    assert_eq!(report["facts"]["target"]["port"], 64535);
}

#[test]
fn a_closed_pipe_is_success() {
    struct Closed;
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for words in
        [&["checks"][..], &["doctor"], &["doctor", "--format", "json"], &["--help"], &["completions", "bash"], &["man"]]
    {
        let system = Recorded::new(Platform::Linux);
        let mut err = Vec::new();
        let mut console = Console {
            input: &mut io::empty(),
            output: &mut Closed,
            errors: &mut err,
            input_is_terminal: false,
            colours: [false; 2],
            columns: None,
            error_columns: None,
        };
        let words = std::iter::once("cci-ssh").chain(words.iter().copied()).map(OsString::from).collect();
        assert_eq!(run(words, &system, &mut console), 0);
        assert!(err.is_empty());
    }
}

#[test]
fn the_catalogue_is_listed_and_explained() {
    let listed = ask(&["checks", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
    let first = value["checks"][0]["check"].as_str().expect("a check").to_owned();
    assert_eq!(ask(&["explain", &first]).code, 0);
    assert!(ask(&["checks", "list"]).out.contains(&first));
    let near = ask(&["explain", &first[..first.len() - 1]]);
    assert!(near.err.contains(&format!("was {first}")) || near.err.contains(&first), "{}", near.err);
}

#[test]
fn scripts_and_manual() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        assert!(ask(&["completions", shell]).out.contains("cci-ssh"), "{shell}");
    }
    assert!(ask(&["man"]).out.contains(".TH cci-ssh"));
}
