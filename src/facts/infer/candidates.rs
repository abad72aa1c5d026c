//! The keys of this machine that a server could be asked about.

use super::unlisted::signs_for;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};

use crate::{
    facts::{Certificate, Facts, Identity, Key, OtherAgent},
    ssh::public_key::{Fingerprint, is_certificate, plain_algorithm},
};

/// A key that this machine could offer, from a file, the agent, or both; or a certificate for one.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// SHA-256 of the blob, `SHA256:…`; for a plain key that is its fingerprint.
    pub id: String,
    /// `SHA256:…` of the key, of the one inside where this is a certificate.
    pub fingerprint: &'a str,
    /// The public blob, in base64.
    pub blob: &'a str,
    /// Its file, where it has one that ssh could name.
    pub key: Option<&'a Key>,
    /// Its place in the agent.
    pub identity: Option<&'a Identity>,
    /// An agent that has it and that ssh does not ask, and its place there.
    pub elsewhere: Option<(&'a OtherAgent, usize)>,
    /// The certificate's file, where this is one.
    pub certificate: Option<&'a Certificate>,
}

impl Candidate<'_> {
    /// What a person calls it: its path, the agent's comment, or else its fingerprint.
    pub(super) fn name(&self) -> String {
        self.certificate.map_or_else(|| self.name_of_key(), |certificate| certificate.path.clone())
    }

    /// The same for the key inside a certificate.
    pub(super) fn name_of_key(&self) -> String {
        match (self.key, self.held()) {
            (Some(key), _) => key.path.clone(),
            (None, Some(identity)) if !identity.comment.is_empty() => identity.comment.clone(),
            _ => self.fingerprint.to_owned(),
        }
    }

    /// Its place in an agent, whether or not ssh asks it.
    pub(super) fn held(&self) -> Option<&Identity> {
        self.identity.or_else(|| self.elsewhere.and_then(|(agent, place)| agent.keys.get(place)))
    }

    /// Neither a file nor the agent that ssh asks has it.
    pub(super) fn is_only_elsewhere(&self) -> bool {
        self.key.is_none() && self.identity.is_none()
    }

    /// It is in an agent that the environment names.
    fn named_by_shell(&self) -> bool {
        self.elsewhere.is_some_and(|(agent, _)| agent.named_by != "usual-place")
    }

    /// Whether it is a certificate, from a file or in the agent.
    pub(super) fn is_certificate(&self) -> bool {
        self.certificate.is_some() || self.held().is_some_and(|identity| is_certificate(&identity.algorithm))
    }

    pub(super) fn is_rsa(&self) -> bool {
        self.key.is_some_and(|key| key.family.is(&"rsa".to_owned()))
            || self.held().is_some_and(|identity| identity.family == "rsa")
    }

    /// Whether ssh finds the certificate once it knows the key: by CertificateFile, or by its name where there is no such
    /// line (ssh_config(5), CertificateFile).
    pub(super) fn certificate_is_found(&self, facts: &Facts) -> bool {
        let none_named = facts.config.known().is_none_or(|config| !config.names_certificates());
        let beside = self.belongs_by_name() && none_named;
        self.certificate.is_some_and(|certificate| certificate.configured || beside)
    }

    /// Whether the certificate is the one that lies beside the key, or that the configuration names for it.
    pub(super) fn belongs_by_name(&self) -> bool {
        let of_key = self.key.and_then(|key| key.certificate.as_ref());
        self.certificate.zip(of_key).is_some_and(|(one, other)| one.path == other.path)
    }

    /// Algorithm name of the key, of the one inside a certificate; empty if it is not known.
    pub(super) fn algorithm(&self) -> String {
        let by_key = self.key.and_then(|key| key.algorithm.known()).cloned();
        by_key.or_else(|| self.held().map(|identity| plain_algorithm(&identity.algorithm))).unwrap_or_default()
    }

    /// How likely it is the right one: the smaller the likelier.
    fn rank(&self, facts: &Facts) -> (bool, u8, bool) {
        let out_of_time = self.certificate.is_some_and(|certificate| certificate.expired || certificate.not_yet_valid);
        let useless = self.key.is_some_and(|key| key.type_unsupported || key.too_small) && self.identity.is_none();
        let name = self.name().to_ascii_lowercase();
        let by_name = if name.contains("circle") || name.contains("cci") {
            0
        } else if self.key.is_some_and(|key| key.tried) || self.identity.is_some() || self.named_by_shell() {
            1
        } else if ["github", "gitlab", "bitbucket", "git"].iter().any(|host| name.contains(host)) {
            2
        } else {
            3
        };
        let off_the_list = !is_listed(facts, &self.algorithm());
        (
            out_of_time || useless || off_the_list,
            by_name,
            self.identity.is_none() && self.key.is_none_or(|key| key.loadable.is(&false)),
        )
    }
}

