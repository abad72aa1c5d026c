//! The steps of a job that SSH adds: `Enable SSH`, which prints the command, and `Wait for SSH`, which keeps the box.
//!
//! v1.1 tells steps by their execution; where it does not, v3 does, on the cloud.

use super::{
    ApiError, Client,
    api::{
        v1::{Action, Build},
        v3,
    },
    client::side_by_side,
    slug::Slug,
};

/// The Enable SSH step of one execution.
#[derive(Debug, Clone, PartialEq)]
pub struct SshStep {
    /// The execution, from 0.
    pub index: u32,
    /// How the step stands; an open list.
    pub status: String,
    /// When it ended, with its command printed.
    pub enabled_at: Option<String>,
    /// When Wait for SSH began.
    pub waiting_since: Option<String>,
    /// When Wait for SSH ended.
    pub waited_until: Option<String>,
    place: Place,
}

/// Where its text is.
#[derive(Debug, Clone, PartialEq)]
enum Place {
    V1(Action),
    V3 { job: String, step: u32 },
}

/// Those of a build, in the order of its executions. A job's own steps may have the same
/// names; CircleCI enables first and waits last.
pub fn of_build(build: &Build) -> Vec<SshStep> {
    let mut found: Vec<SshStep> = actions(build, "enable ssh")
        .map(|action| {
            let wait = actions(build, "wait for ssh").filter(|wait| index(wait) == index(action)).last();
            SshStep {
                index: index(action),
                status: action.status.clone().unwrap_or_default(),
                enabled_at: action.end_time.clone(),
                waiting_since: wait.and_then(|wait| wait.start_time.clone()),
                waited_until: wait.and_then(|wait| wait.end_time.clone()),
                place: Place::V1(action.clone()),
            }
        })
        .collect();
    found.sort_by_key(|step| step.index);
    found.dedup_by_key(|step| step.index);
    found
}

/// What the steps of that name do, in each execution; some actions have no name beside their step's.
fn actions<'b>(build: &'b Build, wanted: &'b str) -> impl Iterator<Item = &'b Action> {
    build.steps.iter().flatten().flat_map(move |step| {
        let actions = step.actions.iter().flatten();
        actions.filter(move |action| named(action.name.as_deref().or(step.name.as_deref()), wanted))
    })
}

fn index(action: &Action) -> u32 {
    action.index.unwrap_or_default()
}

/// Those of a job as v3 tells it.
fn of_executions(job: &str, executions: &v3::Job) -> Vec<SshStep> {
    let executions = executions.parallel_executions.iter().flatten().zip(0..);
    let steps = executions.filter_map(|(execution, index)| {
        let steps = execution.steps.as_deref().unwrap_or_default();
        let enable = steps.iter().find(|step| named(step.name.as_deref(), "enable ssh"))?;
        let wait = steps.iter().find(|step| named(step.name.as_deref(), "wait for ssh"));
        Some(SshStep {
            index,
            status: enable.phase.clone().unwrap_or_default(),
            enabled_at: enable.ended_at.clone(),
            waiting_since: wait.and_then(|wait| wait.started_at.clone()),
            waited_until: wait.and_then(|wait| wait.ended_at.clone()),
            place: Place::V3 { job: job.into(), step: enable.num? },
        })
    });
    steps.collect()
}

fn named(name: Option<&str>, wanted: &str) -> bool {
    name.is_some_and(|name| name.trim().eq_ignore_ascii_case(wanted))
}

impl Client<'_> {
    /// The SSH steps of a job where v1.1 does not tell them, by the job's id; on the cloud only.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn ssh_steps_by_id(&self, job: &str) -> Result<Vec<SshStep>, ApiError> {
        Ok(of_executions(job, &self.executions(job)?))
    }

    /// What each of these Enable SSH steps has printed so far.
    pub fn printed_by_each(&self, slug: &Slug, number: u64, steps: &[SshStep]) -> Vec<Result<String, ApiError>> {
        side_by_side(steps, |step| self.printed(slug, number, step))
    }

    /// What an Enable SSH step has printed so far.
    ///
    /// # Errors
    /// As [`ApiError`] says.
    pub fn printed(&self, slug: &Slug, number: u64, step: &SshStep) -> Result<String, ApiError> {
        match &step.place {
            Place::V1(action) => self.step_output(slug, number, action),
            Place::V3 { job, step: number } => self.stdout(job, step.index, *number),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_execution_has_its_steps() {
        let build: Build = serde_json::from_str(
            r#"{"steps": [
                {"name": "Spin up environment", "actions": [{"index": 0, "name": "Spin up environment"}]},
                {"name": "Enable SSH", "actions": [
                    {"index": 1, "step": 2, "name": "Enable SSH", "status": "success", "end_time": "2026-11-22T10:00:05Z"},
                    {"index": 0, "step": 2, "name": "Enable SSH", "status": "running"}]},
                {"name": "Wait for SSH", "actions": [
                    {"index": 1, "step": 104, "name": "Wait for SSH", "start_time": "2026-11-22T10:05:00Z"}]}]}"#,
        )
        .expect("a build");
        let steps = of_build(&build);
        assert_eq!(steps.iter().map(|step| step.index).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((steps[0].status.as_str(), steps[0].waiting_since.as_deref()), ("running", None));
        assert_eq!(steps[1].waiting_since.as_deref(), Some("2026-11-22T10:05:00Z"));
        assert_eq!(of_build(&Build::default()), []);
    }

    #[test]
    fn a_step_of_the_job_s_own_is_not_taken_for_circlecis() {
        let build: Build = serde_json::from_str(
            r#"{"steps": [
                {"name": "Enable SSH", "actions": [{"step": 2, "name": null, "status": "success"}]},
                {"name": "Enable SSH", "actions": [{"index": 0, "step": 105, "name": "Enable SSH"}]},
                {"name": null, "actions": null}]}"#,
        )
        .expect("a build");
        let steps = of_build(&build);
        assert_eq!(steps.iter().map(|step| step.status.as_str()).collect::<Vec<_>>(), ["success"]);
    }

    #[test]
    fn the_third_version_tells_the_same() {
        let job: v3::Job = serde_json::from_str(
            r#"{"phase": "started", "parallel_executions": [{"steps": [{"name": "Enable SSH", "num": 3, "phase": "ended"}]}]}"#,
        )
        .expect("a job");
        let steps = of_executions("id", &job);
        assert_eq!((steps.len(), steps[0].status.as_str()), (1, "ended"));
    }
}
