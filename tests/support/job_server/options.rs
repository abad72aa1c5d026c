//! What a job server is asked to be. [`Options::new`] is a healthy one of today that authorises no key.
//!
//! To add a way of misbehaving: a value of [`Fault`] with the client's words for it, one place that acts on it
//! (`misbehave.rs` before the key exchange, `kex.rs`, `auth.rs` or `session.rs` after), one line in `tests/support_selftest/faults.rs`.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::super::image::Image;
use super::host_key::HostKeyKind;
use super::verify;

/// The one thing the server does wrong on purpose.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Nothing.
    #[default]
    None,
    /// Ends the stream before it has said a word (`Connection closed by remote host`).
    CloseBeforeGreeting,
    /// TCP reset before it has said a word (`read: Connection reset by peer`).
    ResetBeforeGreeting,
    /// Accepts and stays silent (`Connection timed out during banner exchange`).
    StallBeforeGreeting,
    /// Greets and stays silent.
    StallAfterGreeting,
    /// Greets and ends the stream (`Connection closed by 127.0.0.1 port …`).
    CloseAfterGreeting,
    /// Sends its algorithm lists, takes the client's key share and stays silent, as where large packets get lost.
    StallAfterKexinit,
    /// A web server's answer.
    Http,
    /// The answer of a network that wants its guests to sign in first.
    HttpRedirect,
    /// A TLS server's answer: an alert.
    Tls,
    /// One line of text and the end, as sshd does for those it will not serve (`Not allowed at this time`).
    TextGreeting(String),
    /// Protocol 1.5.
    Ssh1,
    /// Greets, then goes on in text (`Bad packet length`).
    TextAfterGreeting(String),
    /// The host key's signature does not fit (`incorrect signature`).
    WrongHostSignature,
    /// Ends the stream when the keys are agreed.
    CloseAfterKex,
    /// The first encrypted packet is damaged (`message authentication code incorrect`).
    DamagedPacket,
    /// Ends the stream at the first offered key.
    CloseDuringAuth,
    /// Answers so many questions about keys, by all connections together, and no more.
    StallAtOffer(usize),
    /// Resets the connection at the question behind so many.
    ResetAtOffer(usize),
    /// Would take any key, and then takes no signature.
    AcceptEveryQuestion,
    /// No session may be opened (`open failed: administratively prohibited`).
    RefuseSessions,
    /// No pseudo-terminal (`PTY allocation request failed`).
    RefusePty,
    /// No command and no shell (`exec request failed on channel 0`).
    RefuseExec,
    /// Ends the stream this long after the login (`closed by remote host`).
    DropSession(Duration),
    /// Resets the connection when the person types something (`client_loop: send disconnect`).
    ResetSession,
    /// Answers no question whether it is still there (`Timeout, server 127.0.0.1 not responding.`).
    IgnoreKeepalives,
}

/// Which user names may log in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Users {
    /// Any: the direct form ignores the name.
    Any,
    /// Only `<job-uuid>-<execution>`: the proxy form.
    SessionName,
}

#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) address: IpAddr,
    pub(crate) port: u16,
    pub(crate) greeting: String,
    pub(crate) lines_before_greeting: Vec<String>,
    pub(crate) host_key: HostKeyKind,
    pub(crate) host_key_seed: Option<u64>,
    pub(crate) host_key_of_each_connection: bool,
    pub(crate) strict_kex: bool,
    pub(crate) rsa_sha2: bool,
    pub(crate) signature_algorithms: Option<Vec<String>>,
    pub(crate) kex_algorithms: Option<Vec<String>>,
    pub(crate) host_key_algorithms: Option<Vec<String>>,
    pub(crate) ciphers: Option<Vec<String>>,
    pub(crate) macs: Option<Vec<String>>,
    pub(crate) authorized: Vec<Vec<u8>>,
    pub(crate) users: Users,
    pub(crate) refuse_all: bool,
    pub(crate) methods: Vec<String>,
    pub(crate) max_auth_tries: u32,
    pub(crate) auth_banner: Option<String>,
    pub(crate) path: String,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) at_a_prompt: BTreeMap<String, String>,
    pub(crate) image: Option<Image>,
    pub(crate) errors_on_stderr: bool,
    pub(crate) fault: Fault,
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

impl Options {
    pub(crate) fn new() -> Self {
        Self {
            address: Ipv4Addr::LOCALHOST.into(),
            port: 0,
            greeting: "SSH-2.0-Go".to_owned(),
            lines_before_greeting: Vec::new(),
            host_key: HostKeyKind::Ed25519,
            host_key_seed: None,
            host_key_of_each_connection: false,
            strict_kex: true,
            rsa_sha2: true,
            signature_algorithms: None,
            kex_algorithms: None,
            host_key_algorithms: None,
            ciphers: None,
            macs: None,
            authorized: Vec::new(),
            users: Users::Any,
            refuse_all: false,
            methods: strings(&["publickey"]),
            max_auth_tries: 6,
            auth_banner: None,
            path: "/usr/local/bin:/usr/bin:/bin".to_owned(),
            environment: BTreeMap::new(),
            at_a_prompt: BTreeMap::new(),
            image: None,
            errors_on_stderr: false,
            fault: Fault::None,
        }
    }

