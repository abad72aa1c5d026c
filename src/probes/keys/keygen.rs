//! The last resort for private keys that are not encrypted and whose public half no reader of ours finds:
//! `ssh-keygen -y` with an empty passphrase, which never prompts.

use std::{path::Path, thread, time::Duration};

use super::file;
use crate::{
    facts::Key,
    ssh::public_key::PublicKey,
    system::{Run, System},
};

/// Keys it is called for; each costs a process.
const MOST: usize = 4;

pub(super) fn fill(system: &dyn System, keys: &mut [Key], limit: Duration) {
    let mut silent: Vec<&mut Key> = keys.iter_mut().filter(|key| needs_it(key)).take(MOST).collect();
    if silent.is_empty() {
        return;
    }
    let Some(program) = system.programs("ssh-keygen").into_iter().next() else { return };
    thread::scope(|scope| {
        for key in &mut silent {
            let program = &program;
            scope.spawn(move || {
                if let Some(public) = ask(system, program, &key.path, limit) {
                    file::identity(key, &public);
                }
            });
        }
    });
}

fn needs_it(key: &Key) -> bool {
    let valid_beside = key.public_file.as_ref().is_some_and(|public| public.valid);
    key.readable.is(&true)
        && key.fault.is_none()
        && key.encrypted.is(&false)
        && !key.mode_too_open
        && key.fingerprint.known().is_none()
        && !valid_beside
}

fn ask(system: &dyn System, program: &Path, path: &str, limit: Duration) -> Option<PublicKey> {
    let run = Run {
        program,
        args: ["-y", "-P", "", "-f", path].iter().map(Into::into).collect(),
        env: vec![("SSH_ASKPASS", None), ("LC_ALL", Some("C".into()))],
        timeout: limit,
        cap: 64 * 1024,
        stop: None,
    };
    let ran = system.run(&run).ok().filter(|ran| ran.code == Some(0))?;
    PublicKey::from_line(String::from_utf8_lossy(&ran.stdout).lines().next()?).ok()
}
