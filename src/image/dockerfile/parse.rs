//! Cuts a Dockerfile into its instructions, as BuildKit's own parser does: line by line, with the escape directive,
//! continuations, comments between them, and heredocs.
//!
//! The parsers on crates.io do not do for this: parse-dockerfile 0.1 and dockerfile-parser 0.9 stop at the heredoc of
//! `RUN cat <<EOF > FILE`, which is how profiles are written, and dockerfile-parser-rs 3.4 at a quoted delimiter. Sources: docs.docker.com/reference/dockerfile (Format, Parser directives,
//! Here-documents), moby/buildkit frontend/dockerfile/parser.

/// Instructions beyond this are not read: no image has so many layers.
const MOST: usize = 20_000;

/// What an instruction does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyword {
    /// Begins a stage.
    From,
    /// A variable for the build.
    Arg,
    /// Variables of the image.
    Env,
    /// Commands.
    Run,
    /// Files of the build's context or of another stage.
    Copy,
    /// The same, and addresses and archives.
    Add,
    /// Who runs what follows.
    User,
    /// Where it runs.
    Workdir,
    /// What takes the shell form of `RUN`.
    Shell,
    /// Anything that has no part in what a login shell meets.
    Other,
}

/// One instruction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    /// What it does.
    pub keyword: Keyword,
    /// The line on which it begins, from 1.
    pub line: usize,
    /// The line on which it ends, heredocs included.
    pub last_line: usize,
    /// Words `--name=value` in front of its arguments.
    pub flags: Vec<(String, String)>,
    /// Its arguments: continued lines joined, comments left out.
    pub body: String,
    /// Where lines begin in `body`: place in bytes, and number.
    lines: Vec<(usize, usize)>,
    /// Its heredocs, in order.
    pub heredocs: Vec<Heredoc>,
}

/// The body of a heredoc.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heredoc {
    /// What ends it.
    pub name: String,
    /// Variables in it are replaced, for its name is not quoted.
    pub expands: bool,
    /// Its lines.
    pub text: String,
}

/// A Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parsed {
    /// The instructions, in order.
    pub instructions: Vec<Instruction>,
    /// `\`, or a backtick where the file says so.
    pub escape: char,
}

/// Why a text is no Dockerfile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseError {
    /// Nothing but comments.
    #[error("there is no instruction in it, and a Dockerfile begins with FROM")]
    Empty,
    /// It begins with something else.
    #[error("line {line} is `{word}`, before any FROM: a Dockerfile begins with FROM")]
    NoFrom {
        /// Where.
        line: usize,
        /// What stands there.
        word: String,
    },
    /// Not an instruction.
    #[error("line {line} begins with `{word}`, which is no instruction of a Dockerfile{hint}")]
    NoInstruction {
        /// Where.
        line: usize,
        /// What stands there.
        word: String,
        /// What it may be instead.
        hint: &'static str,
    },
    /// An instruction without arguments.
    #[error("line {line} is {word} with nothing behind it")]
    NoArguments {
        /// Where.
        line: usize,
        /// Which.
        word: String,
    },
    /// A heredoc without an end.
    #[error("the heredoc that begins on line {line} has no line `{name}` to end it")]
    OpenHeredoc {
        /// Where.
        line: usize,
        /// What would end it.
        name: String,
    },
    /// A FROM that names nothing, or too much.
    #[error("line {line} is no FROM that can be read; it is FROM IMAGE, or FROM IMAGE AS NAME")]
    From {
        /// Where.
        line: usize,
    },
    /// ENV without a value.
    #[error("line {line} sets `{word}` to nothing: ENV takes NAME=VALUE")]
    NoValue {
        /// Where.
        line: usize,
        /// What stands there.
        word: String,
    },
    /// More than any Dockerfile has.
    #[error("it has more than {MOST} instructions, and no Dockerfile has so many")]
    TooMany,
}

impl Instruction {
    /// The number of the line on which the byte `at` of the body stands.
    pub fn line_at(&self, at: usize) -> usize {
        self.lines.iter().rev().find(|(start, _)| *start <= at).map_or(self.line, |(_, line)| *line)
    }

