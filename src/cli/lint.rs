//! `cci-ssh lint`: what will bite in a session, before there is one.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use clap::Args;

use super::{
    Console, FINE, FOUND, Failure, Format, catalogue,
    doctor::{FailOn, fails, model},
};
use crate::{
    doctor::{Diagnosis, GivenDockerfile, LintError, LintRequest, lint},
    image::dockerfile::Question,
    report::{json, text},
    system::{Kind, System},
};

/// Largest Dockerfile that is read, in bytes.
const LARGEST: u64 = 1 << 20;

/// Look at a Dockerfile for what a session of its image will lack
///
/// A session starts a login shell, and in some images the profile of login shells sets PATH and other variables anew, so
/// that what ENV sets is lost there. For such a Dockerfile the line is printed that gives it back, and where it belongs.
/// Nothing is built and nothing is run.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  cci-ssh lint --dockerfile Dockerfile
  cci-ssh lint --dockerfile ci/Dockerfile --context . --fail-on warning
  cci-ssh lint --dockerfile Dockerfile --stage ci --build-arg VERSION=1.2
  git show HEAD:Dockerfile | cci-ssh lint --dockerfile - --format json")]
pub(super) struct Arguments {
    /// The Dockerfile, or the folder that it is in; - is standard input; may be given more than once
    #[arg(long, value_name = "FILE", required = true)]
    dockerfile: Vec<PathBuf>,
    /// The stage that is shipped, by name or number (the last)
    #[arg(long, value_name = "NAME")]
    stage: Option<String>,
    /// A build argument, as for docker build; may be given more than once
    #[arg(long, value_name = "NAME=VALUE")]
    build_arg: Vec<String>,
    /// The folder that COPY takes files from (the Dockerfile's own)
    #[arg(long, value_name = "DIR")]
    context: Option<PathBuf>,
    /// Exit with 1 from this severity on
    #[arg(long, value_name = "SEVERITY", default_value = "error")]
    fail_on: FailOn,
    /// Exit with 0 whatever is found
    #[arg(long)]
    exit_zero: bool,
    /// Put the facts into the JSON report
    #[arg(long)]
    with_facts: bool,
    /// A folder with checks of your own; may be given more than once
    #[arg(long, value_name = "DIR")]
    checks: Vec<PathBuf>,
}

/// Looks, reports, and says in the exit code whether anything was found.
pub(super) fn run(
    arguments: &Arguments,
    format: Format,
    system: &dyn System,
    console: &mut Console<'_>,
) -> Result<u8, Failure> {
    let request = arguments.request(system, console)?;
    let diagnosis = lint(system, &request).map_err(|error| match error {
        LintError::Dockerfile { file, error } => Failure::Dockerfile { file, why: error.to_string() },
        LintError::Document(error) => error.into(),
    })?;
    let Diagnosis { findings, faults, .. } = &diagnosis;
    let model = model(&diagnosis);
    match format {
        Format::Text => console.print(&text::lint::render(&model, console.look(system, false)))?,
        Format::Json => {
            json::write(&json::report(&model, arguments.with_facts), &mut *console.output)?;
            console.output.flush()?;
        }
    }
    for fault in faults {
        console.complain(&format!("the check {} was left out: {}", fault.check, fault.what))?;
    }
    Ok(if !arguments.exit_zero && fails(findings, arguments.fail_on) { FOUND } else { FINE })
}

impl Arguments {
    fn request(&self, system: &dyn System, console: &mut Console<'_>) -> Result<LintRequest, Failure> {
        if self.dockerfile.iter().filter(|path| path.as_os_str() == "-").count() > 1 {
            return Err(Failure::OneInput);
        }
        let mut build_args = std::collections::BTreeMap::new();
        for given in &self.build_arg {
            let pair = given.split_once('=').filter(|(name, _)| !name.is_empty());
            let (name, value) = pair.ok_or_else(|| Failure::BuildArg(given.chars().take(80).collect()))?;
            build_args.insert(name.to_owned(), value.to_owned());
        }
        let read = |path: &PathBuf| self.read(path, system, &mut *console);
        Ok(LintRequest {
            dockerfiles: self.dockerfile.iter().map(read).collect::<Result<_, _>>()?,
            question: Question { stage: self.stage.clone(), build_args },
            extra_checks: catalogue::own(&self.checks, system)?,
        })
    }

    fn read(&self, path: &Path, system: &dyn System, console: &mut Console<'_>) -> Result<GivenDockerfile, Failure> {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            (&mut *console.input).take(LARGEST + 1).read_to_end(&mut bytes)?;
            let name = "standard input".to_owned();
            return Ok(GivenDockerfile { text: decoded(&name, bytes)?, name, context: self.context.clone() });
        }
        let path = file(path, system)?;
        let name = path.strip_prefix(".").unwrap_or(&path).display().to_string();
        let fail = |error| Failure::Read { path: name.clone(), error };
        let bytes = system.read(&path, LARGEST + 1).map_err(fail)?;
        let text = decoded(&name, bytes)?;
        let beside = path.parent().map(|folder| if folder.as_os_str().is_empty() { Path::new(".") } else { folder });
        let context = self.context.clone().or_else(|| beside.map(Path::to_owned));
        Ok(GivenDockerfile { name, text, context })
    }
}

/// The Dockerfile of a folder, as `docker build` and `podman build` look for it.
fn file(path: &Path, system: &dyn System) -> Result<PathBuf, Failure> {
    let is_folder = |path: &Path| system.metadata(path).is_ok_and(|found| found.kind == Kind::Directory);
    if !is_folder(path) {
        return Ok(path.to_owned());
    }
    let there = |name: &&&str| system.metadata(&path.join(name)).is_ok_and(|found| found.kind == Kind::File);
    match ["Dockerfile", "Containerfile"].iter().find(there) {
        Some(name) => Ok(path.join(name)),
        None => Err(Failure::NoDockerfile(path.display().to_string())),
    }
}

/// The bytes as text.
fn decoded(name: &str, bytes: Vec<u8>) -> Result<String, Failure> {
    let why = |why: &str| Failure::Dockerfile { file: name.to_owned(), why: why.to_owned() };
    if bytes.len() as u64 > LARGEST {
        return Err(why("it is more than 1 MiB, and no Dockerfile is"));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(why("it is UTF-16, which docker build does not read either; save it as UTF-8"));
    }
    if bytes.contains(&0) {
        return Err(why("it is no text"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
