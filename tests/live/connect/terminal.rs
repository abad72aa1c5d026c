//! A real terminal: Ctrl-C, suspension, the window's size, and a kill, as with ssh alone.

use super::{expect_nothing_left, with_temporary_folder};
use crate::scene::{INSIDE, Scene};
use crate::support::sshd::Sshd;
use crate::support::tmux::Tmux;

/// A machine, a real sshd, and a shell in tmux that calls `in` what logs in with the printed text, so that there is a
/// file to be left behind.
struct Place {
    // It is told to end through a socket in the home of the scene, which is gone once that is dropped.
    tmux: Tmux,
    scene: Scene,
    sshd: Sshd,
}

impl Place {
    fn new() -> Option<Self> {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        let sshd = Sshd::start([key.public.as_str()], "");
        with_temporary_folder(&mut scene);
        let tmux = Tmux::shell(&scene.home)?;
        Some(Self { scene, tmux, sshd })
    }

    /// The command line that runs this there; it leaves its number in `pid`.
    fn connect(&self, options: &str, remote: &str) -> String {
        let (port, fingerprint) = (self.sshd.port(), self.sshd.host_key_fingerprint());
        let step = format!(
            "You can now SSH into this box if your SSH public key is added:\n    $ ssh {options} -p {port} \
             {}@127.0.0.1 {remote}\n{fingerprint}\n",
            Sshd::user()
        );
        let file = self.scene.home.write("step", step, 0o600);
        self.scene.home.write(
            "in",
            format!("exec {} connect \"$(cat {})\"\n", env!("CARGO_BIN_EXE_cci-ssh"), file.display()),
            0o600,
        );
        format!("sh {}", self.scene.home.join("in").display())
    }

    /// Waits for the local prompt, and reads the last code.
    #[track_caller]
    fn code(&self, mark: &str) -> String {
        self.tmux.line(&format!("echo {mark}=$?."));
        let screen = self.tmux.wait_for(&format!("\n{mark}="));
        let at = screen.find(&format!("\n{mark}=")).expect("waited for") + mark.len() + 2;
        screen[at..].split('.').next().unwrap_or_default().to_owned()
    }

    #[track_caller]
    fn waits_for_files(&self, there: bool) {
        let count = || std::fs::read_dir(self.scene.home.join(super::TEMPORARY)).expect("is there").count();
        for _ in 0..100 {
            if (count() > 0) == there {
                return;
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        panic!("files are {}\n{}", count(), self.tmux.screen());
    }
}

#[test]
fn a_session_is_ssh_s() {
    let Some(place) = Place::new() else { return };
    let tmux = &place.tmux;
    tmux.line(&place.connect("-t", "'PS1=inside: sh'"));
    tmux.wait_for("inside:");
    place.waits_for_files(true);
    tmux.line("stty size");
    tmux.wait_for("24 80");
    tmux.resize(100, 30);
    tmux.line("sleep 1; stty size");
    tmux.wait_for("30 100");
    // Ctrl-C is the remote program's.
    tmux.line("echo sleeps; sleep 100");
    tmux.wait_for("\nsleeps");
    tmux.key("C-c");
    tmux.line("echo still-$((40 + 2))");
    tmux.wait_for("still-42");
    // ssh is stopped with us, and comes back with us.
    tmux.key("Enter");
    tmux.types("~");
    tmux.key("C-z");
    tmux.wait_for("Stopped");
    tmux.line("echo local-$((50 + 5))");
    tmux.wait_for("local-55");
    place.waits_for_files(true);
    tmux.line("fg");
    tmux.key("Enter");
    tmux.line("echo again-$((60 + 6))");
    tmux.wait_for("again-66");
    tmux.line("exit 7");
    tmux.wait_for("closed.");
    assert_eq!(place.code("first"), "7");
    expect_nothing_left(&place.scene.home);
}

#[test]
fn ctrl_c_ends_a_command_without_a_terminal() {
    let Some(place) = Place::new() else { return };
    let tmux = &place.tmux;
    let line = place.connect("", "'echo begun; sleep 60; echo over'");
    tmux.line(&line);
    tmux.wait_for("\nbegun");
    tmux.key("C-c");
    // What is typed before ssh has ended is ssh's.
    tmux.prompt();
    let code = place.code("ours");
    assert!(["130", "255"].contains(&code.as_str()), "{code}\n{}", tmux.screen());
    assert!(!tmux.screen().contains("The way to"), "nobody asked why\n{}", tmux.screen());
    expect_nothing_left(&place.scene.home);
}

#[test]
fn ctrl_z_stops_both_and_fg_continues_both() {
    let Some(place) = Place::new() else { return };
    let tmux = &place.tmux;
    tmux.line(&place.connect("", "'echo begun; sleep 2; echo over'"));
    tmux.wait_for("\nbegun");
    tmux.key("C-z");
    tmux.wait_for("Stopped");
    tmux.line("fg");
    tmux.wait_for("\nover");
    assert_eq!(place.code("ours"), "0");
    expect_nothing_left(&place.scene.home);
}

#[test]
fn a_kill_reaches_ssh() {
    let Some(place) = Place::new() else { return };
    let tmux = &place.tmux;
    let line = place.connect("", "'echo begun; sleep 60; echo over'");
    tmux.line(&format!("{line} </dev/null & echo \"$!\" > pid"));
    tmux.wait_for("\nbegun");
    tmux.line("kill $(cat pid); wait");
    let _ = place.code("ours");
    let ended = || !place.sshd.log().contains("Close session") && !place.sshd.log().contains("Disconnected from");
    for _ in 0..100 {
        if !ended() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    assert!(!ended(), "ssh runs on\n{}", place.sshd.log());
    expect_nothing_left(&place.scene.home);
}

#[test]
fn a_passphrase_is_asked_for_once() {
    let mut scene = Scene::new();
    let key = scene.home.keygen(".ssh/id_ed25519", "-t ed25519 -N sesame");
    scene.job([&key]).known();
    let line = format!("{} connect -t -p {} 127.0.0.1 sh\n", env!("CARGO_BIN_EXE_cci-ssh"), scene.port());
    let seen = scene.home.paste(&line, &[("Enter passphrase", "sesame\r"), (INSIDE, "exit\r")]);
    assert!(seen.output.contains(INSIDE) && seen.output.matches("Enter passphrase").count() == 1, "{seen:#?}");
}

#[test]
fn text_on_standard_input_leaves_the_terminal_to_ssh() {
    let (scene, _) = Scene::usual();
    let file = scene.home.write("step", super::true_step(&scene), 0o600);
    let line = format!("{} connect - < {}\n", env!("CARGO_BIN_EXE_cci-ssh"), file.display());
    let seen = scene.home.paste(&line, &[(INSIDE, "echo typed-$((1 + 1)); exit 4\r")]);
    seen.expect_text("typed-2").expect_code(4);
}
