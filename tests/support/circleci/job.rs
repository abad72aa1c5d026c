//! A job of the fake CircleCI. [`Job::new`] is one that has run and failed; the rest says what is different.

use std::time::{Duration, SystemTime};

use super::id::Id;
use super::progress::Progress;
use super::session::Session;
use super::world::{Context, User, Workflow, ago};

/// How far the Enable SSH step of a job with a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SshStep {
    Absent,
    /// There, without a command yet.
    NotReady,
    Ready,
}

/// What comes of a rerun with SSH.
#[derive(Clone, Debug)]
pub(crate) struct Rerun {
    pub(crate) sessions: Vec<Session>,
    pub(crate) progress: Progress,
    /// v1.1's `why` of the new job; what it really is after a rerun through v2 is not known.
    pub(crate) why: String,
}

#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) name: String,
    pub(crate) workflow: Id<Workflow>,
    /// In the words of v2.
    pub(crate) status: String,
    /// v2 tells its number; not of one that waits for others or was never let in.
    pub(crate) numbered: bool,
    /// `build` or `approval`.
    pub(crate) kind: String,
    pub(crate) executor: Option<String>,
    pub(crate) resource_class: String,
    pub(crate) parallelism: usize,
    pub(crate) contexts: Vec<Id<Context>>,
    /// Type and text.
    pub(crate) messages: Vec<(String, String)>,
    pub(crate) why: String,
    pub(crate) ssh_users: Vec<Id<User>>,
    /// Ids of the jobs that have to succeed first.
    pub(crate) dependencies: Vec<String>,
    pub(crate) created: SystemTime,
    pub(crate) queued: SystemTime,
    pub(crate) started: Option<SystemTime>,
    pub(crate) stopped: Option<SystemTime>,
    /// Since when it waits for people, its own steps done; for one with SSH, half a minute after its start if this is none.
    pub(crate) waiting: Option<SystemTime>,
    pub(crate) canceled_by: Option<Id<User>>,
    /// One for each parallel execution, or one for all; none for a job without SSH.
    pub(crate) sessions: Vec<Session>,
    pub(crate) ssh_step: SshStep,
    pub(crate) progress: Progress,
    pub(crate) rerun: Option<Rerun>,
}

impl Job {
    /// A job on docker that ran 50 minutes ago, for 5 minutes, and failed.
    pub(crate) fn new(name: &str) -> Self {
        let minutes = |number: u64| ago(Duration::from_secs(60 * number));
        Self {
            id: String::new(),
            number: 0,
            name: name.to_owned(),
            workflow: Id::new(0),
            status: "failed".to_owned(),
            numbered: true,
            kind: "build".to_owned(),
            executor: Some("docker".to_owned()),
            resource_class: "large".to_owned(),
            parallelism: 1,
            contexts: Vec::new(),
            messages: Vec::new(),
            why: "github".to_owned(),
            ssh_users: Vec::new(),
            dependencies: Vec::new(),
            created: minutes(52),
            queued: minutes(51),
            started: Some(minutes(50)),
            stopped: Some(minutes(45)),
            waiting: None,
            canceled_by: None,
            sessions: Vec::new(),
            ssh_step: SshStep::Absent,
            progress: Progress::none(),
            rerun: None,
        }
    }

    /// Waits for a place since two minutes.
    pub(crate) fn queued(mut self) -> Self {
        (self.created, self.queued) = (ago(Duration::from_secs(130)), ago(Duration::from_secs(120)));
        (self.started, self.stopped) = (None, None);
        self.status("queued")
    }

    /// Runs since then.
    pub(crate) fn running(mut self, since: Duration) -> Self {
        let second = Duration::from_secs(1);
        (self.created, self.queued) = (ago(since + 20 * second), ago(since + 10 * second));
        (self.started, self.stopped) = (Some(ago(since)), None);
        self.status("running")
    }

    /// Ended so long ago, after five minutes.
    pub(crate) fn ended(self, status: &str, before: Duration) -> Self {
        let mut job = self.running(before + Duration::from_secs(300));
        job.stopped = Some(ago(before));
        job.status(status)
    }

    pub(crate) fn status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    /// The executor as v2 names it (`docker`, `machine`, `windows`, `macos`, …) and the resource class.
    pub(crate) fn executor(mut self, executor: &str, resource_class: &str) -> Self {
        self.executor = Some(executor.to_owned());
        resource_class.clone_into(&mut self.resource_class);
        self
    }

    pub(crate) fn parallel(mut self, executions: usize) -> Self {
        self.parallelism = executions;
        self
    }

    pub(crate) fn context(mut self, context: Id<Context>) -> Self {
        self.contexts.push(context);
        self
    }

    pub(crate) fn message(mut self, kind: &str, text: &str) -> Self {
        self.messages.push((kind.to_owned(), text.to_owned()));
        self
    }

    pub(crate) fn why(mut self, why: &str) -> Self {
        why.clone_into(&mut self.why);
        self
    }

    /// One whose keys are put on the job, as v1.1's `ssh_users` says.
    pub(crate) fn ssh_user(mut self, user: Id<User>) -> Self {
        self.ssh_users.push(user);
        self
    }

    /// A job with SSH whose step has printed its text. Called again, the next parallel execution's.
    pub(crate) fn session(mut self, session: Session) -> Self {
        self.sessions.push(session);
        self.ssh_step = SshStep::Ready;
        self
    }

    /// Its own steps are done, and it waits for people since then.
    pub(crate) fn waiting(mut self, since: Duration) -> Self {
        self.waiting = Some(ago(since));
        self
    }

    /// Its own steps go on, so that it does not wait for people yet.
    pub(crate) fn at_work(mut self) -> Self {
        self.waiting = Some(SystemTime::now() + Duration::from_secs(86_400));
        self
    }

    pub(crate) fn ssh_step(mut self, step: SshStep) -> Self {
        self.ssh_step = step;
        self
    }

    /// Runs after this job.
    pub(crate) fn needs(mut self, id: &str) -> Self {
        self.dependencies.push(id.to_owned());
        self
    }

    /// What happens to it while somebody looks.
    pub(crate) fn progress(mut self, progress: Progress) -> Self {
        self.progress = progress;
        self
    }

    /// What comes of it when it is rerun with SSH: a job with this session, that progresses in this way.
    pub(crate) fn when_rerun(mut self, session: Session, progress: Progress) -> Self {
        self.rerun = Some(Rerun { sessions: vec![session], progress, why: "retry".to_owned() });
        self
    }

    /// Neither ended nor refused.
    pub(crate) fn is_live(&self) -> bool {
        matches!(self.status.as_str(), "running" | "queued" | "not_running" | "blocked" | "on_hold")
    }

    /// The session of a parallel execution.
    pub(crate) fn session_of(&self, execution: usize) -> Option<&Session> {
        self.sessions.get(execution).or(self.sessions.last())
    }

    pub(crate) fn end(&mut self, status: &str) {
        status.clone_into(&mut self.status);
        self.stopped = Some(SystemTime::now());
        self.progress = Progress::none();
    }
}
