//! What a Dockerfile says about the login shells of the image that it builds.
//!
//! [`parse`] cuts it into instructions, `stages` finds the shipped stage and what it is made of, `walk` goes through these
//! with the variables, users, homes and start files that they make, and `resets` holds the result against what the
//! family's stock profile does. Pure: files of the build's context come through [`Context`].

pub mod parse;
mod resets;
mod restored;
mod shell;
mod stages;
mod start_files;
mod users;
mod value;
mod walk;
mod words;

use std::collections::BTreeMap;

use super::{base, family::Family, login_shell::LoginShell};
pub use parse::ParseError;
pub use resets::{Addition, Loss, Lost, Outcome};
pub use walk::{Context, Source};

/// What is asked about a Dockerfile.
#[derive(Debug, Clone, Default)]
pub struct Question {
    /// The stage that is shipped; `None`: the last.
    pub stage: Option<String>,
    /// Values of `--build-arg`.
    pub build_args: BTreeMap<String, String>,
}

/// The answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The shipped stage.
    pub stage: StageFacts,
    /// What a login shell meets.
    pub outcome: Outcome,
}

/// The shipped stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StageFacts {
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The line of its FROM.
    pub line: usize,
    /// The base image, `…` for parts that are not known.
    pub base: String,
    /// The line that names the base image.
    pub base_line: usize,
    /// What kind of image that is, where its name says it.
    pub family: Option<Family>,
    /// Who runs the session, where that is known.
    pub user: Option<String>,
    /// That user's home.
    pub home: Option<String>,
    /// That user's login shell.
    pub shell: Option<LoginShell>,
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DockerfileError {
    /// It is none.
    #[error(transparent)]
    Parse(#[from] ParseError),
    /// `--stage` names none of its stages.
    #[error("it has no stage `{wanted}`; its stages are {}", .have.join(", "))]
    NoStage {
        /// What was asked for.
        wanted: String,
        /// What there is.
        have: Vec<String>,
    },
}

/// Answers.
///
/// # Errors
/// When the text is no Dockerfile, or has no such stage.
pub fn read(text: &str, question: &Question, context: &dyn Context) -> Result<Answer, DockerfileError> {
    let parsed = parse::parse(text)?;
    let stages = stages::stages(&parsed, &question.build_args)?;
    let wanted = question.stage.as_deref();
    let Some(shipped) = stages.shipped(wanted) else {
        let wanted = wanted.unwrap_or_default().chars().take(80).collect();
        return Err(DockerfileError::NoStage { wanted, have: stages.names() });
    };
    let chain = stages.chain(shipped);
    let ranges: Vec<(usize, usize)> = chain.iter().map(|stage| (stage.first, stage.end)).collect();
    let (Some(oldest), Some(newest)) = (chain.first(), chain.last()) else {
        return Err(ParseError::Empty.into());
    };
    let line_of = |place: usize| parsed.instructions.get(place).map_or(1, |instruction| instruction.line);
    let mut stage = StageFacts {
        name: newest.name.clone(),
        line: line_of(newest.first),
        base: oldest.from.shown(),
        base_line: line_of(oldest.first),
        family: None,
        user: None,
        home: None,
        shell: None,
    };
    let Some(base) = oldest.from.known().and_then(base::named) else {
        return Ok(Answer {
            outcome: Outcome::Unknown(unknown_base(oldest.from.known().is_some(), &stage.base)),
            stage,
        });
    };
    let image = walk::walk(&parsed, &ranges, &base, &stages.globals, &question.build_args, context);
    let user = image.session_user();
    stage.family = Some(base.family);
    stage.user = user.map(|user| user.name.clone()).or_else(|| image.user.known().map(str::to_owned));
    stage.home = user.map(|user| user.home.clone());
    stage.shell = user.and_then(|user| user.shell);
    let outcome = resets::outcome(&image, &base, &parsed, (newest.first, newest.end));
    Ok(Answer { stage, outcome })
}

fn unknown_base(is_named: bool, base: &str) -> String {
    if is_named {
        format!("the base image {base} is none whose profile is known here")
    } else {
        format!("the name of its base image, {base}, depends on what the build is told (--build-arg NAME=VALUE)")
    }
}

/// The text of a line, for evidence.
pub fn line_of(text: &str, line: usize) -> &str {
    text.lines().nth(line.saturating_sub(1)).unwrap_or_default().trim()
}

#[cfg(test)]
mod tests;
