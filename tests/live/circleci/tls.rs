//! CircleCI over TLS: whose certificate counts, and that the token waits for it.

use super::{Ci, MINUTE};
use crate::report::Report;
use crate::scene::Scene;
use crate::support::circleci::{Certificate, FakeCircleci, Job, Kind, Session, authority};

/// A live job whose CircleCI has this certificate, and the report of somebody who names the authority or does not.
fn examined(certificate: Certificate, trusted: bool) -> (Ci, Report) {
    let (scene, _) = Scene::usual();
    let job = |acme: &mut super::Acme, server: &_| {
        Job::new("test").running(2 * MINUTE).session(Session::direct(server)).ssh_user(acme.ana)
    };
    let ci = Ci::served(scene, Kind::Github, job, |world| FakeCircleci::start_with_tls(world, certificate));
    let (authority, port) = (authority().to_string_lossy().into_owned(), ci.scene.port().to_string());
    let mut words = vec!["-p", &port, "127.0.0.1"];
    if trusted {
        words.splice(0..0, ["--cacert", &authority]);
    }
    let report = ci.examine(&words);
    (ci, report)
}

#[test]
fn an_authority_that_is_named_counts() {
    let (_, report) = examined(Certificate::Right, true);
    report.expect_silence();
    assert_eq!(report.json["facts"]["circleci"]["job"]["ssh"], true, "{report}");
}

#[test]
fn nobody_else_hears_the_token() {
    for (certificate, trusted) in
        [(Certificate::Right, false), (Certificate::Elsewhere, true), (Certificate::Expired, true)]
    {
        let (ci, report) = examined(certificate, trusted);
        assert!(report.root_errors().is_empty() && report.stage("authentication") == "ok", "{report}");
        assert!(report.json["facts"]["circleci"].get("job").is_none(), "{certificate:?}: {report}");
        assert!(report.json["unknown"].to_string().contains("certificate"), "{certificate:?}: {report}");
        assert!(ci.fake.requests("*").next().is_none(), "{certificate:?}: a request came through");
    }
}
