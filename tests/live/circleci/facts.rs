//! What CircleCI tells about a job, as facts.

use super::{Ci, MINUTE};
use crate::support::circleci::{Kind, Session};

#[test]
fn a_live_job_is_logged_in_to() {
    for kind in [Kind::Github, Kind::Bitbucket, Kind::Circleci] {
        let (ci, _) = Ci::new(kind, |acme, server| {
            crate::support::circleci::Job::new("test")
                .running(2 * MINUTE)
                .session(Session::direct(server))
                .ssh_user(acme.ana)
        });
        let report = ci.examine(&[]);
        report.expect_silence();
        let facts = &report.json["facts"]["circleci"];
        assert_eq!((&facts["token"], &facts["job"]["ssh"]), (&"accepted".into(), &true.into()), "{facts:#}");
        assert_eq!(facts["me"]["login"], "ana", "{facts:#}");
        assert_eq!(facts["executions"][0]["enable_ssh"]["state"], "ready", "{facts:#}");
    }
}
