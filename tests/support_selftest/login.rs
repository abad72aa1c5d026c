//! Who gets in, with which key, and what the record says about it.

use crate::support::job_server::{JobServer, Options, Users};
use crate::{home, ssh};

#[test]
fn every_usual_kind_of_key_logs_in() {
    let cases = [
        ("ed25519", "ssh-ed25519"),
        ("ecdsa", "ecdsa-sha2-nistp256"),
        ("-t ecdsa -b 384", "ecdsa-sha2-nistp384"),
        ("rsa", "rsa-sha2-512"),
    ];
    for (kind, algorithm) in cases {
        let mut home = home();
        let key = home.keygen(".ssh/job key", kind);
        let server = JobServer::start(Options::authorizing([key.public.as_str()]));
        let path = key.path.to_string_lossy();
        ssh(&home, &server, &["-i", &path, "-o", "IdentitiesOnly=yes"], &["true"]).expect_code(0);

        let record = server.settled_record();
        assert_eq!(record.logins.len(), 1, "{kind}: {record:#?}");
        assert_eq!(record.logins[0].fingerprint, key.fingerprint);
        assert_eq!(record.offers.last().map(|offer| offer.algorithm.as_str()), Some(algorithm));
        assert_eq!((record.connections, record.attempts, record.sessions, record.signatures()), (1, 1, 1, 1));
        assert_eq!(record.commands, ["true"]);
    }
}

#[test]
fn a_key_that_is_not_authorised_is_refused() {
    let mut home = home();
    home.keygen(".ssh/id_ed25519", "ed25519");
    let other = home.keygen("other", "ed25519");
    let server = JobServer::start(Options::authorizing([other.public.as_str()]));
    ssh(&home, &server, &[], &["true"]).expect_code(255).expect_text("127.0.0.1: Permission denied (publickey).");
    let record = server.record();
    assert_eq!((record.offered().len(), record.signatures(), record.logins.len()), (1, 0, 0));

    let closed = JobServer::start(Options::authorizing([other.public.as_str()]).refuse_all());
    let path = other.path.to_string_lossy();
    ssh(&home, &closed, &["-i", &path], &["true"]).expect_text("Permission denied (publickey).");
}

#[test]
fn a_question_about_a_key_is_not_a_signature() {
    let mut home = home();
    let key = home.keygen("job", "ed25519");
    // Only the public half is where ssh looks.
    home.write(".ssh/id_ed25519.pub", &key.public, 0o644);
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    ssh(&home, &server, &["-i", ".ssh/id_ed25519"], &["true"]).expect_code(255).expect_text("Server accepts key");
    let record = server.record();
    assert_eq!((record.offered(), record.signatures()), (vec![key.fingerprint.as_str()], 0));
}

#[test]
fn the_sixth_failure_ends_the_connection() {
    let mut home = home();
    let keys: Vec<_> = (0..8).map(|number| home.keygen(&format!("key{number}"), "ed25519")).collect();
    let right = keys.last().expect("eight keys");
    let options: Vec<String> = keys.iter().flat_map(|key| ["-i".into(), key.path.display().to_string()]).collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();

    let server = JobServer::start(Options::authorizing([right.public.as_str()]));
    let outcome = ssh(&home, &server, &options, &["true"]);
    outcome
        .expect_code(255)
        .expect_text(":2: too many authentication failures")
        .expect_text("Disconnected from 127.0.0.1");
    assert_eq!(server.record().offered().len(), 6);

    let patient = JobServer::start(Options::authorizing([right.public.as_str()]).max_auth_tries(9));
    ssh(&home, &patient, &options, &["true"]).expect_code(0);
    assert_eq!(patient.record().offered().len(), 8);
}

#[test]
fn an_old_server_knows_rsa_by_sha1_only() {
    let mut home = home();
    let rsa = home.keygen(".ssh/id_rsa", "rsa");
    let server = JobServer::start(Options::authorizing([rsa.public.as_str()]).no_rsa_sha2());
    ssh(&home, &server, &[], &["true"])
        .expect_code(255)
        .expect_text("no mutual signature algorithm")
        .expect_text("Permission denied (publickey).");
    assert_eq!(server.record().signatures(), 0);

    let outcome = ssh(&home, &server, &["-o", "PubkeyAcceptedAlgorithms=+ssh-rsa"], &["true"]);
    // Where the system's policy forbids SHA-1, this way round does not exist.
    if !outcome.stderr.contains("libcrypto") {
        outcome.expect_code(0);
        assert_eq!(server.record().offers.last().map(|offer| offer.algorithm.clone()), Some("ssh-rsa".to_owned()));
    }

    let ed25519 = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::authorizing([ed25519.public.as_str()]).no_rsa_sha2());
    ssh(&home, &server, &[], &["true"]).expect_code(0);
}

#[test]
fn the_proxy_wants_the_name_of_a_session() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(Options::authorizing([key.public.as_str()]).users(Users::SessionName));
    for (user, code) in
        [("6f1c1b0e-1111-4222-8333-0123456789ab-0", 0), ("ana", 255), ("6f1c1b0e-1111-4222-8333-0123456789ab", 255)]
    {
        ssh(&home, &server, &["-l", user], &["true"]).expect_code(code);
    }
    assert_eq!(server.record().logins.len(), 1);
}

#[test]
fn banner_and_methods_are_what_was_asked_for() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = Options::authorizing([key.public.as_str()]).auth_banner("Welcome to the machine\n");
    let server = JobServer::start(options.methods(&["password", "keyboard-interactive"]));
    ssh(&home, &server, &[], &["true"])
        .expect_text("Welcome to the machine")
        .expect_text("Authentications that can continue: password,keyboard-interactive")
        .expect_text("Permission denied (password,keyboard-interactive).");
}

#[test]
fn a_real_agent_signs() {
    let mut home = home();
    let key = home.keygen("job", "ed25519");
    let _agent = home.agent(&[&key]);
    let server = JobServer::start(Options::authorizing([key.public.as_str()]));
    ssh(&home, &server, &[], &["true"]).expect_code(0).expect_text(" agent");
    assert_eq!(server.record().logins[0].fingerprint, key.fingerprint);
}
