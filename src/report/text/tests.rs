use super::*;
use crate::{
    findings::RuledOut,
    report::{safe, sample},
};

const WIDTHS: [usize; 6] = [1, 20, 40, 80, 100, 300];

fn plain(text: &str) -> String {
    anstream::adapter::strip_str(text).to_string()
}

fn look(width: usize) -> Look {
    Look { width, ..Look::default() }
}

#[test]
fn no_line_is_wider_than_the_page_but_commands() {
    for (name, sample) in sample::all() {
        for width in WIDTHS {
            for verbose in [false, true] {
                let text = plain(&render(&sample.model(), Look { verbose, ..look(width) }));
                for line in text.lines() {
                    let columns = textwrap::core::display_width(line);
                    // Commands and code stand at the fixed indent of what is copied.
                    let copied = line.starts_with("    ");
                    assert!(columns <= width.clamp(20, 100) || copied, "{name} at {width}: {line}");
                    assert!(line == line.trim_end() || copied, "{name} at {width}: {line:?}");
                }
                assert!(!text.contains("\n\n\n"), "{name} at {width}:\n{text}");
            }
        }
    }
}

#[test]
fn nothing_of_strangers_reaches_the_terminal() {
    for width in WIDTHS {
        let text = render(&sample::hostile().model(), Look { verbose: true, ..look(width) });
        let text = plain(&text);
        assert!(text.chars().all(|c| c == '\n' || !safe::is_control(c)), "{text:?}");
    }
    // A command that cannot be shown as it is says so.
    assert!(plain(&render(&sample::hostile().model(), look(100))).contains("take it from --format json"));
}

#[test]
fn the_fix_stands_alone_and_whole() {
    for width in WIDTHS {
        for (name, sample) in [("blocked", sample::blocked()), ("problems", sample::problems())] {
            let text = plain(&render(&sample.model(), look(width)));
            for command in sample.findings[0].fixes.iter().flat_map(|fix| &fix.commands) {
                assert!(text.lines().any(|line| line == format!("    {command}")), "{name} at {width}:\n{text}");
            }
        }
    }
}

#[test]
fn the_cause_comes_before_everything_else() {
    let text = plain(&render(&sample::blocked().model(), look(100)));
    let at = |words: &str| text.find(words).unwrap_or_else(|| panic!("{words} in\n{text}"));
    let order = [
        "The way to 203.0.113.7 port 64535",
        "✗ authentication",
        "✗ the job accepts /home/ana/.ssh/circleci, but ssh does not offer it",
        "/home/ana/.ssh/config:12",
        "The server says yes",
        "Fix: Name the key on the command line (verified: the server accepts this key)",
        "Or at your git host: Add the key that ssh does offer",
        "Think first: the key will then open",
        "    https://github.com/settings/keys",
        "Also seen",
        "cci-ssh explain key-mode-too-open",
        "Ruled out",
        "  not the agent: it answers and holds 2 keys",
        "  not SHA-1: the server takes rsa-sha2-512",
        "The server was shown 2 public keys in the attempt, and 5 when it was asked.",
    ];
    assert!(order.map(at).is_sorted(), "{text}");
    assert!(!text.contains("What could not be found out"), "{text}");
    assert_eq!(text.matches("permission-denied").count(), 0, "{text}");
}

#[test]
fn doubt_is_said() {
    let likely = plain(&render(&sample::likely().model(), look(100)));
    assert!(likely.contains("✗ most likely: the job accepts"), "{likely}");
    // In people's words, and once; the paths are for those who ask for everything.
    assert!(likely.contains("  the keys on disk: the key is encrypted"), "{likely}");
    assert!(!likely.contains("it was not looked at"), "{likely}");
    let verbose = plain(&render(&sample::likely().model(), Look { verbose: true, ..look(100) }));
    assert!(verbose.contains("rsa-sha1-only: not SHA-1: the server takes rsa-sha2-512"), "{verbose}");
    assert!(verbose.contains("keys[2].bits, keys[2].fingerprint: the key is encrypted"), "{verbose}");
    let unknown = plain(&render(&sample::unknown().model(), look(100)));
    assert!(unknown.contains("? The login fails, and no check knows why"), "{unknown}");
    assert!(unknown.contains("and 3 more: --verbose"), "{unknown}");
}

