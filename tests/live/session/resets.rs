//! Login shells that lose what the image set: the doctor says what and by which file, and the printed line, run in the image,
//! brings it back for the next login.

use super::{CONSENT, Login, OWN, names};
use crate::scene::Scene;
use crate::support::image::{Builder, Image};

const CHECK: &str = "session-path-env-wrong";

/// An image whose user has folders of its own in front of PATH.
fn own(builder: Builder) -> Builder {
    builder.user("circleci").env("PATH", &format!("{OWN}:$PATH"))
}

/// PATH is lost by this file, and back after the printed line.
#[track_caller]
fn path_is_lost_by(builder: &Builder, file: &str) {
    let Some(image) = builder.make() else { return };
    let set = image.environment()["PATH"].clone();
    let first = set.split(':').next().unwrap_or_default();
    let before = Login::to(&image, &["PATH"]);
    assert!(!before.path().contains(first), "the situation is no fault: {}", before.seen);
    let Some(faulty) = names(builder, CHECK) else { return };
    let after = faulty.shows(file).helped_at_once().mended(&["PATH"]);
    assert!(after.path().starts_with(&format!("{first}:")), "{set}\n{}", after.seen);
    // Whatever the profile had is still there.
    for folder in before.path().split(':') {
        assert!(after.path().split(':').any(|one| one == folder), "{folder} is gone\n{}", after.seen);
    }
    // And so is all that the image set, in its order.
    let kept: Vec<_> = set.split(':').filter(|folder| after.path().split(':').any(|one| one == *folder)).collect();
    assert_eq!(kept.first(), Some(&first), "{}", after.seen);
}

#[test]
fn debian_sets_path_anew() {
    path_is_lost_by(&own(Image::debian()), "/etc/profile");
}

#[test]
fn as_in_the_article() {
    let folders = "/home/circleci/.local/bin:/home/circleci/bin";
    let builder = Image::debian().user("circleci").env("PATH", &format!("{folders}:$PATH"));
    path_is_lost_by(&builder, "/etc/profile");
}

#[test]
fn debian_has_another_path_for_root() {
    path_is_lost_by(&Image::debian().env("PATH", "/opt/tools/bin:$PATH"), "/etc/profile");
}

#[test]
fn old_alpines_set_path_anew() {
    path_is_lost_by(&own(Image::alpine_old()), "/etc/profile");
}

#[test]
fn old_alpines_with_bash() {
    path_is_lost_by(&own(Image::alpine_old().program("bash")), "/etc/profile");
}

#[test]
fn opensuse_sets_path_anew() {
    path_is_lost_by(&own(Image::suse()), "/etc/profile");
}

#[test]
fn a_file_in_profile_d_sets_path_anew() {
    let text = "# set by the vendor\nexport PATH=/opt/vendor/bin:/usr/local/bin:/usr/bin:/bin\n";
    for builder in [Image::ubuntu(), Image::redhat(), Image::alpine(), Image::arch()] {
        path_is_lost_by(&own(builder.profile_d("vendor.sh", text)), "/etc/profile.d/vendor.sh");
    }
}

/// What was right in `~/.profile` is not read any more since something else wrote a `~/.bash_profile`.
#[test]
fn a_bash_profile_hides_the_profile_that_had_it_right() {
    let right = format!("export PATH=\"{OWN}:$PATH\" FROM_PROFILE=yes\n");
    let builder = own(Image::debian()).home_file(".profile", &right);
    let builder = builder.home_file(".bash_profile", "export NVM_DIR=~/.nvm\n");
    let Some(faulty) = names(&builder, "session-start-file-shadowed") else { return };
    let login = faulty.shows(".bash_profile").mended(&["PATH", "FROM_PROFILE", "NVM_DIR"]);
    assert!(login.path().starts_with(OWN), "{}", login.seen);
    assert_eq!((login.value("FROM_PROFILE"), login.value("NVM_DIR")), ("yes", "/home/circleci/.nvm"));
}

