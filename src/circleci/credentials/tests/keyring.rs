use base64::{Engine as _, engine::general_purpose::STANDARD};

use super::*;
use crate::system::Ran;

const SECURITY: &str = "/usr/bin/security";
const BUSCTL: &str = "/usr/bin/busctl";
const TOOL: &str = "/usr/bin/secret-tool";
const CLOUD: &str = "com.circleci.cli:https://circleci.com";

fn printed(text: &str) -> Ran {
    Ran { code: Some(0), stdout: text.into(), ..Ran::default() }
}

fn failed(code: i32) -> Ran {
    Ran { code: Some(code), stderr: b"what it says is not repeated".to_vec(), ..Ran::default() }
}

/// A Linux machine on which today's CLI has logged in, and whose bus answers so about this service.
fn linux_with(service: &'static str, bus: &str, secret: Ran) -> Recorded {
    let bus = printed(bus);
    linux()
        .file(NEW, 0o600, "host: https://circleci.com\n")
        .program(BUSCTL)
        .program(TOOL)
        .answer(BUSCTL, move |args| {
            assert_eq!(args[..4], ["--user", "--auto-start=no", "--allow-interactive-authorization=no", "call"]);
            assert_eq!(args[7..10], ["SearchItems", "a{ss}", "2"]);
            let asked = args[10..] == ["service", service, "username", "ana"];
            Some(if asked { bus.clone() } else { printed("aoao 0 0\n") })
        })
        .answer(TOOL, move |args| {
            assert_eq!(args, ["lookup", "service", service, "username", "ana"]);
            Some(secret.clone())
        })
}

/// The same with an open keyring that holds this.
pub(super) fn open(text: &str) -> Recorded {
    linux_with(CLOUD, "aoao 1 \"/org/freedesktop/secrets/collection/login/17\" 0\n", printed(text))
}

fn mac(host: &str, answer: impl Fn(&str) -> Ran + Send + Sync + 'static) -> Recorded {
    Recorded::new(Platform::Macos)
        .user("ana", "/Users/ana")
        .file("/Users/ana/.config/circleci/config.yml", 0o600, format!("host: {host}\n"))
        .answer(SECURITY, move |args| {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let ["find-generic-password", "-s", service, "-wa", "ana"] = args[..] else { return None };
            Some(answer(service))
        })
}

fn why(system: &Recorded) -> String {
    let credentials = found(system);
    assert_eq!(credentials.token, None);
    credentials.why_no_token.expect("a reason")
}

#[test]
fn an_open_keyring_gives_the_token() {
    let system = open(&secret("ring"));
    let credentials = found(&system);
    assert_eq!(credentials.token.as_ref().map(|(_, source)| source), Some(&TokenSource::Keyring));
    assert_eq!((summary(&credentials).0.as_str(), &credentials.host), ("ring", &Host::cloud()));
    assert_eq!(system.ran().len(), 2);
}

#[test]
fn a_keyring_that_is_locked_or_not_there_is_not_touched() {
    for (bus, reason) in [
        ("aoao 0 1 \"/org/freedesktop/secrets/collection/login/17\"\n", "the keyring is locked"),
        ("aoao 0 0\n", "no token was found"),
        ("", "not understood"),
        ("aoao", "not understood"),
        ("aoao 2 \"/x\" 0", "not understood"),
        ("aoao -1 0", "not understood"),
        ("aoao 99999999999999999999 0", "not understood"),
        ("as 1 \"x\"", "not understood"),
    ] {
        let system = linux_with(CLOUD, bus, printed(&secret("ring")));
        let why = why(&system);
        assert!(why.contains(reason), "{bus}: {why}");
        assert!(system.ran().iter().all(|line| line[0] == BUSCTL), "{bus}: {:?}", system.ran());
    }
    let machine = || linux().file(NEW, 0o600, "host: https://circleci.com\n");
    assert!(why(&machine()).contains("busctl is not installed"));
    assert!(why(&machine().program(BUSCTL)).contains("secret-tool is not installed"));
    let silent = machine().program(BUSCTL).program(TOOL).answer(BUSCTL, |_| Some(failed(1)));
    assert!(why(&silent).contains("no keyring runs in this session"));
    let slow = Ran { timed_out: true, ..Ran::default() };
    let slow = machine().program(BUSCTL).program(TOOL).answer(BUSCTL, move |_| Some(slow.clone()));
    assert!(why(&slow).contains("/usr/bin/busctl gave no answer in time"));
    let gone = machine().program(BUSCTL).program(TOOL);
    assert!(why(&gone).contains("/usr/bin/busctl cannot be started"));
    let open = "aoao 1 \"/x\" 0";
    assert!(why(&linux_with(CLOUD, open, failed(1))).contains("secret-tool gave no entry"));
    assert!(why(&linux_with(CLOUD, open, printed("two words"))).contains("its entry holds no token"));
    assert!(why(&linux_with(CLOUD, open, printed(""))).contains("its entry holds no token: it is empty"));
}

