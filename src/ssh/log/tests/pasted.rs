//! Logs as people paste them: broken lines, other text around and between, several things on one line.

use super::logs::*;
use super::*;

const KEY: &str = "SHA256:CYPJKhZPharId3BqdIdJ3xlvGGzf6HiFrktZQHHXuuw";

/// What the screen of a terminal with so many columns holds.
fn wrapped(log: &str, columns: usize) -> String {
    let mut screen = String::new();
    for line in log.lines() {
        let letters: Vec<char> = line.chars().collect();
        let rows: Vec<String> = letters.chunks(columns).map(|row| row.iter().collect()).collect();
        screen.push_str(&rows.join("\n"));
        screen.push('\n');
    }
    screen
}

/// The same, broken at blanks as a mail program does.
fn folded(log: &str, columns: usize) -> String {
    let mut mail = String::new();
    for line in log.lines() {
        let mut width = 0;
        for word in line.split(' ') {
            if width > 0 && width + 1 + word.len() > columns {
                mail.push('\n');
                width = 0;
            } else if width > 0 {
                mail.push(' ');
                width += 1;
            }
            mail.push_str(word);
            width += word.len();
        }
        mail.push('\n');
    }
    mail
}

fn real_log() -> String {
    let log = [START, KEX, NEW_KEYS, OFFERS, REFUSED].concat();
    let log = log.replace("SHA256:filekey", KEY).replace("SHA256:agentkey", KEY).replace("SHA256:hostkeyhostkey", KEY);
    log.replace(
        "server-sig-algs=<ssh-ed25519,rsa-sha2-256,rsa-sha2-512>",
        "server-sig-algs=<ssh-ed25519,sk-ssh-ed25519@openssh.com,sk-ecdsa-sha2-nistp256@openssh.com,ecdsa-sha2-nistp256,ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,rsa-sha2-256,rsa-sha2-512>",
    )
}

/// Without what differs by where a line stands.
fn meaning(log: &str) -> Attempt {
    let mut attempt = attempt(log);
    attempt.last = None;
    for seen in attempt.offers.iter_mut().map(|offer| &mut offer.seen).chain(&mut attempt.decisive) {
        (seen.line, seen.text) = (None, String::new());
    }
    attempt
}

#[test]
fn broken_lines_are_whole_again() {
    let log = real_log();
    let whole = meaning(&log);
    for columns in [60, 72, 80, 83, 90, 100, 120, 132, 160, 200] {
        for text in [
            wrapped(&log, columns),
            wrapped(&log, columns).replace('\n', "\r\n"),
            format!("\n{}", wrapped(&log, columns)).replace('\n', "\n> "),
            format!("\n{}", wrapped(&log, columns)).replace('\n', "\n    "),
        ] {
            let found = meaning(&text);
            assert_eq!(found.offers, whole.offers, "{columns}");
            assert_eq!(found.planned, whole.planned, "{columns}");
            assert_eq!(
                found.denied.map(|denied| denied.host),
                whole.denied.clone().map(|denied| denied.host),
                "{columns}"
            );
            let algorithms = |attempt: &Attempt| attempt.server.as_ref().map(|server| server.sig_algs.clone());
            assert_eq!(algorithms(&meaning(&text)), algorithms(&whole), "{columns}");
        }
    }
}

#[test]
fn folded_lines_are_whole_again() {
    let log = real_log();
    let whole = meaning(&log);
    for columns in [72, 78, 80] {
        let found = meaning(&folded(&log, columns));
        assert_eq!((found.offers, found.planned), (whole.offers.clone(), whole.planned.clone()), "{columns}");
    }
}

#[test]
fn the_number_is_that_of_the_first_part() {
    let log = wrapped(&real_log(), 80);
    let attempt = attempt(&log);
    let line = attempt.offers[1].seen.line.expect("a number");
    let text = log.lines().nth(line - 1).expect("a line");
    assert!(attempt.offers[1].seen.text.starts_with(text), "{text}");
    let last = attempt.decisive.and_then(|seen| seen.line).expect("a number");
    assert_eq!(last, log.lines().count());
}

