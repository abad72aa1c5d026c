//! API v2: control. The documents are in `v2_documents.rs`.
//!
//! To add a call: a line in [`answer`]. Its request and its reply have to be in the description (`tests/circleci/`), or,
//! where that is known to be behind the service, in `description.rs`.

use serde_json::{Value, json};

use super::call::{Answer, Call};
use super::http::Reply;
use super::id::Id;
use super::rerun::Wish;
use super::v2_documents as documents;
use super::world::{Organisation, Pipeline, Workflow};

pub(crate) const PREFIX: &str = "/api/v2";

pub(crate) fn answer(call: &mut Call<'_>, path: &[&str]) -> Reply {
    let method = call.request.method.clone();
    let answer = match (method.as_str(), path) {
        ("GET", ["me"]) => Ok(Reply::json(200, &documents::user(call.world, call.by))),
        ("GET", ["me", "collaborations"]) => Ok(Reply::json(200, &documents::collaborations(call.world, call.by))),
        ("GET", ["user", id]) => user(call, id),
        ("GET", ["project", slug @ .., "pipeline"]) if slug.len() == 3 => pipelines(call, slug, false),
        ("GET", ["project", slug @ .., "pipeline", "mine"]) if slug.len() == 3 => pipelines(call, slug, true),
        ("GET", ["project", slug @ .., "settings"]) if slug.len() == 3 => settings(call, slug),
        ("GET", ["project", slug @ .., "job", number]) if slug.len() == 3 => call
            .job(slug, number, "Job not found")
            .map(|job| Reply::json(200, &documents::job(call.world, job, &call.at.api))),
        ("POST", ["project", slug @ .., "job", number, "cancel"]) if slug.len() == 3 => cancel(call, slug, number),
        ("GET", ["project", slug @ ..]) if slug.len() == 3 => {
            call.project(slug).map(|project| Reply::json(200, &documents::project(call.world, project)))
        }
        ("POST", ["jobs", id, "cancel"]) => cancel_by_id(call, id),
        ("GET", ["pipeline", id]) => pipeline(call, id, false),
        ("GET", ["pipeline", id, "workflow"]) => pipeline(call, id, true),
        ("GET", ["workflow", id]) => workflow(call, id),
        ("GET", ["workflow", id, "job"]) => workflow_jobs(call, id),
        ("POST", ["workflow", id, "rerun"]) => rerun(call, id),
        ("POST", ["workflow", id, "cancel"]) => cancel_workflow(call, id),
        ("GET", ["context"]) => contexts(call),
        ("GET", ["context", id]) => context(call, id, false),
        ("GET", ["context", id, "restrictions"]) => context(call, id, true),
        _ => Err(Reply::message(404, "Not found")),
    };
    answer.unwrap_or_else(|refusal| refusal)
}

/// A page of a list. The token of the next one says where it begins, which clients have no business to know.
fn page(call: &Call<'_>, items: &[Value]) -> Answer {
    let begin = match call.request.parameter("page-token").filter(|token| !token.is_empty()) {
        None => 0,
        Some(token) => token
            .strip_prefix("AARLw")
            .and_then(|place| place.parse().ok())
            .filter(|place| *place < items.len())
            .ok_or_else(|| Reply::message(400, "Invalid page-token."))?,
    };
    let end = (begin + call.world.page_size).min(items.len());
    let next = (end < items.len()).then(|| format!("AARLw{end}"));
    Ok(Reply::json(200, &json!({ "items": items[begin..end], "next_page_token": next })))
}

fn user(call: &Call<'_>, id: &str) -> Answer {
    let found = call.world.users.iter().position(|user| user.id == id);
    let found = found.ok_or_else(|| Reply::message(404, "User not found"))?;
    Ok(Reply::json(200, &documents::user(call.world, Id::new(found))))
}

fn settings(call: &Call<'_>, slug: &[&str]) -> Answer {
    let project = call.project(slug)?;
    call.may_write(project)?;
    Ok(Reply::json(200, &documents::settings(call.world, project)))
}

fn pipelines(call: &Call<'_>, slug: &[&str], mine: bool) -> Answer {
    let project = call.project(slug)?;
    let branch = call.request.parameter("branch");
    let world = &call.world;
    let found: Vec<Value> = (0..world.pipelines.len())
        .rev()
        .map(Id::<Pipeline>::new)
        .filter(|id| world[*id].project == project && (!mine || world[*id].actor == call.by))
        .filter(|id| branch.is_none_or(|branch| world[*id].branch == branch))
        .map(|id| documents::pipeline(world, id))
        .collect();
    page(call, &found)
}

