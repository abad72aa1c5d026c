//! Login shells that never come to their prompt, or are not there: the doctor says which line it is, and what is printed gets
//! in all the same.

use super::{OWN, names};
use crate::support::image::{Builder, Image};

fn own(builder: Builder) -> Builder {
    builder.user("circleci").env("PATH", &format!("{OWN}:$PATH"))
}

#[track_caller]
fn profile_exits(builder: &Builder, line: &str) {
    let Some(faulty) = names(builder, "session-profile-exits") else { return };
    faulty.shows(line).helped_at_once();
}

#[test]
fn a_profile_that_says_exit() {
    let text = "[ -z \"$NOTHING\" ] || echo nothing\n. ~/.bashrc\nexit 1\n";
    profile_exits(&own(Image::debian()).home_file(".bash_profile", text), ".bash_profile:3");
}

#[test]
fn a_profile_in_which_a_command_fails_under_set_e() {
    profile_exits(&own(Image::ubuntu()).profile_d("strict.sh", "# strict\nset -e\nfalse\n"), "strict.sh:2");
}

#[test]
fn a_profile_that_fails_for_want_of_a_variable() {
    profile_exits(&own(Image::ubuntu()).profile_d("strict.sh", "set -eu\necho $NO_SUCH_VARIABLE\n"), "strict.sh:1");
}

#[test]
fn a_profile_of_sh_that_says_exit() {
    let builder = Image::debian().run("useradd -m -s /bin/sh circleci");
    profile_exits(&own(builder).home_file(".profile", "exit 3\n"), ".profile:1");
}

#[test]
fn a_profile_that_hands_over_to_what_is_not_there() {
    let text = "exec /usr/bin/no-such-shell -l\n";
    let Some(image) = own(Image::ubuntu()).home_file(".bash_profile", text).make() else { return };
    let report = super::inspect(&crate::scene::Scene::job_in(&image), &image);
    assert!(report.loud().all(|finding| finding.text("check") != "session-path-env-wrong"), "{report}");
}

#[test]
fn a_login_shell_that_is_not_there() {
    let builder = own(Image::debian().run("useradd -m -s /usr/bin/fish circleci"));
    let Some(faulty) = names(&builder, "session-login-shell-missing") else { return };
    faulty.shows("/usr/bin/fish").helped_at_once();
}

/// Nobody here knows what such a shell reads, so nothing is said of it.
#[test]
fn a_login_shell_of_another_kind() {
    let builder = Image::debian().run("useradd -m -s /usr/bin/fish circleci").script("fish", "#!/bin/sh\nexit 0\n");
    let Some(image) = own(builder).make() else { return };
    super::inspect(&crate::scene::Scene::job_in(&image), &image).expect_silence();
}
