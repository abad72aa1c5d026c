//! Whether the job is looked into, which only the user's word and a login that works allow.

use crate::{
    doctor::Request,
    facts::{Fact, Facts},
    target::{self, Asked},
};

/// Why the job is not looked into, although the user asked for it; `why_no_login` is why no login was tried, if none was.
pub(super) fn why_not(request: &Request, facts: &Facts, why_no_login: Option<&str>) -> Option<String> {
    if let Some(why) = why_no_login {
        return Some(why.to_owned());
    }
    if request.offline {
        return Some("--offline was given".into());
    }
    if runs_windows(facts) {
        return Some("the job runs Windows, whose shells have other start files than those that are compared".into());
    }
    let Fact::Known(login) = &facts.login else { return Some("no login was tried".into()) };
    if !login.works {
        return Some("the login does not work".into());
    }
    match login.needs.as_deref() {
        Some("passphrase") => {
            return Some(
                "ssh would ask for the key's passphrase at each login; with the key in an agent (ssh-add) it does not"
                    .into(),
            );
        }
        Some(_) => return Some("each login waits for a person, and two more would be made".into()),
        None => {}
    }
    super::impostor(facts).map(|_| "the host key is not the one that it should be".to_owned())
}

fn runs_windows(facts: &Facts) -> bool {
    let target = facts.target.as_ref();
    let printed = target.and_then(|target| target.enable_ssh.as_ref()).into_iter().flat_map(|step| &step.commands);
    let names_a_shell = |command: &String| matches!(target::from_text(command, false), Ok(Asked::Login(printed)) if printed.windows_shell);
    let job = facts.circleci.as_ref().and_then(|circleci| circleci.job.known());
    target.is_some_and(|target| target.windows_shell)
        || printed.into_iter().any(names_a_shell)
        || job.is_some_and(|job| job.system.is(&"windows".to_owned()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::facts::{EnableSsh, Login, Target};

    fn request(offline: bool) -> Request {
        Request {
            target: None,
            job: None,
            connect: None,
            lasted: None,
            offline,
            key_probe: true,
            inspect_session: true,
            timeout: Duration::from_secs(1),
            from: None,
            logs: Vec::new(),
            extra_checks: Vec::new(),
        }
    }

    fn facts(works: bool, needs: Option<&str>) -> Facts {
        let login = Login { works, needs: needs.map(str::to_owned), ..Login::default() };
        Facts { login: login.into(), target: Some(Target::default()), ..Facts::default() }
    }

    #[test]
    fn only_a_login_that_works_by_itself_is_used() {
        let why = |facts: &Facts| why_not(&request(false), facts, None);
        assert_eq!(why(&facts(true, None)), None);
        assert!(why(&facts(false, None)).is_some_and(|why| why.contains("does not work")));
        assert!(why(&facts(true, Some("passphrase"))).is_some_and(|why| why.contains("ssh-add")));
        assert!(why(&facts(true, Some("touch"))).is_some());
        assert_eq!(why_not(&request(false), &facts(true, None), Some("no target")).as_deref(), Some("no target"));
        assert!(why_not(&request(true), &facts(true, None), None).is_some());
    }

    #[test]
    fn windows_is_left_alone() {
        let commands = vec!["ssh -t -p 54782 203.0.113.7 -- powershell.exe".to_owned()];
        let printed = Target { enable_ssh: Some(EnableSsh { commands, ..EnableSsh::default() }), ..Target::default() };
        let typed = Target { windows_shell: true, ..Target::default() };
        for target in [printed, typed] {
            let facts = Facts { target: Some(target), ..facts(true, None) };
            assert!(why_not(&request(false), &facts, None).is_some_and(|why| why.contains("Windows")));
        }
    }
}
