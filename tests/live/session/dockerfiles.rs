//! `cci-ssh lint --dockerfile`: Dockerfiles as people write them, on well-known images. What is said about one is held against
//! the truth: the image is built, somebody logs in, and PATH is there or it is not; with the printed line it is.

use serde_json::Value;

use super::Login;
use crate::report::Report;
use crate::support::home::Home;
use crate::support::image::Image;

/// A Dockerfile, and whether login shells of its image lose a part of PATH.
struct Case {
    name: &'static str,
    text: &'static str,
    loses: bool,
}

const fn loses(name: &'static str, text: &'static str) -> Case {
    Case { name, text, loses: true }
}

const fn keeps(name: &'static str, text: &'static str) -> Case {
    Case { name, text, loses: false }
}

const CASES: [Case; 31] = [
    loses(
        "debian, a user",
        "FROM debian:12\nRUN useradd -m -s /bin/bash circleci\nENV PATH=\"/home/circleci/tools:$PATH\"\nUSER circleci\n",
    ),
    loses("debian, root", "FROM debian:bookworm-slim\nENV PATH=/opt/tools/bin:$PATH\n"),
    loses("debian, behind", "FROM debian:12\nENV PATH=$PATH:/opt/tools/bin\n"),
    loses("debian, a user with sh", "FROM debian:12\nRUN useradd -m ci\nUSER ci\nENV PATH=/opt/x/bin:$PATH\n"),
    loses(
        "debian, a user without a home",
        "FROM debian:12\nRUN useradd -s /bin/bash ci && mkdir /home/ci && chown ci /home/ci\nENV PATH /opt/x/bin:$PATH\nUSER ci\n",
    ),
    loses(
        "a venv",
        "FROM python:3.12-slim\nENV VIRTUAL_ENV=/opt/venv\nENV PATH=\"$VIRTUAL_ENV/bin:$PATH\"\nWORKDIR /app\n",
    ),
    loses("what the base sets", "FROM golang:1.22\nWORKDIR /src\n"),
    loses("rust", "FROM rust:1.80\nENV CARGO_TERM_COLOR=always\nRUN mkdir /work\n"),
    loses("node's own user", "FROM node:20-bookworm\nENV PATH=/home/node/.yarn/bin:$PATH\nUSER node\n"),
    loses("an old alpine", "FROM alpine:3.12\nRUN adduser -D circleci\nENV PATH=/opt/x/bin:$PATH\nUSER circleci\n"),
    loses("openSUSE", "FROM opensuse/leap:15.6\nRUN useradd -m ci\nENV PATH=\"/opt/x/bin:${PATH}\"\nUSER ci\n"),
    loses(
        "continuations, comments, ARG",
        "# syntax=docker/dockerfile:1\nARG VERSION=12\nFROM debian:${VERSION}\nARG TOOLS=/opt/tools\nENV A=1 \\\n  # a comment\n  \
         PATH=${TOOLS}/bin:$PATH \\\n  B=2\nRUN true && \\\n  true\n",
    ),
    loses(
        "the shipped stage stands on another",
        "FROM debian:12 AS base\nENV PATH=/opt/x/bin:$PATH\nFROM ubuntu:22.04 AS build\nENV PATH=/opt/build/bin:$PATH\n\
         FROM base\nCOPY --from=build /out /out\nRUN useradd -m -s /bin/bash ci\nUSER ci\n",
    ),
    loses(
        "a here-document",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nRUN <<EOF\ncat > /etc/motd <<EOT\nENV PATH=/not:this\nEOT\nEOF\nUSER root\n",
    ),
    loses(
        "a user by number",
        "FROM debian:12\nRUN useradd -m -u 2000 -s /bin/bash ci\nENV PATH=/opt/x/bin:$PATH\nUSER 2000:2000\n",
    ),
    loses(
        "a profile of bash beside the right one",
        "FROM debian:12\nRUN useradd -m -s /bin/bash ci\nENV PATH=/opt/x/bin:$PATH\nUSER ci\n\
         RUN echo 'export PATH=/opt/x/bin:$PATH' >> ~/.profile\nRUN echo 'export NVM_DIR=~/.nvm' > ~/.bash_profile\n",
    ),
    keeps("ubuntu", "FROM ubuntu:22.04\nRUN useradd -m -s /bin/bash ci\nENV PATH=/opt/x/bin:$PATH\nUSER ci\n"),
    keeps("temurin", "FROM eclipse-temurin:21-jdk\nENV PATH=/opt/maven/bin:$PATH\n"),
    keeps("CircleCI's own", "FROM cimg/node:20.11\nENV PATH=/home/circleci/tools:$PATH\nRUN mkdir -p ~/tools\n"),
    keeps("alpine", "FROM alpine:3.20\nRUN adduser -D ci\nENV PATH=/opt/x/bin:$PATH\nUSER ci\n"),
    keeps("rocky", "FROM rockylinux:9\nRUN useradd ci\nENV PATH=/opt/x/bin:$PATH LANG=C.UTF-8\nUSER ci\n"),
    keeps("fedora", "FROM fedora:40\nENV PATH=/opt/x/bin:$PATH\n"),
    keeps("amazon", "FROM amazonlinux:2023\nENV PATH=/opt/x/bin:$PATH\n"),
    keeps("arch", "FROM archlinux\nRUN useradd -m ci\nENV PATH=/opt/x/bin:$PATH\nUSER ci\n"),
    keeps(
        "nothing but what is there",
        "FROM debian:12\nRUN useradd -m -s /bin/bash ci\nENV PATH=/usr/local/bin:/usr/bin:/bin\nUSER ci\n",
    ),
    keeps(
        "the article was followed",
        "FROM debian:12\nRUN useradd -m -s /bin/bash circleci\nENV PATH=\"/home/circleci/.local/bin:/home/circleci/bin:${PATH}\"\n\
         RUN echo 'export PATH=\"/home/circleci/.local/bin:/home/circleci/bin:${PATH}\"' \\\n  > /home/circleci/.bash_profile && \\\n  \
         chmod +x /home/circleci/.bash_profile\nUSER circleci\n",
    ),
    keeps(
        "folders that the profile puts back",
        "FROM debian:12\nRUN useradd -m -s /bin/bash ci && mkdir -p /home/ci/.local/bin /home/ci/bin\n\
         ENV PATH=/home/ci/.local/bin:/home/ci/bin:$PATH\nUSER ci\n",
    ),
    keeps(
        "a file in profile.d",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nRUN echo 'export PATH=/opt/x/bin:$PATH' > /etc/profile.d/path.sh\n",
    ),
    keeps(
        "a copied here-document",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nCOPY <<'EOF' /etc/profile.d/path.sh\nexport PATH=/opt/x/bin:$PATH\nEOF\n",
    ),
    keeps(
        "the value as it is built",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nRUN echo \"export PATH=$PATH\" >> /root/.profile\n",
    ),
    keeps(
        "only the builder sets it",
        "FROM debian:12 AS build\nENV PATH=/opt/x/bin:$PATH\nFROM debian:12\nCOPY --from=build /out /out\nRUN mkdir -p /out\n",
    ),
];

