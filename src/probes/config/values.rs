//! The options of `ssh -G` as typed values.

use std::{io::ErrorKind, path::Path};

use crate::{
    facts::{Config, Fact},
    probes::{expand::Tokens, text},
    ssh::effective::Effective,
    system::{Account, Kind, System},
};

/// The values that ssh printed. A value it did not print is one that this version does not have.
pub(super) fn fill(config: &mut Config, effective: &Effective) {
    let given = |name: &str| effective.first(name).map(text::clean).filter(|value| !value.is_empty());
    let set = |name: &str| given(name).filter(|value| !value.eq_ignore_ascii_case("none"));
    let word = |name: &str| Fact::from_option(given(name), name);
    let list = |names: &[&str]| {
        let value = names.iter().find_map(|name| effective.first(name));
        let items = value.map(|value| value.split(',').map(text::clean).filter(|item| !item.is_empty()).collect());
        Fact::from_option(items, names[0])
    };
    let flag = |name: &str| word(name).map(|value| !matches!(value.as_str(), "no" | "false"));

    config.hostname = word("hostname");
    // Names are compared without regard to case, as ssh turns them to lower case itself.
    config.hostname_rewritten = config.hostname.map(|host| !host.eq_ignore_ascii_case(&config.asked_for));
    config.port = match given("port").map(|port| port.parse()) {
        Some(Ok(port)) => Fact::Known(port),
        _ => Fact::unknown("ssh did not print a port"),
    };
    config.user = word("user");
    config.identity_files = effective.all("identityfile").iter().map(|file| unquoted(file)).collect::<Vec<_>>().into();
    config.certificate_files = effective.all("certificatefile").iter().map(|file| unquoted(file)).collect();
    config.identities_only = flag("identitiesonly");
    config.identity_agent = given("identityagent").map(|agent| unquoted(&agent));
    config.pubkey_authentication = flag("pubkeyauthentication");
    config.publickey_not_preferred = match given("preferredauthentications") {
        Some(list) => (!list.split(',').any(|method| method.trim() == "publickey")).into(),
        None => false.into(),
    };
    config.pubkey_algorithms = list(&["pubkeyacceptedalgorithms", "pubkeyacceptedkeytypes"]);
    config.host_key_algorithms = list(&["hostkeyalgorithms"]);
    config.kex_algorithms = list(&["kexalgorithms"]);
    config.ciphers = list(&["ciphers"]);
    config.macs = list(&["macs"]);
    config.required_rsa_size = given("requiredrsasize").and_then(|size| size.parse().ok());
    // Printed as `true` and `false` for yes and no.
    config.strict_host_key_checking = word("stricthostkeychecking").map(|value| match value.as_str() {
        "true" => "yes".to_owned(),
        "false" | "off" => "no".to_owned(),
        other => other.to_owned(),
    });
    config.user_known_hosts = files(effective, "userknownhostsfile");
    config.global_known_hosts = files(effective, "globalknownhostsfile");
    config.host_key_alias = set("hostkeyalias");
    config.batch_mode = flag("batchmode");
    config.proxy_command = set("proxycommand");
    config.proxy_jump = set("proxyjump");
    config.proxied = (config.proxy_command.is_some() || config.proxy_jump.is_some()).into();
    config.remote_command = set("remotecommand");
    config.request_tty = given("requesttty");
    config.session_type = given("sessiontype").filter(|value| !value.eq_ignore_ascii_case("default"));
    config.stdin_null = flag("stdinnull").is(&true);
    config.forks = flag("forkafterauthentication").is(&true);
    config.forwards =
        ["localforward", "remoteforward", "dynamicforward"].iter().any(|name| effective.first(name).is_some());
    config.control_path = set("controlpath").map(|path| unquoted(&path));
    config.control_master = given("controlmaster").filter(|value| !matches!(value.as_str(), "false" | "no"));
    config.address_family = given("addressfamily").filter(|family| family != "any");
    config.bind_address = set("bindaddress").or_else(|| set("bindinterface"));
    config.pkcs11_provider = set("pkcs11provider");
    config.security_key_provider = set("securitykeyprovider");
}

/// Every value unknown for the same reason.
pub(in crate::probes) fn unknown(config: &mut Config, why: &str) {
    config.hostname = Fact::unknown(why);
    config.hostname_rewritten = Fact::unknown(why);
    config.port = Fact::unknown(why);
    config.user = Fact::unknown(why);
    config.identity_files = Fact::unknown(why);
    config.identity_files_configured = Fact::unknown(why);
    config.identities_only = Fact::unknown(why);
    config.pubkey_authentication = Fact::unknown(why);
    config.publickey_not_preferred = Fact::unknown(why);
    config.pubkey_algorithms = Fact::unknown(why);
    config.host_key_algorithms = Fact::unknown(why);
    config.kex_algorithms = Fact::unknown(why);
    config.ciphers = Fact::unknown(why);
    config.macs = Fact::unknown(why);
    config.strict_host_key_checking = Fact::unknown(why);
    config.user_known_hosts = Fact::unknown(why);
    config.global_known_hosts = Fact::unknown(why);
    config.batch_mode = Fact::unknown(why);
    config.proxied = Fact::unknown(why);
}

/// Expands ControlPath, which older versions print as it is written, and looks whether a socket stands there, or could.
pub(super) fn control_socket(system: &dyn System, account: &Account, config: &mut Config) {
    let Some(written) = config.control_path.clone() else { return };
    let known = Fact::Known(config.clone());
    if let Fact::Known(path) = Tokens::new(system, account, &known).path(&written) {
        config.control_socket_exists = system.metadata(Path::new(&path)).is_ok_and(|found| found.kind == Kind::Socket);
        let folder = Path::new(&path).parent().filter(|folder| folder.is_absolute());
        let gone = |folder: &&Path| system.metadata(folder).is_err_and(|error| error.kind() == ErrorKind::NotFound);
        if let Some(folder) = folder.filter(|_| config.control_master.is_some()).filter(gone) {
            config.control_path_fault = Some("no-folder".to_owned());
            config.control_path_folder = Some(folder.to_string_lossy().into_owned());
        }
        config.control_path = Some(path);
    }
}

/// Looks up the variable that SecurityKeyProvider may name; ssh does without a provider where it is not set.
pub(super) fn security_key_provider(system: &dyn System, config: &mut Config) {
    let written = config.security_key_provider.take();
    config.security_key_provider = match written.as_deref().and_then(|written| written.strip_prefix('$')) {
        Some(name) => text::filled(system.env(name)).map(text::clean),
        None => written,
    };
}

/// Several files on one line, quoted where they hold blanks. Windows' backslashes are no escapes.
fn files(effective: &Effective, name: &str) -> Fact<Vec<String>> {
    let words = effective.all(name).iter().flat_map(|value| words(value));
    let files: Vec<String> = words.filter(|file| !file.eq_ignore_ascii_case("none")).collect();
    files.into()
}

fn words(value: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = value.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"').and_then(|quoted| quoted.split_once('"')) {
            Some(found) => found,
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(text::clean(word));
        rest = after.trim_start();
    }
    words
}

fn unquoted(value: &str) -> String {
    let value = value.trim();
    text::clean(value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value))
}

impl<T> Fact<T> {
    fn from_option(value: Option<T>, name: &str) -> Self {
        value.map_or_else(|| Self::unknown(format!("this ssh did not print {name}")), Self::Known)
    }
}
