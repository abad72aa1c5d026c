//! One situation: a scratch home, the place that ssh is to reach, and the words a person types to get there.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::blocked::Blocked;
use crate::record;
use crate::report::Report;
use crate::support::client::client;
use crate::support::dropbear::{self, Dropbear};
use crate::support::home::Home;
use crate::support::image::Image;
use crate::support::job_server::{JobServer, Options, Record};
use crate::support::keys::Key;
use crate::support::paste::{BASH, Pasted, paste_as_asked};
use crate::support::process::TIME_LIMIT;
use crate::support::sshd::Sshd;

/// What a session prints once somebody is in, whichever server it is.
pub(crate) const INSIDE: &str = "in-the-job> ";
/// A session's name as CircleCI's proxy wants it for a user.
pub(crate) const SESSION: &str = "6f1c1b0e-1111-4222-8333-0123456789ab-0";

/// What ssh is to reach.
enum Place {
    Job(JobServer),
    Real(Sshd),
    Bear(Dropbear),
    /// Nothing of ours answers there.
    Port(u16),
    /// The command names none.
    None,
}

pub(crate) struct Scene {
    pub(crate) home: Home,
    place: Place,
    /// What stands between `ssh` and the host besides the port.
    typed: Vec<String>,
    host: String,
    user: Option<String>,
    /// The remote command.
    remote: Vec<String>,
    /// Options of `cci-ssh doctor` itself.
    options: Vec<String>,
    /// Texts of `~/.ssh` that no fix may take out.
    pub(crate) keeps: Vec<String>,
    /// Lines that stand before everything that is pasted, as a shell's start file would.
    shell: String,
    /// The shell into which the person pastes, with its options.
    interpreter: String,
    /// The doctor runs at a terminal, as the person's ssh does.
    attended: bool,
}

impl Scene {
    /// A newcomer's machine: an empty `~/.ssh`, no agent, no configuration.
    pub(crate) fn new() -> Self {
        Self {
            home: Home::new(),
            place: Place::None,
            typed: Vec::new(),
            host: "127.0.0.1".to_owned(),
            user: None,
            remote: Vec::new(),
            options: Vec::new(),
            keeps: Vec::new(),
            shell: String::new(),
            interpreter: BASH.to_owned(),
            attended: false,
        }
    }

    /// A machine with an Ed25519 key under its usual name, and a job that lets it in.
    pub(crate) fn usual() -> (Self, Key) {
        let mut scene = Self::new();
        let key = scene.key(".ssh/id_ed25519");
        scene.job([&key]);
        (scene, key)
    }

    /// A new Ed25519 key.
    pub(crate) fn key(&mut self, path: &str) -> Key {
        self.home.keygen(path, "ed25519")
    }

    /// An RSA key under its usual name with a certificate for whoever runs the tests, and the line with which an sshd trusts
    /// the authority.
    pub(crate) fn certified_rsa(&mut self) -> String {
        self.home.keygen(".ssh/id_rsa", "rsa");
        self.key("authority/ca");
        let sign = ["-q", "-s", "authority/ca", "-I", "ana", "-n", &Sshd::user(), ".ssh/id_rsa.pub"];
        self.home.run("ssh-keygen", sign).expect_code(0);
        format!("TrustedUserCAKeys {}", self.home.join("authority/ca.pub").display())
    }

