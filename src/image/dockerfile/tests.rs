use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::image::profile_line::{Restore, profile_line};

/// What a check makes of an addition, in plain cases.
fn printed(addition: &Addition) -> String {
    let command = |restore: &Restore| match (restore, profile_line(restore)) {
        (_, Some(line)) if line.contains('\\') => format!("printf '%s\\n' '{line}' >> {}", addition.file),
        (_, Some(line)) => format!("echo '{line}' >> {}", addition.file),
        (_, None) => format!("echo \"export PATH='$PATH'\" >> {}", addition.file),
    };
    addition.restore.iter().map(command).collect::<Vec<_>>().join(" && ")
}

/// Files of a context.
#[derive(Default)]
struct Files(BTreeMap<&'static str, &'static str>);

impl Context for Files {
    fn look(&self, path: &str) -> Source {
        let path = path.trim_start_matches("./").trim_matches('/');
        let path = path.strip_prefix("./").unwrap_or(path);
        match self.0.get(path) {
            Some(text) => Source::Text((*text).to_owned()),
            None if path.is_empty()
                || path == "."
                || self.0.keys().any(|name| name.starts_with(&format!("{path}/"))) =>
            {
                Source::Folder
            }
            None => Source::Unknown,
        }
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let folder = format!("{}/", folder.trim_start_matches("./").trim_matches('/'));
        self.0.keys().filter_map(|name| name.strip_prefix(&folder)).map(str::to_owned).collect()
    }
}

fn with(text: &str, files: &[(&'static str, &'static str)]) -> Answer {
    read(text, &Question::default(), &Files(files.iter().copied().collect())).expect(text)
}

/// `PATH 3 /lost:/too | RUN line @ 5`, or the reason of silence.
fn told(answer: &Answer) -> String {
    match &answer.outcome {
        Outcome::Kept(why) => format!("kept: {why}"),
        Outcome::Unknown(why) => format!("unknown: {why}"),
        Outcome::Loses(loss) => {
            let lost = |lost: &Lost| {
                let lines: Vec<String> = lost.lines.iter().map(usize::to_string).collect();
                format!("{} {} {}", lost.name, lines.join(","), lost.lost.join(":"))
            };
            let variables: Vec<String> = loss.variables.iter().map(lost).collect();
            let line = loss.addition.as_ref().map(|add| format!("RUN {} @ {}", printed(add), add.behind));
            format!("{} | {}", variables.join("; "), line.unwrap_or_default())
        }
    }
}

fn of(text: &str) -> String {
    told(&with(text, &[]))
}

#[test]
fn path_is_lost_where_the_profile_sets_it_anew() {
    assert_eq!(
        of("FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nCMD x\n"),
        "PATH 2 /opt/x/bin | RUN echo 'export PATH=\"/opt/x/bin:${PATH}\"' >> /root/.profile @ 2"
    );
    assert_eq!(
        of("FROM alpine:3.12\nENV A=b \\\n  PATH=$PATH:/opt/x\n"),
        "PATH 3 /opt/x | RUN echo 'export PATH=\"${PATH}:/opt/x\"' >> /root/.profile @ 3"
    );
    assert_eq!(
        of("FROM golang:1.22\n"),
        "PATH 0 /go/bin:/usr/local/go/bin | RUN echo 'export PATH=\"/go/bin:/usr/local/go/bin:${PATH}\"' >> /root/.profile @ 1"
    );
    assert_eq!(
        of("FROM alpine\nENV PAGER=cat\n"),
        "PAGER 2 cat | RUN echo 'export PAGER=\"cat\"' >> /root/.profile @ 2"
    );
}

#[test]
fn it_is_kept_elsewhere() {
    for text in [
        "FROM ubuntu:22.04\nENV PATH=/opt/x:$PATH\n",
        "FROM alpine:3.20\nENV PATH=/opt/x:$PATH\n",
        "FROM fedora\nENV PATH=/opt/x:$PATH\n",
        "FROM scratch\nENV PATH=/opt/x\n",
        "FROM python:3.12-windowsservercore\nENV PATH=C:\\x\n",
        "FROM debian\nENV A=b\n",
        "FROM debian\nENV PATH=/usr/sbin:$PATH\nUSER nobody\n",
        "FROM golang AS build\nENV PATH=/x:$PATH\nFROM debian\nCOPY --from=build /go/bin/a /usr/local/bin/\n",
        "FROM node\nENV PATH=$HOME/.local/bin:~/bin/:$PATH\nENV PATH=/usr/bin:/bin:$HOME/.npm/bin\n",
        "FROM debian\nONBUILD ENV PATH=/x:$PATH\n",
        "FROM debian\nRUN rm /etc/profile\nENV PATH=/x:$PATH\n",
    ] {
        assert!(of(text).starts_with("kept: "), "{text}: {}", of(text));
    }
    assert!(of("FROM acme/base\nENV PATH=/x:$PATH\n").starts_with("unknown: the base image acme/base"));
    assert!(of("ARG B\nFROM $B\nENV PATH=/x:$PATH\n").starts_with("unknown: the name of its base image"));
}

