//! What an answer means. Whoever stands in between answers with any status and any words, so a yes or a no is believed only
//! in the form in which CircleCI's API says it.

use serde_json::Value;

use super::{Answer, Ask, Client, DOCUMENT};
use crate::{
    circleci::{ApiError, time},
    system::HttpResponse,
};

/// Characters of CircleCI's own words that are kept.
pub(super) const WORDS: usize = 200;
/// Length of the shortest text that is looked at for the token; tokens have forty letters and more.
const SECRET: usize = 16;
/// Where a refusal has its words: v1.1 and v2, then v3.
const MESSAGES: [&str; 3] = ["/message", "/error/detail", "/error/title"];
/// Statuses that only something on the way gives: a proxy and a network that want to know who is there.
const ON_THE_WAY: [u16; 2] = [407, 511];

impl Client<'_> {
    /// An answer of the 200s, whole and in its form; everything else is an error.
    pub(super) fn verdict(&self, answer: HttpResponse, ask: &Ask) -> Result<Answer, ApiError> {
        let status = answer.status;
        let document = || serde_json::from_slice::<Value>(&answer.body).ok();
        let no_answer = |what| ApiError::NotTheApi { host: self.host.to_string(), status, what };
        match status {
            300..=399 => Err(ApiError::Redirected { host: self.host.to_string(), to: self.place(&answer) }),
            429 => Err(ApiError::Limited(
                answer
                    .header("retry-after")
                    .and_then(|text| time::wait(text, answer.header("date"), self.system.now())),
            )),
            status if ON_THE_WAY.contains(&status) => Err(no_answer(kind(&answer))),
            500..=599 => Err(ApiError::Down(status)),
            _ if !answer.complete && answer.body.len() >= DOCUMENT => Err(ApiError::Endless(ask.about)),
            _ if !answer.complete => Err(ApiError::BrokenOff),
            200..=299 if ask.plain => match kind(&answer) {
                A_PAGE => Err(no_answer(A_PAGE)),
                _ => Ok(Answer { text: self.hidden(&String::from_utf8_lossy(&answer.body)), document: Value::Null }),
            },
            200..=299 => match document() {
                Some(mut document) => {
                    self.hide_in(&mut document);
                    Ok(Answer { text: String::new(), document })
                }
                None => Err(no_answer(kind(&answer))),
            },
            404 | 416 if ask.plain && kind(&answer) != A_PAGE => Err(ApiError::NotFound),
            _ => {
                Err(document().and_then(|document| self.refusal(status, &document)).unwrap_or(no_answer(kind(&answer))))
            }
        }
    }

    /// A no in CircleCI's own form.
    fn refusal(&self, status: u16, document: &Value) -> Option<ApiError> {
        let message = MESSAGES.iter().find_map(|path| document.pointer(path)?.as_str())?;
        let message = self.words(message);
        Some(match status {
            401 => ApiError::Rejected,
            403 => ApiError::Forbidden(message),
            404 => ApiError::NotFound,
            status => ApiError::Refused { status, message },
        })
    }

    /// Where an answer sends us, without what stands behind the `?`, which is often a secret.
    fn place(&self, answer: &HttpResponse) -> String {
        let to = answer.header("location").unwrap_or("nowhere");
        self.words(to.split(['?', '#']).next().unwrap_or_default())
    }

    /// A stranger's words, short and without the token, should they repeat it.
    fn words(&self, text: &str) -> String {
        let text: String = text.chars().filter(|c| !c.is_control()).collect();
        // Hidden before it is cut: a part of a token is a secret too.
        self.hidden(&text).chars().take(WORDS).collect()
    }

    fn hidden(&self, text: &str) -> String {
        self.token.as_ref().map_or_else(|| text.to_owned(), |token| token.hide_in(text).into_owned())
    }

    /// Takes the token out of every text of a document: what it tells is printed.
    fn hide_in(&self, document: &mut Value) {
        match document {
            Value::String(text) if text.len() >= SECRET => *text = self.hidden(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.hide_in(item)),
            Value::Object(fields) => fields.values_mut().for_each(|field| self.hide_in(field)),
            _ => {}
        }
    }
}

/// HTML, as captive portals and proxies answer.
const A_PAGE: &str = "a web page";

/// What came in place of the API's answer.
fn kind(answer: &HttpResponse) -> &'static str {
    let start = answer.body.iter().find(|byte| !byte.is_ascii_whitespace());
    let html = answer.header("content-type").is_some_and(|kind| kind.contains("html"));
    match start {
        None => "an empty page",
        Some(b'<') => A_PAGE,
        _ if html => A_PAGE,
        _ if serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok() => "another service",
        _ => "something that is no JSON",
    }
}
