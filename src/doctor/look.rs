//! Runs the probes, as many side by side as do not need each other's answers.
//!
//! ```text
//! machine, terminal, key folder ┐
//! ssh -v -G ────────────────────┴─▶ known_hosts ─▶ attempt ───────────────┐
//!                                   keys, agent, name and greeting ───────┼─▶ key query, second witness
//!                                   the query's connection, waiting ──────┘
//! ```
//!
//! The key query connects while the attempt runs and waits at its [`Gate`]: it goes on only when the attempt was refused.

use std::{
    net::{IpAddr, SocketAddr},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use super::{Progress, Request};
use crate::{
    facts::{Attempt, Config, Fact, Facts, KnownHosts, Query, Target, infer},
    probes::{
        agent, attempt, client, config, keys, known_hosts, machine, network,
        query::{self, Candidate, Gate},
        terminal, witness,
    },
    ssh::{effective::Effective, log::Outcome},
    system::{Account, System},
};

/// Keys in one query: more than a server hears in one connection (OpenSSH lists no more than 2048 of an agent's).
const QUERY_CAP: usize = 64;
/// How long an agent may take to list its keys.
const AGENT_LIMIT: Duration = Duration::from_secs(1);

/// The time that is left.
#[derive(Clone, Copy)]
struct Deadline(Instant);

impl Deadline {
    fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    fn at_most(self, limit: Duration) -> Duration {
        self.left().min(limit)
    }
}

/// Everything that the later probes build on.
struct Ground<'a> {
    system: &'a dyn System,
    request: &'a Request,
    account: &'a Account,
    target: Option<&'a Target>,
    program: Option<&'a Path>,
    effective: Option<&'a Effective>,
    deadline: Deadline,
}

/// Looks at everything that `request` is about.
pub(super) fn look(system: &dyn System, request: &Request, progress: &dyn Progress) -> Facts {
    let deadline = Deadline(Instant::now() + request.timeout);
    let account = system.account();
    let target: Option<Target> = request.target.as_ref().map(Into::into);
    let mut facts = Facts::default();

    progress.step("looking at this machine");
    let programs = client::programs(system);
    let program = programs.first().map(|program| PathBuf::from(&program.path));
    let (scan, effective) = thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let program = program.as_deref()?;
            Some(config::ask(system, program, target.as_ref(), deadline.at_most(Duration::from_secs(5))))
        });
        let scan = scope.spawn(|| keys::folder::scan(system, &account));
        facts.machine = machine::look(system, &account).into();
        facts.terminal = terminal::look(system, &account).into();
        (scan.join(), asked.join())
    });
}
