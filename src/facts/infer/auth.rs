//! Who would be let in: the keys this machine has, what the server said to each, and which one would log in.

use std::collections::BTreeSet;

use crate::{
    facts::{
        AgentState, Attempt, Auth, Elsewhere, Fact, Facts, Key, OtherAgent, UntriedAgent, Winner, query::TURNED_OFF,
    },
    ssh::log::{Offer, OfferOutcome, Outcome, SkipReason, Skipped, Stage as Reached},
    ssh::public_key::is_certificate,
};

use super::{
    answers::{Answer, answer, is_about, put_to_the_server},
    candidates::{Candidate, candidates},
    keys::agent_fingerprints,
    same_file::same_file,
    sha1::{self, RsaSignatures},
    strangers::strangers,
    unlisted, unseen,
};

/// Offers that every server hears: sshd gives up at the sixth failure (sshd_config(5), MaxAuthTries).
const TRIES: usize = 5;

/// Keys on disk that no server can be asked about, since their public half is unknown.
fn unasked_files(facts: &Facts) -> impl Iterator<Item = &Key> {
    let keys = facts.keys.known().into_iter().flatten();
    keys.filter(|key| key.exists && key.fault.is_none() && key.blob.known().is_none())
}

/// Files or folders that were passed over may hold the right key.
fn something_was_left_out(facts: &Facts) -> bool {
    facts.key_folder.known().is_some_and(|folder| folder.not_examined > 0 || folder.folders_not_entered > 0)
}

