//! The terminal, and what stands between the user's fingers and the ssh program.

mod wrappers;

use std::path::Path;

use super::{machine, text};
use crate::{
    facts::{Askpass, Config, Fact, Target, Terminal, Warp},
    system::{Account, Kind, Platform, System},
    target::takes_value,
};

/// Terminals that name themselves by a variable of their own, for where `$TERM_PROGRAM` is unset or was overwritten by
/// a multiplexer.
const MARKS: [(&str, &str); 10] = [
    ("WARP_IS_LOCAL_SHELL_SESSION", "WarpTerminal"),
    ("KITTY_WINDOW_ID", "kitty"),
    ("GHOSTTY_RESOURCES_DIR", "ghostty"),
    ("ITERM_SESSION_ID", "iTerm.app"),
    ("WEZTERM_PANE", "WezTerm"),
    ("ALACRITTY_WINDOW_ID", "alacritty"),
    ("VSCODE_INJECTION", "vscode"),
    ("WT_SESSION", "windows-terminal"),
    ("KONSOLE_VERSION", "konsole"),
    ("VTE_VERSION", "vte"),
];

/// Looks at the terminal and reads the shell's start files, without running them.
pub fn look(system: &dyn System, account: &Account) -> Terminal {
    let multiplexer = multiplexer(system);
    let shell = shell(system, account);
    Terminal {
        interactive: system.interactive().into(),
        askpass: askpass(system),
        program: program(system),
        warp: warp(system, shell.as_deref(), multiplexer.is_some()),
        kitten: multiplexer.is_none()
            && ["KITTY_WINDOW_ID", "KITTY_PID"].iter().all(|name| text::filled(system.env(name)).is_some()),
        multiplexer,
        ssh_is_replaced: false,
        asks_on_screen: false,
        can_ask: Fact::default(),
        wrappers: shell.as_deref().map(|shell| wrappers::look(system, account, shell)).unwrap_or_default(),
        shell,
    }
}

/// Fills in what Warp's wrapper would do with the target's command line: it steps aside for more than one positional
/// argument, `-T`, `-W`, and a RemoteCommand of the configuration.
pub fn with_target(terminal: &mut Terminal, target: Option<&Target>, config: &Fact<Config>) {
    if let Some(warp) = &mut terminal.warp {
        warp.would_wrap = if warp.wrapper { would_wrap(target, config) } else { false.into() };
    }
}

fn would_wrap(target: Option<&Target>, config: &Fact<Config>) -> Fact<bool> {
    let Some(target) = target else { return Fact::unknown("there is no target") };
    if !target.remote_command.is_empty() || target.no_tty || !knows_options(&target.ssh_args) {
        return false.into();
    }
    config.map(|config| config.remote_command.is_none())
}

/// Whether the wrapper's getopts knows every option, and `-W` is not among them; otherwise it leaves all to ssh. The words are
/// of the target, so each option stands alone.
fn knows_options(words: &[String]) -> bool {
    const KNOWN: &str = "1246AaCfgKkMNnqsTtVvXxYybcDeFiLlmOopRSw";
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(letter) = word.strip_prefix('-').and_then(|rest| rest.chars().next()) else { continue };
        if !KNOWN.contains(letter) {
            return false;
        }
        if takes_value(letter) && word.len() == 2 {
            words.next();
        }
    }
    true
}

fn program(system: &dyn System) -> Option<String> {
    let named = text::filled(system.env("TERM_PROGRAM")).map(text::clean);
    named
        .filter(|name| !matches!(name.as_str(), "tmux" | "screen" | ""))
        .or_else(|| MARKS.iter().find(|(mark, _)| system.env(mark).is_some()).map(|(_, name)| (*name).to_owned()))
}

