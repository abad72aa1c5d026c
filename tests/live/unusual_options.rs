//! Options of the configuration that change how ssh speaks, or that its own account cannot be read back from.

use crate::scene::Scene;

/// Odd, and nobody's fault.
const HARMLESS: [&str; 9] = [
    "LogVerbose *:*:*",
    "LogLevel QUIET",
    "UserKnownHostsFile ~/.ssh/hosts-%%-%h",
    "UserKnownHostsFile \"~/.ssh/my hosts\" ~/.ssh/known_hosts",
    "HostKeyAlias \"a job\"",
    "User \"ana maria\"",
    "SessionType none\n ForkAfterAuthentication yes",
    "PermitLocalCommand yes\n LocalCommand touch ~/local-command",
    "SetEnv \"FOO=a b\" BAR=$(touch${IFS}~/set-env)",
];

#[test]
fn what_is_only_odd_gets_silence() {
    for line in HARMLESS {
        let (scene, _) = Scene::usual();
        scene.home.config(&format!("Host *\n {line}\n"));
        let report = scene.examine();
        println!("{line}");
        report.expect_silence();
    }
}

#[test]
fn what_is_only_odd_does_not_hide_the_cause() {
    let others = ["RemoteForward 0", "EscapeChar ^B", "PermitRemoteOpen none", "AddKeysToAgent confirm 5m"];
    for line in HARMLESS.iter().chain(&others) {
        let (mut scene, _) = Scene::usual();
        let right = scene.key(".ssh/circleci");
        scene.job([&right]);
        scene.home.config(&format!("Host *\n {line}\n"));
        println!("{line}");
        scene.blocked_by("wrong-key-offered");
    }
}