#[test]
fn what_it_is_not_is_said_once_and_in_words() {
    let mut sample = sample::blocked();
    let text = plain(&render(&sample.model(), look(80)));
    assert_eq!(text.matches("not the agent: it answers and holds 2 keys").count(), 1, "{text}");
    assert!(!text.contains("config.errors"), "{text}");
    let verbose = plain(&render(&sample.model(), Look { verbose: true, ..look(100) }));
    assert!(verbose.contains("agent-stale-socket, agent-empty: not the agent"), "{verbose}");
    assert!(verbose.contains("config-match-error: config.errors has 0 entries"), "{verbose}");
    for place in 0..10 {
        sample
            .ruled_out
            .push(RuledOut { because: format!("not {place}: it is {place}"), ..sample.ruled_out[3].clone() });
    }
    let text = plain(&render(&sample.model(), look(80)));
    assert_eq!(text.lines().filter(|line| line.starts_with("  not ")).count(), 8, "{text}");
    assert!(text.contains("\n  and 4 more: --verbose\n"), "{text}");
    sample.verdict = Verdict::Problems;
    assert!(!plain(&render(&sample.model(), look(80))).contains("Ruled out"));
}

#[test]
fn health_is_calm() {
    for sample in [sample::healthy(), sample::machine()] {
        let text = render(&sample.model(), look(100));
        assert!(text.lines().count() <= 3, "{text}");
    }
    let text = plain(&render(&sample::healthy().model(), look(100)));
    assert!(text.starts_with("✓ 203.0.113.7 port 64535: the login works\n"), "{text}");
}

#[test]
fn the_job_and_its_clock_stand_on_top() {
    let job = serde_json::json!({"job": {"display": "job 345 (build) of acme/web"}, "now": "running; 7 minutes left to connect"});
    let line = "job 345 (build) of acme/web: running; 7 minutes left to connect";
    for (mut sample, at) in [(sample::blocked(), 1), (sample::healthy(), 1)] {
        assert!(!plain(&render(&sample.model(), look(100))).contains("job 345"));
        sample.document.facts["circleci"] = job.clone();
        let text = plain(&render(&sample.model(), look(100)));
        assert_eq!(text.lines().nth(at).map(str::trim), Some(line), "{text}");
        sample.document.facts["circleci"]["now"] = "running\u{1b}[2J".into();
        assert!(!render(&sample.model(), look(100)).contains("\u{1b}[2J"));
    }
}

#[test]
fn no_key_at_all_is_not_called_health() {
    let mut sample = sample::machine();
    sample.document.facts = serde_json::json!({"keys": [], "agent": {"state": "not-configured"}});
    let text = plain(&render(&sample.model(), look(80)));
    assert!(text.starts_with("! No ssh key is to be seen"), "{text}");
    assert!(text.contains("\n    ssh-keygen -t ed25519\n"), "{text}");
    for other in [
        serde_json::json!({"keys": [{"exists": true}], "agent": {"state": "not-configured"}}),
        serde_json::json!({"keys": [], "agent": {"state": "answers", "identities": [{}]}}),
        serde_json::json!({"agent": {"state": "not-configured"}}),
        serde_json::json!({"keys": [], "agent": {"state": "answers"}}),
    ] {
        sample.document.facts = other;
        let text = plain(&render(&sample.model(), look(80)));
        assert!(text.starts_with("✓ Nothing on this machine"), "{text}");
    }
}

#[test]
fn what_stands_in_the_list_is_not_said_twice() {
    let mut sample = sample::blocked();
    let words = "debug: Permission denied";
    sample.steps[7].summary = words.into();
    sample.findings[0].evidence[1].text = words.into();
    let text = plain(&render(&sample.model(), look(100)));
    assert_eq!(text.matches(words).count(), 1, "{text}");
    assert!(text.contains("/home/ana/.ssh/config:12"), "{text}");
}

#[test]
fn values_are_asked_for_only_where_a_command_wants_some() {
    let mut sample = sample::blocked();
    sample.findings[0].fixes[0].safety = crate::findings::Safety::Manual;
    let asks = "Put in your own values";
    assert!(!plain(&render(&sample.model(), look(100))).contains(asks));
    sample.findings[0].fixes[0].commands = vec!["ssh -p <port> <host>".into()];
    assert!(plain(&render(&sample.model(), look(100))).contains(asks));
}

#[test]
fn plain_terminals_get_plain_marks() {
    for (name, sample) in sample::all() {
        let text = plain(&render(&sample.model(), Look { unicode: false, verbose: true, ..look(80) }));
        assert!(text.is_ascii(), "{name}: {text}");
    }
}

#[test]
fn many_of_one_kind_fold() {
    let mut sample = sample::problems();
    for _ in 0..6 {
        sample.findings.push(sample.findings[0].clone());
    }
    let text = plain(&render(&sample.model(), look(100)));
    assert_eq!(text.matches("cci-ssh explain key-mode-too-open").count(), 1, "{text}");
    assert!(text.contains("and 3 more of key-mode-too-open"), "{text}");
}