/// Every key that could be offered and whose public half is known, and every certificate for one, likely ones first, each
/// once.
pub fn candidates(facts: &Facts) -> Vec<Candidate<'_>> {
    let mut list: Vec<Candidate<'_>> = Vec::new();
    let agent = facts.agent.known();
    for identity in agent.and_then(|agent| agent.identities.known()).into_iter().flatten() {
        if !list.iter().any(|known| known.fingerprint == identity.fingerprint && known.blob == identity.blob) {
            list.push(Candidate { identity: Some(identity), ..in_an_agent(identity) });
        }
    }
    let there = || facts.keys.known().into_iter().flatten().filter(|key| key.exists);
    for key in there() {
        let (Some(fingerprint), Some(blob)) = (key.fingerprint.known(), key.blob.known()) else { continue };
        match list.iter_mut().find(|known| known.fingerprint == fingerprint && !known.is_certificate()) {
            Some(known) => known.key = known.key.or(Some(key)),
            None => list.push(Candidate { key: Some(key), ..nowhere(fingerprint.clone(), fingerprint, blob) }),
        }
    }
    for other in agent.into_iter().flat_map(|agent| &agent.others) {
        for (place, held) in other.keys.iter().enumerate() {
            let (one, elsewhere) = (in_an_agent(held), Some((other, place)));
            match list.iter_mut().find(|known| known.id == one.id) {
                Some(known) => known.elsewhere = known.elsewhere.or(elsewhere),
                None => list.push(Candidate { elsewhere, ..one }),
            }
        }
    }
    let beside = there().filter_map(|key| Some((Some(key), key.certificate.as_ref()?)));
    let beside = beside.filter(|(_, certificate)| !certificate.matches.is(&false));
    let folder = facts.key_folder.known().into_iter().flat_map(|folder| &folder.certificates);
    let named = facts.certificates.known().into_iter().flatten().filter(|certificate| !certificate.for_hosts);
    for (key, certificate) in beside.chain(named.chain(folder).map(|certificate| (None, certificate))) {
        let fingerprint = certificate.key.as_str();
        let of_it = list.iter().find(|known| known.fingerprint == fingerprint && !known.is_certificate());
        let key = key.or(of_it.and_then(|known| known.key));
        let identity = of_it.and_then(|known| known.identity);
        let elsewhere = of_it.and_then(|known| known.elsewhere);
        // A certificate of a key that is not here is nobody's.
        if certificate.blob.is_empty()
            || (key.is_none() && identity.is_none() && elsewhere.is_none())
            || list.iter().any(|known| known.blob == certificate.blob)
        {
            continue;
        }
        let plain = nowhere(digest(&certificate.blob), fingerprint, &certificate.blob);
        list.push(Candidate { key, identity, elsewhere, certificate: Some(certificate), ..plain });
    }
    list.sort_by_cached_key(|candidate| candidate.rank(facts));
    list
}

/// Whether the server's own list of signature algorithms, where it sent one, has any for this type of key.
fn is_listed(facts: &Facts, algorithm: &str) -> bool {
    let server = facts.attempt.known().and_then(|attempt| attempt.server.as_ref());
    let listed = server.map(|server| server.sig_algs.as_slice()).unwrap_or_default();
    listed.is_empty() || algorithm.is_empty() || listed.iter().any(|name| signs_for(name, algorithm))
}

fn nowhere<'a>(id: String, fingerprint: &'a str, blob: &'a str) -> Candidate<'a> {
    Candidate { id, fingerprint, blob, key: None, identity: None, elsewhere: None, certificate: None }
}

fn in_an_agent(held: &Identity) -> Candidate<'_> {
    let certificate = is_certificate(&held.algorithm);
    let id = if certificate { digest(&held.blob) } else { held.fingerprint.clone() };
    nowhere(id, &held.fingerprint, &held.blob)
}

