//! Keys that never had their chance: excluded by the configuration, signed for in a way the server does not take, or
//! known to the agent alone.

use super::{
    keys::answers,
    same_file::same_file,
    sha1::{self, RsaSignatures},
};
use crate::{
    facts::{Attempt, Auth, Facts, Identity, Key, LeftOut, Version, Winner},
    ssh::log::{SkipReason, Skipped},
    ssh::public_key::{Fingerprint, is_certificate},
};

/// Fills `excluded_keys`, `current_types_option`, `rsa_refused_without_sha2` and the winner's `public_line` of `auth`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(auth) = facts.auth.known() else { return };
    let mut auth = auth.clone();
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    let version = facts.client.known().and_then(|client| client.version.known());
    auth.current_types_option = version.map(|version| current_types_option(*version));
    auth.excluded_keys = excluded(&auth, facts);
    if auth.winner.is_none() {
        let named = facts.attempt.known().map(signature_excluded).unwrap_or_default();
        let known = auth.excluded_keys.clone();
        auth.excluded_keys.extend(named.into_iter().filter(|name| !known.iter().any(|known| same_file(known, name))));
    }
    let old = facts.client.known().is_some_and(|client| client.signs_rsa_sha2.is(&false));
    auth.rsa_refused_without_sha2 = old && only_rsa_refused(keys);
    let agent = facts.agent.known();
    let held = agent.and_then(|agent| agent.identities.known()).into_iter().flatten();
    let elsewhere = agent.into_iter().flat_map(|agent| &agent.others).flat_map(|other| &other.keys);
    let only_in_an_agent = |winner: &&mut Winner| !winner.on_disk && (winner.in_agent || winner.elsewhere.is_some());
    if let Some(winner) = auth.winner.as_mut().filter(only_in_an_agent) {
        let fits = |identity: &&Identity| {
            identity.fingerprint == winner.fingerprint
                && is_certificate(&identity.algorithm) == winner.agent_certificate
        };
        let identity = held.chain(elsewhere).find(fits);
        winner.public_line = identity.map(|identity| format!("{} {}", identity.algorithm, identity.blob));
        winner.save_as = winner.public_line.as_deref().map(save_as);
    }
    facts.auth = auth.into();
}

/// A file's name for a public line, so telling that a file of that name holds no other: nothing is ever written over.
fn save_as(line: &str) -> String {
    let digest = Fingerprint::sha256(line.as_bytes()).to_string();
    let letters = digest.trim_start_matches("SHA256:").chars().filter(char::is_ascii_alphanumeric);
    format!("cci-ssh-{}.pub", letters.take(12).collect::<String>())
}

/// Newer names are errors to older clients, and those before 7.8 hold an RSA key's own name against the list.
fn current_types_option(version: Version) -> String {
    let since = |major, minor| version >= Version { major, minor };
    let option = if since(8, 5) { "PubkeyAcceptedAlgorithms" } else { "PubkeyAcceptedKeyTypes" };
    let mut names = vec!["ssh-ed25519"];
    names.extend(since(8, 2).then_some("sk-ssh-ed25519@openssh.com"));
    names.extend(["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521"]);
    names.extend(since(7, 2).then_some("rsa-sha2-512"));
    names.extend(since(7, 2).then_some("rsa-sha2-256"));
    names.extend((!since(7, 8)).then_some("ssh-rsa"));
    format!("{option}={}", names.join(","))
}

/// Keys that the server has not refused and that the list leaves out: those that ssh looks at, or every other one, where it
/// leaves ssh no key at all; and those of the agent.
fn excluded(auth: &Auth, facts: &Facts) -> Vec<String> {
    match &auth.winner {
        Some(winner) if winner.not_offered_because.as_deref() == Some("excluded") => return vec![winner.name.clone()],
        Some(_) => return Vec::new(),
        None => {}
    }
    let keys = facts.keys.known().into_iter().flatten();
    let mut there = keys.clone().filter(|key| key.exists && key.may_serve).peekable();
    let all = auth.offered == 0 && there.peek().is_some() && there.all(|key| key.excluded_by_config);
    let files = keys
        .clone()
        .filter(|key| (key.tried || all) && key.exists && key.excluded_by_config && key.may_serve)
        .map(|key| &key.path);
    let answers = answers(facts);
    let only_in_agent = |left_out: &&LeftOut| !keys.clone().any(|key| key.path == left_out.name);
    let refused = |left_out: &LeftOut| {
        left_out.fingerprint.as_ref().is_some_and(|fingerprint| answers.get(fingerprint) == Some(&false))
    };
    let plan = facts.plan.known().filter(|plan| !plan.confirmed.is(&false));
    let excluded = plan.into_iter().flat_map(|plan| &plan.left_out).filter(|left_out| left_out.because == "excluded");
    let held = excluded.filter(only_in_agent).filter(|left_out| !refused(left_out)).map(|left_out| &left_out.name);
    let said = facts.attempt.known().into_iter().flat_map(|attempt| &attempt.skipped);
    let said = said.filter(|skipped| auth.keys_unseen && is_excluded(skipped)).map(|skipped| &skipped.path);
    files.chain(held).chain(said).cloned().collect()
}

/// ssh said of the key that its own list leaves it out. DSA is left out by default.
fn is_excluded(skipped: &Skipped) -> bool {
    let dsa = skipped.algorithm.as_deref().is_some_and(|name| name.starts_with("ssh-dss"));
    skipped.reason == SkipReason::NotInAcceptedAlgorithms && !skipped.path.is_empty() && !dsa
}

