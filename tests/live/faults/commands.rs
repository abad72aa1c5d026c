//! The command line: slips that ssh does not forgive, and commands that a job cannot run.

use crate::scene::Scene;

/// The usual machine, and a pasted command with this slip in it (`PORT` stands for the port).
#[track_caller]
fn slip(pasted: &str, check: &str, words: &str) {
    let (scene, _) = Scene::usual();
    let text = pasted.replace("PORT", &scene.port().to_string());
    scene.text_blocked_by(&text, check).while_ssh_says_to(&text, words).mended();
}

#[test]
fn an_uppercase_p() {
    slip("ssh -P PORT 127.0.0.1", "cmdline-uppercase-p", "ssh:");
}

#[test]
fn the_port_after_a_colon() {
    slip("ssh 127.0.0.1:PORT", "cmdline-host-colon-port", "Could not resolve hostname");
}

#[test]
fn a_dash_of_a_word_processor() {
    slip("ssh \u{2013}p PORT 127.0.0.1", "cmdline-typographic-dash", "Could not resolve hostname");
}

#[test]
fn no_port() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    // Nobody listens on port 22 of this loopback address.
    scene.host("127.0.0.44");
    scene.blocked_by("port-missing").titled("22").while_ssh_says("port 22: Connection refused");
}

#[test]
fn a_builtin_of_the_shell() {
    let (mut scene, _) = Scene::usual();
    scene.remote(&["export", "A=1"]);
    let blocked = scene.blocked_by("session-exec-not-found").titled("export");
    blocked.while_ssh_says("exec: \"export\": executable file not found in $PATH").mended();
}

/// As Warp defines it: with one word that is no option, `-t` and a script.
const WARP: &str = r#"ssh() {
  if [ $# -eq 3 ] && [ "$WARP_USE_SSH_WRAPPER" = 1 ]; then
    command ssh -t "$@" "
export TERM_PROGRAM='WarpTerminal'
exec bash --norc"
  else
    command ssh "$@"
  fi
}
"#;

#[test]
fn warp_sends_a_script() {
    let (mut scene, _) = Scene::usual();
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    scene.shell(WARP);
    let blocked = scene.blocked_by("session-warp-wrapper").titled("Warp");
    blocked.while_ssh_says("exec: \"export\": executable file not found in $PATH").mended();
}
