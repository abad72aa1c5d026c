//! `cci-ssh rerun`: starts a job again with SSH, and prints how to log in to it.

mod document;
#[cfg(test)]
mod tests;

use std::time::Duration;

use clap::Args;

use self::document::{argument, document, url_of};
use super::{Console, FAILED, FINE, FOUND, Failure, Format, circleci, connect, doctor, examine};
use crate::{
    circleci::{
        ApiError, Client, Credentials,
        api::v2::User,
        follow::{End, Followed, Stage, follow},
        rerun::{self, Begun, Job, RerunError},
        ssh_jobs,
        turns::Pace,
    },
    doctor::{AskedJob, Diagnosis, Progress as _, Request, examine},
    findings::Severity,
    report::{json, rerun as said, ssh_jobs::count, text},
    system::System,
    target::{JobUrl, Typed},
};

/// How long the doctor looks at a job that lets nobody in.
const DIAGNOSIS: Duration = Duration::from_secs(10);
/// How long it may take to count the jobs that hold places.
const COUNTING: Duration = Duration::from_secs(10);

/// Rerun a job with SSH, and print the command to log in
///
/// Asks CircleCI to run this one job again with SSH, waits until its Enable SSH step prints the command, and prints it alone on
/// a line. Only one rerun is ever asked for, and a job that runs with SSH for you already is not started again. Waiting can be
/// ended with Ctrl-C: the job goes on, holds a place and costs credits until its time is over or
/// `cci-ssh jobs --cancel` ends it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cci-ssh rerun https://app.circleci.com/pipelines/gh/acme/web/12/workflows/…/jobs/345
  cci-ssh rerun gh/acme/web/345 --execution 2
  cci-ssh rerun gh/acme/web/345 --connect

Exit codes: 0 the command is printed, 1 the job lets nobody in, and the report
says why, 2 it could not be started or watched; those of ssh with --connect,
once ssh is started")]
pub(super) struct Arguments {
    /// The job: its web address, or gh/acme/web/345
    #[arg(value_name = "JOB")]
    job: String,
    /// Only this parallel run, from 0; else the commands of all of them
    #[arg(long, value_name = "N")]
    execution: Option<u32>,
    /// How long to wait: for the workflow to end, for a place, for the command
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    wait: u64,
    /// Log in at once, as cci-ssh connect does: to the parallel run of --execution, else to the first
    #[arg(long)]
    connect: bool,
    /// Start it again even where it runs with SSH for you already
    #[arg(long)]
    again: bool,
    #[command(flatten)]
    circleci: circleci::CircleCi,
}

/// What every part of the command needs.
struct Run<'a> {
    arguments: &'a Arguments,
    format: Format,
    system: &'a dyn System,
    credentials: Credentials,
}

/// Starts it, waits, and prints.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let asked = examine::job(&arguments.job)?;
    let credentials = arguments.circleci.credentials(system)?;
    circleci::same_installation(&asked, &credentials)?;
    let (mut client, me) = circleci::open(system, &credentials, Duration::from_secs(arguments.wait))?;
    let run = Run { arguments, format, system, credentials };
    let begun = match run.begin(&client, &asked, &me, console) {
        Err(Failure::Rerun(error @ RerunError::NotAJob { .. })) => return run.offer(error, console),
        begun => begun?,
    };
    let (job, started) = match begun {
        Begun::Rerun(job) => (job, true),
        Begun::Already(job) => (job, false),
    };
    let followed = watch(&client, job, run.execution(&asked), console);
    match followed.end {
        End::Ready if arguments.connect => run.connect(&followed, started, console),
        End::Ready => run.ready(&followed, started, console),
        End::TooLong(stage) => {
            client.set_limit(COUNTING);
            Err(run.too_long(&client, &me, &followed, stage))
        }
        End::Refused(error) => Err(Failure::LostSight { job: followed.job.display(), error }),
        End::NoKey | End::Failed | End::Over(_) => run.diagnose(&followed, started, console),
    }
}

/// Follows the job, with a line that says how far it is.
pub(super) fn watch(client: &Client<'_>, job: Job, execution: Option<u32>, console: &mut Console<'_>) -> Followed {
    let display = job.display();
    let line = console.progress();
    let show = |stage, seconds: u64| {
        let how = match stage {
            Stage::Queued => "waits for a place",
            Stage::Running => "runs, Enable SSH is still to come",
            Stage::Step => "runs, Enable SSH prints no command yet",
        };
        line.step(&format!("{display} {how}, {seconds} s"));
    };
    follow(client, job, execution, Pace::SOON, &show)
}

