//! Ending jobs: which, whether that is meant, and what became of it.

use crate::{
    circleci::{
        ApiError, Client, Slug,
        ssh_jobs::{self, Cancelled, Choice, SshJob, choose},
        which,
    },
    cli::{Console, FAILED, FINE, Failure, Format},
    doctor::Progress as _,
    report::{json, ssh_jobs as said, v1},
    system::System,
};

/// A job that is to be cancelled.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Chosen {
    slug: Slug,
    number: u64,
    id: Option<String>,
    display: String,
    /// What to say about it besides: whose it is, where it is somebody else's.
    remark: Option<String>,
}

impl From<SshJob> for Chosen {
    fn from(job: SshJob) -> Self {
        let others = job.owner.as_ref().map_or_else(|| "not yours".to_owned(), |owner| format!("{owner}'s"));
        Self {
            display: job.display(),
            remark: (!job.mine).then_some(others),
            slug: job.slug,
            number: job.number,
            id: job.id,
        }
    }
}

/// The jobs that are meant, each once.
pub(super) fn chosen(client: &Client<'_>, jobs: &[SshJob], names: &[String]) -> Result<Vec<Chosen>, Failure> {
    let mut all: Vec<Chosen> = Vec::new();
    for name in names {
        let one = match choose(jobs, name, client.host())? {
            Choice::Listed(job) => Chosen::from(*job),
            Choice::Other(slug, number) => other(client, slug, number)?,
        };
        if !all.iter().any(|chosen| chosen.slug.page() == one.slug.page() && chosen.number == one.number) {
            all.push(one);
        }
    }
    Ok(all)
}

/// One that the list does not have.
fn other(client: &Client<'_>, slug: Slug, number: u64) -> Result<Chosen, Failure> {
    let job = client.job(&slug, number).map_err(|error| match error {
        ApiError::NotFound => Failure::JobNotFound(format!("{slug}/{number}")),
        error => Failure::CircleCi(error),
    })?;
    let project = job.project.and_then(|project| project.name);
    let display = which::display(&slug, project.as_deref(), Some(number), &job.name.unwrap_or_default());
    Ok(Chosen { slug, number, id: None, display, remark: Some("not in the list of jobs with SSH".into()) })
}

/// Whether it is meant.
pub(super) fn confirmed(chosen: &[Chosen], yes: bool, console: &mut Console<'_>) -> Result<bool, Failure> {
    if yes || chosen.is_empty() {
        return Ok(true);
    }
    let named = |job: &Chosen| match &job.remark {
        Some(remark) => format!("{} ({remark})", job.display),
        None => job.display.clone(),
    };
    if !console.input_is_terminal {
        let names: Vec<String> = chosen.iter().map(named).collect();
        return Err(Failure::Unconfirmed(names.join(", ")));
    }
    let lines: Vec<String> = chosen.iter().map(named).collect();
    console.print_error(&said::question(&lines))?;
    let answer = console.line()?;
    let meant = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if !meant {
        console.print_error("Nothing is cancelled.\n")?;
    }
    Ok(meant)
}

/// Cancels them, one after the other.
pub(super) fn run(
    client: &Client<'_>,
    chosen: &[Chosen],
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let line = console.progress();
    let cancelled = chosen.iter().map(|job| {
        line.step(&format!("cancelling {}", job.display));
        let answer = ssh_jobs::cancel(client, &job.slug, job.number, job.id.as_deref());
        outcome(job, answer)
    });
    let cancelled: Vec<said::Cancelled> = cancelled.collect();
    drop(line);
    let failed = cancelled.iter().any(|job| job.result == said::Outcome::Failed);
    let all = said::Cancellation { version: said::VERSION, tool: v1::Tool::this(), cancelled };
    match format {
        Format::Text => console.print(&said::cancelled(&all, console.look(system, false)))?,
        Format::Json => {
            json::write(&all, &mut *console.output)?;
            console.output.flush()?;
        }
    }
    for job in all.cancelled.iter().filter(|job| job.result == said::Outcome::Failed) {
        console.complain(&format!("{} is not cancelled: {}", job.display, job.why.as_deref().unwrap_or_default()))?;
    }
    Ok(if failed { FAILED } else { FINE })
}

fn outcome(job: &Chosen, answer: Cancelled) -> said::Cancelled {
    let (result, why) = match answer {
        Cancelled::Now => (said::Outcome::Cancelled, None),
        Cancelled::HadEnded(status) => (said::Outcome::HadEnded, Some(status)),
        Cancelled::Not(ApiError::Forbidden(_)) => {
            (said::Outcome::Failed, Some("CircleCI does not let this token's owner do it (403)".into()))
        }
        Cancelled::Not(error) => (said::Outcome::Failed, Some(error.to_string())),
    };
    said::Cancelled { slug: job.slug.to_string(), number: job.number, display: job.display.clone(), result, why }
}
