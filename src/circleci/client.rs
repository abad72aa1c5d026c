//! Asks CircleCI: one place for the token, the limits, the tries, and what counts as an answer.
//!
//! Calls stand in [`super::api`], a file per version. A call that needs another method: [`System::http`] first. What an
//! answer means is decided in [`verdict`].

#[cfg(test)]
mod tests;
mod verdict;

use std::{
    sync::{Mutex, PoisonError},
    thread,
    time::{Duration, Instant},
};

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::{ApiError, Credentials, Host, Token, document, slug::encoded, time};
use crate::system::{Http, HttpFault, HttpRequest, HttpSettings, Method, System};

/// Longest document that is read, in bytes: 100 builds of `recent-builds` come to some 400 KiB.
const DOCUMENT: usize = 8 << 20;
/// Longest time for one request, so that a slow one leaves room for another try.
const ONE_REQUEST: Duration = Duration::from_secs(10);
/// How often something is tried that may pass.
const TRIES: u32 = 4;
/// The pause before the second try; it doubles.
const PAUSE: Duration = Duration::from_millis(250);
/// Most pages of one list.
const PAGES: usize = 50;
/// Requests at a time.
const AT_ONCE: usize = 8;

/// Which header the token goes into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Proof {
    /// `Circle-Token`, as v1.1 and v2 want it.
    CircleToken,
    /// `Authorization: Bearer`, as v3 wants it.
    Bearer,
    /// None: a page for everybody, or an address that was signed for us.
    Nobody,
}

/// A connection to one CircleCI installation.
pub struct Client<'a> {
    http: Box<dyn Http + 'a>,
    system: &'a dyn System,
    host: Host,
    token: Option<Token>,
    deadline: Instant,
    seen: Mutex<Option<time::Seen>>,
}

/// What is asked for.
pub(super) struct Ask {
    pub(super) method: Method,
    /// The whole address.
    pub(super) url: String,
    pub(super) proof: Proof,
    pub(super) body: Option<Value>,
    /// The answer is text, not JSON.
    pub(super) plain: bool,
    /// What it is about, for people.
    pub(super) about: &'static str,
}

/// What came, whole.
#[derive(Debug)]
pub(super) struct Answer {
    /// The text, where that was asked for.
    pub(super) text: String,
    /// The document, else.
    pub(super) document: Value,
}

