//! What is no log of a login to a job: other programs' logs, prose, other hosts' logins, and what is no text at all.

use std::io::{self, BufRead, BufReader, Read};

use cci_ssh::{
    doctor::{Capture, CaptureError},
    findings::Verdict,
};

use super::pipeline::{Complaints, Said, judge};

/// Logs of other programs. Some speak of ssh, of keys, of refused connections; none of them is a login that ssh tried.
const STRANGERS: [(&str, &str); 24] = [
    (
        "nginx",
        "2026/11/22 09:41:20 [error] 31#31: *1 connect() failed (111: Connection refused) while connecting to upstream, client: 203.0.113.5, server: example.com, request: \"GET / HTTP/1.1\", upstream: \"http://127.0.0.1:8080/\"\n\
         203.0.113.5 - - [22/Nov/2026:09:41:21 +0000] \"GET / HTTP/1.1\" 502 157 \"-\" \"curl/8.5.0\"\n",
    ),
    (
        "sshd",
        "Nov 22 09:41:20 box sshd[4711]: Connection from 203.0.113.5 port 50022 on 10.0.0.2 port 22 rdomain \"\"\n\
         Nov 22 09:41:20 box sshd[4711]: Failed publickey for ana from 203.0.113.5 port 50022 ssh2: RSA SHA256:XZkWAFVAoW0gR5j0oK1Pdv1i/REP84L0lgYPtNbx0d0\n\
         Nov 22 09:41:21 box sshd[4711]: Connection closed by authenticating user ana 203.0.113.5 port 50022 [preauth]\n",
    ),
    (
        "sshd, accepted",
        "Nov 22 09:41:20 box sshd[4711]: Accepted publickey for ana from 203.0.113.5 port 50022 ssh2: ED25519 SHA256:XZkWAFVAoW0gR5j0oK1Pdv1i/REP84L0lgYPtNbx0d0\n\
         Nov 22 09:41:20 box sshd[4711]: pam_unix(sshd:session): session opened for user ana(uid=1000) by (uid=0)\n\
         Nov 22 09:55:20 box sshd[4711]: Received disconnect from 203.0.113.5 port 50022:11: disconnected by user\n\
         Nov 22 09:55:20 box sshd[4711]: Disconnected from user ana 203.0.113.5 port 50022\n",
    ),
    (
        "sshd with -d",
        "debug1: sshd version OpenSSH_9.6, OpenSSL 3.0.13 30 Jan 2024\n\
         debug1: private host key #0: ssh-rsa SHA256:XZkWAFVAoW0gR5j0oK1Pdv1i/REP84L0lgYPtNbx0d0\n\
         debug1: rexec_argv[0]='/usr/sbin/sshd'\n\
         debug1: Bind to port 2222 on 0.0.0.0.\n\
         Server listening on 0.0.0.0 port 2222.\n\
         debug1: Server will not fork when running in debugging mode.\n\
         Connection from 127.0.0.1 port 50022 on 127.0.0.1 port 2222 rdomain \"\"\n\
         debug1: userauth-request for user ana service ssh-connection method none [preauth]\n\
         debug1: attempt 0 failures 0 [preauth]\n\
         Failed publickey for ana from 127.0.0.1 port 50022 ssh2: ED25519 SHA256:XZkWAFVAoW0gR5j0oK1Pdv1i/REP84L0lgYPtNbx0d0\n\
         Connection closed by authenticating user ana 127.0.0.1 port 50022 [preauth]\n\
         debug1: do_cleanup [preauth]\n",
    ),
    (
        "git over https",
        "Cloning into 'cci-demo'...\nremote: Invalid username or token. Password authentication is not supported for Git operations.\n\
         fatal: Authentication failed for 'https://github.com/example/cci-demo.git/'\n",
    ),
    (
        "git, no network",
        "Cloning into 'cci-demo'...\nfatal: unable to access 'https://github.com/example/cci-demo.git/': Could not resolve host: github.com\n",
    ),
    (
        "docker build",
        "#12 [build 4/7] RUN apt-get update\n#12 0.412 Get:1 http://mirror.example/debian bookworm InRelease [151 kB]\n\
         #12 3.456 E: Unable to locate package openssh-clientt\n#12 ERROR: process \"/bin/sh -c apt-get install -y openssh-clientt\" did not complete successfully: exit code: 100\n",
    ),
    (
        "docker pull",
        "Error response from daemon: Get \"https://registry.example/v2/\": dial tcp: lookup registry.example: no such host\n",
    ),
    (
        "docker socket",
        "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: dial unix /var/run/docker.sock: connect: permission denied\n",
    ),
    (
        "npm",
        "npm ERR! code ECONNREFUSED\nnpm ERR! syscall connect\nnpm ERR! errno ECONNREFUSED\nnpm ERR! FetchError: request to http://localhost:4873/left-pad failed, reason: connect ECONNREFUSED 127.0.0.1:4873\n",
    ),
    (
        "kubectl",
        "The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\nUnable to connect to the server: dial tcp 10.0.0.1:6443: i/o timeout\n",
    ),
    (
        "rsync daemon",
        "rsync: [Receiver] failed to connect to backup.example.com (192.0.2.10): Connection refused (111)\nrsync error: error in socket IO (code 10) at clientserver.c(139) [Receiver=3.2.7]\n",
    ),
    (
        "journalctl",
        "Nov 22 09:41:20 box systemd[1]: Starting OpenBSD Secure Shell server...\nNov 22 09:41:20 box systemd[1]: Started OpenBSD Secure Shell server.\n\
         Nov 22 09:41:22 box kernel: [UFW BLOCK] IN=eth0 OUT= SRC=203.0.113.5 DST=10.0.0.2 PROTO=TCP DPT=64535\n",
    ),
    (
        "ansible",
        "PLAY [all] *********************************************************************\n\nTASK [Gathering Facts] *********************************************************\n\
         ok: [web1]\nfatal: [web2]: FAILED! => {\"changed\": false, \"msg\": \"No package matching 'nginxx' is available\"}\n\nPLAY RECAP *********************************************************************\nweb1 : ok=1 changed=0 unreachable=0 failed=0\n",
    ),
    (
        "go test",
        "=== RUN   TestDial\n    dial_test.go:21: dial tcp 127.0.0.1:2222: connect: connection refused\n--- FAIL: TestDial (0.00s)\n    dial_test.go:30: ssh: handshake failed: ssh: unable to authenticate, attempted methods [none publickey], no supported methods remain\nFAIL\nexit status 1\nFAIL\texample.com/dial\t0.004s\n",
    ),
    (
        "curl",
        "*   Trying 203.0.113.7:443...\n* connect to 203.0.113.7 port 443 failed: Connection refused\n* Failed to connect to 203.0.113.7 port 443 after 3 ms: Couldn't connect to server\n* Closing connection 0\ncurl: (7) Failed to connect to 203.0.113.7 port 443 after 3 ms: Couldn't connect to server\n",
    ),
    (
        "psql",
        "psql: error: connection to server at \"203.0.113.7\", port 5432 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n",
    ),
    (
        "a shell",
        "$ cat secret\ncat: secret: Permission denied\n$ ./deploy.sh\nbash: ./deploy.sh: Permission denied\n$ mkdir /x\nmkdir: cannot create directory '/x': Permission denied\n",
    ),
    ("telnet", "Trying 203.0.113.7...\ntelnet: Unable to connect to remote host: Connection refused\n"),
    (
        "gpg",
        "gpg: can't connect to the agent: IPC connect call failed\ngpg: keydb_search failed: No agent running\ngpg: decryption failed: No secret key\n",
    ),
    (
        "a question",
        "Hi, since this morning our pipeline says \"Permission denied (publickey)\" when I try to log in, although my key is on GitHub.\nWhat does that mean? I have read that it can be the agent, or the key's mode.\n",
    ),
    (
        "an article",
        "If ssh prints Permission denied (publickey). the server refused every key that was offered to it.\nWhen the connection is refused, ssh says: Connection refused. When the host key has changed, there is a large warning.\n",
    ),
    (
        "source code",
        "    if err != nil {\n        return fmt.Errorf(\"ssh: connect to host %s port %d: %w\", host, port, err)\n    }\n    // Permission denied (publickey) is handled above.\n",
    ),
    (
        "a configuration",
        "Host *\n    IdentityFile ~/.ssh/id_ed25519\n    IdentitiesOnly yes\nHost job\n    HostName 203.0.113.7\n    Port 64535\n",
    ),
];

