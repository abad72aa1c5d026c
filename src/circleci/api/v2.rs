//! API v2: jobs, workflows, projects, contexts, reruns.

use serde_json::{Value, json};

use crate::circleci::{
    ApiError, Client,
    client::Proof::CircleToken,
    document::document,
    slug::{Slug, encoded},
};

document! {
    /// `GET /me`, `GET /user/{id}`.
    pub struct User {
        /// Its id.
        pub id: Option<String>,
        /// Login name, at the git host for GitHub and Bitbucket accounts.
        pub login: Option<String>,
        /// For people.
        pub name: Option<String>,
    }
}

document! {
    /// `GET /project/{slug}/job/{number}`.
    pub struct Job {
        /// Its number in the project.
        pub number: Option<u64>,
        /// Its name in the configuration.
        pub name: Option<String>,
        /// How it stands; an open list.
        pub status: Option<String>,
        /// Its page.
        pub web_url: Option<String>,
        /// What it runs on.
        pub executor: Option<Executor>,
        /// The contexts it uses.
        pub contexts: Option<Vec<Named>>,
        /// Remarks.
        pub messages: Option<Vec<Message>>,
        /// How many executions it has.
        pub parallelism: Option<u32>,
        /// Its last workflow.
        pub latest_workflow: Option<WorkflowName>,
        /// Its project.
        pub project: Option<ProjectName>,
        /// Its organisation.
        pub organization: Option<Named>,
        /// When it was queued.
        pub queued_at: Option<String>,
        /// When it began.
        pub started_at: Option<String>,
        /// When it ended.
        pub stopped_at: Option<String>,
    }
}

document! {
    /// What a job runs on.
    pub struct Executor {
        /// `large`, `windows.medium`, `acme/runner`.
        pub resource_class: Option<String>,
        /// `docker`, `machine`, …
        #[serde(rename = "type")]
        pub kind: Option<String>,
    }
}

document! {
    /// Something with a name.
    pub struct Named {
        /// The name.
        pub name: Option<String>,
    }
}

document! {
    /// A remark about a job.
    pub struct Message {
        /// CircleCI's kind of it.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Its text.
        pub message: Option<String>,
        /// The reason it gives.
        pub reason: Option<String>,
    }
}

document! {
    /// A workflow, as a job names it.
    pub struct WorkflowName {
        /// Its id.
        pub id: Option<String>,
        /// Its name.
        pub name: Option<String>,
    }
}

document! {
    /// A project, as a job names it.
    pub struct ProjectName {
        /// Its id.
        pub id: Option<String>,
        /// Its slug.
        pub slug: Option<String>,
        /// Its name.
        pub name: Option<String>,
    }
}

document! {
    /// `GET /workflow/{id}`.
    pub struct Workflow {
        /// Its id.
        pub id: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// How it stands; an open list.
        pub status: Option<String>,
        /// Its project's slug.
        pub project_slug: Option<String>,
        /// The person who started it, by id.
        pub started_by: Option<String>,
        /// `setup` where it makes the pipeline's configuration.
        pub tag: Option<String>,
    }
}

document! {
    /// An item of `GET /workflow/{id}/job`.
    pub struct WorkflowJob {
        /// Its id.
        pub id: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// How it stands; an open list.
        pub status: Option<String>,
        /// `build`, `approval`; an open list.
        #[serde(rename = "type")]
        pub kind: Option<String>,
        /// Its number; not before it begins.
        pub job_number: Option<u64>,
        /// Its project's slug.
        pub project_slug: Option<String>,
    }
}

impl WorkflowJob {
    /// It waits for somebody's word and runs nothing.
    pub fn is_approval(&self) -> bool {
        self.kind.as_deref() == Some("approval")
    }
}

document! {
    /// `GET /project/{slug}`.
    pub struct Project {
        /// Its id, which restrictions of contexts name it by.
        pub id: Option<String>,
        /// Its slug.
        pub slug: Option<String>,
        /// Its name.
        pub name: Option<String>,
        /// The organisation's name.
        pub organization_name: Option<String>,
        /// The organisation's id.
        pub organization_id: Option<String>,
        /// The organisation's slug.
        pub organization_slug: Option<String>,
    }
}

