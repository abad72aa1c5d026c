//! `cci-ssh connect`: finds out what the login needs, and hands over to ssh.
//!
//! Standard output is ssh's alone, so that `cci-ssh connect JOB cat file > file` is what it would be with ssh; everything
//! that is said here goes to standard error. [`to`] is the way in for other commands that know a job.

mod script;

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Console, FINE, Failure, Format, circleci, doctor, examine, rerun};
use crate::{
    circleci::rerun::find,
    doctor::{AskedJob, Examined, Login, NoLogin, Request, examine_to_connect},
    findings::{Finding, Verdict},
    report::{json, text},
    system::{HandOver, HandedBack, System},
    target::{Asked, Target, Typed},
};

/// ssh's own code for a login that came to nothing.
const NOT_IN: u8 = 255;
/// Findings about a session that works: what is said there has been seen to, or is nothing that ends a login.
const LOGIN_STAGES: [&str; 4] = ["network", "handshake", "host-key", "authentication"];

/// Checks that say how a session ended.
const ENDS: [&str; 3] = ["session-cancelled", "session-limit-or-job-ended", "session-tunnel-unvisited"];

/// Log in, with what the login needs
///
/// Makes the doctor's own attempt first, then hands over to your own ssh, whose exit code it ends with. A login that works
/// is left as it is. Added is only what is missing: the key that the job accepts, the host key whose fingerprint the job
/// prints, the shell of a Windows job. Where nobody would be let in, the diagnosis follows, on standard error.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cci-ssh connect gh/acme/web/345
  cci-ssh connect --wait 600 https://app.circleci.com/pipelines/github/…/jobs/345
  cci-ssh connect --execution 3 gh/acme/web/345
  cci-ssh connect -L 8080:localhost:80 -p 64535 203.0.113.7
  cci-ssh connect gh/acme/web/345 cat test.log > test.log
  cci-ssh connect --dry-run -p 64535 203.0.113.7

Exit codes: those of ssh; 255 also where ssh was not started, 2 for bad usage")]
pub(super) struct Arguments {
    /// The job, or what was printed for it; then a remote command, if any
    ///
    /// A job's web address, or gh/acme/web/345; or anything that doctor takes. ssh's options before it (-i, -l, -J, -L, -A
    /// and all others) go to ssh as they do from ssh's own command line. Of pasted text only what leads to the host is used.
    #[arg(value_name = "TARGET", trailing_var_arg = true, allow_hyphen_values = true)]
    target: Vec<String>,
    /// End the examination after this time; ssh itself has no limit
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=600))]
    timeout: u64,
    /// Pass on options of pasted text that run programs or read other files
    #[arg(long)]
    allow_programs: bool,
    /// The CircleCI job that the login is for, beside another TARGET
    #[arg(long, value_name = "JOB")]
    job: Option<String>,
    #[command(flatten)]
    options: Options,
    #[command(flatten)]
    circleci: circleci::CircleCi,
}

/// How to log in.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct Options {
    /// The parallel run to log in to, from 0
    #[arg(long, value_name = "NUMBER")]
    pub(super) execution: Option<u32>,
    /// Wait until the job prints how to log in, this long at most
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(super) wait: Option<u64>,
    /// The shell of a Windows job; the first that it prints otherwise
    #[arg(long, value_name = "SHELL")]
    pub(super) shell: Option<Shell>,
    /// Print the command instead of running it
    #[arg(long)]
    pub(super) dry_run: bool,
}

/// Shells of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Shell {
    Powershell,
    Cmd,
    Bash,
}

impl Shell {
    fn program(self) -> &'static str {
        match self {
            Self::Powershell => "powershell.exe",
            Self::Cmd => "cmd.exe",
            Self::Bash => "bash.exe",
        }
    }
}

/// Where to.
#[derive(Debug)]
pub(super) struct Wanted {
    /// The login; none: what the job prints.
    pub(super) target: Option<Target>,
    /// The job.
    pub(super) job: Option<AskedJob>,
    /// What was typed beside either.
    pub(super) typed: Typed,
    /// How long the examination may take.
    pub(super) timeout: Duration,
    /// Standard input has been read to its end.
    pub(super) input_is_read: bool,
}

/// Reads the command line, and connects.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let named = arguments.job.as_deref().map(examine::job).transpose()?;
    let input_is_read = arguments.target == ["-"] && !console.input_is_terminal;
    let (target, named, typed) = match examine::to_connect(&arguments.target, arguments.allow_programs, console)? {
        Some((Asked::Job(_), _)) if named.is_some() => return Err(Failure::TwoJobs),
        Some((Asked::Job(job), typed)) => (None, Some(job), typed),
        Some((Asked::Login(target), typed)) => (Some(*target), named, typed),
        None => (None, Some(named.ok_or(Failure::Nowhere)?), Typed::default()),
    };
    let job = match named {
        Some(job) => Some(AskedJob { job, credentials: arguments.circleci.credentials(system)?, git_account: None }),
        None => None,
    };
    let timeout = Duration::from_secs(arguments.timeout);
    to(Wanted { target, job, typed, timeout, input_is_read }, &arguments.options, format, system, console)
}

