//! Reads one check file: a fenced TOML block, a title, prose, and fenced examples.
//!
//! Templates are kept as text here; they are compiled when a check fires, or when the catalogue is tested.

use std::borrow::Cow;

use serde::Deserialize;
use toml::value::Datetime;

use super::{
    CheckError,
    condition::{Condition, Path},
    embedded::Embedded,
    ruled_out::Excuse,
};
use crate::findings::{Confidence, STAGES, Safety, Severity};

/// A section of CircleCI's support article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names are the sections' titles")]
pub enum Seed {
    HowToRerun,
    ButtonNotVisible,
    PermissionDeniedPublickey,
    ConnectionRefusedOrTimedOut,
    PathOrEnvWrong,
    ContextError,
    WarpTerminal,
    ConcurrencyLimit,
    #[serde(rename = "session-limit-2h")]
    SessionLimit2h,
    ExecNotFoundInPath,
    ContainerRunner,
}

impl Seed {
    /// Every section of the article that describes a problem, in its order.
    pub const ALL: [Self; 11] = [
        Self::HowToRerun,
        Self::ButtonNotVisible,
        Self::PermissionDeniedPublickey,
        Self::ConnectionRefusedOrTimedOut,
        Self::PathOrEnvWrong,
        Self::ContextError,
        Self::WarpTerminal,
        Self::ConcurrencyLimit,
        Self::SessionLimit2h,
        Self::ExecNotFoundInPath,
        Self::ContainerRunner,
    ];
}

/// Where a fix is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Place {
    #[serde(rename = "this machine")]
    ThisMachine,
    #[serde(rename = "job image")]
    JobImage,
    #[serde(rename = "circleci web")]
    CircleciWeb,
    #[serde(rename = "circleci api")]
    CircleciApi,
    #[serde(rename = "git host")]
    GitHost,
}

/// One check of the catalogue: what the file says, ready to be held against facts.
#[derive(Debug, Clone)]
pub struct Check {
    /// The file's name without its ending.
    pub id: String,
    /// The file's folder: one of [`STAGES`].
    pub stage: String,
    /// How bad it is when it fires.
    pub severity: Severity,
    /// How sure it is when it fires, unless `certain` holds.
    pub confidence: Confidence,
    /// It only restates the failure.
    pub symptom: bool,
    /// It is about what the person typed or has configured, which fails although the doctor's own login works.
    pub even_if_login_works: bool,
    /// Of several causes in its stage it is the one that ssh meets first.
    pub meets_first: bool,
    /// The section of the support article that it answers.
    pub seed: Option<Seed>,
    /// What it explains, as written; [`super::Catalogue::explained`] follows the edges to their ends.
    pub explains: Vec<String>,
    /// When the sources were last read, `2026-11-22`.
    pub checked: Option<String>,
    /// Where its knowledge comes from.
    pub sources: Vec<String>,
    /// The title's template.
    pub title: String,
    /// The prose's template.
    pub prose: String,
    /// It comes from the user's own folder.
    pub own: bool,
    pub(super) when: Condition,
    pub(super) certain: Option<Condition>,
    /// Where it does not hold, the check explains nothing.
    pub(super) explains_when: Option<Condition>,
    pub(super) each: Option<Each>,
    /// The sentence that says why it is not this.
    pub(super) excuse: Option<Excuse>,
    pub(super) evidence: Vec<Path>,
    pub(super) fixes: Vec<FixTemplate>,
    pub(super) examples: Vec<Example>,
}

/// `each = "key in keys"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Each {
    pub(super) alias: Cow<'static, str>,
    pub(super) list: Path,
}

/// A `[[fix]]` as written.
#[derive(Debug, Clone)]
pub(super) struct FixTemplate {
    pub(super) title: String,
    pub(super) safety: Safety,
    pub(super) reason: Option<String>,
    pub(super) place: Place,
    pub(super) run: Vec<String>,
    pub(super) url: Option<String>,
    pub(super) when: Option<Condition>,
    pub(super) verified: Option<Condition>,
}

