//! What `doctor` and `facts` have in common: the target, and how to look.

use std::{io::BufReader, path::PathBuf, time::Duration};

use clap::{Args, CommandFactory as _};

use super::{Console, Failure, catalogue, hint};
use crate::{
    doctor::{Capture, Diagnosis, Request, examine, observe},
    facts::Document,
    system::System,
    target::{self, Asked, Target},
};

/// Longest text that is read as a target, in MiB.
const TEXT: usize = 4;
/// Largest facts document that is read, in MiB.
const DOCUMENT: usize = 64;

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
    /// Pass on options of pasted text that run programs or read other files
    #[arg(long)]
    allow_programs: bool,
    /// Judge saved facts (cci-ssh facts > FILE) instead of looking; - is standard input
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// Judge a log of ssh (ssh -v … 2> FILE) instead of looking; - is standard input
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    log: Option<PathBuf>,
    #[arg(long, value_name = "URL", hide = true)]
    job: Option<String>,
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
        if self.job.is_some() {
            return Err(Failure::Job);
        }
        if self.from.is_some() && !self.target.is_empty() {
            return Err(Failure::FromAndTarget);
        }
        Ok(Request {
            target: self.target(console)?,
            offline: self.offline,
            key_probe: !self.no_key_probe,
            timeout: Duration::from_secs(self.timeout),
            from: self.document(system, console)?,
            log: self.log(system, console)?,
            extra_checks: catalogue::own(checks, system)?,
        })
    }

    fn target(&self, console: &mut Console<'_>) -> Result<Option<Target>, Failure> {
        let asked = match &self.target[..] {
            [] => return Ok(None),
            [option, ..] if option.starts_with("--") && option.len() > 2 => {
                let cli = super::Cli::command();
                let doctor = cli.find_subcommand("doctor").into_iter().flat_map(clap::Command::get_arguments);
                let visible = doctor.chain(cli.get_arguments()).filter(|known| !known.is_hide_set());
                let near = hint::option(option, visible.filter_map(|known| known.get_long())).map(str::to_owned);
                return Err(Failure::NoOption { option: option.clone(), near });
            }
            [dash] if dash == "-" => {
                if console.input_is_terminal {
                    console.print_error(
                        "Paste the text of the Enable SSH step, then press Ctrl-D on a line of its own:\n",
                    )?;
                }
                target::from_text(&console.read("the text", TEXT)?, self.allow_programs)?
            }
            words => target::from_words(words, self.allow_programs)?,
        };
        match asked {
            Asked::Login(target) => Ok(Some(*target)),
            Asked::Job(_) => Err(Failure::Job),
        }
    }

    fn log(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Option<Capture>, Failure> {
        let Some(path) = &self.log else { return Ok(None) };
        let capture = if path.as_os_str() == "-" {
            Capture::read(BufReader::new(&mut *console.input), "standard input")?
        } else {
            let fail = |error| Failure::Read { path: path.display().to_string(), error };
            Capture::read(BufReader::new(system.open(path).map_err(fail)?), &path.display().to_string())?
        };
        Ok(Some(capture))
    }

    fn document(&self, system: &dyn System, console: &mut Console<'_>) -> Result<Option<Document>, Failure> {
        let Some(path) = &self.from else { return Ok(None) };
        let bytes = if path.as_os_str() == "-" {
            console.read("the facts", DOCUMENT)?.into_bytes()
        } else {
            let fail = |error| Failure::Read { path: path.display().to_string(), error };
            system.read(path, (DOCUMENT << 20) as u64).map_err(fail)?
        };
        Ok(Some(Document::parse(&bytes)?))
    }
}
