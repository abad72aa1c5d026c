//! Who has something sent that a job cannot run. Each wrapper stands in the person's shell as it would there, so that the fault
//! shows with it in force, and every printed command is pasted beside it.

use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::{packages, skipped};

/// What the job's server says to a first word that is no program.
fn not_found(program: &str) -> String {
    format!("exec: \"{program}\": executable file not found in $PATH")
}

/// Functions that do what Warp's do, in bash and zsh: one word that is no option, no `-T` or `-W`, none of the options that
/// Warp does not know, and the two variables; then a terminal and a script.
const WARP: &str = r#"lone_host() {
  local hosts=0
  while [ $# -gt 0 ]; do
    case $1 in
      --) shift; hosts=$((hosts + $#)); break ;;
      -o?*|-p?*|-i?*|-l?*) ;;
      -*[TWJEIBPQG]*) return 1 ;;
      -*[bcDeFiLlmOopRSw]) shift ;;
      -*) ;;
      *) hosts=$((hosts + 1)) ;;
    esac
    shift
  done
  [ $hosts -eq 1 ]
}
bootstrap() {
  command ssh -t "$@" "
export TERM_PROGRAM='WarpTerminal'
export WARP_IS_SSH='1'
exec bash --norc"
}
ssh() {
  if lone_host "$@" && [ "$WARP_IS_LOCAL_SHELL_SESSION" = 1 ] && [ "$WARP_USE_SSH_WRAPPER" = 1 ]; then
    NEWER
    bootstrap "$@"
  else
    command ssh "$@"
  fi
}
"#;
/// What newer releases of Warp ask ssh first.
const NEWER: &str = r#"case $(command ssh -G "$@" 2>/dev/null | sed -n 's/^remotecommand //p') in
      ''|none) ;;
      *) command ssh "$@"; return ;;
    esac"#;

/// The usual machine in Warp, with its wrapper on.
fn in_warp(newer: bool) -> Scene {
    let (mut scene, _) = Scene::usual();
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    scene.home.set_env("SHELL", "/bin/bash");
    scene.shell(&WARP.replace("NEWER", if newer { NEWER } else { ":" }));
    scene
}

/// The usual machine whose start file has these lines, and a shell that has read it.
fn in_bash(lines: &str) -> Scene {
    let (mut scene, _) = Scene::usual();
    scene.home.write(".bashrc", lines, 0o644);
    scene.home.set_env("SHELL", "/bin/bash");
    scene.shell("shopt -s expand_aliases\n. ~/.bashrc\n");
    scene
}

/// The same with zsh, where it can be had.
fn in_zsh(lines: &str) -> Option<Scene> {
    let zsh = packages::file("zsh", "bin/zsh")?;
    let (mut scene, _) = Scene::usual();
    scene.home.write(".zshrc", lines, 0o644);
    scene.zsh(&zsh).shell(". ~/.zshrc\n");
    Some(scene)
}

/// Before 7.6 there is no RemoteCommand.
fn has_remote_command() -> bool {
    let there = client().at_least(7, 6);
    if !there {
        skipped("RemoteCommand came with OpenSSH 7.6");
    }
    there
}

#[test]
fn a_builtin_of_the_shell() {
    let (mut scene, _) = Scene::usual();
    scene.remote(&["export", "A=1"]);
    let blocked = scene.blocked_by("session-exec-not-found").titled("export");
    blocked.while_ssh_says(&not_found("export")).mended_by(|title| !title.contains("in one piece"), &[]);
}

#[test]
fn a_line_of_shell() {
    let (mut scene, _) = Scene::usual();
    let line = format!("cd / && echo \"$PWD {INSIDE}\"");
    scene.remote(&[&line]);
    let blocked = scene.blocked_by("session-exec-not-found").titled("cd").shows("cd / &&");
    blocked.while_ssh_says(&not_found("cd")).mended();
}

#[test]
fn a_pipe_reaches_the_program_as_a_word() {
    let (mut scene, _) = Scene::usual();
    scene.remote(&[&format!("ls / | sed 's/.*/{INSIDE}/'")]);
    scene.blocked_by("session-exec-not-found").titled("to ls as plain words").while_ssh_says("No such file").mended();
}

