//! The grammar of shells, as far as start files need it: lists, branches, loops, functions and simple commands.
//!
//! What runs in a process of its own (a subshell, a pipeline, the background) touches nobody's environment and is left out.

use super::{
    lexer::{Kind, Token},
    tree::{Action, Node, Statement, Test},
    word,
};

/// Blocks within blocks beyond this are left out.
const DEEPEST: usize = 60;

pub(super) fn parse(tokens: &[Token]) -> Vec<Node> {
    let mut parser = Parser { tokens, at: 0 };
    let mut nodes = Vec::new();
    while parser.at < tokens.len() {
        let before = parser.at;
        nodes.extend(parser.list(&[], 0));
        // A word that ends a block which nobody began.
        if parser.at == before || parser.at < tokens.len() {
            parser.at += 1;
        }
    }
    nodes
}

struct Parser<'t> {
    tokens: &'t [Token],
    at: usize,
}

/// A command before it is known what joins it to the next.
struct Command {
    nodes: Vec<Node>,
    /// It is nothing but `[ … ]`.
    test: Option<Test>,
}

impl Parser<'_> {
    fn word(&self) -> Option<&str> {
        self.word_at(0)
    }

    fn word_at(&self, ahead: usize) -> Option<&str> {
        match self.tokens.get(self.at + ahead).map(|token| &token.kind) {
            Some(Kind::Word(word)) => Some(word),
            _ => None,
        }
    }

    fn operator(&self) -> Option<&'static str> {
        self.operator_at(0)
    }

    fn operator_at(&self, ahead: usize) -> Option<&'static str> {
        match self.tokens.get(self.at + ahead).map(|token| &token.kind) {
            Some(Kind::Operator(operator)) => Some(operator),
            _ => None,
        }
    }

    fn take(&mut self, operator: &str) -> bool {
        let is_it = self.operator() == Some(operator);
        self.at += usize::from(is_it);
        is_it
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_it = self.word() == Some(word);
        self.at += usize::from(is_it);
        is_it
    }

    fn line(&self) -> usize {
        self.tokens.get(self.at).map_or(0, |token| token.line)
    }

    /// Commands up to one of these words, to `)` or to `;;`, which stay.
    fn list(&mut self, until: &[&str], depth: usize) -> Vec<Node> {
        let mut nodes = Vec::new();
        loop {
            while matches!(self.operator(), Some("\n" | ";" | "&")) {
                self.at += 1;
            }
            let ends = self.word().is_some_and(|word| until.contains(&word) || (!until.is_empty() && is_end(word)));
            if self.at >= self.tokens.len() || ends || self.operator().is_some() && !self.begins_subshell() {
                return nodes;
            }
            let before = self.at;
            nodes.extend(self.chain(depth));
            if self.at == before {
                return nodes;
            }
        }
    }

    fn begins_subshell(&self) -> bool {
        self.operator() == Some("(")
    }

    /// `a && b || c`: what follows the first depends on it.
    fn chain(&mut self, depth: usize) -> Vec<Node> {
        let first = self.pipeline(depth);
        let mut nodes = first.nodes;
        let mut test = first.test;
        loop {
            let and = self.operator() == Some("&&");
            if !and && self.operator() != Some("||") {
                break;
            }
            self.at += 1;
            while self.operator() == Some("\n") {
                self.at += 1;
            }
            let next = self.pipeline(depth);
            // Of three in a row, the last depends on both.
            let test = test.take().map(|test| if and { test } else { Test { negated: !test.negated, ..test } });
            nodes.push(Node::Branch { test, arms: vec![next.nodes], exhaustive: false });
        }
        if self.operator() == Some("&") { Vec::new() } else { nodes }
    }

    fn pipeline(&mut self, depth: usize) -> Command {
        let negated = self.take_word("!");
        let mut command = self.command(depth);
        if let Some(test) = &mut command.test {
            test.negated ^= negated;
        }
        let mut alone = true;
        while matches!(self.operator(), Some("|" | "|&")) {
            alone = false;
            self.at += 1;
            while self.operator() == Some("\n") {
                self.at += 1;
            }
            self.command(depth);
        }
        if alone { command } else { Command { nodes: Vec::new(), test: None } }
    }

    fn command(&mut self, depth: usize) -> Command {
        let line = self.line();
        if depth > DEEPEST {
            self.at = self.tokens.len();
            return Command { nodes: Vec::new(), test: None };
        }
        if self.take("(") {
            self.list(&[], depth + 1);
            while !self.take(")") && self.at < self.tokens.len() {
                self.at += 1;
            }
            return Command { nodes: Vec::new(), test: None };
        }
        let nodes = match self.word() {
            Some("if") => self.branch(depth),
            Some("case") => self.case(depth),
            Some("for" | "select") => self.for_each(depth),
            Some("while" | "until") => {
                self.at += 1;
                let mut body = self.list(&["do"], depth + 1);
                body.extend(self.body(depth));
                vec![Node::Loop { variable: None, words: Vec::new(), body }]
            }
            Some("{") => {
                self.at += 1;
                let nodes = self.list(&["}"], depth + 1);
                self.take_word("}");
                nodes
            }
            Some("function") => {
                self.at += 1;
                let name = self.word().unwrap_or_default().to_owned();
                self.at += 1;
                if self.take("(") {
                    self.take(")");
                }
                self.function(name, depth)
            }
            Some(name) if self.operator_at(1) == Some("(") && self.operator_at(2) == Some(")") => {
                let name = name.to_owned();
                self.at += 3;
                self.function(name, depth)
            }
            _ => return self.simple(line),
        };
        Command { nodes, test: None }
    }

    fn function(&mut self, name: String, depth: usize) -> Vec<Node> {
        while self.operator() == Some("\n") {
            self.at += 1;
        }
        vec![Node::Function { name, body: self.command(depth + 1).nodes }]
    }

    fn branch(&mut self, depth: usize) -> Vec<Node> {
        let (mut nodes, mut arms, mut test, mut exhaustive) = (Vec::new(), Vec::new(), None, false);
        while matches!(self.word(), Some("if" | "elif")) {
            self.at += 1;
            let begin = self.at;
            let condition = self.list(&["then"], depth + 1);
            if arms.is_empty() {
                test = self.only_test(begin);
            }
            nodes.extend(condition);
            self.take_word("then");
            arms.push(self.list(&["elif", "else", "fi"], depth + 1));
        }
        if self.take_word("else") {
            exhaustive = true;
            arms.push(self.list(&["fi"], depth + 1));
        }
        self.take_word("fi");
        // With `elif` a test that fails leaves more than one.
        let test = test.filter(|_| arms.len() == 1 || (arms.len() == 2 && exhaustive));
        nodes.push(Node::Branch { test, arms, exhaustive });
        nodes
    }

    /// The test that stands between `begin` and here, if there is nothing else.
    fn only_test(&self, begin: usize) -> Option<Test> {
        let mut parser = Parser { tokens: self.tokens.get(..self.at)?, at: begin };
        let command = parser.pipeline(DEEPEST - 1);
        while matches!(parser.operator(), Some("\n" | ";")) {
            parser.at += 1;
        }
        command.test.filter(|_| parser.at == self.at)
    }

    fn case(&mut self, depth: usize) -> Vec<Node> {
        self.at += 2;
        while self.operator() == Some("\n") {
            self.at += 1;
        }
        self.take_word("in");
        let (mut arms, mut exhaustive) = (Vec::new(), false);
        loop {
            while matches!(self.operator(), Some("\n" | ";;" | ";&" | ";;&")) {
                self.at += 1;
            }
            if self.at >= self.tokens.len() || self.take_word("esac") {
                break;
            }
            self.take("(");
            while let Some(pattern) = self.word() {
                exhaustive |= pattern == "*";
                self.at += 1;
                if !self.take("|") {
                    break;
                }
            }
            if !self.take(")") {
                // No pattern: the text is no case.
                self.at += 1;
                continue;
            }
            arms.push(self.list(&["esac"], depth + 1));
        }
        vec![Node::Branch { test: None, arms, exhaustive }]
    }

    fn for_each(&mut self, depth: usize) -> Vec<Node> {
        self.at += 1;
        let variable = self.word().map(str::to_owned);
        self.at += usize::from(variable.is_some());
        while self.operator() == Some("\n") {
            self.at += 1;
        }
        let mut words = Vec::new();
        if self.take_word("in") {
            while let Some(word) = self.word() {
                words.push(word.to_owned());
                self.at += 1;
            }
        }
        while self.at < self.tokens.len() && !matches!(self.word(), Some("do" | "{")) {
            self.at += 1;
        }
        vec![Node::Loop { variable, words, body: self.body(depth) }]
    }

    fn body(&mut self, depth: usize) -> Vec<Node> {
        let end = if self.take_word("{") { "}" } else { "done" };
        self.take_word("do");
        let nodes = self.list(&[end], depth + 1);
        self.take_word(end);
        nodes
    }

    fn simple(&mut self, line: usize) -> Command {
        let mut words = Vec::new();
        while let Some(word) = self.word() {
            words.push(word.to_owned());
            self.at += 1;
            // `[[ a && b ]]` has operators of its own.
            if words.first().is_some_and(|first| first == "[[") && words.last().is_some_and(|last| last != "]]") {
                while self.operator().is_some_and(|operator| operator != "\n") {
                    self.at += 1;
                    words.push("-o".to_owned());
                }
            }
        }
        let test = test(&words);
        Command { nodes: simple(&words, line), test }
    }
}

