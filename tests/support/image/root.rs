//! The folder that is an image's root.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::snapshot;
use super::pool::{Pool, libraries, pool};
use super::{Family, User};
use rustix::process::{Pid, Signal, kill_process};

/// Where every image has an env(1) that is none of its programs: it is how a session gets to the user's home.
pub(super) const ENV: &str = "/.job/env";

/// What the names that Dockerfiles install with do here: nothing, since all that there is is there.
const INSTALLERS: [&str; 6] = ["apt-get", "apk", "dnf", "yum", "zypper", "pacman"];

#[derive(Debug)]
pub(super) struct Root {
    folder: tempfile::TempDir,
}

impl Root {
    pub(super) fn make(family: &Family) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("image")
            .permissions(Permissions::from_mode(0o755))
            .tempdir_in(env!("CARGO_TARGET_TMPDIR"))
            .expect("a folder below target/");
        let root = Self { folder };
        for path in ["/usr/bin", "/usr/sbin", "/usr/local/bin", "/etc/profile.d", "/etc/skel", "/home", "/.job", "/dev"]
        {
            root.make_folder(path, 0o755, None);
        }
        root.make_folder("/root", 0o700, None);
        root.make_folder("/tmp", 0o1777, None);
        for (name, to) in [("bin", "usr/bin"), ("sbin", "usr/sbin")] {
            symlink(to, root.path().join(name)).expect("a link below target/");
        }
        root.write("/etc/passwd", format!("root:x:0:0:root:/root:/bin/{}\n", family.shell()).as_bytes(), None);
        root.write("/etc/group", b"root:x:0:\n", None);
        root.fill(family);
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/image/families").join(family.name);
        copy_tree(&source, root.path(), Some(0o644));
        root
    }

    fn fill(&self, family: &Family) {
        let pool = pool();
        for (path, copy) in pool.libraries() {
            let to = self.path().join(path);
            fs::create_dir_all(to.parent().expect("a folder")).expect("a folder below target/");
            link(&copy, &to);
        }
        link(&pool.program("env").expect("it is needed"), &self.at(ENV));
        for device in ["null", "zero", "urandom"] {
            link(&pool.device(device), &self.at("/dev").join(device));
        }
        match pool.busybox.as_ref().filter(|_| family.small) {
            Some(busybox) => self.fill_small(busybox),
            None => self.fill_large(pool, family),
        }
        for name in ["useradd", "adduser"] {
            self.script(&format!("/usr/sbin/{name}"), include_bytes!("useradd"));
        }
        for name in INSTALLERS {
            symlink("../bin/true", self.at("/usr/sbin").join(name)).expect("a link below target/");
        }
    }

    fn fill_large(&self, pool: &Pool, family: &Family) {
        for name in pool.names().filter(|name| *name != "bash" || !family.small) {
            self.add(name);
        }
        symlink("dash", self.at("/usr/bin/sh")).expect("a link below target/");
        // Where there is no dash of its own, sh is bash.
        if ["redhat", "suse", "arch"].contains(&family.name) {
            self.remove_program("sh");
            symlink("bash", self.at("/usr/bin/sh")).expect("a link below target/");
        }
    }

    fn fill_small(&self, busybox: &Path) {
        link(busybox, &self.at("/usr/bin/busybox"));
        // Alpine's busybox has it, Debian's has not.
        self.add("printenv");
        let output = Command::new(busybox).arg("--list").output().expect("busybox can be run");
        for name in String::from_utf8_lossy(&output.stdout).lines() {
            if !["adduser", "addgroup", "busybox"].contains(&name) {
                symlink("busybox", self.at("/usr/bin").join(name)).expect("a link below target/");
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where a path of the image is on the machine.
    pub(super) fn at(&self, path: &str) -> PathBuf {
        self.path().join(path.trim_start_matches('/'))
    }

    /// One of the pool's programs.
    pub(super) fn add(&self, name: &str) {
        if let Some(copy) = pool().program(name) {
            let to = self.at("/usr/bin").join(name);
            let _ = fs::remove_file(&to);
            link(&copy, &to);
        }
    }

    /// Puts the files of an unpacked package in, as they are, and what its programs want besides.
    pub(super) fn unpack(&self, package: &Path) {
        copy_tree(package, self.path(), None);
        let programs = ["bin", "usr/bin", "usr/lib"].map(|folder| package.join(folder));
        let files = programs.iter().filter(|folder| folder.is_dir()).flat_map(|folder| {
            let files = snapshot::of(folder).into_iter().filter(|(_, what)| what.contains(" file of "));
            files.map(|(path, _)| folder.join(path)).collect::<Vec<_>>()
        });
        let files: Vec<_> = files.collect();
        for library in libraries(files.iter().map(PathBuf::as_path)) {
            let to = self.at(&library.to_string_lossy());
            if !to.exists() {
                fs::create_dir_all(to.parent().expect("a folder")).expect("a folder below target/");
                fs::copy(&library, &to).unwrap_or_else(|error| panic!("{}: {error}", library.display()));
            }
        }
    }

    /// A script that can be run, in the place of what is there.
    pub(super) fn script(&self, path: &str, text: &[u8]) {
        self.write(path, text, None);
        self.allow(path, 0o755);
    }

    pub(super) fn remove_program(&self, name: &str) {
        fs::remove_file(self.at("/usr/bin").join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    }

    /// A folder, with those on the way to it.
    pub(super) fn make_folder(&self, path: &str, mode: u32, owner: Option<&User>) {
        let folder = self.at(path);
        if folder.exists() {
            return;
        }
        if let Some((parent, _)) = path.trim_end_matches('/').rsplit_once('/') {
            self.make_folder(parent, 0o755, owner);
        }
        fs::create_dir(&folder).unwrap_or_else(|error| panic!("{path}: {error}"));
        self.allow(path, mode);
        self.give(&folder, owner);
    }

    pub(super) fn write(&self, path: &str, text: &[u8], owner: Option<&User>) {
        if let Some((parent, _)) = path.rsplit_once('/') {
            self.make_folder(parent, 0o755, owner);
        }
        let file = self.at(path);
        // What is there may be a program of the pool, which other images have as well.
        let _ = fs::remove_file(&file);
        fs::write(&file, text).unwrap_or_else(|error| panic!("{path}: {error}"));
        self.allow(path, 0o644);
        self.give(&file, owner);
    }

    /// What runs in it, by number and name.
    pub(super) fn processes(&self) -> Vec<(Pid, String)> {
        let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
        let inside = |entry: fs::DirEntry| {
            let pid = entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw)?;
            let root = fs::read_link(entry.path().join("root")).ok()?;
            let name = fs::read_to_string(entry.path().join("comm")).ok()?;
            (root == self.path()).then(|| (pid, name.trim().to_owned()))
        };
        entries.filter_map(inside).collect()
    }

    pub(super) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.at(path)).unwrap_or_default()
    }

    fn allow(&self, path: &str, mode: u32) {
        fs::set_permissions(self.at(path), Permissions::from_mode(mode)).expect("our own file");
    }

    fn give(&self, file: &Path, owner: Option<&User>) {
        if let Some(user) = owner {
            chown(file, Some(user.uid), Some(user.gid)).expect("root gives files away");
        }
    }

    /// Somebody in its /etc/passwd, by name or number.
    pub(super) fn user(&self, name: &str) -> Option<User> {
        let passwd = self.read("/etc/passwd");
        let found = passwd
            .lines()
            .map(|line| line.split(':').collect::<Vec<_>>())
            .find(|fields| fields.len() > 6 && [fields[0], fields[2]].contains(&name))?;
        let number = |text: &str| text.parse().expect("a number in /etc/passwd");
        Some(User {
            name: found[0].to_owned(),
            uid: number(found[2]),
            gid: number(found[3]),
            home: found[5].to_owned(),
            shell: found[6].to_owned(),
        })
    }
}

