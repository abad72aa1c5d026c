//! What can be said about a check without running it: paths, types, form.

use super::{
    Check, Failure,
    condition::{Comparison, Condition, Expression, Literal, Operand, Path},
    document::FixTemplate,
    ruled_out::Excuse,
    schema::{Kind, Node},
    wording,
};
use crate::findings::Safety;

/// Everything wrong with the form of `check`.
pub(super) fn lint(check: &Check) -> Vec<Failure> {
    let mut lint = Lint { check, failures: Vec::new() };
    lint.each();
    lint.conditions();
    lint.excuse();
    lint.evidence();
    lint.words();
    for fix in &check.fixes {
        lint.fix(fix);
    }
    lint.failures
}

struct Lint<'a> {
    check: &'a Check,
    failures: Vec<Failure>,
}

const PATHS: &str = "docs/facts.md lists the paths";

impl Lint<'_> {
    fn fail(&mut self, what: String, hint: &str) {
        self.failures.push(Failure { check: self.check.id.clone(), what, hint: hint.to_owned() });
    }

    fn each(&mut self) {
        let Some(each) = &self.check.each else { return };
        let (alias, list) = (each.alias.clone(), each.list.clone());
        if alias.contains(['.', '[']) {
            self.fail(format!("`each` names its item `{alias}`"), "write each = \"key in keys\"");
        }
        if Node::facts().fields().contains(&&*alias) {
            self.fail(format!("`each` names its item like the facts' section `{alias}`"), "choose another name");
        }
        match Node::facts().at(&list).map(Node::kind) {
            Some(Kind::List) => {}
            Some(kind) => self.fail(format!("`{list}` in `each` is {}", kind.name()), "name a list of the facts"),
            None => self.fail(format!("there is no fact `{list}`"), PATHS),
        }
    }

    /// The place in the schema, through the `each` check's name.
    fn node(&self, path: &Path) -> Option<Node> {
        match &self.check.each {
            Some(each) if path.root() == each.alias => Node::facts().at(&each.list)?.item()?.below(path),
            _ => Node::facts().at(path),
        }
    }

    fn conditions(&mut self) {
        let check = self.check;
        let fixes = check.fixes.iter().flat_map(|fix| [fix.when.as_ref(), fix.verified.as_ref()]);
        for condition in
            [Some(&check.when), check.certain.as_ref(), check.explains_when.as_ref()].into_iter().chain(fixes).flatten()
        {
            self.condition(condition);
        }
    }

    /// The sentence is about everything that an `each` check looks at, so it speaks of no item.
    fn excuse(&mut self) {
        let check = self.check;
        let Some(Excuse { words, when }) = &check.excuse else { return };
        if let Some(each) = &check.each {
            let said = wording::reads(words).unwrap_or_default();
            let read = when.reads().into_iter().map(|path| path.text().to_owned()).chain(said);
            if read.map(|path| path.split('.').next().unwrap_or_default().to_owned()).any(|root| root == each.alias) {
                let what = format!("`ruled_out` speaks of one `{}`", each.alias);
                self.fail(what, "speak of all of them: it stands for the whole list");
            }
        }
        self.condition(when);
        self.template("sentence of `ruled_out`", words);
        if !words.starts_with("not ") || !words.contains(": ") || words.ends_with('.') {
            self.fail(
                format!("`ruled_out` is `{words}`"),
                "write it as `not WHAT: the fact that clears it`, without a full stop",
            );
        }
    }

    fn condition(&mut self, condition: &Condition) {
        let mut missing = false;
        for path in condition.reads() {
            if self.node(path).is_none() {
                missing = true;
                self.fail(format!("there is no fact `{path}`, read by `{}`", condition.text()), PATHS);
            }
        }
        if !missing && let Err(what) = self.types(&condition.tree) {
            self.fail(
                format!("{what} in `{}`", condition.text()),
                "compare values of one kind, written as the facts have them",
            );
        }
    }

    fn types(&self, tree: &Expression) -> Result<(), String> {
        match tree {
            Expression::And(left, right) | Expression::Or(left, right) => {
                self.types(left)?;
                self.types(right)
            }
            Expression::Not(inner) => self.types(inner),
            Expression::Defined(_) => Ok(()),
            Expression::Holds(operand) => match self.kind(operand) {
                Some(Kind::YesNo) | None => Ok(()),
                Some(kind) => Err(format!("{} stands where a yes or no is needed", kind.name())),
            },
            Expression::Compare(left, how, right) => {
                let (Some(one), Some(other)) = (self.kind(left), self.kind(right)) else { return Ok(()) };
                let ordered = !matches!(how, Comparison::Equal | Comparison::Unequal);
                if ordered && one != Kind::Number {
                    return Err(format!("{} has no order", one.name()));
                }
                comparable(&one, &other)?;
                listed(left, &other).and_then(|()| listed(right, &one))
            }
            Expression::In { item, list, .. } => {
                let (Some(item_kind), Some(list_kind)) = (self.kind(item), self.kind(list)) else { return Ok(()) };
                match (list, list_kind) {
                    (Operand::Literal(Literal::List(values)), _) => {
                        for value in values.iter() {
                            let value = Operand::Literal(value.clone());
                            comparable(&item_kind, &self.kind(&value).unwrap_or(Kind::Other))?;
                            listed(&value, &item_kind)?;
                        }
                        Ok(())
                    }
                    (Operand::Path(path), Kind::List) => {
                        let Some(kind) = self.node(path).and_then(Node::item).map(Node::kind) else { return Ok(()) };
                        comparable(&item_kind, &kind)?;
                        listed(item, &kind)
                    }
                    (_, Kind::Text(_) | Kind::Section) => comparable(&item_kind, &Kind::Text(None)),
                    (_, kind) => Err(format!("{} has nothing in it", kind.name())),
                }
            }
        }
    }

    fn kind(&self, operand: &Operand) -> Option<Kind> {
        Some(match operand {
            Operand::Path(path) => self.node(path)?.kind(),
            Operand::Length(_) => Kind::Number,
            Operand::Literal(value) => match value {
                Literal::YesNo(_) => Kind::YesNo,
                Literal::Number(_) => Kind::Number,
                Literal::Text(_) => Kind::Text(None),
                Literal::List(_) => Kind::List,
            },
        })
    }

    fn evidence(&mut self) {
        for path in &self.check.evidence {
            let node = self.node(path);
            let item = node.and_then(Node::item);
            match node {
                None => self.fail(format!("there is no fact `{path}`, named as evidence"), PATHS),
                Some(node) if node.is_seen() || item.is_some_and(Node::is_seen) => {}
                Some(_) => self.fail(
                    format!("`{path}` is no evidence"),
                    "name a fact with source, line and text, such as login.seen or config.from.user",
                ),
            }
        }
    }

    fn words(&mut self) {
        let check = self.check;
        self.template("title", &check.title);
        self.template("prose", &check.prose);
        if check.prose.is_empty() {
            self.fail("there is no prose".into(), "say what happened, why, and how to see it for oneself");
        }
        if check.title.ends_with(['.', '!', '?']) {
            self.fail("the title ends with a full stop".into(), "leave it out: a title is one line, not a sentence");
        }
        let mut words = check.title.split_whitespace();
        let first = words.next().unwrap_or_default();
        if first.starts_with(char::is_uppercase) && !is_name(first) {
            self.fail(format!("the title begins with `{first}`"), "begin it lower-case, unless with a proper name");
        }
    }

    fn template(&mut self, part: &str, template: &str) {
        match wording::reads(template) {
            Err(error) => self.fail(format!("the {part} is no template: {error}"), "close what {{ or {% opened"),
            Ok(paths) => {
                let mut paths: Vec<String> = paths.into_iter().collect();
                paths.sort();
                for path in paths {
                    let node = Path::parse(&path).ok().and_then(|path| self.node(&path));
                    if node.is_none() && !is_function(&path) {
                        self.fail(format!("there is no fact `{path}`, read by the {part}"), PATHS);
                    }
                }
            }
        }
    }

    fn fix(&mut self, fix: &FixTemplate) {
        self.template("fix's title", &fix.title);
        for (part, text) in [("fix's reason", &fix.reason), ("fix's url", &fix.url)] {
            if let Some(text) = text {
                self.template(part, text);
            }
        }
        for line in &fix.run {
            self.template("fix's command", line);
            if line.contains('\n') {
                self.fail(format!("a command of `{}` has several lines", fix.title), "make `run` a list of commands");
            }
            if fix.safety != Safety::Manual && has_placeholder(line) {
                let what = format!("the command `{line}` has a placeholder");
                self.fail(what, "fill it from a fact, or give the fix safety = \"manual\"");
            }
        }
        if fix.title.ends_with('.') {
            self.fail(format!("the fix's title `{}` ends with a full stop", fix.title), "leave it out");
        }
        if fix.url.as_ref().is_some_and(|url| !url.starts_with("https://") && !url.starts_with("{{ ")) {
            self.fail(
                format!("the address of `{}` does not begin with https://", fix.title),
                "write the whole address",
            );
        }
    }
}