    /// The value of the flag `--name`.
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|(flag, _)| flag == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a Dockerfile.
///
/// # Errors
/// When it is none; the sentence says where and why.
pub fn parse(text: &str) -> Result<Parsed, ParseError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line)).collect();
    let escape = escape(&lines);
    let mut reader = Reader { lines: &lines, at: 0, escape };
    let mut instructions: Vec<Instruction> = Vec::new();
    while let Some(instruction) = reader.next()? {
        let begins = matches!(instruction.keyword, Keyword::From | Keyword::Arg);
        if !begins && instructions.iter().all(|before| before.keyword != Keyword::From) {
            let word = first_word(lines.get(instruction.line - 1).copied().unwrap_or_default());
            return Err(ParseError::NoFrom { line: instruction.line, word });
        }
        instructions.push(instruction);
        if instructions.len() > MOST {
            return Err(ParseError::TooMany);
        }
    }
    match instructions.iter().find(|instruction| instruction.keyword == Keyword::From) {
        Some(_) => Ok(Parsed { instructions, escape }),
        None => Err(ParseError::Empty),
    }
}

/// Directives stand on top, and the first line that is none ends them.
fn escape(lines: &[&str]) -> char {
    for line in lines {
        let Some((name, value)) = line.trim().strip_prefix('#').and_then(|line| line.split_once('=')) else { break };
        let name = name.trim();
        if name.is_empty() || !name.chars().all(|letter| letter.is_ascii_alphanumeric()) {
            break;
        }
        if name.eq_ignore_ascii_case("escape") && value.trim() == "`" {
            return '`';
        }
    }
    '\\'
}

struct Reader<'t> {
    lines: &'t [&'t str],
    at: usize,
    escape: char,
}

impl Reader<'_> {
    fn next(&mut self) -> Result<Option<Instruction>, ParseError> {
        while self.lines.get(self.at).is_some_and(|line| is_blank_or_comment(line)) {
            self.at += 1;
        }
        let first = self.at;
        let Some(line) = self.lines.get(first) else { return Ok(None) };
        let (mut joined, mut starts) = (String::new(), Vec::new());
        let mut rest = line.trim_start();
        loop {
            starts.push((joined.len(), self.at + 1));
            self.at += 1;
            match continued(rest, self.escape) {
                Some(kept) => joined.push_str(kept),
                None => {
                    joined.push_str(rest);
                    break;
                }
            }
            while self.lines.get(self.at).is_some_and(|line| is_blank_or_comment(line)) {
                self.at += 1;
            }
            match self.lines.get(self.at) {
                Some(next) => rest = next,
                None => break,
            }
        }
        self.instruction(first + 1, &joined, starts).map(Some)
    }

    fn instruction(
        &mut self,
        line: usize,
        joined: &str,
        starts: Vec<(usize, usize)>,
    ) -> Result<Instruction, ParseError> {
        let word = first_word(joined);
        let Some(keyword) = keyword(&word) else {
            let hint = hint(&word);
            return Err(ParseError::NoInstruction { line, word: shortened(&word), hint });
        };
        let (flags, body_at) = flags(joined, word.len());
        let body = joined[body_at..].trim_end().to_owned();
        if body.is_empty() && keyword != Keyword::Other {
            return Err(ParseError::NoArguments { line, word });
        }
        let lines = starts.into_iter().map(|(at, line)| (at.saturating_sub(body_at), line)).collect();
        let heredocs = match keyword {
            Keyword::Run | Keyword::Copy | Keyword::Add => self.heredocs(line, &body)?,
            _ => Vec::new(),
        };
        Ok(Instruction { keyword, line, last_line: self.at, flags, body, lines, heredocs })
    }

    /// The bodies of the heredocs that the arguments name.
    fn heredocs(&mut self, line: usize, body: &str) -> Result<Vec<Heredoc>, ParseError> {
        let mut heredocs = Vec::new();
        for word in raw_words(body) {
            let Some((name, expands, tabs)) = heredoc_word(word) else { continue };
            let mut text = String::new();
            loop {
                let Some(next) = self.lines.get(self.at) else {
                    return Err(ParseError::OpenHeredoc { line, name: shortened(&name) });
                };
                self.at += 1;
                let next = if tabs { next.trim_start_matches('\t') } else { next };
                if next == name {
                    break;
                }
                text.push_str(next);
                text.push('\n');
            }
            heredocs.push(Heredoc { name, expands, text });
        }
        Ok(heredocs)
    }
}