/// Nothing may be certain about what is no login.
fn hold(name: &str, text: &str, complaints: &mut Complaints) {
    let said = match judge(text.as_bytes()) {
        Err(CaptureError::NoSsh { .. } | CaptureError::Server { .. }) => return,
        Err(error) => return complaints.add("another error", format!("{name}: {error}")),
        Ok(said) => said,
    };
    if said.verdict == Verdict::Healthy {
        complaints.add("a stranger is healthy", name);
    }
    if let Some(claim) = said.first() {
        complaints.add("a stranger has a cause", format!("{name}: {claim:?}"));
    }
}

#[test]
fn other_programs_logs_are_none_of_ssh() {
    let mut complaints = Complaints::default();
    for (name, text) in STRANGERS {
        hold(name, text, &mut complaints);
        hold(&format!("{name}, CRLF"), &text.replace('\n', "\r\n"), &mut complaints);
    }
    complaints.expect_none();
}

/// The other side's log looks like the client's, and is told from it.
#[test]
fn a_server_s_log_is_called_so() {
    for (name, text) in STRANGERS.iter().filter(|(name, _)| name.starts_with("sshd")) {
        let error = judge(text.as_bytes()).map(|said| said.brief()).expect_err(name);
        assert!(matches!(error, CaptureError::Server { line: 1.., .. }), "{name}: {error}");
    }
    let client = "Nov 22 09:41:20 box sshd[4711]: Failed publickey for ana from 203.0.113.5 port 50022 ssh2\n\
                  ana@203.0.113.7: Permission denied (publickey).\n";
    assert!(judge(client.as_bytes()).is_ok(), "the client's own line stands beside the server's");
}

