//! The configuration, as far as ssh spoke of it: the lines that it refused, the files that it read, and what it then did
//! that nobody had typed.

use crate::{
    facts::{Config, ConfigError, Fact, Seen, Target},
    probes::config::{refused_line, unknown_values},
    ssh::author::author,
    ssh::log::{Attempt, ClientProblemKind, ConfigProblem, ConnectReason, ResolveReason, Stage},
};

const WHY: &str = "a log does not show the configuration in force";
/// The policy of Fedora, RHEL and their relatives.
const CRYPTO_POLICY: &str = "/etc/crypto-policies/";

pub(super) fn look(attempt: &Attempt, target: Option<&Target>) -> Fact<Config> {
    let version = attempt.client.as_ref().map(|client| client.text.as_str());
    let errors: Vec<ConfigError> = attempt
        .config_problems
        .iter()
        .filter_map(|problem| {
            algorithm_typed(problem).or_else(|| error(problem, version)).or_else(|| unnamed(problem, attempt))
        })
        .collect();
    let mut config = Config {
        asked_for: target.map(|target| target.host.clone()).unwrap_or_default(),
        files: attempt.config_files.clone(),
        errors,
        ..Config::default()
    };
    unknown_values(&mut config, WHY);
    config.errors.extend(canonical(attempt));
    config.errors.extend(user_refused(attempt));
    destination(attempt, target, &mut config);
    proxies(attempt, &mut config);
    local_end(attempt, &mut config);
    control_path(attempt, &mut config);
    remote_command(attempt, target, &mut config);
    config.crypto_policy = config.files.iter().find(|file| file.starts_with(CRYPTO_POLICY)).cloned();
    if let Some(lists) = &attempt.proposed {
        let known = |list: &Vec<String>| match list.is_empty() {
            true => Fact::unknown(WHY),
            false => Fact::Known(list.clone()),
        };
        config.kex_algorithms = known(&lists.kex);
        config.host_key_algorithms = known(&lists.host_key);
        config.ciphers = known(&lists.ciphers);
        config.macs = known(&lists.macs);
    }
    config.into()
}

fn error(problem: &ConfigProblem, version: Option<&str>) -> Option<ConfigError> {
    let error = refused_line(&problem.seen.text, version)?;
    // ssh doubles backslashes in what it prints (vis(3)).
    let file = error.file.replace("\\\\", "\\");
    Some(ConfigError { seen: problem.seen.clone(), file, ..error })
}

/// `remote username contains invalid characters` (ssh.c, since 9.6).
fn user_refused(attempt: &Attempt) -> Option<ConfigError> {
    let problem = attempt.client_problem.as_ref().filter(|problem| problem.kind == ClientProblemKind::Usage)?;
    let error = refused_line(&problem.seen.text, None).filter(|error| error.kind == "bad-user")?;
    Some(ConfigError { seen: problem.seen.clone(), ..error })
}

/// A refusal that names no line: of the file that was read last.
fn unnamed(problem: &ConfigProblem, attempt: &Attempt) -> Option<ConfigError> {
    problem.file.is_none().then(|| ConfigError {
        file: attempt.config_files.last().cloned().unwrap_or_else(|| "command-line".to_owned()),
        kind: "other".to_owned(),
        seen: problem.seen.clone(),
        ..ConfigError::default()
    })
}

/// `Unknown cipher type 'arcfour'`, `Unknown mac type 'x'`: of the command line's -c and -m (ssh.c, `main`).
fn algorithm_typed(problem: &ConfigProblem) -> Option<ConfigError> {
    let option = match problem.seen.text.split(' ').nth(1)? {
        "cipher" => "ciphers",
        "mac" => "macs",
        _ => return None,
    };
    problem.seen.text.starts_with("Unknown ").then(|| ConfigError {
        file: "command-line".to_owned(),
        kind: "bad-algorithm".to_owned(),
        option: Some(option.to_owned()),
        seen: problem.seen.clone(),
        ..ConfigError::default()
    })
}

/// `Could not resolve host "NAME"`: said by canonicalisation alone (ssh.c, `resolve_canonicalize`).
fn canonical(attempt: &Attempt) -> Option<ConfigError> {
    let seen = &attempt.resolve.as_ref()?.seen;
    seen.text.contains("Could not resolve host \"").then(|| ConfigError {
        kind: "canonical-name".to_owned(),
        seen: seen.clone(),
        ..ConfigError::default()
    })
}

