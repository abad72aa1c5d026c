//! What an attempt alone shows of the keys, where the machine they are on could not be looked at: behind a log.
//!
//! A log proves which keys ssh put to the server and what the server said to them. It never proves that there is no other
//! key, so whatever follows from here is likely at best.

use super::same_file::same_file;
use crate::{
    facts::{Attempt, Auth, Facts, Key, KeyOrigin, LeftOut, PassedOver, UnopenedKey},
    ssh::log::{LoadReason, Offer, OfferOutcome, Outcome, SkipReason, Skipped},
};

/// How often ssh asks for a passphrase (ssh_config(5), NumberOfPasswordPrompts).
const PROMPTS: usize = 3;

/// Offers that are shown as evidence.
const SHOWN: usize = 8;

/// Fills what `auth` says of an attempt behind which the keys are unseen; after the counts.
pub(super) fn fill(auth: &mut Auth, facts: &Facts) {
    let Some(attempt) = facts.attempt.known() else { return };
    auth.unopened_keys = unopened(attempt);
    auth.short_agent_keys = short_agent_keys(facts, attempt, auth);
    auth.nothing_to_offer = auth.no_candidates || (auth.keys_unseen && found_nothing(attempt));
    if !auth.keys_unseen {
        return;
    }
    let refused = attempt.outcome == Outcome::Refused && !attempt.offers.is_empty() && auth.all_refused;
    auth.offered_in_vain = refused && auth.unopened_keys.is_empty();
    if auth.offered_in_vain || auth.too_many {
        auth.offered_in_vain_seen = attempt.offers.iter().take(SHOWN).map(|offer| offer.seen.clone()).collect();
    }
    auth.named_in_vain = auth.offered_in_vain && only_the_named_key(facts, &attempt.offers);
    let found = |key: &&Key| key.exists && key.origin == KeyOrigin::Found && key.may_serve;
    let found = facts.keys.known().into_iter().flatten().filter(found);
    auth.unoffered_files = found.map(|key| key.path.clone()).collect();
    if let Some(contrast) = &facts.contrast {
        auth.other_key_missing = contrast.wrong_key || contrast.unnamed_key;
        auth.other_key_refused = contrast.not_registered;
        // The same key is known to be a good one: what is missing is on the other side.
        auth.offered_in_vain &= !contrast.not_registered;
        auth.named_in_vain &= !contrast.not_registered;
        if let Some(path) = contrast.missing_file() {
            auth.unoffered_files.retain(|file| file != path);
            auth.unoffered_files.insert(0, path.to_owned());
        }
    }
    auth.agent_keys_left_out = agent_keys_left_out(attempt);
    auth.publickey_not_begun = publickey_not_begun(attempt);
    auth.waits_for_password = waits_for_password(attempt);
    auth.passed_over = passed_over(attempt);
}

/// Keys that the agent lists and ssh leaves out for their size: by what was worked out, or by ssh's own word alone.
fn short_agent_keys(facts: &Facts, attempt: &Attempt, auth: &Auth) -> Vec<LeftOut> {
    if auth.offered > 0 {
        return Vec::new();
    }
    let plan = facts.plan.known().filter(|plan| plan.confirmed.is(&true));
    let short = |key: &&LeftOut| key.because == "rsa-too-small" && key.from == "agent";
    let planned = plan.into_iter().flat_map(|plan| &plan.left_out).filter(short).cloned();
    let nameless =
        |skipped: &&Skipped| auth.keys_unseen && skipped.reason == SkipReason::TooShort && skipped.path.is_empty();
    let said = attempt.skipped.iter().filter(nameless).take(1).map(|skipped| LeftOut {
        because: "rsa-too-small".to_owned(),
        from: "agent".to_owned(),
        seen: Some(skipped.seen.clone()),
        ..LeftOut::default()
    });
    planned.chain(said).collect()
}

/// ssh turned to passwords or questions, of which a log shows no answer, and the server wants no public key.
fn waits_for_password(attempt: &Attempt) -> bool {
    let asks = |method: &String| method == "password" || method.starts_with("keyboard-interactive");
    let methods = attempt.server.as_ref().map(|server| server.methods.as_slice()).unwrap_or_default();
    attempt.outcome == Outcome::Unknown
        && attempt.begun.last().is_some_and(asks)
        && methods.iter().any(asks)
        && !methods.iter().any(|method| method == "publickey")
}

