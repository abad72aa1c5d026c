//! The servers of a recorded machine.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

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
