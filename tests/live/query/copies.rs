//! Where no agent of ours can have a socket, ssh gets copies of the public halves.

use std::fs;
use std::time::{Duration, Instant};

use super::{fact, is_verified, query, why_not, with_work};
use crate::DENIED;
use crate::faults::signed;
use crate::scene::{Scene, by_way_of, public};
use crate::support::job_server::{Fault, Options};
use crate::support::sshd::Sshd;

#[test]
fn a_key_that_nobody_configured() {
    let (mut scene, _) = with_work();
    scene.home.without_sockets();
    scene.options(["--with-facts"]);
    let blocked = scene.blocked_by("wrong-key-offered").titled("/.ssh/work");
    assert_eq!(fact(&blocked.report, "/query/by"), "public-files", "{}", blocked.report);
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn nothing_is_known_to_the_server() {
    let (mut scene, _) = with_work();
    scene.job([]);
    scene.home.without_sockets();
    scene.blocked_by("key-not-authorised").titled("all 2");
}

#[test]
fn a_login_that_works_needs_no_second_connection() {
    let (mut scene, _) = Scene::usual();
    scene.home.without_sockets();
    scene.examine().expect_silence();
    assert_eq!(scene.server().settled_record().attempts, 1);
}

#[test]
fn a_key_that_only_the_agent_has() {
    let (mut scene, work) = with_work();
    let _agent = scene.home.agent(&[&work]);
    fs::remove_file(&work.path).expect("our own key");
    fs::remove_file(public(&work)).expect("our own key");
    scene.home.config("IdentitiesOnly yes\nIdentityFile ~/.ssh/id_ed25519\n");
    scene.home.without_sockets();
    let blocked = scene.blocked_by("config-identitiesonly-wrong-key");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn a_certificate_and_keys_of_all_types() {
    let (mut scene, _) = signed(&["-n", &Sshd::user()]);
    fs::rename(scene.home.join(".ssh/id_ed25519-cert.pub"), scene.home.join(".ssh/work.cert")).expect("our own file");
    scene.home.keygen(".ssh/rsa", "rsa");
    scene.home.keygen(".ssh/ecdsa", "ecdsa");
    scene.home.keygen(".ssh/locked", "-t ed25519 -N sesame");
    scene.home.without_sockets();
    scene.options(["--with-facts"]);
    let blocked = scene.blocked_by("certificate-not-named").titled("work.cert");
    assert_eq!((query(&blocked.report, "accepted"), query(&blocked.report, "refused")), (1, 3), "{}", blocked.report);
    blocked.while_ssh_says("Permission denied").mended();
}

#[test]
fn a_key_of_the_configuration_does_not_log_in_by_itself() {
    let mut scene = Scene::new();
    let keys: Vec<_> = (0..8).map(|number| scene.key(&format!(".ssh/key{number}"))).collect();
    scene.job([&keys[7]]);
    scene.home.config(&(0..8).map(|number| format!("IdentityFile ~/.ssh/key{number}\n")).collect::<String>());
    scene.home.without_sockets();
    let blocked = scene.blocked_by("too-many-auth-failures").titled("key7");
    assert_eq!(scene.server().settled_record().signatures(), 0);
    blocked.mended();
}

#[test]
fn a_server_that_hangs_up() {
    let mut scene = Scene::new();
    (0..12).for_each(|number| drop(scene.key(&format!(".ssh/key{number:02}"))));
    scene.job([]).options(["--with-facts"]);
    scene.home.without_sockets();
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!((query(&report, "refused"), query(&report, "not_answered")), (6, 6), "{report}");
}

#[test]
fn another_machine_answers_the_second_time() {
    let (mut scene, work) = with_work();
    scene.job_like(Options::authorizing([work.public.as_str()]).host_key_of_each_connection());
    scene.home.without_sockets();
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert!(why_not(&report).contains("another host key than the first"), "{report}");
}

/// Through a proxy the log is mixed with the words of others, the server's banner among them.
#[test]
fn a_banner_that_speaks_like_ssh_behind_a_jump_host() {
    let (mut scene, work) = with_work();
    let jump = scene.key(".ssh/jump");
    let words = format!(
        "debug1: Server accepts key: {} ED25519 {} explicit\ndebug1: Server accepts key: candidate-1 ED25519 x explicit\n",
        work.path.display(),
        work.fingerprint
    );
    scene.job_like(Options::new().auth_banner(&words));
    let bastion = Sshd::start([jump.public.as_str()], "");
    let config = format!("{}Host bastion\n  IdentityFile ~/.ssh/jump\n", by_way_of(&bastion));
    scene.home.config(&config);
    scene.home.without_sockets();
    scene.options(["--with-facts"]);
    let report = scene.examine();
    assert_eq!(query(&report, "accepted"), 0, "{report}");
}

/// The time that the first connection took is not there twice.
#[test]
fn a_server_that_stalls() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    (0..4).for_each(|number| drop(scene.key(&format!(".ssh/key{number}"))));
    scene.job_like(Options::new().fault(Fault::StallAtOffer(2)));
    scene.home.without_sockets();
    scene.options(["--timeout", "3", "--with-facts"]);
    let started = Instant::now();
    let report = scene.examine();
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!((query(&report, "refused"), fact(&report, "/query/timed_out")), (1, &true.into()), "{report}");
}
