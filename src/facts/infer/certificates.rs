//! Certificates that let nobody in. ssh shows them without a word about what they say, and the server refuses them without
//! one, so what stands out in them is all there is.

use crate::{
    facts::{Attempt, Certificate, Facts, RefusedCertificate, Seen, Stage, Version},
    ssh::log::{Offer, OfferOutcome, Planned, SignReason, SkipReason},
};

/// What an sshd understands (PROTOCOL.certkeys).
const CRITICAL_OPTIONS: [&str; 3] = ["force-command", "source-address", "verify-required"];

/// Fills `refused_certificates` of `auth`; after `login`.
pub(super) fn fill(facts: &mut Facts) {
    let at_the_keys = facts.login.known().is_some_and(|login| login.failed_stage == Some(Stage::Authentication));
    let Some(auth) = facts.auth.known() else { return };
    let refused = if at_the_keys && auth.winner.is_none() { refused(facts) } else { Vec::new() };
    if let Some(auth) = facts.auth.known_mut() {
        auth.refused_certificates = refused;
    }
}

fn refused(facts: &Facts) -> Vec<RefusedCertificate> {
    let unsignable = unsignable(facts);
    let user = facts.config.known().and_then(|config| config.user.known()).map(String::as_str);
    let keys = facts.keys.known().map(Vec::as_slice).unwrap_or_default();
    let held = facts.agent.known().and_then(|agent| agent.identities.known()).map(Vec::as_slice).unwrap_or_default();
    let beside = keys.iter().filter(|key| key.tried && key.exists).filter_map(|key| {
        let certificate = key.certificate.as_ref()?;
        // Clients before 7.8 name key and certificate alike, so what the server accepted may be either.
        let other_key = certificate.matches.is(&false);
        (other_key || !key.accepted.is(&true)).then(|| (certificate, Some(key.path.clone()), other_key))
    });
    let in_agent = held
        .iter()
        .filter(|identity| !identity.offered.is(&false))
        .filter_map(|identity| Some((identity.certificate.as_ref()?, None, false)));
    let mut all: Vec<RefusedCertificate> = Vec::new();
    for (certificate, key, other_key) in beside.chain(in_agent) {
        if all.iter().any(|known| known.certificate.blob == certificate.blob) {
            continue;
        }
        let because = match because(certificate, user) {
            _ if other_key => "other-key",
            "refused" | "source-address" | "unknown-option" if unsignable && is_rsa(certificate) => "client-sha1",
            because => because,
        };
        all.push(RefusedCertificate {
            seen: seen(certificate),
            because: because.to_owned(),
            certificate: certificate.clone(),
            key,
            said: false,
        });
    }
    if facts.key_folder.known().is_none() {
        all.extend(facts.attempt.known().map(unread).unwrap_or_default());
    }
    all
}

/// Certificates of which only a log speaks: those that belong to another key, by ssh's own word, and those that the server
/// refused.
fn unread(attempt: &Attempt) -> Vec<RefusedCertificate> {
    let of = |path: &str, because: &str, seen: &Seen| {
        let key = path.trim_end_matches(".pub").trim_end_matches("-cert").to_owned();
        let certificate = Certificate { path: format!("{key}-cert.pub"), ..Certificate::default() };
        let said = because != "unread";
        RefusedCertificate { certificate, key: Some(key), because: because.to_owned(), said, seen: seen.clone() }
    };
    let skipped = attempt.skipped.iter().filter(|skipped| skipped.reason == SkipReason::UnusableCertificate);
    let skipped = skipped.map(|skipped| {
        let because = if skipped.seen.text.contains("not a user certificate") { "for-hosts" } else { "other-key" };
        of(&skipped.path, because, &skipped.seen)
    });
    let signed_for = attempt.offers.iter().filter(|offer| offer.sign_reason == Some(SignReason::NoPrivateKey));
    let signed_for = signed_for.map(|offer| of(&offer.path, "other-key", &offer.seen));
    let of_another = attempt.planned.iter().filter(|key| belongs_to_another(attempt, key));
    let line = |key: &Planned| attempt.offers.iter().rfind(|offer| offer.fingerprint == key.fingerprint);
    let of_another = of_another.map(|key| {
        let seen = line(key).map(|offer| offer.seen.clone()).unwrap_or_default();
        of(&key.path, "other-key", &seen)
    });
    let certified = |offer: &&Offer| offer.algorithm.as_deref().is_some_and(|name| name.ends_with("-CERT"));
    let refused = attempt.offers.iter().filter(certified).filter(|offer| offer.outcome == OfferOutcome::Refused);
    let refused = refused.map(|offer| of(&offer.path, "unread", &offer.seen));
    let mut all: Vec<RefusedCertificate> = Vec::new();
    for one in skipped.chain(signed_for).chain(of_another).chain(refused) {
        if !all.iter().any(|known| known.key == one.key) {
            all.push(one);
        }
    }
    all
}

