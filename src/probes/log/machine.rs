//! The machine that a log comes from, by its paths, the version of its ssh, and the shell around it.

use super::shell::{Around, Shell};
use crate::{
    facts::{CommandShell, Fact, Machine, Os},
    ssh::{
        drives::{has_drive, is_mounted},
        log::Attempt,
    },
};

pub(super) fn look(attempt: &Attempt, around: &Around) -> Fact<Machine> {
    let version = attempt.client.as_ref().map_or("", |client| client.text.as_str());
    let paths: Vec<&str> = paths(attempt).collect();
    let home = paths.iter().find_map(|path| home(path));
    // Windows has no file modes.
    let has_modes = attempt.load_failures.iter().any(|failure| failure.mode.is_some());
    let os = os(version, home.as_deref(), &paths, around).or(has_modes.then_some(Os::Unix));
    let Some(os) = os else {
        return Fact::unknown("the log does not show what machine it comes from");
    };
    // Where a key lies on a drive of Windows, Linux runs in WSL; of which version does not matter to anybody.
    let wsl = os == Os::Linux && (around.wsl || paths.iter().any(|path| is_mounted(path)) || version.contains("WSL"));
    let git = around.shell == Some(Shell::GitBash) || paths.iter().any(|path| drive_of_git(path));
    // Git for Windows brings a shell of its own, and paths in its manner.
    let posix = match around.shell {
        Some(Shell::Powershell | Shell::Cmd) => false,
        Some(_) => true,
        None => os != Os::Windows || git || !(version.is_empty() || version.contains("for_Windows")),
    };
    let root = ["/root", "/var/root"].iter().any(|root| home.as_deref() == Some(root))
        || (home.is_none() && around.user.as_deref() == Some("root"));
    Machine {
        os,
        os_name: around.os_name.clone().or_else(|| os_name(version, attempt)),
        user: user(home.as_deref(), around),
        root,
        home: home.map_or_else(|| Fact::unknown("the log names no file of the user's home"), Fact::Known),
        wsl: wsl.then_some(2),
        home_differs: Fact::unknown("a log does not show $HOME"),
        command_shell: if posix { CommandShell::Posix } else { CommandShell::Powershell },
        ..Machine::default()
    }
    .into()
}

/// Paths of this machine, as ssh writes them; those of the user first.
fn paths(attempt: &Attempt) -> impl Iterator<Item = &str> {
    let host_key = attempt.host_key.iter().filter_map(|key| key.file.as_deref());
    let problems = attempt.config_problems.iter().filter_map(|problem| problem.file.as_deref());
    let files = attempt.identity_files.iter().map(|file| file.path.as_str());
    let offers = attempt.offers.iter().filter(|offer| !offer.agent).map(|offer| offer.path.as_str());
    let tried = attempt.tried.iter().map(String::as_str);
    let failures = attempt.load_failures.iter().map(|failure| failure.path.as_str());
    let skipped = attempt.skipped.iter().map(|skipped| skipped.path.as_str());
    let prompts = attempt.prompts.iter().map(|prompt| prompt.path.as_str());
    let configs = attempt.config_files.iter().map(String::as_str);
    let keys = files.chain(prompts).chain(offers).chain(tried).chain(failures).chain(skipped);
    keys.chain(host_key).chain(problems).chain(configs)
}

/// The surest sign first: how the program was built, then the form of its paths, then the prompt.
fn os(version: &str, home: Option<&str>, paths: &[&str], around: &Around) -> Option<Os> {
    let any = |is: fn(&str) -> bool| paths.iter().any(|path| is(path));
    let built_for = |names: &[&str]| names.iter().any(|name| version.contains(name));
    let home_in = |folders: &[&str]| home.is_some_and(|home| folders.iter().any(|folder| home.starts_with(folder)));
    if version.contains("for_Windows")
        || any(has_drive)
        || any(drive_of_git)
        || any(|path| path.contains("__PROGRAMDATA__"))
    {
        return Some(Os::Windows);
    }
    if built_for(&["FreeBSD", "NetBSD", "OpenBSD", "DragonFly"]) || home_in(&["/usr/home/"]) {
        return Some(Os::Unix);
    }
    if built_for(&["Debian", "Ubuntu", "Raspbian"]) || any(|path| path.starts_with("/etc/crypto-policies/")) {
        return Some(Os::Linux);
    }
    // LibreSSL is Apple's and OpenBSD's; only the portable edition, Apple's among them, has a `p` in its number.
    let number = version.split(',').next().unwrap_or_default();
    let libressl = version.contains("LibreSSL") && !home_in(&["/home/", "/root"]);
    let apple = libressl && number.contains('p');
    let of_a_mac = |path: &str| {
        ["/private/", "/opt/homebrew/", "/usr/local/etc/ssh/", "/System/", "/Library/"]
            .iter()
            .any(|start| path.starts_with(start))
    };
    if home_in(&["/Users/", "/var/root", "/private/var/root"]) || any(of_a_mac) || apple {
        return Some(Os::Macos);
    }
    if version.contains("LibreSSL") && !number.contains('p') {
        return Some(Os::Unix);
    }
    if home_in(&["/home/", "/root"]) {
        return Some(Os::Linux);
    }
    around.os.or_else(|| match around.shell {
        Some(Shell::Cmd | Shell::GitBash) => Some(Os::Windows),
        Some(Shell::Powershell) if around.user.is_none() => Some(Os::Windows),
        Some(Shell::Mac) => Some(Os::Macos),
        Some(_) => Some(Os::Linux),
        // `/etc/ssh/ssh_config` alone may be of any Unix.
        None if home.is_some() => Some(Os::Linux),
        None => any(|path| path.starts_with('/')).then_some(Os::Unix),
    })
}

