//! Runs the examples of the checks: what `cci-ssh checks test` does.
//!
//! An example is partial facts laid over a healthy machine (healthy.json) and read back through the types, so that a
//! misspelt field or value fails. Three keys are no facts: `unknown = ["agent"]` makes facts unknown, `absent =
//! ["target.port"]` takes them away, and `ruled_out = "not the agent: it answers"` expects that sentence of the check.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    Catalogue, Check, CheckFault,
    condition::{Found, Path, Scope, Step},
    document::Example,
    hit::{Hit, fix_shell},
    judge::Verdict,
    lint::lint,
    outline::Outline,
    ruled_out::{Excuse, because},
    wording::{self, Wording},
};
use crate::{
    facts::{CommandShell, Document, Facts, Unknown},
    findings::{Finding, Safety},
};

/// What is wrong with a check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The check's id, or its file.
    pub check: String,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub hint: String,
}

const HEALTHY: &str = include_str!("healthy.json");
/// Why a fact is unknown in a test.
const HIDDEN: &str = "the example hides it";
/// The key of an example that expects a sentence.
const RULED_OUT: &str = "ruled_out";

/// The facts of a healthy Linux machine whose login works: what examples are laid over.
pub fn healthy() -> Document {
    Document::parse(HEALTHY.as_bytes()).expect("healthy.json is a facts document; a test holds it to that")
}

/// Tests every check: paths, form, examples, and that not knowing accuses nobody.
pub fn test(catalogue: &Catalogue) -> Vec<Failure> {
    test_some(catalogue, |_| true)
}

/// Tests the user's own checks.
pub fn test_own(catalogue: &Catalogue) -> Vec<Failure> {
    test_some(catalogue, |check| check.own)
}

fn test_some(catalogue: &Catalogue, wanted: impl Fn(&Check) -> bool) -> Vec<Failure> {
    let mut failures: Vec<Failure> = catalogue
        .broken()
        .iter()
        .map(|error| Failure { check: error.file.clone(), what: error.what.clone(), hint: error.hint.clone() })
        .collect();
    for check in catalogue.checks().iter().filter(|check| wanted(check)) {
        let mut fail = |what: String, hint: &str| {
            failures.push(Failure { check: check.id.clone(), what, hint: hint.to_owned() });
        };
        for id in &check.explains {
            if catalogue.outline(id).is_none() {
                fail(format!("it explains `{id}`, and there is no such check"), "correct the id in `explains`");
            }
        }
        if catalogue.explained(&check.id).contains(&check.id.as_str()) {
            fail("its `explains` come back to itself".into(), "a cause explains its symptoms, never the other way");
        }
        for (fires, tag) in [(true, "fires"), (false, "quiet")] {
            if !check.examples.iter().any(|example| example.fires == fires) {
                fail(format!("it has no example that {tag}"), "add a block ```toml fires and a block ```toml quiet");
            }
        }
        let form = lint(check);
        let sound = form.is_empty();
        failures.extend(form);
        if check.excuse.is_some() && !check.examples.iter().any(|example| example.rules_out()) {
            failures.push(Failure {
                check: check.id.clone(),
                what: "it has no example of its `ruled_out`".into(),
                hint: "begin a block ```toml quiet with ruled_out = \"the sentence as it is to come out\"".into(),
            });
        }
        // Examples of a check that names facts wrongly would only repeat that.
        if sound {
            for example in &check.examples {
                if let Err(failure) = run(check, example) {
                    failures.push(failure);
                }
            }
        }
    }
    failures
}

fn run(check: &Check, example: &Example) -> Result<(), Failure> {
    let fail = |what: String, hint: &str| Failure {
        check: check.id.clone(),
        what: format!("the example at line {} {what}", example.line),
        hint: hint.to_owned(),
    };
    let outline = Outline::of(check);
    let LaidOver { document, ruled_out } = laid_over(&healthy(), &example.text)
        .map_err(|error| fail(format!("is no facts: {error}"), "write paths and values of docs/facts.md"))?;
    if let Some(expected) = ruled_out {
        excused(&outline, &document, &expected)
            .map_err(|what| fail(what, "correct `ruled_out`, `ruled_out_when`, or the example"))?;
    }
    let verdicts =
        outline.weigh(&document).map_err(|error| fail(format!("cannot be judged: {error}"), "correct `when`"))?;
    let mut hits = Vec::new();
    for verdict in &verdicts {
        match verdict {
            Verdict::Fires(scope, item) => hits.push((*scope, *item)),
            Verdict::Unknown(unknown) if example.fires => {
                let what = format!("cannot be answered: {} is unknown, because {}", unknown.fact, unknown.why);
                return Err(fail(what, "state that fact in the example"));
            }
            Verdict::Quiet(_) | Verdict::Unknown(_) => {}
        }
    }
    match (example.fires, hits.is_empty()) {
        (true, true) => {
            let quiet: Vec<Scope<'_>> = verdicts
                .iter()
                .filter_map(|verdict| if let Verdict::Quiet(scope) = verdict { Some(*scope) } else { None })
                .collect();
            let reason = because(&outline, &quiet);
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            return Err(fail(format!("does not fire{reason}"), "correct the example or `when`"));
        }
        (false, false) => return Err(fail("fires, and should be quiet".into(), "correct the example or `when`")),
        (false, true) => return Ok(()),
        (true, false) => {}
    }
    let wording = Wording::new(&document.facts);
    for (scope, item) in hits {
        let hit = Hit { check, document: &document, wording: &wording, scope, item };
        speaks(&hit).map_err(|what| fail(what, "correct the words, the fix, or the example"))?;
        ignorance(&outline, &scope, &document)
            .map_err(|what| fail(what, "a condition must not hold without the facts that it reads"))?;
    }
    Ok(())
}

