//! Keys that live in a PKCS#11 token, with SoftHSM in the place of the card.

use crate::DENIED;
use crate::scene::{Scene, word};
use crate::support::job_server::Options;
use crate::support::tokens::{PIN, Token, token};

/// A machine whose only key is in a token, and a job that knows it.
pub(crate) fn with_token() -> Option<(Scene, Token)> {
    let mut scene = Scene::new();
    let token = token(&mut scene.home)?;
    scene.job_like(Options::authorizing([token.public.as_str()]));
    scene.home.config(&format!("PKCS11Provider {}\n", token.library.display()));
    Some((scene, token))
}

#[test]
fn a_healthy_login_with_a_token() {
    let Some((mut scene, _token)) = with_token() else { return };
    scene.at_a_terminal();
    let report = scene.healthy_with(&[("Enter PIN", &format!("{PIN}\r"))]);
    assert_eq!(report.verdict(), "healthy", "{report}");
}

#[test]
fn the_library_of_the_token_is_not_there() {
    let mut scene = Scene::new();
    scene.job([]);
    scene.home.config("PKCS11Provider /usr/lib/no-such-pkcs11.so\n");
    let blocked = scene.blocked_by("config-pkcs11-provider-bad").titled("no-such-pkcs11.so").shows("config:1");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_library_of_the_token_is_another_kind_of_file() {
    let mut scene = Scene::new();
    scene.job([]);
    let text = scene.home.write("library.so", "not a library\n", 0o644);
    scene.home.config(&format!("PKCS11Provider {}\n", word(&text)));
    let blocked = scene.blocked_by("config-pkcs11-provider-bad").titled("as a PKCS#11 library").shows("library.so");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn no_token_is_plugged_in() {
    let Some((scene, token)) = with_token() else { return };
    let empty = "rm -r \"$0\"/*";
    scene.home.run("sh", ["-c", empty, &word(token.files.path())]).expect_code(0);
    let blocked = scene.blocked_by("config-pkcs11-provider-bad").titled("no card or token");
    blocked.while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn batch_mode_keeps_the_pin_from_being_asked_for() {
    let Some((scene, token)) = with_token() else { return };
    scene
        .home
        .config(&format!("PKCS11Provider {}\nBatchMode yes\nStrictHostKeyChecking no\n", token.library.display()));
    let blocked = scene.blocked_by("config-pkcs11-provider-bad").titled("BatchMode").while_ssh_says(DENIED);
    blocked.mended_with(&[("Enter PIN", &format!("{PIN}\r"))]);
}

/// What the token holds was asked about in the attempt, so the refusal is certain, and nothing is wrong with the token.
#[test]
fn the_job_does_not_know_the_key_of_the_token() {
    let Some((mut scene, _token)) = with_token() else { return };
    scene.job([]).at_a_terminal();
    scene.blocked_by("key-not-authorised").while_ssh_says(DENIED).with_nothing_to_paste();
}

/// ssh leaves the token's keys out then, so nobody knows what the job thinks of them.
#[test]
fn identities_only_hides_the_key_of_the_token() {
    let Some((mut scene, token)) = with_token() else { return };
    scene.key(".ssh/id_ed25519");
    scene.home.config(&format!("PKCS11Provider {}\nIdentitiesOnly yes\n", token.library.display()));
    scene.at_a_terminal();
    let report = scene.examine();
    assert!(!report.root_errors().contains(&"key-not-authorised"), "{report}");
}

#[test]
fn a_library_that_is_not_there_beside_the_right_key() {
    let (scene, _) = Scene::usual();
    scene.home.config("PKCS11Provider /usr/lib/no-such-pkcs11.so\n");
    scene.healthy();
}
