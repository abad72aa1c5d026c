//! A log through the whole pipeline, as `doctor --log` does it.

use std::{
    collections::{BTreeMap, hash_map::DefaultHasher},
    fmt::Write as _,
    hash::{Hash, Hasher},
    sync::LazyLock,
    time::Duration,
};

use super::label::{self, Log};
use cci_ssh::{
    checks::{Catalogue, CheckFault, outcome},
    doctor::{self, Capture, CaptureError, Diagnosis, Progress, Request},
    facts::{Document, MASK},
    findings::{Confidence, Finding, Severity, Verdict, cause::verdict},
    report::{Look, Model, json, text},
    ssh::log::{Event, Events, Line},
    system::{Platform, recorded::Recorded},
};

pub(crate) struct Quiet;

impl Progress for Quiet {
    fn step(&self, _: &str) {}
    fn done(&self) {}
}

/// The name of every log here; the evidence has to name it.
pub(crate) const SOURCE: &str = "the.log";

/// The catalogue, read once for all tests.
pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(Catalogue::embedded);

/// What is said about a log.
#[derive(Debug, Clone)]
pub(crate) struct Said {
    pub(crate) verdict: Verdict,
    pub(crate) findings: Vec<Finding>,
    pub(crate) document: Document,
    /// Checks that could not be worded.
    pub(crate) faults: Vec<CheckFault>,
}

pub(crate) fn request(capture: Capture) -> Request {
    Request {
        target: None,
        connect: None,
        lasted: None,
        job: None,
        offline: false,
        key_probe: true,
        inspect_session: false,
        timeout: Duration::from_secs(1),
        from: None,
        logs: vec![capture],
        extra_checks: Vec::new(),
    }
}

/// A machine that has nothing to do with the log's.
pub(crate) fn machine() -> Recorded {
    Recorded::new(Platform::Linux)
}

/// The whole of it, as the command does it: slow, since it reads the catalogue anew.
pub(crate) fn examine(log: &[u8]) -> Result<Diagnosis, CaptureError> {
    let capture = Capture::read(log, SOURCE)?;
    Ok(doctor::examine(&machine(), &request(capture), &Quiet).expect("facts can be written"))
}

/// Every log below `tests/logs` and what is said of it, worked out once for all tests; an error in its own words.
pub(crate) static ALL: LazyLock<Vec<(Log, Result<Diagnosis, String>)>> = LazyLock::new(|| {
    let logs = label::all();
    let said = std::sync::Mutex::new(Vec::new());
    share(&logs, |log, _| {
        let diagnosis = examine(&log.bytes).map_err(|error| error.to_string());
        said.lock().expect("no panic").push((log.clone(), diagnosis));
    });
    let mut said = said.into_inner().expect("no panic");
    said.sort_by(|(one, _), (other, _)| one.name.cmp(&other.name));
    said
});

/// The same with a catalogue that is read once.
pub(crate) fn judge(log: &[u8]) -> Result<Said, CaptureError> {
    let capture = Capture::read(log, SOURCE)?;
    let document = doctor::observe(&machine(), &request(capture), &Quiet).expect("facts can be written");
    let judgement = CATALOGUE.judge(&document);
    let verdict = verdict(&judgement.findings, outcome(&document));
    Ok(Said { verdict, findings: judgement.findings, faults: judgement.faults, document })
}

impl From<&Diagnosis> for Said {
    fn from(diagnosis: &Diagnosis) -> Self {
        let Diagnosis { document, findings, verdict, faults, .. } = diagnosis.clone();
        Self { verdict, findings, document, faults }
    }
}

impl Said {
    /// The finding to read first.
    pub(crate) fn first(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| is_loud(finding))
    }

    /// What is named as the cause, for certain.
    pub(crate) fn certainties(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| {
            finding.root
                && !finding.symptom
                && finding.severity == Severity::Error
                && finding.confidence == Confidence::Certain
        })
    }

    /// Lines of the log that show the first finding, from 1.
    pub(crate) fn evidence_lines(&self) -> Vec<usize> {
        let evidence = self.first().into_iter().flat_map(|finding| &finding.evidence);
        let mut lines: Vec<usize> = evidence.filter_map(|seen| seen.line.filter(|_| seen.source == SOURCE)).collect();
        lines.sort_unstable();
        lines.dedup();
        lines
    }

    /// In one line.
    pub(crate) fn brief(&self) -> String {
        let mut brief = format!("{:?}", self.verdict).to_lowercase();
        for finding in self.findings.iter().filter(|finding| finding.root && finding.severity > Severity::Info) {
            let _ = write!(brief, ", {} ({})", finding.check, finding.confidence);
        }
        brief
    }
}

/// A root cause, as a user reads the report.
pub(crate) fn is_loud(finding: &Finding) -> bool {
    finding.severity > Severity::Info && !finding.symptom && finding.root
}

