//! Builds an image from the text of a Dockerfile, for tests that add a line to one. What it knows is what the tests write:
//! stages, ARG, ENV, USER, WORKDIR, SHELL, RUN, and COPY of a here-document; what is copied from elsewhere is not there.

use std::collections::BTreeMap;

use super::{FAMILIES, Image, build, expand};

/// A well-known image that a Dockerfile begins with.
struct Base {
    /// How its name begins.
    name: &'static str,
    family: &'static str,
    /// What it sets.
    environment: &'static [(&'static str, &'static str)],
    /// Who is in it besides root.
    made: Option<&'static str>,
    /// Who runs in it.
    user: &'static str,
}

const fn base(name: &'static str, family: &'static str) -> Base {
    Base { name, family, environment: &[], made: None, user: "root" }
}

/// A name that begins in two ways belongs to the first.
const BASES: [Base; 16] = [
    base("debian", "debian"),
    Base { made: Some("node"), ..base("node", "debian") },
    Base { environment: &[("LANG", "C.UTF-8"), ("PYTHON_VERSION", "3.12.1")], ..base("python", "debian") },
    Base { environment: &[("GOPATH", "/go"), ("PATH", "/go/bin:/usr/local/go/bin:$PATH")], ..base("golang", "debian") },
    Base {
        environment: &[("CARGO_HOME", "/usr/local/cargo"), ("PATH", "/usr/local/cargo/bin:$PATH")],
        ..base("rust", "debian")
    },
    base("ubuntu", "ubuntu"),
    Base {
        environment: &[("JAVA_HOME", "/opt/java/openjdk"), ("PATH", "/opt/java/openjdk/bin:$PATH")],
        ..base("eclipse-temurin", "ubuntu")
    },
    Base {
        environment: &[("PATH", "/home/circleci/bin:/home/circleci/.local/bin:$PATH")],
        made: Some("circleci"),
        user: "circleci",
        ..base("cimg/", "ubuntu")
    },
    base("alpine:3.1", "alpine_old"),
    base("alpine", "alpine"),
    base("rockylinux", "redhat"),
    base("fedora", "redhat"),
    base("amazonlinux", "redhat"),
    base("redhat/ubi", "redhat"),
    base("opensuse/", "suse"),
    base("archlinux", "arch"),
];

/// One instruction: its name in capitals, its text with continuations joined, and the here-documents that it names.
#[derive(Clone, Debug)]
struct Instruction {
    name: String,
    text: String,
    documents: Vec<String>,
}

/// The image of the last stage. None, with a printed line: there can be no images here.
#[track_caller]
pub(super) fn build(text: &str) -> Option<Image> {
    let instructions = parse(text);
    let mut arguments = BTreeMap::new();
    let before = instructions.iter().take_while(|instruction| instruction.name != "FROM");
    for (name, value) in before.filter(|one| one.name == "ARG").filter_map(|one| one.text.split_once('=')) {
        arguments.insert(name.to_owned(), value.trim_matches('"').to_owned());
    }
    let expanded = |text: &str| expand::expand(text, |name| arguments.get(name).cloned());
    let mut stages: Vec<(String, String, Vec<Instruction>)> = Vec::new();
    for instruction in instructions {
        if instruction.name == "FROM" {
            let text = expanded(&instruction.text);
            let words: Vec<_> = text.split_whitespace().filter(|word| !word.starts_with("--")).collect();
            let name = words.get(2).copied().unwrap_or_default();
            stages.push((words[0].to_owned(), name.to_owned(), Vec::new()));
        } else if let Some((_, _, body)) = stages.last_mut() {
            body.push(instruction);
        }
    }
    // The last stage, and whatever it stands on.
    let mut chain = vec![stages.len().checked_sub(1).expect("a Dockerfile has a FROM")];
    while let Some(below) =
        chain.last().and_then(|last| stages[..*last].iter().rposition(|one| one.1 == stages[*last].0))
    {
        chain.push(below);
    }
    let base = &stages[*chain.last().expect("the last stage at least")].0;
    let base = BASES.iter().find(|known| base.starts_with(known.name)).unwrap_or_else(|| panic!("what is {base}?"));
    let family = FAMILIES.iter().find(|family| family.name == base.family).expect("a family");
    let mut image = build::start(family)?;
    for user in base.made.into_iter().chain([base.user]) {
        image.become_user(user);
    }
    base.environment.iter().for_each(|(name, value)| image.set(name, value));
    for stage in chain.iter().rev() {
        let mut arguments = arguments.clone();
        for instruction in &stages[*stage].2 {
            follow(instruction, &mut image, &mut arguments);
        }
    }
    Some(image)
}

