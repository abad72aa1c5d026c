//! The contexts of a job that was not allowed to run, and what restricts them.

use super::known;
use crate::{
    circleci::{ApiError, Client, Slug, api::v2::Named},
    facts::{
        CircleCi, Fact,
        circleci::{Context, Restriction},
    },
};

/// Contexts whose restrictions are asked for.
const CONTEXTS: usize = 8;

/// The contexts by name; their restrictions only where the job was refused for what may be one of them.
pub(super) fn look(client: &Client<'_>, names: Option<Vec<Named>>, facts: &CircleCi) -> Fact<Vec<Context>> {
    let Some(job) = facts.job.known() else { return Fact::unknown("the job could not be looked at") };
    let Some(names) = names else { return Fact::unknown("CircleCI does not say which contexts the job uses") };
    let mut contexts: Vec<Context> = names
        .into_iter()
        .filter_map(|named| named.name)
        .map(|name| Context { name, restrictions: Fact::default() })
        .collect();
    if job.status != "unauthorized" || contexts.is_empty() {
        return contexts.into();
    }
    let slug = Slug::parse(&job.slug);
    let ids = slug
        .ok_or(ApiError::NotFound)
        .and_then(|slug| client.project(&slug))
        .and_then(|project| project.organization_id.ok_or(ApiError::Form("the project")))
        .and_then(|organization| client.contexts(&organization));
    for context in contexts.iter_mut().take(CONTEXTS) {
        let found = ids.as_ref().map_err(Clone::clone).and_then(|all| {
            let id =
                all.iter().find(|one| one.name.as_deref() == Some(&context.name)).and_then(|one| one.id.as_deref());
            client.restrictions(id.ok_or(ApiError::NotFound)?)
        });
        context.restrictions = known(found).map(|found| found.iter().map(restriction).collect());
    }
    contexts.into()
}

fn restriction(found: &crate::circleci::api::v2::Restriction) -> Restriction {
    Restriction {
        kind: found.restriction_type.clone().unwrap_or_default(),
        name: found.name.clone(),
        value: found.restriction_value.clone(),
        about_ssh: false,
    }
}