/// Put where people put it, or believe that they do: what goes between the ENV line and the end of an image with a user `ci`.
const ATTEMPTS: [(&str, bool); 26] = [
    ("RUN echo 'export PATH=/opt/x/bin:$PATH' >> /etc/profile\nUSER ci", true),
    ("RUN echo 'export PATH=/opt/x/bin:$PATH' >> /etc/bash.bashrc\nUSER ci", true),
    ("USER ci\nRUN echo 'export PATH=/opt/x/bin:$PATH' >> ~/.bashrc", true),
    ("USER ci\nRUN echo \"export PATH=/opt/x/bin:\\$PATH\" >> $HOME/.profile", true),
    ("USER ci\nRUN echo 'PATH=/opt/x/bin:$PATH' >> /home/ci/.bash_profile", true),
    ("RUN printf '%s\\n' 'export PATH=\"/opt/x/bin:$PATH\"' | tee -a /etc/profile.d/x.sh >/dev/null\nUSER ci", true),
    ("RUN { echo '# ours'; echo 'export PATH=/opt/x/bin:$PATH'; } > /etc/profile.d/x.sh\nUSER ci", true),
    ("RUN cat > /etc/profile.d/x.sh <<'EOF'\nexport PATH=/opt/x/bin:$PATH\nEOF\nUSER ci", true),
    ("RUN <<'EOF'\nset -e\necho 'export PATH=/opt/x/bin:$PATH' > /etc/profile.d/x.sh\nEOF\nUSER ci", true),
    ("RUN bash -c \"echo 'export PATH=/opt/x/bin:\\$PATH' > /etc/profile.d/x.sh\"\nUSER ci", true),
    ("RUN sed -i 's#:/usr/games#:/usr/games:/opt/x/bin#' /etc/profile\nUSER ci", true),
    ("RUN rm /etc/profile\nUSER ci", true),
    ("RUN echo 'if [ -d /usr ]; then PATH=/opt/x/bin:$PATH; fi' > /etc/profile.d/x.sh\nUSER ci", true),
    (
        "USER ci\nRUN echo '. /etc/more' >> ~/.profile\nUSER root\nRUN echo 'PATH=/opt/x/bin:$PATH' > /etc/more\nUSER ci",
        true,
    ),
    ("ARG WHERE=/etc/profile.d\nRUN echo 'export PATH=/opt/x/bin:$PATH' > ${WHERE}/x.sh\nUSER ci", true),
    (
        "SHELL [\"/bin/bash\", \"-euo\", \"pipefail\", \"-c\"]\nRUN echo 'export PATH=/opt/x/bin:$PATH' > /etc/profile.d/x.sh\nUSER ci",
        true,
    ),
    ("RUN echo 'PATH=/opt/x/bin:/usr/bin:/bin' >> /etc/environment\nUSER ci", false),
    ("RUN echo 'export PATH=/opt/x/bin:$PATH' >> ~/.bash_profile\nUSER ci", false),
    ("RUN echo 'export PATH=/opt/x/bin:$PATH' > /etc/profile.d/x.conf\nUSER ci", false),
    ("RUN echo 'export PATH=/opt/y/bin:$PATH' > /etc/profile.d/x.sh\nUSER ci", false),
    ("USER ci\nRUN echo '# export PATH=/opt/x/bin:$PATH' >> ~/.profile", false),
    ("USER ci\nRUN echo 'export PATH=/opt/x/bin:$PATH' >> ~/.zprofile", false),
    ("USER ci\nRUN export PATH=/opt/x/bin:$PATH && echo done > ~/log", false),
    ("USER ci\nRUN echo 'export PATH=/opt/x/bin:$PATH' >> ~/.bashrc\nRUN echo : > ~/.bash_profile", false),
    ("SHELL [\"/bin/bash\", \"-lc\"]\nRUN true\nUSER ci", false),
    ("ENV BASH_ENV=/etc/for-scripts\nRUN echo 'export PATH=/opt/x/bin:$PATH' > /etc/for-scripts\nUSER ci", false),
];

