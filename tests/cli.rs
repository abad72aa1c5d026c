//! The program at its edges: bad input, odd terminals, exit codes, and the commands beside `doctor`. What it finds out on
//! real servers is shown in `tests/live`.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    reason = "tests make real files and processes; only the program goes through System"
)]

mod support;

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::time::Duration;

use support::home::Home;
use support::job_server::{JobServer, Options};
use support::ports::{RefusedPort, SilentPort};
use support::process::{Outcome, TIME_LIMIT, run_with};

/// It could not do its work: exit code 2, one sentence on stderr that begins with `error:`, nothing on stdout, no panic.
#[track_caller]
fn expect_refusal(outcome: &Outcome, words: &str) {
    outcome.expect_code(2);
    assert_eq!(outcome.stdout, "", "{outcome:#?}");
    assert!(outcome.stderr.starts_with("error: ") && outcome.stderr.contains(words), "{words:?}: {outcome:#?}");
    assert!(!outcome.stderr.contains("panicked"), "{outcome:#?}");
}

/// It looked: exit code 0 or 1, no panic.
#[track_caller]
fn expect_look(outcome: &Outcome) {
    assert!(matches!(outcome.code(), Some(0 | 1)) && !outcome.stderr.contains("panicked"), "{outcome:#?}");
}

/// Standard input for one of our commands.
fn with_input(home: &Home, words: &[&str], input: &str) -> Outcome {
    let mut command = home.command(env!("CARGO_BIN_EXE_cci-ssh"));
    command.args(words);
    run_with(command, input.as_bytes(), TIME_LIMIT)
}

#[test]
fn targets_that_are_none() {
    let home = Home::new();
    let targets: [&[&str]; 20] = [
        &[""],
        &["ssh"],
        &["ssh -p"],
        &["-p"],
        &["-p", "64535"],
        &["-p", "port", "203.0.113.7"],
        &["-p", "99999", "203.0.113.7"],
        &["-p", "0", "203.0.113.7"],
        &["ssh -p 64535"],
        &["ssh --port 64535 203.0.113.7"],
        &["--", "-oProxyCommand=touch pwned"],
        &["ssh -- -oProxyCommand=touch"],
        &["-l", "-oProxyCommand=x", "203.0.113.7"],
        &["ssh -l -x 203.0.113.7"],
        &["-ana@203.0.113.7"],
        &["ana@-203.0.113.7"],
        &["ssh://-oProxyCommand=x/"],
        &["$(touch pwned)"],
        &["Permission denied (publickey)."],
        &["hello there, is this a command"],
    ];
    for target in targets {
        let outcome = home.doctor(["--offline"].into_iter().chain(target.iter().copied()));
        expect_refusal(&outcome, "error: ");
        assert!(outcome.stderr.trim_end().lines().count() <= 6, "a sentence, not a manual: {outcome:#?}");
    }
    home.doctor(["--offline", "127.0.0.1;touch pwned"]);
    assert!(!home.join("pwned").exists());
}

#[test]
fn text_that_is_no_text() {
    let home = Home::new();
    for input in ["", "\n\n", "\u{0}\u{1}\u{2}", "\u{1b}]0;title\u{7}", &"x".repeat(6 << 20)] {
        let outcome = with_input(&home, &["doctor", "-"], input);
        expect_refusal(&outcome, "");
        assert!(!outcome.stderr.contains('\u{1b}'), "{outcome:#?}");
    }
}

#[test]
fn a_jobs_address_gets_a_sentence() {
    let home = Home::new();
    for url in [
        "https://app.circleci.com/pipelines/github/acme/web/12/workflows/6f1c1b0e-1111-4222-8333-0123456789ab/jobs/34",
        "https://circleci.com/gh/acme/web/34",
    ] {
        expect_refusal(&home.doctor([url]), "CircleCI job");
    }
}