/// A certificate goes by the path and the fingerprint of its key. Where ssh has another fingerprint for the key of that
/// path, it is the certificate of another.
fn belongs_to_another(attempt: &Attempt, certificate: &Planned) -> bool {
    let is_one = |key: &Planned| key.algorithm.as_deref().is_some_and(|name| name.ends_with("-CERT"));
    let plain =
        attempt.planned.iter().filter(|key| !is_one(key) && !key.path.is_empty() && key.path == certificate.path);
    let mut plain = plain.filter(|key| key.fingerprint.is_some()).peekable();
    let differs = |key: &Planned| key.fingerprint != certificate.fingerprint;
    is_one(certificate)
        && !certificate.agent
        && certificate.fingerprint.is_some()
        && plain.peek().is_some()
        && plain.all(differs)
}

/// Since when ssh signs with SHA-2 for certificates of RSA keys (release notes); for the keys themselves it does since 7.2.
const SHA2_FOR_CERTIFICATES: Version = Version { major: 7, minor: 8 };

/// This ssh signs for the certificate of an RSA key by way of SHA-1 alone, and the server says that it does not take that
/// (RFC 8308 section 3.1).
fn unsignable(facts: &Facts) -> bool {
    let version = facts.client.known().and_then(|client| client.version.known());
    let server = facts.attempt.known().and_then(|attempt| attempt.server.as_ref());
    let listed = server.map(|server| server.sig_algs.as_slice()).unwrap_or_default();
    version.is_some_and(|version| *version < SHA2_FOR_CERTIFICATES)
        && !listed.is_empty()
        && !listed.iter().any(|name| name.starts_with("ssh-rsa"))
}

fn is_rsa(certificate: &Certificate) -> bool {
    certificate.algorithm.starts_with("ssh-rsa-cert-")
}

/// What a server would take exception to, in the order in which sshd looks (sshkey.c `sshkey_cert_check_authority`, auth.c
/// `auth_authorise_keys`).
fn because(certificate: &Certificate, user: Option<&str>) -> &'static str {
    let has = |option: &str| certificate.critical_options.iter().any(|name| name == option);
    if certificate.for_hosts {
        "for-hosts"
    } else if certificate.not_yet_valid {
        "not-yet-valid"
    } else if certificate.expired {
        "expired"
    } else if certificate.principals.is_empty() {
        "no-principals"
    } else if user.is_some_and(|user| !certificate.principals.iter().any(|name| name == user)) {
        "principals"
    } else if matches!(certificate.signature.as_str(), "ssh-rsa" | "ssh-dss") {
        "sha1"
    } else if certificate.critical_options.iter().any(|option| !CRITICAL_OPTIONS.contains(&option.as_str())) {
        "unknown-option"
    } else if has("source-address") {
        "source-address"
    } else {
        "refused"
    }
}