    /// A healthy server that lets these keys in (lines as in `authorized_keys`, without options).
    pub(crate) fn authorizing<'a>(public_lines: impl IntoIterator<Item = &'a str>) -> Self {
        public_lines.into_iter().fold(Self::new(), Self::authorize)
    }

    /// Lets one more key in.
    pub(crate) fn authorize(mut self, public_line: &str) -> Self {
        self.authorized.push(super::super::keys::blob(public_line));
        self
    }

    /// Where to listen; the default is 127.0.0.1 and a port that is free.
    pub(crate) fn listen(mut self, address: IpAddr, port: u16) -> Self {
        (self.address, self.port) = (address, port);
        self
    }

    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.fault = fault;
        self
    }

    /// The greeting line, for a server that claims to be another program.
    pub(crate) fn greeting(mut self, line: &str) -> Self {
        line.clone_into(&mut self.greeting);
        self
    }

    /// Lines before the greeting, which RFC 4253 section 4.2 allows and clients skip.
    pub(crate) fn lines_before_greeting(mut self, lines: &[&str]) -> Self {
        self.lines_before_greeting = strings(lines);
        self
    }

    /// An RSA host key instead of an Ed25519 one.
    pub(crate) fn rsa_host_key(mut self) -> Self {
        self.host_key = HostKeyKind::Rsa;
        self
    }

    /// An RSA host key that signs with SHA-1 only.
    pub(crate) fn sha1_host_key(mut self) -> Self {
        self.host_key = HostKeyKind::RsaSha1;
        self
    }

    /// The same host key for every server with this number; without it each start has a new one.
    pub(crate) fn host_key_seed(mut self, seed: u64) -> Self {
        self.host_key_seed = Some(seed);
        self
    }

    /// Every connection leads to another machine, as behind some load balancers.
    pub(crate) fn host_key_of_each_connection(mut self) -> Self {
        self.host_key_of_each_connection = true;
        self
    }

    /// A Go server from before November 2022: RSA keys only by SHA-1, no word about signature algorithms.
    pub(crate) fn no_rsa_sha2(mut self) -> Self {
        self.rsa_sha2 = false;
        self.strict_kex = false;
        self
    }

    /// Keys of users sign with these and no others, and the server says so (RFC 8308 section 3.1).
    pub(crate) fn signature_algorithms(mut self, names: &[&str]) -> Self {
        self.signature_algorithms = Some(strings(names));
        self
    }

    /// What keys of users may sign with.
    pub(super) fn accepted(&self) -> Vec<String> {
        self.signature_algorithms.clone().unwrap_or_else(|| strings(verify::accepted(self.rsa_sha2)))
    }

    pub(crate) fn kex_algorithms(mut self, names: &[&str]) -> Self {
        self.kex_algorithms = Some(strings(names));
        self
    }

    pub(crate) fn host_key_algorithms(mut self, names: &[&str]) -> Self {
        self.host_key_algorithms = Some(strings(names));
        self
    }

    pub(crate) fn ciphers(mut self, names: &[&str]) -> Self {
        self.ciphers = Some(strings(names));
        self
    }

    pub(crate) fn macs(mut self, names: &[&str]) -> Self {
        self.macs = Some(strings(names));
        self
    }

    pub(crate) fn users(mut self, users: Users) -> Self {
        self.users = users;
        self
    }

    /// No key gets in, authorised or not.
    pub(crate) fn refuse_all(mut self) -> Self {
        self.refuse_all = true;
        self
    }

    /// The methods the server names; only `publickey` can succeed.
    pub(crate) fn methods(mut self, names: &[&str]) -> Self {
        self.methods = strings(names);
        self
    }

    /// Failures until the server hangs up.
    pub(crate) fn max_auth_tries(mut self, tries: u32) -> Self {
        self.max_auth_tries = tries;
        self
    }

    /// Text shown before authentication (RFC 4252 section 5.4).
    pub(crate) fn auth_banner(mut self, text: &str) -> Self {
        self.auth_banner = Some(text.to_owned());
        self
    }

    /// The PATH of the job, where its commands are looked for.
    pub(crate) fn path(mut self, path: &str) -> Self {
        path.clone_into(&mut self.path);
        self
    }

    /// One more variable in the environment of the job's commands.
    pub(crate) fn variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }

    /// One more variable for shells that somebody types in, and for nothing else: a job's commands have what its image has.
    pub(crate) fn at_a_prompt(mut self, name: &str, value: &str) -> Self {
        self.at_a_prompt.insert(name.to_owned(), value.to_owned());
        self
    }

    /// Sessions run in this image, with its environment and as its user.
    pub(crate) fn inside(mut self, image: &Image) -> Self {
        self.image = Some(image.clone());
        self
    }

    /// `Error: …` goes to the session's stderr; both have been seen.
    pub(crate) fn errors_on_stderr(mut self) -> Self {
        self.errors_on_stderr = true;
        self
    }
}
