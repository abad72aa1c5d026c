//! Ways to a job that look wrong and are not.

use std::net::{Ipv6Addr, TcpListener};

use crate::scene::{INSIDE, SESSION, Scene, by_way_of};
use crate::support::client::client;
use crate::support::job_server::{Options, Users};
use crate::support::sshd::Sshd;

#[test]
fn a_jump_host() {
    let (scene, key) = Scene::usual();
    let bastion = Sshd::start([key.public.as_str()], "");
    scene.home.config(&by_way_of(&bastion));
    scene.healthy();
    assert!(bastion.log().contains("Accepted publickey"), "the way led through the jump host");
}

#[test]
fn a_jump_host_on_the_command_line() {
    let (mut scene, key) = Scene::usual();
    let bastion = Sshd::start([key.public.as_str()], "");
    let jump = format!("{}@localhost:{}", Sshd::user(), bastion.port());
    scene.home.config(client().takes_new_hosts());
    scene.typed(["-J", &jump]);
    scene.healthy();
}

#[test]
fn a_proxy_program() {
    let (mut scene, key) = Scene::usual();
    // ssh itself as the program that carries the bytes, since no other is sure to be there.
    let bastion = Sshd::start([key.public.as_str()], "");
    scene.home.write("hosts", bastion.known_hosts_line(), 0o600);
    scene.home.config(&format!(
        "Host 127.0.0.1\n  ProxyCommand ssh -F none -o UserKnownHostsFile=~/hosts -p {} -W %h:%p {}@127.0.0.1\n",
        bastion.port(),
        Sshd::user()
    ));
    scene.known().healthy();
}

#[test]
fn version_six() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        crate::support::skipped("this machine has no IPv6 loopback");
        return;
    }
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).listen(Ipv6Addr::LOCALHOST.into(), 0)).host("::1");
    scene.healthy();
}

#[test]
fn circlecis_proxy() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).users(Users::SessionName));
    scene.home.name("ssh.circleci.com", "127.0.0.1");
    scene.host("ssh.circleci.com").user(SESSION);
    scene.healthy();
}

#[test]
fn a_real_sshd() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.sshd([&key], "").user(&Sshd::user());
    scene.healthy();
}

#[test]
fn greetings_that_mislead() {
    for greeting in ["SSH-2.0-OpenSSH_5.3", "SSH-1.99-Cisco-1.25", "SSH-2.0-HTTP/1.1 400", "SSH-2.0-dropbear_2011.54"] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.job_like(Options::authorizing([key.public.as_str()]).greeting(greeting));
        scene.healthy();
    }
}

#[test]
fn lines_before_the_greeting_and_a_banner_that_mislead() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let lines = ["HTTP/1.1 302 Found", "Permission denied (publickey).", "Not allowed at this time"];
    let options = Options::authorizing([key.public.as_str()]).lines_before_greeting(&lines);
    scene.job_like(
        options.auth_banner("Permission denied (publickey).\r\nToo many authentication failures\r\n\u{1b}[31m"),
    );
    scene.healthy();
}

#[test]
fn the_whole_text_of_the_step() {
    let (scene, _) = Scene::usual();
    let server = scene.server();
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\n\
         Use the same SSH public key that you use for your VCS-provider (e.g., GitHub).\n\n\
         RSA key fingerprint of the host is\n  {}\n  MD5:35:8a:4a:b3:3f:3f:0d:ad:f8:36:44:ce:a7:6e:01:22\n\n\
         This box will stay up for 2h0m0s, or until 10m0s passes without \nan active SSH session.\n",
        server.port(),
        server.host_key_fingerprint()
    );
    scene.examine_words(&[text]).expect_silence();
}

#[test]
fn a_fingerprint_of_another_type_of_key_is_no_contradiction() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    // The step prints the RSA key's fingerprint, and ssh chose the Ed25519 key of the same server.
    let both = ["ssh-ed25519", "rsa-sha2-512"];
    scene.job_like(Options::authorizing([key.public.as_str()]).host_key_algorithms(&both));
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\n\
         RSA key fingerprint of the host is\n  SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw\n",
        scene.port()
    );
    scene.examine_words(&[text]).expect_silence();
}

#[test]
fn a_copied_line_with_a_prompt_and_a_shell_for_a_command() {
    let (scene, _) = Scene::usual();
    scene.examine_words(&[format!("$ ssh -t -p {} 127.0.0.1 -- bash", scene.port())]).expect_silence();
    let seen = scene.person(&format!("ssh -t -p {} 127.0.0.1 -- bash", scene.port()), &[]);
    assert!(seen.output.contains(INSIDE), "{seen:#?}");
}
