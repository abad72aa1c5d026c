//! What `doctor` and `facts` have in common: the target, and how to look.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use clap::{Args, CommandFactory as _};

use super::{Console, Failure, catalogue, circleci, hint, my_job};
use crate::{
    doctor::{AskedJob, Capture, Diagnosis, GitAccount, Progress, Request, examine, observe},
    facts::Document,
    system::{Kind, Platform, System},
    target::{self, Asked, JobUrl, Target, TargetError, Typed},
};

/// Longest text that is read as a target, in MiB.
const TEXT: usize = 4;
/// Largest facts document that is read, in MiB.
const DOCUMENT: usize = 64;
/// Logs that can be compared.
const LOGS: usize = 2;

/// How to look, and at what.
#[derive(Debug, Args)]
pub(super) struct Examine {
    /// What was printed for the job; without it, only this machine is looked at
    ///
    /// Any of these: what follows ssh in the command that the job's Enable SSH step prints (-p 64535 203.0.113.7), the
    /// command itself, a host or Host alias, ssh://user@host:port, the whole text of the step as one quoted word, or - to
    /// read it from standard input. Options (-p, -l, -i, -J, -o, -F) mean what they mean to ssh. From pasted text, options
    /// that run programs or read other files are left out.
    #[arg(value_name = "TARGET", trailing_var_arg = true, allow_hyphen_values = true)]
    target: Vec<String>,
    /// End after this time, whatever the other side does
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// Do not touch the network
    #[arg(long)]
    offline: bool,
    /// Do not ask the server which public keys it would accept
    #[arg(long)]
    no_key_probe: bool,
    /// Log in twice more, run a harmless command each time, and compare PATH and variables
    ///
    /// The first command is env -0: what it prints is what the job's image set. The second is a script for sh that starts
    /// the account's login shell as a session would, with nobody at it, and prints the environment that comes of it and
    /// the shell's start files. Neither changes anything, but start files do what they do at every login. The report names the variables that were
    /// reset and the line that did it; values are shown only of folders, locales and versions, since others may be secrets.
    #[arg(long)]
    inspect_session: bool,
    /// Pass on options of pasted text that run programs or read other files
    #[arg(long)]
    allow_programs: bool,
    /// Judge saved facts (cci-ssh facts > FILE) instead of looking; - is standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Judge a log of ssh instead of looking; - is standard input
    ///
    /// A log comes from ssh -v -E FILE, or from ssh -v with its standard error in a file or a pipe; a paste from a terminal
    /// or a ticket does as well. Nothing of this machine is looked at, and nothing is sent anywhere; with --job, CircleCI is
    /// asked about the job, so that it says why a session ended. Given twice, the login
    /// that fails is judged, and what it does otherwise than the one that works is said. A TARGET beside it is what was
    /// meant to be reached.
    #[arg(long, value_name = "FILE")]
    log: Vec<PathBuf>,
    /// The CircleCI job that the login is for: its web address, or gh/acme/web/345
    ///
    /// CircleCI is then asked how the job stands, who started it, and what its Enable SSH step prints. Without a TARGET the
    /// login is the one that the step prints; a job's address as TARGET means the same.
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    /// The same for the job with SSH of your own that began last
    #[arg(long, conflicts_with_all = ["job", "my_job_if_any"])]
    my_job: bool,
    /// What the plug-in of CircleCI's CLI asks where nothing was named.
    #[arg(long, hide = true)]
    my_job_if_any: bool,
    /// Look up which public keys this account has at its git host: github:NAME, gitlab:NAME
    ///
    /// The host tells them everybody, on its page NAME.keys; nothing of this machine is sent there. It needs a job,
    /// for which of these keys count is CircleCI's to say.
    #[arg(long, value_name = "ACCOUNT", value_parser = circleci::git_account)]
    git_account: Option<GitAccount>,
    #[command(flatten)]
    circleci: circleci::CircleCi,
}

