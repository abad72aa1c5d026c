//! What the Enable SSH step prints, in each of the job's executions.

use std::net::IpAddr;

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
const EXECUTIONS: u32 = 32;

/// The build, and what its steps print.
pub(super) fn look(
    client: &Client<'_>,
    slug: &Slug,
    number: u64,
    meant: Option<u32>,
) -> (Result<Build, ApiError>, Fact<Vec<Execution>>) {
    let build = client.build(slug, number);
    let executions = match &build {
        Ok(build) if build.steps.is_some() => read(client, slug, number, meant, steps::of_build(build)).into(),
        Ok(_) => Fact::unknown("CircleCI's answer does not tell the job's steps"),
        Err(error) => Fact::unknown(error.to_string()),
    };
    (build, executions)
}

/// The same where v1.1 does not tell them: by the job's id, or what its workflow lists.
pub(super) fn by_id(
    client: &Client<'_>,
    slug: &Slug,
    number: u64,
    meant: Option<u32>,
    (job, workflow): (Option<&str>, Option<&str>),
) -> Option<Vec<Execution>> {
    if !client.host().is_cloud() {
        return None;
    }
    let listed = || client.workflow_jobs(workflow?).ok()?.into_iter().find(|job| job.job_number == Some(number))?.id;
    let job = job.map(str::to_owned).or_else(listed)?;
    let steps = client.ssh_steps_by_id(&job).ok()?;
    Some(read(client, slug, number, meant, steps))
}

fn read(client: &Client<'_>, slug: &Slug, number: u64, meant: Option<u32>, mut steps: Vec<SshStep>) -> Vec<Execution> {
    steps.retain(|step| step.index < EXECUTIONS || Some(step.index) == meant);
    let texts = client.printed_by_each(slug, number, &steps);
    steps.iter().zip(texts).map(|(step, text)| execution(step, text)).collect()
}

fn execution(step: &SshStep, text: Result<String, ApiError>) -> Execution {
    Execution {
        index: step.index,
        enable_ssh: match text {
            Ok(text) => understood(&text, step.enabled_at.is_some()),
            Err(error) => Fact::unknown(error.to_string()),
        },
        status: step.status.clone(),
        enabled_at: step.enabled_at.clone(),
        waiting_since: step.waiting_since.clone(),
        waited_until: step.waited_until.clone(),
    }
}

/// The step's text. What is not known here prints no command, unless the step has ended and names a place: then it may be
/// one in new words.
fn understood(text: &str, has_ended: bool) -> Fact<EnableSsh> {
    let step = match target::from_text(text, false) {
        Ok(Asked::Login(target)) => target.enable_ssh,
        _ => None,
    };
    let is_place = |word: &str| word.contains('@') || word.contains("://") || word.parse::<IpAddr>().is_ok();
    match step {
        Some(step) => EnableSsh::from(&step).into(),
        None if has_ended && text.split_whitespace().any(is_place) => {
            Fact::unknown("the Enable SSH step prints words that are not known here")
        }
        None => EnableSsh { state: "not-ready".into(), ..EnableSsh::default() }.into(),
    }
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
