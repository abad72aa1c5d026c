mod files;
mod keyring;

use std::time::Duration;

use super::*;
use crate::system::{Platform, recorded::Recorded};

/// Every secret of these tests has this in it, whatever else it has.
const MARK: &str = "5ec2e7";
const NEW: &str = "/home/ana/.config/circleci/config.yml";
const OLD: &str = "/home/ana/.circleci/cli.yml";

fn secret(of: &str) -> String {
    format!("CCIPAT_{MARK}_{of}")
}

fn linux() -> Recorded {
    Recorded::new(Platform::Linux).user("ana", "/home/ana")
}

fn options() -> Options {
    Options { limit: Duration::from_secs(2), ..Options::default() }
}

fn looked(system: &Recorded, options: &Options) -> Result<Credentials, CredentialsError> {
    find(system, &system.account(), options)
}

fn found(system: &Recorded) -> Credentials {
    looked(system, &options()).expect("nothing that was named is wrong")
}

/// Which token was found, where, and for which installation.
fn summary(credentials: &Credentials) -> (String, String, String) {
    let (token, source) = credentials.token.as_ref().map_or_else(Default::default, |(token, source)| {
        (token.header().1.rsplit('_').next().unwrap_or_default().to_owned(), source.to_string())
    });
    (token, source, credentials.host.to_string())
}

fn file(host: &str, token: &str) -> String {
    format!("host: {host}\ntoken: {}\n", secret(token))
}

#[test]
fn the_order_is_the_documented_one() {
    let mut system = linux().file(OLD, 0o600, file("https://circleci.com", "old"));
    let mut options = options();
    let expect = |system: &Recorded, options: &Options, token: &str, source: &str| {
        let credentials = looked(system, options).expect("is found");
        assert_eq!(summary(&credentials), (token.into(), source.into(), "https://circleci.com".into()));
        assert_eq!((credentials.why_no_token, credentials.notes), (None, Vec::new()));
    };
    expect(&system, &options, "old", "~/.circleci/cli.yml");
    system = system.file(NEW, 0o600, file("https://circleci.com", "new"));
    expect(&system, &options, "new", "~/.config/circleci/config.yml");
    for (name, token) in [("CIRCLECI_CLI_TOKEN", "third"), ("CIRCLE_CLI_TOKEN", "second"), ("CIRCLE_TOKEN", "first")] {
        system = system.variable(name, &secret(token));
        expect(&system, &options, token, &format!("the variable {name}"));
    }
    system = system.file("/run/token", 0o600, secret("flag") + "\r\n");
    options.token_file = Some("/run/token".into());
    expect(&system, &options, "flag", "/run/token (--token-file)");
    assert!(system.ran().is_empty(), "a keyring was asked although there was a token");
}

#[test]
fn without_anything_it_is_the_cloud_and_there_is_a_reason() {
    let credentials = found(&linux().variable("CIRCLE_TOKEN", " ").variable("CIRCLE_HOST", ""));
    assert_eq!((credentials.host, credentials.host_from), (Host::cloud(), HostSource::Nothing));
    assert!(credentials.token.is_none() && credentials.notes.is_empty());
    let why = credentials.why_no_token.expect("a reason");
    assert!(why.contains("CIRCLE_TOKEN, CIRCLE_CLI_TOKEN, CIRCLECI_CLI_TOKEN"), "{why}");
}

#[test]
fn a_stored_token_goes_to_no_other_installation() {
    let server = linux().file(OLD, 0o600, file("https://ci.example.org", "old"));
    assert_eq!(summary(&found(&server)).2, "https://ci.example.org");
    assert_eq!(found(&server).host_from.to_string(), "~/.circleci/cli.yml");
    let named = |host: &str| looked(&server, &Options { host: Some(host.into()), ..options() }).expect("is found");
    assert!(named("ci.example.org").token.is_some());
    for other in ["circleci.com", "ci.example.org:8443", "http://127.0.0.1:4000", "ci.example.org.evil.example"] {
        let credentials = named(other);
        assert_eq!(credentials.token, None, "{other}");
        assert_eq!(
            (&credentials.host, &credentials.host_from),
            (&Host::parse(other).expect("a host"), &HostSource::Flag)
        );
        let why = credentials.why_no_token.expect("a reason");
        assert!(why.contains("~/.circleci/cli.yml has a token for https://ci.example.org, but the host on"), "{why}");
    }
    // A file that names none is for the cloud.
    let cloud = linux().file(NEW, 0o600, format!("token: {}", secret("new"))).variable("CIRCLE_HOST", "ci.example.org");
    let credentials = found(&cloud);
    assert_eq!(credentials.token, None);
    let why = credentials.why_no_token.expect("a reason");
    assert!(
        why.contains("for https://circleci.com, but the variable CIRCLE_HOST says https://ci.example.org"),
        "{why}"
    );
}

