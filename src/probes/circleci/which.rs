//! Which job an address is about: its project and its number.

use crate::{
    circleci::{
        ApiError, Client, Slug,
        api::v2::{self, WorkflowJob},
    },
    facts::{Fact, circleci::Workflow},
    target::{JobName, JobUrl},
};

/// A job, by project and number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) slug: Slug,
    /// Missing before the job begins.
    pub(super) number: Option<u64>,
    pub(super) id: Option<String>,
    pub(super) workflow: Option<String>,
    /// What its workflow says about it, where that had to be asked.
    pub(super) listed: Option<WorkflowJob>,
}

/// What an address leads to.
pub(super) enum Found {
    Job(Box<Place>),
    /// A workflow with several jobs; a pipeline, of which nothing is asked.
    Workflow(Fact<Workflow>),
}

/// Looks it up, as far as the address does not say it. A workflow of a single job, as reruns with SSH are, is that job.
pub(super) fn find(client: &Client<'_>, asked: &JobUrl) -> Result<Found, ApiError> {
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
        return Ok(Found::Workflow(Fact::unknown(format!(
            "the address names a {} and no workflow of it",
            asked.names()
        ))));
    };
    let jobs = client.workflow_jobs(workflow)?;
    let job = match &asked.job {
        Some(JobName::Id(id)) => jobs.iter().find(|job| job.id.as_deref() == Some(id)),
        Some(JobName::Number(number)) => jobs.iter().find(|job| job.job_number == Some(*number)),
        None => match jobs.iter().filter(|job| job.kind.as_deref() != Some("approval")).collect::<Vec<_>>()[..] {
            [job] => Some(job),
            _ => return Ok(Found::Workflow(about(client.workflow(workflow)?, &jobs).into())),
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

/// A workflow, with its jobs by name.
pub(super) fn about(workflow: v2::Workflow, jobs: &[WorkflowJob]) -> Workflow {
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
