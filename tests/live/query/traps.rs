//! What could make the second connection do harm, or believe too much.

use std::time::Duration;

use super::{fact, is_verified, query, why_not, with_work};
use crate::DENIED;
use crate::scene::{Scene, by_way_of, word};
use crate::side_effects::processes;
use crate::support::client::client;
use crate::support::job_server::{Fault, JobServer, Options};
use crate::support::sshd::Sshd;

/// The right key lies on disk without a passphrase, behind more keys than the server has patience for.
#[test]
fn a_key_on_disk_logs_in_by_itself() {
    for place in ["config", "file", "match"] {
        let mut scene = Scene::new();
        let keys: Vec<_> = (0..7).map(|number| scene.key(&format!("keys/{number}"))).collect();
        let right = scene.key("keys/right");
        scene.job([&right]);
        let all = || keys.iter().chain([&right]).map(|key| format!("  IdentityFile {}\n", key.path.display()));
        let lines: String = all().collect();
        match place {
            "config" => drop(scene.home.config(&format!("Host *\n{lines}"))),
            "match" => drop(scene.home.config(&format!("Match host 127.0.0.1 exec true\n{lines}"))),
            _ => {
                let file = scene.home.write("elsewhere/ssh_config", &lines, 0o600);
                scene.typed(["-F", &word(&file)]);
            }
        }
        let blocked = scene.blocked_by("too-many-auth-failures").titled("keys/right");
        let record = scene.server().settled_record();
        assert!(record.logins.is_empty() && record.signatures() == 0, "{place}: {record:#?}");
        assert!(is_verified(&blocked.report), "{}", blocked.report);
        blocked.mended();
    }
}

/// A shared connection to another server under the same path: it is not used, and its command is not run again.
#[test]
fn a_live_master_is_left_alone() {
    let (mut scene, key) = Scene::usual();
    let work = scene.key(".ssh/work");
    scene.known();
    let master = JobServer::start(Options::authorizing([key.public.as_str()]));
    scene.home.config(&format!("ControlPath ~/.ssh/shared\n{}", client().takes_new_hosts()));
    let start = format!("ssh -M -N -f -p {} 127.0.0.1", master.port());
    scene.home.paste(&start, &[]).expect_code(0);
    scene.job([&work]).remote(&["touch", "ran"]);
    let report = scene.examine();
    let ended = scene.home.paste(&format!("ssh -O exit -p {} 127.0.0.1", master.port()), &[]);
    let record = master.record();
    assert!(record.sessions == 0 && record.commands.is_empty(), "{record:#?}\n{ended:#?}\n{report}");
    assert_eq!(record.attempts, 1, "the person's own\n{report}");
}

#[test]
fn a_folder_for_temporary_files_whose_path_is_long() {
    let (mut scene, _) = with_work();
    let long = "a-folder-with-a-long-name/".repeat(6);
    scene.home.make_folder(&long, 0o700);
    let folder = scene.home.join(&long);
    scene.home.set_env("TMPDIR", &folder);
    scene.home.set_env("XDG_RUNTIME_DIR", &folder);
    scene.blocked_by("wrong-key-offered").titled(".ssh/work").while_ssh_says(DENIED).mended();
}

/// The jump host is reached with keys of its own, and its client's log does not mix with the target's.
#[test]
fn a_jump_host_with_a_key_of_its_own() {
    let (mut scene, _) = with_work();
    let jump = scene.key("keys/jump");
    let bastion = Sshd::start([jump.public.as_str()], "");
    let config = format!("{}Host bastion\n  IdentityFile ~/keys/jump\n", by_way_of(&bastion));
    scene.home.config(&config);
    let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
    // The job is shown the default key once and the others once, and never the jump host's own by mistake.
    let signed = scene.server().settled_record().signatures();
    assert_eq!(signed, 0, "{}", blocked.report);
    blocked.while_ssh_says(DENIED).mended();
}

/// The agent that lists the candidates is not the jump host's: it is logged in to with the person's own.
#[test]
fn a_jump_host_whose_key_only_the_agent_has() {
    for typed in [false, true] {
        let (mut scene, _) = with_work();
        let jump = scene.key("keys/jump");
        let bastion = Sshd::start([jump.public.as_str()], "");
        let _agent = scene.home.agent(&[&jump]);
        std::fs::remove_file(&jump.path).expect("our own key");
        if typed {
            let way = format!("ssh -o BatchMode=yes -p {} -W '[%h]:%p' {}@localhost", bastion.port(), Sshd::user());
            let host = bastion.known_hosts_line().replace("127.0.0.1", "localhost");
            scene.known();
            let known = scene.home.read(".ssh/known_hosts");
            scene.home.known_hosts(&format!("{known}{host}"));
            scene.home.config(&format!("Host 127.0.0.1\n  ProxyCommand {way}\n"));
        } else {
            scene.home.config(&by_way_of(&bastion));
        }
        let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
        assert!(is_verified(&blocked.report), "{}", blocked.report);
        let log = bastion.log();
        let asked = log.matches("Postponed publickey").count();
        let shown: Vec<&str> = log.lines().filter(|line| line.contains("Failed publickey")).collect();
        assert!(asked <= 2 && shown.len() <= 2, "the jump host was shown more than the person's own keys: {shown:#?}");
        blocked.while_ssh_says(DENIED).mended();
    }
}

