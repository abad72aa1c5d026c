//! What came instead of an SSH greeting: the client's log, made precise by what the doctor itself heard.

use crate::{
    facts::{Instead, Server},
    ssh::log::{Attempt, Outcome, Seen, Waiting},
};

/// What the other side did instead of greeting, if that is why the attempt ended.
pub(super) fn instead(attempt: &Attempt, server: Option<&Server>) -> Option<Instead> {
    let old_protocol = speaks_protocol_1(attempt);
    let ended = match attempt.outcome {
        Outcome::NotSsh => "unusable",
        Outcome::NoAlgorithmMatch if old_protocol => "unusable",
        Outcome::Closed if waited_for_greeting(attempt) => "closed",
        // A server that hangs up without having read what the client sent is heard as a reset; the doctor sends nothing
        // before the greeting, so it hears how it was meant.
        Outcome::Reset
            if waited_for_greeting(attempt) && server.is_some_and(|server| server.greeting_end == "closed") =>
        {
            "closed"
        }
        Outcome::Reset if waited_for_greeting(attempt) => "reset",
        Outcome::TimedOut | Outcome::Stopped if waited_for_greeting(attempt) => "silent",
        Outcome::Unknown
            if attempt.waiting == Some(Waiting::Greeting) && attempt.proxy.is_none() && attempt.unread.is_none() =>
        {
            "log-ends"
        }
        // What ends behind a proxy is heard as the proxy's end.
        Outcome::ProxyFailed if through_proxy(attempt) => "closed",
        _ => return None,
    };
    let lines = || attempt.before_greeting.iter().filter(|line| !is_own_error(words(line)));
    let heard: Vec<&str> = lines().map(words).collect();
    let probed = server.filter(|server| !matches!(server.spoke.as_str(), "" | "ssh2" | "nothing"));
    let spoke = if old_protocol {
        "ssh1"
    } else if heard.iter().any(|line| is_http(line)) {
        "http"
    } else if heard.iter().any(|line| is_refusal(line)) || probed.is_some_and(|server| server.turned_away.is_some()) {
        "refusal"
    } else if let Some(server) = probed {
        &server.spoke
    } else if !heard.is_empty() {
        "text"
    } else if attempt.outcome == Outcome::NotSsh {
        "binary"
    } else {
        "nothing"
    };
    let redirect = heard.iter().find_map(|line| location(line)).map(str::to_owned);
    let line = lines().next().or(attempt.decisive.as_ref());
    Some(Instead {
        spoke: spoke.to_owned(),
        ended: ended.to_owned(),
        proxied: attempt.proxy.is_some(),
        redirect: redirect.or_else(|| probed.and_then(|server| server.redirect.clone())),
        seen: line.cloned().or_else(|| server.map(|server| server.seen.clone())).unwrap_or_default(),
    })
}

/// Something came back through the proxy command or the jump host: words in place of a greeting, or, behind a jump host that
/// let ssh in and opened its channel, the end of the connection alone. Text from a proxy command may be its own complaint.
pub(super) fn through_proxy(attempt: &Attempt) -> bool {
    let Some(proxy) = &attempt.proxy else { return false };
    let mut heard = attempt.before_greeting.iter().filter(|line| is_others(line)).map(words);
    if !proxy.jump {
        return heard.any(|line| is_http(line) || is_refusal(line));
    }
    let let_in = proxy.jumps.last().is_some_and(|jump| jump.outcome == Outcome::Authenticated);
    let open = attempt.connect.as_ref().is_none_or(|connect| connect.reason.is_none());
    let_in && open && (waited_for_greeting(attempt) || heard.next().is_some())
}

/// The connection ended after the greeting, and neither side had said no. Where the first large packets of the key exchange
/// got no answer until the time was up, or a reset came in place of the reply, the way is to blame and not the server.
pub(super) fn cut_off(attempt: &Attempt) -> bool {
    let ended = match attempt.outcome {
        Outcome::Closed => true,
        Outcome::Reset => attempt.waiting != Some(Waiting::KexReply),
        Outcome::TimedOut => !matches!(attempt.waiting, Some(Waiting::KexInit | Waiting::KexReply)),
        _ => false,
    };
    ended && !waited_for_greeting(attempt)
}

