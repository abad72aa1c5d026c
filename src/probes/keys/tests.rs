use super::*;
use crate::{
    facts::Version,
    system::{Platform, Ran, real::Real, recorded::Recorded},
};

macro_rules! zoo {
    ($name:literal) => {
        include_bytes!(concat!("../../../tests/ssh/zoo/", $name))
    };
}

const PLAIN: &[u8] = zoo!("openssh-ed25519");
const PUBLIC: &[u8] = zoo!("openssh-ed25519.public");

struct Around {
    machine: Machine,
    target: Option<Target>,
    config: Fact<Config>,
    client: Fact<Client>,
}

impl Default for Around {
    fn default() -> Self {
        let client = Client { version: Version { major: 9, minor: 2 }.into(), ..Client::default() };
        Self { machine: Machine::default(), target: None, config: Fact::unknown("not asked"), client: client.into() }
    }
}

fn configured(files: &[&str]) -> Config {
    Config {
        asked_for: "box".into(),
        hostname: "203.0.113.7".to_owned().into(),
        identity_files: files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>().into(),
        identity_files_configured: true.into(),
        ..Config::default()
    }
}

fn seen_with(system: &dyn System, around: &Around) -> (KeyFolder, Vec<Key>) {
    let account = system.account();
    let context = Context {
        account: &account,
        machine: &around.machine,
        target: around.target.as_ref(),
        config: &around.config,
        client: &around.client,
        limit: Duration::from_secs(5),
    };
    let Looked { folder, keys, .. } = look(system, &scan(system, &account), context);
    (folder.known().expect("a home").clone(), keys.known().expect("looked").clone())
}

fn seen(system: &Recorded) -> Vec<Key> {
    seen_with(system, &Around::default()).1
}

fn mac() -> Recorded {
    Recorded::new(Platform::Macos).user("ana", "/Users/ana").directory("/Users/ana/.ssh", 0o700)
}

#[test]
fn a_healthy_default_key_on_a_mac() {
    let keys = seen(
        &mac()
            .file("/Users/ana/.ssh/id_ed25519", 0o600, PLAIN)
            .file("/Users/ana/.ssh/id_ed25519.pub", 0o644, PUBLIC)
            .file("/Users/ana/.ssh/known_hosts", 0o600, "x")
            .file("/Users/ana/.ssh/config", 0o600, "Host *\n"),
    );
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((key.origin, key.exists, key.mode_too_open), (KeyOrigin::Default, true, false));
    assert_eq!((key.mode.as_deref(), key.fault.as_deref()), (Some("0600"), None));
    assert!(key.family.is(&"ed25519".into()) && key.bits.is(&256) && key.encrypted.is(&false) && key.owned.is(&true));
    assert!(key.public_file.as_ref().expect("beside it").matches.is(&true));
}

#[test]
fn keys_with_other_names_are_found_and_come_last() {
    let machine = mac()
        .file("/Users/ana/.ssh/a_circleci", 0o600, zoo!("pem-rsa"))
        .file("/Users/ana/.ssh/keys/deep/work", 0o640, PLAIN)
        .file("/Users/ana/.ssh/notes.txt", 0o644, "remember the milk")
        .file("/Users/ana/.ssh/id_ed25519", 0o600, PLAIN);
    let keys = seen(&machine);
    let list: Vec<_> = keys.iter().map(|key| (key.path.as_str(), key.origin)).collect();
    assert_eq!(
        list,
        [
            ("/Users/ana/.ssh/id_ed25519", KeyOrigin::Default),
            ("/Users/ana/.ssh/a_circleci", KeyOrigin::Found),
            ("/Users/ana/.ssh/keys/deep/work", KeyOrigin::Found),
        ]
    );
    assert!(keys[2].mode_too_open && keys[1].family.is(&"rsa".into()) && keys[1].format.is(&"pem".into()));
}

#[test]
fn configured_files_come_expanded_and_in_order() {
    let machine = mac()
        .file("/Users/ana/.ssh/203.0.113.7", 0o600, PLAIN)
        .file("/Users/ana/.ssh/id_ed25519", 0o600, PLAIN)
        .file("/Users/ana/given", 0o600, PLAIN)
        .link("/Users/ana/.ssh/same", "/Users/ana/given");
    let around = Around {
        target: Some(Target { identity_files: vec!["/Users/ana/given".into(), "/gone".into()], ..Target::default() }),
        config: configured(&["/Users/ana/given", "~/.ssh/%h", "~/.ssh/missing", "%q", "none"]).into(),
        ..Around::default()
    };
    let (_, keys) = seen_with(&machine, &around);
    let list: Vec<_> = keys.iter().map(|key| (key.path.as_str(), key.origin, key.exists)).collect();
    assert_eq!(
        list,
        [
            ("/Users/ana/given", KeyOrigin::CommandLine, true),
            ("/gone", KeyOrigin::CommandLine, false),
            ("/Users/ana/.ssh/203.0.113.7", KeyOrigin::Configured, true),
            ("/Users/ana/.ssh/missing", KeyOrigin::Configured, false),
            ("%q", KeyOrigin::Configured, false),
            ("/Users/ana/.ssh/id_ed25519", KeyOrigin::Found, true),
        ]
    );
    assert!(keys[3].readable.is(&false) && keys[4].readable.known().is_none());
}

