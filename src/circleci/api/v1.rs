//! API v1.1, reading only: steps, their output, and which jobs are of SSH. Its writing calls end on 2027-02-01.

use crate::{
    circleci::{
        ApiError, Client,
        api::v2,
        client::{Ask, Proof},
        document::document,
        slug::Slug,
        steps,
    },
    system::Method,
};

document! {
    /// A build, which is what v1.1 calls a job.
    pub struct Build {
        /// Its number in the project.
        pub build_num: Option<u64>,
        /// Its page.
        pub build_url: Option<String>,
        /// `github`, `bitbucket`, `circleci`.
        pub vcs_type: Option<String>,
        /// The organisation.
        pub username: Option<String>,
        /// The project.
        pub reponame: Option<String>,
        /// The branch.
        pub branch: Option<String>,
        /// Why it ran: `ssh`, `github`, `retry`; an open list.
        pub why: Option<String>,
        /// How it stands; an open list.
        pub status: Option<String>,
        /// `queued`, `running`, `finished`, …
        pub lifecycle: Option<String>,
        /// Somebody cancelled it.
        pub canceled: Option<bool>,
        /// Who did.
        pub canceler: Option<User>,
        /// When it was queued.
        pub queued_at: Option<String>,
        /// When it began.
        pub start_time: Option<String>,
        /// When it ended.
        pub stop_time: Option<String>,
        /// Whom CircleCI takes for its author.
        pub user: Option<User>,
        /// Whose keys are on it.
        pub ssh_users: Option<Vec<User>>,
        /// Its steps.
        pub steps: Option<Vec<Step>>,
        /// Its workflow.
        pub workflows: Option<Workflow>,
        /// What it runs on.
        pub picard: Option<Picard>,
        /// How many executions it has.
        pub parallel: Option<u32>,
    }
}

impl Build {
    /// Its project.
    pub fn slug(&self) -> Option<Slug> {
        let (vcs, organization, project) = (self.vcs_type.as_ref()?, self.username.as_ref()?, self.reponame.as_ref()?);
        let named = Slug::parse(&format!("{vcs}/{organization}/{project}"));
        // The names of a GitHub App's project stand beside ids that only its page tells.
        let page = || {
            self.build_url.as_deref()?.split("/circleci/").nth(1)?.split('/').collect::<Vec<_>>().first_chunk().copied()
        };
        match (vcs.as_str(), page()) {
            ("circleci", Some([organization, project])) => Slug::parse(&format!("circleci/{organization}/{project}")),
            _ => named,
        }
    }

    /// It says that it was rerun with SSH: no single field does so safely.
    pub fn has_ssh(&self) -> bool {
        self.why.as_deref() == Some("ssh")
            || self.ssh_users.as_ref().is_some_and(|users| !users.is_empty())
            || !steps::of_build(self).is_empty()
    }

    /// It runs or waits, and so takes a place of the organisation's concurrency.
    pub fn holds_a_place(&self) -> bool {
        let is = |field: &Option<String>, words: &[&str]| field.as_deref().is_some_and(|word| words.contains(&word));
        is(&self.status, &["running", "queued", "not_running", "scheduled"])
            || (self.stop_time.is_none() && is(&self.lifecycle, &["running", "queued", "not_running", "scheduled"]))
    }

    /// It has ended, or will never run.
    pub fn has_ended(&self) -> bool {
        self.stop_time.is_some() || matches!(self.lifecycle.as_deref(), Some("finished" | "not_run"))
    }

    /// Somebody's own, as its workflow names its author, who is the one that asked for a rerun; else as [`Build::is_of`] says.
    pub fn was_started_by(&self, me: &v2::User, workflow: &v2::Workflow) -> bool {
        match (&workflow.started_by, &me.id) {
            (Some(author), Some(me)) if !author.is_empty() => author == me,
            _ => me.login.as_deref().is_some_and(|login| self.is_of(login)),
        }
    }

