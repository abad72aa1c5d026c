//! The machine and the person at it.

use std::path::Path;

use super::text;
use crate::{
    facts::{CommandShell, Fact, Machine, Os},
    system::{Account, Platform, System},
};

/// How much of a small system file is read, in bytes.
const CAP: u64 = 16 * 1024;

/// Looks at the machine; `account` is [`System::account`], asked once for all probes.
pub fn look(system: &dyn System, account: &Account) -> Machine {
    let home_variable = text::filled(system.env("HOME"));
    let container = container(system);
    Machine {
        os: os(system.platform()),
        os_name: os_name(system),
        user: name(account),
        uid: account.uid,
        home: home(account),
        home_differs: home_differs(system, account, home_variable.as_deref()),
        home_variable,
        root: account.uid == Some(0),
        sudo_user: text::filled(system.env("SUDO_USER")).filter(|user| account.name.as_ref() != Some(user)),
        wsl: wsl(system, container.is_some()),
        ci: ci(system),
        container,
        command_shell: command_shell(system),
    }
}

fn os(platform: Platform) -> Os {
    match platform {
        Platform::Linux => Os::Linux,
        Platform::Macos => Os::Macos,
        Platform::Windows => Os::Windows,
        Platform::Unix => Os::Unix,
    }
}

fn no_entry(account: &Account, what: &str) -> String {
    match account.uid {
        Some(uid) => format!("the password database has no {what} for user id {uid}"),
        None => format!("the environment names no {what}"),
    }
}

/// The user's login name.
pub(super) fn name(account: &Account) -> Fact<String> {
    account.name.clone().map_or_else(|| Fact::unknown(no_entry(account, "name")), Fact::Known)
}

fn home(account: &Account) -> Fact<String> {
    account.home.as_deref().map(text::path).map_or_else(|| Fact::unknown(no_entry(account, "home")), Fact::Known)
}

fn home_differs(system: &dyn System, account: &Account, variable: Option<&str>) -> Fact<bool> {
    let Some(variable) = variable else { return false.into() };
    let Some(home) = account.home.as_deref() else { return Fact::unknown(no_entry(account, "home")) };
    let variable = Path::new(variable);
    // Components, so that a slash at the end is no difference.
    if home.components().eq(variable.components()) {
        return false.into();
    }
    match (system.canonical(home), system.canonical(variable)) {
        (Ok(home), Ok(variable)) => (home != variable).into(),
        (Err(error), _) | (_, Err(error)) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            Fact::unknown("one of the two folders cannot be entered")
        }
        _ => true.into(),
    }
}

fn read(system: &dyn System, path: &str) -> Option<String> {
    system.read(Path::new(path), CAP).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
}

fn exists(system: &dyn System, path: &str) -> bool {
    system.metadata(Path::new(path)).is_ok()
}

fn os_name(system: &dyn System) -> Option<String> {
    match system.platform() {
        Platform::Macos => {
            let plist = read(system, "/System/Library/CoreServices/SystemVersion.plist")?;
            let version = plist_value(&plist, "ProductVersion")?;
            Some(format!("{} {version}", plist_value(&plist, "ProductName").unwrap_or_else(|| "macOS".into())))
        }
        Platform::Windows => None,
        // os-release(5): the first one that exists.
        Platform::Linux | Platform::Unix => {
            let release = read(system, "/etc/os-release").or_else(|| read(system, "/usr/lib/os-release"))?;
            let value = release.lines().find_map(|line| line.trim().strip_prefix("PRETTY_NAME="))?;
            let value = shlex::split(value).and_then(|words| words.into_iter().next())?;
            Some(text::clean(value)).filter(|name| !name.is_empty())
        }
    }
}

/// The string after `<key>KEY</key>` of a property list.
fn plist_value(plist: &str, key: &str) -> Option<String> {
    let after = plist.split_once(&format!("<key>{key}</key>"))?.1;
    let value = after.split_once("<string>")?.1.split_once("</string>")?.0;
    Some(text::clean(value))
}

