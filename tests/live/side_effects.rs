//! What the doctor leaves behind, and what it does not run: nothing.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use wait_timeout::ChildExt;

use crate::scene::Scene;
use crate::support::job_server::{Fault, Options};

/// Temporary files go below the home, where the snapshot sees them.
pub(crate) fn with_its_own_temporary_folder(scene: &mut Scene) {
    scene.home.make_folder("tmp", 0o700);
    let folder = scene.home.join("tmp");
    scene.home.set_env("TMPDIR", &folder);
    scene.home.set_env("XDG_RUNTIME_DIR", &folder);
}

/// The command lines of all processes that run in this home.
#[cfg(target_os = "linux")]
pub(crate) fn processes(scene: &Scene) -> Vec<String> {
    let marker = format!("CCI_SSH_TEST_HOME={}", scene.home.path().display());
    let text = |file: &Path| String::from_utf8_lossy(&fs::read(file).unwrap_or_default()).replace('\0', " ");
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let folders = entries.map(|entry| entry.path()).filter(|folder| text(&folder.join("environ")).contains(&marker));
    folders.map(|folder| text(&folder.join("cmdline"))).filter(|line| !line.is_empty()).collect()
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn processes(_: &Scene) -> Vec<String> {
    Vec::new()
}

#[test]
fn an_interrupt_leaves_nothing() {
    for signal in ["INT", "TERM", "HUP"] {
        let mut scene = Scene::new();
        scene.key(".ssh/id_ed25519");
        with_its_own_temporary_folder(&mut scene);
        scene.job_like(Options::new().fault(Fault::StallAfterKexinit));
        let before = scene.home.snapshot();
        let mut command = scene.home.command(env!("CARGO_BIN_EXE_cci-ssh"));
        command.args(["doctor", "-p", &scene.port().to_string(), "127.0.0.1"]);
        let mut doctor = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("our own program");
        let limit = Instant::now() + Duration::from_secs(5);
        while scene.server().record().connections < 2 && Instant::now() < limit {
            thread::sleep(Duration::from_millis(10));
        }
        assert_ne!(scene.home.snapshot(), before, "it is in the middle of its work");
        scene.home.run("kill", ["-s", signal, &doctor.id().to_string()]).expect_code(0);
        let status = doctor.wait_timeout(Duration::from_secs(2)).expect("our own child");
        assert_eq!(status.and_then(|status| status.code()), Some(130), "SIG{signal}");
        assert_eq!(scene.home.snapshot(), before, "SIG{signal} left something");
        assert_eq!(processes(&scene), Vec::<String>::new(), "SIG{signal} left processes");
    }
}
