use std::collections::BTreeMap;

use super::super::effective::{Effective, Place};
use super::*;
use proptest::prelude::*;

fn sources(files: &[(&str, &str)]) -> Sources {
    let texts = files.iter().map(|(file, text)| ((*file).to_owned(), (*text).to_owned())).collect::<BTreeMap<_, _>>();
    Sources { texts, home: Some("/home/ana".into()) }
}

fn reads(files: &[&str]) -> String {
    files.iter().map(|file| format!("debug1: Reading configuration data {file}\r\n")).collect()
}

fn places(origins: &[Origin]) -> Vec<(&str, usize, bool)> {
    origins.iter().map(|origin| (origin.place.file.as_str(), origin.place.line, origin.certain)).collect()
}

const USER: &str = "/home/ana/.ssh/config";
const SYSTEM: &str = "/etc/ssh/ssh_config";

#[test]
fn lines_are_split_as_ssh_does() {
    let text = "\u{feff}Host a b # c\n\n  # comment\n\tIdentityFile = \"~/my keys/a\" \n Port=22\r\nProxyCommand ssh -W '[%h]:%p' \\\"x\\\" b\\ c\n\"User\" bob\n";
    let lines = parse(text);
    let words: Vec<(usize, &str, Vec<&str>)> = lines
        .iter()
        .map(|line| (line.number, line.keyword.as_str(), line.arguments.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        words,
        [
            (1, "host", vec!["a", "b"]),
            (4, "identityfile", vec!["~/my keys/a"]),
            (5, "port", vec!["22"]),
            (6, "proxycommand", vec!["ssh", "-W", "[%h]:%p", "\"x\"", "b c"]),
            (7, "user", vec!["bob"]),
        ]
    );
    assert_eq!(
        lines[1].block.as_ref().map(|block| (block.kind, block.line, block.text.as_str())),
        Some((BlockKind::Host, 1, "a b # c"))
    );
}

#[test]
fn the_first_line_that_applied_gives_the_value() {
    let set = sources(&[
        (USER, "Host other\n  User eve\nHost *\n  User ana\n  IdentityFile ~/.ssh/a\n"),
        (SYSTEM, "User system\nIdentityFile /etc/ssh/b\n"),
    ]);
    let stderr = reads(&[USER, SYSTEM]) + "debug1: /home/ana/.ssh/config line 3: Applying options for *\r\n";
    let effective = Effective::parse(b"user ana\nidentityfile ~/.ssh/a\nidentityfile /etc/ssh/b\n", stderr.as_bytes());
    assert_eq!(places(&set.origins("User", &effective)), [(USER, 4, true)]);
    assert_eq!(places(&set.origins("IdentityFile", &effective)), [(USER, 5, true), (SYSTEM, 2, true)]);
    assert_eq!(set.origins("Port", &effective), []);
}

#[test]
fn an_include_in_a_dead_block_is_dead_and_the_block_goes_on_after_a_living_one() {
    let set = sources(&[
        (USER, "Host dead\n  Include conf.d/*\nHost *\n  Include ~/more\n  Port 4\n"),
        ("/home/ana/.ssh/conf.d/one", "User never\n"),
        ("/home/ana/more", "Host elsewhere\n  Port 1\n"),
    ]);
    let stderr = reads(&[USER, "/home/ana/.ssh/conf.d/one", "/home/ana/more"])
        + "debug1: /home/ana/.ssh/config line 3: Applying options for *\r\n";
    let effective = Effective::parse(b"port 4\n", stderr.as_bytes());
    assert_eq!(set.origins("User", &effective), []);
    assert_eq!(places(&set.origins("Port", &effective)), [(USER, 5, true)]);
    let dead = set.walk(&effective).into_iter().find(|placed| placed.line.keyword == "user");
    assert_eq!(dead.map(|placed| placed.activity), Some(Activity::No));
}

#[test]
fn a_match_block_is_open_with_v_and_decided_with_vv() {
    let set = sources(&[(USER, "Match host *.corp exec \"vpn up\"\n  User corp\nMatch all\n  Port 7\nUser late\n")]);
    let only_v = Effective::parse(b"user corp\nport 7\n", reads(&[USER]).as_bytes());
    assert_eq!(places(&set.origins("User", &only_v)), [(USER, 2, false)], "it is the value that ssh reports");
    assert_eq!(places(&set.origins("Port", &only_v)), [(USER, 4, true)]);
    let not_it = Effective::parse(b"user late\n", reads(&[USER]).as_bytes());
    assert_eq!(places(&set.origins("User", &not_it)), [(USER, 5, false)]);
    let told = reads(&[USER])
        + "debug2: checking match for 'host *.corp exec \"vpn up\"' host h originally h\r\ndebug2: match not found\r\n";
    let told = Effective::parse(b"user late\n", told.as_bytes());
    assert_eq!(places(&set.origins("User", &told)), [(USER, 5, true)]);
}

#[test]
fn an_option_with_two_names_is_one() {
    let set = sources(&[(USER, "PubkeyAcceptedKeyTypes +ssh-rsa\n")]);
    let effective = Effective::parse(b"pubkeyacceptedalgorithms ssh-ed25519,ssh-rsa\n", reads(&[USER]).as_bytes());
    assert_eq!(places(&set.origins("PubkeyAcceptedAlgorithms", &effective)), [(USER, 1, true)]);
}

#[test]
fn a_loop_of_includes_ends() {
    let set = sources(&[(USER, "Include config\nInclude config\nUser a\n")]);
    let effective = Effective::parse(b"user a\n", reads(&[USER]).as_bytes());
    assert_eq!(set.origins("user", &effective)[0].place, Place { file: USER.into(), line: 3 });
}

#[test]
fn relative_includes_of_the_system_start_at_its_own_folder() {
    let set = sources(&[
        (SYSTEM, "Include ssh_config.d/*.conf\n"),
        ("/etc/ssh/ssh_config.d/20-a.conf", "SendEnv A\n"),
        ("/etc/ssh/ssh_config.d/.hidden.conf", "SendEnv B\n"),
    ]);
    let stderr = reads(&[SYSTEM, "/etc/ssh/ssh_config.d/20-a.conf"]);
    let effective = Effective::parse(b"sendenv A\n", stderr.as_bytes());
    assert_eq!(places(&set.origins("SendEnv", &effective)), [("/etc/ssh/ssh_config.d/20-a.conf", 1, true)]);
}

proptest! {
    #[test]
    fn never_panics(text in "(Host|Match|Include|User|\"Port)?[ =]?[\\\\\"'#a-z*é ]{0,30}\n?(Include \\*\n)?\\PC{0,20}") {
        let _ = parse(&text);
        let set = sources(&[(USER, &text), ("/home/ana/.ssh/x", &text)]);
        let effective = Effective::parse(text.as_bytes(), reads(&[USER]).as_bytes());
        let _ = set.origins("user", &effective);
    }
}
