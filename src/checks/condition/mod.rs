//! One line that says when a check fires.
//!
//! The language is the part of the templates' language (Jinja's) that a condition needs: paths into the facts, literals,
//! comparisons, `and`, `or`, `not`, `in`, `is defined`, `length`. It has its own small evaluator because of three
//! questions that a template engine answers wrongly for a doctor:
//!
//! - A fact that is *unknown* makes the answer unknown, unless the rest of the condition settles it.
//! - A fact that *does not exist* never makes a condition true, not even under `not` or `!=`.
//! - Comparing a number with a text is a fault of the check, not `false`.
//!
//! So "ignorance never accuses" holds by construction, and a test holds the two languages together (same answer wherever
//! every fact is there).

mod blame;
mod evaluate;
mod parse;
mod tree;

use std::borrow::Cow;

pub(in crate::checks) use evaluate::Found;
pub use evaluate::{Answer, Scope, TypeFault};
pub use parse::ConditionError;
pub use tree::Path;
pub(in crate::checks) use tree::{Comparison, Expression, Literal, Operand, Part, Step};

/// A parsed condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    text: Cow<'static, str>,
    pub(super) tree: Expression,
}

impl Condition {
    /// Parses a condition.
    ///
    /// # Errors
    /// When it is not one line of the small language; the error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        Ok(Self { text: Cow::Owned(text.to_owned()), tree: parse::condition(text)? })
    }

    /// One that build.rs parsed.
    pub(super) const fn constant(text: &'static str, tree: Expression) -> Self {
        Self { text: Cow::Borrowed(text), tree }
    }

    /// As it was written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Holds the condition against the facts.
    ///
    /// # Errors
    /// When values of different types are compared: a fault of the check.
    pub fn answer(&self, scope: &Scope<'_>) -> Result<Answer, TypeFault> {
        evaluate::answer(&self.tree, scope)
    }

    /// One true sentence on why the condition does not hold, for a condition that was answered with a no.
    pub fn because(&self, scope: &Scope<'_>) -> Option<String> {
        blame::because(&self.tree, scope)
    }

    /// Every path that it reads, in the order written.
    pub fn reads(&self) -> Vec<&Path> {
        let mut paths = Vec::new();
        collect(&self.tree, &mut paths);
        paths
    }

    /// The paths without which a condition that holds would not hold: all but those of an `or` that holds twice.
    pub fn rests_on(&self, scope: &Scope<'_>) -> Vec<String> {
        let mut paths: Vec<String> =
            evaluate::rests_on(&self.tree, scope).into_iter().map(|path| scope.full(path).into_owned()).collect();
        paths.sort();
        paths.dedup();
        paths
    }
}

impl Path {
    /// Parses a path alone, as `each` and `evidence` have them.
    ///
    /// # Errors
    /// When the text is not just a path.
    pub fn parse(text: &str) -> Result<Self, ConditionError> {
        parse::path(text)
    }

    /// In its canonical form.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The first name.
    pub fn root(&self) -> &str {
        match self.steps.first() {
            Some(Step::Name(name)) => name,
            _ => "",
        }
    }
}

impl Operand {
    fn path(&self) -> Option<&Path> {
        match self {
            Self::Path(path) | Self::Length(path) => Some(path),
            Self::Literal(_) => None,
        }
    }
}

fn collect<'a>(tree: &'a Expression, paths: &mut Vec<&'a Path>) {
    match tree {
        Expression::And(left, right) | Expression::Or(left, right) => {
            collect(left, paths);
            collect(right, paths);
        }
        Expression::Not(inner) => collect(inner, paths),
        leaf => paths.extend(leaf.own_paths()),
    }
}

impl Expression {
    /// The paths of a leaf.
    fn own_paths(&self) -> Vec<&Path> {
        match self {
            Self::Compare(left, _, right) | Self::In { item: left, list: right, .. } => {
                left.path().into_iter().chain(right.path()).collect()
            }
            Self::Defined(path) => vec![path],
            Self::Holds(operand) => operand.path().into_iter().collect(),
            Self::And(..) | Self::Or(..) | Self::Not(_) => Vec::new(),
        }
    }
}
