//! The pipeline: target, probes, facts, inference, checks, findings.
//!
//! It reads like the arrow line of the crate's documentation. What runs beside what is in `doctor/look.rs`.

mod connect;
mod lint;
mod look;
mod way;

use std::time::Duration;

use crate::{
    checks::{Catalogue, CheckFault},
    facts::{Document, Facts, Step, document::DocumentError, infer},
    findings::{Finding, Outcome, RuledOut, Verdict, cause},
    probes::log,
    system::System,
    target,
};

pub use crate::probes::circleci::{Asked as AskedJob, GitAccount};
pub use crate::probes::dockerfile::Given as GivenDockerfile;
pub use connect::{Examined, Login, NoLogin, examine_to_connect};
pub use lint::{LintError, LintRequest, lint};
pub use log::{Capture, CaptureError};

/// What is to be examined, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where the login goes; none: this machine only.
    pub target: Option<target::Target>,
    /// The CircleCI job that is asked about, beside the target or in its place.
    pub job: Option<AskedJob>,
    /// Somebody is to be let in afterwards: what they typed beside a job goes over what it prints, and a printed host key
    /// is the only one that counts.
    pub connect: Option<target::Typed>,
    /// How long an ssh ran that was handed over to before, and ended with its own failure.
    pub lasted: Option<Duration>,
    /// Touch no network.
    pub offline: bool,
    /// Ask the server which public keys it would accept.
    pub key_probe: bool,
    /// Run two commands on the job, and compare what the image set with what a login shell has.
    pub inspect_session: bool,
    /// Limit for everything.
    pub timeout: Duration,
    /// Facts to judge instead of looking.
    pub from: Option<Document>,
    /// Logs to judge instead of looking: one, or two to compare.
    pub logs: Vec<Capture>,
    /// Checks of the user's own: file name and text.
    pub extra_checks: Vec<(String, String)>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Diagnosis {
    /// The facts.
    pub document: Document,
    /// The stages of the way.
    pub steps: Vec<Step>,
    /// What fired, root cause first.
    pub findings: Vec<Finding>,
    /// What it is not.
    pub ruled_out: Vec<RuledOut>,
    /// What it all amounts to.
    pub verdict: Verdict,
    /// Checks that are wrong in themselves; the others were held all the same.
    pub faults: Vec<CheckFault>,
}

/// Shows what is being done.
pub trait Progress: Sync {
    /// Something begins.
    fn step(&self, what: &str);
    /// Everything is over.
    fn done(&self);
}

/// Why there is no diagnosis.
#[derive(Debug, thiserror::Error)]
pub enum DoctorError {
    /// The facts cannot be written or read.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Looks at everything the request is about, without judging it.
///
/// # Errors
/// When the facts cannot be written as a document.
pub fn observe(system: &dyn System, request: &Request, progress: &dyn Progress) -> Result<Document, DoctorError> {
    Ok(seen(system, request, progress)?.1)
}

/// The facts, as types and as the document that checks read.
fn seen(system: &dyn System, request: &Request, progress: &dyn Progress) -> Result<(Facts, Document), DocumentError> {
    match (&request.from, log::look(&request.logs, request.target.as_ref())) {
        (Some(document), _) => document.facts_again(),
        (None, Some(mut facts)) => {
            look::beside_a_log(system, request, progress, &mut facts);
            infer::all(&mut facts);
            Document::with(facts)
        }
        (None, None) => Document::with(look::look(system, request, progress).facts),
    }
}

/// Examines the machine, or the saved facts.
///
/// # Errors
/// When the facts cannot be written or read as a document.
pub fn examine(system: &dyn System, request: &Request, progress: &dyn Progress) -> Result<Diagnosis, DoctorError> {
    let (facts, document) = seen(system, request, progress)?;
    Ok(judge(request, &facts, document))
}

fn judge(request: &Request, facts: &Facts, document: Document) -> Diagnosis {
    let catalogue = Catalogue::embedded().with_folder(request.extra_checks.iter().map(|(name, text)| (name, text)));
    let judgement = catalogue.judge(&document);
    let steps = way::steps(facts, &judgement.findings);
    let verdict = match verdict(facts, &judgement.findings) {
        // A login was asked about and none was tried: nothing is known to be well.
        Verdict::Healthy if was_not_tried(request, facts) => Verdict::Unknown,
        verdict => verdict,
    };
    Diagnosis {
        document,
        steps,
        findings: judgement.findings,
        ruled_out: judgement.ruled_out,
        verdict,
        faults: judgement.faults,
    }
}

fn was_not_tried(request: &Request, facts: &Facts) -> bool {
    let asked = request.job.is_some() || facts.target.as_ref().is_some_and(|target| !target.host.is_empty());
    asked && request.from.is_none() && !request.offline && facts.login.known().is_none()
}

fn verdict(facts: &Facts, findings: &[Finding]) -> Verdict {
    let login = facts.login.known();
    let failed_stage = login.and_then(|login| login.failed_stage).map(way::name);
    let outcome = login.map(|login| Outcome { works: login.works, failed_stage: failed_stage.as_deref() });
    cause::verdict(findings, outcome)
}
