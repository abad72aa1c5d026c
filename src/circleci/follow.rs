//! Follows a job with SSH until its Enable SSH step has printed how to log in.

use std::collections::BTreeMap;

use super::{
    ApiError, Client,
    api::v1::Build,
    rerun::{Job, listed},
    steps::{self, SshStep},
    turns::Pace,
};
use crate::target::{self, Asked, EnableSsh, State, Target};

/// Executions whose step is read; a job may have hundreds.
const EXECUTIONS: usize = 64;

/// How far a job has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It waits for a place.
    Queued,
    /// It runs, and its Enable SSH step is still to come.
    Running,
    /// Its Enable SSH step is there, without a command.
    Step,
}

/// How to log in to one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Execution {
    /// Its number, from 0.
    pub index: u32,
    /// A login for each command that is printed, the first that suits first; a Windows job prints one for each shell.
    pub targets: Vec<Target>,
    /// What else the step says.
    pub step: EnableSsh,
}

/// Why following has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The commands are there.
    Ready,
    /// The step says that CircleCI has no key of this person.
    NoKey,
    /// The step failed for another reason.
    Failed,
    /// The job has ended, with this status.
    Over(String),
    /// The time is up; the job goes on.
    TooLong(Stage),
    /// CircleCI says no.
    Refused(ApiError),
}

/// A job that was followed.
#[derive(Debug, Clone, PartialEq)]
pub struct Followed {
    /// The job, with what became known on the way.
    pub job: Job,
    /// The executions that can be logged in to, in their order.
    pub executions: Vec<Execution>,
    /// Why it was not followed further.
    pub end: End,
    /// Why CircleCI could not be asked the last time, where it could not.
    pub trouble: Option<ApiError>,
}

/// Follows a job while there is time, until all executions can be logged in to, or the wanted one. `show` is told how far it is,
/// and the seconds.
pub fn follow(client: &Client<'_>, job: Job, wanted: Option<u32>, pace: Pace, show: &dyn Fn(Stage, u64)) -> Followed {
    let mut watch = Watch { client, job, wanted, stage: Stage::Queued, ready: BTreeMap::new() };
    let mut turns = client.turns(pace);
    let mut trouble = None;
    let end = loop {
        let wait = match watch.look() {
            Ok(Some(end)) => break end,
            Ok(None) => {
                trouble = None;
                None
            }
            Err(error) if error.may_pass() => {
                let wait = if let ApiError::Limited(wait) = error { wait } else { None };
                trouble = Some(error);
                wait
            }
            Err(error) => break End::Refused(error),
        };
        let stage = watch.stage;
        let show = |seconds| show(stage, seconds);
        let goes_on = match wait {
            Some(wait) => turns.pause(wait, &show),
            None => turns.next(&show),
        };
        if !goes_on {
            break if watch.ready.is_empty() { End::TooLong(stage) } else { End::Ready };
        }
    };
    Followed { job: watch.job, executions: watch.ready.into_values().collect(), end, trouble }
}

struct Watch<'a, 'b> {
    client: &'a Client<'b>,
    job: Job,
    wanted: Option<u32>,
    stage: Stage,
    ready: BTreeMap<u32, Execution>,
}

impl Watch<'_, '_> {
    /// Looks once; the end, where it has come.
    fn look(&mut self) -> Result<Option<End>, ApiError> {
        let number = match self.job.number {
            Some(number) => number,
            None => match self.number()? {
                Ok(number) => number,
                Err(end) => return Ok(end),
            },
        };
        let (steps, build) = match self.client.build(&self.job.slug, number) {
            Ok(build) => (steps::of_build(&build), Some(build)),
            // It is listed before it can be asked for.
            Err(ApiError::NotFound) => return Ok(None),
            Err(error) => (self.by_id().ok_or(error)?, None),
        };
        if let Some(build) = &build {
            self.learn(build);
        }
        if let Some(end) = self.read(number, &steps)? {
            return Ok(Some(end));
        }
        match build.filter(Build::has_ended) {
            Some(build) => Ok(Some(End::Over(build.status.unwrap_or_default()))),
            None => Ok(self.is_complete().then_some(End::Ready)),
        }
    }

