//! The configuration in force for the target, by ssh's own account.
//!
//! [`ask`] runs one `ssh -vvv -G`, which tells version, files, blocks and values in one process; [`look`] puts that into
//! facts. ssh is the judge of what applies; the files are read only to say on which line a value stands. `Match exec`
//! commands of the user's own configuration run as they would at every login, hence the time limit.

mod errors;
mod lines;
mod origins;
mod values;

pub(super) use values::unknown as unknown_values;

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::text;
use crate::{
    facts::{Config, ConfigError, Fact, HungCommand, Seen, Target},
    ssh::{effective::Effective, version},
    system::{Account, Ran, Run, System},
};

/// The destination asked about when there is no target: where CircleCI's newer jobs are reached.
pub const WITHOUT_TARGET: &str = "ssh.circleci.com";

/// Bytes kept of each output; a configuration with thousands of hosts prints a line for each.
const CAP: usize = 4 * 1024 * 1024;

/// What ssh said.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The program that was asked.
    pub program: Option<PathBuf>,
    /// The process, or why there was none.
    pub ran: Result<Ran, String>,
    /// Its two outputs, understood.
    pub effective: Effective,
    /// It refused to answer before it was told not to go to the background (ForkAfterAuthentication).
    pub forks: bool,
}

impl Asked {
    /// Nobody was asked, and why.
    pub fn nothing(why: &str) -> Self {
        Self { program: None, ran: Err(why.to_owned()), effective: Effective::default(), forks: false }
    }
}

/// Asks the first ssh on PATH for its configuration.
pub fn ask(system: &dyn System, program: Option<&Path>, target: Option<&Target>, limit: Duration) -> Asked {
    let Some(program) = program else { return Asked::nothing("no program called ssh is on PATH") };
    let mut args = vec!["-vvv".into(), "-G".into()];
    match target {
        // -q would silence what is to be read.
        Some(target) => args.extend(target.ssh_args.iter().filter(|arg| *arg != "-q").map(Into::into)),
        None => args.push(WITHOUT_TARGET.into()),
    }
    let env = vec![("LC_ALL", Some("C".into())), ("SSH_ASKPASS", None)];
    let run = |args| {
        let ran = system
            .run(&Run { program, args, env: env.clone(), timeout: limit, cap: CAP, stop: None })
            .map_err(|error| format!("{} did not start: {}", text::path(program), text::clean(error.to_string())));
        let effective = ran.as_ref().map(|ran| Effective::parse(&ran.stdout, &ran.stderr)).unwrap_or_default();
        (ran, effective)
    };
    let (mut ran, mut effective) = run(args.clone());
    let forks = effective.options.is_empty() && effective.other.iter().any(|line| line.starts_with(NOTHING_TO_FORK));
    if forks {
        args.splice(0..0, ["-o", "ForkAfterAuthentication=no"].map(Into::into));
        (ran, effective) = run(args);
    }
    Asked { program: Some(program.to_owned()), ran, effective, forks }
}

/// ssh's words (ssh.c `main`) for ForkAfterAuthentication without a command, which it says before it tells its configuration.
const NOTHING_TO_FORK: &str = "Cannot fork into background without a command";

/// What a line of ssh's says about a line of the configuration that it refuses; `version` is ssh's own, as it prints it.
pub fn refused_line(line: &str, version: Option<&str>) -> Option<ConfigError> {
    let said = Effective::parse(&[], line.as_bytes());
    let version = version.and_then(|version| version::parse(version).ok());
    errors::facts(&Effective { version, ..said }).into_iter().next()
}

/// What ssh would do. Where ssh refuses its configuration, the errors are known and the values are not.
pub fn look(system: &dyn System, account: &Account, target: Option<&Target>, asked: &Asked) -> Fact<Config> {
    let ran = match &asked.ran {
        Ok(ran) => ran,
        Err(why) => return Fact::unknown(why),
    };
    let effective = &asked.effective;
    if effective.version.is_none() && effective.options.is_empty() && effective.errors.is_empty() {
        return Fact::unknown("the ssh program did not answer `ssh -G` as OpenSSH does");
    }
    let mut config = Config {
        asked_for: target.map_or_else(|| WITHOUT_TARGET.to_owned(), |target| target.host.clone()),
        files: effective.files_read.clone(),
        executed: effective.executed.iter().map(text::clean).collect(),
        errors: errors::facts(effective),
        ..Config::default()
    };
    if effective.options.is_empty() {
        config.errors.extend(errors::unnamed(ran, effective).filter(|_| config.errors.is_empty()));
        let hung = config.executed.last().filter(|_| ran.timed_out);
        config.hung_command = hung.map(|command| HungCommand {
            command: command.clone(),
            seen: Seen {
                source: "ssh -G".to_owned(),
                line: None,
                text: format!("Executing command: '{command}', and nothing after that"),
            },
        });
        let why = why_no_values(ran, &config);
        values::unknown(&mut config, &why);
    } else {
        values::fill(&mut config, effective);
        config.forks |= asked.forks;
    }
    errors::owners(system, account, &mut config.errors);
    origins::fill(system, account, target, effective, &mut config);
    values::control_socket(system, account, &mut config);
    values::security_key_provider(system, &mut config);
    config.into()
}

fn why_no_values(ran: &Ran, config: &Config) -> String {
    if ran.timed_out {
        return match config.executed.last() {
            Some(command) => format!("`ssh -G` did not end in time; it had just run the Match exec command {command}"),
            None => "`ssh -G` did not end in time".to_owned(),
        };
    }
    match config.errors.first() {
        Some(error) => format!("ssh refuses its configuration: {}", error.seen.text),
        None => {
            let last = String::from_utf8_lossy(&ran.stderr);
            let last = last.lines().rev().map(text::clean).find(|line| !line.is_empty() && !line.starts_with("debug"));
            last.map_or_else(|| "`ssh -G` printed nothing".to_owned(), |line| format!("ssh said: {line}"))
        }
    }
}

#[cfg(test)]
mod tests;
