//! `lint`: Dockerfiles of many families, each with what is to be said about it, and input that is none.

use std::{fs, path::Path};

use serde_json::Value;

use crate::support::home::Home;
use crate::{expect_refusal, with_input};

/// One of tests/dockerfiles/faulty: its name, the lines that set what is lost, the variables, the line behind which the
/// printed line belongs, and that line without what every one has.
type Faulty = (&'static str, &'static [u64], &'static [&'static str], u64, &'static str);

const FAULTY: [Faulty; 22] = [
    (
        "alpine-3.12",
        &[4],
        &["PATH"],
        4,
        r#"echo 'export PATH="${PATH}:/usr/lib/jvm/java-11-openjdk/bin"' >> /root/.profile"#,
    ),
    ("alpine-pager", &[3], &["PAGER"], 3, r#"echo 'export PAGER="cat"' >> /root/.profile"#),
    ("build-arg", &[4], &["PATH"], 4, r#"echo "export PATH='$PATH'" >> /root/.profile"#),
    (
        "buildpack-rbenv",
        &[4],
        &["PATH"],
        4,
        r#"echo 'export PATH="/opt/rbenv/shims:/opt/rbenv/bin:${PATH}"' >> /root/.profile"#,
    ),
    ("circleci-legacy", &[4], &["PATH"], 4, r#"echo 'export PATH="/opt/yarn/bin:${PATH}"' >> /home/circleci/.profile"#),
    ("crlf", &[3], &["PATH"], 3, r#"echo 'export PATH="/opt/tool/bin:${PATH}"' >> /root/.profile"#),
    ("debian", &[8], &["PATH"], 8, r#"echo 'export PATH="/opt/tool/bin:${PATH}"' >> /root/.profile"#),
    ("dotnet", &[3], &["PATH"], 3, r#"echo 'export PATH="/tools:${PATH}"' >> /root/.profile"#),
    ("environment-file", &[2], &["PATH"], 2, r#"echo 'export PATH="/opt/tool/bin:${PATH}"' >> /root/.profile"#),
    ("fedora-history", &[3], &["HISTSIZE"], 3, r#"echo 'export HISTSIZE="100000"' >> /root/.bash_profile"#),
    ("golang", &[2], &["PATH"], 2, r#"echo 'export PATH="/go/bin:/usr/local/go/bin:${PATH}"' >> /root/.profile"#),
    (
        "node",
        &[3],
        &["PATH"],
        3,
        r#"echo 'export PATH="/home/node/.npm-global/bin:/app/node_modules/.bin:${PATH}"' >> /home/node/.profile"#,
    ),
    (
        "odd-letters",
        &[2],
        &["PATH"],
        2,
        r#"printf '%s\n' 'export PATH="/opt/it'"'"'s '"\\"'$5 '"\\"'"off'"\\"'"/bin:${PATH}"' >> /root/.profile"#,
    ),
    (
        "openjdk",
        &[3, 1],
        &["PATH"],
        3,
        r#"echo 'export PATH="/opt/android-sdk/cmdline-tools/latest/bin:/opt/android-sdk/platform-tools:/usr/local/openjdk-8/bin:${PATH}"' >> /root/.profile"#,
    ),
    ("opensuse", &[3], &["PATH"], 3, r#"echo 'export PATH="/opt/gradle/bin:${PATH}"' >> /root/.profile"#),
    ("php", &[4], &["PATH"], 4, r#"echo 'export PATH="${PATH}:/composer/vendor/bin"' >> /root/.profile"#),
    (
        "python-number",
        &[4],
        &["PATH"],
        4,
        r#"echo 'export PATH="/opt/poetry/bin:${PATH}"' >> /etc/profile.d/zz-image-env.sh"#,
    ),
    ("python-venv", &[6], &["PATH"], 6, r#"echo 'export PATH="/opt/venv/bin:${PATH}"' >> /root/.profile"#),
    (
        "ruby",
        &[4, 1],
        &["PATH"],
        4,
        r#"echo 'export PATH="/usr/local/bundle/bin:${PATH}:/bundle/bin"' >> /root/.profile"#,
    ),
    ("rust-user", &[1], &["PATH"], 2, r#"echo 'export PATH="/usr/local/cargo/bin:${PATH}"' >> /home/ci/.profile"#),
    (
        "shadowed",
        &[3],
        &["PATH"],
        6,
        r#"printf '\n%s' 'export PATH="/opt/tool/bin:${PATH}"' '' >> /home/ci/.bash_profile"#,
    ),
    (
        "stages",
        &[7, 12],
        &["PATH"],
        12,
        r#"echo 'export PATH="/opt/ci/bin:/opt/base/bin:${PATH}"' >> /home/ci/.profile"#,
    ),
];

fn folder(kind: &str) -> String {
    format!("{}/tests/dockerfiles/{kind}", env!("CARGO_MANIFEST_DIR"))
}

/// Every Dockerfile of a folder, by its path.
fn dockerfiles(kind: &str) -> Vec<String> {
    let entries = fs::read_dir(folder(kind)).expect("the folder is there").flatten();
    let paths = entries.map(|entry| entry.path().display().to_string());
    let mut paths: Vec<String> = paths.filter(|path| path.ends_with(".Dockerfile")).collect();
    paths.sort();
    paths
}

/// Lines that were wrapped are one again.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn lint(home: &Home, path: &str) -> Value {
    let outcome = home.cci_ssh(["lint", "--dockerfile", path, "--format", "json"]);
    outcome.expect_code(0);
    outcome.json()
}

#[test]
fn each_faulty_dockerfile_gets_its_line() {
    let home = Home::new();
    assert_eq!(dockerfiles("faulty").len(), FAULTY.len(), "every one has its expectation");
    for (name, lines, names, behind, line) in FAULTY {
        let path = format!("{}/{name}.Dockerfile", folder("faulty"));
        let report = lint(&home, &path);
        assert_eq!(report["verdict"], "problems", "{name}: {report:#}");
        let finding = &report["findings"][0];
        assert_eq!(finding["check"], "dockerfile-env-reset", "{name}");
        assert_eq!(finding["severity"], "warning", "{name}");
        let evidence = finding["evidence"].as_array().expect("evidence");
        let seen: Vec<u64> = evidence.iter().filter_map(|line| line["line"].as_u64()).collect();
        assert_eq!(seen, lines, "{name}");
        let text = fs::read_to_string(&path).expect("it is there");
        for (line, evidence) in lines.iter().zip(evidence) {
            let there = text.lines().nth(usize::try_from(*line).expect("small") - 1).map(str::trim);
            assert_eq!(evidence["text"].as_str(), there, "{name}");
        }
        assert_eq!(finding["subject"]["names"], serde_json::json!(names), "{name}");
        assert_eq!(finding["subject"]["behind_line"], behind, "{name}");
        let commands = finding["fixes"][0]["commands"].as_array().expect("a command");
        assert_eq!(commands[0], format!("RUN {line}"), "{name}");
        assert!(finding["fixes"][0]["title"].as_str().is_some_and(|title| title.contains(&format!("{path}:{behind}"))));
    }
}

/// Whoever adds the line is left alone.
#[test]
fn the_line_that_is_printed_silences_the_lint() {
    let home = Home::new();
    for (name, _, _, behind, line) in FAULTY {
        let text = fs::read_to_string(format!("{}/{name}.Dockerfile", folder("faulty"))).expect("it is there");
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines.insert(usize::try_from(behind).expect("small"), format!("RUN {line}"));
        home.write("Dockerfile", lines.join("\n"), 0o600);
        let outcome = home.cci_ssh(["lint", "--dockerfile", "Dockerfile", "--fail-on", "info"]);
        outcome.expect_code(0);
        assert!(!outcome.stdout.contains("loses"), "{name}: {outcome:#?}");
    }
}

#[test]
fn healthy_dockerfiles_get_one_line() {
    let home = Home::new();
    let all = dockerfiles("healthy");
    assert!(all.len() > FAULTY.len(), "there are as many");
    for path in all {
        let outcome = home.cci_ssh(["lint", "--dockerfile", &path, "--fail-on", "info"]);
        outcome.expect_code(0);
        assert!(flat(&outcome.stdout).starts_with("✓ nothing to say about "), "{outcome:#?}");
        let report = lint(&home, &path);
        assert_eq!(report["verdict"], "healthy", "{path}");
        assert_eq!(
            (&report["findings"], &report["unknown"]),
            (&serde_json::json!([]), &serde_json::json!([])),
            "{path}"
        );
    }
}

#[test]
fn what_is_not_known_is_said_and_accuses_nobody() {
    let home = Home::new();
    for path in dockerfiles("unknown") {
        let outcome = home.cci_ssh(["lint", "--dockerfile", &path, "--fail-on", "info"]);
        outcome.expect_code(0);
        assert!(flat(&outcome.stdout).contains("not known, because"), "{outcome:#?}");
        assert_eq!(lint(&home, &path)["unknown"].as_array().map(Vec::len), Some(1), "{path}");
    }
}

#[test]
fn several_files_are_one_report() {
    let home = Home::new();
    let [faulty, other, healthy] =
        ["faulty/debian", "faulty/node", "healthy/ubuntu"].map(|name| format!("{}.Dockerfile", folder(name)));
    let words = ["lint", "--dockerfile", &faulty, "--dockerfile", &healthy, "--dockerfile", &other];
    let outcome = home.cci_ssh(words);
    outcome.expect_code(0).expect_text("nothing to say about").expect_text("/home/node/.profile");
    assert!(!outcome.stdout.contains("not looked at") && !outcome.stdout.contains("Also seen"), "{outcome:#?}");
    let strict = home.cci_ssh(words.into_iter().chain(["--fail-on", "warning"]));
    strict.expect_code(1);
    home.cci_ssh(words.into_iter().chain(["--fail-on", "warning", "--exit-zero"])).expect_code(0);
    assert_eq!(
        home.cci_ssh(words.into_iter().chain(["--format", "json"])).json()["findings"].as_array().map(Vec::len),
        Some(2)
    );
}

#[test]
fn stages_arguments_folders_and_pipes() {
    let home = Home::new();
    let text = "ARG BASE\nFROM ${BASE:-debian:12} AS ci\nARG V\nENV PATH=/opt/$V:$PATH\nFROM ubuntu\n";
    home.write("image/Dockerfile", text, 0o600);
    home.write("other/Containerfile", "FROM golang:1.22\n", 0o600);
    home.cci_ssh(["lint", "--dockerfile", "image"])
        .expect_code(0)
        .expect_text("✓ nothing to say about image/Dockerfile");
    let ci =
        ["lint", "--dockerfile", "image", "--stage", "ci", "--build-arg", "V=tool", "--build-arg", "BASE=debian:11"];
    home.cci_ssh(ci).expect_code(0).expect_text("RUN echo 'export PATH=\"/opt/tool:${PATH}\"' >> /root/.profile");
    home.cci_ssh(["lint", "--dockerfile", "other"]).expect_code(0).expect_text("other/Containerfile:1");
    let piped = with_input(&home, &["lint", "--dockerfile", "-", "--fail-on", "warning"], "FROM rust\n");
    piped.expect_code(1).expect_text("standard input:1");
    let own = home.cci_ssh(["lint", "--dockerfile", "image", "--format", "json", "--with-facts"]).json();
    assert_eq!(own["facts"]["dockerfiles"][0]["family"], "Ubuntu");
}

#[test]
fn what_is_no_dockerfile_is_refused_in_one_sentence() {
    let home = Home::new();
    let piped = |text: &str| with_input(&home, &["lint", "--dockerfile", "-"], text);
    expect_refusal(&piped(""), "begins with FROM");
    expect_refusal(&piped("# nothing\n"), "begins with FROM");
    expect_refusal(&piped("RUN x\nFROM debian\n"), "line 1 is `RUN`, before any FROM");
    expect_refusal(&piped("FROM debian\nENVS x\n"), "line 2 begins with `ENVS`");
    expect_refusal(&piped("version: '3'\nservices:\n  web:\n    build: .\n"), "docker compose");
    expect_refusal(&piped("FROM debian\nRUN cat <<EOF > /x\nbody\n"), "no line `EOF`");
    expect_refusal(&piped("FROM debian as\n"), "line 1 is no FROM");
    expect_refusal(&piped("F\0R\0O\0M\0"), "no text");
    expect_refusal(&piped(&"FROM debian\n".repeat(200_000)), "more than 1 MiB");
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", "nowhere"]), "nowhere cannot be read");
    fs::create_dir_all(home.path().join("empty")).expect("a folder");
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", "empty"]), "neither a Dockerfile nor a Containerfile");
    home.write("utf16", b"\xff\xfeF\0R\0", 0o600);
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", "utf16"]), "UTF-16");
    if Path::new("/dev/zero").exists() {
        expect_refusal(&home.cci_ssh(["lint", "--dockerfile", "/dev/zero"]), "/dev/zero cannot be read");
    }
    home.write("Dockerfile", "FROM debian AS ci\n", 0o600);
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", ".", "--stage", "none"]), "its stages are ci");
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", ".", "--build-arg", "X"]), "--build-arg NAME=VALUE");
    expect_refusal(&home.cci_ssh(["lint", "--dockerfile", "-", "--dockerfile", "-"]), "only once");
    expect_refusal(&home.cci_ssh(["lint"]), "--dockerfile");
}
