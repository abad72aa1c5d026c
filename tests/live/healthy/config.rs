//! Configurations that look wrong and are not.

use std::fs;
use std::os::unix::fs::symlink;

use crate::scene::{Scene, word};
use crate::support::client::client;

#[test]
fn include_and_match() {
    let mut scene = Scene::new();
    let key = scene.key("keys/circleci");
    scene.job([&key]);
    scene.home.config(
        "Include conf.d/*.conf\nInclude no-such-folder/*\n\nMatch host 127.0.0.1 exec \"test -d ~/keys\"\n  IdentitiesOnly yes\n\
         Match exec \"no-such-helper-program\"\n  Port 1\n",
    );
    let text = format!("Host 127.*\n  IdentityFile {}\n", key.path.display());
    scene.home.write(".ssh/conf.d/circleci.conf", text, 0o600);
    scene.home.write(".ssh/conf.d/README", "This is not a configuration\n", 0o600);
    scene.healthy();
}

#[test]
fn an_alias_with_everything_in_it() {
    let mut scene = Scene::new();
    let key = scene.key("keys/circleci");
    scene.job([&key]);
    scene.home.config(&format!(
        "Host job\n  HostName 127.0.0.1\n  Port {}\n  IdentityFile ~/keys/circleci\n  User circleci\n",
        scene.port()
    ));
    scene.host("job");
    scene.healthy();
}

#[test]
fn odd_spelling() {
    let mut scene = Scene::new();
    let key = scene.key(".ssh/my key");
    scene.job([&key]);
    scene.home.config(
        "# Schlüssel für die Arbeit – 鍵\n\n\t HOST=127.0.0.1 other*\n\tidentityfile = \"~/.ssh/my key\"\n\
         \tUser \"ana\"\n\t\tIdentitiesOnly\tyes   \n   # the end\n\nIgnoreUnknown UseKeychain,Madeup*\n  UseKeychain yes\n  MadeUpOption 1\n",
    );
    scene.healthy();
}

#[test]
fn lines_that_end_as_on_windows() {
    let (scene, _) = Scene::usual();
    scene.home.config("Host 127.0.0.1\r\n  ServerAliveInterval 30\r\n");
    scene.healthy();
}

#[test]
fn a_linked_folder() {
    let mut scene = Scene::new();
    let key = scene.key("dotfiles/ssh/id_ed25519");
    scene.job([&key]);
    fs::remove_dir(scene.home.join(".ssh")).expect("our own folder");
    symlink(scene.home.join("dotfiles/ssh"), scene.home.join(".ssh")).expect("our own folder");
    scene.healthy();
}

#[test]
fn a_linked_configuration_and_a_linked_key() {
    let mut scene = Scene::new();
    let key = scene.key("dotfiles/key");
    scene.job([&key]);
    scene.home.write("dotfiles/config", "ServerAliveInterval 30\n", 0o644);
    symlink(scene.home.join("dotfiles/config"), scene.home.join(".ssh/config")).expect("our own folder");
    symlink(&key.path, scene.home.join(".ssh/id_ed25519")).expect("our own folder");
    scene.healthy();
}

#[test]
fn no_ssh_folder_at_all() {
    let mut scene = Scene::new();
    let key = scene.key("keys/circleci");
    scene.job([&key]).typed(["-i", &word(&key.path)]);
    fs::remove_dir(scene.home.join(".ssh")).expect("our own folder");
    scene.healthy();
}

#[test]
fn strict_checking_of_a_known_key() {
    let (mut scene, _) = Scene::usual();
    scene.known().home.config("StrictHostKeyChecking yes\n");
    scene.healthy();
}

#[test]
fn no_checking_and_no_file_for_it() {
    let (scene, _) = Scene::usual();
    scene.home.config("StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\n");
    scene.healthy();
}

#[test]
fn a_shared_connection_without_a_master() {
    let (scene, _) = Scene::usual();
    scene.home.config("ControlMaster auto\nControlPath ~/.ssh/cm-%C\nControlPersist 1\n");
    scene.healthy();
}

/// ssh removes a socket that nobody listens on by itself.
#[test]
fn a_shared_connection_that_has_ended() {
    let (scene, _) = Scene::usual();
    fs::rename(scene.home.dead_agent_socket(), scene.home.join(".ssh/cm")).expect("our own socket");
    scene.home.config("ControlMaster no\nControlPath ~/.ssh/cm\n");
    scene.healthy();
}