fn pipeline(call: &Call<'_>, id: &str, its_workflows: bool) -> Answer {
    let found = call.world.pipeline_of_id(id);
    let found = found.filter(|found| call.world.role(call.by, call.world[*found].project).is_some());
    let found = found.ok_or_else(|| Reply::message(404, "Pipeline not found"))?;
    if !its_workflows {
        return Ok(Reply::json(200, &documents::pipeline(call.world, found)));
    }
    let flows = call.world.workflows_of(found).into_iter().rev();
    let items: Vec<Value> = flows.map(|flow| documents::workflow(call.world, flow)).collect();
    page(call, &items)
}

fn workflow(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = call.workflow(id)?;
    for job in call.world.jobs_of(flow) {
        call.world[job].look();
    }
    Ok(Reply::json(200, &documents::workflow(call.world, flow)))
}

fn workflow_jobs(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = call.workflow(id)?;
    let jobs = call.world.jobs_of(flow);
    for job in &jobs {
        call.world[*job].look();
    }
    let items: Vec<Value> = jobs.into_iter().map(|job| documents::workflow_job(call.world, job)).collect();
    page(call, &items)
}

fn writable(call: &Call<'_>, id: &str) -> Result<Id<Workflow>, Reply> {
    let flow = call.workflow(id)?;
    call.may_write(call.world[call.world[flow].pipeline].project)?;
    Ok(flow)
}

fn rerun(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = writable(call, id)?;
    // Fields that v2 does not know (those of v3 among them) are ignored.
    let body = call.request.json().unwrap_or_else(|| json!({}));
    let yes = |field: &str| body.get(field).and_then(Value::as_bool).unwrap_or_default();
    let wish = Wish { ssh: yes("enable_ssh"), jobs: names(body.get("jobs")), from_failed: yes("from_failed") };
    if wish.ssh && (wish.jobs.is_empty() || wish.from_failed) {
        return Err(Reply::message(400, "enable_ssh requires jobs and cannot be used with from_failed."));
    }
    let new = call.world.rerun(flow, call.by, &wish).map_err(|(status, text)| Reply::message(status, &text))?;
    Ok(Reply::json(202, &json!({ "workflow_id": call.world[new].id })))
}

/// The strings of a list.
pub(crate) fn names(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

fn accepted() -> Answer {
    Ok(Reply::message(202, "Accepted."))
}

fn cancel(call: &mut Call<'_>, slug: &[&str], number: &str) -> Answer {
    let job = call.job(slug, number, "Job not found")?;
    call.may_write(call.world.project_of(job))?;
    call.world.cancel(job, call.by);
    accepted()
}

fn cancel_by_id(call: &mut Call<'_>, id: &str) -> Answer {
    let found = call.world.job_of_id(id);
    let found = found.filter(|job| call.world.role(call.by, call.world.project_of(*job)).is_some());
    let job = found.ok_or_else(|| Reply::message(404, "Job not found"))?;
    call.may_write(call.world.project_of(job))?;
    call.world.cancel(job, call.by);
    accepted()
}

fn cancel_workflow(call: &mut Call<'_>, id: &str) -> Answer {
    let flow = writable(call, id)?;
    call.world.cancel_workflow(flow, call.by);
    accepted()
}

/// Whether the user works in a project of the organisation.
fn belongs(call: &Call<'_>, organisation: Id<Organisation>) -> bool {
    let mut projects = call.world.projects.iter().filter(|project| project.organisation == organisation);
    projects.any(|project| project.members.iter().any(|(member, _)| *member == call.by))
}

fn contexts(call: &Call<'_>) -> Answer {
    let (id, slug) = (call.request.parameter("owner-id"), call.request.parameter("owner-slug"));
    if id.is_some() == slug.is_some() {
        return Err(Reply::message(400, "Specify either owner-id or owner-slug."));
    }
    let is = |owner: &Organisation| id == Some(&owner.id) || slug == Some(&owner.slug);
    let owner = call.world.organisations.iter().position(is).map(Id::new);
    let owner = owner.filter(|owner| belongs(call, *owner));
    let owner = owner.ok_or_else(|| Reply::message(404, "Organization not found"))?;
    let found = call.world.contexts.iter().filter(|context| context.organisation == owner);
    let items: Vec<Value> = found.map(documents::context).collect();
    page(call, &items)
}

fn context(call: &Call<'_>, id: &str, its_restrictions: bool) -> Answer {
    let found = call.world.context_of_id(id);
    let found = found.filter(|found| belongs(call, call.world[*found].organisation));
    let found = found.ok_or_else(|| Reply::message(404, "Context not found"))?;
    if its_restrictions {
        return page(call, &documents::restrictions(call.world, found));
    }
    Ok(Reply::json(200, &documents::context(&call.world[found])))
}
