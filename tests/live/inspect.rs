//! Looking into the job (`--inspect-session`): what a login shell makes of the image's environment, in jobs with real profiles
//! and real shells, and with a plain shell. Each printed line of a Dockerfile is run in the image, and each command for this machine pasted.

use serde_json::Value;

use crate::report::Report;
use crate::scene::{INSIDE, Scene};
use crate::support::image::{Builder, Image};
use crate::support::job_server::Options;
use crate::support::process::TIME_LIMIT;

const TOOLS: &str = "/opt/tools/bin:$PATH";

/// The usual machine before a job in this image.
fn scene(image: &Image) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).inside(image));
    scene.options(["--inspect-session", "--with-facts"]);
    scene
}

fn examined(image: &Image) -> (Scene, Report) {
    let mut scene = scene(image);
    scene.options(["--timeout", "60"]);
    let report = scene.examine();
    (scene, report)
}

fn inspection(report: &Report) -> &Value {
    &report.json["facts"]["inspection"]
}

/// The first finding is this one, of which nothing is in doubt.
#[track_caller]
fn expect_first<'r>(report: &'r Report, check: &str) -> &'r Value {
    let first = report.first().unwrap_or_else(|| panic!("nothing was found\n{report}\n{:#}", inspection(report)));
    assert_eq!(first.text("check"), check, "{report}\n{:#}", inspection(report));
    assert_eq!(first.text("confidence"), "certain", "{report}");
    first.0
}

/// Commands of the fixes that are done at this place.
fn commands(finding: &Value, place: &str) -> Vec<String> {
    let fixes = finding["fixes"].as_array().into_iter().flatten().filter(|fix| fix["where"] == place);
    fixes
        .flat_map(|fix| fix["commands"].as_array().cloned().unwrap_or_default())
        .filter_map(|command| command.as_str().map(str::to_owned))
        .collect()
}

/// The line of the Dockerfile is run, and with it the job is healthy.
#[track_caller]
fn mended_in_the_image(image: &Image, finding: &Value) {
    let lines = commands(finding, "job image");
    assert_eq!(lines.len(), 1, "{finding:#}");
    image.run(lines[0].strip_prefix("RUN ").expect("a line of a Dockerfile"));
    let (_, report) = examined(image);
    report.expect_silence();
    assert_eq!(inspection(&report)["reset"], serde_json::json!([]), "{lines:?}\n{:#}", inspection(&report));
}

/// The pasted login has what the image set.
#[track_caller]
fn mended_on_this_machine(scene: &Scene, finding: &Value, path: &str) {
    let lines = commands(finding, "this machine");
    assert!(!lines.is_empty(), "{finding:#}");
    for line in lines {
        let seen = scene.person_within(&line, &[(INSIDE, "echo \"has<$PATH>\"; exit\r")], TIME_LIMIT);
        assert!(seen.output.contains(&format!("has<{path}")), "{line}\n{seen:#?}");
    }
}

#[track_caller]
fn resets_path(image: Option<Image>, file: &str) {
    let Some(image) = image else { return };
    let (scene, report) = examined(&image);
    let finding = expect_first(&report, "session-path-env-wrong");
    let title = finding["title"].as_str().unwrap_or_default();
    assert!(title.contains("PATH") && title.contains(file), "{title}");
    mended_on_this_machine(&scene, finding, "/opt/tools/bin:");
    mended_in_the_image(&image, finding);
}

fn with_tools(builder: Builder) -> Builder {
    builder.user("circleci").env("PATH", TOOLS)
}

#[test]
fn debians_profile() {
    resets_path(with_tools(Image::debian()).make(), "/etc/profile");
}

#[test]
fn the_profile_of_an_old_alpine() {
    resets_path(with_tools(Image::alpine_old()).make(), "/etc/profile");
}

#[test]
fn suses_profile() {
    resets_path(with_tools(Image::suse()).make(), "/etc/profile");
}

#[test]
fn a_file_of_profile_d() {
    let image =
        with_tools(Image::redhat()).profile_d("zz-path.sh", "# site\nexport PATH=/usr/local/bin:/usr/bin:/bin\n");
    resets_path(image.make(), "/etc/profile.d/zz-path.sh");
}

