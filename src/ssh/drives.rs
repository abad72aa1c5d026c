//! Drives of Windows, as paths name them there and in WSL.

/// `C:\Users\ana`, `C:/Users/ana`.
pub fn has_drive(path: &str) -> bool {
    matches!(path.as_bytes(), [drive, b':', ..] if drive.is_ascii_alphabetic())
}

/// `/mnt/c/Users/ana`, where WSL mounts the drives.
pub fn is_mounted(path: &str) -> bool {
    let rest = path.strip_prefix("/mnt/").unwrap_or_default().as_bytes();
    matches!(rest, [drive, b'/', ..] | [drive] if drive.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drives_by_their_letter() {
        for path in ["C:\\Users\\ana", "c:/Users", "D:"] {
            assert!(has_drive(path), "{path}");
        }
        for path in ["/mnt/c/Users/ana", "/mnt/d", "/mnt/c/"] {
            assert!(is_mounted(path), "{path}");
        }
        for path in ["/mnt", "/mnt/", "/mnt/data/x", "/mnt/1/x", "/home/mnt/c/x", "", "/c/Users", "1:x"] {
            assert!(!has_drive(path) && !is_mounted(path), "{path}");
        }
    }
}
