//! What people paste, and what is made of it.

use proptest::prelude::*;

use super::*;

const SESSION: &str = "057f0065-7e6d-4912-921b-50917ff046a3-0@ssh.circleci.com";

fn login(asked: Result<Asked, TargetError>) -> Target {
    match asked {
        Ok(Asked::Login(target)) => *target,
        other => panic!("{other:?}"),
    }
}

/// The words as a shell would hand them over.
fn typed(line: &str) -> Result<Asked, TargetError> {
    from_words(&shlex::split(line).expect("a shell line"), false)
}

fn pasted(text: &str) -> Result<Asked, TargetError> {
    from_text(text, false)
}

fn text_of(lines: &[&str]) -> String {
    lines.join("\n")
}

/// Every way to hand a line over that must mean the same.
fn every_way(line: &str) -> [Target; 2] {
    [login(typed(line)), login(pasted(line))]
}

#[test]
fn commands_in_every_dress() {
    let session = format!("ssh {SESSION}");
    let session443 = format!("ssh -p 443 {SESSION}");
    let session_args = format!("-p 443 {SESSION}");
    for (line, args, form) in [
        ("-p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("-p64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("203.0.113.7 -p 64535", "-p 64535 203.0.113.7", Form::Direct),
        ("ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("/usr/bin/ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("command ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("TERM=xterm ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("'$' ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("ana@mbp:~$ ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Form::Direct),
        ("ssh -tv -p 54782 runner.example.org", "-p 54782 runner.example.org", Form::Direct),
        ("ssh -o Port=64535 -o User=ubuntu 203.0.113.7", "-p 64535 ubuntu@203.0.113.7", Form::Direct),
        ("ssh -p 1022 -p 2 203.0.113.7", "-p 1022 203.0.113.7", Form::Other),
        ("ssh://ubuntu@203.0.113.7:64535", "-p 64535 ubuntu@203.0.113.7", Form::Direct),
        ("ssh ssh://203.0.113.7:64535/", "-p 64535 203.0.113.7", Form::Direct),
        (&session, SESSION, Form::Proxy),
        (&session443, &session_args, Form::Proxy),
        (SESSION, SESSION, Form::Proxy),
        ("ssh.circleci.com", "ssh.circleci.com", Form::ProxyHost),
        ("ana@ssh.circleci.com", "ana@ssh.circleci.com", Form::ProxyHost),
        ("ssh -l ana ssh.circleci.com", "ana@ssh.circleci.com", Form::ProxyHost),
        ("ssh -4 -i ~/.ssh/id_x -J ana@bastion:2222 job", "-4 -i ~/.ssh/id_x -J ana@bastion:2222 job", Form::Alias),
        ("ssh -p 64535 [2001:db8::7]", "-p 64535 2001:db8::7", Form::Direct),
        ("ssh -p 64535 fe80::1%eth0", "-p 64535 fe80::1%eth0", Form::Direct),
        ("::1", "::1", Form::Other),
        ("ci-job", "ci-job", Form::Alias),
        ("host.example.org", "host.example.org", Form::Other),
    ] {
        for target in every_way(line) {
            assert_eq!(target.ssh_args.join(" "), args, "{line}");
            assert_eq!(target.form, form, "{line}");
            assert_eq!((target.slip, target.left_out.len()), (None, 0), "{line}");
        }
    }
}

#[test]
fn users_and_hosts_as_ssh_takes_them() {
    for (line, user, host) in [
        (r"ssh 'CORP\ana'@203.0.113.7", r"CORP\ana", "203.0.113.7"),
        ("ssh -l 'ana maria' h", "ana maria", "h"),
        ("ssh -l \"o'brien\" h", "o'brien", "h"),
        ("ssh ana@corp.example@h", "ana@corp.example", "h"),
        ("ssh -l 'svc$' h", "svc$", "h"),
        ("ssh 'Jürgen@h'", "Jürgen", "h"),
        ("ssh ssh://CORP%5Cana@h", r"CORP\ana", "h"),
        ("ssh a@Job_1.EXAMPLE.org.", "a", "Job_1.EXAMPLE.org."),
        ("ssh a@bücher.example", "a", "bücher.example"),
        ("ssh a@work+ci", "a", "work+ci"),
        ("ssh a@[fe80::1%eth0]", "a", "fe80::1%eth0"),
    ] {
        let target = login(typed(line));
        assert_eq!((target.user.as_deref(), target.host.as_str()), (Some(user), host), "{line}");
    }
    assert_eq!(login(typed("-p ssh h")).port, Some(22));
}

#[test]
fn slips_with_the_port_and_a_word_too_many() {
    for (line, args, slip) in [
        ("ssh -p 64535, 203.0.113.7", "-p 64535 203.0.113.7", Slip::BadPort),
        ("ssh -p 203.0.113.7 64535", "-p 64535 203.0.113.7", Slip::BadPort),
        ("ssh --port 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::BadPort),
        ("ssh --port=64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::BadPort),
        ("ssh ssh -p 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::SshTwice),
        ("ssh ssh ana@203.0.113.7", "ana@203.0.113.7", Slip::SshTwice),
    ] {
        for target in every_way(line) {
            assert_eq!((target.ssh_args.join(" ").as_str(), target.slip), (args, Some(slip)), "{line}");
        }
    }
    let host = login(typed("ssh ssh uptime"));
    assert_eq!((host.host.as_str(), host.slip), ("ssh", None), "a Host of the configuration may be called that");
}

#[test]
fn remote_commands_are_all_that_follows() {
    for (line, command, shell, windows) in [
        ("ssh -t -p 54782 203.0.113.7 -- bash.exe", "bash.exe", false, true),
        ("ssh -p 64535 203.0.113.7 -t bash -p x", "bash -p x", false, false),
        ("ssh -p 64535 203.0.113.7 export A=1", "export A=1", true, false),
        ("ssh -p 64535 203.0.113.7 'cd /x && ls'", "cd /x && ls", true, false),
        ("ssh -p 64535 -o RemoteCommand='export A=1' 203.0.113.7", "export A=1", true, false),
        // A host with a login shell of its own.
        ("ssh host.example.org 'cd /x && ls'", "cd /x && ls", false, false),
        ("ssh -p 64535 -s 203.0.113.7 export", "export", false, false),
    ] {
        for target in every_way(line) {
            assert_eq!(target.remote_command.join(" "), command, "{line}");
            assert_eq!((target.command_needs_shell, target.windows_shell), (shell, windows), "{line}");
        }
    }
    assert!(login(typed("ssh -t -p 54782 203.0.113.7 -- bash.exe")).tty);
    assert!(login(typed("ssh -T h")).no_tty);
    assert!(login(typed("ssh -o RequestTTY=force h")).tty);
    // What the local shell would have done with the rest is not the remote command.
    assert!(login(pasted("ssh -p 64535 203.0.113.7 && echo done")).remote_command.is_empty());
}

#[test]
fn slips_are_understood_and_remembered() {
    for (line, args, slip) in [
        ("ssh -P 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::UppercaseP),
        ("ssh 203.0.113.7:64535", "-p 64535 203.0.113.7", Slip::HostColonPort),
        ("ubuntu@203.0.113.7:64535", "-p 64535 ubuntu@203.0.113.7", Slip::HostColonPort),
        ("ssh [::1]:64535", "-p 64535 ::1", Slip::HostColonPort),
        ("ssh –p 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::TypographicDash),
        ("ssh —p 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::TypographicDash),
        ("−p 64535 203.0.113.7", "-p 64535 203.0.113.7", Slip::TypographicDash),
        ("ssh -t -p 54782 203.0.113.7 — bash.exe", "-p 54782 203.0.113.7", Slip::TypographicDash),
    ] {
        for target in every_way(line) {
            assert_eq!(target.ssh_args.join(" "), args, "{line}");
            assert_eq!(target.slip, Some(slip), "{line}");
        }
    }
    let tagged = login(typed("-P work host"));
    assert_eq!((tagged.ssh_args.join(" "), tagged.slip), ("-P work host".into(), None));
}

#[test]
fn a_missing_port_is_a_missing_port() {
    assert!(login(typed("203.0.113.7")).port_missing);
    assert!(login(typed("::1")).port_missing);
    for line in ["-p 22 203.0.113.7", "ci-job", "host.example.org", SESSION] {
        assert!(!login(typed(line)).port_missing, "{line}");
    }
}

#[test]
fn what_cannot_be_a_target_says_what_to_give() {
    for (line, words) in [
        ("ssh", "names no host"),
        ("-p 64535", "names no host"),
        ("-p <port> <ip-address>", "stands for a value"),
        ("-p 64535 <ip-address>", "`<ip-address>` stands for"),
        ("-p port 203.0.113.7", "`port` stands for"),
        ("-p 64535 x.x.x.x", "stands for a value"),
        ("'<uuid>-0@ssh.circleci.com'", "stands for a value"),
        ("-p '$PORT' h", "stands for a value"),
        ("-p 64535 {{ip}}", "stands for a value"),
        ("-p 0 h", "`0` is no port"),
        ("-p 65536 h", "`65536` is no port"),
        ("-p 64535x h", "was 64535 meant?"),
        ("-p +22 h", "`+22` is no port"),
        ("203.0.113.7:0", "`0` is no port"),
        ("-p", "-p needs a value"),
        ("-Z h", "no option -Z"),
        ("ssh -- -oProxyCommand=x", "begins with a hyphen"),
        ("ssh -l -x h", "begins with a hyphen"),
        ("ssh '@h'", "nothing stands before the @"),
        ("ssh -oUser=-x h", "begins with a hyphen"),
        ("ssh 'h;reboot'", "is no host"),
        ("ssh 'a;b@h'", "is no user"),
        ("ssh 'a -b@h'", "is no user"),
        ("ssh -l 'a\\' h", "is no user"),
        ("ssh -l '$(reboot)' h", "is no user"),
        ("ssh 'h$(reboot)'", "is no host"),
        ("ssh -J '-oProxyCommand=x' h", "begins with a hyphen"),
        ("ssh -J 'a`b`' h", "is no host"),
        ("ssh 'h/../x'", "is no host"),
        ("https://example.org/x", "is a web address"),
        ("ssh ftp://example.org", "is a web address"),
    ] {
        let error = typed(line).expect_err(line).to_string();
        assert!(error.contains(words), "{line}: {error}");
    }
    for (text, words) in [
        ("", "empty"),
        ("  \n\n", "empty"),
        ("please help\nit does not work", "no ssh command was found"),
        ("ssh\n", "names no host"),
        ("debug1: Connecting to h\ndebug1: x", "output of ssh -v"),
        ("-p <port> <ip-address>", "stands for a value"),
        ("ssh -p <port> <ip-address>", "stands for a value"),
    ] {
        let error = pasted(text).expect_err(text).to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
}

#[test]
fn pasted_text_cannot_run_programs() {
    for option in [
        "-F /tmp/config",
        "-o ProxyCommand='sh -c x'",
        "-oProxyCommand=x",
        "-o 'proxycommand x'",
        "-o LocalCommand=x",
        "-o PermitLocalCommand=yes",
        "-o KnownHostsCommand=/tmp/x",
        "-o PKCS11Provider=/tmp/x.so",
        "-o SecurityKeyProvider=/tmp/x.so",
        "-o Include=/tmp/x",
        "-o IdentityAgent=/tmp/x",
        "-o XAuthLocation=/tmp/x",
        "-o UserKnownHostsFile=/tmp/x",
        "-o ControlPath=/tmp/x",
        "-o CertificateFile=/tmp/x",
        "-o SomethingNew=/tmp/x",
        "-I /tmp/x.so",
        "-S /tmp/x",
        "-E /tmp/x",
        "-O exit",
        "-w any",
        "-W h:22",
    ] {
        let line = format!("ssh {option} -p 64535 203.0.113.7");
        for target in every_way(&line) {
            assert_eq!(target.ssh_args, ["-p", "64535", "203.0.113.7"], "{line}");
            assert_eq!(target.left_out.len(), 1, "{line}");
        }
    }
    let asked = |line: &str, allow| login(from_words(&shlex::split(line).expect("splits"), allow));
    assert_eq!(asked("ssh -F x h", true).ssh_args, ["-F", "x", "h"]);
    assert_eq!(asked("-F x h", false).ssh_args, ["-F", "x", "h"]);
    assert_eq!(asked("-o 'ProxyCommand=nc %h %p' h", false).ssh_args, ["-o", "ProxyCommand=nc %h %p", "h"]);
    assert!(asked("-F x h", false).left_out.is_empty());
}

#[test]
fn the_session_is_left_to_the_user() {
    for target in every_way("ssh -v -vvv -N -f -t -t -q -A -C -L 5901:localhost:5900 -o LogLevel=DEBUG -X h") {
        assert_eq!(target.ssh_args, ["h"]);
        assert!(target.left_out.is_empty());
    }
}

#[test]
fn identities_can_be_exchanged() {
    let target = login(typed("-i a -i a -o IdentitiesOnly=yes -o Ciphers=aes128-ctr -p 64535 203.0.113.7"));
    assert_eq!(target.ssh_args.join(" "), "-p 64535 -i a -o Ciphers=aes128-ctr -o IdentitiesOnly=yes 203.0.113.7");
    assert_eq!(target.ssh_args_without_identity.join(" "), "-p 64535 -o Ciphers=aes128-ctr 203.0.113.7");
    assert_eq!(target.identity_files, ["a"]);
}

const CLASSIC: &[&str] = &[
    "",
    "You can now SSH into this box if your SSH public key is added:",
    "    $ ssh -p 64537 203.0.113.7",
    "",
    "Use the same SSH public key that you use for your VCS-provider (e.g., GitHub).",
    "",
    "RSA key fingerprint of the host is",
    "  SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw",
    "  MD5:35:8a:4a:b3:3f:3f:0d:ad:f8:36:44:ce:a7:6e:01:22",
    "",
    "This box will stay up for 2h0m0s, or until 10m0s passes without ",
    "an active SSH session.",
];

#[test]
fn the_enable_ssh_step_is_read_whole() {
    let plain = text_of(CLASSIC);
    let dressed = CLASSIC.iter().map(|line| format!("[16:00:01] \u{1b}[32m{line}\u{1b}[0m\r\n")).collect::<String>();
    let stamped = CLASSIC.iter().map(|line| format!("2026-11-22T16:00:01.000Z {line}\n")).collect::<String>();
    let decoys = format!("Adding key for ana@example.com\nAdding key for bo@example.com\n{plain}");
    let spaced = plain.replace(' ', "\u{a0}");
    for text in [&plain, &dressed, &stamped, &decoys, &spaced] {
        let target = login(pasted(text));
        assert_eq!(target.ssh_args, ["-p", "64537", "203.0.113.7"], "{text}");
        let step = target.enable_ssh.expect("the step");
        assert_eq!(step.state, State::Ready);
        assert_eq!(step.commands, ["ssh -p 64537 203.0.113.7"]);
        assert_eq!(step.fingerprints.len(), 1);
        assert_eq!(step.fingerprints[0].sha256, "SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw");
        assert_eq!(step.fingerprints[0].family.as_deref(), Some("rsa"));
        assert_eq!(step.stays_up.as_deref(), Some("2h0m0s"));
        assert_eq!(step.waits.as_deref(), Some("10m0s"));
    }
    // As one word of the command line, too.
    assert_eq!(login(from_words(&[plain], false)).port, Some(64537));
}

#[test]
fn every_form_of_the_step() {
    let newer = format!(
        "You can now SSH into this job if your SSH public key is added:\n    $ ssh {SESSION}\n\
         ED25519 key fingerprint of the host is\n SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw (ED25519)\n"
    );
    let target = login(pasted(&newer));
    assert_eq!((target.form, target.ssh_args.join(" ")), (Form::Proxy, SESSION.into()));
    let printed = &target.enable_ssh.expect("the step").fingerprints[0];
    assert_eq!(printed.sha256, "SHA256:gmdDJdpQLMdwGZi7tgZMJvHsbaN3ctAMn8U5paOPasw");
    assert_eq!(printed.family.as_deref(), Some("ed25519"));

    let windows = "You can now SSH into this box if your SSH public key is added:\n    \
                   $ ssh -t -p 54782 203.0.113.7 -- bash.exe\n    $ ssh -t -p 54782 203.0.113.7 -- cmd.exe\n    \
                   $ ssh -t -p 54782 203.0.113.7 -- powershell.exe\n";
    let target = login(pasted(windows));
    assert!(target.tty && target.windows_shell && !target.command_needs_shell);
    assert_eq!(target.enable_ssh.expect("the step").commands.len(), 3);

    for (text, state) in [
        (
            "Failed to enable SSH\nNo SSH key is found. Please make sure you’ve added at least one SSH key in your VCS \
             account.",
            State::NoKey,
        ),
        ("No SSH key is found.", State::NoKey),
        ("Failed to enable SSH\n", State::Failed),
        ("Setting up SSH...", State::NotReady),
        ("Enable SSH\n", State::NotReady),
    ] {
        let target = login(pasted(text));
        assert_eq!((target.form, target.ssh_args.len()), (Form::None, 0), "{text}");
        assert_eq!(target.enable_ssh.expect("the step").state, state, "{text}");
    }
}

#[test]
fn the_samples_of_the_step() {
    // A single command without the step's words is a command.
    let target = login(pasted(&format!("    $ ssh -p 443 {SESSION}\n")));
    assert_eq!((target.port, target.enable_ssh), (Some(443), None));
}

#[test]
fn another_programs_command_is_not_read_as_sshs() {
    for asked in [pasted("scp -P 64535 a 203.0.113.7:b"), typed("scp -P 64535 a 203.0.113.7:b")] {
        assert!(matches!(asked, Err(TargetError::OtherProgram("scp"))), "{asked:?}");
    }
    assert_eq!(login(typed("scp")).host, "scp");
}

#[test]
fn commands_are_found_in_prose() {
    for text in [
        "Hi, can you run `ssh -p 64535 203.0.113.7` and tell me?",
        "Try this: ssh -p 64535 203.0.113.7.",
        "an active ssh session is needed,\nso: (ssh -p 64535 203.0.113.7)",
        "PS C:\\Users\\ana> ssh -p 64535 203.0.113.7",
        "C:\\>ssh.exe -p 64535 203.0.113.7",
        "(venv) ana@mbp ~ % ssh -p 64535 203.0.113.7\nana@203.0.113.7: Permission denied (publickey).",
        "> ssh -p 64535 \\\n>   203.0.113.7",
        "ssh -p 64535 `\n  203.0.113.7",
        "1. ssh -p 64535 203.0.113.7",
        "* ssh -p 64535 203.0.113.7",
        "\\ssh -p 64535 203.0.113.7",
        "OpenSSH_9.2p1\n$ ssh -p 64535 203.0.113.7\ndebug1: x",
    ] {
        assert_eq!(login(pasted(text)).ssh_args, ["-p", "64535", "203.0.113.7"], "{text}");
    }
}

#[test]
fn a_job_is_recognised() {
    let url =
        "https://app.circleci.com/pipelines/github/acme/web/12/workflows/057f0065-7e6d-4912-921b-50917ff046a3/jobs/3";
    for asked in [typed(url), pasted(url), pasted(&format!("{url}\n"))] {
        assert!(matches!(asked, Ok(Asked::Job(_))), "{asked:?}");
    }
    // A command beside it says more.
    assert_eq!(login(pasted(&format!("{url}\nssh -p 64535 203.0.113.7"))).port, Some(64535));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}|(ssh|-[a-zA-Z]|--|[ \\n'\"`$@:\\[\\]<>–]|[0-9]{1,6}|[a-z.]{1,9}|\\x1b\\[){0,40}") {
        harmless(from_text(&text, false))?;
        let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        harmless(from_words(&words, false))?;
        harmless(from_words(&words, true))?;
    }

    #[test]
    fn no_destination_becomes_an_option(word in "(-|–|ssh://|@|\\[|[a-zA-Z0-9.:%_-]){1,30}", user in "\\PC{1,12}") {
        harmless(from_words(&["ssh".into(), "--".into(), word.clone()], false))?;
        harmless(from_words(&[format!("{user}@{word}")], false))?;
        harmless(from_words(&["-l".into(), user, word], false))?;
    }
}

fn harmless(asked: Result<Asked, TargetError>) -> Result<(), TestCaseError> {
    let target = match asked {
        Ok(Asked::Login(target)) => target,
        Ok(Asked::Job(_)) => return Ok(()),
        Err(error) => {
            prop_assert!(!error.to_string().is_empty());
            return Ok(());
        }
    };
    let odd = |text: &str| {
        text.starts_with('-')
            || text.chars().any(|c| c.is_control() || c.is_whitespace() || "`$;|&<>'\"(){}*?!".contains(c))
    };
    prop_assert!(!odd(&target.host), "{:?}", target.host);
    let user = target.user.as_deref().unwrap_or_default();
    prop_assert!(
        !user.starts_with('-') && !user.chars().any(|c| c.is_control() || "`;|&<>(){}".contains(c)),
        "{user:?}"
    );
    prop_assert!(target.port != Some(0));
    prop_assert!(!target.ssh_args.last().is_some_and(|host| host.starts_with('-')));
    Ok(())
}
