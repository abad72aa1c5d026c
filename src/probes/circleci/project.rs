//! The job's project, and whether it lets its jobs be rerun with SSH.

use super::known;
use crate::{
    circleci::{
        ApiError, Client, Slug,
        api::v2::{self, Settings},
    },
    facts::{CircleCi, Fact, circleci::Project},
};

/// What the two answers say.
pub(super) fn look(
    client: &Client<'_>,
    slug: &Slug,
    about: Result<v2::Project, ApiError>,
    settings: Result<Settings, ApiError>,
    _facts: &CircleCi,
) -> Fact<Project> {
    let about = about.unwrap_or_default();
    let name = match (about.organization_name, about.name) {
        (Some(organization), Some(name)) => format!("{organization}/{name}"),
        (None, Some(name)) if slug.kind() == "circleci" => name,
        _ => slug.name(),
    };
    let disable_ssh = match known(settings) {
        Fact::Known(settings) => settings.advanced.and_then(|advanced| advanced.disable_ssh).map_or_else(
            || Fact::unknown("CircleCI's answer about the project's settings does not say it"),
            Fact::Known,
        ),
        Fact::Unknown(why) => Fact::Unknown(why),
    };
    Project {
        slug: slug.to_string(),
        name,
        kind: slug.kind().into(),
        settings_url: format!("{}/settings/project/{}", client.host().web(), slug.page()),
        disable_ssh,
        id: about.id,
        ..Project::default()
    }
    .into()
}
