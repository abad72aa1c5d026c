//! Who would be let in: the keys this machine has, what the server said to each, and which one would log in.

use std::collections::BTreeSet;

use crate::{
    facts::{Attempt, Auth, Fact, Facts, Identity, Key, Winner},
    ssh::log::{Offer, OfferOutcome, Outcome, SkipReason, Stage as Reached},
};

use super::{
    keys::{agent_fingerprints, answers},
    same_file::same_file,
    unlisted,
};

/// A key that this machine could offer, from a file, the agent, or both.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// `SHA256:…`
    pub fingerprint: &'a str,
    /// The public blob, in base64.
    pub blob: &'a str,
    /// Its file, where it has one that ssh could name.
    pub key: Option<&'a Key>,
    /// Its place in the agent.
    pub identity: Option<&'a Identity>,
}

impl Candidate<'_> {
    /// What a person calls it: its path, the agent's comment, or else its fingerprint.
    pub(super) fn name(&self) -> String {
        match (self.key, self.identity) {
            (Some(key), _) => key.path.clone(),
            (None, Some(identity)) if !identity.comment.is_empty() => identity.comment.clone(),
            _ => self.fingerprint.to_owned(),
        }
    }

    /// How likely a person made it for this: the smaller the likelier.
    fn rank(&self) -> (u8, bool) {
        let name = self.name().to_ascii_lowercase();
        let by_name = if name.contains("circle") || name.contains("cci") {
            0
        } else if self.key.is_some_and(|key| key.tried) || self.identity.is_some() {
            1
        } else if ["github", "gitlab", "bitbucket", "git"].iter().any(|host| name.contains(host)) {
            2
        } else {
            3
        };
        (by_name, self.key.is_none_or(|key| key.loadable.is(&false)))
    }
}

/// Every key that could be offered and whose public half is known, likely ones first, each once.
pub fn candidates(facts: &Facts) -> Vec<Candidate<'_>> {
    let mut list: Vec<Candidate<'_>> = Vec::new();
    let identities = facts.agent.known().and_then(|agent| agent.identities.known());
    for identity in identities.into_iter().flatten() {
        if !list.iter().any(|known| known.fingerprint == identity.fingerprint && known.blob == identity.blob) {
            let (fingerprint, blob) = (&identity.fingerprint, &identity.blob);
            list.push(Candidate { fingerprint, blob, key: None, identity: Some(identity) });
        }
    }
    for key in facts.keys.known().into_iter().flatten().filter(|key| key.exists) {
        let (Some(fingerprint), Some(blob)) = (key.fingerprint.known(), key.blob.known()) else { continue };
        match list.iter_mut().find(|known| known.fingerprint == fingerprint) {
            Some(known) => known.key = known.key.or(Some(key)),
            None => list.push(Candidate { fingerprint, blob, key: Some(key), identity: None }),
        }
    }
    list.sort_by_key(Candidate::rank);
    list
}

/// Keys on disk that no server can be asked about, since their public half is unknown.
fn unasked_files(facts: &Facts) -> usize {
    let keys = facts.keys.known().into_iter().flatten();
    keys.filter(|key| key.exists && key.fault.is_none() && key.blob.known().is_none()).count()
}