impl<'a> Client<'a> {
    /// Nothing is sent yet. `limit` is for everything that is asked later.
    ///
    /// # Errors
    /// When the file with certificates (`--cacert`) cannot be used.
    pub fn new(system: &'a dyn System, credentials: &Credentials, limit: Duration) -> std::io::Result<Self> {
        let settings = HttpSettings {
            ca_certificates: credentials.cacert.clone(),
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).into(),
        };
        Ok(Self {
            http: system.http(&settings)?,
            system,
            host: credentials.host.clone(),
            token: credentials.token.as_ref().map(|(token, _)| token.clone()),
            deadline: Instant::now() + limit,
            seen: Mutex::new(None),
        })
    }

    /// The installation that is asked.
    pub fn host(&self) -> &Host {
        &self.host
    }

    /// CircleCI's clock, and how far this machine's is ahead of it, as its last answer told.
    pub fn clock(&self) -> Option<time::Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What is left of the time.
    pub fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Sets the time for what comes.
    pub fn set_limit(&mut self, limit: Duration) {
        self.deadline = Instant::now() + limit;
    }

    /// Waits, but not beyond the time.
    pub(super) fn pause(&self, wait: Duration) {
        self.system.pause(wait.min(self.left()));
    }

    /// A document.
    pub(super) fn get<T: DeserializeOwned + Default + PartialEq>(
        &self,
        path: &str,
        proof: Proof,
        about: &'static str,
    ) -> Result<T, ApiError> {
        let url = format!("{}{path}", self.host.base());
        self.document(&Ask { method: Method::Get, url, proof, body: None, plain: false, about })
    }

    /// The answer to something that changes things; it is not repeated where it may have been heard.
    pub(super) fn post<T: DeserializeOwned + Default + PartialEq>(
        &self,
        path: &str,
        body: Option<Value>,
        proof: Proof,
        about: &'static str,
    ) -> Result<T, ApiError> {
        let url = format!("{}{path}", self.host.base());
        self.document(&Ask { method: Method::Post, url, proof, body, plain: false, about })
    }

    /// The document that answers.
    pub(super) fn document<T: DeserializeOwned + Default + PartialEq>(&self, ask: &Ask) -> Result<T, ApiError> {
        document::whole(self.ask(ask)?.document).ok_or(ApiError::Form(ask.about))
    }

    /// All items of a list of v2, page by page; `path` has its `?` already.
    pub(super) fn items<T: DeserializeOwned + Default + PartialEq>(
        &self,
        path: &str,
        about: &'static str,
    ) -> Result<Vec<T>, ApiError> {
        let mut items = Vec::new();
        let mut page: Option<String> = None;
        for _ in 0..PAGES {
            let next = page.as_ref().map(|token| format!("&page-token={}", encoded(token)));
            let answer: Page<T> =
                self.get(&format!("{path}{}", next.unwrap_or_default()), Proof::CircleToken, about)?;
            items.extend(answer.items.ok_or(ApiError::Form(about))?);
            match answer.next_page_token.filter(|token| !token.is_empty()) {
                None => return Ok(items),
                // The same page for ever.
                token if token == page => break,
                token => page = token,
            }
        }
        // Of what a part of a list does not have, nobody may say that it does not exist.
        Err(ApiError::Endless(about))
    }

    /// An answer of the 200s; everything else is an error. What may pass is tried again while there is time.
    pub(super) fn ask(&self, ask: &Ask) -> Result<Answer, ApiError> {
        let mut pause = PAUSE;
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.once(ask) {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            let wait = match &error {
                ApiError::Limited(wait) => wait.unwrap_or(pause).max(PAUSE),
                // A request that changes something may have been heard.
                error if error.passes() && ask.method == Method::Get => pause,
                _ => return Err(error),
            };
            if tries >= TRIES || wait >= self.left() {
                return Err(error);
            }
            self.pause(wait);
            pause *= 2;
        }
    }

    fn once(&self, ask: &Ask) -> Result<Answer, ApiError> {
        let mut headers = vec![("accept", if ask.plain { "*/*" } else { "application/json" }.to_owned())];
        match (ask.proof, &self.token) {
            (Proof::Nobody, _) => {}
            (_, None) => return Err(ApiError::NoToken),
            (Proof::CircleToken, Some(token)) => headers.push(("circle-token", token.header().1.into())),
            (Proof::Bearer, Some(token)) => headers.push(("authorization", format!("Bearer {}", token.header().1))),
        }
        let limit = self.left().min(ONE_REQUEST);
        if limit.is_zero() {
            return Err(ApiError::TooLate);
        }
        let body = ask.body.as_ref().map(|body| body.to_string().into_bytes());
        if body.is_some() {
            headers.push(("content-type", "application/json".to_owned()));
        }
        let request = HttpRequest { method: ask.method, url: &ask.url, headers, body, limit, cap: DOCUMENT };
        let answer = self.http.send(&request).map_err(|error| match error.fault {
            HttpFault::Timeout => ApiError::TooLate,
            _ => ApiError::Unreachable { host: self.host.to_string(), error },
        })?;
        let date = answer.header("date").map(str::to_owned);
        let verdict = self.verdict(answer, ask);
        // Another's clock says nothing about CircleCI's.
        if ask.proof != Proof::Nobody
            && verdict.as_ref().err().is_none_or(ApiError::is_its_own)
            && let Some(seen) = date.and_then(|date| time::seen(&date, self.system.now()))
        {
            *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        }
        verdict
    }
}

#[derive(Default, PartialEq, serde::Deserialize)]
#[serde(default, bound = "T: DeserializeOwned + Default")]
struct Page<T> {
    #[serde(deserialize_with = "document::field")]
    items: Option<Vec<T>>,
    #[serde(deserialize_with = "document::field")]
    next_page_token: Option<String>,
}

/// What each of `things` leads to, asked for a few at a time, in their order.
pub(super) fn side_by_side<T: Sync, A: Send>(
    things: &[T],
    ask: impl Fn(&T) -> Result<A, ApiError> + Sync,
) -> Vec<Result<A, ApiError>> {
    let mut answers = Vec::with_capacity(things.len());
    for some in things.chunks(AT_ONCE) {
        thread::scope(|scope| {
            let calls: Vec<_> = some.iter().map(|thing| scope.spawn(|| ask(thing))).collect();
            // One that panicked has a bug, and the others' answers still stand.
            answers.extend(calls.into_iter().map(|call| call.join().unwrap_or(Err(ApiError::BrokenOff))));
        });
    }
    answers
}