    /// The job's number, which it has when it begins; else the end, where it will never begin.
    fn number(&mut self) -> Result<Result<u64, Option<End>>, ApiError> {
        let jobs = self.client.workflow_jobs(&self.job.workflow)?;
        // What depends on the job stands in the same list.
        let named = |job: &&super::api::v2::WorkflowJob| match &self.job.id {
            Some(id) => job.id.as_ref() == Some(id),
            None => job.name.as_deref() == Some(&self.job.name) && !job.is_approval(),
        };
        let Some(found) = jobs.iter().find(named) else { return Ok(Err(None)) };
        if let Some(job) = listed(&self.job.workflow, found, Some(&self.job.slug)) {
            self.job = Job { project: self.job.project.take(), parallelism: self.job.parallelism, ..job };
        }
        let status = found.status.clone().unwrap_or_default();
        Ok(match found.job_number {
            Some(number) => {
                // For its page; it can be done without.
                if let Ok(document) = self.client.job(&self.job.slug, number) {
                    self.job.learn(document);
                }
                Ok(number)
            }
            None if is_over(&status) => Err(Some(End::Over(status))),
            None => Err(None),
        })
    }

    /// The steps where v1.1 does not tell them.
    fn by_id(&self) -> Option<Vec<SshStep>> {
        let id = self.job.id.as_deref().filter(|_| self.client.host().is_cloud())?;
        self.client.ssh_steps_by_id(id).ok()
    }

    fn learn(&mut self, build: &Build) {
        self.job.parallelism = build.parallel.or(self.job.parallelism);
        self.job.url = self.job.url.take().or_else(|| build.build_url.clone());
        if build.start_time.is_some() || build.lifecycle.as_deref() == Some("running") {
            self.stage = Stage::Running;
        }
    }

    /// Reads what the steps print that have not printed a command so far.
    fn read(&mut self, number: u64, steps: &[SshStep]) -> Result<Option<End>, ApiError> {
        let open = |step: &&SshStep| {
            self.wanted.is_none_or(|wanted| wanted == step.index) && !self.ready.contains_key(&step.index)
        };
        let open: Vec<SshStep> = steps.iter().filter(open).take(EXECUTIONS).cloned().collect();
        if !open.is_empty() {
            self.stage = Stage::Step;
        }
        let mut refused = None;
        for (step, text) in open.iter().zip(self.client.printed_by_each(&self.job.slug, number, &open)) {
            match text.map(|text| understood(step.index, &text)) {
                Ok(Some(execution)) => match execution.step.state {
                    State::NoKey => return Ok(Some(End::NoKey)),
                    State::Failed => return Ok(Some(End::Failed)),
                    State::NotReady => {}
                    State::Ready if execution.targets.is_empty() => {}
                    State::Ready => {
                        self.ready.insert(step.index, execution);
                    }
                },
                // It has printed nothing yet.
                Ok(None) | Err(ApiError::NotFound) => {}
                Err(error) => refused = Some(error),
            }
        }
        refused.map_or(Ok(None), Err)
    }

    fn is_complete(&self) -> bool {
        match self.wanted {
            Some(_) => !self.ready.is_empty(),
            None => {
                let all = usize::try_from(self.job.parallelism.unwrap_or(1)).unwrap_or(EXECUTIONS);
                self.ready.len() >= all.clamp(1, EXECUTIONS)
            }
        }
    }
}

/// A status of v2 behind which nothing comes; an unknown one may still become something.
fn is_over(status: &str) -> bool {
    [
        "success",
        "failed",
        "canceled",
        "unauthorized",
        "not_run",
        "infrastructure_fail",
        "timedout",
        "terminated-unknown",
    ]
    .contains(&status)
}

/// The step's text; words that are not known are taken for one that is not ready.
fn understood(index: u32, text: &str) -> Option<Execution> {
    let login = |text: &str| match target::from_text(text, false) {
        Ok(Asked::Login(target)) => Some(*target),
        _ => None,
    };
    let step = login(text)?.enable_ssh?;
    let targets = step.commands.iter().filter_map(|command| login(command));
    let targets = targets.map(|target| Target { enable_ssh: Some(step.clone()), ..target });
    Some(Execution { index, targets: targets.collect(), step })
}
