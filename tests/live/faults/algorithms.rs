//! No algorithm in common: because the user pinned a list, or because the server is old.

use crate::scene::Scene;
use crate::support::client::client;
use crate::support::sshd::Sshd;

/// A real sshd, since what is printed has to log in with the algorithm it names.
fn with_sshd(config: &str, sshd: &str) -> Scene {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/id_ed25519");
    let host_key = scene.home.keygen("server/host_rsa", "rsa");
    scene.sshd([&key], &sshd.replace("RSA", &host_key.path.display().to_string()));
    scene.user(&Sshd::user());
    scene.home.config(config);
    scene
}

fn pinned(config: &str, sshd: &str, words: &str) {
    let scene = with_sshd(config, sshd);
    scene.blocked_by("config-algorithms-pinned").shows("config:1").while_ssh_says(words).mended();
}

/// A server that clients since that version turn down, and older ones do not.
fn outdated(since: (u32, u32), sshd: &str, check: &str, words: &str) {
    let scene = with_sshd("", sshd);
    if !client().at_least(since.0, since.1) {
        scene.healthy();
        return;
    }
    scene.blocked_by(check).shows(words).while_ssh_says(words).mended();
}

#[test]
fn pinned_key_exchange() {
    let config = "KexAlgorithms diffie-hellman-group14-sha256\n";
    pinned(config, "KexAlgorithms curve25519-sha256", "no matching key exchange method found");
}

#[test]
fn pinned_ciphers() {
    pinned("Ciphers aes256-cbc\n", "Ciphers aes128-ctr,aes256-gcm@openssh.com", "no matching cipher found");
}

#[test]
fn pinned_macs() {
    let config = "MACs hmac-md5\nCiphers aes128-ctr\n";
    pinned(config, "MACs hmac-sha2-256-etm@openssh.com", "no matching MAC found");
}

#[test]
fn pinned_host_key_types() {
    pinned("HostKeyAlgorithms ecdsa-sha2-nistp256\n", "", "no matching host key type found");
}

#[test]
fn the_server_has_an_old_key_exchange_only() {
    let sshd = "KexAlgorithms diffie-hellman-group14-sha1";
    outdated((8, 2), sshd, "kex-no-match", "no matching key exchange method found");
}

#[test]
fn the_server_has_old_ciphers_only() {
    outdated((7, 6), "Ciphers aes128-cbc,3des-cbc", "cipher-no-match", "no matching cipher found");
}

#[test]
fn the_server_has_old_macs_only() {
    outdated((7, 2), "Ciphers aes128-ctr\nMACs hmac-md5", "mac-no-match", "no matching MAC found");
}

#[test]
fn the_server_signs_its_host_key_with_sha1_only() {
    let words = "no matching host key type found. Their offer: ssh-rsa";
    outdated((8, 8), "HostKey RSA\nHostKeyAlgorithms ssh-rsa", "hostkey-no-matching-type", words);
}

#[test]
fn the_server_is_old_in_every_way() {
    let sshd = "KexAlgorithms diffie-hellman-group14-sha1\nHostKey RSA\nHostKeyAlgorithms ssh-rsa\nCiphers aes128-cbc\n\
        MACs hmac-md5";
    if client().at_least(8, 2) {
        outdated((8, 2), sshd, "kex-no-match", "no matching key exchange method found");
    } else {
        // What such a client still takes is left: the first thing that it turns down is another one.
        let turned_down = if client().at_least(7, 6) {
            ("cipher-no-match", "no matching cipher found")
        } else {
            ("mac-no-match", "no matching MAC found")
        };
        outdated((7, 2), sshd, turned_down.0, turned_down.1);
    }
}

#[test]
fn a_list_on_the_command_line() {
    let mut scene = with_sshd("", "Ciphers aes128-ctr,aes256-gcm@openssh.com");
    scene.typed(["-o", "Ciphers=aes256-cbc"]);
    scene.blocked_by("config-algorithms-pinned").while_ssh_says("no matching cipher found").mended();
}
