//! Ways round about: jump hosts, proxy programs, CircleCI's proxy.

use crate::scene::{SESSION, Scene, by_way_of};
use crate::support::client::client;
use crate::support::job_server::{Fault, Options, Users};
use crate::support::ports::RefusedPort;
use crate::support::sshd::Sshd;

const PROXY: &str = "ssh.circleci.com";
/// What every version says. Before it, older ones give the step as well: `kex_exchange_identification: Connection closed by
/// remote host`, which OpenSSH 10 keeps for `-v`.
const HUNG_UP: &str = "Connection closed by ";

/// The command whose words show how the greeting failed: before 8.0 ssh may say nothing of it without `-v`.
fn hung_up(scene: &Scene) -> String {
    if client().at_least(8, 0) { scene.ssh_line() } else { format!("{} -v", scene.ssh_line()) }
}

#[test]
fn the_jump_host_refuses_the_connection() {
    let (scene, _) = Scene::usual();
    let closed = RefusedPort::new();
    scene.home.config(&format!(
        "Host 127.0.0.1\n  ProxyJump bastion\nHost bastion\n  HostName 127.0.0.3\n  Port {}\n",
        closed.port
    ));
    let blocked = scene.blocked_by("config-proxyjump-unreachable").titled("127.0.0.3").shows("config:2");
    let words = if client().at_least(8, 0) { "port 65535" } else { "Connection refused" };
    blocked.while_ssh_says(words).mended();
}

#[test]
fn the_jump_host_refuses_the_login() {
    let (mut scene, _) = Scene::usual();
    let other = scene.key("other");
    let bastion = Sshd::start([other.public.as_str()], "");
    scene.home.config(&by_way_of(&bastion));
    let blocked = scene.blocked_by("config-proxyjump-denied").titled("localhost");
    blocked.while_ssh_says("Permission denied").mended();
}

#[test]
fn the_jump_host_jumps_over_itself() {
    let (scene, _) = Scene::usual();
    scene.home.config("Host *\n  ProxyJump bastion\n");
    let blocked = scene.blocked_by("config-proxyjump-loop").titled("bastion");
    if client().at_least(8, 3) {
        blocked.while_ssh_says("jumphost loop").mended();
    } else {
        // An older one would start itself without end.
        assert!(blocked.report.json["facts"]["attempt"].is_null());
        blocked.mended();
    }
}

#[test]
fn the_proxy_program_does_not_exist() {
    let (scene, _) = Scene::usual();
    scene.home.config("Host *\n  ProxyCommand corkscrew proxy.example 3128 %h %p\n");
    let blocked = scene.blocked_by("config-proxycommand-fails").titled("corkscrew").shows("config:2");
    blocked.while_ssh_says("corkscrew: ").mended();
}

/// CircleCI's proxy, by its name.
fn proxy() -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).users(Users::SessionName));
    scene.home.name(PROXY, "127.0.0.1");
    scene.host(PROXY);
    scene
}

#[test]
fn the_proxy_is_called_without_a_user() {
    let scene = proxy();
    scene.blocked_by("cci-proxy-username-missing").while_ssh_says("Permission denied").with_nothing_to_paste();
}

#[test]
fn the_configuration_gives_the_proxy_a_user() {
    let scene = proxy();
    scene.home.config("Host *\n  User git\n");
    scene
        .blocked_by("cci-proxy-username-missing")
        .while_ssh_says(&client().denies("git@ssh.circleci.com"))
        .with_nothing_to_paste();
}

#[test]
fn another_user_is_typed_before_the_proxys() {
    let mut scene = proxy();
    scene.user(SESSION).typed(["-o", "User=ana"]);
    if client().at_least(7, 7) {
        scene.blocked_by("cci-proxy-username-missing").while_ssh_says("ana@").with_nothing_to_paste();
    } else {
        // There the user before the host wins.
        scene.healthy();
    }
}