    /// Somebody's own: that person's keys are on it, or, where it names none, CircleCI takes that person for its author.
    pub fn is_of(&self, login: &str) -> bool {
        let is = |user: &User| user.login.as_ref().is_some_and(|other| other.eq_ignore_ascii_case(login));
        match self.ssh_users.as_deref() {
            Some(users @ [_, ..]) => users.iter().any(is),
            _ => self.user.as_ref().is_some_and(is),
        }
    }
}

document! {
    /// Somebody.
    pub struct User {
        /// Login name at the git host.
        pub login: Option<String>,
        /// For people.
        pub name: Option<String>,
    }
}

document! {
    /// A step, with an action for each execution.
    pub struct Step {
        /// Its name.
        pub name: Option<String>,
        /// What it does in each execution.
        pub actions: Option<Vec<Action>>,
    }
}

document! {
    /// A step in one execution.
    pub struct Action {
        /// The execution, from 0.
        pub index: Option<u32>,
        /// The step's number.
        pub step: Option<u32>,
        /// Its name.
        pub name: Option<String>,
        /// How it stands; an open list.
        pub status: Option<String>,
        /// Where its text lies, signed for whoever has the address.
        pub output_url: Option<String>,
        /// When it began.
        pub start_time: Option<String>,
        /// When it ended.
        pub end_time: Option<String>,
    }
}

document! {
    /// The workflow of a build.
    pub struct Workflow {
        /// The job's name.
        pub job_name: Option<String>,
        /// The job's id.
        pub job_id: Option<String>,
        /// The workflow's id.
        pub workflow_id: Option<String>,
    }
}

document! {
    /// What a build runs on.
    pub struct Picard {
        /// `docker`, `machine`, …
        pub executor: Option<String>,
        /// Its size.
        pub resource_class: Option<ResourceClass>,
    }
}

document! {
    /// A size.
    pub struct ResourceClass {
        /// `large`, `windows.medium`.
        pub class: Option<String>,
    }
}

document! {
    /// A piece of a step's text.
    struct Piece {
        message: Option<String>,
    }
}

impl Client<'_> {
    /// A build, with its steps.
    ///
    /// # Errors
    /// As [`ApiError`] says; so for every call.
    pub fn build(&self, slug: &Slug, number: u64) -> Result<Build, ApiError> {
        self.get(&format!("/api/v1.1/project/{}/{number}", slug.path()), Proof::CircleToken, "the job's steps")
    }

    /// The latest builds of all projects that the token's owner follows, everybody's.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn recent_builds(&self, offset: usize) -> Result<Vec<Build>, ApiError> {
        let path = format!("/api/v1.1/recent-builds?shallow=true&limit={BUILDS}&offset={offset}");
        self.get(&path, Proof::CircleToken, "the latest jobs")
    }

    /// What a step has printed in one execution.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn step_output(&self, slug: &Slug, number: u64, action: &Action) -> Result<String, ApiError> {
        let answer = match action.step {
            Some(step) => {
                let index = action.index.unwrap_or_default();
                let path = format!("/api/v1.1/project/{}/{number}/output/{step}/{index}", slug.path());
                self.get(&path, Proof::CircleToken, OUTPUT)
            }
            None => Err(ApiError::Form("the job's steps")),
        };
        let pieces: Vec<Piece> = match answer {
            // What went wrong there says more than what a storage goes by.
            Err(error) => self.signed_output(action).ok_or(error)?,
            Ok(pieces) => pieces,
        };
        Ok(pieces.into_iter().filter_map(|piece| piece.message).collect())
    }

    /// The same from the address that the build names, which lies at somebody else's: the token stays here.
    fn signed_output(&self, action: &Action) -> Option<Vec<Piece>> {
        let url = action.output_url.clone().filter(|url| !url.is_empty())?;
        let ask = Ask { method: Method::Get, url, proof: Proof::Nobody, body: None, plain: false, about: OUTPUT };
        self.document(&ask).ok()
    }
}

/// What output is, for people.
const OUTPUT: &str = "what the step prints";
/// How many builds one call of [`Client::recent_builds`] gives at most, which is the API's own limit.
pub const BUILDS: usize = 100;
