use super::*;
use crate::facts::{Document, Facts, infer};

const DEBIAN: &str = "if [ \"$(id -u)\" -eq 0 ]; then\n  PATH=\"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\"\n\
                      else\n  PATH=\"/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games\"\nfi\nexport PATH\n";
const GAMES: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games";

fn env(variables: &[(&str, &str)]) -> Vec<u8> {
    variables.iter().flat_map(|(name, value)| format!("{name}={value}\0").into_bytes()).collect()
}

/// An answer of the script.
struct Answer(Vec<u8>);

impl Answer {
    fn new(shell: &str, env: &[u8]) -> Self {
        let mut answer = Self(b"Welcome to the machine\n".to_vec());
        answer.part("env", env);
        for title in ["user circleci", "home /home/circleci", &format!("shell {shell}")] {
            answer.part(title, b"");
        }
        answer.part("bashenv", b"");
        answer.part("os", b"PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n");
        answer
    }

    fn part(&mut self, title: &str, body: &[u8]) -> &mut Self {
        self.0.extend(format!("\nw0 {title}\n").bytes());
        self.0.extend(body);
        self
    }

    fn files(&mut self, files: &[(&str, &str)]) -> &mut Self {
        files.iter().for_each(|(path, text)| {
            self.part(&format!("file {path}"), text.as_bytes());
        });
        self
    }

    fn ends(&mut self, after: &[u8]) -> &mut Self {
        self.part("login", b"hello from a banner\n").part("start", &[after, b"\n"].concat());
        self.part("end", b"").part("status 0", b"").part("over", b"")
    }
}

fn inspected(before: &[(&str, &str)], files: &[(&str, &str)], after: &[(&str, &str)]) -> Inspection {
    let before = env(before);
    let mut answer = Answer::new("/bin/bash", &before);
    answer.files(files).ends(&env(after));
    read(&before, &answer.0, "w0", 5)
}

#[test]
fn a_debian_profile_is_named_with_its_line() {
    let seen = inspected(
        &[("PATH", "/opt/tool/bin:/usr/local/bin:/usr/bin:/bin"), ("HOME", "/home/circleci"), ("A", "b")],
        &[("/etc/profile", DEBIAN), ("/home/circleci/.profile", "umask 022\n"), ("/home/circleci/.bashrc", "")],
        &[("PATH", GAMES), ("HOME", "/home/circleci"), ("A", "b"), ("SHLVL", "1")],
    );
    assert_eq!((seen.family.as_deref(), seen.shell_kind.as_deref()), (Some("debian"), Some("bash")));
    let reset = seen.reset.known().expect("compared");
    assert_eq!(reset.len(), 1, "{reset:#?}");
    let by = reset[0].by.as_ref().expect("the text says so");
    assert_eq!((by.source.as_str(), by.line, reset[0].sure), ("/etc/profile", Some(4), true));
    assert_eq!(by.text, format!("PATH={GAMES}"));
    assert_eq!(reset[0].lost_before, ["/opt/tool/bin"]);
    let read: Vec<&str> = seen.start_files.iter().filter(|file| file.read).map(|file| file.path.as_str()).collect();
    assert_eq!(read, ["/etc/profile", "/home/circleci/.profile"]);
}

#[test]
fn nothing_is_reset_where_nothing_is_lost() {
    let before = [("PATH", "/opt/x:/usr/bin"), ("LANG", "C.UTF-8"), ("HOME", "/home/circleci")];
    let after = [("PATH", "/new:/usr/bin:/opt/x"), ("LANG", "C.UTF-8"), ("HOME", "/home/circleci"), ("PAGER", "less")];
    let seen = inspected(&before, &[("/etc/profile", DEBIAN)], &after);
    assert_eq!(seen.reset, Vec::new().into());
    assert_eq!((seen.shadowed, seen.ends_early), (None, None));
}

#[test]
fn what_differs_from_connection_to_connection_is_no_matter() {
    let before = env(&[("PATH", "/usr/bin"), ("PORT_OF_THE_DAY", "/1"), ("HOME", "/home/circleci")]);
    let start = env(&[("PATH", "/usr/bin"), ("PORT_OF_THE_DAY", "/2"), ("HOME", "/home/circleci")]);
    let mut answer = Answer::new("/bin/bash", &start);
    answer.ends(&start);
    assert_eq!(read(&before, &answer.0, "w0", 5).reset, Vec::new().into());
}

#[test]
fn a_file_that_another_one_hides_is_told() {
    let seen = inspected(
        &[("PATH", "/opt/tool/bin:/usr/bin:/bin"), ("HOME", "/home/circleci")],
        &[
            ("/etc/profile", DEBIAN),
            ("/home/circleci/.bash_profile", "export NVM=1\n"),
            ("/home/circleci/.profile", "export PATH=/opt/tool/bin:$PATH\n"),
        ],
        &[("PATH", GAMES), ("HOME", "/home/circleci")],
    );
    let shadowed = seen.shadowed.expect("it hides it");
    assert_eq!((shadowed.file.as_str(), shadowed.all), ("/home/circleci/.profile", true));
    assert!(seen.start_files.iter().any(|file| file.passed_over && file.path == shadowed.file));
}

