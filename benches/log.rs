//! How long `doctor --log` reads a log, and what memory that takes: `cargo bench --bench log`, behind `--` a kind of log.
//!
//! A login and a long session, over and over, made while they are read; so the peak of the whole program is that of the
//! reading. Nothing fails here: a number over its budget is printed with a mark, and a person looks.
//!
//! Measured on two idle cores with the release profile, link-time optimisation included: the whole program reads 10 MB of
//! packets (`-vvv`) in 80 ms and 100 MB in 0.8 s, whole logs of `-vvv` one after the other in 130 ms for 10 MB, in 10.5 MB of
//! memory each time. Over the budget: 10 MB of what programs print in a session take 280 ms, since each of its lines may be
//! ssh's.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and prints what it measured"
)]

use std::{
    env, fs,
    io::{self, Read},
    time::{Duration, Instant},
};

use cci_ssh::{probes::log::Capture, ssh::log::Decoded};

/// For 10 MB.
const BUDGET: Duration = Duration::from_millis(100);
const MEGABYTE: usize = 1 << 20;
/// The best of several: a busy machine can only be slower.
const RUNS: usize = 5;

/// Up to the session.
const LOGIN: &str = "\
OpenSSH_9.6p1 Ubuntu-3ubuntu13.5, OpenSSL 3.0.13 30 Jan 2024\r
debug1: Reading configuration data /home/ana/.ssh/config\r
debug1: /home/ana/.ssh/config line 1: Applying options for *\r
debug3: /etc/ssh/ssh_config line 19: Including file /etc/ssh/ssh_config.d/20-proxy.conf depth 0\r
debug2: resolve_canonicalize: hostname 203.0.113.7 is address\r
debug3: expanded UserKnownHostsFile '~/.ssh/known_hosts' -> '/home/ana/.ssh/known_hosts'\r
debug3: channel_clear_timeouts: clearing\r
debug3: ssh_connect_direct: entering\r
debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\r
debug3: set_sock_tos: set socket 3 IP_TOS 0x10\r
debug1: Connection established.\r
debug1: identity file /home/ana/.ssh/id_rsa type 0\r
debug1: identity file /home/ana/.ssh/id_rsa-cert type -1\r
debug1: identity file /home/ana/.ssh/id_ed25519 type 3\r
debug1: identity file /home/ana/.ssh/id_ed25519-cert type -1\r
debug1: Local version string SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5\r
debug1: Remote protocol version 2.0, remote software version Go\r
debug1: compat_banner: no match: Go\r
debug2: fd 3 setting O_NONBLOCK\r
debug1: Authenticating to 203.0.113.7:64535 as 'ana'\r
debug3: put_host_port: [203.0.113.7]:64535\r
debug1: load_hostkeys: fopen /home/ana/.ssh/known_hosts2: No such file or directory\r
debug3: order_hostkeyalgs: no algorithms matched; accept original\r
debug3: send packet: type 20\r
debug1: SSH2_MSG_KEXINIT sent\r
debug3: receive packet: type 20\r
debug1: SSH2_MSG_KEXINIT received\r
debug2: local client KEXINIT proposal\r
debug2: KEX algorithms: sntrup761x25519-sha512@openssh.com,curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,diffie-hellman-group18-sha512,diffie-hellman-group14-sha256,ext-info-c,kex-strict-c-v00@openssh.com\r
debug2: ciphers ctos: chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr,aes128-gcm@openssh.com,aes256-gcm@openssh.com\r
debug2: MACs ctos: umac-64-etm@openssh.com,umac-128-etm@openssh.com,hmac-sha2-256-etm@openssh.com,hmac-sha2-512-etm@openssh.com,hmac-sha1-etm@openssh.com,umac-64@openssh.com,umac-128@openssh.com,hmac-sha2-256,hmac-sha2-512,hmac-sha1\r
debug1: kex: algorithm: curve25519-sha256\r
debug1: kex: host key algorithm: rsa-sha2-512\r
debug1: kex: server->client cipher: aes128-gcm@openssh.com MAC: <implicit> compression: none\r
debug1: expecting SSH2_MSG_KEX_ECDH_REPLY\r
debug1: SSH2_MSG_KEX_ECDH_REPLY received\r
debug1: Server host key: ssh-rsa SHA256:5j/S3zTOmQYbA1G7YAS5gCp+km3eXLip87oeXzECpbw\r
debug1: Host '[203.0.113.7]:64535' is known and matches the RSA host key.\r
debug3: send packet: type 21\r
debug2: ssh_set_newkeys: mode 1\r
debug1: SSH2_MSG_NEWKEYS received\r
debug1: kex_ext_info_client_parse: server-sig-algs=<ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,rsa-sha2-256,rsa-sha2-512>\r
debug1: SSH2_MSG_SERVICE_ACCEPT received\r
debug1: Authentications that can continue: publickey\r
debug3: preferred publickey,keyboard-interactive,password\r
debug1: Next authentication method: publickey\r
debug1: get_agent_identities: agent returned 1 keys\r
debug1: Will attempt key: /home/ana/.ssh/id_rsa RSA SHA256:O9bZ8z5PpzPA1AVpKDaHXrZFwOaYzs8/ysNKVCeI2EQ\r
debug1: Offering public key: /home/ana/.ssh/id_rsa RSA SHA256:O9bZ8z5PpzPA1AVpKDaHXrZFwOaYzs8/ysNKVCeI2EQ\r
debug2: we sent a publickey packet, wait for reply\r
debug1: Server accepts key: /home/ana/.ssh/id_rsa RSA SHA256:O9bZ8z5PpzPA1AVpKDaHXrZFwOaYzs8/ysNKVCeI2EQ\r
Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\".\r
debug1: channel 0: new session [client-session] (inactive timeout: 0)\r
debug1: Entering interactive session.\r
";