#[test]
fn users_decide_where_the_line_goes() {
    assert_eq!(
        of("FROM node:20\nENV PATH=/opt/x:$PATH\nUSER node\nCMD x"),
        "PATH 2 /opt/x | RUN echo 'export PATH=\"/opt/x:${PATH}\"' >> /home/node/.profile @ 2"
    );
    assert_eq!(
        of("FROM debian\nENV PATH=/opt/x:$PATH\nRUN useradd -m -s /bin/bash app\nUSER app\n"),
        "PATH 2 /opt/x | RUN echo 'export PATH=\"/opt/x:${PATH}\"' >> /home/app/.profile @ 3"
    );
    assert_eq!(
        of("FROM debian\nENV PATH=/opt/x:$PATH\nUSER 1001:0\n"),
        "PATH 2 /opt/x | RUN echo 'export PATH=\"/opt/x:${PATH}\"' >> /etc/profile.d/zz-image-env.sh @ 2"
    );
    assert_eq!(
        of("FROM debian\nRUN useradd -u 1001 -d /srv app\nUSER www-data\nENV PATH=/opt/x:$PATH\nRUN a\nUSER 1001\n"),
        "PATH 4 /opt/x | RUN echo 'export PATH=\"/opt/x:${PATH}\"' >> /srv/.profile @ 6"
    );
    assert_eq!(
        of("FROM debian\nENV PATH=/root/.local/bin:$PATH\n"),
        "PATH 2 /root/.local/bin | RUN echo 'export PATH=\"/root/.local/bin:${PATH}\"' >> /root/.profile @ 2"
    );
    let skeleton = "FROM debian\nRUN useradd -m app\nUSER app\nENV PATH=/home/app/.local/bin:$PATH\n";
    assert!(of(skeleton).starts_with("kept: "), "the skeleton's .profile adds it: {}", of(skeleton));
}

#[test]
fn what_is_set_already_is_left_alone() {
    let head = "FROM debian:12\nENV PATH=/opt/x:$PATH\n";
    for rest in [
        "RUN echo 'export PATH=\"/opt/x:${PATH}\"' >> /root/.profile",
        "RUN echo \"export PATH=$PATH\" >> ~/.bash_profile",
        "RUN printf '%s\\n' 'PATH=/opt/x:$PATH' | tee -a /etc/profile.d/x.sh",
        "RUN cat <<EOF > /etc/profile.d/x.sh\nexport PATH=/opt/x:\\$PATH\nEOF",
        "RUN <<EOF\nset -e\necho 'PATH=/opt/x:$PATH' >> /root/.bashrc\nEOF",
        "COPY <<'EOF' /etc/profile.d/x.sh\nPATH=/opt/x:$PATH\nEOF",
        "ENV T=/opt/x\nRUN echo 'export PATH=$T:$PATH' >> ~/.profile",
        "RUN bash -c 'echo PATH=/opt/x:\\$PATH >> ~/.profile'",
        "RUN useradd -m x\nCOPY etc /etc",
    ] {
        let files = [("etc/profile.d/path.sh", "export PATH=/opt/x:$PATH\n")];
        let told = told(&with(&format!("{head}{rest}\n"), &files));
        assert!(told.starts_with("kept: "), "{rest}: {told}");
    }
    for rest in [
        "RUN sed -i 's/^PATH=.*//' /etc/profile",
        "RUN ln -sf /opt/x/env.sh /etc/profile.d/env.sh",
        "COPY --from=x /root/.profile /root/",
        "COPY profile.sh /etc/profile.d/",
        "RUN tool shellenv >> /root/.profile",
        "RUN chsh -s /bin/zsh",
    ] {
        assert!(of(&format!("{head}{rest}\n")).starts_with("unknown: "), "{rest}: {}", of(&format!("{head}{rest}\n")));
    }
}

#[test]
fn what_no_login_shell_reads_helps_nobody() {
    let head = "FROM debian:12\nENV PATH=/opt/x:$PATH\n";
    for rest in [
        "RUN echo 'PATH=/opt/x:$PATH' >> /etc/environment",
        "RUN echo 'PATH=/opt/x:$PATH' > /etc/profile.d/x",
        "RUN echo 'PATH=/opt/x:$PATH' >> /home/other/.profile",
        "ENV BASH_ENV=/etc/profile.d/x",
        "RUN echo 'alias ll=ls' >> ~/.bashrc",
        "RUN touch ~/.bash_profile && echo 'PATH=/opt/x:$PATH' >> ~/.profile",
        "RUN echo 'PATH=/opt/x:$PATH' > /etc/skel/.profile",
    ] {
        let told = of(&format!("{head}{rest}\n"));
        assert!(told.starts_with("PATH 2 /opt/x | "), "{rest}: {told}");
    }
    let shadowed = of(&format!("{head}RUN touch ~/.bash_profile && echo 'PATH=/opt/x:$PATH' >> ~/.profile\n"));
    assert!(shadowed.contains(">> /root/.bash_profile @ 3"), "{shadowed}");
}

