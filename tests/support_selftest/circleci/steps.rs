//! What the Enable SSH step prints, in each form that has been seen, and the ways to read it.

use std::time::Duration;

use serde_json::Value;

use super::{Client, Scene, client, complaint, scene_with};
use crate::home;
use crate::support::circleci::{FakeCircleci, Fault, Fingerprint, Form, Job, Session, SshStep};
use crate::support::job_server::{JobServer, Options, Users};

/// The text of the form with the values of a sample.
fn text(form: Form, host: &str, port: u16) -> String {
    Session::elsewhere(form, host, port).text("057f0065-7e6d-4912-921b-50917ff046a3", 0)
}

#[test]
fn the_forms_that_have_been_seen() {
    let host = "ssh.circleci.com";
    assert_eq!(
        text(Form::Proxy, host, 22),
        "You can now SSH into this job if your SSH public key is added:\n    \
         $ ssh 057f0065-7e6d-4912-921b-50917ff046a3-0@ssh.circleci.com\n"
    );
    assert!(
        text(Form::Proxy, host, 443)
            .ends_with("    $ ssh -p 443 057f0065-7e6d-4912-921b-50917ff046a3-0@ssh.circleci.com\n")
    );
    assert_eq!(
        text(Form::DirectMinimal, "3.239.179.134", 64535),
        "You can now SSH into this box if your SSH public key is added:\n$ ssh -p 64535 3.239.179.134\n"
    );
    assert_eq!(
        text(Form::Windows, "35.226.214.52", 54782),
        "You can now SSH into this box if your SSH public key is added:\n    \
         $ ssh -t -p 54782 35.226.214.52 -- bash.exe\n    \
         $ ssh -t -p 54782 35.226.214.52 -- cmd.exe\n    \
         $ ssh -t -p 54782 35.226.214.52 -- powershell.exe\n"
    );
    assert_eq!(
        Session::no_key().text("", 0),
        "Failed to enable SSH\nNo SSH key is found. Please make sure you’ve added at least one SSH key in your VCS account.\n"
    );
    let mut classic = Session::elsewhere(Form::Direct, "18.209.34.18", 64537).fingerprint(Fingerprint::Classic);
    classic.sha256 = "SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw".to_owned();
    classic.md5 = "35:8a:4a:b3:3f:3f:0d:ad:f8:36:44:ce:a7:6e:01:22".to_owned();
    assert_eq!(
        classic.text("", 0),
        "\nYou can now SSH into this box if your SSH public key is added:\n    $ ssh -p 64537 18.209.34.18\n\n\
         Use the same SSH public key that you use for your VCS-provider (e.g., GitHub).\n\n\
         RSA key fingerprint of the host is\n  SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw\n  \
         MD5:35:8a:4a:b3:3f:3f:0d:ad:f8:36:44:ce:a7:6e:01:22\n\n\
         This box will stay up for 2h0m0s, or until 10m0s passes without \nan active SSH session.\n"
    );
}

#[test]
fn the_address_and_the_fingerprint_are_the_servers() {
    let server = JobServer::start(Options::new());
    let session = Session::direct(&server).limits("1h0m0s", "10m0s").before("Preparing\n");
    let typed = Session::direct(&server).fingerprint(Fingerprint::WithType("ED25519".to_owned()));
    let text = session.text("", 0);
    assert!(text.starts_with("Preparing\n"), "{text}");
    assert!(text.contains(&format!("$ ssh -p {} 127.0.0.1\n", server.port())), "{text}");
    assert!(text.contains(&format!("\n  {}\n  MD5:", server.host_key_fingerprint())), "{text}");
    assert!(text.contains("stay up for 1h0m0s, or until 10m0s"), "{text}");
    assert!(typed.text("", 0).contains(&format!("{} (ED25519)\n", server.host_key_fingerprint())), "{typed:?}");
    let wrong = Session::direct(&server).with_sha256("SHA256:other").text("", 0);
    assert!(wrong.contains("SHA256:other") && !wrong.contains(&server.host_key_fingerprint()), "{wrong}");
    let terminal = Session::proxy(&server).at_a_terminal().text("id", 3);
    assert!(terminal.contains(&format!("$ ssh -p {} id-3@127.0.0.1\u{1b}[0m\r\n", server.port())), "{terminal:?}");
}

#[test]
fn the_printed_commands_log_in() {
    let mut home = home();
    let key = home.keygen(".ssh/id_ed25519", "ed25519");
    let options = || Options::authorizing([key.public.as_str()]);
    let direct = JobServer::start(options());
    let proxy = JobServer::start(options().users(Users::SessionName));
    let id = "057f0065-7e6d-4912-921b-50917ff046a3";
    for text in [Session::direct(&direct).text(id, 0), Session::proxy(&proxy).text(id, 1)] {
        let command = text.lines().find_map(|line| line.trim().strip_prefix("$ ssh ")).expect("a command");
        home.ssh(command.split(' ').chain(["true"])).expect_code(0);
    }
    assert_eq!((direct.record().logins.len(), proxy.record().users[0].as_str()), (1, format!("{id}-1").as_str()));
}

/// Messages put together.
fn joined(messages: &Value) -> String {
    let messages = messages.as_array().expect("a list of messages");
    messages.iter().map(|message| message["message"].as_str().expect("a text")).collect()
}