fn is_end(word: &str) -> bool {
    matches!(word, "then" | "elif" | "else" | "fi" | "do" | "done" | "esac" | "}")
}

fn test(words: &[String]) -> Option<Test> {
    let (first, inner) = words.split_first()?;
    let inner = match (first.as_str(), inner.split_last()) {
        ("[", Some((last, inner))) if last == "]" => inner,
        ("[[", Some((last, inner))) if last == "]]" => inner,
        ("test", _) => inner,
        _ => return None,
    };
    let (negated, words) = match inner.split_first() {
        Some((first, rest)) if first == "!" => (true, rest),
        _ => (false, inner),
    };
    Some(Test { words: words.to_vec(), negated })
}

/// What a simple command does.
fn simple(words: &[String], line: usize) -> Vec<Node> {
    let statement = |action| Node::Statement(Statement { line, action });
    let assign = |raw: &str| {
        let (name, value, added) = word::assignment(raw)?;
        let array = |name: &str| value.starts_with('(') && name == "path";
        // zsh ties this list to PATH.
        let name = if array(name) { "PATH" } else { name }.to_owned();
        Some(statement(Action::Assign { name, value: value.to_owned(), added }))
    };
    let count = words.iter().take_while(|raw| word::assignment(raw).is_some()).count();
    let (before, command) = words.split_at(count);
    let Some((first, rest)) = command.split_first() else {
        return before.iter().filter_map(|raw| assign(raw)).collect();
    };
    let name = word::literal(first).unwrap_or_default();
    let rest_texts = || rest.iter().map(|raw| word::literal(raw).unwrap_or_default());
    let operands = || rest.iter().filter(|raw| !raw.starts_with(['-', '+']));
    let has_option = |letter: char| rest_texts().any(|text| text.starts_with('-') && text[1..].contains(letter));
    match name.as_str() {
        "export" | "typeset" | "declare" | "readonly" => {
            let takes_away = name == "export" && has_option('n');
            if has_option('f') {
                return Vec::new();
            }
            let gone = |raw: &String| statement(Action::Unset { name: raw.clone() });
            let own = operands().filter_map(|raw| if takes_away { Some(gone(raw)) } else { assign(raw) });
            before.iter().filter_map(|raw| assign(raw)).chain(own).collect()
        }
        "unset" if has_option('f') => Vec::new(),
        "unset" => operands().map(|raw| statement(Action::Unset { name: raw.clone() })).collect(),
        "." | "source" => {
            rest.first().map(|file| statement(Action::Source { file: file.clone() })).into_iter().collect()
        }
        "eval" => vec![statement(Action::Eval)],
        "exit" | "logout" => vec![statement(Action::Exit)],
        "return" => vec![statement(Action::Return)],
        "exec" => {
            let program = operands().find(|raw| word::assignment(raw).is_none()).cloned();
            let env = program.as_deref().is_some_and(|program| program.rsplit('/').next() == Some("env"));
            let empties = env && rest.iter().any(|raw| raw == "-i" || raw == "-" || raw == "--ignore-environment");
            program.map(|program| statement(Action::Exec { program, empties })).into_iter().collect()
        }
        "set" => {
            let exits = |text: String| text == "errexit" || (text.starts_with('-') && text[1..].contains('e'));
            rest_texts().any(exits).then(|| statement(Action::ExitOnFailure)).into_iter().collect()
        }
        "builtin" | "command" => simple(rest, line),
        "" => Vec::new(),
        _ => vec![Node::Call { name, arguments: rest.to_vec() }],
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Action, Profile};

    fn of(text: &str) -> Vec<String> {
        let show = |action: &Action| match action {
            Action::Assign { name, value, added } => format!("{name}{}{value}", if *added { "+=" } else { "=" }),
            Action::Unset { name } => format!("unset {name}"),
            Action::Source { file } => format!(". {file}"),
            Action::Exec { program, empties } => format!("exec {program}{}", if *empties { " -i" } else { "" }),
            other => format!("{other:?}"),
        };
        let profile = Profile::read(text);
        let statements = profile.statements();
        statements
            .iter()
            .map(|(found, always)| format!("{}{}", if *always { "" } else { "?" }, show(&found.action)))
            .collect()
    }

    #[test]
    fn what_touches_the_environment() {
        assert_eq!(of("A=1 B=2; export C=3 D; typeset -x E=4"), ["A=1", "B=2", "C=3", "E=4"]);
        assert_eq!(of("A=1 make; (B=2); C=3 | cat; D=4 &"), [] as [&str; 0]);
        assert_eq!(of("unset -v A B; unset -f c; export -n D"), ["unset A", "unset B", "unset D"]);
        assert_eq!(of("PATH+=:/x; path=(/a $path)"), ["PATH+=:/x", "PATH=(/a $path)"]);
        assert_eq!(of("exec env -i bash; exec >log; set -eu; eval \"$(x)\""), ["exec env -i", "ExitOnFailure", "Eval"]);
        assert_eq!(of("command export A=1; A=2 export B=3"), ["A=1", "A=2", "B=3"]);
    }

    #[test]
    fn what_depends_on_something_is_told() {
        assert_eq!(of("[ -r x ] && . x || exit 1\nA=1"), ["?. x", "?Exit", "A=1"]);
        assert_eq!(of("if a; then B=1; elif c; then D=2; else E=3; fi; F=4"), ["?B=1", "?D=2", "?E=3", "F=4"]);
        assert_eq!(of("case $- in\n *i*) A=1 ;;\n (*) return\nesac\nB=2"), ["?A=1", "?Return", "B=2"]);
        assert_eq!(
            of("for i in /etc/*.sh; do\n . $i\ndone; while read x; do A=1; done\nB=2"),
            ["?. $i", "?A=1", "B=2"]
        );
        assert_eq!(of("f() {\n A=1\n}\nfunction g { B=2; }\n{ C=3; }"), ["?A=1", "?B=2", "C=3"]);
        assert_eq!(of("[[ -n $A && -n $B ]] && C=1; ! true || D=2"), ["?C=1", "?D=2"]);
    }

    #[test]
    fn any_text_has_an_end() {
        for text in
            ["if", "case", "case x in", "for", "fi done )", "f() ", ";; A=1", "{ ( ) }", "function", "while", "&& ||"]
        {
            of(text);
        }
        assert_eq!(of("fi\nA=1"), ["A=1"]);
        of(&"if x; then ".repeat(5_000));
        of(&"( ".repeat(5_000));
        of(&"{ ".repeat(5_000));
    }
}
