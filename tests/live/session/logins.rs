//! The line that is printed for a Dockerfile, run in images of every family: the next login has what it restores, and what
//! the profile did before is still done.

use cci_ssh::image::login_shell::LoginShell;
use cci_ssh::image::profile_line::{Restore, profile_line};

use super::{Login, OWN, with_own_folders};
use crate::support::image::{FAMILIES, Image};

/// The file that the login shell of an image's user reads.
fn file(image: &Image) -> String {
    let shell = LoginShell::named(&image.login_shell()[0]).expect("a shell that is known");
    let home = image.user().home.clone();
    let there = |name: &str| image.folder().join(home.trim_start_matches('/')).join(name).exists();
    format!("{home}/{}", shell.file_to_append_to(there))
}

/// Restores this in the image.
fn restore(image: &Image, what: &[Restore]) {
    let file = file(image);
    for what in what {
        let printed = match (what, profile_line(what)) {
            (_, Some(line)) => format!("printf '\\n%s\\n' {}", shlex::try_quote(&line).expect("a line without NUL")),
            (Restore::AsBuilt { name } | Restore::Value { name, .. }, None) => {
                format!(r#"echo "export {name}='${name}'""#)
            }
            (Restore::Path { .. }, None) => r#"echo "export PATH='$PATH'""#.to_owned(),
        };
        image.run(&format!("{printed} >> {file}"));
    }
}

fn own_folders() -> Restore {
    Restore::Path { before: OWN.split(':').map(str::to_owned).collect(), behind: Vec::new() }
}

#[test]
fn in_every_family_the_folders_are_back_in_front() {
    for family in &FAMILIES {
        let Some(image) = with_own_folders(family.name) else { return };
        restore(&image, &[own_folders()]);
        let login = Login::to(&image, &["PATH"]);
        assert!(login.path().starts_with(&format!("{OWN}:")), "{}: {}", family.name, login.seen);
        assert!(login.path().contains("/usr/bin"), "{}: {}", family.name, login.seen);
    }
}

#[test]
fn what_the_profile_did_before_is_still_done() {
    for family in ["debian", "ubuntu", "redhat", "alpine"] {
        let Some(image) = with_own_folders(family) else { return };
        let name = if family == "redhat" { ".bash_profile" } else { ".profile" };
        let before = image.read(&format!("/home/circleci/{name}"));
        image.write_home(name, &format!("{before}export FROM_PROFILE=yes\n"));
        restore(&image, &[own_folders()]);
        let login = Login::to(&image, &["FROM_PROFILE", "PATH"]);
        assert_eq!(login.value("FROM_PROFILE"), "yes", "{family}: {}", login.seen);
        assert!(login.path().starts_with(OWN), "{family}: {}", login.seen);
    }
}

#[test]
fn a_profile_without_a_line_end_keeps_its_last_line() {
    let Some(image) = with_own_folders("debian") else { return };
    image.write_home(".profile", "export FROM_PROFILE=yes");
    restore(&image, &[own_folders()]);
    let login = Login::to(&image, &["FROM_PROFILE", "PATH"]);
    assert_eq!(login.value("FROM_PROFILE"), "yes", "{}", login.seen);
    assert!(login.path().starts_with(OWN), "{}", login.seen);
}

#[test]
fn values_arrive_as_they_are() {
    let values = ["it's", "a\"b", "$HOME `id` \\n \\\\", "a  b", "!x!", "é→", "#no comment", "-n", "\\c"];
    let names: Vec<_> = (0..values.len()).map(|number| format!("VALUE_{number}")).collect();
    let named: Vec<_> = names.iter().map(String::as_str).collect();
    let pairs = || names.iter().zip(values).map(|(name, value)| (name.clone(), value.to_owned()));
    let all: Vec<_> = pairs().map(|(name, value)| Restore::Value { name, value }).collect();
    for family in ["debian", "redhat", "alpine"] {
        let Some(image) = Image::of(family).user("circleci").make() else { return };
        restore(&image, &all);
        assert_eq!(Login::to(&image, &named).values, pairs().collect(), "{family}");
    }
}

#[test]
fn values_of_the_build_arrive_as_they_are() {
    for value in ["/opt/java", "a\"b", "$HOME `id`", "a  b"] {
        let Some(image) = Image::debian().user("circleci").env("VALUE", &value.replace('$', "\\$")).make() else {
            return;
        };
        assert_eq!(image.environment()["VALUE"], value);
        image.write("/etc/profile.d/value.sh", "export VALUE=another\n");
        restore(&image, &[Restore::AsBuilt { name: "VALUE".into() }]);
        assert_eq!(Login::to(&image, &["VALUE"]).value("VALUE"), value);
    }
}

#[test]
fn root_has_a_path_of_its_own() {
    for family in &FAMILIES {
        let Some(image) = Image::of(family.name).env("PATH", "/opt/tools/bin:$PATH").make() else { return };
        let tools = Restore::Path { before: vec!["/opt/tools/bin".into()], behind: Vec::new() };
        restore(&image, &[tools]);
        let login = Login::to(&image, &["PATH"]);
        assert!(login.path().starts_with("/opt/tools/bin:"), "{}: {}", family.name, login.seen);
    }
}

#[test]
fn a_new_profile_of_bash_hides_the_old_one_as_in_the_article() {
    let Some(image) = with_own_folders("debian") else { return };
    image.write_home(".profile", "export FROM_PROFILE=yes\n");
    image.run(&format!("echo 'export PATH=\"{OWN}:${{PATH}}\"' > ~/.bash_profile"));
    let login = Login::to(&image, &["FROM_PROFILE", "PATH"]);
    assert_eq!(login.value("FROM_PROFILE"), "", "{}", login.seen);
    assert!(login.path().starts_with(OWN), "{}", login.seen);
}