#[test]
fn key_files_of_the_configuration_that_are_not_there() {
    let (scene, _) = Scene::usual();
    scene.home.config("IdentityFile ~/.ssh/id_work\nIdentityFile ~/.ssh/id_ed25519\n");
    scene.healthy();
}

#[test]
fn a_remote_command_that_jobs_have() {
    let (scene, _) = Scene::usual();
    scene.home.config("RequestTTY force\nRemoteCommand bash\n");
    if client().at_least(7, 6) {
        scene.healthy();
    } else {
        scene.blocked_by("config-option-too-new").titled("remotecommand").mended();
    }
}

#[test]
fn pinned_lists_that_fit() {
    let (scene, _) = Scene::usual();
    scene.home.config(&format!(
        "KexAlgorithms curve25519-sha256\nCiphers chacha20-poly1305@openssh.com\nHostKeyAlgorithms ssh-ed25519\n\
         {} ssh-ed25519\nPreferredAuthentications publickey\n",
        client().accepted_algorithms()
    ));
    scene.healthy();
}

#[test]
fn options_that_print_or_ask_for_more() {
    let (scene, _) = Scene::usual();
    let newer = if client().at_least(7, 8) { "SetEnv A=b\nIPQoS none\n" } else { "" };
    scene.home.config(&format!(
        "VisualHostKey yes\nLogLevel QUIET\nCompression yes\nRekeyLimit 1M\nForwardAgent yes\nForwardX11 yes\nSendEnv *\n\
         PasswordAuthentication yes\nGSSAPIAuthentication yes\nServerAliveInterval 5\nTCPKeepAlive no\nHashKnownHosts yes\n\
         UpdateHostKeys yes\nAddKeysToAgent yes\nEscapeChar none\nProxyCommand none\n{newer}",
    ));
    scene.healthy();
}

#[test]
fn tokens_and_variables_in_paths() {
    let (mut scene, key) = Scene::usual();
    scene.home.set_env("KEYS", "keys");
    scene.home.write("keys/127.0.0.1", std::fs::read_to_string(&key.path).expect("our own key"), 0o600);
    fs::remove_file(&key.path).expect("our own key");
    let variable = if client().at_least(8, 4) { "${KEYS}" } else { "keys" };
    scene.home.config(&format!("IdentityFile %d/{variable}/%h\n"));
    scene.healthy();
}

#[test]
fn providers_that_are_not_there() {
    let (scene, _) = Scene::usual();
    let newer = if client().at_least(8, 2) { "SecurityKeyProvider /usr/lib/no-such-provider.so\n" } else { "" };
    scene.home.config(&format!("PKCS11Provider /usr/lib/no-such-provider.so\n{newer}"));
    scene.healthy();
}

#[test]
fn a_shared_connection_that_is_alive() {
    let (scene, _) = Scene::usual();
    scene.home.config(&format!("ControlMaster auto\nControlPath ~/.ssh/cm-%C\n{}", client().takes_new_hosts()));
    let start = format!("{} -M -N -f && ssh -O check -p {} 127.0.0.1", scene.ssh_line(), scene.port());
    scene.home.paste(&start, &[]).expect_code(0);
    scene.examine().expect_silence();
    let end = format!("ssh -O check -p {0} 127.0.0.1 && ssh -O exit -p {0} 127.0.0.1", scene.port());
    scene.home.paste(&end, &[]).expect_code(0).expect_text("Master running");
}

/// ssh goes through the connection that is open, so it works although the key that opened it is gone.
#[test]
fn a_shared_connection_whose_key_is_gone() {
    let (scene, _) = Scene::usual();
    scene.home.config(&format!("ControlMaster auto\nControlPath ~/.ssh/cm-%C\n{}", client().takes_new_hosts()));
    let start = format!("{} -M -N -f && ssh -O check -p {} 127.0.0.1", scene.ssh_line(), scene.port());
    scene.home.paste(&start, &[]).expect_code(0);
    fs::rename(scene.home.join(".ssh/id_ed25519"), scene.home.join("put-away")).expect("our own key");
    fs::remove_file(scene.home.join(".ssh/id_ed25519.pub")).expect("our own key");
    scene.home.paste(&format!("{} echo through", scene.ssh_line()), &[]).expect_text("through");
    scene.examine().expect_silence();
    let end = format!("ssh -O check -p {0} 127.0.0.1 && ssh -O exit -p {0} 127.0.0.1", scene.port());
    scene.home.paste(&end, &[]).expect_code(0).expect_text("Master running");
}

