//! Facts that follow from the others: how far the login comes, who would be let in, and with what.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Certificate, Fact, LeftOut, Seen, SessionNeeds};
use crate::ssh::log::ProviderFailure;

/// A part of the way to a shell, in the order in which a login meets them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The ssh program and the command line.
    #[default]
    Client,
    /// ssh_config.
    Config,
    /// Private keys and certificates.
    Keys,
    /// The agent.
    Agent,
    /// Names, routes, connections.
    Network,
    /// Greeting and key exchange.
    Handshake,
    /// The server's host key.
    HostKey,
    /// Public-key authentication.
    Authentication,
    /// What runs after the login.
    Session,
    /// CircleCI: job, project, account.
    Circleci,
}

/// What the attempt says, put into the words the report needs.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Login {
    /// The login works: it was authenticated, or it would be once the person types a passphrase, touches a token or approves.
    pub works: bool,
    /// It was read from a log, not tried (inferred).
    pub by_log: bool,
    /// It works once the person does this: `passphrase`, `pin`, `touch`, `approval`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<String>,
    /// Keys that ssh looks at and that nobody could ask the server about: encrypted, and with their public half inside the
    /// encrypted part and nowhere else, as in OpenSSL's format. A person who types the passphrase may be let in.
    pub hidden_keys: Vec<String>,
    /// It goes through the connection of an ssh that is still running (ssh_config(5), ControlPath), although the same server
    /// denied a new one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub shared: bool,
    /// The stage where it ended, when it did not work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_stage: Option<Stage>,
    /// The attempt's outcome: `authenticated`, `refused`, `too-many-failures`, `closed`, `connect-failed`, …
    pub outcome: String,
    /// The line in which ssh says so.
    pub seen: Seen,
    /// Whom the attempt was for, in words: `203.0.113.7 port 64535`, or `the server` where a log does not say.
    pub peer: String,
    /// What came instead of an SSH greeting, when the attempt ended for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead: Option<Instead>,
    /// The proxy command or jump host passed something back, so that it is not what failed.
    pub through_proxy: bool,
    /// The connection ended after the server had greeted, between key exchange and login, without anybody being refused.
    pub cut_off: bool,
    /// What client and server could not agree on, when the attempt ended for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_match: Option<Disagreement>,
    /// The jump host at which the way ended, when the attempt ended for that (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_jump: Option<FailedJump>,
    /// The way ended behind a proxy program or jump host of which a log shows nothing else (inferred).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub behind_unknown: bool,
    /// A packet that could not be read or verified, when the attempt ended for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protocol_error: Option<ProtocolError>,
    /// The host key was compared with the fingerprint that the Enable SSH step prints, and it is the same.
    pub host_key_confirmed: bool,
}

/// A jump host (ProxyJump) that did not let the connection through.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct FailedJump {
    /// The host; ssh does not always name it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// Its TCP port.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The user there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// How it ended there, in the words of `login.outcome`.
    pub outcome: String,
    /// It was reached and let nobody in.
    pub denied: bool,
    /// The line that says so.
    pub seen: Seen,
}

/// What a server, or whatever took the connection, did instead of greeting (RFC 4253 section 4.2).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Instead {
    /// What it spoke: `http`, `tls`, `ssh1`, `binary`, `text`, `refusal` (it turned the connection away in words), `nothing`.
    pub spoke: String,
    /// How it ended: `closed`, `reset`, `silent`, `log-ends` (a log stops while the client
    /// waits), `unusable` (the client gave up on what it heard).
    pub ended: String,
    /// The connection went through a proxy command or a jump host, so it may be that which said so, or nothing.
    pub proxied: bool,
    /// Where an HTTP answer redirects to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub redirect: Option<String>,
    /// Its first words, or the line in which ssh says what happened.
    pub seen: Seen,
}

/// Algorithms of one kind that client and server do not share (RFC 4253 section 7.1).
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Disagreement {
    /// Of which kind: `kex`, `host-key`, `cipher`, `mac`, `compression`.
    pub what: String,
    /// What the server offers.
    pub offer: Vec<String>,
    /// The client's own list, as a log shows it, lacks what every OpenSSH has on by default: somebody made it shorter
    /// (inferred).
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub client_narrow: bool,
    /// A client with OpenSSH's own defaults would not have agreed either: all that the server offers is off by default.
    pub server_outdated: bool,
    /// The best of the offer that OpenSSH still has, though off by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add: Option<String>,
    /// All that has to be added to come through, as values of ssh's `-o`: the first for this disagreement, others for what
    /// the server's lists would disagree about next, at most five in all; empty where OpenSSH has nothing to add (inferred).
    pub options: Vec<String>,
    /// One of the offer that OpenSSH has on by default, the most widespread first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// The line.
    pub seen: Seen,
}

