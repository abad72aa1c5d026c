//! What there is at the fake CircleCI: users, organisations, projects, pipelines, workflows (the jobs are in `job.rs`).
//!
//! A test builds a [`World`] and may change it while the service runs (`FakeCircleci::change`). To add a field that a test
//! wants to set: a public field with a plain default here or in `job.rs`, and one place that writes it into a document.

use std::ops::{Index, IndexMut};
use std::time::{Duration, SystemTime};

use super::id::{Id, opaque, token, uuid};
use super::job::Job;

#[derive(Clone, Debug)]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) login: String,
    pub(crate) name: String,
    pub(crate) token: String,
    /// The token was taken back.
    pub(crate) revoked: bool,
}

/// What an organisation is connected to. It decides which keys are put on a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// GitHub through OAuth: `gh/…`.
    Github,
    /// Bitbucket Cloud: `bb/…`.
    Bitbucket,
    /// The GitHub App, or GitLab: `circleci/…`, with opaque names.
    Circleci,
}

#[derive(Clone, Debug)]
pub(crate) struct Organisation {
    pub(crate) id: String,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) slug: String,
}

/// What a user may do in a project. Who is no member gets 404, as if the project did not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Role {
    /// Sees everything, gets 403 for the rest.
    Viewer,
    Write,
    Admin,
}

/// What a rerun with SSH meets in a project that has SSH switched off; which of these is real is not proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WhenSshDisabled {
    RunsWithoutSsh,
    Refuses(u16, String),
}

#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) organisation: Id<Organisation>,
    pub(crate) members: Vec<(Id<User>, Role)>,
    pub(crate) disable_ssh: bool,
    pub(crate) when_ssh_disabled: WhenSshDisabled,
    pub(crate) default_branch: String,
}

/// Who may use a context. All kinds that occur have to be met, of each kind one.
#[derive(Clone, Debug)]
pub(crate) enum Restriction {
    Project(Id<Project>),
    /// An expression; the fake understands `not job.ssh.enabled`, and takes anything else for true.
    Expression(String),
    /// A security group: its id, its name, and who is in it.
    Group(String, String, Vec<Id<User>>),
}

