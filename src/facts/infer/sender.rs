//! Who has something sent in place of a plain login shell: what was typed, RemoteCommand, an alias, a terminal's wrapper. And
//! what comes of it at a server that has no shell around commands.

use super::wrapper::{Effect, effect};
use crate::{
    facts::{Facts, Seen, Sender, Target, Terminal, Wrapper},
    ssh::{
        author::{Author, author},
        log,
    },
    target::{Start, first_word, start},
};

/// What Warp's script begins with.
const OF_WARP: &str = "export TERM_PROGRAM='WarpTerminal'; …";
/// What kitty's begins with.
const OF_KITTY: &str = "exec sh -c 'eval \"$(echo \"$0\" | tr …";
/// Characters that are kept of a command.
const KEPT: usize = 200;

/// Fills what the wrappers do, and `ssh_is_replaced`.
pub(super) fn fill(facts: &mut Facts) {
    let Some(terminal) = facts.terminal.known_mut() else { return };
    let mut replaced = terminal.warp.as_ref().is_some_and(|warp| warp.wrapper);
    for wrapper in &mut terminal.wrappers {
        let effect = effect(wrapper);
        replaced |= effect.as_ref().is_some_and(|effect| !matches!(effect, Effect::PassesOn { .. }));
        wrapper.effect = effect.as_ref().map(|effect| effect.word().to_owned());
        wrapper.adds = match effect {
            Some(Effect::Command(command) | Effect::Sets(command)) => Some(command),
            _ => None,
        };
    }
    terminal.ssh_is_replaced = replaced;
}

/// Who sends something: as a log shows, or to be foreseen for the target.
pub(super) fn sender(facts: &Facts) -> Option<Sender> {
    let said = facts.attempt.known().and_then(|attempt| attempt.session.as_ref());
    said.and_then(|session| sent(facts, session)).or_else(|| foreseen(facts))
}

/// Whether the server behind the target runs commands without a shell: the one of CircleCI's direct form does, and greets as
/// `Go`. Whether the proxy does is not known.
pub(super) fn is_without_shell(facts: &Facts) -> Option<bool> {
    let target = facts.target.as_ref()?;
    let greeted = facts.server.known().and_then(|server| server.software.as_deref());
    let logged = facts.attempt.known().and_then(|attempt| attempt.server.as_ref()?.software.as_deref());
    match greeted.or(logged) {
        Some(software) if software != "Go" => Some(false),
        Some(_) => (target.form == "direct").then_some(true),
        None => (target.form == "direct" && target.job_port).then_some(true),
    }
}

/// What stands between the word `ssh`, typed in the user's shell, and the program.
enum Force<'a> {
    Nothing,
    Warp,
    Wrapper(&'a Wrapper, Effect),
    /// Something of which the words do not tell enough.
    Unclear,
}

/// An alias comes before a function, and the start files come after Warp's own definitions, but for fish, whose aliases are
/// functions too.
fn in_force(terminal: &Terminal) -> Force<'_> {
    let warp = terminal.warp.as_ref().is_some_and(|warp| warp.wrapper);
    if warp && terminal.shell.as_deref() == Some("fish") {
        return Force::Warp;
    }
    let last = |kind: &str| terminal.wrappers.iter().rfind(|wrapper| wrapper.kind == kind);
    for wrapper in [last("alias"), last("function")].into_iter().flatten() {
        let effect = effect(wrapper);
        // kitty's users ask for its terminal before they define the alias.
        let kitten = effect == Some(Effect::Kitty) && terminal.kitten;
        return match effect {
            _ if wrapper.conditional && !kitten => Force::Unclear,
            None | Some(Effect::OtherProgram) => Force::Unclear,
            Some(Effect::Kitty) if !kitten => Force::Unclear,
            Some(Effect::PassesOn { by_name: true }) if wrapper.kind == "alias" => continue,
            Some(Effect::PassesOn { .. }) => Force::Nothing,
            Some(effect) => Force::Wrapper(wrapper, effect),
        };
    }
    if warp { Force::Warp } else { Force::Nothing }
}

