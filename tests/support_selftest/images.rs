//! The image of a job: what its sessions are, and that its families' profiles do what those of the distributions do.

use std::path::Path;

use crate::home;
use crate::support::home::Home;
use crate::support::image::{FAMILIES, Image};
use crate::support::job_server::{JobServer, Options};
use crate::support::process::expect_end;

/// What an image puts in front of PATH.
const TOOLS: &str = "/opt/tools/bin:$PATH";

struct Job {
    home: Home,
    server: JobServer,
}

impl Job {
    fn of(image: &Image) -> Self {
        let mut home = home();
        let key = home.keygen(".ssh/id_ed25519", "ed25519");
        let server = JobServer::start(Options::authorizing([key.public.as_str()]).inside(image));
        home.known_hosts(&server.known_hosts_line());
        Self { home, server }
    }

    /// What a command says that is run without a shell.
    fn says(&self, command: &str) -> String {
        let port = self.server.port().to_string();
        self.home.ssh(["-p", &port, "127.0.0.1", command]).stdout
    }

    /// The value of a variable in a shell that somebody types in.
    #[track_caller]
    fn typed(&self, variable: &str) -> String {
        let line = format!("printf '%s<%s>\\n' typed \"${variable}\"; exit\n");
        let seen = self.home.paste(&format!("ssh -p {} 127.0.0.1", self.server.port()), &[("", &line)]);
        let value = seen.output.split("typed<").nth(1).and_then(|rest| rest.split_once('>'));
        value.unwrap_or_else(|| panic!("{seen:#?}")).0.to_owned()
    }
}

