//! Which options of a command line are needed to reach the host, and which may be handed on.
//!
//! Three kinds. What shapes the session only (`-v`, `-N`, `-L`, `-t`) is dropped: the doctor's connections have no
//! session. What ssh needs to arrive (`-p`, `-l`, `-i`, `-J`, algorithms) is kept. What runs a program or opens a file
//! or socket of the text's choice is kept only when the user typed it: an option is judged by a list of what is known
//! to be harmless, so one that a later OpenSSH brings is left out until somebody has looked at it.

use super::{
    TargetError,
    argv::{Line, Opt},
    name,
};

/// Keywords of `-o` (ssh_config(5)) that neither run a program nor name a file: algorithms, names, numbers, yes and no.
const HARMLESS: &[&str] = &[
    "addressfamily",
    "batchmode",
    "bindaddress",
    "bindinterface",
    "casignaturealgorithms",
    "challengeresponseauthentication",
    "checkhostip",
    "ciphers",
    "compression",
    "connectionattempts",
    "connecttimeout",
    "gssapiauthentication",
    "hashknownhosts",
    "hostbasedacceptedalgorithms",
    "hostbasedauthentication",
    "hostkeyalgorithms",
    "hostkeyalias",
    "identitiesonly",
    "ipqos",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "macs",
    "nohostauthenticationforlocalhost",
    "numberofpasswordprompts",
    "passwordauthentication",
    "preferredauthentications",
    "pubkeyacceptedalgorithms",
    "pubkeyacceptedkeytypes",
    "pubkeyauthentication",
    "rekeylimit",
    "requiredrsasize",
    "serveralivecountmax",
    "serveraliveinterval",
    "stricthostkeychecking",
    "tcpkeepalive",
    "updatehostkeys",
    "verifyhostkeydns",
    "visualhostkey",
];

/// Keywords that shape the session, the output or the multiplexing of a later session, and nothing before it.
const SESSION: &[&str] = &[
    "clearallforwardings",
    "dynamicforward",
    "enableescapecommandline",
    "escapechar",
    "exitonforwardfailure",
    "forkafterauthentication",
    "forwardagent",
    "forwardx11",
    "forwardx11timeout",
    "forwardx11trusted",
    "gatewayports",
    "localforward",
    "loglevel",
    "logverbose",
    "obscurekeystroketiming",
    "permitremoteopen",
    "remoteforward",
    "sendenv",
    "sessiontype",
    "setenv",
    "stdinnull",
    "streamlocalbindmask",
    "streamlocalbindunlink",
    "syslogfacility",
];

/// What is kept of the options.
#[derive(Debug, Default)]
pub(super) struct Chosen {
    /// `-4` or `-6`.
    pub(super) family: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) user: Option<String>,
    pub(super) identity_files: Vec<String>,
    /// The same as words: ssh passes over an `-i` that leads nowhere, but not over `-o IdentityFile=…`.
    pub(super) identity_words: Vec<String>,
    /// `-o IdentitiesOnly=…`, apart because it belongs to the identities.
    pub(super) identities_only: Vec<String>,
    /// Everything else that is handed on, in order.
    pub(super) passed: Vec<String>,
    /// What a pasted text asked for and does not get.
    pub(super) left_out: Vec<String>,
    pub(super) tty: bool,
    pub(super) no_tty: bool,
    /// `-o RemoteCommand=…`, in words.
    pub(super) remote_command: Vec<String>,
}

/// Sorts the options of a line; `trusted` ones were asked for by the user.
pub(super) fn choose(line: &Line, trusted: bool) -> Result<Chosen, TargetError> {
    let mut chosen = Chosen::default();
    for Opt { letter, value } in &line.options {
        let option = format!("-{letter}");
        let mut pass = |harmless: bool| -> Result<(), TargetError> {
            if harmless || trusted {
                plain(&option, value)?;
                add(&mut chosen.passed, [option.clone(), value.clone()]);
            } else {
                chosen.left_out.push(shown(&format!("{option} {value}")));
            }
            Ok(())
        };
        match letter {
            '4' | '6' => {
                chosen.family.get_or_insert(option);
            }
            'p' => {
                let port = name::port(value)?;
                chosen.port.get_or_insert(port);
            }
            'l' => {
                let user = name::user_name(value)?;
                chosen.user.get_or_insert(user);
            }
            'i' => identity(&mut chosen, ["-i".into(), value.clone()], value)?,
            't' => chosen.tty = true,
            'T' => chosen.no_tty = true,
            'J' => pass(jump(value)?)?,
            'o' => keyword(&mut chosen, value, trusted)?,
            // These letters would win over an option before them, so that no other value could be tried.
            'b' => before(&mut chosen, "BindAddress", value)?,
            'B' => before(&mut chosen, "BindInterface", value)?,
            'c' => before(&mut chosen, "Ciphers", value)?,
            'm' => before(&mut chosen, "MACs", value)?,
            // A tag of the configuration.
            'P' => pass(true)?,
            'F' | 'I' | 'S' => pass(false)?,
            // Logs, tunnels and control commands do not help to arrive, even when they were typed.
            'E' | 'O' | 'w' | 'W' | 'Q' if !trusted => {
                chosen.left_out.push(shown(&format!("{option} {value}")));
            }
            _ => {}
        }
    }
    Ok(chosen)
}

/// Letters that are needed to arrive, `-o` apart.
const WAY: &str = "46pliJbBcmPFIS";

/// The options that shape the session, as words, in order.
pub(super) fn session(line: &Line) -> Vec<String> {
    words(line, shapes_the_session)
}

/// The others.
pub(super) fn way(line: &Line) -> Vec<String> {
    words(line, |option| !shapes_the_session(option))
}

