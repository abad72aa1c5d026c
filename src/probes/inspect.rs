//! Looks into the job, where the user asked for it: two commands that read and change nothing.
//!
//! The first is `env -0`, which a job starts without a shell: what it prints is what the image set. The second is a script
//! ([`script`]) that starts the account's login shell and prints what that made of it, with the start files that it read. Both go
//! by the user's own ssh, with the very words of the login that was seen to work, and to the host key that it met.

mod reading;
mod script;

use std::{
    collections::hash_map::RandomState,
    ffi::OsString,
    hash::{BuildHasher as _, Hasher as _},
    io,
    time::Duration,
};

use super::{attempt, pin};
use crate::{
    facts::{Fact, Inspection},
    ssh::public_key::PublicKey,
    system::{Ran, Run, System, Watch},
};

/// Bytes of an answer that are read.
const ANSWER: usize = 2 * 1024 * 1024;
/// The first command, and the same for an `env` of long ago.
const ENVIRONMENT: [&str; 2] = ["env -0", "env"];
/// The second, as it is told to the user.
const SCRIPT: &str = "sh -c '(reads the start files, and prints the environment of a login shell)'";
/// What is kept of the time for the end of a connection.
const FOR_THE_WAY: Duration = Duration::from_secs(1);

/// What a look into the job needs: the login that works, and the host keys that it met and that no known_hosts of the
/// user's has.
pub struct Asked<'a> {
    /// The login.
    pub login: &'a attempt::Asked<'a>,
    /// Host keys.
    pub host_keys: &'a [PublicKey],
    /// All the time there is.
    pub limit: Duration,
}

/// Looks.
pub fn look(system: &dyn System, asked: &Asked<'_>) -> Fact<Inspection> {
    match inspect(system, asked) {
        Ok(seen) => seen.into(),
        Err(why) => Fact::unknown(why),
    }
}

fn inspect(system: &dyn System, asked: &Asked<'_>) -> Result<Inspection, String> {
    let scratch = system.scratch().map_err(|error| format!("no temporary folder could be made: {error}"))?;
    let lines: String = asked.host_keys.iter().map(pin::line).collect();
    let known_hosts = scratch
        .write("known_hosts", lines.as_bytes())
        .map_err(|error| format!("no temporary file could be written: {error}"))?;
    let start = std::time::Instant::now();
    let left = || asked.limit.saturating_sub(start.elapsed());
    let words = |command: &str| {
        let mut words = attempt::session_words(asked.login, &known_hosts);
        words.extend(["--".into(), OsString::from(command)]);
        words
    };
    let (plain, ran) = plain_environment(system, asked, &words, &left)?;
    let commands = ran.iter().copied().chain([SCRIPT]).map(str::to_owned).collect();
    let seconds = left().saturating_sub(FOR_THE_WAY).as_secs();
    if seconds == 0 {
        return Err("there was no time left; --timeout 60 gives it more".to_owned());
    }
    let mark = mark();
    let last = script::last_line(&mark);
    let run = run(asked, words(&script::command(&mark, seconds)), left());
    // The end of the answer is waited for, and not that of what a start file may have left running.
    let ran = system
        .watch(&run, &mut |_, line| if line == last.as_bytes() { Watch::Stop } else { Watch::Continue })
        .map_err(|error| unstarted(&error))?;
    if script::sections(&ran.stdout, &mark).is_empty() {
        return Err(format!("the job did not run a shell script: {}", why(&ran)));
    }
    let mut seen = reading::read(&plain, &ran.stdout, &mark, seconds);
    seen.commands = commands;
    Ok(seen)
}

/// The environment of a command that runs without a shell, and the commands that were run for it.
fn plain_environment(
    system: &dyn System,
    asked: &Asked<'_>,
    words: &dyn Fn(&str) -> Vec<OsString>,
    left: &dyn Fn() -> Duration,
) -> Result<(Vec<u8>, &'static [&'static str]), String> {
    let ask = |command: &str| system.run(&run(asked, words(command), left())).map_err(|error| unstarted(&error));
    let [first, second] = ENVIRONMENT;
    let (mut ran, mut commands) = (ask(first)?, &ENVIRONMENT[..1]);
    if ran.code.is_some_and(|code| code != 0 && code != 255) && !ran.stdout.contains(&0) {
        (ran, commands) = (ask(second)?, &ENVIRONMENT[..]);
    }
    let is_environment = ran.stdout.contains(&b'=') && (ran.code == Some(0) || ran.stdout.contains(&0));
    if is_environment {
        Ok((ran.stdout, commands))
    } else {
        Err(format!("the job did not tell its environment: {}", why(&ran)))
    }
}

fn run<'a>(asked: &Asked<'a>, args: Vec<OsString>, timeout: Duration) -> Run<'a> {
    let env = attempt::environment_of(asked.login);
    Run { program: asked.login.program, args, env, timeout, cap: ANSWER, stop: None }
}

fn unstarted(error: &io::Error) -> String {
    format!("ssh could not be started: {error}")
}

/// How it ended; what the job said in the meantime may hold anything and is not told.
fn why(ran: &Ran) -> String {
    match ran.code {
        None if ran.timed_out => "there was no answer in time; --timeout 60 gives it more".into(),
        None => "ssh was ended".into(),
        Some(255) => "ssh did not get in again".into(),
        Some(0) => "there was no answer".into(),
        Some(code) => format!("it ended with status {code}"),
    }
}

/// A word that no start file can know, and that stands for itself in every shell.
fn mark() -> String {
    let part = || RandomState::new().build_hasher().finish();
    format!("w{:016x}{:016x}", part(), part())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_another_one_each_time() {
        let (one, other) = (mark(), mark());
        assert!(one != other && one.len() == 33 && one.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    }
}
