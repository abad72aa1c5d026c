//! Whether ssh has a signature algorithm for a key that its configuration and the server both take (sshconnect2.c,
//! `key_type_allowed_by_config` and `key_sig_algorithm`).

use crate::{
    facts::{Facts, Version},
    ssh::{pattern, public_key::Family},
};

/// What may be signed with.
pub(super) struct Signatures<'f> {
    /// PubkeyAcceptedAlgorithms.
    ours: &'f [String],
    /// The server's list (RFC 8308 section 3.1): empty where it sent none, nothing where it was not asked.
    theirs: Option<&'f [String]>,
    /// It is OpenSSH 7.4, which takes SHA-2 for RSA and forgets to say so.
    forgetful: bool,
    /// The client is older than 7.8: it asks whether the configuration takes the key's own name, and no more.
    by_name: bool,
}

impl<'f> Signatures<'f> {
    pub(super) fn new(ours: &'f [String], version: Option<Version>, facts: &'f Facts) -> Self {
        let attempt = facts.attempt.known();
        let server = attempt.and_then(|attempt| attempt.server.as_ref());
        // Only a log that shows keys would have shown the server's list too, if there were one.
        let shows_keys = attempt.is_some_and(|attempt| !attempt.planned.is_empty() || !attempt.offers.is_empty());
        let theirs = server.map(|server| server.sig_algs.as_slice()).filter(|list| shows_keys || !list.is_empty());
        let software = server.and_then(|server| server.software.as_deref()).unwrap_or_default();
        Self {
            ours,
            theirs,
            forgetful: software.starts_with("OpenSSH_7.4"),
            by_name: version.is_some_and(|version| version < Version { major: 7, minor: 8 }),
        }
    }

    /// Why ssh would not sign with a key that it had to load first, if it would not.
    pub(super) fn refuse_loaded(&self, algorithm: &str) -> Option<&'static str> {
        if self.by_name || algorithm.is_empty() { None } else { self.refuse(algorithm) }
    }

    /// Why ssh would not offer a key with this algorithm name, if it would not.
    pub(super) fn refuse(&self, algorithm: &str) -> Option<&'static str> {
        let excluded = if is_on_by_default(algorithm) { "excluded" } else { "type-unsupported" };
        if self.by_name {
            return (!lists(self.ours, algorithm)).then_some(excluded);
        }
        let names = signature_names(algorithm);
        let ours: Vec<&String> = names.iter().filter(|name| lists(self.ours, name)).collect();
        if ours.is_empty() {
            return Some(excluded);
        }
        // Only RSA has more than one.
        let theirs = self.theirs.filter(|_| names.len() > 1)?;
        let sha1 = names.first();
        let fits = |name: &&&String| match theirs {
            [] => Some(**name) == sha1,
            _ => {
                let bare = name.split("-cert-").next().unwrap_or(name);
                let told = theirs.iter().any(|listed| listed == bare);
                told || (self.forgetful && bare.starts_with("rsa-sha2-") && name.as_str() == bare)
            }
        };
        if ours.iter().any(|name| fits(&name)) {
            return None;
        }
        let takes = |start: &str| theirs.iter().any(|listed| listed.starts_with(start));
        Some(match theirs {
            _ if takes("rsa-sha2-") => "excluded",
            [] => "sha1-only",
            _ if takes("ssh-rsa") => "sha1-only",
            _ => "unlisted",
        })
    }
}

/// Whether ssh uses keys of this type unless it is told otherwise.
fn is_on_by_default(algorithm: &str) -> bool {
    !matches!(Family::of(algorithm), Family::Dsa | Family::Other)
}

/// The names under which a key signs, the oldest first: three for RSA (RFC 8332).
fn signature_names(algorithm: &str) -> Vec<String> {
    match algorithm.strip_prefix("ssh-rsa") {
        Some(rest) => ["ssh-rsa", "rsa-sha2-512", "rsa-sha2-256"].iter().map(|name| format!("{name}{rest}")).collect(),
        None => vec![algorithm.to_owned()],
    }
}

fn lists(list: &[String], name: &str) -> bool {
    list.iter().any(|entry| pattern::matches(name, entry))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        text.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn refused(ours: &str, theirs: Option<&str>, algorithm: &str) -> Option<&'static str> {
        let (ours, theirs) = (names(ours), theirs.map(names));
        Signatures { ours: &ours, theirs: theirs.as_deref(), forgetful: false, by_name: false }.refuse(algorithm)
    }

    #[test]
    fn the_configuration_decides_first() {
        assert_eq!(refused("ssh-ed25519", None, "ssh-ed25519"), None);
        assert_eq!(refused("rsa-sha2-512", None, "ssh-ed25519"), Some("excluded"));
        assert_eq!(refused("rsa-sha2-512", None, "ssh-rsa"), None);
        assert_eq!(refused("rsa-sha2-512", None, "ssh-dss"), Some("type-unsupported"));
        assert_eq!(refused("rsa-sha2-512", None, "ssh-rsa-cert-v01@openssh.com"), Some("excluded"));
        assert_eq!(
            refused("ssh-ed25519", Some("rsa-sha2-512"), "ssh-ed25519"),
            None,
            "only RSA heeds the server's list"
        );
    }

    #[test]
    fn rsa_needs_a_signature_that_the_server_takes() {
        assert_eq!(refused("rsa-sha2-512", Some("rsa-sha2-512,ssh-rsa"), "ssh-rsa"), None);
        assert_eq!(refused("rsa-sha2-512", Some(""), "ssh-rsa"), Some("sha1-only"));
        assert_eq!(refused("rsa-sha2-512,ssh-rsa", Some(""), "ssh-rsa"), None);
        assert_eq!(refused("rsa-sha2-512", Some("ssh-rsa"), "ssh-rsa"), Some("sha1-only"));
        assert_eq!(refused("rsa-sha2-512", Some("rsa-sha2-256"), "ssh-rsa"), Some("excluded"));
        assert_eq!(refused("rsa-sha2-512", Some("ssh-ed25519"), "ssh-rsa"), Some("unlisted"));
        let certificate = "ssh-rsa-cert-v01@openssh.com";
        assert_eq!(refused("rsa-sha2-512-cert-v01@openssh.com", Some("rsa-sha2-512"), certificate), None);
    }

    #[test]
    fn an_old_client_goes_by_the_key_s_own_name() {
        let (ours, theirs) = (names("rsa-sha2-512"), names("ssh-rsa"));
        let signatures = Signatures { ours: &ours, theirs: Some(&theirs), forgetful: false, by_name: true };
        assert_eq!(signatures.refuse("ssh-rsa"), Some("excluded"));
        assert_eq!(signatures.refuse_loaded("ssh-rsa"), None);
    }

    #[test]
    fn an_old_server_forgets_to_say_what_it_takes() {
        let (ours, theirs) = (names("rsa-sha2-512"), names("ssh-rsa"));
        let signatures = Signatures { ours: &ours, theirs: Some(&theirs), forgetful: true, by_name: false };
        assert_eq!(signatures.refuse("ssh-rsa"), None);
    }
}
