//! The steps of a job as v1.1 lists them, and what they have printed.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::clock::rfc3339;
use super::id::Id;
use super::job::{Job, SshStep};
use super::session::NOT_READY;
use super::world::World;

/// Name, number, and what an ordinary step prints.
const BEFORE: [(&str, usize, &str); 2] = [
    ("Spin up environment", 0, "Build-agent version 1.0\nCreating a dedicated VM\n"),
    ("Preparing environment variables", 99, "Using build environment variables:\n  CI=true\n"),
];
const AFTER: [(&str, usize, &str); 2] =
    [("Checkout code", 102, "Cloning git repository\n"), ("cargo test", 103, "Adding key for user@example.com\n")];
const ENABLE: usize = 101;
const WAIT: usize = 104;

/// The steps that a job has at this moment: name, number.
fn present(job: &Job) -> Vec<(&'static str, usize)> {
    if job.started.is_none() {
        return Vec::new();
    }
    let with_ssh = !job.sessions.is_empty() && job.ssh_step != SshStep::Absent;
    let mut steps: Vec<_> = BEFORE.iter().map(|(name, number, _)| (*name, *number)).collect();
    if with_ssh {
        steps.push(("Enable SSH", ENABLE));
    }
    if !with_ssh || job.ssh_step == SshStep::Ready {
        steps.extend(AFTER.iter().map(|(name, number, _)| (*name, *number)));
    }
    if with_ssh && job.ssh_step == SshStep::Ready {
        steps.push(("Wait for SSH", WAIT));
    }
    steps
}

/// What a step of one parallel execution has printed; none where it has printed nothing, or is not there.
pub(crate) fn output(world: &World, job: Id<Job>, number: usize, execution: usize) -> Option<String> {
    let job = &world[job];
    present(job).iter().find(|(_, other)| *other == number).filter(|_| execution < job.parallelism)?;
    match number {
        ENABLE if job.ssh_step == SshStep::NotReady => Some(NOT_READY.to_owned()),
        ENABLE => Some(job.session_of(execution)?.text(&job.id, execution)),
        WAIT => None,
        _ => BEFORE.iter().chain(&AFTER).find(|(_, other, _)| *other == number).map(|(_, _, text)| (*text).to_owned()),
    }
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

/// The path of an output at the storage host; the signature stands for the real one's.
pub(crate) fn stored_path(job: &Job, number: usize, execution: usize) -> String {
    format!("/outputs/{}/{number}/{execution}?X-Amz-Expires=431999&X-Amz-Signature={:.16}", job.id, job.id)
}

/// The list of steps in v1.1's document of a job.
pub(crate) fn list(world: &World, id: Id<Job>, storage: &str) -> Value {
    let job = &world[id];
    let steps = present(job);
    let last = steps.last().map(|(_, number)| *number);
    let list = steps.iter().map(|(name, number)| {
        let goes_on = job.stopped.is_none() && Some(*number) == last;
        let action = |execution: usize| {
            let has_output = output(world, id, *number, execution).is_some();
            let failed = job.status == "failed" && *number == 103;
            let url = has_output.then(|| format!("{storage}{}", stored_path(job, *number, execution)));
            json!({
                "index": execution,
                "step": number,
                "name": name,
                "type": "test",
                "parallel": job.parallelism > 1,
                "status": if goes_on { "running" } else if failed { "failed" } else { "success" },
                "has_output": has_output,
                "output_url": url,
                "exit_code": if goes_on { Value::Null } else { json!(i32::from(failed)) },
                "start_time": job.started.map(rfc3339),
                "end_time": job.stopped.or(job.started).filter(|_| !goes_on).map(rfc3339),
                "failed": if failed { json!(true) } else { Value::Null },
                "truncated": false,
                "background": false,
            })
        };
        json!({ "name": name, "actions": (0..job.parallelism).map(action).collect::<Vec<_>>() })
    });
    list.collect()
}

/// Numbers and names, for v3.
pub(crate) fn names(world: &World, job: Id<Job>) -> Vec<(&'static str, usize)> {
    present(&world[job])
}