/// Partial facts, and whether the check fires over them.
#[derive(Debug, Clone)]
pub(super) struct Example {
    pub(super) fires: bool,
    pub(super) text: String,
    /// Line of its first line in the file, from 1.
    pub(super) line: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    severity: Severity,
    #[serde(default = "certain")]
    confidence: Confidence,
    certain: Option<String>,
    explains_when: Option<String>,
    #[serde(default)]
    symptom: bool,
    #[serde(default)]
    even_if_login_works: bool,
    #[serde(default)]
    meets_first: bool,
    each: Option<String>,
    when: String,
    ruled_out: Option<String>,
    ruled_out_when: Option<String>,
    #[serde(default)]
    explains: Vec<String>,
    #[serde(default)]
    evidence: Vec<String>,
    seed: Option<Seed>,
    checked: Option<Datetime>,
    #[serde(default)]
    sources: Vec<String>,
    #[serde(default, rename = "fix")]
    fixes: Vec<FixHead>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FixHead {
    title: String,
    safety: Safety,
    reason: Option<String>,
    #[serde(rename = "where")]
    place: Place,
    #[serde(default)]
    run: Lines,
    url: Option<String>,
    when: Option<String>,
    verified: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(untagged)]
enum Lines {
    #[default]
    None,
    One(String),
    Many(Vec<String>),
}

fn certain() -> Confidence {
    Confidence::Certain
}

const PATH: &str = "write a path of docs/facts.md";

impl Each {
    /// Reads it, or says what is wrong and what to do.
    pub(super) fn parse(text: &str) -> Result<Self, (String, &'static str)> {
        let Some((alias, list)) = text.split_once(" in ") else {
            let hint = "name the item and its list: each = \"key in keys\"";
            return Err((format!("`each = \"{text}\"` names no item"), hint));
        };
        let path = |text: &str| Path::parse(text.trim()).map_err(|error| (format!("`each`: {error}"), PATH));
        Ok(Self { alias: path(alias)?.text, list: path(list)? })
    }
}

impl Place {
    /// As a report names it.
    pub fn name(self) -> &'static str {
        match self {
            Self::ThisMachine => "this machine",
            Self::JobImage => "job image",
            Self::CircleciWeb => "circleci web",
            Self::CircleciApi => "circleci api",
            Self::GitHost => "git host",
        }
    }
}

impl Check {
    /// Reads the file `name` (`keys/key-crlf.md`).
    ///
    /// # Errors
    /// When the file's name or form is not that of a check; the error names the line and what to write.
    pub fn parse(name: &str, text: &str) -> Result<Self, CheckError> {
        Self::prepared(name, text, "")
    }

    /// Reads a file that comes with the program.
    pub(super) fn embedded(file: &Embedded) -> Result<Self, CheckError> {
        Self::prepared(file.name, file.text, file.head)
    }

    /// The same with the block on top of the file already turned into JSON; an empty one is read from the file.
    fn prepared(name: &str, text: &str, head: &str) -> Result<Self, CheckError> {
        let fail = |line: Option<usize>, what: String, hint: &str| CheckError {
            file: name.to_owned(),
            line,
            what,
            hint: hint.to_owned(),
        };
        let unix;
        let text = if text.contains('\r') {
            unix = text.replace("\r\n", "\n");
            &unix
        } else {
            text
        };
        let (stage, id) = place(name).map_err(|(what, hint)| fail(None, what, &hint))?;
        let parts = Parts::split(text).map_err(|(line, what, hint)| fail(Some(line), what, &hint))?;
        let head: Head = match serde_json::from_str(head) {
            Ok(head) => head,
            Err(_) => toml::from_str(parts.head).map_err(|error| {
                let before = error.span().map_or(0, |span| parts.head[..span.start].matches('\n').count());
                fail(
                    Some(parts.head_line + before),
                    error.message().to_owned(),
                    "checks/README.md lists the keys and values",
                )
            })?,
        };
        let condition = |key: &str, text: &str| {
            Condition::parse(text).map_err(|error| fail(None, format!("`{key}`: {error}"), "correct the expression"))
        };
        let path = |text: &String| Path::parse(text).map_err(|error| fail(None, format!("`evidence`: {error}"), PATH));
        let optional = |key: &str, text: Option<&String>| text.map(|text| condition(key, text)).transpose();
        let each = |text: &String| Each::parse(text).map_err(|(what, hint)| fail(None, what, hint));
        let each = head.each.as_ref().map(each).transpose()?;
        let excuse = match (&head.ruled_out, &head.ruled_out_when) {
            (None, None) => None,
            (Some(words), Some(when)) => {
                Some(Excuse { words: words.clone().into(), when: condition("ruled_out_when", when)? })
            }
            (Some(_), None) => {
                let hint = "say in `ruled_out_when` when the sentence is true and worth saying";
                return Err(fail(None, "`ruled_out` without `ruled_out_when`".into(), hint));
            }
            (None, Some(_)) => {
                let hint = "write the sentence as `ruled_out`: \"not the agent: it answers\"";
                return Err(fail(None, "`ruled_out_when` without `ruled_out`".into(), hint));
            }
        };
        let evidence = head.evidence.iter().map(path).collect::<Result<_, _>>()?;
        let mut fixes = Vec::new();
        for fix in &head.fixes {
            if fix.safety == Safety::Ask && fix.reason.is_none() {
                let what = format!("the fix `{}` has safety `ask` and no reason", fix.title);
                return Err(fail(None, what, "say in `reason` what to think of before running it"));
            }
            fixes.push(FixTemplate {
                title: fix.title.clone(),
                safety: fix.safety,
                reason: fix.reason.clone(),
                place: fix.place,
                run: match &fix.run {
                    Lines::None => Vec::new(),
                    Lines::One(line) => vec![line.clone()],
                    Lines::Many(lines) => lines.clone(),
                },
                url: fix.url.clone(),
                when: optional("fix.when", fix.when.as_ref())?,
                verified: optional("fix.verified", fix.verified.as_ref())?,
            });
        }
        let checked = match head.checked {
            None => None,
            Some(Datetime { date: Some(date), time: None, offset: None }) => Some(date.to_string()),
            Some(_) => return Err(fail(None, "`checked` is no date".into(), "write it as 2026-11-22, without quotes")),
        };
        Ok(Self {
            id,
            stage,
            severity: head.severity,
            confidence: head.confidence,
            symptom: head.symptom,
            even_if_login_works: head.even_if_login_works,
            meets_first: head.meets_first,
            seed: head.seed,
            explains: head.explains,
            checked,
            sources: head.sources,
            title: parts.title.to_owned(),
            prose: parts.prose,
            own: false,
            when: condition("when", &head.when)?,
            certain: optional("certain", head.certain.as_ref())?,
            explains_when: optional("explains_when", head.explains_when.as_ref())?,
            each,
            excuse,
            evidence,
            fixes,
            examples: parts.examples,
        })
    }

