//! Which way a request goes: straight, or through the proxy that the environment names.
//!
//! The variables are curl's. `ureq` would read them itself, but not through the door, `http_proxy` for https too, and a
//! domain in `NO_PROXY` without what is below it.

use std::{ffi::OsString, net::IpAddr};

use ureq::{
    Proxy,
    http::{Uri, uri::Authority},
};

use super::connect::bare;

/// In the order in which they count; the name in lower case first, as for curl.
const VARIABLES: [&str; 4] = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    Direct,
    Proxied,
}

pub(super) struct Proxies {
    proxy: Result<Option<Proxy>, String>,
    without: Vec<String>,
}

impl Proxies {
    pub(super) fn from_env(env: &dyn Fn(&str) -> Option<OsString>) -> Self {
        let text = |name: &&'static str| {
            let value = env(name)?.into_string().ok()?;
            (!value.trim().is_empty()).then(|| (*name, value.trim().to_owned()))
        };
        let proxy = VARIABLES.iter().find_map(text).map(|(name, value)| {
            // The value may hold a password.
            let proxy = Proxy::new(&value).ok().filter(|proxy| proxy.uri().authority().is_some_and(has_sound_port));
            proxy.ok_or_else(|| format!("{name} is not the address of a proxy that this program can use"))
        });
        let without = ["no_proxy", "NO_PROXY"].iter().find_map(text).map(|(_, value)| value).unwrap_or_default();
        let without =
            without.split([',', ' ']).filter(|entry| !entry.is_empty()).map(str::to_ascii_lowercase).collect();
        Self { proxy: proxy.transpose(), without }
    }

    pub(super) fn proxy(&self) -> Result<Option<Proxy>, String> {
        self.proxy.clone()
    }

    /// The proxy's host and port, without its password.
    pub(super) fn place(&self) -> Option<String> {
        let proxy = self.proxy.as_ref().ok()?.as_ref()?;
        Some(format!("{}:{}", proxy.host(), proxy.port()))
    }

    pub(super) fn way(&self, uri: &Uri) -> Way {
        let host = bare(uri.host().unwrap_or_default()).trim_end_matches('.').to_ascii_lowercase();
        let port = uri.port_u16().unwrap_or(443);
        let left_out = self.without.iter().any(|entry| matches(entry, &host, port));
        if left_out || matches!(self.proxy, Ok(None)) { Way::Direct } else { Way::Proxied }
    }
}