#[test]
fn the_job_is_gone_behind_a_good_jump_host() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let bastion = Sshd::start([key.public.as_str()], "");
    let closed = RefusedPort::new();
    scene.port_of_nobody(closed.port);
    scene.home.config(&by_way_of(&bastion));
    scene.blocked_by("connection-refused").while_ssh_says("Connection refused").with_nothing_to_paste();
}

#[test]
fn the_proxy_program_cannot_reach_its_proxy() {
    let (scene, _) = Scene::usual();
    let program = "#!/bin/sh\necho 'nc: connect to 127.0.0.1 port 1080 (tcp) failed: Connection refused' >&2\nexit 1\n";
    scene.home.fake_program("tunnel", program);
    scene.home.config("Host *\n  ProxyCommand tunnel %h %p\n");
    let blocked = scene.blocked_by("config-proxycommand-fails").titled("tunnel").shows("config:2");
    blocked.while_ssh_says("Connection refused").mended();
}

#[test]
fn the_jump_host_forbids_going_on() {
    let (scene, key) = Scene::usual();
    let bastion = Sshd::start([key.public.as_str()], "AllowTcpForwarding no");
    scene.home.config(&by_way_of(&bastion));
    let blocked = scene.blocked_by("config-proxyjump-forbids").titled("127.0.0.1").shows("prohibited");
    blocked.while_ssh_says("administratively prohibited").mended();
}

/// A job with this fault behind a jump host that lets everybody through.
#[track_caller]
fn behind_a_jump_host(fault: Fault, check: &str, words: &str) {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(fault));
    let bastion = Sshd::start([key.public.as_str()], "");
    scene.home.config(&by_way_of(&bastion));
    scene.options(["--timeout", "4"]).typed(["-o", "ConnectTimeout=2"]);
    scene.blocked_by(check).while_ssh_says_to(&hung_up(&scene), words);
}

#[test]
fn a_web_server_behind_a_jump_host() {
    behind_a_jump_host(Fault::Http, "http-instead-of-ssh", HUNG_UP);
}

#[test]
fn another_service_behind_a_jump_host() {
    let mail = Fault::TextGreeting("220 mail.example ESMTP".into());
    behind_a_jump_host(mail, "not-ssh-server", HUNG_UP);
}

#[test]
fn hung_up_behind_a_jump_host() {
    behind_a_jump_host(Fault::CloseBeforeGreeting, "maxstartups-or-banned", HUNG_UP);
}

#[test]
fn turned_away_behind_a_jump_host() {
    let words = Fault::TextGreeting("Exceeded MaxStartups".into());
    behind_a_jump_host(words, "maxstartups-or-banned", HUNG_UP);
}

#[test]
fn silence_behind_a_jump_host() {
    behind_a_jump_host(Fault::StallBeforeGreeting, "banner-timeout", "timed out");
}

#[test]
fn a_proxy_that_speaks_http_itself() {
    let (scene, _) = Scene::usual();
    scene.home.fake_program(
        "tunnel",
        "#!/bin/sh\nread -r line\nprintf 'HTTP/1.1 407 Proxy Authentication Required\\r\\n\\r\\n'\n",
    );
    scene.home.config("Host *\n  ProxyCommand tunnel %h %p\n");
    let blocked = scene.blocked_by("http-instead-of-ssh").titled("by way of the proxy").shows("407");
    blocked.while_ssh_says_to(&hung_up(&scene), HUNG_UP).mended();
}

#[test]
fn a_proxy_that_complains_where_the_greeting_should_be() {
    let (scene, _) = Scene::usual();
    scene.home.fake_program("tunnel", "#!/bin/sh\nread -r line\necho 'please log in to the VPN first'\nexit 1\n");
    scene.home.config("Host *\n  ProxyCommand tunnel %h %p\n");
    let blocked = scene.blocked_by("config-proxycommand-fails").shows("log in to the VPN");
    blocked.while_ssh_says_to(&hung_up(&scene), HUNG_UP).mended();
}
