//! The job's project, and whether it lets its jobs be rerun with SSH.

use super::known;
use crate::{
    circleci::{
        ApiError, Client, Slug,
        api::v2::{self, Settings},
    },
    facts::{Fact, circleci::Project},
};

/// What the job and the settings say; the project's own document only where somebody had to ask for it.
pub(super) fn look(
    client: &Client<'_>,
    slug: &Slug,
    job: Option<&v2::Job>,
    asked: Option<v2::Project>,
    settings: Result<Settings, ApiError>,
) -> Fact<Project> {
    let asked = asked.unwrap_or_default();
    let organization = || job?.organization.as_ref()?.name.clone();
    let project = || job?.project.as_ref()?.name.clone();
    let name = match (asked.organization_name.or_else(organization), asked.name.or_else(project)) {
        // The parts of the slug are ids.
        (Some(organization), Some(name)) if slug.kind() == "circleci" => format!("{organization}/{name}"),
        (None, Some(name)) if slug.kind() == "circleci" => name,
        _ => slug.name(),
    };
    let settings = known(settings.map(|settings| settings.advanced.and_then(|advanced| advanced.disable_ssh)));
    Project {
        slug: slug.to_string(),
        name,
        kind: slug.kind().into(),
        settings_url: format!("{}/settings/project/{}", client.host().web(), slug.page()),
        disable_ssh: match settings {
            Fact::Known(Some(disabled)) => disabled.into(),
            Fact::Known(None) => Fact::unknown("CircleCI's answer about the project's settings does not say it"),
            Fact::Unknown(why) => Fact::Unknown(why),
        },
        id: asked.id.or_else(|| job?.project.as_ref()?.id.clone()),
        ..Project::default()
    }
    .into()
}
