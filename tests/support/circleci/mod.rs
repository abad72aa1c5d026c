//! A fake CircleCI on loopback, over plain HTTP or TLS: API v2 (control), v1.1 (reading), v3, and the step outputs.
//!
//! It answers from a [`World`] that a test builds. Every v2 request and every v2 document is held against CircleCI's own
//! description (`tests/circleci/`); a violation fails the test when the fake is dropped.
//!
//! ```ignore
//! let mut world = World::new();
//! let ana = world.user("ana");
//! let acme = world.organisation(Kind::Github, "acme");
//! let app = world.project(acme, "app", &[(ana, Role::Write)]);
//! let flow = world.workflow(app, ana, "build");       // with a pipeline of its own
//! let deploy = world.context(acme, "deploy", &[Restriction::Expression("not job.ssh.enabled".into())]);
//!
//! // Jobs. Job::new is one that failed 45 minutes ago; session() makes it a job with SSH whose step has printed its text.
//! let server = JobServer::start(Options::authorizing([key.public.as_str()]));
//! let minute = Duration::from_secs(60);
//! let live = world.job(flow, Job::new("test").running(9 * minute).session(Session::direct(&server)).ssh_user(ana));
//! world.job(flow, Job::new("lint").ended("canceled", 12 * minute).session(Session::proxy(&server)));
//! world.job(flow, Job::new("unit").running(minute).session(Session::no_key()).ssh_step(SshStep::NotReady));
//! world.job(flow, Job::new("e2e").running(9 * minute).session(Session::windows(&server)).waiting(5 * minute));
//! world.job(flow, Job::new("two").parallel(2).session(Session::direct(&server)).session(Session::direct(&other)));
//! // What comes of a rerun with SSH: queued, running, the step, its command, each after one look of the client.
//! let again = Job::new("unit").context(deploy).when_rerun(Session::direct(&server), Progress::to_ready(When::Looks(1)));
//! let again = world.job(flow, again);
//! world[app].disable_ssh = true;                      // every field can be set
//!
//! let fake = FakeCircleci::start(world);
//! fake.url();                                         // http://127.0.0.1:PORT, as in CIRCLE_HOST
//! fake.token(ana);                                    // the token of a user
//! fake.job_url(live);                                 // the page of a job, at this host
//! fake.change(|world| world[live].end("canceled"));   // while it runs
//! fake.seen(|world| world[live].status.clone());
//!
//! FakeCircleci::start_with_tls(world, Certificate::Right); // https; authority() is the file for --cacert
//!
//! // Misbehaviour, by method and path, `*` for any text; the newest rule counts. The outputs are `GET /outputs/*`.
//! fake.times(2, "GET /api/v2/me", Fault::Status(503));
//! fake.always("*", Fault::Html(200));
//! fake.once("POST *", Fault::ClosedAfter);            // done, and the answer lost
//! fake.always("GET /api/v2/workflow/*", Fault::Redirect(302));
//! assert!(!fake.stranger().saw_token());
//! fake.behave();
//!
//! // Afterwards.
//! assert_eq!(fake.requests("GET /api/v2/me").count(), 3);
//! assert_eq!(fake.requests("POST */rerun").next().expect("a rerun").json()["enable_ssh"], true);
//! fake.finish();                                      // or simply dropped
//!
//! let host = GitHost::start([("ana", vec![key.public.as_str()]), ("ben", vec![])]);
//! ```
//!
//! A test that does wrong on purpose takes the complaints away: `fake.violations()`. What fails a test besides: a writing
//! call of v1.1, a token outside the headers, a token at the host of the outputs or at the git host. Nothing logs a token,
//! only whose it was. What each piece does is shown by `tests/support_selftest/circleci/`.

mod call;
pub(crate) mod clock;
mod contract;
mod description;
mod find;
mod git_host;
mod http;
mod id;
mod job;
mod listener;
mod log;
mod misbehave;
mod progress;
mod rerun;
mod service;
mod session;
mod steps;
mod tls;
mod v1;
mod v2;
mod v2_documents;
mod v3;
mod world;

pub(crate) use self::git_host::GitHost;
pub(crate) use self::id::Id;
pub(crate) use self::job::{Job, Rerun, SshStep};
pub(crate) use self::log::Logged;
pub(crate) use self::misbehave::Fault;
pub(crate) use self::progress::{Change, Progress, When};
pub(crate) use self::service::{FakeCircleci, Stranger};
pub(crate) use self::session::{Fingerprint, Form, Session};
pub(crate) use self::tls::{Certificate, authority};
pub(crate) use self::world::{
    Context, Kind, Organisation, Pipeline, Project, Restriction, Role, User, WhenSshDisabled, Workflow, World,
};

/// What v1.1 and v2 say to those without a valid token.
pub(crate) const NO_LOGIN: &str = "You must log in first.";
