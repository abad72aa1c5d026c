//! What the Enable SSH step itself says.

use crate::scene::Scene;

#[test]
fn circleci_has_no_key_of_the_user() {
    let scene = Scene::new();
    let text = "Failed to enable SSH\n\nNo SSH key is found. Please make sure you\u{2019}ve added at least one SSH key in your VCS account.\n";
    scene.text_blocked_by(text, "cci-no-ssh-key-on-account");
}

#[test]
fn the_step_has_not_printed_anything_yet() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.text_blocked_by("Setting up SSH...\n", "cci-step-not-ready").with_nothing_to_paste();
}
