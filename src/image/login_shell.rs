//! Login shells, and the files of the home that they read.
//!
//! Sources: bash(1) INVOCATION, dash(1) and busybox's ash (`~/.profile`), zsh(1) STARTUP/SHUTDOWN FILES.

/// A login shell, as far as shells differ in what they read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginShell {
    /// The first of `~/.bash_profile`, `~/.bash_login` and `~/.profile` that can be read.
    Bash,
    /// sh, dash, ash, ksh: `~/.profile`.
    Posix,
    /// `~/.zprofile`, and `/etc/zsh/zprofile` in place of `/etc/profile`.
    Zsh,
}

impl LoginShell {
    /// The shell of this path or name, if it is one of those that are known here.
    ///
    /// ```
    /// use cci_ssh::image::login_shell::LoginShell;
    /// assert_eq!(LoginShell::named("/bin/bash"), Some(LoginShell::Bash));
    /// assert_eq!(LoginShell::named("/sbin/nologin"), None);
    /// ```
    pub fn named(path: &str) -> Option<Self> {
        match path.rsplit('/').next().unwrap_or(path) {
            "bash" => Some(Self::Bash),
            "sh" | "dash" | "ash" | "ksh" | "mksh" | "busybox" => Some(Self::Posix),
            "zsh" => Some(Self::Zsh),
            _ => None,
        }
    }

    /// Files of the home, of which the first that is there is read, and no other.
    pub fn own_files(self) -> &'static [&'static str] {
        match self {
            Self::Bash => &[".bash_profile", ".bash_login", ".profile"],
            Self::Posix => &[".profile"],
            Self::Zsh => &[".zprofile"],
        }
    }

    /// The file of the home that a line has to be appended to, so that this shell reads it and still reads what it reads now;
    /// `there` tells which files there are.
    ///
    /// A new `~/.bash_profile` beside a `~/.profile` would keep bash from reading that.
    pub fn file_to_append_to(self, there: impl Fn(&str) -> bool) -> &'static str {
        let files = self.own_files();
        files.iter().find(|name| there(name)).or(files.first()).copied().unwrap_or(".profile")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_goes_to_the_file_that_is_read() {
        let beside = |files: &[&str]| LoginShell::Bash.file_to_append_to(|name| files.contains(&name));
        assert_eq!(beside(&[]), ".bash_profile");
        assert_eq!(beside(&[".profile", ".bashrc"]), ".profile");
        assert_eq!(beside(&[".profile", ".bash_login"]), ".bash_login");
        assert_eq!(beside(&[".profile", ".bash_profile"]), ".bash_profile");
        assert_eq!(LoginShell::Posix.file_to_append_to(|_| true), ".profile");
    }
}
