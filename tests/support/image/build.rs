//! Makes an image step by step, as a Dockerfile does.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::packages;
use super::root::Root;
use super::{FAMILIES, Family, Image, User, expand, obstacle};

/// The PATH that Docker gives to every image, before any ENV.
const FIRST_PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// An image in the making: what is asked for, in order.
#[derive(Clone, Debug)]
pub(crate) struct Builder {
    family: &'static str,
    steps: Vec<Step>,
}

#[derive(Clone, Debug)]
enum Step {
    User(String),
    Env(String, String),
    File(String, String),
    Script(String, String),
    HomeFile(String, String),
    Program(String),
    Package(String),
    Without(String),
    Run(String),
}

impl Builder {
    pub(super) fn of(family: &'static str) -> Self {
        Self { family, steps: Vec::new() }
    }

    fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// `USER name`; somebody who is not there yet is made as with useradd, with uid 3434 and bash.
    pub(crate) fn user(self, name: &str) -> Self {
        self.step(Step::User(name.to_owned()))
    }

    /// `ENV name=value`, where `$PATH` and the like stand for what was set before.
    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        self.step(Step::Env(name.to_owned(), value.to_owned()))
    }

    /// A file of root's.
    pub(crate) fn file(self, path: &str, text: &str) -> Self {
        self.step(Step::File(path.to_owned(), text.to_owned()))
    }

    /// A file in /etc/profile.d.
    pub(crate) fn profile_d(self, name: &str, text: &str) -> Self {
        self.file(&format!("/etc/profile.d/{name}"), text)
    }

    /// A file below the home of the user at this point.
    pub(crate) fn home_file(self, path: &str, text: &str) -> Self {
        self.step(Step::HomeFile(path.to_owned(), text.to_owned()))
    }

    /// One more program, such as bash where there was none.
    pub(crate) fn program(self, name: &str) -> Self {
        self.step(Step::Program(name.to_owned()))
    }

    /// A Debian package with its files and the libraries that they want; nothing of it is run.
    pub(crate) fn package(self, name: &str) -> Self {
        self.step(Step::Package(name.to_owned()))
    }

    /// A script in the place of a program.
    pub(crate) fn script(self, name: &str, text: &str) -> Self {
        self.step(Step::Script(name.to_owned(), text.to_owned()))
    }

    /// Without a program that its family has.
    pub(crate) fn without(self, program: &str) -> Self {
        self.step(Step::Without(program.to_owned()))
    }

    /// `RUN line`, as the user at this point.
    pub(crate) fn run(self, line: &str) -> Self {
        self.step(Step::Run(line.to_owned()))
    }

    /// The image. None, with a printed line: there can be none here.
    #[track_caller]
    pub(crate) fn make(&self) -> Option<Image> {
        let family = FAMILIES.iter().find(|family| family.name == self.family).expect("a family");
        let mut image = start(family)?;
        for step in &self.steps {
            match step {
                Step::User(name) => image.become_user(name),
                Step::Env(name, value) => image.set(name, value),
                Step::File(path, text) => image.write(path, text),
                Step::Script(name, text) => image.root.script(&format!("/usr/bin/{name}"), text.as_bytes()),
                Step::HomeFile(path, text) => image.write_home(path, text),
                Step::Program(name) => image.root.add(name),
                Step::Package(name) => image.root.unpack(&packages::folder(name)?),
                Step::Without(program) => image.root.remove_program(program),
                Step::Run(line) => {
                    image.run(line);
                }
            }
        }
        Some(image)
    }
}

/// The family's image as it is pulled: root, and nothing set but PATH.
pub(super) fn start(family: &Family) -> Option<Image> {
    if let Some(why) = obstacle() {
        super::super::skipped(why);
        return None;
    }
    let root = Root::make(family);
    Some(Image {
        user: root.user("root").expect("everybody has it"),
        environment: BTreeMap::from([("PATH".to_owned(), FIRST_PATH.to_owned())]),
        folder: "/".to_owned(),
        shell: vec!["/bin/sh".to_owned(), "-c".to_owned()],
        root: Arc::new(root),
    })
}

impl Image {
    /// ENV, for everything after it.
    pub(super) fn set(&mut self, name: &str, value: &str) {
        let value = expand::expand(value, |other| self.environment.get(other).cloned());
        self.environment.insert(name.to_owned(), value);
    }

    /// USER, who is made where there is no such user.
    pub(super) fn become_user(&mut self, name: &str) {
        if self.root.user(name).is_none() {
            self.switch("root");
            // With bash where there is one, as images of CircleCI's have it.
            self.run(&format!("useradd -m -u 3434 -s $(command -v bash || echo /bin/sh) {name}"));
        }
        self.switch(name);
    }

    /// USER, for everything after it.
    #[track_caller]
    pub(super) fn switch(&mut self, name: &str) {
        self.user = self.root.user(name).unwrap_or_else(|| panic!("the image has no user {name}"));
    }

    /// WORKDIR, which is made where there is none.
    pub(super) fn enter(&mut self, folder: &str) {
        self.folder = self.absolute(folder);
        self.root.make_folder(&self.folder, 0o755, None);
    }

    /// SHELL, for the RUN lines after it.
    pub(super) fn run_with(&mut self, shell: Vec<String>) {
        self.shell = shell;
    }

    /// A file of the build's.
    pub(super) fn put(&self, path: &str, text: &str) {
        self.write(&self.absolute(path), text);
    }

    fn absolute(&self, path: &str) -> String {
        if path.starts_with('/') { path.to_owned() } else { format!("{}/{path}", self.folder) }
    }
}