/// The folders that the image set and a login lost; those for root are nobody's loss.
fn lost(image: &Image) -> Vec<String> {
    let login = Login::to(image, &["PATH"]);
    let there: Vec<_> = login.path().split(':').collect();
    let set = image.environment()["PATH"].split(':');
    set.filter(|folder| !there.contains(folder) && !folder.ends_with("/sbin") && *folder != "/sbin")
        .map(str::to_owned)
        .collect()
}

/// What is said of a Dockerfile.
struct Said {
    report: Report,
    text: String,
}

impl Said {
    #[track_caller]
    fn of(text: &str) -> Self {
        let home = Home::new();
        home.write("Dockerfile", text, 0o644);
        let report = Report::of(home.cci_ssh(["lint", "--dockerfile", "Dockerfile", "--format", "json"]));
        Self { report, text: text.to_owned() }
    }

    /// Whether a login shell loses something; None where that is not known.
    fn loses(&self) -> Option<bool> {
        let unknown = self.report.json["unknown"].as_array().is_some_and(|unknown| !unknown.is_empty());
        let found = self.report.first().is_some_and(|finding| finding.text("check") == "dockerfile-env-reset");
        if unknown { None } else { Some(found) }
    }

    fn subject(&self) -> &Value {
        &self.report.first().expect("something was found").0["subject"]
    }

    /// The Dockerfile with the printed lines where they belong.
    fn mended(&self) -> String {
        let fixes = self.report.first().expect("something was found").0["fixes"].as_array().into_iter().flatten();
        let lines = fixes.flat_map(|fix| fix["commands"].as_array().into_iter().flatten()).filter_map(Value::as_str);
        let behind = self.subject()["behind_line"].as_u64().and_then(|line| usize::try_from(line).ok());
        let mut all: Vec<_> = self.text.lines().collect();
        let behind = behind.filter(|line| *line <= all.len()).unwrap_or_else(|| panic!("{}", self.report));
        all.splice(behind..behind, lines);
        all.join("\n") + "\n"
    }

