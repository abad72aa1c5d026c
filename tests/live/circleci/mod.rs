//! A job that CircleCI is asked about: the fake CircleCI, the job's server, and the person's machine.

mod causes;
mod facts;
mod jobs;
mod rerun;

use std::time::Duration;

use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{FakeCircleci, Id, Job, Kind, Project, Role, User, Workflow, World};
use crate::support::job_server::JobServer;
use crate::support::keys::Key;

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
    pub(crate) fn with(mut scene: Scene, kind: Kind, job: impl FnOnce(&mut Acme, &JobServer) -> Job) -> Self {
        let mut acme = Acme::new(kind);
        let job = job(&mut acme, scene.server());
        let Acme { mut world, ana, ben, web, flow } = acme;
        let job = world.job(flow, job);
        let fake = FakeCircleci::start(world);
        scene.home.set_env("CIRCLE_HOST", fake.url());
        scene.home.set_env("CIRCLE_TOKEN", fake.token(ana));
        Self { scene, fake, acme: (ana, ben, web, flow), job }
    }

    /// `cci-ssh doctor JOB`.
    #[track_caller]
    pub(crate) fn examine(&self, more: &[&str]) -> Report {
        let url = self.fake.job_url(self.job);
        let words = ["--job", &url].into_iter().chain(more.iter().copied());
        let outcome = self.scene.home.doctor(["--format", "json", "--with-facts"].into_iter().chain(words));
        let token = self.fake.token(self.acme.0);
        let said = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!said.contains(&token), "the token shows\n{said}");
        Report::of(outcome)
    }
}