/// WSL's version. A container on a WSL machine has the same kernel, but neither its drives nor its helpers.
fn wsl(system: &dyn System, contained: bool) -> Option<u8> {
    if system.platform() != Platform::Linux {
        return None;
    }
    let kernel = read(system, "/proc/sys/kernel/osrelease").unwrap_or_default().to_ascii_lowercase();
    let helpers = ["WSL_INTEROP", "WSL_DISTRO_NAME"].iter().any(|name| system.env(name).is_some());
    let microsoft = kernel.contains("microsoft");
    if !(helpers || microsoft && !contained) {
        return None;
    }
    // WSL 1 has no kernel of its own and calls itself 4.4.0-19041-Microsoft.
    Some(if microsoft && kernel.starts_with("4.4.") { 1 } else { 2 })
}

const CI: [(&str, &str); 9] = [
    ("CIRCLECI", "circleci"),
    ("GITHUB_ACTIONS", "github-actions"),
    ("GITLAB_CI", "gitlab-ci"),
    ("BUILDKITE", "buildkite"),
    ("JENKINS_URL", "jenkins"),
    ("TRAVIS", "travis-ci"),
    ("TF_BUILD", "azure-pipelines"),
    ("BITBUCKET_BUILD_NUMBER", "bitbucket-pipelines"),
    ("CI", "unknown"),
];

fn ci(system: &dyn System) -> Option<String> {
    let on = |name: &str| text::filled(system.env(name)).is_some_and(|value| !matches!(value.as_str(), "false" | "0"));
    CI.iter().find(|(variable, _)| on(variable)).map(|(_, service)| (*service).to_owned())
}

fn container(system: &dyn System) -> Option<String> {
    if system.platform() != Platform::Linux {
        return None;
    }
    let named = |name: &str| match name {
        "docker" | "podman" | "lxc" | "kubernetes" => name.to_owned(),
        _ => "unknown".to_owned(),
    };
    if system.env("KUBERNETES_SERVICE_HOST").is_some() {
        return Some(named("kubernetes"));
    }
    if exists(system, "/run/.containerenv") {
        return Some(named("podman"));
    }
    if exists(system, "/.dockerenv") {
        return Some(named("docker"));
    }
    // systemd's container interface.
    if let Some(name) = text::filled(system.env("container")) {
        return Some(named(&name));
    }
    let cgroup = read(system, "/proc/1/cgroup")?;
    [("kubepods", "kubernetes"), ("libpod", "podman"), ("docker", "docker"), ("/lxc", "lxc")]
        .iter()
        .find(|(mark, _)| cgroup.contains(mark))
        .map(|(_, name)| named(name))
}

/// On Windows a shell of Git Bash, MSYS or Cygwin shows itself by its variables; PowerShell and cmd set neither.
fn command_shell(system: &dyn System) -> CommandShell {
    let posix = system.platform() != Platform::Windows
        || text::filled(system.env("MSYSTEM")).is_some()
        || text::filled(system.env("SHELL"))
            .is_some_and(|shell| shell_name(&shell).ends_with("sh") && shell_name(&shell) != "pwsh");
    if posix { CommandShell::Posix } else { CommandShell::Powershell }
}

