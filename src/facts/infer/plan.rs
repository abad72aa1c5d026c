//! What ssh would offer, and in which order.
//!
//! This follows ssh's own steps (ssh.c, `load_public_identity_files`; sshconnect2.c, `pubkey_prepare` and
//! `userauth_pubkey`): certificates that the configuration names, keys of files that the agent holds too, the agent's other
//! keys, the other files. What nothing shows the public half of is loaded when its turn comes.
//!
//! Parts: `shown` (which public half ssh finds for a file), `signature` (whether it could sign for a key), `log` (what an
//! attempt says to all this). `tests/offers.rs` holds the whole against real clients.

mod log;
mod shown;
mod signature;

use crate::facts::{
    AgentState, Certificate, Config, Fact, Facts, Identity, Key, KeyOrigin, LeftOut, Plan, PlannedKey, Seen, Version,
};
use crate::ssh::{key_file::DEFAULT_NAMES, public_key::is_certificate};
use shown::{Public, load_at_its_turn, shown};
use signature::Signatures;

/// Smallest RSA key any OpenSSH since 7.6 takes (ssh.h, SSH_RSA_MINIMUM_MODULUS_SIZE).
const SMALLEST_RSA: u32 = 1024;

/// Since when ssh sorts its list (10.5, release notes).
const SORTED: Version = Version { major: 10, minor: 5 };

/// Fills `plan`, and what follows from it for each key of the files and the agent.
pub(super) fn infer(facts: &mut Facts) {
    let mut plan = match plan(facts) {
        Ok(plan) => plan,
        Err(why) => {
            facts.plan = Fact::Unknown(why);
            return;
        }
    };
    plan.confirmed = log::confirms(facts, &plan);
    facts.plan = plan.into();
    log::mark(facts);
}

/// One entry of ssh's list.
#[derive(Clone, Copy, Default)]
struct Entry<'f> {
    name: &'f str,
    from: &'static str,
    public: Option<Public<'f>>,
    /// The file, for what has to be loaded.
    key: Option<&'f Key>,
    in_agent: bool,
    /// The user's configuration or command line names it.
    explicit: bool,
    /// CertificateFile names it, so it comes first of all.
    first: bool,
}

/// What the steps need, and where they write.
struct Maker<'f> {
    config: &'f Config,
    version: Option<Version>,
    signatures: Signatures<'f>,
    plan: Plan,
}

fn plan(facts: &Facts) -> Result<Plan, String> {
    let config = known(&facts.config)?;
    let keys = known(&facts.keys)?;
    known(&config.identity_files)?;
    known(&config.pubkey_authentication)?;
    known(&config.publickey_not_preferred)?;
    known(&config.identities_only)?;
    let version = facts.client.known().and_then(|client| client.version.known().copied());
    let signatures = Signatures::new(known(&config.pubkey_algorithms)?, version, facts);
    let mut maker = Maker { config, version, signatures, plan: Plan::default() };
    let agent = maker.agent_keys(facts);

    if is_off(config) {
        maker.publickey_off(keys, agent);
        return Ok(maker.plan);
    }
    if version.is_none() {
        maker.unsure("the version of ssh is not known");
    }
    if config.pkcs11_provider.is_some() {
        maker.unsure("nobody asked the PKCS#11 library for its keys");
    }

    if config.certificate_files.is_empty() && config.names_certificates() {
        maker.unsure("this ssh does not tell which certificates it is given");
    }

    let files = maker.files(keys);
    let certificates = maker.certificates(facts);
    let entries = maker.in_order(files, certificates, agent);
    for entry in entries {
        maker.take_its_turn(&entry);
    }
    maker.never_looked_at(facts, keys);
    Ok(maker.plan)
}

/// Public keys are not used at all.
fn is_off(config: &Config) -> bool {
    config.pubkey_authentication.is(&false) || config.publickey_not_preferred.is(&true)
}

fn known<T>(fact: &Fact<T>) -> Result<&T, String> {
    match fact {
        Fact::Known(value) => Ok(value),
        Fact::Unknown(why) => Err(why.clone()),
    }
}

