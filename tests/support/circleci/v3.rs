//! API v3, which only the cloud has: other names for the rerun, jobs by id, the output of a step as plain text.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::clock::rfc3339;
use super::http::Reply;
use super::id::Id;
use super::job::Job;
use super::rerun::Wish;
use super::steps;
use super::v2::names;
use super::world::{Workflow, World};

pub(crate) const PREFIX: &str = "/api/v3";

/// v3's document for a refusal.
pub(crate) fn refusal(status: u16, detail: &str) -> Reply {
    let title = if status == 401 { "Unauthorized" } else { "Request failed" };
    Reply::json(status, &json!({ "error": { "id": "1f0c", "title": title, "detail": detail, "source": {} } }))
}

/// A refusal of v2 in the form of v3.
fn translated(reply: &Reply) -> Reply {
    let document: Value = serde_json::from_slice(&reply.body).unwrap_or_default();
    refusal(reply.status, document["message"].as_str().unwrap_or_default())
}

pub(crate) fn answer(call: &mut Call<'_>, path: &[&str]) -> Reply {
    let method = call.request.method.clone();
    let answer = match (method.as_str(), path) {
        ("POST", ["workflows", id, "rerun"]) => rerun(call, id),
        ("POST", ["workflows", id, "cancel"]) => cancel(call, id),
        ("GET", ["workflows", id]) => call.workflow(id).map(|flow| data(&workflow(call.world, flow))),
        ("GET", ["jobs"]) => jobs(call),
        ("GET", ["jobs", id]) => one(call, id).map(|found| data(&job(call.world, found))),
        ("GET", ["jobs", id, "stdout"]) => stdout(call, id),
        ("GET", ["jobs", id, "stderr"]) => one(call, id).and_then(|_| Err(Reply::message(404, "Nothing yet."))),
        ("GET", ["projects"]) => projects(call),
        ("GET", ["projects", id, "settings"]) => settings(call, id),
        ("GET", ["users"]) => users(call),
        ("GET", ["contexts"]) => contexts(call),
        _ => Err(Reply::message(404, "Not found")),
    };
    answer.unwrap_or_else(|refused| translated(&refused))
}

fn data(document: &Value) -> Reply {
    Reply::json(200, &json!({ "data": document }))
}

fn list(call: &Call<'_>, items: &[Value]) -> Reply {
    let number = |name: &str| call.request.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let begin = number("page[cursor]").unwrap_or_default().min(items.len());
    let end = (begin + number("page[limit]").unwrap_or(call.world.page_size)).min(items.len());
    let next = (end < items.len()).then(|| end.to_string());
    Reply::json(200, &json!({ "data": items[begin..end], "page": { "next": next } }))
}

fn rerun(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = call.workflow(id)?;
    call.may_write(call.world[call.world[flow].pipeline].project)?;
    // The names of v2 are ignored, and everything runs again without SSH.
    let body = call.request.json().unwrap_or_else(|| json!({}));
    let yes = |field: &str| body.get(field).and_then(Value::as_bool).unwrap_or_default();
    let ssh = yes("is_ssh_enabled");
    let knows_v3 = ssh || body.get("is_from_failed").is_some();
    let jobs = if knows_v3 { names(body.get("jobs")) } else { Vec::new() };
    let wish = Wish { ssh, jobs, from_failed: yes("is_from_failed") };
    let new = call.world.rerun(flow, call.by, &wish).map_err(|(status, text)| Reply::message(status, &text))?;
    Ok(Reply::json(201, &json!({ "data": { "id": call.world[new].id } })))
}

fn cancel(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = call.workflow(id)?;
    call.may_write(call.world[call.world[flow].pipeline].project)?;
    call.world.cancel_workflow(flow, call.by);
    Ok(Reply::json(202, &json!({ "data": { "id": id } })))
}

/// Phase and outcome for a status of v2.
fn phase(status: &str) -> (&'static str, Option<&str>) {
    match status {
        "running" => ("started", None),
        "queued" => ("queued", None),
        "not_running" | "blocked" | "on_hold" => ("created", None),
        other => ("ended", Some(other)),
    }
}

fn workflow(world: &World, flow: Id<Workflow>) -> Value {
    let status = world.status(flow);
    let (phase, outcome) = phase(&status);
    json!({
        "id": world[flow].id,
        "type": "workflow",
        "attributes": { "name": world[flow].name, "phase": phase, "outcome": outcome },
    })
}

