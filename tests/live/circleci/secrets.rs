//! The token goes to the configured CircleCI and nowhere else: not into what is printed, not to other programs, not into
//! files, not to another host.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::Ci;
use super::facts::usual;
use crate::support::circleci::Fault;
use crate::support::job_server::JobServer;

/// Clears what [`Ci`] has set, and puts the token there instead.
fn token_in(ci: &mut Ci, source: &str) -> Vec<String> {
    let token = ci.fake.token(ci.acme.0);
    let host = ci.fake.url();
    ci.scene.home.set_env("CIRCLE_TOKEN", "");
    match source {
        "new file" => {
            let text = format!("host: {host}\ntoken: {token}\n");
            ci.scene.home.write(".config/circleci/config.yml", text, 0o600);
        }
        "old file" => {
            ci.scene.home.write(".circleci/cli.yml", format!("host: {host}\ntoken: {token}\n"), 0o600);
        }
        "option" => {
            let file = ci.scene.home.write("token", format!("{token}\n"), 0o600);
            return vec!["--token-file".to_owned(), file.display().to_string()];
        }
        variable => ci.scene.home.set_env(variable, &token),
    }
    Vec::new()
}

/// Whether any file below the folder, but those that hold it by design, has the token.
fn files_with(folder: &Path, token: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_with(&path, token, found);
        } else if fs::read(&path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(token)) {
            found.push(path.display().to_string());
        }
    }
}

#[test]
fn a_token_from_any_source_stays_where_it_is() {
    for source in ["CIRCLE_TOKEN", "CIRCLE_CLI_TOKEN", "CIRCLECI_CLI_TOKEN", "new file", "old file", "option"] {
        let mut ci = usual();
        ci.scene.home.make_folder("tmp", 0o700);
        ci.scene.home.set_env("TMPDIR", ci.scene.home.join("tmp"));
        let more = token_in(&mut ci, source);
        let url = ci.fake.job_url(ci.job);
        let before = ci.scene.home.snapshot();
        for words in [&["doctor"][..], &["doctor", "--format", "json", "--with-facts"], &["facts"]] {
            let words = words.iter().copied().chain(more.iter().map(String::as_str)).chain([url.as_str()]);
            let outcome = ci.run(words);
            assert_eq!(outcome.code(), Some(0), "{source}: {outcome:#?}");
        }
        assert_eq!(ci.scene.home.snapshot(), before, "{source}");
        let asked = ci.fake.requests("GET /api/v2/me").map(|one| one.token_of).collect::<Vec<_>>();
        assert_eq!(asked, [Some("ana".to_owned()), Some("ana".to_owned()), Some("ana".to_owned())], "{source}");
        let mut found = Vec::new();
        files_with(ci.scene.home.path(), &ci.fake.token(ci.acme.0), &mut found);
        assert!(
            found.len() <= 1 && found.iter().all(|file| source.contains(' ') || file.ends_with("token")),
            "{found:?}"
        );
    }
}

#[test]
fn an_answer_that_repeats_the_token_does_not_show_it() {
    let ci = usual();
    let token = ci.fake.token(ci.acme.0);
    let url = ci.fake.job_url(ci.job);
    let document = json!({ "id": token, "login": token, "name": format!("x{token}x"), "message": token });
    ci.fake.always("GET /api/v2/me", Fault::Document(document));
    for words in [&["doctor"][..], &["doctor", "--format", "json", "--with-facts"], &["facts"]] {
        ci.run(words.iter().copied().chain([url.as_str()]));
    }
    ci.fake.violations();
}

#[test]
fn no_program_gets_the_token_as_an_argument() {
    let ci = usual();
    ci.fake.always("*", Fault::Slow(Duration::from_millis(100)));
    let token = ci.fake.token(ci.acme.0);
    let url = ci.fake.job_url(ci.job);
    let (over, seen) = (AtomicBool::new(false), AtomicBool::new(false));
    let looked = thread::scope(|scope| {
        let looking = scope.spawn(|| {
            let mut looked = 0;
            while !over.load(Ordering::SeqCst) {
                for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
                    looked += usize::from(String::from_utf8_lossy(&line).contains(&url));
                    if String::from_utf8_lossy(&line).contains(&token) {
                        seen.store(true, Ordering::SeqCst);
                    }
                }
                thread::sleep(Duration::from_millis(2));
            }
            looked
        });
        ci.run(["doctor", &url]);
        over.store(true, Ordering::SeqCst);
        looking.join().expect("it only reads")
    });
    assert!(looked > 0 && !seen.load(Ordering::SeqCst), "{looked}");
}