/// A line that only happens to be long is not put together with what others say next.
#[test]
fn lines_of_their_own_stay() {
    let offer = format!("debug1: Offering public key: /home/ana/.ssh/id_ed25519 ED25519 {KEY} explicit");
    for next in [
        "ana@203.0.113.7: Permission denied (publickey).",
        "Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts.",
        "ana@home:~$ ls",
        "PS C:\\Users\\ana>",
        "any words of a banner",
        "agent or not, this is a sentence",
        "explicit words",
        "",
        "@@@@@@@@@@@@@@@@@@",
    ] {
        let log = format!("{offer}\n{next}\n{offer}\n{next}\n");
        let logged: Vec<Logged> = Events::new(log.as_bytes()).map(|logged| logged.expect("readable")).collect();
        if next.starts_with("any") || next.ends_with("words") || next.ends_with("sentence") {
            // Twice at one width and nowhere wider: nobody could tell these from a broken line.
            continue;
        }
        assert_eq!(logged.len(), 4, "{next}");
        assert_eq!(logged[0].text, offer);
    }
    for next in ["any words of a banner", "agent or not, this is a sentence", "explicit words", "OK"] {
        let log = format!("{offer}\n{next}\ndebug1: Authentications that can continue: publickey\n");
        let logged: Vec<Logged> = Events::new(log.as_bytes()).map(|logged| logged.expect("readable")).collect();
        assert_eq!((logged.len(), logged[0].text.as_str()), (3, offer.as_str()), "{next}");
    }
}

#[test]
fn plain_sentences_break_too() {
    let log =
        "ssh: connect to host ec2-203-0-113-7.eu-central-1.compute.amazonaws.com port 645\n35: Connection refused\n";
    let attempt = attempt(log);
    assert_eq!(attempt.connect.and_then(|connect| connect.reason), Some(ConnectReason::Refused));
    assert_eq!(attempt.decisive.and_then(|seen| seen.line), Some(1));
}

#[test]
fn powershell_writes_a_record_of_the_first_line() {
    let log = "\
ssh.exe : OpenSSH_for_Windows_9.5p1, LibreSSL 3.8.2\r
At line:1 char:1\r
+ ssh.exe -v -p 64535 203.0.113.7 2>&1 | Out-File log.txt\r
+ ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~\r
    + CategoryInfo          : NotSpecified: (OpenSSH_for_Win...LibreSSL 3.8.2:String) [], RemoteException\r
    + FullyQualifiedErrorId : NativeCommandError\r
 \r
debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\r
ssh.exe : ssh: connect to host 203.0.113.7 port 64535: Connection refused\r
    + CategoryInfo          : NotSpecified: (ssh: connect to host 203.0.113.7 port 64535: Connection refused:String) [], RemoteException\r
";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(log.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let mut attempt = Attempt::new("test");
    for logged in Events::new(Decoded::new(&utf16[..]).expect("readable")) {
        attempt.apply(&logged.expect("readable"));
    }
    assert_eq!((attempt.attempts, attempt.outcome), (1, Outcome::ConnectFailed));
    assert_eq!(attempt.decisive.and_then(|seen| seen.line), Some(9));
    assert_eq!(attempt.client.map(|client| client.seen.line), Some(Some(1)));
}

