//! No connection.

use crate::scene::{SESSION, Scene};
use crate::support::ports::{RefusedPort, SilentPort};

#[test]
fn nobody_listens() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let closed = RefusedPort::new();
    scene.port_of_nobody(closed.port);
    let blocked = scene.blocked_by("connection-refused").titled(&closed.port.to_string());
    blocked.shows("Connection refused").while_ssh_says("Connection refused").with_nothing_to_paste();
}

#[test]
fn nobody_answers() {
    let mut scene = Scene::new();
    let silent = SilentPort::new();
    scene.port_of_nobody(silent.port).options(["--timeout", "2"]).typed(["-o", "ConnectTimeout=1"]);
    scene.blocked_by("connection-timed-out").while_ssh_says("timed out").with_nothing_to_paste();
}

#[test]
fn nobody_answers_and_ssh_would_wait_for_minutes() {
    let mut scene = Scene::new();
    let silent = SilentPort::new();
    scene.port_of_nobody(silent.port).options(["--timeout", "2"]);
    scene.blocked_by("connection-timed-out").with_nothing_to_paste();
}

#[test]
fn the_name_does_not_exist() {
    let mut scene = Scene::new();
    scene.home.name("ssh.circleci.example", "-2");
    scene.port_of_nobody(22).host("ssh.circleci.example").user(SESSION);
    let blocked = scene.blocked_by("dns-unresolvable").titled("ssh.circleci.example");
    blocked.while_ssh_says("Could not resolve hostname").with_nothing_to_paste();
}

#[test]
fn the_resolver_does_not_answer() {
    let mut scene = Scene::new();
    scene.home.name("ssh.circleci.com", "-3");
    scene.port_of_nobody(22).host("ssh.circleci.com").user(SESSION);
    scene.blocked_by("dns-temporary-failure").while_ssh_says("Could not resolve hostname").with_nothing_to_paste();
}

/// The broadcast address of the loopback network: connections to it never leave the machine (ip(7)).
#[test]
fn there_is_no_way() {
    let mut scene = Scene::new();
    scene.port_of_nobody(64535).host("127.255.255.255");
    let words = scene.home.ssh(["-p", "64535", "127.255.255.255"]).stderr;
    if !words.contains("Network is unreachable") {
        crate::support::skipped(&format!(
            "this system says {words:?} where Linux says that the network is unreachable"
        ));
        return;
    }
    scene.blocked_by("network-unreachable").while_ssh_says("Network is unreachable").with_nothing_to_paste();
}