/// Where ssh went, held against what was typed.
fn destination(attempt: &Attempt, target: Option<&Target>, config: &mut Config) {
    let met = attempt.target.as_ref().map(|met| (met.host.as_str(), met.port));
    let connect = attempt.connect.as_ref().filter(|connect| !connect.host.is_empty());
    // Behind a proxy the connection is somebody else's.
    let connect = connect.filter(|_| attempt.proxy.is_none()).map(|connect| (connect.host.as_str(), connect.port));
    let Some((host, port)) = connect.or(met) else { return };
    config.hostname = host.to_owned().into();
    config.port = port.into();
    if let Some(met) = &attempt.target {
        config.user = met.user.clone().into();
    }
    let seen = attempt.connect.as_ref().map(|connect| connect.seen.clone()).unwrap_or_default();
    let Some(target) = target.filter(|target| !target.text.is_empty() && !target.slip_tried) else { return };
    let rewritten = !target.host.eq_ignore_ascii_case(host);
    config.hostname_rewritten = rewritten.into();
    if rewritten {
        config.from.insert("hostname".to_owned(), seen.clone());
    }
    if target.port.is_none() && port != 22 {
        config.from.insert("port".to_owned(), seen);
    }
}

fn proxies(attempt: &Attempt, config: &mut Config) {
    let connecting = attempt.connect.is_some() || attempt.reached >= Stage::Connected;
    if let Some(host) = loop_host(attempt) {
        config.proxied = true.into();
        config.proxy_jump = Some(host);
        return;
    }
    let Some(proxy) = &attempt.proxy else {
        if connecting {
            config.proxied = false.into();
        }
        return;
    };
    config.proxied = true.into();
    let seen = proxy.seen.clone();
    if proxy.jump || !proxy.jumps.is_empty() {
        let host = proxy.jumps.iter().find_map(|jump| jump.host.clone());
        config.proxy_jump = host.or_else(|| jump_of(proxy.command.as_deref()?));
        config.from.extend(seen.map(|seen| ("proxyjump".to_owned(), seen)));
    } else {
        config.proxy_command = proxy.command.clone();
        config.from.extend(seen.map(|seen| ("proxycommand".to_owned(), seen)));
    }
}

/// The last word of `ssh -W '[%h]:%p' bastion`.
fn jump_of(command: &str) -> Option<String> {
    command.split_whitespace().next_back().map(|word| word.trim_matches(['\'', '"']).to_owned())
}

fn loop_host(attempt: &Attempt) -> Option<String> {
    let text = &attempt.decisive.as_ref()?.text;
    text.split_once("jumphost loop via ").map(|(_, host)| host.trim().to_owned())
}

/// AddressFamily, BindAddress and BindInterface, by the errors that only they make.
fn local_end(attempt: &Attempt, config: &mut Config) {
    let family = attempt.resolve.as_ref().filter(|resolve| resolve.reason == ResolveReason::AddressFamily);
    if let Some(resolve) = family {
        // A name of IPv4 numbers cannot be resolved where only IPv6 is allowed, and the other way round.
        let six = resolve.host.contains(':');
        config.address_family = Some(if six { "inet" } else { "inet6" }.to_owned());
    }
    let bind = attempt.connect.as_ref().filter(|connect| connect.reason == Some(ConnectReason::BindFailed));
    if let Some(connect) = bind {
        let text = connect.text.as_deref().unwrap_or_default();
        let named = text.strip_prefix("bind ").or_else(|| text.strip_prefix("getifaddrs: "));
        let named = named.and_then(|rest| rest.split_once(": ")).map(|(name, _)| name.to_owned());
        config.bind_address = Some(named.unwrap_or_else(|| "an address".to_owned()));
    }
}

