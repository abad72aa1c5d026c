//! Goes through start files as a shell would, for one variable.
//!
//! Every branch that cannot be decided is both taken and left out, so there are several outcomes, of which one is true.
//! Their number is held down: outcomes that differ only in what was added are made one.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    lexer::{self, Kind},
    tree::{Action, Node, Profile, Statement, Test},
    word::{self, Part},
};

/// Outcomes beyond this are made fewer.
const MOST: usize = 32;
/// Nodes that are visited for one variable.
const STEPS: usize = 20_000;
/// Files and functions within each other.
const DEEPEST: usize = 12;

/// The start files that are known, and those that are known not to be there.
#[derive(Debug, Clone, Default)]
pub struct Files {
    profiles: BTreeMap<String, Profile>,
    absent: BTreeSet<String>,
}

impl Files {
    /// One more file.
    pub fn add(&mut self, path: &str, text: &str) {
        self.profiles.insert(path.to_owned(), Profile::read(text));
    }

    /// A file that is not there.
    pub fn add_absent(&mut self, path: &str) {
        self.absent.insert(path.to_owned());
    }

    /// The file of this path.
    pub fn get(&self, path: &str) -> Option<&Profile> {
        self.profiles.get(path)
    }

    /// Whether it is there, if that is known.
    fn is_there(&self, path: &str) -> Option<bool> {
        if self.profiles.contains_key(path) { Some(true) } else { self.absent.contains(path).then_some(false) }
    }

    /// Known files that a pattern with one star names, in the order in which a shell lists them.
    fn matching(&self, pattern: &str) -> Vec<String> {
        let Some((before, behind)) = pattern.split_once('*') else { return Vec::new() };
        let fits = |path: &&String| {
            let middle = path.strip_prefix(before).and_then(|rest| rest.strip_suffix(behind));
            middle.is_some_and(|middle| !middle.contains('/') && !middle.starts_with('.'))
        };
        self.profiles.keys().filter(fits).cloned().collect()
    }
}

/// A piece of a value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Piece {
    /// Letters.
    Text(String),
    /// The value that the variable had before the first file.
    Inherited,
    /// Something that only a shell can tell, and that is not the old value.
    Unknown,
    /// Something that a command made, perhaps of the old value.
    Derived,
}

/// Where something happens.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file's path.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The part of the line that does it: `PATH=/usr/bin:/bin`.
    pub text: String,
}

/// What ends a shell while it reads its start files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct End {
    /// Where.
    pub place: Place,
    /// Another program takes the shell's place.
    pub exec: bool,
    /// That program gets an empty environment.
    pub empties: bool,
}

/// What may have become of the variable.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Outcome {
    /// Its value; `None` if it is not set any more.
    pub value: Option<Vec<Piece>>,
    /// What set it without regard to what it was, or took it away: the last that did so.
    pub by: Option<Place>,
    /// What ended the shell.
    pub end: Option<End>,
    /// Files, as they are written, that are read too and were not seen; `eval` is one.
    pub unseen: BTreeSet<String>,
    /// From here on, a command that failed ended the shell.
    pub exits_on_failure: Option<Place>,
}

impl Outcome {
    /// The old value is part of the new one.
    pub fn keeps(&self) -> bool {
        self.value.as_ref().is_some_and(|value| value.contains(&Piece::Inherited))
    }

    /// Nothing of the old value is left.
    pub fn resets(&self) -> bool {
        let may_be_kept = |piece: &Piece| matches!(piece, Piece::Inherited | Piece::Derived);
        self.value.as_ref().is_none_or(|value| !value.iter().any(may_be_kept))
    }
}

/// A folder of a list such as PATH.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Folder {
    /// This one.
    Named(String),
    /// Here stand all those of the old value.
    Inherited,
    /// One, or several, that are not known.
    Unknown,
}

