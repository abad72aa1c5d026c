//! The job itself: v2 tells how it stands, v1.1 its steps and whose keys it has.

use std::thread;

use super::{about, answer, contexts, executions, known, person, project};
use crate::{
    circleci::{
        ApiError, Client, Slug,
        api::{
            v1::{self, Build},
            v2,
        },
        which::{Place, display},
    },
    facts::{
        CircleCi, Fact, Seen,
        circleci::{Execution, Job, Message, Person},
    },
};

/// Fills everything about the job but who started it.
pub(super) fn look(client: &Client<'_>, execution: Option<u32>, place: &Place, facts: &mut CircleCi) {
    let slug = &place.slug;
    let (job, (build, executions), workflow, settings) = thread::scope(|scope| {
        let settings = scope.spawn(|| client.settings(slug));
        let workflow = place.workflow.as_ref().map(|id| scope.spawn(|| client.workflow(id)));
        let steps = place.number.map(|number| scope.spawn(move || executions::look(client, slug, number, execution)));
        let job = match (place.number, &place.listed) {
            (Some(number), _) => client.job(slug, number),
            (None, Some(listed)) => Ok(waiting(listed)),
            (None, None) => Err(ApiError::NotFound),
        };
        let workflow = match (workflow, job.as_ref().ok().and_then(workflow_of)) {
            (Some(asked), _) => answer(asked).map_err(|error| error.to_string()),
            (None, Some(id)) => client.workflow(id).map_err(|error| error.to_string()),
            (None, None) => Err("CircleCI does not say which workflow the job is of".to_owned()),
        };
        let steps = match steps {
            Some(steps) => steps.join().unwrap_or_else(|_| (Err(ApiError::BrokenOff), Fact::default())),
            None => (Err(ApiError::NotFound), Vec::new().into()),
        };
        (job, steps, workflow, answer(settings))
    });
    facts.not_found = matches!((&job, &build), (Err(ApiError::NotFound), Err(ApiError::NotFound)));
    facts.denied = job.as_ref().err().and_then(denied);
    facts.workflow = workflow.map_or_else(Fact::Unknown, |workflow| about(workflow, &[]).into());

    facts.executions = match (executions, place.number) {
        (Fact::Unknown(why), Some(number)) => {
            let workflow = place.workflow.as_deref().or_else(|| workflow_of(job.as_ref().ok()?));
            executions::by_id(client, slug, number, execution, (place.id.as_deref(), workflow))
                .map_or(Fact::Unknown(why), Fact::Known)
        }
        (executions, _) => executions,
    };
    facts.execution = execution.unwrap_or_else(|| executions::first_with_a_command(&facts.executions));

    // What v2 does not tell, v1.1 may: it takes a project's token.
    let job = job.or_else(|error| build.as_ref().map(of_build).map_err(|_| error));
    let project = job.as_ref().ok().filter(|job| contexts::matter(job) || is_nameless(slug, job));
    let project = project.map(|_| client.project(slug));
    let described = project.as_ref().and_then(|project| project.clone().ok());
    facts.project = project::look(client, slug, job.as_ref().ok(), described, settings);
    facts.contexts = match &job {
        Ok(job) => contexts::look(client, job, project.as_ref()),
        Err(_) => Fact::unknown("the job could not be looked at"),
    };
    facts.job = known(job.map(|job| self::described(place, job, build.as_ref(), &facts.executions)));
}

/// A no to somebody whom CircleCI knows (403).
pub(super) fn denied(error: &ApiError) -> Option<Seen> {
    let is_denied = matches!(error, ApiError::Forbidden(_));
    is_denied.then(|| Seen { source: "CircleCI".to_owned(), line: None, text: error.to_string() })
}

fn workflow_of(job: &v2::Job) -> Option<&str> {
    job.latest_workflow.as_ref()?.id.as_deref()
}

/// Its slug is one of ids, and the job does not tell the project's name.
fn is_nameless(slug: &Slug, job: &v2::Job) -> bool {
    slug.kind() == "circleci" && job.project.as_ref().is_none_or(|project| project.name.is_none())
}