/// `unix_listener: cannot bind to path PATH.RANDOM: …`, `ControlPath too long ('PATH' >= …)`.
fn control_path(attempt: &Attempt, config: &mut Config) {
    let problem = attempt.client_problem.as_ref().filter(|problem| problem.kind == ClientProblemKind::ControlPath);
    let Some(problem) = problem else { return };
    let text = problem.seen.text.as_str();
    let quoted = |mark: char| text.split_once(mark).and_then(|(_, rest)| rest.split_once(mark)).map(|(path, _)| path);
    // `path: PATH` and nothing behind it to 7.9, where the reason stands in the line before.
    let bound = text.split_once("cannot bind to path").map(|(_, rest)| rest.trim_start_matches(':').trim_start());
    let old = bound.is_some_and(|rest| !rest.contains(": "));
    let bound = bound.map(|rest| rest.split_once(": ").map_or(rest, |(path, _)| path));
    let Some(path) = bound.or_else(|| quoted('\'')).or_else(|| quoted('"')) else { return };
    // ssh adds a dot and 16 letters while it makes the socket.
    let path = match path.rsplit_once('.') {
        Some((path, random)) if random.len() == 16 => path,
        _ => path,
    };
    let missing = old || text.contains("No such file") || text.contains("no such file");
    config.control_path = Some(path.to_owned());
    config.control_master = Some("auto".to_owned());
    config.control_path_fault = Some(if missing { "no-folder" } else { "too-long" }.to_owned());
    config.control_path_folder = path.rsplit_once('/').filter(|_| missing).map(|(folder, _)| folder.to_owned());
    config.from.insert("controlpath".to_owned(), problem.seen.clone());
}

/// A command that was sent although none was typed; a pair of commands that ssh refuses.
fn remote_command(attempt: &Attempt, target: Option<&Target>, config: &mut Config) {
    let sent = attempt.session.as_ref().and_then(|session| Some((session.command.as_ref()?, session.seen.as_ref()?)));
    let typed_none = target.is_some_and(|target| !target.text.is_empty() && target.remote_command.is_empty());
    // What a terminal's wrapper sends is nobody's setting.
    let set = |command: &str| !command.trim().is_empty() && author(command).is_none();
    if let Some((command, seen)) = sent.filter(|(command, _)| typed_none && set(command)) {
        config.remote_command = Some(command.clone());
        config.from.insert("remotecommand".to_owned(), Seen::clone(seen));
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::facts;
    use crate::facts::Config;

    fn of(log: &str) -> Config {
        facts(log).config.known().cloned().expect("something is known of it")
    }

    const CONNECTED: &str =
        "debug1: Connecting to gw.example [192.0.2.1] port 2222.\ndebug1: Connection established.\n";

    #[test]
    fn another_host_and_port_than_typed() {
        let config = of(&format!("ana@box:~$ ssh -v 203.0.113.7\n{CONNECTED}"));
        assert!(config.hostname_rewritten.is(&true) && config.port.is(&2222) && config.from.contains_key("port"));
        let config = of(CONNECTED);
        assert!(config.hostname_rewritten.known().is_none(), "nobody knows what was typed");
        assert!(config.proxied.is(&false));
    }

    #[test]
    fn settings_by_the_errors_that_only_they_make() {
        let of_text = |text: &str| of(&format!("{text}\n"));
        let family = of_text("ssh: Could not resolve hostname 203.0.113.30: Address family for hostname not supported");
        assert_eq!(family.address_family.as_deref(), Some("inet6"));
        let bind = of_text("bind 192.0.2.199: Cannot assign requested address\nssh: connect to host h port 1: failure");
        assert_eq!(bind.bind_address.as_deref(), Some("192.0.2.199"));
        let interface = of_text("getifaddrs: tun0: no suitable addresses\nssh: connect to host h port 1: failure");
        assert_eq!(interface.bind_address.as_deref(), Some("tun0"));
        let folder = of_text(
            "unix_listener: cannot bind to path /h/.ssh/s/203.0.113.7.yK8zPz0Z9zBz1Z2b: No such file or directory",
        );
        assert_eq!(folder.control_path_fault.as_deref(), Some("no-folder"));
        assert_eq!(folder.control_path.as_deref(), Some("/h/.ssh/s/203.0.113.7"));
        assert_eq!(folder.control_path_folder.as_deref(), Some("/h/.ssh/s"));
        let long = of_text("ControlPath too long ('/h/.ssh/x' >= 108 bytes)");
        assert_eq!(long.control_path_fault.as_deref(), Some("too-long"));
        assert_eq!(of_text("jumphost loop via bastion").proxy_jump.as_deref(), Some("bastion"));
        let canonical = of_text("ssh: Could not resolve host \"job-box\"");
        assert_eq!(canonical.errors[0].kind, "canonical-name");
    }
}