/// The folders of a list.
pub fn folders(value: &[Piece]) -> Vec<Folder> {
    let mut found: Vec<Folder> = Vec::new();
    let mut name = Some(String::new());
    let mut end = |name: &mut Option<String>| {
        match name.replace(String::new()) {
            Some(folder) if folder.is_empty() => {}
            Some(folder) => found.push(Folder::Named(folder)),
            None => found.push(Folder::Unknown),
        };
    };
    for piece in value {
        match piece {
            Piece::Text(text) => {
                for (place, part) in text.split(':').enumerate() {
                    if place > 0 {
                        end(&mut name);
                    }
                    if let Some(name) = &mut name {
                        name.push_str(part);
                    }
                }
            }
            Piece::Inherited => {
                end(&mut name);
                name = Some("\0".to_owned());
                end(&mut name);
            }
            Piece::Unknown | Piece::Derived => name = None,
        }
    }
    end(&mut name);
    found
        .into_iter()
        .map(|folder| if folder == Folder::Named("\0".into()) { Folder::Inherited } else { folder })
        .collect()
}

/// How start files are gone through.
pub struct Follow<'f> {
    /// The files.
    pub files: &'f Files,
    /// What other variables are, as far as that is known: `HOME` above all.
    pub known: &'f dyn Fn(&str) -> Option<String>,
}

impl Follow<'_> {
    /// What may have become of `name`, which has a value before, once these files were read in this order.
    pub fn variable(&self, name: &str, start: &[&str]) -> Vec<Outcome> {
        let mut walk = Walk {
            files: self.files,
            known: self.known,
            name,
            relevant: relevant(self.files, name),
            functions: BTreeMap::new(),
            steps: 0,
        };
        let before = Outcome { value: Some(vec![Piece::Inherited]), ..Outcome::default() };
        let mut states = vec![State { outcome: before, ..State::default() }];
        for path in start {
            states = walk.file(path, states, 0);
        }
        let outcomes: BTreeSet<Outcome> = states.into_iter().map(|state| state.outcome).collect();
        outcomes.into_iter().collect()
    }
}

/// Variables that an assignment of `name` reads, and those that theirs read.
fn relevant(files: &Files, name: &str) -> BTreeSet<String> {
    let all: Vec<(&Statement, bool)> = files.profiles.values().flat_map(Profile::statements).collect();
    let mut found = BTreeSet::from([name.to_owned()]);
    loop {
        let mut more = BTreeSet::new();
        for (statement, _) in &all {
            if let Action::Assign { name, value, .. } = &statement.action
                && found.contains(name)
            {
                read_variables(&word::parts(value, true), &mut more);
            }
        }
        let before = found.len();
        found.extend(more);
        if found.len() == before {
            return found;
        }
    }
}

