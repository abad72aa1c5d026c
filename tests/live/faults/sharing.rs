//! Shared connections (ssh_config(5), ControlMaster).

use super::config::with_config;
use crate::scene::Scene;
use crate::support::process::expect_end;

#[test]
fn the_folder_for_shared_connections_is_not_there() {
    let scene = with_config("ControlMaster auto\nControlPath ~/.ssh/sockets/%C\n");
    let blocked = scene.blocked_by("config-controlpath-bad").shows("config:2");
    blocked.while_ssh_says("No such file or directory").mended();
}

#[test]
fn the_path_for_shared_connections_is_too_long() {
    let (scene, _) = Scene::usual();
    let folder = "a-folder-with-a-long-name/".repeat(5);
    scene.home.make_folder(&folder, 0o700);
    scene.home.config(&format!("ControlMaster auto\nControlPath ~/{folder}%C\n"));
    scene.blocked_by("config-controlpath-bad").shows("config:2").while_ssh_says("too long").mended();
}

/// A master connection whose ssh has been stopped.
#[test]
fn the_shared_connection_is_frozen() {
    let (mut scene, _) = Scene::usual();
    scene.known();
    scene.home.config("ControlPath ~/.ssh/shared\nControlMaster auto\n");
    let start = format!("{} -M -N -f && ssh -O check -p {} 127.0.0.1", scene.ssh_line(), scene.port());
    let started = scene.home.paste(&start, &[]).output;
    let pid = started.split("(pid=").nth(1).and_then(|rest| rest.split(')').next()).expect("a master").to_owned();
    scene.home.run("kill", ["-STOP", &pid]).expect_code(0);
    let frozen = Frozen { scene: &scene, pid };
    let blocked = scene.blocked_by("config-controlmaster-stale").titled("older connection").shows("config:1");
    // timeout(1) is the person who loses patience.
    blocked.while_ssh_says_to(&format!("timeout 1 {} -v", scene.ssh_line()), "Trying existing master").mended();
    drop(frozen);
}

/// Ends the stopped ssh, also when the test fails.
struct Frozen<'a> {
    scene: &'a Scene,
    pid: String,
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        self.scene.home.run("kill", ["-KILL", &self.pid]);
        if !std::thread::panicking() {
            expect_end(&self.pid);
        }
    }
}
