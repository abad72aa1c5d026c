//! The job itself: v2 tells how it stands, v1.1 its steps and whose keys it has.

use std::thread;

use super::{about, answer, contexts, executions, known, person, project};
use crate::{
    circleci::{
        ApiError, Client,
        api::{
            v1::{self, Build},
            v2,
        },
        which::{Place, display},
    },
    facts::{
        CircleCi, Fact, Seen,
        circleci::{Job, Message, Person},
    },
};

/// Fills everything about the job.
pub(super) fn look(client: &Client<'_>, execution: Option<u32>, place: &Place, facts: &mut CircleCi) {
    thread::scope(|scope| {
        let slug = &place.slug;
        let settings = scope.spawn(|| client.settings(slug));
        let in_full = scope.spawn(|| client.project(slug));
        let build = place.number.map(|number| scope.spawn(move || client.build(slug, number)));
        let job = match (place.number, &place.listed) {
            (Some(number), _) => client.job(slug, number),
            (None, Some(listed)) => Ok(waiting(listed)),
            (None, None) => Err(ApiError::NotFound),
        };
        let build = build.map_or(Err(ApiError::NotFound), answer);
        facts.not_found = matches!((&job, &build), (Err(ApiError::NotFound), Err(ApiError::NotFound)));
        if let Err(error @ ApiError::Forbidden(_)) = &job {
            facts.denied = Some(Seen { source: "CircleCI".to_owned(), line: None, text: error.to_string() });
        }
        let workflow = place.workflow.clone().or_else(|| job.as_ref().ok()?.latest_workflow.as_ref()?.id.clone());
        let workflow = workflow.map_or(Err(ApiError::NotFound), |id| client.workflow(&id));
        facts.workflow = known(workflow.map(|workflow| about(workflow, &[])));

        let names = job.as_ref().ok().and_then(|job| job.contexts.clone());
        facts.executions = match (place.number, &build) {
            (Some(number), Ok(build)) => executions::look(client, slug, number, Ok(build)).into(),
            (Some(number), Err(error)) => executions::by_id(client, slug, number, place.id.as_deref(), error),
            (None, _) => Vec::new().into(),
        };
        facts.execution = execution.unwrap_or_else(|| executions::first_with_a_command(&facts.executions));
        facts.job = match job {
            Ok(job) => {
                let mut job = described(place, job, build.as_ref().ok());
                job.started_by = started_by(client, facts);
                job.into()
            }
            Err(error) => Fact::unknown(error.to_string()),
        };
        if let (Some(job), Fact::Known(executions), Err(error)) = (facts.job.known_mut(), &facts.executions, &build)
            && place.number.is_some()
        {
            job.ssh = if executions.is_empty() { Fact::unknown(error.to_string()) } else { true.into() };
        }
        facts.project = project::look(client, slug, answer(in_full), answer(settings), facts);
        facts.contexts = contexts::look(client, names, facts);
    });
}

/// A job that has no number yet.
fn waiting(listed: &v2::WorkflowJob) -> v2::Job {
    v2::Job { name: listed.name.clone(), status: listed.status.clone(), ..v2::Job::default() }
}

fn described(place: &Place, job: v2::Job, build: Option<&Build>) -> Job {
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
        ssh: ssh(build, place.number),
        ssh_users: build.into_iter().flat_map(|build| build.ssh_users.iter().flatten()).map(somebody).collect(),
        executor: executor.kind.or_else(|| picard?.executor.clone()),
        resource_class: executor.resource_class.or_else(|| picard?.resource_class.as_ref()?.class.clone()),
        parallelism: job.parallelism.or_else(|| build?.parallel).unwrap_or(1),
        messages: job.messages.into_iter().flatten().map(message).collect(),
        ..Job::default()
    }
}

/// Whether it was rerun with SSH. Its steps come one by one, so only a job that has ended is known to be without.
fn ssh(build: Option<&Build>, number: Option<u64>) -> Fact<bool> {
    match build {
        Some(build) if build.has_ssh() => true.into(),
        Some(build) if build.stop_time.is_some() && build.steps.as_ref().is_some_and(|steps| !steps.is_empty()) => {
            false.into()
        }
        Some(_) => Fact::unknown("the job has not ended, so its Enable SSH step may be still to come"),
        None if number.is_none() => Fact::unknown("the job has not begun, so it has no steps yet"),
        None => Fact::default(),
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

/// The person who started the job's workflow: CircleCI makes a new workflow for each rerun, whose author that person is.
fn started_by(client: &Client<'_>, facts: &CircleCi) -> Fact<Person> {
    let id = match &facts.workflow {
        Fact::Known(workflow) => workflow.started_by.as_ref(),
        Fact::Unknown(why) => return Fact::unknown(why),
    };
    let Some(id) = id.filter(|id| !id.is_empty()) else { return Fact::unknown("its workflow names nobody") };
    match facts.me.known() {
        Some(me) if me.id.as_ref() == Some(id) => me.clone().into(),
        // Who it is can be told without a name, too.
        _ => client.user(id).map_or_else(|_| Person { id: Some(id.clone()), ..Person::default() }, person).into(),
    }
}