/// Warp defines its function in the shell that it starts itself; a multiplexer's shells inherit the variables alone.
fn warp(system: &dyn System, shell: Option<&str>, multiplexed: bool) -> Option<Warp> {
    let is = |name: &str, value: &str| system.env(name).is_some_and(|found| found == value);
    let local = is("WARP_IS_LOCAL_SHELL_SESSION", "1");
    // Warp's PowerShell and Nushell scripts leave ssh alone.
    let has_function = shell.is_none_or(|shell| ["bash", "zsh", "fish"].contains(&shell));
    let here = is("TERM_PROGRAM", "WarpTerminal");
    // An editor that was started from Warp hands Warp's variables on to its own terminal, and the function to nobody.
    let elsewhere = !here && text::filled(system.env("TERM_PROGRAM")).is_some();
    (local || here).then(|| Warp {
        wrapper: local && is("WARP_USE_SSH_WRAPPER", "1") && !multiplexed && !elsewhere && has_function,
        would_wrap: Fact::unknown("there is no target"),
    })
}

fn multiplexer(system: &dyn System) -> Option<String> {
    [("TMUX", "tmux"), ("STY", "screen"), ("ZELLIJ", "zellij")]
        .iter()
        .find(|(variable, _)| text::filled(system.env(variable)).is_some())
        .map(|(_, name)| (*name).to_owned())
}

/// Where systems have an askpass program of their own: Debian, OpenSSH as it comes, Fedora, macOS, X11.
const ASKPASS_PLACES: [&str; 6] = [
    "/usr/bin/ssh-askpass",
    "/usr/libexec/ssh-askpass",
    "/usr/libexec/openssh/ssh-askpass",
    "/usr/lib/ssh/ssh-askpass",
    "/usr/X11R6/bin/ssh-askpass",
    "/usr/local/libexec/ssh-askpass",
];

/// What decides how ssh asks (readpass.c `read_passphrase`).
fn askpass(system: &dyn System) -> Option<Askpass> {
    let require = text::filled(system.env("SSH_ASKPASS_REQUIRE")).map(|word| text::clean(word).to_lowercase());
    let require = require.filter(|word| ["force", "prefer", "never"].contains(&word.as_str()));
    let screen = ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| text::filled(system.env(name)).is_some());
    let named = text::filled(system.env("SSH_ASKPASS"));
    if named.is_none() && require.is_none() && !screen {
        return None;
    }
    let there = |path: &str| system.metadata(Path::new(path)).is_ok_and(|found| found.kind == Kind::File);
    let own = || ASKPASS_PLACES.iter().find(|path| there(path)).map(|path| (*path).to_owned());
    let program = named.as_ref().map(text::clean).or_else(own);
    let exists = match &program {
        Some(path) => there(path).into(),
        // A build may have any other place for it.
        None => Fact::unknown("SSH_ASKPASS is not set, and where this ssh has its own program is not known"),
    };
    Some(Askpass { program, named: named.is_some(), exists, require, screen })
}

