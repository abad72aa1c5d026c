//! `cci-ssh jobs`: the jobs with SSH that run or wait, and how they are ended.

mod cancel;

use std::time::Duration;

use clap::Args;

use super::{Console, FINE, Failure, Format, circleci};
use crate::{
    circleci::{
        Client, Credentials,
        api::v2::User,
        ssh_jobs::{self, Listing, SshJob},
    },
    doctor::Progress as _,
    report::{json, ssh_jobs as said, v1},
    system::System,
};

/// List your jobs with SSH that run or wait, and cancel them
///
/// A job with SSH stays up after its steps are over, and each of its parallel runs holds a place of the organisation's
/// concurrency and costs credits until its time is over or somebody cancels it. CircleCI tells the latest jobs of the projects
/// that you follow, so a job of another project cannot be in the list; cancel that by its full name.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cci-ssh jobs
  cci-ssh jobs --cancel 345
  cci-ssh jobs --cancel-mine --yes
  cci-ssh jobs --all --format json

Exit codes: 0 done, 2 something could not be done")]
pub(super) struct Arguments {
    /// Everybody's, not only your own
    #[arg(long)]
    all: bool,
    /// Cancel these jobs: numbers of the list, or gh/acme/web/345
    #[arg(long, value_name = "NUMBER", num_args = 1..)]
    cancel: Vec<String>,
    /// Cancel all that are your own
    #[arg(long, conflicts_with = "cancel")]
    cancel_mine: bool,
    /// Cancel without a question
    #[arg(long)]
    yes: bool,
    /// End after this time
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    #[command(flatten)]
    circleci: circleci::CircleCi,
}

/// Lists or cancels.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let credentials = arguments.circleci.credentials(system)?;
    let limit = Duration::from_secs(arguments.timeout);
    let (mut client, me) = circleci::open(system, &credentials, limit)?;
    let listing = look(&client, &me, &credentials, console)?;
    if arguments.cancel_mine || !arguments.cancel.is_empty() {
        let chosen = if arguments.cancel_mine {
            listing.jobs.into_iter().filter(|job| job.mine).map(cancel::Chosen::from).collect()
        } else {
            cancel::chosen(&client, &listing.jobs, &arguments.cancel)?
        };
        if !cancel::confirmed(&chosen, arguments.yes, console)? {
            return Ok(FINE);
        }
        // Whoever was asked may have thought for a while.
        client.set_limit(limit);
        return cancel::run(&client, &chosen, format, system, console);
    }
    let jobs = document(&listing, arguments.all);
    match format {
        Format::Text => console.print(&said::list(&jobs, arguments.all, console.look(system, false)))?,
        Format::Json => {
            json::write(&jobs, &mut *console.output)?;
            console.output.flush()?;
        }
    }
    Ok(FINE)
}

fn look(
    client: &Client<'_>,
    me: &User,
    credentials: &Credentials,
    console: &mut Console<'_>,
) -> Result<Listing, Failure> {
    let line = console.progress();
    line.step("asking CircleCI for jobs with SSH");
    ssh_jobs::list(client, me).map_err(|error| circleci::unanswered(error, credentials))
}

fn document(listing: &Listing, everybody: bool) -> said::Jobs {
    let jobs: Vec<said::Job> = listing.jobs.iter().filter(|job| everybody || job.mine).map(job).collect();
    let mut incomplete = Vec::new();
    if let Some(read) = listing.cut {
        incomplete.push(format!("Only the latest {read} jobs of your projects were read; older ones may still run."));
    }
    if listing.unseen > 0 {
        let jobs = said::count(u32::try_from(listing.unseen).unwrap_or(u32::MAX), "other job");
        let verb = if listing.unseen == 1 { "runs or waits and was" } else { "run or wait and were" };
        let why = listing.trouble.as_ref().map(|error| format!(" ({error})")).unwrap_or_default();
        incomplete.push(format!("{jobs} {verb} not looked at closely, so whether with SSH is not known{why}."));
    } else if let Some(error) = &listing.trouble {
        incomplete.push(format!("CircleCI did not tell everything: {error}."));
    }
    said::Jobs {
        version: said::VERSION,
        tool: v1::Tool::this(),
        slots: jobs.iter().map(|job| job.slots).sum(),
        jobs,
        incomplete,
    }
}

fn job(job: &SshJob) -> said::Job {
    let job = job.clone();
    said::Job {
        slug: job.slug.to_string(),
        project: job.project,
        number: job.number,
        name: job.name,
        status: job.status,
        url: job.url,
        branch: job.branch,
        mine: job.mine,
        owner: job.owner,
        queued_at: job.queued_at,
        started_at: job.started_at,
        age_seconds: job.age,
        executor: job.executor,
        resource_class: job.resource_class,
        slots: job.executions,
    }
}