/// RSA keys that the server would take a SHA-2 signature for, which the configuration does not allow.
fn signature_excluded(attempt: &Attempt) -> Vec<String> {
    if sha1::rsa_signatures(attempt) == RsaSignatures::Sha2 { sha1::unsigned(attempt) } else { Vec::new() }
}

fn only_rsa_refused(keys: &[Key]) -> bool {
    let mut refused = keys.iter().filter(|key| key.accepted.is(&false)).peekable();
    refused.peek().is_some() && refused.all(|key| key.family.known().is_some_and(|family| family == "rsa"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Agent, Client},
        ssh::log,
    };

    fn auth(facts: &mut Facts) -> Auth {
        fill(facts);
        facts.auth.known().expect("auth").clone()
    }

    #[test]
    fn the_list_of_types_is_one_that_the_client_understands() {
        let of = |major, minor| current_types_option(Version { major, minor });
        assert!(of(7, 5).starts_with("PubkeyAcceptedKeyTypes=ssh-ed25519,ecdsa"));
        assert!(of(7, 5).ends_with(",rsa-sha2-256,ssh-rsa"));
        assert!(of(8, 4).starts_with("PubkeyAcceptedKeyTypes=ssh-ed25519,sk-") && of(8, 4).ends_with(",rsa-sha2-256"));
        assert!(of(9, 2).starts_with("PubkeyAcceptedAlgorithms="));
    }

    fn facts(keys: Vec<Key>, winner: Option<Winner>) -> Facts {
        let auth = Auth { winner, ..Auth::default() };
        Facts { keys: keys.into(), auth: auth.into(), ..Facts::default() }
    }

    #[test]
    fn keys_that_the_configuration_excludes() {
        let out = |path: &str| Key {
            path: path.into(),
            tried: true,
            exists: true,
            may_serve: true,
            excluded_by_config: true,
            ..Key::default()
        };
        let stray = || Key { tried: false, ..out("/stray") };
        let plain = Key { excluded_by_config: false, ..out("/plain") };
        assert_eq!(auth(&mut facts(vec![out("/k"), stray(), plain.clone()], None)).excluded_keys, ["/k"]);
        assert_eq!(auth(&mut facts(vec![stray()], None)).excluded_keys, ["/stray"], "no key at all is left");
        assert!(auth(&mut facts(vec![stray(), plain], None)).excluded_keys.is_empty());
        let winner = |why: Option<&str>| Winner {
            name: "/w".into(),
            not_offered_because: why.map(str::to_owned),
            ..Winner::default()
        };
        assert_eq!(auth(&mut facts(vec![out("/k")], Some(winner(Some("excluded"))))).excluded_keys, ["/w"]);
        assert!(auth(&mut facts(vec![out("/k")], Some(winner(None)))).excluded_keys.is_empty());
    }

    #[test]
    fn an_rsa_key_without_the_signature_that_the_server_takes() {
        let of = |listed: &str| {
            let mut attempt = Attempt::new("a log");
            let server = log::Server { sig_algs: vec![listed.into()], ..log::Server::default() };
            attempt.server = Some(server);
            let outcome = log::OfferOutcome::NoMutualSignature;
            attempt.offers = vec![log::Offer { path: "/id_rsa".into(), outcome, ..log::Offer::default() }];
            auth(&mut Facts { attempt: attempt.into(), ..facts(vec![], None) }).excluded_keys
        };
        assert_eq!(of("rsa-sha2-256"), ["/id_rsa"]);
        assert!(of("ssh-rsa").is_empty() && of("ssh-ed25519").is_empty());
    }

    #[test]
    fn an_old_client_with_refused_rsa_keys() {
        let refused = |family: &str| Key { accepted: false.into(), family: family.to_owned().into(), ..Key::default() };
        let with = |keys: Vec<Key>, signs: bool| {
            let client = Client { signs_rsa_sha2: signs.into(), ..Client::default() };
            auth(&mut Facts { client: client.into(), ..facts(keys, None) }).rsa_refused_without_sha2
        };
        assert!(with(vec![refused("rsa")], false));
        assert!(!with(vec![refused("rsa")], true));
        assert!(!with(vec![refused("rsa"), refused("ed25519")], false));
        assert!(!with(vec![], false));
    }

    #[test]
    fn a_key_of_the_agent_gets_its_public_line() {
        let identity = Identity {
            algorithm: "ssh-ed25519".into(),
            fingerprint: "SHA256:a".into(),
            blob: "AAAA".into(),
            ..Identity::default()
        };
        let agent = Agent { identities: vec![identity].into(), ..Agent::default() };
        let winner = Winner { in_agent: true, fingerprint: "SHA256:a".into(), ..Winner::default() };
        let mut facts = Facts { agent: agent.into(), ..facts(vec![], Some(winner)) };
        let winner = auth(&mut facts).winner.expect("it is there");
        assert_eq!(winner.public_line.as_deref(), Some("ssh-ed25519 AAAA"));
        assert_ne!(winner.save_as.as_deref(), Some(save_as("ssh-ed25519 BBBB").as_str()), "a name for each key");
        assert!(winner.save_as.is_some_and(|name| name.len() == "cci-ssh-.pub".len() + 12));
    }
}
