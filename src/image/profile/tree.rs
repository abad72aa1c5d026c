//! A script as a tree of what runs, as far as it touches the environment.

use super::{lexer, parser};

/// A start file, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Profile {
    pub(super) nodes: Vec<Node>,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Statement(Statement),
    /// One of the arms runs; none may, where it is not exhaustive.
    Branch {
        /// What decides about the first of two arms, where that can be told.
        test: Option<Test>,
        arms: Vec<Vec<Node>>,
        exhaustive: bool,
    },
    /// It runs once for each of the words, or nobody knows how often.
    Loop {
        variable: Option<String>,
        words: Vec<String>,
        body: Vec<Node>,
    },
    Function {
        name: String,
        body: Vec<Node>,
    },
    Call {
        name: String,
        arguments: Vec<String>,
    },
}

/// The words between the brackets of `[ … ]`; the answer is the other one if `negated`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Test {
    pub(super) words: Vec<String>,
    pub(super) negated: bool,
}

/// A command that touches the environment, or the shell itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its line, from 1.
    pub line: usize,
    /// What it does.
    pub action: Action,
}

/// What a command does to the environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// `NAME=value`, exported or not: what was inherited stays exported.
    Assign {
        /// The variable.
        name: String,
        /// The value as it is written.
        value: String,
        /// `NAME+=value`.
        added: bool,
    },
    /// `unset NAME`, `export -n NAME`.
    Unset {
        /// The variable.
        name: String,
    },
    /// `. FILE`
    Source {
        /// The file as it is written.
        file: String,
    },
    /// `eval …`: nobody knows without running it.
    Eval,
    /// `exit`
    Exit,
    /// `return`, which ends this file or function.
    Return,
    /// `exec PROGRAM`
    Exec {
        /// The program as it is written.
        program: String,
        /// It is started without the environment: `exec env -i …`
        empties: bool,
    },
    /// `set -e`: from here on a command that fails ends the shell.
    ExitOnFailure,
}

impl Profile {
    /// Takes a script apart.
    pub fn read(text: &str) -> Self {
        Self { nodes: parser::parse(&lexer::tokens(text)) }
    }

    /// Every statement in the order of the text, and whether nothing decides about it: those in branches, loops and
    /// functions may not run.
    pub fn statements(&self) -> Vec<(&Statement, bool)> {
        fn walk<'p>(nodes: &'p [Node], always: bool, all: &mut Vec<(&'p Statement, bool)>) {
            for node in nodes {
                match node {
                    Node::Statement(statement) => all.push((statement, always)),
                    Node::Branch { arms, .. } => arms.iter().for_each(|arm| walk(arm, false, all)),
                    Node::Loop { body, .. } | Node::Function { body, .. } => walk(body, false, all),
                    Node::Call { .. } => {}
                }
            }
        }
        let mut all = Vec::new();
        walk(&self.nodes, true, &mut all);
        all
    }

    /// Whether the text speaks of `name` in an assignment, or takes it away.
    pub fn touches(&self, name: &str) -> bool {
        self.statements().iter().any(|(statement, _)| match &statement.action {
            Action::Assign { name: touched, .. } | Action::Unset { name: touched } => touched == name,
            _ => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_say_whether_anything_decides_about_them() {
        let profile = Profile::read("A=1\nif [ -r x ]; then . x; fi\nf() { exit 1; }\nunset B");
        let found: Vec<(usize, bool)> =
            profile.statements().into_iter().map(|(statement, always)| (statement.line, always)).collect();
        assert_eq!(found, [(1, true), (2, false), (3, false), (4, true)]);
        assert!(profile.touches("A") && profile.touches("B") && !profile.touches("C"));
    }
}
