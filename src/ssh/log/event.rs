//! What a line says. Each variant names the function of OpenSSH (portable) that prints it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::reason::{ConnectReason, LoadReason, ProviderReason, ResolveReason, SignReason, SkipReason};

/// A key as ssh describes it in `Will attempt key`, `Offering public key` and `Server accepts key`
/// (sshconnect2.c `format_identity`, since 7.9; two older wordings).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KeyDescription {
    /// The file's path, or the comment of a key from the agent. Empty where the line does not say it (before 7.9).
    pub path: String,
    /// The type as ssh names it, `RSA`, `ED25519`, `ED25519-CERT`, or the signature algorithm of old acceptances.
    pub algorithm: Option<String>,
    /// `SHA256:…` or `MD5:…`.
    pub fingerprint: Option<String>,
    /// Named by the user, in ssh_config or with `-i`.
    pub explicit: bool,
    /// The agent holds it.
    pub agent: bool,
    /// A PKCS#11 token holds it.
    pub token: bool,
}

/// What client and server have to agree on (RFC 4253 section 7.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Negotiated {
    /// The key exchange method.
    Kex,
    /// The type of the server's host key.
    HostKey,
    /// The cipher.
    Cipher,
    /// The message authentication code.
    Mac,
    /// Compression.
    Compression,
}

/// One line of a log, by meaning.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[expect(missing_docs, reason = "the sample line above each variant shows what its fields are")]
pub enum Event {
    // The program and its configuration.
    /// The client's own version and library (ssh.c `main`; from 10.0 on at `debug1`).
    Version { text: String },
    /// `Reading configuration data FILE` (readconf.c `read_config_file_depth`).
    ReadingConfig { file: String },
    /// `FILE line N: Applying options for PATTERN` (readconf.c `process_config_line_depth`).
    ApplyingOptions { file: String, line: u64, pattern: String },
    /// A line of a configuration that ssh does not take (readconf.c); `file` may be `command-line`.
    ConfigError { file: Option<String>, line: Option<u64>, text: String },
    /// `FILE: terminating, N bad configuration options` (readconf.c `read_config_file_depth`).
    ConfigTerminating { file: String },
    /// `Bad owner or permissions on FILE` (readconf.c `read_config_file_depth`).
    ConfigPermissions { file: String },
    /// `Bad permissions. Try removing permissions for user: USER on file FILE.` (Windows, w32-sshfileperm.c). A
    /// configuration or a key.
    WindowsPermissions { user: String, file: String },
    /// The command line was not understood: usage, unknown option, bad port (ssh.c `main`).
    UsageError { text: String },
    /// `Cannot execute command-line and remote command.` (ssh.c `main`).
    RemoteCommandConflict,
    /// There is no program `ssh` (the shell's words, or those of another program that wanted to start it).
    ClientMissing { text: String },
    /// The shell did not understand the pasted command: a page's `$` stands before it, or a manual's `<port>` in it.
    MisPasted { text: String },
    /// ssh cannot run with the libraries of this machine (openssl-compat.c, the dynamic loader).
    LibraryMismatch { text: String },
    /// ssh gave up for a reason of its own: a bad %-token, a jump host loop, an unusable ControlPath (ssh.c, misc.c).
    ClientFatal { text: String },
    /// `ControlPath too long` (ssh.c, misc.c `unix_listener`).
    ControlPathTooLong { text: String },

    // The way to the server.
    /// `Executing proxy command: exec …` (sshconnect.c `ssh_proxy_connect`).
    ProxyCommand { command: String },
    /// `Setting implicit ProxyCommand from ProxyJump: …` (ssh.c `main`).
    ProxyJump { command: String },
    /// The proxy program could not be started (Windows `posix_spawn`, `CreateProcessW`; a shell's `not found`).
    ProxyProgramFailed { text: String },
    /// `jumphost loop via HOST` (ssh.c `main`, since 8.3).
    ProxyLoop { host: String },
    /// `auto-mux: Trying existing master at 'PATH'` (mux.c `muxclient`).
    ControlMasterTrying { path: String },
    /// `master session id: N`: an older connection is used again (mux.c `mux_client_request_session`).
    MuxShared,
    /// The older connection did not serve (mux.c).
    MuxFailed { text: String },
    /// `Could not resolve hostname HOST: REASON` (ssh.c `resolve_host`).
    ResolveFailed { host: String, reason: ResolveReason, text: String },
    /// `Connecting to HOST [ADDRESS] port PORT.` (sshconnect.c `ssh_connect_direct`; Apple's without address).
    Connecting { host: String, address: Option<String>, port: u16 },
    /// `connect to address …`: one address of the host did not answer, others may (sshconnect.c `ssh_connect_direct`).
    AddressFailed { address: String, port: u16, reason: ConnectReason, text: String },
    /// `ssh: connect to host …`: none did (sshconnect.c `ssh_connect_direct`).
    ConnectFailed { host: String, port: u16, reason: ConnectReason, text: String },
    /// `bind ADDRESS: …`, `getifaddrs: …`: the local address cannot be used (sshconnect.c `ssh_create_socket`).
    BindFailed { text: String },
    /// `Connection established.` (sshconnect.c `ssh_connect_direct`).
    ConnectionEstablished,

