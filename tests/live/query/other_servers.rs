//! Whom the keys are shown to: never a server that is not the one it should be.

use super::{is_verified, why_not, with_work};
use crate::DENIED;
use crate::report::Report;
use crate::scene::{Scene, by_way_of};
use crate::support::client::client;
use crate::support::job_server::{JobServer, Options};
use crate::support::keys::{self, Key};
use crate::support::sshd::Sshd;

/// The machine was at another server of this address before, and goes on all the same.
fn changed(config: &str) -> (Scene, Key) {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let work = scene.key(".ssh/work");
    let first = JobServer::start(Options::new());
    let (ip, port, line) = (first.ip(), first.port(), first.known_hosts_line());
    drop(first);
    scene.job_like(Options::authorizing([work.public.as_str()]).listen(ip, port));
    scene.home.known_hosts(&line);
    scene.home.config(config);
    (scene, work)
}

#[track_caller]
fn shown_once(scene: &Scene, report: &Report, why: &str) {
    let record = scene.server().settled_record();
    assert!(record.offers.len() <= 1, "only the attempt showed a key: {record:#?}\n{report}");
    assert!(why_not(report).contains(why), "{:?}\n{report}", why_not(report));
    let text = scene.home.doctor(["-p", &scene.port().to_string(), "127.0.0.1"]).stdout;
    let flat = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(flat.contains(why), "{text}");
}

#[test]
fn a_key_that_contradicts_known_hosts() {
    // To 7.5 `off` is an error.
    let off = if client().at_least(7, 6) { "StrictHostKeyChecking off\n" } else { "StrictHostKeyChecking NO\n" };
    for config in ["", "StrictHostKeyChecking no\n", off] {
        let (scene, work) = changed(config);
        let path = work.path.display().to_string();
        let report = scene.examine();
        shown_once(&scene, &report, "contradicts known_hosts");
        let fixes = |finding: &serde_json::Value| finding["fixes"].to_string();
        let all: String = report.json["findings"].as_array().into_iter().flatten().map(fixes).collect();
        assert!(!all.contains(&path), "{report}");
    }
}

#[test]
fn a_key_that_contradicts_known_hosts_behind_a_jump_host() {
    let (mut scene, _) = changed("");
    let own = scene.key(".ssh/jump");
    let bastion = Sshd::start([own.public.as_str()], "");
    let config = format!("{}Host bastion\n  IdentityFile ~/.ssh/jump\n", by_way_of(&bastion));
    scene.home.config(&config.replace("StrictHostKeyChecking accept-new", "StrictHostKeyChecking no"));
    let report = scene.examine();
    shown_once(&scene, &report, "contradicts known_hosts");
}

#[test]
fn a_revoked_key() {
    let (scene, _) = with_work();
    scene.home.known_hosts(&format!("@revoked {}", scene.server().known_hosts_line()));
    scene.home.config("StrictHostKeyChecking no\n");
    let report = scene.examine();
    // ssh itself goes on here, and so does the attempt.
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!(report.stage("host-key"), "warning", "{report}");
    shown_once(&scene, &report, "revoked");
}

#[test]
fn not_the_printed_fingerprint() {
    let (scene, _) = with_work();
    let text = format!(
        "You can now SSH into this box if your SSH public key is added:\n    $ ssh -p {} 127.0.0.1\n\
         SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA (ED25519)\n",
        scene.port()
    );
    let report = scene.examine_words(&[text.as_str()]);
    assert_eq!(report.root_errors(), ["hostkey-mismatch-with-step"], "{report}");
    assert_eq!(scene.server().settled_record().offers.len(), 1, "only the attempt showed a key\n{report}");
    assert!(why_not(&report).contains("Enable SSH step printed"), "{report}");
    let shown = scene.home.doctor([text.as_str()]).stdout;
    assert!(shown.contains("No second connection asked about more keys"), "{shown}");
}

#[test]
fn every_connection_leads_to_another_machine() {
    let (mut scene, work) = with_work();
    scene.job_like(Options::authorizing([work.public.as_str()]).host_key_of_each_connection());
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!(scene.server().settled_record().offers.len(), 1, "only the attempt showed a key\n{report}");
    assert!(why_not(&report).contains("another host key than the first"), "{report}");
}

#[test]
fn a_certificate_of_the_host() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    let work = scene.key(".ssh/work");
    let authority = scene.key("authority/ca");
    scene.home.write("host.pub", keys::generate("-t ed25519 -C host", 0).public, 0o644);
    scene
        .home
        .run("ssh-keygen", ["-q", "-s", "authority/ca", "-h", "-I", "host", "-n", "127.0.0.1", "host.pub"])
        .expect_code(0);
    let certificate = scene.home.join("host-cert.pub");
    scene.sshd([&work], &format!("HostCertificate {}", certificate.display())).user(&Sshd::user());
    scene.home.known_hosts(&format!("@cert-authority * {}\n", authority.public));
    scene.options(["--with-facts"]);
    let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    blocked.while_ssh_says("Permission denied").mended();
}

#[test]
fn nobody_is_asked_where_the_person_does_not_want_it() {
    let (mut scene, work) = with_work();
    scene.options(["--no-key-probe"]);
    let report = scene.examine();
    assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
    assert_eq!(scene.server().settled_record().attempts, 1, "{report}");
    let detail = report.json["findings"][0]["detail"].to_string();
    assert!(detail.contains(&work.path.display().to_string()), "it says what it could not know\n{report}");
    shown_once(&scene, &report, "");
    assert!(why_not(&report).contains("--no-key-probe"), "{report}");
    let text = scene.home.doctor(["--no-key-probe", "-p", &scene.port().to_string(), "127.0.0.1"]).stdout;
    assert!(text.contains("--no-key-probe") && text.contains("1 public key in the attempt"), "{text}");
    assert!(scene.person(&scene.ssh_line(), &[]).output.contains(DENIED));
}
