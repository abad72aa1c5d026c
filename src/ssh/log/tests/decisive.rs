//! The lines by which causes are known, in the wording of every client that says them: each has its event.

use super::logs::*;
use super::*;

/// Cause, event, line.
#[rustfmt::skip]
const LINES: &[(&str, &str, &str)] = &[
    ("client-not-installed", "ClientMissing", "bash: ssh: command not found"),
    ("client-not-installed", "ClientMissing", "sh: ssh: not found"),
    ("client-not-installed", "ClientMissing", "zsh: command not found: ssh"),
    ("client-not-installed", "ClientMissing", "'ssh' is not recognized as an internal or external command,"),
    ("client-not-installed", "ClientMissing", "ssh : The term 'ssh' is not recognized as the name of a cmdlet, function, script file, or operable program."),
    ("client-not-installed", "ClientMissing", "    + CategoryInfo          : ObjectNotFound: (ssh:String) [], CommandNotFoundException"),
    ("client-openssl-mismatch", "LibraryMismatch", "OpenSSL version mismatch. Built against 30000070, you have 30200020"),
    ("client-shared-library-missing", "LibraryMismatch", "ssh: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file: No such file or directory"),
    ("client-shared-library-missing", "LibraryMismatch", "dyld[4711]: Library not loaded: /usr/local/opt/openssl@1.1/lib/libcrypto.1.1.dylib"),
    ("client-too-old", "Version", "OpenSSH_6.6.1p1 Ubuntu-2ubuntu2.13, OpenSSL 1.0.1f 6 Jan 2014"),
    ("run-as-root-sudo", "Authenticating", "debug1: Authenticating to 203.0.113.7:64535 as 'root'"),
    ("run-as-root-sudo", "IdentityFile", "debug1: identity file /root/.ssh/id_rsa type -1"),
    ("cmdline-bad-port", "UsageError", "Bad port '64535,'"),
    ("cmdline-bad-port", "UsageError", "option requires an argument -- p"),
    ("cmdline-bad-port", "UsageError", "unknown option -- -"),
    ("cmdline-uppercase-p", "ConnectFailed", "ssh: connect to host 0.0.252.23 port 22: Connection timed out"),
    ("cmdline-host-colon-port", "ResolveFailed", "ssh: Could not resolve hostname 203.0.113.19:64538: Name or service not known"),
    ("cmdline-typographic-dash", "ResolveFailed", "ssh: Could not resolve hostname \\342\\200\\223p: Name or service not known"),
    ("cmdline-placeholder-or-prompt-pasted", "ResolveFailed", "ssh: Could not resolve hostname ssh: Temporary failure in name resolution"),
    ("port-missing", "Connecting", "debug1: Connecting to 203.0.113.44 [203.0.113.44] port 22."),
    ("port-missing", "Connecting", "debug1: Connecting to 203.0.113.44 port 22."),
    ("config-bad-option", "ConfigError", "/home/u/.ssh/config: line 4: Bad configuration option: xyz"),
    ("config-bad-option", "ConfigError", "command-line: line 0: Bad configuration option: xyz"),
    ("config-bad-option", "ConfigTerminating", "/home/u/.ssh/config: terminating, 1 bad configuration options"),
    ("config-usekeychain-not-macos", "ConfigError", "/home/u/.ssh/config: line 2: Bad configuration option: usekeychain"),
    ("config-bad-permissions", "ConfigPermissions", "Bad owner or permissions on /home/u/.ssh/config"),
    ("config-bad-permissions", "WindowsPermissions", "Bad permissions. Try removing permissions for user: CORP\\\\ana (S-1-5-21-1) on file C:/Users/u/.ssh/config."),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 4: unsupported option \"accept_new\"."),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 3: Bad port '64535x'."),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 4: no argument after keyword \"identityfile\""),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 4: Missing argument."),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 3: keyword port extra arguments at end of line"),
    ("config-bad-value", "ConfigError", "/home/u/.ssh/config line 3: garbage at end of line; \"22\"."),
    ("config-bad-algorithm-name", "ConfigError", "Bad key types '+ssh-dss'."),
    ("config-bad-algorithm-name", "ConfigError", "command-line line 0: Bad SSH2 cipher spec 'blowfish-cbc'."),
    ("config-bad-algorithm-name", "ConfigError", "Unsupported KEX algorithm \"foo\""),
    ("config-bad-algorithm-name", "ConfigError", "Bad SSH2 KexAlgorithms 'foo'."),
    ("config-bad-algorithm-name", "ConfigError", "Bad SSH2 MAC spec 'foo'."),
    ("config-bom-or-utf16", "ConfigError", "/home/u/.ssh/config: line 1: Bad configuration option: \\357\\273\\277host"),
    ("config-bom-or-utf16", "ConfigError", "/home/u/.ssh/config: line 1: Bad configuration option: \\377\\376h"),
    ("config-match-error", "ConfigError", "Unsupported Match attribute tagged"),
    ("config-match-error", "ConfigError", "/home/u/.ssh/config line 4: Bad Match condition"),
    ("config-identityfile-missing", "IdentityMissing", "no such identity: /home/u/.ssh/keys/work: No such file or directory"),
    ("config-identityagent-bad", "AgentSocketError", "debug1: get_agent_identities: ssh_get_authentication_socket: No such file or directory"),
    ("config-pubkey-disabled", "NoMoreMethods", "debug1: No more authentication methods to try."),
    ("config-pubkey-algorithms-exclude-key", "Skipping", "debug1: Skipping ssh-rsa key /k - not in PubkeyAcceptedKeyTypes"),
    ("config-pubkey-algorithms-exclude-key", "Skipping", "debug1: Skipping ssh-rsa key /k - corresponding algo not in PubkeyAcceptedAlgorithms"),
    ("config-pubkey-algorithms-exclude-key", "Skipping", "debug1: Skipping ssh-rsa key /k - corresponding algorithm not in PubkeyAcceptedAlgorithms"),
    ("config-algorithms-pinned", "NoMatch", "Unable to negotiate with 203.0.113.7 port 64535: no matching cipher found. Their offer: aes128-gcm@openssh.com"),
    ("config-algorithms-pinned", "NoMatch", "Unable to negotiate with 203.0.113.7 port 64535: no matching MAC found. Their offer: hmac-sha2-256"),
    ("config-proxyjump-unreachable", "ProxyJump", "debug1: Setting implicit ProxyCommand from ProxyJump: ssh -v -W '[%h]:%p' bastion"),
    ("config-proxyjump-unreachable", "ConnectionClosed", "Connection closed by UNKNOWN port 65535"),
    ("config-proxyjump-denied", "PermissionDenied", "ops@bastion: Permission denied (publickey)."),
    ("config-proxyjump-loop", "ProxyLoop", "jumphost loop via bastion"),
    ("config-proxycommand-fails", "ProxyCommand", "debug1: Executing proxy command: exec corkscrew proxy 3128 203.0.113.7 64535"),
    ("config-proxycommand-fails", "ProxyProgramFailed", "CreateProcessW failed error:2"),
    ("config-proxycommand-fails", "ProxyProgramFailed", "posix_spawnp: No such file or directory"),
    ("config-proxycommand-fails", "KexExchangeReset", "write: Broken pipe"),
    ("config-controlmaster-stale", "ControlMasterTrying", "debug1: auto-mux: Trying existing master at '/home/u/.ssh/cm-x'"),
    ("config-controlmaster-stale", "MuxFailed", "mux_client_request_session: read from master failed: Broken pipe"),
    ("config-controlmaster-stale", "MuxFailed", "mux_client_request_session: session request failed: Session open refused by peer"),
    ("config-controlpath-collision", "MuxShared", "debug1: mux_client_request_session: master session id: 2"),
    ("config-controlpath-collision", "SessionClosed", "Shared connection to 203.0.113.7 closed."),
    ("config-controlpath-bad", "ControlPathTooLong", "ControlPath too long ('/x' >= 108 bytes)"),
    ("config-controlpath-bad", "ControlPathTooLong", "unix_listener: path \"/x\" too long for Unix domain socket"),
    ("config-controlpath-bad", "ClientFatal", "unix_listener: cannot bind to path /x.random: No such file or directory"),
    ("config-remotecommand", "RemoteCommandConflict", "Cannot execute command-line and remote command."),
    ("config-remotecommand", "SendingCommand", "debug1: Sending command: tmux new -A -s main"),
    ("config-addressfamily", "ResolveFailed", "ssh: Could not resolve hostname 203.0.113.30: Address family for hostname not supported"),
    ("config-bindaddress", "BindFailed", "bind 192.0.2.199: Cannot assign requested address"),
    ("config-bindaddress", "BindFailed", "getifaddrs: tun0: no suitable addresses"),
    ("config-bindaddress", "ConnectFailed", "ssh: connect to host 203.0.113.7 port 64535: failure"),
    ("config-canonicalization", "ResolveFailed", "ssh: Could not resolve host \"job-box\""),
    ("config-pkcs11-provider-bad", "ProviderFailed", "lib_contains_symbol: open /usr/lib/opensc-pkcs11.so: No such file or directory"),
    ("config-pkcs11-provider-bad", "ProviderFailed", "provider /usr/lib/opensc-pkcs11.so is not a PKCS11 library"),
    ("config-pkcs11-provider-bad", "ProviderFailed", "debug1: pkcs11_register_provider: provider /usr/lib/opensc-pkcs11.so returned no slots"),
    ("config-token-expansion", "ClientFatal", "vdollar_percent_expand: unknown key %q"),
    ("config-token-expansion", "ClientFatal", "percent_dollar_expand: failed"),
    ("config-crypto-policy", "ProtocolError", "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: error in libcrypto"),
    ("no-key-found", "TryingPrivateKey", "debug1: Trying private key: /home/u/.ssh/id_rsa"),
    ("key-file-missing", "IdentityMissing", "Warning: Identity file nokey not accessible: No such file or directory."),
    ("wrong-key-offered", "Offering", "debug1: Offering RSA public key: /home/u/.ssh/id_rsa"),
    ("wrong-key-offered", "Offering", "debug1: Offering public key: RSA SHA256:abc /home/u/.ssh/id_rsa"),
    ("wrong-key-offered", "Offering", "debug1: Offering public key: /home/u/.ssh/id_rsa RSA SHA256:abc explicit"),
    ("wrong-key-offered", "AuthMethodsContinue", "debug1: Authentications that can continue: publickey"),
    ("rsa-sha1-no-mutual-signature", "NoMutualSignature", "debug1: send_pubkey_test: no mutual signature algorithm"),
    ("rsa-sha1-no-mutual-signature", "NoMutualSignature", "sign_and_send_pubkey: no mutual signature supported"),
    ("key-type-not-accepted", "ServerSigAlgs", "debug1: kex_ext_info_client_parse: server-sig-algs=<rsa-sha2-256,rsa-sha2-512>"),
    ("key-perms-too-open", "UnprotectedKey", "Permissions 0644 for '/home/u/key' are too open."),
    ("key-perms-too-open", "KeyLoadFailed", "Load key \"/home/u/key\": bad permissions"),
    ("key-perms-windows-acl", "UnprotectedKey", "Permissions for 'C:\\\\Users\\\\u\\\\key' are too open."),
    ("key-unreadable", "KeyLoadFailed", "Load key \"/home/u/key\": Permission denied"),
    ("key-invalid-format", "KeyLoadFailed", "Load key \"/home/u/key\": invalid format"),
    ("key-invalid-format", "KeyLoadFailed", "Load key \"/home/u/key\": error in libcrypto"),
    ("key-pub-mismatch", "SigningFailed", "identity_sign: private key /home/u/key contents do not match public"),
    ("key-passphrase-no-prompt", "CannotAsk", "debug1: read_passphrase: can't open /dev/tty: No such device or address"),
    ("key-passphrase-no-prompt", "CannotAsk", "ssh_askpass: exec(/usr/libexec/ssh-askpass): No such file or directory"),
    ("key-passphrase-wrong", "PassphraseBad", "debug2: bad passphrase given, try again..."),
    ("key-passphrase-wrong", "PassphrasePrompt", "Enter passphrase for key '/home/u/key': "),
    ("key-passphrase-wrong", "KeyLoadFailed", "Load key \"/home/u/key\": incorrect passphrase supplied to decrypt private key"),
    ("key-dsa-unsupported", "Skipping", "debug1: Skipping ssh-dss key /home/u/.ssh/id_dsa - not in PubkeyAcceptedKeyTypes"),
    ("key-dsa-unsupported", "KeyLoadFailed", "Load key \"/home/u/.ssh/id_dsa\": unknown or unsupported key type"),
    ("key-rsa-too-small", "KeyLoadFailed", "load pubkey \"/home/u/key\": Invalid key length"),
    ("key-rsa-too-small", "Skipping", "debug1: load_identity_file: Skipping key /home/u/key: Invalid key length"),
    ("key-sk-no-device", "SecurityKeyMissing", "debug1: sk_probe: 0 device(s) detected"),
    ("key-sk-no-device", "ConfirmUserPresence", "Confirm user presence for key ED25519-SK SHA256:abc"),
    ("key-sk-no-device", "SigningFailed", "sign_and_send_pubkey: signing failed for ED25519-SK \"/k\": device not found"),
    ("key-sk-no-provider", "Skipping", "debug1: pubkey_prepare: ignoring authenticator-hosted key /k as no SecurityKeyProvider has been specified"),
    ("key-sk-no-provider", "Skipping", "debug1: key \"/k\" is an authenticator-hosted key, but no provider specified"),
    ("cert-key-mismatch", "Skipping", "debug1: identity file /k-cert type 7 with no matching private key"),
    ("cert-key-mismatch", "SigningFailed", "debug1: sign_and_send_pubkey: no separate private key for certificate"),
    ("agent-not-running", "AgentSocketError", "Could not open a connection to your authentication agent."),
    ("agent-stale-socket", "AgentSocketError", "debug1: pubkey_prepare: ssh_get_authentication_socket: Connection refused"),
    ("agent-stale-socket", "AgentSocketError", "Error connecting to agent: No such file or directory"),
    ("agent-empty", "AgentEmpty", "debug1: get_agent_identities: ssh_fetch_identitylist: agent contains no identities"),
    ("agent-empty", "AgentEmpty", "The agent has no identities."),
    ("agent-empty", "AgentBound", "debug1: get_agent_identities: bound agent to hostkey"),
    ("agent-refused-operation", "SigningFailed", "sign_and_send_pubkey: signing failed for ED25519 \"work\" from agent: agent refused operation"),
    ("agent-refused-operation", "SigningFailed", "sign_and_send_pubkey: signing failed: agent refused operation"),
    ("agent-refused-operation", "SigningFailed", "Agent admitted failure to sign using the key."),
    ("agent-communication-failed", "SigningFailed", "sign_and_send_pubkey: signing failed: communication with agent failed"),
    ("agent-windows-service-stopped", "AgentSocketError", "debug3: unable to connect to pipe \\\\\\\\.\\\\pipe\\\\openssh-ssh-agent, error: 2"),
    ("agent-socket-permission", "AgentSocketError", "debug1: get_agent_identities: ssh_get_authentication_socket: Permission denied"),
    ("agent-destination-restricted", "AgentIdentities", "debug1: get_agent_identities: agent returned 2 keys"),
    ("too-many-auth-failures", "TooManyFailures", "Received disconnect from 203.0.113.7 port 64535:2: Too many authentication failures"),
    ("too-many-auth-failures", "TooManyFailures", "Received disconnect from 203.0.113.7 port 64535:2: too many authentication failures"),
    ("too-many-auth-failures", "TooManyFailures", "Received disconnect from 203.0.113.7: 2: Too many authentication failures for ana"),
    ("connection-refused", "ConnectFailed", "ssh: connect to host 203.0.113.9 port 64537: Connection refused"),
    ("connection-refused", "AddressFailed", "debug1: connect to address 203.0.113.9 port 64537: Connection refused"),
    ("connection-refused", "ConnectFailed", "dbclient: Connection to ana@203.0.113.9:64537 exited: Connect failed: Connection refused"),
    ("connection-timed-out", "ConnectFailed", "ssh: connect to host 203.0.113.9 port 64535: Operation timed out"),
    ("no-route-to-host", "ConnectFailed", "ssh: connect to host 203.0.113.9 port 64535: No route to host"),
    ("network-unreachable", "ConnectFailed", "ssh: connect to host 203.0.113.9 port 64535: Unknown error"),
    ("local-firewall-denies", "ConnectFailed", "ssh: connect to host 203.0.113.9 port 64535: Permission denied"),
    ("dns-unresolvable", "ResolveFailed", "ssh: Could not resolve hostname job.example: nodename nor servname provided, or not known"),
    ("dns-unresolvable", "ResolveFailed", "ssh: Could not resolve hostname job.example: No such host is known. "),
    ("dns-temporary-failure", "ResolveFailed", "ssh: Could not resolve hostname job.example: Try again"),
    ("ipv6-broken", "AddressFailed", "debug1: connect to address 2001:db8::9 port 64535: Network is unreachable"),
    ("http-instead-of-ssh", "PreBannerLine", "debug1: kex_exchange_identification: banner line 0: HTTP/1.1 400 Bad Request"),
    ("http-instead-of-ssh", "PreBannerLine", "debug1: ssh_exchange_identification: HTTP/1.1 400 Bad Request"),
    ("captive-portal", "PreBannerLine", "debug1: kex_exchange_identification: banner line 1: Location: http://login.example/"),
    ("not-ssh-server", "BannerInvalid", "kex_exchange_identification: banner line contains invalid characters"),
    ("not-ssh-server", "BannerInvalid", "banner exchange: Connection to 203.0.113.7 port 443: invalid format"),
    ("not-ssh-server", "ProtocolError", "Bad packet length 1349676916."),
    ("banner-timeout", "BannerTimeout", "Connection timed out during banner exchange"),
    ("banner-timeout", "ConnectionTimedOut", "Connection to 203.0.113.7 port 64535 timed out"),
    ("kex-connection-reset", "KexExchangeReset", "kex_exchange_identification: read: Connection reset by peer"),
    ("kex-connection-reset", "KexExchangeReset", "ssh_exchange_identification: read: Connection reset by peer"),
    ("kex-connection-reset", "ConnectionReset", "Connection reset by 203.0.113.15 port 64535"),
    ("maxstartups-or-banned", "KexExchangeClosed", "kex_exchange_identification: Connection closed by remote host"),
    ("maxstartups-or-banned", "KexExchangeClosed", "ssh_exchange_identification: Connection closed by remote host"),
    ("maxstartups-or-banned", "PreBannerLine", "debug1: kex_exchange_identification: banner line 0: Not allowed at this time"),
    ("mtu-blackhole", "KexReplyAwaited", "debug1: expecting SSH2_MSG_KEX_ECDH_REPLY"),
    ("mtu-blackhole", "KexInitSent", "debug1: SSH2_MSG_KEXINIT sent"),
    ("packet-corruption", "ProtocolError", "Corrupted MAC on input."),
    ("packet-corruption", "ProtocolError", "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: message authentication code incorrect"),
    ("packet-corruption", "ProtocolError", "padding error: need 1234 block 16 mod 2"),
    ("closed-during-auth", "ConnectionClosed", "Connection closed by 203.0.113.154 port 64535"),
    ("ssh1-server", "ProtocolMismatch", "Protocol major versions differ: 2 vs. 1"),
    ("ssh1-server", "RemoteVersion", "debug1: Remote protocol version 1.5, remote software version OldSSH"),
    ("hostkey-changed", "HostKeyChanged", "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @"),
    ("hostkey-changed", "HostKeyOffending", "Offending ED25519 key in /home/u/.ssh/known_hosts:3"),
    ("hostkey-changed", "HostKeyChangedStrict", "RSA host key for [203.0.113.7]:64535 has changed and you have requested strict checking."),
    ("hostkey-changed", "HostKeyChangedStrict", "Host key for [203.0.113.7]:64535 has changed and you have requested strict checking."),
    ("hostkey-unknown-strict", "HostKeyUnknownStrict", "No RSA host key is known for [203.0.113.7]:64535 and you have requested strict checking."),
    ("hostkey-unknown-no-tty", "HostVerificationFailed", "Host key verification failed."),
    ("hostkey-declined", "HostKeyPrompt", "The authenticity of host '[203.0.113.7]:64535 ([203.0.113.7]:64535)' can't be established."),
    ("hostkey-revoked", "HostKeyRevoked", "@       WARNING: REVOKED HOST KEY DETECTED!               @"),
    ("hostkey-revoked", "HostKeyRevoked", "ED25519 host key for [203.0.113.7]:64535 was revoked and you have requested strict checking."),
    ("hostkey-no-matching-type", "NoMatch", "Unable to negotiate with 203.0.113.7 port 64535: no matching host key type found. Their offer: ssh-rsa"),
    ("hostkey-no-matching-type", "KexChosen", "debug1: kex: host key algorithm: (no match)"),
    ("hostkey-too-small", "HostKeyInvalid", "Bad server host key: Invalid key length"),
    ("hostkey-cert-invalid", "HostKeyInvalid", "Certificate invalid: name is not a listed principal"),
    ("known-hosts-unwritable", "KnownHostsUnwritable", "Failed to add the host to the list of known hosts (/home/u/.ssh/known_hosts)."),
    ("known-hosts-unwritable", "KnownHostsUnwritable", "Could not create directory '/home/u/.ssh' (Permission denied)."),
    ("kex-no-match", "NoMatch", "Unable to negotiate with 203.0.113.7 port 64535: no matching key exchange method found. Their offer: diffie-hellman-group14-sha1"),
    ("kex-signature-error", "ProtocolError", "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: incorrect signature"),
    ("kex-signature-error", "ProtocolError", "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: unexpected internal error"),
    ("kex-dh-group", "ProtocolError", "ssh_dispatch_run_fatal: Connection to 203.0.113.7 port 64535: DH GEX group out of range"),
    ("vcs-key-not-registered", "PermissionDenied", "git@github.com: Permission denied (publickey)."),
    ("vcs-key-not-registered", "PermissionDenied", "FATAL ERROR: No supported authentication methods available (server sent: publickey)"),
    ("auth-password-only-server", "PasswordPrompt", "ana@203.0.113.7's password: "),
    ("auth-password-only-server", "PermissionDenied", "203.0.113.7: Permission denied (password,keyboard-interactive)."),
    ("auth-partial-success", "PartialSuccess", "Authenticated using \"publickey\" with partial success."),
    ("auth-account-restricted", "Accepted", "debug1: Server accepts key: /home/u/.ssh/id_rsa RSA SHA256:abc"),
    ("auth-account-restricted", "Accepted", "debug1: Server accepts key: pkalg rsa-sha2-512 blen 279"),
    ("session-warp-wrapper", "SendingCommand", "debug1: Sending command: \\nexport TERM_PROGRAM='WarpTerminal'"),
    ("session-exec-not-found", "ExecNotFound", "Error: exec: \"export\": executable file not found in $PATH"),
    ("session-shell-not-found", "ExecNotFound", "exec: \"/bin/bash\": stat /bin/bash: no such file or directory"),
    ("session-windows-shell-needed", "ExecNotFound", "Error: exec: \"bash\": executable file not found in %PATH%"),
    ("session-path-env-wrong", "ExitStatus", "debug1: Exit status 127"),
    ("session-forced-command", "GitHost", "Hi ana! You've successfully authenticated, but GitHub does not provide shell access."),
    ("session-pty-refused", "RequestFailed", "PTY allocation request failed on channel 0"),
    ("session-channel-open-failed", "ChannelOpenFailed", "channel 0: open failed: administratively prohibited: open failed"),
    ("session-exec-request-failed", "RequestFailed", "exec request failed on channel 0"),
    ("session-exec-request-failed", "RequestFailed", "shell request failed on channel 0"),
    ("session-limit-or-job-ended", "SessionClosedByRemote", "Connection to 203.0.113.7 closed by remote host."),
    ("session-limit-or-job-ended", "Transferred", "Transferred: sent 3360, received 3120 bytes, in 7201.4 seconds"),
    ("session-limit-or-job-ended", "ExitStatus", "debug1: Exit status -1"),
    ("session-broken-pipe", "SessionLost", "client_loop: send disconnect: Broken pipe"),
    ("session-broken-pipe", "SessionLost", "client_loop: send disconnect: Connection reset"),
    ("session-broken-pipe", "SessionLost", "packet_write_wait: Connection to 203.0.113.7 port 64535: Broken pipe"),
    ("session-broken-pipe", "SessionLost", "Write failed: Broken pipe"),
    ("session-broken-pipe", "SessionLost", "Read from remote host 203.0.113.7: Operation timed out"),
    ("session-keepalive-timeout", "SessionTimeout", "Timeout, server 198.51.100.55 not responding."),
    ("session-local-forward-in-use", "ForwardFailed", "channel_setup_fwd_listener_tcpip: cannot listen to port: 5901"),
    ("session-local-forward-in-use", "ForwardFailed", "Could not request local forwarding."),
    ("session-forward-target-refused", "ChannelOpenFailed", "channel 3: open failed: connect failed: connect: connection refused"),
    ("session-remote-forward-failed", "ForwardFailed", "Warning: remote port forwarding failed for listen port 80"),
    ("session-sftp-unsupported", "RequestFailed", "subsystem request failed on channel 0"),
    ("session-x11-failed", "RequestFailed", "X11 forwarding request failed on channel 0"),
    ("session-ide-wrapper", "ConnectFailed", "[09:41:20.463] > ssh: connect to host 203.0.113.9 port 64537: Connection refused"),
    ("healthy", "Authenticated", "Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\"."),
    ("healthy", "Authenticated", "Authenticated to 203.0.113.7 ([203.0.113.7]:64535)."),
    ("healthy", "Authenticated", "debug1: Authentication succeeded (publickey)."),
    ("healthy", "SessionClosed", "Connection to 203.0.113.7 closed."),
    ("healthy", "HostKeyAdded", "Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts."),
];