#[test]
fn what_clap_refuses() {
    let home = Home::new();
    for words in [
        &["frobnicate"][..],
        &["doctor", "--nonsense"],
        &["doctor", "--timeout", "soon"],
        &["doctor", "--timeout", "0"],
        &["doctor", "--format", "yaml"],
        &["doctor", "--fail-on", "everything"],
        &["explain"],
        &["completions", "cobol"],
    ] {
        expect_refusal(&home.cci_ssh(words), "error: ");
    }
}

#[test]
fn no_home() {
    let mut home = Home::new();
    let gone = home.join("gone");
    home.set_env("CCI_SSH_TEST_HOME", &gone);
    home.set_env("HOME", &gone);
    let closed = RefusedPort::new();
    for words in [
        &["doctor", "--format", "json"][..],
        &["doctor", "--format", "json", "-p", &closed.port.to_string(), "127.0.0.1"],
    ] {
        let outcome = home.cci_ssh(words);
        expect_look(&outcome);
        assert_eq!(outcome.json()["version"], 1);
    }
    assert!(!gone.exists(), "nobody makes one either");
}

#[test]
fn a_key_that_may_not_be_read() {
    if rustix::process::geteuid().is_root() {
        crate::support::skipped("root may read everything");
        return;
    }
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    fs::set_permissions(&key.path, Permissions::from_mode(0o000)).expect("our own key");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let outcome = home.doctor(["--format", "json", "-p", &server.port().to_string(), "127.0.0.1"]);
    outcome.expect_code(1);
    assert_eq!(outcome.json()["findings"][0]["check"], "key-unreadable", "{outcome:#?}");
}

#[test]
fn things_in_the_way_of_files() {
    let home = Home::new();
    home.make_folder(".ssh/id_ed25519", 0o700);
    home.make_folder(".ssh/config", 0o700);
    home.make_folder(".ssh/known_hosts", 0o700);
    home.run("mkfifo", [".ssh/id_rsa"]).expect_code(0);
    home.write(".ssh/huge", vec![b'x'; 3 << 20], 0o600);
    std::os::unix::fs::symlink("loop", home.join(".ssh/loop")).expect("our own folder");
    std::os::unix::fs::symlink("/dev/zero", home.join(".ssh/id_ecdsa")).expect("our own folder");
    let outcome = home.doctor(["--format", "json", "--timeout", "5"]);
    expect_look(&outcome);
    assert!(outcome.elapsed < Duration::from_secs(5), "{outcome:#?}");
}

#[test]
fn ten_thousand_files() {
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    for number in 0..10_000 {
        let text = if number % 100 == 0 { fs::read_to_string(&key.path).expect("our own key") } else { "x".to_owned() };
        fs::write(home.join(format!(".ssh/file{number}")), text).expect("our own folder");
    }
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let outcome = home.doctor(["--format", "json", "-p", &server.port().to_string(), "127.0.0.1"]);
    outcome.expect_code(0);
    // The optimised program needs a fraction of it.
    assert!(outcome.elapsed < Duration::from_secs(5), "{:?}", outcome.elapsed);
}

#[test]
fn includes_that_go_round_in_circles() {
    let home = Home::new();
    home.config("Include ~/.ssh/other\n");
    home.write(".ssh/other", "Include ~/.ssh/config\n", 0o600);
    let outcome = home.doctor(["--format", "json"]);
    outcome.expect_code(1).expect_text("recursive");
    assert_eq!(outcome.json()["findings"][0]["check"], "config-not-accepted", "{outcome:#?}");
}

#[test]
fn nothing_takes_longer_than_allowed() {
    let mut home = Home::new();
    let silent = SilentPort::new();
    let hung = home.hung_agent();
    home.set_env("SSH_AUTH_SOCK", hung.socket());
    let outcome = home.doctor(["--timeout", "1", "-p", &silent.port.to_string(), "127.0.0.1"]);
    outcome.expect_code(1);
    assert!(outcome.elapsed < Duration::from_millis(2500), "{outcome:#?}");
    assert!(home.doctor(["--timeout", "1"]).elapsed < Duration::from_millis(2500));
}