/// A packet that the client could not accept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProtocolError {
    /// `corrupt-packet`, `plain-text` (the length field spells letters), `signature`, `group` (a Diffie-Hellman group
    /// that is too small), `other`.
    pub kind: String,
    /// The line.
    pub seen: Seen,
}

/// What the session meets after the login.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// Warp's wrapper sends its script, or would for this target, to a server that has no shell around commands.
    pub warp_script: bool,
    /// Who has something sent in place of a plain login shell, and what comes of it; left out where nobody does (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    /// The program that the job cannot start: it said so, or the command's first word is known only to shells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program_missing: Option<ProgramMissing>,
    /// The job is asked for neither a terminal nor a command: it said so, or options turn the terminal off.
    pub nothing_requested: bool,
    /// The login shell ended by itself within two seconds and with a failure, so that nobody saw its prompt (inferred).
    pub ends_at_once: bool,
    /// The command that ssh ran in the job ended with a status that is its own failure, and not a missing program's
    /// (inferred).
    pub command_failed: bool,
    /// A program that a shell in the session did not find (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missing_command: Option<MissingCommand>,
    /// How a session that worked came to its end from the other side (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<EndOfSession>,
    /// What an ssh command needs beside its own words to end in a shell of the job (inferred).
    #[serde(skip_serializing_if = "SessionNeeds::is_nothing")]
    pub needs: SessionNeeds,
    /// The setting that leaves a person without a shell (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prevented: Option<SessionPrevented>,
}

/// The end of a session that worked, as the times and CircleCI tell it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EndOfSession {
    /// `cancelled` (the job was), `limit` (the time for which the box stays up), `unvisited` (the time for which it waits for
    /// a session), `job-ended` (otherwise), `runs-on` (the job still runs), `undecided`.
    pub why: String,
    /// CircleCI says so of this job, or the time is the one that its step prints.
    pub certain: bool,
    /// How long it lasted, for people: `2 hours`, `3 seconds`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lasted: Option<String>,
    /// The limit that was reached, for people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// The Enable SSH step prints that limit; it is the documented one otherwise.
    pub limit_printed: bool,
    /// The time of day at which the job ended: `10:05 UTC`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Who cancelled the job, where CircleCI tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// It was the token's person.
    pub by_me: bool,
    /// CircleCI was asked about the job, and answered.
    pub asked: bool,
    /// What CircleCI says of the job, as evidence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// A setting of the configuration that leaves a person without a shell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SessionPrevented {
    /// The option as ssh_config(5) writes it: `SessionType`, `StdinNull`, `ForkAfterAuthentication`.
    pub option: String,
    /// What it is set to.
    pub value: String,
    /// The value that ssh has without it.
    pub undone: String,
    /// Its line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub seen: Option<Seen>,
}

/// Who has ssh send something, and what comes of it at the other end.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sender {
    /// `typed` (the command line), `remote-command` (the configuration), `alias`, `function`, `kitty` (`kitten ssh`), `warp`,
    /// `iterm2` (`it2ssh`), `ghostty`, `sshrc`, `editor`, or `unknown` where a log does not tell.
    pub kind: String,
    /// What is sent, or the beginning of it: at most 200 characters, without control characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sends: Option<String>,
    /// The word that a server without a shell takes for the program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// What that is: `shell-word` (only a shell knows it), `operators` (a program, and operators that reach it as plain words),
    /// `shell`, `rare` (images hardly have it), `program`, `nothing`.
    pub start: String,
    /// What comes of it for this target: `none`, `fails` (the server has no shell), `may-fail` (the program is hardly there),
    /// `no-terminal` (neither a command nor a terminal is asked for), `two-commands` (ssh refuses to send any), `unknown`.
    pub harm: String,
    /// Who gives a command besides RemoteCommand: `typed`, `alias`, `function`, `kitty`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// The file in which it stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Line in it, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// The same command in one piece for a shell at the other end, where it needs one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_a_shell: Option<String>,
    /// A log shows that it was sent.
    pub sent: bool,
    /// The line that says so.
    pub seen: Seen,
}