impl<'f> Maker<'f> {
    fn unsure(&mut self, why: &str) {
        self.plan.unsure.get_or_insert_with(|| why.to_owned());
    }

    fn last_from(&mut self, from: &str) {
        if let Some(last) = self.plan.left_out.last_mut() {
            from.clone_into(&mut last.from);
        }
    }

    fn leave_out_of_agent(&mut self, identity: &Identity, because: &str) {
        self.leave_out(&identity.comment, Some(&identity.fingerprint), because);
        self.last_from("agent");
        if let Some(last) = self.plan.left_out.last_mut() {
            last.bits = identity.bits.known().copied().filter(|_| because == "rsa-too-small");
        }
    }

    fn leave_out(&mut self, name: &str, fingerprint: Option<&str>, because: &str) {
        let option = match because {
            "excluded" => "pubkeyacceptedalgorithms",
            "rsa-too-small" => "requiredrsasize",
            "identities-only" => "identitiesonly",
            "default-name-replaced" => "identityfile",
            "publickey-off" if self.config.pubkey_authentication.is(&false) => "pubkeyauthentication",
            "publickey-off" => "preferredauthentications",
            _ => "",
        };
        let seen: Option<Seen> = self.config.from.get(option).cloned();
        let fingerprint = fingerprint.map(str::to_owned);
        let (name, because, from) = (name.to_owned(), because.to_owned(), "file".to_owned());
        self.plan.left_out.push(LeftOut { name, fingerprint, because, from, seen, ..LeftOut::default() });
    }

    fn publickey_off(&mut self, keys: &'f [Key], agent: &'f [Identity]) {
        for key in keys.iter().filter(|key| key.exists) {
            self.leave_out(&key.path, key.fingerprint.known().map(String::as_str), "publickey-off");
        }
        for identity in agent {
            self.leave_out_of_agent(identity, "publickey-off");
        }
    }