/// Whether an entry of `NO_PROXY` is for this host: `*`, a domain (with all below it), an address, a net; a domain or an
/// address with a port or without one.
fn matches(entry: &str, host: &str, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    let address = host.parse::<IpAddr>().ok();
    if let (Some(address), Some((net, bits))) = (address, entry.split_once('/')) {
        return within(address, net, bits);
    }
    // An IPv6 address without brackets is full of colons and has no port.
    let with_port = entry.rsplit_once(':').filter(|(name, _)| !name.contains(':') || name.ends_with(']'));
    let (name, only) = match with_port.map(|(name, digits)| (name, digits.parse::<u16>())) {
        Some((name, Ok(only))) => (name, Some(only)),
        _ => (entry, None),
    };
    if only.is_some_and(|only| only != port) {
        return false;
    }
    if let Some(address) = address {
        return bare(name).parse() == Ok(address);
    }
    let name = name.trim_start_matches('*').trim_start_matches('.').trim_end_matches('.');
    !name.is_empty() && host.strip_suffix(name).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

fn within(address: IpAddr, net: &str, bits: &str) -> bool {
    let Ok(bits) = bits.parse::<u32>() else { return false };
    match (address, net.parse()) {
        (IpAddr::V4(address), Ok(IpAddr::V4(net))) if bits <= 32 => {
            let shift = 32 - bits;
            address.to_bits().checked_shr(shift) == net.to_bits().checked_shr(shift)
        }
        (IpAddr::V6(address), Ok(IpAddr::V6(net))) if bits <= 128 => {
            let shift = 128 - bits;
            address.to_bits().checked_shr(shift) == net.to_bits().checked_shr(shift)
        }
        _ => false,
    }
}

/// Whether there is nothing but a host and a port: no user, and no port that is a number too high.
pub(super) fn is_host_and_port(authority: &Authority) -> bool {
    !authority.as_str().contains('@') && has_sound_port(authority)
}

/// A port too high to be one would count as none.
fn has_sound_port(authority: &Authority) -> bool {
    authority.port_u16().is_some() || authority.as_str().ends_with(authority.host())
}

/// Whether a host is this machine, as far as its name tells; what a name leads to is looked at again when it is resolved.
pub(super) fn is_loopback(host: &str) -> bool {
    match bare(host).parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proxies(variables: &[(&str, &str)]) -> Proxies {
        Proxies::from_env(&|name| {
            variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value))
        })
    }

    fn way(without: &str, url: &str) -> Way {
        let variables = [("https_proxy", "http://proxy:3128"), ("no_proxy", without)];
        proxies(&variables).way(&url.parse().expect("an address"))
    }

    #[test]
    fn no_proxy_is_read_as_curl_reads_it() {
        for (without, url) in [
            ("*", "https://circleci.com/"),
            ("circleci.com", "https://circleci.com/"),
            ("CircleCI.com", "https://circleci.COM:8443/"),
            ("example.com,.circleci.com", "https://app.circleci.com"),
            ("example.com, circleci.com", "https://app.circleci.com."),
            ("*.circleci.com", "https://app.circleci.com/"),
            ("circleci.com:443", "https://circleci.com/"),
            ("127.0.0.1", "https://127.0.0.1:1/"),
            ("127.0.0.1:1", "https://127.0.0.1:1/"),
            ("10.0.0.0/8", "https://10.1.2.3/"),
            ("0.0.0.0/0", "https://10.1.2.3/"),
            ("::1", "https://[::1]/"),
            ("[::1]", "https://[::1]/"),
            ("[::1]:8443", "https://[::1]:8443/"),
            ("fd00::/8", "https://[fd12::1]/"),
        ] {
            assert_eq!(way(without, url), Way::Direct, "{without} {url}");
        }
        for (without, url) in [
            ("", "https://circleci.com/"),
            ("ci.com", "https://circleci.com/"),
            (".", "https://circleci.com/"),
            ("app.circleci.com", "https://circleci.com/"),
            ("circleci.com:8443", "https://circleci.com/"),
            ("0.0.1", "https://127.0.0.1/"),
            ("10.0.0.0/8", "https://11.1.2.3/"),
            ("10.0.0.0/99", "https://10.1.2.3/"),
            ("fd00::/8", "https://[fe80::1]/"),
            ("::/0", "https://10.1.2.3/"),
            ("::1", "https://[::2]/"),
        ] {
            assert_eq!(way(without, url), Way::Proxied, "{without} {url}");
        }
    }

    #[test]
    fn the_first_variable_with_a_value_counts() {
        for (variables, place) in [
            (&[][..], None),
            (&[("http_proxy", "http://a:1"), ("HTTP_PROXY", "http://a:1")], None),
            (&[("https_proxy", " "), ("HTTPS_PROXY", "http://b:2")], Some("b:2")),
            (&[("https_proxy", "http://a:1"), ("HTTPS_PROXY", "http://b:2")], Some("a:1")),
            (&[("ALL_PROXY", "socks5://u:p@[::1]"), ("NO_PROXY", "x")], Some("[::1]:1080")),
            (&[("all_proxy", "c")], Some("c:80")),
            (&[("all_proxy", "https://u:p@c")], Some("c:443")),
        ] {
            assert_eq!(proxies(variables).place().as_deref(), place, "{variables:?}");
        }
    }

    #[test]
    fn this_machine_is_known_by_name_and_address() {
        for host in ["127.0.0.1", "127.9.9.9", "[::1]", "[::ffff:127.0.0.1]", "localhost", "LocalHost"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["localhost.example", "127.0.0.1.example", "10.0.0.1", "[::]", "0.0.0.0", ""] {
            assert!(!is_loopback(host), "{host}");
        }
    }
}