#[test]
fn a_proxy_command_with_a_key_of_its_own() {
    let (mut scene, _) = with_work();
    let jump = scene.key("keys/jump");
    let bastion = Sshd::start([jump.public.as_str()], "");
    scene.home.write("hosts", bastion.known_hosts_line(), 0o600);
    scene.home.config(&format!(
        "Host 127.0.0.1\n  ProxyCommand ssh -v -F none -i ~/keys/jump -o UserKnownHostsFile=~/hosts -p {} -W %h:%p {}@127.0.0.1\n",
        bastion.port(),
        Sshd::user()
    ));
    scene.known();
    let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
    blocked.while_ssh_says(DENIED).mended();
}

/// A yes to every question is worth nothing once a signature was refused.
#[test]
fn a_server_that_says_yes_to_everything() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.key(".ssh/work");
    scene.job_like(Options::authorizing([key.public.as_str()]).fault(Fault::AcceptEveryQuestion));
    // The person's login makes a signature that is refused, so there is one signature and no login.
    let before = scene.home.snapshot();
    let outcome = scene.home.doctor(["--format", "json", "--with-facts", "-p", &scene.port().to_string(), "127.0.0.1"]);
    assert_eq!(scene.home.snapshot(), before);
    let report = crate::report::Report::of(outcome);
    assert_eq!(report.root_errors(), ["auth-account-restricted"], "{report}");
    assert!(!report.json["findings"].to_string().contains("\"verified\":true"), "{report}");
    assert_eq!(fact(&report, "/auth/winner/proven"), false, "{report}");
    let record = scene.server().settled_record();
    assert!(record.attempts <= 2 && record.signatures() == 1 && record.logins.is_empty(), "{record:#?}");
}

/// The attempt shows one key; the second connection is answered so many times and then no more.
#[test]
fn a_server_that_stalls_in_the_middle() {
    for answered in [1, 2, 3] {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        (0..4).for_each(|number| drop(scene.key(&format!(".ssh/key{number}"))));
        scene.job_like(Options::new().fault(Fault::StallAtOffer(answered)));
        scene.options(["--timeout", "3", "--with-facts"]);
        let started = std::time::Instant::now();
        let report = scene.examine();
        assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
        assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
        assert_eq!(query(&report, "refused"), answered - 1, "{report}");
        assert_eq!(fact(&report, "/query/timed_out"), true, "{report}");
        assert!(processes(&scene).is_empty(), "{:?}", processes(&scene));
    }
}

#[test]
fn a_server_that_resets_in_the_middle() {
    for answered in [1, 3] {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        (0..4).for_each(|number| drop(scene.key(&format!(".ssh/key{number}"))));
        scene.job_like(Options::new().fault(Fault::ResetAtOffer(answered)));
        scene.options(["--with-facts"]);
        let report = scene.examine();
        assert_eq!(report.root_errors(), ["permission-denied"], "{report}");
        assert_eq!(query(&report, "refused"), answered - 1, "{report}");
        assert_eq!(query(&report, "not_answered"), 5 - answered, "{report}");
    }
}

#[test]
fn a_server_that_wants_two_keys() {
    let mut scene = Scene::new();
    let one = scene.key(".ssh/id_ed25519");
    let two = scene.key(".ssh/work");
    scene.sshd([&one, &two], "AuthenticationMethods publickey,publickey").user(&Sshd::user());
    let before = scene.home.snapshot();
    let port = scene.port().to_string();
    let target = format!("{}@127.0.0.1", Sshd::user());
    let outcome = scene.home.doctor(["--format", "json", "--with-facts", "-p", &port, &target]);
    assert_eq!(scene.home.snapshot(), before);
    let report = crate::report::Report::of(outcome);
    // Clients before 8.5 do not say that it was a part.
    let partial = report.root_errors() == ["auth-partial-success"];
    let silent = report.root_errors() == ["auth-account-restricted"] && !client().at_least(8, 5);
    assert!(partial || silent, "{report}");
    assert!(!report.json["findings"].to_string().contains("\"verified\":true"), "{report}");
}

/// Megabytes of banner in both connections: the time and the answers are the same.
#[test]
fn a_flood_of_banner() {
    let (mut scene, work) = with_work();
    let flood = "all work and no play makes jack a dull boy\n".repeat(4_000);
    scene.job_like(Options::authorizing([work.public.as_str()]).auth_banner(&flood));
    let blocked = scene.blocked_by("wrong-key-offered").titled(".ssh/work");
    assert!(is_verified(&blocked.report), "{}", blocked.report);
}

/// A key of a security key without its token is asked about, not used.
#[test]
fn the_attempt_alone_shows_what_ssh_offers() {
    let (scene, _) = Scene::usual();
    let report = scene.examine();
    report.expect_silence();
    let record = scene.server().settled_record();
    // Newer clients ask with `none` before they look at the agent.
    assert_eq!(record.offers.iter().filter(|offer| !offer.signed).count(), 1, "{record:#?}");
    assert_eq!(why_not(&report), "it was not looked at", "{report}");
}
