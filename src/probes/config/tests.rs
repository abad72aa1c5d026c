use super::*;
use crate::system::{Platform, real::Real, recorded::Recorded};

const LIMIT: Duration = Duration::from_secs(10);

/// A machine whose ssh answers `-G` with these outputs.
fn machine(platform: Platform, stdout: &'static str, stderr: &'static str, code: i32) -> Recorded {
    let home = if platform == Platform::Macos { "/Users/ana" } else { "/home/ana" };
    Recorded::new(platform).user("ana", home).program("/usr/bin/ssh").answer("/usr/bin/ssh", move |args| {
        args.contains(&"-G".to_owned()).then(|| Ran {
            code: Some(code),
            stdout: stdout.into(),
            stderr: stderr.into(),
            ..Ran::default()
        })
    })
}

fn target() -> Target {
    Target {
        host: "203.0.113.7".into(),
        ssh_args: ["-p", "64535", "203.0.113.7"].iter().map(|arg| (*arg).to_owned()).collect(),
        ..Target::default()
    }
}

fn seen(system: &Recorded, target: &Target) -> Config {
    let asked = ask(system, Some(Path::new("/usr/bin/ssh")), Some(target), LIMIT);
    look(system, &system.account(), Some(target), &asked).known().expect("ssh answered").clone()
}

const PLAIN: &str = "host 203.0.113.7\nuser ana\nhostname 203.0.113.7\nport 64535\nbatchmode no\nidentitiesonly yes\n\
    pubkeyauthentication true\nstricthostkeychecking true\nidentityfile ~/.ssh/id_rsa\nidentityfile ~/.ssh/id_ed25519\n\
    pubkeyacceptedalgorithms ssh-ed25519,rsa-sha2-512\nuserknownhostsfile /Users/ana/.ssh/known_hosts \"/a b/c\"\n\
    controlpath /Users/ana/.ssh/cm\nproxyjump none\naddressfamily any\nremotecommand none\n";

#[test]
fn a_macs_values_are_typed() {
    let mac = machine(Platform::Macos, PLAIN, "OpenSSH_9.8p1, LibreSSL 3.3.6\r\n", 0)
        .socket("/Users/ana/.ssh/cm", Err(std::io::ErrorKind::ConnectionRefused));
    let config = seen(&mac, &target());
    assert!(config.hostname_rewritten.is(&false) && config.port.is(&64535) && config.batch_mode.is(&false));
    assert!(config.identities_only.is(&true) && config.proxied.is(&false) && config.remote_command.is_none());
    assert!(config.pubkey_authentication.is(&true) && config.strict_host_key_checking.is(&"yes".into()));
    assert!(config.identity_files_configured.is(&false));
    assert_eq!(config.identity_files.known().map(Vec::len), Some(2));
    assert_eq!(config.user_known_hosts.known().expect("printed")[1], "/a b/c");
    assert!(config.control_socket_exists && config.address_family.is_none());
    assert!(config.kex_algorithms.known().is_none());
    assert_eq!(mac.ran()[0][1..], ["-vvv", "-G", "-p", "64535", "203.0.113.7"]);
}

#[test]
fn identity_files_are_configured_by_lines_and_existing_files_alone() {
    let log = "OpenSSH_9.2p1\ndebug1: Reading configuration data /home/ana/.ssh/config\n\
        debug1: /home/ana/.ssh/config line 3: Applying options for 203.0.113.*\n";
    let linux = |text: &str| machine(Platform::Linux, PLAIN, log, 0).file("/home/ana/.ssh/config", 0o600, text);
    let config =
        seen(&linux("Host other\n  IdentityFile ~/x\nHost 203.0.113.*\n  IdentityFile ~/.ssh/id_rsa\n"), &target());
    assert!(config.identity_files_configured.is(&true));
    assert_eq!(config.from["identityfile"].line, Some(4));
    assert!(seen(&linux("Host other\n  IdentityFile ~/x\n"), &target()).identity_files_configured.is(&false));
    let given = Target { identity_files: vec!["~/key".into()], ..target() };
    assert!(seen(&linux(""), &given).identity_files_configured.is(&false));
    assert!(seen(&linux("").file("/home/ana/key", 0o600, ""), &given).identity_files_configured.is(&true));
    let mut option = target();
    option.ssh_args.insert(0, "-oIdentityFile=/k".into());
    assert!(seen(&linux(""), &option).identity_files_configured.is(&true));
}