/// What is wrong with the evidence of a finding, if anything: it has to point at lines of the log, in their words.
pub(crate) fn faults_of_evidence(finding: &Finding, log: &[u8]) -> Vec<String> {
    let lines: Vec<&[u8]> = log.split(|byte| *byte == b'\n').collect();
    let mut faults = Vec::new();
    if finding.evidence.is_empty() {
        faults.push("no evidence".to_owned());
    }
    for seen in &finding.evidence {
        let Some(number) = seen.line.filter(|_| seen.source == SOURCE) else {
            faults.push(format!("evidence that is no line of the log: {seen:?}"));
            continue;
        };
        let there = number.checked_sub(1).and_then(|index| lines.get(index)).map(|line| Line::clean(line));
        let text = seen.text.trim_end_matches('…');
        // A secret is taken out of the line.
        let text = text.split(MASK).next().unwrap_or_default();
        // A line that the terminal wrapped is one line again.
        let same = there.as_ref().is_some_and(|line| {
            !line.text().is_empty() && (line.text().starts_with(text) || text.starts_with(line.text()))
        });
        if !same {
            faults.push(format!("line {number} is {:?}, not {:?}", there.as_ref().map(Line::text), seen.text));
        }
    }
    faults
}

/// What a log says, whatever stands between it: two logs of the same meaning have the same number.
pub(crate) fn meaning(log: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut words = String::new();
    for logged in Events::new(log).flatten() {
        if logged.event == Event::Other && logged.level > 0 {
            continue;
        }
        words.clear();
        let _ = write!(words, "{} {:?} {}", logged.level, logged.event, logged.text);
        words.hash(&mut hasher);
    }
    hasher.finish()
}

/// The report for people, as a terminal would get it.
pub(crate) fn report(diagnosis: &Diagnosis) -> String {
    text::render(&model(diagnosis), Look { width: 100, unicode: true, verbose: true })
}

/// The report for programs.
pub(crate) fn json_report(diagnosis: &Diagnosis) -> serde_json::Value {
    serde_json::to_value(json::report(&model(diagnosis), true)).expect("a report is JSON")
}

fn model(diagnosis: &Diagnosis) -> Model<'_> {
    let Diagnosis { document, steps, findings, ruled_out, verdict, .. } = diagnosis;
    Model { document, steps, findings, ruled_out, verdict: *verdict }
}

/// Complaints by what they have in common, so that a hundred of one kind do not hide another.
#[derive(Debug, Default)]
pub(crate) struct Complaints(BTreeMap<String, Vec<String>>);

/// Complaints of one kind that are printed.
const SHOWN: usize = 8;

impl Complaints {
    pub(crate) fn add(&mut self, kind: impl Into<String>, what: impl Into<String>) {
        self.0.entry(kind.into()).or_default().push(what.into());
    }

    pub(crate) fn join(&mut self, other: Self) {
        for (kind, list) in other.0 {
            self.0.entry(kind).or_default().extend(list);
        }
    }

    #[track_caller]
    pub(crate) fn expect_none(&self) {
        let count: usize = self.0.values().map(Vec::len).sum();
        let mut told = String::new();
        for (kind, list) in &self.0 {
            let _ = writeln!(told, "{kind} ({} times)", list.len());
            for what in list.iter().take(if everything() { usize::MAX } else { SHOWN }) {
                let _ = writeln!(told, "    {what}");
            }
        }
        assert!(self.0.is_empty(), "{count} complaints\n{told}");
    }
}

/// What `LOGS` says: `all`, or a number for another sample.
#[expect(clippy::disallowed_methods, reason = "a switch of the tests")]
fn switch() -> String {
    std::env::var("LOGS").unwrap_or_default()
}

/// `LOGS=all`: every variant instead of a sample, every complaint instead of the first few.
pub(crate) fn everything() -> bool {
    switch() == "all"
}

/// The number of the sample: 0 in every usual run.
pub(crate) fn sample() -> u64 {
    switch().parse().unwrap_or(0)
}

/// So many of all logs, the same ones in every run, of each folder some; all of them with `LOGS=all`.
pub(crate) fn some(count: usize) -> Vec<&'static (Log, Result<Diagnosis, String>)> {
    let mut picked: Vec<_> = ALL.iter().collect();
    picked.sort_by_key(|(log, _)| {
        let mut hasher = DefaultHasher::new();
        (sample(), &log.name).hash(&mut hasher);
        (sample() > 0 || !log.name.starts_with("given/"), hasher.finish())
    });
    picked.truncate(if everything() { usize::MAX } else { count });
    picked
}

/// Runs `work` on every item, on two threads.
pub(crate) fn share<T: Sync>(items: &[T], work: impl Fn(&T, &mut Complaints) + Sync) -> Complaints {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut all = Complaints::default();
    std::thread::scope(|scope| {
        let work = &work;
        let next = &next;
        let workers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(move || {
                    let mut mine = Complaints::default();
                    while let Some(item) = items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)) {
                        work(item, &mut mine);
                    }
                    mine
                })
            })
            .collect();
        for worker in workers {
            all.join(worker.join().expect("no panic"));
        }
    });
    all
}
