//! Whose word an answer is, and what is never made of it.

use super::*;
use crate::circleci::client::verdict::WORDS;

const JSON: &[(&str, &str)] = &[("content-type", "application/json;charset=utf-8")];
const HTML: &[(&str, &str)] = &[("content-type", "text/html; charset=utf-8")];
const PAGE: &str = "<!DOCTYPE html><html><title>Sign in</title>Blocked by ACME Web Gateway</html>";

/// What is made of one answer, with little time for more.
fn made_of(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> ApiError {
    let system = cloud().http(ME, status, headers, body);
    let answer = client(&system, Duration::from_millis(100)).me();
    answer.expect_err("no answer")
}

#[test]
fn a_no_is_believed_in_circlecis_form() {
    let said = |status| made_of(status, JSON, r#"{"message": "Permission denied"}"#);
    assert_eq!(said(401), ApiError::Rejected);
    assert_eq!(said(403), ApiError::Forbidden("Permission denied".into()));
    assert_eq!(said(404), ApiError::NotFound);
    assert_eq!(said(410), ApiError::Refused { status: 410, message: "Permission denied".into() });
    let third = r#"{"error": {"id": "x", "title": "Forbidden", "detail": "Not yours", "source": {}}}"#;
    assert_eq!(made_of(403, JSON, third), ApiError::Forbidden("Not yours".into()));
}

#[test]
fn nobody_else_says_no() {
    let bodies = [PAGE, "", "Forbidden", "null", "[]", "{}", r#"{"error": "blocked"}"#, r#"{"message": 7}"#, "{'a': 1"];
    for status in [200, 203, 204, 206, 400, 401, 403, 404, 407, 410, 418, 451] {
        for body in bodies {
            for headers in [JSON, HTML, &[]] {
                let error = made_of(status, headers, body);
                let is_known = matches!(error, ApiError::NotTheApi { .. } | ApiError::Form(_));
                assert!(is_known, "{status} {body}: {error:?}");
                assert!(!error.is_its_own() || status < 300, "{status} {body}");
            }
        }
    }
}

#[test]
fn a_proxy_that_wants_a_password_is_not_circleci_whatever_it_says() {
    for status in [407, 511] {
        for body in [PAGE, r#"{"message": "Authentication required"}"#] {
            let error = made_of(status, JSON, body);
            assert!(matches!(error, ApiError::NotTheApi { .. }), "{error:?}");
        }
    }
    let error = made_of(511, HTML, PAGE).to_string();
    assert!(error.contains("not CircleCI's API but a web page (511)") && error.contains("sign-in"), "{error}");
}

#[test]
fn a_fault_is_not_laid_at_circlecis_door() {
    for (headers, body) in [(JSON, r#"{"message": "oops"}"#), (HTML, PAGE), (&[][..], "")] {
        let error = made_of(503, headers, body);
        assert_eq!(error, ApiError::Down(503));
        assert!(error.to_string().contains("or a proxy on the way"));
    }
}

#[test]
fn a_redirect_is_not_followed() {
    for status in [300, 301, 302, 303, 304, 307, 308] {
        for to in ["https://evil.example/api/v2/me?token=1#x", "/api/v2/me", "//evil.example", ""] {
            let system = cloud().http(ME, status, &[("location", to)], PAGE);
            let error = patient(&system).me().expect_err("no answer");
            assert!(matches!(error, ApiError::Redirected { .. }), "{error:?}");
            assert!(!error.to_string().contains("token=1"), "{error}");
            assert_eq!(system.asked().len(), 1, "{to}");
        }
    }
}

#[test]
fn a_token_in_a_servers_words_is_hidden_before_they_are_cut_short() {
    for before in [0, WORDS - TOKEN.len(), WORDS - 20, WORDS - 1, WORDS] {
        let message = format!("{}{TOKEN}\u{1b}[31m is refused", "x".repeat(before));
        for error in [
            made_of(403, JSON, serde_json::json!({ "message": message }).to_string()),
            made_of(302, &[("location", &message)], ""),
        ] {
            let (ApiError::Forbidden(words) | ApiError::Redirected { to: words, .. }) = &error else {
                panic!("{error:?}")
            };
            assert!(!words.contains("CCI") && !words.contains("0123") && !words.contains('\u{1b}'), "{words}");
            assert!(words.chars().count() <= WORDS, "{words}");
        }
    }
}

#[test]
fn an_answer_without_an_end_is_none() {
    let huge = format!(r#"{{"login": "{}"}}"#, "a".repeat(DOCUMENT));
    let system = cloud().http(ME, 200, JSON, huge);
    assert_eq!(patient(&system).me(), Err(ApiError::Endless("the token's owner")));
    assert_eq!(system.asked().len(), 1, "it is not fetched again");
}

#[test]
fn only_circlecis_clock_is_read() {
    let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
    let clock = |status: u16, body: &str| {
        let system = cloud().http(ME, status, &[date], body);
        let client = client(&system, Duration::from_millis(100));
        let _ = client.me();
        client.clock().map(|seen| seen.at)
    };
    let known = Some("1994-11-06T08:49:37Z".to_owned());
    assert_eq!(clock(200, r#"{"login": "ana"}"#), known);
    assert_eq!(clock(401, r#"{"message": "You must log in first."}"#), known);
    for status in [200, 302, 403, 503, 511] {
        assert_eq!(clock(status, PAGE), None, "{status}");
    }
}

#[test]
fn the_token_goes_in_one_header_and_nowhere_else() {
    let job = "GET https://circleci.com/api/v3/jobs/j";
    let system = me(cloud()).http(job, 200, JSON, r#"{"data": {"attributes": {"phase": "started"}}}"#);
    let client = patient(&system);
    assert_eq!(client.me(), ana());
    assert_eq!(client.executions("j").map(|job| job.phase), Ok(Some("started".into())));
    let asked = system.asked();
    assert_eq!(asked[0].headers, ["accept", "circle-token"]);
    assert_eq!(asked[1].headers, ["accept", "authorization"]);
    assert!(!format!("{asked:?}").contains(TOKEN));
}

#[test]
fn nothing_is_asked_without_a_token() {
    let system = me(cloud());
    let credentials = Credentials { token: None, ..credentials() };
    let client = Client::new(&system, &credentials, Duration::from_secs(1)).expect("a client");
    assert_eq!(client.me(), Err(ApiError::NoToken));
    assert_eq!(system.asked(), Vec::new());
}
