//! The job that was followed, as the report tells it and as other commands take it.

use crate::{
    circleci::{
        Host,
        follow::{Execution, Followed},
        rerun::Job,
    },
    report::{rerun as said, v1},
    target::{JobName, JobUrl, Target},
};

/// The job, as the doctor and `connect` are asked about it.
pub(super) fn url_of(job: &Job, host: &Host) -> JobUrl {
    JobUrl {
        url: job.address(host),
        project: Some(job.slug.to_string()),
        workflow: Some(job.workflow.clone()),
        job: job.number.map(JobName::Number).or_else(|| job.id.clone().map(JobName::Id)),
        ..JobUrl::default()
    }
}

/// The job as a word of a command line.
pub(super) fn argument(job: &Job, host: &Host) -> String {
    let address = job.address(host);
    shlex::try_quote(&address).map(String::from).unwrap_or_default()
}

/// What is said about it; with a report where nobody can log in.
pub(super) fn document(followed: &Followed, started: bool, report: Option<v1::Report>) -> said::Rerun {
    let Followed { job, executions, .. } = followed;
    let ready = report.is_none();
    said::Rerun {
        version: said::VERSION,
        tool: v1::Tool::this(),
        state: if ready { said::State::Ready } else { said::State::NoLogin },
        started,
        job: said::Job {
            slug: job.slug.to_string(),
            number: job.number,
            name: job.name.clone(),
            url: job.url.clone(),
            parallelism: job.parallelism,
            display: job.display(),
        },
        workflow: job.workflow.clone(),
        executions: if ready { executions.iter().filter_map(execution).collect() } else { Vec::new() },
        report,
    }
}

fn execution(execution: &Execution) -> Option<said::Execution> {
    let first = execution.targets.first()?;
    let commands: Vec<Vec<String>> = execution.targets.iter().map(Target::argv).collect();
    let argv = commands.first()?.clone();
    let fingerprints = execution.step.fingerprints.iter();
    Some(said::Execution {
        execution: execution.index,
        command: shlex::try_join(argv.iter().map(String::as_str)).ok()?,
        argv,
        host: first.host.clone(),
        port: first.port,
        user: first.user.clone(),
        fingerprints: (fingerprints.cloned())
            .map(|print| said::Fingerprint { sha256: print.sha256, family: print.family })
            .collect(),
        stays_up: execution.step.stays_up.clone(),
        waits: execution.step.waits.clone(),
        commands,
    })
}