#[test]
fn each_execution_has_its_own_output_at_three_places() {
    let session = |text: &str| Session::text_of(text).in_pieces(5);
    let job = Job::new("test").parallel(2).running(Duration::from_secs(300)).waiting(Duration::from_secs(60));
    let job = job.session(session("ssh -p 64535 127.0.0.1")).session(session("ssh -p 64536 127.0.0.1"));
    let Scene { world, ana: user, job, .. } = scene_with(job);
    let (number, id) = (world[job].number, world[job].id.clone());
    let fake = FakeCircleci::start(world);
    let ana = client(&fake, user);
    let build = ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    let steps = build["steps"].as_array().expect("steps");
    let names: Vec<&str> = steps.iter().filter_map(|step| step["name"].as_str()).collect();
    assert_eq!(names[2..], ["Enable SSH", "Checkout code", "cargo test", "Wait for SSH"]);
    let (enable, wait) = (&steps[2]["actions"], &steps[5]["actions"][1]);
    assert_eq!(
        [&wait["status"], &wait["end_time"], &wait["output_url"]],
        [&"running".into(), &Value::Null, &Value::Null]
    );
    for (execution, text) in [(0, "ssh -p 64535 127.0.0.1"), (1, "ssh -p 64536 127.0.0.1")] {
        let path = format!("/api/v1.1/project/gh/acme/app/{number}/output/101/{execution}");
        let messages = ana.get(&path).ok();
        assert_eq!(messages[0]["message"], "ssh -");
        assert_eq!(joined(&messages), text);
        let url = enable[execution]["output_url"].as_str().expect("an address");
        let place = url.find("/outputs/").expect("the storage host's path");
        let stored = Client::with_headers(&url[..place], "").get(&url[place..]).ok();
        assert_eq!(joined(&stored), text);
        let path = format!("/api/v3/jobs/{id}/stdout?filter[execution]={execution}&filter[step_num]=101");
        assert_eq!(ana.get(&path).text(), text);
    }
    assert_eq!(ana.get(&format!("/api/v1.1/project/gh/acme/app/{number}/output/101/2")).status, 404);
    assert_eq!(fake.requests("GET /outputs/*").count(), 2);
    fake.finish();
}

#[test]
fn the_rest_of_an_output() {
    let job = Job::new("test").running(Duration::from_secs(60)).session(Session::text_of("0123456789"));
    let Scene { world, ana, job, .. } = scene_with(job);
    let path = format!("/api/v3/jobs/{}/stdout?filter[execution]=0&filter[step_num]=101", world[job].id);
    let fake = FakeCircleci::start(world);
    let from = |byte: usize| {
        let headers = format!("Authorization: Bearer {}\r\nRange: bytes={byte}-\r\n", fake.token(ana));
        Client::with_headers(&fake.url(), &headers).get(&path)
    };
    assert_eq!((from(4).status, from(4).text().as_str()), (206, "456789"));
    assert_eq!(from(10).status, 416);
}

#[test]
fn no_step_before_its_time_and_none_without_ssh() {
    let session = || Session::text_of("$ ssh -p 64535 127.0.0.1");
    let running = || Job::new("test").running(Duration::from_secs(60));
    let cases = [
        (running(), &["Spin up environment", "cargo test"][..], &["Enable SSH", "Wait for SSH"][..]),
        (running().session(session()).ssh_step(SshStep::NotReady), &["Enable SSH"], &["cargo test", "Wait for SSH"]),
        (running().session(session()).at_work(), &["Enable SSH", "cargo test"], &["Wait for SSH"]),
        (running().session(session()), &["Enable SSH", "Wait for SSH"], &[]),
        (Job::new("test").session(session()), &["Enable SSH", "Wait for SSH"], &[]),
        (Job::new("test").queued(), &[], &["Spin up environment"]),
    ];
    for (number, (job, there, absent)) in cases.into_iter().enumerate() {
        let Scene { world, ana, job, .. } = scene_with(job);
        let path = format!("/api/v1.1/project/gh/acme/app/{}", world[job].number);
        let fake = FakeCircleci::start(world);
        let build = client(&fake, ana).get(&path).ok();
        let names: Vec<&Value> = build["steps"].as_array().expect("steps").iter().map(|step| &step["name"]).collect();
        assert!(there.iter().all(|name| names.iter().any(|other| *other == name)), "case {number}: {names:?}");
        assert!(absent.iter().all(|name| names.iter().all(|other| *other != name)), "case {number}: {names:?}");
    }
}

#[test]
fn a_token_at_the_storage_host_fails_the_test() {
    let job = Job::new("test").running(Duration::from_secs(60)).session(Session::no_key());
    let Scene { world, ana: user, job, .. } = scene_with(job);
    let number = world[job].number;
    let fake = FakeCircleci::start(world);
    let build = client(&fake, user).get(&format!("/api/v1.1/project/gh/acme/app/{number}")).ok();
    let url = build["steps"][2]["actions"][0]["output_url"].as_str().expect("an address");
    let place = url.find("/outputs/").expect("the storage host's path");
    assert_eq!(Client::with_headers(&url[..place], "").get("/outputs/x/101/0").status, 403, "without its signature");
    fake.once("GET /outputs/*", Fault::Status(503));
    assert_eq!(Client::with_headers(&url[..place], "").get(&url[place..]).status, 503);
    Client::new(&url[..place], &fake.token(user)).get(&url[place..]).ok();
    assert!(complaint(fake).contains("the storage host was sent a token"));
}
