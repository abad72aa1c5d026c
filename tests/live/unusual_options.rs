//! Options of the configuration that change how ssh speaks, or that its own account cannot be read back from.

use crate::scene::Scene;
use crate::support::client::client;

type Line = ((u32, u32), &'static str);

/// Odd, and nobody's fault, with the version since when ssh takes it.
const HARMLESS: [Line; 8] = [
    ((8, 5), "LogVerbose *:*:*"),
    ((0, 0), "LogLevel QUIET"),
    ((8, 4), "UserKnownHostsFile ~/.ssh/hosts-%%-%h"),
    ((0, 0), "UserKnownHostsFile \"~/.ssh/my hosts\" ~/.ssh/known_hosts"),
    ((0, 0), "HostKeyAlias \"a job\""),
    ((0, 0), "User \"ana maria\""),
    ((0, 0), "PermitLocalCommand yes\n LocalCommand touch ~/local-command"),
    ((7, 8), "SetEnv \"FOO=a b\" BAR=$(true>~/set-env)"),
];

fn known<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Vec<&'static str> {
    let known = |line: &&Line| client().at_least(line.0.0, line.0.1);
    lines.into_iter().filter(known).map(|line| line.1).collect()
}

#[test]
fn what_is_only_odd_gets_silence() {
    for line in known(&HARMLESS) {
        let (scene, _) = Scene::usual();
        scene.home.config(&format!("Host *\n {line}\n"));
        let report = scene.examine();
        println!("{line}");
        report.expect_silence();
    }
}

#[test]
fn what_is_only_odd_does_not_hide_the_cause() {
    let others: [Line; 4] = [
        ((7, 6), "RemoteForward 0"),
        ((0, 0), "EscapeChar ^B"),
        ((8, 5), "PermitRemoteOpen none"),
        ((8, 4), "AddKeysToAgent confirm 5m"),
    ];
    for line in known(HARMLESS.iter().chain(&others)) {
        let (mut scene, _) = Scene::usual();
        let right = scene.key(".ssh/circleci");
        scene.job([&right]);
        scene.home.config(&format!("Host *\n {line}\n"));
        println!("{line}");
        scene.blocked_by("wrong-key-offered");
    }
}