    /// The same for a file of somebody else's, which could hide something from its reader.
    ///
    /// # Errors
    /// As [`Self::parse`], and for control and invisible characters.
    pub fn parse_strange(name: &str, text: &str) -> Result<Self, CheckError> {
        match text.replace("\r\n", "\n").split('\n').position(hides) {
            None => Self::parse(name, text),
            Some(line) => Err(CheckError {
                file: name.to_owned(),
                line: Some(line + 1),
                what: "a control or invisible character".into(),
                hint: "delete it".into(),
            }),
        }
    }

    /// The condition as written.
    pub fn when(&self) -> &str {
        self.when.text()
    }
}

/// Whether a line holds a character that a reader does not see; nearly every line is settled by its bytes.
fn hides(line: &str) -> bool {
    let is_plain = line.bytes().all(|byte| matches!(byte, b'\t' | b' '..=b'~'));
    !is_plain && line.chars().any(|character| character != '\t' && crate::findings::is_hidden(character))
}

type Problem = (String, String);

/// Stage and id out of a file's name.
pub(super) fn place(name: &str) -> Result<(String, String), Problem> {
    let mut parts = name.rsplit(['/', '\\']);
    let file = parts.next().unwrap_or_default();
    let stage = parts.next().unwrap_or_default();
    if !STAGES.contains(&stage) {
        let what =
            if stage.is_empty() { "it lies in no stage's folder".into() } else { format!("`{stage}` is no stage") };
        return Err((what, format!("put the file into a folder named after its stage: {}", STAGES.join(", "))));
    }
    let id = file.strip_suffix(".md").unwrap_or(file);
    let kebab = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    if !id.split('-').all(kebab) {
        return Err((format!("`{id}` is no id"), "name the problem in kebab-case: key-file-missing.md".into()));
    }
    Ok((stage.to_owned(), id.to_owned()))
}

struct Parts<'a> {
    head: &'a str,
    head_line: usize,
    title: &'a str,
    prose: String,
    examples: Vec<Example>,
}

