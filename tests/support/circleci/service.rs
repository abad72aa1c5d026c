//! The fake as a test holds it: its listeners, its log, its rules and its complaints.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use serde_json::json;

use super::call::{Addresses, Call, token};
use super::contract::{reply_faults, request_faults};
use super::http::{Reply, Request};
use super::id::Id;
use super::job::Job;
use super::listener::Listener;
use super::log::{Logged, carries, fits, token_header};
use super::misbehave::{self, Fault, Rule};
use super::tls::Certificate;
use super::world::{User, World};
use super::{NO_LOGIN, steps, v1, v2, v2_documents, v3};

struct Shared {
    world: Mutex<World>,
    log: Mutex<Vec<Logged>>,
    rules: Mutex<Vec<Rule>>,
    violations: Mutex<Vec<String>>,
    strange: Mutex<Vec<Logged>>,
    stranger_saw_token: Mutex<bool>,
    at: OnceLock<Addresses>,
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(crate) struct FakeCircleci {
    shared: Arc<Shared>,
    listeners: Vec<Listener>,
}

impl FakeCircleci {
    pub(crate) fn start(world: World) -> Self {
        Self::listening(world, None)
    }

    /// The same over TLS; clients have to be told of [`authority`](super::tls::authority).
    pub(crate) fn start_with_tls(world: World, certificate: Certificate) -> Self {
        Self::listening(world, Some(certificate))
    }

    fn listening(world: World, tls: Option<Certificate>) -> Self {
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            log: Mutex::default(),
            rules: Mutex::default(),
            violations: Mutex::default(),
            strange: Mutex::default(),
            stranger_saw_token: Mutex::default(),
            at: OnceLock::new(),
        });
        let listen = |answer: fn(&Shared, &Request) -> Reply| {
            let shared = Arc::clone(&shared);
            Listener::start(tls, move |request| answer(&shared, request))
        };
        let listeners = vec![listen(Shared::api), listen(Shared::storage), listen(Shared::stranger)];
        let [api, storage, stranger] = [0, 1, 2].map(|number: usize| listeners[number].url());
        let _ = shared.at.set(Addresses { api, storage, stranger });
        Self { shared, listeners }
    }

    /// Scheme, host and port, as in `CIRCLE_HOST`.
    pub(crate) fn url(&self) -> String {
        self.shared.at().api.clone()
    }

    /// The personal token of a user.
    pub(crate) fn token(&self, user: Id<User>) -> String {
        self.seen(|world| world[user].token.clone())
    }

    /// The address of a job's page, at this host.
    pub(crate) fn job_url(&self, job: Id<Job>) -> String {
        self.seen(|world| v2_documents::web_url(world, job, &self.shared.at().api))
    }

    /// Changes the world between two requests.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        change(&mut locked(&self.shared.world))
    }

    /// How the world is now.
    pub(crate) fn seen<T>(&self, look: impl FnOnce(&World) -> T) -> T {
        look(&locked(&self.shared.world))
    }

    /// The next request that fits the pattern meets this fault.
    pub(crate) fn once(&self, pattern: &str, fault: Fault) {
        self.times(1, pattern, fault);
    }

    pub(crate) fn times(&self, number: usize, pattern: &str, fault: Fault) {
        self.rule(pattern, fault, Some(number));
    }

    pub(crate) fn always(&self, pattern: &str, fault: Fault) {
        self.rule(pattern, fault, None);
    }

    fn rule(&self, pattern: &str, fault: Fault, left: Option<usize>) {
        locked(&self.shared.rules).push(Rule { pattern: pattern.to_owned(), fault, left });
    }

    /// All is as it should be again.
    pub(crate) fn behave(&self) {
        locked(&self.shared.rules).clear();
    }

    /// The requests so far that fit a pattern such as `GET /api/v2/me` or `POST *`, in their order.
    pub(crate) fn requests(&self, pattern: &str) -> impl Iterator<Item = Logged> {
        let (log, pattern) = (locked(&self.shared.log).clone(), pattern.to_owned());
        log.into_iter().filter(move |logged| fits(&pattern, &logged.method, &logged.path))
    }

    /// The host that redirects lead to.
    pub(crate) fn stranger(&self) -> Stranger<'_> {
        Stranger(&self.shared)
    }

    /// Takes the complaints so far away, for tests that do wrong on purpose.
    pub(crate) fn violations(&self) -> Vec<String> {
        std::mem::take(&mut *locked(&self.shared.violations))
    }

    /// Ends the fake; panics where a request or a document was not as CircleCI describes it.
    pub(crate) fn finish(self) {
        drop(self);
    }
}

impl Drop for FakeCircleci {
    fn drop(&mut self) {
        self.listeners.clear();
        let violations = self.violations();
        if !std::thread::panicking() {
            assert!(violations.is_empty(), "against CircleCI's description:\n{}", violations.join("\n"));
        }
    }
}

/// What a redirect to another host has led there.
pub(crate) struct Stranger<'a>(&'a Shared);

