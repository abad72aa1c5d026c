//! A CircleCI job's web address, or its project and number.

use super::{TargetError, name::is_uuid};

/// A job, or what contains it, as its web address says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JobUrl {
    /// The address as given, without what stands behind its `?` or `#`.
    pub url: String,
    /// The installation: `app.circleci.com`, or a server's own name, with its port where it has one; left out where only
    /// project and number were given.
    pub host: Option<String>,
    /// Project slug: `github/org/repo`, `circleci/<org id>/<project id>`.
    pub project: Option<String>,
    /// Pipeline id, where the address has it.
    pub pipeline: Option<String>,
    /// Workflow id.
    pub workflow: Option<String>,
    /// The job; left out when the address ends at the workflow or pipeline.
    pub job: Option<JobName>,
    /// The parallel run that the address shows, from 0.
    pub execution: Option<u32>,
}

impl JobUrl {
    /// What it names: `job`, `workflow`, `pipeline`, `project`.
    pub fn names(&self) -> &'static str {
        match self {
            Self { job: Some(_), .. } => "job",
            Self { workflow: Some(_), .. } => "workflow",
            Self { pipeline: Some(_), .. } => "pipeline",
            _ => "project",
        }
    }
}

/// How the address names the job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobName {
    /// By its number in the project.
    Number(u64),
    /// By its id.
    Id(String),
}

/// Reads the first words of a command line: a web address, `gh/acme/web/345`, `gh/acme/web#345`, `gh/acme/web 345`.
/// `None` when they are none of these, an error when they are the address of something else.
pub(super) fn parse_words(words: &[String]) -> Option<Result<JobUrl, TargetError>> {
    match words {
        [project, number] if project.split('/').count() == 3 => numbered(&format!("{project}/{number}")).map(Ok),
        [word, ..] => parse(word),
        [] => None,
    }
}

/// Reads the destination of a command line, and the words behind it: the job, and how many of these are part of it.
pub(super) fn parse_line(destination: &str, behind: &[String]) -> Option<(Result<JobUrl, TargetError>, usize)> {
    let numbered = behind.first().and_then(|number| numbered(&format!("{destination}/{number}")));
    match numbered.filter(|_| destination.split('/').count() == 3) {
        Some(job) => Some((Ok(job), 1)),
        None => Some((parse(destination)?, 0)),
    }
}

/// A project and a number.
fn numbered(text: &str) -> Option<JobUrl> {
    let text = text.replacen('#', "/", 1);
    let [vcs, org, repo, number] = text.split('/').collect::<Vec<_>>()[..] else { return None };
    let project = is_vcs(vcs) && !org.is_empty() && !repo.is_empty();
    let job = Some(JobName::Number(number.parse().ok().filter(|_| project)?));
    Some(JobUrl { project: Some([vcs, org, repo].join("/")), job, url: text, ..JobUrl::default() })
}

/// Reads one word.
fn parse(word: &str) -> Option<Result<JobUrl, TargetError>> {
    if let Some(job) = numbered(word) {
        return Some(Ok(job));
    }
    let lower = word.to_ascii_lowercase();
    let rest = match lower.find("://") {
        Some(at) if matches!(&lower[..at], "http" | "https") => &word[at + 3..],
        Some(_) => return None,
        None if ["app.circleci.com/", "circleci.com/"].iter().any(|host| lower.starts_with(host)) => word,
        None => return None,
    };
    Some(read(word, rest).ok_or_else(|| TargetError::WebAddress(shown(word, rest).chars().take(120).collect())))
}

/// The address without a password before its host, and without what stands behind the `?`: a token may be in either.
fn shown(word: &str, rest: &str) -> String {
    let scheme = &word[..word.len() - rest.len()];
    let place = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = place.split_at(place.find('/').unwrap_or(place.len()));
    format!("{scheme}{}{path}", host.rsplit('@').next().unwrap_or_default())
}

