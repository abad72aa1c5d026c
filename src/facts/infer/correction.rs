//! What a line of the configuration was meant to say: the nearest name or value that ssh takes.

use crate::{facts::ConfigError, ssh::options::SPELLED};

/// Values that are words (ssh_config(5)), each with an option that takes it where only one does.
const VALUES: [(&str, Option<&str>); 22] = [
    ("yes", None),
    ("no", None),
    ("ask", None),
    ("accept-new", Some("StrictHostKeyChecking")),
    ("off", None),
    ("auto", None),
    ("autoask", Some("ControlMaster")),
    ("confirm", None),
    ("always", Some("CanonicalizeHostname")),
    ("none", None),
    ("any", Some("AddressFamily")),
    ("inet", Some("AddressFamily")),
    ("inet6", Some("AddressFamily")),
    ("force", Some("RequestTTY")),
    ("unbound", Some("PubkeyAuthentication")),
    ("host-bound", Some("PubkeyAuthentication")),
    ("point-to-point", Some("Tunnel")),
    ("ethernet", Some("Tunnel")),
    ("subsystem", Some("SessionType")),
    ("default", None),
    ("quiet", Some("LogLevel")),
    ("verbose", Some("LogLevel")),
];

/// Fills `value`, `meant` and, where the message names none and the value gives it away, the option.
pub(super) fn fill(error: &mut ConfigError) {
    let text = error.seen.text.as_str();
    match error.kind.as_str() {
        "bad-option" => {
            let name = error.option.as_deref().unwrap_or_default();
            error.meant = nearest(name, SPELLED.iter().copied()).map(str::to_owned);
        }
        "bad-value" | "bad-algorithm" => {
            error.value = quoted(text).or_else(|| behind_colon(text)).map(str::to_owned);
            if error.kind == "bad-algorithm" {
                error.value = error.value.as_deref().map(|value| value.trim_start_matches(['+', '-', '^']).to_owned());
                return;
            }
            let value = error.value.as_deref().unwrap_or_default();
            if error.option.as_deref() == Some("port") {
                let digits: String = value.chars().filter(char::is_ascii_digit).collect();
                error.meant = digits.parse::<u16>().ok().filter(|port| *port != 0).map(|port| port.to_string());
                return;
            }
            // What stands too much on the line is no misspelt word.
            let spare = text.contains("garbage") || text.contains("extra arguments") || text.contains("no argument");
            let value = if spare { "" } else { value };
            error.meant = nearest(value, VALUES.iter().map(|(value, _)| *value)).map(str::to_owned);
            let of_one = VALUES.iter().find(|(value, _)| Some(*value) == error.meant.as_deref());
            if error.option.is_none() {
                error.option = of_one.and_then(|(_, option)| *option).map(str::to_ascii_lowercase);
            }
            // A good value that this ssh is too old for is not mended by itself.
            error.meant.take_if(|meant| meant.eq_ignore_ascii_case(value));
        }
        _ => {}
    }
}

/// `unsupported option "accept_new".`, `Bad port '64535x'.`
fn quoted(text: &str) -> Option<&str> {
    ['"', '\''].iter().find_map(|mark| {
        let rest = text.split_once(*mark)?.1;
        Some(rest.rsplit_once(*mark)?.0).filter(|value| !value.is_empty())
    })
}

/// `Bad yes/no argument: ture`, to OpenSSH 7.4.
fn behind_colon(text: &str) -> Option<&str> {
    let (_, value) = text.rsplit_once("argument: ")?;
    Some(value.trim_end_matches('.').trim()).filter(|value| !value.is_empty() && !value.contains(' '))
}

/// The word that is a slip away: letters apart, missing, too many or changed, at most a third of them.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_ascii_lowercase();
    let length = word.chars().count();
    if !(2..=40).contains(&length) {
        return None;
    }
    let apart = known.map(|name| (strsim::osa_distance(&word, &name.to_ascii_lowercase()), name));
    let (apart, name) = apart.min_by_key(|(apart, _)| *apart)?;
    (apart <= (length / 3).clamp(1, 3)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Seen;

    fn of(kind: &str, option: Option<&str>, text: &str) -> (Option<String>, Option<String>, Option<String>) {
        let seen = Seen { source: "ssh".into(), line: None, text: text.into() };
        let option = option.map(str::to_owned);
        let mut error = ConfigError { kind: kind.into(), option, seen, ..ConfigError::default() };
        fill(&mut error);
        (error.option, error.value, error.meant)
    }

    #[test]
    fn values() {
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            of("bad-value", None, "/c line 4: unsupported option \"accept_new\"."),
            (some("stricthostkeychecking"), some("accept_new"), some("accept-new"))
        );
        assert_eq!(of("bad-value", None, "/c line 7: unsupported option \"Yess\"."), (None, some("Yess"), some("yes")));
        assert_eq!(
            of("bad-value", Some("port"), "/c line 3: Bad port '64535x'."),
            (some("port"), some("64535x"), some("64535"))
        );
        assert_eq!(of("bad-value", None, "/c line 9: Bad yes/no argument: ture"), (None, some("ture"), None));
        let spare = of("bad-value", None, "/c line 3: garbage at end of line; \"yess\".");
        assert_eq!((spare.1, spare.2), (some("yess"), None));
        assert_eq!(of("bad-algorithm", None, "/c line 5: Bad key types '+ssh-dss'.").1, some("ssh-dss"));
    }

    #[test]
    fn a_value_does_not_stand_in_its_own_place() {
        let (option, value, meant) = of("bad-value", None, "unsupported option \"accept-new\".");
        assert_eq!(
            (option.as_deref(), value.as_deref(), meant),
            (Some("stricthostkeychecking"), Some("accept-new"), None)
        );
    }

    #[test]
    fn names() {
        let of = |name: &str| of("bad-option", Some(name), "x").2;
        assert_eq!(of("identityfiel").as_deref(), Some("IdentityFile"));
        assert_eq!(of("stricthostkeycheking").as_deref(), Some("StrictHostKeyChecking"));
        assert_eq!(of("usekeychain"), None);
        assert_eq!(of("\\357\\273\\277host"), None);
        assert_eq!(of("xyz"), None);
    }
}