/// SHA-256 of a blob.
fn digest(blob: &str) -> String {
    let bytes = BASE64.decode(blob).unwrap_or_else(|_| blob.as_bytes().to_vec());
    Fingerprint::sha256(&bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Agent, KeyFolder, KeyOrigin};

    fn key(path: &str, origin: KeyOrigin) -> Key {
        let tried = origin != KeyOrigin::Found;
        let (fingerprint, blob) = (format!("SHA256:{path}").into(), format!("blob of {path}").into());
        Key {
            path: path.into(),
            origin,
            tried,
            exists: true,
            fingerprint,
            blob,
            loadable: true.into(),
            ..Key::default()
        }
    }

    fn certificate(path: &str, key: &str) -> Certificate {
        let (key, blob) = (format!("SHA256:{key}"), format!("certificate {path}"));
        Certificate { path: path.into(), key, blob, ..Certificate::default() }
    }

    fn names(facts: &Facts) -> Vec<String> {
        candidates(facts).iter().map(Candidate::name).collect()
    }

    #[test]
    fn likely_keys_come_first() {
        let keys = vec![
            key("/h/backup", KeyOrigin::Found),
            key("/h/gitlab", KeyOrigin::Found),
            key("/h/id_ed25519", KeyOrigin::Default),
            key("/h/circleci_ed25519", KeyOrigin::Found),
            Key { too_small: true, ..key("/h/circleci_old", KeyOrigin::Found) },
        ];
        let facts = Facts { keys: keys.into(), ..Facts::default() };
        assert_eq!(
            names(&facts),
            ["/h/circleci_ed25519", "/h/id_ed25519", "/h/gitlab", "/h/backup", "/h/circleci_old"]
        );
    }

    #[test]
    fn types_that_the_server_does_not_list_come_last() {
        let typed = |path: &str, algorithm: &str| Key {
            algorithm: algorithm.to_owned().into(),
            ..key(path, KeyOrigin::Default)
        };
        let mut attempt = crate::facts::Attempt::new("a log");
        attempt.server = Some(crate::ssh::log::Server {
            sig_algs: vec!["rsa-sha2-512".into()],
            ..crate::ssh::log::Server::default()
        });
        let keys = vec![typed("/h/circleci", "ssh-ed25519"), typed("/h/id_rsa", "ssh-rsa")];
        let facts = Facts { keys: keys.into(), attempt: attempt.into(), ..Facts::default() };
        assert_eq!(names(&facts), ["/h/id_rsa", "/h/circleci"]);
    }

    #[test]
    fn certificates_of_keys_that_are_here() {
        let mut with = key("/h/a", KeyOrigin::Default);
        with.certificate = Some(certificate("/h/a-cert.pub", "/h/a"));
        let identity = Identity { fingerprint: "SHA256:agent".into(), blob: "agent".into(), ..Identity::default() };
        let certificates = vec![
            certificate("/h/stray.cert", "/h/a"),
            certificate("/h/agent.cert", "agent"),
            certificate("/h/nobody.cert", "gone"),
        ];
        let facts = Facts {
            keys: vec![with].into(),
            agent: Agent { identities: vec![identity].into(), ..Agent::default() }.into(),
            key_folder: KeyFolder { certificates, ..KeyFolder::default() }.into(),
            ..Facts::default()
        };
        let mut names = names(&facts);
        names.sort();
        assert_eq!(names, ["/h/a", "/h/a-cert.pub", "/h/agent.cert", "/h/stray.cert", "SHA256:agent"]);
        let list = candidates(&facts);
        let of = |path: &str| list.iter().find(|one| one.name() == path).expect("it is there");
        assert!(of("/h/a-cert.pub").certificate_is_found(&facts));
        assert!(!of("/h/stray.cert").certificate_is_found(&facts));
    }

    #[test]
    fn a_certificate_in_the_agent_is_not_the_plain_key_on_disk() {
        let identity = Identity {
            algorithm: "ssh-ed25519-cert-v01@openssh.com".into(),
            fingerprint: "SHA256:/h/a".into(),
            blob: "certificate".into(),
            ..Identity::default()
        };
        let facts = Facts {
            keys: vec![key("/h/a", KeyOrigin::Default)].into(),
            agent: Agent { identities: vec![identity].into(), ..Agent::default() }.into(),
            ..Facts::default()
        };
        let list = candidates(&facts);
        assert_eq!(list.iter().filter(|one| one.is_certificate() && one.key.is_none()).count(), 1);
        assert_eq!(list.iter().filter(|one| !one.is_certificate() && one.key.is_some()).count(), 1);
        assert_ne!(list[0].id, list[1].id);
    }
}
