//! Asks CircleCI about the job: what it is, who started it, what its Enable SSH steps print.
//!
//! The questions that need no answer of another go out side by side. An answer that does not come is unknown with its
//! reason, and never more than that: a fault of CircleCI's, or of whatever stands in between, says nothing about the login.
//! To look at something more: a call in [`crate::circleci::api`], a fact, and a file here.

mod contexts;
mod executions;
mod git_host;
mod job;
mod project;

use std::{
    thread::{self, ScopedJoinHandle},
    time::Duration,
};

pub use git_host::Account as GitAccount;

use crate::{
    circleci::{
        ApiError, Client, Credentials,
        api::{
            v1::Build,
            v2::{self, User, WorkflowJob},
        },
        which,
    },
    facts::{
        CircleCi, Fact,
        circleci::{Job, Person, SshJob, Workflow},
    },
    system::System,
    target::{JobUrl, Target},
};

/// The job, and whom to ask about it.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The job.
    pub job: JobUrl,
    /// The installation and the token.
    pub credentials: Credentials,
    /// The account whose registered keys are to be looked up, where the user wants that.
    pub git_account: Option<GitAccount>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Looked {
    /// The facts.
    pub facts: CircleCi,
    /// Where the login goes, as the job's Enable SSH step prints it; without a host where it prints no command.
    pub target: Target,
}

/// What is known without asking.
fn unasked(asked: &Asked) -> CircleCi {
    let host = &asked.credentials.host;
    CircleCi {
        host: host.base(),
        cloud: host.is_cloud(),
        asked: asked.job.url.clone(),
        names: asked.job.names().into(),
        token_source: asked.credentials.token.as_ref().map(|(_, source)| source.to_string()),
        ..CircleCi::default()
    }
}

/// Asks nobody.
pub fn skipped(asked: &Asked, why: &str) -> Looked {
    let mut facts = unasked(asked);
    all_unknown(&mut facts, why);
    let target = executions::target(&facts);
    Looked { facts, target }
}

/// Asks, for `limit` at most.
pub fn look(system: &dyn System, asked: &Asked, limit: Duration) -> Looked {
    let mut facts = unasked(asked);
    thread::scope(|scope| {
        let account = asked.git_account.as_ref();
        let git_host = account.map(|account| scope.spawn(move || git_host::look(system, account, limit)));
        if let Err(why) = ask(system, asked, limit, &mut facts) {
            all_unknown(&mut facts, &why);
        }
        let failed = |_| Fact::unknown("the probe failed; that is a bug of this program");
        facts.git_host = git_host.map(|call| call.join().unwrap_or_else(failed));
    });
    let target = executions::target(&facts);
    Looked { facts, target }
}

/// Why nothing was asked, if nothing was.
fn ask(system: &dyn System, asked: &Asked, limit: Duration, facts: &mut CircleCi) -> Result<(), String> {
    let credentials = &asked.credentials;
    if let Some(host) = asked.job.host.as_deref().filter(|host| !credentials.host.serves(host)) {
        facts.other_host = Some(host.into());
        return Err(format!(
            "the address is one of {host}, and the API token is for {}; if that is a CircleCI server of your own, name it with CIRCLE_HOST or --circleci-host",
            credentials.host
        ));
    }
    if credentials.token.is_none() {
        facts.token = "none".to_owned().into();
        return Err(credentials.why_no_token.clone().unwrap_or_else(|| ApiError::NoToken.to_string()));
    }
    let client = Client::new(system, credentials, limit).map_err(|error| error.to_string())?;
    thread::scope(|scope| {
        let me = scope.spawn(|| client.me());
        let recent = scope.spawn(|| client.recent_builds(0));
        match which::find(&client, &asked.job) {
            Ok(which::Found::Job(place)) => job::look(&client, asked.job.execution, &place, facts),
            Ok(found) => {
                all_unknown(facts, &format!("the address names a {} and no job of it", facts.names));
                facts.workflow = match found {
                    which::Found::Workflow(workflow, jobs) => about(workflow, &jobs).into(),
                    _ => Fact::unknown(format!("the address names a {} and no workflow of it", facts.names)),
                };
            }
            Err(error) => {
                facts.not_found = error == ApiError::NotFound;
                facts.denied = job::denied(&error);
                all_unknown(facts, &error.to_string());
            }
        }
        let me = answer(me);
        facts.token = token(&me);
        facts.me = known(me.map(person));
        job::started_by(&client, facts);
        let recent = answer(recent);
        facts.ssh_jobs = match &facts.me {
            Fact::Known(me) => known(recent.map(|builds| ssh_jobs(&builds, me, &facts.job))),
            Fact::Unknown(why) => Fact::unknown(why),
        };
    });
    if let Some(clock) = client.clock() {
        facts.asked_at = clock.at.into();
        facts.ahead_seconds = clock.ahead_seconds.into();
    }
    Ok(())
}

