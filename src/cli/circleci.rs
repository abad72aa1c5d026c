//! Which CircleCI is asked, and with which token: the options that every command about jobs has.

use std::{path::PathBuf, time::Duration};

use clap::Args;

use super::Failure;
use crate::{
    circleci::credentials::{self, Credentials},
    doctor::GitAccount,
    system::System,
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
    /// The installation, for CircleCI server: https://circleci.example.com
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
