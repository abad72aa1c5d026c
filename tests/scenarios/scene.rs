//! A recorded machine: its folder, and the facts that follow from what lies in it.

use std::{fs, path::PathBuf};

use cci_ssh::{
    facts::{Attempt, Document, Target},
    ssh::log::{Events, Needs},
    target::{self, Asked},
};
use serde_json::{Value, json};

/// The last line of a log whose ssh did not end by itself.
const ENDED: &str = "(ended by the doctor)";

/// One folder of `tests/scenarios`.
pub(crate) struct Scene {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    /// `facts.json` as it lies there.
    pub(crate) recorded: Document,
    /// `ssh.log`: what the attempt's ssh wrote.
    pub(crate) log: Option<String>,
    /// `command.txt`: what the user pasted.
    command: Option<String>,
}

/// All of them, by name.
pub(crate) fn all() -> Vec<Scene> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let folders = fs::read_dir(root).expect("the scenarios are there").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<PathBuf> = folders.filter(|folder| folder.join("facts.json").is_file()).collect();
    folders.sort();
    assert!(!folders.is_empty(), "no scenario was found");
    folders.into_iter().map(Scene::read).collect()
}

impl Scene {
    fn read(folder: PathBuf) -> Self {
        let text = |name: &str| fs::read_to_string(folder.join(name)).ok().map(|text| text.replace("\r\n", "\n"));
        let facts = text("facts.json").expect("it is there");
        let recorded =
            Document::parse(facts.as_bytes()).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let name = folder.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        Self { name, recorded, log: text("ssh.log"), command: text("command.txt"), folder }
    }

    /// The cause that the name promises; none for a healthy machine.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.name.split_once("--").map(|(cause, _)| cause)
    }

    /// `also.txt`: other causes that are true of this machine, one a line.
    pub(crate) fn also(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.join("also.txt")).unwrap_or_default();
        text.lines().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
    }

    /// The facts anew: target from the command, attempt from the log, everything that follows from them inferred.
    pub(crate) fn rebuilt(&self) -> Document {
        match &self.log {
            Some(log) => self.with_log(log),
            None => self.inferred(self.recorded.clone()),
        }
    }

    /// The same machine with another log.
    pub(crate) fn with_log(&self, log: &str) -> Document {
        let may_ask = self.recorded.facts["agent"]["may_ask"] == true;
        let mut document = self.recorded.clone();
        document.facts["attempt"] = serde_json::to_value(attempt(log, may_ask)).expect("an attempt is JSON");
        self.inferred(document)
    }

    fn inferred(&self, mut document: Document) -> Document {
        if let Some(command) = &self.command {
            let mut facts = document.typed().expect("the types");
            facts.target = Some(asked(command));
            document.facts["target"] = json!(facts.target);
        }
        strip_nulls(&mut document.facts);
        document.inferred_again().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }
}

fn asked(command: &str) -> Target {
    let read = match command.trim_end().split_once('\n') {
        Some(_) => target::from_text(command, false),
        None => target::from_words(&shlex::split(command.trim_end()).expect("one line of words"), false),
    };
    match read.expect("a target") {
        Asked::Login(target) => (&*target).into(),
        Asked::Job(_) => panic!("a job is no target here"),
    }
}

/// What the attempt probe makes of the log of an ssh that it ended when it had seen enough.
fn attempt(log: &str, agent_may_ask: bool) -> Attempt {
    let mut attempt = Attempt::new("ssh -v");
    for logged in Events::new(log.as_bytes()) {
        attempt.apply(&logged.expect("a slice can always be read"));
        let asks = attempt.offers.last().is_some_and(|offer| offer.agent && offer.accepted);
        if agent_may_ask && asks && attempt.needs.is_none() {
            attempt.needs = Some(Needs::Approval);
            attempt.needs_seen = attempt.offers.last().map(|offer| offer.seen.clone());
        }
    }
    if log.trim_end().ends_with(ENDED) {
        attempt.stop();
    }
    attempt.finish();
    attempt
}

/// What is not there, and what is not known, is left out.
fn strip_nulls(value: &mut Value) {
    if let Value::Object(map) = value {
        map.retain(|_, value| !value.is_null() && value.get("?unknown").is_none());
        map.values_mut().for_each(strip_nulls);
    }
}

/// Whether what `section` says is looked at when facts are taken away. A machine beside which CircleCI was asked is another
/// recorded one with a job added, and what else it says is taken from that one.
pub(crate) fn is_its_own(facts: &Value, section: &str) -> bool {
    facts.get("circleci").is_none() || ["circleci", "target"].contains(&section)
}

/// Every section, every observed part of it, and every item of the attempt's lists: what a probe may fail to see.
pub(crate) fn removable(facts: &Value) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    for (section, value) in facts.as_object().into_iter().flatten() {
        if ["login", "auth", "session"].contains(&section.as_str()) || !is_its_own(facts, section) {
            continue;
        }
        paths.push(vec![section.clone()]);
        if ["target", "machine", "client", "config"].contains(&section.as_str()) {
            continue;
        }
        for (name, part) in value.as_object().into_iter().flatten() {
            paths.push(vec![section.clone(), name.clone()]);
            for index in 0..part.as_array().map_or(0, Vec::len) {
                paths.push(vec![section.clone(), name.clone(), index.to_string()]);
            }
        }
    }
    paths
}

/// Takes what is at `path` away.
pub(crate) fn remove(facts: &mut Value, path: &[String]) {
    match path {
        [last] => match facts {
            Value::Object(map) => drop(map.remove(last)),
            Value::Array(items) => drop(items.remove(last.parse().expect("an index"))),
            _ => {}
        },
        [first, rest @ ..] => {
            if let Some(part) = facts.get_mut(first) {
                remove(part, rest);
            }
        }
        [] => {}
    }
}