/// ssh looked for keys and found none: no file that it came to is one, and the agent gave none.
fn found_nothing(attempt: &Attempt) -> bool {
    let denied = matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther);
    let named = attempt.identity_files.iter().all(|file| file.missing);
    let began = attempt.no_more_methods && attempt.begun.iter().any(|method| method == "publickey");
    let looked = began || !named || !attempt.tried.is_empty() || !attempt.planned.is_empty();
    let has_key = attempt.identity_files.iter().any(|file| file.loaded && !is_certificate_file(&file.path))
        || attempt.planned.iter().any(|key| key.fingerprint.is_some() || key.agent || key.token)
        || attempt.agent.as_ref().is_some_and(|agent| agent.count.is_some_and(|count| count > 0))
        || attempt.load_failures.iter().any(|failure| failure.reason != LoadReason::NotFound)
        || attempt.skipped.iter().any(|skipped| skipped.reason != SkipReason::NotInHostbasedAlgorithms)
        || !attempt.provider_failures.is_empty()
        || !attempt.prompts.is_empty()
        || attempt.cannot_ask.is_some();
    denied && looked && attempt.offers.is_empty() && !has_key && !publickey_not_begun(attempt)
}

/// ssh looks for `KEY-cert.pub` beside every key.
fn is_certificate_file(path: &str) -> bool {
    path.ends_with("-cert") || path.ends_with("-cert.pub")
}

/// The command names one key with `-i`, and that is the one which ssh put to the server.
fn only_the_named_key(facts: &Facts, offers: &[Offer]) -> bool {
    let named = facts.target.as_ref().map(|target| target.identity_files.as_slice()).unwrap_or_default();
    let is_named = |offer: &Offer| named.iter().any(|file| ends_alike(&offer.path, file));
    offers.iter().all(is_named)
}

/// The path of a log is whole; in the command it may begin with `~`, or be relative.
fn ends_alike(path: &str, typed: &str) -> bool {
    if same_file(path, typed) {
        return true;
    }
    let mut typed = typed.replace('\\', "/");
    for beginning in ["~/", "$HOME/", "./", "../", "../"] {
        typed = typed.strip_prefix(beginning).map_or_else(|| typed.clone(), str::to_owned);
    }
    let path = path.replace('\\', "/");
    !typed.is_empty() && path.strip_suffix(&typed).is_some_and(|rest| rest.ends_with('/'))
}

/// The agent told how many keys it has, and none of them is among those that ssh had in mind.
fn agent_keys_left_out(attempt: &Attempt) -> Option<u64> {
    let count = attempt.agent.as_ref()?.count.filter(|count| *count > 0)?;
    let of_agent = |agent: bool, explicit: bool| agent && !explicit;
    let used = attempt.planned.iter().any(|key| of_agent(key.agent, key.explicit))
        || attempt.offers.iter().any(|offer| of_agent(offer.agent, offer.explicit));
    // A key that ssh leaves out for its type is not in the list either.
    let skipped = attempt.skipped.iter().any(|skipped| skipped.reason != SkipReason::NotInHostbasedAlgorithms);
    let explicit = attempt.planned.iter().any(|key| key.explicit);
    (!used && !skipped && explicit).then_some(count)
}

/// The server takes public keys, and ssh went through its methods without beginning with that one.
fn publickey_not_begun(attempt: &Attempt) -> bool {
    let takes = |methods: &[String]| methods.iter().any(|method| method == "publickey");
    let denied = attempt.denied.as_ref().is_some_and(|denied| takes(&denied.methods));
    attempt.outcome == Outcome::Refused
        && denied
        && attempt.no_more_methods
        && !attempt.begun.iter().any(|method| method == "publickey")
        && attempt.offers.is_empty()
        && attempt.tried.is_empty()
        && attempt.partial.is_none()
}

