//! The documents of API v2.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::clock::rfc3339;
use super::id::{Id, uuid};
use super::job::Job;
use super::world::{Context, Kind, Organisation, Pipeline, Project, Restriction, User, Workflow, World};

pub(crate) fn user(world: &World, user: Id<User>) -> Value {
    let User { id, login, name, .. } = &world[user];
    json!({ "id": id, "login": login, "name": name })
}

pub(crate) fn collaborations(world: &World, user: Id<User>) -> Value {
    let joined = |owner: Id<Organisation>| {
        let mut projects = world.projects.iter().filter(|project| project.organisation == owner);
        projects.any(|project| project.members.iter().any(|(member, _)| *member == user))
    };
    let found = (0..world.organisations.len()).map(Id::new).filter(|owner| joined(*owner));
    found
        .map(|owner| {
            let Organisation { id, kind, name, slug } = &world[owner];
            let kind = match kind {
                Kind::Github => "github",
                Kind::Bitbucket => "bitbucket",
                Kind::Circleci => "circleci",
            };
            json!({ "id": id, "vcs-type": kind, "name": name, "slug": slug, "avatar_url": "https://avatars.example/1" })
        })
        .collect()
}

pub(crate) fn project(world: &World, project: Id<Project>) -> Value {
    let Project { id, name, slug, organisation, default_branch, .. } = &world[project];
    let owner = &world[*organisation];
    let (provider, url) = match owner.kind {
        Kind::Github => ("GitHub", format!("https://github.com/{}/{name}", owner.name)),
        Kind::Bitbucket => ("Bitbucket", format!("https://bitbucket.org/{}/{name}", owner.name)),
        Kind::Circleci => ("CircleCI", format!("//circleci.com/{}/{id}", owner.id)),
    };
    json!({
        "slug": slug,
        "name": name,
        "id": id,
        "organization_name": owner.name,
        "organization_slug": owner.slug,
        "organization_id": owner.id,
        "vcs_info": { "vcs_url": url, "provider": provider, "default_branch": default_branch },
    })
}

pub(crate) fn settings(world: &World, project: Id<Project>) -> Value {
    json!({ "advanced": {
        "autocancel_builds": false,
        "build_fork_prs": false,
        "build_prs_only": false,
        "disable_ssh": world[project].disable_ssh,
        "forks_receive_secret_env_vars": false,
        "oss": false,
        "set_github_status": true,
        "setup_workflows": false,
        "write_settings_requires_admin": false,
        "pr_only_branch_overrides": [world[project].default_branch],
    }})
}

pub(crate) fn pipeline(world: &World, pipeline: Id<Pipeline>) -> Value {
    let Pipeline { id, number, project, actor, state, branch, created } = &world[pipeline];
    let url = self::project(world, *project)["vcs_info"]["vcs_url"].clone();
    json!({
        "id": id,
        "errors": [],
        "project_slug": world[*project].slug,
        "updated_at": rfc3339(*created),
        "created_at": rfc3339(*created),
        "number": number,
        "state": state,
        "trigger": {
            "type": "webhook",
            "received_at": rfc3339(*created),
            "actor": { "login": world[*actor].login, "avatar_url": null },
        },
        "vcs": {
            "provider_name": "GitHub",
            "target_repository_url": url,
            "origin_repository_url": url,
            "branch": branch,
            "revision": "f454a02b5d10fcccfd7d9dd7608a76d6493a98b4",
            "commit": { "subject": "Read the input in pieces", "body": null },
        },
    })
}

pub(crate) fn workflow(world: &World, workflow: Id<Workflow>) -> Value {
    let Workflow { id, name, pipeline, started_by, canceled_by, tag, created, .. } = &world[workflow];
    let status = world.status(workflow);
    let stops = world.jobs_of(workflow).into_iter().filter_map(|job| world[job].stopped).max();
    let stopped = stops.filter(|_| !matches!(status.as_str(), "running" | "failing" | "on_hold"));
    let pipeline = &world[*pipeline];
    let mut document = json!({
        "id": id,
        "name": name,
        "status": status,
        "project_slug": world[pipeline.project].slug,
        "pipeline_id": pipeline.id,
        "pipeline_number": pipeline.number,
        "started_by": world[*started_by].id,
        "created_at": rfc3339(*created),
        "stopped_at": stopped.map(rfc3339),
    });
    if let Some(user) = canceled_by {
        document["canceled_by"] = json!(world[*user].id);
    }
    if let Some(tag) = tag {
        document["tag"] = json!(tag);
    }
    document
}

