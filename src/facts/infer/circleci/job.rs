//! How the job stands, and on what it runs. CircleCI's lists of words are open, so a word that is not known here says nothing.

use super::source;
use crate::facts::{
    CircleCi, Fact, Seen,
    circleci::{Job, Project},
};

/// Fills `state`, `canceled`, `system`, `self_hosted`, `runner` and the evidence of the job, `ended` of its workflow, the
/// evidence of its project, and `keys_from`.
pub(super) fn fill(side: &mut CircleCi) {
    side.keys_from = keys_from(side);
    side.address = address(side);
    // Of a pipeline or a project nothing is asked.
    let is_wider = ["pipeline", "project"].contains(&side.names.as_str()) && side.token.is(&"accepted".to_owned());
    let is_found = side.workflow.known().is_some() || is_wider;
    side.names_no_job = side.names != "job" && side.job.known().is_none() && is_found;
    let (source, asked_at) = (source(side), side.asked_at.known().cloned());
    if let Some(job) = side.job.known_mut() {
        job.state = state(&job.status);
        job.canceled |= matches!(plain(&job.status).as_str(), "canceled" | "cancelled");
        job.self_hosted = self_hosted(job);
        job.system = system(job);
        job.runner = runner(job);
        job.seen = Some(Seen { source, line: None, text: told(job, asked_at.as_deref()) });
    }
    if let Some(workflow) = side.workflow.known_mut() {
        workflow.ended = ended(&workflow.status);
    }
    if let Some(project) = side.project.known_mut() {
        project.seen = settings(project);
    }
}

fn plain(status: &str) -> String {
    status.trim().to_ascii_lowercase().replace('-', "_")
}

fn not_known(status: &str) -> String {
    match status.trim() {
        "" => "CircleCI does not say how it stands".to_owned(),
        status => format!("CircleCI says \u{201c}{status}\u{201d}, a word that is not known here"),
    }
}

fn state(status: &str) -> Fact<String> {
    let state = match plain(status).as_str() {
        "queued" | "not_running" | "scheduled" | "blocked" | "on_hold" | "created" => "waiting",
        "running" | "started" => "running",
        "success"
        | "failed"
        | "fixed"
        | "no_tests"
        | "retried"
        | "canceled"
        | "cancelled"
        | "timedout"
        | "infrastructure_fail"
        | "terminated_unknown"
        | "ended" => "ended",
        "unauthorized" => "unauthorized",
        "not_run" => "not-run",
        _ => return Fact::unknown(not_known(status)),
    };
    state.to_owned().into()
}

/// Whether a workflow with this status has come to an end.
fn ended(status: &str) -> Fact<bool> {
    match plain(status).as_str() {
        "success" | "failed" | "error" | "canceled" | "cancelled" | "unauthorized" | "not_run" => true.into(),
        "running" | "failing" | "on_hold" => false.into(),
        _ => Fact::unknown(not_known(status)),
    }
}

fn self_hosted(job: &Job) -> Fact<bool> {
    match job.resource_class.as_deref().filter(|class| !class.is_empty()) {
        // A runner's resource class is namespace/name; CircleCI's own have no slash.
        Some(class) => class.split_once('/').is_some_and(|(space, name)| !space.is_empty() && !name.is_empty()).into(),
        None => Fact::unknown("CircleCI does not say on which resource class it runs"),
    }
}

fn system(job: &Job) -> Fact<String> {
    let class = job.resource_class.as_deref().unwrap_or_default().to_ascii_lowercase();
    let executor = job.executor.as_deref().unwrap_or_default().to_ascii_lowercase();
    let first = class.split('.').next().unwrap_or_default();
    let of_macs = |first: &str| {
        first == "macos" || (first.starts_with('m') && first[1..].starts_with(|c: char| c.is_ascii_digit()))
    };
    let system = if class.contains('/') {
        None
    } else if first == "windows" || executor == "windows" {
        Some("windows")
    } else if executor == "macos" || (class.contains('.') && of_macs(first)) {
        Some("macos")
    } else if matches!(executor.as_str(), "docker" | "linux") || matches!(first, "arm" | "gpu") {
        Some("linux")
    } else {
        None
    };
    system
        .map_or_else(|| Fact::unknown("its resource class does not tell the system"), |system| system.to_owned().into())
}

fn runner(job: &Job) -> Option<String> {
    if !job.self_hosted.is(&true) {
        return None;
    }
    let executor = job.executor.as_deref().unwrap_or_default().to_ascii_lowercase();
    let kind = match executor.as_str() {
        "docker" | "container" => "container",
        "machine" => "machine",
        _ => "either",
    };
    Some(kind.to_owned())
}

/// The words of CircleCI's answer about the job.
fn told(job: &Job, asked_at: Option<&str>) -> String {
    let times = [
        ("queued_at", job.queued_at.as_deref()),
        ("started_at", job.started_at.as_deref()),
        ("stopped_at", job.stopped_at.as_deref()),
        ("asked at", asked_at),
    ];
    let mut text = format!("status: {}", if job.status.is_empty() { "none" } else { &job.status });
    for (name, time) in times {
        if let Some(time) = time {
            text.push_str(&format!(", {name}: {time}"));
        }
    }
    text
}