fn seen(certificate: &Certificate) -> Seen {
    let names = match certificate.principals.as_slice() {
        [] => "nobody".to_owned(),
        names => names.join(", "),
    };
    let Certificate { valid_from, valid_to, signature, .. } = certificate;
    let text = format!("valid from {valid_from} to {valid_to}, for {names}, signed with {signature}");
    Seen { source: certificate.path.clone(), line: None, text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Agent, Attempt, Auth, Client, Config, Fact, Identity, Key, Login},
        ssh::log,
    };

    fn certificate() -> Certificate {
        Certificate {
            path: "/h/id-cert.pub".into(),
            principals: vec!["ana".into()],
            signature: "ssh-ed25519".into(),
            matches: true.into(),
            ..Certificate::default()
        }
    }

    #[test]
    fn a_log_shows_that_a_certificate_lets_nobody_in() {
        let of = |certified: &str, log: &str| {
            let planned = format!(
                "debug1: Will attempt key: /h/id ED25519 SHA256:a\ndebug1: Will attempt key: /h/id ED25519-CERT {certified}\n\
                 debug1: Offering public key: /h/id ED25519-CERT {certified}\ndebug1: Authentications that can continue: publickey\n{log}"
            );
            let mut attempt = log::Attempt::new("a log");
            for logged in log::Events::new(planned.as_bytes()) {
                attempt.apply(&logged.expect("a slice can always be read"));
            }
            unread(&attempt).into_iter().map(|one| (one.certificate.path, one.because, one.said)).collect::<Vec<_>>()
        };
        let path = || "/h/id-cert.pub".to_owned();
        assert_eq!(of("SHA256:a", ""), [(path(), "unread".to_owned(), false)]);
        assert_eq!(of("SHA256:b", ""), [(path(), "other-key".to_owned(), true)]);
        let unusable = "debug1: identity file /h/id-cert type 7 with no matching private key\n";
        assert_eq!(of("SHA256:a", unusable), [(path(), "other-key".to_owned(), true)]);
    }

    fn of(certificate: Certificate, in_agent: bool) -> Vec<RefusedCertificate> {
        let mut facts = Facts {
            login: Login { failed_stage: Some(Stage::Authentication), ..Login::default() }.into(),
            auth: Auth::default().into(),
            config: Config { user: "ana".to_owned().into(), ..Config::default() }.into(),
            keys: Vec::new().into(),
            ..Facts::default()
        };
        if in_agent {
            let identity = Identity { certificate: Some(certificate), ..Identity::default() };
            facts.agent = Agent { identities: vec![identity].into(), ..Agent::default() }.into();
        } else {
            let key = Key {
                path: "/h/id".into(),
                tried: true,
                exists: true,
                certificate: Some(certificate),
                ..Key::default()
            };
            facts.keys = vec![key].into();
        }
        fill(&mut facts);
        facts.auth.known().expect("auth").refused_certificates.clone()
    }

    #[test]
    fn what_stands_out_is_named() {
        let option = |name: &str| Certificate { critical_options: vec![name.into()], ..certificate() };
        for (certificate, because) in [
            (certificate(), "refused"),
            (Certificate { matches: Fact::Known(false), ..certificate() }, "other-key"),
            (Certificate { for_hosts: true, expired: true, ..certificate() }, "for-hosts"),
            (Certificate { expired: true, ..certificate() }, "expired"),
            (Certificate { not_yet_valid: true, ..certificate() }, "not-yet-valid"),
            (Certificate { principals: vec![], ..certificate() }, "no-principals"),
            (Certificate { principals: vec!["root".into()], ..certificate() }, "principals"),
            (Certificate { signature: "ssh-rsa".into(), ..certificate() }, "sha1"),
            (option("source-address"), "source-address"),
            (option("x@example.com"), "unknown-option"),
            (option("force-command"), "refused"),
        ] {
            assert_eq!(of(certificate, false)[0].because, because);
        }
    }

    #[test]
    fn an_old_client_signs_for_certificates_of_rsa_keys_with_sha1_alone() {
        let unsignable = |minor: u32, listed: &[&str]| {
            let mut attempt = Attempt::new("ssh -v");
            let sig_algs = listed.iter().map(|name| (*name).to_owned()).collect();
            attempt.server = Some(log::Server { sig_algs, ..log::Server::default() });
            let client = Client { version: Version { major: 7, minor }.into(), ..Client::default() };
            unsignable(&Facts { attempt: attempt.into(), client: client.into(), ..Facts::default() })
        };
        assert!(unsignable(7, &["ssh-ed25519", "rsa-sha2-512"]));
        assert!(!unsignable(8, &["ssh-ed25519", "rsa-sha2-512"]));
        assert!(!unsignable(7, &["rsa-sha2-512", "ssh-rsa"]));
        assert!(!unsignable(7, &[]), "a server that does not say what it takes");
    }

    #[test]
    fn the_agent_has_certificates_too() {
        let found = of(Certificate { expired: true, ..certificate() }, true);
        assert_eq!((found[0].because.as_str(), found[0].key.as_deref()), ("expired", None));
    }
}