#[test]
fn installers_may_have_done_it() {
    let rust = "FROM debian\nRUN curl -sSf https://sh.rustup.rs | sh -s -- -y\nENV PATH=/root/.cargo/bin:$PATH\n";
    assert!(of(rust).starts_with("kept: "), "{}", of(rust));
    assert!(of(&rust.replace("-y", "-y --no-modify-path")).starts_with("PATH 3 "));
    assert!(of(&rust.replace("/root/.cargo", "/opt/other")).starts_with("PATH 3 "));
}

#[test]
fn build_arguments_stay_unknown_until_they_are_given() {
    let text = "FROM debian\nARG V\nENV PATH=/opt/$V/bin:$PATH\n";
    assert_eq!(of(text), "PATH 3 /opt/…/bin | RUN echo \"export PATH='$PATH'\" >> /root/.profile @ 3");
    let question = Question { build_args: [("V".to_owned(), "1".to_owned())].into(), ..Question::default() };
    let given = read(text, &question, &Files::default()).expect("a Dockerfile");
    assert!(told(&given).starts_with("PATH 3 /opt/1/bin | "), "{}", told(&given));
    let defaults = "ARG V=2\nFROM debian\nARG V\nARG W=${V}3\nENV PATH=/opt/$W:$PATH\n";
    assert!(of(defaults).starts_with("PATH 5 /opt/23 | "), "{}", of(defaults));
    let unseen = "ARG V=2\nFROM debian\nENV PATH=/opt/$V:$PATH\n";
    assert!(of(unseen).starts_with("PATH 3 /opt/ | "), "a global argument is for FROM: {}", of(unseen));
}

#[test]
fn stages_hand_on_what_they_set() {
    let text = "FROM debian AS base\nENV PATH=/a:$PATH\nFROM base AS ci\nRUN x\nFROM ubuntu\nENV PATH=/b:$PATH\n";
    assert!(of(text).starts_with("kept: "));
    let question = Question { stage: Some("ci".into()), ..Question::default() };
    let answer = read(text, &question, &Files::default()).expect("a Dockerfile");
    assert_eq!(told(&answer), "PATH 2 /a | RUN echo 'export PATH=\"/a:${PATH}\"' >> /root/.profile @ 3");
    assert_eq!((answer.stage.line, answer.stage.base_line), (3, 1));
    let question = Question { stage: Some("none".into()), ..Question::default() };
    let error = read(text, &question, &Files::default()).expect_err("no such stage");
    assert_eq!(error.to_string(), "it has no stage `none`; its stages are base, ci, 2");
}

#[test]
fn a_later_value_counts() {
    let text = "FROM debian\nENV PATH=/a:$PATH\nENV PATH=/usr/bin:/bin\n";
    assert!(of(text).starts_with("kept: "));
    let text = "FROM debian\nENV P=/a\nENV P=/b PATH=$P:$PATH\nENV PATH=/c:$PATH\n";
    assert!(of(text).starts_with("PATH 3,4 /c:/a | RUN echo 'export PATH=\"/c:/a:${PATH}\"'"), "{}", of(text));
    assert!(of(text).ends_with("@ 4"));
}

#[test]
fn whatever_grows_has_an_end() {
    let doubling = format!("FROM debian\n{}", "ENV PATH=$PATH:/x$PATH\n".repeat(200));
    assert!(of(&doubling).starts_with("unknown: its PATH has more than"), "{}", of(&doubling));
    let pipes = format!("FROM debian\nENV PATH=/x:$PATH\nRUN echo a {} > ~/.profile\n", "| cat ".repeat(5_000));
    assert!(of(&pipes).starts_with("unknown: "));
    let long =
        format!("FROM debian\nENV PATH=/x:$PATH\n{}", "RUN useradd -m a && echo a >> ~/.profile\n".repeat(3_000));
    assert!(of(&long).starts_with("PATH 2 /x"));
}

proptest! {
    #[test]
    fn any_text_is_answered_or_refused(text in "(FROM debian\n|FROM a AS b\n|ENV |RUN |COPY |ARG |USER |PATH=|\\$\\{?[A-Z]\\}?|<<E|\nE\n|[ -~\n\\\\`'\"]{0,6}){0,30}") {
        let _ = read(&text, &Question::default(), &Files::default());
    }

    #[test]
    fn any_bytes_are_answered_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let text = format!("FROM debian\nENV PATH=/x:$PATH\n{}", String::from_utf8_lossy(&bytes));
        let _ = read(&text, &Question::default(), &Files::default());
    }

    #[test]
    fn any_script_is_read(script in "[ -~]{0,60}") {
        let _ = read(&format!("FROM debian\nENV PATH=/x:$PATH\nRUN {script} >> ~/.profile\n"), &Question::default(), &Files::default());
    }
}