#[test]
fn the_file_is_judged_by_its_bytes_mode_and_owner() {
    let key = |mode, bytes: &[u8]| {
        seen(&mac().file("/Users/ana/.ssh/id_rsa", mode, bytes)).into_iter().next().expect("listed")
    };
    assert!(key(0o644, PLAIN).mode_too_open && !key(0o700, PLAIN).mode_too_open);
    let crlf = String::from_utf8_lossy(PLAIN).replace('\n', "\r\n");
    assert_eq!(key(0o600, crlf.as_bytes()).fault.as_deref(), Some("crlf"));
    let public = key(0o644, PUBLIC);
    assert_eq!((public.fault.as_deref(), public.mode_too_open), (Some("public"), false));
    assert_eq!(key(0o600, b"").fault.as_deref(), Some("empty"));
    let foreign = mac().file("/Users/ana/.ssh/id_rsa", 0o644, PLAIN).owned_by("/Users/ana/.ssh/id_rsa", 0, false);
    let foreign = &seen(&foreign)[0];
    assert!(!foreign.mode_too_open && foreign.owned.is(&false) && foreign.readable.is(&true));
    let shut = mac().file("/Users/ana/.ssh/id_rsa", 0o600, PLAIN).owned_by("/Users/ana/.ssh/id_rsa", 0, true);
    let shut = &seen(&shut)[0];
    assert!(shut.exists && shut.readable.is(&false) && shut.format.known().is_none());
}

#[test]
fn nothing_of_a_private_key_becomes_evidence() {
    let lines: Vec<&str> = std::str::from_utf8(PLAIN).expect("text").lines().collect();
    let body = &lines[1..lines.len() - 1];
    for text in [
        lines.join(" "),
        lines.join(""),
        lines.join("\\n"),
        body.join("\n"),
        format!("secret words\n{}", lines.join("\n")),
        lines.join("\r\n"),
    ] {
        let key = seen(&mac().file("/Users/ana/.ssh/id_ed25519", 0o600, text.as_bytes()));
        let said = serde_json::to_string(&key[0].seen).expect("serialises");
        let leaks = body.iter().any(|line| said.contains(&line[..20.min(line.len())]));
        assert!(!leaks && !said.contains("secret"), "{said}");
    }
}

#[test]
fn an_encrypted_key_shows_what_it_can() {
    let openssh = &seen(&mac().file("/Users/ana/.ssh/id_ed25519", 0o600, zoo!("openssh-ed25519-encrypted")))[0];
    assert!(openssh.encrypted.is(&true) && openssh.fingerprint.known().is_some());
    let pem = mac().file("/Users/ana/.ssh/id_rsa", 0o600, zoo!("pem-rsa-encrypted"));
    let alone = &seen(&pem)[0];
    assert!(alone.encrypted.is(&true) && alone.fingerprint.known().is_none() && alone.family.is(&"rsa".into()));
    let pem = pem.file("/Users/ana/.ssh/id_rsa.pub", 0o644, PUBLIC);
    let beside = &seen(&pem)[0];
    assert!(beside.fingerprint.known().is_some());
    assert!(beside.public_file.as_ref().expect("beside it").matches.known().is_none());
}

#[test]
fn a_public_half_alone_is_a_place_for_the_agents_key() {
    let keys = seen(&mac().file("/Users/ana/.ssh/id_ed25519.pub", 0o644, PUBLIC));
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert!(!key.exists && key.fingerprint.known().is_some());
}

