//! What would keep the login from ending in a shell: the configuration's settings, and a function called ssh.

use super::{run_there, way, with_temporary_folder};
use crate::scene::{INSIDE, Scene};
use crate::support::client::client;
use crate::support::skipped;

/// `cci-ssh connect` at a terminal, with these options before the way.
fn line(scene: &Scene, options: &str) -> String {
    format!("{} connect {options} {}", env!("CARGO_BIN_EXE_cci-ssh"), way(scene).join(" "))
}

#[test]
fn a_configuration_that_leaves_nobody_in_a_shell() {
    if !client().at_least(8, 7) {
        return skipped("SessionType, StdinNull and ForkAfterAuthentication came with OpenSSH 8.7");
    }
    for setting in ["SessionType none", "StdinNull yes", "ForkAfterAuthentication yes", "RequestTTY no"] {
        let (mut scene, _) = Scene::usual();
        with_temporary_folder(&mut scene);
        scene.known().home.config(&format!("{setting}\n"));
        let seen = scene.person(&line(&scene, ""), &[]);
        assert!(seen.output.contains(INSIDE) && seen.code == Some(0), "{setting}\n{seen:#?}");
    }
}

#[test]
fn a_command_beside_one_of_the_configuration() {
    if !client().at_least(7, 6) {
        return skipped("RemoteCommand came with OpenSSH 7.6");
    }
    let (mut scene, _) = Scene::usual();
    scene.known().home.config("RemoteCommand bash\n");
    let outcome = run_there(&mut scene, &["echo", "in"]);
    assert_eq!((outcome.code(), outcome.stdout.as_str()), (Some(0), "in\n"), "{outcome:#?}");
}

#[test]
fn what_is_printed_goes_past_a_function_called_ssh() {
    let (mut scene, _) = Scene::usual();
    with_temporary_folder(&mut scene);
    for (name, value) in
        [("TERM_PROGRAM", "WarpTerminal"), ("WARP_IS_LOCAL_SHELL_SESSION", "1"), ("WARP_USE_SSH_WRAPPER", "1")]
    {
        scene.home.set_env(name, value);
    }
    scene.known();
    let function = "ssh() { command ssh -t \"$@\" 'export TERM_PROGRAM=WarpTerminal'; }";
    let seen = scene.person(&format!("{function}\neval \"$(SHELL=/bin/bash {})\"", line(&scene, "--dry-run")), &[]);
    assert!(seen.output.contains(INSIDE), "{seen:#?}");
}
