//! The steps of a job as v1.1 lists them, and what they have printed.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use super::clock::rfc3339;
use super::id::Id;
use super::job::{Job, SshStep};
use super::session::NOT_READY;
use super::world::World;

const ENABLE: usize = 101;

/// A step of one parallel execution.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) number: usize,
    pub(crate) began: SystemTime,
    /// None while it runs.
    pub(crate) ended: Option<SystemTime>,
    pub(crate) failed: bool,
    /// What it has printed, or nothing.
    pub(crate) text: Option<String>,
}

/// The steps that an execution has at this moment.
pub(crate) fn of(job: &Job, execution: usize) -> Vec<Step> {
    let Some(start) = job.started.filter(|_| execution < job.parallelism) else { return Vec::new() };
    let after = |seconds: u64| start + Duration::from_secs(seconds);
    let session = job.session_of(execution).filter(|_| job.ssh_step != SshStep::Absent);
    let prepared = session.is_none() || job.ssh_step == SshStep::Ready;
    let now = SystemTime::now();
    // A job that ended before its own steps could wait for nobody.
    let waits = job.waiting.unwrap_or(after(30)).min(job.stopped.unwrap_or(now));
    let done = session.is_some() && prepared && waits < job.stopped.unwrap_or(now);
    let failed = job.status == "failed";

    let text = |text: &str| Some(text.to_owned());
    let mut steps = vec![
        (0, "Spin up environment", start, Some(after(2)), text("Build-agent version 1.0\nCreating a dedicated VM\n")),
        (99, "Preparing environment variables", after(2), Some(after(3)), text("Using build environment variables:\n")),
    ];
    if let Some(session) = session {
        let printed = if prepared { session.text(&job.id, execution) } else { NOT_READY.to_owned() };
        steps.push((ENABLE, "Enable SSH", after(3), prepared.then(|| after(4)), Some(printed)));
    }
    if prepared {
        let end = if done { Some(waits) } else { job.stopped };
        steps.push((102, "Checkout code", after(4), Some(after(6)), text("Cloning git repository\n")));
        // What looks like a login, and is not.
        steps.push((103, "cargo test", after(6), end, text("Adding key for user@example.com\n")));
    }
    if done {
        steps.push((104, "Wait for SSH", waits, job.stopped, None));
    }
    let not_later = |time: SystemTime| time.min(job.stopped.unwrap_or(now));
    let step = |(number, name, began, ended, text): (_, _, _, Option<_>, _)| Step {
        name,
        number,
        began: not_later(began),
        ended: ended.or(job.stopped).map(not_later),
        failed: failed && number == 103,
        text,
    };
    steps.into_iter().map(step).collect()
}

/// What a step of one parallel execution has printed; none where it has printed nothing, or is not there.
pub(crate) fn output(world: &World, job: Id<Job>, number: usize, execution: usize) -> Option<String> {
    of(&world[job], execution).into_iter().find(|step| step.number == number)?.text
}

/// The same as v1.1 gives it: messages.
pub(crate) fn messages(world: &World, job: Id<Job>, number: usize, execution: usize) -> Option<Value> {
    let text = output(world, job, number, execution)?;
    let pieces = world[job].session_of(execution).map_or(0, |session| session.pieces);
    let letters: Vec<char> = text.chars().collect();
    let size = if pieces == 0 { letters.len().max(1) } else { pieces };
    let time = rfc3339(SystemTime::now());
    let message = |part: &[char]| json!({ "message": part.iter().collect::<String>(), "time": time, "type": "out" });
    Some(letters.chunks(size).map(message).collect())
}

/// The address of an output at the storage host; the signature stands for the real one's.
fn stored(job: &Job, number: usize, execution: usize) -> String {
    format!("/outputs/{}/{number}/{execution}?X-Amz-Expires=431999&X-Amz-Signature={:.8}", job.id, job.id)
}

/// The list of steps in v1.1's document of a job: of each step, an action for each execution.
pub(crate) fn list(job: &Job, storage: &str) -> Value {
    let mut steps: BTreeMap<usize, (&str, Vec<Value>)> = BTreeMap::new();
    for execution in 0..job.parallelism {
        for step in of(job, execution) {
            let has_output = step.text.is_some();
            let url = has_output.then(|| format!("{storage}{}", stored(job, step.number, execution)));
            let status = match step.ended {
                None => "running",
                Some(_) if step.failed => "failed",
                Some(_) => "success",
            };
            let action = json!({
                "index": execution,
                "step": step.number,
                "name": step.name,
                "type": "test",
                "parallel": job.parallelism > 1,
                "status": status,
                "has_output": has_output,
                "output_url": url,
                "exit_code": step.ended.map(|_| i32::from(step.failed)),
                "start_time": rfc3339(step.began),
                "end_time": step.ended.map(rfc3339),
                "failed": step.failed.then_some(true),
                "truncated": false,
                "background": false,
            });
            steps.entry(step.number).or_insert((step.name, Vec::new())).1.push(action);
        }
    }
    steps.values().map(|(name, actions)| json!({ "name": name, "actions": actions })).collect()
}