impl<'a> Parts<'a> {
    fn split(text: &'a str) -> Result<Self, (usize, String, String)> {
        let fail = |line: usize, what: &str, hint: &str| (line + 1, what.to_owned(), hint.to_owned());
        let mut fences = Vec::new();
        let mut open: Option<(usize, &str, usize)> = None;
        let mut title: Option<(usize, &str)> = None;
        let mut prose = String::new();
        let mut at = 0;
        for (number, whole) in text.split_inclusive('\n').enumerate() {
            let line = whole.trim_end();
            let (start, end) = (at, at + whole.len());
            at = end;
            let first_fence = fences.is_empty() && title.is_none();
            if let Some((opened, info, inner)) = open {
                if line == "```" {
                    fences.push((opened, info, &text[inner..start]));
                    open = None;
                }
                continue;
            }
            let info = line.strip_prefix("```").map(str::trim);
            match info {
                Some("toml") if first_fence => open = Some((number, "toml", end)),
                Some(example @ ("toml fires" | "toml quiet")) if title.is_some() => open = Some((number, example, end)),
                _ if line.is_empty() && title.is_none() => {}
                _ if fences.is_empty() => {
                    return Err(fail(
                        number,
                        "the file does not begin with its facts",
                        "begin it with a ```toml block",
                    ));
                }
                _ if title.is_none() => match line.strip_prefix("# ") {
                    Some(words) => title = Some((number, words.trim())),
                    None => {
                        let hint = "write `# what is wrong` under the first block";
                        return Err(fail(number, "the title is missing", hint));
                    }
                },
                _ if fences.len() > 1 => {
                    if !line.is_empty() {
                        let hint = "move it above the first example, or into a TOML comment";
                        return Err(fail(number, "text after the examples", hint));
                    }
                }
                _ => prose.push_str(whole),
            }
        }
        if let Some((line, ..)) = open {
            return Err(fail(line, "a block without an end", "close it with ``` on a line of its own"));
        }
        let mut fences = fences.into_iter();
        let Some((head_line, _, head)) = fences.next() else {
            return Err(fail(0, "there is no ```toml block", "begin the file with one: checks/README.md shows how"));
        };
        let Some((_, title)) = title else {
            return Err(fail(head_line, "the title is missing", "write `# what is wrong` under the first block"));
        };
        let examples = fences
            .map(|(line, info, text)| Example { fires: info == "toml fires", text: text.to_owned(), line: line + 2 })
            .collect();
        Ok(Self { head, head_line: head_line + 2, title, prose: prose.trim().to_owned(), examples })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"```toml
severity = "error"
when     = "login.works"
checked  = 2026-11-22

[[fix]]
title    = "Do it"
safety   = "safe"
where    = "this machine"
run      = "true"
```
# the title of {{ it }}

Prose with a block:

```sh
true
```

and an end.

```toml fires
login.works = true
```
```toml quiet
login.works = false
```
"#;

    proptest::proptest! {
        #[test]
        fn any_file_is_read_or_refused(text in "(```\n|```toml\n|```toml fires\n|severity = \"info\"\n|when = 'a'\n|# x\n|\\PC|\n){0,12}") {
            let _ = Check::parse_strange("keys/a.md", &text);
        }
    }

    fn error(name: &str, text: &str) -> String {
        Check::parse_strange(name, text).expect_err(name).to_string()
    }

    #[test]
    fn a_file_is_read() {
        let check = Check::parse("keys/a-b2.md", GOOD).expect("reads");
        assert_eq!((check.id.as_str(), check.stage.as_str()), ("a-b2", "keys"));
        assert_eq!(check.title, "the title of {{ it }}");
        assert_eq!(check.prose, "Prose with a block:\n\n```sh\ntrue\n```\n\nand an end.");
        assert_eq!(check.checked.as_deref(), Some("2026-11-22"));
        assert_eq!(check.confidence, Confidence::Certain);
        assert_eq!(check.fixes[0].run, ["true"]);
        assert_eq!(check.examples.len(), 2);
        assert_eq!((check.examples[0].fires, check.examples[0].line), (true, 23));
    }

    #[test]
    fn windows_line_ends_are_read_too() {
        let check = Check::parse("keys/a.md", &GOOD.replace('\n', "\r\n")).expect("reads");
        assert!(check.examples.len() == 2 && !check.prose.contains('\r'));
    }

    #[test]
    fn mistakes_say_where_and_what_to_do() {
        let with = |from: &str, to: &str| error("keys/a.md", &GOOD.replace(from, to));
        assert!(
            with("severity", "sevrity").starts_with("keys/a.md:2: unknown field `sevrity`"),
            "{}",
            with("severity", "sevrity")
        );
        assert!(with("\"safe\"", "\"ask\"").contains("no reason"));
        assert!(with("\"safe\"", "\"sound\"").starts_with("keys/a.md:8:"));
        assert!(with("this machine", "my machine").starts_with("keys/a.md:9:"));
        assert!(with("2026-11-22", "2026-11-22T10:00:00Z").contains("no date"));
        assert!(with("\"login.works\"", "\"login.works +\"").contains("`when`"));
        assert!(with("# the title", "the title").contains("the title is missing"));
        assert!(with("```toml quiet", "Words.\n```toml quiet").contains("text after the examples"));
        assert!(with("= false\n```", "= false").contains("without an end"));
        assert!(with("= true", "= true\u{202e}").contains("invisible"));
        assert!(with("severity", "each = 'keys'\nseverity").contains("names no item"));
        assert!(error("keys/a.md", "").contains("no ```toml block"));
        assert!(error("keys/a.md", "# x").contains("does not begin"));
        assert!(error("a.md", GOOD).contains("no stage's folder"));
        assert!(error("kees/a.md", GOOD).contains("`kees` is no stage"));
        assert!(error("keys/KeyBad.md", GOOD).contains("kebab-case"));
        assert!(error("keys/a--b.md", GOOD).contains("kebab-case"));
    }
}
