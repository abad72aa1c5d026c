//! Embeds `checks/<stage>/<id>.md` in the program: the folder is the registry.
//!
//! The schema of the facts is embedded as well, which conditions are held against.
//!
//! Beside each file stands what the program would otherwise have to make of it at every start: the TOML on top as JSON, and
//! of its keys those of an outline (src/checks/outline.rs) as constants, conditions parsed. The program's own parser does that.
#![expect(clippy::disallowed_methods, reason = "a build script reads files")]

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use parse::ConditionError;
use toml::{Table, Value};
use tree::{Expression, Literal, Operand, Step};

#[allow(unreachable_pub, reason = "the program hands it on")]
#[path = "src/checks/condition/parse.rs"]
mod parse;
#[allow(dead_code, unreachable_pub, reason = "the program uses more of it")]
#[path = "src/checks/condition/tree.rs"]
mod tree;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=checks");
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("checks");
    let mut files = Vec::new();
    for stage in fs::read_dir(&folder)? {
        let stage = stage?.path();
        if !stage.is_dir() {
            continue;
        }
        println!("cargo::rerun-if-changed={}", stage.display());
        for file in fs::read_dir(&stage)? {
            let file = file?.path();
            if file.extension().is_some_and(|end| end == "md") && file.file_stem().is_some_and(|stem| stem != "README")
            {
                let name = file.strip_prefix(&folder)?.to_string_lossy().replace('\\', "/");
                files.push((name, file));
            }
        }
    }
    files.sort();
    let mut text = String::from("&[\n");
    let out = env::var("OUT_DIR")?;
    for (name, file) in files {
        let whole = fs::read_to_string(&file)?;
        let head = head(&whole);
        let json = head.as_ref().and_then(|head| serde_json::to_string(head).ok()).unwrap_or_default();
        let outline = option(head.as_ref().and_then(|head| outline(&name, head)));
        // Its block on top is there as JSON already.
        let file = match head.and_then(|_| without_head(&whole)) {
            Some(rest) => {
                let file = Path::new(&out).join("checks").join(&name);
                fs::create_dir_all(file.parent().unwrap_or(&file))?;
                fs::write(&file, rest)?;
                file
            }
            None => file,
        };
        let path = file.to_string_lossy();
        writeln!(
            text,
            "Embedded {{ name: {name:?}, text: include_str!({path:?}), head: {json:?}, outline: {outline} }},"
        )?;
    }
    text.push_str("]\n");
    fs::write(Path::new(&out).join("catalogue.rs"), text)?;
    fs::write(Path::new(&out).join("facts.schema.json"), schema()?)?;
    Ok(())
}

/// The schema of the facts without its words: to make it from the types costs the program half a megabyte. A test holds the
/// stored one to the types.
fn schema() -> Result<String, Box<dyn Error>> {
    let file = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("docs/facts.schema.json");
    println!("cargo::rerun-if-changed={}", file.display());
    let mut schema = serde_json::from_str(&fs::read_to_string(file)?)?;
    without_words(&mut schema);
    Ok(schema.to_string())
}

fn without_words(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(parts) => {
            // A field may be called like this, too.
            parts.retain(|name, part| name != "description" || !part.is_string());
            parts.values_mut().for_each(without_words);
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(without_words),
        _ => {}
    }
}

/// The first block of a check; nothing where it cannot be read, which the program then says with its line.
fn head(text: &str) -> Option<Table> {
    let text = text.replace("\r\n", "\n");
    let (head, _) = text.strip_prefix("```toml\n")?.split_once("\n```")?;
    toml::from_str(head).ok()
}

/// The file with empty lines for the TOML on top, so that what is wrong further down is still on its line.
fn without_head(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let (head, rest) = text.strip_prefix("```toml\n")?.split_once("\n```")?;
    Some(format!("```toml\n{}\n```{rest}", "\n".repeat(head.matches('\n').count())))
}

