//! Whose fault it is when client and server share no algorithm, and what would bring them together.

use super::candidates::candidates;
use crate::{
    facts::{Disagreement, Facts, ServerOffers},
    ssh::log::{Negotiated, NoMatch, Proposal},
};

/// What two lists can disagree about (RFC 4253 section 7.1), with the option that adds to the client's list.
const ADDABLE: [(Negotiated, &str); 4] = [
    (Negotiated::Kex, "KexAlgorithms"),
    (Negotiated::HostKey, "HostKeyAlgorithms"),
    (Negotiated::Cipher, "Ciphers"),
    (Negotiated::Mac, "MACs"),
];

/// What an OpenSSH client of the last years agrees to by default (myproposal.h, 7.2 to 10.0).
fn is_current(what: Negotiated, name: &str) -> bool {
    let any = |starts: &[&str]| starts.iter().any(|start| name.starts_with(start));
    match what {
        Negotiated::Kex => any(&[
            "mlkem",
            "sntrup",
            "curve25519-",
            "ecdh-sha2-",
            "diffie-hellman-group-exchange-sha256",
            "diffie-hellman-group14-sha256",
            "diffie-hellman-group16-",
            "diffie-hellman-group18-",
        ]),
        Negotiated::HostKey => any(&["ssh-ed25519", "ecdsa-sha2-", "rsa-sha2-", "sk-"]),
        Negotiated::Cipher => {
            any(&["chacha20-poly1305"]) || name.ends_with("-ctr") && name.starts_with("aes") || name.contains("-gcm")
        }
        Negotiated::Mac => any(&["hmac-sha2-", "umac-"]) || name == "hmac-sha1" || name == "hmac-sha1-etm@openssh.com",
        Negotiated::Compression => true,
    }
}

/// What OpenSSH still has though it is off by default, the least bad first (`ssh -Q`).
fn legacy(what: Negotiated) -> &'static [&'static str] {
    match what {
        Negotiated::Kex => {
            &["diffie-hellman-group14-sha1", "diffie-hellman-group-exchange-sha1", "diffie-hellman-group1-sha1"]
        }
        Negotiated::HostKey => &["ssh-rsa"],
        Negotiated::Cipher => &["aes256-cbc", "aes192-cbc", "aes128-cbc", "3des-cbc"],
        Negotiated::Mac => &["hmac-sha1-96", "hmac-md5", "hmac-md5-96"],
        Negotiated::Compression => &[],
    }
}

/// What nearly every OpenSSH has on by default, so that naming it cannot be a mistake of its own.
fn widespread(what: Negotiated) -> &'static [&'static str] {
    match what {
        Negotiated::Kex => &[
            "curve25519-sha256",
            "curve25519-sha256@libssh.org",
            "ecdh-sha2-nistp256",
            "diffie-hellman-group14-sha256",
        ],
        Negotiated::HostKey => &["ssh-ed25519", "rsa-sha2-512", "rsa-sha2-256", "ecdsa-sha2-nistp256"],
        Negotiated::Cipher => &["aes128-ctr", "aes256-ctr", "aes128-gcm@openssh.com", "aes256-gcm@openssh.com"],
        Negotiated::Mac => &["hmac-sha2-256", "hmac-sha2-512", "hmac-sha2-256-etm@openssh.com", "hmac-sha1"],
        Negotiated::Compression => &[],
    }
}

/// All of the offer has been off in OpenSSH for years.
fn outdated(what: Negotiated, offer: &[String]) -> bool {
    // `ext-info-s`, `kex-strict-s-v00@openssh.com` stand in the list and are no methods (RFC 8308, PROTOCOL).
    let mut methods = offer.iter().filter(|name| !name.starts_with("ext-info-") && !name.starts_with("kex-strict-"));
    !offer.is_empty() && methods.all(|name| !is_current(what, name))
}

/// The best of an offer that OpenSSH still has, though off by default.
fn addable(what: Negotiated, offer: &[String]) -> Option<&'static str> {
    legacy(what).iter().find(|name| offer.iter().any(|offered| offered == *name)).copied()
}