    // Greeting and key exchange.
    /// `identity file PATH type N` (ssh.c `load_public_identity_files`): N is -1 where no public key could be read.
    /// Other numbers change between versions.
    IdentityFile { path: String, loaded: bool },
    /// `no such identity: PATH` (sshconnect2.c `load_identity_file`) or `Identity file PATH not accessible` (ssh.c `main`).
    /// `explicit`: ssh said it to everybody, so the user named the file; `warned`: with `-i`.
    IdentityMissing { path: String, explicit: bool, warned: bool },
    /// `Local version string …` (kex.c `kex_exchange_identification`): the client greeted.
    LocalVersion { text: String },
    /// `Remote protocol version P, remote software version S` (kex.c `kex_exchange_identification`).
    RemoteVersion { protocol: String, software: String },
    /// A line the server sent before its version (RFC 4253 section 4.2), or instead of it.
    PreBannerLine { text: String },
    /// What the server sent is no SSH greeting (kex.c `kex_exchange_identification`).
    BannerInvalid { text: String },
    /// `Connection timed out during banner exchange`.
    BannerTimeout,
    /// The server hung up before its version line (kex.c; before 8.0 sshconnect.c `ssh_exchange_identification`).
    KexExchangeClosed,
    /// The connection was reset, or broke, before the server's version line.
    KexExchangeReset { text: String },
    /// `Protocol major versions differ` and its like: an SSH server that is too old or too new.
    ProtocolMismatch { text: String },
    /// `Authenticating to HOST:PORT as 'USER'` (sshconnect.c `ssh_login`); printed before the key exchange.
    Authenticating { host: String, port: u16, user: String },
    /// `SSH2_MSG_KEXINIT sent` (kex.c `kex_send_kexinit`).
    KexInitSent,
    /// `SSH2_MSG_KEXINIT received` (kex.c `kex_input_kexinit`).
    KexInitReceived,
    /// `local client KEXINIT proposal`, `peer server KEXINIT proposal` (kex.c `kex_choose_conf`, -vv): whose lists follow.
    ProposalOf { server: bool },
    /// `KEX algorithms: …`, `ciphers stoc: …` and their like (kex.c `kex_buf2prop`, -vv); what goes to the server is left out.
    Proposal { what: Negotiated, algorithms: Vec<String> },
    /// `kex: algorithm: X`, `kex: host key algorithm: X`, `kex: server->client cipher: X …` (kex.c `kex_choose_conf`).
    KexChosen { what: Negotiated, algorithm: String },
    /// `expecting SSH2_MSG_KEX_…_REPLY`: the client waits for the server's half (kexgen.c `kex_gen_client`).
    KexReplyAwaited,
    /// `Unable to negotiate with …: no matching X found. Their offer: …` (packet.c `sshpkt_vfatal`).
    NoMatch { what: Negotiated, offer: Vec<String> },
    /// A packet could not be read, a signature or MAC was wrong (packet.c `sshpkt_vfatal`, `ssh_dispatch_run_fatal`).
    ProtocolError { text: String },
    /// `SSH2_MSG_NEWKEYS received` (packet.c, kex.c): the key exchange is done.
    NewKeys,
    /// `server-sig-algs=<…>` (kex.c `kex_ext_info_client_parse`; RFC 8308 section 3.1).
    ServerSigAlgs { algorithms: Vec<String> },

