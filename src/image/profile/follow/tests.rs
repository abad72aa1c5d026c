use super::*;

fn outcomes(name: &str, files: &[(&str, &str)]) -> Vec<Outcome> {
    let mut known = Files::default();
    for (path, text) in files {
        known.add(path, text);
    }
    known.add_absent("/absent");
    known.add_absent("/home/ana/.bashrc");
    let home = |name: &str| (name == "HOME").then(|| "/home/ana".to_owned());
    let start: Vec<&str> = files.iter().map(|(path, _)| *path).filter(|path| !path.contains("/profile.d/")).collect();
    Follow { files: &known, known: &home }.variable(name, &start)
}

/// What a text does to PATH: `keeps`, `resets at LINE`, or several.
fn path(text: &str) -> String {
    let said = |outcome: &Outcome| {
        let line = outcome.by.as_ref().map_or(0, |place| place.line);
        let what = match (outcome.keeps(), outcome.resets()) {
            (true, _) => "keeps".to_owned(),
            (_, true) => format!("resets at {line}"),
            _ => "unsure".to_owned(),
        };
        if outcome.end.is_some() { format!("{what} and ends") } else { what }
    };
    let mut all: Vec<String> = outcomes("PATH", &[("/p", text)]).iter().map(said).collect();
    all.sort();
    all.dedup();
    all.join(", ")
}

#[test]
fn what_extends_keeps_and_what_replaces_resets() {
    for keeps in [
        "PATH=$PATH:/x",
        "export PATH=\"/x:${PATH}\"",
        "PATH=\"${PATH:+$PATH:}/x\"",
        "PATH+=:/x",
        "OLD=$PATH; PATH=/usr/bin; PATH=/x:$OLD",
        "PATH=${PATH:-/usr/bin}",
        "path=(/x $path)",
        "path+=(/x)",
        "PATH=/x make; (PATH=/x); PATH=/x | cat",
        "test -z \"$PATH\" && PATH=/usr/bin",
        "if [ -n \"$PATH\" ]; then :; else PATH=/bin; fi",
        "f() { PATH=/bin; }",
        ": ${PATH:=/bin}",
        "[ -r /absent ] && PATH=/bin",
    ] {
        assert_eq!(path(keeps), "keeps", "{keeps}");
    }
    for resets in [
        "PATH=/usr/bin:/bin",
        "export PATH='/usr/bin'",
        "PATH=$HOME/bin:/bin",
        "PATH=$(getconf PATH)",
        "unset PATH",
        "PATH=/x:$NOTHING",
        "f() { PATH=/bin; }; f",
        "path=(/usr/bin /bin)",
        "PATH=/bin; PATH=$PATH:/x",
        "if a; then PATH=/sbin:/bin; else PATH=/bin; fi; export PATH",
        "PATH=/bin; exit",
    ] {
        assert!(path(resets).starts_with("resets at 1"), "{resets}: {}", path(resets));
    }
    assert_eq!(path("if a; then PATH=/bin; fi"), "keeps, resets at 1");
    assert_eq!(path("PATH=$(echo $PATH | tr a b)"), "unsure");
    assert_eq!(path("[ -z \"$PS1\" ] && return\nPATH=/bin"), "keeps, resets at 2");
    assert_eq!(path("exit 0\nPATH=/bin"), "keeps and ends");
}

