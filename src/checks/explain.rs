//! A check as a page for a person: `cci-ssh explain ID`.

use std::fmt::Write as _;

use super::{Check, ruled_out::Excuse};

/// The check as Markdown, with `<…>` where a report would show this machine's values.
pub fn explain(check: &Check) -> String {
    let mut page = format!("# {}\n\n", readable(&check.title));
    let each = check.each.as_ref().map(|each| format!(", once for each {} in {}", each.alias, each.list));
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{} · {} · {}\n\n{}\n", check.id, check.stage, check.severity, readable(&check.prose));
    let _ = writeln!(page, "It fires when `{}`{}", check.when(), each.unwrap_or_default());
    if !check.explains.is_empty() {
        let _ = writeln!(page, "\nIt explains {}", check.explains.join(", "));
    }
    if let Some(Excuse { words, when }) = &check.excuse {
        let _ = writeln!(page, "\nIt is ruled out when `{}`: {}", when.text(), readable(words));
    }
    for fix in &check.fixes {
        let when = fix.when.as_ref().map(|when| format!(", if `{}`", when.text())).unwrap_or_default();
        let _ = writeln!(page, "\n## {} ({}{when})\n", readable(&fix.title), fix.place.name());
        if let Some(reason) = &fix.reason {
            let _ = writeln!(page, "{}\n", readable(reason));
        }
        for line in &fix.run {
            let _ = writeln!(page, "    {}", readable(line));
        }
        if let Some(url) = &fix.url {
            let _ = writeln!(page, "{}", readable(url));
        }
    }
    if !check.sources.is_empty() {
        page.push_str("\n## Sources\n\n");
        for source in &check.sources {
            let _ = writeln!(page, "- {source}");
        }
        if let Some(checked) = &check.checked {
            let _ = writeln!(page, "\nLast read on {checked}");
        }
    }
    page
}

impl Check {
    /// The title with `<…>` where a report would show this machine's values.
    pub fn plain_title(&self) -> String {
        readable(&self.title)
    }
}

/// A template as a reader understands it: `<key.path>`, and conditions in brackets.
fn readable(template: &str) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        text.push_str(&rest[..start]);
        let close = if rest[start..].starts_with("{{") { "}}" } else { "%}" };
        rest = &rest[start..];
        let Some(length) = rest.find(close) else { break };
        let inner = rest[2..length].trim_matches('-').trim();
        rest = &rest[length + 2..];
        match (close, inner.split_whitespace().next().unwrap_or_default()) {
            // An ending, as in `key{{ "s" if n != 1 }}`.
            ("}}", _) if inner.starts_with(['"', '\'']) => {
                text.push_str(&format!("({})", inner.split(['"', '\'']).nth(1).unwrap_or_default()));
            }
            ("}}", _) => text.push_str(&format!("<{inner}>")),
            (_, "if" | "for") => text.push_str(&format!("[{inner}: ")),
            (_, "elif") => text.push_str(&format!("; {}: ", inner.replacen("elif", "or if", 1))),
            (_, "else") => text.push_str("; otherwise: "),
            (_, "endif" | "endfor") => text.push(']'),
            _ => {}
        }
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_readable() {
        assert_eq!(readable("the {{ key.path }} is {{- x | length -}} long"), "the <key.path> is <x | length> long");
        assert_eq!(readable("{% if a %}b{% elif c %}d{% else %}e{% endif %}."), "[if a: b; or if c: d; otherwise: e].");
        assert_eq!(readable("{{ n }} key{{ \"s\" if n != 1 else \"\" }}"), "<n> key(s)");
        assert_eq!(readable("open {{ end"), "open {{ end");
    }

    #[test]
    fn a_page_has_everything() {
        let text = "```toml\nseverity = \"error\"\neach = \"key in keys\"\nwhen = \"key.exists\"\nexplains = [\"b\"]\n\
            ruled_out = \"not {{ a }}: b\"\nruled_out_when = \"not key\"\nchecked = 2026-11-22\nsources = [\"ssh(1)\"]\n[[fix]]\ntitle = \"Do {{ key.path }}\"\nsafety = \"ask\"\n\
            reason = \"It hurts\"\nwhere = \"this machine\"\nrun = \"rm {{ key.path }}\"\n```\n# {{ key.path }} is bad\nProse.\n";
        let page = explain(&Check::parse("keys/a.md", text).expect("parses"));
        for part in [
            "# <key.path> is bad",
            "Prose.",
            "for each key in keys",
            "It explains b",
            "It is ruled out when `not key`: not <a>: b",
            "    rm <key.path>",
            "It hurts",
            "ssh(1)",
            "2026-11-22",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
}
