use std::time::Instant;

use super::*;

#[test]
fn each_shape_that_the_clis_write_is_read() {
    let quoted = format!(
        "# written by hand\n---\ntelemetry:\n  token: no\n  host: https://evil.example\ntoken: \"{}\" # mine\nhost: 'https://ci.example.org/'\ndevice_id: 0\n...\ntoken: no\n",
        secret("new")
    );
    let anchored = format!(
        "a: &t {}\nb: {{host: no, x: [1, {{token: no}}]}}\ntoken: *t\nhost: &h https://ci.example.org\n",
        secret("new")
    );
    let windows = format!("\u{feff}host: https://ci.example.org\r\ntoken: {}\r\ntheme: ~\r\n", secret("new"));
    let json = format!("{{\"token\": \"{}\", \"host\": \"https://ci.example.org\"}}", secret("new"));
    let block = format!("? host\n: |\n  https://ci.example.org\n? [complex]\n: x\ntoken: >-\n  {}\n", secret("new"));
    for text in [quoted, anchored, windows, json, block] {
        let credentials = found(&linux().file(NEW, 0o600, &text));
        assert_eq!(
            summary(&credentials),
            ("new".into(), "~/.config/circleci/config.yml".into(), "https://ci.example.org".into()),
            "{text}\n{credentials:?}"
        );
        assert!(credentials.notes.is_empty());
    }
}

#[test]
fn the_old_file_may_have_whole_endpoints_instead_of_a_host() {
    let token = secret("old");
    for (text, host) in [
        ("host: https://ci.example.org\nendpoint: graphql-unstable\nrest_endpoint: api/v2", "https://ci.example.org"),
        ("endpoint: https://ci.example.org/graphql-unstable", "https://ci.example.org"),
        (
            "endpoint: graphql-unstable\nrest_endpoint: https://ci.example.org:8443/api/v2",
            "https://ci.example.org:8443",
        ),
        ("endpoint: graphql-unstable", "https://circleci.com"),
        ("host: ~", "https://circleci.com"),
    ] {
        let system = linux().file(OLD, 0o600, format!("{text}\ntoken: {token}\norb_publishing:\n  default_owner: x\n"));
        assert_eq!(summary(&found(&system)), ("old".into(), "~/.circleci/cli.yml".into(), host.into()), "{text}");
    }
    // Today's file has no such names.
    let system = linux().file(NEW, 0o600, format!("endpoint: https://ci.example.org/graphql-unstable\ntoken: {token}"));
    assert_eq!(summary(&found(&system)).2, "https://circleci.com");
}

#[test]
fn files_are_looked_for_where_the_clis_put_them() {
    let text = file("https://circleci.com", "new");
    let source = |system: Recorded| summary(&found(&system)).1;
    let xdg = linux().variable("XDG_CONFIG_HOME", "/xdg").file("/xdg/circleci/config.yml", 0o600, &text);
    assert_eq!(source(xdg), "/xdg/circleci/config.yml");
    let home = linux().variable("HOME", "/other").file("/other/.config/circleci/config.yml", 0o600, &text);
    assert_eq!(source(home), "~/.config/circleci/config.yml");
    let relative = linux().variable("HOME", "other").file(NEW, 0o600, &text);
    assert_eq!(source(relative), "~/.config/circleci/config.yml");
    let windows = Recorded::new(Platform::Windows).user("ana", r"C:\Users\ana").file(
        r"C:\Users\ana/.config/circleci/config.yml",
        0o600,
        &text,
    );
    assert_eq!(source(windows), "~/.config/circleci/config.yml");
    let nowhere = Recorded::new(Platform::Linux);
    assert!(found(&nowhere).token.is_none());
    // Nothing is taken from the current directory, and nobody can say for which host the token is.
    let relative = linux()
        .variable("XDG_CONFIG_HOME", "xdg")
        .file("xdg/circleci/config.yml", 0o600, &text)
        .variable("CIRCLE_TOKEN", &secret("env"));
    assert!(found(&relative).token.is_none());
}

