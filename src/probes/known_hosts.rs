//! What known_hosts says about exactly the target's host and port.

use std::path::Path;

use super::{expand::Tokens, text};
use crate::{
    facts::{Config, Fact, KnownHost, KnownHosts, Target},
    ssh::known_hosts::{self, Marker, MatchedBy},
    system::{Account, System},
};

/// Bytes read of one file; ten thousand hashed entries are about 4 MB.
const CAP: u64 = 16 * 1024 * 1024;
/// Bad lines that are listed.
const MOST_BAD_LINES: usize = 50;

/// Looks for the host in the files that the configuration names. HostKeyAlias is looked up without a port
/// (ssh_config(5)). Where there is no ssh to tell the configuration, the usual files are asked about the target's own name.
pub fn look(system: &dyn System, account: &Account, config: &Fact<Config>, target: &Target) -> Fact<KnownHosts> {
    let usual = usual(target);
    let known = config.known().unwrap_or(&usual);
    let (host, port) = match (&known.host_key_alias, &known.hostname, &known.port) {
        (Some(alias), _, _) => (alias.clone(), 22),
        (None, Fact::Known(host), Fact::Known(port)) => (host.clone(), *port),
        (None, Fact::Unknown(why), _) | (None, _, Fact::Unknown(why)) => return Fact::unknown(why),
    };
    let tokens = Tokens::new(system, account, config);
    let mut found = KnownHosts { name: known_hosts::name_with_port(&host, port), ..KnownHosts::default() };
    let lists = [&known.user_known_hosts, &known.global_known_hosts];
    for written in lists.into_iter().filter_map(Fact::known).flatten() {
        let Fact::Known(file) = tokens.path(written) else { continue };
        let Ok(bytes) = system.read(Path::new(&file), CAP) else { continue };
        if file == "/dev/null" || found.files.contains(&file) {
            continue;
        }
        let parsed = known_hosts::KnownHosts::parse(&bytes);
        // What is known under the name without the port accuses nobody and is left out.
        let here = parsed.matching(&host, port, None).into_iter().filter(|line| line.matched_by == MatchedBy::Host);
        found.entries.extend(here.map(|line| KnownHost {
            file: file.clone(),
            line: line.line,
            marker: line.marker.map(|marker| marker_name(marker).to_owned()),
            algorithm: text::clean(line.algorithm),
            fingerprint: line.fingerprint.to_string(),
            hashed: line.hashed,
            shared: line.shared,
        }));
        let room = MOST_BAD_LINES.saturating_sub(found.bad_lines.len());
        found.bad_lines.extend(parsed.faults.iter().take(room).map(|fault| format!("{file}:{}", fault.line)));
        found.files.push(file);
    }
    found.into()
}

/// What ssh would do without any configuration.
fn usual(target: &Target) -> Config {
    let files = |files: &[&str]| files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>().into();
    Config {
        hostname: target.host.clone().into(),
        port: target.port.unwrap_or(22).into(),
        user_known_hosts: files(&["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]),
        global_known_hosts: files(&["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"]),
        ..Config::default()
    }
}

fn marker_name(marker: Marker) -> &'static str {
    match marker {
        Marker::CertAuthority => "cert-authority",
        Marker::Revoked => "revoked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{Platform, recorded::Recorded};

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMh4Z8Uex1GQFcTMkV5DgS0xQsJWG1YpGtGUZmEqDKVY";

    fn config(alias: Option<&str>, files: &[&str]) -> Fact<Config> {
        Fact::Known(Config {
            asked_for: "box".into(),
            hostname: "203.0.113.7".to_owned().into(),
            port: 64535.into(),
            host_key_alias: alias.map(str::to_owned),
            user_known_hosts: files.iter().map(|file| (*file).to_owned()).collect::<Vec<_>>().into(),
            global_known_hosts: vec!["/etc/ssh/ssh_known_hosts".to_owned()].into(),
            ..Config::default()
        })
    }

    #[test]
    fn only_the_exact_host_and_port() {
        let machine = Recorded::new(Platform::Macos)
            .user("ana", "/Users/ana")
            .file(
                "/Users/ana/.ssh/known_hosts",
                0o600,
                format!("[203.0.113.7]:64536 {KEY}\n203.0.113.7 {KEY}\nbroken\n[203.0.113.7]:64535 {KEY}\n"),
            )
            .file("/etc/ssh/ssh_known_hosts", 0o644, format!("@revoked [203.0.113.*]:64535 {KEY}\nalias {KEY}\n"));
        let target = Target { host: "203.0.113.7".into(), port: Some(64536), ..Target::default() };
        let look = |config: &Fact<Config>| look(&machine, &machine.account(), config, &target);
        let found = look(&config(None, &["~/.ssh/known_hosts", "~/.ssh/known_hosts2"]));
        let found = found.known().expect("looked at");
        assert_eq!(found.name, "[203.0.113.7]:64535");
        let lines: Vec<_> =
            found.entries.iter().map(|entry| (entry.file.as_str(), entry.line, entry.marker.as_deref())).collect();
        assert_eq!(lines, [("/Users/ana/.ssh/known_hosts", 4, None), ("/etc/ssh/ssh_known_hosts", 1, Some("revoked"))]);
        assert_eq!(found.bad_lines, ["/Users/ana/.ssh/known_hosts:3"]);
        assert_eq!(found.files.len(), 2);

        let alias = look(&config(Some("alias"), &["/dev/null"]));
        let alias = alias.known().expect("looked at");
        assert_eq!((alias.name.as_str(), alias.entries.len(), alias.files.len()), ("alias", 1, 1));
        let without_ssh = look(&Fact::unknown("no ssh"));
        let lines: Vec<_> = without_ssh.known().expect("looked at").entries.iter().map(|entry| entry.line).collect();
        assert_eq!(lines, [1], "the target's own name in the usual file");
    }
}