#[test]
fn the_next_file_may_have_the_token_for_the_named_installation() {
    let system = linux()
        .file(NEW, 0o600, file("https://circleci.com", "new"))
        .file(OLD, 0o600, file("https://ci.example.org/", "old"))
        .variable("CIRCLECI_CLI_HOST", "https://ci.example.org");
    let credentials = found(&system);
    assert_eq!(summary(&credentials), ("old".into(), "~/.circleci/cli.yml".into(), "https://ci.example.org".into()));
    assert!(
        credentials.notes[0].contains("config.yml has a token for https://circleci.com"),
        "{:?}",
        credentials.notes
    );
}

#[test]
fn hosts_are_taken_in_order() {
    let system = linux()
        .variable("CIRCLE_TOKEN", &secret("first"))
        .variable("CIRCLECI_CLI_HOST", "two.example.org")
        .file(NEW, 0o600, "host: https://four.example.org\n");
    assert_eq!(found(&system).host_from, HostSource::Variable("CIRCLECI_CLI_HOST"));
    let system = system.variable("CIRCLE_HOST", "one.example.org");
    assert_eq!(summary(&found(&system)).2, "https://one.example.org");
    let flag = Options { host: Some("zero.example.org".into()), ..options() };
    assert_eq!(summary(&looked(&system, &flag).expect("is found")).2, "https://zero.example.org");
}

#[test]
fn a_variable_goes_where_the_cli_that_reads_it_would_send_it() {
    let both = || {
        linux().file(NEW, 0o600, "host: https://new.example.org\n").file(
            OLD,
            0o600,
            "host: https://old.example.org\ntoken: \"\"\n",
        )
    };
    for (name, host) in [
        ("CIRCLE_TOKEN", "https://new.example.org"),
        ("CIRCLE_CLI_TOKEN", "https://new.example.org"),
        ("CIRCLECI_CLI_TOKEN", "https://old.example.org"),
    ] {
        assert_eq!(summary(&found(&both().variable(name, &secret("env")))).2, host);
    }
    let only_old = linux().file(OLD, 0o600, "host: https://old.example.org\n");
    assert_eq!(summary(&found(&only_old.variable("CIRCLE_TOKEN", &secret("env")))).2, "https://circleci.com");
    let file = Options { token_file: Some("/t".into()), ..options() };
    let flag =
        |system: Recorded| summary(&looked(&system.file("/t", 0o600, secret("flag")), &file).expect("is found")).2;
    assert_eq!(flag(both()), "https://new.example.org");
    assert_eq!(flag(linux().file(OLD, 0o600, "host: https://old.example.org\n")), "https://old.example.org");
    assert_eq!(flag(linux()), "https://circleci.com");
}

#[test]
fn a_token_goes_nowhere_where_its_host_cannot_be_read() {
    for bad in
        ["host: http://ci.example.org", "host: [a, b]", "<<: *x", "host: https://a\nhost: https://b", "host: \"x"]
    {
        let system = linux().file(NEW, 0o600, bad).variable("CIRCLE_TOKEN", &secret("env"));
        let credentials = found(&system);
        assert_eq!(credentials.token, None, "{bad}");
        let why = credentials.why_no_token.expect("a reason");
        assert!(
            why.contains("~/.config/circleci/config.yml does not say which host it is for; set CIRCLE_HOST"),
            "{why}"
        );
        let named = found(&system.variable("CIRCLE_HOST", "https://ci.example.org"));
        assert_eq!(summary(&named).2, "https://ci.example.org", "{bad}");
    }
    let shut = linux().file(OLD, 0o600, "x").owned_by(OLD, 0, true);
    assert_eq!(found(&shut.variable("CIRCLECI_CLI_TOKEN", &secret("env"))).token, None);
    // The other CLI's file has no part in it.
    let shut = linux().file(OLD, 0o600, "x").owned_by(OLD, 0, true);
    assert!(found(&shut.variable("CIRCLE_TOKEN", &secret("env"))).token.is_some());
}