#[test]
fn real_profiles() {
    let debian = "if [ \"$(id -u)\" -eq 0 ]; then\n  PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n\
                  else\n  PATH=\"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\"\nfi\nexport PATH\n\
                  if [ \"${PS1-}\" ]; then\n  if [ \"${BASH-}\" ]; then PS1='\\h:\\w\\$ '; fi\nfi\n";
    assert_eq!(path(debian), "resets at 2, resets at 4");
    let alpine = "append_path () {\n\tcase \":$PATH:\" in\n\t\t*:\"$1\":*)\n\t\t\t;;\n\t\t*)\n\t\t\tPATH=\"${PATH:+$PATH:}$1\"\n\t\t\t;;\n\
                  \tesac\n}\nappend_path \"/usr/local/sbin\"\nappend_path \"/usr/bin\"\nunset -f append_path\nexport PATH\n";
    assert_eq!(path(alpine), "keeps");
    let munge = "pathmunge () {\n    case \":${PATH}:\" in\n        *:\"$1\":*)\n            ;;\n        *)\n\
                 \x20           if [ \"$2\" = \"after\" ] ; then\n                PATH=$PATH:$1\n            else\n\
                 \x20               PATH=$1:$PATH\n            fi\n    esac\n}\n";
    let calls =
        "if [ \"$EUID\" = \"0\" ]; then\n pathmunge /usr/sbin\nelse\n pathmunge /usr/sbin after\nfi\n".repeat(12);
    assert_eq!(path(&format!("{munge}{calls}unset -f pathmunge")), "keeps");
}

#[test]
fn files_that_files_read_are_followed() {
    let all = outcomes(
        "JAVA_HOME",
        &[
            (
                "/etc/profile",
                "for i in /etc/profile.d/*.sh; do\n  if [ -r \"$i\" ]; then\n    if [ \"${-#*i}\" != \"$-\" ]; then\n . \"$i\"\n else\n . \"$i\" >/dev/null\n fi\n fi\ndone\n",
            ),
            ("/etc/profile.d/10-a.sh", "A=1"),
            ("/etc/profile.d/java.sh", "# set\nexport JAVA_HOME=/usr/lib/jvm/default"),
            ("/home/ana/.bash_profile", "[ -f ~/.bashrc ] && . ~/.bashrc\n. /absent\n. /opt/unseen\n"),
        ],
    );
    assert_eq!(all.len(), 1, "{all:#?}");
    let place = all[0].by.as_ref().expect("somebody");
    assert_eq!((place.file.as_str(), place.line), ("/etc/profile.d/java.sh", 2));
    assert_eq!(place.text, "JAVA_HOME=/usr/lib/jvm/default");
    let unseen: Vec<&str> = all[0].unseen.iter().map(String::as_str).collect();
    assert_eq!(unseen, ["/opt/unseen"]);
}

#[test]
fn a_list_is_told_folder_by_folder() {
    let all = outcomes("PATH", &[("/p", "PATH=/a:$PATH\nPATH=$PATH:~/bin:$(x)/y")]);
    let value = all[0].value.as_ref().expect("a value");
    let named = |name: &str| Folder::Named(name.into());
    assert_eq!(folders(value), [named("/a"), Folder::Inherited, named("/home/ana/bin"), Folder::Unknown]);
}

#[test]
fn what_ends_the_shell_is_found() {
    let end = |text: &str| outcomes("PATH", &[("/p", text)]).into_iter().map(|outcome| outcome.end).collect::<Vec<_>>();
    let place = |text: &str, line| Place { file: "/p".into(), line, text: text.into() };
    assert_eq!(end("A=1\nexit 3"), [Some(End { place: place("exit", 2), exec: false, empties: false })]);
    assert_eq!(end("exec env -i bash"), [Some(End { place: place("exec env", 1), exec: true, empties: true })]);
    assert_eq!(end("a || exit 1").len(), 2);
    assert!(outcomes("PATH", &[("/p", "set -e")])[0].exits_on_failure.is_some());
}

#[test]
fn any_files_have_an_end() {
    outcomes("PATH", &[("/p", ". /p\nf() { f; f; }; f")]);
    let many = (0..40).map(|at| format!("if a; then PATH=$PATH:/{at}; fi\n")).collect::<String>();
    assert_eq!(path(&many), "keeps");
    let nested = "for i in a b c d e f g h; do ".repeat(12) + "PATH=$PATH:$i;" + &" done;".repeat(12);
    outcomes("PATH", &[("/p", &nested)]);
}
