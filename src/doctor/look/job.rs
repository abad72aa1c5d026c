//! Asks CircleCI about the job first: what its Enable SSH step prints is where the login goes, and which host key is to be
//! expected there.

use std::time::Duration;

use crate::{
    doctor::{Progress, Request},
    facts::{CircleCi, EnableSsh, Fact, Target, circleci::Execution},
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
    let given = request.target.as_ref().map(Target::from);
    let Some(asked) = &request.job else { return (None, given) };
    let looked = if request.offline {
        circleci::skipped(asked, "--offline was given")
    } else {
        progress.step("asking CircleCI about the job");
        circleci::look(system, asked, limit)
    };
    let mut target = match given {
        Some(target) => target,
        None => {
            let over = |typed: &Typed| typed.over(&looked.target).unwrap_or_else(|_| looked.target.clone());
            let printed = request.connect.as_ref().filter(|_| !looked.target.host.is_empty()).map(over);
            let mut target = Target::from(printed.as_ref().unwrap_or(&looked.target));
            if target.host.is_empty() {
                target.display = display(&looked.facts);
            }
            target
        }
    };
    if target.enable_ssh.is_none() {
        target.enable_ssh = step_of(&looked.facts, &target);
    }
    (Some(looked.facts), Some(target))
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
fn step_of(facts: &CircleCi, target: &Target) -> Option<EnableSsh> {
    let executions = facts.executions.known()?;
    let step = |execution: &Execution| execution.enable_ssh.known().cloned();
    if target.host.is_empty() {
        return executions.iter().find(|execution| execution.index == facts.execution).and_then(step);
    }
    executions.iter().filter_map(step).find(|step| step.prints(target))
}
