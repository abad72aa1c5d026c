//! The public key lists of GitHub and GitLab: `GET /<user>.keys`. Nobody may bring a token here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::http::{Reply, Request};
use super::listener::Listener;
use super::log::{Logged, fits, token_header};

pub(crate) struct GitHost {
    listener: Listener,
    log: Arc<Mutex<Vec<Logged>>>,
    token: Arc<Mutex<bool>>,
}

impl GitHost {
    /// Users and the lines of their keys; no lines for a user without keys. Others do not exist.
    pub(crate) fn start<'a>(users: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> Self {
        let text = |lines: Vec<&str>| lines.iter().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        let users: BTreeMap<String, String> =
            users.into_iter().map(|(user, lines)| (format!("/{user}.keys"), text(lines))).collect();
        Self::answering(move |request| match users.get(&request.path) {
            Some(lines) => Reply::bytes(200, "text/plain; charset=utf-8", lines.as_str()),
            None => Reply::bytes(404, "text/plain; charset=utf-8", "Not Found"),
        })
    }

    /// One that answers everything alike, for a host that is down or somebody else's.
    pub(crate) fn always(status: u16, kind: &str, body: &str) -> Self {
        let reply = Reply::bytes(status, kind, body);
        Self::answering(move |_| reply.clone())
    }

    fn answering(answer: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        let (log, token) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(false)));
        let (noting, alarm) = (Arc::clone(&log), Arc::clone(&token));
        let listener = Listener::start(move |request| {
            let reply = answer(request);
            noting.lock().unwrap_or_else(PoisonError::into_inner).push(Logged::new(request, None, reply.status));
            if token_header(request).is_some() || format!("{request:?}").contains("CCIPAT_") {
                *alarm.lock().unwrap_or_else(PoisonError::into_inner) = true;
            }
            reply
        });
        Self { listener, log, token }
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// The requests that fit a pattern such as `GET /ana.keys`.
    pub(crate) fn requests(&self, pattern: &str) -> impl Iterator<Item = Logged> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pattern = pattern.to_owned();
        log.into_iter().filter(move |logged| fits(&pattern, &logged.method, &logged.path))
    }

    pub(crate) fn saw_token(&self) -> bool {
        *self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        assert!(std::thread::panicking() || !self.saw_token(), "the git host was sent a token");
    }
}