fn is_blank_or_comment(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line.starts_with('#')
}

/// What a line has before the escape that joins it to the next; two escapes are a letter.
fn continued(line: &str, escape: char) -> Option<&str> {
    let kept = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!kept.ends_with(escape)).then_some(kept)
}

fn first_word(line: &str) -> String {
    line.split_whitespace().next().unwrap_or_default().to_owned()
}

/// What a person is shown of a word.
fn shortened(word: &str) -> String {
    let short: String = word.chars().take(40).collect();
    if short.len() < word.len() { format!("{short}…") } else { short }
}

fn keyword(word: &str) -> Option<Keyword> {
    const OTHERS: [&str; 9] =
        ["cmd", "entrypoint", "expose", "healthcheck", "label", "maintainer", "onbuild", "stopsignal", "volume"];
    Some(match word.to_ascii_lowercase().as_str() {
        "from" => Keyword::From,
        "arg" => Keyword::Arg,
        "env" => Keyword::Env,
        "run" => Keyword::Run,
        "copy" => Keyword::Copy,
        "add" => Keyword::Add,
        "user" => Keyword::User,
        "workdir" => Keyword::Workdir,
        "shell" => Keyword::Shell,
        other if OTHERS.contains(&other) => Keyword::Other,
        _ => return None,
    })
}

/// What is often given by mistake.
fn hint(word: &str) -> &'static str {
    match word {
        "version:" | "services:" | "name:" | "networks:" | "volumes:" | "x-common:" => {
            "; it looks like a file of docker compose, whose `build` names the Dockerfile"
        }
        "jobs:" | "workflows:" | "orbs:" | "version:2.1" | "setup:" => {
            "; it looks like a configuration of CircleCI, whose image is built elsewhere"
        }
        _ if word.starts_with("#!") || word.starts_with("---") || word.ends_with(':') => {
            "; it looks like another kind of file"
        }
        _ => "",
    }
}

/// Flags, and where what follows them begins.
fn flags(joined: &str, keyword: usize) -> (Vec<(String, String)>, usize) {
    let mut flags = Vec::new();
    let mut at = keyword;
    loop {
        let rest = &joined[at..];
        at += rest.len() - rest.trim_start().len();
        let Some(flag) = joined[at..].strip_prefix("--") else { return (flags, at) };
        let end = flag.find(char::is_whitespace).unwrap_or(flag.len());
        if end == 0 {
            return (flags, at);
        }
        let (name, value) = flag[..end].split_once('=').unwrap_or((&flag[..end], ""));
        flags.push((name.to_owned(), value.trim_matches(['"', '\'']).to_owned()));
        at += 2 + end;
    }
}

/// Words at blanks outside quotes, as they are written.
fn raw_words(body: &str) -> Vec<&str> {
    let (mut words, mut start, mut quote, mut escaped) = (Vec::new(), None, None, false);
    for (at, letter) in body.char_indices() {
        if quote.is_none() && letter.is_whitespace() && !escaped {
            words.extend(start.take().map(|start: usize| &body[start..at]));
            continue;
        }
        start.get_or_insert(at);
        match letter {
            _ if escaped => escaped = false,
            '\\' if quote != Some('\'') => escaped = true,
            '"' | '\'' if quote.is_none() => quote = Some(letter),
            _ if quote == Some(letter) => quote = None,
            _ => {}
        }
    }
    words.extend(start.map(|start| &body[start..]));
    words
}