#[test]
fn a_refused_configuration_has_errors_and_no_values() {
    let old = machine(
        Platform::Linux,
        "",
        "OpenSSH_8.4p1 Debian-5, OpenSSL 1.1.1w\n\
         /home/ana/.ssh/config: line 3: Bad configuration option: pubkeyacceptedalgorithms\n\
         /home/ana/.ssh/config: line 4: Bad configuration option: usekeychain\n\
         /home/ana/.ssh/config: line 5: Bad configuration option: xyz\n\
         /home/ana/.ssh/config: terminating, 3 bad configuration options\n",
        255,
    );
    let config = seen(&old, &target());
    let [renamed, apple, unknown] = config.errors.as_slice() else { panic!("{:?}", config.errors) };
    assert_eq!((renamed.line, renamed.kind.as_str(), renamed.newer_option), (Some(3), "bad-option", true));
    assert_eq!(
        (renamed.since.as_deref(), renamed.older_name.as_deref()),
        (Some("8.5"), Some("pubkeyacceptedkeytypes"))
    );
    assert!(apple.apple_option && !apple.newer_option && !unknown.apple_option);
    assert!(matches!(&config.port, Fact::Unknown(why) if why.starts_with("ssh refuses its configuration")));
}

#[test]
fn no_ssh_another_ssh_and_a_hanging_one() {
    let empty = Recorded::new(Platform::Windows).user("ana", "C:/Users/ana");
    let asked = ask(&empty, None, None, LIMIT);
    assert!(matches!(look(&empty, &empty.account(), None, &asked), Fact::Unknown(why) if why.contains("PATH")));
    let dropbear = machine(Platform::Linux, "", "Dropbear SSH client v2022.83\nUsage: dbclient\n", 1);
    let asked = ask(&dropbear, Some(Path::new("/usr/bin/ssh")), None, LIMIT);
    assert!(look(&dropbear, &dropbear.account(), None, &asked).known().is_none());
    let hanging = Recorded::new(Platform::Linux).program("/usr/bin/ssh").answer("/usr/bin/ssh", |_| {
        let stderr = b"OpenSSH_9.2p1\ndebug1: Executing command: 'corp-vpn-up'\n".to_vec();
        Some(Ran { timed_out: true, stderr, ..Ran::default() })
    });
    let config = seen(&hanging, &target());
    assert!(matches!(&config.user, Fact::Unknown(why) if why.contains("corp-vpn-up")), "{:?}", config.user);
}

#[test]
fn the_real_ssh_answers() {
    let Some(ssh) = Real.programs("ssh").into_iter().next() else { return };
    let scratch = Real.scratch().expect("a folder");
    let text =
        "Host box\n  HostName 203.0.113.9\n  User git\n  RemoteCommand tmux %h\nMatch host 203.0.113.*\n  Port 2222\n";
    let file = scratch.write("config", text.as_bytes()).expect("writes");
    let args = ["-F".to_owned(), text::path(&file), "box".to_owned()];
    let target = Target { host: "box".into(), ssh_args: args.to_vec(), ..Target::default() };
    let asked = ask(&Real, Some(&ssh), Some(&target), LIMIT);
    let config = look(&Real, &Real.account(), Some(&target), &asked);
    let config = config.known().expect("ssh answered");
    assert!(config.user.is(&"git".into()) && config.port.is(&2222) && config.hostname_rewritten.is(&true));
    assert_eq!((config.from["hostname"].line, config.from["port"].line), (Some(2), Some(6)));
    assert_eq!(config.files, [text::path(&file)]);
    assert!(config.identity_files_configured.is(&false));
}

#[test]
fn a_loop_of_includes_ends_in_a_sentence() {
    let Some(ssh) = Real.programs("ssh").into_iter().next() else { return };
    let scratch = Real.scratch().expect("a folder");
    let path = scratch.path().join("config");
    let file = scratch.write("config", format!("Include {}\n", text::path(&path)).as_bytes()).expect("writes");
    let args = ["-F".to_owned(), text::path(&file), "box".to_owned()];
    let target = Target { host: "box".into(), ssh_args: args.to_vec(), ..Target::default() };
    let asked = ask(&Real, Some(&ssh), Some(&target), LIMIT);
    let config = look(&Real, &Real.account(), Some(&target), &asked);
    let config = config.known().expect("ssh read it");
    let [error] = config.errors.as_slice() else { panic!("{config:?}") };
    assert_eq!((error.file.as_str(), error.kind.as_str()), (text::path(&file).as_str(), "stopped"));
    assert!(error.seen.text.to_lowercase().contains("include"), "{error:?}");
    assert!(matches!(&config.port, Fact::Unknown(why) if why.starts_with("ssh refuses its configuration")));
}
