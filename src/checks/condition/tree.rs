//! What a condition is made of.
//!
//! build.rs parses the conditions of the program's own checks and writes them down as constants of these types, so that a
//! start parses none; hence every part is either owned or a constant.

use std::{borrow::Cow, fmt, ops::Deref};

use serde_json::Value;

/// A part of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expression {
    And(Part, Part),
    Or(Part, Part),
    Not(Part),
    Compare(Operand, Comparison, Operand),
    In { item: Operand, list: Operand, negated: bool },
    Defined(Path),
    Holds(Operand),
}

/// An expression in another one.
#[derive(Debug, Clone)]
pub(crate) enum Part {
    Parsed(Box<Expression>),
    Constant(&'static Expression),
}

/// What is compared.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Operand {
    Path(Path),
    Length(Path),
    Literal(Literal),
}

/// A value that stands in the condition itself.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Literal {
    YesNo(bool),
    Number(i64),
    Text(Cow<'static, str>),
    List(Cow<'static, [Literal]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Comparison {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// A dotted path into the facts: `config.from.identityfile`, `keys[0].mode`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    pub(crate) steps: Cow<'static, [Step]>,
    /// In its canonical form.
    pub(crate) text: Cow<'static, str>,
}

/// One step of a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    Name(Cow<'static, str>),
    Index(usize),
}

impl Path {
    pub(super) fn new(steps: Vec<Step>) -> Self {
        let mut text = String::new();
        for step in &steps {
            match step {
                Step::Name(name) if text.is_empty() => text.push_str(name),
                Step::Name(name) => text.extend([".", name]),
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
        Self { steps: steps.into(), text: text.into() }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<Expression> for Part {
    fn from(expression: Expression) -> Self {
        Self::Parsed(Box::new(expression))
    }
}

impl Deref for Part {
    type Target = Expression;

    fn deref(&self) -> &Expression {
        match self {
            Self::Parsed(expression) => expression,
            Self::Constant(expression) => expression,
        }
    }
}

/// Where it comes from makes no difference.
impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl From<&Literal> for Value {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::YesNo(is) => Self::Bool(*is),
            Literal::Number(number) => Self::from(*number),
            Literal::Text(text) => Self::from(text.as_ref()),
            Literal::List(items) => items.iter().map(Self::from).collect(),
        }
    }
}