impl Examine {
    /// Looks.
    pub(super) fn run(
        &self,
        checks: &[PathBuf],
        system: &dyn System,
        console: &mut Console<'_>,
    ) -> Result<Diagnosis, Failure> {
        let request = self.request(checks, system, console)?;
        Ok(examine(system, &request, &console.progress())?)
    }

    /// Looks without judging.
    pub(super) fn observe(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Document, Failure> {
        let request = self.request(&[], system, console)?;
        Ok(observe(system, &request, &console.progress())?)
    }

    fn request(&self, checks: &[PathBuf], system: &dyn System, console: &mut Console<'_>) -> Result<Request, Failure> {
        if self.from.is_some() && !self.log.is_empty() {
            return Err(Failure::FromAndLog);
        }
        if self.from.is_some() && !self.target.is_empty() {
            return Err(Failure::FromAndTarget);
        }
        let piped = self.log.iter().filter(|log| is_standard_input(log)).count();
        if self.log.len() > LOGS {
            return Err(Failure::ManyLogs(self.log.len()));
        }
        if piped > 1 || (piped == 1 && self.target == ["-"]) {
            return Err(Failure::OneInput);
        }
        if self.inspect_session && (self.from.is_some() || !self.log.is_empty()) {
            return Err(Failure::InspectSaved);
        }
        if self.inspect_session && self.offline {
            return Err(Failure::InspectOffline);
        }
        let (target, job) = self.asked(system, console)?;
        if self.inspect_session && target.is_none() && job.is_none() {
            return Err(Failure::InspectNowhere);
        }
        if job.is_some() && self.from.is_some() {
            return Err(Failure::JobAndSaved);
        }
        if job.is_none() && self.git_account.is_some() {
            return Err(Failure::AccountWithoutJob);
        }
        Ok(Request {
            target,
            job: job.map(|job| self.job(job, system)).transpose()?,
            connect: None,
            lasted: None,
            offline: self.offline,
            key_probe: !self.no_key_probe,
            inspect_session: self.inspect_session,
            timeout: Duration::from_secs(self.timeout),
            from: self.document(system, console)?,
            logs: self.logs(system, console)?,
            extra_checks: catalogue::own(checks, system)?,
        })
    }

    /// The login and the job.
    fn asked(
        &self,
        system: &dyn System,
        console: &mut Console<'_>,
    ) -> Result<(Option<Target>, Option<JobUrl>), Failure> {
        let target = self.target(console)?;
        let named = self.job.as_deref().map(job).transpose()?;
        let named = if self.my_job { Some(self.my_job(system, console)?.ok_or(Failure::NoJobOfMine)?) } else { named };
        match (target, named) {
            (Some(Asked::Job(_)), Some(_)) => Err(Failure::TwoJobs),
            (Some(Asked::Job(job)), None) => Ok((None, Some(job))),
            (Some(Asked::Login(target)), named) => Ok((Some(*target), named)),
            // Who stands in a project may mean its job; if CircleCI tells of none, this machine is meant.
            (None, None) if self.my_job_if_any && self.looks() => {
                Ok((None, self.my_job(system, console).ok().flatten()))
            }
            (None, named) => Ok((None, named)),
        }
    }

    /// Nothing saved is judged, and the network may be used.
    fn looks(&self) -> bool {
        self.from.is_none() && self.log.is_empty() && !self.offline
    }

    fn my_job(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Option<JobUrl>, Failure> {
        let credentials = self.circleci.credentials(system)?;
        Progress::step(&console.progress(), "looking for your job with SSH");
        my_job::find(system, &credentials, Duration::from_secs(self.timeout) / 2)
    }

    fn job(&self, job: JobUrl, system: &dyn System) -> Result<AskedJob, Failure> {
        Ok(AskedJob { job, credentials: self.circleci.credentials(system)?, git_account: self.git_account.clone() })
    }

    fn target(&self, console: &mut Console<'_>) -> Result<Option<Asked>, Failure> {
        let read = |words: &[String]| Ok(target::from_words(words, self.allow_programs)?);
        let pasted = |text: &str| Ok(target::from_text(text, self.allow_programs)?);
        words(&self.target, "doctor", console, read, pasted)
    }

    fn logs(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Vec<Capture>, Failure> {
        self.log.iter().map(|path| log(path, system, console)).collect()
    }

    fn document(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Option<Document>, Failure> {
        let Some(path) = &self.from else { return Ok(None) };
        let bytes = if is_standard_input(path) {
            console.read("the facts", DOCUMENT)?.into_bytes()
        } else {
            let fail = |error| Failure::Read { path: path.display().to_string(), error };
            system.read(path, (DOCUMENT << 20) as u64).map_err(fail)?
        };
        Ok(Some(Document::parse(&bytes)?))
    }
}

/// Reads the target of a login that is to follow, and what was typed beside it.
pub(super) fn to_connect(
    target: &[String],
    allow_programs: bool,
    console: &mut Console<'_>,
) -> Result<Option<(Asked, Typed)>, Failure> {
    let read = |words: &[String]| Ok(target::to_connect(words, allow_programs)?);
    let pasted = |text: &str| {
        let asked = target::from_text(text, allow_programs)?;
        let typed = if let Asked::Login(target) = &asked { Typed::of_pasted(target) } else { Typed::default() };
        Ok((asked, typed))
    };
    words(target, "connect", console, read, pasted)
}

/// Reads the words of a target; `-` is text on standard input.
fn words<T>(
    target: &[String],
    command: &str,
    console: &mut Console<'_>,
    read: impl FnOnce(&[String]) -> Result<T, Failure>,
    pasted: impl FnOnce(&str) -> Result<T, Failure>,
) -> Result<Option<T>, Failure> {
    match target {
        [] => Ok(None),
        [option, ..] if option.starts_with("--") && option.len() > 2 => {
            let cli = super::Cli::command();
            let own = cli.find_subcommand(command).into_iter().flat_map(clap::Command::get_arguments);
            let visible = own.chain(cli.get_arguments()).filter(|known| !known.is_hide_set());
            let near = hint::option(option, visible.filter_map(|known| known.get_long())).map(str::to_owned);
            Err(Failure::NoOption { option: option.clone(), near })
        }
        [dash] if dash == "-" => {
            if console.input_is_terminal {
                console
                    .print_error("Paste the text of the Enable SSH step, then press Ctrl-D on a line of its own:\n")?;
            }
            pasted(&console.read("the text", TEXT)?).map(Some)
        }
        words => read(words).map(Some),
    }
}

/// Reads a job's address.
pub(super) fn job(text: &str) -> Result<JobUrl, Failure> {
    match target::from_words(&[text.to_owned()], false) {
        Ok(Asked::Job(job)) => Ok(job),
        // Its words leave secrets of the address out.
        Err(error @ TargetError::WebAddress(_)) => Err(error.into()),
        _ => Err(Failure::NoJob(text.chars().take(120).collect())),
    }
}

/// Reads one log to its end.
fn log(path: &Path, system: &dyn System, console: &mut Console<'_>) -> Result<Capture, Failure> {
    if is_standard_input(path) {
        if console.input_is_terminal {
            let end = if system.platform() == Platform::Windows { "Ctrl-Z and Enter" } else { "Ctrl-D" };
            console.print_error(&format!("Paste the log, then press {end} on a line of its own:\n"))?;
        }
        return Ok(Capture::read(&mut *console.input, "standard input")?);
    }
    let name = path.display().to_string();
    if system.metadata(path).is_ok_and(|found| found.kind == Kind::Directory) {
        return Err(Failure::Folder(name));
    }
    match system.open(path) {
        Ok(file) => Ok(Capture::read(file, &name)?),
        Err(error) => Err(Failure::Read { path: name, error }),
    }
}

fn is_standard_input(path: &Path) -> bool {
    path.as_os_str() == "-"
}
