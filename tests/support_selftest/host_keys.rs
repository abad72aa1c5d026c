//! Host keys: new for every job, unless a test wants the same again.

use std::net::{Ipv6Addr, TcpListener};

use crate::support::job_server::{JobServer, Options};
use crate::support::process::{TIME_LIMIT, run_with};
use crate::{home, ssh};

#[test]
fn the_fingerprint_is_the_one_that_ssh_tools_print() {
    let home = home();
    for options in [Options::new(), Options::new().rsa_host_key()] {
        let server = JobServer::start(options);
        let scan = home.run("ssh-keyscan", ["-p", &server.port().to_string(), "127.0.0.1"]);
        let mut list = home.command("ssh-keygen");
        list.args(["-l", "-f", "-"]);
        run_with(list, scan.stdout.as_bytes(), TIME_LIMIT).expect_text(&server.host_key_fingerprint());
    }
}

#[test]
fn an_rsa_host_key_signs() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]).rsa_host_key());
    for algorithm in ["rsa-sha2-256", "rsa-sha2-512"] {
        let option = format!("HostKeyAlgorithms={algorithm}");
        ssh(&home, &server, &["-o", &option], &["true"])
            .expect_code(0)
            .expect_text(&format!("host key algorithm: {algorithm}"));
    }
}

#[test]
fn the_next_job_on_the_same_port_has_another_key() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = Options::authorizing([key.public.as_str()]);
    let first = JobServer::start(options.clone());
    let (ip, port, old) = (first.ip(), first.port(), first.host_key_fingerprint());
    home.known_hosts(&first.known_hosts_line());
    ssh(&home, &first, &["-o", "StrictHostKeyChecking=yes"], &["true"]).expect_code(0);
    drop(first);
    let second = JobServer::start(options.listen(ip, port));
    assert_ne!(second.host_key_fingerprint(), old);
    ssh(&home, &second, &[], &["true"])
        .expect_code(255)
        .expect_text("REMOTE HOST IDENTIFICATION HAS CHANGED")
        .expect_text("Host key verification failed.");
}

#[test]
fn a_seed_keeps_the_key() {
    for options in [Options::new().host_key_seed(7), Options::new().host_key_seed(7).rsa_host_key()] {
        let first = JobServer::start(options.clone());
        assert_eq!(first.host_key_fingerprint(), JobServer::start(options).host_key_fingerprint());
    }
}

#[test]
fn a_person_is_asked_about_a_new_key() {
    let mut home = home();
    home.config("");
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    let line = format!("ssh -p {} 127.0.0.1 echo fine", server.port());
    let seen = home.paste(&line, &[("(yes/no", "yes\n")]);
    seen.expect_code(0).expect_text(&server.host_key_fingerprint()).expect_text("fine\n");
    home.paste(&line, &[]).expect_code(0);
}

#[test]
fn version_six_addresses_work_too() {
    if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
        return;
    }
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = Options::authorizing([key.public.as_str()]).listen(Ipv6Addr::LOCALHOST.into(), 0);
    ssh(&home, &JobServer::start(options), &[], &["true"]).expect_code(0);
}
