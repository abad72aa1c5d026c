//! What happened to a job server, for tests to ask afterwards.

/// One key that a client showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Offer {
    pub(crate) user: String,
    /// As ssh prints it: `SHA256:…`.
    pub(crate) fingerprint: String,
    /// The key itself, as in a public line.
    pub(crate) key: Vec<u8>,
    /// The signature algorithm the client named with it.
    pub(crate) algorithm: String,
    /// A signature came with it; otherwise the client only asked.
    pub(crate) signed: bool,
    pub(crate) accepted: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Login {
    pub(crate) user: String,
    pub(crate) fingerprint: String,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    pub(crate) connections: usize,
    /// How many of the connections came as far as asking for authentication.
    pub(crate) attempts: usize,
    /// Greetings of the clients, in order of connection.
    pub(crate) client_greetings: Vec<String>,
    /// User names in the order of authentication requests, repeats included.
    pub(crate) users: Vec<String>,
    /// Authentication methods in the same order.
    pub(crate) methods: Vec<String>,
    pub(crate) offers: Vec<Offer>,
    pub(crate) logins: Vec<Login>,
    pub(crate) sessions: usize,
    pub(crate) ptys: usize,
    pub(crate) shells: usize,
    /// Commands as the client sent them, whether or not they could be run.
    pub(crate) commands: Vec<String>,
    pub(crate) subsystems: Vec<String>,
    /// Why connections ended, where it was not by a plain close.
    pub(crate) endings: Vec<String>,
}

impl Record {
    /// How many signatures clients made for this server.
    pub(crate) fn signatures(&self) -> usize {
        self.offers.iter().filter(|offer| offer.signed).count()
    }

    /// Fingerprints of the keys that were offered, each once, in the order of first sight.
    pub(crate) fn offered(&self) -> Vec<&str> {
        let mut seen = Vec::new();
        for offer in &self.offers {
            if !seen.contains(&offer.fingerprint.as_str()) {
                seen.push(&offer.fingerprint);
            }
        }
        seen
    }
}