    /// The agent's keys as ssh gets them.
    fn agent_keys(&mut self, facts: &'f Facts) -> &'f [Identity] {
        let Some(agent) = facts.agent.known() else {
            self.unsure("the agent was not looked at");
            return &[];
        };
        let reached = matches!(agent.state, AgentState::Answers | AgentState::NotConfigured | AgentState::Off);
        match agent.identities.known() {
            Some(identities) => identities,
            None if reached || agent.state == AgentState::Silent => {
                self.unsure("the agent does not tell its keys");
                &[]
            }
            None => &[],
        }
    }

    /// The files that ssh looks at, each followed by the certificate beside it, unless CertificateFile names others.
    fn files(&mut self, keys: &'f [Key]) -> Vec<Entry<'f>> {
        let mut files = Vec::new();
        for key in keys.iter().filter(|key| key.origin != KeyOrigin::Found) {
            if key.passed_over {
                self.leave_out(&key.path, key.fingerprint.known().map(String::as_str), "no-such-file");
                continue;
            }
            if key.damaged_but_shown() {
                self.unsure("one of the files is damaged behind its public half");
            }
            let explicit = key.origin != KeyOrigin::Default;
            let entry = Entry { name: &key.path, explicit, ..Entry::default() };
            let public = shown(key, self.version);
            files.push(Entry { from: "file", public, key: Some(key), ..entry });
            let beside = key.certificate.as_ref().filter(|certificate| is_beside(certificate, key));
            if beside.is_some_and(|certificate| certificate.algorithm.is_empty()) {
                self.unsure("one of the certificates was not read");
            }
            if let Some(certificate) = beside.filter(|_| !self.config.names_certificates()) {
                let public = Some(Public::of_certificate(certificate));
                files.push(Entry { from: "certificate", public, ..entry });
            }
        }
        let usable = |maker: &mut Self, entry: &Entry<'f>| match &entry.public {
            Some(public) => maker.is_usable(entry, public),
            None => true,
        };
        files.retain(|entry| usable(self, entry));
        files
    }

    fn certificates(&mut self, facts: &'f Facts) -> Vec<Entry<'f>> {
        let certificates = match (&facts.certificates, self.config.certificate_files.is_empty()) {
            (Fact::Known(certificates), _) => certificates.as_slice(),
            (Fact::Unknown(_), true) => &[],
            (Fact::Unknown(_), false) => {
                self.unsure("the certificates that CertificateFile names were not read");
                &[]
            }
        };
        let mut entries: Vec<Entry<'f>> = certificates
            .iter()
            .map(|certificate| Entry {
                name: &certificate.path,
                from: "certificate",
                public: Some(Public::of_certificate(certificate)),
                explicit: true,
                first: true,
                ..Entry::default()
            })
            .collect();
        let usable = |maker: &mut Self, entry: &Entry<'f>| {
            entry.public.as_ref().is_some_and(|public| maker.is_usable(entry, public))
        };
        entries.retain(|entry| usable(self, entry));
        entries
    }

    /// What ssh drops before it makes its list, of files only: an agent's security key needs no provider of ssh's.
    fn is_usable(&mut self, entry: &Entry<'f>, public: &Public<'f>) -> bool {
        let because = if public.for_hosts {
            "host-certificate"
        } else if public.algorithm.starts_with("sk-") && self.config.security_key_provider.is_none() {
            "no-security-key-provider"
        } else if entry.from == "certificate" && self.too_small(public) {
            "rsa-too-small"
        } else {
            return true;
        };
        self.leave_out(entry.name, Some(public.fingerprint), because);
        self.last_from(entry.from);
        false
    }

    fn too_small(&self, public: &Public<'_>) -> bool {
        let least = self.config.required_rsa_size.unwrap_or(0).max(SMALLEST_RSA);
        public.algorithm.starts_with("ssh-rsa") && public.bits.is_some_and(|bits| bits < least)
    }

    fn in_order(
        &mut self,
        mut files: Vec<Entry<'f>>,
        certificates: Vec<Entry<'f>>,
        agent: &'f [Identity],
    ) -> Vec<Entry<'f>> {
        for entry in &mut files {
            // Forgotten, and found too small again when its turn comes.
            entry.public = entry.public.filter(|public| !self.too_small(public));
        }
        let mut order = certificates;
        let mut others = Vec::new();
        for identity in agent {
            let public = Public::of_identity(identity);
            if self.too_small(&public) {
                self.leave_out_of_agent(identity, "rsa-too-small");
                continue;
            }
            let same = |entry: &Entry<'_>| entry.public.as_ref().is_some_and(|known| known.blob == identity.blob);
            if let Some(place) = files.iter().position(same) {
                order.push(Entry { in_agent: true, ..files.remove(place) });
            } else if self.config.identities_only.is(&true) {
                self.leave_out_of_agent(identity, "identities-only");
            } else {
                let name = identity.comment.as_str();
                others.push(Entry { name, from: "agent", public: Some(public), in_agent: true, ..Entry::default() });
            }
        }
        order.extend(others);
        order.extend(files);
        if self.version.is_some_and(|version| version >= SORTED) {
            self.sort(&mut order);
        }
        order
    }

