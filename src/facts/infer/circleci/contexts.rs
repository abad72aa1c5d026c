//! What of a job's contexts and remarks keeps it from running.

use crate::facts::{
    CircleCi, Seen,
    circleci::{Context, Message, Policy, Restricted, Restriction},
};

/// Fills `about_ssh` of every restriction, `restricted` and `policy`.
pub(super) fn fill(side: &mut CircleCi) {
    for context in side.contexts.known_mut().into_iter().flatten() {
        for restriction in context.restrictions.known_mut().into_iter().flatten() {
            restriction.about_ssh = is_about_ssh(restriction);
        }
    }
    let unauthorized = side.job.known().is_some_and(|job| job.state.is(&"unauthorized".to_owned()));
    side.restricted = if unauthorized { restricted(side) } else { None };
    side.policy = policy(side);
}

fn is_about_ssh(restriction: &Restriction) -> bool {
    restriction.kind == "expression"
        && restriction.value.as_ref().is_some_and(|expression| expression.contains("job.ssh.enabled"))
}

/// The restriction that the job certainly does not meet, or the likeliest of those that it may not meet.
fn restricted(side: &CircleCi) -> Option<Restricted> {
    let rank = |found: &Restricted| match (found.proven, found.kind.as_str()) {
        (true, _) => 0,
        (_, "ssh-expression") => 1,
        (_, "group") => 2,
        (_, "project") => 3,
        (_, "expression") => 4,
        _ => 5,
    };
    let contexts = side.contexts.known().into_iter().flatten();
    contexts.filter_map(|context| of_context(side, context)).min_by_key(rank)
}

fn of_context(side: &CircleCi, context: &Context) -> Option<Restricted> {
    let restrictions = context.restrictions.known()?;
    let found = |restriction: &Restriction, kind: &str, proven: bool| {
        let wants = restriction.name.clone().or_else(|| restriction.value.clone());
        let text = format!("{}: {}", restriction.kind, wants.as_deref().unwrap_or("(not named)"));
        Restricted {
            context: context.name.clone(),
            kind: kind.to_owned(),
            wants: if restriction.kind == "expression" { restriction.value.clone() } else { wants },
            proven,
            seen: Seen { source: format!("CircleCI, context {}", context.name), line: None, text },
        }
    };
    let with_ssh = side.job.known().is_some_and(|job| job.ssh.is(&true));
    let mut all: Vec<Restricted> = Vec::new();
    for restriction in restrictions {
        match restriction.kind.as_str() {
            "expression" if restriction.about_ssh => {
                all.push(found(restriction, "ssh-expression", with_ssh && forbids_ssh(restriction)));
            }
            "expression" => all.push(found(restriction, "expression", false)),
            "group" => all.push(found(restriction, "group", false)),
            // Only one of the projects has to be this one, so all of them are looked at together.
            "project" => {}
            _ => all.push(found(restriction, "other", false)),
        }
    }
    let projects: Vec<&Restriction> = restrictions.iter().filter(|one| one.kind == "project").collect();
    let own = side.project.known().and_then(|project| project.id.as_ref());
    if let Some(first) = projects.first() {
        let is_own = |one: &&Restriction| own.is_some() && one.value.as_ref() == own;
        if !projects.iter().any(is_own) {
            let named = projects.iter().all(|one| one.value.is_some());
            let mut restricted = found(first, "project", own.is_some() && named);
            let names: Vec<&str> =
                projects.iter().filter_map(|one| one.name.as_deref().or(one.value.as_deref())).collect();
            restricted.wants = Some(names.join(", "));
            restricted.seen.text = format!("project: {}", names.join(", "));
            all.push(restricted);
        }
    }
    let rank = |found: &Restricted| (!found.proven, found.kind != "ssh-expression");
    all.into_iter().min_by_key(rank)
}

/// Expressions that no rerun with SSH meets, whatever else is true.
fn forbids_ssh(restriction: &Restriction) -> bool {
    let expression = restriction.value.as_deref().unwrap_or_default();
    let bare: String = expression.split_whitespace().collect::<Vec<_>>().join(" ");
    matches!(
        bare.as_str(),
        "not job.ssh.enabled"
            | "job.ssh.enabled == false"
            | "job.ssh.enabled==false"
            | "not(job.ssh.enabled)"
            | "not (job.ssh.enabled)"
    )
}

