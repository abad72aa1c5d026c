//! With which key a person gets in whom the plain command does not let in.

use crate::facts::{Facts, Stage, Winner};

/// What has to be said to ssh so that it shows the key that the server accepts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// What a person calls the key.
    pub name: String,
    /// The file for `-i`; with it ssh is to use no other key.
    pub file: Option<String>,
    /// The same where no file has the public half: a name for one, and its line.
    pub public: Option<(String, String)>,
    /// What to write after `-o` for the certificate.
    pub certificate: Option<String>,
    /// The socket of an agent that ssh does not ask by itself, and that has the key.
    pub agent: Option<String>,
}

/// The key that logs in although the attempt was refused; none where the login works as it is, where no key is known to
/// be accepted, or where naming it is not enough.
pub fn identity(facts: &Facts) -> Option<Identity> {
    let login = facts.login.known()?;
    let auth = facts.auth.known()?;
    let refused = !login.works && login.failed_stage == Some(Stage::Authentication);
    if !refused || auth.denied_by_jump_host {
        return None;
    }
    let winner = auth.winner.as_ref()?;
    let public = || winner.save_as.clone().zip(winner.public_line.clone());
    let key = Identity { name: winner.name.clone(), ..Identity::default() };
    if let Some(elsewhere) = &winner.elsewhere {
        return Some(Identity { agent: Some(elsewhere.socket.clone()), public: Some(public()?), ..key });
    }
    if winner.ready {
        return Some(Identity { file: Some(winner.path.clone()?), certificate: certificate(winner), ..key });
    }
    if !winner.in_agent || may_not_sign(winner) {
        return None;
    }
    match certificate(winner) {
        // With IdentitiesOnly it would have to be named by a file that is not there.
        Some(certificate) => {
            let any = facts.config.known().is_some_and(|config| config.identities_only.is(&false));
            any.then_some(Identity { certificate: Some(certificate), ..key })
        }
        None => Some(Identity { public: Some(public()?), ..key }),
    }
}

/// The certificate's option, where ssh does not find it by itself.
fn certificate(winner: &Winner) -> Option<String> {
    let named = winner.not_offered_because.as_deref() == Some("certificate-not-named");
    winner.certificate_option.clone().filter(|_| named)
}

/// ssh has the key and does not use it, whoever names it.
fn may_not_sign(winner: &Winner) -> bool {
    let because = winner.not_offered_because.as_deref();
    winner.offered || matches!(because, Some("excluded" | "sha1-only" | "withheld"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Auth, Config, Elsewhere, Login};

    fn refused(winner: Winner) -> Facts {
        let login = Login { failed_stage: Some(Stage::Authentication), ..Login::default() };
        let auth = Auth { winner: Some(winner), ..Auth::default() };
        let config = Config { identities_only: false.into(), ..Config::default() };
        Facts { login: login.into(), auth: auth.into(), config: config.into(), ..Facts::default() }
    }

    fn on_disk() -> Winner {
        Winner { path: Some("/k".into()), name: "/k".into(), on_disk: true, ready: true, ..Winner::default() }
    }

    fn in_agent() -> Winner {
        Winner {
            name: "ana@laptop".into(),
            in_agent: true,
            public_line: Some("ssh-ed25519 AAAA".into()),
            save_as: Some("agent-x.pub".into()),
            not_offered_because: Some("identities-only".into()),
            ..Winner::default()
        }
    }

    #[test]
    fn a_file_is_named_and_a_login_that_works_left_alone() {
        let facts = refused(on_disk());
        assert_eq!(identity(&facts).and_then(|key| key.file).as_deref(), Some("/k"));
        let mut works = facts.clone();
        works.login = Login { works: true, ..Login::default() }.into();
        assert_eq!(identity(&works), None);
        let mut by_jump = facts;
        by_jump.auth.known_mut().expect("known").denied_by_jump_host = true;
        assert_eq!(identity(&by_jump), None);
        assert_eq!(identity(&refused(Winner { ready: false, ..on_disk() })), None);
    }

    #[test]
    fn a_key_of_an_agent_is_named_by_its_public_half() {
        let key = identity(&refused(in_agent())).expect("a key");
        assert_eq!((key.file, key.public), (None, Some(("agent-x.pub".into(), "ssh-ed25519 AAAA".into()))));
        for because in ["excluded", "sha1-only", "withheld"] {
            let winner = Winner { not_offered_because: Some(because.into()), ..in_agent() };
            assert_eq!(identity(&refused(winner)), None, "{because}");
        }
        let elsewhere = Elsewhere { socket: "/tmp/agent".into(), ..Elsewhere::default() };
        let key = identity(&refused(Winner { in_agent: false, elsewhere: Some(elsewhere), ..in_agent() }));
        assert_eq!(key.and_then(|key| key.agent).as_deref(), Some("/tmp/agent"));
    }

    #[test]
    fn a_certificate_is_named_beside_its_key() {
        let option = Some("CertificateFile=/c".to_owned());
        let because = Some("certificate-not-named".to_owned());
        let winner = Winner { certificate_option: option.clone(), not_offered_because: because.clone(), ..on_disk() };
        let key = identity(&refused(winner)).expect("a key");
        assert_eq!((key.file.as_deref(), key.certificate.as_ref()), (Some("/k"), option.as_ref()));
        let winner = Winner { certificate_option: option.clone(), not_offered_because: because, ..in_agent() };
        let key = identity(&refused(winner)).expect("a key");
        assert_eq!((key.file, key.public, key.certificate), (None, None, option));
    }
}