/// `<<NAME`, `<<-"NAME"`, `3<<NAME`: its name, whether it expands, whether tabs are cut.
fn heredoc_word(word: &str) -> Option<(String, bool, bool)> {
    let rest = word.trim_start_matches(|letter: char| letter.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, tabs) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    if rest.contains('<') {
        return None;
    }
    let name: String = rest.chars().filter(|letter| !matches!(letter, '"' | '\'' | '\\')).collect();
    (!name.is_empty()).then(|| (name.clone(), name.len() == rest.len(), tabs))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(Keyword, usize, usize, String)> {
        let parsed = parse(text).expect(text);
        let part = |found: Instruction| (found.keyword, found.line, found.last_line, found.body);
        parsed.instructions.into_iter().map(part).collect()
    }

    fn refused(text: &str) -> String {
        parse(text).expect_err(text).to_string()
    }

    #[test]
    fn lines_are_joined_and_counted() {
        let text = "FROM a\nENV A=b \\\n  # a remark\n\n  C=d\nrun x \\\\\nUSER me\n";
        let found = of(text);
        assert_eq!(found[1], (Keyword::Env, 2, 5, "A=b   C=d".to_owned()));
        assert_eq!(found[2], (Keyword::Run, 6, 6, "x \\\\".to_owned()));
        let env = &parse(text).expect("parses").instructions[1];
        assert_eq!((env.line_at(0), env.line_at(6)), (2, 5));
    }

    #[test]
    fn windows_files_and_the_other_escape() {
        let found =
            of("\u{feff}# syntax=docker/dockerfile:1\r\n# escape=`\r\nFROM a\r\nENV A=b `\r\n  C=\\d\\\r\nUSER x\r\n");
        assert_eq!(found[1].3, "A=b   C=\\d\\");
        assert_eq!(found[2], (Keyword::User, 6, 6, "x".to_owned()));
        assert_eq!(of("# a remark\n# escape=`\nFROM a\nENV A=b \\\n C=d\n").len(), 2, "a remark ends the directives");
    }

    #[test]
    fn heredocs_belong_to_their_instruction() {
        let text =
            "FROM a\nRUN cat <<EOF > /x && cat <<-'B' > /y\nENV P=$q\nEOF\n\tb\n\tB\nCOPY <<\"A\" /z\nA\nENV X=1\n";
        let parsed = parse(text).expect("parses").instructions;
        assert_eq!((parsed[1].line, parsed[1].last_line), (2, 6));
        let run: Vec<(&str, bool)> =
            parsed[1].heredocs.iter().map(|found| (found.text.as_str(), found.expands)).collect();
        assert_eq!(run, [("ENV P=$q\n", true), ("b\n", false)]);
        assert_eq!(parsed[2].heredocs[0].text, "");
        assert_eq!(parsed[3].keyword, Keyword::Env);
        assert_eq!(of("FROM a\nRUN x <<<\"y\" '<<Z'\nENV A=b").len(), 3, "these are none");
    }

    #[test]
    fn flags_stand_apart() {
        let parsed = parse("FROM --platform=$X a AS b\nCOPY --from=b --chown=\"a:b\" x /y\n").expect("parses");
        assert_eq!(parsed.instructions[0].body, "a AS b");
        assert_eq!(parsed.instructions[1].flag("from"), Some("b"));
        assert_eq!(parsed.instructions[1].flag("chown"), Some("a:b"));
    }

    #[test]
    fn what_is_none_is_told_with_its_line() {
        assert!(refused("").contains("no instruction"));
        assert!(refused("# only\n").contains("no instruction"));
        assert!(refused("ARG A=1\nRUN x\nFROM a").contains("line 2 is `RUN`, before any FROM"));
        assert!(refused("FROM a\nBOGUS x").contains("line 2 begins with `BOGUS`"));
        assert!(refused("version: '3'\nservices:\n").contains("docker compose"));
        assert!(refused("FROM a\n\nENV\n").contains("line 3 is ENV with nothing"));
        assert!(refused("FROM a\nRUN cat <<EOF\nx").contains("line 2 has no line `EOF`"));
    }
}