/// Lines of logins that work, which look worse than they are.
const HARMLESS: &[&str] = &[
    "debug1: Authenticator provider $SSH_SK_PROVIDER did not resolve; disabling",
    "debug1: load_hostkeys: fopen /home/u/.ssh/known_hosts: No such file or directory",
    "debug1: key_load_public: No such file or directory",
    "debug1: no pubkey loaded from /home/u/.ssh/id_rsa",
    "debug1: no identity pubkey loaded from /home/u/.ssh/id_rsa",
    "debug1: check_host_key: hostkey not known or explicitly trusted: disabling UpdateHostkeys",
    "debug1: Stale control socket /home/u/.ssh/cm, unlinking",
    "ControlSocket /home/u/.ssh/cm already exists, disabling multiplexing",
    "** WARNING: connection is not using a post-quantum key exchange algorithm.",
    "** This session may be vulnerable to \"store now, decrypt later\" attacks.",
    "bash: warning: setlocale: LC_ALL: cannot change locale (de_DE.UTF-8)",
    "Pseudo-terminal will not be allocated because stdin is not a terminal.",
    "bind [127.0.0.1]:5901: Address already in use",
    "'xterm-ghostty': unknown terminal type.",
    "Disconnected from 203.0.113.7 port 64535",
    "getsockname failed: Bad file descriptor",
];