#[test]
fn damaged_files_are_told_of_and_passed_over() {
    let old = || linux().file(OLD, 0o600, file("https://circleci.com", "old"));
    let large = format!("# {}\ntoken: {}\n", "x".repeat(64 * 1024), secret("new"));
    for (text, why) in [
        ("token: \"x", "line"),
        ("- a\n- b", "no map"),
        ("just words", "no map"),
        ("token: a\ntoken: b", "twice"),
        ("token: {a: b}", "token is not written there as plain text"),
        ("a: &x {b: c}\nhost: *x", "host is not written there as plain text"),
        ("a: &x {host: b}\n<<: *x", "from elsewhere"),
        ("token: *nowhere", "line"),
        ("token: <your token>", "holds no token: it is a placeholder"),
        ("host: https://ci.example.org/pipelines", "is for a host that is none: it has more than a host"),
        (&large, "larger than"),
    ] {
        let credentials = found(&old().file(NEW, 0o600, text));
        assert_eq!(summary(&credentials).0, "old", "{text:.40}");
        let [note, ..] = &*credentials.notes else { panic!("no note about {text:.40}") };
        assert!(note.starts_with("~/.config/circleci/config.yml ") && note.contains(why), "{note}");
    }
    let binary = found(&old().file(NEW, 0o600, [0xff, 0xfe, b'h', 0]));
    assert!(binary.notes[0].contains("UTF-8"), "{:?}", binary.notes);
    let shut = found(&old().file(NEW, 0o600, "x").owned_by(NEW, 0, true));
    assert!(shut.notes[0].contains("config.yml was not read: permission denied"), "{:?}", shut.notes);
    let folder = found(&old().directory(NEW, 0o700));
    assert!(folder.notes[0].contains("not a regular file"), "{:?}", folder.notes);
    for empty in ["", "\n", "~", "---\n...\n", "# nothing\n", "{}", "host:\ntoken: ''"] {
        let credentials = found(&linux().file(OLD, 0o600, empty));
        assert!(credentials.token.is_none() && credentials.notes.is_empty(), "{empty:?} {credentials:?}");
        assert!(credentials.why_no_token.expect("a reason").starts_with("no token was found"));
    }
}

#[test]
fn hostile_files_end_soon() {
    let laughs: String = std::iter::once("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned())
        .chain((1..200).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(", "))))
        .collect();
    let copies = format!("a: &a {}\n", "x".repeat(20_000)) + &"? *a\n: *a\n".repeat(3_000);
    let bombs = [laughs, copies]
        .into_iter()
        .chain(
            ["[", "{", "{a: ", "- ", "? ", "&a ", "!t ", "*a ", "a: [", "\"", "- - ", "%", ",", "'\n", "|\n "]
                .map(|part| part.repeat(64 * 1024 / part.len())),
        )
        .chain(["a: ".to_owned() + &"[".repeat(60_000), "a: ".to_owned() + &"{x: ".repeat(16_000)]);
    for bomb in bombs {
        let begun = Instant::now();
        let credentials = found(&linux().file(NEW, 0o600, &bomb));
        assert_eq!(credentials.token, None);
        assert!(begun.elapsed() < Duration::from_secs(5), "{:?} for {bomb:.20}", begun.elapsed());
    }
}

#[test]
fn a_token_that_others_can_read_is_used_and_told_of() {
    let credentials = found(&linux().file(NEW, 0o640, file("https://circleci.com", "new")));
    assert!(credentials.token.is_some());
    assert!(credentials.notes[0].contains("mode 640 lets others read it"), "{:?}", credentials.notes);
    let flag = Options { token_file: Some("/t".into()), ..options() };
    let credentials = looked(&linux().file("/t", 0o604, secret("flag")), &flag).expect("is found");
    assert!(credentials.notes[0].starts_with("/t holds a token, and its mode 604"), "{:?}", credentials.notes);
    // Of a file whose token is not used there is nothing to say.
    let unused = linux().file(NEW, 0o644, file("https://circleci.com", "new")).variable("CIRCLE_TOKEN", &secret("env"));
    assert!(found(&unused).notes.is_empty());
}

#[test]
fn certificates_of_the_old_file_are_for_its_own_installation() {
    let text = format!("{}tls_cert: /etc/ca.pem\ntls_insecure: true\n", file("https://ci.example.org", "old"));
    let system = || linux().directory("/etc", 0o755).file("/etc/ca.pem", 0o644, "").file(OLD, 0o600, &text);
    let credentials = found(&system());
    assert_eq!(credentials.cacert.as_deref(), Some(Path::new("/etc/ca.pem")));
    assert!(
        credentials.notes[0].contains("tls_insecure of ~/.circleci/cli.yml is not followed"),
        "{:?}",
        credentials.notes
    );
    let flag = looked(&system(), &Options { cacert: Some("/mine.pem".into()), ..options() }).expect("is found");
    assert_eq!(flag.cacert.as_deref(), Some(Path::new("/mine.pem")));
    let cloud = found(&system().variable("CIRCLE_HOST", "circleci.com").variable("CIRCLE_TOKEN", &secret("env")));
    assert!(cloud.cacert.is_none() && cloud.notes.is_empty(), "{cloud:?}");
    for (machine, why) in [
        (linux().file("/etc/ca.pem", 0o666, ""), "anybody"),
        (linux().directory("/etc", 0o777).file("/etc/ca.pem", 0o644, ""), "anybody"),
        (linux(), "cannot be looked at"),
    ] {
        let credentials = found(&machine.file(OLD, 0o600, &text));
        assert!(credentials.token.is_some() && credentials.cacert.is_none());
        assert!(credentials.notes[1].contains(why), "{:?}", credentials.notes);
    }
    let relative = found(&linux().file(OLD, 0o600, text.replace("/etc/ca.pem", "ca.pem")));
    assert!(relative.notes[1].contains("not an absolute path"), "{:?}", relative.notes);
}
