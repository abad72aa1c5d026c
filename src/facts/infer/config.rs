//! What follows from the configuration alone.

use super::{correction, sender::is_without_shell};
use crate::{
    facts::{Config, ConfigError, Facts, Os},
    target::{Start, start},
};

/// Fills `remote_program`, `remote_command_fails`, `control_path_fault` for its length, the encoding and the backup of errors, and what a script
/// called ssh sets.
pub(super) fn fill(facts: &mut Facts) {
    let sets = facts.config.known().map(|config| script_sets(facts, config)).unwrap_or_default();
    if let Some(client) = facts.client.known_mut() {
        client.script_sets = if client.script.is_some() { sets } else { Vec::new() };
    }
    let os = facts.machine.known().map(|machine| machine.os);
    let home = facts.machine.known().and_then(|machine| machine.home.known()).cloned();
    let job = is_without_shell(facts) == Some(true);
    let Some(config) = facts.config.known_mut() else { return };
    let command = config.remote_command.as_deref().unwrap_or_default();
    config.remote_program = command.split_whitespace().next().map(str::to_owned);
    let start = start(command);
    config.remote_command_fails = job && command != "none" && (start.needs_shell() || start == Start::Rare);
    if config.control_master.is_some() && config.control_path.as_ref().is_some_and(|path| is_too_long(path, os)) {
        config.control_path_fault = Some("too-long".to_owned());
    }
    for error in &mut config.errors {
        error.backup = backup(&error.file);
        error.of_user = is_users(&error.file, home.as_deref());
        error.of_system = !error.of_user && error.file.contains(['/', '\\']);
        correction::fill(error);
        if let Some(encoding) = encoding(error) {
            error.kind = "encoding".to_owned();
            error.encoding = Some(encoding.to_owned());
        }
    }
}

/// Options whose value is neither ssh's own nor in a file nor typed.
fn script_sets(facts: &Facts, config: &Config) -> Vec<String> {
    let given = |option: &str| config.from.contains_key(option) || config.typed.contains_key(option);
    let in_a_file = |option: &str| config.from.contains_key(option);
    let Some(target) = &facts.target else { return Vec::new() };
    let own_name = facts.machine.known().and_then(|machine| machine.user.known());
    let wanted = target.user.as_ref().or(own_name);
    let other_user = config.user.known().zip(wanted).is_some_and(|(user, wanted)| user != wanted);
    let port = target.port.unwrap_or(22);
    let other_port = config.port.known().is_some_and(|known| *known != port);
    let set = [
        ("pubkeyauthentication", config.pubkey_authentication.is(&false)),
        ("preferredauthentications", config.publickey_not_preferred.is(&true)),
        ("hostname", config.hostname_rewritten.is(&true)),
        ("proxycommand", config.proxy_command.is_some()),
        ("proxyjump", config.proxy_jump.is_some()),
    ];
    let sets = set.into_iter().filter(|(option, set)| *set && !given(option));
    // Even what was typed comes after what the script puts before it.
    let first =
        [("user", other_user), ("port", other_port)].into_iter().filter(|(option, set)| *set && !in_a_file(option));
    sets.chain(first).map(|(option, _)| option.to_owned()).collect()
}

/// Whether a socket of that name cannot be made: `sun_path` (unix(7), 108 bytes; 104 on macOS and the BSDs) has to hold
/// the name, the dot and 16 letters that ssh adds while it makes it (mux.c `muxserver_listen`), and a final zero.
fn is_too_long(path: &str, os: Option<Os>) -> bool {
    let limit = match os {
        Some(Os::Linux) => 108,
        Some(Os::Macos | Os::Unix) => 104,
        Some(Os::Windows) | None => return false,
    };
    path.len() + 17 + 1 > limit
}

/// Below the user's home; where that is not known, below a folder `.ssh`.
fn is_users(file: &str, home: Option<&str>) -> bool {
    let plain = |path: &str| path.replace("\\\\", "/").replace('\\', "/");
    match home {
        Some(home) => plain(file).contains(&plain(home)),
        None => plain(file).contains("/.ssh/"),
    }
}

fn backup(file: &str) -> Option<String> {
    let name = file.rfind(['/', '\\']).map(|slash| slash + 1)?;
    Some(format!("{}.{}.before-cci-ssh", &file[..name], &file[name..]))
}

