//! The program with which gpg-agent asks for a passphrase or a PIN.

use std::path::{Path, PathBuf};

use crate::{
    probes::text,
    system::{Account, System},
};

/// How much of gpg-agent's configuration is read, in bytes.
const CAP: u64 = 64 * 1024;

/// The program that gpg-agent's configuration names and that is not there (gpg-agent(1), `pinentry-program`).
pub(super) fn missing(system: &dyn System, account: &Account) -> Option<String> {
    let named = text::filled(system.env("GNUPGHOME")).map(PathBuf::from);
    let folder = named.or_else(|| Some(account.home.as_ref()?.join(".gnupg")))?;
    let configuration = system.read(&folder.join("gpg-agent.conf"), CAP).ok()?;
    let configuration = String::from_utf8_lossy(&configuration).into_owned();
    let value = |line: &str| {
        let (option, value) = line.trim().split_once(char::is_whitespace)?;
        (option.trim_start_matches("--") == "pinentry-program").then(|| value.trim().to_owned())
    };
    let program = configuration.lines().filter_map(value).next_back()?;
    let gone = Path::new(&program).is_absolute()
        && system.metadata(Path::new(&program)).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
    gone.then(|| text::clean(program))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    fn missing_in(configuration: &str) -> Option<String> {
        let machine = Recorded::new(Platform::Macos)
            .user("ana", "/Users/ana")
            .file("/Users/ana/.gnupg/gpg-agent.conf", 0o600, configuration)
            .file("/opt/homebrew/bin/pinentry-mac", 0o755, "");
        missing(&machine, &machine.account())
    }

    #[test]
    fn only_a_program_that_is_named_and_gone() {
        let gone = "/usr/local/bin/pinentry-mac";
        assert_eq!(missing_in(&format!("enable-ssh-support\npinentry-program {gone}\n")).as_deref(), Some(gone));
        assert_eq!(missing_in("pinentry-program /opt/homebrew/bin/pinentry-mac\n"), None);
        assert_eq!(missing_in(&format!("# pinentry-program {gone}\n")), None);
        assert_eq!(missing_in("pinentry-program pinentry-mac\n"), None, "found by its name, elsewhere");
        assert_eq!(
            missing_in(&format!("pinentry-program {gone}\npinentry-program /opt/homebrew/bin/pinentry-mac\n")),
            None
        );
    }
}