/// What `-vvv` shows of a session in which nobody prints much, many times.
const PACKETS: &str = "\
debug3: send packet: type 98\r
debug3: receive packet: type 99\r
debug2: channel 0: rcvd adjust 2097152\r
debug2: channel 0: window 1998848 sent adjust 98304\r
debug3: channel_clear_timeouts: clearing\r
circleci@6c5f0e3a9b12:~/project$ make test\r
go: downloading example.com/module v1.2.3\r
debug2: channel 0: written 8192 to efd 6\r
";

/// A session in which programs print much, many times.
const OUTPUT: &str = "\
debug3: receive packet: type 94\r
circleci@6c5f0e3a9b12:~/project$ make test\r
go: downloading example.com/module v1.2.3\r
=== RUN   TestReadsEveryLine/of_a_long_session\r
--- PASS: TestReadsEveryLine/of_a_long_session (0.03s)\r
\u{1b}[32m\u{2713}\u{1b}[0m serves the index page (12 ms)\r
    at Object.<anonymous> (/home/circleci/project/src/server.test.ts:41:17)\r
npm warn deprecated glob@7.2.3: versions before 9 get no fixes any more\r
2026/11/22 09:41:20 [info] listening on 127.0.0.1:8080, don't forget to open the port\r
Cloning into 'project'... from ssh://git@github.com/example/project.git\r
\r
";

/// The kinds of logs by name.
const KINDS: [(&str, &str); 2] = [("packets", PACKETS), ("output", OUTPUT)];

/// So many bytes of such a log.
struct Made {
    text: Vec<u8>,
    at: usize,
    left: usize,
}

impl Read for Made {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let part = &self.text[self.at..];
        let length = part.len().min(into.len()).min(self.left);
        into[..length].copy_from_slice(&part[..length]);
        self.at = (self.at + length) % self.text.len();
        self.left -= length;
        Ok(length)
    }
}

fn read(session: &str, megabytes: usize) -> (Duration, u64) {
    let text = [LOGIN, &session.repeat(40)].concat().into_bytes();
    let log = Made { text, at: 0, left: megabytes * MEGABYTE };
    let start = Instant::now();
    let capture = Capture::read(Decoded::new(log).expect("nothing to fail"), "log").expect("a log");
    (start.elapsed(), capture.attempt.attempts)
}

/// The most memory the program ever had, in KB, where the system says it.
fn peak() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.split_whitespace().next()?.parse().ok()
}

fn main() {
    // Cargo itself passes `--bench`.
    let wanted = env::args().skip(1).find(|argument| !argument.starts_with('-')).unwrap_or_default();
    for (kind, session) in KINDS.iter().filter(|(kind, _)| kind.contains(&wanted)) {
        for megabytes in [10, 100] {
            let runs = if megabytes > 10 { 1 } else { RUNS };
            let (best, attempts) = (0..runs).map(|_| read(session, megabytes)).min().expect("at least one run");
            let per_10 = best * 10 / u32::try_from(megabytes).expect("a small number");
            let mark = if per_10 <= BUDGET { "within" } else { "OVER" };
            let peak = peak().map_or("not known here".to_owned(), |peak| format!("{peak} KB"));
            println!(
                "{kind}: {megabytes} MB of -vvv, {attempts} attempts: {per_10:.1?} for 10 MB, budget {BUDGET:?}, {mark}; \
                 peak memory {peak}"
            );
        }
    }
}
