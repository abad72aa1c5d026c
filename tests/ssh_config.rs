//! Our readers of `ssh -v -G` and of configuration text, held against the `ssh` of this machine.
//!
//! Without `ssh` these tests say so and pass.
#![allow(clippy::disallowed_methods, clippy::print_stderr, reason = "tests start the real program on real files")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use cci_ssh::ssh::config_text::Sources;
use cci_ssh::ssh::effective::{ConfigErrorKind, Effective};

/// Runs `ssh LEVEL -G -F CONFIG HOST`.
fn ssh(level: &str, config: &Path, host: &str) -> Option<Effective> {
    let run = Command::new("ssh").arg(level).arg("-G").arg("-F").arg(config).arg(host).stdin(Stdio::null()).output();
    let Ok(output) = run else {
        eprintln!("skipped: no ssh on this machine (install openssh-client)");
        return None;
    };
    Some(Effective::parse(&output.stdout, &output.stderr))
}

fn sources(effective: &Effective) -> Sources {
    let texts: BTreeMap<String, String> =
        effective.files_read.iter().filter_map(|file| Some((file.clone(), fs::read_to_string(file).ok()?))).collect();
    Sources { texts, home: None }
}

#[test]
fn values_are_traced_to_the_lines_that_gave_them() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let (config, more, dead) = (folder.path().join("config"), folder.path().join("more"), folder.path().join("dead"));
    let text = format!(
        "Host job\n  IdentityFile /k/first\n  Include {}\nHost nobody\n  User nobody\n  Include {}\nMatch host job exec \"true\"\n  Port 77\nMatch host other\n  ServerAliveInterval 9\nMatch all\n  User bob\nHost *\n  User late\n  IdentityFile /k/last\n  Port 78\n  ServerAliveInterval 8\n",
        more.display(),
        dead.display()
    );
    fs::write(&config, text).expect("writable");
    fs::write(&more, "Compression yes\nHost elsewhere\n  ForwardAgent yes\nHost jo*\n  IdentityFile /k/included\n")
        .expect("writable");
    fs::write(&dead, "Compression no\nForwardAgent no\n").expect("writable");
    for level in ["-v", "-vv", "-vvv"] {
        let Some(effective) = ssh(level, &config, "job") else { return };
        assert_eq!(effective.errors, [], "{level}");
        assert!(effective.version.is_some());
        let sources = sources(&effective);
        let lines = |option: &str| -> Vec<(String, usize)> {
            let origins = sources.origins(option, &effective);
            let name = |file: &str| Path::new(file).file_name().expect("a file").to_string_lossy().into_owned();
            origins.iter().map(|origin| (name(&origin.place.file), origin.place.line)).collect()
        };
        let at = |file: &str, line: usize| (file.to_owned(), line);
        assert_eq!(lines("User"), [at("config", 12)], "{level}");
        assert_eq!(lines("Port"), [at("config", 8)], "{level}");
        assert_eq!(lines("ServerAliveInterval"), [at("config", 17)], "{level}");
        assert_eq!(lines("Compression"), [at("more", 1)], "{level}");
        assert_eq!(lines("ForwardAgent"), [], "{level}");
        assert_eq!(lines("IdentityFile"), [at("config", 2), at("more", 5), at("config", 15)], "{level}");
        assert_eq!(effective.all("identityfile"), ["/k/first", "/k/included", "/k/last"], "{level}");
        assert_eq!(effective.executed, ["true"]);
    }
}

#[test]
fn what_ssh_refuses_is_an_error_with_its_line() {
    use ConfigErrorKind::*;
    let cases = [
        ("Nonsense 1", BadOption, Some("nonsense")),
        ("StrictHostKeyChecking accept_new", BadValue, None),
        ("Port 64535x", BadValue, Some("port")),
        ("IdentityFile", BadValue, None),
        ("Port 22 22", BadValue, None),
        ("HostKeyAlgorithms +nonsense", BadAlgorithm, None),
        ("Ciphers nonsense", BadAlgorithm, Some("ciphers")),
        ("MACs nonsense", BadAlgorithm, Some("macs")),
        ("KexAlgorithms nonsense", BadAlgorithm, Some("kexalgorithms")),
        ("Match nonsense x", BadMatch, None),
        ("Match host", BadMatch, None),
        ("LogLevel NONSENSE", BadValue, Some("loglevel")),
        ("ConnectTimeout abc", BadValue, None),
        ("ProxyJump a:b:c", BadValue, Some("proxyjump")),
        ("ForwardAgent", BadValue, None),
        ("AddressFamily inet7", BadValue, None),
    ];
    let folder = tempfile::tempdir().expect("a scratch folder");
    let config = folder.path().join("config with blanks");
    for (text, kind, option) in cases {
        fs::write(&config, format!("# comment\nHost *\n{text}\n")).expect("writable");
        let Some(effective) = ssh("-v", &config, "job") else { return };
        let [error] = &effective.errors[..] else { panic!("{text}: {:?} {:?}", effective.errors, effective.other) };
        assert_eq!((error.kind, error.line), (kind, Some(3)), "{text}");
        assert_eq!(error.file.as_deref(), config.to_str(), "{text}");
        if option.is_some() {
            assert_eq!(error.option.as_deref(), option, "{text}");
        }
    }
}

#[test]
fn a_file_that_is_not_there_is_unreadable() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let Some(effective) = ssh("-v", &folder.path().join("none"), "job") else { return };
    assert_eq!(effective.errors.iter().map(|error| error.kind).collect::<Vec<_>>(), [ConfigErrorKind::Unreadable]);
}