#[test]
fn pairs_of_strangers_are_none_either() {
    let mut complaints = Complaints::default();
    for (one, first) in STRANGERS {
        for (other, second) in STRANGERS.iter().step_by(9) {
            hold(&format!("{one} and {other}"), &format!("{first}{second}"), &mut complaints);
        }
    }
    complaints.expect_none();
}

/// A login at a git host is a login, and it failed; but what lets in there says nothing about a job, so what is told is
/// about that host, by its name, and it is not certain which key was meant.
#[test]
fn a_git_host_is_no_job() {
    let logs = [
        "$ git clone git@github.com:example/demo.git\nCloning into 'demo'...\ngit@github.com: Permission denied (publickey).\n\
         fatal: Could not read from remote repository.\n\nPlease make sure you have the correct access rights\nand the repository exists.\n",
        "git@bitbucket.org: Permission denied (publickey).\nfatal: Could not read from remote repository.\n",
        "git@gitlab.com: Permission denied (publickey,keyboard-interactive).\nfatal: Could not read from remote repository.\n",
    ];
    for log in logs {
        let said = judge(log.as_bytes()).expect("ssh said so");
        let host = ["github.com", "bitbucket.org", "gitlab.com"].into_iter().find(|host| log.contains(host));
        assert_eq!(said.certainties().map(|claim| claim.check.as_str()).collect::<Vec<_>>(), [""; 0], "{log}");
        assert_ne!(said.verdict, Verdict::Healthy, "{log}");
        let top = said.findings.first().expect("it failed");
        assert!(top.title.contains(host.unwrap_or_default()), "{}", top.title);
    }
}

/// The greeting of a git host ends in a closed connection, and all is well.
#[test]
fn the_greeting_of_a_git_host_is_no_failure() {
    let log = "$ ssh -T git@github.com\nHi ana! You've successfully authenticated, but GitHub does not provide shell access.\n";
    match judge(log.as_bytes()) {
        Err(error) => assert!(matches!(error, CaptureError::NoSsh { .. }), "{error}"),
        Ok(said) => assert!(said.first().is_none(), "{}", said.brief()),
    }
}

fn refused(log: &[u8]) -> CaptureError {
    judge(log).map(|said: Said| said.brief()).expect_err("it is no log")
}

