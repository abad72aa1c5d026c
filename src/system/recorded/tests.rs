//! What a recorded machine remembers.

use super::*;
use crate::system::{HttpFault, HttpRequest, Method};

#[test]
fn links_lead_through_folders() {
    let machine = Recorded::new(Platform::Linux)
        .directory("/home/ana", 0o755)
        .file("/data/ssh/config", 0o600, "Host *")
        .link("/home/ana/.ssh", "../../data/ssh");
    assert_eq!(machine.read(Path::new("/home/ana/.ssh/config"), 4).expect("is there"), b"Host");
    assert!(machine.metadata(Path::new("/home/ana/.ssh")).expect("is there").symlink);
    assert!(!machine.metadata(Path::new("/home/ana/.ssh/config")).expect("is there").symlink);
    assert_eq!(machine.canonical(Path::new("/home/ana/.ssh")).expect("is there"), Path::new("/data/ssh"));
    assert_eq!(machine.list(Path::new("/home/ana/.ssh"), 9).expect("lists").0, ["config"]);
    assert!(machine.read(Path::new("/home/ana/.ssh/id_rsa"), 9).is_err());
}

#[test]
fn a_circle_of_links_is_an_error() {
    let machine = Recorded::new(Platform::Linux).link("/a", "/b").link("/b", "/a");
    assert!(machine.metadata(Path::new("/a")).is_err());
}

#[test]
fn programs_answer_by_their_arguments() {
    let machine = Recorded::new(Platform::Linux)
        .program("/usr/bin/ssh")
        .answer("/usr/bin/ssh", |args| (args == ["-V"]).then(|| Ran { code: Some(0), ..Ran::default() }));
    assert_eq!(machine.programs("ssh"), [Path::new("/usr/bin/ssh")]);
    let mut run = Run {
        program: Path::new("/usr/bin/ssh"),
        args: vec!["-V".into()],
        env: vec![],
        timeout: Duration::ZERO,
        cap: 9,
        stop: None,
    };
    assert_eq!(machine.run(&run).expect("known").code, Some(0));
    run.args = vec!["-G".into()];
    assert!(machine.run(&run).is_err());
    assert_eq!(machine.ran(), [["/usr/bin/ssh", "-V"], ["/usr/bin/ssh", "-G"]]);
}

fn get(url: &str) -> HttpRequest<'_> {
    let headers = vec![("Circle-Token", "secret".to_owned())];
    HttpRequest { method: Method::Get, url, headers, body: None, limit: Duration::ZERO, cap: 9 }
}

#[test]
fn servers_answer_in_turn_and_the_last_answer_stays() {
    let machine = Recorded::new(Platform::Linux)
        .http("GET https://circleci.com/api/v2/me", 503, &[("Retry-After", "1")], "")
        .http_fault("GET https://circleci.com/api/v2/me", HttpFault::Timeout)
        .http("GET https://circleci.com/api/v2/me", 200, &[], "{\"id\":\"1\"}");
    let http = System::http(&machine, &HttpSettings::default()).expect("no file to read");
    let request = get("https://circleci.com/api/v2/me");
    let first = http.send(&request).expect("recorded");
    assert_eq!((first.status, first.header("retry-after")), (503, Some("1")));
    assert_eq!(http.send(&request).expect_err("recorded").fault, HttpFault::Timeout);
    for _ in 0..2 {
        let answer = http.send(&request).expect("recorded");
        assert_eq!((answer.status, answer.body.as_slice(), answer.complete), (200, &b"{\"id\":\"1\""[..], false));
    }
}

#[test]
fn what_was_asked_is_kept_and_what_was_not_recorded_is_an_error() {
    let machine = Recorded::new(Platform::Linux).http("POST https://circleci.com/", 202, &[], "");
    let http = System::http(&machine, &HttpSettings::default()).expect("no file to read");
    let error = http.send(&get("https://circleci.com/")).expect_err("only POST is recorded");
    assert_eq!(error.fault, HttpFault::Other);
    assert_eq!(error.text, "no answer is recorded for GET https://circleci.com/");
    let post = HttpRequest { method: Method::Post, body: Some(b"{}".to_vec()), ..get("https://circleci.com/") };
    assert_eq!(http.send(&post).expect("recorded").status, 202);
    let asked = machine.asked();
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[1].body.as_deref(), Some(&b"{}"[..]));
    assert_eq!((asked[1].method, asked[1].url.as_str()), (Method::Post, "https://circleci.com/"));
    assert_eq!(asked[1].headers, ["circle-token"]);
    let settings = HttpSettings { ca_certificates: Some("/no/file".into()), ..HttpSettings::default() };
    assert!(System::http(&machine, &settings).is_err());
}
