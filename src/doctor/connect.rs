//! The login that follows an examination: whether there is one, and with which words.
//!
//! A login that works stays what the user's ssh makes of it. What is added answers to something that was found: the key
//! that the server accepts where the plain command was refused, the host key that the job prints, a shell where the job has
//! none of its own, and options such as `RemoteCommand=none` where the configuration would leave nobody in a shell.

use std::path::PathBuf;

use super::{Diagnosis, DoctorError, Progress, Request, judge, look};
use crate::{
    facts::{
        Added, CommandShell, Document, Fact, Facts, Target, Version,
        infer::{self, Identity},
    },
    findings::Verdict,
    probes::pin::{self, Hold},
    ssh::public_key::PublicKey,
    system::System,
    target::{self, Asked, Typed},
};

/// The file with the one host key.
const KNOWN_HOSTS: &str = "known_hosts";

/// What was found on the way to a login.
#[derive(Debug, Clone)]
pub struct Examined {
    /// The diagnosis.
    pub diagnosis: Diagnosis,
    typed: Typed,
    facts: Facts,
    host_keys: Vec<PublicKey>,
    pinned: bool,
    program: Option<PathBuf>,
}

/// Why nobody is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoLogin {
    /// The job prints no command to log in with: the sentence says how it stands.
    NotPrinted(String),
    /// The diagnosis says why.
    Blocked,
}

