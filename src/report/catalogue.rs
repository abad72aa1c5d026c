//! The catalogue of checks for people: the list, and one check's page.

use serde::Serialize;

use super::{
    Look,
    style::{FAINT, STRONG},
    text::{Page, stage_word},
};
use crate::findings::Severity;

/// A check, as far as lists and pages need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its id.
    pub id: String,
    /// The part of the way it belongs to.
    pub stage: String,
    /// How bad it is when it fires.
    pub severity: Severity,
    /// What is wrong when it fires; may hold `{{ fact }}`.
    pub title: String,
    /// All of it, as Markdown.
    pub page: String,
}

/// The list, by stage in the order given.
pub fn list(entries: &[Entry], look: Look) -> String {
    let mut page = Page::new(look);
    let width = entries.iter().map(|entry| entry.id.len()).max().unwrap_or_default().min(34);
    let mut stage = "";
    for entry in entries {
        if entry.stage != stage {
            stage = &entry.stage;
            page.blank();
            page.paragraph(STRONG, &stage_word(stage), "", "");
        }
        page.row(look.severity(entry.severity), &entry.id, width, &readable(&entry.title), FAINT);
    }
    page.blank();
    let count = entries.len();
    page.paragraph(FAINT, &format!("{count} checks; more about one: cci-ssh explain ID"), "", "");
    page.finish()
}

/// One check's page.
pub fn page(entry: &Entry, look: Look) -> String {
    let mut page = Page::new(look);
    page.markdown(&entry.page, "");
    page.finish()
}

/// A template for the eye: `{{ auth.winner.path }}` becomes `<auth.winner.path>`; a slash stands between alternatives.
fn readable(template: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let close = match from.as_bytes().get(1) {
            Some(b'{') => "}}",
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            _ => "",
        };
        match from.find(close).filter(|end| *end > 1) {
            Some(end) => {
                let inner = from[2..end].trim_matches('-').trim();
                if close == "}}" && !inner.starts_with(['"', '\'']) {
                    let name = inner.split('|').next().unwrap_or_default().trim();
                    out.push_str(&format!("<{name}>"));
                } else if inner.starts_with("else") || inner.starts_with("elif") {
                    out.push_str(" / ");
                }
                rest = &from[end + 2..];
            }
            None => {
                out.push('{');
                rest = &from[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            id: "key-not-offered".into(),
            stage: "authentication".into(),
            severity: Severity::Error,
            title: "the job accepts {{ auth.winner.path | quote }}, but ssh does not offer it".into(),
            page: "# the job accepts <x>\n\nWhy.\n\n    ssh <x>\n".into(),
        }
    }

    #[test]
    fn pages_are_for_reading() {
        let text = anstream::adapter::strip_str(&page(&entry(), Look::default())).to_string();
        assert_eq!(text, "the job accepts <x>\n\nWhy.\n\n    ssh <x>\n");
    }

    #[test]
    fn lists_group_by_stage() {
        let text = anstream::adapter::strip_str(&list(&[entry(), entry()], Look::default())).to_string();
        assert_eq!(text.matches("authentication").count(), 1, "{text}");
        assert!(text.contains("✗ key-not-offered  the job accepts <auth.winner.path>, but ssh"), "{text}");
    }

    #[test]
    fn alternatives_stand_apart() {
        let title = "{% if a.b == 'x' %}an alias{% else %}a function{% endif %} from {{ a.file }}";
        assert_eq!(readable(title), "an alias / a function from <a.file>");
    }

    #[test]
    fn broken_templates_are_text() {
        for text in ["{", "{{", "{{ a", "}}", "{%", "{}", "{{}}"] {
            readable(text);
        }
    }
}