/// `$SHELL` before the password database: it is what terminals start.
fn shell(system: &dyn System, account: &Account) -> Option<String> {
    let set = text::filled(system.env("SHELL")).or_else(|| account.shell.as_deref().map(text::path));
    match set {
        Some(path) => Some(machine::shell_name(&path)),
        None if system.platform() == Platform::Windows => {
            Some(if system.env("MSYSTEM").is_some() { "bash" } else { "powershell" }.to_owned())
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::recorded::Recorded;

    fn seen(system: &Recorded) -> Terminal {
        look(system, &system.account())
    }

    fn mac() -> Recorded {
        Recorded::new(Platform::Macos).user("ana", "/Users/ana").variable("SHELL", "/bin/zsh")
    }

    #[test]
    fn warp_on_a_mac() {
        let warp = || mac().variable("TERM_PROGRAM", "WarpTerminal").variable("WARP_IS_LOCAL_SHELL_SESSION", "1");
        let terminal = seen(&warp().variable("WARP_USE_SSH_WRAPPER", "1"));
        assert_eq!((terminal.program.as_deref(), terminal.shell.as_deref()), (Some("WarpTerminal"), Some("zsh")));
        assert!(terminal.warp.expect("Warp").wrapper);
        assert!(!seen(&warp().variable("WARP_USE_SSH_WRAPPER", "0")).warp.expect("Warp").wrapper);
        let inside = seen(
            &warp()
                .variable("WARP_USE_SSH_WRAPPER", "1")
                .variable("TMUX", "/tmp/tmux-501/default,1,0")
                .variable("TERM_PROGRAM", "tmux"),
        );
        assert_eq!((inside.program.as_deref(), inside.multiplexer.as_deref()), (Some("WarpTerminal"), Some("tmux")));
        assert!(!inside.warp.expect("Warp").wrapper);
        assert!(seen(&mac()).warp.is_none());
    }

    #[test]
    fn a_terminal_of_a_program_that_was_started_from_warp() {
        let editor = mac()
            .variable("TERM_PROGRAM", "vscode")
            .variable("WARP_IS_LOCAL_SHELL_SESSION", "1")
            .variable("WARP_USE_SSH_WRAPPER", "1");
        let terminal = seen(&editor);
        assert_eq!(terminal.program.as_deref(), Some("vscode"));
        assert!(!terminal.warp.expect("Warp's variables").wrapper);
    }

    #[test]
    fn warp_has_no_function_for_every_shell() {
        for (shell, wrapper) in [("/bin/bash", true), ("/usr/bin/fish", true), ("/opt/homebrew/bin/nu", false)] {
            let machine = Recorded::new(Platform::Macos)
                .user("ana", "/Users/ana")
                .variable("SHELL", shell)
                .variable("WARP_IS_LOCAL_SHELL_SESSION", "1")
                .variable("WARP_USE_SSH_WRAPPER", "1");
            assert_eq!(seen(&machine).warp.expect("Warp").wrapper, wrapper, "{shell}");
        }
    }

    #[test]
    fn the_kitten_wants_its_own_window() {
        let kitty = || mac().variable("KITTY_WINDOW_ID", "1").variable("KITTY_PID", "4711");
        assert!(seen(&kitty()).kitten);
        assert!(!seen(&kitty().variable("TMUX", "/tmp/tmux-501/default,1,0")).kitten);
        assert!(!seen(&mac().variable("KITTY_WINDOW_ID", "1")).kitten, "of another machine");
    }

    #[test]
    fn a_wrapper_that_is_off_wraps_nothing() {
        let mut terminal =
            seen(&mac().variable("WARP_IS_LOCAL_SHELL_SESSION", "1").variable("WARP_USE_SSH_WRAPPER", "0"));
        with_target(&mut terminal, Some(&Target::default()), &Config::default().into());
        assert!(terminal.warp.expect("Warp").would_wrap.is(&false));
    }

    #[test]
    fn the_wrapper_steps_aside_for_commands_and_options() {
        let config = |remote: Option<&str>| {
            Fact::Known(Config { remote_command: remote.map(str::to_owned), ..Config::default() })
        };
        let target = |change: fn(&mut Target)| {
            let mut target =
                Target { ssh_args: vec!["-p".into(), "64535".into(), "203.0.113.7".into()], ..Target::default() };
            change(&mut target);
            target
        };
        assert!(would_wrap(Some(&target(|_| {})), &config(None)).is(&true));
        assert!(would_wrap(Some(&target(|_| {})), &config(Some("tmux"))).is(&false));
        assert!(
            would_wrap(Some(&target(|target| target.remote_command = vec!["bash".into()])), &config(None)).is(&false)
        );
        assert!(would_wrap(Some(&target(|target| target.no_tty = true)), &Fact::unknown("x")).is(&false));
        for (words, wraps) in [
            ("-i /k -o IdentitiesOnly=yes", true),
            ("-J bastion", false),
            ("-i -J", true),
            ("-W h:1", false),
            ("-E log", false),
        ] {
            let with = |target: &mut Target| {
                target.ssh_args.splice(0..0, words.split(' ').map(str::to_owned));
            };
            let mut of = target(|_| {});
            with(&mut of);
            assert_eq!(would_wrap(Some(&of), &config(None)), wraps.into(), "{words}");
        }
        assert!(would_wrap(Some(&target(|_| {})), &Fact::unknown("ssh did not start")).known().is_none());
        assert!(would_wrap(None, &config(None)).known().is_none());
    }

    #[test]
    fn windows_has_a_shell_without_saying_so() {
        let windows = Recorded::new(Platform::Windows).user("ana", "C:/Users/ana").variable("WT_SESSION", "1");
        let terminal = seen(&windows);
        assert_eq!(
            (terminal.shell.as_deref(), terminal.program.as_deref()),
            (Some("powershell"), Some("windows-terminal"))
        );
        assert!(terminal.wrappers.is_empty());
    }
}