fn job(world: &World, id: Id<Job>) -> Value {
    let job = &world[id];
    let (phase, outcome) = phase(&job.status);
    let step = |step: steps::Step| {
        let outcome = step.ended.map(|_| if step.failed { "failed" } else { "success" });
        json!({
            "name": step.name,
            "type": "run",
            "num": step.number,
            "phase": if step.ended.is_some() { "ended" } else { "started" },
            "outcome": outcome,
            "exit_code": step.ended.map(|_| i32::from(step.failed)),
            "started_at": rfc3339(step.began),
            "ended_at": step.ended.map(rfc3339),
        })
    };
    let execution = |index| json!({ "steps": steps::of(job, index).into_iter().map(step).collect::<Vec<_>>() });
    json!({
        "id": job.id,
        "type": "job",
        "attributes": {
            "name": job.name,
            "type": job.kind,
            "phase": phase,
            "outcome": outcome,
            "started_at": job.started.map(rfc3339),
            "ended_at": job.stopped.map(rfc3339),
            "parallel_executions": (0..job.parallelism).map(execution).collect::<Vec<_>>(),
        },
    })
}

/// A job by its id; this is a look at it.
fn one(call: &mut Call<'_>, id: &str) -> Result<Id<Job>, Reply> {
    let found = call.world.job_of_id(id);
    let found = found.filter(|job| call.world.role(call.by, call.world.project_of(*job)).is_some());
    let found = found.ok_or_else(|| Reply::message(404, "Job not found"))?;
    call.world[found].look();
    Ok(found)
}

fn jobs(call: &mut Call<'_>) -> Answer {
    let id = call.request.parameter("filter[workflow_id]").unwrap_or_default();
    let flow = call.workflow(id)?;
    let ids = call.world.jobs_of(flow);
    for id in &ids {
        call.world[*id].look();
    }
    let item = |id: Id<Job>| {
        let mut document = job(call.world, id);
        // The list says `started` of a job that is queued; its time of start tells them apart.
        if call.world[id].status == "queued" {
            document["attributes"]["phase"] = json!("started");
        }
        document
    };
    let items: Vec<Value> = ids.into_iter().map(item).collect();
    Ok(list(call, &items))
}

/// What a step has printed, from the byte on that the client names.
fn stdout(call: &mut Call<'_>, id: &str) -> Answer {
    let job = one(call, id)?;
    let number = |name: &str| call.request.parameter(name).and_then(|value| value.parse::<usize>().ok());
    let place = number("filter[step_num]").zip(number("filter[execution]"));
    let text = place.and_then(|(step, execution)| steps::output(call.world, job, step, execution));
    let text = text.ok_or_else(|| Reply::message(404, "Nothing yet."))?;
    let range = call.request.header("range").and_then(|value| value.strip_prefix("bytes="));
    let begin = range.and_then(|value| value.trim_end_matches('-').parse::<usize>().ok());
    let rest = text.as_bytes().get(begin.unwrap_or_default()..).filter(|rest| !rest.is_empty());
    let rest = rest.ok_or_else(|| Reply::message(416, "Nothing more yet."))?;
    let status = if begin.is_some() { 206 } else { 200 };
    Ok(Reply::bytes(status, "text/plain", rest).header("X-Terminal", "true"))
}

fn projects(call: &Call<'_>) -> Answer {
    let slug: Vec<&str> = call.request.parameter("filter[slug]").unwrap_or_default().split('/').collect();
    let found = call.project(&slug).ok().map(|id| &call.world[id]);
    let item = found.map(
        |found| json!({ "id": found.id, "type": "project", "attributes": { "name": found.name, "slug": found.slug } }),
    );
    Ok(list(call, &Vec::from_iter(item)))
}

fn settings(call: &Call<'_>, id: &str) -> Answer {
    let found = call.world.projects.iter().position(|project| project.id == id).map(Id::new);
    let found = found.filter(|project| call.world.role(call.by, *project).is_some());
    let found = found.ok_or_else(|| Reply::message(404, "Project not found"))?;
    call.may_write(found)?;
    let disabled = call.world[found].disable_ssh;
    Ok(data(&json!({ "id": id, "type": "project_settings", "attributes": { "is_ssh_disabled": disabled } })))
}

fn users(call: &Call<'_>) -> Answer {
    let user = &call.world[call.by];
    let item = json!({ "id": user.id, "type": "user", "attributes": { "login": user.login, "name": user.name } });
    Ok(list(call, &[item]))
}

fn contexts(call: &Call<'_>) -> Answer {
    let owner = call.request.parameter("filter[org_id]").unwrap_or_default();
    let of_owner = call.world.contexts.iter().filter(|context| call.world[context.organisation].id == owner);
    let item = |context: &super::world::Context| json!({ "id": context.id, "type": "context", "attributes": { "name": context.name } });
    Ok(list(call, &of_owner.map(item).collect::<Vec<_>>()))
}