/// A token may hold keys of which nothing was heard: its library did not serve, or wanted a PIN first, or ssh was not to
/// use what nobody names.
fn tokens_hide_keys(facts: &Facts) -> bool {
    let library = facts.config.known().and_then(|config| config.pkcs11_provider.as_deref());
    let attempt = facts.attempt.known();
    let failed = attempt.is_some_and(|attempt| attempt.provider_failures.iter().any(|failure| !failure.security_key));
    let planned: Vec<_> = attempt.into_iter().flat_map(|attempt| &attempt.planned).filter(|key| key.token).collect();
    let offers = attempt.map(|attempt| attempt.offers.as_slice()).unwrap_or_default();
    let not_offered = planned.iter().any(|key| !offers.iter().any(|offer| offer.fingerprint == key.fingerprint));
    // Before 7.9 a token's keys are marked by the library's name alone.
    let unheard = library.is_some_and(|library| !offers.iter().any(|offer| offer.path == library));
    failed || not_offered || (unheard && planned.is_empty())
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
    let candidates = candidates(facts);
    let answers: Vec<Option<Answer>> = candidates.iter().map(|candidate| answer(facts, candidate)).collect();
    let held = agent_fingerprints(facts);
    if let Some(attempt) = facts.attempt.known() {
        auth.offered = put_to_the_server(&attempt.offers).count();
        if sha1::rsa_signatures(attempt) == RsaSignatures::Sha1 {
            auth.sha1_only_keys = sha1::unsigned(attempt);
        }
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
    let own: Vec<Candidate<'_>> =
        candidates.iter().filter(|candidate| !candidate.is_only_elsewhere()).cloned().collect();
    auth.unlisted_keys = unlisted::unlisted(facts, &own);
    let both = || candidates.iter().zip(&answers);
    // A key and its certificate are asked about separately, and count as one.
    let keys: BTreeSet<&str> = candidates.iter().map(|candidate| candidate.fingerprint).collect();
    let open: BTreeSet<&str> =
        both().filter(|(_, answer)| answer.is_none()).map(|(candidate, _)| candidate.fingerprint).collect();
    let strangers = strangers(facts, &candidates);
    // A file that nobody read may be one whose public half ssh put to the server.
    let is_stranger = |key: &&Key| key.fingerprint.known().is_some_and(|known| strangers.contains_key(known));
    let hidden = unasked_files(facts).filter(|key| !has_certificate(&candidates, key) && !is_stranger(key));
    let hidden: Vec<&Key> = hidden.collect();
    let hidden_in_tokens = tokens_hide_keys(facts);
    auth.candidates = keys.len() + hidden.len() + strangers.len();
    auth.asked = keys.len() - open.len() + strangers.values().filter(|answer| answer.is_some()).count();
    for candidate in both().filter(|(_, answer)| answer.is_none()).map(|(candidate, _)| candidate) {
        let name = candidate.name();
        if !auth.not_asked.contains(&name) {
            auth.not_asked.push(name);
        }
    }
    auth.not_asked.extend(hidden.iter().map(|key| key.path.clone()));
    auth.not_asked.extend(strangers.iter().filter(|(_, answer)| answer.is_none()).map(|(name, _)| name.clone()));
    auth.shown = shown(facts, auth.offered);
    auth.query_off = facts.query == Fact::unknown(TURNED_OFF);
    auth.keys_unseen = facts.key_folder.known().is_none();
    let all_known = held.known().is_some() && !auth.keys_unseen && !hidden_in_tokens;
    auth.no_candidates = auth.candidates == 0 && all_known;
    auth.everything_asked = auth.asked == auth.candidates && all_known && !something_was_left_out(facts);
    auth.all_refused = candidates.len() + strangers.len() > 0
        && answers.iter().all(|answer| answer.is_some_and(|said| !said.accepted))
        && strangers.values().all(|answer| *answer == Some(false));
    let accepted = both().filter_map(|(candidate, answer)| Some((candidate, (*answer)?)));
    auth.winner = winner(facts, accepted.filter(|(_, answer)| answer.accepted));
    auth.too_many = match &auth.winner {
        // A key that ssh would not offer at all did not come too late.
        Some(winner) => winner.not_offered_because.as_deref() == Some("too-late"),
        // A key of which nobody knows may be the right one.
        None => auth.tries_heard.is_some() && (!auth.all_refused || auth.keys_unseen),
    };
    let open: Vec<&Candidate<'_>> =
        both().filter(|(_, answer)| answer.is_none()).map(|(candidate, _)| candidate).collect();
    auth.public_half = public_half(facts).filter(|_| auth.winner.is_none());
    auth.untried_agent = auth.winner.is_none().then(|| untried_agent(facts, &open)).flatten();
    unseen::fill(&mut auth, facts);
    auth
}

/// A key that the server accepts and of which only the public half is here: ssh offers it all the same.
fn public_half(facts: &Facts) -> Option<String> {
    let accepted = |key: &&Key| (!key.exists || key.fault.as_deref() == Some("public")) && key.accepted.is(&true);
    let key = facts.keys.known()?.iter().find(accepted)?;
    Some(key.public_file.as_ref().map_or_else(|| key.path.clone(), |public| public.path.clone()))
}

/// The first agent beside ssh's own that may have the right key: the server was not asked about all of its keys, or it
/// was left in peace.
fn untried_agent(facts: &Facts, unanswered: &[&Candidate<'_>]) -> Option<UntriedAgent> {
    let others = &facts.agent.known()?.others;
    let keys = |agent: &OtherAgent| {
        let its = |candidate: &&&Candidate<'_>| {
            candidate.is_only_elsewhere()
                && candidate.elsewhere.is_some_and(|(holder, _)| holder.socket == agent.socket)
        };
        unanswered.iter().filter(its).count()
    };
    let of = |agent: &OtherAgent| UntriedAgent {
        socket: agent.socket.clone(),
        program: agent.program.clone(),
        keys: keys(agent),
    };
    others.iter().map(of).find(|agent| agent.keys > 0).or_else(|| others.iter().find(|agent| !agent.asked).map(of))
}

/// Public keys that the server was shown, by all connections.
fn shown(facts: &Facts, offered: usize) -> usize {
    let asked = facts.query.known().map_or(0, |query| query.shown);
    let by_witness = facts.witness.known().map_or(0, |witness| witness.accepted.len() + witness.refused.len());
    offered + asked + by_witness
}

/// The certificate beside a key tells the public half that the key itself hides.
fn has_certificate(candidates: &[Candidate<'_>], key: &Key) -> bool {
    candidates
        .iter()
        .any(|candidate| candidate.certificate.is_some() && candidate.key.is_some_and(|of| of.path == key.path))
}

/// The accepted key that is nearest to logging in: one that can be used before one that needs mending.
fn winner<'c, 'f: 'c>(facts: &'f Facts, accepted: impl Iterator<Item = (&'c Candidate<'f>, Answer)>) -> Option<Winner> {
    let mut winners: Vec<Winner> = accepted.map(|(candidate, answer)| describe(facts, candidate, answer)).collect();
    winners.sort_by_key(|winner| (!winner.ready, !winner.offered, winner.encrypted, winner.certificate.is_some()));
    winners.into_iter().next()
}

fn describe(facts: &Facts, candidate: &Candidate<'_>, answer: Answer) -> Winner {
    let attempt = facts.attempt.known();
    let offers = attempt.map(|attempt| attempt.offers.as_slice()).unwrap_or_default();
    let path = candidate.key.map(|key| key.path.as_str());
    let position = put_to_the_server(offers).position(|offer| is_about(offer, candidate));
    let on_disk = candidate.key.is_some_and(|key| key.loadable.is(&true));
    let in_agent = candidate.identity.is_some();
    let public = candidate.key.and_then(|key| key.public_file.as_ref()).filter(|public| public.valid);
    let to_name = match candidate.key {
        Some(key) if on_disk || !in_agent => Some(key.path.clone()),
        Some(key) => Some(public.map_or_else(|| key.path.clone(), |public| public.path.clone())),
        None => None,
    };
    // Where only libssh2 was let in, it may have signed as ssh would not.
    let unsigned = left_unsigned(offers, candidate) || (!answer.by_openssh && candidate.is_rsa());
    let takes_sha2 = attempt.is_some_and(|attempt| sha1::rsa_signatures(attempt) == RsaSignatures::Sha2);
    let mute = !in_agent && candidate.key.is_some_and(|key| without_provider(facts, key));
    let elsewhere = if on_disk || in_agent { None } else { elsewhere(facts, candidate) };
    let certificate = candidate.certificate.map(|certificate| certificate.path.clone());
    let mut winner = Winner {
        ready: !unsigned && !mute && (on_disk || (in_agent && to_name.is_some())),
        proven: false,
        path: to_name,
        name: candidate.name_of_key(),
        fingerprint: candidate.fingerprint.to_owned(),
        algorithm: candidate.algorithm(),
        public_line: None,
        save_as: None,
        certificate_option: certificate.as_deref().and_then(certificate_option),
        certificate,
        in_other_home: path.is_some_and(|path| in_other_home(facts, path)),
        on_disk,
        in_agent,
        agent_certificate: candidate.certificate.is_none() && candidate.is_certificate(),
        encrypted: !in_agent && candidate.key.is_some_and(|key| key.encrypted.is(&true)),
        offered: position.is_some(),
        position: position.map(|position| position + 1),
        not_offered_because: match position {
            Some(_) => None,
            None if unsigned => Some(if takes_sha2 { "excluded" } else { "sha1-only" }.into()),
            None if elsewhere.is_some() => Some("other-agent".into()),
            None => Some(why_not_offered(facts, candidate)),
        },
        elsewhere,
        seen: crate::facts::Seen::default(),
    };
    winner.seen = crate::facts::Seen {
        source: "key query".into(),
        line: None,
        text: format!("the server would accept {} ({})", candidate.name(), candidate.fingerprint),
    };
    let usable = on_disk || in_agent || winner.elsewhere.is_some();
    winner.proven = usable && !unsigned && answer.by_openssh && !is_doubtful(facts, candidate);
    winner
}

/// What makes a yes of the server worth less than a login.
fn is_doubtful(facts: &Facts, candidate: &Candidate<'_>) -> bool {
    let attempt = facts.attempt.known();
    let offers = attempt.map(|attempt| attempt.offers.as_slice()).unwrap_or_default();
    let spoilt = |offer: &Offer| match offer.outcome {
        // A server that takes a key and not its signature means nothing by the first.
        OfferOutcome::SignatureRefused => true,
        OfferOutcome::LoadFailed => is_about(offer, candidate),
        // An agent that does not sign can be gone past, where there is a file.
        OfferOutcome::SigningFailed => {
            is_about(offer, candidate) && !candidate.key.is_some_and(|key| key.loadable.is(&true))
        }
        _ => false,
    };
    // The passphrase hides whether the public half beside the key is its own.
    let borrowed = |key: &Key| {
        let beside = key.public_file.as_ref();
        key.encrypted.is(&true) && beside.is_some_and(|public| public.valid && public.matches.known().is_none())
    };
    offers.iter().any(spoilt)
        || attempt.is_some_and(|attempt| attempt.partial.is_some())
        || (candidate.identity.is_none() && candidate.key.is_some_and(borrowed))
}

/// `CertificateFile=…`, in quotes where it needs them. ssh_config has no way to write a quote in quotes that all versions
/// read, and looks for tokens and variables in the path; Windows' ssh takes slashes.
fn certificate_option(path: &str) -> Option<String> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    let path = if drive { path.replace('\\', "/") } else { path.to_owned() };
    if path.contains(['"', '\\', '%', '$']) || path.chars().any(char::is_control) {
        return None;
    }
    let bare = path.chars().all(|letter| letter.is_alphanumeric() || "/._-+:".contains(letter));
    Some(if bare { format!("CertificateFile={path}") } else { format!("CertificateFile=\"{path}\"") })
}

