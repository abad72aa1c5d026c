//! Looks at what there is before there is a job: Dockerfiles.

use super::Diagnosis;
use crate::{
    checks::Catalogue,
    facts::{Document, Facts, document::DocumentError},
    findings::cause,
    image::dockerfile::{DockerfileError, Question},
    probes::dockerfile::{self, Given},
    system::System,
};

/// What is to be looked at.
#[derive(Debug, Clone, Default)]
pub struct LintRequest {
    /// Dockerfiles.
    pub dockerfiles: Vec<Given>,
    /// What is asked about each of them.
    pub question: Question,
    /// Checks of the user's own: file name and text.
    pub extra_checks: Vec<(String, String)>,
}

/// Why nothing could be said.
#[derive(Debug, thiserror::Error)]
pub enum LintError {
    /// A file is no Dockerfile.
    #[error("{file} cannot be read as a Dockerfile: {error}")]
    Dockerfile {
        /// Its path.
        file: String,
        /// What is wrong.
        error: DockerfileError,
    },
    /// The facts cannot be written.
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// Looks, and holds every check against what was found.
///
/// # Errors
/// When a file is no Dockerfile.
pub fn lint(system: &dyn System, request: &LintRequest) -> Result<Diagnosis, LintError> {
    let mut facts = Facts::default();
    for given in &request.dockerfiles {
        let found = dockerfile::look(system, given, &request.question)
            .map_err(|error| LintError::Dockerfile { file: given.name.clone(), error })?;
        facts.dockerfiles.push(found);
    }
    let mut document = Document::of(&facts)?;
    // Nobody asked about the machine, so nothing of it is missing.
    document.unknown.retain(|unknown| unknown.fact.starts_with("dockerfiles"));
    let own = request.extra_checks.iter().map(|(name, text)| (name, text));
    let judgement = Catalogue::embedded().with_folder(own).judge(&document);
    let verdict = cause::verdict(&judgement.findings, None);
    Ok(Diagnosis {
        document,
        steps: Vec::new(),
        findings: judgement.findings,
        ruled_out: judgement.ruled_out,
        verdict,
        faults: judgement.faults,
    })
}