/// A job as v1.1 tells it.
fn of_build(build: &Build) -> v2::Job {
    v2::Job {
        number: build.build_num,
        name: build.workflows.as_ref().and_then(|workflow| workflow.job_name.clone()),
        status: build.status.clone(),
        queued_at: build.queued_at.clone(),
        started_at: build.start_time.clone(),
        stopped_at: build.stop_time.clone(),
        ..v2::Job::default()
    }
}

/// A job that has no number yet.
fn waiting(listed: &v2::WorkflowJob) -> v2::Job {
    v2::Job { name: listed.name.clone(), status: listed.status.clone(), ..v2::Job::default() }
}

fn described(place: &Place, job: v2::Job, build: Result<&Build, &ApiError>, executions: &Fact<Vec<Execution>>) -> Job {
    let ssh = ssh(build, place.number, executions);
    let build = build.ok();
    let name = job.name.unwrap_or_default();
    let project = job.project.as_ref().and_then(|project| project.name.clone());
    let executor = job.executor.unwrap_or_default();
    let picard = build.and_then(|build| build.picard.as_ref());
    Job {
        display: display(&place.slug, project.as_deref(), place.number, &name),
        url: job.web_url.or_else(|| build?.build_url.clone()),
        slug: place.slug.to_string(),
        number: place.number,
        id: place.id.clone().or_else(|| build?.workflows.as_ref()?.job_id.clone()),
        name,
        status: job.status.unwrap_or_default(),
        queued_at: job.queued_at,
        started_at: job.started_at,
        stopped_at: job.stopped_at,
        canceled: build.and_then(|build| build.canceled).unwrap_or_default(),
        canceled_by: build.and_then(|build| build.canceler.as_ref()).map(somebody),
        ssh,
        ssh_users: build.into_iter().flat_map(|build| build.ssh_users.iter().flatten()).map(somebody).collect(),
        executor: executor.kind.or_else(|| picard?.executor.clone()),
        resource_class: executor.resource_class.or_else(|| picard?.resource_class.as_ref()?.class.clone()),
        parallelism: job.parallelism.or_else(|| build?.parallel).unwrap_or(1),
        messages: job.messages.into_iter().flatten().map(message).collect(),
        ..Job::default()
    }
}

/// Whether it was rerun with SSH. Its steps come one by one, so only a job that has ended is known to be without.
fn ssh(build: Result<&Build, &ApiError>, number: Option<u64>, executions: &Fact<Vec<Execution>>) -> Fact<bool> {
    if executions.known().is_some_and(|executions| !executions.is_empty()) {
        return true.into();
    }
    match build {
        Ok(build) if build.has_ssh() => true.into(),
        Ok(build) if build.stop_time.is_some() && build.steps.as_ref().is_some_and(|steps| !steps.is_empty()) => {
            false.into()
        }
        Ok(_) => Fact::unknown("the job has not ended, so its Enable SSH step may be still to come"),
        Err(_) if number.is_none() => Fact::unknown("the job has not begun, so it has no steps yet"),
        Err(error) => Fact::unknown(error.to_string()),
    }
}

fn somebody(user: &v1::User) -> Person {
    Person { id: None, login: user.login.clone(), name: user.name.clone() }
}

fn message(message: v2::Message) -> Message {
    Message {
        kind: message.kind.unwrap_or_default(),
        text: message.message.unwrap_or_default(),
        reason: message.reason,
    }
}

/// Fills who started the job: CircleCI makes a new workflow for each rerun, and names that person as its author.
pub(super) fn started_by(client: &Client<'_>, facts: &mut CircleCi) {
    let Some(job) = facts.job.known_mut() else { return };
    let id = match &facts.workflow {
        Fact::Known(workflow) => workflow.started_by.as_ref().filter(|id| !id.is_empty()),
        Fact::Unknown(why) => {
            job.started_by = Fact::unknown(why);
            return;
        }
    };
    job.started_by = match (id, facts.me.known()) {
        (None, _) => Fact::unknown("its workflow names nobody"),
        (Some(id), Some(me)) if me.id.as_ref() == Some(id) => me.clone().into(),
        // Who it is can be told without a name, too.
        (Some(id), _) => {
            let named = client.user(id).map(person).unwrap_or_default();
            Person { id: Some(id.clone()), ..named }.into()
        }
    };
}