/// A program that is not on the PATH of a session's shell.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MissingCommand {
    /// Its name, where the log says it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// The shell's line, or ssh's with the exit status 127.
    pub seen: Seen,
}

/// A program that is not there on the job.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProgramMissing {
    /// The word.
    pub program: String,
    /// It is a shell itself, so asking for a shell does not help.
    pub shell: bool,
    /// It is a program of Windows by its name, `bash.exe`, and the job looked where Windows does not look.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub windows_name: bool,
    /// The job looked in `%PATH%`, so it runs on Windows.
    pub on_windows: bool,
    /// The job's words, or the command.
    pub seen: Seen,
}

/// Who would be let in.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Auth {
    /// Keys that ssh offered in the attempt.
    pub offered: usize,
    /// Keys that this machine has: files, agent, and agents that ssh does not ask, each counted once.
    pub candidates: usize,
    /// Keys that the server was asked about, by either connection.
    pub asked: usize,
    /// Keys without an answer, likely ones first: paths, or comments of keys in the agent.
    pub not_asked: Vec<String>,
    /// Public keys that the server was shown, by all connections together.
    pub shown: usize,
    /// Every candidate was asked, and none could have been overlooked (no unreadable public half, no silent agent, no part of
    /// the key folder left out).
    pub everything_asked: bool,
    /// CircleCI says that the token's person started the job, or has keys on it (inferred).
    pub own_job: bool,
    /// Nobody asked the server about the other keys, as `--no-key-probe` wants it (inferred).
    pub query_off: bool,
    /// The server said no to every candidate, and there was at least one.
    pub all_refused: bool,
    /// There is no key at all, neither on disk nor in an agent.
    pub no_candidates: bool,
    /// The folder of the keys could not be looked at, as behind a log: this machine may have keys of which nobody knows
    /// (inferred).
    pub keys_unseen: bool,
    /// ssh had no key to put to the server: there is none, or its log shows that it found none where it looked (inferred).
    pub nothing_to_offer: bool,
    /// The server refused every key that ssh put to it, and the others that this machine may have are unseen (inferred).
    pub offered_in_vain: bool,
    /// The lines in which ssh put these keys to the server (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offered_in_vain_seen: Vec<Seen>,
    /// The same as `offered_in_vain`, and the only key that ssh put to the server is the one that the command names (inferred).
    pub named_in_vain: bool,
    /// The key of another login that works, which `contrast` has, was not offered here (inferred).
    pub other_key_missing: bool,
    /// The key of another login that works was offered here too, and refused (inferred).
    pub other_key_refused: bool,
    /// Key files that a listing beside a log shows and that ssh did not come to (inferred).
    pub unoffered_files: Vec<String>,
    /// Keys of the agent that ssh did not put to the server although it could, in a log that shows all that it had in mind:
    /// as many as the agent has, where ssh was to use none of them (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent_keys_left_out: Option<u64>,
    /// The log ends where ssh asks a person for a password or a code, and the server takes no public key there (inferred,
    /// from a log).
    pub waits_for_password: bool,
    /// RSA keys of the agent that are shorter than ssh takes, where it offered no other (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub short_agent_keys: Vec<LeftOut>,
    /// ssh was not to use public keys: the server would have taken one, and ssh did not begin to (inferred, from a log).
    pub publickey_not_begun: bool,
    /// Key files whose passphrase was typed in vain (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unopened_keys: Vec<UnopenedKey>,
    /// The key file that the server accepts and of which ssh made no use, without a word why, or for want of somebody to ask
    /// (inferred, where only a log is at hand).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passed_over: Option<PassedOver>,
    /// The file of a public half that the server accepts, while no file and no agent that answers has the private one
    /// (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_half: Option<String>,
    /// An agent that ssh does not ask and that may have the right key, where none is known to be accepted (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub untried_agent: Option<UntriedAgent>,
    /// The key that would be let in; left out when none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub winner: Option<Winner>,
    /// Offers the server heard before it hung up, when it did so for their number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tries_heard: Option<usize>,
    /// The server hung up for the number of offers, before it heard of the key that it would accept, or of one that may be
    /// that (inferred).
    pub too_many: bool,
    /// The server offers methods, and `publickey` is not among them.
    pub publickey_not_offered_by_server: Fact<bool>,
    /// Methods in the denial: `publickey,password`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<String>,
    /// RSA keys that the client would not sign for with the only algorithm the server takes.
    pub sha1_only_keys: Vec<String>,
    /// Nobody was let in, a key was left out because only its SHA-1 signature would be left, and no other key is known that
    /// the server would take.
    pub sha1_blocks: bool,
    /// What has to be added to PubkeyAcceptedAlgorithms to sign for them all the same: `ssh-rsa`, and the name for certificates
    /// where one was left out (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha1_allowance: Option<String>,
    /// The server was seen to accept one of those keys from a client that signs SHA-1.
    pub sha1_key_accepted: bool,
    /// The line in which ssh leaves the first of them out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha1_seen: Option<Seen>,
    /// The key to register, where none of this machine's is known to the server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub register: Option<Register>,
    /// Keys that the configuration's PubkeyAcceptedAlgorithms keeps from being offered although they may be the right ones
    /// (inferred): paths, or comments of keys in the agent.
    pub excluded_keys: Vec<String>,
    /// The option that allows every current type of key, as this client writes it (inferred):
    /// `PubkeyAcceptedAlgorithms=ssh-ed25519,…`; left out where its version is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_types_option: Option<String>,
    /// The server refused RSA keys and no others, and this client can sign for RSA only by way of SHA-1 (inferred).
    pub rsa_refused_without_sha2: bool,
    /// Keys that were refused, or not even offered, while the server's list of signature algorithms (RFC 8308 section 3.1) has
    /// none for their type (inferred): paths, or comments of keys in the agent.
    pub unlisted_keys: Vec<String>,
    /// Libraries of PKCS#11 tokens that did not serve, where no key is known that the server would take (inferred).
    pub failed_providers: Vec<ProviderFailure>,
    /// Security keys that ssh has no way to talk to, where one of them or none is known to be what the server would take
    /// (inferred).
    pub mute_security_keys: Vec<MuteSecurityKey>,
    /// Certificates that ssh shows and the server did not take, where it takes no key of this machine (inferred).
    pub refused_certificates: Vec<RefusedCertificate>,
    /// Key files that ssh looks at, where it can load every one; left out where it cannot, or nobody knows (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readable_files: Option<usize>,
    /// Key files that the command or the configuration names, where every one exists; left out where one does not (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub named_files: Option<usize>,
    /// Families of the keys that this machine has, in files and in the agent, as in `keys` (inferred).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub families: Vec<String>,
    /// The denial came from a jump host, not from the target.
    pub denied_by_jump_host: bool,
    /// The line of the denial.
    pub seen: Seen,
}

