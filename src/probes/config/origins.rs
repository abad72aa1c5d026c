//! On which line a value stands.

use std::{collections::BTreeSet, path::Path};

use super::lines;
use crate::{
    facts::{Config, Fact, Seen, Target},
    probes::text,
    ssh::{
        config_text::{Sources, canonical_option},
        effective::Effective,
    },
    system::{Account, System},
};

/// Bytes read of one configuration file, and files read in all.
const CAP: u64 = 1024 * 1024;
const MOST_FILES: usize = 200;

/// Options whose line a report may want to show.
const MATTER: [&str; 38] = [
    "addressfamily",
    "batchmode",
    "bindaddress",
    "bindinterface",
    "certificatefile",
    "ciphers",
    "connecttimeout",
    "controlmaster",
    "controlpath",
    "controlpersist",
    "forkafterauthentication",
    "forwardagent",
    "globalknownhostsfile",
    "hostkeyalgorithms",
    "hostkeyalias",
    "hostname",
    "identitiesonly",
    "identityagent",
    "identityfile",
    "kexalgorithms",
    "loglevel",
    "macs",
    "pkcs11provider",
    "securitykeyprovider",
    "port",
    "preferredauthentications",
    "proxycommand",
    "proxyjump",
    "pubkeyacceptedalgorithms",
    "pubkeyauthentication",
    "remotecommand",
    "requesttty",
    "requiredrsasize",
    "sessiontype",
    "stdinnull",
    "stricthostkeychecking",
    "user",
    "userknownhostsfile",
];

pub(super) fn fill(
    system: &dyn System,
    account: &Account,
    target: Option<&Target>,
    effective: &Effective,
    config: &mut Config,
) {
    let mut sources = Sources { home: account.home.as_deref().map(text::path), ..Sources::default() };
    for file in effective.files_read.iter().take(MOST_FILES) {
        // What cannot be read now was read by ssh; its lines are not shown, which is all that is lost.
        if let Ok(bytes) = system.read(Path::new(file), CAP) {
            sources.texts.insert(file.clone(), String::from_utf8_lossy(&bytes).into_owned());
        }
    }
    let lines = sources.walk(effective);
    // Most configurations name few of these.
    let names: BTreeSet<String> = lines.iter().map(|line| canonical_option(&line.line.keyword)).collect();
    let typed = lines::typed(target);
    // 7.5 does not print it (readconf.c `dump_client_config`).
    let unprinted = !effective.options.is_empty() && effective.first("pkcs11provider").is_none();
    for option in MATTER.into_iter().filter(|option| names.contains(&canonical_option(option))) {
        // What the command line says wins over every line, but for files of keys, which gather.
        if typed.contains_key(option) && !option.ends_with("file") {
            continue;
        }
        if let Some(origin) = Sources::origins_among(&lines, option, effective).into_iter().next() {
            if option == "loglevel" {
                config.log_level = Some(text::clean(&origin.value).to_ascii_lowercase());
            }
            if option == "pkcs11provider" && unprinted {
                config.pkcs11_provider = Some(text::clean(&origin.value)).filter(|value| value != "none");
            }
            let seen =
                Seen { source: origin.place.file, line: Some(origin.place.line), text: text::clean(origin.text) };
            config.from.insert(option.to_owned(), seen);
        }
    }
    // To 7.5 `ssh -G` does not print them.
    if config.certificate_files.is_empty() {
        let named = Sources::origins_among(&lines, "certificatefile", effective);
        config.certificate_files = named.iter().map(|origin| text::clean(&origin.value)).collect();
    }
    config.typed = typed;
    lines::fill(system, account, target, effective, &lines, config);
    if config.identity_files.known().is_some() {
        config.identity_files_configured = configured(system, account, target, config);
    }
}

/// `ssh -G` prints its built-in names as it prints configured ones; lines and `-i` tell them apart. ssh leaves out a
/// file after `-i` that does not exist, and then keeps its built-in names (ssh.c).
fn configured(system: &dyn System, account: &Account, target: Option<&Target>, config: &Config) -> Fact<bool> {
    if config.from.contains_key("identityfile") {
        return true.into();
    }
    let given = target.map_or(&[][..], |target| &target.identity_files);
    let home = account.home.as_deref();
    let exists = |path: &String| {
        let real = match (path.strip_prefix("~/"), home) {
            (Some(rest), Some(home)) => home.join(rest),
            _ => Path::new(path).to_owned(),
        };
        system.metadata(&real).is_ok()
    };
    let by_option = target.is_some_and(|target| target.ssh_args.iter().any(|arg| names_identity(arg)));
    (by_option || given.iter().any(exists)).into()
}

/// `-o IdentityFile=…`, in one word or as the word after `-o`.
fn names_identity(arg: &str) -> bool {
    let option = arg.strip_prefix("-o").unwrap_or(arg).trim_start();
    let name: String = option.chars().take_while(char::is_ascii_alphanumeric).collect();
    name.eq_ignore_ascii_case("identityfile") && option.len() > name.len()
}