#[test]
fn a_profile_that_ends_the_shell_is_told_with_its_line() {
    let before = env(&[("PATH", "/usr/bin"), ("HOME", "/home/circleci")]);
    let ended = |profile: &str, status: &str| {
        let mut answer = Answer::new("/bin/bash", &before);
        answer.files(&[("/etc/profile", profile)]).part("login", b"x").part(&format!("status {status}"), b"");
        read(&before, &answer.part("over", b"").0, "w0", 5)
    };
    let seen = ended("A=1\nexit 3\n", "3");
    let early = seen.ends_early.expect("it ended");
    assert_eq!((early.status, early.sure, early.exec), (3, true, false));
    assert_eq!(early.by.expect("a line").line, Some(2));
    assert!(matches!(seen.reset, Fact::Unknown(_)));
    let handed = ended("exec zsh --token=abc\n", "0").ends_early.expect("it ended");
    assert_eq!((handed.exec, handed.by.expect("a line").text.as_str()), (true, "exec zsh"));
    let slow = ended("sleep 100\n", "137");
    assert_eq!(slow.ends_early, None);
    assert!(matches!(slow.reset, Fact::Unknown(why) if why.contains("--timeout")));
}

#[test]
fn shells_that_cannot_be_asked_say_so() {
    let before = env(&[("PATH", "/usr/bin")]);
    let said = |title: &str, shell: &str| {
        let mut answer = Answer::new(shell, &before);
        read(&before, &answer.part("login", b"").part(title, b"").part("over", b"").0, "w0", 5)
    };
    assert!(said("missing", "/bin/zsh").shell_missing);
    assert!(matches!(said("other", "/usr/bin/fish").reset, Fact::Unknown(why) if why.contains("not known")));
    assert!(matches!(read(&before, b"nothing at all", "w0", 5).shell, Fact::Unknown(_)));
}

/// Secrets of every kind, in every place where a job may have one: none comes out.
#[test]
fn no_secret_gets_out() {
    const SECRETS: [&str; 6] = ["hunter2", "/run/tok3n", "s3cr3t", "9f8e7d", "pa55", "/etc/pr1v"];
    let seen = inspected(
        &[
            ("PATH", "/opt/hunter2 x:/usr/bin"),
            ("API_TOKEN", "/run/tok3n"),
            ("MOOD", "s3cr3t"),
            ("SIGNING_KEY", "9f8e7d"),
            ("HOME", "/home/circleci"),
        ],
        &[
            (
                "/etc/profile",
                "PATH=/usr/bin; export NPM=pa55\nMOOD=s3cr3t2\nexport API_TOKEN=/etc/pr1v\nunset SIGNING_KEY # 9f8e7d\n",
            ),
            ("/home/circleci/.bash_profile", "curl https://u:pa55@x\nexec bash --rcfile /etc/pr1v\n"),
        ],
        &[("PATH", "/usr/bin"), ("API_TOKEN", "/etc/pr1v"), ("MOOD", "s3cr3t2"), ("HOME", "/home/circleci")],
    );
    let names: Vec<&str> = seen.reset.known().expect("compared").iter().map(|reset| reset.name.as_str()).collect();
    assert_eq!(names, ["API_TOKEN", "MOOD", "PATH", "SIGNING_KEY"]);
    let mut facts = Facts { inspection: Some(seen.into()), ..Facts::default() };
    infer::all(&mut facts);
    let document = Document::of(&facts).expect("facts are JSON");
    let text = serde_json::to_string(&document).expect("serialises");
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    assert!(text.contains("\"PATH=/usr/bin\"") && text.contains("MOOD=…"), "{text}");
}

#[test]
fn families_are_told_by_os_release() {
    let family = |text: &str| system(text.as_bytes()).0;
    assert_eq!(family("ID=ubuntu\nID_LIKE=debian\n").as_deref(), Some("debian"));
    assert_eq!(family("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"\n").as_deref(), Some("redhat"));
    assert_eq!(family("ID=alpine").as_deref(), Some("alpine"));
    assert_eq!(family("ID=\"opensuse-leap\"\nID_LIKE=\"suse opensuse\"").as_deref(), Some("suse"));
    assert_eq!(family("Darwin\n").as_deref(), Some("macos"));
    assert_eq!(family("ID=nixos"), None);
}

#[test]
fn any_answer_is_read() {
    for answer in [&b""[..], b"\nw0 ", b"\nw0 file \xff\n", b"\nw0 start\n\nw0 end", b"\nw0 status x\n", &[0; 64]] {
        read(answer, answer, "w0", 5);
    }
}
