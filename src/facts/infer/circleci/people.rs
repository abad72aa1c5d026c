//! Whose job it is: only the keys of the person who started it are let in.

use super::source;
use crate::facts::{
    CircleCi, Fact, Seen,
    circleci::{Job, Person},
};

/// Fills `mine`, `canceled_by_me`, `others_keys` and `persons_seen`.
pub(super) fn fill(side: &mut CircleCi) {
    let me = side.me.clone();
    let source = source(side);
    if let Some(job) = side.job.known_mut() {
        job.mine = mine(job, &me);
        // That a workflow's author is whoever reran it is told by nobody; that the keys are others' leaves no doubt.
        job.others_keys = job.mine.is(&false) && !job.ssh_users.is_empty();
        let canceler = job.canceled_by.as_ref();
        job.canceled_by_me = canceler.zip(me.known()).and_then(|(canceler, me)| same(canceler, me));
        let (by, me) = (job.started_by.known().and_then(name), me.known().and_then(name));
        side.persons_seen = by.zip(me).map(|(by, me)| Seen {
            source,
            line: None,
            text: format!("started by {by}; the token is {me}'s"),
        });
    }
}

fn mine(job: &Job, me: &Fact<Person>) -> Fact<bool> {
    let me = match me {
        Fact::Known(me) => me,
        Fact::Unknown(why) => return Fact::unknown(why),
    };
    if job.ssh_users.iter().any(|person| same(person, me) == Some(true)) {
        return true.into();
    }
    match &job.started_by {
        Fact::Unknown(why) => Fact::unknown(why),
        Fact::Known(person) => same(person, me).map_or_else(
            || Fact::unknown("CircleCI does not tell enough about the two persons to compare them"),
            Fact::Known,
        ),
    }
}

/// Whether two accounts are one; `None` where they have nothing in common to compare.
fn same(one: &Person, other: &Person) -> Option<bool> {
    let equal = |one: &Option<String>, other: &Option<String>| {
        let both = one.as_ref().filter(|text| !text.is_empty()).zip(other.as_ref().filter(|text| !text.is_empty()));
        both.map(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    match (equal(&one.id, &other.id), equal(&one.login, &other.login)) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        // The versions of the API number accounts differently, so another id of another kind proves nothing.
        (Some(false), None) => same_kind(one, other).then_some(false),
        (_, login) => login,
    }
}

/// Both ids are UUIDs, as v2 has them.
fn same_kind(one: &Person, other: &Person) -> bool {
    let is_uuid = |person: &Person| person.id.as_ref().is_some_and(|id| id.len() == 36 && id.matches('-').count() == 4);
    is_uuid(one) && is_uuid(other)
}

pub(in crate::facts::infer) fn name(person: &Person) -> Option<String> {
    [&person.login, &person.name, &person.id].into_iter().flatten().find(|text| !text.is_empty()).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANA: &str = "b7f3a0de-0f3c-4b1e-9a59-6a1d0a7a1c11";
    const BOB: &str = "0c2d7a52-9a44-4f6d-8a0e-2f54c5d9d7aa";

    fn person(id: Option<&str>, login: Option<&str>) -> Person {
        Person { id: id.map(str::to_owned), login: login.map(str::to_owned), name: None }
    }

    #[test]
    fn the_same_person() {
        for (one, other, expected) in [
            (person(Some(ANA), None), person(Some(ANA), Some("ana")), Some(true)),
            (person(Some("77"), Some("Ana")), person(Some(ANA), Some("ana")), Some(true)),
            (person(None, Some("bob")), person(Some(ANA), Some("ana")), Some(false)),
            (person(Some(BOB), None), person(Some(ANA), Some("ana")), Some(false)),
            (person(Some("77"), None), person(Some(ANA), Some("ana")), None),
            (person(None, None), person(Some(ANA), Some("ana")), None),
            (person(Some(""), Some("")), person(Some(""), Some("")), None),
        ] {
            assert_eq!(same(&one, &other), expected, "{one:?} {other:?}");
        }
    }

    #[test]
    fn people_with_keys_on_the_job_are_let_in() {
        let job = Job {
            started_by: person(None, Some("bob")).into(),
            ssh_users: vec![person(None, Some("bob")), person(None, Some("ANA"))],
            ..Job::default()
        };
        let me: Fact<Person> = person(Some(ANA), Some("ana")).into();
        assert_eq!(mine(&job, &me).known(), Some(&true));
        let job = Job { ssh_users: vec![person(None, Some("bob"))], ..job };
        assert_eq!(mine(&job, &me).known(), Some(&false));
        assert_eq!(mine(&job, &Fact::unknown("no token")), Fact::unknown("no token"));
        let nobody = Job { started_by: Fact::unknown("a schedule started it"), ..Job::default() };
        assert_eq!(mine(&nobody, &me), Fact::unknown("a schedule started it"));
    }

    #[test]
    fn the_evidence_names_both() {
        let job = Job { number: Some(345), started_by: person(None, Some("bob")).into(), ..Job::default() };
        let mut side = CircleCi { job: job.into(), me: person(Some(ANA), Some("ana")).into(), ..CircleCi::default() };
        fill(&mut side);
        let seen = side.persons_seen.expect("both are known");
        assert_eq!(
            (seen.source.as_str(), seen.text.as_str()),
            ("CircleCI, job 345", "started by bob; the token is ana's")
        );
    }
}