#[test]
fn a_variable_that_holds_no_token_makes_nobody_act_as_somebody_else() {
    let system = linux()
        .file(NEW, 0o600, file("https://circleci.com", "new"))
        .variable("CIRCLE_TOKEN", &format!("export CIRCLE_TOKEN={}", secret("env")))
        .variable("CIRCLE_CLI_TOKEN", &secret("other"));
    let credentials = found(&system);
    assert_eq!(credentials.token, None);
    let why = credentials.why_no_token.expect("a reason");
    assert!(why.contains("CIRCLE_TOKEN holds no token: it is a whole line that sets a variable"), "{why}");
}

#[test]
fn what_was_named_and_cannot_be_used_is_an_error() {
    let said = |system: &Recorded, options: Options| looked(system, &options).expect_err("an error").to_string();
    let token_file = |path: &str| Options { token_file: Some(path.into()), ..options() };
    let system = linux()
        .file("/secret", 0o600, format!("CIRCLE_TOKEN={}", secret("flag")))
        .directory("/folder", 0o755)
        .file("/shut", 0o600, secret("flag"))
        .owned_by("/shut", 0, true)
        .file(NEW, 0o600, file("https://circleci.com", "new"));
    assert!(said(&system, token_file("/nowhere")).contains("/nowhere cannot be read"));
    assert!(said(&system, token_file("/folder")).contains("regular file"));
    assert!(said(&system, token_file("/shut")).contains("permission denied"));
    assert!(said(&system, token_file("/secret")).contains("/secret holds no token: it is a whole line"));
    let itself = said(&system, token_file(&secret("flag")));
    assert!(itself.contains("was given a token") && !itself.contains(MARK), "{itself}");
    assert!(!said(&system, token_file(&"5e".repeat(20))).contains("5e5e"));
    let host = Options { host: Some("http://ana:pw@ci.example.org".into()), ..options() };
    let host = said(&system, host);
    assert!(host.starts_with("the host on the command line names no CircleCI installation") && !host.contains("pw"));
    let variable = said(&system.variable("CIRCLE_HOST", "http://ci.example.org"), options());
    assert!(variable.contains("CIRCLE_HOST") && variable.contains("clear text"), "{variable}");
}

#[test]
fn no_token_shows() {
    let token = secret("x");
    let systems = [
        linux().variable("CIRCLE_TOKEN", &token),
        linux().variable("CIRCLE_TOKEN", &format!("'{token}'")),
        linux().variable("CIRCLECI_CLI_TOKEN", &format!("{token} {token}")),
        linux().variable("CIRCLE_HOST", &format!("https://{token}@circleci.com")),
        linux().variable("CIRCLE_HOST", &format!("https://circleci.com/{token}")),
        linux().file("/t", 0o644, &token),
        linux().file("/t", 0o600, format!("token: {token}")),
        linux().file(NEW, 0o644, file("https://circleci.com", "new")),
        linux().file(NEW, 0o600, file("https://other.example", "new")).variable("CIRCLE_HOST", "circleci.com"),
        linux().file(NEW, 0o600, format!("token: \"{token}\n")),
        linux().file(NEW, 0o600, format!("token: {token}: {token}\n- {token}")),
        linux().file(NEW, 0o600, format!("token: &{token} *{token}_no\n")),
        linux().file(NEW, 0o600, &token),
        linux().file(NEW, 0o600, format!("host: https://{token}@circleci.com\ntoken: {token}")),
        linux().file(OLD, 0o600, format!("token: '{token} {token}'\ntls_insecure: true\ntls_cert: /{MARK}\n")),
        keyring::open(&token),
        keyring::open(&format!("go-keyring-base64:!{token}")),
        keyring::open(&format!("{token} {token}")),
    ];
    for (number, system) in systems.iter().enumerate() {
        let mut options = options();
        options.token_file = system.metadata(Path::new("/t")).is_ok().then(|| "/t".into());
        let shown = match looked(system, &options) {
            Ok(credentials) => {
                let source = credentials.token.as_ref().map(|(_, source)| source.to_string());
                let told = credentials.notes.join("\n");
                format!(
                    "{credentials:?} {credentials:#?} {source:?} {told} {} {}",
                    credentials.host, credentials.host_from
                )
            }
            Err(error) => format!("{error:?} {error:#?} {error}"),
        };
        // A certificate's path is shown, and is no secret.
        assert!(!shown.replace(&format!("/{MARK}"), "").contains(MARK), "{number}: {shown}");
        assert!(!format!("{:?}", system.ran()).contains(MARK), "{number}: a program was given the token");
    }
}