/// What fires has to come out whole: words, evidence, and a fix that parses.
fn speaks(hit: &Hit<'_>) -> Result<(), String> {
    let mut faults: Vec<CheckFault> = Vec::new();
    let finding: Finding = hit.finding(&[], &mut faults);
    if let Some(fault) = faults.first() {
        return Err(format!("fires, but {}", fault.what));
    }
    if finding.title.is_empty() || finding.title.contains("(not known)") || finding.detail.contains("(not known)") {
        return Err(format!("leaves a hole in the words: `{}`", finding.title));
    }
    for text in [&finding.title, &finding.detail] {
        if has_braces(text) {
            return Err(format!("leaves braces in the words: `{text}`"));
        }
    }
    let context = hit.context();
    for fix in hit.check.fixes.iter().filter(|fix| hit.applies(fix)) {
        let worded = hit.worded(fix, &context).map_err(|error| format!("loses the fix `{}`: {error}", fix.title))?;
        let posix = fix_shell(fix, hit.document) == CommandShell::Posix;
        for command in &worded.commands {
            if posix && fix.safety != Safety::Manual && shlex::split(command).is_none() {
                return Err(format!("makes a command that no shell reads: `{command}`"));
            }
            if has_braces(command) {
                return Err(format!("leaves braces in the command `{command}`"));
            }
        }
    }
    if finding.fixes.is_empty() && hit.check.fixes.iter().any(|fix| fix.when.is_none()) {
        return Err("has no fix left".to_owned());
    }
    Ok(())
}

fn has_braces(text: &str) -> bool {
    ["{{", "}}", "{%", "%}"].iter().any(|braces| text.contains(braces))
}