    /// A healthy job that lets these keys in.
    pub(crate) fn job<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>) -> &mut Self {
        self.job_like(Options::authorizing(keys.into_iter().map(|key| key.public.as_str())))
    }

    /// A job with these options.
    pub(crate) fn job_like(&mut self, options: Options) -> &mut Self {
        // bash takes no PS1 from the environment where the system's bashrc sets one.
        let options = options.variable("PS1", INSIDE).variable("PROMPT_COMMAND", &format!("echo '{INSIDE}'"));
        self.place = Place::Job(JobServer::start(options));
        self
    }

    /// A machine with an Ed25519 key under its usual name, and a job whose sessions run in this image.
    pub(crate) fn job_in(image: &Image) -> Self {
        Self::job_in_like(image, |options| options)
    }

    /// The same with a server that is changed.
    pub(crate) fn job_in_like(image: &Image, change: impl FnOnce(Options) -> Options) -> Self {
        let mut scene = Self::new();
        let key = scene.key(".ssh/id_ed25519");
        let options = Options::authorizing([key.public.as_str()]).inside(image);
        // What the image sets is what is examined, so only those who type see that they are in.
        let options = options.at_a_prompt("PS1", INSIDE).at_a_prompt("PROMPT_COMMAND", &format!("echo '{INSIDE}'"));
        scene.place = Place::Job(JobServer::start(change(options)));
        scene.known();
        scene
    }

    /// A real sshd that lets these keys in; its configuration begins with `extra`.
    pub(crate) fn sshd<'a>(&mut self, keys: impl IntoIterator<Item = &'a Key>, extra: &str) -> &mut Self {
        self.place = Place::Real(Sshd::start(lines(keys), &inside(extra)));
        self
    }

    /// The same with the sshd of another release.
    pub(crate) fn other_sshd<'a>(
        &mut self,
        program: &Path,
        keys: impl IntoIterator<Item = &'a Key>,
        extra: &str,
    ) -> &mut Self {
        self.place = Place::Real(Sshd::start_program(program, lines(keys), &inside(extra)));
        self
    }

    /// A dropbear with these options; ask first whether there is one ([`dropbear::is_there`]).
    pub(crate) fn dropbear(&mut self, options: &dropbear::Options) -> &mut Self {
        self.place = Place::Bear(Dropbear::start(options, INSIDE));
        self
    }

    /// A port where no server of ours listens.
    pub(crate) fn port_of_nobody(&mut self, port: u16) -> &mut Self {
        self.place = Place::Port(port);
        self
    }

    /// Words that the person types between `ssh` and the host.
    pub(crate) fn typed<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.typed.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// The remote command that the person types.
    pub(crate) fn remote(&mut self, words: &[&str]) -> &mut Self {
        self.remote = words.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// The host as it is typed, where it is not 127.0.0.1.
    pub(crate) fn host(&mut self, host: &str) -> &mut Self {
        host.clone_into(&mut self.host);
        self
    }

    /// The user as it is typed.
    pub(crate) fn user(&mut self, user: &str) -> &mut Self {
        self.user = Some(user.to_owned());
        self
    }

    /// The command without its user.
    pub(crate) fn without_user(&mut self) -> &mut Self {
        self.user = None;
        self
    }

    /// Options for `cci-ssh doctor` itself.
    pub(crate) fn options<'a>(&mut self, words: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.options.extend(words.into_iter().map(str::to_owned));
        self
    }

    /// No fix may take this text out of the file in `~/.ssh` that has it.
    pub(crate) fn keeps(&mut self, text: &str) -> &mut Self {
        self.keeps.push(text.to_owned());
        self
    }

    /// What the person's shell has read before anything is pasted.
    pub(crate) fn shell(&mut self, lines: &str) -> &mut Self {
        lines.clone_into(&mut self.shell);
        self
    }

    /// The person pastes into this zsh.
    pub(crate) fn zsh(&mut self, program: &Path) -> &mut Self {
        self.home.set_env("SHELL", program);
        self.interpreter = format!("{} -f", shlex::try_quote(&word(program)).expect("a path"));
        self
    }

    /// The doctor is run at a terminal: where it is not, ssh could ask nobody.
    pub(crate) fn at_a_terminal(&mut self) -> &mut Self {
        self.attended = true;
        self
    }

    /// The job's server.
    #[track_caller]
    pub(crate) fn server(&self) -> &JobServer {
        match &self.place {
            Place::Job(server) => server,
            _ => panic!("this scene has no job"),
        }
    }

    #[track_caller]
    pub(crate) fn port(&self) -> u16 {
        match &self.place {
            Place::Job(server) => server.port(),
            Place::Real(server) => server.port(),
            Place::Bear(server) => server.port(),
            Place::Port(port) => *port,
            Place::None => panic!("this scene has no place to go to"),
        }
    }

    /// Puts the server's host key into known_hosts.
    pub(crate) fn known(&mut self) -> &mut Self {
        let line = match &self.place {
            Place::Job(server) => server.known_hosts_line(),
            Place::Real(server) => server.known_hosts_line(),
            Place::Bear(server) => server.known_hosts_line(),
            _ => String::new(),
        };
        self.home.known_hosts(&line);
        self
    }

    /// What follows `ssh`: options, host and remote command.
    fn words(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !matches!(self.place, Place::None) {
            words.extend(["-p".to_owned(), self.port().to_string()]);
        }
        words.extend(self.typed.iter().cloned());
        words.push(match &self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.clone(),
        });
        words.extend(self.remote.iter().cloned());
        words
    }

    /// The command as the person types it.
    pub(crate) fn ssh_line(&self) -> String {
        format!("ssh {}", shlex::try_join(self.words().iter().map(String::as_str)).expect("words without NUL"))
    }

    /// `cci-ssh doctor` for what the person types.
    pub(crate) fn examine(&self) -> Report {
        self.examine_words(&self.words())
    }

    /// `cci-ssh doctor` for what the person types, with more options and nothing expected of it.
    pub(crate) fn examine_with(&self, options: &[&str]) -> Report {
        let words = self.words();
        let words = words.iter().map(String::as_str);
        let facts = std::env::var_os("LIVE_FACTS").map(|_| "--with-facts");
        let arguments = ["--format", "json"].into_iter().chain(facts).chain(options.iter().copied());
        Report::of(self.home.doctor(arguments.chain(words)))
    }

    /// `cci-ssh doctor` for these words, with everything that holds for every examination: nothing changes in the home,
    /// no session is opened, no key signs but that of one login, and nobody stays connected.
    pub(crate) fn examine_words<W: AsRef<str>>(&self, words: &[W]) -> Report {
        let before = self.home.snapshot();
        let earlier = match &self.place {
            Place::Job(server) => server.record(),
            _ => Record::default(),
        };
        // `LIVE_FACTS=1 cargo test --test live NAME` shows with a failure what the doctor had seen.
        let facts = std::env::var_os("LIVE_FACTS").map(|_| "--with-facts");
        let arguments = ["--format", "json"].into_iter().chain(facts).chain(self.options.iter().map(String::as_str));
        let arguments = arguments.chain(words.iter().map(AsRef::as_ref));
        let outcome =
            if self.attended { self.home.doctor_at_a_terminal(arguments) } else { self.home.doctor(arguments) };
        let report = Report::of(outcome);
        assert_eq!(self.home.snapshot(), before, "the doctor changed something\n{report}");
        match &self.place {
            Place::Job(server) => {
                // A connection that the test itself keeps open is not the doctor's.
                let record = if earlier.logins.is_empty() { server.settled_record() } else { server.record() };
                let logins = record.logins.len() - earlier.logins.len();
                // With the person's word it looks into the job, by a command each time, and without a terminal.
                let inside = if self.options.iter().any(|option| option == "--inspect-session") { 3 } else { 0 };
                let sessions = record.sessions - earlier.sessions;
                let held = record.attempts - earlier.attempts <= 2 + inside
                    && sessions <= inside
                    && sessions == record.commands.len() - earlier.commands.len()
                    && record.ptys == earlier.ptys
                    && logins <= 1 + sessions
                    && record.signatures() - earlier.signatures() == logins;
                assert!(held, "the doctor did more than it may: {record:#?}\n{report}");
            }
            Place::Real(server) => {
                let log = server.log();
                let held = log.matches("Accepted publickey").count() <= 1 && !log.contains("Starting session");
                assert!(held, "the doctor did more than it may: {log}\n{report}");
            }
            Place::Bear(server) => {
                let held = server.logins() <= 1 && server.sessions() == 0;
                assert!(held, "the doctor did more than it may: {}\n{report}", server.log());
            }
            _ => {}
        }
        report
    }

    /// Examines what the person types, and expects that this check is named as the one root cause of a blocked login.
    #[track_caller]
    pub(crate) fn blocked_by(&self, check: &str) -> Blocked<'_> {
        let report = self.examine();
        let blocked = Blocked::expect(self, report, check);
        record::situation(self, &self.ssh_line(), check, &[]);
        blocked
    }

    /// The same for pasted text.
    #[track_caller]
    pub(crate) fn text_blocked_by(&self, text: &str, check: &str) -> Blocked<'_> {
        let report = self.examine_words(&[text]);
        let blocked = Blocked::expect(self, report, check);
        // More than a command is the text of the step that printed it.
        let line = if text.contains('\n') { self.ssh_line() } else { text.to_owned() };
        record::situation(self, &line, check, &[]);
        blocked
    }

    /// Examines what the person types and expects silence; then the person logs in with it, to show that it works.
    #[track_caller]
    pub(crate) fn healthy(&self) -> Report {
        self.healthy_with(&[])
    }

    /// The same where the login asks something first, such as a passphrase.
    #[track_caller]
    pub(crate) fn healthy_with(&self, answers: &[(&str, &str)]) -> Report {
        let report = self.examine();
        report.expect_silence();
        let logins = self.logins();
        let seen = self.person(&self.ssh_line(), answers);
        assert!(self.logins() > logins, "the situation is not healthy\n{seen:#?}");
        record::situation(self, &self.ssh_line(), "healthy", answers);
        report
    }

    /// Pastes lines into bash and answers what is asked: a new host is accepted, and a session is left again.
    pub(crate) fn person(&self, lines: &str, answers: &[(&str, &str)]) -> Pasted {
        self.person_within(lines, answers, TIME_LIMIT)
    }

    /// The same with a limit of its own.
    pub(crate) fn person_within(&self, lines: &str, answers: &[(&str, &str)], limit: Duration) -> Pasted {
        let all = [answers, &[("(yes/no", "yes\r"), (INSIDE, "exit\r")]].concat();
        paste_as_asked(&self.home, &self.interpreter, &format!("{}\n{lines}\n", self.shell), &all, limit)
    }

    /// What the person's shell has read before anything is pasted.
    pub(crate) fn shell_lines(&self) -> &str {
        &self.shell
    }

    /// What ssh is to reach, in a word.
    pub(crate) fn server_kind(&self) -> &'static str {
        match self.place {
            Place::Job(_) => "job",
            Place::Real(_) => "sshd",
            Place::Bear(_) => "dropbear",
            Place::Port(_) | Place::None => "nobody",
        }
    }

    /// [`Self::port`], where the command names one.
    pub(crate) fn port_if_any(&self) -> Option<u16> {
        (!matches!(self.place, Place::None)).then(|| self.port())
    }

    /// How many logins there have been.
    pub(crate) fn logins(&self) -> usize {
        match &self.place {
            Place::Job(server) => server.record().logins.len(),
            Place::Real(server) => server.log().matches("Starting session").count(),
            Place::Bear(server) => server.sessions(),
            _ => 0,
        }
    }
}

fn lines<'a>(keys: impl IntoIterator<Item = &'a Key>) -> impl Iterator<Item = &'a str> {
    keys.into_iter().map(|key| key.public.as_str())
}

/// An sshd's configuration that lets every session say that it is one.
fn inside(extra: &str) -> String {
    format!("{extra}\nForceCommand echo '{INSIDE}'\n")
}

/// A configuration that leads to the job by way of this sshd.
pub(crate) fn by_way_of(bastion: &Sshd) -> String {
    format!(
        "Host 127.0.0.1\n  ProxyJump bastion\nHost bastion\n  HostName localhost\n  Port {}\n  User {}\n\
         Host *\n  {}",
        bastion.port(),
        Sshd::user(),
        client().takes_new_hosts()
    )
}

/// The path of a file as a word.
pub(crate) fn word(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// The public half that lies beside a private key.
pub(crate) fn public(key: &Key) -> PathBuf {
    PathBuf::from(format!("{}.pub", key.path.display()))
}
