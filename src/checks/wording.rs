//! Puts facts into the words and commands of a check that fired.
//!
//! The only place that knows the template engine (minijinja). Two rules are the engine's own, so that no author can
//! forget them: in words, every value loses its control and invisible characters; in commands, every value becomes one
//! quoted word ([`super::quote`]), and a value that holds such characters is refused.

use std::{cell::OnceCell, collections::HashSet};

use minijinja::{
    Environment, Error, ErrorKind, Output, UndefinedBehavior,
    value::{Serde, Value, ValueKind, merge_maps},
};

use super::quote::{self, Refused};
use crate::{
    facts::CommandShell,
    findings::{is_hidden, plain},
};

/// Work one template may do: some thousand instructions, far beyond any honest text.
const FUEL: u64 = 50_000;

/// Why a template did not become text.
#[derive(Debug, thiserror::Error)]
pub(super) enum WordingError {
    /// It speaks of a fact that is not there.
    #[error("it reads a fact that is not there")]
    Missing,
    /// A value cannot stand in a command.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A value holds control or invisible characters, so it cannot stand in a command.
    #[error("a value holds control characters")]
    Control,
    /// The template is wrong.
    #[error("{0}")]
    Template(String),
}

/// The facts as the templates see them, and the engine for each kind of text. Made when the first check fires.
pub(super) struct Wording {
    facts: Value,
    words: OnceCell<Environment<'static>>,
    lenient: OnceCell<Environment<'static>>,
    commands: OnceCell<Environment<'static>>,
}

/// What a template reads.
pub(super) struct Context(Value);

impl Wording {
    pub(super) fn new(facts: &serde_json::Value) -> Self {
        Self {
            facts: Value::from(Serde(facts)),
            words: OnceCell::new(),
            lenient: OnceCell::new(),
            commands: OnceCell::new(),
        }
    }

    /// What templates read: the facts, and the item of an `each` check under its name.
    pub(super) fn context(&self, item: Option<(&str, &serde_json::Value)>) -> Context {
        match item {
            None => Context(self.facts.clone()),
            Some((alias, value)) => {
                let item = Value::from_pairs([(alias.to_owned(), Value::from(Serde(value)))]);
                // Later maps win.
                Context(merge_maps([self.facts.clone(), item]))
            }
        }
    }

    /// One line of text.
    pub(super) fn line(&self, template: &str, context: &Context) -> Result<String, WordingError> {
        Ok(plain(self.text(template, context)?.trim()))
    }

    /// Paragraphs of text.
    pub(super) fn text(&self, template: &str, context: &Context) -> Result<String, WordingError> {
        let environment = self.words.get_or_init(|| environment(UndefinedBehavior::Strict, write_words));
        Ok(tidy(&render(environment, template, context)?))
    }

    /// Paragraphs in which a fact that is not there is called that.
    pub(super) fn lenient_text(&self, template: &str, context: &Context) -> Result<String, WordingError> {
        let environment = self.lenient.get_or_init(|| environment(UndefinedBehavior::Chainable, write_words));
        Ok(tidy(&render(environment, template, context)?))
    }

    /// One command, every value quoted for `shell`.
    pub(super) fn command(
        &self,
        template: &str,
        context: &Context,
        shell: CommandShell,
    ) -> Result<String, WordingError> {
        let environment = self.commands.get_or_init(|| environment(UndefinedBehavior::Strict, write_marked));
        let marked = render(environment, template, context)?;
        if marked.chars().any(|character| !is_mark(character) && is_hidden(character)) {
            return Err(WordingError::Control);
        }
        Ok(quote::assemble(marked.trim(), shell)?)
    }
}

/// The paths a template reads, or why it cannot be compiled.
pub(super) fn reads(template: &str) -> Result<HashSet<String>, String> {
    let environment = Environment::empty();
    let template = environment.template_from_str(template).map_err(|error| describe(&error))?;
    Ok(template.undeclared_variables(true))
}

fn environment(
    undefined: UndefinedBehavior,
    formatter: fn(&mut Output<'_>, &Value) -> Result<(), Error>,
) -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(undefined);
    environment.set_fuel(Some(FUEL));
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_formatter(move |out, _, value| formatter(out, value));
    environment
}

fn render(environment: &Environment<'static>, template: &str, context: &Context) -> Result<String, WordingError> {
    environment.render_named_str("check", template, context.0.clone()).map_err(|error| match error.kind() {
        ErrorKind::UndefinedError => WordingError::Missing,
        _ if is_control(&error) => WordingError::Control,
        _ => WordingError::Template(describe(&error)),
    })
}

fn describe(error: &Error) -> String {
    let mut text = plain(error.detail().map_or_else(|| error.kind().to_string(), str::to_owned).as_str());
    if let Some(line) = error.line() {
        text.push_str(&format!(" (line {line} of the template)"));
    }
    text
}

const CONTROL: &str = "control characters in a value";

fn is_control(error: &Error) -> bool {
    error.detail() == Some(CONTROL)
}

fn is_mark(character: char) -> bool {
    matches!(character, quote::VALUE | quote::ARGUMENT | quote::END)
}

