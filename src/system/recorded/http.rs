//! The servers of a recorded machine.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::Recorded;
use crate::system::{Http, HttpError, HttpFault, HttpRequest, HttpResponse, Method};

/// A request that a recorded machine was asked to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// What it asked for.
    pub method: Method,
    /// Where.
    pub url: String,
    /// The names of its headers, in lower case.
    pub headers: Vec<String>,
    /// What it sent along.
    pub body: Option<Vec<u8>>,
}

/// What is recorded for each line (`GET https://…`), and what was asked.
#[derive(Default)]
pub(super) struct Servers {
    answers: BTreeMap<String, VecDeque<Result<HttpResponse, HttpError>>>,
    asked: Vec<Asked>,
}

impl Servers {
    pub(super) fn add(&mut self, line: &str, answer: Result<HttpResponse, HttpError>) {
        self.answers.entry(line.to_owned()).or_default().push_back(answer);
    }

    pub(super) fn asked(&self) -> Vec<Asked> {
        self.asked.clone()
    }

    fn answer(&mut self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        self.asked.push(Asked {
            method: request.method,
            url: request.url.to_owned(),
            headers: request.headers.iter().map(|(name, _)| name.to_ascii_lowercase()).collect(),
            body: request.body.clone(),
        });
        let line = format!("{} {}", request.method.name(), request.url);
        let answers = self.answers.entry(line.clone()).or_default();
        // The last one stays: a server that is asked once more says the same.
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        let text = || format!("no answer is recorded for {line}");
        let mut answer = next.unwrap_or_else(|| Err(HttpError { fault: HttpFault::Other, text: text() }))?;
        if answer.body.len() > request.cap {
            answer.body.truncate(request.cap);
            answer.complete = false;
        }
        Ok(answer)
    }
}

/// The way to them.
pub(super) struct Way(pub(super) Arc<Mutex<Servers>>);

impl Http for Way {
    fn send(&self, request: &HttpRequest<'_>) -> Result<HttpResponse, HttpError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).answer(request)
    }
}

impl Recorded {
    /// What a server answers to `GET https://…` or `POST https://…`. Several answers to the same line are given one after
    /// the other, the last again and again.
    #[must_use]
    pub fn http(self, line: &str, status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Self {
        let headers = headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), (*value).to_owned())).collect();
        let answer = HttpResponse { status, headers, body: body.as_ref().to_vec(), complete: true };
        self.lock().add(line, Ok(answer));
        self
    }

    /// A request that gets no answer, and why; it takes its turn among the answers to the same line.
    #[must_use]
    pub fn http_fault(self, line: &str, fault: HttpFault) -> Self {
        let error = HttpError { fault, text: format!("recorded: {fault:?}") };
        self.lock().add(line, Err(error));
        self
    }

    /// Every request that was sent, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.lock().asked()
    }

    fn lock(&self) -> MutexGuard<'_, Servers> {
        self.servers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
