//! Embeds `checks/<stage>/<id>.md` in the program, sorted: the folder is the registry.
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
        writeln!(text, "    ({name:?}, include_str!({:?})),", file.to_string_lossy())?;
    }
    text.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("catalogue.rs"), text)?;
    Ok(())
}
