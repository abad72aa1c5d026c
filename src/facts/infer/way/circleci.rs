//! CircleCI's side as one line of the way.

use super::step as line;
use crate::facts::{CircleCi, Fact, Facts, Stage, Step};

/// The stage; none where no job was asked about.
pub(super) fn step(facts: &Facts) -> Option<Step> {
    let side = facts.circleci.as_ref()?;
    let works = facts.login.known().is_some_and(|login| login.works);
    Some(match &side.standing {
        Fact::Unknown(why) => line(Stage::Circleci, "not-checked", why.clone()),
        Fact::Known(standing) if standing == "open" => line(Stage::Circleci, "ok", open(side)),
        // What works is not kept out, whatever an answer of CircleCI's says.
        Fact::Known(_) if works => line(Stage::Circleci, "warning", side.now.clone().unwrap_or_default()),
        Fact::Known(_) => line(Stage::Circleci, "failed", side.now.clone().unwrap_or_default()),
    })
}

fn open(side: &CircleCi) -> String {
    let job = side.job.known();
    let whose = match job.and_then(|job| job.mine.known()) {
        Some(true) => ", and it is yours",
        Some(false) => ", and somebody else started it",
        None => "",
    };
    format!("the job runs with SSH{whose}")
}