#[test]
fn a_match_exec_that_never_ends() {
    let home = Home::new();
    home.config("Match exec \"sleep 60\"\n  User ana\n");
    let outcome = home.doctor(["--timeout", "2", "--format", "json"]);
    expect_look(&outcome);
    assert!(outcome.elapsed < Duration::from_secs(4), "{outcome:#?}");
}

/// A report on a terminal of this width, without the questions of a terminal.
fn on_a_terminal(home: &Home, columns: u32, words: &str) -> String {
    let line = format!("stty rows 24 cols {columns}; {} {words} 2>/dev/null", env!("CARGO_BIN_EXE_cci-ssh"));
    home.paste(&line, &[]).output
}

#[test]
fn narrow_and_wide_terminals() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let words = format!("doctor --color never -p {} 127.0.0.1", closed.port);
    for columns in [20, 40, 80, 100] {
        let text = on_a_terminal(&home, columns, &words);
        // A word that is longer than the line cannot be broken without harm: addresses, commands.
        let breakable = |line: &&str| line.trim().contains(' ') && !line.contains("ssh -");
        let long: Vec<_> =
            text.lines().filter(breakable).filter(|line| line.chars().count() > columns as usize).collect();
        assert!(long.is_empty() && text.contains("refused"), "{columns}: {long:#?}\n{text}");
    }
    let text = on_a_terminal(&home, 300, &words);
    assert!(text.lines().all(|line| line.chars().count() <= 100 || line.contains("ssh ")), "{text}");
}

#[test]
fn colours() {
    let mut home = Home::new();
    let coloured = |outcome: &Outcome| outcome.stdout.contains("\u{1b}[");
    assert!(!coloured(&home.doctor(["--offline"])), "not in a pipe");
    assert!(coloured(&home.doctor(["--offline", "--color", "always"])));
    assert!(!coloured(&home.doctor(["--offline", "--color", "always", "--format", "json"])), "not in JSON");
    assert!(on_a_terminal(&home, 80, "doctor --offline").contains("\u{1b}["));
    home.set_env("CLICOLOR_FORCE", "1");
    assert!(coloured(&home.doctor(["--offline"])));
    home.set_env("NO_COLOR", "1");
    assert!(!coloured(&home.doctor(["--offline"])), "NO_COLOR wins");
    assert!(!on_a_terminal(&home, 80, "doctor --offline").contains("\u{1b}[3"));
}

#[test]
fn nothing_of_the_progress_stays_in_a_pipe() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let outcome = home.doctor(["-p", &closed.port.to_string(), "127.0.0.1"]);
    assert_eq!(outcome.stderr, "", "{outcome:#?}");
    assert!(!outcome.stdout.contains('\r') && outcome.stdout.ends_with('\n'), "{outcome:#?}");
}

#[test]
fn a_reader_that_has_gone() {
    let home = Home::new();
    for command in ["doctor", "doctor --format json", "checks", "explain no-key-found", "man", "completions bash"] {
        let line = format!("{} {command} 2>err | head -c 0; cat err >&2", env!("CARGO_BIN_EXE_cci-ssh"));
        let outcome = home.run("bash", ["-c", &line]);
        assert!(!outcome.stderr.contains("panicked") && !outcome.stderr.contains("error"), "{command}: {outcome:#?}");
    }
    let full = format!("{} doctor >/dev/full", env!("CARGO_BIN_EXE_cci-ssh"));
    home.run("bash", ["-c", &full]).expect_code(2).expect_text("cannot be written");
}

#[test]
fn exit_codes() {
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let (closed, server) = (RefusedPort::new(), JobServer::start(Options::authorizing([key.public.as_str()])));
    let (bad, good) = (closed.port.to_string(), server.port().to_string());
    for (words, code) in [
        (vec!["-p", &good, "127.0.0.1"], 0),
        (vec!["-p", &bad, "127.0.0.1"], 1),
        (vec!["--format", "json", "-p", &bad, "127.0.0.1"], 1),
        (vec!["--exit-zero", "-p", &bad, "127.0.0.1"], 0),
        (vec!["--fail-on", "never", "-p", &bad, "127.0.0.1"], 0),
        (vec!["--fail-on", "warning", "-p", &good, "127.0.0.1"], 0),
        (vec!["-p", &bad, "127.0.0.1", "--exit-zero"], 0),
    ] {
        home.doctor(words).expect_code(code);
    }
}