impl Stranger<'_> {
    pub(crate) fn url(&self) -> String {
        self.0.at().stranger.clone()
    }

    pub(crate) fn requests(&self) -> Vec<Logged> {
        locked(&self.0.strange).clone()
    }

    pub(crate) fn saw_token(&self) -> bool {
        *locked(&self.0.stranger_saw_token)
    }
}

impl Shared {
    fn at(&self) -> &Addresses {
        self.at.get().expect("the addresses are known before the first request")
    }

    fn complain(&self, request: &Request, faults: impl IntoIterator<Item = String>) {
        let Request { method, path, .. } = request;
        locked(&self.violations).extend(faults.into_iter().map(|fault| format!("  {method} {path}: {fault}")));
    }

    /// The API's own listener.
    fn api(&self, request: &Request) -> Reply {
        let outside_headers = Request { headers: Vec::new(), ..request.clone() };
        if self.carries_token(&outside_headers) {
            self.complain(request, ["a token outside the headers".to_owned()]);
        }
        self.complain(request, request_faults(request));
        self.answer(request, Self::honest)
    }

    /// Misbehaves where it is told to, answers otherwise, and logs.
    fn answer(&self, request: &Request, honest: fn(&Self, &Request) -> Reply) -> Reply {
        let fault = misbehave::next(&mut locked(&self.rules), request);
        let reply = match &fault {
            None => honest(self, request),
            Some(fault) if misbehave::needs_reply(fault) => {
                misbehave::apply(fault, request, honest(self, request), &self.at().stranger)
            }
            Some(fault) => misbehave::apply(fault, request, Reply::message(200, ""), &self.at().stranger),
        };
        if matches!(fault, Some(Fault::Document(_) | Fault::Edited(_))) {
            self.complain(request, reply_faults(request, reply.status, &reply.body));
        }
        let known = token(request).map(|token| {
            let world = locked(&self.world);
            let user = world.users.iter().find(|user| user.token == token);
            user.map_or_else(|| "unknown".to_owned(), |user| user.login.clone())
        });
        locked(&self.log).push(Logged::new(request, known, reply.status));
        reply
    }

    fn carries_token(&self, request: &Request) -> bool {
        carries(request, locked(&self.world).users.iter().map(|user| &user.token))
    }

    /// What CircleCI would answer.
    fn honest(&self, request: &Request) -> Reply {
        let mut world = locked(&self.world);
        let by = token(request).and_then(|token| world.user_of_token(&token));
        type Api = fn(&mut Call<'_>, &[&str]) -> Reply;
        let apis: [(&str, Api); 3] = [(v1::PREFIX, v1::answer), (v2::PREFIX, v2::answer), (v3::PREFIX, v3::answer)];
        let found = apis.iter().find_map(|(prefix, api)| Some((*prefix, *api, request.segments(prefix)?)));
        let Some((prefix, api, path)) = found else {
            self.complain(request, ["no API of CircleCI is here".to_owned()]);
            return Reply::message(404, "Not found");
        };
        let is_v3 = prefix == v3::PREFIX;
        if is_v3 && !world.cloud {
            return Reply::bytes(404, "text/html", "<html><body>Not Found</body></html>");
        }
        if prefix == v1::PREFIX && request.method != "GET" {
            self.complain(request, ["the writing calls of v1.1 are not to be used".to_owned()]);
        }
        let Some(by) = by else {
            return if is_v3 { v3::refusal(401, NO_LOGIN) } else { Reply::message(401, NO_LOGIN) };
        };
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        let reply = api(&mut Call { request, world: &mut world, by, at: self.at() }, &path);
        self.complain(request, reply_faults(request, reply.status, &reply.body));
        reply
    }

    /// The host that keeps the outputs; its addresses are signed, so nobody needs a token, and nobody may bring one.
    fn storage(&self, request: &Request) -> Reply {
        if self.carries_token(request) {
            self.complain(request, ["the storage host was sent a token".to_owned()]);
        }
        self.answer(request, Self::stored)
    }

    fn stored(&self, request: &Request) -> Reply {
        let mut world = locked(&self.world);
        let path = request.path.split('/').collect::<Vec<_>>();
        let found = match path.as_slice() {
            ["", "outputs", job, step, execution] if request.parameter("X-Amz-Signature").is_some() => {
                world.job_of_id(job).zip(step.parse().ok()).zip(execution.parse().ok()).and_then(
                    |((job, step), execution)| {
                        world[job].look();
                        steps::messages(&world, job, step, execution)
                    },
                )
            }
            _ => None,
        };
        found.map_or_else(
            || Reply::bytes(403, "application/xml", "<Error><Code>AccessDenied</Code></Error>"),
            |list| Reply::json(200, &list),
        )
    }

    /// Somebody else's host, who answers as if it were CircleCI.
    fn stranger(&self, request: &Request) -> Reply {
        if self.carries_token(request) {
            *locked(&self.stranger_saw_token) = true;
        }
        let token = token_header(request).map(|_| "somebody".to_owned());
        locked(&self.strange).push(Logged::new(request, token, 200));
        Reply::json(
            200,
            &json!({ "id": "5034460f-c7c4-4c43-9457-de07e2029e7b", "login": "mallory", "name": "Mallory" }),
        )
    }
}
