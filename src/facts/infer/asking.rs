//! Whether ssh can ask a person here: for a passphrase, a PIN, a decision.

use crate::facts::{Fact, Facts, Os, Terminal, Version};

/// Fills `can_ask` and `asks_on_screen`, as `read_passphrase` of OpenSSH's readpass.c goes about it.
pub(super) fn fill(facts: &mut Facts) {
    let windows = facts.machine.known().is_some_and(|machine| machine.os == Os::Windows);
    let version = facts.client.known().and_then(|client| client.version.known());
    let older = version.is_some_and(|version| *version < Version { major: 8, minor: 4 });
    let Some(terminal) = facts.terminal.known_mut() else { return };
    if let Some(askpass) = terminal.askpass.as_mut().filter(|_| older) {
        // A variable that such a client does not know.
        askpass.require = None;
    }
    let preferred = asks_on_a_screen(terminal);
    terminal.asks_on_screen = preferred;
    terminal.can_ask = match &terminal.askpass {
        Some(askpass) if preferred => askpass.exists.clone(),
        _ if windows && !terminal.interactive.is(&true) => Fact::unknown("whether there is a console is not known"),
        _ => terminal.interactive.clone(),
    };
}

/// Where a screen is there or the program is forced, it is asked first when wanted, and instead of a missing terminal.
fn asks_on_a_screen(terminal: &Terminal) -> bool {
    terminal.askpass.as_ref().is_some_and(|askpass| match askpass.require.as_deref() {
        Some("force") => true,
        Some("prefer") => askpass.screen,
        Some("never") => false,
        _ => askpass.screen && terminal.interactive.is(&false),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Askpass, Client};

    fn can_ask(interactive: bool, require: Option<&str>, screen: bool, exists: bool) -> Fact<bool> {
        let askpass =
            Askpass { require: require.map(str::to_owned), screen, exists: exists.into(), ..Askpass::default() };
        let terminal = Terminal { interactive: interactive.into(), askpass: Some(askpass), ..Terminal::default() };
        let mut facts = Facts { terminal: terminal.into(), ..Facts::default() };
        fill(&mut facts);
        facts.terminal.known().expect("a terminal").can_ask.clone()
    }

    #[test]
    fn a_terminal_is_enough_unless_the_program_is_wanted() {
        assert!(can_ask(true, None, false, false).is(&true));
        assert!(can_ask(true, None, true, false).is(&true));
        assert!(can_ask(true, Some("never"), true, false).is(&true));
        assert!(can_ask(true, Some("force"), false, false).is(&false));
        assert!(can_ask(true, Some("prefer"), true, false).is(&false));
        assert!(can_ask(true, Some("prefer"), false, false).is(&true), "without a screen it is not asked");
    }

    #[test]
    fn without_a_terminal_the_program_has_to_be_there() {
        assert!(can_ask(false, None, true, true).is(&true));
        assert!(can_ask(false, None, true, false).is(&false));
        assert!(can_ask(false, None, false, true).is(&false), "there is no screen to ask on");
        assert!(can_ask(false, Some("force"), false, true).is(&true));
        assert!(can_ask(false, Some("never"), true, true).is(&false));
    }

    #[test]
    fn clients_before_8_4_do_not_know_the_wish() {
        for (version, can) in [((8, 3), true), ((8, 4), false)] {
            let version = Version { major: version.0, minor: version.1 };
            let askpass = Askpass { require: Some("force".into()), exists: false.into(), ..Askpass::default() };
            let terminal = Terminal { interactive: true.into(), askpass: Some(askpass), ..Terminal::default() };
            let client = Client { version: version.into(), ..Client::default() };
            let mut facts = Facts { terminal: terminal.into(), client: client.into(), ..Facts::default() };
            fill(&mut facts);
            assert!(facts.terminal.known().expect("a terminal").can_ask.is(&can));
        }
    }

    #[test]
    fn what_is_not_known_accuses_nobody() {
        let mut facts = Facts::default();
        fill(&mut facts);
        assert!(facts.terminal.known().is_none());
        let askpass = Askpass { screen: true, exists: Fact::unknown("any build"), ..Askpass::default() };
        let terminal = Terminal { interactive: false.into(), askpass: Some(askpass), ..Terminal::default() };
        let mut facts = Facts { terminal: terminal.into(), ..Facts::default() };
        fill(&mut facts);
        assert!(facts.terminal.known().expect("a terminal").can_ask.known().is_none());
    }
}