    // The host key.
    /// `Server host key: TYPE FINGERPRINT` (sshconnect.c `verify_host_key`).
    ServerHostKey { algorithm: String, fingerprint: String },
    /// `Host 'H' is known and matches the … host key.` (sshconnect.c `check_host_key`).
    HostKnown { host: String },
    /// `Found key in FILE:LINE` (sshconnect.c `check_host_key`).
    HostKeyFound { file: String, line: u64 },
    /// `The authenticity of host 'H' can't be established.` (sshconnect.c `check_host_key`): ssh asks.
    HostKeyPrompt { host: String },
    /// `REMOTE HOST IDENTIFICATION HAS CHANGED` (sshconnect.c `warn_changed_key`); a warning, not yet the end.
    HostKeyChanged,
    /// `Host key for H has changed and you have requested strict checking.`
    HostKeyChangedStrict { host: String },
    /// `Offending TYPE key in FILE:LINE` (sshconnect.c `check_host_key`).
    HostKeyOffending { file: String, line: u64 },
    /// `No TYPE host key is known for H and you have requested strict checking.`
    HostKeyUnknownStrict { host: String },
    /// `REVOKED HOST KEY DETECTED`, `host key for H was revoked` (sshconnect.c `check_host_key`).
    HostKeyRevoked,
    /// The host key or its certificate is not usable: too short, wrong name (sshconnect.c, sshconnect2.c).
    HostKeyInvalid { text: String },
    /// `Host key verification failed.` (sshconnect2.c `ssh_kex2`).
    HostVerificationFailed,
    /// `Permanently added 'H' (TYPE) to the list of known hosts.` (sshconnect.c `check_host_key`).
    HostKeyAdded { host: String },
    /// `Failed to add the host to the list of known hosts`, `Could not create directory` (hostfile.c); harmless.
    KnownHostsUnwritable { text: String },

    // Keys.
    /// `Will attempt key: …` (sshconnect2.c `pubkey_prepare`).
    WillAttempt { key: KeyDescription },
    /// A key that is left out, and why (sshconnect2.c `pubkey_prepare`, `load_identity_file`).
    Skipping { path: String, algorithm: Option<String>, reason: SkipReason },
    /// `Offering public key: …` (sshconnect2.c `userauth_pubkey`).
    Offering { key: KeyDescription },
    /// `Server accepts key: …` (sshconnect2.c `input_userauth_pk_ok`). To 7.8 without the key's name.
    Accepted { key: KeyDescription },
    /// `Trying private key: PATH` (sshconnect2.c `userauth_pubkey`): no public half is known, so no offer was made yet.
    TryingPrivateKey { path: String },
    /// `Load key "PATH": REASON` (sshconnect2.c `load_identity_file`, authfile.c).
    KeyLoadFailed { path: String, reason: LoadReason, text: String },
    /// `Permissions MODE for 'PATH' are too open.` (authfile.c `sshkey_perm_ok`; Windows without a mode).
    UnprotectedKey { path: String, mode: Option<String> },
    /// The client has no signature algorithm in common with the server for this key (sshconnect2.c `send_pubkey_test`,
    /// `sign_and_send_pubkey`): an RSA key where only SHA-1 would be left.
    NoMutualSignature,
    /// The server accepted the key and the signature could not be made (sshconnect2.c `sign_and_send_pubkey`).
    SigningFailed { path: Option<String>, reason: SignReason, agent: bool, text: String },
    /// `Confirm user presence for key …` (sshconnect2.c `notify_start`): the security key waits for a touch.
    ConfirmUserPresence,
    /// `Enter passphrase for key 'PATH':` (sshconnect2.c `load_identity_file`).
    PassphrasePrompt { path: String },
    /// `bad passphrase given`, `no passphrase given` (sshconnect2.c `load_identity_file`, `-vv`).
    PassphraseBad,
    /// A question could not be asked: no terminal, no askpass program (readpass.c).
    CannotAsk { text: String },
    /// A library for tokens could not be used: PKCS#11 (ssh-pkcs11.c) or FIDO (ssh-sk.c `sshsk_open`); misc.c
    /// `lib_contains_symbol` tells of both.
    ProviderFailed { path: Option<String>, security_key: bool, reason: ProviderReason },
    /// The security key that holds the key was found, or its library, and is asked next (sk-usbhid.c
    /// `sk_select_by_cred`, ssh-sk.c `sshsk_open`): it waits for a touch or a PIN.
    SecurityKeyAsked,
    /// No security key is plugged in that holds the key (sk-usbhid.c `sk_probe`, `sk_sign`).
    SecurityKeyMissing,
    /// `USER@HOST's password:` (sshconnect2.c `userauth_passwd`).
    PasswordPrompt,

    // The agent.
    /// The agent's socket did not serve (sshconnect2.c `get_agent_identities`; before 8.9 `pubkey_prepare`).
    AgentSocketError { text: String },
    /// `agent contains no identities` (authfd.c `ssh_fetch_identitylist`).
    AgentEmpty,
    /// `agent returned N keys` (sshconnect2.c `get_agent_identities`).
    AgentIdentities { count: u64 },
    /// `bound agent to hostkey` (sshconnect2.c `get_agent_identities`): the agent is there and not locked.
    AgentBound,

