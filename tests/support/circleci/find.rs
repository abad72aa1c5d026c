//! Looking things up in a world, and what follows from it.

use super::id::Id;
use super::job::Job;
use super::world::{Context, Pipeline, Project, Restriction, Role, User, Workflow, World};

/// `github/acme/app` as `gh/acme/app`.
fn short(slug: &str) -> String {
    slug.replacen("github/", "gh/", 1).replacen("bitbucket/", "bb/", 1)
}

fn position<T>(things: &[T], is: impl Fn(&T) -> bool) -> Option<Id<T>> {
    things.iter().position(is).map(Id::new)
}

impl World {
    pub(crate) fn project_of_slug(&self, slug: &str) -> Option<Id<Project>> {
        position(&self.projects, |project| project.slug == short(slug))
    }

    pub(crate) fn workflow_of_id(&self, id: &str) -> Option<Id<Workflow>> {
        position(&self.workflows, |workflow| workflow.id == id)
    }

    pub(crate) fn pipeline_of_id(&self, id: &str) -> Option<Id<Pipeline>> {
        position(&self.pipelines, |pipeline| pipeline.id == id)
    }

    pub(crate) fn job_of_id(&self, id: &str) -> Option<Id<Job>> {
        position(&self.jobs, |job| job.id == id)
    }

    pub(crate) fn context_of_id(&self, id: &str) -> Option<Id<Context>> {
        position(&self.contexts, |context| context.id == id)
    }

    pub(crate) fn user_of_token(&self, token: &str) -> Option<Id<User>> {
        position(&self.users, |user| user.token == token && !user.revoked)
    }

    pub(crate) fn job_of_number(&self, project: Id<Project>, number: &str) -> Option<Id<Job>> {
        let number: usize = number.parse().ok()?;
        let found = position(&self.jobs, |job| job.number == number && job.numbered && job.kind == "build")?;
        (self.project_of(found) == project).then_some(found)
    }

    pub(crate) fn pipeline_of(&self, job: Id<Job>) -> Id<Pipeline> {
        self[self[job].workflow].pipeline
    }

    pub(crate) fn project_of(&self, job: Id<Job>) -> Id<Project> {
        self[self.pipeline_of(job)].project
    }

    pub(crate) fn jobs_of(&self, workflow: Id<Workflow>) -> Vec<Id<Job>> {
        (0..self.jobs.len()).map(Id::<Job>::new).filter(|job| self[*job].workflow == workflow).collect()
    }

    pub(crate) fn workflows_of(&self, pipeline: Id<Pipeline>) -> Vec<Id<Workflow>> {
        (0..self.workflows.len()).map(Id::<Workflow>::new).filter(|flow| self[*flow].pipeline == pipeline).collect()
    }

    /// What a user may do in a project; none for one to whom it does not exist.
    pub(crate) fn role(&self, user: Id<User>, project: Id<Project>) -> Option<Role> {
        self[project].members.iter().find(|(member, _)| *member == user).map(|(_, role)| *role)
    }

    /// The status of a workflow, as it follows from its jobs.
    pub(crate) fn status(&self, workflow: Id<Workflow>) -> String {
        if let Some(said) = &self[workflow].status {
            return said.clone();
        }
        let jobs = self.jobs_of(workflow);
        let any = |wanted: &[&str]| jobs.iter().any(|job| wanted.contains(&self[*job].status.as_str()));
        let status = if any(&["running", "queued", "not_running"]) {
            if any(&["failed", "timedout", "infrastructure_fail"]) { "failing" } else { "running" }
        } else if any(&["on_hold"]) {
            "on_hold"
        } else if any(&["canceled"]) {
            "canceled"
        } else if any(&["unauthorized"]) {
            "unauthorized"
        } else if any(&["failed", "timedout", "infrastructure_fail"]) {
            "failed"
        } else {
            "success"
        };
        status.to_owned()
    }

    /// Whether this user may use the context for a job of the project, with SSH or without.
    pub(crate) fn allows(&self, context: Id<Context>, project: Id<Project>, user: Id<User>, ssh: bool) -> bool {
        let restrictions = &self[context].restrictions;
        let projects: Vec<_> = restrictions.iter().filter_map(Restriction::project).collect();
        let groups: Vec<_> = restrictions.iter().filter_map(Restriction::group).collect();
        let forbids_ssh = |restriction: &Restriction| matches!(restriction, Restriction::Expression(text) if text.trim() == "not job.ssh.enabled");
        (projects.is_empty() || projects.contains(&project))
            && (groups.is_empty() || groups.iter().any(|members| members.contains(&user)))
            && !(ssh && restrictions.iter().any(forbids_ssh))
    }
}

impl Restriction {
    fn project(&self) -> Option<Id<Project>> {
        if let Self::Project(project) = self { Some(*project) } else { None }
    }

    fn group(&self) -> Option<&Vec<Id<User>>> {
        if let Self::Group(_, _, members) = self { Some(members) } else { None }
    }
}
