//! A check that fired, on its way to becoming a finding: words, evidence, and the fixes that apply.

use serde_json::Value;

use super::{
    Check, CheckFault,
    condition::{Answer, Condition, Found, Path, Scope},
    document::{FixTemplate, Place},
    pasted::Shell,
    wording::{self, Context, Wording, WordingError},
};
use crate::{
    facts::{CommandShell, Document, MASK},
    findings::{Confidence, Evidence, Finding, Fix, Safety, plain},
};

/// A check that fired, and over what.
pub(super) struct Hit<'a> {
    pub(super) check: &'a Check,
    pub(super) document: &'a Document,
    pub(super) wording: &'a Wording,
    pub(super) scope: Scope<'a>,
    pub(super) item: Option<&'a Value>,
}

impl Hit<'_> {
    pub(super) fn finding(&self, explains: &[&str], faults: &mut Vec<CheckFault>) -> Finding {
        let check = self.check;
        let context = self.context();
        let certain = check.certain.as_ref().is_some_and(|certain| self.holds(certain, faults));
        let explains_nothing = check.explains_when.as_ref().is_some_and(|when| !self.holds(when, faults));
        let title = self.words(&check.title, &context, faults);
        let confidence = if certain { Confidence::Certain } else { check.confidence };
        let lines = self.lines();
        // What a log does not show in so many words is concluded, and may be wrong.
        let concluded = self.log().is_some() && lines.is_empty() && !check.evidence.is_empty();
        Finding {
            check: check.id.clone(),
            severity: check.severity,
            confidence: if concluded { confidence.min(Confidence::Likely) } else { confidence },
            stage: check.stage.clone(),
            symptom: check.symptom,
            meets_first: check.meets_first,
            root: true,
            explained_by: None,
            explains: if explains_nothing { Vec::new() } else { explains.iter().map(|id| (*id).to_owned()).collect() },
            title: plain(&title),
            detail: self.words(&check.prose, &context, faults),
            subject: self.item.cloned(),
            evidence: if lines.is_empty() { self.stand_ins() } else { lines },
            fixes: check.fixes.iter().filter_map(|fix| self.fix(fix, &context, faults)).collect(),
        }
    }

    pub(super) fn context(&self) -> Context {
        let alias = self.check.each.as_ref().map(|each| &*each.alias);
        self.wording.context(alias.zip(self.item))
    }

    fn fault(&self, what: String) -> CheckFault {
        CheckFault { check: self.check.id.clone(), what }
    }

    fn holds(&self, condition: &Condition, faults: &mut Vec<CheckFault>) -> bool {
        match condition.answer(&self.scope) {
            Ok(answer) => answer == Answer::Yes,
            Err(error) => {
                faults.push(self.fault(error.to_string()));
                false
            }
        }
    }

    /// Words always come out: a fact that is not there is named so, and an author who did not foresee it is told.
    fn words(&self, template: &str, context: &Context, faults: &mut Vec<CheckFault>) -> String {
        match self.wording.text(template, context) {
            Ok(text) => text,
            Err(WordingError::Missing) => {
                if !self.reads_unknown(template) {
                    faults.push(self.fault("its words read a fact that is not there; ask `is defined` first".into()));
                }
                self.wording.lenient_text(template, context).unwrap_or_else(|_| self.check.id.clone())
            }
            Err(error) => {
                faults.push(self.fault(format!("its words cannot be rendered: {error}; correct the template")));
                self.check.id.clone()
            }
        }
    }

    fn reads_unknown(&self, template: &str) -> bool {
        let Ok(reads) = wording::reads(template) else { return false };
        let mut paths = reads.iter().filter_map(|path| Path::parse(path).ok());
        paths.any(|path| matches!(self.scope.look(&path), Found::Unknown(_)))
    }

    /// The lines that the check names, each once.
    fn lines(&self) -> Vec<Evidence> {
        let mut evidence: Vec<Evidence> = Vec::new();
        for path in &self.check.evidence {
            if let Found::Value(value) = self.scope.look(path) {
                match value.as_array() {
                    Some(lines) => evidence.extend(lines.iter().filter_map(seen)),
                    None => evidence.extend(seen(value)),
                }
            }
        }
        let mut told = Vec::new();
        evidence.retain(|line| {
            !line.text.is_empty() && !told.contains(line) && {
                told.push(line.clone());
                true
            }
        });
        evidence
    }

    /// What stands for the lines that were not seen: in a log its command, where the check is about that, or the line with
    /// which the login ended; on a machine the facts that the condition read.
    fn stand_ins(&self) -> Vec<Evidence> {
        let reads = self.check.when.reads();
        if let Some(log) = self.log() {
            let command =
                log.get("command").filter(|_| reads.iter().any(|path| path.to_string().starts_with("target.")));
            let end =
                || ["/login/seen", "/attempt/last"].into_iter().find_map(|at| seen(self.document.facts.pointer(at)?));
            if let Some(line) = command.and_then(seen).or_else(end) {
                return vec![line];
            }
        }
        reads.into_iter().filter_map(|path| self.read(path)).collect()
    }

    /// The log that was read in place of a look at the machine.
    fn log(&self) -> Option<&Value> {
        self.document.facts.get("log")
    }

    /// A fact of the condition as evidence, where it is short enough to be shown.
    fn read(&self, path: &Path) -> Option<Evidence> {
        let Found::Value(value) = self.scope.look(path) else { return None };
        let value = match value {
            Value::String(text) => plain(text),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => return None,
        };
        Some(Evidence { source: "facts".into(), line: None, text: format!("{path} is {value}") })
    }

    /// The fix, unless it does not apply, reads a fact that is not there, or cannot be said safely.
    fn fix(&self, fix: &FixTemplate, context: &Context, faults: &mut Vec<CheckFault>) -> Option<Fix> {
        if fix.when.as_ref().is_some_and(|when| !self.holds(when, faults)) {
            return None;
        }
        match self.worded(fix, context) {
            Ok(mut worded) => {
                worded.verified = fix.verified.as_ref().is_some_and(|verified| self.holds(verified, faults));
                Some(worded)
            }
            Err(WordingError::Template(error)) => {
                faults.push(self.fault(format!("its fix `{}` cannot be rendered: {error}; correct it", fix.title)));
                None
            }
            Err(WordingError::Missing | WordingError::Refused(_) | WordingError::Control) => None,
        }
    }

    /// Whether the fix is for this case.
    pub(super) fn applies(&self, fix: &FixTemplate) -> bool {
        fix.when.as_ref().is_none_or(|when| self.holds(when, &mut Vec::new()))
    }

    pub(super) fn worded(&self, fix: &FixTemplate, context: &Context) -> Result<Fix, WordingError> {
        let shell = fix_shell(fix, self.document);
        let pasted = Shell::of(&self.document.facts, shell, fix.place);
        let commands = fix.run.iter().map(|line| Ok(pasted.ready(self.wording.command(line, context, shell)?)));
        let commands = commands.collect::<Result<Vec<_>, WordingError>>()?;
        // Whoever pastes it has to put the secret back first.
        let lacks_a_secret = commands.iter().any(|command| command.contains(MASK));
        // A log that names no host has words in its place.
        let to_fill_in =
            self.document.facts["target"]["placeholder"] == true && fix.run.iter().any(|line| line.contains("target."));
        let title = self.wording.line(&fix.title, context)?;
        let line = |text: &Option<String>| text.as_ref().map(|text| self.wording.line(text, context)).transpose();
        Ok(Fix {
            title: if to_fill_in { format!("{title} (the job's own for HOST and PORT)") } else { title },
            place: fix.place.name().to_owned(),
            safety: if lacks_a_secret || to_fill_in { Safety::Manual } else { fix.safety },
            reason: line(&fix.reason)?,
            verified: false,
            commands,
            // An address out of the facts may turn out to be none that a browser should open.
            url: line(&fix.url)?.map(|url| url.replace(' ', "%20")).filter(|url| url.starts_with("https://")),
        })
    }
}

/// The shell that a fix's commands are for: images and git hosts have a POSIX one.
pub(super) fn fix_shell(fix: &FixTemplate, document: &Document) -> CommandShell {
    let here = !matches!(fix.place, Place::JobImage);
    let powershell = document.facts["machine"]["command_shell"] == "powershell";
    if here && powershell { CommandShell::Powershell } else { CommandShell::Posix }
}

fn seen(value: &serde_json::Value) -> Option<Evidence> {
    let text = |key: &str| value.get(key).and_then(serde_json::Value::as_str).map(plain);
    let line = value.get("line").and_then(serde_json::Value::as_u64);
    let evidence = Evidence {
        source: text("source")?,
        line: line.and_then(|line| usize::try_from(line).ok()),
        text: text("text").unwrap_or_default(),
    };
    (!evidence.text.is_empty()).then_some(evidence)
}