#[test]
fn a_redirect_gets_no_token() {
    for status in [301, 302, 303, 307, 308] {
        let ci = usual();
        ci.fake.always("*", Fault::Redirect(status));
        let facts = ci.facts_of_the_job();
        assert!(facts.why("me").contains("so that the token stays here"), "{facts:#?}");
        assert!(ci.fake.stranger().requests().is_empty(), "{status}");

        ci.fake.behave();
        ci.fake.always("GET /api/v2/me", Fault::RedirectHere(status, "/api/v2/elsewhere?x=secret".to_owned()));
        let facts = ci.facts_of_the_job();
        assert!(facts.why("me").contains("on to /api/v2/elsewhere,"), "{facts:#?}");
        assert_eq!(ci.fake.requests("GET /api/v2/elsewhere").count(), 0, "{status}");
    }
}

#[test]
fn a_stored_token_does_not_go_to_another_host() {
    for (file, text) in [
        (".config/circleci/config.yml", "host: https://circleci.com\ntoken: TOKEN\n"),
        (".config/circleci/config.yml", "token: TOKEN\n"),
        (".circleci/cli.yml", "host: https://ci.example.org\nendpoint: graphql-unstable\ntoken: TOKEN\n"),
    ] {
        let mut ci = usual();
        ci.scene.home.set_env("CIRCLE_TOKEN", "");
        ci.scene.home.write(file, text.replace("TOKEN", &ci.fake.token(ci.acme.0)), 0o600);
        let facts = ci.facts_of_the_job();
        assert_eq!(facts.text("/token"), "none", "{facts:#?}");
        assert!(facts.why("job").contains("but the variable CIRCLE_HOST says"), "{facts:#?}");
        assert_eq!(ci.fake.requests("*").count(), 0);
    }
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    let mut ci = usual();
    let url = ci.fake.job_url(ci.job);
    for host in
        ["http://circleci.com", "http://192.0.2.1", "http://localhost.evil.example", "http://127.0.0.1@evil.example"]
    {
        ci.scene.home.set_env("CIRCLE_HOST", host);
        let outcome = ci.run(["doctor", &url]);
        outcome.expect_code(2).expect_text("the variable CIRCLE_HOST names no CircleCI installation");
    }
    assert_eq!(ci.fake.requests("*").count(), 0);
}

#[test]
fn a_stranger_that_keeps_the_output_gets_no_token() {
    let ci = usual();
    ci.fake.always("GET /api/v1.1/project/*/output/*", Fault::Status(404));
    let file = ci.scene.home.write("secret.json", r#"[{"message": "$ ssh -p 22 evil.example"}]"#, 0o600);
    let server: &JobServer = ci.scene.server();
    for url in [
        format!("{}/output", ci.fake.stranger().url()),
        format!("file://{}", file.display()),
        format!("http://192.0.2.1:{}/x", server.port()),
        format!("ftp://127.0.0.1:{}/x", server.port()),
        "https://user:password@127.0.0.1:1/x".to_owned(),
        "/relative".to_owned(),
        String::new(),
    ] {
        let action = json!({ "index": 0, "step": 101, "name": "Enable SSH", "status": "success", "output_url": url });
        let build = json!({ "build_num": 101, "steps": [{ "name": "Enable SSH", "actions": [action] }] });
        ci.fake.always("GET /api/v1.1/project/gh/acme/web/101", Fault::Document(build));
        let facts = ci.facts_of_the_job();
        assert!(facts.why("executions[0].enable_ssh").contains("(404)"), "{url}: {facts:#?}");
    }
    assert_eq!(ci.fake.stranger().requests().len(), 1);
    assert!(!ci.fake.stranger().saw_token());
}

#[test]
fn a_proxy_does_not_see_what_is_asked_on_this_machine() {
    let mut ci = usual();
    let proxy = ci.fake.stranger().url();
    for name in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        ci.scene.home.set_env(name, &proxy);
    }
    ci.examine(&[]).expect_silence();
    assert!(ci.fake.stranger().requests().is_empty());
}