/// Key files whose passphrase was asked for, and that were not opened.
fn unopened(attempt: &Attempt) -> Vec<UnopenedKey> {
    let denied = matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures);
    let ended = denied || matches!(attempt.outcome, Outcome::Closed | Outcome::Reset | Outcome::TimedOut);
    let mut keys: Vec<UnopenedKey> = Vec::new();
    if !ended {
        return keys;
    }
    let prompt = |path: &str| attempt.prompts.iter().find(|prompt| same_file(&prompt.path, path));
    let wrong = attempt.offers.iter().filter(|offer| offer.load_reason == Some(LoadReason::Passphrase));
    for offer in wrong {
        let asked = prompt(&offer.path).map_or(0, |prompt| prompt.times);
        keys.push(UnopenedKey { path: offer.path.clone(), asked, sure: true, seen: offer.seen.clone() });
    }
    for prompt in attempt.prompts.iter().filter(|_| denied) {
        let of_it = |offer: &&Offer| same_file(&offer.path, &prompt.path) && !offer.agent;
        let offer = attempt.offers.iter().find(of_it);
        let accepted = offer.is_some_and(|offer| offer.outcome == OfferOutcome::Accepted);
        // The server had a word about it after it was opened.
        let opened = offer.is_some_and(|offer| offer.outcome != OfferOutcome::Accepted);
        if !opened && !keys.iter().any(|key| same_file(&key.path, &prompt.path)) {
            let sure = accepted && (prompt.bad || prompt.times >= PROMPTS);
            let (path, asked) = (prompt.path.clone(), prompt.times);
            keys.push(UnopenedKey { path, asked, sure, seen: prompt.seen.clone() });
        }
    }
    keys
}

