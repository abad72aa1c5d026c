//! `--my-job`: the job with SSH of one's own, where nobody wants to look for its address.
//!
//! CircleCI's own CLI tells its plug-ins the project and the branch of the folder one stands in; then a job of that project is
//! meant, and one of that branch rather than another.

use std::time::Duration;

use super::{Failure, circleci};
use crate::{
    circleci::{Credentials, ssh_jobs, ssh_jobs::SshJob},
    system::System,
    target::{JobName, JobUrl},
};

/// The one that began last; none where none runs or waits.
pub(super) fn find(system: &dyn System, credentials: &Credentials, limit: Duration) -> Result<Option<JobUrl>, Failure> {
    let (client, me) = circleci::open(system, credentials, limit)?;
    let listing = ssh_jobs::list(&client, &me).map_err(|error| circleci::unanswered(error, credentials))?;
    let folder = Folder::of(system);
    Ok(listing
        .jobs
        .iter()
        .filter(|job| job.mine && folder.may_be_of(job))
        .max_by_key(|job| folder.rank(job))
        .map(address))
}

/// What CircleCI's CLI says about the folder.
struct Folder {
    project: Option<String>,
    branch: Option<String>,
}

impl Folder {
    fn of(system: &dyn System) -> Self {
        let word = |name: &str| {
            let value = system.env(name)?.into_string().ok()?;
            (!value.is_empty()).then_some(value)
        };
        let project = word("CIRCLE_PROJECT_USERNAME").zip(word("CIRCLE_PROJECT_REPONAME"));
        Self {
            project: project.map(|(organization, project)| format!("{organization}/{project}")),
            branch: word("CIRCLE_BRANCH"),
        }
    }

    fn may_be_of(&self, job: &SshJob) -> bool {
        self.project.as_ref().is_none_or(|project| project.eq_ignore_ascii_case(&job.project))
    }

    fn rank<'j>(&self, job: &'j SshJob) -> (bool, Option<&'j str>, u64) {
        (self.branch.is_some() && self.branch == job.branch, job.since(), job.number)
    }
}

fn address(job: &SshJob) -> JobUrl {
    let name = format!("{}/{}", job.slug, job.number);
    JobUrl {
        project: Some(job.slug.to_string()),
        job: Some(JobName::Number(job.number)),
        url: job.url.clone().unwrap_or(name),
        ..JobUrl::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::circleci::Slug;

    fn job(number: u64, project: &str, branch: &str) -> SshJob {
        SshJob {
            slug: Slug::parse(&format!("gh/{project}")).expect("a slug"),
            project: project.into(),
            number,
            id: None,
            name: "test".into(),
            status: "running".into(),
            url: None,
            branch: Some(branch.into()),
            mine: true,
            owner: None,
            queued_at: None,
            started_at: Some(format!("2026-11-22T10:00:{number:02}Z")),
            executor: None,
            resource_class: None,
            executions: 1,
            age: None,
        }
    }

    #[test]
    fn the_folder_decides_and_then_the_time() {
        let jobs = [job(1, "acme/web", "main"), job(2, "acme/web", "other"), job(3, "acme/api", "main")];
        let chosen = |project: Option<&str>, branch: Option<&str>| {
            let folder = Folder { project: project.map(str::to_owned), branch: branch.map(str::to_owned) };
            jobs.iter().filter(|job| folder.may_be_of(job)).max_by_key(|job| folder.rank(job)).map(|job| job.number)
        };
        assert_eq!(chosen(None, None), Some(3));
        assert_eq!(chosen(Some("acme/web"), None), Some(2));
        assert_eq!(chosen(Some("Acme/Web"), Some("main")), Some(1));
        assert_eq!(chosen(Some("acme/web"), Some("gone")), Some(2));
        assert_eq!(chosen(Some("acme/none"), None), None);
        assert_eq!(address(&jobs[0]).url, "gh/acme/web/1");
    }
}