/// Connects, and returns ssh's exit code.
pub(super) fn to(
    wanted: Wanted,
    options: &Options,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let Wanted { target, mut job, typed, timeout, input_is_read } = wanted;
    if let (Some(job), Some(execution)) = (&mut job, options.execution) {
        job.job.execution = Some(execution);
    }
    if let (Some(job), Some(wait), None) = (&job, options.wait, &target) {
        await_command(job, Duration::from_secs(wait), system, console);
    }
    let request = Request {
        target,
        job,
        connect: Some(typed),
        lasted: None,
        offline: false,
        key_probe: true,
        inspect_session: false,
        timeout,
        from: None,
        logs: Vec::new(),
        extra_checks: Vec::new(),
    };
    let examined = examine_to_connect(system, &request, &console.progress())?;
    let login = match examined.login(options.shell.map(Shell::program)) {
        Ok(login) => login,
        Err(why) => {
            if let NoLogin::NotPrinted(sentence) = why {
                console.complain(&sentence)?;
            }
            report(&examined, format, system, console)?;
            return Ok(NOT_IN);
        }
    };
    if options.dry_run {
        console.print(&script::script(&login, examined.posix_shell(), examined.ssh_is_replaced()))?;
        return Ok(FINE);
    }
    if let Some(key) = &login.key {
        console.print_error(&format!("{}\n", another_key(key)))?;
    }
    let ended = hand_over(&login, input_is_read, system)?;
    let code = u8::try_from(ended.code).unwrap_or(NOT_IN);
    if code == NOT_IN && !ended.interrupted {
        let request = Request { lasted: Some(ended.lasted), ..request };
        follow_up(&request, examined.works(), format, system, console)?;
    }
    Ok(code)
}

/// Waits until the job prints a command. Why it does not, where it does not, is for the examination to say.
fn await_command(asked: &AskedJob, limit: Duration, system: &dyn System, console: &mut Console<'_>) {
    if circleci::same_installation(&asked.job, &asked.credentials).is_err() {
        return;
    }
    let Ok((client, _)) = circleci::open(system, &asked.credentials, limit) else { return };
    let Ok(job) = find(&client, &asked.job) else { return };
    rerun::watch(&client, job, Some(asked.job.execution.unwrap_or_default()), console);
}

fn another_key(key: &str) -> String {
    let key = crate::report::safe::line(key);
    format!("logging in with {key}, which ssh does not use here by itself; cci-ssh doctor says why")
}

/// Lets ssh take over; what it needs in files is gone when it ends.
fn hand_over(login: &Login, input_from_terminal: bool, system: &dyn System) -> Result<HandedBack, Failure> {
    let folder = if login.files.is_empty() { None } else { Some(system.scratch().map_err(Failure::Scratch)?) };
    let mut paths = Vec::new();
    for (name, text) in &login.files {
        if let Some(folder) = &folder {
            paths.push((name, folder.write(name, text.as_bytes()).map_err(Failure::Scratch)?));
        }
    }
    let path = |name: &str| paths.iter().find(|(known, _)| *known == name).map(|(_, path)| path.display().to_string());
    let to = HandOver {
        program: &login.program,
        args: login.words(path).into_iter().map(Into::into).collect(),
        env: login.env.iter().map(|(name, value)| (*name, value.into())).collect(),
        input_from_terminal,
    };
    system.hand_over(&to).map_err(|error| Failure::Start { program: login.program.display().to_string(), error })
}

/// ssh ended as it does when it has not got in, or was cut off; or the remote command had that code of its own. Only the
/// first two leave something to be said: how a session ended that had worked, or why there was none.
fn follow_up(
    request: &Request,
    worked: bool,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<(), Failure> {
    let examined = examine_to_connect(system, request, &console.progress())?;
    let findings = &examined.diagnosis.findings;
    let end = findings.iter().find(|finding| worked && ENDS.contains(&finding.check.as_str()));
    if let (Some(end), Format::Text) = (end, format) {
        console.print_error(&said(end))?;
        return Ok(());
    }
    let of_the_login = || findings.iter().any(|finding| finding.root && LOGIN_STAGES.contains(&finding.stage.as_str()));
    if end.is_some() || !examined.works() || (examined.diagnosis.verdict == Verdict::Blocked && of_the_login()) {
        report(&examined, format, system, console)?;
    }
    Ok(())
}

/// How the session ended, in the check's own words, and the first thing to do about it.
fn said(end: &Finding) -> String {
    let title = crate::report::safe::line(&end.title);
    let fix = end.fixes.iter().find(|fix| !fix.commands.is_empty() || fix.url.is_some());
    let fix = fix.map(|fix| {
        let what = fix.commands.iter().chain(&fix.url).map(|line| format!("  {}\n", crate::report::safe::line(line)));
        format!("{}:\n{}", crate::report::safe::line(&fix.title), what.collect::<String>())
    });
    format!("{title}\n{}", fix.unwrap_or_default())
}

/// The doctor's report, on standard error.
fn report(examined: &Examined, format: Format, system: &dyn System, console: &mut Console<'_>) -> Result<(), Failure> {
    let model = doctor::model(&examined.diagnosis);
    match format {
        Format::Text => console.print_error(&text::render(&model, console.look_of_errors(system)))?,
        Format::Json => {
            json::write(&json::report(&model, false), &mut *console.errors)?;
            console.errors.flush()?;
        }
    }
    Ok(())
}
