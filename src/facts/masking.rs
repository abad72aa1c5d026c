//! Passwords and tokens that stand in the user's own commands do not go into the document: a mark stands in their place.
//!
//! The commands are known (ProxyCommand, `Match exec`, the pasted line, aliases); what is a secret in them is taken out of
//! the whole document, since ssh's log and error messages repeat it.

use serde_json::Value;

use super::Facts;
use crate::ssh::secrets::secrets;

/// Stands where a secret stood. A shell would not take it for a word by itself, so it is always quoted.
pub const MASK: &str = "<hidden>";
/// A shorter secret is only taken out where it stands alone; it may be part of anything.
const SHORT: usize = 6;
/// How much of a secret, cut off at the end of a text, is still one.
const CUT: usize = 3;

/// The secrets in the commands that the facts show.
pub(super) fn secrets_of(facts: &Facts) -> Vec<String> {
    let mut all: Vec<String> = commands(facts).into_iter().flat_map(secrets).collect();
    all.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
    all.dedup();
    all
}

fn commands(facts: &Facts) -> Vec<&str> {
    let mut commands: Vec<&str> = Vec::new();
    if let Some(config) = facts.config.known() {
        commands.extend(config.proxy_command.as_deref());
        commands.extend(config.proxy_jump.as_deref());
        commands.extend(config.remote_command.as_deref());
        commands.extend(config.executed.iter().map(String::as_str));
        commands.extend(config.hung_command.as_ref().map(|hung| hung.command.as_str()));
        commands.extend(config.from.values().chain(config.typed.values()).map(|seen| seen.text.as_str()));
        commands.extend(config.overruled.iter().flat_map(|line| [&*line.value, &*line.seen.text, &*line.by.text]));
    }
    // A log shows what the configuration would.
    let proxy = facts.attempt.known().and_then(|attempt| attempt.proxy.as_ref());
    commands.extend(proxy.and_then(|proxy| proxy.command.as_deref()));
    commands.extend(facts.log.as_ref().and_then(|log| log.command.as_ref()).map(|typed| typed.text.as_str()));
    commands.extend(facts.client.known().and_then(|client| client.script.as_ref()).map(|script| script.text.as_str()));
    if let Some(target) = &facts.target {
        commands.extend(target.ssh_args.iter().chain(&target.left_out).map(String::as_str));
        commands.push(&target.text);
    }
    if let Some(terminal) = facts.terminal.known() {
        for wrapper in &terminal.wrappers {
            commands.push(&wrapper.text);
            commands.extend(wrapper.runs.as_deref());
        }
    }
    commands
}

/// Puts [`MASK`] where one of the secrets stands, in every text of the value.
pub(super) fn mask(value: &mut Value, secrets: &[String]) {
    match value {
        Value::String(text) => {
            for secret in secrets {
                if let Some(masked) = masked(text, secret) {
                    *text = masked;
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secrets)),
        Value::Object(map) => map.values_mut().for_each(|item| mask(item, secrets)),
        _ => {}
    }
}

/// The text without the secret; `None` if it is not in it.
fn masked(text: &str, secret: &str) -> Option<String> {
    let alone = |at: usize| {
        let joined = |letter: Option<char>| letter.is_some_and(char::is_alphanumeric);
        !joined(text[..at].chars().next_back()) && !joined(text[at + secret.len()..].chars().next())
    };
    let mut masked = String::new();
    let mut rest = 0;
    for (at, _) in text.match_indices(secret) {
        if secret.len() >= SHORT || alone(at) {
            masked.push_str(&text[rest..at]);
            masked.push_str(MASK);
            rest = at + secret.len();
        }
    }
    // Long lines are cut, and the cut may go through the secret.
    let cut = secret
        .char_indices()
        .map(|(at, _)| at)
        .rev()
        .take_while(|at| *at >= CUT)
        .find(|at| text.len() >= rest + at && text[rest..].ends_with(&secret[..*at]));
    if rest == 0 && cut.is_none() {
        return None;
    }
    masked.push_str(&text[rest..text.len() - cut.unwrap_or(0)]);
    if cut.is_some() {
        masked.push_str(MASK);
    }
    Some(masked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Config, Document, Seen, Target};

    #[test]
    fn no_part_of_a_secret_is_in_the_document() {
        let command = "curl -u ana:hunter22 -x http://ana:tr0ub4dor@proxy:3128 %h:%p";
        let mut config = Config {
            proxy_command: Some(command.into()),
            executed: vec!["check --token abc99".into()],
            ..Config::default()
        };
        let log =
            Seen { source: "ssh -v".into(), line: Some(3), text: format!("Executing proxy command: exec {command}") };
        config.from.insert("proxycommand".into(), log);
        config.from.insert(
            "user".into(),
            Seen { text: "User abc99d, and a line that is cut at tr0ub".into(), ..Seen::default() },
        );
        let target = Target {
            ssh_args: vec!["-o".into(), format!("ProxyCommand={command}"), "job".into()],
            ..Target::default()
        };
        let facts = Facts { config: config.into(), target: Some(target), ..Facts::default() };
        let text = Document::of(&facts).expect("facts are JSON").facts.to_string();
        for secret in ["hunter22", "tr0ub", "check --token abc99"] {
            assert!(!text.contains(secret), "{text}");
        }
        assert!(text.contains("curl -u ana:<hidden> -x http://ana:<hidden>@proxy:3128 %h:%p"), "{text}");
        assert!(text.contains("User abc99d"), "a short secret may be part of another word: {text}");
    }

    #[test]
    fn a_document_without_secrets_is_as_it_was() {
        let config = Config { proxy_command: Some("nc %h %p".into()), ..Config::default() };
        let facts = Facts { config: config.into(), ..Facts::default() };
        assert!(secrets_of(&facts).is_empty());
        assert!(!Document::of(&facts).expect("facts are JSON").facts.to_string().contains(MASK));
    }
}
