//! Starts a job again with SSH: once, and only where that can come to something.
//!
//! What stands in the way is a variant of [`RerunError`], which says what to do. What happens to the new job is the business of
//! [`super::follow`].

mod error;
#[cfg(test)]
mod tests;

pub use self::error::RerunError;
use super::{
    ApiError, Client, Slug,
    api::v2::{Job as JobDocument, User, WorkflowJob},
    which::{self, Found},
};
use crate::{
    circleci::{Host, turns::Pace},
    system::HttpFault,
    target::JobUrl,
};

/// A job, with everything that a rerun needs.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    /// Its project.
    pub slug: Slug,
    /// The project's name, where the slug does not tell it.
    pub project: Option<String>,
    /// Its number; missing before it begins.
    pub number: Option<u64>,
    /// Its id; missing where its workflow does not list it.
    pub id: Option<String>,
    /// Its name in the configuration.
    pub name: String,
    /// Its workflow.
    pub workflow: String,
    /// Its page.
    pub url: Option<String>,
    /// How many executions it has.
    pub parallelism: Option<u32>,
}

impl Job {
    /// For people.
    pub fn display(&self) -> String {
        which::display(&self.slug, self.project.as_deref(), self.number, &self.name)
    }

    /// What our own commands take for it.
    pub fn address(&self, host: &Host) -> String {
        match (self.number, &self.id) {
            (Some(number), _) => format!("{}/{number}", self.slug),
            (None, Some(id)) => format!("{}/workflow/{}/job/{id}", host.web(), self.workflow),
            (None, None) => format!("{}/pipelines/workflows/{}", host.web(), self.workflow),
        }
    }

    /// Takes over what CircleCI's document says.
    pub(super) fn learn(&mut self, document: JobDocument) {
        self.url = document.web_url.or(self.url.take());
        self.parallelism = document.parallelism.or(self.parallelism);
        self.project = document.project.and_then(|project| project.name).or(self.project.take());
        if let Some(name) = document.name {
            self.name = name;
        }
    }
}

/// What is to be followed.
#[derive(Debug, Clone, PartialEq)]
pub enum Begun {
    /// The job that the rerun makes.
    Rerun(Job),
    /// The job itself: it runs, and has SSH for the token's owner.
    Already(Job),
}

/// Finds the job that an address names, with its workflow and its id.
///
/// # Errors
/// When it names no single job that runs commands, or CircleCI does not tell.
pub fn find(client: &Client<'_>, asked: &JobUrl) -> Result<Job, RerunError> {
    let place = match which::find(client, asked)? {
        Found::Job(place) => place,
        Found::Workflow(workflow, jobs) => {
            let slug = workflow.project_slug.as_deref().and_then(Slug::parse);
            let id = workflow.id.unwrap_or_default();
            let runs = jobs.into_iter().filter(|job| !job.is_approval());
            let jobs = runs.filter_map(|job| listed(&id, &job, slug.as_ref())).collect();
            return Err(RerunError::NotAJob { names: "workflow", jobs });
        }
        Found::Other => return Err(RerunError::NotAJob { names: asked.names(), jobs: Vec::new() }),
    };
    let document = place.number.map(|number| client.job(&place.slug, number)).transpose()?;
    let latest = || document.as_ref()?.latest_workflow.as_ref()?.id.clone();
    let workflow = place.workflow.clone().or_else(latest).ok_or(ApiError::Form("the job"))?;
    let in_workflow = match place.listed.clone() {
        Some(listed) => Some(listed),
        None => client.workflow_jobs(&workflow)?.into_iter().find(|job| job.job_number == place.number),
    };
    let mut job = Job {
        slug: place.slug.clone(),
        project: None,
        number: place.number,
        id: in_workflow.as_ref().and_then(|job| job.id.clone()),
        name: in_workflow.as_ref().and_then(|job| job.name.clone()).unwrap_or_default(),
        workflow,
        url: None,
        parallelism: None,
    };
    document.into_iter().for_each(|document| job.learn(document));
    if in_workflow.is_some_and(|job| job.is_approval()) {
        return Err(RerunError::Approval(job.display()));
    }
    Ok(job)
}

