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

/// Who is let in.
fn open(side: &CircleCi) -> String {
    let job = side.job.known();
    let whose = match job.and_then(|job| job.mine.known()) {
        Some(true) => ", and it is yours",
        Some(false) => ", and somebody else started it",
        None => "",
    };
    format!("the job runs with SSH{whose}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Login, circleci::Job};

    fn stage(standing: Fact<String>, mine: Option<bool>, works: Option<bool>) -> (String, String) {
        let job = Job { mine: mine.map_or_else(Fact::default, Fact::Known), ..Job::default() };
        let now = Some("ended 12 minutes ago".to_owned());
        let side = CircleCi { standing, now, job: job.into(), ..CircleCi::default() };
        let login = works.map_or_else(Fact::default, |works| Login { works, ..Login::default() }.into());
        let step = step(&Facts { circleci: Some(side), login, ..Facts::default() }).expect("a job was asked about");
        (step.status, step.summary)
    }

    #[test]
    fn the_stage_in_each_standing() {
        let word = |text: &str| -> Fact<String> { text.to_owned().into() };
        let of = |(status, summary): (String, String)| format!("{status}: {summary}");
        for (stage, expected) in [
            (stage(word("open"), Some(true), None), "ok: the job runs with SSH, and it is yours"),
            (stage(word("open"), Some(false), None), "ok: the job runs with SSH, and somebody else started it"),
            (stage(word("open"), None, None), "ok: the job runs with SSH"),
            (stage(word("ended"), None, Some(false)), "failed: ended 12 minutes ago"),
            (stage(word("ended"), None, Some(true)), "warning: ended 12 minutes ago"),
            (stage(Fact::unknown("there is no token"), None, None), "not-checked: there is no token"),
        ] {
            assert_eq!(of(stage), expected);
        }
        assert_eq!(step(&Facts::default()), None);
    }
}