/// The agent that has the key, and why ssh does not ask it.
fn elsewhere(facts: &Facts, candidate: &Candidate<'_>) -> Option<Elsewhere> {
    let (other, place) = candidate.elsewhere?;
    let agent = facts.agent.known()?;
    let configured = agent.socket_from.as_deref() == Some("IdentityAgent") || agent.state == AgentState::Off;
    let because = match agent.state {
        _ if configured => "identity-agent",
        AgentState::NotConfigured if agent.socket.is_none() => "unset",
        AgentState::NotConfigured => return None,
        AgentState::Missing | AgentState::Dead => "stale",
        AgentState::Silent => "silent",
        _ => "another",
    };
    let pinned = facts.config.known().is_none_or(|config| !config.identities_only.is(&false));
    Some(Elsewhere {
        socket: other.socket.clone(),
        program: other.program.clone(),
        named_by: other.named_by.clone(),
        because: because.to_owned(),
        in_reach: place < TRIES && !pinned,
        moved: other.program == "openssh" && other.socket.contains("/.ssh/agent/s."),
    })
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

/// The client had no signature for the key that the server takes, so it kept the key to itself.
fn left_unsigned(offers: &[Offer], candidate: &Candidate<'_>) -> bool {
    offers.iter().any(|offer| {
        offer.outcome == OfferOutcome::NoMutualSignature
            && match &offer.fingerprint {
                Some(fingerprint) => fingerprint == candidate.fingerprint,
                None => candidate.key.is_some_and(|key| same_file(&offer.path, &key.path)),
            }
    })
}

fn is_withheld(facts: &Facts, candidate: &Candidate<'_>) -> bool {
    facts.agent.known().is_some_and(|agent| agent.withheld.iter().any(|withheld| withheld == candidate.fingerprint))
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
fn why_not_offered(facts: &Facts, candidate: &Candidate<'_>) -> String {
    if let Some(because) = left_out(facts, candidate) {
        return because;
    }
    let config = facts.config.known();
    let is = |fact: fn(&crate::facts::Config) -> &Fact<bool>| config.is_some_and(|config| fact(config).is(&true));
    // Whoever cannot see whether another reason holds names none.
    let knows =
        |fact: fn(&crate::facts::Config) -> &Fact<bool>| config.is_some_and(|config| fact(config).known().is_some());
    let sees_all = knows(|config| &config.pubkey_authentication)
        && knows(|config| &config.publickey_not_preferred)
        && (candidate.identity.is_some() || agent_fingerprints(facts).known().is_some());
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
    let because = if is(|config| &config.publickey_not_preferred)
        || config.is_some_and(|config| config.pubkey_authentication.is(&false))
    {
        "publickey-off"
    } else if candidate.key.is_some_and(|key| key.excluded_by_config) {
        "excluded"
    } else if candidate.identity.is_some() && is_withheld(facts, candidate) {
        "withheld"
    } else if candidate.certificate.is_some() && !candidate.certificate_is_found(facts) {
        "certificate-not-named"
    } else if !tried && candidate.identity.is_some() && is(|config| &config.identities_only) {
        "identities-only"
    } else if hung_up && (tried || candidate.identity.is_some()) {
        "too-late"
    } else if !tried && candidate.identity.is_none() && sees_all {
        "not-configured"
    } else if stood_still {
        "not-reached"
    } else {
        "unknown"
    };
    because.to_owned()
}

/// Why ssh had to leave the key out, by its own word or else by the plan, as far as no log contradicts that.
fn left_out(facts: &Facts, candidate: &Candidate<'_>) -> Option<String> {
    let name = candidate.name();
    let skipped = facts.attempt.known().map(|attempt| attempt.skipped.as_slice()).unwrap_or_default();
    let certified = candidate.certificate.is_some();
    let is_alike = |algorithm: &str| is_certificate(algorithm) == certified;
    let of_it =
        |skipped: &&Skipped| same_file(&skipped.path, &name) && skipped.algorithm.as_deref().is_none_or(is_alike);
    let said = skipped.iter().filter(of_it).find_map(|skipped| match skipped.reason {
        SkipReason::NotInAcceptedAlgorithms => Some("excluded"),
        SkipReason::TooShort => Some("rsa-too-small"),
        SkipReason::NoSecurityKeyProvider => Some("no-security-key-provider"),
        _ => None,
    });
    if said.is_some() {
        return said.map(str::to_owned);
    }
    let plan = facts.plan.known().filter(|plan| !plan.confirmed.is(&false) && plan.unsure.is_none())?;
    let is_it = |fingerprint: &Option<String>| fingerprint.as_deref() == Some(candidate.fingerprint);
    if certified || plan.offers.iter().any(|offer| is_it(&offer.fingerprint) && is_alike(&offer.algorithm)) {
        return None;
    }
    plan.left_out.iter().find(|left_out| is_it(&left_out.fingerprint)).map(|left_out| left_out.because.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, Attempt, Certificate, Config, Identity, KeyFolder, KeyOrigin, PublicFile, Query, infer};

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
            key_folder: KeyFolder::default().into(),
            keys: keys.into(),
            agent: Agent { identities: Vec::new().into(), ..Agent::default() }.into(),
            config: Config {
                pubkey_authentication: true.into(),
                publickey_not_preferred: false.into(),
                ..Config::default()
            }
            .into(),
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
    fn no_reason_is_named_where_another_may_hold() {
        let keys = vec![key("/h/circleci", KeyOrigin::Found)];
        let facts = refused(keys, vec![], &["/h/circleci"], &[]);
        let reason = |facts: Facts| inferred(facts).winner.and_then(|winner| winner.not_offered_because);
        let agent = Agent { state: AgentState::Silent, ..Agent::default() };
        assert_eq!(reason(Facts { agent: agent.into(), ..facts.clone() }).as_deref(), Some("unknown"));
        assert_eq!(reason(Facts { config: Fact::default(), ..facts }).as_deref(), Some("unknown"));
    }

    #[test]
    fn a_key_that_nobody_found_counts_among_all() {
        let keys = || vec![key("/h/id_rsa", KeyOrigin::Default)];
        let asked = |offers: &[&str], accepted: &[&str]| {
            let offers = offers.iter().map(|name| offer(name, OfferOutcome::Refused)).collect();
            let auth = inferred(refused(keys(), offers, accepted, &[]));
            (auth.candidates, auth.asked, auth.all_refused)
        };
        assert_eq!(asked(&["/h/id_rsa"], &[]), (1, 1, true));
        assert_eq!(asked(&["/h/id_rsa", "token"], &[]), (2, 2, true));
        assert_eq!(asked(&["/h/id_rsa"], &["gone"]), (2, 2, false));
        let auth = inferred(refused(vec![], vec![offer("token", OfferOutcome::Refused)], &[], &[]));
        assert!(!auth.no_candidates && auth.all_refused && auth.asked == 1);
    }

    #[test]
    fn a_key_in_an_agent_that_ssh_does_not_ask() {
        let of = |state, from: Option<&str>, pinned: bool| {
            let other = OtherAgent {
                socket: "/o".into(),
                identities: 1,
                keys: vec![identity("mine")],
                asked: true,
                ..OtherAgent::default()
            };
            let agent = Agent {
                state,
                socket: from.map(|_| "/a".into()),
                socket_from: from.map(str::to_owned),
                identities: Vec::new().into(),
                others: vec![other],
                ..Agent::default()
            };
            let config = Config { identities_only: pinned.into(), ..Config::default() };
            let facts = refused(Vec::new(), Vec::new(), &["mine"], &[]);
            let winner =
                inferred(Facts { agent: agent.into(), config: config.into(), ..facts }).winner.expect("accepted");
            assert_eq!(winner.not_offered_because.as_deref(), Some("other-agent"));
            let elsewhere = winner.elsewhere.expect("in an agent");
            (elsewhere.because, elsewhere.in_reach)
        };
        let shell = Some("SSH_AUTH_SOCK");
        assert_eq!(of(AgentState::NotConfigured, None, false), ("unset".into(), true));
        assert_eq!(of(AgentState::Dead, shell, false), ("stale".into(), true));
        assert_eq!(of(AgentState::Silent, shell, false), ("silent".into(), true));
        assert_eq!(of(AgentState::Answers, shell, true), ("another".into(), false));
        assert_eq!(of(AgentState::Answers, Some("IdentityAgent"), false), ("identity-agent".into(), true));
        assert_eq!(of(AgentState::Off, None, false), ("identity-agent".into(), true));
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
    fn a_certificate_is_asked_about_by_itself() {
        let mut own = key("/h/id_ed25519", KeyOrigin::Default);
        let blob = "blob of the certificate".to_owned();
        let certificate = Certificate {
            path: "/h/work.cert".into(),
            key: "SHA256:/h/id_ed25519".into(),
            blob,
            ..Certificate::default()
        };
        let offers = vec![offer("/h/id_ed25519", OfferOutcome::Refused)];
        let mut facts = refused(vec![own.clone()], offers.clone(), &[], &[]);
        facts.key_folder = KeyFolder { certificates: vec![certificate.clone()], ..KeyFolder::default() }.into();
        infer::all(&mut facts);
        let asked = candidates(&facts);
        let [plain, stray] = asked.as_slice() else { panic!("two: {asked:?}") };
        assert!(plain.certificate.is_none() && answer(&facts, plain).is_some_and(|said| !said.accepted));
        assert_eq!(answer(&facts, stray), None, "the refusal was the plain key's");

        let id = stray.id.clone();
        facts.query = Query { accepted: vec![id.clone()], ..Query::default() }.into();
        let auth = inferred(facts.clone());
        let winner = auth.winner.expect("the server accepts the certificate");
        assert_eq!(winner.certificate_option.as_deref(), Some("CertificateFile=/h/work.cert"));
        assert_eq!(winner.not_offered_because.as_deref(), Some("certificate-not-named"));
        assert!(winner.proven && winner.path.as_deref() == Some("/h/id_ed25519"));
        assert_eq!((auth.candidates, auth.asked), (1, 1), "a key and its certificate are one");

        // Beside the key and offered with it.
        own.certificate =
            Some(Certificate { path: "/h/id_ed25519-cert.pub".into(), matches: true.into(), ..certificate });
        let with = Offer { algorithm: Some("ED25519-CERT".into()), ..offer("/h/id_ed25519", OfferOutcome::Refused) };
        let auth = inferred(refused(vec![own.clone()], vec![offers[0].clone(), with], &[], &[]));
        assert!(auth.all_refused && auth.everything_asked);
        let auth = inferred(refused(vec![own], offers, &[], &[]));
        assert!(!auth.all_refused && auth.not_asked == ["/h/id_ed25519-cert.pub"]);
    }

    #[test]
    fn a_yes_proves_nothing_where_signatures_are_refused() {
        let keys = vec![key("/h/id_ed25519", KeyOrigin::Default), key("/h/other", KeyOrigin::Found)];
        let proven = |outcome, partial: bool| {
            let mut facts = refused(keys.clone(), vec![offer("/h/id_ed25519", outcome)], &["/h/other"], &[]);
            if let Fact::Known(attempt) = &mut facts.attempt {
                attempt.partial = partial.then(crate::facts::Seen::default);
            }
            inferred(facts).winner.is_some_and(|winner| winner.proven)
        };
        assert!(proven(OfferOutcome::Refused, false));
        assert!(!proven(OfferOutcome::SignatureRefused, false));
        assert!(!proven(OfferOutcome::Refused, true), "a second proof is wanted");
    }

    #[test]
    fn a_public_half_that_may_be_another_key_s_proves_nothing() {
        let mut pem = key("/h/old.pem", KeyOrigin::Found);
        pem.encrypted = true.into();
        let beside = PublicFile { path: "/h/old.pem.pub".into(), valid: true, ..PublicFile::default() };
        pem.public_file = Some(beside.clone());
        let winner = |key| inferred(refused(vec![key], vec![], &["/h/old.pem"], &[])).winner.expect("accepted");
        assert!(winner(pem.clone()).ready && !winner(pem.clone()).proven);
        pem.public_file = Some(PublicFile { matches: true.into(), ..beside });
        assert!(winner(pem).proven);
    }

    #[test]
    fn what_only_libssh2_was_let_in_with_may_have_been_signed_as_ssh_would_not() {
        let mut rsa = key("/h/work", KeyOrigin::Found);
        rsa.family = "rsa".to_owned().into();
        let mut facts = refused(vec![rsa], vec![], &[], &[]);
        let accepted = vec!["SHA256:/h/work".to_owned()];
        facts.witness = crate::facts::Witness { accepted, ..crate::facts::Witness::default() }.into();
        let winner = inferred(facts).winner.expect("libssh2 was let in");
        assert!(!winner.ready && !winner.proven);
    }

    #[test]
    fn what_was_not_looked_at_may_be_the_right_key() {
        let offers = vec![offer("/h/id_ed25519", OfferOutcome::Refused)];
        let mut facts = refused(vec![key("/h/id_ed25519", KeyOrigin::Default)], offers, &[], &[]);
        assert!(inferred(facts.clone()).everything_asked);
        facts.key_folder = KeyFolder { folders_not_entered: 1, ..KeyFolder::default() }.into();
        assert!(!inferred(facts).everything_asked);
    }

    #[test]
    fn paths_that_ssh_config_can_quote() {
        assert_eq!(certificate_option("/a/c").as_deref(), Some("CertificateFile=/a/c"));
        assert_eq!(certificate_option("/a b/c").as_deref(), Some("CertificateFile=\"/a b/c\""));
        assert_eq!(certificate_option(r"C:\Users\a\c").as_deref(), Some("CertificateFile=C:/Users/a/c"));
        for odd in ["/a\"b", "/a\\b", "/100%", "/$HOME", "/a\nb"] {
            assert_eq!(certificate_option(odd), None, "{odd:?}");
        }
    }
}