/// Ignorance never accuses: without any one fact that the condition rests on, it does not fire.
fn ignorance(outline: &Outline, scope: &Scope<'_>, document: &Document) -> Result<(), String> {
    let paths = outline.when.rests_on(scope);
    if paths.is_empty() {
        return Err("holds twice over; let only one side of its `or` be true".to_owned());
    }
    for path in paths {
        let mut blind = document.clone();
        let parsed = Path::parse(&path).map_err(|error| error.to_string())?;
        hide(&mut blind, &parsed);
        let verdicts = outline.weigh(&blind).map_err(|error| error.to_string())?;
        let before = outline.weigh(document).map_err(|error| error.to_string())?;
        let count =
            |verdicts: &[Verdict<'_>]| verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Fires(..))).count();
        if count(&verdicts) >= count(&before) {
            return Err(format!("fires without knowing {path}"));
        }
    }
    Ok(())
}

/// The check is quiet and says just this, and says it no longer when one of the facts in it is unknown.
fn excused(outline: &Outline, document: &Document, expected: &str) -> Result<(), String> {
    let Some(Excuse { words, when }) = &outline.excuse else {
        return Err("expects a sentence, and the check has no `ruled_out`".to_owned());
    };
    let said = said(outline, document)?;
    if said.as_deref() != Some(expected) {
        return Err(format!("says `{}`", said.unwrap_or_else(|| "nothing".to_owned())));
    }
    let read = wording::reads(words)?.into_iter().map(|path| Path::parse(&path).map_err(|error| error.to_string()));
    let asked = when.rests_on(&Scope::new(document)).into_iter();
    let asked = asked.map(|path| Path::parse(&path).map_err(|error| error.to_string()));
    for path in read.chain(asked) {
        let path = path?;
        // A branch that is not taken says nothing.
        if !matches!(Scope::new(document).look(&path), Found::Value(_)) {
            continue;
        }
        let mut blind = document.clone();
        hide(&mut blind, &path);
        if self::said(outline, &blind)?.as_deref() == Some(expected) {
            return Err(format!("says the same without knowing {path}"));
        }
    }
    Ok(())
}

/// What a report would say in the check's own words, if it is quiet for all that is known.
fn said(outline: &Outline, document: &Document) -> Result<Option<String>, String> {
    let verdicts = outline.weigh(document).map_err(|error| error.to_string())?;
    let quiet = verdicts.iter().all(|verdict| matches!(verdict, Verdict::Quiet(_)));
    let wording = Wording::new(&document.facts);
    match &outline.excuse {
        Some(excuse) if quiet => excuse.said(document, &wording),
        _ => Ok(None),
    }
}

/// Makes one fact unknown.
fn hide(document: &mut Document, path: &Path) {
    remove(&mut document.facts, &path.steps);
    document.unknown.push(Unknown { fact: path.text().to_owned(), why: HIDDEN.to_owned() });
}

fn remove(value: &mut Value, steps: &[Step]) {
    match steps {
        [] => {}
        [Step::Name(name)] => {
            value.as_object_mut().map(|map| map.remove(name.as_ref()));
        }
        [Step::Index(index)] => {
            if let Some(item) = value.get_mut(*index) {
                *item = Value::Null;
            }
        }
        [Step::Name(name), rest @ ..] => {
            value.get_mut(name.as_ref()).map(|inner| remove(inner, rest)).unwrap_or_default();
        }
        [Step::Index(index), rest @ ..] => {
            value.get_mut(*index).map(|inner| remove(inner, rest)).unwrap_or_default();
        }
    }
}

/// An example, read.
struct LaidOver {
    document: Document,
    /// The sentence that it expects.
    ruled_out: Option<String>,
}

/// The example's facts over `base`: tables merge, everything else replaces.
fn laid_over(base: &Document, example: &str) -> Result<LaidOver, String> {
    let table: toml::Table = toml::from_str(example).map_err(|error| error.to_string().trim().replace('\n', " "))?;
    let mut over = serde_json::to_value(table).map_err(|error| error.to_string())?;
    let mut taken = |key: &str| over.as_object_mut().and_then(|map| map.remove(key));
    let ruled_out = match taken(RULED_OUT) {
        None => None,
        Some(Value::String(sentence)) => Some(sentence),
        Some(_) => return Err(format!("`{RULED_OUT}` is no sentence")),
    };
    let mut paths = |key: &str| -> Result<Vec<Path>, String> {
        let Some(listed) = taken(key) else { return Ok(Vec::new()) };
        let words = listed.as_array().ok_or_else(|| format!("`{key}` is no list of paths"))?;
        words
            .iter()
            .map(|word| Path::parse(word.as_str().unwrap_or_default()).map_err(|error| error.to_string()))
            .collect()
    };
    let (absent, hidden) = (paths("absent")?, paths("unknown")?);
    let mut facts = base.facts.clone();
    for path in &absent {
        remove(&mut facts, &path.steps);
    }
    merge(&mut facts, over);
    // By reference, as everywhere: reading facts of both kinds would be in the program twice.
    let typed = Facts::deserialize(&facts).map_err(|error| error.to_string())?;
    let mut document = Document::of(&typed).map_err(|error| error.to_string())?;
    for path in &hidden {
        hide(&mut document, path);
    }
    Ok(LaidOver { document, ruled_out })
}

impl Example {
    /// Whether it expects the sentence of `ruled_out`.
    fn rules_out(&self) -> bool {
        toml::from_str(&self.text).is_ok_and(|table: toml::Table| table.contains_key(RULED_OUT))
    }
}

fn merge(base: &mut Value, over: Value) {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => merge_maps(base, over),
        (base, over) => *base = over,
    }
}

