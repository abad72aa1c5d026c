//! One cause after another: what each log adds up to.

use super::logs::*;
use super::*;

#[test]
fn refused_names_every_offer() {
    let attempt = attempt(&[START, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    assert_eq!((attempt.outcome, attempt.reached, attempt.attempts), (Outcome::Refused, Stage::Authenticating, 1));
    let offers: Vec<_> = attempt.offers.iter().map(|offer| (offer.path.as_str(), offer.agent, offer.outcome)).collect();
    assert_eq!(
        offers,
        [("work", true, OfferOutcome::Refused), ("/home/ana/.ssh/id_ed25519", false, OfferOutcome::Refused)]
    );
    assert_eq!(attempt.tried, ["/home/ana/.ssh/id_rsa"]);
    let denied = attempt.denied.as_ref().expect("denied");
    assert_eq!((denied.user.as_deref(), denied.host.as_deref()), (Some("ana"), Some("203.0.113.7")));
    assert_eq!(denied.methods, ["publickey"]);
    let server = attempt.server.as_ref().expect("server");
    assert_eq!(server.software.as_deref(), Some("Go"));
    assert_eq!(server.host_key_fingerprint.as_deref(), Some("SHA256:hostkeyhostkey"));
    assert_eq!(server.sig_algs, ["ssh-ed25519", "rsa-sha2-256", "rsa-sha2-512"]);
    assert_eq!(attempt.host_key.as_ref().expect("host key").state, HostKeyState::New);
    assert_eq!(attempt.agent.as_ref().expect("agent").count, Some(1));
    assert_eq!(attempt.target.as_ref().expect("target").user, "ana");
    assert_eq!(attempt.decisive.as_ref().expect("decisive").source, "test");
    assert_eq!(attempt.needs, None);
}

#[test]
fn healthy() {
    for log in [
        [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat(),
        // The middle alone, as somebody cut it out.
        [OFFERS, ACCEPTED, IN].concat(),
        // To 8.6.
        [START, KEX, NEW_KEYS, OFFERS, "debug1: Server accepts key: pkalg ssh-ed25519 blen 51\ndebug1: Authentication succeeded (publickey).\nAuthenticated to 203.0.113.7 ([203.0.113.7]:64535).\n"].concat(),
    ] {
        let attempt = attempt(&log);
        assert_eq!(attempt.outcome, Outcome::Authenticated);
        assert!(attempt.reached >= Stage::Authenticated);
        assert_eq!(attempt.offers.last().map(|offer| (offer.accepted, offer.outcome)), Some((true, OfferOutcome::Accepted)));
        assert_eq!((attempt.method.as_deref(), attempt.needs, attempt.waiting), (Some("publickey"), None, None));
    }
}

#[test]
fn the_way_to_the_server() {
    for (line, reached, outcome) in [
        ("ssh: connect to host 203.0.113.7 port 64535: Connection refused", Stage::Connecting, Outcome::ConnectFailed),
        (
            "ssh: Could not resolve hostname job.example: Name or service not known",
            Stage::Resolving,
            Outcome::ResolveFailed,
        ),
        ("kex_exchange_identification: Connection closed by remote host", Stage::Connected, Outcome::Closed),
        ("kex_exchange_identification: read: Connection reset by peer", Stage::Connected, Outcome::Reset),
        ("ssh_exchange_identification: read: Connection reset by peer", Stage::Connected, Outcome::Reset),
        ("Connection timed out during banner exchange", Stage::Connected, Outcome::TimedOut),
        ("kex_exchange_identification: banner line contains invalid characters", Stage::Connected, Outcome::NotSsh),
        ("Bad owner or permissions on /home/ana/.ssh/config", Stage::ConfigError, Outcome::ConfigError),
        ("command-line: line 0: Bad configuration option: xyz", Stage::ConfigError, Outcome::ConfigError),
        ("Bad port '64535,'", Stage::NotStarted, Outcome::ClientError),
        ("bash: ssh: command not found", Stage::NotStarted, Outcome::ClientError),
        ("Host key verification failed.", Stage::HostKey, Outcome::HostKeyRejected),
        (
            "Unable to negotiate with 203.0.113.7 port 64535: no matching host key type found. Their offer: ssh-rsa",
            Stage::KeyExchange,
            Outcome::NoAlgorithmMatch,
        ),
        (
            "Received disconnect from 203.0.113.7 port 64535:2: too many authentication failures",
            Stage::Authenticating,
            Outcome::TooManyFailures,
        ),
        (
            "203.0.113.7: Permission denied (password,keyboard-interactive).",
            Stage::Authenticating,
            Outcome::RefusedOther,
        ),
    ] {
        let attempt = attempt(&format!("{line}\r\n"));
        assert_eq!((attempt.reached, attempt.outcome), (reached, outcome), "{line}");
        assert_eq!(decisive(&attempt), line);
    }
}

#[test]
fn one_dead_address_of_two_is_healthy() {
    let log = [
        "debug1: Connecting to job.example [2001:db8::9] port 64535.\n",
        "debug1: connect to address 2001:db8::9 port 64535: Network is unreachable\n",
        START,
        KEX,
        NEW_KEYS,
        OFFERS,
        ACCEPTED,
        IN,
    ]
    .concat();
    let attempt = attempt(&log);
    assert_eq!(attempt.outcome, Outcome::Authenticated);
    assert_eq!(attempt.connect.as_ref().and_then(|connect| connect.reason), None);
}

#[test]
fn bind_failure_keeps_the_line_above() {
    let attempt = attempt(
        "debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\nbind 192.0.2.199: Cannot assign requested address\nssh: connect to host 203.0.113.7 port 64535: failure\n",
    );
    let connect = attempt.connect.expect("connect");
    assert_eq!(connect.reason, Some(ConnectReason::BindFailed));
    assert!(connect.seen.text.starts_with("bind 192.0.2.199"));
}

#[test]
fn a_web_server_is_not_ssh() {
    for line in [
        "debug1: kex_exchange_identification: banner line 0: HTTP/1.0 302 Found\nkex_exchange_identification: Connection closed by remote host\n",
        "debug1: ssh_exchange_identification: HTTP/1.1 400 Bad Request\nssh_exchange_identification: Connection closed by remote host\n",
    ] {
        let attempt = attempt(&[START, line, "Connection closed by 203.0.113.7 port 64535\n"].concat());
        assert_eq!(attempt.outcome, Outcome::NotSsh);
        assert_eq!(attempt.before_greeting.len(), 1);
    }
    for (text, instead) in [
        ("HTTP/1.0 302 Found", InsteadOfGreeting::HttpRedirect),
        ("HTTP/1.1 400 Bad Request", InsteadOfGreeting::Http),
        ("Not allowed at this time", InsteadOfGreeting::Throttled),
        ("Exceeded MaxStartups", InsteadOfGreeting::Throttled),
    ] {
        let attempt = attempt(&format!("debug1: kex_exchange_identification: banner line 0: {text}\n"));
        assert_eq!(attempt.instead_of_greeting, Some(instead));
    }
}

#[test]
fn host_keys() {
    let changed = attempt(&[START, KEX, CHANGED].concat());
    assert_eq!(changed.outcome, Outcome::HostKeyRejected);
    let host_key = changed.host_key.expect("host key");
    assert_eq!((host_key.state, host_key.line), (HostKeyState::Changed, Some(12)));
    assert_eq!(
        (host_key.file.as_deref(), host_key.host.as_deref()),
        (Some("/home/ana/.ssh/known_hosts"), Some("[203.0.113.7]:64535"))
    );

    // StrictHostKeyChecking=no warns and goes on.
    let warned = attempt(
        &[START, KEX, &CHANGED.replace("Host key verification failed.\n", ""), NEW_KEYS, OFFERS, ACCEPTED, IN].concat(),
    );
    assert_eq!(
        (warned.outcome, warned.host_key.map(|key| key.state)),
        (Outcome::Authenticated, Some(HostKeyState::Changed))
    );

    let unasked = attempt(&[START, KEX, "Host key verification failed.\n"].concat());
    assert_eq!(unasked.host_key.map(|key| key.state), Some(HostKeyState::Unconfirmed));
    let strict = attempt(&[START, KEX, "No RSA host key is known for [203.0.113.7]:64535 and you have requested strict checking.\nHost key verification failed.\n"].concat());
    assert_eq!(strict.host_key.map(|key| key.state), Some(HostKeyState::UnknownStrict));
}

#[test]
fn accepted_keys_that_could_not_be_used() {
    let with = |lines: &str| {
        attempt(
            &[
                START,
                KEX,
                NEW_KEYS,
                OFFERS,
                ACCEPTED,
                lines,
                "debug1: No more authentication methods to try.\nana@203.0.113.7: Permission denied (publickey).\n",
            ]
            .concat(),
        )
    };
    let last = |attempt: &Attempt| attempt.offers.last().cloned().expect("an offer");

    let silent = with("");
    assert_eq!((silent.needs, last(&silent).outcome), (Some(Needs::Passphrase), OfferOutcome::Accepted));
    assert!(silent.needs_seen.expect("evidence").text.contains("Server accepts key"));

    let damaged = with("Load key \"/home/ana/.ssh/id_ed25519\": error in libcrypto\n");
    assert_eq!(
        (damaged.needs, last(&damaged).outcome, last(&damaged).accepted),
        (None, OfferOutcome::LoadFailed, true)
    );
    assert_eq!(last(&damaged).load_reason, Some(LoadReason::Libcrypto));

    let refused =
        with("sign_and_send_pubkey: signing failed for ED25519 \"work\" from agent: agent refused operation\n");
    let reason = last(&refused).sign_reason;
    assert_eq!((refused.needs, reason), (None, Some(SignReason::AgentRefused)), "nobody is asked any more");

    let unplugged = with(
        "Confirm user presence for key ED25519-SK SHA256:filekey\nsign_and_send_pubkey: signing failed for ED25519-SK \"/k\": device not found\n",
    );
    assert_eq!((unplugged.needs, last(&unplugged).sign_reason), (None, Some(SignReason::DeviceNotFound)));

    let untouched = with(
        "Confirm user presence for key ED25519-SK SHA256:filekey\nsign_and_send_pubkey: signing failed for ED25519-SK \"/k\": requested feature not supported\n",
    );
    assert_eq!(untouched.needs, Some(Needs::Touch));

    let mismatch = with(
        "identity_sign: private key /home/ana/.ssh/id_ed25519 contents do not match public\nsign_and_send_pubkey: signing failed for ED25519 \"/home/ana/.ssh/id_ed25519\": error in libcrypto\n",
    );
    assert_eq!(last(&mismatch).sign_reason, Some(SignReason::ContentsMismatch));

    let old_agent = with(
        "agent key RSA SHA256:x returned incorrect signature type\nsign_and_send_pubkey: no mutual signature supported\n",
    );
    assert_eq!(last(&old_agent).outcome, OfferOutcome::SigningFailed);
    assert_eq!(last(&old_agent).sign_reason, Some(SignReason::OtherSignature));

    let account = with("debug1: Authentications that can continue: publickey\n");
    assert_eq!((account.needs, last(&account).outcome), (None, OfferOutcome::SignatureRefused));
}

#[test]
fn keys_left_out() {
    let sha1 = attempt(&[START, KEX, NEW_KEYS, "debug1: Offering public key: /home/ana/.ssh/id_rsa RSA SHA256:rsakey\ndebug1: send_pubkey_test: no mutual signature algorithm\n", "debug1: No more authentication methods to try.\nana@203.0.113.7: Permission denied (publickey).\n"].concat());
    assert_eq!(sha1.offers[0].outcome, OfferOutcome::NoMutualSignature);
    let newer = attempt(&[START, KEX, NEW_KEYS, "debug1: Skipping ssh-rsa key /home/ana/.ssh/id_rsa - corresponding algorithm not supported by server\ndebug1: Skipping ssh-rsa-cert-v01@openssh.com key /home/ana/.ssh/id_rsa - corresponding algorithm not supported by server\n", "debug1: No more authentication methods to try.\nana@203.0.113.7: Permission denied (publickey).\n"].concat());
    let offers: Vec<_> = newer.offers.iter().map(|offer| (offer.algorithm.as_deref(), offer.outcome)).collect();
    let unsigned = OfferOutcome::NoMutualSignature;
    assert_eq!(offers, [(Some("RSA"), unsigned), (Some("RSA-CERT"), unsigned)]);

    let open = attempt(
        "Permissions 0644 for '/home/ana/k' are too open.\nLoad key \"/home/ana/k\": bad permissions\nana@203.0.113.7: Permission denied (publickey).\n",
    );
    assert_eq!(open.load_failures.len(), 1);
    assert_eq!(
        (open.load_failures[0].reason, open.load_failures[0].mode.as_deref()),
        (LoadReason::BadPermissions, Some("0644"))
    );

    let missing = attempt(
        "Warning: Identity file nokey not accessible: No such file or directory.\nana@203.0.113.7: Permission denied (publickey).\n",
    );
    assert_eq!(
        (missing.load_failures[0].path.as_str(), missing.load_failures[0].reason),
        ("nokey", LoadReason::NotFound)
    );
}

#[test]
fn a_legacy_key_without_pub_is_an_offer_when_answered() {
    let log =
        |end: &str| attempt(&[START, KEX, NEW_KEYS, "debug1: Trying private key: /home/ana/.ssh/old\n", end].concat());
    let refused = log(REFUSED);
    assert_eq!(
        (refused.offers[0].path.as_str(), refused.offers[0].outcome),
        ("/home/ana/.ssh/old", OfferOutcome::Refused)
    );
    let accepted = log(IN);
    assert_eq!((accepted.offers[0].accepted, accepted.outcome), (true, Outcome::Authenticated));
}

#[test]
fn too_many_failures_refuses_the_last_offer() {
    let attempt = attempt(&[START, KEX, NEW_KEYS, OFFERS, "Received disconnect from 203.0.113.7 port 64535:2: too many authentication failures\nDisconnected from 203.0.113.7 port 64535\n"].concat());
    assert_eq!(attempt.outcome, Outcome::TooManyFailures);
    assert!(attempt.offers.iter().all(|offer| offer.outcome == OfferOutcome::Refused));
    assert_eq!(attempt.disconnect.and_then(|disconnect| disconnect.code), Some(2));
}

#[test]
fn unfinished_logs_say_what_they_wait_for() {
    let kex = KEX.split("debug1: SSH2_MSG_KEX_ECDH_REPLY received").next().expect("a part");
    let hung = attempt(&[START, kex].concat());
    assert_eq!(
        (hung.outcome, hung.reached, hung.waiting),
        (Outcome::Unknown, Stage::KeyExchange, Some(Waiting::KexReply))
    );
    let reset = attempt(&[START, kex, "Connection reset by 203.0.113.7 port 64535\n"].concat());
    assert_eq!((reset.outcome, reset.waiting), (Outcome::Reset, Some(Waiting::KexReply)));
    assert_eq!(attempt(START).waiting, Some(Waiting::Greeting));
    let mut stopped = attempt(START);
    stopped.stop();
    assert_eq!(stopped.outcome, Outcome::Stopped);
    let mut denied = attempt(&[START, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    denied.stop();
    assert_eq!(denied.outcome, Outcome::Refused);
}

#[test]
fn sessions() {
    let with = |lines: &str| attempt(&[START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN, lines].concat());
    let warp = with(
        "debug1: Sending command: \nexport TERM_PROGRAM='WarpTerminal'\nError: exec: \"export\": executable file not found in $PATH\nConnection to 203.0.113.7 closed.\ndebug1: Exit status 1\n",
    );
    let session = warp.session.expect("session");
    assert_eq!((warp.outcome, warp.reached), (Outcome::Authenticated, Stage::Session));
    assert_eq!(
        (session.program_not_found.as_deref(), session.exit_status, session.ended),
        (Some("export"), Some(1), Some(SessionEnd::Closed))
    );
    let lost = with("circleci@1:~$ packet_write_wait: Connection to 203.0.113.7 port 64535: Broken pipe\n");
    assert_eq!(lost.session.and_then(|session| session.ended), Some(SessionEnd::Lost));
    let inner = with("git@github.com: Permission denied (publickey).\n");
    assert_eq!((inner.outcome, inner.attempts), (Outcome::Authenticated, 1));
    let plain = attempt("Error: No command or PTY requested\n");
    assert!(plain.session.is_some_and(|session| session.no_command_or_pty));
    let forward = with("channel 3: open failed: connect failed: connect: connection refused\n");
    assert_eq!(forward.session.and_then(|session| session.channel_failed), None);
}

#[test]
fn serialises_and_has_a_schema() {
    let attempt = attempt(&[START, KEX, NEW_KEYS, OFFERS, REFUSED].concat());
    let json = serde_json::to_value(&attempt).expect("an attempt serialises");
    assert_eq!(json["outcome"], "refused");
    assert_eq!(json["offers"][0]["outcome"], "refused");
    assert!(json.get("state").is_none() && json.get("proxy").is_none());
    let back: Attempt = serde_json::from_value(json).expect("and comes back");
    assert_eq!((back.outcome, back.offers), (attempt.outcome, attempt.offers));
    let schema = schemars::schema_for!(Attempt);
    assert!(schema.as_value()["properties"].get("offers").is_some());
}

#[test]
fn a_banner_does_not_end_a_live_attempt() {
    let login = "Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\".\n";
    assert!(!attempt(&[START, KEX, login].concat()).is_decided());
    assert!(attempt(&[START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat()).is_decided());
    assert!(!attempt(&[START, KEX, "root@h: Permission denied (publickey).\n"].concat()).is_decided());
}
