use super::*;
use proptest::prelude::*;

type Said = (Option<String>, Option<usize>, Option<String>, ConfigErrorKind);

fn errors(stderr: &str) -> Vec<Said> {
    let effective = Effective::parse(b"", stderr.as_bytes());
    effective.errors.into_iter().map(|error| (error.file, error.line, error.option, error.kind)).collect()
}

#[test]
fn values_and_provenance_of_a_good_run() {
    let stdout = b"host foo\nuser bob\nport 22\nidentityfile ~/.ssh/x\nidentityfile ~/.ssh/y z\ncanonicaldomains\n";
    let stderr = b"OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.22 25 Aug 2026\r\n\
        debug1: Reading configuration data /home/a b/.ssh/config\r\n\
        debug1: /home/a b/.ssh/config line 1: Applying options for foo\r\n\
        debug3: /home/a b/.ssh/config line 3: Including file /tmp/cfg/inc depth 0\r\n\
        debug1: Reading configuration data /tmp/cfg/inc\r\n\
        debug2: checking match for 'user root' host foo originally foo\r\n\
        debug3: /home/a b/.ssh/config line 4: matched 'user \"root\"' \r\n\
        debug2: match found\r\n\
        debug2: checking match for 'host foo exec \"true\"' host foo originally foo\r\n\
        debug3: /home/a b/.ssh/config line 8: not matched 'host \"zzz\"' \r\n\
        debug3: /home/a b/.ssh/config line 8: skipped exec \"true\"\r\n\
        debug2: match not found\r\n\
        debug1: Executing command: 'corp-vpn-up'\r\n\
        /bin/bash: line 1: corp-vpn-up: command not found\r\n\
        Pseudo-terminal will not be allocated because stdin is not a terminal.\r\n";
    let effective = Effective::parse(stdout, stderr);
    assert_eq!(effective.version.as_ref().map(|found| found.version.to_string()).as_deref(), Some("9.2p1"));
    assert_eq!(effective.all("IdentityFile"), ["~/.ssh/x", "~/.ssh/y z"]);
    assert_eq!(effective.first("user"), Some("bob"));
    assert_eq!(effective.first("canonicaldomains"), Some(""));
    assert_eq!(effective.files_read, ["/home/a b/.ssh/config", "/tmp/cfg/inc"]);
    assert_eq!(effective.hosts[0].place, Place { file: "/home/a b/.ssh/config".into(), line: 1 });
    assert_eq!(effective.executed, ["corp-vpn-up"]);
    let evaluated: Vec<_> = effective.matches.iter().map(|found| (found.condition.as_str(), found.applied)).collect();
    assert_eq!(evaluated, [("user root", true), ("host foo exec \"true\"", false)]);
    assert_eq!(effective.matches[1].place.as_ref().map(|place| place.line), Some(8));
}

#[test]
fn what_a_match_command_writes_is_no_error_of_the_configuration() {
    let effective =
        Effective::parse(b"", b"debug1: Executing command: 'x'\r\n/bin/bash: line 1: x: command not found\r\n");
    assert_eq!(effective.errors, []);
    assert_eq!(effective.other, ["/bin/bash: line 1: x: command not found"]);
}

#[test]
fn a_user_name_that_only_a_configuration_may_have() {
    let found = Effective::parse(b"", b"remote username contains invalid characters\r\n").errors;
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind, found[0].file.as_deref()), (ConfigErrorKind::BadUser, Some("command-line")));
}

