//! Families of images: what the stock profile of each does to the environment of a login shell, and which start files it
//! puts into homes.
//!
//! Read for this: base-files of Debian 8 to 13 and of Ubuntu 18.04 to 24.04 (`/etc/profile`), alpine-baselayout (PATH is
//! set anew up to Alpine 3.14, and appended to since aports issue 12803), setup of Fedora and RHEL 7 to 10 (pathmunge),
//! aaa_base of openSUSE, filesystem of Arch Linux, and the `/etc/skel` of each one's bash.

use super::login_shell::LoginShell;

/// The PATH of an image that sets none: Docker's default, and what official images inherit.
pub const DEFAULT_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// Images whose login shells read the same stock files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Debian: `/etc/profile` sets PATH anew, one for root and one for everybody else.
    Debian,
    /// Ubuntu: its `/etc/profile` leaves PATH to PAM, and so keeps what is there.
    Ubuntu,
    /// Alpine up to 3.14: `/etc/profile` sets PATH anew.
    AlpineOld,
    /// Alpine since: what is there is kept, and added to.
    Alpine,
    /// Fedora, RHEL and its kin, Amazon Linux: PATH is kept and added to.
    RedHat,
    /// openSUSE and SLE: PATH is set anew.
    Suse,
    /// Arch Linux: PATH is kept and added to.
    Arch,
    /// No login profile at all: scratch, distroless, busybox.
    Bare,
    /// Windows has no login shells that read profiles of this kind.
    Windows,
}

impl Family {
    /// Its name for people.
    pub fn name(self) -> &'static str {
        match self {
            Self::Debian => "Debian",
            Self::Ubuntu => "Ubuntu",
            Self::AlpineOld => "Alpine up to 3.14",
            Self::Alpine => "Alpine",
            Self::RedHat => "Red Hat",
            Self::Suse => "openSUSE",
            Self::Arch => "Arch Linux",
            Self::Bare => "an image without a profile",
            Self::Windows => "Windows",
        }
    }

    /// The PATH with which `/etc/profile` replaces the one that is there; `None` where it keeps that.
    pub fn login_path(self, is_root: bool) -> Option<&'static str> {
        match (self, is_root) {
            (Self::Debian, true) => Some("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            (Self::Debian, false) => Some("/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"),
            (Self::AlpineOld, _) => Some("/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
            (Self::Suse, true) => Some("/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin"),
            (Self::Suse, false) => Some("/usr/local/bin:/usr/bin:/bin"),
            _ => None,
        }
    }

    /// Other variables that `/etc/profile` sets without regard to what they were.
    pub fn sets_anew(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Alpine | Self::AlpineOld => &[("PAGER", "less")],
            Self::RedHat | Self::Suse => &[("HISTSIZE", "1000")],
            _ => &[],
        }
    }

    /// Folders below the home that its start files put back into PATH where they exist.
    pub fn adds_of_home(self) -> &'static [&'static str] {
        match self {
            Self::Debian | Self::Ubuntu => &["bin", ".local/bin"],
            Self::Suse => &["bin"],
            _ => &[],
        }
    }

    /// Start files that a new user's home gets out of `/etc/skel`.
    pub fn skeleton(self) -> &'static [&'static str] {
        match self {
            Self::Debian | Self::Ubuntu => &[".profile", ".bashrc"],
            Self::RedHat | Self::Arch => &[".bash_profile", ".bashrc"],
            Self::Suse => &[".profile", ".bashrc"],
            Self::AlpineOld | Self::Alpine | Self::Bare | Self::Windows => &[],
        }
    }

    /// Start files in the home of root.
    pub fn files_of_root(self) -> &'static [&'static str] {
        match self {
            Self::Debian | Self::Ubuntu => &[".profile", ".bashrc"],
            Self::RedHat => &[".bash_profile", ".bashrc"],
            _ => &[],
        }
    }

    /// The shell in the line of a user that is made without naming one; `by_adduser` is Debian's `adduser`, which has a
    /// default of its own.
    pub fn shell_of_users(self, by_adduser: bool) -> LoginShell {
        match self {
            Self::Debian | Self::Ubuntu if by_adduser => LoginShell::Bash,
            Self::RedHat | Self::Suse | Self::Arch => LoginShell::Bash,
            _ => LoginShell::Posix,
        }
    }

    /// The shell of root.
    pub fn shell_of_root(self) -> LoginShell {
        match self {
            Self::AlpineOld | Self::Alpine | Self::Bare | Self::Windows => LoginShell::Posix,
            _ => LoginShell::Bash,
        }
    }

    /// bash is part of it.
    pub fn has_bash(self) -> bool {
        !matches!(self, Self::AlpineOld | Self::Alpine | Self::Bare | Self::Windows)
    }

    /// Files for every user that an interactive login shell reads besides `/etc/profile` and `/etc/profile.d`.
    pub fn other_system_files(self) -> &'static [&'static str] {
        match self {
            Self::Debian | Self::Ubuntu | Self::Arch => &["/etc/bash.bashrc"],
            Self::RedHat => &["/etc/bashrc"],
            Self::Suse => &["/etc/bash.bashrc", "/etc/profile.local", "/etc/bash.bashrc.local"],
            Self::Alpine => &["/etc/bash/bashrc"],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_these_set_path_anew() {
        let all = [
            Family::Debian,
            Family::Ubuntu,
            Family::AlpineOld,
            Family::Alpine,
            Family::RedHat,
            Family::Suse,
            Family::Arch,
            Family::Bare,
            Family::Windows,
        ];
        let anew: Vec<&str> =
            all.iter().filter(|family| family.login_path(true).is_some()).map(|family| family.name()).collect();
        assert_eq!(anew, ["Debian", "Alpine up to 3.14", "openSUSE"]);
        assert!(Family::Debian.login_path(false).is_some_and(|path| !path.contains("sbin")));
    }
}