/// Whether nobody wants a session of it.
pub(super) fn wants_no_session(line: &Line) -> bool {
    let none = |value: &str| {
        let value: String = value.split_whitespace().collect::<String>().to_ascii_lowercase();
        value == "sessiontype=none" || value == "sessiontypenone"
    };
    line.options
        .iter()
        .any(|option| matches!(option.letter, 'N' | 'W') || (option.letter == 'o' && none(&option.value)))
}

/// Whether something is carried through the connection.
pub(super) fn forwards(line: &Line) -> bool {
    line.options.iter().any(|option| matches!(option.letter, 'L' | 'R' | 'D' | 'w'))
}

/// Whether the word is `-o`'s value with a remote command in it.
pub(super) fn is_remote_command(word: &str) -> bool {
    keyword_of(word).is_some_and(|keyword| keyword == "remotecommand")
}

fn words(line: &Line, wanted: impl Fn(&Opt) -> bool) -> Vec<String> {
    let word = |option: &Opt| [format!("-{}", option.letter), option.value.clone()];
    let wanted = line.options.iter().filter(|option| wanted(option));
    wanted.flat_map(word).filter(|word| !word.is_empty()).collect()
}

fn shapes_the_session(option: &Opt) -> bool {
    match option.letter {
        'o' => keyword_of(&option.value)
            .is_some_and(|word| SESSION.contains(&word.as_str()) || ["requesttty", "remotecommand"].contains(&&*word)),
        letter => !WAY.contains(letter),
    }
}

pub(super) fn keyword_of(option: &str) -> Option<String> {
    option.trim().split(['=', ' ']).next().map(|word| word.trim().to_ascii_lowercase())
}

/// A letter as the option that it stands for, before all that are given by name.
fn before(chosen: &mut Chosen, name: &str, value: &str) -> Result<(), TargetError> {
    plain(name, value)?;
    chosen.passed.splice(0..0, ["-o".into(), format!("{name}={value}")]);
    Ok(())
}

fn keyword(chosen: &mut Chosen, option: &str, trusted: bool) -> Result<(), TargetError> {
    let (word, value) = match option.trim().split_once(['=', ' ']) {
        Some((word, value)) => (word.trim(), value.trim_start_matches([' ', '=']).trim_end()),
        None => (option.trim(), ""),
    };
    let value = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"')).unwrap_or(value);
    let keyword = word.to_ascii_lowercase();
    let whole = format!("{word}={value}");
    let harmless = match keyword.as_str() {
        "port" => {
            let port = name::port(value)?;
            chosen.port.get_or_insert(port);
            return Ok(());
        }
        "user" => {
            let user = name::user_name(value)?;
            chosen.user.get_or_insert(user);
            return Ok(());
        }
        "identityfile" if !value.eq_ignore_ascii_case("none") => {
            return identity(chosen, ["-o".into(), whole], value);
        }
        "requesttty" => {
            chosen.tty |= ["yes", "force", "auto"].contains(&value);
            chosen.no_tty |= value == "no";
            return Ok(());
        }
        // It runs on the other side, after the login: known to the doctor as a remote command, not passed on.
        "remotecommand" => {
            if value != "none" && chosen.remote_command.is_empty() {
                chosen.remote_command = value.split_whitespace().map(str::to_owned).collect();
            }
            return Ok(());
        }
        "identitiesonly" => {
            plain("-o IdentitiesOnly", value)?;
            add(&mut chosen.identities_only, ["-o".into(), whole]);
            return Ok(());
        }
        "hostname" => name::host_name(value).is_ok(),
        "proxyjump" => jump(value)?,
        // Opens a file or a socket unless it is none of them.
        "userknownhostsfile" | "globalknownhostsfile" => ["/dev/null", "none", "NUL"].contains(&value),
        "identityagent" => ["none", "SSH_AUTH_SOCK"].contains(&value),
        "identityfile" | "proxycommand" | "controlpath" | "controlmaster" | "controlpersist" => {
            ["none", "no"].contains(&value)
        }
        word if SESSION.contains(&word) => return Ok(()),
        word => HARMLESS.contains(&word) && !value.contains('`') && !value.contains("$("),
    };
    if harmless || trusted {
        plain(&format!("-o {word}"), value)?;
        add(&mut chosen.passed, ["-o".into(), whole]);
    } else {
        chosen.left_out.push(shown(&format!("-o {whole}")));
    }
    Ok(())
}

/// An identity file is read only; every path may be one.
fn identity(chosen: &mut Chosen, words: [String; 2], path: &str) -> Result<(), TargetError> {
    name::placeholder_in_angles(path)?;
    plain("-i", path)?;
    if path.is_empty() {
        return Err(TargetError::MissingValue("-i".into()));
    }
    if !chosen.identity_files.iter().any(|known| known == path) {
        chosen.identity_files.push(path.into());
        chosen.identity_words.extend(words);
    }
    Ok(())
}

/// Whether a jump is a list of plain destinations; ssh makes a ProxyCommand of it, so nothing else may pass.
fn jump(value: &str) -> Result<bool, TargetError> {
    for hop in value.split(',') {
        name::destination(hop.trim())?;
    }
    Ok(true)
}

/// Refuses control characters: no option of ssh has a use for them.
fn plain(option: &str, value: &str) -> Result<(), TargetError> {
    if value.chars().any(char::is_control) {
        return Err(TargetError::BadValue { option: option.into(), why: "control characters" });
    }
    Ok(())
}

fn add(list: &mut Vec<String>, pair: [String; 2]) {
    if !list.chunks(2).any(|known| known == pair) {
        list.extend(pair);
    }
}

fn shown(option: &str) -> String {
    match option.char_indices().nth(120) {
        Some((at, _)) => format!("{}…", &option[..at]),
        None => option.trim_end().into(),
    }
}
