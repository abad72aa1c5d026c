//! Terminals, shells and machines that look wrong and are not.

use crate::scene::Scene;
use crate::support::client;

#[test]
fn an_alias_for_ssh() {
    let (scene, _) = Scene::usual();
    scene.home.write(".bashrc", "alias ssh='ssh -A'\nalias ll='ls -l'\n", 0o644);
    scene.healthy();
}

#[test]
fn warp_with_its_wrapper_off() {
    let (mut scene, _) = Scene::usual();
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "0")]
    {
        scene.home.set_env(name, value);
    }
    scene.healthy();
}

#[test]
fn warp_and_a_command_that_makes_its_wrapper_step_aside() {
    let (mut scene, _) = Scene::usual();
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    scene.typed(["-t"]).remote(&["bash"]);
    scene.healthy();
}

#[test]
fn inside_tmux() {
    let (mut scene, _) = Scene::usual();
    scene.home.set_env("TMUX", "/tmp/tmux-1000/default,4711,0");
    scene.home.set_env("TERM", "tmux-256color");
    scene.healthy();
}

#[test]
fn another_home_in_the_environment() {
    let (mut scene, _) = Scene::usual();
    scene.home.make_folder("elsewhere/.ssh", 0o700);
    scene.key("elsewhere/.ssh/id_ed25519");
    let elsewhere = scene.home.join("elsewhere");
    scene.home.set_env("HOME", elsewhere);
    scene.healthy();
}

#[test]
fn two_ssh_on_path() {
    let (scene, _) = Scene::usual();
    let real = client::program("ssh");
    scene.home.fake_program("ssh", &format!("#!/bin/sh\nexec {} \"$@\"\n", real.display()));
    scene.healthy();
}

#[test]
fn in_another_language() {
    let (mut scene, _) = Scene::usual();
    scene.home.set_env("LANG", "de_DE.UTF-8");
    scene.home.set_env("LC_ALL", "ja_JP.UTF-8");
    scene.healthy();
}

#[test]
fn in_a_terminal_that_nobody_knows() {
    let (mut scene, _) = Scene::usual();
    scene.home.set_env("TERM", "xterm-ghostty");
    scene.home.set_env("TERM_PROGRAM", "vscode");
    scene.healthy();
}

/// A host of the configuration that is there for what it carries.
#[test]
fn a_tunnel_without_a_session() {
    if !client::client().at_least(8, 7) {
        return;
    }
    let (mut scene, _) = Scene::usual();
    let port = scene.port();
    scene.home.config(&format!(
        "Host desk\n  HostName 127.0.0.1\n  Port {port}\n  LocalForward {}.sock 127.0.0.1:5900\n  SessionType none\n",
        scene.home.join("desk").display()
    ));
    scene.host("desk");
    scene.examine().expect_silence();
}

#[test]
fn a_tunnel_that_is_asked_for() {
    let (mut scene, _) = Scene::usual();
    scene.typed(["-N", "-L", "0:127.0.0.1:5900"]);
    scene.examine().expect_silence();
}

#[test]
fn no_target() {
    let (scene, _) = Scene::usual();
    let nothing: [&str; 0] = [];
    scene.examine_words(&nothing).expect_silence();
    scene.examine_words(&["--offline"]).expect_silence();
    assert_eq!(scene.server().record().connections, 0, "nobody was called");
}

#[test]
fn a_target_looked_at_from_afar() {
    let (mut scene, _) = Scene::usual();
    scene.options(["--offline"]).examine().expect_silence();
    assert_eq!(scene.server().record().connections, 0, "nobody was called");
}

/// The first command of a newcomer, on a machine that has nothing yet.
#[test]
fn no_target_and_no_key() {
    let scene = Scene::new();
    let nothing: [&str; 0] = [];
    let report = scene.examine_words(&nothing);
    assert!(report.root_errors().is_empty(), "{report}");
}

#[test]
fn a_wrapper_program_that_talks() {
    let real = client::program("ssh");
    for stream in ["", " >&2"] {
        let (scene, _) = Scene::usual();
        let script = format!(
            "#!/bin/sh\necho 'Corporate ssh 1.2: all sessions are logged'{stream}\nexec {} \"$@\"\n",
            real.display()
        );
        scene.home.fake_program("ssh", &script);
        scene.healthy();
    }
}

/// A start file, and a shell that has read it: what it makes of ssh harms nobody.
#[track_caller]
fn with_start_file(lines: &str, change: impl FnOnce(&mut Scene)) {
    let (mut scene, _) = Scene::usual();
    scene.home.write(".bashrc", lines, 0o644);
    scene.home.set_env("SHELL", "/bin/bash");
    scene.shell("shopt -s expand_aliases\n. ~/.bashrc\n");
    change(&mut scene);
    scene.healthy();
}

#[test]
fn wrappers_that_pass_everything_on() {
    for lines in [
        "alias ssh='TERM=xterm-256color ssh -A'\n",
        "ssh() { TERM=xterm command ssh \"$@\"; }\n",
        "ssh() {\n  printf '\\033]2;ssh\\007'\n  command ssh -o ServerAliveInterval=30 \"$@\"\n}\n",
        "work() {\n  alias ssh='ssh -T'\n}\n",
        "if [ -n \"$TMUX\" ]; then\n  alias ssh='ssh -T'\nfi\n",
        "[ \"$TERM\" = xterm-kitty ] && alias ssh='kitten ssh'\n",
        "alias ssh='ssh -T'\nunalias ssh\n",
    ] {
        with_start_file(lines, |_| {});
    }
}

#[test]
fn a_function_whose_way_nobody_can_tell() {
    let lines = "ssh() {\n  if [ \"$1\" = work ]; then\n    command ssh -t \"$@\" 'tmux new -A'\n  else\n    command ssh \"$@\"\n  fi\n}\n";
    with_start_file(lines, |_| {});
}

#[test]
fn a_terminal_that_an_alias_takes_and_the_command_gives() {
    with_start_file("alias ssh='ssh -T'\n", |scene| {
        scene.typed(["-t"]);
    });
}

/// What Ghostty does first fails on a job, and the login that follows does not.
#[test]
fn ghostty_prepares_in_vain() {
    let lines = r#"ssh() {
  if ! printf 'xterm-ghostty' | command ssh "$@" '
    infocmp xterm-ghostty >/dev/null 2>&1 && exit 0
    exit 1' 2>/dev/null; then
    echo "Warning: Failed to install terminfo." >&2
  fi
  TERM=xterm-256color command ssh -o "SendEnv COLORTERM TERM_PROGRAM" "$@"
}
"#;
    with_start_file(lines, |scene| {
        scene.known();
        scene.home.set_env("GHOSTTY_RESOURCES_DIR", "/usr/share/ghostty");
        scene.home.set_env("GHOSTTY_SHELL_FEATURES", "cursor,ssh-env,ssh-terminfo,title");
    });
}

/// A real sshd has a shell for whatever is sent, on whichever port.
#[test]
fn commands_and_wrappers_where_there_is_a_shell() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "");
    scene.remote(&["cd / && ls | wc -l"]);
    scene.healthy();
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "");
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    scene.healthy();
}