/// A job as its workflow lists it.
pub(super) fn listed(workflow: &str, job: &WorkflowJob, slug: Option<&Slug>) -> Option<Job> {
    Some(Job {
        slug: job.project_slug.as_deref().and_then(Slug::parse).or_else(|| slug.cloned())?,
        project: None,
        number: job.job_number,
        id: job.id.clone(),
        name: job.name.clone().unwrap_or_default(),
        workflow: workflow.into(),
        url: None,
        parallelism: None,
    })
}

/// Starts the job again with SSH, once its workflow has ended and while there is time. A job that runs with SSH for the
/// same person already is not started again, unless `again` says so.
///
/// # Errors
/// When nothing was started, or that is not sure.
pub fn begin(
    client: &Client<'_>,
    job: &Job,
    me: &User,
    again: bool,
    pace: Pace,
    show: &dyn Fn(u64),
) -> Result<Begun, RerunError> {
    let mut turns = client.turns(pace);
    let mut job = job.clone();
    let on_hold = loop {
        match standing(client, &mut job, me, again) {
            Ok(Standing::Over { on_hold }) => break on_hold,
            Ok(Standing::Already) => return Ok(Begun::Already(job)),
            Ok(Standing::Runs) => {}
            Err(error) if error.may_pass() => {}
            Err(error) => return Err(error.into()),
        }
        if !turns.next(show) {
            return Err(match job.number {
                Some(_) => RerunError::StillRuns { job: job.display() },
                None => RerunError::NotBegun { job: job.display() },
            });
        }
    };
    allowed(client, &job)?;
    let id = job.id.as_deref().ok_or(ApiError::NotFound)?;
    let workflow = client.rerun_with_ssh(&job.workflow, id).map_err(|error| refusal(error, &job, on_hold))?;
    Ok(Begun::Rerun(Job { number: None, id: None, workflow, url: None, ..job }))
}

/// How the job's workflow stands.
enum Standing {
    Runs,
    Over { on_hold: bool },
    Already,
}

fn standing(client: &Client<'_>, job: &mut Job, me: &User, again: bool) -> Result<Standing, ApiError> {
    let workflow = client.workflow(&job.workflow)?;
    let status = workflow.status.as_deref().unwrap_or_default();
    let runs = matches!(status, "running" | "failing" | "on_hold");
    if runs && job.number.is_none() {
        let jobs = client.workflow_jobs(&job.workflow)?;
        job.number = jobs.into_iter().find(|other| other.id == job.id).and_then(|job| job.job_number);
    }
    if runs
        && !again
        && let Some(number) = job.number
    {
        match client.build(&job.slug, number) {
            Ok(build) if build.holds_a_place() && build.has_ssh() && build.was_started_by(me, &workflow) => {
                return Ok(Standing::Already);
            }
            Err(error) if !error.may_pass() && error != ApiError::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(match status {
        "running" | "failing" => Standing::Runs,
        _ => Standing::Over { on_hold: status == "on_hold" },
    })
}

/// Whether the project's settings forbid it; who may not see them is not kept from asking. Where the job had SSH before, it
/// stays with it whatever the settings say.
fn allowed(client: &Client<'_>, job: &Job) -> Result<(), RerunError> {
    let off = client.settings(&job.slug).ok().and_then(|settings| settings.advanced?.disable_ssh) == Some(true);
    let sticks = || job.number.is_some_and(|number| client.build(&job.slug, number).is_ok_and(|build| build.has_ssh()));
    if off && !sticks() {
        let project = job.project.clone().filter(|_| job.slug.kind() == "circleci");
        return Err(RerunError::Disabled {
            project: project.unwrap_or_else(|| job.slug.name()),
            page: format!("{}/settings/project/{}/advanced", client.host().web(), job.slug.page()),
        });
    }
    Ok(())
}

fn refusal(error: ApiError, job: &Job, on_hold: bool) -> RerunError {
    let job = job.display();
    match error {
        ApiError::Refused { status, message } => RerunError::Refused { job, status, message, on_hold },
        ApiError::Forbidden(message) => RerunError::Forbidden { job, message },
        ApiError::TooLate
        | ApiError::BrokenOff
        | ApiError::Down(_)
        | ApiError::Form(_)
        | ApiError::Endless(_)
        | ApiError::NotTheApi { status: 200..=299, .. } => RerunError::Unsure { job, error },
        ApiError::Unreachable { error: ref fault, .. }
            if matches!(fault.fault, HttpFault::Broken | HttpFault::Timeout | HttpFault::Other) =>
        {
            RerunError::Unsure { job, error }
        }
        error => RerunError::Api(error),
    }
}