#[test]
fn quotes_that_the_shell_here_took() {
    let (mut scene, _) = Scene::usual();
    scene.remote(&["bash", "-c", &format!("cd /usr && pwd && echo '{INSIDE}'")]);
    // bash runs `cd` alone, and `&&` is a name for it: nothing fails, and nothing comes of it.
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["session-exec-not-found"], "{report}");
    let fix = report.first().expect("a cause").pasteable()[0].commands().join("\n");
    scene.person(&fix, &[]).expect_text("/usr\n").expect_text(INSIDE).expect_code(0);
}

#[test]
fn warp_sends_a_script() {
    for newer in [true, false] {
        let scene = in_warp(newer);
        let blocked = scene.blocked_by("session-warp-wrapper").titled("Warp");
        blocked.while_ssh_says(&not_found("export")).mended();
    }
}

#[test]
fn warp_in_zsh() {
    let Some(zsh) = packages::file("zsh", "bin/zsh") else { return };
    let mut scene = in_warp(true);
    scene.zsh(&zsh);
    scene.blocked_by("session-warp-wrapper").while_ssh_says(&not_found("export")).mended();
}

#[test]
fn warp_beside_an_option_that_it_knows() {
    let mut scene = in_warp(true);
    scene.typed(["-i", "~/.ssh/id_ed25519", "-o", "IdentitiesOnly=yes", "-v"]);
    scene.blocked_by("session-warp-wrapper").while_ssh_says(&not_found("export")).mended();
}

/// The next trap: without RemoteCommand, the wrapper does not stand back any more.
#[test]
fn warp_and_a_remote_command() {
    if !has_remote_command() {
        return;
    }
    for (newer, words) in [(true, not_found("zellij")), (false, "Cannot execute command-line and remote".to_owned())] {
        let scene = in_warp(newer);
        scene.home.config("RemoteCommand zellij attach\n");
        scene.blocked_by("config-remotecommand").titled("zellij").shows("config:1").while_ssh_says(&words).mended();
    }
}

#[test]
fn the_configuration_asks_for_tmux() {
    if !has_remote_command() {
        return;
    }
    let (scene, _) = Scene::usual();
    scene.home.config("RequestTTY yes\nRemoteCommand zellij attach\n");
    let blocked = scene.blocked_by("config-remotecommand").titled(".ssh/config sends zellij").shows("config:2");
    blocked.while_ssh_says(&not_found("zellij")).mended();
}

#[test]
fn the_configuration_sends_a_line_of_shell() {
    if !has_remote_command() {
        return;
    }
    for (command, words) in [
        ("cd / && exec bash", not_found("cd")),
        ("exec bash -l", not_found("exec")),
        ("LANG=C bash", not_found("LANG=C")),
        ("bash -l || sh", "||: No such file".to_owned()),
    ] {
        let (scene, _) = Scene::usual();
        scene.home.config(&format!("RequestTTY yes\nRemoteCommand {command}\n"));
        let blocked = scene.blocked_by("config-remotecommand").titled("only a shell could read").shows(command);
        blocked.while_ssh_says(&words).mended();
    }
}

#[test]
fn a_function_adds_a_command() {
    for lines in [
        "ssh() { command ssh -t \"$@\" 'zellij attach main'; }\n",
        "ssh() {\n  # back to where I was\n  command ssh \"$@\" -t zellij attach\n}\n",
    ] {
        let scene = in_bash(lines);
        let blocked =
            scene.blocked_by("session-wrapper-command").titled("function ssh").titled("zellij").shows(".bashrc:1");
        blocked.while_ssh_says(&not_found("zellij")).mended();
    }
}

#[test]
fn a_function_of_zsh_adds_a_line_of_shell() {
    let Some(scene) = in_zsh("export EDITOR=vi\nssh() {\n  command ssh -t \"$@\" 'cd work && exec bash'\n}\n") else {
        return;
    };
    let blocked = scene.blocked_by("session-wrapper-command").titled("only a shell could read").shows(".zshrc:2");
    blocked.while_ssh_says(&not_found("cd")).mended();
}

