//! Two logs for the tests of what is built on them.

/// A login to a git host that works.
pub(crate) const WORKS: &str = "OpenSSH_9.8p1, LibreSSL 3.3.6\n\
    debug1: Connecting to github.com [192.0.2.4] port 22.\n\
    debug1: identity file /Users/ana/.ssh/github type 3\n\
    debug1: Authenticating to github.com:22 as 'git'\n\
    debug1: Offering public key: /Users/ana/.ssh/github ED25519 SHA256:BBBB explicit\n\
    debug1: Server accepts key: /Users/ana/.ssh/github ED25519 SHA256:BBBB explicit\n\
    Authenticated to github.com ([192.0.2.4]:22) using \"publickey\".\n";
/// One of the same machine, to a job, that does not.
pub(crate) const FAILS: &str = "OpenSSH_9.8p1, LibreSSL 3.3.6\n\
    debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\n\
    debug1: Connection established.\n\
    debug1: identity file /Users/ana/.ssh/id_rsa type 0\n\
    debug1: Authenticating to 203.0.113.7:64535 as 'ana'\n\
    debug1: Next authentication method: publickey\n\
    debug1: Offering public key: /Users/ana/.ssh/id_rsa RSA SHA256:AAAA\n\
    debug1: Authentications that can continue: publickey\n\
    debug1: No more authentication methods to try.\n\
    ana@203.0.113.7: Permission denied (publickey).\n";
