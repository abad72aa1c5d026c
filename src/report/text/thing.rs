//! What a fact is about, in words for people; its path is for `--verbose` and JSON.
//!
//! A new section of the facts gets its line in [`WORDS`]; until then it is called by its name.

use crate::report::Model;

/// Beginnings of paths and their words; the longest that fits is taken.
const WORDS: [(&str, &str); 40] = [
    ("agent", "the agent"),
    ("agent.identities", "the agent's keys"),
    ("agent.locked", "whether the agent is locked"),
    ("attempt", "the login attempt"),
    ("auth", "which key the job accepts"),
    ("certificates", "the certificates that CertificateFile names"),
    ("circleci", "what CircleCI says"),
    ("circleci.clock", "how long the job waits yet"),
    ("circleci.contexts", "the job's contexts"),
    ("circleci.executions", "what the Enable SSH step prints"),
    ("circleci.git_host", "the keys at the git host"),
    ("circleci.job", "what CircleCI says about the job"),
    ("circleci.me", "whose API token it is"),
    ("circleci.project", "what CircleCI says about the project"),
    ("circleci.standing", "whether the job lets anybody in"),
    ("circleci.ssh_jobs", "your other jobs with SSH"),
    ("circleci.workflow", "what CircleCI says about the workflow"),
    ("client", "the ssh program"),
    ("client.version", "the version of ssh"),
    ("config", "the ssh configuration"),
    ("contrast", "the login that works"),
    ("dockerfiles", "what the Dockerfile says"),
    ("inspection", "what a login shell in the job makes of its environment"),
    ("inspection.reset", "which variables a login shell in the job resets"),
    ("key_folder", "the folder of the keys"),
    ("keys", "the keys on disk"),
    ("known_hosts", "what known_hosts says"),
    ("log", "the log"),
    ("login", "how the login ends"),
    ("machine", "this machine"),
    ("machine.home", "your home folder"),
    ("network", "the way to the server"),
    ("plan", "which keys ssh would offer"),
    ("plan.confirmed", "whether ssh offers what was expected of it"),
    ("query", "which keys the server would accept"),
    ("server", "what the server says"),
    ("session", "how a session begins"),
    ("target", "the target"),
    ("terminal", "the terminal"),
    ("witness", "what a second ssh program says"),
];

/// The words for a fact. A key goes by its file.
pub(super) fn named(path: &str, model: &Model<'_>) -> String {
    if let Some(key) = path.strip_prefix("keys[").and_then(|rest| rest.split(']').next())
        && let Some(file) = model.words(&format!("/keys/{key}/path"))
    {
        return file.to_owned();
    }
    let fits =
        |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']));
    (WORDS.iter().filter(|(start, _)| fits(start)).max_by_key(|(start, _)| start.len())).map_or_else(
        || path.split(['.', '[']).next().unwrap_or(path).replace('_', " "),
        |(_, words)| (*words).to_owned(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn facts_have_words() {
        let mut sample = sample::unknown();
        sample.document.facts["keys"] = serde_json::json!([{"path": "/home/ana/.ssh/old"}]);
        for (path, words) in [
            ("agent.identities", "the agent's keys"),
            ("agent.identities[2].kind", "the agent's keys"),
            ("agent.state", "the agent"),
            ("client.version_text", "the ssh program"),
            ("keys[0].bits", "/home/ana/.ssh/old"),
            ("keys[1].bits", "the keys on disk"),
            ("something_new.x", "something new"),
        ] {
            assert_eq!(named(path, &sample.model()), words, "{path}");
        }
    }

    /// A section without a line here would go by its bare name.
    #[test]
    fn every_section_has_words() {
        let schema = serde_json::to_value(schemars::schema_for!(crate::facts::Facts)).expect("a schema");
        for section in schema["properties"].as_object().expect("sections").keys() {
            assert!(WORDS.iter().any(|(start, _)| start == section), "{section}");
        }
    }
}
