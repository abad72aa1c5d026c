//! User keys, made by the real ssh-keygen, each kind once per test process: the n-th key of a kind is the same in every
//! scratch home, and different keys of one home are different.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use base64::prelude::{BASE64_STANDARD, Engine};

/// A key pair as it stands in a scratch home.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    /// The private key; the public one has `.pub` after it.
    pub(crate) path: PathBuf,
    /// The line for `authorized_keys`, with its comment and without a line end.
    pub(crate) public: String,
    /// `SHA256:…`.
    pub(crate) fingerprint: String,
}

/// The two files of a pair.
#[derive(Clone)]
pub(crate) struct KeyFiles {
    pub(crate) private: String,
    pub(crate) public: String,
}

impl KeyFiles {
    pub(crate) fn fingerprint(&self) -> String {
        super::job_server::fingerprint(&blob(&self.public))
    }
}

/// The key itself in a line of `authorized_keys` that has no options: what is signed for, compared and fingerprinted.
pub(crate) fn blob(public_line: &str) -> Vec<u8> {
    let field = public_line.split_ascii_whitespace().nth(1).expect("a type and a key");
    BASE64_STANDARD.decode(field).expect("the key is base64")
}

static POOL: Mutex<BTreeMap<(String, usize), KeyFiles>> = Mutex::new(BTreeMap::new());

/// The arguments of ssh-keygen for a kind: a word such as `ed25519`, `ecdsa`, `rsa`, or the arguments themselves
/// (`-t rsa -b 1024`). Passwords are empty unless `-N` says otherwise.
fn arguments(kind: &str) -> Vec<String> {
    let kind = match kind {
        // 2048 bits are quicker to find than the 3072 that ssh-keygen would take.
        "rsa" => "-t rsa -b 2048",
        "ed25519" => "-t ed25519",
        "ecdsa" => "-t ecdsa",
        other => other,
    };
    let mut words = shlex::split(kind).expect("arguments for ssh-keygen");
    for (option, value) in [("-N", ""), ("-C", "ana@laptop")] {
        if !words.iter().any(|word| word == option) {
            words.extend([option.to_owned(), value.to_owned()]);
        }
    }
    words
}

/// The `number`-th key of this kind.
pub(crate) fn generate(kind: &str, number: usize) -> KeyFiles {
    // The lock is held while ssh-keygen runs, so that two tests do not make the same slow key.
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    pool.entry((kind.to_owned(), number)).or_insert_with(|| make(kind)).clone()
}

fn make(kind: &str) -> KeyFiles {
    let folder = tempfile::tempdir().expect("a temporary folder for a key");
    let file = folder.path().join("key");
    let output = Command::new("ssh-keygen")
        .arg("-q")
        .args(arguments(kind))
        .arg("-f")
        .arg(&file)
        .stdin(Stdio::null())
        .output()
        .expect("ssh-keygen is installed (openssh-client); `tests/run` says what the tests need");
    assert!(output.status.success(), "ssh-keygen {kind}: {output:?}");
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("ssh-keygen wrote both files");
    KeyFiles { private: read("key"), public: read("key.pub").trim_end().to_owned() }
}
