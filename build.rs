//! Embeds `checks/<stage>/<id>.md` in the program, sorted: the folder is the registry.
//!
//! Beside each file stands what the program would otherwise have to take out of it: the TOML on top as JSON, which is read
//! ten times as fast, and as Rust the few keys of it that every start needs.
#![expect(clippy::disallowed_methods, reason = "a build script reads files")]

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

use toml::{Table, Value};

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
    for (name, file) in files {
        let head = head(&fs::read_to_string(&file)?);
        let json = head.as_ref().and_then(|head| serde_json::to_string(head).ok()).unwrap_or_default();
        let written = match head.as_ref().and_then(written) {
            Some(written) => format!("Some({written})"),
            None => "None".to_owned(),
        };
        let path = file.to_string_lossy();
        writeln!(
            text,
            "Embedded {{ name: {name:?}, text: include_str!({path:?}), head: {json:?}, written: {written} }},"
        )?;
    }
    text.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), text)?;
    Ok(())
}

/// The first block of a check; nothing where it cannot be read, which the program then says with its line.
fn head(text: &str) -> Option<Table> {
    let text = text.replace("\r\n", "\n");
    let (head, _) = text.strip_prefix("```toml\n")?.split_once("\n```")?;
    toml::from_str(head).ok()
}

/// What every start needs of it, as Rust (src/checks/outline.rs); nothing where it is not as a check is, for the program
/// then says what is wrong.
fn written(head: &Table) -> Option<String> {
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
    let ruled_out = match (text("ruled_out")?, text("ruled_out_when")?) {
        (None, None) => None,
        (Some(words), Some(when)) => Some((words, when)),
        _ => return None,
    };
    let (each, when) = (text("each")?, text("when")??);
    Some(format!(
        "Written {{ severity: Severity::{severity}, symptom: {symptom}, explains: &{explains:?}, each: {each:?}, \
         when: {when:?}, ruled_out: {ruled_out:?} }}"
    ))
}
