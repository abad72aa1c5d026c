//! The machine and the person at it.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Fact;

/// The operating system, as far as ssh behaves differently on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Os {
    /// Linux, WSL included.
    #[default]
    Linux,
    /// macOS.
    Macos,
    /// Windows outside WSL.
    Windows,
    /// Any other Unix.
    Unix,
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Linux => "Linux",
            Self::Macos => "macOS",
            Self::Windows => "Windows",
            Self::Unix => "Unix",
        })
    }
}

/// The shell that printed commands are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommandShell {
    /// sh, bash, zsh, fish: POSIX quoting.
    #[default]
    Posix,
    /// Windows PowerShell and PowerShell 7.
    Powershell,
}

/// Where the doctor runs and as whom.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Machine {
    /// The operating system.
    pub os: Os,
    /// Its name as it calls itself: `Debian GNU/Linux 12 (bookworm)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os_name: Option<String>,
    /// Login name from the password database (Windows: the environment).
    pub user: Fact<String>,
    /// Effective user id; not on Windows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uid: Option<u32>,
    /// Home directory from the password database: the one that ssh uses, whatever `$HOME` says (ssh(1), FILES).
    pub home: Fact<String>,
    /// `$HOME`, where it is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub home_variable: Option<String>,
    /// `$HOME` names another directory than the password database.
    pub home_differs: Fact<bool>,
    /// The effective user is root.
    pub root: bool,
    /// Who called sudo, when the program runs under it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sudo_user: Option<String>,
    /// WSL's version, 1 or 2, when this Linux is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wsl: Option<u8>,
    /// The CI service whose job this is: `circleci`, `github-actions`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ci: Option<String>,
    /// The container engine this runs in: `docker`, `podman`, `lxc`, `kubernetes`, `unknown`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub container: Option<String>,
    /// The shell that commands are printed for.
    pub command_shell: CommandShell,
}

/// The terminal and what stands between the user's fingers and the ssh program.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Terminal {
    /// There is a terminal on which ssh could ask (`/dev/tty`; standard input on Windows).
    pub interactive: Fact<bool>,
    /// The program with which ssh would ask on a screen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub askpass: Option<Askpass>,
    /// ssh would ask with that program and not on the terminal (inferred).
    pub asks_on_screen: bool,
    /// ssh can ask for a passphrase here, on the terminal or on a screen (inferred).
    pub can_ask: Fact<bool>,
    /// `$TERM_PROGRAM`, or the terminal's own variable: `WarpTerminal`, `vscode`, `iTerm.app`, `kitty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Warp's variables, when this is a Warp session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warp: Option<Warp>,
    /// `kitten ssh` would start here: `KITTY_WINDOW_ID` and `KITTY_PID` are set, and no multiplexer stands in between.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub kitten: bool,
    /// `tmux`, `screen` or `zellij`, when inside one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub multiplexer: Option<String>,
    /// The user's login shell: `bash`, `zsh`, `fish`, …
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Definitions of `ssh` as an alias or function in the shell's start files, as far as reading them shows.
    pub wrappers: Vec<Wrapper>,
    /// The word ssh, typed in the user's shell, adds a remote command of its own or takes the terminal away: Warp's function,
    /// or an alias or function that is known to do so. `command ssh` goes past it (inferred).
    pub ssh_is_replaced: bool,
}

/// ssh's way to ask on a screen (ssh(1), SSH_ASKPASS).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Askpass {
    /// SSH_ASKPASS, or the place where this system's ssh has its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// SSH_ASKPASS names it.
    pub named: bool,
    /// The program is there.
    pub exists: Fact<bool>,
    /// SSH_ASKPASS_REQUIRE: `force`, `prefer`, `never` (since 8.4).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub require: Option<String>,
    /// There is a screen (DISPLAY or WAYLAND_DISPLAY).
    pub screen: bool,
}

/// Warp's variables (see its bash_body.sh): when the wrapper is on, `ssh` is a shell function.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Warp {
    /// `WARP_IS_LOCAL_SHELL_SESSION=1` and `WARP_USE_SSH_WRAPPER=1`, a shell for which Warp has the function (bash, zsh, fish),
    /// and neither a multiplexer nor another program's terminal in between, whose shells inherit the variables without the
    /// function: the function is in force.
    pub wrapper: bool,
    /// The wrapper would send its script for this target's command line: one positional argument, no `-T`, `-W` or option
    /// that it does not know, and no remote command.
    pub would_wrap: Fact<bool>,
}

/// `ssh` defined as something else than the program.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Wrapper {
    /// `alias` or `function`.
    pub kind: String,
    /// The start file.
    pub file: String,
    /// Line in it, from 1.
    pub line: usize,
    /// The line's text.
    pub text: String,
    /// What an alias stands for, or a function's body, its lines joined with `; `.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<String>,
    /// It stands inside a condition, a loop or another function, so it may not be in force.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub conditional: bool,
    /// What it makes of an ssh command, where its words are plain: `passes-on` (options at most), `command` (it adds a remote
    /// command), `no-terminal` (it adds `-T`), `kitty` (`kitten ssh`), `other-program` (it starts another program); left out
    /// where that is not clear (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub effect: Option<String>,
    /// The remote command that it adds (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adds: Option<String>,
}
