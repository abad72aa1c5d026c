//! API v1.1: only what is read. Its writing calls are gone, and a client that tries one has failed the test.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::clock::rfc3339;
use super::http::Reply;
use super::id::Id;
use super::job::Job;
use super::steps;
use super::v2_documents::project;
use super::world::{User, World};

pub(crate) const PREFIX: &str = "/api/v1.1";
const NO_BUILD: &str = "Build not found";

pub(crate) fn answer(call: &mut Call<'_>, path: &[&str]) -> Reply {
    if call.request.method != "GET" {
        let gone = matches!(path, ["project", .., "ssh" | "retry"] | ["project", _, _, _] | ["project", .., "build"]);
        return Reply::message(if gone { 410 } else { 405 }, "This endpoint is no longer available.");
    }
    let answer = match path {
        ["me"] => Ok(Reply::json(200, &me(call.world, call.by))),
        ["recent-builds"] => Ok(recent(call)),
        ["project", slug @ .., number, "output", step, execution] if slug.len() == 3 => {
            output(call, slug, number, step, execution)
        }
        ["project", slug @ .., number] if slug.len() == 3 => call.job(slug, number, NO_BUILD).map(|job| {
            let document = build(call.world, job, Some(&call.at.storage), &call.at.api);
            Reply::json(200, &document)
        }),
        _ => Err(Reply::message(404, "Not found")),
    };
    answer.unwrap_or_else(|refusal| refusal)
}

fn me(world: &World, user: Id<User>) -> Value {
    let User { id, login, name, .. } = &world[user];
    json!({
        "login": login,
        "name": name,
        "analytics_id": id,
        "selected_email": format!("{login}@example.com"),
        "avatar_url": "https://avatars.example/1",
        "projects": {},
        "admin": false,
    })
}

/// Everybody's jobs in the projects that the user follows, the newest first.
fn recent(call: &mut Call<'_>) -> Reply {
    let number = |name: &str, default: usize| {
        call.request.parameter(name).and_then(|value| value.parse().ok()).unwrap_or(default)
    };
    let (limit, offset) = (number("limit", 30).min(100), number("offset", 0));
    let shallow = call.request.parameter("shallow") == Some("true");
    let world = &mut *call.world;
    let mut found: Vec<Id<Job>> = (0..world.jobs.len()).map(Id::new).collect();
    found.retain(|job| world[*job].numbered && world[*job].kind == "build");
    found.retain(|job| world.role(call.by, world.project_of(*job)).is_some());
    found.sort_by_key(|job| std::cmp::Reverse((world[*job].queued, job.index)));
    for job in &found {
        world[*job].look();
    }
    let page = found.into_iter().skip(offset).take(limit).map(|job| {
        let mut document = build(world, job, None, &call.at.api);
        if !shallow {
            document["commit_date"] = Value::Null;
        }
        document
    });
    Reply::json(200, &page.collect())
}

fn output(call: &mut Call<'_>, slug: &[&str], number: &str, step: &str, execution: &str) -> Answer {
    let job = call.job(slug, number, NO_BUILD)?;
    let place = step.parse().ok().zip(execution.parse().ok());
    let messages = place.and_then(|(step, execution)| steps::messages(call.world, job, step, execution));
    messages.map(|list| Reply::json(200, &list)).ok_or_else(|| Reply::message(404, "Output not found"))
}

/// `status`, `lifecycle` and `outcome` of v1.1 for a status of v2.
fn states(status: &str) -> (&str, &str, Option<&str>) {
    match status {
        "running" => ("running", "running", None),
        "queued" => ("queued", "queued", None),
        "not_run" | "unauthorized" => ("not_run", "not_run", None),
        "not_running" | "blocked" | "on_hold" => ("not_running", "not_running", None),
        other => (other, "finished", Some(other)),
    }
}

/// A job; with its steps where the storage host is given.
pub(crate) fn build(world: &World, id: Id<Job>, storage: Option<&str>, base: &str) -> Value {
    let in_project = world.project_of(id);
    let job = &world[id];
    let workflow = &world[job.workflow];
    let starter = &world[workflow.started_by];
    let owner = &world[world[in_project].organisation];
    let kind = world[in_project].slug.split('/').next().unwrap_or_default();
    let kind = kind.replace("gh", "github").replace("bb", "bitbucket");
    let (status, lifecycle, outcome) = states(&job.status);
    let person = |user: &User| json!({ "is_user": true, "login": user.login, "name": user.name, "vcs_type": kind, "id": 583_231 });
    let ssh_user = |user: &Id<User>| json!({ "github_id": 583_231, "login": world[*user].login });
    let lasted = |start: SystemTime| job.stopped.and_then(|stop| stop.duration_since(start).ok());
    let mut document = json!({
        "build_num": job.number,
        "build_url": format!("{base}/{}/{}", world[in_project].slug, job.number),
        "vcs_url": project(world, in_project)["vcs_info"]["vcs_url"],
        "vcs_type": kind,
        "username": owner.name,
        "reponame": world[in_project].name,
        "branch": world[world.pipeline_of(id)].branch,
        "why": job.why,
        "status": status,
        "lifecycle": lifecycle,
        "outcome": outcome,
        "queued_at": rfc3339(job.queued),
        "start_time": job.started.map(rfc3339),
        "stop_time": job.stopped.map(rfc3339),
        "build_time_millis": job.started.and_then(lasted).map(|time| u64::try_from(time.as_millis()).unwrap_or_default()),
        "user": person(starter),
        "ssh_users": job.ssh_users.iter().map(ssh_user).collect::<Vec<_>>(),
        "retry_of": null,
        "parallel": job.parallelism,
        "canceled": job.status == "canceled",
        "canceler": job.canceled_by.map(|user| person(&world[user])),
        "workflows": {
            "job_name": job.name,
            "job_id": job.id,
            "workflow_id": workflow.id,
            "workflow_name": workflow.name,
            "workspace_id": workflow.id,
            "upstream_job_ids": job.dependencies,
        },
        "platform": "2.0",
    });
    if let Some(storage) = storage {
        document["steps"] = steps::list(job, storage);
        document["node"] = Value::Null;
        document["ssh_enabled"] = json!(!job.sessions.is_empty());
        document["ssh_disabled"] = json!(world[in_project].disable_ssh);
        document["messages"] = json!([]);
        document["picard"] = json!({
            "executor": job.executor,
            "resource_class": { "class": job.resource_class, "cpu": 4.0, "ram": 8192 },
            "build_agent": { "image": null, "properties": null },
        });
    }
    document
}