/// The same log, as it looks in all the places where people keep logs.
#[test]
fn a_log_is_the_same_wherever_it_was_pasted() {
    let log = real_log();
    let whole = meaning(&log);
    let lines = |decorate: &dyn Fn(usize, &str) -> String| -> String {
        log.lines().enumerate().map(|(at, line)| decorate(at + 1, line)).collect::<Vec<_>>().join("\n")
    };
    for (place, text) in [
        ("numbers", lines(&|at, line| format!("{at:>4}\t{line}"))),
        ("numbers and a bar", lines(&|at, line| format!("{at:>4} | {line}"))),
        ("grep -n", lines(&|at, line| format!("{at}:{line}"))),
        ("syslog", lines(&|_, line| format!("Nov 22 09:41:20 build-7 ssh[4711]: {line}"))),
        ("journal", lines(&|_, line| format!("2026-11-22T09:41:20+0100 build-7 ssh[4711]: {line}"))),
        ("compose", lines(&|_, line| format!("job-1  | {line}"))),
        ("actions", lines(&|_, line| format!("2026-11-22T09:41:20.1234567Z {line}"))),
        ("a list", lines(&|_, line| format!("- {line}"))),
        ("markdown", format!("```text\n{log}```\n")),
        ("jira", format!("{{noformat}}{log}{{noformat}}")),
        ("code", lines(&|_, line| format!("`{line}`"))),
        (
            "html",
            lines(&|_, line| {
                format!("<span class=\"l\">{}</span><br>", line.replace('<', "&lt;").replace('>', "&gt;"))
            }),
        ),
        ("html on one line", lines(&|_, line| line.replace('<', "&lt;").replace('>', "&gt;")).replace('\n', "<br/>")),
        ("a string", format!("\"{}\"", log.trim_end().replace('\n', "\\r\\n"))),
        ("a list of strings", lines(&|_, line| format!("  '{line}\\r',"))),
        ("a terminal", lines(&|_, line| format!("\u{1b}[0m{line}\u{1b}[K\r"))),
        ("Windows' terminal", lines(&|_, line| format!("\u{1b}[3;1H{}", line.replace(' ', "\u{1b}[1C")))),
        ("script", format!("Script started on 2026-11-22 09:41:20+01:00\n{log}\nScript done\n")),
        ("an old Mac", log.replace('\n', "\r")),
        ("CR CR LF", log.replace('\n', "\r\r\n")),
    ] {
        let found = meaning(&text);
        assert_eq!((found.attempts, found.outcome), (1, whole.outcome), "{place}");
        assert_eq!(found.offers, whole.offers, "{place}");
        assert_eq!(found.denied.map(|denied| denied.user), whole.denied.clone().map(|denied| denied.user), "{place}");
        assert_eq!(
            found.server.map(|server| (server.software, server.sig_algs)),
            whole.server.clone().map(|server| (server.software, server.sig_algs)),
            "{place}"
        );
    }
}

#[test]
fn answers_and_prompts_share_a_line() {
    let password = attempt(
        "ana@203.0.113.7's password: Permission denied, please try again.\nana@203.0.113.7's password: ana@203.0.113.7: Permission denied (publickey,password).\n",
    );
    assert_eq!(password.outcome, Outcome::Refused);
    let passphrase = attempt("Enter passphrase for key '/k': Connection closed by 203.0.113.7 port 64535\n");
    assert_eq!((passphrase.outcome, passphrase.needs), (Outcome::Closed, Some(Needs::Passphrase)));
    let remote = attempt("circleci@6c5f0e3a9b12:~/project$ Connection to 203.0.113.7 closed by remote host.\n");
    assert_eq!(remote.session.and_then(|session| session.ended), Some(SessionEnd::ClosedByRemote));
    let spinner = attempt("⠋ waiting\r⠙ waiting\rssh: connect to host 203.0.113.7 port 64535: Connection refused\n");
    assert_eq!(spinner.outcome, Outcome::ConnectFailed);
}

/// What a server writes down about its clients is not a client's log.
#[test]
fn a_servers_log_is_another_programs() {
    let attempt = attempt(
        "Nov 22 09:41:20 h sshd[12]: Connection closed by authenticating user ana 203.0.113.9 port 4711 [preauth]\nNov 22 09:41:21 h sshd[12]: Received disconnect from 203.0.113.9 port 4711:11: disconnected by user\nNov 22 09:41:21 h sshd-session[12]: error: kex_exchange_identification: Connection closed by remote host\n",
    );
    assert_eq!((attempt.attempts, attempt.outcome), (0, Outcome::Unknown));
}