fn merge_maps(base: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        merge(base.entry(key).or_insert(Value::Object(Map::new())), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_healthy_machine_is_complete() {
        let document = healthy();
        let typed = document.typed().expect("typed");
        let again = Document::of(&typed).expect("serialises");
        let mut left_out = Vec::new();
        paths(&again.facts, "", &mut left_out);
        left_out.retain(|path| document.facts.pointer(path).is_none());
        assert_eq!(left_out, [] as [&str; 0], "healthy.json leaves out fields that are always there");
        assert!(again.facts == document.facts, "healthy.json does not survive being read");
        assert_eq!(again.unknown, [], "everything is known on the healthy machine");
    }

    fn paths(value: &Value, path: &str, all: &mut Vec<String>) {
        all.push(path.to_owned());
        if let Value::Object(map) = value {
            map.iter().for_each(|(name, value)| paths(value, &format!("{path}/{name}"), all));
        } else if let Value::Array(items) = value {
            items.iter().enumerate().for_each(|(index, value)| paths(value, &format!("{path}/{index}"), all));
        }
    }

    const GOOD: &str = r#"```toml
severity = "error"
each     = "key in keys"
when     = "key.tried and key.mode_too_open and agent.state == 'answers'"
evidence = ["key.seen"]

[[fix]]
title  = "Close it"
safety = "safe"
where  = "this machine"
run    = "chmod 600 {{ key.path }}"
```
# {{ key.path }} is open
It has the mode {{ key.mode }}.

```toml fires
keys = [{ path = "/home/a b", tried = true, mode_too_open = true, mode = "0644" }]
```
```toml quiet
absent = ["keys"]
```
"#;

    fn failures(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from), "{from}");
        let catalogue = Catalogue::default().with_folder([("keys/a.md", GOOD.replace(from, to))]);
        let failures = test(&catalogue);
        failures
            .iter()
            .map(|failure| format!("{}: {}; {}", failure.check, failure.what, failure.hint))
            .collect::<Vec<_>>()
            .join("\n")
    }

    #[test]
    fn a_good_check_passes() {
        assert_eq!(failures("is open", "is open"), "");
    }

    #[test]
    fn bad_examples_are_told() {
        assert!(failures("mode_too_open = true,", "").contains("does not fire: key.mode_too_open is false"));
        assert!(failures("mode_too_open = true", "mode_to_open = true").contains("is no facts"));
        assert!(
            failures("absent = [\"keys\"]", "keys = [{ tried = true, mode_too_open = true }]")
                .contains("should be quiet")
        );
        assert!(failures("absent = [\"keys\"]", "agent = { state = 'ded' }").contains("is no facts"));
        assert!(failures("```toml quiet\nabsent = [\"keys\"]\n```", "").contains("no example that quiet"));
        assert!(failures("keys = [{ path", "unknown = ['agent']\nkeys = [{ path").contains("agent is unknown"));
    }

    #[test]
    fn words_and_fixes_must_come_out() {
        assert!(
            failures(", mode = \"0644\"", "").contains("reads a fact")
                || failures(", mode = \"0644\"", "").contains("read a fact")
        );
        assert!(failures("chmod 600 {{ key.path }}", "chmod 600 {{ key.bits }}").contains("loses the fix"));
        assert!(failures("chmod 600 {{ key.path }}", "chmod '600 {{ 1 }}").contains("own quotes"));
        assert!(failures("chmod 600 {{ key.path }}", "chmod '600").contains("no shell reads"));
        assert!(failures("{{ key.path }} is open", "{{ '{{' }} is open").contains("braces"));
    }

    #[test]
    fn the_sentence_that_rules_out_is_held_to_its_example() {
        let with = |sentence: &str, example: &str| {
            let text =
                GOOD.replace("evidence =", &format!("{sentence}\nevidence =")).replace("absent = [\"keys\"]", example);
            let catalogue = Catalogue::default().with_folder([("keys/a.md", text)]);
            let failures = test(&catalogue);
            failures.iter().map(|failure| failure.what.clone()).collect::<Vec<_>>().join("\n")
        };
        let sentence =
            "ruled_out = 'not the key: {{ keys | length }} are closed'\nruled_out_when = \"agent.state == 'answers'\"";
        let example = "ruled_out = 'not the key: 1 are closed'\nkeys = [{ mode_too_open = false }]";
        assert_eq!(with(sentence, example), "");
        assert!(with(sentence, "absent = ['keys']").contains("no example of its `ruled_out`"));
        assert!(with("", example).contains("has no `ruled_out`"));
        assert!(with(sentence, &example.replace("1 are", "2 are")).contains("says `not the key: 1 are closed`"));
        assert!(with(sentence, &format!("{example}\n[agent]\nstate = 'off'")).contains("says `nothing`"));
        let blind = sentence
            .replace("{{ keys | length }}", "{% if machine.os is defined %}{{ keys | length }}{% else %}1{% endif %}");
        let without = with(&blind, example);
        assert!(without.contains("without knowing machine.os"), "{without}");
    }

    #[test]
    fn a_condition_that_holds_twice_is_told() {
        let twice = failures(
            "\"key.tried and key.mode_too_open and agent.state == 'answers'\"",
            "\"key.tried or key.mode_too_open\"",
        );
        assert!(twice.contains("holds twice over"), "{twice}");
    }

    #[test]
    fn explains_lead_somewhere_and_not_back() {
        assert!(failures("each     =", "explains = ['b']\neach     =").contains("no such check"));
        assert!(failures("each     =", "explains = ['a']\neach     =").contains("come back to itself"));
    }

    #[test]
    fn a_broken_file_is_a_failure() {
        let catalogue = Catalogue::default().with_folder([("keys/a.md", "words")]);
        assert_eq!(test(&catalogue).len(), 1);
        assert_eq!(test_own(&catalogue).len(), 1);
    }

    #[test]
    fn the_embedded_catalogue_passes() {
        let failures = test(&Catalogue::embedded());
        assert!(failures.is_empty(), "{failures:#?}");
    }
}
