//! Which job an address is about: its project and its number.

use super::{
    ApiError, Client, Slug,
    api::v2::{self, WorkflowJob},
};
use crate::target::{JobName, JobUrl};

/// A job, by project and number.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Its project.
    pub slug: Slug,
    /// Missing before the job begins.
    pub number: Option<u64>,
    /// Its id, where that had to be asked.
    pub id: Option<String>,
    /// Its workflow, where the address names it or it had to be asked.
    pub workflow: Option<String>,
    /// What its workflow says about it, where that had to be asked.
    pub listed: Option<WorkflowJob>,
}

/// What an address leads to.
#[derive(Debug, Clone, PartialEq)]
pub enum Found {
    /// A job.
    Job(Box<Place>),
    /// A workflow of several jobs, or of none, with its jobs.
    Workflow(v2::Workflow, Vec<WorkflowJob>),
    /// A pipeline or a project.
    Other,
}

/// Looks it up, as far as the address does not say it. A workflow of a single job, as reruns with SSH are, is that job.
///
/// # Errors
/// As [`ApiError`] says.
pub fn find(client: &Client<'_>, asked: &JobUrl) -> Result<Found, ApiError> {
    let slug = asked.project.as_deref().and_then(Slug::parse);
    if let (Some(slug), Some(JobName::Number(number))) = (&slug, &asked.job) {
        let place = Place {
            slug: slug.clone(),
            number: Some(*number),
            id: None,
            workflow: asked.workflow.clone(),
            listed: None,
        };
        return Ok(Found::Job(Box::new(place)));
    }
    let Some(workflow) = &asked.workflow else {
        return Ok(Found::Other);
    };
    let jobs = client.workflow_jobs(workflow)?;
    let job = match &asked.job {
        Some(JobName::Id(id)) => jobs.iter().find(|job| job.id.as_deref() == Some(id)),
        Some(JobName::Number(number)) => jobs.iter().find(|job| job.job_number == Some(*number)),
        None => match jobs.iter().filter(|job| !job.is_approval()).collect::<Vec<_>>()[..] {
            [job] => Some(job),
            _ => return Ok(Found::Workflow(client.workflow(workflow)?, jobs)),
        },
    };
    let job = job.ok_or(ApiError::NotFound)?;
    let slug =
        job.project_slug.as_deref().and_then(Slug::parse).or(slug).ok_or(ApiError::Form("the workflow's jobs"))?;
    Ok(Found::Job(Box::new(Place {
        slug,
        number: job.job_number,
        id: job.id.clone(),
        workflow: Some(workflow.clone()),
        listed: Some(job.clone()),
    })))
}

/// A job for people: `job 345 (test) of acme/web`. A slug of ids says nothing to them, so the project's name stands in its
/// place where it is known.
pub fn display(slug: &Slug, project: Option<&str>, number: Option<u64>, name: &str) -> String {
    let number = number.map(|number| format!(" {number}")).unwrap_or_default();
    let name = if name.is_empty() { String::new() } else { format!(" ({name})") };
    let project = match project.filter(|_| slug.kind() == "circleci") {
        Some(project) => project.to_owned(),
        None if slug.kind() == "circleci" => slug.to_string(),
        None => slug.name(),
    };
    format!("job{number}{name} of {project}")
}