/// A key file that the passphrase did not open.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UnopenedKey {
    /// The file.
    pub path: String,
    /// How often ssh asked for the passphrase; 0 where the log does not show it.
    pub asked: usize,
    /// ssh said that the passphrase is wrong, or asked as often as it does (ssh_config(5), NumberOfPasswordPrompts) for a key
    /// that the server had accepted.
    pub sure: bool,
    /// The line.
    pub seen: Seen,
}

/// A key file that the server accepts and that ssh did not sign with.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct PassedOver {
    /// The file; empty where the log does not name it.
    pub path: String,
    /// `no-prompt`: ssh could not ask for the passphrase, and said so. `silence`: it did not ask, and did not say why.
    pub because: String,
    /// The line.
    pub seen: Seen,
}

/// A certificate that let nobody in, and what about it a server takes exception to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RefusedCertificate {
    /// What it says; in the agent its path is the comment.
    pub certificate: Certificate,
    /// The file of the key that it lies beside or certifies; left out for one that only the agent has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// `other-key`, `for-hosts`, `not-yet-valid`, `expired`, `no-principals`, `principals`, `sha1`, `source-address`,
    /// `unknown-option`, `client-sha1` (this ssh signs for it by way of SHA-1 alone, which the server does not take),
    /// `unread` where only a log speaks of it, or `refused` where nothing in it stands out.
    pub because: String,
    /// The attempt itself shows it, as in a log.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub said: bool,
    /// Where it stands, and its dates and names.
    pub seen: Seen,
}