#[test]
fn what_is_no_text_is_refused() {
    assert!(matches!(refused(b""), CaptureError::Empty(_)));
    for none in [
        &b"\n"[..],
        b"\r",
        b"\0",
        b"\r\r\r\r\r",
        b"\n\n\n \n",
        b"\xff\xfe",
        b"\xfe\xff",
        b"\xef\xbb\xbf",
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0>\0\x01\0\0\0",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"PK\x03\x04\x14\0\0\0\x08\0",
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n",
        b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
    ] {
        let error = refused(none).to_string();
        assert!(error.len() < 400 && !error.chars().any(char::is_control), "{none:?}: {error}");
    }
}

/// A log that never ends, of which as much is read as is asked for.
struct Endless {
    part: Vec<u8>,
    left: usize,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.part.len()).min(self.left);
        buffer[..length].copy_from_slice(&self.part[..length]);
        self.left -= length;
        Ok(length)
    }
}

fn endless(part: &str, bytes: usize) -> impl BufRead {
    BufReader::with_capacity(part.len(), Endless { part: part.as_bytes().to_vec(), left: bytes })
}

/// What is kept of a log has a limit, whatever the log repeats.
#[test]
fn an_attempt_stays_small() {
    let many = |line: &str, count: usize| line.repeat(count);
    let attempt = |number: usize| {
        format!(
            "OpenSSH_9.6p1, OpenSSL 3.0.13\ndebug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n\
             debug1: connect to address 203.0.113.7 port 64535: Connection refused\n\
             ssh: connect to host 203.0.113.7 port {}: Connection refused\n",
            number % 60000 + 1
        )
    };
    let logs = [
        ("one line", format!("debug1: Offering public key: {}", many("x", 1 << 20))),
        (
            "names",
            (0..3000).map(|n| format!("debug1: Offering public key: /home/ana/.ssh/key{n} RSA SHA256:{n}\n")).collect(),
        ),
        ("tried", (0..3000).map(|n| format!("debug1: Trying private key: /home/ana/.ssh/key{n}\n")).collect()),
        (
            "problems",
            (0..3000).map(|n| format!("/home/ana/.ssh/config: line {n}: Bad configuration option: x{n}\n")).collect(),
        ),
        ("attempts", (0..3000).map(attempt).collect()),
        (
            "banner",
            (0..3000).map(|n| format!("debug1: kex_exchange_identification: banner line {n}: hello {n}\n")).collect(),
        ),
        (
            "proxies",
            many(
                "debug1: Executing proxy command: exec ssh -W '[203.0.113.7]:64535' jump\nOpenSSH_9.6p1, OpenSSL 3\n",
                5000,
            ),
        ),
    ];
    for (name, log) in logs {
        let capture = Capture::read(log.as_bytes(), "the.log").expect(name);
        let kept = format!("{:?}", capture.attempt).len();
        assert!(kept < 400_000, "{name}: {kept} characters of {} bytes", log.len());
    }
}

#[test]
fn twenty_thousand_attempts_leave_the_last() {
    let mut log = String::new();
    for number in 0..20_000 {
        log.push_str("ssh: connect to host 203.0.113.7 port ");
        log.push_str(&(number % 60000 + 1).to_string());
        log.push_str(": Connection refused\n");
    }
    log.push_str("ana@203.0.113.8: Permission denied (publickey).\n");
    let capture = Capture::read(log.as_bytes(), "the.log").expect("a log");
    assert_eq!(capture.attempt.attempts, 20_001);
    assert_eq!(capture.attempt.denied.expect("the last").host.as_deref(), Some("203.0.113.8"));
}

#[test]
fn endless_noise_is_read_in_bounded_memory() {
    for part in ["\0", "x", "\r", "\u{1b}[", "debug1: ", "é"] {
        let part = part.repeat(8192 / part.len());
        let error = Capture::read(endless(&part, 1 << 20), "the.log").map(|capture| capture.attempt.attempts);
        assert!(matches!(error, Err(CaptureError::NoSsh { .. } | CaptureError::Empty(_)) | Ok(_)), "{part:.8}");
    }
}

#[test]
fn a_pipe_that_breaks_is_told() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the other end is gone"))
        }
    }
    let error = Capture::read(BufReader::new(Broken), "standard input").expect_err("it broke");
    assert!(error.to_string().contains("the other end is gone"), "{error}");
}
