//! The pipeline: target, probes, facts, inference, checks, findings.

use std::time::Duration;

use crate::{
    facts::{Document, Fact, Facts, Step},
    findings::{Finding, RuledOut, Verdict},
    system::System,
    target,
};

/// What is to be examined, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where the login goes; none: this machine only.
    pub target: Option<target::Target>,
    /// Touch no network.
    pub offline: bool,
    /// Ask the server which public keys it would accept.
    pub key_probe: bool,
    /// Limit for everything.
    pub timeout: Duration,
    /// Facts to judge instead of looking.
    pub from: Option<Document>,
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
    /// The saved facts are none.
    #[error(transparent)]
    Document(#[from] crate::facts::document::DocumentError),
}

/// Examines the machine, or the saved facts.
///
/// # Errors
/// When the facts or the checks cannot be read.
pub fn examine(_system: &dyn System, request: &Request, progress: &dyn Progress) -> Result<Diagnosis, DoctorError> {
    progress.step("looking at this machine");
    let document = match &request.from {
        Some(document) => document.clone(),
        None => {
            let target = request.target.as_ref().map(Into::into);
            Document::of(&Facts { target, machine: Fact::unknown("nothing looks at it yet"), ..Facts::default() })?
        }
    };
    progress.done();
    let verdict = Verdict::Healthy;
    Ok(Diagnosis { document, steps: Vec::new(), findings: Vec::new(), ruled_out: Vec::new(), verdict })
}