/// The attempt ended while the client waited for the server's version line. A log without `-v` says so only in the words of
/// `kex_exchange_identification` and its older names.
fn waited_for_greeting(attempt: &Attempt) -> bool {
    let said = |text: &str| text.contains("exchange_identification") || text.contains("banner exchange");
    attempt.waiting == Some(Waiting::Greeting) || attempt.decisive.as_ref().is_some_and(|line| said(&line.text))
}

/// The server greeted with a version that is not 2.0 and not the 1.99 of those that speak both (RFC 4253 section 5.1).
fn speaks_protocol_1(attempt: &Attempt) -> bool {
    let protocol = attempt.server.as_ref().and_then(|server| server.protocol.as_deref());
    let failed = matches!(attempt.outcome, Outcome::NotSsh | Outcome::NoAlgorithmMatch);
    let said = attempt.decisive.as_ref().is_some_and(|line| line.text.contains("major versions differ"));
    failed && (said || protocol.is_some_and(|protocol| protocol.starts_with("1.") && protocol != "1.99"))
}

/// Words of the other side: `debug1: kex_exchange_identification: banner line 0: …`, before 8.0
/// `debug1: ssh_exchange_identification: …`.
fn is_others(line: &Seen) -> bool {
    line.text.contains("banner line")
        || line.text.contains("ssh_exchange_identification: ") && !is_own_error(words(line))
}

/// `kex_exchange_identification: write: Connection reset by peer`: the client's words about the connection.
fn is_own_error(words: &str) -> bool {
    words.starts_with("read: ") || words.starts_with("write: ")
}

/// A server's words without what ssh puts before them: `debug1: kex_exchange_identification: banner line 0: `.
fn words(line: &Seen) -> &str {
    let text = match line.text.split_once("banner line ") {
        Some((_, rest)) => rest.split_once(": ").map_or(rest, |(_, rest)| rest),
        None => line.text.split_once("exchange_identification: ").map_or(line.text.as_str(), |(_, rest)| rest),
    };
    text.trim()
}

fn is_http(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["http/", "<html", "<!doctype html", "location: http", "content-type: ", "content-length: "]
        .iter()
        .any(|mark| line.starts_with(mark))
}

/// OpenSSH's own words in place of a greeting (sshd.c): MaxStartups since 8.2, PerSourcePenalties since 9.8.
fn is_refusal(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    line.contains("exceeded maxstartups") || line.contains("not allowed at this time")
}