#[test]
fn client_and_configuration_may_rule_a_key_out() {
    let machine =
        mac().file("/Users/ana/.ssh/id_ed25519", 0o600, PLAIN).file("/Users/ana/.ssh/id_rsa", 0o600, zoo!("pem-rsa"));
    let judged = |version: (u32, u32), algorithms: &[&str], size: Option<u32>| {
        let config = Config {
            pubkey_algorithms: algorithms.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>().into(),
            required_rsa_size: size,
            ..configured(&["~/.ssh/id_ed25519", "~/.ssh/id_rsa"])
        };
        let version = Version { major: version.0, minor: version.1 };
        let client = Client { version: version.into(), ..Client::default() };
        let around = Around { config: config.into(), client: client.into(), ..Around::default() };
        let keys = seen_with(&machine, &around).1;
        let flags = |key: &Key| (key.type_unsupported, key.too_small);
        (flags(&keys[0]), flags(&keys[1]))
    };
    let fine = (false, false);
    assert_eq!(judged((9, 2), &["ssh-ed25519", "rsa-sha2-512"], Some(1024)), (fine, fine));
    assert_eq!(judged((9, 2), &["rsa-sha2-256"], Some(99_999)), (fine, (false, true)));
    assert_eq!(judged((6, 4), &["ssh-rsa"], None), ((true, false), fine));
}

#[test]
fn on_windows_nobody_knows_modes() {
    let windows =
        Recorded::new(Platform::Windows).user("ana", "C:/Users/ana").file("C:/Users/ana/.ssh/id_ed25519", 0, PLAIN);
    let (folder, keys) = seen_with(&windows, &Around::default());
    assert!(folder.exists && folder.mode.is_none() && folder.owned.known().is_none());
    assert!(keys[0].mode.is_none() && !keys[0].mode_too_open && keys[0].readable.is(&true));
}

#[test]
fn a_windows_drive_in_wsl() {
    let wsl = Recorded::new(Platform::Linux)
        .user("ana", "/home/ana")
        .file("/mnt/c/Users/ana/.ssh/id_ed25519", 0o777, PLAIN)
        .link("/home/ana/.ssh", "/mnt/c/Users/ana/.ssh");
    let around = Around { machine: Machine { wsl: Some(2), ..Machine::default() }, ..Around::default() };
    let (folder, keys) = seen_with(&wsl, &around);
    assert!(folder.symlink && keys[0].on_windows_drive && keys[0].mode_too_open);
}

#[test]
fn no_folder_and_no_home() {
    let (folder, keys) = seen_with(&Recorded::new(Platform::Linux).user("ana", "/home/ana"), &Around::default());
    assert!(!folder.exists && keys.is_empty());
    let homeless = Recorded::new(Platform::Linux);
    let account = homeless.account();
    assert_eq!(scan(&homeless, &account).candidates().count(), 0);
}

#[test]
fn a_format_only_ssh_keygen_reads_is_asked_of_it() {
    let mut key = Key { path: "/k".into(), readable: true.into(), encrypted: false.into(), ..Key::default() };
    let machine = mac().program("/usr/bin/ssh-keygen").answer("/usr/bin/ssh-keygen", |args| {
        (args == ["-y", "-P", "", "-f", "/k"]).then(|| Ran { code: Some(0), stdout: PUBLIC.to_vec(), ..Ran::default() })
    });
    keygen::fill(&machine, std::slice::from_mut(&mut key), Duration::from_secs(1));
    assert!(key.family.is(&"ed25519".into()));
}

#[test]
#[expect(clippy::disallowed_methods, reason = "a test fills a real folder")]
fn ten_thousand_files_cost_little() {
    let scratch = Real.scratch().expect("a folder");
    let folder = scratch.path().join(".ssh");
    std::fs::create_dir(&folder).expect("makes");
    for index in 0..10_000 {
        std::fs::write(folder.join(format!("file{index}")), "x").expect("writes");
    }
    std::fs::write(folder.join("zzz_key"), PLAIN).expect("writes");
    let account = Account { home: Some(scratch.path().to_owned()), ..Real.account() };
    let scan = scan(&Real, &account);
    assert_eq!(scan.folder().files, 10_001);
    assert!(scan.folder().not_examined > 9_000);
    assert_eq!(scan.candidates().collect::<Vec<_>>(), [folder.join("zzz_key")]);
}

#[test]
fn another_home_of_the_environment_is_searched_too() {
    let elsewhere = mac().variable("HOME", "/github/home").directory("/github/home/.ssh", 0o700).file(
        "/github/home/.ssh/id_ed25519",
        0o600,
        PLAIN,
    );
    let keys = seen(&elsewhere);
    assert_eq!(keys.len(), 1);
    assert_eq!((keys[0].path.as_str(), keys[0].origin), ("/github/home/.ssh/id_ed25519", KeyOrigin::Found));
    let same = mac().variable("HOME", "/Users/ana").file("/Users/ana/.ssh/id_ed25519", 0o600, PLAIN);
    assert_eq!(seen(&same).len(), 1, "the same folder is read once");
}