/// The key file that the server accepted and of which ssh then made nothing, though it did not ask for its passphrase.
fn passed_over(attempt: &Attempt) -> Option<PassedOver> {
    let denied = matches!(attempt.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures);
    let accepted = |offer: &&Offer| offer.outcome == OfferOutcome::Accepted && !offer.agent && !offer.token;
    if !denied || !attempt.prompts.is_empty() {
        return None;
    }
    if let Some(seen) = attempt.cannot_ask.as_ref().filter(|_| attempt.offers.is_empty()) {
        // Without -v the key has no name.
        return Some(PassedOver { path: String::new(), because: "no-prompt".to_owned(), seen: seen.clone() });
    }
    let offer = attempt.offers.iter().rfind(accepted)?;
    let failed = attempt.load_failures.iter().any(|failure| same_file(&failure.path, &offer.path));
    let (because, seen) = match &attempt.cannot_ask {
        Some(seen) => ("no-prompt", seen.clone()),
        None => ("silence", offer.seen.clone()),
    };
    (!failed).then(|| PassedOver { path: offer.path.clone(), because: because.to_owned(), seen })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Target, infer},
        ssh::log::Events,
    };

    /// What follows from a log, behind which nothing of the machine is known.
    fn of(log: &str, named: &[&str]) -> Auth {
        let mut attempt = Attempt::new("a log");
        for logged in Events::new(log.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt.finish();
        let identity_files = named.iter().map(|&file| file.to_owned()).collect();
        let target = Target { identity_files, ..Target::default() };
        let keys = Vec::new().into();
        let mut facts = Facts { attempt: attempt.into(), target: Some(target), keys, ..Facts::default() };
        infer::all(&mut facts);
        facts.auth.known().cloned().expect("there was an attempt")
    }

    const DENIED: &str =
        "debug1: No more authentication methods to try.\nana@192.0.2.1: Permission denied (publickey).\n";
    const BEGUN: &str = "debug1: Next authentication method: publickey\n";
    const REFUSED: &str = "debug1: Offering public key: /h/.ssh/work ED25519 SHA256:a explicit\n\
                           debug1: Authentications that can continue: publickey\n";

    #[test]
    fn ssh_found_no_key_where_it_looked() {
        let none = "debug1: identity file /h/.ssh/id_rsa type -1\n";
        let auth = of(&format!("{none}{BEGUN}debug1: Trying private key: /h/.ssh/id_rsa\n{DENIED}"), &[]);
        assert!(auth.nothing_to_offer && auth.keys_unseen && !auth.no_candidates && !auth.everything_asked);
        for more in [
            "debug1: identity file /h/.ssh/id_ed25519 type 3\n",
            "debug1: get_agent_identities: agent returned 2 keys\n",
            "Load key \"/h/.ssh/id_rsa\": invalid format\n",
            "debug1: Will attempt key: home ED25519 SHA256:a agent\n",
        ] {
            assert!(!of(&format!("{none}{more}{BEGUN}{DENIED}"), &[]).nothing_to_offer, "{more}");
        }
        assert!(!of("ana@192.0.2.1: Permission denied (publickey).\n", &[]).nothing_to_offer, "nobody saw ssh look");
    }

    #[test]
    fn every_key_was_refused() {
        let log = format!("{BEGUN}{REFUSED}{DENIED}");
        assert!(of(&log, &[]).offered_in_vain && !of(&log, &[]).named_in_vain);
        assert!(of(&log, &["~/.ssh/work"]).named_in_vain && !of(&log, &["~/.ssh/other"]).named_in_vain);
        let hung_up =
            format!("{BEGUN}{REFUSED}Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures\n");
        assert!(of(&hung_up, &[]).too_many && !of(&hung_up, &[]).offered_in_vain);
        let unusable = format!("{BEGUN}{REFUSED}Load key \"/h/.ssh/k\": invalid format\n{DENIED}");
        assert!(!of(&unusable, &[]).offered_in_vain, "the other may be the right one");
    }

    #[test]
    fn a_path_of_the_command_is_the_one_in_the_log() {
        for typed in ["~/.ssh/work", "/h/.ssh/work", ".ssh/work", "work", "../h/.ssh/work", "./work"] {
            assert!(ends_alike("/h/.ssh/work", typed), "{typed}");
        }
        assert!(ends_alike(r"C:\Users\ana/.ssh/k", r"~/.ssh/k") && !ends_alike("/h/.ssh/network", "work"));
    }

    #[test]
    fn keys_of_the_agent_that_ssh_was_not_to_use() {
        let log = |planned: &str| {
            format!(
                "{BEGUN}debug1: get_agent_identities: agent returned 3 keys\ndebug1: Will attempt key: {planned}\n{DENIED}"
            )
        };
        assert_eq!(of(&log("/h/.ssh/work  explicit"), &[]).agent_keys_left_out, Some(3));
        assert_eq!(of(&log("/h/.ssh/work ED25519 SHA256:a explicit agent"), &[]).agent_keys_left_out, Some(3));
        assert_eq!(of(&log("work ED25519 SHA256:a agent"), &[]).agent_keys_left_out, None);
        assert_eq!(of(&log("/h/.ssh/id_rsa "), &[]).agent_keys_left_out, None);
    }

    #[test]
    fn public_keys_were_switched_off() {
        let first = "debug1: Authentications that can continue: publickey\n";
        assert!(of(&format!("{first}{DENIED}"), &[]).publickey_not_begun);
        assert!(!of(&format!("{first}{BEGUN}{DENIED}"), &[]).publickey_not_begun);
        assert!(!of("ana@192.0.2.1: Permission denied (publickey).\n", &[]).publickey_not_begun);
    }

    const ACCEPTED: &str = "debug1: Offering public key: /h/.ssh/work ED25519 SHA256:a\n\
                            debug1: Server accepts key: /h/.ssh/work ED25519 SHA256:a\n";

    #[test]
    fn a_passphrase_was_typed_in_vain() {
        let prompt = "Enter passphrase for key '/h/.ssh/work': \n";
        let unopened =
            |log: String| of(&log, &[]).unopened_keys.iter().map(|key| (key.asked, key.sure)).collect::<Vec<_>>();
        assert_eq!(unopened(format!("{BEGUN}{ACCEPTED}{prompt}{prompt}{prompt}{DENIED}")), [(3, true)]);
        assert_eq!(unopened(format!("{BEGUN}{ACCEPTED}{prompt}{DENIED}")), [(1, false)]);
        assert_eq!(
            unopened(format!("{prompt}{prompt}{prompt}ana@192.0.2.1: Permission denied (publickey).\n")),
            [(3, false)]
        );
        assert_eq!(unopened(format!("{BEGUN}{ACCEPTED}{prompt}debug1: Authentication succeeded (publickey).\n")), []);
    }

    #[test]
    fn nobody_was_asked_for_the_passphrase() {
        let passed_over =
            |more: &str| of(&format!("{BEGUN}{ACCEPTED}{more}{DENIED}"), &[]).passed_over.map(|key| key.because);
        assert_eq!(passed_over("").as_deref(), Some("silence"));
        let no_terminal = "debug1: read_passphrase: can't open /dev/tty: No such device or address\n";
        assert_eq!(passed_over(no_terminal).as_deref(), Some("no-prompt"));
        let plain = "ssh_askpass: exec(/usr/lib/ssh-askpass): No such file or directory\nana@192.0.2.1: Permission denied (publickey).\n";
        assert_eq!(of(plain, &[]).passed_over.map(|key| key.path).as_deref(), Some(""));
        assert_eq!(passed_over("Load key \"/h/.ssh/work\": bad permissions\n"), None);
        assert_eq!(passed_over("Enter passphrase for key '/h/.ssh/work': \n"), None);
    }
}
