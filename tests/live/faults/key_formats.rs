//! Files that are meant to be the job's key, and that OpenSSH reads as none: see `key_files.rs` for the usual damage.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use base64::prelude::{BASE64_STANDARD, Engine};

use crate::DENIED;
use crate::scene::{Scene, public, word};
use crate::support::client::client;
use crate::support::keys::Key;
use crate::support::packages;

/// A machine whose one key, of this kind, has these bytes.
fn changed(kind: &str, change: impl FnOnce(String) -> String) -> Scene {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", kind);
    let text = change(fs::read_to_string(&key.path).expect("our own key"));
    fs::write(&key.path, text).expect("our own key");
    scene.job([&key]);
    scene
}

/// A machine whose `~/.ssh/id_ed25519` is something else, and a job that knows no key of it.
fn something_else(bytes: impl AsRef<[u8]>) -> Scene {
    let mut scene = Scene::new();
    scene.home.write(".ssh/id_ed25519", bytes, 0o600);
    scene.job([]);
    scene
}

#[track_caller]
fn mended(kind: &str, title: &str, change: impl FnOnce(String) -> String) {
    let scene = changed(kind, change);
    scene.blocked_by("key-invalid-format").titled(title).while_ssh_says(DENIED).mended();
}

#[test]
fn the_line_breaks_are_written_as_letters() {
    mended("ed25519", "written as", |text| text.replace('\n', "\\n"));
}

#[test]
fn the_line_breaks_are_written_as_letters_of_windows() {
    mended("ed25519", "written as", |text| text.replace('\n', "\\r\\n") + "\n");
}

#[test]
fn a_web_form_has_escaped_the_key() {
    mended("-t rsa -b 2048", "HTML", |text| text.replace('+', "&#43;").replace('/', "&#x2F;").replace('=', "&#61;"));
}

#[test]
fn the_key_is_in_base64_once_more() {
    mended("ed25519", "base64", |text| BASE64_STANDARD.encode(text));
}

#[test]
fn blanks_stand_behind_the_first_line() {
    mended("ed25519", "first or last line", |text| text.replace("KEY-----\n", "KEY-----  \n"));
}

#[test]
fn every_line_is_indented() {
    mended("ed25519", "other text", |text| text.lines().map(|line| format!("    {line}\n")).collect());
}

#[test]
fn the_key_is_in_quotes() {
    mended("ed25519", "other text", |text| format!("\"{}\"\n", text.trim_end()));
}

