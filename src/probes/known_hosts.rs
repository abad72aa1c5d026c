//! What known_hosts says about exactly this host and port.

use std::path::Path;

use super::text;
use crate::{
    facts::{Config, Fact, KnownHost, KnownHosts},
    ssh::known_hosts::{self as format, Marker, MatchedBy, name_with_port},
    system::System,
};

/// Bytes of one file that are read; a known_hosts of this size has some hundred thousand lines.
const CAP: u64 = 32 * 1024 * 1024;
/// Bad lines that are named.
const BAD_LINES: usize = 20;

/// Looks up the host that the configuration leads to, in the files that it names.
pub fn look(system: &dyn System, config: &Fact<Config>) -> Fact<KnownHosts> {
    let config = match config {
        Fact::Known(config) => config,
        Fact::Unknown(why) => return Fact::unknown(why),
    };
    let (Some(host), Some(port)) = (config.hostname.known(), config.port.known()) else {
        return Fact::unknown("the configuration does not say which host it is about");
    };
    // HostKeyAlias stands for host and port together (sshconnect.c `get_hostfile_hostname_ipaddr`).
    let (host, port) = config.host_key_alias.as_deref().map_or((host.as_str(), *port), |alias| (alias, 22));
    let mut known = KnownHosts { name: name_with_port(host, port), ..KnownHosts::default() };
    let files = [&config.user_known_hosts, &config.global_known_hosts];
    for file in files.into_iter().filter_map(Fact::known).flatten().filter(|file| *file != "none") {
        let Ok(bytes) = system.read(Path::new(file), CAP) else { continue };
        known.files.push(text::clean(file));
        let lines = format::KnownHosts::parse(&bytes);
        for found in lines.matching(host, port, None) {
            // An entry without a port speaks of the host's usual server; ssh looks there only for CA keys.
            if found.matched_by == MatchedBy::HostWithoutPort && found.marker.is_none() {
                continue;
            }
            known.entries.push(KnownHost {
                file: text::clean(file),
                line: found.line,
                marker: found.marker.map(|marker| match marker {
                    Marker::Revoked => "revoked".into(),
                    Marker::CertAuthority => "cert-authority".into(),
                }),
                algorithm: text::clean(&found.algorithm),
                fingerprint: found.fingerprint.to_string(),
                hashed: found.hashed,
            });
        }
        let room = BAD_LINES.saturating_sub(known.bad_lines.len());
        known.bad_lines.extend(lines.faults.iter().take(room).map(|fault| format!("{}:{}", text::clean(file), fault.line)));
    }
    known.into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL9r0M2oBd0pPjJyVzB1yZ7GmJpC7wq3fYlT4Dq1n3bK";

    fn config() -> Config {
        Config {
            hostname: "203.0.113.7".to_owned().into(),
            port: 64535.into(),
            user_known_hosts: vec!["/home/ana/.ssh/known_hosts".to_owned()].into(),
            ..Config::default()
        }
    }

    fn look_at(lines: &str, config: Config) -> KnownHosts {
        let machine = Recorded::new(Platform::Linux).file("/home/ana/.ssh/known_hosts", 0o600, lines);
        look(&machine, &config.into()).known().cloned().expect("the configuration is known")
    }

    #[test]
    fn only_entries_for_this_port_count() {
        let lines = format!("203.0.113.7 {KEY}\n[203.0.113.7]:54782 {KEY}\n[203.0.113.7]:64535 {KEY}\nno line\n");
        let known = look_at(&lines, config());
        assert_eq!(known.name, "[203.0.113.7]:64535");
        assert_eq!(known.entries.iter().map(|entry| entry.line).collect::<Vec<_>>(), [3]);
        assert_eq!(known.bad_lines, ["/home/ana/.ssh/known_hosts:4"]);
    }

    #[test]
    fn an_alias_stands_for_host_and_port() {
        let known = look_at(&format!("job {KEY}\n"), Config { host_key_alias: Some("job".into()), ..config() });
        assert_eq!((known.name.as_str(), known.entries.len()), ("job", 1));
    }
}