#[track_caller]
fn follow(instruction: &Instruction, image: &mut Image, arguments: &mut BTreeMap<String, String>) {
    let text = instruction.text.as_str();
    let value = |name: &str| image.environment().get(name).or_else(|| arguments.get(name)).cloned();
    match instruction.name.as_str() {
        "ARG" => {
            if let Some((name, default)) = text.split_once('=') {
                arguments.insert(name.to_owned(), default.trim_matches('"').to_owned());
            }
        }
        "ENV" => {
            // What one instruction sets is seen by the next one only.
            let new = settings(text, value);
            image.environment.extend(new);
        }
        "USER" => image.switch(expand::expand(text, value).split(':').next().unwrap_or_default()),
        "WORKDIR" => image.enter(&expand::expand(text, value)),
        "SHELL" => image.run_with(serde_json::from_str(text).expect("SHELL has a list")),
        "RUN" => {
            // A here-document by itself is the script; in a command it is the shell's own.
            let script = match instruction.documents.as_slice() {
                [only] if text.starts_with("<<") && text.split_whitespace().count() == 1 => only.clone(),
                [] => text.to_owned(),
                documents => format!("{text}\n{}", documents.concat()),
            };
            let outcome = image.try_run_with(&script, arguments);
            assert!(outcome.success(), "RUN {script}\n{outcome:#?}");
        }
        "COPY" => {
            if let ([document], Some(target)) = (instruction.documents.as_slice(), text.split_whitespace().last()) {
                image.put(target, document);
            }
        }
        _ => {}
    }
}

/// `NAME=value NAME2="two words"`, or the old form `NAME the rest`.
fn settings(text: &str, value: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
    let first = text.split_whitespace().next().unwrap_or_default();
    if !first.contains('=') {
        let (name, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        return vec![(name.to_owned(), expand::expand(rest.trim_start(), value))];
    }
    let words = expand::words(text, value);
    words.iter().filter_map(|word| word.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

fn parse(text: &str) -> Vec<Instruction> {
    let mut lines = text.lines();
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let mut logical = line.trim_start().to_owned();
        while let Some(joined) = logical.trim_end().strip_suffix('\\').map(str::to_owned) {
            // Comments between continued lines are nobody's.
            let more = lines.by_ref().find(|line| !line.trim_start().starts_with('#'));
            logical = joined + more.unwrap_or_default();
        }
        let (name, rest) = logical.split_once(char::is_whitespace).unwrap_or((&logical, ""));
        let name = name.to_ascii_uppercase();
        let mut documents = Vec::new();
        if ["RUN", "COPY", "ADD"].contains(&name.as_str()) {
            for mark in rest.split_whitespace().filter_map(|word| word.strip_prefix("<<")) {
                documents.push(document(&mut lines, mark, rest.starts_with("<<") || name == "COPY"));
            }
        }
        all.push(Instruction { name, text: rest.trim().to_owned(), documents });
    }
    all
}

/// The lines up to the mark, with it where a shell will read them.
fn document<'a>(lines: &mut impl Iterator<Item = &'a str>, mark: &str, alone: bool) -> String {
    let end = mark.trim_start_matches('-').trim_matches(['"', '\'']);
    let mut text = String::new();
    for line in lines {
        let stripped = if mark.starts_with('-') { line.trim_start_matches('\t') } else { line };
        if stripped == end {
            if !alone {
                text += &format!("{line}\n");
            }
            break;
        }
        text += &format!("{}\n", if alone { stripped } else { line });
    }
    text
}
