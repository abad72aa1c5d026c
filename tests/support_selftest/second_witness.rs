//! Another client than OpenSSH's understands the job server: libssh2.

use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};

#[test]
#[allow(clippy::disallowed_methods, reason = "a client of our own test server")]
fn libssh2_logs_in() {
    for kind in ["ed25519", "rsa", "ecdsa"] {
        let mut home = Home::new();
        let key = home.keygen("job", kind);
        let other = home.keygen("other", kind);
        let server = JobServer::start(Options::authorizing([key.public.as_str()]));
        let mut public = key.path.clone().into_os_string();
        public.push(".pub");
        let connect = || {
            let mut session = ssh2::Session::new().expect("libssh2 starts");
            session.set_timeout(10_000);
            let stream = std::net::TcpStream::connect((server.ip(), server.port())).expect("the server listens");
            session.set_tcp_stream(stream);
            session.handshake().expect("the algorithms fit");
            session
        };
        connect().userauth_pubkey_file("ana", Some(public.as_ref()), &key.path, None).expect("the key is authorised");
        // libssh2 does not look whether the two halves belong together, which makes a forger of it.
        let forged = connect().userauth_pubkey_file("ana", Some(public.as_ref()), &other.path, None);
        assert!(forged.is_err(), "{kind}");
        let record = server.settled_record();
        assert_eq!((record.logins.len(), record.signatures()), (1, 2), "{kind}: {record:#?}");
    }
}
