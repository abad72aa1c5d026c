//! Something else than an SSH server, or one that stops on the way to the login.

use std::time::Duration;

use crate::blocked::Blocked;
use crate::scene::Scene;
use crate::support::client::client;
use crate::support::job_server::{Fault, Options};

/// The usual machine, and a job with this fault.
fn faulty(fault: Fault) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(fault));
    scene
}

/// One that stalls; neither ssh nor the doctor shall take long.
fn stalling(fault: Fault) -> Scene {
    let mut scene = faulty(fault);
    scene.options(["--timeout", "2"]);
    scene
}

#[track_caller]
fn hopeless(fault: Fault, check: &str, words: &str) {
    let scene = faulty(fault);
    let blocked: Blocked<'_> = scene.blocked_by(check);
    blocked.while_ssh_says(words).with_nothing_to_paste();
}

#[test]
fn a_web_server() {
    hopeless(Fault::Http, "http-instead-of-ssh", "Connection closed");
}

#[test]
fn a_network_that_wants_its_guests_to_sign_in() {
    hopeless(Fault::HttpRedirect, "captive-portal", "Connection closed");
}

#[test]
fn a_server_for_tls() {
    hopeless(Fault::Tls, "not-ssh-server", if client().at_least(8, 0) { "invalid" } else { "Connection closed" });
}

#[test]
fn text_that_is_no_greeting() {
    hopeless(Fault::TextGreeting("220 mail.example ESMTP".into()), "not-ssh-server", "Connection closed");
}

#[test]
fn ssh_1() {
    hopeless(Fault::Ssh1, "ssh1-server", "Protocol major versions differ");
}

#[test]
fn silence_before_the_greeting() {
    let mut scene = stalling(Fault::StallBeforeGreeting);
    scene.typed(["-o", "ConnectTimeout=1"]);
    scene.blocked_by("banner-timeout").while_ssh_says("timed out during banner exchange").with_nothing_to_paste();
}

#[test]
fn silence_after_the_greeting() {
    stalling(Fault::StallAfterGreeting).blocked_by("mtu-blackhole").titled("key exchange");
}

#[test]
fn silence_in_the_key_exchange() {
    stalling(Fault::StallAfterKexinit).blocked_by("mtu-blackhole").titled("key exchange");
}

#[test]
fn closed_before_the_greeting() {
    hopeless(Fault::CloseBeforeGreeting, "maxstartups-or-banned", "Connection closed by ");
}

#[test]
fn turned_away_in_words() {
    for words in ["Not allowed at this time", "Exceeded MaxStartups"] {
        let scene = faulty(Fault::TextGreeting(words.into()));
        let blocked = scene.blocked_by("maxstartups-or-banned").shows(words);
        blocked.while_ssh_says("Connection closed by ").with_nothing_to_paste();
    }
}

#[test]
fn reset_before_the_greeting() {
    hopeless(Fault::ResetBeforeGreeting, "kex-connection-reset", "Connection reset by peer");
}

#[test]
fn closed_during_the_login() {
    let words = if client().at_least(7, 6) { "Connection closed by 127.0.0.1" } else { "Authentication failed." };
    hopeless(Fault::CloseDuringAuth, "closed-during-auth", words);
}

#[test]
fn damaged_packets() {
    if client().at_least(7, 6) {
        hopeless(Fault::DamagedPacket, "packet-corruption", "message authentication code incorrect");
    } else {
        let scene = faulty(Fault::DamagedPacket);
        scene.blocked_by("closed-during-auth").titled("does not say how").while_ssh_says("Authentication failed.");
    }
}

#[test]
fn a_signature_that_does_not_fit() {
    hopeless(Fault::WrongHostSignature, "kex-signature-error", "incorrect signature");
}

#[test]
fn the_time_limit_holds_for_everything() {
    for fault in [Fault::StallBeforeGreeting, Fault::StallAfterGreeting, Fault::StallAfterKexinit] {
        let scene = stalling(fault);
        let port = scene.port().to_string();
        let outcome = scene.home.doctor(["--timeout", "2", "--format", "json", "-p", &port, "127.0.0.1"]);
        assert!(outcome.elapsed < Duration::from_secs(4), "{outcome:#?}");
        outcome.expect_code(1);
    }
}

#[test]
fn closed_in_the_key_exchange() {
    hopeless(Fault::CloseAfterGreeting, "kex-connection-reset", "Connection ");
}
