//! Samples that several tests use. Hosts and addresses are those kept for documentation (RFC 5737).

pub(super) const START: &str = "\
OpenSSH_9.6p1 Ubuntu-3ubuntu13.5, OpenSSL 3.0.13 30 Jan 2024
debug1: Reading configuration data /etc/ssh/ssh_config
debug1: /etc/ssh/ssh_config line 21: Applying options for *
debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.
debug1: Connection established.
debug1: identity file /home/ana/.ssh/id_rsa type -1
debug1: identity file /home/ana/.ssh/id_ed25519 type 3
debug1: Local version string SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13.5
";

pub(super) const KEX: &str = "\
debug1: Remote protocol version 2.0, remote software version Go
debug1: compat_banner: no match: Go
debug1: Authenticating to 203.0.113.7:64535 as 'ana'
debug1: load_hostkeys: fopen /home/ana/.ssh/known_hosts: No such file or directory
debug1: SSH2_MSG_KEXINIT sent
debug1: SSH2_MSG_KEXINIT received
debug1: kex: algorithm: curve25519-sha256
debug1: kex: host key algorithm: rsa-sha2-512
debug1: kex: server->client cipher: aes128-gcm@openssh.com MAC: <implicit> compression: none
debug1: expecting SSH2_MSG_KEX_ECDH_REPLY
debug1: SSH2_MSG_KEX_ECDH_REPLY received
debug1: Server host key: ssh-rsa SHA256:hostkeyhostkey
";

pub(super) const NEW_KEYS: &str = "\
Warning: Permanently added '[203.0.113.7]:64535' (RSA) to the list of known hosts.
debug1: SSH2_MSG_NEWKEYS sent
debug1: expecting SSH2_MSG_NEWKEYS
debug1: SSH2_MSG_NEWKEYS received
debug1: SSH2_MSG_EXT_INFO received
debug1: kex_ext_info_client_parse: server-sig-algs=<ssh-ed25519,rsa-sha2-256,rsa-sha2-512>
debug1: SSH2_MSG_SERVICE_ACCEPT received
debug1: Authentications that can continue: publickey
debug1: Next authentication method: publickey
debug1: get_agent_identities: bound agent to hostkey
debug1: get_agent_identities: agent returned 1 keys
debug1: Will attempt key: work ECDSA SHA256:agentkey agent
debug1: Will attempt key: /home/ana/.ssh/id_rsa
debug1: Will attempt key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:filekey
";

pub(super) const OFFERS: &str = "\
debug1: Offering public key: work ECDSA SHA256:agentkey agent
debug1: Authentications that can continue: publickey
debug1: Trying private key: /home/ana/.ssh/id_rsa
debug1: Offering public key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:filekey
";

pub(super) const REFUSED: &str = "\
debug1: Authentications that can continue: publickey
debug1: No more authentication methods to try.
ana@203.0.113.7: Permission denied (publickey).
";

pub(super) const ACCEPTED: &str = "\
debug1: Server accepts key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:filekey
";

pub(super) const IN: &str = "\
Authenticated to 203.0.113.7 ([203.0.113.7]:64535) using \"publickey\".
debug1: channel 0: new session [client-session] (inactive timeout: 0)
debug1: Entering interactive session.
";

pub(super) const CHANGED: &str = "\
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
SHA256:hostkeyhostkey.
Offending ED25519 key in /home/ana/.ssh/known_hosts:12
Host key for [203.0.113.7]:64535 has changed and you have requested strict checking.
Host key verification failed.
";

/// A jump host's client, up to its login; then ours.
pub(super) const JUMP: &str = "\
OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024
debug1: Reading configuration data /home/ana/.ssh/config
debug1: Setting implicit ProxyCommand from ProxyJump: ssh -v -W '[%h]:%p' ops@bastion
debug1: Executing proxy command: exec ssh -v -W '[203.0.113.7]:64535' ops@bastion
debug1: identity file /home/ana/.ssh/id_ed25519 type 3
debug1: Local version string SSH-2.0-OpenSSH_9.6
OpenSSH_9.6p1, OpenSSL 3.0.13 30 Jan 2024
debug1: Reading configuration data /home/ana/.ssh/config
debug1: Connecting to bastion [198.51.100.2] port 22.
debug1: Connection established.
debug1: identity file /home/ana/.ssh/id_ed25519 type 3
debug1: Local version string SSH-2.0-OpenSSH_9.6
debug1: Remote protocol version 2.0, remote software version OpenSSH_9.2
debug1: Authenticating to bastion:22 as 'ops'
debug1: SSH2_MSG_KEXINIT sent
debug1: SSH2_MSG_KEXINIT received
debug1: Server host key: ssh-ed25519 SHA256:bastionkey
debug1: Host 'bastion' is known and matches the ED25519 host key.
debug1: SSH2_MSG_SERVICE_ACCEPT received
debug1: Authentications that can continue: publickey
debug1: Next authentication method: publickey
debug1: Offering public key: /home/ana/.ssh/id_ed25519 ED25519 SHA256:filekey
";