/// The login, ready to be started.
#[derive(Debug, Clone, Default)]
pub struct Login {
    /// The ssh program.
    pub program: PathBuf,
    /// Variables to set.
    pub env: Vec<(&'static str, String)>,
    /// Files that have to be there while it runs: name and text.
    pub files: Vec<(String, String)>,
    /// The key that is named although ssh would not use it by itself.
    pub key: Option<String>,
    words: Vec<Word>,
}

/// A word after `ssh`.
#[derive(Debug, Clone)]
enum Word {
    Plain(String),
    /// Those about the host key in this file.
    KnownHosts(String, Fact<Version>),
    /// Those about the public key in this file.
    PublicKey(String),
}

/// Examines what somebody wants to log in to; `request.connect` has what they typed.
///
/// # Errors
/// As [`super::examine`].
pub fn examine_to_connect(
    system: &dyn System,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Examined, DoctorError> {
    let looked = look::look(system, request, progress);
    // The document is without passwords, which the login may need.
    let (shown, document) = Document::with(looked.facts.clone())?;
    Ok(Examined {
        diagnosis: judge(request, &shown, document),
        typed: request.connect.clone().unwrap_or_default(),
        facts: looked.facts,
        host_keys: looked.host_keys,
        pinned: looked.pinned,
        program: looked.program,
    })
}

impl Examined {
    /// The doctor's own login was let in, or would be once a person does their part.
    pub fn works(&self) -> bool {
        self.facts.login.known().is_some_and(|login| login.works)
    }

    /// The command line that was pasted is for a POSIX shell here.
    pub fn posix_shell(&self) -> bool {
        let machine = self.facts.machine.known();
        machine.is_some_and(|machine| machine.command_shell == CommandShell::Posix)
    }

    /// In the user's shell the word ssh means something else than the program.
    pub fn ssh_is_replaced(&self) -> bool {
        self.facts.terminal.known().is_some_and(|terminal| terminal.ssh_is_replaced)
    }

    /// The login, or why there is none. `shell` is the shell of Windows that the user wants.
    ///
    /// # Errors
    /// When nobody would be let in, or nothing is known of where to go.
    pub fn login(&self, shell: Option<&str>) -> Result<Login, NoLogin> {
        let typed = &self.typed;
        let Some(target) = self.facts.target.as_ref().filter(|target| !target.host.is_empty()) else {
            return Err(NoLogin::NotPrinted(self.how_the_job_stands()));
        };
        let identity = infer::identity(&self.facts);
        let another = target.enable_ssh.as_ref().is_some_and(|step| step.fingerprint_matches.is(&false));
        let hopeless = self.diagnosis.verdict == Verdict::Blocked && !self.works() && identity.is_none();
        let Some(program) = self.program.clone().filter(|_| !another && !hopeless) else {
            return Err(NoLogin::Blocked);
        };
        let mut login = Login { program, ..Login::default() };
        self.hold_to_the_host_key(target, &mut login);
        let remote = self.remote_command(target, shell);
        let named = identity.as_ref().is_some_and(|identity| identity.file.is_some() || identity.public.is_some());
        if let Some(identity) = identity {
            login.identify(identity);
        }
        if remote.terminal && !typed.session.iter().any(|word| word == "-t" || is_request_tty(word)) {
            login.plain(["-t"]);
        }
        login.plain(&typed.session);
        login.plain(if named { &target.ssh_args_without_identity } else { &target.ssh_args });
        if !remote.words.is_empty() {
            login.plain(["--"]);
            login.plain(&remote.words);
        }
        self.reach_a_shell(target, &mut login);
        Ok(login)
    }

    /// Sends ssh to the key whose fingerprint is printed, where it is known in full.
    fn hold_to_the_host_key(&self, target: &Target, login: &mut Login) {
        let Some(step) = target.enable_ssh.as_ref().filter(|step| self.pinned && step.fingerprint_matches.is(&true))
        else {
            return;
        };
        let printed = |key: &&PublicKey| {
            step.fingerprints.iter().any(|printed| printed.sha256 == key.fingerprint.as_str().trim_end_matches('='))
        };
        let revoked = |key: &PublicKey| {
            let entries = self.facts.known_hosts.known().into_iter().flat_map(|known| &known.entries);
            entries.into_iter().any(|entry| {
                entry.marker.as_deref() == Some("revoked") && entry.fingerprint == key.fingerprint.as_str()
            })
        };
        let Some(key) = self.host_keys.iter().find(printed).filter(|key| !revoked(key)) else { return };
        let client = self.facts.client.known();
        let version = client.map(|client| client.version.clone()).unwrap_or_default();
        login.files.push((KNOWN_HOSTS.into(), pin::line(key)));
        login.words.push(Word::KnownHosts(KNOWN_HOSTS.into(), version));
    }

    /// Adds what the configuration or the job asks for beside the words that are there.
    fn reach_a_shell(&self, target: &Target, login: &mut Login) {
        let Some(session) = self.facts.session.known() else { return };
        let Added { options, command } = session.needs.added(&login.words(|_| None), &target.host);
        login.words.splice(0..0, options.into_iter().map(Word::Plain));
        login.plain(command);
    }

    /// What is to run there.
    fn remote_command(&self, target: &Target, shell: Option<&str>) -> Remote {
        let own = self.typed.names_a_command();
        let printed = target.enable_ssh.iter().flat_map(|step| &step.commands).filter_map(|command| {
            let Ok(Asked::Login(printed)) = target::from_text(command, false) else { return None };
            (printed.windows_shell && printed.host == target.host && printed.port == target.port).then_some(*printed)
        });
        let of_the_step = |printed: target::Target| Remote { terminal: printed.tty, words: printed.remote_command };
        if let Some(shell) = shell {
            let is_it = |printed: &target::Target| {
                printed.remote_command.first().is_some_and(|word| word.eq_ignore_ascii_case(shell))
            };
            let named = Remote { terminal: true, words: vec![shell.to_owned()] };
            return printed.into_iter().find(is_it).map_or(named, of_the_step);
        }
        if !target.remote_command.is_empty() || own {
            // A command after `-o` is in its own option.
            let words = if own { Vec::new() } else { target.remote_command.clone() };
            return Remote { terminal: target.tty, words };
        }
        printed.into_iter().next().map_or(Remote { terminal: target.tty, words: Vec::new() }, of_the_step)
    }

    /// Why the job prints no command, as far as CircleCI tells.
    fn how_the_job_stands(&self) -> String {
        let Some(circleci) = &self.facts.circleci else { return "the text has no command to log in with".into() };
        let job = circleci.job.known();
        let name = job.map_or(circleci.asked.as_str(), |job| job.display.as_str());
        let status = job.map(|job| job.status.as_str()).filter(|status| !status.is_empty());
        let stands = status.map(|status| format!(" (CircleCI says: {status})")).unwrap_or_default();
        match job.map(|job| job.stopped_at.is_some()) {
            Some(false) => {
                format!("{name} has printed no command to log in with yet{stands}; --wait SECONDS waits for it")
            }
            Some(true) => format!("{name} has ended{stands}, so nobody can log in to it any more"),
            None => format!("CircleCI tells nothing of a command to log in to {name}"),
        }
    }
}

/// What is to run at the other end.
struct Remote {
    terminal: bool,
    words: Vec<String>,
}

fn is_request_tty(word: &str) -> bool {
    word.to_ascii_lowercase().starts_with("requesttty")
}

impl Login {
    /// The words after `ssh`, where `path` tells the path of a file by its name; what needs a file that has none is left
    /// out.
    pub fn words(&self, path: impl Fn(&str) -> Option<String>) -> Vec<String> {
        let word = |word: &Word| match word {
            Word::Plain(word) => vec![word.clone()],
            Word::KnownHosts(file, version) => {
                path(file).map(|path| pin::options(&path, Hold::Exactly, version)).unwrap_or_default()
            }
            Word::PublicKey(file) => path(file).map(|path| only_key(&path)).unwrap_or_default(),
        };
        self.words.iter().flat_map(word).collect()
    }

    fn plain<W: AsRef<str>>(&mut self, words: impl IntoIterator<Item = W>) {
        self.words.extend(words.into_iter().map(|word| Word::Plain(word.as_ref().to_owned())));
    }

    fn identify(&mut self, identity: Identity) {
        let Identity { name, file, public, certificate, agent } = identity;
        self.key = Some(name);
        if let Some(socket) = agent {
            self.env.push(("SSH_AUTH_SOCK", socket));
            self.plain(["-o", "IdentityAgent=SSH_AUTH_SOCK"]);
        }
        if let Some(file) = &file {
            self.plain(["-i", file]);
        }
        if let Some((name, line)) = &public {
            self.files.push((name.clone(), format!("{line}\n")));
            self.words.push(Word::PublicKey(name.clone()));
        }
        if let Some(certificate) = &certificate {
            self.plain(["-o", certificate]);
        }
        if file.is_some() {
            self.plain(["-o", "IdentitiesOnly=yes"]);
        }
    }
}

/// Not `-i`, which cannot lead to a path with a percent sign in it (ssh.c `main`).
fn only_key(path: &str) -> Vec<String> {
    let file = format!("IdentityFile=\"{}\"", path.replace('%', "%%"));
    ["-o", &file, "-o", "IdentitiesOnly=yes"].map(str::to_owned).into()
}