/// The variant's name.
fn kind(event: &Event) -> String {
    format!("{event:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

#[test]
fn every_decisive_line_has_its_event() {
    for (cause, expected, line) in LINES {
        for raw in [(*line).to_owned(), format!("{line}\r\n"), format!("    {line}"), format!("> {line}")] {
            assert_eq!(&kind(&Parser::new().line(raw.as_bytes()).event), expected, "{cause}: {raw}");
        }
    }
}

#[test]
fn what_is_harmless_means_nothing() {
    for line in HARMLESS {
        assert_eq!(Parser::new().line(line.as_bytes()).event, Event::Other, "{line}");
    }
}

/// A line behind other programs' decoration means the same.
#[test]
fn decoration_changes_nothing() {
    let decorations: [(&str, &str); 8] = [
        ("2026-11-22T09:41:20.123Z ", ""),
        ("Nov 22 09:41:20 build-7 ssh[4711]: ", ""),
        ("12 | ", ""),
        ("- ", ""),
        ("`", "`"),
        ("<span>", "</span><br>"),
        ("circleci@6c5f:~/project$ ", ""),
        ("\u{1b}[31m", "\u{1b}[0m"),
    ];
    for (cause, expected, line) in LINES {
        // A prompt with a command is one, whatever the command is called; and Windows' notes are decoration themselves.
        for (before, after) in decorations.iter().filter(|_| !line.contains("CategoryInfo")) {
            let raw = format!("{before}{line}{after}");
            assert_eq!(&kind(&Parser::new().line(raw.as_bytes()).event), expected, "{cause}: {raw}");
        }
    }
}

/// Programs in a session may print any of it, and the login has worked all the same.
#[test]
fn nothing_printed_in_a_session_undoes_the_login() {
    let healthy = [START, KEX, NEW_KEYS, OFFERS, ACCEPTED, IN].concat();
    let mut wrong = vec![];
    for (cause, event, line) in LINES.iter().filter(|(_, _, line)| !line.starts_with("debug")) {
        let attempt = attempt(&format!("{healthy}{line}\ndebug1: Exit status 0\n"));
        if (attempt.attempts, attempt.outcome) != (1, Outcome::Authenticated) {
            wrong.push((cause, event, line, attempt.attempts, attempt.outcome));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
