//! Programs of the configuration that never come to an end.

use std::time::{Duration, Instant};

use crate::scene::Scene;
use crate::side_effects::processes;
use crate::support::client::client;

#[test]
fn a_condition_that_does_not_end() {
    let (mut scene, _) = Scene::usual();
    scene.home.config("Match exec \"sleep 61\"\n  Compression yes\n");
    scene.options(["--timeout", "2"]);
    let start = Instant::now();
    let blocked = scene.blocked_by("config-match-exec-hangs").titled("sleep 61").shows("sleep 61");
    assert!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    assert_ne!(blocked.report.stage("handshake"), "failed", "{}", blocked.report);
    assert!(processes(&scene).is_empty(), "{:?}", processes(&scene));
    blocked.mended();
}

#[test]
fn a_proxy_program_that_says_nothing() {
    let (mut scene, _) = Scene::usual();
    scene.home.config("Host 127.0.0.1\n  ProxyCommand sleep 61\n");
    scene.options(["--timeout", "2"]);
    let blocked = scene.blocked_by("config-proxycommand-fails").titled("sleep 61");
    assert!(processes(&scene).is_empty(), "{:?}", processes(&scene));
    blocked.mended();
}

#[test]
fn a_known_hosts_program_that_fails() {
    let (scene, _) = Scene::usual();
    scene.home.config("Host 127.0.0.1\n  KnownHostsCommand /bin/false\n");
    if !client().at_least(8, 5) {
        scene.blocked_by("config-option-too-new").titled("knownhostscommand").mended();
        return;
    }
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["login-failed"], "{report}");
    assert!(
        report.findings().any(|finding| finding.0["evidence"].to_string().contains("KnownHostsCommand")),
        "{report}"
    );
}
