//! The fake CircleCI, met by a client that knows nothing but HTTP.

mod client;
mod contract;
mod misbehave;
mod progress;

mod reading;
mod rights;
mod secure;
mod steps;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::support::circleci::{FakeCircleci, Id, Job, Kind, Project, Role, User, Workflow, World};

use self::client::{Answer, Client};

/// A user, her project and a workflow with one job that failed.
struct Scene {
    world: World,
    ana: Id<User>,
    app: Id<Project>,
    flow: Id<Workflow>,
    job: Id<Job>,
}

fn scene_with(job: Job) -> Scene {
    let mut world = World::new();
    let ana = world.user("ana");
    let acme = world.organisation(Kind::Github, "acme");
    let app = world.project(acme, "app", &[(ana, Role::Write)]);
    let flow = world.workflow(app, ana, "build");
    let job = world.job(flow, job);
    Scene { world, ana, app, flow, job }
}

fn scene() -> Scene {
    scene_with(Job::new("test"))
}

/// A client with the token of this user.
fn client(fake: &FakeCircleci, user: Id<User>) -> Client {
    Client::new(&fake.url(), &fake.token(user))
}

/// What the end of a fake fails a test with.
#[track_caller]
fn complaint<T>(fake: T) -> String {
    let ending = catch_unwind(AssertUnwindSafe(move || drop(fake))).expect_err("this end has to fail the test");
    let text = ending.downcast_ref::<String>().cloned();
    text.or_else(|| ending.downcast_ref::<&str>().map(|text| (*text).to_owned())).expect("a text")
}