#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) organisation: Id<Organisation>,
    pub(crate) restrictions: Vec<Restriction>,
    pub(crate) created: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct Pipeline {
    pub(crate) id: String,
    pub(crate) number: usize,
    pub(crate) project: Id<Project>,
    pub(crate) actor: Id<User>,
    pub(crate) state: String,
    pub(crate) branch: String,
    pub(crate) created: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct Workflow {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) pipeline: Id<Pipeline>,
    pub(crate) started_by: Id<User>,
    pub(crate) canceled_by: Option<Id<User>>,
    /// `setup` for the first workflow of dynamic configuration.
    pub(crate) tag: Option<String>,
    /// What is said instead of what follows from the jobs.
    pub(crate) status: Option<String>,
    pub(crate) created: SystemTime,
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) users: Vec<User>,
    pub(crate) organisations: Vec<Organisation>,
    pub(crate) projects: Vec<Project>,
    pub(crate) contexts: Vec<Context>,
    pub(crate) pipelines: Vec<Pipeline>,
    pub(crate) workflows: Vec<Workflow>,
    pub(crate) jobs: Vec<Job>,
    /// How many items a page of v2 and v3 holds.
    pub(crate) page_size: usize,
    /// v3 is there; on CircleCI server it is not.
    pub(crate) cloud: bool,
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            users: Vec::new(),
            organisations: Vec::new(),
            projects: Vec::new(),
            contexts: Vec::new(),
            pipelines: Vec::new(),
            workflows: Vec::new(),
            jobs: Vec::new(),
            page_size: 20,
            cloud: true,
        }
    }

    /// A user with a token.
    pub(crate) fn user(&mut self, login: &str) -> Id<User> {
        self.users.push(User {
            id: uuid("user", self.users.len()),
            login: login.to_owned(),
            name: format!("{login} of the {login}s"),
            token: token(login),
            revoked: false,
        });
        Id::new(self.users.len() - 1)
    }

    pub(crate) fn organisation(&mut self, kind: Kind, name: &str) -> Id<Organisation> {
        let number = self.organisations.len();
        let slug = match kind {
            Kind::Github => format!("gh/{name}"),
            Kind::Bitbucket => format!("bb/{name}"),
            Kind::Circleci => format!("circleci/{}", opaque("organisation", number)),
        };
        self.organisations.push(Organisation { id: uuid("organisation", number), kind, name: name.to_owned(), slug });
        Id::new(number)
    }

    /// A project with its members.
    pub(crate) fn project(
        &mut self,
        organisation: Id<Organisation>,
        name: &str,
        members: &[(Id<User>, Role)],
    ) -> Id<Project> {
        let number = self.projects.len();
        let Organisation { kind, slug, .. } = &self[organisation];
        let last = if *kind == Kind::Circleci { opaque("project", number) } else { name.to_owned() };
        self.projects.push(Project {
            id: uuid("project", number),
            name: name.to_owned(),
            slug: format!("{slug}/{last}"),
            organisation,
            members: members.to_vec(),
            disable_ssh: false,
            when_ssh_disabled: WhenSshDisabled::RunsWithoutSsh,
            default_branch: "main".to_owned(),
        });
        Id::new(number)
    }

    /// A context that everybody may use, until it gets restrictions.
    pub(crate) fn context(
        &mut self,
        organisation: Id<Organisation>,
        name: &str,
        restrictions: &[Restriction],
    ) -> Id<Context> {
        self.contexts.push(Context {
            id: uuid("context", self.contexts.len()),
            name: name.to_owned(),
            organisation,
            restrictions: restrictions.to_vec(),
            created: ago(Duration::from_secs(90 * 86_400)),
        });
        Id::new(self.contexts.len() - 1)
    }

    /// A workflow in a pipeline of its own, both begun by this user an hour ago.
    pub(crate) fn workflow(&mut self, project: Id<Project>, by: Id<User>, name: &str) -> Id<Workflow> {
        let created = ago(Duration::from_secs(3600));
        let branch = self[project].default_branch.clone();
        self.pipelines.push(Pipeline {
            id: uuid("pipeline", self.pipelines.len()),
            number: 1 + self.pipelines.iter().filter(|pipeline| pipeline.project == project).count(),
            project,
            actor: by,
            state: "created".to_owned(),
            branch,
            created,
        });
        self.workflow_of(Id::new(self.pipelines.len() - 1), by, name, created)
    }

    /// One more workflow of a pipeline.
    pub(crate) fn workflow_of(
        &mut self,
        pipeline: Id<Pipeline>,
        by: Id<User>,
        name: &str,
        created: SystemTime,
    ) -> Id<Workflow> {
        self.workflows.push(Workflow {
            id: uuid("workflow", self.workflows.len()),
            name: name.to_owned(),
            pipeline,
            started_by: by,
            canceled_by: None,
            tag: None,
            status: None,
            created,
        });
        Id::new(self.workflows.len() - 1)
    }

    /// Puts a job into a workflow and numbers it.
    pub(crate) fn job(&mut self, workflow: Id<Workflow>, mut job: Job) -> Id<Job> {
        job.id = uuid("job", self.jobs.len());
        job.number = 101 + self.jobs.len();
        job.workflow = workflow;
        self.jobs.push(job);
        Id::new(self.jobs.len() - 1)
    }
}

/// So long before now.
pub(crate) fn ago(time: Duration) -> SystemTime {
    SystemTime::now() - time
}

macro_rules! found_by_id {
    ($($field:ident: $kind:ty),*) => {$(
        impl Index<Id<$kind>> for World {
            type Output = $kind;

            fn index(&self, id: Id<$kind>) -> &$kind {
                &self.$field[id.index]
            }
        }

        impl IndexMut<Id<$kind>> for World {
            fn index_mut(&mut self, id: Id<$kind>) -> &mut $kind {
                &mut self.$field[id.index]
            }
        }
    )*};
}

found_by_id!(
    users: User,
    organisations: Organisation,
    projects: Project,
    contexts: Context,
    pipelines: Pipeline,
    workflows: Workflow,
    jobs: Job
);
