//! Images whose login shells are as they should be, however unusual: silence, with leave to look inside.

use super::{Login, OWN, inspect};
use crate::scene::Scene;
use crate::support::image::{Builder, FAMILIES, Image};

#[track_caller]
fn is_silent(builder: &Builder) {
    let Some(image) = builder.make() else { return };
    let scene = Scene::job_in(&image);
    let report = inspect(&scene, &image);
    report.expect_silence();
    assert!(!scene.server().settled_record().commands.is_empty(), "nothing was looked at\n{report}");
    Login::to(&image, &["PATH"]).path();
}

#[test]
fn images_as_they_are_pulled() {
    FAMILIES.iter().for_each(|family| is_silent(&Image::of(family.name)));
}

#[test]
fn images_with_a_user() {
    FAMILIES.iter().for_each(|family| is_silent(&Image::of(family.name).user("circleci")));
}

#[test]
fn families_that_keep_what_the_image_sets() {
    for family in ["ubuntu", "alpine", "redhat", "arch"] {
        let builder = Image::of(family).user("circleci").env("PATH", &format!("{OWN}:$PATH"));
        is_silent(&builder.env("GOPATH", "/home/circleci/go").env("LANG", "C.UTF-8").env("LC_ALL", "C.UTF-8"));
    }
}

#[test]
fn the_article_was_followed() {
    let path = |builder: Builder| builder.user("circleci").env("PATH", &format!("{OWN}:$PATH"));
    let line = format!("export PATH=\"{OWN}:${{PATH}}\"\n");
    for builder in [Image::debian(), Image::suse(), Image::alpine_old().program("bash")] {
        is_silent(&path(builder).home_file(".bash_profile", &line));
    }
    is_silent(&path(Image::alpine_old()).home_file(".profile", &line));
    is_silent(&path(Image::debian()).profile_d("path.sh", &line));
}

#[test]
fn a_profile_that_adds_to_what_there_is() {
    let builder = Image::ubuntu().user("circleci").env("PATH", &format!("{OWN}:$PATH"));
    let builder = builder.profile_d("more.sh", "export PATH=\"/opt/more/bin:$PATH\" MORE=yes\n");
    is_silent(&builder.home_file(".bash_profile", "export PATH=\"$PATH:/opt/last/bin\"\n. ~/.profile\n"));
}

#[test]
fn a_profile_that_says_the_same_as_the_image() {
    let java = "export JAVA_HOME=/opt/java/21\nexport PATH=/opt/java/21/bin:/usr/local/bin:/usr/bin:/bin\n";
    let builder = Image::ubuntu().user("circleci").env("JAVA_HOME", "/opt/java/21");
    is_silent(&builder.env("PATH", "/opt/java/21/bin:/usr/local/bin:/usr/bin:/bin").profile_d("java.sh", java));
}

/// A shell of its own, its level and its prompt are no settings of the image.
#[test]
fn what_every_shell_has_for_itself() {
    let builder =
        Image::debian().user("circleci").env("SHLVL", "0").env("PS1", "$ ").env("PWD", "/").env("OLDPWD", "/");
    is_silent(&builder.env("SHELL", "/bin/bash").env("TERM", "xterm").env("HISTSIZE", "50"));
}

#[test]
fn variables_of_several_lines_and_odd_names() {
    let builder = Image::debian().user("circleci").env("KEY", "-----BEGIN-----\nPATH=/nowhere\n\n-----END-----\n");
    is_silent(&builder.env("EMPTY", "").env("A.B", "x").env("BASH_FUNC_f%%", "() {  echo f\n}").env("EQUALS", "a=b=c"));
}

#[test]
fn a_banner_and_escape_sequences() {
    let noise = "printf '\\033[2J\\033]0;title\\007\\nWelcome to the job!\\nPATH=/nowhere\\n'\necho noise >&2\n";
    for builder in [Image::ubuntu(), Image::alpine(), Image::redhat()] {
        let builder = builder.user("circleci").env("PATH", &format!("{OWN}:$PATH"));
        is_silent(&builder.profile_d("banner.sh", noise).home_file(".profile", noise));
    }
}

#[test]
fn a_huge_environment() {
    let mut builder = Image::ubuntu().user("circleci").env("PATH", &format!("{OWN}:$PATH"));
    for number in 0..300 {
        builder = builder.env(&format!("VARIABLE_{number}"), &"value ".repeat(100));
    }
    is_silent(&builder.env("LONG", &"x".repeat(100_000)));
}

#[test]
fn a_profile_that_takes_a_moment() {
    is_silent(&Image::ubuntu().user("circleci").profile_d("slow.sh", "sleep 1\n"));
}

/// A file that is read by those who type, and not by `bash -l -c`.
#[test]
fn a_file_for_those_who_type_puts_it_right() {
    let text = format!("[[ $- == *i* ]] || return\nexport PATH=\"{OWN}:$PATH\"\n");
    for family in ["debian", "suse"] {
        let profile = "[ ! -f ~/.bashrc ] || . ~/.bashrc\n";
        let builder = Image::of(family).user("circleci").env("PATH", &format!("{OWN}:$PATH"));
        is_silent(&builder.home_file(".bashrc", &text).home_file(".profile", profile));
    }
}

/// A file that is read by `bash -l -c`, and not by those who type.
#[test]
fn a_file_for_scripts_sets_path_anew() {
    let builder = Image::ubuntu().user("circleci").env("PATH", &format!("{OWN}:$PATH"));
    is_silent(&builder.env("BASH_ENV", "/etc/for-scripts").file("/etc/for-scripts", "export PATH=/usr/bin:/bin\n"));
}

/// What a small image's shell reads for those who type.
#[test]
fn a_file_that_env_names_puts_it_right() {
    let builder = Image::alpine_old().user("circleci").env("PATH", &format!("{OWN}:$PATH"));
    let text = format!("export PATH={OWN}:$PATH\n");
    is_silent(&builder.env("ENV", "/etc/shrc").file("/etc/shrc", &text));
}

#[test]
fn zsh_has_start_files_of_its_own() {
    let builder = Image::debian().package("zsh").run("useradd -m -s /bin/zsh circleci").user("circleci");
    let builder = builder.env("PATH", &format!("{OWN}:$PATH")).env("JAVA_HOME", "/opt/java/21");
    is_silent(&builder.home_file(".bash_profile", "PATH=/usr/bin:/bin\n").home_file(".zshrc", "alias ll='ls -l'\n"));
}