#[test]
fn an_alias_asks_for_no_terminal() {
    let scene = in_bash("alias ssh='ssh -T'\n");
    let blocked = scene.blocked_by("session-wrapper-command").titled("no terminal").shows(".bashrc:1");
    blocked.while_ssh_says("No command or PTY requested").mended();
    let Some(scene) = in_zsh("alias ssh='ssh -o RequestTTY=no'\n") else { return };
    scene.blocked_by("session-wrapper-command").while_ssh_says("No command or PTY requested").mended();
}

#[test]
fn an_alias_sets_a_remote_command() {
    if !has_remote_command() {
        return;
    }
    let mut scene = in_bash("alias ssh='ssh -t -o RemoteCommand=\"zellij attach\"'\n");
    scene.blocked_by("session-wrapper-command").titled("zellij").while_ssh_says(&not_found("zellij")).mended();
    scene.typed(["-t"]).remote(&["bash"]);
    let blocked = scene.blocked_by("session-wrapper-command").titled("collides");
    blocked.while_ssh_says("Cannot execute command-line and remote command").mended();
}

/// Both traps: past the one alone, the other is met.
#[test]
fn a_function_and_a_remote_command() {
    if !has_remote_command() {
        return;
    }
    for set in ["zellij attach", "bash"] {
        let scene = in_bash("ssh() { command ssh -t \"$@\" 'screen -R'; }\n");
        scene.home.config(&format!("RequestTTY yes\nRemoteCommand {set}\n"));
        let blocked = scene.blocked_by("config-remotecommand").titled("ssh in your shell adds").shows("config:2");
        blocked.while_ssh_says("Cannot execute command-line and remote command").mended();
    }
}

/// Does what the kitten does with its words: its own script stands behind the host, whatever else was typed.
const KITTEN: &str = r#"#!/bin/sh
[ "$1" = ssh ] && [ -n "$KITTY_WINDOW_ID" ] && [ -n "$KITTY_PID" ] || exit 1
shift
host=
for word; do
  shift
  case $word in
    -*) set -- "$@" "$word" ;;
    *) if [ "$value" = yes ]; then set -- "$@" "$word"; elif [ -z "$host" ]; then host=$word; fi ;;
  esac
  case $word in -*[piol]) value=yes ;; *) value= ;; esac
done
script=$(printf "'#!/bin/sh\r# kitty\rexec \"\$login_shell\"'")
exec ssh "$@" -t -- "$host" exec sh -c "'eval \"\$(echo \"\$0\" | tr \\\\\\v\\\\\\f\\\\\\r\\\\\\b \\\\\\047\\\\\\134\\\\\\n\\\\\\041)\"'" "$script"
"#;

fn in_kitty(lines: &str) -> Scene {
    let mut scene = in_bash(lines);
    scene.home.fake_program("kitten", KITTEN);
    scene.home.set_env("KITTY_WINDOW_ID", "1");
    scene.home.set_env("KITTY_PID", "4711");
    scene
}

#[test]
fn the_kitten_of_kitty() {
    for lines in [
        "alias ssh='kitten ssh'\n",
        "[ \"$TERM\" = xterm-256color ] && alias ssh='kitten ssh'\n",
        "ssh() { kitten ssh \"$@\"; }\n",
    ] {
        let scene = in_kitty(lines);
        let blocked = scene.blocked_by("session-kitty-kitten").shows(".bashrc:1");
        blocked.while_ssh_says(&not_found("exec")).mended();
    }
}

#[test]
fn the_kitten_and_a_remote_command() {
    if !has_remote_command() {
        return;
    }
    let scene = in_kitty("alias ssh='kitten ssh'\n");
    scene.home.config("RemoteCommand bash\n");
    let blocked = scene.blocked_by("config-remotecommand").titled("ssh in your shell adds");
    blocked.while_ssh_says("Cannot execute command-line and remote command").mended();
}
