//! Security keys and PKCS#11 tokens in software: OpenSSH's own dummy of a security key (package `openssh-tests`), one of
//! ours that does not sign, and SoftHSM. Where one cannot be had, the test is skipped with a printed line.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::home::Home;
use super::keys::Key;
use super::packages;
use super::process::run;

/// The security key of OpenSSH's regression tests, which signs without a touch.
pub(crate) fn dummy_security_key() -> Option<PathBuf> {
    packages::file("openssh-tests", "usr/lib/openssh/regress/misc/sk-dummy/sk-dummy.so")
}

/// A key in that security key at `path`; its kind is `ed25519-sk` or `ecdsa-sk`, with options of ssh-keygen.
pub(crate) fn security_key(home: &Home, provider: &Path, path: &str, kind: &str) -> Option<Key> {
    let mut make = home.command("ssh-keygen");
    let words = shlex::split(kind).expect("words");
    make.args(["-q", "-N", "", "-C", "ana@laptop", "-f", path, "-t"]).args(words);
    make.env("SSH_SK_PROVIDER", provider);
    let made = run(make);
    if !made.success() {
        super::skipped(&format!("this ssh-keygen makes no {kind} key: {}", made.stderr));
        return None;
    }
    let public = home.read(&format!("{path}.pub")).trim_end().to_owned();
    let fingerprint = super::job_server::fingerprint(&super::keys::blob(&public));
    Some(Key { path: home.join(path), public, fingerprint })
}

/// A library that stands for a security key which does not sign; see `authenticator.c`.
pub(crate) fn authenticator(home: &Home) -> PathBuf {
    let library = home.join("authenticator.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/authenticator.c");
    let mut compile = Command::new("cc");
    compile.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    run(compile).expect_code(0);
    library
}

/// A PKCS#11 token in the home, with one RSA key and the PIN 5678.
pub(crate) struct Token {
    /// The library that ssh loads.
    pub(crate) library: PathBuf,
    /// The line for `authorized_keys`.
    pub(crate) public: String,
    /// The token's files, which are outside the home: it counts what it does.
    pub(crate) files: tempfile::TempDir,
}

/// The token's PIN.
pub(crate) const PIN: &str = "5678";

/// Sets a token up with SoftHSM.
pub(crate) fn token(home: &mut Home) -> Option<Token> {
    let folder = packages::file("libsofthsm2", "usr/lib/softhsm/libsofthsm2.so")?;
    let tool = packages::file("softhsm2", "usr/bin/softhsm2-util")?;
    // ssh's helper takes a library from trusted places or by its real path; the person names it so too.
    let library = std::fs::canonicalize(folder).ok()?;
    let files = tempfile::tempdir().expect("a temporary folder");
    let place = files.path().display();
    let settings = format!("directories.tokendir = {place}\nobjectstore.backend = file\nlog.level = ERROR\n");
    let settings = home.write("softhsm.conf", settings, 0o600);
    home.set_env("SOFTHSM2_CONF", settings);
    let module = library.display().to_string();
    let tool = tool.display().to_string();
    let made = home.run("openssl", ["genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", "key"]);
    let begin = ["--module", &module, "--init-token", "--free", "--label", "job", "--so-pin", "1234", "--pin", PIN];
    let fill = ["--module", &module, "--import", "key", "--token", "job", "--label", "job", "--id", "01", "--pin", PIN];
    for outcome in [made, home.run(&tool, begin), home.run(&tool, fill)] {
        if !outcome.success() {
            super::skipped(&format!("SoftHSM does not start here: {}{}", outcome.stdout, outcome.stderr));
            return None;
        }
    }
    std::fs::remove_file(home.join("key")).expect("our own file");
    let listed = home.run("ssh-keygen", ["-D", &module]);
    let public = listed.stdout.lines().find(|line| line.starts_with("ssh-rsa "))?.to_owned();
    Some(Token { library, public, files })
}
