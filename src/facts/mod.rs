//! The facts: one typed, serialisable document of what was seen.
//!
//! Facts are observations in the units people use, never verdicts about what to do. A fact that could not be learnt is
//! [`Fact::Unknown`] with its reason; what was looked for and does not exist is `None`. Checks read the facts by their
//! dotted path (`agent.state`, `keys[2].mode`), so names here are an interface: [`document::VERSION`] rises when one
//! changes its meaning.
//!
//! To add a fact: give it a field with a doc comment (docs/facts.md is made from it), fill it in the probe that looks at
//! that thing, or, if it follows from other facts, in a function of [`infer`] with a unit test.

pub mod agent;
pub mod circleci;
pub mod client;
pub mod config;
pub mod contrast;
pub mod dockerfile;
pub mod document;
mod fact;
pub mod infer;
pub mod inspection;
pub mod keys;
pub mod log;
pub mod login;
pub mod machine;
mod masking;
pub mod network;
pub mod plan;
pub mod query;
#[cfg(test)]
pub(crate) mod samples;
mod session_needs;
pub mod target;
pub mod time;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use crate::ssh::{log::Attempt, seen::Seen};
pub use agent::{Agent, AgentState, Identity, OtherAgent};
pub use circleci::CircleCi;
pub use client::{Client, ClientFailure, Program, Version};
pub use config::{Config, ConfigError, DeadInclude, HungCommand, KeyForOthers, OverruledLine};
pub use contrast::{Contrast, Difference};
pub use dockerfile::{Dockerfile, LostVariable};
pub use document::{Document, Unknown};
pub use fact::Fact;
pub use inspection::{EndsEarly, Inspection, Reset, Shadowed, StartFile};
pub use keys::{Certificate, Key, KeyFolder, KeyOrigin, PublicFile};
pub use log::{Before, Log, OpenCause};
pub use login::{
    Auth, Disagreement, Elsewhere, EndOfSession, FailedJump, Instead, Login, MissingCommand, MuteSecurityKey,
    PassedOver, ProgramMissing, ProtocolError, RefusedCertificate, Register, Sender, Session, SessionPrevented, Stage,
    Step, UnopenedKey, UntriedAgent, Winner,
};
pub use machine::{Askpass, CommandShell, Machine, Os, Terminal, Warp, Wrapper};
pub use masking::MASK;
pub use network::{KnownHost, KnownHosts, Network, Server, ServerOffers, Tcp};
pub use plan::{LeftOut, Plan, PlannedKey};
pub use query::{Query, Witness};
pub use session_needs::{Added, SessionNeeds};
pub use target::{EnableSsh, PrintedFingerprint, Target};

/// Everything that is known, a section per thing looked at.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Facts {
    /// What the user asked about; left out when it is this machine only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The log that all this comes from; left out when the machine itself was looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log: Option<Log>,
    /// A login that works elsewhere, beside this one that does not; left out where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contrast: Option<Contrast>,
    /// What CircleCI says about the job; left out when none was asked about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub circleci: Option<CircleCi>,
    /// Dockerfiles that were read; left out where none was asked about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dockerfiles: Vec<Dockerfile>,
    /// The machine and the person at it.
    pub machine: Fact<Machine>,
    /// The terminal, and what stands between the fingers and ssh.
    pub terminal: Fact<Terminal>,
    /// The ssh programs.
    pub client: Fact<Client>,
    /// The configuration in force for the target.
    pub config: Fact<Config>,
    /// `~/.ssh`.
    pub key_folder: Fact<KeyFolder>,
    /// Private key files, in the order in which ssh would look at them; files it does not look at come last.
    pub keys: Fact<Vec<Key>>,
    /// Certificates that CertificateFile names, in order; files that hold none are left out.
    pub certificates: Fact<Vec<Certificate>>,
    /// The agent that ssh would ask.
    pub agent: Fact<Agent>,
    /// What ssh would offer, and in which order (inferred).
    pub plan: Fact<Plan>,
    /// What known_hosts says about the target.
    pub known_hosts: Fact<KnownHosts>,
    /// Name and connection.
    pub network: Fact<Network>,
    /// The server before authentication.
    pub server: Fact<Server>,
    /// One real attempt by the user's own ssh.
    pub attempt: Fact<Attempt>,
    /// Which keys the server would accept.
    pub query: Fact<Query>,
    /// What libssh2 saw.
    pub witness: Fact<Witness>,
    /// How far the login comes (inferred).
    pub login: Fact<Login>,
    /// Who would be let in (inferred).
    pub auth: Fact<Auth>,
    /// What the session meets after the login (inferred).
    pub session: Fact<Session>,
    /// What a login shell in the job makes of its environment; left out unless `--inspect-session` asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inspection: Option<Fact<Inspection>>,
}

impl Facts {
    /// Gives unknown sections their reasons back, which a document keeps beside the facts: `why` knows them by name.
    pub(crate) fn restore_reasons<'a>(&mut self, why: impl Fn(&str) -> Option<&'a str>) {
        fn restore<T>(fact: &mut Fact<T>, reason: Option<&str>) {
            if let (Fact::Unknown(why), Some(reason)) = (fact, reason) {
                reason.clone_into(why);
            }
        }
        restore(&mut self.machine, why("machine"));
        restore(&mut self.terminal, why("terminal"));
        restore(&mut self.client, why("client"));
        restore(&mut self.config, why("config"));
        restore(&mut self.key_folder, why("key_folder"));
        restore(&mut self.keys, why("keys"));
        restore(&mut self.certificates, why("certificates"));
        restore(&mut self.agent, why("agent"));
        restore(&mut self.plan, why("plan"));
        restore(&mut self.known_hosts, why("known_hosts"));
        restore(&mut self.network, why("network"));
        restore(&mut self.server, why("server"));
        restore(&mut self.attempt, why("attempt"));
        restore(&mut self.query, why("query"));
        restore(&mut self.witness, why("witness"));
        restore(&mut self.login, why("login"));
        restore(&mut self.auth, why("auth"));
        restore(&mut self.session, why("session"));
        match &mut self.inspection {
            Some(inspection) => {
                restore(inspection, why("inspection"));
                if let Fact::Known(seen) = inspection {
                    restore(&mut seen.reset, why("inspection.reset"));
                    restore(&mut seen.user, why("inspection.user"));
                    restore(&mut seen.home, why("inspection.home"));
                    restore(&mut seen.shell, why("inspection.shell"));
                }
            }
            None => self.inspection = why("inspection").map(Fact::unknown),
        }
        if let Some(side) = &mut self.circleci {
            restore(&mut side.token, why("circleci.token"));
            restore(&mut side.me, why("circleci.me"));
            restore(&mut side.job, why("circleci.job"));
            restore(&mut side.workflow, why("circleci.workflow"));
            restore(&mut side.project, why("circleci.project"));
            restore(&mut side.contexts, why("circleci.contexts"));
            restore(&mut side.executions, why("circleci.executions"));
            restore(&mut side.ssh_jobs, why("circleci.ssh_jobs"));
            restore(&mut side.asked_at, why("circleci.asked_at"));
        }
    }
}