fn location(line: &str) -> Option<&str> {
    let (name, value) = line.split_once(':')?;
    name.eq_ignore_ascii_case("location").then_some(value.trim()).filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Events;

    fn attempt(log: &str) -> Attempt {
        let mut attempt = Attempt::new("ssh -v");
        for logged in Events::new(log.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        attempt
    }

    fn of(lines: &str, server: Option<&Server>) -> Option<(String, String)> {
        let start = "debug1: Connecting to 203.0.113.7 [203.0.113.7] port 64535.\ndebug1: Connection established.\n\
             debug1: Local version string SSH-2.0-OpenSSH_9.6\n";
        instead(&attempt(&format!("{start}{lines}")), server).map(|instead| (instead.spoke, instead.ended))
    }

    fn pair(spoke: &str, ended: &str) -> Option<(String, String)> {
        Some((spoke.to_owned(), ended.to_owned()))
    }

    #[test]
    fn silence_closing_and_reset() {
        assert_eq!(
            of("kex_exchange_identification: Connection closed by remote host\n", None),
            pair("nothing", "closed")
        );
        let reset = "kex_exchange_identification: read: Connection reset by peer\n";
        assert_eq!(of(reset, None), pair("nothing", "reset"));
        assert_eq!(of("Connection timed out during banner exchange\n", None), pair("nothing", "silent"));
    }

    #[test]
    fn what_it_said() {
        let http = "debug1: kex_exchange_identification: banner line 0: HTTP/1.0 302 Found\n\
            debug1: kex_exchange_identification: banner line 1: Location: http://login.example/?dst=x\n\
            kex_exchange_identification: Connection closed by remote host\n";
        assert_eq!(of(http, None).map(|pair| pair.0).as_deref(), Some("http"));
        let redirect = instead(&attempt(http), None).and_then(|instead| instead.redirect);
        assert_eq!(redirect.as_deref(), Some("http://login.example/?dst=x"));
        let refusal = "debug1: kex_exchange_identification: banner line 0: Not allowed at this time\n\
            kex_exchange_identification: Connection closed by remote host\n";
        assert_eq!(of(refusal, None), pair("refusal", "closed"));
        let old = "Protocol major versions differ: 2 vs. 1\n\
            banner exchange: Connection to 203.0.113.7 port 64535: could not read protocol version\n";
        assert_eq!(of(old, None), pair("ssh1", "unusable"));
        assert_eq!(instead(&attempt(old), None).map(|instead| instead.spoke).as_deref(), Some("ssh1"));
    }

    #[test]
    fn the_probe_makes_it_precise() {
        let closed = "kex_exchange_identification: Connection closed by remote host\n";
        let tls = Server { spoke: "tls".into(), ..Server::default() };
        assert_eq!(of(closed, Some(&tls)), pair("tls", "closed"));
        let healthy = Server { spoke: "ssh2".into(), ..Server::default() };
        assert_eq!(of(closed, Some(&healthy)), pair("nothing", "closed"));
    }

    #[test]
    fn a_reset_may_be_a_closing() {
        let reset = "kex_exchange_identification: read: Connection reset by peer\n";
        let probe = |end: &str| Server { spoke: "nothing".into(), greeting_end: end.into(), ..Server::default() };
        assert_eq!(of(reset, Some(&probe("closed"))), pair("nothing", "closed"));
        assert_eq!(of(reset, Some(&probe("reset"))), pair("nothing", "reset"));
        let while_writing = "debug1: kex_exchange_identification: write: Connection reset by peer\n\
            Connection reset by 203.0.113.7 port 64535\n";
        assert_eq!(of(while_writing, None), pair("nothing", "reset"));
    }

    #[test]
    fn a_greeting_or_a_later_end_is_no_such_thing() {
        let greeted = "debug1: Remote protocol version 2.0, remote software version Go\n";
        assert_eq!(of(&format!("{greeted}Connection closed by 203.0.113.7 port 64535\n"), None), None);
        let plain = attempt("Connection closed by 203.0.113.7 port 64535\n");
        assert_eq!(instead(&plain, None), None);
        assert!(cut_off(&plain));
    }

    #[test]
    fn what_came_through_a_proxy_in_the_words_of_any_client() {
        let through = |line: &str| {
            let mut attempt = attempt(line);
            attempt.proxy = Some(crate::ssh::log::Proxy::default());
            through_proxy(&attempt)
        };
        for function in ["ssh_exchange_identification: ", "kex_exchange_identification: banner line 0: "] {
            assert!(through(&format!("debug1: {function}HTTP/1.1 407 Proxy Authentication Required\n")));
            assert!(!through(&format!("debug1: {function}please log in to the VPN first\n")));
        }
    }

    #[test]
    fn what_is_cut_off_had_begun() {
        let start =
            "debug1: Connection established.\ndebug1: Remote protocol version 2.0, remote software version Go\n";
        let of = |rest: &str| cut_off(&attempt(&format!("{start}{rest}")));
        assert!(of("Connection closed by 203.0.113.7 port 64535\n"));
        assert!(of("debug1: SSH2_MSG_SERVICE_ACCEPT received\nConnection reset by 203.0.113.7 port 64535\n"));
        let kex = "debug1: SSH2_MSG_KEXINIT sent\n";
        assert!(of(&format!("{kex}Connection reset by 203.0.113.7 port 64535\n")));
        let reply = "debug1: SSH2_MSG_KEXINIT received\ndebug1: expecting SSH2_MSG_KEX_ECDH_REPLY\n";
        assert!(!of(&format!("{kex}{reply}Connection reset by 203.0.113.7 port 64535\n")));
        assert!(!of("ana@203.0.113.7: Permission denied (publickey).\n"));
        assert!(!cut_off(&attempt("kex_exchange_identification: Connection closed by remote host\n")));
    }
}
