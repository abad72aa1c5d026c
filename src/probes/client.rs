//! The ssh programs on PATH, and whether the first of them works.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use super::{config::Asked, text};
use crate::{
    facts::{Client, ClientFailure, Fact, Program, Seen, Version},
    ssh::version::{self, Ability, NotOpenSsh, OpenSsh, Vendor},
    system::{Platform, Ran, Run, System},
};

/// Bytes read of a script.
const SCRIPT_CAP: u64 = 64 * 1024;

/// Looks at the programs; `asked` is what the first of them said about its configuration, which begins with its version.
/// If it did not, it is asked again with nothing but `-V`, for at most `limit`.
pub fn look(system: &dyn System, programs: &[PathBuf], asked: &Asked, limit: Duration) -> Client {
    let Some(first) = programs.first() else {
        let why = "no program called ssh is on PATH";
        return Client { usable: Fact::unknown(why), ..Client::without_version(why) };
    };
    let told = match &asked.effective.version {
        Some(version) => Ok(version.clone()),
        None => version_alone(system, first, limit),
    };
    let mut client = match told {
        Ok(openssh) => told_by(&openssh, system.platform() == Platform::Macos),
        Err(failure) => {
            let why = format!("the ssh program did not tell its version: {}", failure.text);
            // Another program may work all the same, but not with what is known about OpenSSH.
            Client { usable: false.into(), failure: Some(failure), ..Client::without_version(&why) }
        }
    };
    client.found = true;
    client.path = Some(text::path(first));
    client.programs = listed(system, programs);
    client.script = script(system, first);
    if client.script.is_some() {
        let is_script = |path: &&PathBuf| script(system, path).is_some();
        client.behind_script = programs.iter().skip_while(is_script).map(|path| text::path(path)).next();
    }
    client.tells_configuration = !asked.effective.options.is_empty() || !asked.effective.errors.is_empty();
    client
}

/// The line of a script that names ssh, or its first line; `None` for a program that is none.
fn script(system: &dyn System, program: &Path) -> Option<Seen> {
    // A look at how it begins is enough for a program.
    if system.read(program, 2).ok()? != b"#!" {
        return None;
    }
    let bytes = system.read(program, SCRIPT_CAP).ok()?;
    let script = String::from_utf8_lossy(&bytes);
    let runs_ssh = |line: &str| {
        let mut words = line.split(|c: char| c.is_whitespace() || "\"'$(){};=".contains(c));
        !line.starts_with('#') && words.any(|word| word.rsplit('/').next().is_some_and(|name| name == "ssh"))
    };
    let numbered = || script.lines().map(str::trim).enumerate();
    let (index, line) = numbered().find(|(_, line)| runs_ssh(line)).or_else(|| numbered().next())?;
    Some(Seen { source: text::path(program), line: Some(index + 1), text: text::clean(line) })
}

/// The program as far as its version tells; `macos`: it runs there.
pub(super) fn told_by(openssh: &OpenSsh, macos: bool) -> Client {
    // The library's name and number, without its date.
    let crypto = openssh.crypto_text.as_deref();
    let crypto = crypto.map(|text| text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")).map(text::clean);
    Client {
        found: true,
        usable: true.into(),
        version_text: text::clean(&openssh.text).into(),
        version: Version { major: openssh.version.major, minor: openssh.version.minor }.into(),
        vendor: vendor(openssh, macos).to_owned().into(),
        crypto,
        signs_rsa_sha2: openssh.version.has(Ability::RsaSha2).into(),
        refuses_sha1: (!openssh.version.has(Ability::RsaSha1ByDefault)).into(),
        accepts_new_hosts: openssh.version.has(Ability::AcceptNew).into(),
        too_old: (!openssh.version.has(Ability::RsaSha2)).into(),
        ..Client::default()
    }
}

fn vendor(openssh: &OpenSsh, macos: bool) -> &'static str {
    let vendor = if macos { openssh.vendor_on_macos() } else { openssh.vendor };
    match vendor {
        Vendor::Openssh => "openssh",
        Vendor::Debian | Vendor::Raspbian => "debian",
        Vendor::Ubuntu => "ubuntu",
        Vendor::Apple => "apple",
        Vendor::Windows => "windows",
        Vendor::Freebsd | Vendor::Other => "other",
    }
}

/// Every program once, by where its links lead.
fn listed(system: &dyn System, programs: &[PathBuf]) -> Vec<Program> {
    let mut all: Vec<Program> = Vec::new();
    for path in programs {
        let resolved = text::path(&system.canonical(path).unwrap_or_else(|_| path.clone()));
        if all.iter().all(|program| program.resolved != resolved) {
            all.push(Program { path: text::path(path), resolved });
        }
    }
    all
}

fn version_alone(system: &dyn System, program: &Path, limit: Duration) -> Result<OpenSsh, ClientFailure> {
    let failure = |kind: &str, text: String| ClientFailure { kind: kind.to_owned(), text };
    let run = Run {
        program,
        args: vec!["-V".into()],
        env: vec![("LC_ALL", Some("C".into()))],
        timeout: limit,
        cap: 16 * 1024,
        stop: None,
    };
    let ran = match system.run(&run) {
        Ok(ran) => ran,
        Err(error) => return Err(failure("did-not-start", text::clean(error.to_string()))),
    };
    let said = [ran.stderr.as_slice(), b"\n", ran.stdout.as_slice()].concat();
    let said = String::from_utf8_lossy(&said);
    match version::parse(&said) {
        Ok(openssh) => Ok(openssh),
        Err(NotOpenSsh::Other { text, .. }) => Err(failure("not-openssh", text::clean(text))),
        Err(_) => Err(failure(kind(&ran, &said), first_line(&ran, &said))),
    }
}

