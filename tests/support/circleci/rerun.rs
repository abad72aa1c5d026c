//! Reruns and cancels: what changes the world.

use std::time::SystemTime;

use super::id::Id;
use super::job::{Job, Rerun, SshStep};
use super::progress::{Progress, When};
use super::world::{User, WhenSshDisabled, Workflow, World};

/// What is to be run again.
pub(crate) struct Wish {
    pub(crate) ssh: bool,
    /// Ids of jobs; empty for all.
    pub(crate) jobs: Vec<String>,
    pub(crate) from_failed: bool,
}

/// A status and a sentence.
pub(crate) type Refusal = (u16, String);

fn refused<T>(status: u16, text: &str) -> Result<T, Refusal> {
    Err((status, text.to_owned()))
}

impl World {
    /// Runs jobs of a workflow again, in a new workflow of the same pipeline.
    pub(crate) fn rerun(&mut self, old: Id<Workflow>, by: Id<User>, wish: &Wish) -> Result<Id<Workflow>, Refusal> {
        if matches!(self.status(old).as_str(), "running" | "failing" | "on_hold") {
            return refused(400, "Workflow is still running.");
        }
        let all = self.jobs_of(old);
        let chosen: Vec<Id<Job>> = if wish.jobs.is_empty() {
            let failed = |job: &Id<Job>| matches!(self[*job].status.as_str(), "failed" | "canceled" | "timedout");
            all.iter().copied().filter(|job| !wish.from_failed || failed(job)).collect()
        } else {
            all.iter().copied().filter(|job| wish.jobs.contains(&self[*job].id)).collect()
        };
        if chosen.is_empty() || chosen.len() < wish.jobs.len() {
            return refused(400, "Could not find the jobs to rerun.");
        }
        let pipeline = self[old].pipeline;
        let project = &self[self[pipeline].project];
        let mut ssh = wish.ssh;
        if ssh && project.disable_ssh {
            match &project.when_ssh_disabled {
                WhenSshDisabled::RunsWithoutSsh => ssh = false,
                WhenSshDisabled::Refuses(status, text) => return refused(*status, text),
            }
        }
        let name = self[old].name.clone();
        let new = self.workflow_of(pipeline, by, &name, SystemTime::now());
        // What depends on a job that is run again comes first in the list, so that "the first job" is the wrong one.
        let ids: Vec<String> = chosen.iter().map(|job| self[*job].id.clone()).collect();
        for job in all {
            let waits = self[job].dependencies.iter().any(|id| ids.contains(id));
            if waits && !chosen.contains(&job) {
                let next = Job { rerun: None, ..self.again(job, false) };
                self.job(new, Job { numbered: false, ..next.status("blocked") });
            }
        }
        for job in chosen {
            // SSH sticks to a job, also where the project has switched it off since.
            let with_ssh = ssh || !self[job].sessions.is_empty();
            let mut next = self.again(job, with_ssh);
            let contexts = &next.contexts;
            let project = self[pipeline].project;
            if !contexts.iter().all(|context| self.allows(*context, project, by, with_ssh)) {
                next = next.status("unauthorized").progress(Progress::none());
                (next.stopped, next.numbered) = (Some(SystemTime::now()), false);
            } else if with_ssh {
                next.ssh_users = vec![by];
            }
            self.job(new, next);
        }
        Ok(new)
    }

    /// The same job, not begun yet.
    fn again(&self, old: Id<Job>, ssh: bool) -> Job {
        let old = &self[old];
        let mut job =
            Job { dependencies: Vec::new(), canceled_by: None, numbered: true, waiting: None, ..old.clone() }.queued();
        (job.created, job.queued) = (SystemTime::now(), SystemTime::now());
        (job.ssh_step, job.ssh_users) = (SshStep::Absent, Vec::new());
        let default = || Rerun {
            sessions: old.sessions.clone(),
            progress: Progress::to_ready(When::Looks(1)),
            why: "retry".to_owned(),
        };
        let plan = old.rerun.clone().unwrap_or_else(default);
        (job.why, job.progress) = (plan.why, plan.progress);
        job.sessions = if ssh { plan.sessions } else { Vec::new() };
        job
    }

    pub(crate) fn cancel(&mut self, job: Id<Job>, by: Id<User>) {
        if self[job].is_live() {
            self[job].end("canceled");
            self[job].canceled_by = Some(by);
        }
    }

    pub(crate) fn cancel_workflow(&mut self, workflow: Id<Workflow>, by: Id<User>) {
        for job in self.jobs_of(workflow) {
            self.cancel(job, by);
        }
        self[workflow].canceled_by = Some(by);
    }
}
