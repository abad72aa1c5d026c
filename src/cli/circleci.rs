//! Which CircleCI is asked, and with which token: the options that every command about jobs has.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::Failure;
use crate::{
    circleci::{
        ApiError, Client,
        api::v2::User,
        credentials::{self, Credentials},
    },
    doctor::GitAccount,
    system::System,
    target::JobUrl,
};

/// Longest time for the keyring.
const KEYRING: Duration = Duration::from_secs(1);

/// Where CircleCI is, and what shows who is asking.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "CircleCI")]
pub(super) struct CircleCi {
    /// Read the API token from this file, not from where CircleCI's CLI has it
    ///
    /// Without it the token comes from CIRCLE_TOKEN, CIRCLE_CLI_TOKEN or CIRCLECI_CLI_TOKEN, else from the files or the
    /// keyring of CircleCI's own CLI. It is sent to that installation only, and never shown.
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// The installation, for CircleCI server: its address, as in a browser
    #[arg(long, value_name = "URL")]
    circleci_host: Option<String>,
    /// Certificates (PEM) to trust for it
    #[arg(long, value_name = "FILE")]
    cacert: Option<PathBuf>,
}

impl CircleCi {
    /// Finds the installation and the token.
    pub(super) fn credentials(&self, system: &dyn System) -> Result<Credentials, Failure> {
        let options = credentials::Options {
            token_file: self.token_file.clone(),
            host: self.circleci_host.clone(),
            cacert: self.cacert.clone(),
            limit: KEYRING,
        };
        Ok(credentials::find(system, &system.account(), &options)?)
    }
}

/// Opens the way to CircleCI, and asks whose token it is.
pub(super) fn open<'a>(
    system: &'a dyn System,
    credentials: &Credentials,
    limit: Duration,
) -> Result<(Client<'a>, User), Failure> {
    if credentials.token.is_none() {
        let why = credentials.why_no_token.clone();
        return Err(Failure::NoToken(why.unwrap_or_else(|| ApiError::NoToken.to_string())));
    }
    let client = Client::new(system, credentials, limit).map_err(Failure::Certificates)?;
    let me = client.me().map_err(|error| unanswered(error, credentials))?;
    Ok((client, me))
}

/// The token stays with its installation, whatever address was pasted.
pub(super) fn same_installation(job: &JobUrl, credentials: &Credentials) -> Result<(), Failure> {
    match job.host.as_deref().filter(|host| !credentials.host.serves(host)) {
        Some(host) => Err(Failure::OtherInstallation { job: host.into(), token: credentials.host.to_string() }),
        None => Ok(()),
    }
}

/// Why CircleCI did not do what was asked, and what to do.
pub(super) fn unanswered(error: ApiError, credentials: &Credentials) -> Failure {
    match error {
        ApiError::Rejected => Failure::Rejected {
            from: credentials.token.as_ref().map(|(_, source)| source.to_string()).unwrap_or_default(),
            page: format!("{}/settings/user/tokens", credentials.host.web()),
        },
        error => Failure::CircleCi(error),
    }
}

/// Reads `github:ana`, `gitlab:ana`, `https://git.example.com/ana`.
pub(super) fn git_account(text: &str) -> Result<GitAccount, String> {
    let (host, name) = match text.split_once(':') {
        Some(("github", name)) => ("https://github.com".to_owned(), name),
        Some(("gitlab", name)) => ("https://gitlab.com".to_owned(), name),
        Some(("https" | "http", _)) => {
            let (host, name) = text.trim_end_matches('/').rsplit_once('/').unwrap_or_default();
            let host = crate::circleci::Host::parse(host).map_err(|error| error.to_string())?;
            (host.base(), name)
        }
        _ => return Err("give github:NAME, gitlab:NAME, or the address of the account's page".into()),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if name.is_empty() || name.starts_with('.') || !name.chars().all(plain) {
        return Err("an account's name has letters, digits, and - _ . in it".into());
    }
    Ok(GitAccount { host, name: name.into() })
}