#[test]
fn a_user_that_jobs_ignore() {
    let (scene, _) = Scene::usual();
    scene.home.config("Host *\n  User somebody.else@corp.example\n  Port 2222\n");
    scene.healthy();
}

#[test]
fn an_include_below_its_own_host() {
    let mut scene = Scene::new();
    let key = scene.key("keys/circleci");
    scene.job([&key]);
    scene.home.write(".ssh/conf.d/circleci", "IdentityFile ~/keys/circleci\n", 0o600);
    scene.home.config("Host 127.*\nInclude conf.d/*\nHost work\n  Include conf.d/*\n  IdentityFile ~/.ssh/none\n");
    scene.healthy();
}

#[test]
fn what_is_meant_for_all_stands_last() {
    let (mut scene, _) = Scene::usual();
    let port = scene.port();
    scene.home.config(&format!(
        "Host job\n  HostName 127.0.0.1\n  Port {port}\n  User ana\nHost *\n  Port 22\n  User git\n  HostName 192.0.2.1\n"
    ));
    scene.host("job");
    scene.healthy();
}

#[test]
fn match_blocks_of_a_second_reading() {
    for text in [
        "Match canonical all\n  PubkeyAuthentication no\n",
        "Match final host 127.0.0.1\n  Port 1\n  ServerAliveInterval 9\nMatch final host other\n  User git\n  HostName 192.0.2.1\n",
    ] {
        let (scene, _) = Scene::usual();
        if text.contains("final") && !client().at_least(8, 0) {
            // To this ssh the word is an error, wherever it stands.
            scene.home.config(text);
            let blocked = scene.blocked_by("config-match-error").shows("Unsupported Match attribute final");
            blocked.while_ssh_says("Bad Match condition");
            continue;
        }
        scene.home.config(text);
        scene.healthy();
    }
}

#[test]
fn a_name_made_canonical() {
    let (mut scene, _) = Scene::usual();
    for name in ["job-box.corp.example", "job-box.corp.example.", "job-box"] {
        scene.home.name(name, "127.0.0.1");
    }
    scene.host("job-box");
    scene.home.config("CanonicalizeHostname yes\nCanonicalDomains corp.example\n");
    scene.healthy();
}

#[test]
fn a_crypto_policy_that_fits() {
    let (scene, _) = Scene::usual();
    scene.home.write(
        "crypto-policies/back-ends/openssh.config",
        format!("{} ssh-ed25519\nCiphers chacha20-poly1305@openssh.com,aes128-ctr\n", client().accepted_algorithms()),
        0o644,
    );
    scene.home.config("Include ~/crypto-policies/back-ends/openssh.config\n");
    scene.healthy();
}

#[test]
fn a_script_called_ssh_that_hands_everything_on() {
    for text in [
        "#!/bin/sh\nexec /usr/bin/ssh \"$@\"\n",
        "#!/bin/bash\n# keeps connections alive\n/usr/bin/ssh -o ServerAliveInterval=30 -o ServerAliveCountMax=4 \"${@}\"\nexit $?\n",
    ] {
        let (scene, _) = Scene::usual();
        scene.home.fake_program("ssh", text);
        scene.healthy();
    }
}

#[test]
fn lists_that_add_and_lists_that_reorder() {
    let (scene, _) = Scene::usual();
    let (accepted, mut lines) = (client().accepted_algorithms(), String::new());
    if client().at_least(8, 0) {
        lines.push_str(&format!(
            "{accepted} ^rsa-sha2-512\nKexAlgorithms ^ecdh-sha2-nistp256\nHostKeyAlgorithms ^ssh-ed25519\n"
        ));
    } else {
        lines.push_str(&format!(
            "{accepted} +rsa-sha2-512\nKexAlgorithms +ecdh-sha2-nistp256\nHostKeyAlgorithms +ssh-ed25519\n"
        ));
    }
    lines.push_str(
        "Ciphers +aes256-cbc\nMACs -hmac-sha1*\nKbdInteractiveAuthentication no\nPasswordAuthentication no\n",
    );
    scene.home.config(&lines);
    scene.healthy();
}

#[test]
fn a_port_that_the_command_line_names_better() {
    let (mut scene, _) = Scene::usual();
    scene.home.config("Port 1\nUser git\nBindAddress 192.0.2.199\n");
    scene.typed(["-b", "127.0.0.1"]);
    scene.healthy();
}
