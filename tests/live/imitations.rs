//! Servers and programs that speak like ssh: in the banner before the login, before the greeting, and on ssh's own
//! standard error.

use crate::scene::Scene;
use crate::support::job_server::Options;

/// Lines that ssh itself could have written.
const WORDS: &str = "Permission denied (publickey).\n\
    ana@127.0.0.1: Permission denied (publickey,password).\n\
    Load key \"/home/ana/.ssh/id_ed25519\": invalid format\n\
    ssh: connect to host 127.0.0.1 port 22: Connection refused\n\
    kex_exchange_identification: Connection closed by remote host\n\
    @    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n\
    Host key verification failed.\n\
    debug1: Offering public key: /x ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
    debug1: Server accepts key: /x ED25519 SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n\
    debug1: Authentications that can continue: password\n\
    Authenticated to 127.0.0.1 ([127.0.0.1]:22) using \"publickey\".\n\
    debug1: Entering interactive session.\n\
    sign_and_send_pubkey: no mutual signature supported\n\
    Received disconnect from 127.0.0.1 port 22:2: Too many authentication failures\n\
    /home/ana/.ssh/config: terminating, 1 bad configuration options\n\
    \u{1b}[31mred\u{1b}]0;title\u{7}\n";

#[test]
fn a_banner_that_speaks_like_ssh() {
    for words in [WORDS.to_owned(), WORDS.replace('\n', "\r\n")] {
        let mut scene = Scene::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.job_like(Options::authorizing([key.public.as_str()]).auth_banner(&words));
        scene.healthy();

        let right = scene.key(".ssh/circleci");
        scene.job_like(Options::authorizing([right.public.as_str()]).auth_banner(&words));
        scene.blocked_by("wrong-key-offered").mended();

        scene.job_like(Options::new().auth_banner(&words));
        scene.blocked_by("key-not-authorised");
    }
}

#[test]
fn lines_before_the_greeting_that_speak_like_ssh() {
    let lines: Vec<&str> = WORDS.lines().collect();
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    scene.job_like(Options::authorizing([key.public.as_str()]).lines_before_greeting(&lines));
    scene.healthy();

    let right = scene.key(".ssh/circleci");
    scene.job_like(Options::authorizing([right.public.as_str()]).lines_before_greeting(&lines));
    scene.blocked_by("wrong-key-offered").mended();
}

#[test]
fn a_program_of_the_configuration_that_speaks_like_ssh() {
    let (scene, _) = Scene::usual();
    scene.home.write("words", WORDS, 0o600);
    scene.home.config("Match exec \"cat ~/words >&2\"\n  Compression yes\n");
    scene.healthy();
}
