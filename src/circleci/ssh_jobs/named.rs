//! Which job somebody means by a number.

use super::SshJob;
use crate::circleci::{Host, Slug};

/// What is meant.
#[derive(Debug, Clone, PartialEq)]
pub enum Choice {
    /// A job of the list.
    Listed(Box<SshJob>),
    /// One that the list does not have, by its full name.
    Other(Slug, u64),
}

/// Why nothing is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// It is no number and no name.
    #[error("`{0}` is no job; give a number of the list, or project and number: gh/acme/web/345")]
    NoJob(String),
    /// It is an address of another installation.
    #[error("`{0}` is an address of another CircleCI than {1}, which is the one that is asked")]
    OtherHost(String, Host),
    /// No such job is in the list.
    #[error(
        "no job with SSH that runs or waits is called {0}; if you mean one that the list cannot have, name it in full: gh/acme/web/345"
    )]
    NotListed(String),
    /// Several are.
    #[error("several jobs are called {name}: {}; name the one in full", .those.join(", "))]
    Several {
        /// As it was given.
        name: String,
        /// The full names.
        those: Vec<String>,
    },
}

/// Finds the job that is called `345`, `web/345`, `acme/web/345`, `gh/acme/web/345`, or by its address. What is in full may
/// be missing in the list, which cannot have everything.
///
/// # Errors
/// When it is not clear which one is meant.
pub fn choose(jobs: &[SshJob], text: &str, host: &Host) -> Result<Choice, ChoiceError> {
    let (project, number) = read(text, host)?;
    let is = |job: &&SshJob| job.number == number && project.as_deref().is_none_or(|project| is_called(job, project));
    match jobs.iter().filter(is).collect::<Vec<_>>()[..] {
        [job] => Ok(Choice::Listed(Box::new(job.clone()))),
        [] => match project.as_deref().and_then(Slug::parse) {
            Some(slug) => Ok(Choice::Other(slug, number)),
            None => Err(ChoiceError::NotListed(text.into())),
        },
        ref several => {
            let those = several.iter().map(|job| format!("{}/{}", job.slug, job.number)).collect();
            Err(ChoiceError::Several { name: text.into(), those })
        }
    }
}

/// The project, as far as it is named, and the number.
fn read(text: &str, host: &Host) -> Result<(Option<String>, u64), ChoiceError> {
    use crate::target::{Asked, JobName, from_words};
    let fault = || ChoiceError::NoJob(text.chars().take(120).collect());
    let plain = text.rsplit_once(['/', '#']).map_or((None, text), |(project, number)| (Some(project), number));
    if let (project, Ok(number)) = (plain.0, plain.1.parse())
        && project
            .is_none_or(|project| !project.is_empty() && !project.contains(':') && project.split('/').count() <= 3)
    {
        return Ok((project.map(str::to_owned), number));
    }
    match from_words(&[text.to_owned()], false) {
        Ok(Asked::Job(job)) if job.host.as_deref().is_some_and(|other| !host.serves(other)) => {
            Err(ChoiceError::OtherHost(text.chars().take(120).collect(), host.clone()))
        }
        Ok(Asked::Job(job)) => match job.job {
            Some(JobName::Number(number)) => Ok((job.project, number)),
            _ => Err(fault()),
        },
        _ => Err(fault()),
    }
}

/// Whether the job's project is called so: by its slug in either spelling, by its name for people, or by the ends of these.
fn is_called(job: &SshJob, project: &str) -> bool {
    let named = Slug::parse(project).map_or_else(|| project.to_owned(), |slug| slug.page());
    let full = [job.slug.page(), job.slug.name(), job.project.clone()];
    full.iter().any(|full| *full == named || full.ends_with(&format!("/{named}")))
}