/// The marks of a file that is no plain text, as ssh prints them (vis(3), octal).
fn encoding(error: &ConfigError) -> Option<&'static str> {
    // What ssh makes of the first word depends on what follows it: an unknown option, or one without a value.
    if error.line != Some(1) {
        return None;
    }
    let has = |mark: &str| {
        error.option.as_ref().is_some_and(|option| option.starts_with(mark))
            || error.seen.text.contains(&format!(": {mark}"))
    };
    if has("\\357\\273\\277") || has("\u{feff}") {
        Some("byte-order-mark")
    } else if has("\\377\\376") || has("\\376\\377") {
        Some("utf-16")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Config, Machine};

    fn filled(config: Config) -> Config {
        let machine = Machine { os: Os::Linux, ..Machine::default() };
        let mut facts = Facts { machine: machine.into(), config: config.into(), ..Facts::default() };
        fill(&mut facts);
        facts.config.known().expect("config").clone()
    }

    #[test]
    fn the_program_of_a_remote_command() {
        let of =
            |text: &str| filled(Config { remote_command: Some(text.to_owned()), ..Config::default() }).remote_program;
        assert_eq!(of("  tmux new -A").as_deref(), Some("tmux"));
        assert_eq!(of(""), None);
    }

    #[test]
    fn a_remote_command_that_a_job_cannot_run() {
        use crate::facts::Target;
        let fails = |command: &str, form: &str| {
            let target = Target { form: form.into(), job_port: true, ..Target::default() };
            let config = Config { remote_command: Some(command.to_owned()), ..Config::default() };
            let mut facts = Facts { target: Some(target), config: config.into(), ..Facts::default() };
            fill(&mut facts);
            facts.config.known().is_some_and(|config| config.remote_command_fails)
        };
        assert!(fails("tmux new -A", "direct") && fails("cd project", "direct"));
        assert!(!fails("bash -l", "direct") && !fails("tmux new -A", "proxy"));
    }

    #[test]
    fn a_name_too_long_for_a_socket() {
        let of = |length: usize, master: Option<&str>| {
            let control_path = Some("x".repeat(length));
            let control_master = master.map(str::to_owned);
            filled(Config { control_path, control_master, ..Config::default() }).control_path_fault
        };
        assert_eq!(of(90, Some("auto")), None);
        assert_eq!(of(91, Some("auto")).as_deref(), Some("too-long"));
        assert_eq!(of(91, None), None, "nobody makes a socket");
    }

    #[test]
    fn what_a_script_called_ssh_adds() {
        use crate::facts::{Client, Seen, Target};
        let sets = |config: Config, script: bool| {
            let mut facts = Facts {
                client: Client { script: script.then(Seen::default), ..Client::default() }.into(),
                target: Some(Target { port: Some(64535), ..Target::default() }),
                machine: Machine { user: "ana".to_owned().into(), ..Machine::default() }.into(),
                config: config.into(),
                ..Facts::default()
            };
            fill(&mut facts);
            facts.client.known().expect("client").script_sets.clone()
        };
        let off = || Config { pubkey_authentication: false.into(), port: 64535.into(), ..Config::default() };
        assert_eq!(sets(off(), true), ["pubkeyauthentication"]);
        assert!(sets(off(), false).is_empty());
        let mut in_a_file = off();
        in_a_file.from.insert("pubkeyauthentication".into(), Seen::default());
        assert!(sets(in_a_file, true).is_empty());
        assert_eq!(sets(Config { user: "git".to_owned().into(), ..Config::default() }, true), ["user"]);
    }

    #[test]
    fn a_copy_that_no_include_reads() {
        assert_eq!(backup("/h/conf.d/10 work").as_deref(), Some("/h/conf.d/.10 work.before-cci-ssh"));
        assert_eq!(backup(r"C:\Users\ana\.ssh\config").as_deref(), Some(r"C:\Users\ana\.ssh\.config.before-cci-ssh"));
        assert_eq!(backup("command-line"), None);
    }

    #[test]
    fn files_that_are_no_plain_text() {
        let of = |line: usize, option: &str, kind: &str| {
            let (kind, option) = (kind.to_owned(), Some(option.to_owned()));
            let error = ConfigError { line: Some(line), kind, option, ..ConfigError::default() };
            let config = filled(Config { errors: vec![error], ..Config::default() });
            (config.errors[0].kind.clone(), config.errors[0].encoding.clone())
        };
        let encoding = |name: &str| ("encoding".to_owned(), Some(name.to_owned()));
        let bad_option = ("bad-option".to_owned(), None);
        assert_eq!(of(1, "\\357\\273\\277host", "bad-option"), encoding("byte-order-mark"));
        assert_eq!(of(1, "\\377\\376h", "bad-value"), encoding("utf-16"));
        assert_eq!(of(1, "identityfiel", "bad-option"), bad_option);
        assert_eq!(of(4, "\\357\\273\\277host", "bad-option"), bad_option, "the mark stands at the beginning");
    }
}