impl Run<'_> {
    fn begin(
        &self,
        client: &Client<'_>,
        asked: &JobUrl,
        me: &User,
        console: &mut Console<'_>,
    ) -> Result<Begun, Failure> {
        let line = console.progress();
        line.step("asking CircleCI about the job");
        let job = rerun::find(client, asked).map_err(|error| self.failure(error))?;
        if let (Some(wanted), Some(parallelism)) = (self.arguments.execution, job.parallelism)
            && wanted >= parallelism
        {
            return Err(Failure::Rerun(RerunError::NoExecution { job: job.display(), parallelism }));
        }
        let show = |seconds| line.step(&format!("the workflow of {} still runs, {seconds} s", job.display()));
        let begun = rerun::begin(client, &job, me, self.arguments.again, Pace::LATER, &show);
        drop(line);
        if let Ok(Begun::Rerun(_)) = &begun {
            let end = "Ctrl-C ends the waiting, not the job";
            console.print_error(&said::notice(&format!("{} is started again with SSH; {end}", job.display())))?;
        }
        begun.map_err(|error| self.failure(error))
    }

    /// The execution that is wanted; none for all of them.
    fn execution(&self, asked: &JobUrl) -> Option<u32> {
        let shown = || self.arguments.connect.then(|| asked.execution.unwrap_or_default());
        self.arguments.execution.or_else(shown)
    }

    fn failure(&self, error: RerunError) -> Failure {
        match error {
            RerunError::Api(ApiError::NotFound) => Failure::JobNotFound(self.arguments.job.chars().take(120).collect()),
            RerunError::Api(error) => circleci::unanswered(error, &self.credentials),
            error => Failure::Rerun(error),
        }
    }

    /// Several jobs: a command for each.
    fn offer(&self, error: RerunError, console: &mut Console<'_>) -> Result<u8, Failure> {
        console.complain(&error.to_string())?;
        let RerunError::NotAJob { jobs, .. } = error else { return Ok(FAILED) };
        let commands = jobs.iter().map(|job| {
            let command = format!("cci-ssh rerun {}", argument(job, &self.credentials.host));
            (command, job.name.clone())
        });
        console.print_error(&said::commands(&commands.collect::<Vec<_>>()))?;
        Ok(FAILED)
    }

    fn ready(&self, followed: &Followed, started: bool, console: &mut Console<'_>) -> Result<u8, Failure> {
        let rerun = document(followed, started, None);
        if self.format == Format::Json {
            json::write(&rerun, &mut *console.output)?;
            console.output.flush()?;
            return Ok(FINE);
        }
        let look = console.look_of_errors(self.system);
        console.print_error(&said::title(&rerun, look))?;
        for execution in &rerun.executions {
            if rerun.executions.len() > 1 {
                console.print_error(&said::heading(execution, look))?;
            }
            console.print(&said::command(execution))?;
        }
        console.print_error(&said::notes(&rerun, &argument(&followed.job, &self.credentials.host), look))?;
        Ok(FINE)
    }

    /// Goes in. Standard output is ssh's alone.
    fn connect(&self, followed: &Followed, started: bool, console: &mut Console<'_>) -> Result<u8, Failure> {
        let rerun = document(followed, started, None);
        let look = console.look_of_errors(self.system);
        let address = argument(&followed.job, &self.credentials.host);
        console.print_error(&said::title(&rerun, look))?;
        console.print_error(&said::notes(&rerun, &address, look))?;
        let wanted = connect::Wanted {
            target: None,
            job: Some(self.job(followed)),
            typed: Typed::default(),
            timeout: DIAGNOSIS,
            input_is_read: false,
        };
        let execution = followed.executions.first().map(|execution| execution.index);
        let options = connect::Options { execution, ..connect::Options::default() };
        connect::to(wanted, &options, self.format, self.system, console)
    }

    fn job(&self, followed: &Followed) -> AskedJob {
        AskedJob {
            job: url_of(&followed.job, &self.credentials.host),
            credentials: self.credentials.clone(),
            git_account: None,
        }
    }

    /// The time is up: how the job stands, and whether other jobs hold the places that it waits for.
    fn too_long(&self, client: &Client<'_>, me: &User, followed: &Followed, stage: Stage) -> Failure {
        let job = &followed.job;
        let standing = match stage {
            Stage::Queued => "still waits for a place",
            Stage::Running => "runs without an Enable SSH step",
            Stage::Step => "runs, but its Enable SSH step has printed no command",
        };
        let is_it = |other: &ssh_jobs::SshJob| other.slug == job.slug && Some(other.number) == job.number;
        let others = match ssh_jobs::list(client, me) {
            Ok(listing) if stage == Stage::Queued => {
                listing.jobs.iter().filter(|other| other.mine && other.started_at.is_some() && !is_it(other)).count()
            }
            _ => 0,
        };
        let because = match u32::try_from(others).unwrap_or(u32::MAX) {
            0 => followed.trouble.as_ref().map(|error| format!(" ({error})")).unwrap_or_default(),
            others => {
                let jobs = count(others, "other job");
                let verb = if others == 1 { "holds a place" } else { "hold places" };
                format!(" ({jobs} with SSH of yours {verb}: `cci-ssh jobs` lists them)")
            }
        };
        let address = argument(job, client.host());
        Failure::StillWaits { job: job.display(), standing, seconds: self.arguments.wait, address, because }
    }

    /// The job lets nobody in: the doctor says why.
    fn diagnose(&self, followed: &Followed, started: bool, console: &mut Console<'_>) -> Result<u8, Failure> {
        let request = Request {
            target: None,
            job: Some(self.job(followed)),
            connect: None,
            lasted: None,
            offline: false,
            key_probe: true,
            inspect_session: false,
            timeout: DIAGNOSIS,
            from: None,
            logs: Vec::new(),
            extra_checks: Vec::new(),
        };
        let diagnosis: Diagnosis = examine(self.system, &request, &console.progress())?;
        let model = doctor::model(&diagnosis);
        if self.format == Format::Json {
            json::write(&document(followed, started, Some(json::report(&model, false))), &mut *console.output)?;
            console.output.flush()?;
        } else {
            let why = match &followed.end {
                End::NoKey => "its Enable SSH step says that CircleCI has no key of yours".to_owned(),
                End::Failed => "its Enable SSH step failed".to_owned(),
                End::Over(status) => format!("it has ended ({status})"),
                _ => "it prints no command".to_owned(),
            };
            console.complain(&format!("{} lets nobody in: {why}", followed.job.display()))?;
            // Whoever wanted to log in expects nothing but the session there.
            if self.arguments.connect {
                console.print_error(&text::render(&model, console.look_of_errors(self.system)))?;
            } else {
                console.print(&text::render(&model, console.look(self.system, false)))?;
            }
        }
        let found = diagnosis.findings.iter().any(|finding| finding.severity >= Severity::Error);
        Ok(if found { FOUND } else { FAILED })
    }
}