#[test]
fn each_family_sets_the_path_of_a_login_as_its_distribution_does() {
    let mine = "/opt/tools/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
    let snap = format!("{mine}:/snap/bin");
    let homes = format!("/home/ana/.local/bin:/home/ana/bin:{mine}");
    let roots = format!("/root/.local/bin:/root/bin:{mine}");
    let expected = [
        ("debian", "ana", "/usr/local/bin:/usr/bin:/bin:/usr/local/games:/usr/games"),
        ("debian", "root", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("ubuntu", "ana", &snap),
        ("alpine_old", "ana", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("alpine", "ana", mine),
        ("redhat", "ana", &homes),
        ("redhat", "root", mine),
        ("suse", "ana", "/usr/local/bin:/usr/bin:/bin"),
        ("suse", "root", "/sbin:/usr/sbin:/usr/local/sbin:/usr/local/bin:/usr/bin:/bin"),
        ("arch", "ana", mine),
    ];
    assert!(FAMILIES.iter().all(|family| expected.iter().any(|one| one.0 == family.name)));
    assert_ne!(roots, homes);
    for (family, user, path) in expected {
        let Some(image) = Image::of(family).user(user).env("PATH", TOOLS).make() else { return };
        let job = Job::of(&image);
        assert_eq!(job.typed("PATH"), path, "{family} {user}");
        assert_eq!(job.says("printenv PATH").trim_end(), mine, "{family} {user}: a command has what the image set");
    }
}

#[test]
fn a_session_is_the_users_own() {
    let Some(image) = Image::debian().user("circleci").env("GREETING", "two\nlines").make() else { return };
    let job = Job::of(&image);
    assert_eq!(job.says("id"), "uid=3434(circleci) gid=3434(circleci) groups=3434(circleci)\n");
    assert_eq!(job.says("pwd"), "/home/circleci\n");
    assert_eq!(job.says("printenv HOME GREETING"), "/home/circleci\ntwo\nlines\n");
    assert_eq!(job.says("ls -A"), ".bash_logout\n.bashrc\n.profile\n");
    assert_eq!(job.says("export X=1"), "Error: exec: \"export\": executable file not found in $PATH\n");
    assert_eq!(job.says("sh -c 'echo x > /dev/null && echo written'"), "written\n");
    assert!(!job.says("cat /etc/passwd").contains("daemon"), "the machine's own users are not there");
    assert_eq!(job.says("touch /etc/mine; true"), "", "the user is not root");
    assert!(!Path::new("/etc/mine").exists() && !image.folder().join("etc/mine").exists());
    let folder = image.folder().to_owned();
    drop((image, job));
    assert!(!folder.exists(), "nothing is left");
}

#[test]
fn what_is_left_running_ends_with_the_image() {
    let Some(image) = Image::debian().user("circleci").make() else { return };
    let job = Job::of(&image);
    assert_eq!(job.says("sh -c 'sleep 60 >/dev/null 2>&1 & echo $!'").trim().parse::<u32>().map(|_| ()), Ok(()));
    assert_eq!(image.processes().len(), 1);
    let pid = job.says("sh -c 'sleep 60 >/dev/null 2>&1 & echo $!'");
    drop((image, job));
    expect_end(&pid);
}

#[test]
fn somebody_sees_a_prompt() {
    let Some(image) = Image::debian().user("circleci").make() else { return };
    let job = Job::of(&image);
    let line = format!("ssh -p {} 127.0.0.1", job.server.port());
    let answers = [("circleci@", "echo made-$((20+22)) in $0\r"), ("made-42 in", "exit 7\r")];
    job.home.paste(&line, &answers).expect_code(7);
    assert_eq!((job.server.record().ptys, job.server.record().shells), (1, 1));
}

#[test]
fn small_images_have_what_alpine_has() {
    let Some(image) = Image::alpine().user("circleci").make() else { return };
    let job = Job::of(&image);
    assert_eq!(job.says("bash -c true"), "Error: exec: \"bash\": executable file not found in $PATH\n");
    assert_eq!(job.typed("PAGER"), "less");
    assert_eq!(image.read("/etc/passwd").lines().last(), Some("circleci:x:3434:3434::/home/circleci:/bin/sh"));
    let Some(image) = Image::alpine().program("bash").user("circleci").make() else { return };
    assert_ne!(Job::of(&image).typed("BASH_VERSION"), "");
}

#[test]
fn a_package_brings_another_shell() {
    let builder = Image::debian().package("zsh").run("useradd -m -s /bin/zsh ana").user("ana");
    let Some(image) = builder.home_file(".zprofile", "export FROM_ZSH=$ZSH_VERSION\n").make() else { return };
    assert_ne!(Job::of(&image).typed("FROM_ZSH"), "");
}

#[test]
fn images_that_lack_what_everybody_has() {
    let Some(image) = Image::debian().user("circleci").without("env").without("sh").make() else { return };
    let job = Job::of(&image);
    assert_eq!(job.says("env"), "Error: exec: \"env\": executable file not found in $PATH\n");
    assert_eq!(job.says("/bin/sh -c true"), "Error: exec: \"/bin/sh\": stat /bin/sh: no such file or directory\n");
    assert_eq!(job.says("echo still"), "still\n");
}

#[test]
fn lines_are_run_as_docker_runs_them() {
    let Some(image) = Image::debian().env("GREETING", "hello").user("circleci").make() else { return };
    image.run("echo \"export GREETING='$GREETING again'\" >> ~/.profile && pwd > ~/where && id -un >> ~/where");
    assert_eq!(image.read("/home/circleci/where"), "/\ncircleci\n");
    assert!(!image.try_run("echo no > /etc/passwd").success(), "the user cannot do what root can");
    assert_eq!(Job::of(&image).typed("GREETING"), "hello again");
}

const DOCKERFILE: &str = r#"# syntax=docker/dockerfile:1
ARG BASE=debian:12
FROM golang:1.23 AS build
RUN exit 1
FROM ${BASE}-slim AS base
ARG USER_ID=2000
RUN useradd --create-home --shell /bin/bash \
  # who the job runs as
  --uid ${USER_ID:-2000} \
  worker
ENV TOOLS=/opt/tools \
    PLACES="a b"
FROM base
ENV TOOLS=/opt/other PATH=$TOOLS/bin:${PATH}
ENV OLD the old form
COPY --chmod=644 <<EOF /etc/profile.d/tools.sh
export FROM_FILE=yes
EOF
COPY --from=build /go/bin/thing /usr/local/bin/
USER worker
WORKDIR /home/worker/project
RUN <<'EOF'
pwd > ~/where
EOF
RUN cat >> ~/where <<EOF
$TOOLS
EOF
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
RUN [[ -n $PLACES ]] && echo bash >> ~/where
CMD ["bash"]
"#;

#[test]
fn a_dockerfile_makes_an_image() {
    let Some(image) = Image::from_dockerfile(DOCKERFILE) else { return };
    assert_eq!(image.user().uid, 2000);
    assert_eq!(image.read("/home/worker/where"), "/home/worker/project\n/opt/other\nbash\n");
    let set = image.environment();
    assert_eq!((set["PLACES"].as_str(), set["OLD"].as_str()), ("a b", "the old form"));
    assert!(set["PATH"].starts_with("/opt/tools/bin:/usr/local/sbin:"), "a value is not seen before the next line");
    let job = Job::of(&image);
    assert_eq!(job.typed("FROM_FILE"), "yes");
    assert_eq!(job.says("pwd"), "/home/worker\n");
}
