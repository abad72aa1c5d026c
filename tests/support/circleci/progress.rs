//! How a job goes on while a client looks at it: queued, running, the step appears, is ready, the end.
//!
//! A look is a request about that job (its document, its steps, the list of its workflow, an output of a step).

use std::collections::VecDeque;
use std::time::{Duration, Instant, SystemTime};

use super::job::{Job, SshStep};

/// When a change comes, counted from the change before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// This many looks saw the state before.
    Looks(usize),
    After(Duration),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Runs,
    StepAppears,
    StepIsReady,
    Ends(String),
}

#[derive(Clone, Debug)]
pub(crate) struct Progress {
    changes: VecDeque<(When, Change)>,
    looks: usize,
    since: Option<Instant>,
}

impl Progress {
    /// Stays as it is.
    pub(crate) fn none() -> Self {
        Self { changes: VecDeque::new(), looks: 0, since: None }
    }

    /// From queued to a command that is printed, each change after so much.
    pub(crate) fn to_ready(each: When) -> Self {
        Self::none().then(each, Change::Runs).then(each, Change::StepAppears).then(each, Change::StepIsReady)
    }

    /// One change more.
    pub(crate) fn then(mut self, when: When, change: Change) -> Self {
        self.changes.push_back((when, change));
        self
    }
}

impl Job {
    /// Does what is due; to be called before a client is told about the job.
    pub(crate) fn look(&mut self) {
        let now = Instant::now();
        loop {
            let since = *self.progress.since.get_or_insert(now);
            let due = match self.progress.changes.front() {
                None => return,
                Some((When::Looks(looks), _)) => self.progress.looks >= *looks,
                Some((When::After(time), _)) => now >= since + *time,
            };
            if !due {
                self.progress.looks += 1;
                return;
            }
            let Some((when, change)) = self.progress.changes.pop_front() else { return };
            // Where nobody looked for a while, more than one change may be due.
            self.progress.since = Some(if let When::After(time) = when { since + time } else { now });
            self.progress.looks = 0;
            self.apply(change);
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Runs => {
                "running".clone_into(&mut self.status);
                self.started = Some(SystemTime::now());
            }
            Change::StepAppears => self.ssh_step = SshStep::NotReady,
            Change::StepIsReady => self.ssh_step = SshStep::Ready,
            Change::Ends(status) => self.end(&status),
        }
    }
}