    /// With the printed lines nothing is lost, and nothing more is said.
    fn is_mended(&self, unknown: bool) -> Option<Result<(), String>> {
        let mended = self.mended();
        let left = lost(&Image::from_dockerfile(&mended)?);
        if !left.is_empty() {
            return Some(Err(format!("{left:?} is still lost with\n{mended}")));
        }
        let again = Self::of(&mended);
        let silent = again.loses().map_or(unknown, |loses| !loses);
        Some(if silent { Ok(()) } else { Err(format!("{mended}\n{}", again.report)) })
    }
}

/// What is said of this is true, with `helps` for an image whose login shells have everything; where it may be `unknown`, that
/// is no fault. None: there are no images here.
fn is_true(text: &str, keeps: bool, unknown: bool) -> Option<Result<(), String>> {
    let lost = lost(&Image::from_dockerfile(text)?);
    let said = Said::of(text);
    let wrong = |what: &str| Some(Err(format!("{what}\n{text}\nlost {lost:?}\n{}", said.report)));
    if lost.is_empty() != keeps {
        return wrong("another situation than was meant");
    }
    match said.loses() {
        None if unknown => return Some(Ok(())),
        Some(loses) if loses == keeps => return wrong("not what a login finds"),
        None => return wrong("it is not known"),
        Some(false) => return Some(Ok(())),
        Some(true) => {}
    }
    let folders: Vec<_> =
        said.subject()["folders"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if lost.iter().any(|folder| !folders.contains(&folder.as_str())) {
        return wrong("other folders than those that a login lacks");
    }
    said.is_mended(unknown)
}

/// All of these hold.
#[track_caller]
fn all_hold<'a>(all: impl IntoIterator<Item = (&'a str, String, bool)>, unknown: bool) {
    let mut wrong = Vec::new();
    for (name, text, keeps) in all {
        let Some(held) = is_true(&text, keeps, unknown) else { return };
        wrong.extend(held.err().map(|why| format!("{name}: {why}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn what_a_login_loses_is_named_and_given_back() {
    all_hold(CASES.iter().filter(|case| case.loses).map(|case| (case.name, case.text.to_owned(), false)), false);
}

#[test]
fn images_that_have_it_right_are_not_spoken_of() {
    all_hold(CASES.iter().filter(|case| !case.loses).map(|case| (case.name, case.text.to_owned(), true)), false);
}

#[test]
fn what_people_try_is_told_from_what_helps() {
    let text = |attempt: &str| {
        format!(
            "FROM debian:12\nRUN useradd -m -s /bin/bash ci\nENV PATH=/opt/x/bin:$PATH\n{attempt}\nCMD [\"bash\"]\n"
        )
    };
    all_hold(ATTEMPTS.map(|(attempt, helps)| (attempt, text(attempt), helps)), true);
}

/// A folder that has what no folder should have is restored all the same.
#[test]
fn odd_folders() {
    let folders = ["/opt/it's/bin", "/opt/a b/bin", "/opt/\\$HOME/bin", "/opt/`id`/bin", "/opt/\u{e9}/bin"];
    let text = |folder: &str| format!("FROM debian:12\nENV PATH=\"{folder}:$PATH\"\n");
    all_hold(folders.map(|folder| (folder, text(folder), false)), true);
}

#[test]
fn line_ends_of_windows() {
    let text = "FROM debian:12\r\nENV PATH=/opt/x/bin:$PATH\r\nRUN true\r\n";
    let said = Said::of(text);
    assert_eq!((said.loses(), said.subject()["behind_line"].as_u64()), (Some(true), Some(2)), "{}", said.report);
    assert_eq!(said.subject()["folders"][0], "/opt/x/bin", "{}", said.report);
}

/// A base that nobody knows, and a file of the context that nobody has.
#[test]
fn what_cannot_be_known_is_not_said() {
    for text in [
        "FROM registry.example.com/team/base:3\nENV PATH=/opt/x/bin:$PATH\n",
        "ARG BASE\nFROM ${BASE}\nENV PATH=/opt/x/bin:$PATH\n",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nCOPY profile.sh /etc/profile.d/\n",
        "FROM debian:12\nENV PATH=/opt/x/bin:$PATH\nRUN curl -fsSL https://example.com/install.sh | bash\nRUN ./setup-profile\n",
    ] {
        let said = Said::of(text);
        let certain = said.report.first().map(|finding| finding.text("confidence").to_owned());
        assert_ne!(certain.as_deref(), Some("certain"), "{text}\n{}", said.report);
    }
}