/// A remark about a config policy.
fn policy(side: &CircleCi) -> Option<Policy> {
    let job = side.job.known()?;
    let words = |message: &Message| {
        format!("{} {} {}", message.kind, message.text, message.reason.as_deref().unwrap_or_default()).to_lowercase()
    };
    let about_ssh = |message: &&Message| words(message).contains("ssh_rerun");
    let forbids = |message: &&Message| {
        let words = words(message);
        words.contains("polic")
            && ["violat", "forbid", "not allowed", "denied", "hard fail", "hard_fail"]
                .iter()
                .any(|word| words.contains(word))
    };
    let found = job.messages.iter().find(about_ssh).or_else(|| job.messages.iter().find(forbids))?;
    let text = match &found.reason {
        Some(reason) if !reason.is_empty() => format!("{} ({reason})", found.text),
        _ => found.text.clone(),
    };
    Some(Policy { about_ssh: about_ssh(&found), seen: Seen { source: super::source(side), line: None, text } })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{
        Fact,
        circleci::{Job, Project},
    };

    fn restriction(kind: &str, value: &str) -> Restriction {
        Restriction { kind: kind.into(), value: Some(value.into()), ..Restriction::default() }
    }

    fn found(ssh: bool, restrictions: Vec<Restriction>) -> Option<Restricted> {
        let job = Job { state: "unauthorized".to_owned().into(), ssh: ssh.into(), ..Job::default() };
        let context = Context { name: "deploy".into(), restrictions: restrictions.into() };
        let project = Project { id: Some("web".into()), ..Project::default() };
        let mut side = CircleCi {
            job: job.into(),
            project: project.into(),
            contexts: vec![context].into(),
            ..CircleCi::default()
        };
        fill(&mut side);
        side.restricted
    }

    #[test]
    fn an_expression_about_ssh_proves_it_only_for_jobs_with_ssh() {
        let of = |ssh, text: &str| found(ssh, vec![restriction("expression", text)]).expect("a restriction");
        assert!(of(true, "not  job.ssh.enabled").proven);
        assert!(!of(false, "not job.ssh.enabled").proven);
        let mixed = of(true, "not job.ssh.enabled or pipeline.git.branch == \"main\"");
        assert!(!mixed.proven && mixed.kind == "ssh-expression");
        assert_eq!(of(true, "pipeline.git.branch == \"main\"").kind, "expression");
    }

    #[test]
    fn one_of_the_projects_is_enough() {
        assert_eq!(found(true, vec![restriction("project", "api"), restriction("project", "web")]), None);
        let other = found(true, vec![restriction("project", "api")]).expect("a restriction");
        assert!(other.proven && other.wants.as_deref() == Some("api"));
        let group = found(true, vec![restriction("group", "g1")]).expect("a restriction");
        assert!(!group.proven && group.kind == "group");
    }

    #[test]
    fn only_an_unauthorized_job_is_restricted() {
        let mut side = CircleCi {
            job: Job { state: "running".to_owned().into(), ..Job::default() }.into(),
            contexts: vec![Context { name: "deploy".into(), restrictions: vec![restriction("group", "g1")].into() }]
                .into(),
            ..CircleCi::default()
        };
        fill(&mut side);
        assert_eq!(side.restricted, None);
        side.contexts = Fact::unknown("the token may not see them");
        fill(&mut side);
        assert_eq!(side.restricted, None);
    }

    #[test]
    fn policies_are_named_by_their_remarks() {
        let of = |text: &str| {
            let message = Message { kind: "error".into(), text: text.into(), reason: None };
            let job = Job { messages: vec![message], ..Job::default() };
            policy(&CircleCi { job: job.into(), ..CircleCi::default() })
        };
        assert!(of("policy violation: ssh_rerun is not allowed").is_some_and(|policy| policy.about_ssh));
        assert!(of("Violates policy use_official_images").is_some_and(|policy| !policy.about_ssh));
        assert_eq!(of("The cache policy was read"), None);
        assert_eq!(of("Docker image is deprecated"), None);
    }
}