#[test]
fn json_is_one_object_and_nothing_else() {
    let home = Home::new();
    let closed = RefusedPort::new();
    let port = closed.port.to_string();
    for words in [vec!["--format", "json"], vec!["--format", "json", "--with-facts", "-p", &port, "127.0.0.1"]] {
        let outcome = home.doctor(words.iter().copied());
        let values: Vec<_> =
            serde_json::Deserializer::from_str(&outcome.stdout).into_iter::<serde_json::Value>().collect();
        assert!(matches!(&values[..], [Ok(value)] if value.is_object()), "{outcome:#?}");
        assert_eq!(outcome.json().get("facts").is_some(), words.contains(&"--with-facts"));
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn programs_in_pasted_text_are_left_out_and_named() {
    let mut home = Home::new();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let pasted = format!(
        "$ ssh -o ProxyCommand='touch pwned' -oLocalCommand=touch -o PermitLocalCommand=yes -F evil -p {} 127.0.0.1",
        server.port()
    );
    home.write("evil", "Match exec \"touch pwned\"\n", 0o600);
    let outcome = home.doctor([pasted.as_str()]);
    outcome.expect_code(0);
    let said = outcome.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    for words in ["-o ProxyCommand=touch pwned", "-o LocalCommand=touch", "-F evil", "--allow-programs"] {
        assert!(said.contains(words), "{words}: {outcome:#?}");
    }
    assert!(!home.join("pwned").exists());

    let asked_to = home.doctor(["--allow-programs", &pasted, "--format", "json"]);
    expect_look(&asked_to);
    assert!(home.join("pwned").exists(), "asked to, it does: {asked_to:#?}");
}

#[test]
fn saved_facts() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::new());
    let port = server.port().to_string();
    let facts = home.cci_ssh(["facts", "-p", &port, "127.0.0.1"]);
    facts.expect_code(0);
    let connections = server.settled_record().connections;
    home.write("facts.json", &facts.stdout, 0o600);
    for outcome in [
        home.doctor(["--from", "facts.json", "--format", "json"]),
        with_input(&home, &["doctor", "--from", "-", "--format", "json"], &facts.stdout),
    ] {
        outcome.expect_code(1);
        assert_eq!(outcome.json()["findings"][0]["check"], "key-not-authorised", "{outcome:#?}");
    }
    assert_eq!(server.record().connections, connections, "saved facts are judged and nothing is looked at");
    let private = home.read(".ssh/id_ed25519");
    assert!(private.lines().filter(|line| line.len() > 40).all(|line| !facts.stdout.contains(line)));
}

#[test]
fn saved_facts_that_are_none() {
    let home = Home::new();
    for (name, text) in [
        ("empty", ""),
        ("text", "The quick brown fox"),
        ("list", "[]"),
        ("other", "{\"name\": \"something else\"}"),
        ("cut", "{\"version\": 1, \"facts\": {"),
        ("future", "{\"version\": 99}"),
        ("binary", "\u{0}\u{0}"),
    ] {
        home.write(name, text, 0o600);
        expect_refusal(&home.doctor(["--from", name]), "");
    }
    expect_refusal(&home.doctor(["--from", "no-such-file"]), "no-such-file");
    expect_refusal(&home.doctor(["--from", "/"]), "");
    expect_refusal(&home.doctor(["--from", "empty", "-p", "1", "127.0.0.1"]), "leave out");
}