/// Values in words: harmless, lists as an enumeration.
fn write_words(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    let text = match items(value) {
        _ if value.is_undefined() || value.is_none() => "(not known)".to_owned(),
        Some(items) => items.iter().map(|item| plain(item)).collect::<Vec<_>>().join(", "),
        None => plain(&value.to_string()),
    };
    out.write_str(&text)?;
    Ok(())
}

/// Values in commands: marked for the quoting.
fn write_marked(out: &mut Output<'_>, value: &Value) -> Result<(), Error> {
    let refuse = |text: &str| {
        if text.chars().any(is_hidden) { Err(Error::new(ErrorKind::InvalidOperation, CONTROL)) } else { Ok(()) }
    };
    match items(value) {
        Some(items) => {
            for (place, item) in items.iter().enumerate() {
                refuse(item)?;
                let blank = if place > 0 { " " } else { "" };
                out.write_str(&format!("{blank}{}{item}{}", quote::ARGUMENT, quote::END))?;
            }
        }
        None => {
            let text = value.to_string();
            refuse(&text)?;
            out.write_str(&format!("{}{text}{}", quote::VALUE, quote::END))?;
        }
    }
    Ok(())
}

/// The items of a list, as text.
fn items(value: &Value) -> Option<Vec<String>> {
    if !matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) {
        return None;
    }
    Some(value.try_iter().ok()?.map(|item| item.to_string()).collect())
}

/// At most one empty line in a row: template tags leave holes.
fn tidy(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = 0;
    for line in text.trim().lines() {
        let line = line.trim_end();
        empty = if line.is_empty() { empty + 1 } else { 0 };
        if empty < 2 {
            tidy.push_str(line);
            tidy.push('\n');
        }
    }
    tidy.truncate(tidy.trim_end().len());
    tidy
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn facts() -> serde_json::Value {
        json!({
            "target": {"ssh_args": ["-p", "64535", "203.0.113.7"], "host": "-oProxyCommand=x"},
            "key": {"path": "/home/ana/my key"},
            "server": {"greeting": "SSH-2.0-\u{1b}[31mevil\u{202e}\nmore"},
        })
    }

    fn text(template: &str) -> Result<String, WordingError> {
        let wording = Wording::new(&facts());
        wording.text(template, &wording.context(None))
    }

    fn command(template: &str) -> Result<String, WordingError> {
        let wording = Wording::new(&facts());
        wording.command(template, &wording.context(None), CommandShell::Posix)
    }

    #[test]
    fn strangers_words_are_cleaned() {
        assert_eq!(text("it said {{ server.greeting }}").expect("renders"), "it said SSH-2.0-[31mevil more");
    }

    #[test]
    fn lists_are_enumerated() {
        assert_eq!(text("{{ target.ssh_args }}").expect("renders"), "-p, 64535, 203.0.113.7");
    }

    #[test]
    fn commands_are_quoted() {
        let line = command("ssh -i {{ key.path }} -o IdentitiesOnly=yes {{ target.ssh_args }}").expect("renders");
        assert_eq!(line, "ssh -i '/home/ana/my key' -o IdentitiesOnly=yes -p 64535 203.0.113.7");
    }

    #[test]
    fn hostile_values_do_not_get_into_commands() {
        assert!(matches!(command("echo {{ server.greeting }}"), Err(WordingError::Control)));
        assert!(matches!(command("ssh {{ target.host }}"), Err(WordingError::Refused(Refused::Dash))));
        assert!(matches!(command("ssh \"{{ key.path }}\""), Err(WordingError::Refused(Refused::Quoted))));
    }

    #[test]
    fn what_is_not_there_is_no_text() {
        assert!(matches!(text("{{ agent.state }}"), Err(WordingError::Missing)));
        assert!(matches!(command("{{ key.bits }}"), Err(WordingError::Missing)));
        let wording = Wording::new(&facts());
        let lenient = wording.lenient_text("{{ agent.state.x }} and {{ key.path }}", &wording.context(None));
        assert_eq!(lenient.expect("renders"), "(not known) and /home/ana/my key");
    }

    #[test]
    fn an_item_stands_before_the_facts() {
        let wording = Wording::new(&facts());
        let item = json!({"path": "/other"});
        let line =
            wording.line("{{ key.path }} {{ target.ssh_args | length }}", &wording.context(Some(("key", &item))));
        assert_eq!(line.expect("renders"), "/other 3");
    }

    #[test]
    fn a_template_cannot_run_for_ever() {
        let endless = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert!(matches!(text(endless), Err(WordingError::Template(_))));
        assert!(matches!(text("{% if %}"), Err(WordingError::Template(_))));
    }

    #[test]
    fn holes_are_closed() {
        assert_eq!(text("a\n\n{% if false %}b{% endif %}\n\n\nc\n").expect("renders"), "a\n\nc");
    }

    #[test]
    fn paths_read_are_listed() {
        let mut paths: Vec<String> = reads("{{ key.path }}{% if login.works %}{{ a | length }}{% endif %}")
            .expect("compiles")
            .into_iter()
            .collect();
        paths.sort();
        assert_eq!(paths, ["a", "key.path", "login.works"]);
    }
}