document! {
    /// `GET /project/{slug}/settings`.
    pub struct Settings {
        /// Those of the page *Advanced*.
        pub advanced: Option<Advanced>,
    }
}

document! {
    /// Settings of the page *Advanced*.
    pub struct Advanced {
        /// Reruns with SSH are switched off.
        pub disable_ssh: Option<bool>,
    }
}

document! {
    /// An item of `GET /context`.
    pub struct Context {
        /// Its id.
        pub id: Option<String>,
        /// Its name.
        pub name: Option<String>,
    }
}

document! {
    /// An item of `GET /context/{id}/restrictions`.
    pub struct Restriction {
        /// `project`, `expression`, `group`; an open list.
        pub restriction_type: Option<String>,
        /// The project's or group's name.
        pub name: Option<String>,
        /// The expression, or an id.
        pub restriction_value: Option<String>,
    }
}

document! {
    struct Rerun {
        workflow_id: Option<String>,
    }
}

impl Client<'_> {
    /// The token's owner.
    ///
    /// # Errors
    /// As [`ApiError`] says; so for every call.
    pub fn me(&self) -> Result<User, ApiError> {
        self.get("/api/v2/me", CircleToken, "the token's owner")
    }

    /// A person.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn user(&self, id: &str) -> Result<User, ApiError> {
        self.get(&format!("/api/v2/user/{}", encoded(id)), CircleToken, "the person")
    }

    /// A job.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn job(&self, slug: &Slug, number: u64) -> Result<Job, ApiError> {
        self.get(&format!("/api/v2/project/{}/job/{number}", slug.path()), CircleToken, "the job")
    }

    /// A workflow.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn workflow(&self, id: &str) -> Result<Workflow, ApiError> {
        self.get(&format!("/api/v2/workflow/{}", encoded(id)), CircleToken, "the workflow")
    }

    /// The jobs of a workflow.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn workflow_jobs(&self, id: &str) -> Result<Vec<WorkflowJob>, ApiError> {
        self.items(&format!("/api/v2/workflow/{}/job", encoded(id)), "the workflow's jobs")
    }

    /// A project.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn project(&self, slug: &Slug) -> Result<Project, ApiError> {
        self.get(&format!("/api/v2/project/{}", slug.path()), CircleToken, "the project")
    }

    /// A project's settings.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn settings(&self, slug: &Slug) -> Result<Settings, ApiError> {
        self.get(&format!("/api/v2/project/{}/settings", slug.path()), CircleToken, "the project's settings")
    }

    /// The contexts of an organisation, by its id.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn contexts(&self, organization: &str) -> Result<Vec<Context>, ApiError> {
        self.items(&format!("/api/v2/context?owner-id={}", encoded(organization)), "the contexts")
    }

    /// What has to be true of a job that uses a context.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn restrictions(&self, context: &str) -> Result<Vec<Restriction>, ApiError> {
        self.items(&format!("/api/v2/context/{}/restrictions", encoded(context)), "the context's restrictions")
    }

    /// Reruns one job with SSH; the new workflow's id.
    ///
    /// `enable_ssh` wants `jobs` and excludes `from_failed`; the workflow must have ended.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn rerun_with_ssh(&self, workflow: &str, job: &str) -> Result<String, ApiError> {
        let body = json!({"enable_ssh": true, "jobs": [job]});
        let path = format!("/api/v2/workflow/{}/rerun", encoded(workflow));
        let about = "the rerun";
        let rerun: Rerun = self.post(&path, Some(body), CircleToken, about)?;
        rerun.workflow_id.ok_or(ApiError::Form(about))
    }

    /// Cancels a job.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn cancel(&self, slug: &Slug, number: u64) -> Result<(), ApiError> {
        let path = format!("/api/v2/project/{}/job/{number}/cancel", slug.path());
        self.post::<Value>(&path, None, CircleToken, "the cancellation").map(|_| ())
    }
    /// Cancels a job by its id.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn cancel_by_id(&self, id: &str) -> Result<(), ApiError> {
        let path = format!("/api/v2/jobs/{}/cancel", encoded(id));
        self.post::<Value>(&path, None, CircleToken, "the cancellation").map(|_| ())
    }
}
