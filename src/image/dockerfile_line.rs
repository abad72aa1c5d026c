//! The line of a Dockerfile that gives login shells a variable back.
//!
//! It appends to the file that the login shell reads last, so that nothing comes behind it. The line is for the shell form
//! of `RUN`, which hands it to `/bin/sh -c`: Docker itself replaces nothing in it.

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

/// The `RUN` line that restores all of it in `file`, an absolute path or one that begins with `~/`.
///
/// ```
/// use cci_ssh::image::dockerfile_line::{Restore, run_line};
/// let path = Restore::Path { before: vec!["/home/circleci/.local/bin".into()], behind: Vec::new() };
/// assert_eq!(
///     run_line("/home/circleci/.bash_profile", &[path]),
///     r#"RUN echo 'export PATH="/home/circleci/.local/bin:${PATH}"' >> /home/circleci/.bash_profile"#
/// );
/// ```
pub fn run_line(file: &str, restore: &[Restore]) -> String {
    let commands: Vec<String> =
        restore.iter().map(|restore| format!("{} >> {}", print(restore), quoted_path(file))).collect();
    format!("RUN {}", commands.join(" && "))
}

/// The line of the profile; `None` where it is only known while the image is built.
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

/// The command that prints the profile's line.
fn print(restore: &Restore) -> String {
    match (restore, profile_line(restore)) {
        (_, Some(line)) => echo(&line),
        // The outer quotes let the building shell fill in the value; those within are the profile's.
        (Restore::AsBuilt { name } | Restore::Value { name, .. }, None) => format!(r#"echo "export {name}='${name}'""#),
        (Restore::Path { .. }, None) => r#"echo "export PATH='$PATH'""#.to_owned(),
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

/// `echo` of sh takes a backslash for itself in some shells, and `printf` in none.
fn echo(line: &str) -> String {
    let quoted = line.replace('\'', r"'\''");
    if line.contains('\\') { format!("printf '%s\\n' '{quoted}'") } else { format!("echo '{quoted}'") }
}

/// The path as a word; a `~` in front is left to the shell.
fn quoted_path(path: &str) -> String {
    let (home, rest) = path.strip_prefix("~/").map_or(("", path), |rest| ("~/", rest));
    format!("{home}{}", shlex::try_quote(rest).unwrap_or_else(|_| rest.replace('\0', "").into()))
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
        assert_eq!(
            run_line("/root/.profile", &[path(&["/a", "/b"], &["/c"])]),
            r#"RUN echo 'export PATH="/a:/b:${PATH}:/c"' >> /root/.profile"#
        );
    }

    #[test]
    fn several_variables_are_one_layer() {
        let home = Restore::Value { name: "JAVA_HOME".into(), value: "/opt/java".into() };
        assert_eq!(
            run_line("~/.bash_profile", &[path(&["/opt/java/bin"], &[]), home]),
            "RUN echo 'export PATH=\"/opt/java/bin:${PATH}\"' >> ~/.bash_profile && \
             echo 'export JAVA_HOME=\"/opt/java\"' >> ~/.bash_profile"
        );
    }

    #[test]
    fn values_stay_what_they_are() {
        let value = |value: &str| run_line("/f", &[Restore::Value { name: "A".into(), value: value.into() }]);
        assert_eq!(value("it's"), r#"RUN echo 'export A="it'\''s"' >> /f"#);
        assert_eq!(value("a$b`c\"d\\e"), r#"RUN printf '%s\n' 'export A="a\$b\`c\"d\\e"' >> /f"#);
    }
}
