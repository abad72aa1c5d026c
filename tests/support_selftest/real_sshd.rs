//! The real sshd of this machine.

use crate::home;
use crate::support::sshd::Sshd;

#[test]
fn every_usual_kind_of_key_logs_in() {
    for kind in ["ed25519", "ecdsa", "rsa"] {
        let mut home = home();
        let key = home.keygen(".ssh/job", kind);
        let server = Sshd::start([key.public.as_str()], "");
        home.known_hosts(&server.known_hosts_line());
        let port = server.port().to_string();
        let destination = format!("{}@127.0.0.1", Sshd::user());
        let outcome = home.ssh([
            "-v",
            "-i",
            ".ssh/job",
            "-o",
            "StrictHostKeyChecking=yes",
            "-p",
            &port,
            &destination,
            "echo",
            "in",
        ]);
        assert_eq!(outcome.stdout, "in\n", "{outcome:#?}\n{}", server.log());
        outcome.expect_text(server.host_key_fingerprint());
        assert!(server.log().contains("Accepted publickey"), "{}", server.log());
    }
}

#[test]
fn it_refuses_and_hangs_up() {
    let mut home = home();
    let keys: Vec<_> = (0..4).map(|number| home.keygen(&format!("key{number}"), "ed25519")).collect();
    let server = Sshd::start([], "MaxAuthTries 3");
    let mut words = vec!["-p".to_owned(), server.port().to_string()];
    words.extend(["-l".to_owned(), Sshd::user()]);
    let mut one = words.clone();
    one.extend(["-i".to_owned(), keys[0].path.display().to_string(), "127.0.0.1".to_owned()]);
    home.ssh(one).expect_code(255).expect_text("Permission denied (publickey).");
    words.extend(keys.iter().flat_map(|key| ["-i".to_owned(), key.path.display().to_string()]));
    words.push("127.0.0.1".to_owned());
    home.ssh(words).expect_code(255).expect_text("Too many authentication failures");
}