/// What the thread of a call was told; one that panicked has a bug, and the others' answers still stand.
fn answer<T>(call: ScopedJoinHandle<'_, Result<T, ApiError>>) -> Result<T, ApiError> {
    call.join().unwrap_or(Err(ApiError::BrokenOff))
}

/// What CircleCI told, or why it did not.
fn known<T>(answer: Result<T, ApiError>) -> Fact<T> {
    answer.map_or_else(|error| Fact::unknown(error.to_string()), Fact::Known)
}

/// Whether the token is one, as far as the question about its owner tells.
fn token(me: &Result<User, ApiError>) -> Fact<String> {
    match me {
        Ok(_) => "accepted".to_owned().into(),
        Err(ApiError::Rejected) => "rejected".to_owned().into(),
        Err(error) => Fact::unknown(error.to_string()),
    }
}

fn person(user: User) -> Person {
    Person { id: user.id, login: user.login, name: user.name }
}

/// A workflow, with its jobs by name.
fn about(workflow: v2::Workflow, jobs: &[WorkflowJob]) -> Workflow {
    let named = jobs.iter().filter_map(|job| {
        let name = job.name.as_ref()?;
        Some(job.job_number.map_or_else(|| name.clone(), |number| format!("{name} ({number})")))
    });
    Workflow {
        id: workflow.id.unwrap_or_default(),
        name: workflow.name.unwrap_or_default(),
        status: workflow.status.unwrap_or_default(),
        ended: Fact::default(),
        setup: workflow.tag.as_deref() == Some("setup"),
        started_by: workflow.started_by,
        jobs: named.collect(),
    }
}

/// Jobs with SSH that hold a place, those of the token's owner, without the one that was asked about.
fn ssh_jobs(builds: &[Build], me: &Person, asked: &Fact<Job>) -> Vec<SshJob> {
    let asked = asked.known().map(|job| (job.slug.as_str(), job.number));
    let mine = builds.iter().filter(|build| me.login.as_deref().is_some_and(|login| build.is_of(login)));
    let jobs = mine.filter(|build| build.has_ssh() && build.holds_a_place()).filter_map(|build| {
        let slug = build.slug()?;
        let number = build.build_num?;
        (asked != Some((&slug.to_string(), Some(number)))).then(|| SshJob {
            slug: slug.to_string(),
            number,
            name: build.workflows.as_ref().and_then(|workflow| workflow.job_name.clone()),
            url: build.build_url.clone(),
            status: build.status.clone().unwrap_or_default(),
            started_at: build.start_time.clone(),
            age: None,
        })
    });
    jobs.collect()
}

/// Gives everything that was not learnt the same reason.
fn all_unknown(facts: &mut CircleCi, why: &str) {
    fn one<T>(fact: &mut Fact<T>, why: &str) {
        if fact.known().is_none() {
            *fact = Fact::unknown(why);
        }
    }
    one(&mut facts.token, why);
    one(&mut facts.me, why);
    one(&mut facts.job, why);
    one(&mut facts.workflow, why);
    one(&mut facts.project, why);
    one(&mut facts.contexts, why);
    one(&mut facts.executions, why);
    one(&mut facts.ssh_jobs, why);
}
