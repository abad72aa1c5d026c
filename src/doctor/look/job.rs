//! Asks CircleCI about the job first: what its Enable SSH step prints is where the login goes, and which host key is to be
//! expected there.

use std::time::Duration;

use crate::{
    doctor::{Progress, Request},
    facts::{CircleCi, EnableSsh, Fact, Facts, Target, circleci::Execution},
    probes::circleci,
    system::System,
    target::Typed,
};

/// What CircleCI says, if a job was named, and the target: the one that was given, else the job's own.
pub(super) fn look(
    system: &dyn System,
    request: &Request,
    progress: &dyn Progress,
    limit: Duration,
) -> (Option<CircleCi>, Option<Target>) {
    let lasted_seconds = request.lasted.map(|lasted| lasted.as_secs());
    let given = request.target.as_ref().map(|target| Target { lasted_seconds, ..Target::from(target) });
    let Some(mut looked) = ask(system, request, progress, limit) else { return (None, given) };
    let named = request.job.as_ref().and_then(|asked| asked.job.execution);
    let mut target = match given {
        Some(target) => {
            // Nobody said which execution is meant, and the target does.
            let goes_to = executions(&looked.facts)
                .find(|execution| step_of(execution).is_some_and(|step| step.prints(&target)))
                .map(|execution| execution.index);
            if let (None, Some(goes_to)) = (named, goes_to) {
                looked.facts.execution = goes_to;
            }
            target
        }
        None => {
            let over = |typed: &Typed| typed.over(&looked.target).unwrap_or_else(|_| looked.target.clone());
            let printed = request.connect.as_ref().filter(|_| !looked.target.host.is_empty()).map(over);
            let mut target = Target::from(printed.as_ref().unwrap_or(&looked.target));
            if target.host.is_empty() {
                target.display = display(&looked.facts);
            }
            target.lasted_seconds = lasted_seconds;
            target
        }
    };
    if target.enable_ssh.is_none() {
        target.enable_ssh = printed(&looked.facts, &target).cloned();
    }
    (Some(looked.facts), Some(target))
}

/// What CircleCI says, if a job was named.
fn ask(system: &dyn System, request: &Request, progress: &dyn Progress, limit: Duration) -> Option<circleci::Looked> {
    let asked = request.job.as_ref()?;
    Some(if request.offline {
        circleci::skipped(asked, "--offline was given")
    } else {
        progress.step("asking CircleCI about the job");
        circleci::look(system, asked, limit)
    })
}

/// The same beside a log, which may be another person's than the token: whose job it is, is not to be told from it.
pub(super) fn look_beside_a_log(system: &dyn System, request: &Request, progress: &dyn Progress, facts: &mut Facts) {
    let Some(mut looked) = ask(system, request, progress, request.timeout) else { return };
    looked.facts.me = Fact::unknown("the log may be somebody else's than the token");
    if let Some(target) = facts.target.as_mut().filter(|target| target.enable_ssh.is_none()) {
        target.enable_ssh = printed(&looked.facts, target).cloned();
    }
    facts.circleci = Some(looked.facts);
}

/// What the job is called where no login is known.
fn display(facts: &CircleCi) -> String {
    match &facts.job {
        Fact::Known(job) => job.display.clone(),
        Fact::Unknown(_) => facts.asked.clone(),
    }
}

/// The step of the execution that the target goes to; of a target that none of them prints, nothing: what the step says
/// is about another machine.
fn printed<'f>(facts: &'f CircleCi, target: &Target) -> Option<&'f EnableSsh> {
    if target.host.is_empty() {
        return executions(facts).find(|execution| execution.index == facts.execution).and_then(step_of);
    }
    executions(facts).filter_map(step_of).find(|step| step.prints(target))
}

fn executions(facts: &CircleCi) -> impl Iterator<Item = &Execution> {
    facts.executions.known().into_iter().flatten()
}

fn step_of(execution: &Execution) -> Option<&EnableSsh> {
    execution.enable_ssh.known()
}