#[test]
fn a_variable_of_the_image() {
    let image = Image::ubuntu().user("circleci").env("JAVA_HOME", "/opt/java-21").env("API_TOKEN", "hunter2");
    let image = image.profile_d("java.sh", "JAVA_HOME=/usr/lib/jvm/default\nexport API_TOKEN=other\n").make();
    let Some(image) = image else { return };
    let (_, report) = examined(&image);
    let finding = expect_first(&report, "session-path-env-wrong");
    assert!(finding["title"].as_str().is_some_and(|title| title.contains("JAVA_HOME")), "{finding:#}");
    let all = report.json.to_string();
    assert!(all.contains("/opt/java-21 became /usr/lib/jvm/default"), "{all}");
    assert!(!all.contains("hunter2") && !all.contains("API_TOKEN=other"), "{all}");
    let lines = commands(finding, "job image");
    image.run(lines[0].strip_prefix("RUN ").expect("a line of a Dockerfile"));
    assert_eq!(inspection(&examined(&image).1)["reset_names"], serde_json::json!(["API_TOKEN"]));
}

#[test]
fn a_bash_profile_hides_the_profile_that_has_it_all() {
    let image = with_tools(Image::debian())
        .home_file(".profile", "export PATH=/opt/tools/bin:$PATH\n")
        .home_file(".bash_profile", "export NVM_DIR=\"$HOME/.nvm\"\n")
        .make();
    let Some(image) = image else { return };
    let (scene, report) = examined(&image);
    let finding = expect_first(&report, "session-start-file-shadowed");
    assert!(finding["title"].as_str().is_some_and(|title| title.contains(".bash_profile")), "{finding:#}");
    mended_on_this_machine(&scene, finding, "/opt/tools/bin:");
    mended_in_the_image(&image, finding);
}

#[test]
fn a_profile_that_exits() {
    let Some(image) = with_tools(Image::debian()).home_file(".bash_profile", "umask 022\nexit 3\n").make() else {
        return;
    };
    let (scene, report) = examined(&image);
    let finding = expect_first(&report, "session-profile-exits");
    let title = finding["title"].as_str().unwrap_or_default();
    assert!(title.contains("status 3") && title.contains("line 2 of /home/circleci/.bash_profile"), "{title}");
    mended_on_this_machine(&scene, finding, "");
}

#[track_caller]
fn silent(image: Option<Image>) {
    let Some(image) = image else { return };
    let (_, report) = examined(&image);
    report.expect_silence();
    assert_eq!(inspection(&report)["reset"], serde_json::json!([]), "{:#}", inspection(&report));
}

#[test]
fn families_that_keep_what_the_image_set() {
    for family in ["ubuntu", "alpine", "redhat", "arch"] {
        silent(with_tools(Image::of(family)).env("LANG", "C.UTF-8").env("EMPTY", "").make());
    }
}

#[test]
fn noisy_and_unusual_start_files() {
    silent(
        with_tools(Image::ubuntu())
            .home_file(
                ".bash_profile",
                "echo 'Welcome'; echo \"PATH=/nowhere\"; read -r answer; printf 'no end'\n\
                 PATH=/home/circleci/.cargo/bin:$PATH:/late; alias echo='echo loud'\n\
                 env() { /usr/bin/env PATH=/no \"$@\"; }\ncat; false\n",
            )
            .make(),
    );
}

#[test]
fn a_start_file_that_takes_too_long() {
    let Some(image) = with_tools(Image::ubuntu()).home_file(".bash_profile", "sleep 600\n").make() else { return };
    let mut scene = scene(&image);
    scene.options(["--timeout", "6"]);
    let report = scene.examine();
    report.expect_silence();
    let why = report.json["unknown"].to_string();
    assert!(why.contains("--timeout 60 gives it more time"), "{why}");
}

/// Whoever has no image has this: the machine's own sh, and a home with start files.
#[test]
fn without_an_image() {
    let (mut scene, _) = Scene::usual();
    scene.options(["--inspect-session", "--with-facts", "--timeout", "60"]);
    let report = scene.examine();
    let commands = scene.server().record().commands;
    assert_eq!(commands.first().map(String::as_str), Some("env -0"), "{commands:?}");
    assert!(commands[1].starts_with("sh -c '") && commands.len() == 2, "{commands:?}");
    assert!(inspection(&report)["shell"].is_string(), "{report}");
}

#[test]
fn without_the_persons_word_nothing_is_run() {
    let (scene, _) = Scene::usual();
    let report = scene.examine();
    report.expect_silence();
    assert_eq!(scene.server().record().commands, [] as [&str; 0]);
}