#[test]
fn the_catalogue() {
    let home = Home::new();
    let list = home.cci_ssh(["checks"]);
    list.expect_code(0).expect_text("wrong-key-offered").expect_text("authentication");
    assert_eq!(home.cci_ssh(["checks", "list"]).stdout, list.stdout);
    let json = home.cci_ssh(["checks", "--format", "json"]).json();
    assert!(json.to_string().contains("\"hostkey-changed\""));

    home.cci_ssh(["explain", "rsa-sha1-no-mutual-signature"]).expect_code(0).expect_text("SHA-1");
    assert_eq!(home.cci_ssh(["explain", "no-key-found", "--format", "json"]).json()["check"], "no-key-found");
    expect_refusal(&home.cci_ssh(["explain", "wrong-key-offerd"]), "wrong-key-offered");
    expect_refusal(&home.cci_ssh(["explain", "../../etc/passwd"]), "no check");
}

#[test]
fn checks_can_be_tested() {
    let home = Home::new();
    home.cci_ssh(["checks", "test"]).expect_code(0);
    let check = |condition: &str| {
        format!(
            "```toml\nseverity = \"warning\"\nwhen     = \"{condition}\"\nchecked  = 2026-11-22\n\
             sources  = [\"https://man.openbsd.org/ssh\"]\n\n[[fix]]\ntitle  = \"Say hello\"\nsafety = \"safe\"\n\
             where  = \"this machine\"\nrun    = \"echo hello\"\n```\n# this machine has a user called ana\nWhat that means.\n\n\
             ```toml fires\nmachine.user = \"ana\"\n```\n```toml quiet\nmachine.user = \"bob\"\n```\n"
        )
    };
    home.write("own/client/our-user.md", check("machine.user == 'ana'"), 0o600);
    home.cci_ssh(["checks", "test", "own"]).expect_code(0);
    home.write("own/client/our-user.md", check("machine.user == 'bob'"), 0o600);
    home.cci_ssh(["checks", "test", "own"]).expect_code(1).expect_text("our-user");
    home.write("own/client/our-user.md", check("machine.nonsense == 'bob'"), 0o600);
    assert_ne!(home.cci_ssh(["checks", "test", "own"]).code(), Some(0));
    expect_refusal(&home.cci_ssh(["checks", "test", "nowhere"]), "nowhere");
    expect_refusal(&home.doctor(["--checks", "nowhere"]), "nowhere");
}

#[test]
fn completions_and_the_manual_page() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        home.cci_ssh(["completions", shell]).expect_code(0).expect_text("cci-ssh");
    }
    let bash = format!("eval \"$({} completions bash)\" && complete -p cci-ssh", env!("CARGO_BIN_EXE_cci-ssh"));
    home.run("bash", ["-c", &bash]).expect_code(0).expect_text("complete");
    let page = home.cci_ssh(["man"]);
    assert!(page.expect_code(0).stdout.contains(".TH cci-ssh 1"), "{page:#?}");
    home.cci_ssh(["--version"]).expect_code(0).expect_text(env!("CARGO_PKG_VERSION"));
    home.cci_ssh(["--help"]).expect_code(0).expect_text("doctor");
}

/// What strangers write reaches a terminal without its control characters.
#[test]
fn hostile_text_is_harmless() {
    let mut home = Home::new();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let evil = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31mred\u{202e}";
    fs::write(home.join(format!(".ssh/{}", "key\u{1b}[31m\n$(touch pwned)")), "x").expect("our own folder");
    let options = Options::new().auth_banner(evil).lines_before_greeting(&[evil]).greeting("SSH-2.0-\u{1b}[31mGo");
    let server = JobServer::start(options);
    let port = server.port().to_string();
    for format in ["text", "json"] {
        let outcome = home.doctor(["--verbose", "--format", format, "-p", &port, "127.0.0.1"]);
        expect_look(&outcome);
        let bad = |letter: char| (letter.is_control() && letter != '\n') || letter == '\u{202e}';
        assert!(!outcome.stdout.contains(bad) && !outcome.stderr.contains(bad), "{outcome:#?}");
    }
    assert!(!home.join("pwned").exists());
}
