//! Imports run one way: `main -> cli -> doctor -> probes, checks, report -> facts, findings -> ssh, target, system`.
#![allow(clippy::disallowed_methods, reason = "tests look at the files of this repository")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// What each module may import of ours. A module that is not listed here is a new layer: give it a line.
const MAY_IMPORT: [(&str, &[&str]); 14] = [
    ("system", &[]),
    ("image", &[]),
    ("ssh", &[]),
    ("target", &[]),
    ("findings", &[]),
    ("circleci", &["system", "target"]),
    ("facts", &["ssh", "target", "image"]),
    ("probes", &["system", "ssh", "image", "circleci", "target", "facts"]),
    ("checks", &["facts", "findings"]),
    ("report", &["findings", "facts"]),
    ("doctor", &["target", "image", "system", "ssh", "circleci", "facts", "probes", "checks", "findings"]),
    ("cli", &["target", "image", "system", "circleci", "facts", "checks", "findings", "report", "doctor"]),
    ("main", &["cli", "system"]),
    ("bin", &["cli", "system"]),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("src/ can be listed") {
        let path = entry.expect("entries can be read").path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The names after `crate::` (in main.rs `cci_ssh::`) in a source, comments left out; `use crate::{a, b::c}` gives both.
fn imports(text: &str) -> Vec<String> {
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let mut names = Vec::new();
    for rest in code.split("crate::").skip(1).chain(code.split("cci_ssh::").skip(1)) {
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut name = String::new();
            for letter in group.chars() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => names.push(std::mem::take(&mut name)),
                    _ if depth == 0 => name.push(letter),
                    _ => {}
                }
            }
            names.push(name);
        } else {
            names.push(rest.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect());
        }
    }
    let module = |name: String| {
        name.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect::<String>()
    };
    names.into_iter().map(module).filter(|name| !name.is_empty()).collect()
}

#[test]
fn imports_run_one_way() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in sources(&src) {
        let inside = file.strip_prefix(&src).expect("a file of src/");
        let first = inside.iter().next().and_then(|part| part.to_str()).unwrap_or_default();
        let module = first.trim_end_matches(".rs");
        if module == "lib" {
            continue;
        }
        let Some((_, allowed)) = MAY_IMPORT.iter().find(|(name, _)| *name == module) else {
            faults.push(format!("src/{first}: a module without a place in the layers"));
            continue;
        };
        let known = |name: &String| MAY_IMPORT.iter().any(|(module, _)| module == name);
        for name in imports(&fs::read_to_string(&file).expect("sources can be read")).iter().filter(|name| known(name))
        {
            seen += 1;
            if name != module && !allowed.contains(&name.as_str()) {
                faults.push(format!("src/{} imports {name}", inside.display()));
            }
        }
    }
    assert!(faults.is_empty(), "imports against the arrows:\n{}", faults.join("\n"));
    assert!(seen > 20, "the test has found hardly any import, so it does not read the sources any more");
}

#[test]
fn groups_and_paths_are_found() {
    let text = "use crate::{facts::{Key, Fact}, ssh::log};\n// crate::cli\nlet x = crate::doctor::go();";
    assert_eq!(imports(text), ["facts", "ssh", "doctor"]);
}
