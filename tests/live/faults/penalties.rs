//! sshd since 9.8 shuts out addresses that fail often (sshd_config(5), PerSourcePenalties), and all failures here come
//! from one. Three failures within moments are still forgiven, the login that failed before the doctor was asked and the
//! doctor's two connections; so nothing of the doctor's may count besides.

use crate::DENIED;
use crate::scene::Scene;
use crate::support::other_release;
use crate::support::sshd::Sshd;

/// A machine that offers another key than the right one to an sshd that has penalties as it comes.
fn with_penalties(suite: &str, test: impl Fn(&Scene)) {
    if let Some(program) = other_release::sshd(suite) {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        let right = scene.key(".ssh/work");
        scene.other_sshd(&program, [&right], "PerSourcePenalties yes").user(&Sshd::user());
        test(&scene);
    }
}

#[test]
fn a_diagnosis_does_not_shut_its_address_out() {
    for suite in ["trixie", "testing"] {
        with_penalties(suite, |scene| scene.blocked_by("wrong-key-offered").titled("/.ssh/work").mended());
    }
}

/// The usual order: a login fails, the doctor is asked at once, and what it prints is pasted.
#[test]
fn a_login_that_failed_just_before_does_not_add_up_to_it() {
    with_penalties("trixie", |scene| {
        let seen = scene.person(&scene.ssh_line(), &[]);
        assert!(seen.output.contains(DENIED), "{seen:#?}");
        scene.blocked_by("wrong-key-offered").mended();
    });
}

/// A second diagnosis is as right as the first; where the server has had enough by then, the doctor says that.
#[test]
fn diagnoses_one_after_the_other() {
    with_penalties("trixie", |scene| {
        let mut shut_out = false;
        for number in 0..4 {
            let report = scene.examine();
            let found = report.root_errors().join(", ");
            shut_out |= found == "maxstartups-or-banned";
            assert!(found == "wrong-key-offered" && !shut_out || shut_out && number > 0, "number {number}\n{report}");
        }
        assert!(shut_out, "this server has no penalties");
        let blocked = scene.blocked_by("maxstartups-or-banned").shows("Not allowed at this time");
        blocked.with_nothing_to_paste();
    });
}