    // Authentication.
    /// `SSH2_MSG_SERVICE_ACCEPT received` (sshconnect2.c `input_userauth_service_accept`).
    ServiceAccepted,
    /// `Authentications that can continue: …` (sshconnect2.c `input_userauth_failure`): what was asked last is refused.
    AuthMethodsContinue { methods: Vec<String> },
    /// `Next authentication method: M` (sshconnect2.c `userauth`).
    NextMethod { method: String },
    /// `No more authentication methods to try.` (sshconnect2.c `userauth`).
    NoMoreMethods,
    /// `Authenticated to HOST ([ADDRESS]:PORT) using "METHOD".` (ssh.c `main`, sshconnect2.c `ssh_userauth2`; before 8.7
    /// the method is in `Authentication succeeded (METHOD).`). Whose login it was, the host says: a jump host's, perhaps.
    Authenticated { host: Option<String>, method: Option<String>, via_proxy: bool },
    /// `Authentication failed.`: all that an ssh to 7.5 says when the connection ends or breaks during the login, whyever.
    BrokenOff,
    /// `Authenticated using "METHOD" with partial success.`, without the method in older versions (sshconnect2.c
    /// `input_userauth_failure`).
    PartialSuccess { method: Option<String> },
    /// `USER@HOST: Permission denied (METHODS).` (sshconnect2.c `userauth`). Of the jump host, perhaps.
    PermissionDenied { user: Option<String>, host: Option<String>, methods: Vec<String> },
    /// `Permission denied, please try again.` (sshconnect2.c `userauth_passwd`).
    PasswordRefused,
    /// `Too many authentication failures`, in the server's words.
    TooManyFailures { code: Option<u32>, text: String },
    /// `Received disconnect from ADDRESS port PORT:CODE: TEXT` (packet.c `ssh_packet_read_poll_seqnr`).
    Disconnected { code: Option<u32>, text: String },
    /// `Connection closed by ADDRESS port PORT` (packet.c `sshpkt_vfatal`). `UNKNOWN port 65535` behind a proxy.
    ConnectionClosed { host: String, port: u16 },
    /// `Connection reset by ADDRESS port PORT` (packet.c `sshpkt_vfatal`).
    ConnectionReset { host: String, port: u16 },
    /// `Connection to ADDRESS port PORT timed out` (packet.c `sshpkt_vfatal`).
    ConnectionTimedOut { host: String, port: u16 },

    // The session.
    /// `Entering interactive session.` (clientloop.c `client_loop`).
    SessionEntered,
    /// `channel_connect_stdio_fwd HOST:PORT`, since 8.5 with a colon (channels.c): `ssh -W`, for a client that waits behind it.
    PassesOn,
    /// `Sending command: COMMAND` (clientloop.c `client_session2_setup`).
    SendingCommand { command: String },
    /// `exec: "PROGRAM": executable file not found in $PATH` (Go's os/exec, on the job).
    ExecNotFound { program: String },
    /// `No command or PTY requested` (the job's server): the login worked, nothing was asked for.
    NoCommandOrPty,
    /// `PTY allocation request failed`, `exec request failed` and their like (clientloop.c `client_status_confirm`).
    RequestFailed { request: String },
    /// `channel N: open failed: REASON: TEXT` (channels.c `channel_input_open_failure`).
    ChannelOpenFailed { channel: u64, text: String },
    /// `Connection to HOST closed.`, `Shared connection to HOST closed.` (ssh.c, mux.c): the session ended by itself.
    SessionClosed { host: String },
    /// `Connection to HOST closed by remote host.` (clientloop.c): the server ended a running session.
    SessionClosedByRemote { host: String },
    /// A running session was lost on the way (clientloop.c; before 8.0 packet.c `packet_write_wait`).
    SessionLost { text: String },
    /// `Timeout, server HOST not responding.` (clientloop.c `server_alive_check`).
    SessionTimeout { host: String },
    /// A port could not be forwarded (clientloop.c, channels.c); the session goes on unless ExitOnForwardFailure is set.
    ForwardFailed { text: String },
    /// `Transferred: sent … in S seconds` (ssh.c `ssh_session2`, clientloop.c): how long the connection lasted.
    Transferred { seconds: u64 },
    /// `Exit status N` (ssh.c `ssh_session2`); -1 where the server said none.
    ExitStatus { code: i64 },

    /// `Hi NAME! You've successfully authenticated, but GitHub does not provide shell access.` and its like: a git host let
    /// somebody in. Not ssh's words, but the server's.
    GitHost { host: String, account: Option<String> },
    /// A shell's prompt, and the command that was typed behind it. Not ssh's words.
    Prompt { prompt: String, command: String },

    /// Anything else.
    Other,
}
