//! What the Enable SSH step prints, in each of the job's executions.

use crate::{
    circleci::{
        ApiError, Client, Slug,
        api::v1::Build,
        steps::{self, SshStep},
    },
    facts::{CircleCi, EnableSsh, Fact, circleci::Execution},
    target::{self, Asked, Form, Target},
};

/// Executions whose step is read; a job may have hundreds.
const EXECUTIONS: usize = 32;

/// Those of a build.
pub(super) fn look(client: &Client<'_>, slug: &Slug, number: u64, build: Result<&Build, ApiError>) -> Vec<Execution> {
    build.map_or_else(|_| Vec::new(), |build| read(client, slug, number, &steps::of_build(build)))
}

/// The same where v1.1 does not tell them, which `error` is about.
pub(super) fn by_id(
    client: &Client<'_>,
    slug: &Slug,
    number: u64,
    job: Option<&str>,
    error: &ApiError,
) -> Fact<Vec<Execution>> {
    let asked = job.filter(|_| client.host().is_cloud()).map(|job| client.ssh_steps_by_id(job));
    match asked {
        Some(Ok(steps)) => read(client, slug, number, &steps).into(),
        _ => Fact::unknown(error.to_string()),
    }
}

fn read(client: &Client<'_>, slug: &Slug, number: u64, steps: &[SshStep]) -> Vec<Execution> {
    let steps = steps.get(..EXECUTIONS).unwrap_or(steps);
    let texts = client.printed_by_each(slug, number, steps);
    steps.iter().zip(texts).map(|(step, text)| execution(step, text)).collect()
}

fn execution(step: &SshStep, text: Result<String, ApiError>) -> Execution {
    Execution {
        index: step.index,
        enable_ssh: match text {
            Ok(text) => understood(&text).into(),
            Err(error) => Fact::unknown(error.to_string()),
        },
        status: step.status.clone(),
        enabled_at: step.enabled_at.clone(),
        waiting_since: step.waiting_since.clone(),
        waited_until: step.waited_until.clone(),
    }
}

/// The step's text; words that are not known here are taken for one that is not ready.
fn understood(text: &str) -> EnableSsh {
    let step = match target::from_text(text, false) {
        Ok(Asked::Login(target)) => target.enable_ssh,
        _ => None,
    };
    step.as_ref().map_or_else(|| EnableSsh { state: "not-ready".into(), ..EnableSsh::default() }, EnableSsh::from)
}

/// The execution to log in to where nobody says which: the first that prints a command.
pub(super) fn first_with_a_command(executions: &Fact<Vec<Execution>>) -> u32 {
    let ready = |execution: &&Execution| execution.enable_ssh.known().is_some_and(|step| !step.commands.is_empty());
    executions.known().and_then(|all| all.iter().find(ready)).map_or(0, |execution| execution.index)
}

/// Where the login goes; without a host where nothing is printed.
pub(super) fn target(facts: &CircleCi) -> Target {
    let meant = facts.executions.known().and_then(|all| all.iter().find(|one| one.index == facts.execution));
    let step = meant.and_then(|execution| execution.enable_ssh.known());
    let command = step.and_then(|step| step.commands.first());
    match command.map(|command| target::from_text(command, false)) {
        Some(Ok(Asked::Login(target))) => *target,
        _ => Target { form: Form::None, ..Target::default() },
    }
}