/// `zsh` of `/bin/zsh`, `bash` of `C:\…\bash.exe`.
pub(super) fn shell_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = name.strip_suffix(".exe").unwrap_or(name);
    name.trim_start_matches('-').to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::recorded::Recorded;

    fn seen(system: &Recorded) -> Machine {
        look(system, &system.account())
    }

    #[test]
    fn a_mac() {
        let mac = Recorded::new(Platform::Macos).user("ana", "/Users/ana").variable("HOME", "/Users/ana/").file(
            "/System/Library/CoreServices/SystemVersion.plist",
            0o644,
            "<plist><dict><key>ProductName</key>\n <string>macOS</string>\n<key>ProductVersion</key><string>15.1</string></dict></plist>",
        );
        let machine = seen(&mac);
        assert_eq!((machine.os, machine.os_name.as_deref()), (Os::Macos, Some("macOS 15.1")));
        assert!(
            machine.user.is(&"ana".into()) && machine.home.is(&"/Users/ana".into()) && machine.home_differs.is(&false)
        );
        assert_eq!((machine.ci, machine.container, machine.wsl, machine.root), (None, None, None, false));
        assert_eq!(machine.command_shell, CommandShell::Posix);
    }

    #[test]
    fn a_windows_box_and_git_bash_on_it() {
        let windows = Recorded::new(Platform::Windows).user("ana", "C:/Users/ana");
        let machine = seen(&windows);
        assert_eq!((machine.os, machine.uid, machine.command_shell), (Os::Windows, None, CommandShell::Powershell));
        let bash = windows.variable("MSYSTEM", "MINGW64").variable("HOME", "C:/Users/ana");
        assert_eq!(seen(&bash).command_shell, CommandShell::Posix);
        assert!(seen(&bash).home_differs.is(&false));
    }

    #[test]
    fn wsl_by_its_kernel_unless_this_is_a_container() {
        let wsl = |kernel: &str| Recorded::new(Platform::Linux).file("/proc/sys/kernel/osrelease", 0o444, kernel);
        assert_eq!(seen(&wsl("5.15.167.4-microsoft-standard-WSL2\n")).wsl, Some(2));
        assert_eq!(seen(&wsl("4.4.0-19041-Microsoft\n")).wsl, Some(1));
        assert_eq!(seen(&wsl("6.1.0-50-amd64\n")).wsl, None);
        assert_eq!(seen(&wsl("5.15.167.4-microsoft-standard-WSL2\n").file("/.dockerenv", 0o644, "")).wsl, None);
        assert_eq!(seen(&wsl("6.6.1-custom\n").variable("WSL_INTEROP", "/run/WSL/8_interop")).wsl, Some(2));
    }

    #[test]
    fn home_differs_only_when_it_is_another_folder() {
        let linux = |home: &str| {
            Recorded::new(Platform::Linux)
                .user("ana", "/home/ana")
                .directory("/data/ana", 0o755)
                .link("/h", "/home/ana")
                .variable("HOME", home)
        };
        assert!(seen(&linux("/h")).home_differs.is(&false));
        assert!(seen(&linux("/data/ana")).home_differs.is(&true));
        assert!(seen(&linux("/nowhere")).home_differs.is(&true));
        assert!(seen(&Recorded::new(Platform::Linux).user("ana", "/home/ana")).home_differs.is(&false));
    }

    #[test]
    fn sudo_root_and_a_missing_account() {
        let sudo = Recorded::new(Platform::Linux)
            .with_account(Account { name: Some("root".into()), home: Some("/root".into()), shell: None, uid: Some(0) })
            .variable("SUDO_USER", "ana");
        let machine = seen(&sudo);
        assert_eq!((machine.root, machine.sudo_user.as_deref()), (true, Some("ana")));
        let nobody = seen(&Recorded::new(Platform::Linux).variable("HOME", "/tmp"));
        assert!(nobody.user.known().is_none() && nobody.home_differs.known().is_none());
    }

    #[test]
    fn services_and_containers() {
        let ci = |name: &str, value: &str| seen(&Recorded::new(Platform::Linux).variable(name, value)).ci;
        assert_eq!(ci("CIRCLECI", "true").as_deref(), Some("circleci"));
        assert_eq!(ci("CI", "1").as_deref(), Some("unknown"));
        assert_eq!(ci("CI", "false"), None);
        let cgroup = |text: &str| seen(&Recorded::new(Platform::Linux).file("/proc/1/cgroup", 0o444, text)).container;
        assert_eq!(cgroup("1:name=systemd:/docker/abc").as_deref(), Some("docker"));
        assert_eq!(cgroup("0::/init.scope"), None);
    }

    #[test]
    fn os_release_is_unquoted() {
        let named = |line: &str| seen(&Recorded::new(Platform::Linux).file("/etc/os-release", 0o644, line)).os_name;
        assert_eq!(
            named("ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n").as_deref(),
            Some("Debian GNU/Linux 12 (bookworm)")
        );
        assert_eq!(named("PRETTY_NAME=Alpine\n").as_deref(), Some("Alpine"));
        assert_eq!(named("PRETTY_NAME=\"\"\n"), None);
    }
}