fn comparable(one: &Kind, other: &Kind) -> Result<(), String> {
    use Kind::{Number, Text, YesNo};
    match (one, other) {
        (YesNo, YesNo) | (Number, Number) | (Text(_), Text(_)) => Ok(()),
        _ => Err(format!("{} is compared with {}", one.name(), other.name())),
    }
}

/// A literal compared with a text whose values are listed must be one of them.
fn listed(literal: &Operand, kind: &Kind) -> Result<(), String> {
    match (literal, kind) {
        (Operand::Literal(Literal::Text(text)), Kind::Text(Some(values)))
            if values.iter().all(|value| value != text) =>
        {
            Err(format!("`{text}` is none of {}", values.join(", ")))
        }
        _ => Ok(()),
    }
}

/// `<port>` and the like: a word between angle brackets, outside the engine's braces.
fn has_placeholder(line: &str) -> bool {
    line.split('<').skip(1).any(|rest| {
        rest.split_once('>').is_some_and(|(word, _)| {
            !word.is_empty()
                && word.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '))
                && !word.starts_with(' ')
        })
    })
}

fn is_function(path: &str) -> bool {
    matches!(path, "range" | "dict" | "loop")
}

/// Words that keep their capital at the start of a title: names, and options in ssh's own spelling.
fn is_name(word: &str) -> bool {
    const NAMES: [&str; 24] = [
        "CircleCI",
        "OpenSSH",
        "Warp",
        "Apple",
        "Windows",
        "Linux",
        "WSL",
        "Docker",
        "GitHub",
        "GitLab",
        "Bitbucket",
        "Secretive",
        "Bitwarden",
        "PuTTY",
        "DNS",
        "TCP",
        "HTTP",
        "TLS",
        "SSH",
        "IPv4",
        "IPv6",
        "RSA",
        "DSA",
        "VPN",
    ];
    let word = word.trim_end_matches(|c: char| !c.is_alphanumeric()).trim_end_matches("'s");
    let capitals = word.chars().filter(char::is_ascii_uppercase).count();
    NAMES.contains(&word) || capitals > 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failures(head: &str, title: &str) -> String {
        let text = format!("```toml\nseverity = \"error\"\n{head}\n```\n# {title}\nProse.\n");
        let check = Check::parse("keys/a.md", &text).expect("parses");
        lint(&check).into_iter().map(|failure| failure.what).collect::<Vec<_>>().join("; ")
    }

    fn when(condition: &str) -> String {
        failures(&format!("when = \"{condition}\""), "a title")
    }

    #[test]
    fn good_conditions_pass() {
        for condition in [
            "login.works and agent.state in ['dead', 'missing']",
            "login.failed_stage == 'authentication' and config.from.user.line > 3",
            "keys | length == 0 and 'mac' in server.offers.no_match",
            "client.version.major < 9 and 'user' in config.from",
        ] {
            assert_eq!(when(condition), "", "{condition}");
        }
    }

    #[test]
    fn paths_and_types_are_held_to_the_schema() {
        assert!(when("login.worked").contains("no fact `login.worked`"));
        assert!(when("agent.state == 'ded'").contains("`ded` is none of"));
        assert!(when("agent.state in ['dead', 'ded']").contains("`ded` is none of"));
        assert!(when("target.port == '22'").contains("a number is compared with a text"));
        assert!(when("login.outcome").contains("a yes or no is needed"));
        assert!(when("keys | length").contains("a yes or no is needed"));
        assert!(when("agent.state > 'a'").contains("no order"));
        assert!(when("3 in server.offers.no_match").contains("compared"));
    }

    #[test]
    fn items_have_the_list_s_type() {
        let each = |list: &str, condition: &str| {
            failures(&format!("each = \"{list}\"\nwhen = \"{condition}\""), "x {{ key.path }}")
        };
        assert_eq!(each("key in keys", "key.mode_too_open and key.fault == 'crlf'"), "");
        assert!(each("key in keys", "key.mode_to_open").contains("no fact `key.mode_to_open`"));
        assert!(each("key in login", "login.works").contains("is a section"));
        assert!(each("keys in keys", "login.works").contains("like the facts' section"));
    }

    #[test]
    fn the_sentence_that_rules_out_has_a_form() {
        let said = |words: &str, when: &str| {
            failures(
                &format!(
                    "each = \"key in keys\"\nwhen = \"key.exists\"\nruled_out = \"{words}\"\nruled_out_when = \"{when}\""
                ),
                "x",
            )
        };
        assert_eq!(said("not a file: {{ keys | length }} are there", "keys | length > 0"), "");
        assert!(said("a file: it is there", "login.works").contains("`ruled_out` is"));
        assert!(said("not a file", "login.works").contains("`ruled_out` is"));
        assert!(said("not a file: {{ key.path }} is there", "login.works").contains("speaks of one `key`"));
        assert!(said("not a file: it is there", "key.exists").contains("speaks of one `key`"));
        assert!(said("not a file: it is there", "login.worked").contains("no fact `login.worked`"));
        assert!(said("not a file: {{ login.worked }}", "login.works").contains("no fact `login.worked`"));
    }

    #[test]
    fn words_and_fixes_have_a_form() {
        let good = "when = \"login.works\"\n";
        assert_eq!(failures(good, "{{ login.outcome }} it is"), "");
        assert_eq!(failures(good, "IdentitiesOnly hides it"), "");
        assert!(failures(good, "Broken thing").contains("begins with `Broken`"));
        assert!(failures(good, "a thing.").contains("full stop"));
        assert!(failures(good, "{{ login.outcme }}").contains("no fact `login.outcme`"));
        assert!(failures(good, "{{ login.outcome").contains("no template"));
        assert!(failures(&format!("{good}evidence = ['login']"), "x").contains("no evidence"));
        let fix = |line: &str| {
            failures(
                &format!("{good}[[fix]]\ntitle = 'x'\nsafety = 'safe'\nwhere = 'this machine'\nrun = '{line}'"),
                "x",
            )
        };
        assert!(fix("ssh -p <port> <ip-address>").contains("placeholder"));
        assert_eq!(fix("tr -d x < {{ client.path }} > y"), "");
        assert!(fix("cat {{ nothing.here }}").contains("no fact"));
    }
}
