//! The configuration: a log shows which lines ssh refused, and nothing of those that it took.

use crate::{
    facts::{Config, ConfigError, Fact},
    probes::config::refused_line,
    ssh::log::{Attempt, ConfigProblem},
};

const WHY: &str = "a log does not show the configuration in force";

pub(super) fn look(attempt: &Attempt) -> Fact<Config> {
    let version = attempt.client.as_ref().map(|client| client.text.as_str());
    let errors: Vec<ConfigError> =
        attempt.config_problems.iter().filter_map(|problem| error(problem, version)).collect();
    if errors.is_empty() {
        return Fact::unknown(WHY);
    }
    Config { errors, ..Config::default() }.into()
}

fn error(problem: &ConfigProblem, version: Option<&str>) -> Option<ConfigError> {
    let error = refused_line(&problem.seen.text, version)?;
    Some(ConfigError { seen: problem.seen.clone(), ..error })
}