impl Drop for Root {
    /// Nothing runs on in a folder that is about to be gone, whoever has left it behind.
    fn drop(&mut self) {
        for (pid, _) in self.processes() {
            let _ = kill_process(pid, Signal::KILL);
        }
    }
}

impl Family {
    fn shell(&self) -> &'static str {
        if self.small { "sh" } else { "bash" }
    }
}

/// A second name for a file of the pool, or a copy where that is on another file system.
fn link(from: &Path, to: &Path) {
    if fs::hard_link(from, to).is_err() {
        fs::copy(from, to).unwrap_or_else(|error| panic!("{} to {}: {error}", from.display(), to.display()));
    }
}

/// Copies a folder's files; with a mode, whatever the checkout's modes are.
fn copy_tree(from: &Path, to: &Path, mode: Option<u32>) {
    for entry in fs::read_dir(from).unwrap_or_else(|error| panic!("{}: {error}", from.display())) {
        let entry = entry.expect("an entry of a folder");
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_symlink() {
            let _ = symlink(fs::read_link(&path).expect("a link"), &target);
        } else if path.is_dir() {
            if !target.exists() {
                fs::create_dir(&target).expect("a folder below target/");
            }
            copy_tree(&path, &target, mode);
        } else {
            fs::copy(&path, &target).expect("a file below target/");
            if let Some(mode) = mode {
                fs::set_permissions(&target, Permissions::from_mode(mode)).expect("our own file");
            }
        }
    }
}