    /// Newer clients sort what the agent has, and what files have, each by itself: what the user named stays in its order,
    /// then come certificates, then the rest.
    fn sort(&mut self, order: &mut [Entry<'f>]) {
        let on_token = |entry: &Entry<'_>| entry.public.is_some_and(|public| public.algorithm.starts_with("sk-"));
        if order.len() > 1 && order.iter().any(|entry| !entry.explicit && on_token(entry)) {
            self.unsure("this ssh sorts security keys by what each asks of the person");
        }
        let plain = |entry: &Entry<'_>| !entry.public.is_some_and(|public| is_certificate(public.algorithm));
        order.sort_by_key(|entry| (!entry.first, !entry.in_agent, !entry.explicit, !entry.explicit && plain(entry)));
    }

    fn take_its_turn(&mut self, entry: &Entry<'f>) {
        let planned = PlannedKey {
            name: entry.name.to_owned(),
            from: entry.from.to_owned(),
            in_agent: entry.in_agent,
            ..PlannedKey::default()
        };
        match (&entry.public, entry.key) {
            (Some(public), _) => match self.signatures.refuse(public.algorithm) {
                Some(because) => {
                    self.leave_out(entry.name, Some(public.fingerprint), because);
                    self.last_from(entry.from);
                }
                None => self.offer(PlannedKey {
                    algorithm: public.algorithm.to_owned(),
                    fingerprint: Some(public.fingerprint.to_owned()),
                    ..planned
                }),
            },
            (None, Some(key)) => self.load(key, planned),
            (None, None) => {}
        }
    }

    /// A key that ssh finds in two places is listed where it comes first.
    fn offer(&mut self, offer: PlannedKey) {
        let same = |known: &PlannedKey| {
            known.algorithm == offer.algorithm
                && match &offer.fingerprint {
                    Some(_) => known.fingerprint == offer.fingerprint,
                    None => known.fingerprint.is_none() && known.name == offer.name,
                }
        };
        if !self.plan.offers.iter().any(same) {
            self.plan.offers.push(offer);
        }
    }

    /// ssh loads the private key, for want of a public half, and signs with it at once.
    fn load(&mut self, key: &'f Key, planned: PlannedKey) {
        let fingerprint = key.fingerprint.known();
        let algorithm = key.algorithm.known().map(String::as_str).unwrap_or_default();
        let because = match load_at_its_turn(key, self.config, self.version) {
            Ok(needs_passphrase) => match self.signatures.refuse_loaded(algorithm) {
                None => {
                    self.offer(PlannedKey {
                        algorithm: algorithm.to_owned(),
                        fingerprint: fingerprint.cloned(),
                        loaded_first: true,
                        needs_passphrase,
                        ..planned
                    });
                    return;
                }
                Some(because) => because,
            },
            Err(None) => {
                self.unsure("nobody knows whether one of the files can be loaded");
                return;
            }
            Err(Some(because)) => because,
        };
        // A built-in name that does not exist is nothing that is left out.
        if key.exists || key.origin != KeyOrigin::Default {
            self.leave_out(&key.path, fingerprint.map(String::as_str), because);
        }
    }

    /// Why ssh would not offer a key even if it were named.
    fn useless(&self, key: &Key) -> Option<&'static str> {
        if key.too_small {
            return Some("rsa-too-small");
        }
        let certified = is_certified(key).is_some_and(|of_it| self.signatures.refuse(&of_it.algorithm).is_none());
        let algorithm = key.algorithm.known().filter(|_| !certified)?;
        self.signatures.refuse(algorithm)
    }

    /// Private keys that no offer stands for: those in files that ssh does not look at, and those beside which a public half
    /// of another key lies.
    fn never_looked_at(&mut self, facts: &Facts, keys: &'f [Key]) {
        // Whoever types -i means that key, and no other.
        let typed = facts.target.as_ref().is_some_and(|target| !target.identity_files.is_empty());
        let replaced = self.config.identity_files_configured.is(&true) && !typed;
        let folder = facts.key_folder.known().map(|folder| folder.path.as_str()).unwrap_or_default();
        for key in keys.iter().filter(|key| key.exists) {
            let fingerprint = key.fingerprint.known();
            let named = self.plan.left_out.iter().any(|left_out| left_out.name == key.path);
            let offered = self.plan.offers.iter().any(|offer| match fingerprint {
                Some(_) => offer.fingerprint.as_ref() == fingerprint,
                None => offer.name == key.path,
            });
            if named || offered {
                continue;
            }
            let because = match (key.origin, self.useless(key)) {
                (_, Some(because)) => because,
                (KeyOrigin::Found, None) if replaced && has_default_name(&key.path, folder) => "default-name-replaced",
                (KeyOrigin::Found, None) => "not-configured",
                (_, None) => "pub-mismatch",
            };
            self.leave_out(&key.path, fingerprint.map(String::as_str), because);
        }
    }
}

/// Whether the key's certificate lies beside it.
fn is_certified(key: &Key) -> Option<&Certificate> {
    key.certificate.as_ref().filter(|certificate| certificate.matches.is(&true))
}

fn has_default_name(path: &str, folder: &str) -> bool {
    let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix(['/', '\\']));
    name.is_some_and(|name| DEFAULT_NAMES.contains(&name))
}

fn is_beside(certificate: &Certificate, key: &Key) -> bool {
    certificate.path.strip_prefix(&key.path) == Some("-cert.pub")
}

#[cfg(test)]
mod tests;