#[test]
fn a_login_that_fails_is_not_followed() {
    let mut scene = Scene::new();
    scene.key(".ssh/id_ed25519");
    scene.job([]);
    scene.options(["--inspect-session"]);
    let report = scene.examine();
    assert_eq!(scene.server().record().sessions, 0);
    let why = report.json["unknown"].to_string();
    assert!(why.contains("the login does not work"), "{why}");
}

/// What a configuration may say about sessions, and none of it matters here.
#[test]
fn a_configuration_full_of_settings_for_sessions() {
    let Some(image) = with_tools(Image::debian()).make() else { return };
    let mut scene = scene(&image);
    scene.options(["--timeout", "60"]);
    let version = crate::support::client::client();
    let newer =
        if version.at_least(8, 7) { "SessionType none\nStdinNull no\nForkAfterAuthentication yes\n" } else { "" };
    let remote = if version.at_least(7, 6) { "RemoteCommand tmux attach\n" } else { "" };
    scene.home.config(&format!(
        "{remote}{newer}RequestTTY force\nPermitLocalCommand yes\nLocalCommand touch pwned\nControlMaster auto\n\
         ControlPath ~/.ssh/cm-%C\nControlPersist yes\nLocalForward 18099 localhost:1\nForwardAgent yes\n"
    ));
    let report = scene.examine();
    let names = inspection(&report)["reset_names"].to_string();
    assert_eq!(names, "[\"PATH\"]", "{report}");
    assert!(!scene.home.join("pwned").exists());
}

#[test]
fn by_way_of_a_jump_host() {
    let Some(image) = with_tools(Image::debian()).make() else { return };
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let bastion = crate::support::sshd::Sshd::start([key.public.as_str()], "");
    scene.job_like(Options::authorizing([key.public.as_str()]).inside(&image));
    scene.home.config(&crate::scene::by_way_of(&bastion));
    scene.options(["--inspect-session", "--with-facts", "--timeout", "60"]);
    let report = scene.examine();
    expect_first(&report, "session-path-env-wrong");
}

/// Between the attempt and the commands the address has become another machine's: that one is asked nothing.
#[test]
fn another_host_key_than_the_attempt_met() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).host_key_of_each_connection());
    scene.options(["--inspect-session"]);
    let report = scene.examine();
    assert_eq!(scene.server().record().commands, [] as [&str; 0]);
    let why = report.json["unknown"].to_string();
    assert!(why.contains("ssh did not get in again"), "{why}");
}

/// An ordinary server gives a command to the account's shell.
#[test]
fn a_server_that_has_a_shell_for_commands() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let server = crate::support::sshd::Sshd::start([key.public.as_str()], "");
    let port = server.port().to_string();
    scene.home.known_hosts(&server.known_hosts_line());
    let words = ["--format", "json", "--with-facts", "--inspect-session", "--timeout", "60", "-p", &port, "127.0.0.1"];
    let report = Report::of(scene.home.doctor(words));
    let seen = inspection(&report);
    assert!(seen["shell"].is_string() && seen["start_files"].is_array(), "{report}\n{seen:#}");
}

/// All that is printed and saved, where an image has secrets in each corner.
#[test]
fn secrets_stay_in_the_job() {
    let image = with_tools(Image::debian())
        .env("DEPLOY_KEY", "hunter2-key")
        .env("MOOD", "hunter2-mood")
        .profile_d("secrets.sh", "export MOOD=hunter2-new; TOKEN=hunter2-token\nunset DEPLOY_KEY # hunter2-comment\n")
        .home_file(".profile", "echo hunter2-banner; export PATH=$(echo /opt):/usr/bin:/bin # hunter2-end\n");
    let Some(image) = image.make() else { return };
    let mut scene = scene(&image);
    scene.options(["--timeout", "60"]);
    let report = scene.examine();
    assert!(!report.json.to_string().contains("hunter2"), "{report}\n{:#}", inspection(&report));
    let names = inspection(&report)["reset_names"].to_string();
    assert_eq!(names, "[\"DEPLOY_KEY\",\"MOOD\",\"PATH\"]");
    let port = scene.port().to_string();
    for words in [
        &["doctor", "--verbose", "--inspect-session", "--timeout", "60", "-p", &port, "127.0.0.1"][..],
        &["facts", "--inspect-session", "--timeout", "60", "-p", &port, "127.0.0.1"],
    ] {
        let said = scene.home.run(env!("CARGO_BIN_EXE_cci-ssh"), words.iter().copied());
        assert!(said.stdout.contains("MOOD") && !format!("{said:?}").contains("hunter2"), "{said:#?}");
    }
}