#[test]
fn the_keychain_is_read_in_every_encoding_of_go_keyring() {
    let token = secret("ring");
    let digits: String = token.bytes().map(|byte| format!("{byte:02x}")).collect();
    for stored in [
        format!("{token}\n"),
        format!("go-keyring-base64:{}\n", STANDARD.encode(&token)),
        format!("go-keyring-encoded:{digits}\n"),
    ] {
        let system =
            mac("https://circleci.com", move |service| if service == CLOUD { printed(&stored) } else { failed(44) });
        assert_eq!(summary(&found(&system)).0, "ring");
    }
    for damaged in ["go-keyring-base64:*", "go-keyring-encoded:5", "go-keyring-encoded:zz", "go-keyring-base64:/w=="] {
        let why = why(&mac("https://circleci.com", move |_| printed(damaged)));
        assert!(why.contains("its entry is damaged"), "{damaged}: {why}");
    }
    assert!(why(&mac("https://circleci.com", |_| failed(44))).starts_with("no token was found"));
    assert!(why(&mac("https://circleci.com", |_| failed(36))).contains("the keychain is locked"));
}

#[test]
fn an_entry_is_looked_up_for_the_installation_and_as_its_host_is_written() {
    let asked = |system: &Recorded| -> Vec<String> { system.ran().into_iter().map(|line| line[3].clone()).collect() };
    let system = mac("ci.example.org/", |service| {
        if service == "com.circleci.cli:ci.example.org/" { printed(&secret("ring")) } else { failed(44) }
    });
    assert_eq!(summary(&found(&system)).2, "https://ci.example.org");
    assert_eq!(asked(&system), ["com.circleci.cli:https://ci.example.org", "com.circleci.cli:ci.example.org/"]);
    // Another installation is named: its entry, and not the one of the file's.
    let system = mac("ci.example.org/", |_| failed(44)).variable("CIRCLE_HOST", "circleci.com");
    assert_eq!(found(&system).token, None);
    assert_eq!(asked(&system), [CLOUD]);
}

#[test]
fn no_keyring_is_asked_without_need() {
    for system in [
        open("x").variable("CIRCLE_TOKEN", &secret("env")),
        open("x").file(NEW, 0o600, file("https://circleci.com", "new")),
        open("x").file(NEW, 0o600, "host: http://ci.example.org"),
        linux().program(BUSCTL).program(TOOL),
        linux().program(BUSCTL).program(TOOL).file(OLD, 0o600, "host: https://circleci.com"),
    ] {
        found(&system);
        assert!(system.ran().is_empty(), "{:?}", system.ran());
    }
    // The old CLI's token comes behind the keyring.
    let both = open(&secret("ring")).file(OLD, 0o600, file("https://circleci.com", "old"));
    assert_eq!(summary(&found(&both)).0, "ring");
    let windows = Recorded::new(Platform::Windows).user("ana", r"C:\Users\ana").file(
        r"C:\Users\ana/.config/circleci/config.yml",
        0o600,
        "host: https://circleci.com",
    );
    assert!(why(&windows).contains("Windows Credential Manager"));
    let nameless = open("x").with_account(Account { home: Some("/home/ana".into()), ..Account::default() });
    assert!(why(&nameless).contains("login name is not known"));
    let odd = Account { name: Some("--help".into()), home: Some("/home/ana".into()), ..Account::default() };
    assert!(why(&open("x").with_account(odd)).contains("cannot be handed to"));
}