pub(crate) fn workflow_job(world: &World, job: Id<Job>) -> Value {
    let slug = &world[world.project_of(job)].slug;
    let job = &world[job];
    let mut document = json!({
        "id": job.id,
        "name": job.name,
        "type": job.kind,
        "status": job.status,
        "project_slug": slug,
        "dependencies": job.dependencies,
        "started_at": job.started.map(rfc3339),
        "stopped_at": job.stopped.map(rfc3339),
    });
    if job.numbered && job.kind == "build" {
        document["job_number"] = json!(job.number);
    }
    if let Some(user) = job.canceled_by {
        document["canceled_by"] = json!(world[user].id);
    }
    document
}

/// The address of a job's page, below the service's own.
pub(crate) fn web_url(world: &World, job: Id<Job>, base: &str) -> String {
    let pipeline = &world[world.pipeline_of(job)];
    let slug = &world[pipeline.project].slug;
    let slug = slug.replacen("gh/", "github/", 1).replacen("bb/", "bitbucket/", 1);
    let Job { number, workflow, .. } = &world[job];
    format!("{base}/pipelines/{slug}/{}/workflows/{}/jobs/{number}", pipeline.number, world[*workflow].id)
}

pub(crate) fn job(world: &World, job: Id<Job>, base: &str) -> Value {
    let url = web_url(world, job, base);
    let (pipeline, project) = (&world[world.pipeline_of(job)], world.project_of(job));
    let job = &world[job];
    let workflow = &world[job.workflow];
    let runs: Vec<Value> = (0..job.parallelism)
        .map(|index| json!({ "index": index, "status": job.status }))
        .filter(|_| job.started.is_some())
        .collect();
    let lasted = |start: SystemTime| job.stopped.and_then(|stop| stop.duration_since(start).ok());
    let duration = job.started.and_then(lasted).map(|time| time.as_millis());
    let message = |(kind, text): &(String, String)| json!({ "type": kind, "message": text });
    let mut executor = json!({ "resource_class": job.resource_class });
    if let Some(kind) = &job.executor {
        executor["type"] = json!(kind);
    }
    let owner = &world[world[project].organisation];
    let external = self::project(world, project)["vcs_info"]["vcs_url"].clone();
    json!({
        "web_url": url,
        "project": {
            "id": world[project].id,
            "slug": world[project].slug,
            "name": world[project].name,
            "external_url": external,
        },
        "parallel_runs": runs,
        "started_at": job.started.map(rfc3339),
        "latest_workflow": { "id": workflow.id, "name": workflow.name },
        "name": job.name,
        "executor": executor,
        "parallelism": job.parallelism,
        "status": job.status,
        "number": job.number,
        "pipeline": { "id": pipeline.id },
        "duration": duration.map(|time| u64::try_from(time).unwrap_or_default()),
        "created_at": rfc3339(job.created),
        "messages": job.messages.iter().map(message).collect::<Vec<_>>(),
        "contexts": job.contexts.iter().map(|id| json!({ "name": world[*id].name })).collect::<Vec<_>>(),
        "organization": { "name": owner.name },
        "queued_at": rfc3339(job.queued),
        "stopped_at": job.stopped.map(rfc3339),
    })
}

pub(crate) fn context(context: &Context) -> Value {
    json!({ "id": context.id, "name": context.name, "created_at": rfc3339(context.created) })
}

pub(crate) fn restrictions(world: &World, context: Id<Context>) -> Vec<Value> {
    let Context { id, restrictions, .. } = &world[context];
    let numbered = restrictions.iter().enumerate();
    numbered
        .map(|(number, restriction)| {
            let (kind, value, name) = match restriction {
                Restriction::Project(project) => ("project", &world[*project].id, &world[*project].name),
                Restriction::Expression(text) => ("expression", text, text),
                Restriction::Group(group, name, _) => ("group", group, name),
            };
            let mut document = json!({
                "id": uuid(&format!("restriction of {id}"), number),
                "context_id": id,
                "name": name,
                "restriction_type": kind,
                "restriction_value": value,
            });
            if kind == "project" {
                document["project_id"] = json!(value);
            }
            document
        })
        .collect()
}
