//! From text to a tree, refusing what a condition may not say.

use super::tree::{Comparison, Expression, Literal, Operand, Path, Step};

/// Why a condition cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at column {column} of `{text}`; {hint}")]
pub struct ConditionError {
    /// What is wrong.
    pub what: String,
    /// Where, from 1.
    pub column: usize,
    /// The condition.
    pub text: String,
    /// What to do about it.
    pub hint: String,
}

/// How deep a condition may nest; deeper ones are a mistake or an attack on the stack.
const DEPTH: usize = 32;
/// How many words it may have, which bounds the depth of `a and a and …`.
const WORDS: usize = 300;
/// Nearly every condition of ours has no more.
const USUAL_WORDS: usize = 24;
const SYNTAX: &str = "a condition is one line of comparisons with and, or, not, in, is defined, and the length filter";
const ABSENCE: &str =
    "a check must not fire because something is absent: add a fact that says in words what was seen, and compare that";
const FACT_MISSING: &str = "compute it as an inferred fact (src/facts/infer), with a unit test, and compare that";

#[derive(Debug, Clone, Copy, PartialEq)]
enum Token<'a> {
    Name(&'a str),
    Text(&'a str),
    Number(i64),
    Sign(&'static str),
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<(usize, Token<'a>)>,
    next: usize,
    depth: usize,
}

type Parsed<T> = Result<T, ConditionError>;

pub(crate) fn condition(text: &str) -> Parsed<Expression> {
    let mut parser = Parser::new(text)?;
    let tree = parser.or()?;
    parser.end()?;
    Ok(tree)
}

pub(crate) fn path(text: &str) -> Parsed<Path> {
    let mut parser = Parser::new(text)?;
    let path = parser.whole_path()?;
    parser.end()?;
    Ok(path)
}

const SIGNS: [&str; 23] = [
    "==", "!=", "<=", ">=", "//", "**", "<", ">", "(", ")", "[", "]", ",", ".", "|", "+", "-", "*", "/", "%", "~", "=",
    ":",
];

fn tokens(text: &str) -> Parsed<Vec<(usize, Token<'_>)>> {
    let mut tokens = Vec::with_capacity(USUAL_WORDS);
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let (token, length) = if first == '\n' {
            return Err(fault(text, at, "a line break", SYNTAX));
        } else if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first.is_ascii_digit() {
            let length = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            let number = rest[..length].parse().map_err(|_| fault(text, at, "a number too large", SYNTAX))?;
            (Token::Number(number), length)
        } else if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            (Token::Name(&rest[..length]), length)
        } else if first == '"' || first == '\'' {
            let Some(length) = rest[1..].find(first) else {
                return Err(fault(text, at, "a text without its closing quote", "close it"));
            };
            let inner = &rest[1..=length];
            if inner.contains('\\') {
                return Err(fault(text, at, "a backslash in a text", "write texts without escapes"));
            }
            (Token::Text(inner), length + 2)
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.as_bytes().starts_with(sign.as_bytes())) {
            (Token::Sign(sign), sign.len())
        } else {
            return Err(fault(text, at, &format!("`{}`", first.escape_debug()), SYNTAX));
        };
        if tokens.len() == WORDS {
            return Err(fault(text, at, "far too many words", FACT_MISSING));
        }
        tokens.push((at, token));
        at += length;
    }
    Ok(tokens)
}

fn fault(text: &str, at: usize, what: &str, hint: &str) -> ConditionError {
    let column = text[..at].chars().count() + 1;
    ConditionError { what: what.to_owned(), column, text: text.to_owned(), hint: hint.to_owned() }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str) -> Parsed<Self> {
        Ok(Self { text, tokens: tokens(text)?, next: 0, depth: 0 })
    }

    fn peek(&self) -> Option<Token<'a>> {
        self.tokens.get(self.next).map(|(_, token)| *token)
    }

    fn word(&mut self, word: &str) -> bool {
        let found = self.peek() == Some(Token::Name(word));
        self.next += usize::from(found);
        found
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(found)) if found == sign);
        self.next += usize::from(found);
        found
    }

    fn error<T>(&self, what: &str, hint: &str) -> Parsed<T> {
        let at = self.tokens.get(self.next).map_or(self.text.len(), |(at, _)| *at);
        Err(fault(self.text, at, what, hint))
    }

    fn unexpected<T>(&self) -> Parsed<T> {
        match self.peek() {
            None => self.error("an unexpected end", SYNTAX),
            Some(Token::Sign(sign @ ("+" | "-" | "*" | "/" | "//" | "**" | "%" | "~"))) => {
                self.error(&format!("arithmetic (`{sign}`)"), FACT_MISSING)
            }
            Some(Token::Sign("(")) => self.error("a call", FACT_MISSING),
            Some(Token::Sign("=")) => self.error("`=`", "write `==` to compare"),
            Some(Token::Sign(sign)) => self.error(&format!("`{sign}`"), SYNTAX),
            Some(Token::Name(name)) => self.error(&format!("`{name}`"), SYNTAX),
            Some(Token::Text(_) | Token::Number(_)) => self.error("a value", SYNTAX),
        }
    }

    fn end(&self) -> Parsed<()> {
        if self.peek().is_none() { Ok(()) } else { self.unexpected() }
    }

    fn or(&mut self) -> Parsed<Expression> {
        self.depth += 1;
        if self.depth > DEPTH {
            return self.error("too many brackets", FACT_MISSING);
        }
        let mut left = self.and()?;
        while self.word("or") {
            left = Expression::Or(left.into(), self.and()?.into());
        }
        self.depth -= 1;
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expression> {
        let mut left = self.not()?;
        while self.word("and") {
            left = Expression::And(left.into(), self.not()?.into());
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed<Expression> {
        if !self.word("not") {
            return self.comparison();
        }
        self.depth += 1;
        if self.depth > DEPTH {
            return self.error("too many nots", SYNTAX);
        }
        let start = self.next;
        let inner = self.not()?;
        self.depth -= 1;
        if asks_for_existence(&inner) {
            self.next = start;
            return self.error("`not` over `is defined`", ABSENCE);
        }
        Ok(Expression::Not(inner.into()))
    }

    fn comparison(&mut self) -> Parsed<Expression> {
        if self.sign("(") {
            let inner = self.or()?;
            return if self.sign(")") { Ok(inner) } else { self.unexpected() };
        }
        let left = self.operand()?;
        if self.word("is") {
            return self.existence(left);
        }
        if self.word("in") {
            return Ok(Expression::In { item: left, list: self.operand()?, negated: false });
        }
        if self.word("not") {
            return if self.word("in") {
                Ok(Expression::In { item: left, list: self.operand()?, negated: true })
            } else {
                self.unexpected()
            };
        }
        let comparison = match self.peek() {
            Some(Token::Sign("==")) => Comparison::Equal,
            Some(Token::Sign("!=")) => Comparison::Unequal,
            Some(Token::Sign("<")) => Comparison::Less,
            Some(Token::Sign("<=")) => Comparison::LessOrEqual,
            Some(Token::Sign(">")) => Comparison::Greater,
            Some(Token::Sign(">=")) => Comparison::GreaterOrEqual,
            _ => return Ok(Expression::Holds(left)),
        };
        self.next += 1;
        Ok(Expression::Compare(left, comparison, self.operand()?))
    }

    fn existence(&mut self, left: Operand) -> Parsed<Expression> {
        if self.word("defined") {
            return match left {
                Operand::Path(path) => Ok(Expression::Defined(path)),
                _ => self.error("`is defined` after something that is no path", "ask it of a path"),
            };
        }
        match self.peek() {
            Some(Token::Name(name)) if matches!(name, "not" | "undefined" | "none") => {
                self.error(&format!("`is {name}`"), ABSENCE)
            }
            Some(Token::Name(name)) if matches!(name, "true" | "false") => {
                self.error(&format!("`is {name}`"), "write the path alone, or `not` before it")
            }
            _ => self.error("a test other than `is defined`", SYNTAX),
        }
    }

    fn operand(&mut self) -> Parsed<Operand> {
        let operand = match self.peek() {
            Some(Token::Text(_) | Token::Number(_) | Token::Sign("[")) => Operand::Literal(self.literal()?),
            Some(Token::Sign("-")) if matches!(self.tokens.get(self.next + 1), Some((_, Token::Number(_)))) => {
                Operand::Literal(self.literal()?)
            }
            Some(Token::Name(name)) if is_truth(name) => Operand::Literal(self.literal()?),
            Some(Token::Name(_)) => Operand::Path(self.whole_path()?),
            _ => return self.unexpected(),
        };
        if !self.sign("|") {
            return Ok(operand);
        }
        if !self.word("length") {
            return self.error("a filter other than `length`", FACT_MISSING);
        }
        match operand {
            Operand::Path(path) => Ok(Operand::Length(path)),
            _ => self.error("the length of something that is no path", SYNTAX),
        }
    }

    fn literal(&mut self) -> Parsed<Literal> {
        let value = match self.peek() {
            Some(Token::Text(text)) => Literal::Text(text.to_owned().into()),
            Some(Token::Number(number)) => Literal::Number(number),
            Some(Token::Name(name)) if is_truth(name) => Literal::YesNo(name.eq_ignore_ascii_case("true")),
            Some(Token::Sign("-")) => {
                self.next += 1;
                match self.peek() {
                    Some(Token::Number(number)) => Literal::Number(-number),
                    _ => return self.unexpected(),
                }
            }
            Some(Token::Sign("[")) => return self.list(),
            _ => return self.unexpected(),
        };
        self.next += 1;
        Ok(value)
    }

    fn list(&mut self) -> Parsed<Literal> {
        self.next += 1;
        let mut items = Vec::new();
        while !self.sign("]") {
            if matches!(self.peek(), Some(Token::Sign("["))) {
                return self.error("a list in a list", SYNTAX);
            }
            items.push(self.literal()?);
            if !self.sign(",") && !matches!(self.peek(), Some(Token::Sign("]"))) {
                return self.unexpected();
            }
        }
        Ok(Literal::List(items.into()))
    }

    fn whole_path(&mut self) -> Parsed<Path> {
        let mut steps = Vec::new();
        loop {
            match self.peek() {
                Some(Token::Name(name)) if !steps.is_empty() || !is_reserved(name) => {
                    steps.push(Step::Name(name.to_owned().into()))
                }
                _ => return self.unexpected(),
            }
            self.next += 1;
            while self.sign("[") {
                steps.push(match self.peek() {
                    Some(Token::Number(number)) => Step::Index(usize::try_from(number).unwrap_or_default()),
                    Some(Token::Text(name)) => Step::Name(name.to_owned().into()),
                    _ => return self.unexpected(),
                });
                self.next += 1;
                if !self.sign("]") {
                    return self.unexpected();
                }
            }
            if !self.sign(".") {
                break;
            }
        }
        if matches!(self.peek(), Some(Token::Sign("("))) {
            return self.unexpected();
        }
        Ok(Path::new(steps))
    }
}

fn is_truth(name: &str) -> bool {
    matches!(name, "true" | "false" | "True" | "False")
}

fn is_reserved(name: &str) -> bool {
    matches!(name, "and" | "or" | "not" | "in" | "is" | "if" | "else" | "none" | "None" | "defined")
}

fn asks_for_existence(tree: &Expression) -> bool {
    match tree {
        Expression::Defined(_) => true,
        Expression::And(left, right) | Expression::Or(left, right) => {
            asks_for_existence(left) || asks_for_existence(right)
        }
        Expression::Not(inner) => asks_for_existence(inner),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::checks::condition::Condition;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "([a-c.\\[\\]()'\"|=<>!+-]|\\PC| and | or |not | in | is |defined|length){0,24}") {
            if let Ok(condition) = Condition::parse(&text) {
                prop_assert_eq!(condition.text(), text);
            }
        }
    }

    fn error(text: &str) -> String {
        Condition::parse(text).expect_err(text).to_string()
    }

    #[test]
    fn what_a_condition_may_say() {
        for text in [
            "login.works",
            "not login.works",
            "auth.winner is defined and not auth.winner.offered",
            "agent.state in ['missing', \"dead\"] or keys | length == 0",
            "'mac' in server.offers.no_match and (client.version.major < 9 or client.too_old)",
            "keys[0].mode != '0600'",
            "config.from['identityfile'].line > -1",
            "not target.port in [22, 443]",
            "target.form not in []",
        ] {
            Condition::parse(text).expect(text);
        }
    }

    #[test]
    fn absence_is_no_reason() {
        for text in [
            "target.port is not defined",
            "target.port is undefined",
            "target.port is none",
            "not target.port is defined",
            "not (agent.socket is defined and login.works)",
            "not (not (agent.socket is defined))",
        ] {
            assert!(error(text).contains("must not fire because something is absent"), "{text}: {}", error(text));
        }
    }

    #[test]
    fn what_belongs_into_facts_is_refused() {
        for text in [
            "auth.offered + 1 > 6",
            "keys | selectattr('encrypted') | length > 0",
            "f(login.works)",
            "login.outcome.startswith('x')",
            "network.tcp.milliseconds / 2 > 5",
            "target.host ~ 'x' == 'y'",
        ] {
            assert!(error(text).contains("inferred fact"), "{text}: {}", error(text));
        }
    }

    #[test]
    fn mistakes_are_explained() {
        assert!(error("login.works = true").contains("write `==`"));
        assert!(error("login.works is true").contains("write the path alone"));
        assert!(error("agent.state == 'dead").contains("closing quote"));
        assert!(error("").contains("unexpected end"));
        assert!(error("a and").contains("unexpected end"));
        assert!(error("a b").contains("`b` at column 3"));
        assert!(error("a\nand b").contains("line break"));
        assert!(error("ä").contains("column 1"));
        assert!(error(&"(".repeat(5000)).contains("too many"));
        assert!(error(&"not ".repeat(5000)).contains("too many"));
        assert!(error(&"a and ".repeat(5000)).contains("far too many"));
        assert!(error("99999999999999999999 == a").contains("too large"));
    }
}
