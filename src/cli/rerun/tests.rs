use crate::{
    cli::{Console, run},
    system::{Platform, recorded::Recorded},
};

const V1: &str = "https://circleci.com/api/v1.1";
const V2: &str = "https://circleci.com/api/v2";
const TOKEN: &str = "0123456789abcdef0123456789abcdef01234567";

/// Job 345 has failed; its rerun is job 346, which waits, begins, and prints its command.
fn machine() -> Recorded {
    let steps = r#"{"lifecycle":"running","parallel":1,"steps":[{"name":"Enable SSH","actions":[{"step":2,"name":"Enable SSH"}]}]}"#;
    let text = r#"[{"message":"You can now SSH into this box if your SSH public key is added:\n  $ ssh -p 64535 203.0.113.7\n"}]"#;
    let list = |job: &str| format!(r#"{{"items":[{{"name":"te\u001b[2Jst","type":"build",{job}}}]}}"#);
    Recorded::new(Platform::Linux)
        .user("ana", "/home/ana")
        .variable("CIRCLE_TOKEN", TOKEN)
        .http(&format!("GET {V2}/me"), 200, &[], r#"{"id":"ana-id","login":"ana"}"#)
        .http(
            &format!("GET {V2}/project/gh/acme/web/job/345"),
            200,
            &[],
            r#"{"name":"te\u001b[2Jst","latest_workflow":{"id":"w"}}"#,
        )
        .http(&format!("GET {V2}/workflow/w/job"), 200, &[], list(r#""id":"j","job_number":345"#))
        .http(&format!("GET {V2}/workflow/w"), 200, &[], r#"{"status":"failed"}"#)
        .http(&format!("POST {V2}/workflow/w/rerun"), 202, &[], r#"{"workflow_id":"new"}"#)
        .http(&format!("GET {V2}/workflow/new/job"), 200, &[], list(r#""id":"k","status":"queued""#))
        .http(&format!("GET {V2}/workflow/new/job"), 200, &[], list(r#""id":"k","job_number":346"#))
        .http(&format!("GET {V1}/project/gh/acme/web/346"), 200, &[], r#"{"lifecycle":"running"}"#)
        .http(&format!("GET {V1}/project/gh/acme/web/346"), 200, &[], steps)
        .http(&format!("GET {V1}/project/gh/acme/web/346/output/2/0"), 200, &[], "[]")
        .http(&format!("GET {V1}/project/gh/acme/web/346/output/2/0"), 200, &[], text)
}

fn ask(system: &Recorded, terminal: bool) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let columns = terminal.then_some(100);
    let words = ["cci-ssh", "rerun", "gh/acme/web/345"].map(Into::into).into();
    let mut console = Console {
        input: &mut "".as_bytes(),
        output: &mut out,
        errors: &mut err,
        input_is_terminal: terminal,
        colours: [false; 2],
        columns,
        error_columns: columns,
    };
    let code = run(words, system, &mut console);
    (code, String::from_utf8(out).expect("UTF-8"), String::from_utf8(err).expect("UTF-8"))
}

#[test]
fn at_a_terminal_one_line_says_how_far_it_is() {
    let (code, out, err) = ask(&machine(), true);
    assert_eq!((code, out.as_str()), (0, "ssh -p 64535 203.0.113.7\n"), "{err}");
    let shown = |words: &str| err.find(&format!("\r\u{1b}[K{words}")).unwrap_or_else(|| panic!("{words}: {err:?}"));
    let job = "job (test) of acme/web";
    let waits = shown(&format!("{job} waits for a place, 0 s"));
    let runs = shown(&format!("{job} runs, Enable SSH is still to come"));
    let step = shown(&format!("{job} runs, Enable SSH prints no command yet"));
    assert!(waits < runs && runs < step, "{err:?}");
    assert!(!err.contains("[2J") && !err.contains(TOKEN), "{err:?}");
}

#[test]
fn without_a_terminal_there_is_none() {
    let (code, out, err) = ask(&machine(), false);
    assert_eq!((code, out.as_str()), (0, "ssh -p 64535 203.0.113.7\n"), "{err}");
    assert!(!err.contains(['\r', '\u{1b}']), "{err:?}");
    assert!(err.starts_with("job 345 (test) of acme/web is started again with SSH"), "{err}");
}