/// Keys that only a PKCS#11 token has: the attempt's log names them.
fn token_keys<'f>(facts: &'f Facts, candidates: &[Candidate<'_>]) -> BTreeSet<&'f str> {
    let Some(attempt) = facts.attempt.known() else { return BTreeSet::new() };
    let planned = attempt.planned.iter().filter(|key| key.token).filter_map(|key| key.fingerprint.as_deref());
    let offered = attempt.offers.iter().filter(|offer| offer.token).filter_map(|offer| offer.fingerprint.as_deref());
    let known = |fingerprint: &str| candidates.iter().any(|candidate| candidate.fingerprint == fingerprint);
    planned.chain(offered).filter(|fingerprint| !known(fingerprint)).collect()
}

/// A token may hold keys of which nothing was heard: its library did not serve, or wanted a PIN first, or ssh was not to
/// use what nobody names.
fn tokens_hide_keys(facts: &Facts) -> bool {
    let configured = facts.config.known().is_some_and(|config| config.pkcs11_provider.is_some());
    let attempt = facts.attempt.known();
    let failed = attempt.is_some_and(|attempt| attempt.provider_failures.iter().any(|failure| !failure.security_key));
    let named = attempt.is_some_and(|attempt| attempt.planned.iter().any(|key| key.token));
    failed || (configured && !named)
}

pub(super) fn infer(facts: &mut Facts) {
    facts.auth = match (facts.attempt.known(), facts.target.is_some()) {
        (None, true) => Fact::unknown("no login was attempted"),
        (None, false) => Fact::unknown("no target was given"),
        (Some(_), _) if facts.keys.known().is_none() => Fact::unknown("the keys on disk are unknown"),
        (Some(_), _) => auth(facts).into(),
    };
}

fn auth(facts: &Facts) -> Auth {
    let mut auth = Auth::default();
    let answers = answers(facts);
    let candidates = candidates(facts);
    let held = agent_fingerprints(facts);
    if let Some(attempt) = facts.attempt.known() {
        auth.offered = made(&attempt.offers).count();
        auth.sha1_only_keys = attempt
            .offers
            .iter()
            .filter(|offer| offer.outcome == OfferOutcome::NoMutualSignature)
            .map(|offer| offer.path.clone())
            .collect();
        if attempt.outcome == Outcome::TooManyFailures {
            auth.tries_heard = Some(auth.offered);
        }
        auth.denied_by_jump_host = jump_host_denied(attempt);
        if let Some(denied) = &attempt.denied {
            auth.seen = denied.seen.clone();
            if !denied.methods.is_empty() {
                auth.methods = Some(denied.methods.join(","));
                let publickey = denied.methods.iter().any(|method| method == "publickey");
                auth.publickey_not_offered_by_server = (!publickey).into();
            }
        }
    }
    auth.unlisted_keys = unlisted::unlisted(facts, &candidates);
    let answered = |candidate: &&Candidate<'_>| answers.contains_key(candidate.fingerprint);
    let refused = |candidate: &&Candidate<'_>| answers.get(candidate.fingerprint) == Some(&false);
    let of_tokens = token_keys(facts, &candidates);
    let hidden = tokens_hide_keys(facts);
    auth.candidates = candidates.len() + unasked_files(facts) + of_tokens.len();
    auth.asked = candidates.iter().filter(answered).count()
        + of_tokens.iter().filter(|fingerprint| answers.contains_key(**fingerprint)).count();
    auth.no_candidates = auth.candidates == 0 && held.known().is_some() && !hidden;
    auth.everything_asked = auth.asked == auth.candidates && held.known().is_some() && !hidden;
    let no = |fingerprint: &&str| answers.get(*fingerprint) == Some(&false);
    auth.all_refused = !(candidates.is_empty() && of_tokens.is_empty())
        && candidates.iter().filter(refused).count() == candidates.len()
        && of_tokens.iter().all(|fingerprint| no(&fingerprint));
    auth.winner = winner(facts, &candidates, |candidate| answers.get(candidate.fingerprint) == Some(&true));
    auth
}

/// The accepted key that is nearest to logging in: one that can be used before one that needs mending.
fn winner(facts: &Facts, candidates: &[Candidate<'_>], accepted: impl Fn(&Candidate<'_>) -> bool) -> Option<Winner> {
    let mut winners: Vec<Winner> =
        candidates.iter().filter(|candidate| accepted(candidate)).map(|candidate| describe(facts, candidate)).collect();
    winners.sort_by_key(|winner| (!winner.ready, !winner.offered, winner.encrypted));
    winners.into_iter().next()
}

fn describe(facts: &Facts, candidate: &Candidate<'_>) -> Winner {
    let attempt = facts.attempt.known();
    let offers = attempt.map(|attempt| attempt.offers.as_slice()).unwrap_or_default();
    let path = candidate.key.map(|key| key.path.as_str());
    let position = made(offers).position(|offer| match &offer.fingerprint {
        Some(fingerprint) => fingerprint == candidate.fingerprint,
        None => path.is_some_and(|path| same_file(&offer.path, path)),
    });
    let on_disk = candidate.key.is_some_and(|key| key.loadable.is(&true));
    let in_agent = candidate.identity.is_some();
    let public = candidate.key.and_then(|key| key.public_file.as_ref()).filter(|public| public.valid);
    let to_name = match candidate.key {
        Some(key) if on_disk || !in_agent => Some(key.path.clone()),
        Some(key) => Some(public.map_or_else(|| key.path.clone(), |public| public.path.clone())),
        None => None,
    };
    let sha1_only = left_unsigned(offers, candidate);
    let mute = !in_agent && candidate.key.is_some_and(|key| without_provider(facts, key));
    Winner {
        ready: !sha1_only && !mute && (on_disk || (in_agent && to_name.is_some())),
        path: to_name,
        name: candidate.name(),
        fingerprint: candidate.fingerprint.to_owned(),
        algorithm: algorithm(candidate),
        public_line: None,
        in_other_home: path.is_some_and(|path| in_other_home(facts, path)),
        on_disk,
        in_agent,
        encrypted: !in_agent && candidate.key.is_some_and(|key| key.encrypted.is(&true)),
        offered: position.is_some(),
        position: position.map(|position| position + 1),
        not_offered_because: match position {
            Some(_) => None,
            None if sha1_only => Some("sha1-only".into()),
            None => Some(why_not_offered(facts, candidate).into()),
        },
        seen: crate::facts::Seen {
            source: "key query".into(),
            line: None,
            text: format!("the server would accept {} ({})", candidate.name(), candidate.fingerprint),
        },
    }
}

fn in_other_home(facts: &Facts, path: &str) -> bool {
    facts.machine.known().is_some_and(|machine| {
        let below =
            |home: &str| path.strip_prefix(home).is_some_and(|rest| rest.trim_start_matches('/').starts_with(".ssh/"));
        machine.home_differs.is(&true) && machine.home_variable.as_deref().is_some_and(below)
    })
}

/// A jump host refused, so the target was never asked.
fn jump_host_denied(attempt: &Attempt) -> bool {
    let jumps = attempt.proxy.as_ref().map(|proxy| proxy.jumps.as_slice()).unwrap_or_default();
    attempt.outcome == Outcome::ProxyFailed
        && jumps
            .iter()
            .any(|jump| matches!(jump.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures))
}

/// The client had only a SHA-1 signature for the key, so it kept the key to itself.
fn left_unsigned(offers: &[Offer], candidate: &Candidate<'_>) -> bool {
    offers.iter().any(|offer| {
        offer.outcome == OfferOutcome::NoMutualSignature
            && match &offer.fingerprint {
                Some(fingerprint) => fingerprint == candidate.fingerprint,
                None => candidate.key.is_some_and(|key| same_file(&offer.path, &key.path)),
            }
    })
}

/// Offers that the server heard.
fn made(offers: &[Offer]) -> impl Iterator<Item = &Offer> {
    offers.iter().filter(|offer| offer.outcome != OfferOutcome::NoMutualSignature)
}

pub(super) fn algorithm(candidate: &Candidate<'_>) -> String {
    let by_key = candidate.key.and_then(|key| key.algorithm.known()).cloned();
    by_key.or_else(|| candidate.identity.map(|identity| identity.algorithm.clone())).unwrap_or_default()
}

/// ssh left the security key out, since it has no library that talks to it.
fn without_provider(facts: &Facts, key: &Key) -> bool {
    facts.attempt.known().is_some_and(|attempt| {
        attempt
            .skipped
            .iter()
            .any(|skipped| skipped.reason == SkipReason::NoSecurityKeyProvider && same_file(&skipped.path, &key.path))
    })
}

/// Why ssh did not come to offer a key that would have been accepted.
fn why_not_offered(facts: &Facts, candidate: &Candidate<'_>) -> &'static str {
    let config = facts.config.known();
    let is = |fact: fn(&crate::facts::Config) -> &Fact<bool>| config.is_some_and(|config| fact(config).is(&true));
    let tried = candidate.key.is_some_and(|key| key.tried);
    // The server ended it; where the client stood still, nothing came too late.
    let hung_up = facts.attempt.known().is_some_and(|attempt| {
        attempt.outcome == Outcome::TooManyFailures
            || (matches!(attempt.outcome, Outcome::Closed | Outcome::Reset)
                && attempt.reached == Reached::Authenticating)
    });
    let stood_still = facts
        .attempt
        .known()
        .is_some_and(|attempt| matches!(attempt.outcome, Outcome::Stopped | Outcome::TimedOut | Outcome::Unknown));
    if is(|config| &config.publickey_not_preferred)
        || config.is_some_and(|config| config.pubkey_authentication.is(&false))
    {
        "publickey-off"
    } else if candidate.key.is_some_and(|key| without_provider(facts, key)) {
        "no-provider"
    } else if candidate.key.is_some_and(|key| key.excluded_by_config) {
        "excluded"
    } else if !tried && candidate.identity.is_some() && is(|config| &config.identities_only) {
        "identities-only"
    } else if hung_up && (tried || candidate.identity.is_some()) {
        "too-late"
    } else if !tried && candidate.identity.is_none() {
        "not-configured"
    } else if stood_still {
        "not-reached"
    } else {
        "unknown"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, AgentState, Attempt, Config, KeyOrigin, PublicFile, Query, infer};

    fn key(path: &str, origin: KeyOrigin) -> Key {
        Key {
            path: path.into(),
            origin,
            exists: true,
            readable: true.into(),
            encrypted: false.into(),
            fingerprint: format!("SHA256:{path}").into(),
            blob: format!("blob of {path}").into(),
            ..Key::default()
        }
    }

    fn offer(path: &str, outcome: OfferOutcome) -> Offer {
        let fingerprint = Some(format!("SHA256:{path}"));
        Offer {
            path: path.into(),
            fingerprint,
            outcome,
            accepted: outcome != OfferOutcome::Refused,
            ..Offer::default()
        }
    }

    fn identity(comment: &str) -> Identity {
        Identity {
            fingerprint: format!("SHA256:{comment}"),
            blob: format!("blob of {comment}"),
            comment: comment.into(),
            ..Identity::default()
        }
    }

    /// A refused attempt with these keys and offers, and what the query said.
    fn refused(keys: Vec<Key>, offers: Vec<Offer>, accepted: &[&str], refused: &[&str]) -> Facts {
        let names = |list: &[&str]| list.iter().map(|path| format!("SHA256:{path}")).collect::<Vec<_>>();
        let mut attempt = Attempt::new("ssh -v");
        attempt.outcome = Outcome::Refused;
        attempt.offers = offers;
        Facts {
            target: Some(crate::facts::Target::default()),
            keys: keys.into(),
            agent: Agent { identities: Vec::new().into(), ..Agent::default() }.into(),
            config: Config::default().into(),
            attempt: attempt.into(),
            query: Query { accepted: names(accepted), refused: names(refused), complete: true, ..Query::default() }
                .into(),
            ..Facts::default()
        }
    }

    fn inferred(mut facts: Facts) -> Auth {
        infer::all(&mut facts);
        facts.auth.known().cloned().expect("an attempt was made")
    }

    #[test]
    fn the_key_nobody_configured_is_the_winner() {
        let keys = vec![key("/h/id_ed25519", KeyOrigin::Default), key("/h/circleci", KeyOrigin::Found)];
        let offers = vec![offer("/h/id_ed25519", OfferOutcome::Refused)];
        let auth = inferred(refused(keys, offers, &["/h/circleci"], &[]));
        let winner = auth.winner.expect("the server accepts one");
        assert_eq!(winner.path.as_deref(), Some("/h/circleci"));
        assert_eq!(winner.not_offered_because.as_deref(), Some("not-configured"));
        assert!(winner.ready && !winner.offered && !auth.all_refused);
    }

    #[test]
    fn refused_everywhere_is_known_only_when_everything_was_asked() {
        let keys = vec![key("/h/id_ed25519", KeyOrigin::Default), key("/h/other", KeyOrigin::Found)];
        let offers = vec![offer("/h/id_ed25519", OfferOutcome::Refused)];
        let auth = inferred(refused(keys.clone(), offers.clone(), &[], &["/h/other"]));
        assert!(auth.all_refused && auth.everything_asked);
        let auth = inferred(refused(keys.clone(), offers.clone(), &[], &[]));
        assert!(!auth.all_refused && !auth.everything_asked);

        let mut silent = refused(keys, offers, &[], &["/h/other"]);
        silent.agent = Agent { state: AgentState::Silent, ..Agent::default() }.into();
        let auth = inferred(silent);
        assert!(auth.all_refused && !auth.everything_asked, "an agent that does not tell may hold the right key");
    }

    #[test]
    fn a_key_hidden_by_identities_only_is_named_by_its_public_half() {
        let mut pinned = key("/h/work", KeyOrigin::Found);
        pinned.exists = true;
        pinned.mode_too_open = true;
        pinned.public_file = Some(PublicFile { path: "/h/work.pub".into(), valid: true, ..PublicFile::default() });
        let mut facts = refused(vec![pinned], vec![], &["/h/work"], &[]);
        facts.agent =
            Agent { state: AgentState::Answers, identities: vec![identity("/h/work")].into(), ..Agent::default() }
                .into();
        facts.config = Config { identities_only: true.into(), ..Config::default() }.into();
        let winner = inferred(facts).winner.expect("the server accepts one");
        assert_eq!(winner.not_offered_because.as_deref(), Some("identities-only"));
        assert_eq!(winner.path.as_deref(), Some("/h/work.pub"));
        assert!(winner.in_agent && !winner.on_disk && winner.ready);
    }

    #[test]
    fn a_key_that_was_accepted_and_not_loaded_is_not_ready() {
        let mut open = key("/h/id_ed25519", KeyOrigin::Default);
        open.mode_too_open = true;
        let offers = vec![offer("/h/id_ed25519", OfferOutcome::LoadFailed)];
        let winner = inferred(refused(vec![open], offers, &[], &[])).winner.expect("the server accepted it");
        assert!(winner.offered && !winner.ready);
        assert_eq!(winner.not_offered_because, None);
    }

    #[test]
    fn a_key_that_only_sha1_would_sign_for_is_not_ready() {
        let keys = vec![key("/h/id_rsa", KeyOrigin::Default)];
        let offers = vec![offer("/h/id_rsa", OfferOutcome::NoMutualSignature)];
        let mut facts = refused(keys, offers, &[], &[]);
        let accepted = vec!["SHA256:/h/id_rsa".to_owned()];
        facts.witness = crate::facts::Witness { accepted, ..crate::facts::Witness::default() }.into();
        let auth = inferred(facts);
        let winner = auth.winner.expect("libssh2 was let in");
        assert_eq!(winner.not_offered_because.as_deref(), Some("sha1-only"));
        assert!(!winner.ready && auth.sha1_blocks && auth.sha1_key_accepted);
    }

    #[test]
    fn a_client_that_stood_still_did_not_come_to_the_key() {
        let mut good = key("/h/id_ed25519", KeyOrigin::Default);
        good.tried = true;
        let mut facts = refused(vec![good], vec![], &["/h/id_ed25519"], &[]);
        if let Fact::Known(attempt) = &mut facts.attempt {
            (attempt.outcome, attempt.reached) = (Outcome::Stopped, Reached::Authenticating);
        }
        let winner = inferred(facts).winner.expect("the server accepts one");
        assert_eq!(winner.not_offered_because.as_deref(), Some("not-reached"));
    }

    #[test]
    fn likely_keys_come_first() {
        let keys = vec![
            key("/h/backup", KeyOrigin::Found),
            key("/h/id_ed25519", KeyOrigin::Default),
            key("/h/circleci_ed25519", KeyOrigin::Found),
        ];
        let mut facts = refused(keys, vec![], &[], &[]);
        infer::all(&mut facts);
        let order: Vec<&str> = candidates(&facts).iter().filter_map(|one| Some(one.key?.path.as_str())).collect();
        assert_eq!(order, ["/h/circleci_ed25519", "/h/id_ed25519", "/h/backup"]);
    }
}