/// Everything that has to be added for this one connection: an old server is old in more than one way, and each would
/// stop the login after the one before it was mended.
pub(super) fn options(disagreement: &Disagreement, facts: &Facts) -> Vec<String> {
    let Some(add) = disagreement.add.as_deref().filter(|_| disagreement.server_outdated) else { return Vec::new() };
    let offers = facts.server.known().and_then(|server| server.offers.known());
    let mut options = Vec::new();
    for (what, option) in ADDABLE {
        if word(what) == disagreement.what {
            options.insert(0, format!("{option}=+{add}"));
        } else if let Some(name) = offers.and_then(|offers| missing(what, offers)) {
            options.push(format!("{option}=+{name}"));
        }
    }
    // Such a server takes no SHA-2 signature of a user's RSA key either (RFC 8332 has both).
    let old_rsa = options.iter().any(|option| option == "HostKeyAlgorithms=+ssh-rsa");
    if old_rsa && facts.client.known().is_some_and(|client| client.refuses_sha1.is(&true)) && offers_rsa(facts) {
        options.push("PubkeyAcceptedAlgorithms=+ssh-rsa".to_owned());
    }
    options
}

/// What would have to be added for this part, where the server's list has nothing that the client takes.
fn missing(what: Negotiated, offers: &ServerOffers) -> Option<&'static str> {
    let offer = list(what, offers)?;
    let apart = offers.no_match.iter().any(|name| name == word(what)) && outdated(what, offer);
    if apart { addable(what, offer) } else { None }
}

fn list(what: Negotiated, offers: &ServerOffers) -> Option<&Vec<String>> {
    match what {
        Negotiated::Kex => Some(&offers.kex),
        Negotiated::HostKey => Some(&offers.host_key),
        Negotiated::Cipher => Some(&offers.ciphers),
        Negotiated::Mac => Some(&offers.macs),
        Negotiated::Compression => None,
    }
}

/// Whether an RSA key is among those that ssh would offer.
fn offers_rsa(facts: &Facts) -> bool {
    candidates(facts).iter().any(|candidate| {
        candidate.algorithm() == "ssh-rsa"
            && (candidate.identity.is_some() || candidate.key.is_some_and(|key| key.tried))
    })
}

/// Whether the client's list lacks what OpenSSH has had on by default since 7.0.
pub(super) fn is_narrow(what: &str, own: &Proposal) -> bool {
    let (list, always): (&Vec<String>, &[&str]) = match what {
        "kex" => (&own.kex, &["ecdh-sha2-nistp256", "curve25519-sha256@libssh.org"]),
        "cipher" => (&own.ciphers, &["aes128-ctr", "aes256-ctr", "chacha20-poly1305@openssh.com"]),
        "mac" => (&own.macs, &["hmac-sha2-256", "hmac-sha2-512"]),
        "host-key" => (&own.host_key, &["ssh-ed25519", "ecdsa-sha2-nistp256"]),
        _ => return false,
    };
    !list.is_empty() && always.iter().any(|name| !list.iter().any(|own| own == name))
}

/// The disagreement in the words that checks need.
pub(super) fn disagreement(no_match: &NoMatch, offers: Option<&ServerOffers>) -> Disagreement {
    let what = no_match.what;
    // A client that stops at its own empty list does not print the server's; it was asked for.
    let asked = offers.filter(|_| no_match.their_offer.is_empty()).and_then(|offers| list(what, offers));
    let offer = asked.unwrap_or(&no_match.their_offer);
    Disagreement {
        what: word(what).to_owned(),
        offer: offer.clone(),
        server_outdated: outdated(what, offer),
        add: addable(what, offer).map(str::to_owned),
        options: Vec::new(),
        client_narrow: false,
        current: widespread(what)
            .iter()
            .map(|name| (*name).to_owned())
            .find(|name| offer.contains(name))
            .or_else(|| offer.iter().find(|name| what != Negotiated::Compression && is_current(what, name)).cloned()),
        seen: no_match.seen.clone(),
    }
}

