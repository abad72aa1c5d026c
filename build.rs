//! Embeds `checks/<stage>/<id>.md` in the program, sorted: the folder is the registry.
//!
//! The TOML on top of each file is embedded as JSON beside it, which the program reads ten times as fast at every start.
#![expect(clippy::disallowed_methods, reason = "a build script reads files")]

use std::{env, error::Error, fmt::Write as _, fs, path::Path};

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
        let head = as_json(&fs::read_to_string(&file)?).unwrap_or_default();
        writeln!(text, "    ({name:?}, include_str!({:?}), {head:?}),", file.to_string_lossy())?;
    }
    text.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), text)?;
    Ok(())
}

/// The first block of a check; nothing where it cannot be read, which the program then says with its line.
fn as_json(text: &str) -> Option<String> {
    let text = text.replace("\r\n", "\n");
    let (head, _) = text.strip_prefix("```toml\n")?.split_once("\n```")?;
    let head: toml::Table = toml::from_str(head).ok()?;
    serde_json::to_string(&head).ok()
}