fn foreseen(facts: &Facts) -> Option<Sender> {
    let target = facts.target.as_ref().filter(|target| !target.of_a_log && !target.no_session)?;
    if target.host.is_empty() {
        return None;
    }
    let config = facts.config.known();
    let force = facts.terminal.known().map_or(Force::Unclear, in_force);
    let typed = !target.remote_command.is_empty();
    if let Force::Wrapper(wrapper, Effect::Sets(command)) = &force {
        let sender = at(of_command(facts, target, &wrapper.kind, command, Seen::default()), wrapper);
        let beside = typed.then(|| "typed".to_owned());
        let harm = if typed { "two-commands".to_owned() } else { sender.harm.clone() };
        return Some(Sender { harm, beside, ..sender });
    }
    let set = config.and_then(|config| config.remote_command.as_deref()).filter(|command| *command != "none");
    if let Some(command) = set {
        let beside = match &force {
            _ if typed => Some("typed"),
            Force::Wrapper(_, Effect::Kitty) => Some("kitty"),
            Force::Wrapper(wrapper, Effect::Command(_)) => Some(wrapper.kind.as_str()),
            _ => None,
        };
        let line = config.and_then(|config| config.from.get("remotecommand")).cloned();
        let mut sender = of_command(facts, target, "remote-command", command, line.unwrap_or_default());
        if let Some(beside) = beside {
            (sender.harm, sender.beside) = ("two-commands".into(), Some(beside.into()));
        }
        return Some(sender);
    }
    match force {
        Force::Wrapper(wrapper, Effect::Kitty) => {
            let sender = of_command(facts, target, "kitty", OF_KITTY, Seen::default());
            return Some(Sender { in_a_shell: None, ..at(sender, wrapper) });
        }
        Force::Wrapper(wrapper, Effect::Command(command)) if !typed => {
            return Some(at(of_command(facts, target, &wrapper.kind, &command, Seen::default()), wrapper));
        }
        Force::Wrapper(wrapper, Effect::NoTerminal) if !typed && !target.tty => {
            let harm = if is_without_shell(facts) == Some(true) { "no-terminal" } else { "none" };
            let sender = Sender {
                kind: wrapper.kind.clone(),
                start: Start::Nothing.word().into(),
                harm: harm.into(),
                ..Sender::default()
            };
            return Some(at(sender, wrapper));
        }
        Force::Warp if warp_would_wrap(facts) => {
            let seen = Seen {
                source: "the environment".into(),
                line: None,
                text: "WARP_IS_LOCAL_SHELL_SESSION=1, WARP_USE_SSH_WRAPPER=1".into(),
            };
            let sender = of_command(facts, target, Author::Warp.word(), OF_WARP, seen);
            return Some(Sender { in_a_shell: None, ..sender });
        }
        _ => {}
    }
    let command = target.remote_command.join(" ");
    let seen = Seen { source: "the command".into(), line: None, text: command.clone() };
    typed.then(|| {
        let sender = of_command(facts, target, "typed", &command, seen);
        let whole = shell_line(&target.remote_command);
        Sender { in_a_shell: sender.in_a_shell.as_ref().and(whole), ..sender }
    })
}

fn warp_would_wrap(facts: &Facts) -> bool {
    let warp = facts.terminal.known().and_then(|terminal| terminal.warp.as_ref());
    warp.is_some_and(|warp| warp.would_wrap.is(&true))
}

/// With the place of the wrapper's line.
fn at(sender: Sender, wrapper: &Wrapper) -> Sender {
    let seen = Seen { source: wrapper.file.clone(), line: Some(wrapper.line), text: wrapper.text.clone() };
    Sender { file: Some(wrapper.file.clone()), line: Some(wrapper.line), seen, ..sender }
}

fn of_command(facts: &Facts, target: &Target, kind: &str, command: &str, seen: Seen) -> Sender {
    let start = start(command);
    let shell = is_without_shell(facts);
    let harm = match start {
        start if start.needs_shell() => match shell {
            Some(true) => "fails",
            Some(false) => "none",
            None => "unknown",
        },
        Start::Rare if shell == Some(true) || target.form == "proxy" => "may-fail",
        _ => "none",
    };
    let in_file = seen.line.is_some();
    Sender {
        kind: kind.into(),
        sends: Some(shown(command)),
        program: Some(first_word(command)).filter(|word| !word.is_empty()).map(|word| shown(&word)),
        start: start.word().into(),
        harm: harm.into(),
        beside: None,
        file: in_file.then(|| seen.source.clone()),
        line: seen.line,
        in_a_shell: start.needs_shell().then(|| shell_line(&[command.to_owned()])).flatten(),
        sent: false,
        seen,
    }
}

