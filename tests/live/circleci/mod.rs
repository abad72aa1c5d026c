//! A job that CircleCI is asked about: the fake CircleCI, the job's server, and the person's machine.

mod addresses;
mod causes;
mod ends;
mod facts;
mod faults;
mod git_account;
mod jobs;
mod latency;
mod plugin;
mod remarks;
mod rerun;
mod secrets;
mod tls;

use std::time::Duration;

use serde_json::Value;

use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{FakeCircleci, Id, Job, Kind, Project, Role, User, Workflow, World};
use crate::support::job_server::JobServer;
use crate::support::keys::Key;
use crate::support::process::Outcome;

/// Minutes of a job's life.
pub(crate) const MINUTE: Duration = Duration::from_secs(60);

/// The people and the project of these tests: ana and ben may both write to acme/web, whose workflow ana has started.
pub(crate) struct Acme {
    pub(crate) world: World,
    pub(crate) ana: Id<User>,
    pub(crate) ben: Id<User>,
    pub(crate) web: Id<Project>,
    pub(crate) flow: Id<Workflow>,
}

impl Acme {
    /// An organisation of this kind.
    pub(crate) fn new(kind: Kind) -> Self {
        let mut world = World::new();
        let (ana, ben) = (world.user("ana"), world.user("ben"));
        let acme = world.organisation(kind, "acme");
        let web = world.project(acme, "web", &[(ana, Role::Write), (ben, Role::Write)]);
        let flow = world.workflow(web, ana, "build");
        Self { world, ana, ben, web, flow }
    }
}

/// ana's machine, with the job's server running and CircleCI telling about the job.
pub(crate) struct Ci {
    pub(crate) scene: Scene,
    pub(crate) fake: FakeCircleci,
    pub(crate) acme: (Id<User>, Id<User>, Id<Project>, Id<Workflow>),
    pub(crate) job: Id<Job>,
}

impl Ci {
    /// A machine whose usual key the job's server lets in, and ana's token in the environment.
    pub(crate) fn new(kind: Kind, job: impl FnOnce(&mut Acme, &JobServer) -> Job) -> (Self, Key) {
        let (scene, key) = Scene::usual();
        (Self::with(scene, kind, job), key)
    }

    /// The same on another machine.
    pub(crate) fn with(scene: Scene, kind: Kind, job: impl FnOnce(&mut Acme, &JobServer) -> Job) -> Self {
        Self::served(scene, kind, job, FakeCircleci::start)
    }

    /// The same with CircleCI served in another way.
    pub(crate) fn served(
        mut scene: Scene,
        kind: Kind,
        job: impl FnOnce(&mut Acme, &JobServer) -> Job,
        start: impl FnOnce(World) -> FakeCircleci,
    ) -> Self {
        let mut acme = Acme::new(kind);
        let job = job(&mut acme, scene.server());
        let Acme { mut world, ana, ben, web, flow } = acme;
        let job = world.job(flow, job);
        let fake = start(world);
        scene.home.set_env("CIRCLE_HOST", fake.url());
        scene.home.set_env("CIRCLE_TOKEN", fake.token(ana));
        Self { scene, fake, acme: (ana, ben, web, flow), job }
    }

    /// `cci-ssh doctor JOB`.
    #[track_caller]
    pub(crate) fn examine(&self, more: &[&str]) -> Report {
        let url = self.fake.job_url(self.job);
        let words = ["doctor", "--format", "json", "--with-facts", "--job", &url];
        Report::of(self.run(words.into_iter().chain(more.iter().copied())))
    }

    /// `cci-ssh WORDS`, which never shows the token.
    #[track_caller]
    pub(crate) fn run<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Outcome {
        let outcome = self.scene.home.cci_ssh(words);
        let token = self.fake.token(self.acme.0);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!said.contains(&token), "the token shows\n{said}");
        outcome
    }

    /// `cci-ssh facts WORDS`.
    #[track_caller]
    pub(crate) fn facts<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Facts {
        Facts(self.facts_outcome(words).json())
    }

    #[track_caller]
    pub(crate) fn facts_outcome<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Outcome {
        let outcome = self.run(["facts"].into_iter().chain(words));
        outcome.expect_code(0);
        outcome
    }

    /// The same for the job's own address.
    #[track_caller]
    pub(crate) fn facts_of_the_job(&self) -> Facts {
        self.facts([self.fake.job_url(self.job).as_str()])
    }
}

/// What `cci-ssh facts` prints.
#[derive(Debug)]
pub(crate) struct Facts(Value);

impl Facts {
    /// A fact of CircleCI's; null where it is unknown.
    pub(crate) fn get(&self, pointer: &str) -> &Value {
        self.0["facts"]["circleci"].pointer(pointer).unwrap_or(&Value::Null)
    }

    /// The same as text.
    pub(crate) fn text(&self, pointer: &str) -> &str {
        self.get(pointer).as_str().unwrap_or_default()
    }

    /// A fact of the target.
    pub(crate) fn target(&self, pointer: &str) -> &Value {
        self.0["facts"]["target"].pointer(pointer).unwrap_or(&Value::Null)
    }

    /// Why a fact of CircleCI's is unknown.
    #[track_caller]
    pub(crate) fn why(&self, fact: &str) -> &str {
        let all = self.0["unknown"].as_array().map(Vec::as_slice).unwrap_or_default();
        let found = all.iter().find(|one| one["fact"] == format!("circleci.{fact}"));
        found.and_then(|one| one["why"].as_str()).unwrap_or_else(|| panic!("{fact} is not unknown: {self:#?}"))
    }
}
