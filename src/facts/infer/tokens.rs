//! Keys in tokens: libraries of PKCS#11 and FIDO that do not serve.

use super::same_file::same_file;
use crate::{
    facts::{Attempt, Auth, Facts, MuteSecurityKey, Stage},
    ssh::log::{Offer, OfferOutcome, ProviderFailure, ProviderReason, SignReason, SkipReason},
};

/// Fills `failed_providers` and `mute_security_keys` of `auth`; after `login`.
pub(super) fn fill(facts: &mut Facts) {
    let at_the_keys = facts.login.known().is_some_and(|login| login.failed_stage == Some(Stage::Authentication));
    let (Some(auth), Some(attempt)) = (facts.auth.known(), facts.attempt.known()) else { return };
    let (mut failed, mut mute) = (Vec::new(), Vec::new());
    if at_the_keys {
        failed = failed_providers(facts, auth, attempt);
        mute = mute_security_keys(facts, auth, attempt);
    }
    if let Some(auth) = facts.auth.known_mut() {
        auth.failed_providers = failed;
        auth.mute_security_keys = mute;
    }
}

/// A PIN is only a matter where the user's own configuration forbids to ask for it.
fn failed_providers(facts: &Facts, auth: &Auth, attempt: &Attempt) -> Vec<ProviderFailure> {
    if auth.winner.is_some() {
        return Vec::new();
    }
    let batch = facts.config.known().is_some_and(|config| config.batch_mode.is(&true));
    let counts = |failure: &&ProviderFailure| {
        !failure.security_key && (failure.reason != ProviderReason::PinRequired || batch || auth.keys_unseen)
    };
    let mut failed: Vec<_> = attempt.provider_failures.iter().filter(counts).cloned().collect();
    if batch && failed.is_empty() {
        failed.extend(unasked_pin(facts, attempt));
    }
    failed
}

/// Clients before 8.0 list a token's keys without its PIN and need it to sign; without a question they only fail.
fn unasked_pin(facts: &Facts, attempt: &Attempt) -> Option<ProviderFailure> {
    let library = facts.config.known()?.pkcs11_provider.as_deref()?;
    let in_vain = |offer: &&Offer| {
        offer.path == library && offer.accepted && offer.outcome == OfferOutcome::SigningFailed && !offer.agent
    };
    attempt.offers.iter().find(in_vain).map(|offer| ProviderFailure {
        path: Some(library.to_owned()),
        reason: ProviderReason::PinRequired,
        seen: offer.seen.clone(),
        ..ProviderFailure::default()
    })
}

fn mute_security_keys(facts: &Facts, auth: &Auth, attempt: &Attempt) -> Vec<MuteSecurityKey> {
    let accepted = |path: &str| auth.winner.as_ref().is_some_and(|winner| same_file(path, &winner.name));
    let refused =
        |path: &str| facts.keys.known().into_iter().flatten().any(|key| same_file(path, &key.path) && !key.may_serve);
    let left_out = attempt.skipped.iter().filter(|skipped| skipped.reason == SkipReason::NoSecurityKeyProvider);
    let left_out = left_out.map(|skipped| (&skipped.path, None, &skipped.seen));
    let provider = attempt.provider_failures.iter().find(|failure| failure.security_key);
    let in_vain = attempt.offers.iter().filter(|offer| {
        // Without -v no offer names the type; that a library for security keys failed just before tells it as well.
        let told = offer.sign_reason == Some(SignReason::Provider);
        let security_key = offer.algorithm.as_deref().map_or(told, |name| name.contains("-SK"));
        let failed = offer.outcome == OfferOutcome::SigningFailed && security_key && !offer.agent;
        // The helper's words and ssh's own come in any order.
        failed && (provider.is_some() || offer.sign_reason == Some(SignReason::Provider))
    });
    let in_vain = in_vain.map(|offer| {
        (
            &offer.path,
            provider.and_then(|failure| failure.path.clone()),
            provider.map_or(&offer.seen, |failure| &failure.seen),
        )
    });
    left_out
        .chain(in_vain)
        .filter(|(path, ..)| accepted(path) || (auth.winner.is_none() && !refused(path)))
        .map(|(path, provider, seen)| MuteSecurityKey {
            path: path.clone(),
            provider,
            accepted: accepted(path),
            seen: seen.clone(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Config, Login, Winner};
    use crate::ssh::log::Skipped;

    fn filled(attempt: Attempt, winner: Option<&str>, batch: bool) -> Auth {
        let winner = winner.map(|name| Winner { name: name.into(), ..Winner::default() });
        let mut facts = Facts {
            attempt: attempt.into(),
            config: Config { batch_mode: batch.into(), ..Config::default() }.into(),
            login: Login { failed_stage: Some(Stage::Authentication), ..Login::default() }.into(),
            auth: Auth { winner, ..Auth::default() }.into(),
            ..Facts::default()
        };
        fill(&mut facts);
        facts.auth.known().expect("auth").clone()
    }

    fn failing(reason: ProviderReason) -> Attempt {
        let mut attempt = Attempt::new("ssh -v");
        attempt.provider_failures = vec![ProviderFailure { reason, ..ProviderFailure::default() }];
        attempt
    }

    #[test]
    fn a_library_that_does_not_serve_matters_where_no_other_key_would_be_let_in() {
        assert_eq!(filled(failing(ProviderReason::NotFound), None, false).failed_providers.len(), 1);
        assert!(filled(failing(ProviderReason::NotFound), Some("/k"), false).failed_providers.is_empty());
        assert!(filled(failing(ProviderReason::PinRequired), None, false).failed_providers.is_empty());
        assert_eq!(filled(failing(ProviderReason::PinRequired), None, true).failed_providers.len(), 1);
    }

    #[test]
    fn a_pin_that_an_older_client_was_not_to_ask_for() {
        let mut attempt = Attempt::new("ssh -v");
        let (path, outcome) = ("/lib/token.so".to_owned(), OfferOutcome::SigningFailed);
        attempt.offers = vec![Offer { path: path.clone(), outcome, accepted: true, ..Offer::default() }];
        let of = |library: &str, batch: bool| {
            let config =
                Config { batch_mode: batch.into(), pkcs11_provider: Some(library.into()), ..Config::default() };
            let facts = Facts { config: config.into(), ..Facts::default() };
            failed_providers(&facts, &Auth::default(), &attempt)
        };
        assert_eq!(of(&path, true)[0].reason, ProviderReason::PinRequired);
        assert!(of(&path, false).is_empty() && of("/lib/other.so", true).is_empty());
    }

    #[test]
    fn a_log_without_v_tells_a_security_key_by_its_library() {
        let of = |reason: Option<SignReason>| {
            let mut attempt = failing(ProviderReason::NotALibrary);
            attempt.provider_failures[0].security_key = true;
            let outcome = OfferOutcome::SigningFailed;
            attempt.offers = vec![Offer { path: "/k".into(), outcome, sign_reason: reason, ..Offer::default() }];
            filled(attempt, None, false).mute_security_keys.len()
        };
        assert_eq!((of(Some(SignReason::Provider)), of(None)), (1, 0));
    }

    #[test]
    fn a_security_key_that_was_left_out() {
        let mut attempt = Attempt::new("ssh -v");
        let reason = SkipReason::NoSecurityKeyProvider;
        attempt.skipped = vec![Skipped { path: "/k".into(), reason, ..Skipped::default() }];
        let of = |winner| filled(attempt.clone(), winner, false).mute_security_keys;
        assert!(!of(None)[0].accepted && of(Some("/k"))[0].accepted);
        assert!(of(Some("/other")).is_empty());
    }
}