/// A key in a security key (FIDO) that ssh cannot talk to.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct MuteSecurityKey {
    /// The key's file.
    pub path: String,
    /// The library that cannot be used; left out where ssh has none at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// The server is known to accept the key.
    pub accepted: bool,
    /// The line that says so.
    pub seen: Seen,
}

/// A key of this machine that is worth registering: ssh offers it and can use it. One of the three is there.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Register {
    /// The file with its public half.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_path: Option<String>,
    /// The private key's file, where no public half lies beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub private_path: Option<String>,
    /// The keys are in the agent alone.
    pub in_agent: bool,
}

/// The key that the server would accept.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Winner {
    /// What to give to `-i`: the private key's file, or the public half where the private one lives in the agent. Left
    /// out for a key that only the agent has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// What a person calls it: the path, or the agent's comment.
    pub name: String,
    /// `SHA256:…`.
    pub fingerprint: String,
    /// Algorithm name.
    pub algorithm: String,
    /// The private key is a file that ssh can load.
    pub on_disk: bool,
    /// The agent holds it.
    pub in_agent: bool,
    /// It is a certificate that the agent holds.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub agent_certificate: bool,
    /// ssh will ask for its passphrase.
    pub encrypted: bool,
    /// ssh offered it in the attempt.
    pub offered: bool,
    /// Its place among the offers, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<usize>,
    /// Why ssh did not offer it: one of the reasons of `plan.left_out` (`not-configured`, `default-name-replaced`,
    /// `identities-only`, `excluded`, `sha1-only`, …), `certificate-not-named` (ssh does not find the certificate), `withheld`
    /// (the agent keeps it for other hosts), `too-late` (the server hung up before), `not-reached` (the client stood still
    /// before), `other-agent` (see `elsewhere`), `unknown`; left out when it was offered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_offered_because: Option<String>,
    /// Its public half as one line, for a key that only the agent has (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_line: Option<String>,
    /// The name of a file that holds nothing else than this line: it has a part of the fingerprint in it (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub save_as: Option<String>,
    /// The file of the certificate that the server accepts in place of the plain key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate: Option<String>,
    /// What to write after `-o` for it, `CertificateFile="/home/ana/.ssh/work.cert"`; left out where the path has a character
    /// that ssh_config cannot quote.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_option: Option<String>,
    /// It lies in the `.ssh` of `$HOME`, which is not the account's home, where ssh looks.
    pub in_other_home: bool,
    /// Its private half is nowhere but in an agent that ssh does not ask (inferred).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub elsewhere: Option<Elsewhere>,
    /// Nothing about the key keeps ssh from using it once it is named: `-i` with IdentitiesOnly logs in.
    pub ready: bool,
    /// A file that ssh can load, or the agent, has it; the user's own ssh put it to the server and got a yes; and nothing was
    /// seen that makes this yes worth less: no signature refused, no second proof wanted, no doubt about which private key belongs to the public half.
    pub proven: bool,
    /// The acceptance, as evidence.
    pub seen: Seen,
}

/// An agent that has the right key and that ssh does not ask.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Elsewhere {
    /// Its socket.
    pub socket: String,
    /// The program behind it, in the words of `agent.program`.
    pub program: String,
    /// Who names the socket: `SSH_AUTH_SOCK`, `tmux`, `usual-place`.
    pub named_by: String,
    /// Why ssh does not ask it: `identity-agent` (the configuration names another, or none), `stale` (`SSH_AUTH_SOCK` names a
    /// socket where nobody answers), `silent` (it names one that never answers), `unset` (there is no `SSH_AUTH_SOCK`),
    /// `another` (it names another agent).
    pub because: String,
    /// ssh would offer the key early enough if it asked this agent: one of the first five there, and IdentitiesOnly is off.
    pub in_reach: bool,
    /// The socket lies where OpenSSH's agent makes it since 10.1, `~/.ssh/agent`.
    pub moved: bool,
}

/// An agent that ssh does not ask, some of whose keys nobody has put to the server.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct UntriedAgent {
    /// Its socket.
    pub socket: String,
    /// The program behind it, in the words of `agent.program`.
    pub program: String,
    /// Keys in it that the server has not answered about; 0 where it was not asked for its keys.
    pub keys: usize,
}

/// One line of the way.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Step {
    /// Which part.
    pub stage: Stage,
    /// `ok`, `warning`, `failed`, `not-reached`, `not-checked`.
    pub status: String,
    /// What was found, in a few words.
    pub summary: String,
}