#[test]
fn error_wordings_of_many_versions() {
    use ConfigErrorKind::*;
    let cases = [
        ("/home/u/.ssh/config: line 4: Bad configuration option: usekeychain", Some(4), Some("usekeychain"), BadOption),
        (
            "/home/u/.ssh/config: line 1: Bad configuration option: \\357\\273\\277host",
            Some(1),
            Some("\\357\\273\\277host"),
            BadOption,
        ),
        ("/home/u/.ssh/config line 1: unsupported option \"accept_new\".", Some(1), None, BadValue),
        ("/home/u/.ssh/config line 3: Bad port '64535x'.", Some(3), Some("port"), BadValue),
        (
            "/home/u/.ssh/config line 4: no argument after keyword \"identityfile\"",
            Some(4),
            Some("identityfile"),
            BadValue,
        ),
        ("/home/u/.ssh/config line 4: Missing argument.", Some(4), None, BadValue),
        ("/home/u/.ssh/config line 3: keyword port extra arguments at end of line", Some(3), Some("port"), BadValue),
        ("/home/u/.ssh/config line 3: garbage at end of line; \"22\".", Some(3), None, BadValue),
        ("/home/u/.ssh/config line 1: Bad key types '+ssh-dss'.", Some(1), None, BadAlgorithm),
        ("/home/u/.ssh/config line 1: Bad SSH2 cipher spec 'blowfish-cbc'.", Some(1), Some("ciphers"), BadAlgorithm),
        ("/home/u/.ssh/config line 1: Bad SSH2 Mac spec 'foo'.", Some(1), Some("macs"), BadAlgorithm),
        ("/home/u/.ssh/config line 1: Bad protocol 2 host key algorithms 'x'.", Some(1), None, BadAlgorithm),
        ("/home/u/.ssh/config line 1: unsupported log level 'FOO'", Some(1), Some("loglevel"), BadValue),
        ("/home/u/.ssh/config line 1: Invalid ProxyJump \"a:b:c\"", Some(1), Some("proxyjump"), BadValue),
        ("/home/u/.ssh/config line 1: invalid quotes", Some(1), None, BadValue),
        ("/home/u/.ssh/config line 9: Too many recursive configuration includes", Some(9), None, Other),
        ("Bad owner or permissions on /home/u/.ssh/config", None, None, BadPermissions),
        ("Can't open user config file /home/u/.ssh/config: No such file or directory", None, None, Unreadable),
    ];
    for (text, line, option, kind) in cases {
        let stderr = format!("{text}\r\n/home/u/.ssh/config: terminating, 1 bad configuration options\r\n");
        assert_eq!(
            errors(&stderr),
            [(Some("/home/u/.ssh/config".into()), line, option.map(str::to_owned), kind)],
            "{text}"
        );
    }
}

#[test]
fn the_reason_in_the_line_before_goes_with_the_error() {
    let stderr = b"Unsupported Match attribute tagged\r\nc2 line 1: Bad Match condition\r\nUnsupported KEX algorithm \"foo\"\r\nc2 line 2: Bad SSH2 KexAlgorithms 'foo'.\r\n";
    let found = Effective::parse(b"", stderr).errors;
    assert_eq!(found[0].kind, ConfigErrorKind::BadMatch);
    assert_eq!(found[0].detail.as_deref(), Some("Unsupported Match attribute tagged"));
    assert_eq!((found[1].kind, found[1].option.as_deref()), (ConfigErrorKind::BadAlgorithm, Some("kexalgorithms")));
    assert_eq!(found[1].detail.as_deref(), Some("Unsupported KEX algorithm \"foo\""));
}

#[test]
fn command_line_and_windows() {
    assert_eq!(
        errors("command-line: line 0: Bad configuration option: xyz"),
        [(Some("command-line".into()), None, Some("xyz".into()), ConfigErrorKind::BadOption)]
    );
    let windows = "debug1: Reading configuration data C:\\\\Users\\\\u/.ssh/config\r\nC:\\\\Users\\\\u/.ssh/config line 2: Bad port 'x'.\r\n";
    assert_eq!(errors(windows)[0].0.as_deref(), Some("C:\\\\Users\\\\u/.ssh/config"));
    let removing = "Bad permissions. Try removing permissions for user: D\\\\U (S-1-5-21-1) on file C:/Users/u/.ssh/config.\r\nBad owner or permissions on C:\\\\Users\\\\u/.ssh/config\r\n";
    assert_eq!(errors(removing)[0].0.as_deref(), Some("C:/Users/u/.ssh/config"));
    assert_eq!(errors("debug3: Bad owner on C:/Users/u/.ssh/config")[0].3, ConfigErrorKind::BadPermissions);
}

#[test]
fn deprecated_options_are_no_errors() {
    let effective = Effective::parse(
        b"",
        b"debug1: c2 line 1: Deprecated option \"cipher\"\r\n/etc/ssh/ssh_config line 5: Unsupported option \"gssapiauthentication\"\r\n",
    );
    assert_eq!(effective.errors, []);
    let ignored: Vec<_> = effective.ignored.iter().filter_map(|error| error.option.as_deref()).collect();
    assert_eq!(ignored, ["cipher", "gssapiauthentication"]);
}

#[test]
fn tokens_that_do_not_expand() {
    let found =
        Effective::parse(b"", b"vdollar_percent_expand: unknown key %q\r\npercent_dollar_expand: failed\r\n").errors;
    assert_eq!(found[0].kind, ConfigErrorKind::BadValue);
}

proptest! {
    #[test]
    fn never_panics(text in "(debug[1-3]: )?(FILE|a b)?:?( line )?[0-9]{0,3}(: )?(Bad |Applying options for |matched )?\\PC{0,40}\n?\\PC{0,20}", bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = Effective::parse(text.as_bytes(), text.as_bytes());
        let _ = Effective::parse(&bytes, &bytes);
    }
}