/// The outline of a check as Rust; nothing where something in it is not as it should be, for the program then says what.
fn outline(name: &str, head: &Table) -> Option<String> {
    let (stage, id) = name.strip_suffix(".md")?.split_once('/')?;
    let text = |key: &str| head.get(key).map(|value| value.as_str().ok_or(())).transpose().ok();
    let severity = match text("severity")?? {
        "error" => "Error",
        "warning" => "Warning",
        "info" => "Info",
        _ => return None,
    };
    let symptom = head.get("symptom").map_or(Some(false), Value::as_bool)?;
    let explains = head.get("explains").map_or(Some(&[][..]), |list| list.as_array().map(Vec::as_slice))?;
    let explains: Vec<&str> = explains.iter().map(Value::as_str).collect::<Option<_>>()?;
    let explains = listed(explains.iter(), |id| borrowed(id));
    let each = match text("each")? {
        None => None,
        Some(each) => {
            let (alias, list) = each.split_once(" in ")?;
            let (alias, list) = (parse::path(alias.trim()).ok()?, parse::path(list.trim()).ok()?);
            Some(format!("Each {{ alias: {}, list: {} }}", borrowed(&alias.text), path(&list)))
        }
    };
    let when = condition(text("when")??).ok()?;
    let excuse = match (text("ruled_out")?, text("ruled_out_when")?) {
        (None, None) => None,
        (Some(words), Some(when)) => {
            Some(format!("Excuse {{ words: {}, when: {} }}", borrowed(words), condition(when).ok()?))
        }
        _ => return None,
    };
    Some(format!(
        "Outline {{ id: {}, stage: {}, severity: Severity::{severity}, symptom: {symptom}, explains: {explains}, \
         each: {}, when: {when}, excuse: {} }}",
        borrowed(id),
        borrowed(stage),
        option(each),
        option(excuse),
    ))
}

fn condition(text: &str) -> Result<String, ConditionError> {
    Ok(format!("Condition::constant({text:?}, {})", expression(&parse::condition(text)?)))
}

fn expression(tree: &Expression) -> String {
    let part = |part: &Expression| format!("Part::Constant(&{})", expression(part));
    let inner = match tree {
        Expression::And(left, right) => format!("And({}, {})", part(left), part(right)),
        Expression::Or(left, right) => format!("Or({}, {})", part(left), part(right)),
        Expression::Not(inner) => format!("Not({})", part(inner)),
        Expression::Compare(left, how, right) => {
            format!("Compare({}, Comparison::{how:?}, {})", operand(left), operand(right))
        }
        Expression::In { item, list, negated } => {
            format!("In {{ item: {}, list: {}, negated: {negated} }}", operand(item), operand(list))
        }
        Expression::Defined(defined) => format!("Defined({})", path(defined)),
        Expression::Holds(holds) => format!("Holds({})", operand(holds)),
    };
    format!("Expression::{inner}")
}

fn operand(operand: &Operand) -> String {
    match operand {
        Operand::Path(of) => format!("Operand::Path({})", path(of)),
        Operand::Length(of) => format!("Operand::Length({})", path(of)),
        Operand::Literal(value) => format!("Operand::Literal({})", literal(value)),
    }
}

fn literal(value: &Literal) -> String {
    match value {
        Literal::YesNo(is) => format!("Literal::YesNo({is})"),
        Literal::Number(number) => format!("Literal::Number({number})"),
        Literal::Text(text) => format!("Literal::Text({})", borrowed(text)),
        Literal::List(items) => format!("Literal::List({})", listed(items.iter(), literal)),
    }
}

fn path(path: &tree::Path) -> String {
    let step = |step: &Step| match step {
        Step::Name(name) => format!("Step::Name({})", borrowed(name)),
        Step::Index(index) => format!("Step::Index({index})"),
    };
    format!("Path {{ steps: {}, text: {} }}", listed(path.steps.iter(), step), borrowed(&path.text))
}

fn borrowed(text: &str) -> String {
    format!("Borrowed({text:?})")
}

fn listed<T>(items: impl Iterator<Item = T>, item: impl Fn(T) -> String) -> String {
    format!("Borrowed(&[{}])", items.map(item).collect::<Vec<_>>().join(", "))
}

fn option(rust: Option<String>) -> String {
    rust.map_or_else(|| "None".to_owned(), |rust| format!("Some({rust})"))
}
