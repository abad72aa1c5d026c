//! The target as a fact: what the user asked about, in the words of the printed command.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Fact, Seen};
use crate::target;

/// What the doctor was asked about.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Target {
    /// For people: `203.0.113.7 port 64535`.
    pub display: String,
    /// The host as given: address, name, or Host alias.
    pub host: String,
    /// The port that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// `direct` (address and high port), `proxy` (`<uuid>-<n>@host`), `proxy-host` (the proxy's name without a session
    /// as user), `alias` (a Host of the configuration), `other`, `none` (the text of an Enable SSH step that prints no
    /// command; host and ssh_args are empty).
    pub form: String,
    /// What follows `ssh` to reach it: options, then the host. In order, unquoted; no remote command.
    pub ssh_args: Vec<String>,
    /// The same without `-i` and its IdentitiesOnly: what stands after `ssh -i KEY -o IdentitiesOnly=yes`.
    pub ssh_args_without_identity: Vec<String>,
    /// The same as `ssh_args` without a user: what stands after `ssh -l USER`. Before 7.7 a name beside the host beats `-l`.
    pub ssh_args_without_user: Vec<String>,
    /// The same without `-J`: what stands after `ssh -o ProxyCommand=none`, which overrides every jump (inferred).
    pub ssh_args_without_jump: Vec<String>,
    /// The remote command that was given, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub remote_command: Vec<String>,
    /// `-t` was given.
    pub tty: bool,
    /// `-T` was given.
    pub no_tty: bool,
    /// `-N`, `-W` or `SessionType=none` was given: no session is wanted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_session: bool,
    /// `-L`, `-R`, `-D` or `-w` was given: something is carried through the connection.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub forwards: bool,
    /// Files after `-i`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_files: Vec<String>,
    /// The port is one that CircleCI's direct form uses: 54782, or 64535 to 65535.
    pub job_port: bool,
    /// The host is an address of the public internet (inferred).
    pub public_address: bool,
    /// A port was given.
    pub port_given: bool,
    /// An address without any port, so ssh would go to port 22.
    pub port_missing: bool,
    /// A slip of the pasted command that was understood all the same: `uppercase-p`, `host-colon-port`,
    /// `typographic-dash`, `bad-port`, `ssh-twice`; and `mis-pasted` (of a log): a prompt or a placeholder in the command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slip: Option<String>,
    /// The attempt was made with the slip, as a log shows; the doctor's own attempts are made without.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub slip_tried: bool,
    /// It is what a log shows, or the command above it.
    pub of_a_log: bool,
    /// Host or port are not known: HOST and PORT stand for them in `ssh_args`.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub placeholder: bool,
    /// The Enable SSH step beside the log prints commands, and none of them goes to this host and port (inferred).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub not_in_step: bool,
    /// The text of the step was pasted, and CircleCI was not asked about it (inferred).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub step_pasted: bool,
    /// How long ssh ran there before it ended with its own failure, in seconds: what `connect` knows of a session that it
    /// handed over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasted_seconds: Option<u64>,
    /// The pasted text, cleaned, at most 300 characters.
    pub text: String,
    /// Options of the pasted text that were left out because they run programs or read other configuration.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// The remote command's first word is a builtin of the shell (`export`, `cd`, `source`), and the direct form has no
    /// shell around it.
    pub command_needs_shell: bool,
    /// The Windows form: the command names `bash.exe`, `cmd.exe` or `powershell.exe`.
    pub windows_shell: bool,
    /// What the text of the Enable SSH step says, when that was pasted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub enable_ssh: Option<EnableSsh>,
}

/// The Enable SSH step's text.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EnableSsh {
    /// `ready` (a command is printed), `not-ready`, `no-key` (`No SSH key is found`), `failed`.
    pub state: String,
    /// The line that says so, where no command is printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
    /// Every command it prints, without the prompt.
    pub commands: Vec<String>,
    /// The first `SHA256:…` of the host, without a trailing type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
    /// All of them, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fingerprints: Vec<PrintedFingerprint>,
    /// How long the box stays up, as printed: `2h0m0s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stays_up: Option<String>,
    /// How long it waits for a session, as printed: `10m0s`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waits: Option<String>,
    /// The host key seen in the attempt has one of them; unknown where they may be of another key of the same server
    /// (inferred).
    pub fingerprint_matches: Fact<bool>,
}

impl EnableSsh {
    /// One of its commands goes where the target goes, whose missing port may be any. The proxy tells jobs by the user and
    /// answers on more than one port; a direct address takes any user.
    pub fn prints(&self, target: &Target) -> bool {
        self.commands.iter().any(|command| {
            let Ok(target::Asked::Login(printed)) = target::from_text(command, false) else { return false };
            let same_port = target.port.is_none_or(|port| port == printed.port.unwrap_or(22));
            printed.host.eq_ignore_ascii_case(&target.host)
                && match printed.form {
                    target::Form::Proxy => target.user.is_none() || target.user == printed.user,
                    _ => same_port,
                }
        })
    }
}

/// A fingerprint as the step prints it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PrintedFingerprint {
    /// `SHA256:…`.
    pub sha256: String,
    /// The key's family, `rsa` or `ed25519`, where the text says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family: Option<String>,
}

impl From<&target::Target> for Target {
    fn from(asked: &target::Target) -> Self {
        Self {
            display: asked.display(),
            host: asked.host.clone(),
            port: asked.port,
            user: asked.user.clone(),
            form: asked.form.word().into(),
            ssh_args: asked.ssh_args.clone(),
            ssh_args_without_identity: asked.ssh_args_without_identity.clone(),
            ssh_args_without_user: asked.ssh_args_without_user.clone(),
            ssh_args_without_jump: Vec::new(),
            remote_command: asked.remote_command.clone(),
            tty: asked.tty,
            no_tty: asked.no_tty,
            no_session: asked.no_session,
            forwards: asked.forwards,
            identity_files: asked.identity_files.clone(),
            job_port: asked.job_port(),
            public_address: false,
            port_given: asked.port.is_some(),
            port_missing: asked.port_missing,
            slip: asked.slip.map(|slip| slip.word().into()),
            slip_tried: false,
            of_a_log: false,
            placeholder: false,
            not_in_step: false,
            step_pasted: false,
            lasted_seconds: None,
            text: asked.text.clone(),
            left_out: asked.left_out.clone(),
            command_needs_shell: asked.command_needs_shell,
            windows_shell: asked.windows_shell,
            enable_ssh: asked.enable_ssh.as_ref().map(EnableSsh::from),
        }
    }
}

impl From<&target::EnableSsh> for EnableSsh {
    fn from(step: &target::EnableSsh) -> Self {
        Self {
            state: step.state.word().into(),
            seen: step.said.as_ref().map(|line| Seen { source: "Enable SSH".into(), line: None, text: line.clone() }),
            commands: step.commands.clone(),
            fingerprint: step.fingerprints.first().map(|printed| printed.sha256.clone()),
            fingerprints: step
                .fingerprints
                .iter()
                .map(|printed| PrintedFingerprint { sha256: printed.sha256.clone(), family: printed.family.clone() })
                .collect(),
            stays_up: step.stays_up.clone(),
            waits: step.waits.clone(),
            fingerprint_matches: Fact::default(),
        }
    }
}