/// The distribution that built the program.
fn os_name(version: &str, attempt: &Attempt) -> Option<String> {
    let built =
        [("Ubuntu", "Ubuntu"), ("Debian", "Debian GNU/Linux"), ("Raspbian", "Raspbian"), ("FreeBSD", "FreeBSD")];
    let name = built.into_iter().find(|(mark, _)| version.contains(mark)).map(|(_, name)| name);
    let policy = || attempt.config_files.iter().any(|file| file.starts_with("/etc/crypto-policies/"));
    name.or_else(|| policy().then_some("Fedora or Red Hat")).map(str::to_owned)
}

/// `/c/Users/ana` of Git for Windows and MSYS2, `/cygdrive/c/…`.
fn drive_of_git(path: &str) -> bool {
    let cygwin = path.strip_prefix("/cygdrive");
    let path = cygwin.unwrap_or(path);
    matches!(path.as_bytes(), [b'/', drive, b'/', ..] if drive.is_ascii_alphabetic())
        && (cygwin.is_some() || path[2..].starts_with("/Users/") || path[2..].starts_with("/Program"))
}

/// The home above a `.ssh` folder, where ssh keeps the user's files (ssh(1), FILES).
fn home(path: &str) -> Option<String> {
    let at = path.find("/.ssh/").or_else(|| path.find("\\.ssh"))?;
    let home = path[..at].trim_end_matches(['/', '\\']);
    (!home.is_empty() && !home.starts_with('~')).then(|| home.replace("\\\\", "\\"))
}

fn user(home: Option<&str>, around: &Around) -> Fact<String> {
    let of_home = home.and_then(|home| home.rsplit(['/', '\\']).next()).filter(|name| !name.is_empty());
    match of_home.or(around.user.as_deref()) {
        Some(name) => name.to_owned().into(),
        None => Fact::unknown("the log names no file of the user's home"),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use crate::facts::{CommandShell, Machine, Os};

    fn of(log: &str) -> Machine {
        facts(log).machine.known().cloned().unwrap_or_else(|| panic!("it is shown by {log}"))
    }

    const REFUSED: &str = "ssh: connect to host 203.0.113.7 port 64535: Connection refused\n";

    #[test]
    fn systems_by_version_paths_and_prompt() {
        for (log, os) in [
            ("OpenSSH_9.8p1, LibreSSL 3.3.6\ndebug1: Reading configuration data /etc/ssh/ssh_config\n", Os::Macos),
            (
                "debug1: OpenSSH_10.2p1, OpenSSL 3.6.0 1 Oct 2025\ndebug1: Reading configuration data /opt/homebrew/etc/ssh/ssh_config\n",
                Os::Macos,
            ),
            ("debug1: identity file /root/.ssh/id_rsa type -1\n", Os::Linux),
            ("debug1: identity file /data/home/ana/.ssh/id_rsa type -1\n", Os::Linux),
            ("OpenSSH_9.7p1, LibreSSL 3.9.0\ndebug1: identity file /usr/home/ana/.ssh/id_rsa type -1\n", Os::Unix),
            ("OpenSSH_9.6p1 FreeBSD-20240701, OpenSSL 3.0.13\ndebug1: Connection established.\n", Os::Unix),
            ("debug1: Reading configuration data __PROGRAMDATA__\\\\ssh/ssh_config\n", Os::Windows),
            (
                "ana@PC MINGW64 ~\n$ ssh -p 64535 203.0.113.7\nssh: connect to host 203.0.113.7 port 64535: Connection refused\n",
                Os::Windows,
            ),
            (
                "ana@DESKTOP-4F1C:/mnt/c/Users/ana$ ssh -p 64535 203.0.113.7\nssh: connect to host 203.0.113.7 port 64535: Connection refused\n",
                Os::Linux,
            ),
            (
                "ana@mbp ~ % ssh -p 64535 203.0.113.7\nssh: connect to host 203.0.113.7 port 64535: Connection refused\n",
                Os::Macos,
            ),
        ] {
            assert_eq!(of(log).os, os, "{log}");
        }
        assert!(facts(REFUSED).machine.known().is_none(), "one line says nothing");
        let read = "debug1: Reading configuration data /etc/ssh/ssh_config\n";
        assert_eq!(of(&format!("{read}{REFUSED}")).os, Os::Unix, "every Unix has that file");
    }

    #[test]
    fn shells_and_names() {
        let shell = |prompt: &str| of(&format!("{prompt}ssh -p 64535 203.0.113.7\n{REFUSED}")).command_shell;
        assert_eq!(shell("PS C:\\Users\\ana> "), CommandShell::Powershell);
        assert_eq!(shell("C:\\Users\\ana>"), CommandShell::Powershell);
        assert_eq!(shell("ana@PC MINGW64 ~ $ "), CommandShell::Posix);
        let ubuntu =
            of("OpenSSH_9.6p1 Ubuntu-3ubuntu13.5, OpenSSL 3.0.13 30 Jan 2024\ndebug1: Connection established.\n");
        assert_eq!(ubuntu.os_name.as_deref(), Some("Ubuntu"));
        let wsl = of(&format!("ana@PC:/mnt/c/Users/ana$ ssh -p 64535 203.0.113.7\n{REFUSED}"));
        assert_eq!((wsl.wsl, wsl.user.known().map(String::as_str)), (Some(2), Some("ana")));
    }

    #[test]
    fn the_jobs_own_prompt_says_nothing_of_this_machine() {
        let log = "debug1: Entering interactive session.\ncircleci@19be77d0a3cc:~/project$ ls\n";
        assert!(facts(log).machine.known().is_none());
    }
}