fn read(word: &str, rest: &str) -> Option<JobUrl> {
    let place = rest.split(['?', '#']).next()?;
    let mut parts = place.split('/').filter(|part| !part.is_empty());
    // `https://circleci.com@evil.example/` is an address of evil.example, and nobody's page has a user in it.
    let host = Some(parts.next().filter(|host| !host.contains('@'))?.to_ascii_lowercase());
    let parts: Vec<&str> = parts.collect();
    let execution = after(&parts, "parallel-runs").and_then(|index| index.parse().ok());
    let mut url = JobUrl { url: shown(word, rest), host, execution, ..JobUrl::default() };
    match parts[..] {
        ["pipelines", "workflows", id, ..] | ["workflow", id] | ["workflows", id] if is_uuid(id) => {
            url.workflow = Some(id.into());
        }
        ["workflow", id, "job", job, ..] if is_uuid(id) => {
            url.workflow = Some(id.into());
            url.job = Some(job_name(job)?);
        }
        ["pipeline", id, ..] if is_uuid(id) => url.pipeline = Some(id.into()),
        ["pipelines", vcs, org, repo, ref rest @ ..] if is_vcs(vcs) => {
            url.project = Some([vcs, org, repo].join("/"));
            if let Some(id) = after(rest, "workflows") {
                url.workflow = Some(id.into());
            }
            if let Some(job) = after(rest, "jobs") {
                url.job = Some(job_name(job)?);
            }
        }
        ["jobs", vcs, org, repo, job, ..] | [vcs, org, repo, job, ..] if is_vcs(vcs) => {
            url.project = Some([vcs, org, repo].join("/"));
            url.job = Some(job_name(job)?);
        }
        _ => return None,
    }
    Some(url)
}

fn after<'a>(parts: &[&'a str], word: &str) -> Option<&'a str> {
    parts.iter().position(|part| *part == word).and_then(|at| parts.get(at + 1)).copied()
}

fn job_name(text: &str) -> Option<JobName> {
    match text.parse() {
        Ok(number) => Some(JobName::Number(number)),
        Err(_) => is_uuid(text).then(|| JobName::Id(text.into())),
    }
}

fn is_vcs(text: &str) -> bool {
    ["gh", "github", "bb", "bitbucket", "gl", "gitlab", "circleci"].contains(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "057f0065-7e6d-4912-921b-50917ff046a3";

    #[test]
    fn every_shape_of_a_job_is_known() {
        let job = |url: &str| parse(url).expect("a web address").expect("of CircleCI");
        for url in [
            format!("https://app.circleci.com/pipelines/github/acme/web/12/workflows/{ID}/jobs/345"),
            format!(
                "https://app.circleci.com/pipelines/gh/acme/web/12/workflows/{ID}/jobs/345/parallel-runs/0?filterBy=ALL"
            ),
            format!("https://ci.example.org/pipelines/github/acme/web/12/workflows/{ID}/jobs/345/steps#x"),
        ] {
            let read = job(&url);
            assert_eq!(read.job, Some(JobName::Number(345)), "{url}");
            assert_eq!(read.workflow.as_deref(), Some(ID), "{url}");
            assert_eq!(read.execution, url.contains("parallel").then_some(0), "{url}");
        }
        assert_eq!(job("https://circleci.com/gh/acme/web/345").job, Some(JobName::Number(345)));
        assert_eq!(job("app.circleci.com/jobs/github/acme/web/345").project.as_deref(), Some("github/acme/web"));
        assert_eq!(job(&format!("https://app.circleci.com/workflow/{ID}/job/{ID}")).job, Some(JobName::Id(ID.into())));
        for url in ["pipelines/workflows/", "workflow/", "pipeline/"] {
            assert_eq!(job(&format!("https://app.circleci.com/{url}{ID}")).job, None, "{url}");
        }
    }

    #[test]
    fn a_project_and_a_number_will_do() {
        for words in [&["gh/acme/web/345"][..], &["gh/acme/web#345"], &["gh/acme/web", "345"]] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            let read = parse_words(&words).expect("a job").expect("of CircleCI");
            assert_eq!((read.project.as_deref(), read.host.as_deref()), (Some("gh/acme/web"), None));
            assert_eq!((read.job.as_ref(), read.names()), (Some(&JobName::Number(345)), "job"));
        }
        for words in [&["gh/acme/web"][..], &["svn/acme/web/345"], &["gh/acme/web/x"], &["gh//web/3"], &["h", "3"]] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert!(parse_words(&words).is_none(), "{words:?}");
        }
    }

    #[test]
    fn no_secret_of_an_address_is_kept() {
        let job = |url: &str| parse(url).expect("a web address");
        let path = "app.circleci.com/jobs/github/acme/web/345";
        assert_eq!(job(&format!("{path}?circle-token=secret#x")).map(|job| job.url), Ok(path.to_owned()));
        let url = |before: &str| format!("https://{before}{path}");
        for before in ["ana:secret@", "circleci.com@", "@", "a@b@"] {
            assert_eq!(job(&url(before)), Err(TargetError::WebAddress(url(""))), "{before}");
        }
    }

    #[test]
    fn other_addresses_are_not_jobs() {
        assert!(parse("ssh://h").is_none());
        assert!(parse("h").is_none());
        for url in ["https://circleci.com/docs/", "https://example.org/", "http://", "https://circleci.com/gh/a/b/c"] {
            assert!(parse(url).expect("a web address").is_err(), "{url}");
        }
    }
}