/// What kept it from telling its version, by the words of the loaders (glibc, musl, dyld) and OpenSSH's own check.
fn kind(ran: &Ran, said: &str) -> &'static str {
    const STATUS_DLL_NOT_FOUND: i32 = 0xC000_0135_u32.cast_signed();
    let lower = said.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if ran.timed_out {
        "no-answer"
    } else if has(&["openssl version mismatch"]) {
        "openssl-mismatch"
    } else if ran.code == Some(STATUS_DLL_NOT_FOUND)
        || has(&[
            "shared librar",
            "library not loaded",
            "shared object file",
            "symbol not found",
            "symbol lookup error",
        ])
        || has(&["error relocating"])
    {
        "library-missing"
    } else if ran.code.is_none() || lower.trim().is_empty() {
        "did-not-start"
    } else {
        "not-openssh"
    }
}

fn first_line(ran: &Ran, said: &str) -> String {
    match said.lines().map(text::clean).find(|line| !line.is_empty()) {
        Some(line) => line,
        None if ran.timed_out => "it did not answer in time".to_owned(),
        None => ran.code.map_or_else(|| "a signal ended it".to_owned(), |code| format!("it ended with code {code}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::recorded::Recorded;

    fn machine(platform: Platform, stderr: &'static str, code: Option<i32>) -> Recorded {
        Recorded::new(platform).program("/usr/bin/ssh").answer("/usr/bin/ssh", move |args| {
            (args == ["-V"]).then(|| Ran { code, stderr: stderr.into(), ..Ran::default() })
        })
    }

    fn seen(system: &Recorded) -> Client {
        look(system, &system.programs("ssh"), &Asked::nothing("not asked"), Duration::from_secs(1))
    }

    #[test]
    fn versions_of_macs_windows_and_linux() {
        let apple = seen(&machine(Platform::Macos, "OpenSSH_9.8p1, LibreSSL 3.3.6\n", Some(0)));
        assert!(apple.vendor.is(&"apple".into()) && apple.refuses_sha1.is(&true) && apple.usable.is(&true));
        assert_eq!(apple.crypto.as_deref(), Some("LibreSSL 3.3.6"));
        let homebrew = seen(&machine(Platform::Macos, "OpenSSH_10.0p2, OpenSSL 3.5.0 8 Apr 2025\n", Some(0)));
        assert!(homebrew.vendor.is(&"openssh".into()) && homebrew.version.is(&Version { major: 10, minor: 0 }));
        let windows = seen(&machine(Platform::Windows, "OpenSSH_for_Windows_8.1p1, LibreSSL 3.0.2\r\n", Some(0)));
        assert!(windows.vendor.is(&"windows".into()) && windows.refuses_sha1.is(&false));
        let old = seen(&machine(Platform::Linux, "OpenSSH_6.6.1p1, OpenSSL 1.0.1e-fips 11 Feb 2013\n", Some(0)));
        assert!(old.too_old.is(&true) && old.signs_rsa_sha2.is(&false));
    }

    #[test]
    fn each_way_not_to_work() {
        let kind = |text, code| seen(&machine(Platform::Linux, text, code)).failure.expect("it failed").kind;
        assert_eq!(
            kind("OpenSSL version mismatch. Built against 30000070, you have 30200020\n", Some(255)),
            "openssl-mismatch"
        );
        assert_eq!(
            kind(
                "ssh: error while loading shared libraries: libcrypto.so.1.1: cannot open shared object file\n",
                Some(127)
            ),
            "library-missing"
        );
        assert_eq!(kind("dyld[1]: Library not loaded: /opt/x.dylib\n", None), "library-missing");
        assert_eq!(kind("Dropbear v2022.83\n", Some(1)), "not-openssh");
        assert_eq!(kind("usage: ssh HOST\n", Some(1)), "not-openssh");
        assert_eq!(kind("", None), "did-not-start");
        let silent = Recorded::new(Platform::Linux)
            .program("/usr/bin/ssh")
            .answer("/usr/bin/ssh", |_| Some(Ran { timed_out: true, ..Ran::default() }));
        assert_eq!(seen(&silent).failure.expect("it failed").kind, "no-answer");
        let broken = seen(&Recorded::new(Platform::Linux).program("/usr/bin/ssh"));
        assert_eq!(broken.failure.expect("it failed").kind, "did-not-start");
        let none = seen(&Recorded::new(Platform::Linux));
        assert!(!none.found && none.failure.is_none() && none.version.known().is_none());
    }

    #[test]
    fn a_script_that_runs_ssh() {
        let text = "#!/bin/sh\n# ssh with the company's key\nexec /usr/bin/ssh -i /corp/key \"$@\"\n";
        let machine = machine(Platform::Linux, "OpenSSH_9.2p1\n", Some(0)).file("/home/ana/bin/ssh", 0o755, text);
        let programs = ["/home/ana/bin/ssh".into(), "/usr/bin/ssh".into()];
        let client = look(&machine, &programs, &Asked::nothing("not asked"), Duration::from_secs(1));
        let script = client.script.expect("it begins as one");
        assert_eq!((script.line, script.text.as_str()), (Some(3), "exec /usr/bin/ssh -i /corp/key \"$@\""));
        assert_eq!(client.behind_script.as_deref(), Some("/usr/bin/ssh"));
    }

    #[test]
    fn the_same_program_is_listed_once() {
        let two = machine(Platform::Linux, "OpenSSH_9.2p1\n", Some(0)).link("/bin", "/usr/bin");
        let programs = ["/usr/bin/ssh".into(), "/bin/ssh".into()];
        let client = look(&two, &programs, &Asked::nothing("not asked"), Duration::from_secs(1));
        assert_eq!(client.programs.len(), 1);
    }
}
