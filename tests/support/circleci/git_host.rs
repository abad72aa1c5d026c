//! The public key lists of GitHub and GitLab: `GET /<user>.keys`. Nobody may bring a token here.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::http::{Reply, Request};
use super::listener::Listener;
use super::log::{Logged, fits, token_header};
use super::misbehave::{Fault, apply};

#[derive(Default)]
struct Shared {
    /// The lists by their paths.
    lists: BTreeMap<String, String>,
    fault: Mutex<Option<Fault>>,
    log: Mutex<Vec<Logged>>,
}

pub(crate) struct GitHost {
    listener: Listener,
    shared: Arc<Shared>,
}

impl GitHost {
    /// Users and the lines of their keys; no lines for a user without keys. Others do not exist.
    pub(crate) fn start<'a>(users: impl IntoIterator<Item = (&'a str, Vec<&'a str>)>) -> Self {
        let text = |lines: Vec<&str>| lines.iter().map(|line| format!("{}\n", line.trim_end())).collect::<String>();
        let lists = users.into_iter().map(|(user, lines)| (format!("/{user}.keys"), text(lines))).collect();
        let shared = Arc::new(Shared { lists, ..Shared::default() });
        let answering = Arc::clone(&shared);
        Self { listener: Listener::start(None, move |request| answering.answer(request)), shared }
    }

    /// From now on every request meets this.
    pub(crate) fn misbehave(&self, fault: Fault) {
        *self.shared.fault.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    pub(crate) fn url(&self) -> String {
        self.listener.url()
    }

    /// The requests that fit a pattern such as `GET /ana.keys`.
    pub(crate) fn requests(&self, pattern: &str) -> impl Iterator<Item = Logged> {
        let log = self.shared.log.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let pattern = pattern.to_owned();
        log.into_iter().filter(move |logged| fits(&pattern, &logged.method, &logged.path))
    }

    /// Whether any request had a header in which tokens travel, or looked as if it held one.
    pub(crate) fn saw_token(&self) -> bool {
        self.requests("*").any(|logged| logged.token_of.is_some())
    }
}

impl Shared {
    fn answer(&self, request: &Request) -> Reply {
        let honest = self.lists.get(&request.path).map_or_else(
            || Reply::bytes(404, "text/plain; charset=utf-8", "Not Found"),
            |lines| Reply::bytes(200, "text/plain; charset=utf-8", lines.as_str()),
        );
        let fault = self.fault.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let reply = match fault {
            Some(fault) => apply(&fault, request, honest, ""),
            None => honest,
        };
        let secret = token_header(request).is_some() || format!("{request:?}").contains("CCIPAT_");
        let logged = Logged::new(request, secret.then(|| "somebody".to_owned()), reply.status);
        self.log.lock().unwrap_or_else(PoisonError::into_inner).push(logged);
        reply
    }
}

impl Drop for GitHost {
    fn drop(&mut self) {
        assert!(std::thread::panicking() || !self.saw_token(), "the git host was sent a token");
    }
}
