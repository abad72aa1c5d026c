//! Each fault and the client's words for it.

use std::time::Duration;

use crate::support::job_server::{Fault, JobServer, Options};
use crate::support::ports::{RefusedPort, SilentPort};
use crate::support::process::{TIME_LIMIT, run_with};
use crate::{home, ssh};

/// Connects with an authorised key and returns everything ssh said.
fn meet(change: impl FnOnce(Options) -> Options, options: &[&str]) -> String {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = JobServer::start(change(Options::authorizing([key.public.as_str()])));
    let outcome = ssh(&home, &server, options, &["true"]);
    assert!(!outcome.timed_out(), "{outcome:#?}");
    assert_eq!(outcome.code(), Some(255), "{outcome:#?}");
    outcome.stderr
}

#[track_caller]
fn expect(fault: Fault, texts: &[&str]) {
    let said = meet(|options| options.fault(fault.clone()), &["-o", "ConnectTimeout=2"]);
    for text in texts {
        assert!(said.contains(text), "{fault:?}: expected {text:?} in\n{said}");
    }
}

#[test]
fn before_the_greeting() {
    expect(Fault::CloseBeforeGreeting, &["kex_exchange_identification: Connection closed by remote host"]);
    expect(
        Fault::ResetBeforeGreeting,
        &["kex_exchange_identification: read: Connection reset by peer", "Connection reset by 127.0.0.1 port"],
    );
    expect(Fault::StallBeforeGreeting, &["Connection established.", "Connection timed out during banner exchange"]);
}

#[test]
fn something_else_than_ssh() {
    expect(Fault::Http, &["banner line 0: HTTP/1.1 400 Bad Request", "Connection closed by remote host"]);
    expect(Fault::HttpRedirect, &["banner line 0: HTTP/1.0 302 Found", "Location: http://login."]);
    expect(Fault::Tls, &["banner line contains invalid characters", "invalid format"]);
    expect(Fault::TextGreeting("Not allowed at this time".into()), &["banner line 0: Not allowed at this time"]);
    expect(Fault::Ssh1, &["Remote protocol version 1.5", "Protocol major versions differ: 2 vs. 1"]);
    expect(Fault::TextAfterGreeting("Please contact your network administrator".into()), &["Bad packet length"]);
}

#[test]
fn during_the_key_exchange() {
    expect(Fault::WrongHostSignature, &["incorrect signature"]);
    expect(Fault::DamagedPacket, &["message authentication code incorrect"]);
    expect(Fault::CloseAfterGreeting, &["SSH2_MSG_KEXINIT sent", "Connection closed by 127.0.0.1 port"]);
    expect(Fault::CloseAfterKex, &["SSH2_MSG_NEWKEYS received", "Connection closed by 127.0.0.1 port"]);
}

/// ssh's own ConnectTimeout need not cover this part, so the lines that came before the time ran out have to do.
#[test]
fn silence_during_the_key_exchange() {
    let cases = [
        (Fault::StallAfterGreeting, "SSH2_MSG_KEXINIT sent"),
        (Fault::StallAfterKexinit, "expecting SSH2_MSG_KEX_ECDH_REPLY"),
    ];
    for (fault, last_words) in cases {
        let home = home();
        let server = JobServer::start(Options::new().fault(fault));
        let mut command = home.command("ssh");
        command.args(["-v", "-p", &server.port().to_string(), "127.0.0.1", "true"]);
        let outcome = run_with(command, b"", Duration::from_secs(4));
        assert!(outcome.timed_out(), "{outcome:#?}");
        let last = outcome.stderr.lines().last().unwrap_or_default();
        assert!(last.contains(last_words), "{outcome:#?}");
    }
}

#[test]
fn nothing_in_common() {
    type Change = fn(Options) -> Options;
    let cases: [(Change, &str); 4] = [
        (
            |options| options.kex_algorithms(&["diffie-hellman-group1-sha1"]),
            "no matching key exchange method found. Their offer: diffie-hellman-group1-sha1",
        ),
        (|options| options.host_key_algorithms(&["ssh-rsa"]), "no matching host key type found. Their offer: ssh-rsa"),
        (|options| options.ciphers(&["aes128-cbc"]), "no matching cipher found. Their offer: aes128-cbc"),
        (|options| options.macs(&["hmac-md5"]), "no matching MAC found. Their offer: hmac-md5"),
    ];
    for (change, text) in cases {
        let said = meet(change, &[]);
        assert!(said.contains("Unable to negotiate with 127.0.0.1 port"), "{said}");
        assert!(said.contains(text), "expected {text:?} in\n{said}");
    }
}

#[test]
fn during_and_after_the_login() {
    expect(Fault::CloseDuringAuth, &["Offering public key", "Connection closed by 127.0.0.1 port"]);
    expect(Fault::ResetAtOffer(0), &["Offering public key", "Connection reset by 127.0.0.1 port"]);
    expect(Fault::AcceptEveryQuestion, &["Server accepts key", "Permission denied (publickey)."]);
    expect(Fault::RefuseSessions, &["Authenticated to", "channel 0: open failed: administratively prohibited"]);
    expect(Fault::RefuseExec, &["Authenticated to", "exec request failed on channel 0"]);
}

#[test]
fn a_session_that_is_cut_off() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = Options::authorizing([key.public.as_str()]);
    let server = JobServer::start(options.fault(Fault::DropSession(Duration::from_millis(300))));
    ssh(&home, &server, &[], &["sleep", "20"]).expect_code(255).expect_text("closed by remote host");
}

#[test]
fn a_session_without_an_answer_and_one_that_is_reset() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let server = |fault| JobServer::start(Options::authorizing([key.public.as_str()]).fault(fault));
    let alive = ["-o", "ServerAliveInterval=1", "-o", "ServerAliveCountMax=1"];
    ssh(&home, &server(Fault::IgnoreKeepalives), &alive, &["sleep", "20"]).expect_text("not responding.");

    let server = server(Fault::ResetSession);
    let mut command = home.command("ssh");
    command.args(["-o", "StrictHostKeyChecking=no", "-p", &server.port().to_string(), "127.0.0.1", "cat"]);
    let outcome = run_with(command, b"something\n", TIME_LIMIT);
    outcome.expect_code(255);
    assert!(outcome.stdout.is_empty(), "{outcome:#?}");
}

#[test]
fn a_server_that_claims_to_be_another() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = Options::authorizing([key.public.as_str()]).greeting("SSH-2.0-OpenSSH_5.3");
    let server = JobServer::start(options.lines_before_greeting(&["This system is monitored."]));
    ssh(&home, &server, &[], &["true"])
        .expect_code(0)
        .expect_text("banner line 0: This system is monitored.")
        .expect_text("remote software version OpenSSH_5.3");
}

#[test]
fn nobody_listens_when_the_server_is_gone() {
    let home = home();
    let server = JobServer::start(Options::new());
    let port = server.port().to_string();
    drop(server);
    home.ssh(["-p", &port, "127.0.0.1", "true"]).expect_code(255).expect_text("Connection refused");
}

#[test]
fn ports_without_anybody() {
    let home = home();
    let (refused, silent) = (RefusedPort::new(), SilentPort::new());
    home.ssh(["-p", &refused.port.to_string(), "127.0.0.1"]).expect_code(255).expect_text("Connection refused");
    let port = silent.port.to_string();
    home.ssh(["-o", "ConnectTimeout=1", "-p", &port, "127.0.0.1"]).expect_code(255).expect_text("Connection timed out");
}
