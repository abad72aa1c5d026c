//! What an attempt's log says to the plan. Where they differ, the log is right.

use std::collections::HashSet;

use crate::{
    facts::infer::same_file::same_file,
    facts::{Attempt, Fact, Facts, KeyOrigin, LeftOut, Plan, PlannedKey},
    ssh::log::{Offer, OfferOutcome, Planned},
};

/// Keys that a log lists at most; with so many, its list may be cut.
const MANY: usize = 64;

/// Whether the log shows the same keys in the same order, as far as it came.
pub(super) fn confirms(facts: &Facts, plan: &Plan) -> Fact<bool> {
    let attempt = match &facts.attempt {
        Fact::Known(attempt) => attempt,
        // Without an attempt there is nothing to hold the plan against, and nobody misses it.
        Fact::Unknown(_) => return Fact::default(),
    };
    let expected: Vec<&PlannedKey> = plan.offers.iter().filter(|offer| !offer.loaded_first).collect();
    // ssh makes its list also where it then offers nothing of it.
    if !attempt.planned.is_empty() && !is_off(facts) {
        // A key without a signature that the server takes is on ssh's list, and is passed over when its turn comes.
        let unsigned = |planned: &Planned| {
            let of_it = |key: &LeftOut| key.because == "sha1-only" && key.fingerprint == planned.fingerprint;
            plan.left_out.iter().any(of_it) && !plan.offers.iter().any(|offer| is_planned(planned, offer))
        };
        let with_key = |planned: &&Planned| planned.fingerprint.is_some() && !unsigned(planned);
        let shown: Vec<&Planned> = attempt.planned.iter().filter(with_key).collect();
        let shown = each_once(shown, |planned| (planned.fingerprint.clone(), is_certificate(planned)));
        let cut = attempt.planned.len() >= MANY;
        return (follows(&shown, &expected, is_planned) && (cut || shown.len() == expected.len())).into();
    }
    let by_loading =
        |offer: &Offer| plan.offers.iter().any(|key| key.loaded_first && same_file(&offer.path, &key.name));
    let made = |offer: &&Offer| offer.outcome != OfferOutcome::NoMutualSignature && !by_loading(offer);
    let shown: Vec<&Offer> = attempt.offers.iter().filter(made).collect();
    if shown.is_empty() {
        return Fact::default();
    }
    if shown.iter().all(|offer| offer.fingerprint.is_none()) {
        // Up to 7.5 the log names files and comments, which may be alike.
        let alike = follows(&shown, &expected, is_offer);
        return if alike { true.into() } else { Fact::unknown("the log does not say which keys it shows") };
    }
    let shown = each_once(shown, |offer| (offer.fingerprint.clone(), offer.algorithm.clone()));
    follows(&shown, &expected, is_offer).into()
}

fn follows<T>(shown: &[&T], expected: &[&PlannedKey], is: fn(&T, &PlannedKey) -> bool) -> bool {
    shown.len() <= expected.len() && shown.iter().zip(expected).all(|(shown, expected)| is(shown, expected))
}

/// ssh offers a key again that it finds in two places.
fn each_once<T, K: PartialEq>(list: Vec<&T>, key: impl Fn(&T) -> K) -> Vec<&T> {
    let mut kept: Vec<&T> = Vec::new();
    for item in list {
        if !kept.iter().any(|known| key(known) == key(item)) {
            kept.push(item);
        }
    }
    kept
}

fn is_off(facts: &Facts) -> bool {
    facts.config.known().is_some_and(super::is_off)
}

fn is_certificate(planned: &Planned) -> bool {
    planned.algorithm.as_deref().is_some_and(|algorithm| algorithm.ends_with("-CERT"))
}

fn is_planned(shown: &Planned, expected: &PlannedKey) -> bool {
    shown.fingerprint == expected.fingerprint && is_certificate(shown) == expected.algorithm.contains("-cert-")
}

fn is_offer(shown: &Offer, expected: &PlannedKey) -> bool {
    match &shown.fingerprint {
        Some(_) => shown.fingerprint == expected.fingerprint,
        None => same_file(&shown.path, &expected.name),
    }
}

/// Fingerprints and names that ssh offers, by its log, or by the plan where no log contradicts it.
struct Offered {
    fingerprints: HashSet<String>,
    names: HashSet<String>,
}

impl Offered {
    fn by_log(attempt: &Attempt) -> Option<Self> {
        let planned = attempt.planned.iter().map(|key| (&key.fingerprint, &key.path));
        let offered = attempt.offers.iter().filter(|offer| offer.outcome != OfferOutcome::NoMutualSignature);
        let made = offered.map(|offer| (&offer.fingerprint, &offer.path));
        let all: Vec<_> = planned.filter(|(fingerprint, _)| fingerprint.is_some()).chain(made).collect();
        // Without the list that ssh prints since 7.9, a key that was not offered may only not have had its turn.
        (!attempt.planned.is_empty()).then(|| Self {
            fingerprints: all.iter().filter_map(|(fingerprint, _)| (*fingerprint).clone()).collect(),
            names: all
                .iter()
                .filter(|(fingerprint, _)| fingerprint.is_none())
                .map(|(_, name)| (*name).clone())
                .collect(),
        })
    }

    fn by_plan(plan: &Plan) -> Self {
        Self {
            fingerprints: plan.offers.iter().filter_map(|offer| offer.fingerprint.clone()).collect(),
            names: plan.offers.iter().map(|offer| offer.name.clone()).collect(),
        }
    }

    fn has(&self, fingerprint: Option<&String>, name: &str) -> bool {
        match fingerprint {
            Some(fingerprint) => self.fingerprints.contains(fingerprint),
            None => self.names.iter().any(|known| same_file(known, name)),
        }
    }
}

/// Fills `offered` of every key in a file and in the agent, and `excluded_by_config` of the files.
pub(super) fn mark(facts: &mut Facts) {
    let Some(plan) = facts.plan.known() else { return };
    let by_log = facts.attempt.known().filter(|_| !is_off(facts)).and_then(Offered::by_log);
    let trusted = !plan.confirmed.is(&false);
    let offered = match by_log {
        Some(by_log) => Ok(by_log),
        None if trusted && plan.unsure.is_none() => Ok(Offered::by_plan(plan)),
        None => Err(plan.unsure.clone().unwrap_or_else(|| "ssh's log contradicts what was expected of it".to_owned())),
    };
    let excluded: HashSet<String> = plan
        .left_out
        .iter()
        .filter(|left_out| left_out.because == "excluded" && trusted)
        .map(|left_out| left_out.name.clone())
        .collect();
    let says = |fingerprint: Option<&String>, name: &str| match &offered {
        Ok(offered) => offered.has(fingerprint, name).into(),
        Err(why) => Fact::unknown(why),
    };
    for key in facts.keys.known_mut().into_iter().flatten() {
        key.excluded_by_config = excluded.contains(&key.path);
        key.offered = says(key.fingerprint.known(), &key.path);
        if key.origin == KeyOrigin::Found && key.fingerprint.known().is_none() {
            key.offered = false.into();
        }
    }
    let agent = facts.agent.known_mut().and_then(|agent| agent.identities.known_mut());
    for identity in agent.into_iter().flatten() {
        identity.offered = says(Some(&identity.fingerprint), &identity.comment);
    }
}