fn read_variables(parts: &[Part], found: &mut BTreeSet<String>) {
    for part in parts {
        match part {
            Part::Variable(name) => {
                found.insert(name.clone());
            }
            Part::Or(name, inner) | Part::If(name, inner) => {
                found.insert(name.clone());
                read_variables(inner, found);
            }
            Part::Text(_) | Part::Unknown | Part::Home => {}
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct State {
    outcome: Outcome,
    /// Other variables that matter.
    others: BTreeMap<String, Vec<Piece>>,
    /// The file or function is over.
    returned: bool,
}

/// Where in the files we are.
#[derive(Clone)]
struct Frame {
    file: String,
    /// Variables of loops, and arguments of functions.
    bound: BTreeMap<String, String>,
    depth: usize,
}

struct Walk<'f> {
    files: &'f Files,
    known: &'f dyn Fn(&str) -> Option<String>,
    name: &'f str,
    relevant: BTreeSet<String>,
    functions: BTreeMap<String, &'f [Node]>,
    steps: usize,
}

impl<'f> Walk<'f> {
    fn file(&mut self, path: &str, states: Vec<State>, depth: usize) -> Vec<State> {
        let Some(profile) = self.files.profiles.get(path).filter(|_| depth < DEEPEST) else { return states };
        let frame = Frame { file: path.to_owned(), bound: BTreeMap::new(), depth };
        called(self.run(&profile.nodes, states, &frame))
    }

    fn run(&mut self, nodes: &'f [Node], mut states: Vec<State>, frame: &Frame) -> Vec<State> {
        for node in nodes {
            self.steps += 1;
            if self.steps > STEPS {
                states.iter_mut().for_each(|state| {
                    state.outcome.unseen.insert(frame.file.clone());
                });
                return states;
            }
            let (over, going): (Vec<State>, Vec<State>) =
                states.into_iter().partition(|state| state.returned || state.outcome.end.is_some());
            if going.is_empty() {
                return over;
            }
            let next = self.node(node, going, frame);
            states = fewer(over.into_iter().chain(next).collect());
        }
        states
    }

    fn node(&mut self, node: &'f Node, states: Vec<State>, frame: &Frame) -> Vec<State> {
        match node {
            Node::Statement(statement) => {
                states.into_iter().flat_map(|state| self.statement(statement, state, frame)).collect()
            }
            Node::Branch { test, arms, exhaustive } => {
                let mut next = Vec::new();
                for state in states {
                    let decided = test.as_ref().and_then(|test| self.decide(test, &state, frame));
                    let taken: Vec<&'f [Node]> = match decided {
                        Some(true) => arms.first().map(Vec::as_slice).into_iter().collect(),
                        Some(false) => arms.get(1).map(Vec::as_slice).into_iter().collect(),
                        None => arms.iter().map(Vec::as_slice).collect(),
                    };
                    let none = (decided.is_none() && !exhaustive) || taken.is_empty();
                    for arm in taken {
                        next.extend(self.run(arm, vec![state.clone()], frame));
                    }
                    if none {
                        next.push(state);
                    }
                }
                next
            }
            Node::Loop { variable, words, body } => self.repeat(variable.as_deref(), words, body, states, frame),
            Node::Function { name, body } => {
                self.functions.insert(name.clone(), body);
                states
            }
            Node::Call { name, arguments } => {
                let Some(body) = self.functions.get(name).copied().filter(|_| frame.depth < DEEPEST) else {
                    return states;
                };
                let mut next = Vec::new();
                for state in states {
                    let mut frame = Frame { depth: frame.depth + 1, ..frame.clone() };
                    for (place, argument) in arguments.iter().enumerate() {
                        let text = plain(&self.expand(&word::parts(argument, false), &state, &frame).0);
                        if let Some(text) = text {
                            frame.bound.insert((place + 1).to_string(), text);
                        }
                    }
                    for place in arguments.len()..9 {
                        frame.bound.insert((place + 1).to_string(), String::new());
                    }
                    next.extend(called(self.run(body, vec![state], &frame)));
                }
                next
            }
        }
    }

    fn repeat(
        &mut self,
        variable: Option<&str>,
        words: &[String],
        body: &'f [Node],
        mut states: Vec<State>,
        frame: &Frame,
    ) -> Vec<State> {
        let Some(values) = variable.zip(self.values(words)) else {
            let once = self.run(body, states.clone(), frame);
            return states.into_iter().chain(once).collect();
        };
        let (variable, values) = values;
        for value in values {
            let mut frame = frame.clone();
            frame.bound.insert(variable.to_owned(), value);
            states = self.run(body, states, &frame);
        }
        states
    }

    /// What a loop's words are; `None` if that is not known.
    fn values(&self, words: &[String]) -> Option<Vec<String>> {
        if words.is_empty() {
            return None;
        }
        let mut values = Vec::new();
        for raw in words {
            let text = word::literal(raw)?;
            if raw.contains('*') { values.extend(self.files.matching(&text)) } else { values.push(text) }
        }
        Some(values)
    }

    fn statement(&mut self, statement: &Statement, mut state: State, frame: &Frame) -> Vec<State> {
        let place = |text: String| Place { file: frame.file.clone(), line: statement.line, text };
        match &statement.action {
            Action::Assign { name, value, added } => {
                self.assign(
                    name,
                    value,
                    *added,
                    place(format!("{name}{}{value}", if *added { "+=" } else { "=" })),
                    &mut state,
                    frame,
                );
            }
            Action::Unset { name } if name == self.name => {
                state.outcome.value = None;
                state.outcome.by = Some(place(format!("unset {name}")));
            }
            Action::Unset { name } => {
                state.others.remove(name);
            }
            Action::Source { file } => return self.source(file, state, frame),
            Action::Eval => {
                state.outcome.unseen.insert("eval".to_owned());
            }
            Action::Return => state.returned = true,
            Action::Exit => {
                state.outcome.end = Some(End { place: place("exit".into()), exec: false, empties: false });
            }
            Action::Exec { program, empties } => {
                let place = place(format!("exec {program}"));
                state.outcome.end = Some(End { place, exec: true, empties: *empties });
            }
            Action::ExitOnFailure => state.outcome.exits_on_failure = Some(place("set -e".into())),
        }
        vec![state]
    }

    fn assign(&self, name: &str, value: &str, added: bool, place: Place, state: &mut State, frame: &Frame) {
        if name != self.name && !self.relevant.contains(name) {
            return;
        }
        let parts = if value.starts_with('(') { array(value, self.name) } else { word::parts(value, true) };
        let (mut pieces, mut keeps) = self.expand(&parts, state, frame);
        if name != self.name {
            state.others.insert(name.to_owned(), pieces);
            return;
        }
        let mentions = value.contains(&format!("${name}")) || value.contains(&format!("${{{name}"));
        if !keeps && mentions && pieces.contains(&Piece::Unknown) {
            pieces = vec![Piece::Derived];
        }
        if added {
            keeps = true;
            let colon = if value.starts_with('(') { vec![Piece::Text(":".into())] } else { Vec::new() };
            pieces = [state.outcome.value.clone().unwrap_or_default(), colon, pieces].concat();
        }
        state.outcome.value = Some(joined(pieces));
        if !keeps {
            state.outcome.by = Some(place);
        }
    }

    fn source(&mut self, file: &str, mut state: State, frame: &Frame) -> Vec<State> {
        let path = plain(&self.expand(&word::parts(file, false), &state, frame).0);
        match path.as_deref().map(|path| (path, self.files.is_there(path))) {
            Some((path, Some(true))) => self.file(path, vec![state], frame.depth + 1),
            Some((_, Some(false))) => vec![state],
            _ => {
                state.outcome.unseen.insert(path.unwrap_or_else(|| file.to_owned()));
                vec![state]
            }
        }
    }

    /// The value of a word, and whether the variable's own is part of it.
    fn expand(&self, parts: &[Part], state: &State, frame: &Frame) -> (Vec<Piece>, bool) {
        let (mut pieces, mut keeps) = (Vec::new(), false);
        for part in parts {
            let (more, own) = match part {
                Part::Text(text) => (vec![Piece::Text(text.clone())], false),
                Part::Unknown => (vec![Piece::Unknown], false),
                Part::Home => (self.value("HOME", state, frame), false),
                Part::Variable(name) => (self.value(name, state, frame), self.is_own(name, state)),
                Part::Or(name, inner) => {
                    let value = self.value(name, state, frame);
                    match emptiness(&value) {
                        Some(true) => self.expand(inner, state, frame),
                        _ => (value, self.is_own(name, state)),
                    }
                }
                Part::If(name, inner) => match emptiness(&self.value(name, state, frame)) {
                    Some(true) => (Vec::new(), false),
                    Some(false) => self.expand(inner, state, frame),
                    None => {
                        let (inner, own) = self.expand(inner, state, frame);
                        // It may be left out as well.
                        (if own { inner } else { vec![Piece::Unknown] }, own)
                    }
                },
            };
            pieces.extend(more);
            keeps |= own;
        }
        (joined(pieces), keeps)
    }

    fn is_own(&self, name: &str, state: &State) -> bool {
        let kept = |pieces: &Vec<Piece>| pieces.contains(&Piece::Inherited);
        name == self.name || state.others.get(name).is_some_and(kept)
    }

    fn value(&self, name: &str, state: &State, frame: &Frame) -> Vec<Piece> {
        if name == self.name {
            return state.outcome.value.clone().unwrap_or_default();
        }
        if let Some(text) = frame.bound.get(name) {
            return vec![Piece::Text(text.clone())];
        }
        let other = state.others.get(name).cloned();
        other.or_else(|| Some(vec![Piece::Text((self.known)(name)?)])).unwrap_or_else(|| vec![Piece::Unknown])
    }

    /// The answer of `[ … ]`, if it can be told.
    fn decide(&self, test: &Test, state: &State, frame: &Frame) -> Option<bool> {
        let value = |raw: &String| self.expand(&word::parts(raw, false), state, frame).0;
        let answer = match test.words.as_slice() {
            [one] => !emptiness(&value(one))?,
            [operator, one] => match operator.as_str() {
                "-n" => !emptiness(&value(one))?,
                "-z" => emptiness(&value(one))?,
                "-r" | "-f" | "-e" | "-s" | "-a" => self.files.is_there(&plain(&value(one))?)?,
                _ => return None,
            },
            [left, operator, right] if !right.contains(['*', '?']) => {
                let same = plain(&value(left))? == plain(&value(right))?;
                match operator.as_str() {
                    "=" | "==" => same,
                    "!=" => !same,
                    _ => return None,
                }
            }
            _ => return None,
        };
        Some(answer != test.negated)
    }
}

/// The words of `(a b "$c")` as a list with colons; `path` is what zsh calls PATH.
fn array(value: &str, name: &str) -> Vec<Part> {
    let inner = value.trim_start_matches('(').trim_end_matches(')');
    let mut parts = Vec::new();
    for token in lexer::tokens(inner) {
        let Kind::Word(raw) = token.kind else { continue };
        if !parts.is_empty() {
            parts.push(Part::Text(":".into()));
        }
        let own = |part| if part == Part::Variable("path".into()) { Part::Variable(name.to_owned()) } else { part };
        let bare = raw.replace("[@]", "");
        parts.extend(word::parts(&bare, false).into_iter().map(own));
    }
    parts
}

/// Whether it is empty, if that is known: what was inherited is not.
fn emptiness(value: &[Piece]) -> Option<bool> {
    let filled = |piece: &Piece| matches!(piece, Piece::Text(text) if !text.is_empty()) || *piece == Piece::Inherited;
    if value.iter().any(filled) {
        return Some(false);
    }
    value.iter().all(|piece| matches!(piece, Piece::Text(_))).then_some(true)
}

fn plain(value: &[Piece]) -> Option<String> {
    let text = |piece: &Piece| if let Piece::Text(text) = piece { Some(text.clone()) } else { None };
    value.iter().map(text).collect()
}

fn joined(pieces: Vec<Piece>) -> Vec<Piece> {
    let mut all: Vec<Piece> = Vec::new();
    for piece in pieces {
        match (all.last_mut(), piece) {
            (Some(Piece::Text(last)), Piece::Text(text)) => last.push_str(&text),
            (_, piece) => all.push(piece),
        }
    }
    all
}

/// What `return` ended is over.
fn called(mut states: Vec<State>) -> Vec<State> {
    states.iter_mut().for_each(|state| state.returned = false);
    fewer(states)
}

/// Without those that are there twice; if there are too many, those with the same past become one.
fn fewer(states: Vec<State>) -> Vec<State> {
    let states: BTreeSet<State> = states.into_iter().collect();
    if states.len() <= MOST {
        return states.into_iter().collect();
    }
    let blurred = |mut state: State| {
        if let Some(value) = &mut state.outcome.value {
            *value = if value.contains(&Piece::Inherited) {
                vec![Piece::Unknown, Piece::Inherited, Piece::Unknown]
            } else if value.contains(&Piece::Derived) {
                vec![Piece::Derived]
            } else {
                vec![Piece::Unknown]
            };
        }
        state.others.clear();
        state
    };
    let blurred: BTreeSet<State> = states.into_iter().map(blurred).collect();
    blurred.into_iter().take(MOST).collect()
}

#[cfg(test)]
mod tests;
