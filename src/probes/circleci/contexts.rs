//! The contexts of a job that was not allowed to run, and what restricts them.

use std::thread;

use super::{answer, known};
use crate::{
    circleci::{
        ApiError, Client,
        api::v2::{self, Project},
    },
    facts::{
        Fact,
        circleci::{Context, Restriction},
    },
};

/// Contexts whose restrictions are asked for, all at a time.
const CONTEXTS: usize = 8;

/// The job was refused for what may be one of its contexts, so their restrictions are worth asking for.
pub(super) fn matter(job: &v2::Job) -> bool {
    job.status.as_deref() == Some("unauthorized") && job.contexts.as_ref().is_some_and(|contexts| !contexts.is_empty())
}

/// The contexts by name; their restrictions only where they [`matter`].
pub(super) fn look(
    client: &Client<'_>,
    job: &v2::Job,
    project: Option<&Result<Project, ApiError>>,
) -> Fact<Vec<Context>> {
    let Some(named) = &job.contexts else { return Fact::unknown("CircleCI does not say which contexts the job uses") };
    let names = named.iter().filter_map(|named| named.name.clone());
    let mut contexts: Vec<Context> = names.map(|name| Context { name, ..Context::default() }).collect();
    let Some(project) = project.filter(|_| matter(job)) else { return contexts.into() };
    let listed = project
        .as_ref()
        .map_err(Clone::clone)
        .and_then(|project| project.organization_id.as_ref().ok_or(ApiError::Form("the project")))
        .and_then(|organization| client.contexts(organization));
    thread::scope(|scope| {
        let calls: Vec<_> = contexts
            .iter_mut()
            .take(CONTEXTS)
            .map(|context| {
                let listed = listed.as_ref();
                scope.spawn(move || {
                    context.restrictions = match listed {
                        Ok(listed) => restrictions(client, &context.name, listed),
                        Err(error) => Fact::unknown(error.to_string()),
                    };
                    Ok(())
                })
            })
            .collect();
        for call in calls {
            // What a thread that panicked was to fill stays unknown.
            let _ = answer(call);
        }
    });
    contexts.into()
}

fn restrictions(client: &Client<'_>, name: &str, listed: &[v2::Context]) -> Fact<Vec<Restriction>> {
    let found = listed.iter().find(|context| context.name.as_deref() == Some(name));
    match found.and_then(|context| context.id.as_deref()) {
        Some(id) => known(client.restrictions(id).map(|found| found.into_iter().map(restriction).collect())),
        None => Fact::unknown("CircleCI does not list this context to the token's owner"),
    }
}

fn restriction(found: v2::Restriction) -> Restriction {
    Restriction {
        kind: found.restriction_type.unwrap_or_default(),
        name: found.name,
        value: found.restriction_value,
        about_ssh: false,
    }
}