#[test]
fn windows_line_ends_and_no_end_at_the_last_line() {
    let scene = changed("ed25519", |text| text.trim_end().replace('\n', "\r\n"));
    scene.blocked_by("key-crlf").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn the_line_ends_of_an_old_mac() {
    let scene = changed("ed25519", |text| text.replace('\n', "\r"));
    scene.blocked_by("key-crlf").titled("id_ed25519").while_ssh_says(DENIED).mended();
}

#[test]
fn a_byte_order_mark_and_windows_line_ends() {
    mended("ed25519", "invisible mark", |text| format!("\u{feff}{}", text.replace('\n', "\r\n")));
}

#[test]
fn an_encrypted_key_has_windows_line_ends() {
    let scene = changed("-t ed25519 -N sesame", |text| text.replace('\n', "\r\n"));
    let blocked = scene.blocked_by("key-crlf").titled("id_ed25519").while_ssh_says(DENIED);
    blocked.mended_with(&[("Enter passphrase", "sesame\r")]);
}

#[test]
fn the_first_line_is_gone() {
    let scene = changed("ed25519", |text| text.split_once('\n').expect("lines").1.to_owned());
    scene.blocked_by("key-invalid-format").titled("first or last line").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn letters_of_the_key_are_others() {
    let scene = changed("ed25519", |text| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        lines[2].replace_range(..5, "AAAAA");
        lines.join("\n") + "\n"
    });
    if !client().at_least(8, 3) {
        // The letters are of the public half: 7.5 does not compare it with the private one, 8.4 does.
        scene.healthy();
        return;
    }
    scene.blocked_by("key-invalid-format").titled("damaged").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn files_that_hold_no_key_of_ssh() {
    for (text, shows) in [
        ("-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n", "BEGIN CERTIFICATE"),
        ("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBF\n-----END PGP PRIVATE KEY BLOCK-----\n", "BEGIN PGP"),
        ("AGE-SECRET-KEY-1QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ\n", "not-a-key"),
        ("{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"nWGxne\",\"x\":\"11qYAY\"}\n", "not-a-key"),
        ("<html><body>Sign in</body></html>\n", "not-a-key"),
    ] {
        let scene = something_else(text);
        let blocked = scene.blocked_by("key-invalid-format").titled("no private key").shows(shows);
        assert!(!blocked.report.json.to_string().contains("SECRET-KEY-1Q"), "a secret is shown");
        blocked.while_ssh_says(DENIED).with_nothing_to_paste();
    }
}

#[test]
fn the_key_is_of_a_type_that_ssh_has_not() {
    let mut scene = Scene::new();
    let made = scene.home.run("openssl", ["genpkey", "-algorithm", "ed448", "-out", ".ssh/id_ed25519"]);
    if !made.success() {
        return crate::support::skipped("there is no openssl that makes an Ed448 key");
    }
    fs::set_permissions(scene.home.join(".ssh/id_ed25519"), fs::Permissions::from_mode(0o600)).expect("our own key");
    scene.job([]);
    scene.blocked_by("key-invalid-format").titled("of a type").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn an_ed25519_key_of_openssl_meets_an_ssh_that_cannot_read_it() {
    let mut scene = Scene::new();
    let made = scene.home.run("openssl", ["genpkey", "-algorithm", "ed25519", "-out", ".ssh/id_ed25519"]);
    if !made.success() {
        return crate::support::skipped("there is no openssl that makes an Ed25519 key");
    }
    fs::set_permissions(scene.home.join(".ssh/id_ed25519"), fs::Permissions::from_mode(0o600)).expect("our own key");
    scene.job([]);
    if scene.home.run("ssh-keygen", ["-y", "-f", ".ssh/id_ed25519"]).success() {
        return crate::support::skipped("this ssh reads Ed25519 in PKCS#8");
    }
    scene.blocked_by("key-invalid-format").titled("PKCS#8").while_ssh_says(DENIED).with_nothing_to_paste();
}

#[test]
fn the_path_leads_to_a_folder() {
    let mut scene = Scene::new();
    scene.key(".ssh/circleci/id_ed25519");
    let folder = scene.home.join(".ssh/circleci");
    let key = scene.key("elsewhere");
    scene.job([]);
    scene.typed(["-i", &word(&folder)]);
    drop(key);
    scene.blocked_by("key-invalid-format").titled("a folder").while_ssh_says(DENIED).with_nothing_to_paste();
}

/// puttygen keeps a seed that it writes anew each time, which is no loss.
fn forget_randomness(scene: &Scene) {
    let _ = fs::remove_dir_all(scene.home.join(".putty"));
}

/// The key of a job as PuTTY keeps it, made by the real puttygen.
fn of_putty(words: &[&str]) -> Option<(Scene, Key)> {
    let puttygen = packages::file("putty-tools", "usr/bin/puttygen")?;
    let mut scene = Scene::new();
    std::os::unix::fs::symlink(puttygen, scene.home.join("bin/puttygen")).expect("our own home");
    let key = scene.home.keygen("made", "-t ed25519");
    let mut all = vec!["made", "-O", "private", "-o", ".ssh/job.ppk"];
    all.extend_from_slice(words);
    scene.home.run("puttygen", all).expect_code(0);
    for name in ["made", "made.pub"] {
        fs::remove_file(scene.home.join(name)).expect("our own key");
    }
    forget_randomness(&scene);
    let file = scene.home.join(".ssh/job.ppk");
    scene.job([&key]).typed(["-i", &word(&file)]);
    Some((scene, key))
}

#[test]
fn putty_keeps_the_key_in_its_third_format() {
    let Some((scene, _)) = of_putty(&[]) else { return };
    let blocked = scene.blocked_by("key-putty-ppk").titled("job.ppk").shows("PuTTY-User-Key-File-3");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn putty_keeps_the_key_in_its_second_format() {
    let Some((scene, _)) = of_putty(&["--ppk-param", "version=2"]) else { return };
    let blocked = scene.blocked_by("key-putty-ppk").titled("job.ppk").shows("PuTTY-User-Key-File-2");
    blocked.while_ssh_says(DENIED).mended();
}

#[test]
fn putty_keeps_the_key_encrypted() {
    let Some((scene, _)) = of_putty(&[]) else { return };
    scene.home.write("phrase", "sesame\n", 0o600);
    scene.home.run("puttygen", ["-P", ".ssh/job.ppk", "--new-passphrase", "phrase"]).expect_code(0);
    fs::remove_file(scene.home.join("phrase")).expect("our own file");
    forget_randomness(&scene);
    let blocked = scene.blocked_by("key-putty-ppk").titled("job.ppk").while_ssh_says(DENIED);
    blocked.mended_with(&[("assphrase", "sesame\r")]);
}

#[test]
fn the_key_is_in_the_format_of_ssh_com() {
    let Some(puttygen) = packages::file("putty-tools", "usr/bin/puttygen") else { return };
    let mut scene = Scene::new();
    let key = scene.home.keygen("made", "-t rsa -b 2048");
    let mut convert = scene.home.command(puttygen);
    convert.args(["made", "-O", "private-sshcom", "-o", ".ssh/id_rsa"]);
    crate::support::process::run(convert).expect_code(0);
    fs::set_permissions(scene.home.join(".ssh/id_rsa"), fs::Permissions::from_mode(0o600)).expect("our own key");
    for name in ["made", "made.pub"] {
        fs::remove_file(scene.home.join(name)).expect("our own key");
    }
    scene.job([&key]);
    scene.blocked_by("key-invalid-format").titled("another ssh program").while_ssh_says(DENIED).mended();
}

#[test]
fn the_public_half_in_the_format_of_rfc_4716_is_given_for_the_private_one() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/work");
    let exported = scene.home.run("ssh-keygen", ["-e", "-f", &word(&public(&key))]);
    let file = scene.home.write(".ssh/work.ssh2", exported.stdout, 0o600);
    scene.job([&key]).typed(["-i", &word(&file), "-o", "IdentitiesOnly=yes"]);
    scene.blocked_by("key-public-given-as-private").titled("work.ssh2").while_ssh_says(DENIED).mended();
}

#[test]
fn the_private_key_lies_where_the_public_one_belongs() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    fs::copy(&key.path, public(&key)).expect("our own key");
    fs::remove_file(&key.path).expect("our own key");
    scene.job([&key]);
    let report = scene.examine();
    assert_eq!(report.verdict(), "blocked", "{report}");
}
