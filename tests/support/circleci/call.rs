//! One request on its way through the fake: who asks, and what they may.

use super::http::{Reply, Request};
use super::id::Id;
use super::job::Job;
use super::world::{Project, Role, User, Workflow, World};

/// Where the parts of the fake listen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Addresses {
    pub(crate) api: String,
    pub(crate) storage: String,
    pub(crate) stranger: String,
}

pub(crate) struct Call<'a> {
    pub(crate) request: &'a Request,
    pub(crate) world: &'a mut World,
    pub(crate) by: Id<User>,
    pub(crate) at: &'a Addresses,
}

/// A refusal is a reply as well.
pub(crate) type Answer = Result<Reply, Reply>;

/// The token of a request, wherever it is.
pub(crate) fn token(request: &Request) -> Option<String> {
    use base64::prelude::{BASE64_STANDARD, Engine};
    if let Some(token) = request.header("circle-token") {
        return Some(token.to_owned());
    }
    let value = request.header("authorization")?;
    if let Some(token) = value.strip_prefix("Bearer ") {
        return Some(token.to_owned());
    }
    let bytes = BASE64_STANDARD.decode(value.strip_prefix("Basic ")?).ok()?;
    Some(String::from_utf8(bytes).ok()?.trim_end_matches(':').to_owned())
}

impl Call<'_> {
    /// A project by its slug, for those who may see it; for others it does not exist.
    pub(crate) fn project(&self, slug: &[&str]) -> Result<Id<Project>, Reply> {
        let found = self.world.project_of_slug(&slug.join("/"));
        let seen = found.filter(|project| self.world.role(self.by, *project).is_some());
        seen.ok_or_else(|| Reply::message(404, "Project not found"))
    }

    /// A job by its project and number; this is a look at it.
    pub(crate) fn job(&mut self, slug: &[&str], number: &str, missing: &str) -> Result<Id<Job>, Reply> {
        let project = self.project(slug)?;
        let job = self.world.job_of_number(project, number).ok_or_else(|| Reply::message(404, missing))?;
        self.world[job].look();
        Ok(job)
    }

    pub(crate) fn workflow(&self, id: &str) -> Result<Id<Workflow>, Reply> {
        let found = self.world.workflow_of_id(id);
        let project = |flow: Id<Workflow>| self.world[self.world[flow].pipeline].project;
        let seen = found.filter(|flow| self.world.role(self.by, project(*flow)).is_some());
        seen.ok_or_else(|| Reply::message(404, "Workflow not found"))
    }

    /// 403 for those who may only see the project.
    pub(crate) fn may_write(&self, project: Id<Project>) -> Result<(), Reply> {
        if self.world.role(self.by, project) < Some(Role::Write) {
            return Err(Reply::message(403, "Permission denied."));
        }
        Ok(())
    }
}