pub(super) fn word(what: Negotiated) -> &'static str {
    match what {
        Negotiated::Kex => "kex",
        Negotiated::HostKey => "host-key",
        Negotiated::Cipher => "cipher",
        Negotiated::Mac => "mac",
        Negotiated::Compression => "compression",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        facts::{Client, Key, Server},
        ssh::log::Seen,
    };

    fn of(what: Negotiated, offer: &str) -> (bool, Option<String>) {
        let their_offer = offer.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let found = disagreement(&NoMatch { what, their_offer, seen: Seen::default() }, None);
        (found.server_outdated, found.add)
    }

    #[test]
    fn the_servers_list_is_the_one_that_was_asked_for_where_ssh_prints_none() {
        let offers = ServerOffers { kex: vec!["curve25519-sha256".into()], ..ServerOffers::default() };
        let of = |their_offer| {
            disagreement(&NoMatch { what: Negotiated::Kex, their_offer, seen: Seen::default() }, Some(&offers)).current
        };
        assert_eq!(of(vec![]).as_deref(), Some("curve25519-sha256"));
        assert_eq!(of(vec!["x".into()]), None);
    }

    #[test]
    fn an_old_server_is_told_from_a_narrow_client() {
        use Negotiated::{Cipher, HostKey, Kex, Mac};
        let old = |add: &str| (true, Some(add.to_owned()));
        let kex = "diffie-hellman-group1-sha1,diffie-hellman-group14-sha1,kex-strict-s-v00@openssh.com";
        assert_eq!(of(Kex, kex), old("diffie-hellman-group14-sha1"));
        assert!(!of(Kex, "curve25519-sha256,diffie-hellman-group14-sha1").0);
        assert_eq!(of(HostKey, "ssh-rsa"), old("ssh-rsa"));
        assert_eq!(of(HostKey, "ssh-dss"), (true, None));
        assert!(!of(HostKey, "rsa-sha2-512,ssh-rsa").0);
        assert_eq!(of(Cipher, "3des-cbc,aes128-cbc"), old("aes128-cbc"));
        assert!(!of(Cipher, "aes128-gcm@openssh.com").0);
        assert!(!of(Cipher, "aes256-ctr").0);
        assert_eq!(of(Mac, "hmac-md5"), old("hmac-md5"));
        assert!(!of(Mac, "hmac-sha1").0);
    }

    #[test]
    fn the_most_widespread_of_the_offer_is_named() {
        let current = |what, offer: &str| {
            let their_offer = offer.split(',').map(str::to_owned).collect();
            disagreement(&NoMatch { what, their_offer, seen: Seen::default() }, None).current
        };
        let kex = "mlkem768x25519-sha256,curve25519-sha256,diffie-hellman-group1-sha1";
        assert_eq!(current(Negotiated::Kex, kex).as_deref(), Some("curve25519-sha256"));
        assert_eq!(current(Negotiated::Kex, "sntrup761x25519-sha512").as_deref(), Some("sntrup761x25519-sha512"));
        assert_eq!(current(Negotiated::Cipher, "3des-cbc"), None);
    }

    /// The options against a server with this host key and cipher, where the first to be missed is the host key's.
    fn options_of(host_key: &str, ciphers: &str, key: &str) -> Vec<String> {
        let list = |names: &str| vec![names.to_owned()];
        let offers = ServerOffers {
            host_key: list(host_key),
            ciphers: list(ciphers),
            no_match: vec!["host-key".into(), "cipher".into()],
            ..ServerOffers::default()
        };
        let server = Server { offers: offers.into(), ..Server::default() };
        let client = Client { refuses_sha1: true.into(), ..Client::default() };
        let key = Key {
            path: "/k".into(),
            exists: true,
            tried: true,
            algorithm: key.to_owned().into(),
            fingerprint: "SHA256:k".to_owned().into(),
            blob: "k".to_owned().into(),
            ..Key::default()
        };
        let facts = Facts { server: server.into(), client: client.into(), keys: vec![key].into(), ..Facts::default() };
        let no_match = NoMatch { what: Negotiated::HostKey, their_offer: list(host_key), seen: Seen::default() };
        options(&disagreement(&no_match, None), &facts)
    }

    #[test]
    fn all_that_is_old_about_a_server_is_mended_at_once() {
        assert_eq!(
            options_of("ssh-rsa", "3des-cbc", "ssh-ed25519"),
            ["HostKeyAlgorithms=+ssh-rsa", "Ciphers=+3des-cbc"]
        );
        let rsa = options_of("ssh-rsa", "aes128-ctr", "ssh-rsa");
        assert_eq!(rsa, ["HostKeyAlgorithms=+ssh-rsa", "PubkeyAcceptedAlgorithms=+ssh-rsa"]);
        assert!(options_of("ssh-dss", "3des-cbc", "ssh-rsa").is_empty(), "nothing can be added for the host key");
        assert!(options_of("rsa-sha2-512", "3des-cbc", "ssh-rsa").is_empty(), "the client's list is the narrow one");
    }

    #[test]
    fn a_list_that_somebody_made_shorter() {
        let own =
            |names: &str| Proposal { ciphers: names.split(',').map(str::to_owned).collect(), ..Proposal::default() };
        assert!(is_narrow("cipher", &own("aes256-gcm@openssh.com")));
        assert!(!is_narrow("cipher", &own("chacha20-poly1305@openssh.com,aes128-ctr,aes192-ctr,aes256-ctr")));
        assert!(!is_narrow("kex", &own("aes256-gcm@openssh.com")), "the list was not shown");
    }

    #[test]
    fn an_offer_that_was_not_seen_accuses_nobody() {
        assert_eq!(of(Negotiated::Kex, ""), (false, None));
    }
}
