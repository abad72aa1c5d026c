//! Whether the log and the probes mean the same file: on Windows they write it differently.

use crate::ssh::drives::has_drive;

/// Whether ssh's `said` names the file at `path`.
///
/// Windows' own ssh writes `C:\\Users\\ana/.ssh/id_rsa` in its log (vis(3) doubles the backslashes), Git's ssh
/// `/c/Users/ana/.ssh/id_rsa`, Cygwin's `/cygdrive/c/…`; names do not differ by case there.
pub(super) fn same_file(said: &str, path: &str) -> bool {
    said == path || (has_drive(path) && on_windows(said) == on_windows(path))
}

/// One form for all: `c:/users/ana/.ssh/id_rsa`.
fn on_windows(path: &str) -> String {
    let mut plain = path.replace('\\', "/").to_lowercase();
    while plain.contains("//") {
        plain = plain.replace("//", "/");
    }
    let mount = plain.strip_prefix("/cygdrive").unwrap_or(&plain);
    match mount.as_bytes() {
        [b'/', drive, b'/', ..] if drive.is_ascii_alphabetic() => format!("{}:{}", char::from(*drive), &mount[2..]),
        _ => plain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_has_many_ways_to_write_a_path() {
        let path = "C:\\Users\\ana\\.ssh\\id_rsa";
        for said in [
            "C:\\\\Users\\\\ana/.ssh/id_rsa",
            "c:/Users/ana/.ssh/id_rsa",
            "/c/Users/ana/.ssh/id_rsa",
            "/cygdrive/c/Users/ana/.ssh/id_rsa",
        ] {
            assert!(same_file(said, path), "{said}");
        }
        for said in ["/c/Users/ana/.ssh/id_rsa2", "/home/ana/.ssh/id_rsa", "D:/Users/ana/.ssh/id_rsa", "", "/c"] {
            assert!(!same_file(said, path), "{said}");
        }
    }

    #[test]
    fn elsewhere_every_letter_counts() {
        assert!(same_file("/home/ana/.ssh/id_rsa", "/home/ana/.ssh/id_rsa"));
        assert!(!same_file("/home/ana/.ssh/ID_RSA", "/home/ana/.ssh/id_rsa"));
        assert!(!same_file("/home/ana//.ssh/id_rsa", "/home/ana/.ssh/id_rsa"));
    }
}