/// The words as they were meant, in one piece for a shell at the other end.
fn shell_line(words: &[String]) -> Option<String> {
    let one = words.join(" ");
    if one.chars().any(char::is_control) {
        return None;
    }
    let (first, rest) = words.split_first()?;
    // `bash -lc 'cd x && make'`, of which this machine's shell took the quotes away.
    let quotes_lost = start(first) == Start::Shell && rest.iter().any(|word| word.contains(char::is_whitespace));
    if quotes_lost {
        return shlex::try_join(words.iter().map(String::as_str)).ok();
    }
    Some(format!("bash -c {}", shlex::try_quote(&one).ok()?))
}

fn shown(command: &str) -> String {
    let spaced = command.trim().chars().map(|c| if c.is_control() { ' ' } else { c });
    let mut text: String = spaced.clone().take(KEPT).collect();
    if spaced.count() > KEPT {
        text.push('…');
    }
    text
}

/// What the log shows, where it shows a command or what the job said to one.
fn sent(facts: &Facts, session: &log::Session) -> Option<Sender> {
    let missing = session.program_not_found.as_deref();
    let command = session.command.as_deref().filter(|command| !command.trim().is_empty());
    if let Some(editor) = facts.log.as_ref().and_then(|log| log.editor.as_ref()).filter(|_| session.no_command_or_pty) {
        return Some(Sender {
            kind: "editor".into(),
            start: Start::Nothing.word().into(),
            harm: "no-terminal".into(),
            sent: true,
            seen: editor.clone(),
            ..Sender::default()
        });
    }
    if command.is_none() && missing.is_none() {
        return None;
    }
    // A script that begins with a line end: the log's line has none of it.
    let cut_off = session.command.is_some() && command.is_none();
    let author = command.and_then(author).or(match missing {
        Some("export") if cut_off => Some(Author::Warp),
        Some("infocmp") => Some(Author::Ghostty),
        _ => None,
    });
    let target = facts.target.as_ref();
    let typed = target.is_some_and(|target| !target.remote_command.is_empty());
    let set = facts.config.known().and_then(|config| config.remote_command.as_deref()).filter(|set| *set != "none");
    let kind = match author {
        Some(author) => author.word(),
        None if typed => "typed",
        None if set.is_some() && set == command => "remote-command",
        None => "unknown",
    };
    let failed = session.exit_status.is_some_and(|status| status != 0);
    let text = match author {
        Some(Author::Warp) => Some(command.unwrap_or(OF_WARP)),
        _ => command,
    };
    let start = start(text.or(missing).unwrap_or_default());
    let harm = match author {
        Some(Author::Ghostty) => "none",
        _ if missing.is_some() => "fails",
        // Anybody's own command may end with a failure of its own.
        Some(_) if failed && is_without_shell(facts) != Some(false) => "fails",
        _ => "none",
    };
    let words = target.map_or(&[][..], |target| &target.remote_command);
    let whole =
        if kind == "typed" { shell_line(words) } else { command.and_then(|text| shell_line(&[text.to_owned()])) };
    let seen = session.seen.clone().unwrap_or_default();
    let line = facts.config.known().and_then(|config| config.from.get("remotecommand"));
    let placed = line.filter(|line| kind == "remote-command" && line.line.is_some() && line.source != seen.source);
    Some(Sender {
        kind: kind.into(),
        sends: text.map(shown),
        program: missing.map(shown).or_else(|| text.map(first_word)),
        start: start.word().into(),
        harm: harm.into(),
        beside: None,
        file: placed.map(|line| line.source.clone()),
        line: placed.and_then(|line| line.line),
        in_a_shell: whole.filter(|_| author.is_none() && start.needs_shell()),
        sent: true,
        seen,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Attempt, Config, Server, Warp};

    fn target(words: &[&str]) -> Target {
        Target {
            form: "direct".into(),
            host: "203.0.113.7".into(),
            port: Some(64535),
            job_port: true,
            remote_command: words.iter().map(|word| (*word).to_owned()).collect(),
            ..Target::default()
        }
    }

    fn alias(runs: &str) -> Wrapper {
        Wrapper {
            kind: "alias".into(),
            file: "/home/ana/.bashrc".into(),
            line: 3,
            runs: Some(runs.into()),
            ..Wrapper::default()
        }
    }

    fn machine(words: &[&str], wrappers: Vec<Wrapper>, warp: bool, set: Option<&str>) -> Facts {
        let warp = warp.then(|| Warp { wrapper: true, would_wrap: (set.is_none() && words.is_empty()).into() });
        let terminal = Terminal { wrappers, warp, kitten: true, ..Terminal::default() };
        let mut config = Config { remote_command: set.map(str::to_owned), ..Config::default() };
        if set.is_some() {
            let seen = Seen { source: "/home/ana/.ssh/config".into(), line: Some(2), text: "RemoteCommand x".into() };
            config.from.insert("remotecommand".into(), seen);
        }
        Facts { target: Some(target(words)), terminal: terminal.into(), config: config.into(), ..Facts::default() }
    }

    fn of(facts: &Facts) -> Option<(String, String)> {
        sender(facts).map(|sender| (sender.kind, sender.harm))
    }

    fn pair(kind: &str, harm: &str) -> Option<(String, String)> {
        Some((kind.into(), harm.into()))
    }

    #[test]
    fn who_replaces_ssh() {
        for (facts, replaced) in [
            (machine(&[], vec![], true, None), true),
            (machine(&[], vec![alias("ssh -A")], false, None), false),
            (machine(&[], vec![alias("kitten ssh")], false, None), true),
            (machine(&[], vec![alias("ssh -T")], false, None), true),
            (machine(&[], vec![alias("mosh")], false, None), true),
            (machine(&[], vec![alias("my-ssh")], false, None), false),
        ] {
            let mut facts = facts;
            fill(&mut facts);
            assert_eq!(facts.terminal.known().map(|terminal| terminal.ssh_is_replaced), Some(replaced));
        }
    }

    #[test]
    fn one_sender_for_each_machine() {
        let tmux = || alias("ssh -o RemoteCommand='cd work && bash'");
        let function = |runs: &str| Wrapper { kind: "function".into(), ..alias(runs) };
        let adds = || function("command ssh -t \"$@\" 'tmux new -A'");
        for (words, wrappers, warp, set, expected) in [
            (&[][..], vec![], false, None, None),
            (&[], vec![], true, None, pair("warp", "fails")),
            (&["bash"], vec![], true, None, pair("typed", "none")),
            (&["cd", "x"], vec![], false, None, pair("typed", "fails")),
            (&["ls | wc"], vec![], false, None, pair("typed", "fails")),
            (&[], vec![], false, Some("tmux new -A"), pair("remote-command", "may-fail")),
            (&[], vec![], false, Some("bash -l"), pair("remote-command", "none")),
            (&[], vec![], false, Some("cd x && bash"), pair("remote-command", "fails")),
            (&["bash"], vec![], false, Some("bash -l"), pair("remote-command", "two-commands")),
            (&[], vec![], true, Some("tmux"), pair("remote-command", "may-fail")),
            (&[], vec![tmux()], false, None, pair("alias", "fails")),
            (&[], vec![tmux()], false, Some("bash"), pair("alias", "fails")),
            (&["make"], vec![tmux()], false, None, pair("alias", "two-commands")),
            (&[], vec![adds()], false, None, pair("function", "may-fail")),
            (&[], vec![adds()], false, Some("bash"), pair("remote-command", "two-commands")),
            (&["make"], vec![adds()], false, None, pair("typed", "none")),
            (&[], vec![alias("ssh -T")], false, None, pair("alias", "no-terminal")),
            (&["make"], vec![alias("ssh -T")], false, None, pair("typed", "none")),
            (&[], vec![alias("kitten ssh")], false, None, pair("kitty", "fails")),
            (&["bash"], vec![alias("kitten ssh")], false, None, pair("kitty", "fails")),
            (&[], vec![alias("kitten ssh")], false, Some("bash"), pair("remote-command", "two-commands")),
            (&[], vec![alias("ssh -A")], true, None, pair("warp", "fails")),
            (&[], vec![alias("command ssh -A")], true, None, None),
            (&[], vec![alias("who-knows")], true, None, None),
        ] {
            assert_eq!(of(&machine(words, wrappers, warp, set)), expected, "{words:?} {warp} {set:?}");
        }
    }

    #[test]
    fn an_alias_that_may_not_be_in_force_accuses_nobody() {
        let conditional = |runs: &str| Wrapper { conditional: true, ..alias(runs) };
        assert_eq!(of(&machine(&[], vec![conditional("ssh -T")], false, None)), None);
        assert_eq!(of(&machine(&[], vec![conditional("kitten ssh")], false, None)), pair("kitty", "fails"));
        let mut elsewhere = machine(&[], vec![alias("kitten ssh")], false, None);
        elsewhere.terminal.known_mut().expect("a terminal").kitten = false;
        assert_eq!(of(&elsewhere), None);
    }

    #[test]
    fn the_server_decides_what_comes_of_it() {
        let greets = |software: &str, form: &str| {
            let mut facts = machine(&["cd", "x"], vec![], false, None);
            facts.server = Server { software: Some(software.into()), ..Server::default() }.into();
            facts.target = Some(Target { form: form.into(), ..target(&["cd", "x"]) });
            of(&facts)
        };
        assert_eq!(greets("Go", "direct"), pair("typed", "fails"));
        assert_eq!(greets("OpenSSH_9.6", "direct"), pair("typed", "none"));
        assert_eq!(greets("Go", "proxy"), pair("typed", "unknown"));
        assert_eq!(greets("Go", "alias"), pair("typed", "unknown"));
        let mut unreached = machine(&["cd", "x"], vec![], false, None);
        unreached.target = Some(Target { job_port: false, port: Some(2222), ..target(&["cd", "x"]) });
        assert_eq!(of(&unreached), pair("typed", "unknown"));
    }

    #[test]
    fn the_line_for_a_shell() {
        let of = |words: &[&str]| sender(&machine(words, vec![], false, None)).and_then(|sender| sender.in_a_shell);
        assert_eq!(of(&["cd", "x"]).as_deref(), Some("bash -c 'cd x'"));
        assert_eq!(of(&["cd x && make"]).as_deref(), Some("bash -c 'cd x && make'"));
        assert_eq!(of(&["bash", "-lc", "cd x && make"]).as_deref(), Some("bash -lc 'cd x && make'"));
        assert_eq!(of(&["make"]), None);
    }

    fn logged(command: Option<&str>, missing: Option<&str>, status: Option<i64>) -> Option<(String, String)> {
        let mut attempt = Attempt::new("ssh -v");
        attempt.session = Some(log::Session {
            command: command.map(str::to_owned),
            program_not_found: missing.map(str::to_owned),
            exit_status: status,
            ..log::Session::default()
        });
        of(&Facts { attempt: attempt.into(), ..Facts::default() })
    }

    #[test]
    fn a_log_shows_who_it_was() {
        assert_eq!(logged(Some(""), Some("export"), None), pair("warp", "fails"));
        assert_eq!(logged(Some("export TERM_PROGRAM='WarpTerminal'"), None, Some(1)), pair("warp", "fails"));
        assert_eq!(logged(Some("export A=1; make"), Some("export"), None), pair("unknown", "fails"));
        assert_eq!(logged(None, Some("infocmp"), None), pair("ghostty", "none"));
        assert_eq!(logged(Some("make test"), None, Some(2)), pair("unknown", "none"));
        assert_eq!(logged(None, None, Some(0)), None);
    }

    #[test]
    fn what_is_shown_is_short_and_plain() {
        let text = shown(&format!("\nexport A\x0b{}", "x".repeat(400)));
        assert!(text.starts_with("export A x") && text.ends_with('…') && text.chars().count() == KEPT + 1);
    }
}
