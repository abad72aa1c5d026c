//! What the Enable SSH step of a job prints: one of the forms that have been seen, with the address and the fingerprint
//! of a real server on loopback.
//!
//! To add a form: a value of [`Form`], its lines in `Session::text`, its sample in `tests/support_selftest/circleci/steps.rs`.

use std::fmt::Write as _;

use base64::prelude::{BASE64_STANDARD, Engine};
use md5::{Digest, Md5};

use super::super::job_server::JobServer;

/// What is printed while there is no command yet.
pub(crate) const NOT_READY: &str = "Setting up SSH...\n";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Today's default of the cloud: the user name is the session.
    Proxy,
    /// With fingerprints and limits.
    Direct,
    /// The command alone.
    DirectMinimal,
    /// A line for each shell.
    Windows,
    /// The user has no key.
    NoKey,
    /// Anything else.
    Text(String),
}

/// How the host key's fingerprint is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fingerprint {
    /// SHA-256 and MD5 under the heading that says RSA whatever the key is.
    Classic,
    /// SHA-256 with the key's type behind it.
    WithType(String),
    None,
}

#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) form: Form,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// `SHA256:…`
    pub(crate) sha256: String,
    /// Without `MD5:`.
    pub(crate) md5: String,
    pub(crate) fingerprint: Fingerprint,
    /// How long the box stays up, and how long without a session.
    pub(crate) limits: (String, String),
    /// Lines that other parts of the step have printed first.
    pub(crate) before: String,
    /// As on a terminal: CR LF and colours.
    pub(crate) terminal: bool,
    /// The output comes in messages of so many characters; 0 for one message.
    pub(crate) pieces: usize,
}

impl Session {
    fn new(form: Form, host: &str, port: u16) -> Self {
        Self {
            form,
            host: host.to_owned(),
            port,
            sha256: String::new(),
            md5: String::new(),
            fingerprint: Fingerprint::None,
            limits: ("2h0m0s".to_owned(), "10m0s".to_owned()),
            before: String::new(),
            terminal: false,
            pieces: 0,
        }
    }

    /// A form with the address of this server and its host key.
    pub(crate) fn of(form: Form, server: &JobServer) -> Self {
        let mut session = Self::new(form, &server.ip().to_string(), server.port());
        session.sha256 = server.host_key_fingerprint();
        let line = server.known_hosts_line();
        let blob = line.split_whitespace().nth(2).map(|word| BASE64_STANDARD.decode(word));
        let hash = Md5::digest(blob.expect("a known_hosts line has a key").expect("base64"));
        session.md5 = hash.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":");
        session
    }

    /// The classic text, with fingerprints and limits.
    pub(crate) fn direct(server: &JobServer) -> Self {
        Self::of(Form::Direct, server).fingerprint(Fingerprint::Classic)
    }

    /// `ssh -p PORT UUID-N@HOST`.
    pub(crate) fn proxy(server: &JobServer) -> Self {
        Self::of(Form::Proxy, server)
    }

    pub(crate) fn windows(server: &JobServer) -> Self {
        Self::of(Form::Windows, server)
    }

    /// A form with an address that no server of the test has.
    pub(crate) fn elsewhere(form: Form, host: &str, port: u16) -> Self {
        Self::new(form, host, port)
    }

    pub(crate) fn no_key() -> Self {
        Self::new(Form::NoKey, "", 0)
    }

    pub(crate) fn text_of(text: &str) -> Self {
        Self::new(Form::Text(text.to_owned()), "", 0)
    }

    pub(crate) fn fingerprint(mut self, fingerprint: Fingerprint) -> Self {
        self.fingerprint = fingerprint;
        self
    }

    /// Another fingerprint than the server's.
    pub(crate) fn with_sha256(mut self, fingerprint: &str) -> Self {
        fingerprint.clone_into(&mut self.sha256);
        self
    }

    /// As printed: `1h0m0s`, `10m0s`.
    pub(crate) fn limits(mut self, connected: &str, idle: &str) -> Self {
        self.limits = (connected.to_owned(), idle.to_owned());
        self
    }

    pub(crate) fn before(mut self, lines: &str) -> Self {
        lines.clone_into(&mut self.before);
        self
    }

    /// CR LF and colours.
    pub(crate) fn at_a_terminal(mut self) -> Self {
        self.terminal = true;
        self
    }

    pub(crate) fn in_pieces(mut self, characters: usize) -> Self {
        self.pieces = characters;
        self
    }

    /// The text of a parallel execution's step.
    pub(crate) fn text(&self, job_id: &str, execution: usize) -> String {
        let Self { host, port, before, .. } = self;
        let ready = |what: &str| format!("You can now SSH into this {what} if your SSH public key is added:\n");
        let text = match &self.form {
            Form::Proxy => {
                let port = if *port == 22 { String::new() } else { format!("-p {port} ") };
                format!("{}    $ ssh {port}{job_id}-{execution}@{host}\n", ready("job"))
            }
            Form::Direct => format!("\n{}    $ ssh -p {port} {host}\n{}", ready("box"), self.rest()),
            Form::DirectMinimal => format!("{}$ ssh -p {port} {host}\n", ready("box")),
            Form::Windows => ["bash", "cmd", "powershell"].iter().fold(ready("box"), |mut text, shell| {
                let _ = writeln!(text, "    $ ssh -t -p {port} {host} -- {shell}.exe");
                text
            }),
            Form::NoKey => {
                "Failed to enable SSH\nNo SSH key is found. Please make sure you\u{2019}ve added at least one \
                            SSH key in your VCS account.\n"
                    .to_owned()
            }
            Form::Text(text) => text.clone(),
        };
        let text = format!("{before}{text}");
        if self.terminal {
            return text.lines().map(|line| format!("\u{1b}[0;32m{line}\u{1b}[0m\r\n")).collect();
        }
        text
    }

    /// What the classic text says below the command.
    fn rest(&self) -> String {
        let mut text = "\nUse the same SSH public key that you use for your VCS-provider (e.g., GitHub).\n".to_owned();
        let _ = match &self.fingerprint {
            Fingerprint::Classic => {
                writeln!(text, "\nRSA key fingerprint of the host is\n  {}\n  MD5:{}", self.sha256, self.md5)
            }
            Fingerprint::WithType(kind) => {
                writeln!(text, "\n{kind} key fingerprint of the host is\n  {} ({kind})", self.sha256)
            }
            Fingerprint::None => Ok(()),
        };
        let (connected, idle) = &self.limits;
        let _ = writeln!(
            text,
            "\nThis box will stay up for {connected}, or until {idle} passes without \nan active SSH session."
        );
        text
    }
}
