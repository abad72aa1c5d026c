//! The line of a start file that gives login shells a variable back. It is appended to the file that is read last, so that
//! nothing comes behind it; the checks word the command that does so.

/// What a login shell is to have again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Restore {
    /// Folders of `PATH` that the profile loses: those that stood before what it leaves, and those behind it.
    Path {
        /// In front, in order.
        before: Vec<String>,
        /// Behind, in order.
        behind: Vec<String>,
    },
    /// A variable with this value.
    Value {
        /// Its name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A variable with the value that it has while the image is built, whatever that is.
    AsBuilt {
        /// Its name.
        name: String,
    },
}

/// The line; `None` where it is only known while the image is built.
///
/// ```
/// use cci_ssh::image::profile_line::{Restore, profile_line};
/// let path = Restore::Path { before: vec!["/home/circleci/.local/bin".into()], behind: Vec::new() };
/// assert_eq!(profile_line(&path).as_deref(), Some(r#"export PATH="/home/circleci/.local/bin:${PATH}""#));
/// ```
pub fn profile_line(restore: &Restore) -> Option<String> {
    match restore {
        Restore::Path { before, behind } => {
            let folders = before.iter().map(|folder| literal(folder)).chain(["${PATH}".to_owned()]);
            let folders: Vec<String> = folders.chain(behind.iter().map(|folder| literal(folder))).collect();
            Some(format!("export PATH=\"{}\"", folders.join(":")))
        }
        Restore::Value { name, value } => Some(format!("export {name}=\"{}\"", literal(value))),
        Restore::AsBuilt { .. } => None,
    }
}

/// For between double quotes in a shell.
fn literal(value: &str) -> String {
    let mut text = String::new();
    for letter in value.chars() {
        if matches!(letter, '"' | '\\' | '$' | '`') {
            text.push('\\');
        }
        text.push(letter);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(before: &[&str], behind: &[&str]) -> Restore {
        let owned = |folders: &[&str]| folders.iter().map(|folder| (*folder).to_owned()).collect();
        Restore::Path { before: owned(before), behind: owned(behind) }
    }

    #[test]
    fn folders_keep_their_side() {
        assert_eq!(profile_line(&path(&["/a", "/b"], &["/c"])).as_deref(), Some(r#"export PATH="/a:/b:${PATH}:/c""#));
    }

    #[test]
    fn values_stay_what_they_are() {
        let value = |value: &str| profile_line(&Restore::Value { name: "A".into(), value: value.into() });
        assert_eq!(value("it's").as_deref(), Some(r#"export A="it's""#));
        assert_eq!(value("a$b`c\"d\\e").as_deref(), Some(r#"export A="a\$b\`c\"d\\e""#));
        assert_eq!(profile_line(&Restore::AsBuilt { name: "A".into() }), None);
    }
}