/// A file that is read by those who type, and not by `bash -l -c`.
#[test]
fn a_file_for_those_who_type_sets_path_anew() {
    let text = "[[ $- == *i* ]] || return\nexport PATH=/usr/local/bin:/usr/bin:/bin\n";
    path_is_lost_by(&own(Image::ubuntu()).home_file(".bashrc", text), ".bashrc");
}

/// Without bash as its user's shell, `~/.bash_profile` is nobody's.
#[test]
fn a_user_whose_shell_is_sh() {
    let builder = Image::debian().run("useradd -m circleci");
    let profile = format!("export PATH=\"{OWN}:$PATH\"\n");
    path_is_lost_by(&own(builder).home_file(".bash_profile", &profile), "/etc/profile");
}

#[test]
fn zsh_and_its_own_start_files() {
    for (file, text) in
        [(".zprofile", "path=(/usr/local/bin /usr/bin /bin)\n"), (".zshrc", "export PATH=/usr/bin:/bin\n")]
    {
        let builder = Image::debian().package("zsh").run("useradd -m -s /bin/zsh circleci");
        path_is_lost_by(&own(builder).home_file(file, text), file);
    }
}

#[test]
fn another_variable_is_set_anew() {
    let java = "export JAVA_HOME=/usr/lib/jvm/default\n";
    let builder = Image::ubuntu().user("circleci").env("JAVA_HOME", "/opt/java/21").profile_d("java.sh", java);
    let Some(faulty) = names(&builder, CHECK) else { return };
    let login = faulty.shows("JAVA_HOME").shows("/etc/profile.d/java.sh").mended(&["JAVA_HOME", "PATH"]);
    assert_eq!(login.value("JAVA_HOME"), "/opt/java/21");
    assert!(login.path().contains("/snap/bin"), "{}", login.seen);
}

#[test]
fn path_and_another_variable_at_once() {
    let java = "export JAVA_HOME=/usr/lib/jvm/default\nexport PATH=$JAVA_HOME/bin:$PATH\n";
    let builder = own(Image::debian()).env("JAVA_HOME", "/opt/java/21").profile_d("java.sh", java);
    let Some(faulty) = names(&builder, CHECK) else { return };
    let login = faulty.shows("/etc/profile").mended(&["JAVA_HOME", "PATH"]);
    assert_eq!(login.value("JAVA_HOME"), "/opt/java/21");
    assert!(login.path().starts_with(OWN) && login.path().contains("/usr/lib/jvm/default/bin"), "{}", login.seen);
}

#[test]
fn what_the_profile_did_is_still_done() {
    let builder = own(Image::debian()).run("echo 'export FROM_PROFILE=yes' >> ~/.profile");
    let Some(faulty) = names(&builder, CHECK) else { return };
    let login = faulty.mended(&["FROM_PROFILE", "PATH"]);
    assert_eq!(login.value("FROM_PROFILE"), "yes", "{}", login.seen);
    assert!(login.path().starts_with(OWN), "{}", login.seen);
}

#[test]
fn without_leave_nothing_is_run_in_the_job() {
    let Some(image) = own(Image::debian()).make() else { return };
    let scene = Scene::job_in(&image);
    scene.examine().expect_silence();
    let record = scene.server().settled_record();
    assert_eq!((record.commands.len(), record.sessions), (0, 0), "{record:#?}");
}

#[test]
fn where_the_login_is_refused_nothing_is_run() {
    let Some(image) = own(Image::debian()).make() else { return };
    let mut scene = Scene::job_in_like(&image, crate::support::job_server::Options::refuse_all);
    scene.options([CONSENT]);
    let report = scene.examine();
    assert_eq!(report.verdict(), "blocked", "{report}");
    assert!(scene.server().settled_record().commands.is_empty(), "{report}");
}
