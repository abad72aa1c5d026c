//! What was asked about: text that is no target, and text that wants too much.

use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::{expect_look, expect_refusal, with_input};

#[test]
fn targets_that_are_none() {
    let home = Home::new();
    let targets: [&[&str]; 19] = [
        &[""],
        &["ssh"],
        &["ssh -p"],
        &["-p"],
        &["-p", "64535"],
        &["-p", "port", "203.0.113.7"],
        &["-p", "99999", "203.0.113.7"],
        &["-p", "0", "203.0.113.7"],
        &["ssh -p 64535"],
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
fn a_job_that_nobody_can_be_asked_about_is_unknown() {
    let home = Home::new();
    for url in [
        "https://app.circleci.com/pipelines/github/acme/web/12/workflows/6f1c1b0e-1111-4222-8333-0123456789ab/jobs/34",
        "https://circleci.com/gh/acme/web/34",
    ] {
        let outcome = home.doctor([url]);
        expect_look(&outcome);
        assert!(outcome.stdout.contains("no token was found"), "{outcome:#?}");
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
fn only_a_job_that_runs_can_be_looked_into() {
    let home = Home::new();
    let words: [(&[&str], &str); 5] = [
        (&["--inspect-session"], "add what its Enable SSH step prints"),
        (&["--inspect-session", "--offline", "-p", "64535", "203.0.113.7"], "leave out either"),
        (&["--inspect-session", "--log", "ssh.log"], "leave out --from and --log"),
        (&["--inspect-session", "--from", "facts.json"], "leave out --from and --log"),
        (&["--inspect-session", "--log", "a.log", "-p", "64535", "203.0.113.7"], "leave out --from and --log"),
    ];
    for (words, what) in words {
        for command in ["doctor", "facts"] {
            let outcome = home.run(env!("CARGO_BIN_EXE_cci-ssh"), [command].into_iter().chain(words.iter().copied()));
            expect_refusal(&outcome, "error: ");
            assert!(outcome.stderr.contains(what), "{outcome:#?}");
        }
        let plugin = home.run(env!("CARGO_BIN_EXE_circleci-ssh-doctor"), words.iter().copied());
        expect_refusal(&plugin, "error: ");
    }
}
