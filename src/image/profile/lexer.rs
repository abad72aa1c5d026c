//! Cuts a script into words and operators. Comments, redirections and the bodies of here-documents are left out.

/// Nested quotes and substitutions beyond this are read as plain letters.
const DEEPEST: usize = 40;

/// A word as it is written, quotes included, or an operator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Word(String),
    Operator(&'static str),
}

/// With the line on which it begins, from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) line: usize,
}

/// The tokens of a text.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let letters: Vec<char> = text.chars().filter(|letter| *letter != '\r').collect();
    let mut lexer = Lexer { letters: &letters, at: 0, line: 1, tokens: Vec::new(), here: Vec::new(), skip: None };
    lexer.run();
    lexer.tokens
}

/// What the next word is, if it belongs to a redirection.
enum Skip {
    Target,
    /// The word that ends a here-document; tabs in front of it do not count.
    Delimiter(bool),
}

struct Lexer<'t> {
    letters: &'t [char],
    at: usize,
    line: usize,
    tokens: Vec<Token>,
    /// Here-documents that begin on the next line.
    here: Vec<(String, bool)>,
    skip: Option<Skip>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.letters.get(self.at + ahead).copied()
    }

    fn starts(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(ahead, letter)| self.peek(ahead) == Some(letter))
    }

    fn operator(&mut self, operator: &'static str) {
        self.tokens.push(Token { kind: Kind::Operator(operator), line: self.line });
        self.skip = None;
        self.at += operator.chars().count();
    }

    fn run(&mut self) {
        while let Some(letter) = self.peek(0) {
            match letter {
                ' ' | '\t' => self.at += 1,
                '\\' if self.peek(1) == Some('\n') => {
                    self.at += 2;
                    self.line += 1;
                }
                '#' => {
                    while self.peek(0).is_some_and(|letter| letter != '\n') {
                        self.at += 1;
                    }
                }
                '\n' => {
                    self.operator("\n");
                    self.line += 1;
                    self.here_documents();
                }
                '&' if self.starts("&>") => self.redirection(),
                '<' | '>' if self.peek(1) == Some('(') => self.word(),
                '<' | '>' => self.redirection(),
                ';' | '&' | '|' | '(' | ')' => {
                    let operator = [";;&", ";;", ";&", "&&", "||", "|&", ";", "&", "|", "(", ")"];
                    match operator.into_iter().find(|operator| self.starts(operator)) {
                        Some(operator) => self.operator(operator),
                        None => self.at += 1,
                    }
                }
                _ => self.word(),
            }
        }
    }

    fn redirection(&mut self) {
        let operators = ["&>>", "&>", "<<<", "<<-", "<<", "<&", "<>", ">>", ">&", ">|", "<", ">"];
        let found = operators.into_iter().find(|operator| self.starts(operator)).unwrap_or("<");
        self.at += found.len();
        self.skip = Some(match found {
            "<<" => Skip::Delimiter(false),
            "<<-" => Skip::Delimiter(true),
            _ => Skip::Target,
        });
    }

    fn here_documents(&mut self) {
        for (delimiter, tabs) in std::mem::take(&mut self.here) {
            while self.at < self.letters.len() {
                let mut end = self.at;
                while self.letters.get(end).is_some_and(|letter| *letter != '\n') {
                    end += 1;
                }
                let line: String = self.letters.get(self.at..end).unwrap_or_default().iter().collect();
                self.at = (end + 1).min(self.letters.len());
                self.line += 1;
                if (if tabs { line.trim_start_matches('\t') } else { &line }) == delimiter {
                    break;
                }
            }
        }
    }

    fn word(&mut self) {
        let (start, line) = (self.at, self.line);
        loop {
            match self.peek(0) {
                None | Some(' ' | '\t' | '\n' | ';' | '&' | '|' | ')') => break,
                Some('<' | '>') if self.peek(1) != Some('(') || self.at > start => break,
                // The list of an array, and nothing else, may stand in a word.
                Some('(') if !self.at_an_array(start) => break,
                Some('(' | '<' | '>') => {
                    while self.peek(0).is_some_and(|letter| letter != '(') {
                        self.at += 1;
                    }
                    self.at += 1;
                    self.until(')', 0);
                }
                Some(_) => self.letter(0),
            }
        }
        if self.at == start {
            self.at += 1;
            return;
        }
        let raw: String = self.letters.get(start..self.at).unwrap_or_default().iter().collect();
        let raw = raw.replace("\\\n", "");
        match self.skip.take() {
            Some(Skip::Target) => {}
            Some(Skip::Delimiter(tabs)) => self.here.push((raw.replace(['\'', '"', '\\'], ""), tabs)),
            // The number of a redirection's stream.
            None if raw.bytes().all(|byte| byte.is_ascii_digit()) && matches!(self.peek(0), Some('<' | '>')) => {}
            None => self.tokens.push(Token { kind: Kind::Word(raw), line }),
        }
    }

    fn at_an_array(&self, start: usize) -> bool {
        self.at > start && self.letters.get(self.at - 1) == Some(&'=')
    }

    /// Passes one letter of a word, or all that is quoted or substituted there.
    fn letter(&mut self, depth: usize) {
        let letter = self.peek(0);
        self.at += 1;
        if letter == Some('\n') {
            self.line += 1;
        }
        if depth > DEEPEST {
            return;
        }
        match letter {
            Some('\\') => {
                if self.peek(0) == Some('\n') {
                    self.line += 1;
                }
                self.at += usize::from(self.peek(0).is_some());
            }
            Some('\'') => {
                while let Some(letter) = self.peek(0) {
                    self.at += 1;
                    self.line += usize::from(letter == '\n');
                    if letter == '\'' {
                        break;
                    }
                }
            }
            Some('"') => self.until('"', depth + 1),
            Some('`') => self.until('`', depth + 1),
            Some('$') if self.peek(0) == Some('(') => {
                self.at += 1;
                self.until(')', depth + 1);
            }
            Some('$') if self.peek(0) == Some('{') => {
                self.at += 1;
                self.until('}', depth + 1);
            }
            _ => {}
        }
    }

    /// Passes everything up to and with `end`.
    fn until(&mut self, end: char, depth: usize) {
        while let Some(letter) = self.peek(0) {
            if letter == end {
                self.at += 1;
                return;
            }
            // Within double quotes a single one is a letter.
            if end == '"' && letter == '\'' {
                self.at += 1;
            } else if end == ')' && letter == '(' {
                self.at += 1;
                if depth <= DEEPEST {
                    self.until(')', depth + 1);
                }
            } else {
                self.letter(depth);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<String> {
        let show = |token: Token| match token.kind {
            Kind::Word(word) => word,
            Kind::Operator(operator) => operator.replace('\n', "¶"),
        };
        tokens(text).into_iter().map(show).collect()
    }

    #[test]
    fn words_operators_and_what_is_left_out() {
        assert_eq!(
            of("a 'b c'\"d e\" # f\ng&&h||i;j"),
            ["a", "'b c'\"d e\"", "¶", "g", "&&", "h", "||", "i", ";", "j"]
        );
        assert_eq!(of("a >/dev/null 2>&1 <x b"), ["a", "b"]);
        assert_eq!(of("x=$(a \"b)\" (c) ) y=`d e`"), ["x=$(a \"b)\" (c) )", "y=`d e`"]);
        assert_eq!(of("a=(b c) f() { g; }"), ["a=(b c)", "f", "(", ")", "{", "g", ";", "}"]);
        assert_eq!(of("P=${A:-b c} \\\n d"), ["P=${A:-b c}", "d"]);
        assert_eq!(of("echo \"it's\" 'x'"), ["echo", "\"it's\"", "'x'"]);
    }

    #[test]
    fn here_documents_are_passed_over_and_lines_counted() {
        let found = tokens("cat <<'E' >f\nPATH=x\nE\nlast \"a\nb\"\nend");
        let words: Vec<(String, usize)> = found
            .into_iter()
            .filter_map(|token| match token.kind {
                Kind::Word(word) => Some((word, token.line)),
                Kind::Operator(_) => None,
            })
            .collect();
        let expected = [("cat", 1), ("last", 4), ("\"a\nb\"", 4), ("end", 6)];
        assert_eq!(words, expected.map(|(word, line)| (word.to_owned(), line)));
    }

    #[test]
    fn any_text_has_an_end() {
        for text in ["'", "\"$(", "${", "`", "a=(", "<<", "$(((((", ")", "\\", "<(", "\u{0}&&&;;;|||"] {
            tokens(text);
        }
        tokens(&"$(".repeat(10_000));
        tokens(&"\"${".repeat(10_000));
    }
}