fn settings(project: &Project) -> Option<Seen> {
    let disabled = project.disable_ssh.known()?;
    let name = if project.name.is_empty() { &project.slug } else { &project.name };
    Some(Seen { source: format!("CircleCI, settings of {name}"), line: None, text: format!("disable_ssh: {disabled}") })
}

/// Where the keys come from that are put on jobs, by the kind of organisation that the slug names.
fn keys_from(side: &CircleCi) -> Fact<String> {
    let slug = match (side.project.known(), side.job.known()) {
        (Some(project), _) if !project.slug.is_empty() => &project.slug,
        (_, Some(job)) if !job.slug.is_empty() => &job.slug,
        _ => return Fact::unknown("CircleCI does not say of which project the job is"),
    };
    match slug.split('/').next().unwrap_or_default() {
        "gh" | "github" | "bb" | "bitbucket" => "git-host-and-setting".to_owned().into(),
        "circleci" => "setting".to_owned().into(),
        other => Fact::unknown(format!("projects of the kind \u{201c}{other}\u{201d} are not known here")),
    }
}

fn address(side: &CircleCi) -> Option<String> {
    let url = side.job.known().and_then(|job| job.url.clone()).filter(|url| url.starts_with("http"));
    url.or_else(|| Some(side.asked.clone()).filter(|asked| !asked.is_empty() && side.names == "job"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(executor: Option<&str>, class: Option<&str>) -> Job {
        let mut side = CircleCi {
            job: Job {
                status: "running".into(),
                executor: executor.map(str::to_owned),
                resource_class: class.map(str::to_owned),
                ..Job::default()
            }
            .into(),
            ..CircleCi::default()
        };
        fill(&mut side);
        side.job.known().expect("the job").clone()
    }

    #[test]
    fn states_of_open_lists() {
        for (status, expected) in [
            ("running", Some("running")),
            ("Not_Running", Some("waiting")),
            ("terminated-unknown", Some("ended")),
            ("canceled", Some("ended")),
            ("unauthorized", Some("unauthorized")),
            ("not_run", Some("not-run")),
            ("dancing", None),
            ("", None),
        ] {
            assert_eq!(state(status).known().map(String::as_str), expected, "{status}");
        }
        assert!(matches!(state("dancing"), Fact::Unknown(why) if why.contains("dancing")));
        assert_eq!(
            (ended("failing").known(), ended("error").known(), ended("?").known()),
            (Some(&false), Some(&true), None)
        );
    }

    #[test]
    fn the_system_only_where_it_is_said() {
        for (executor, class, expected) in [
            (Some("machine"), Some("windows.medium"), Some("windows")),
            (None, Some("windows.gpu.nvidia.medium"), Some("windows")),
            (Some("macos"), Some("m4pro.medium"), Some("macos")),
            (None, Some("macos.m1.large.gen1"), Some("macos")),
            (None, Some("m2pro.large"), Some("macos")),
            (Some("docker"), Some("medium"), Some("linux")),
            (None, Some("arm.medium"), Some("linux")),
            (None, Some("medium"), None),
            (Some("machine"), Some("large"), None),
            (Some("docker"), Some("acme/windows"), None),
            (None, None, None),
        ] {
            assert_eq!(job(executor, class).system.known().map(String::as_str), expected, "{executor:?} {class:?}");
        }
    }

    #[test]
    fn runners_by_their_resource_class() {
        assert_eq!(job(None, Some("acme/runner")).self_hosted.known(), Some(&true));
        assert_eq!(job(None, Some("large")).self_hosted.known(), Some(&false));
        assert_eq!(job(None, None).self_hosted.known(), None);
        assert_eq!(job(Some("docker"), Some("acme/runner")).runner.as_deref(), Some("container"));
        assert_eq!(job(Some("machine"), Some("acme/runner")).runner.as_deref(), Some("machine"));
        assert_eq!(job(Some("runner"), Some("acme/runner")).runner.as_deref(), Some("either"));
        assert_eq!(job(Some("machine"), Some("large")).runner, None);
    }

    #[test]
    fn which_keys_count() {
        let of = |slug: &str| {
            let project = Project { slug: slug.into(), ..Project::default() };
            keys_from(&CircleCi { project: project.into(), ..CircleCi::default() }).known().cloned()
        };
        assert_eq!(of("gh/acme/web").as_deref(), Some("git-host-and-setting"));
        assert_eq!(of("bitbucket/acme/web").as_deref(), Some("git-host-and-setting"));
        assert_eq!(of("circleci/8Fs2/Kq1").as_deref(), Some("setting"));
        assert_eq!(of("svn/acme/web"), None);
        assert_eq!(of(""), None);
    }

    #[test]
    fn the_evidence_has_the_times() {
        let job = Job { stopped_at: Some("2026-11-22T10:00:00Z".into()), status: "canceled".into(), ..Job::default() };
        let text = told(&job, Some("2026-11-22T10:12:00Z"));
        assert_eq!(text, "status: canceled, stopped_at: 2026-11-22T10:00:00Z, asked at: 2026-11-22T10:12:00Z");
    }
}
