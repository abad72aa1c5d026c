//! What the user asked about: an ssh command in any shape a clipboard holds, a host, or a CircleCI job.
//!
//! [`from_words`] takes words of a command line, [`from_text`] pasted text. Both end in the same three steps: find the
//! command ([`text`]), read it with ssh's own grammar ([`argv`]), and keep what is needed to reach the host and is safe
//! to hand on ([`options`], [`name`]). Nothing of a text is ever given to a shell, and what a text could smuggle in
//! (options that run programs or read other files, names that look like options) is left out or refused.
//!
//! To teach it another shape: a case in the table of `tests.rs`, then the step that should have understood it.

mod argv;
mod clean;
mod command;
mod enable_ssh;
mod error;
mod job_url;
mod name;
mod options;
mod session_words;
mod text;
mod to_connect;
mod words;

#[cfg(test)]
mod tests;

pub use argv::takes_value;
pub use clean::{clean, is_dash};
pub use command::{Start, first_word, is_shell, start};
pub use enable_ssh::{EnableSsh, State};
pub use error::TargetError;
pub use job_url::{JobName, JobUrl};
pub use session_words::SessionWords;
pub use to_connect::{Typed, to_connect};

/// Programs that take ssh's place in a command that is pasted whole.
const OTHER_PROGRAMS: [&str; 5] = ["scp", "sftp", "rsync", "mosh", "autossh"];

/// Longest text that is kept with a target, in characters.
const KEPT_TEXT: usize = 300;

/// What the text turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// A login.
    Login(Box<Target>),
    /// A job, by its web address.
    Job(JobUrl),
}

/// How CircleCI hands out the login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// An address and a high port, or a name and one of CircleCI's ports.
    Direct,
    /// `<job uuid>-<execution>@host`: the user is the session.
    Proxy,
    /// The proxy's name without a session as user.
    ProxyHost,
    /// A name without a dot: a Host of the configuration.
    Alias,
    /// Any other host.
    #[default]
    Other,
    /// The Enable SSH step's text, which names no host.
    None,
}

/// A slip that was understood all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    /// `-P 64535`: ssh wants the small letter.
    UppercaseP,
    /// `host:port`: ssh takes that for a name.
    HostColonPort,
    /// `–p`: a word processor made a dash of the hyphen.
    TypographicDash,
    /// `-p 64535,`, `-p HOST PORT`, `--port 64535`.
    BadPort,
    /// `ssh ssh -p 64535 HOST`: the command was pasted behind a word that was there already.
    SshTwice,
}

/// A login that was asked about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Target {
    /// Address, name, or Host alias; without brackets. Empty for [`Form::None`].
    pub host: String,
    /// The port that was given.
    pub port: Option<u16>,
    /// The user that was given.
    pub user: Option<String>,
    /// How CircleCI hands it out.
    pub form: Form,
    /// What follows `ssh` to reach it: options, then the host; no remote command.
    pub ssh_args: Vec<String>,
    /// The same without `-i` and IdentitiesOnly.
    pub ssh_args_without_identity: Vec<String>,
    /// The same as `ssh_args` without a user.
    pub ssh_args_without_user: Vec<String>,
    /// The remote command, in words.
    pub remote_command: Vec<String>,
    /// `-t`.
    pub tty: bool,
    /// `-T`.
    pub no_tty: bool,
    /// `-N`, `-W` or `SessionType=none`: no session is wanted.
    pub no_session: bool,
    /// `-L`, `-R`, `-D` or `-w`: something is carried through the connection.
    pub forwards: bool,
    /// Files after `-i`.
    pub identity_files: Vec<String>,
    /// An address without any port.
    pub port_missing: bool,
    /// The first slip that was understood.
    pub slip: Option<Slip>,
    /// The text, cleaned, at most 300 characters.
    pub text: String,
    /// Options that were left out because they run programs or read other files.
    pub left_out: Vec<String>,
    /// The remote command needs a shell, and the direct form has none.
    pub command_needs_shell: bool,
    /// The command names a shell of Windows.
    pub windows_shell: bool,
    /// What the Enable SSH step's text says.
    pub enable_ssh: Option<EnableSsh>,
}

impl Target {
    /// For people: `203.0.113.7 port 64535`.
    pub fn display(&self) -> String {
        if self.form == Form::None {
            return "the job of the Enable SSH step".into();
        }
        let host = match &self.user {
            Some(user) => format!("{user}@{}", self.host),
            None => self.host.clone(),
        };
        match self.port {
            Some(port) => format!("{host} port {port}"),
            None => host,
        }
    }

    /// The whole command in words, its remote command and its terminal with it.
    pub fn argv(&self) -> Vec<String> {
        let terminal = self.tty.then_some("-t").or(self.no_tty.then_some("-T"));
        let mut words: Vec<String> = ["ssh"].into_iter().chain(terminal).map(str::to_owned).collect();
        words.extend(self.ssh_args.iter().cloned());
        if !self.remote_command.is_empty() {
            words.push("--".into());
            words.extend(self.remote_command.iter().cloned());
        }
        words
    }

    /// The port is one that CircleCI's direct form uses (docker 64535 and up; machine, macOS, Windows, runner 54782).
    pub fn job_port(&self) -> bool {
        self.port.is_some_and(is_job_port)
    }
}

impl Form {
    /// The word for it in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Proxy => "proxy",
            Self::ProxyHost => "proxy-host",
            Self::Alias => "alias",
            Self::Other => "other",
            Self::None => "none",
        }
    }
}

impl Slip {
    /// The word for it in the facts.
    pub fn word(self) -> &'static str {
        match self {
            Self::UppercaseP => "uppercase-p",
            Self::HostColonPort => "host-colon-port",
            Self::TypographicDash => "typographic-dash",
            Self::BadPort => "bad-port",
            Self::SshTwice => "ssh-twice",
        }
    }
}

/// Reads the words of a command line.
///
/// One word with spaces in it is pasted text. Words that begin with `ssh` or a prompt were pasted too; all others were
/// typed by the user, who may ask for any option. `allow_programs` treats pasted options as typed.
///
/// # Errors
/// When there is no host in them, or nothing that may be handed to ssh.
pub fn from_words(words: &[String], allow_programs: bool) -> Result<Asked, TargetError> {
    if let [one] = words
        && (one.contains(char::is_whitespace) || !clean(one).eq(one))
    {
        return from_text(one, allow_programs);
    }
    let words: Vec<String> = words.iter().map(|word| clean(word)).collect();
    let shown = shown(&words.join(" "));
    let start = text::command_word(&words);
    let arguments = start.map_or(&words[..], |at| &words[at + 1..]);
    if let Some(url) = job_url::parse_words(arguments) {
        return url.map(Asked::Job);
    }
    let trusted = allow_programs || start.is_none();
    let mut target = login(arguments, trusted)?;
    target.text = shown;
    Ok(Asked::Login(Box::new(target)))
}

/// Reads pasted text: one command, several, the Enable SSH step's output, or a job's web address.
///
/// # Errors
/// As [`from_words`]; and when the text holds none of these.
pub fn from_text(pasted: &str, allow_programs: bool) -> Result<Asked, TargetError> {
    let lines = text::lines(pasted);
    let step = enable_ssh::parse(&lines);
    let mut commands = text::commands(&lines).into_iter();
    let first = commands.next();
    let shown = shown(&lines.join("\n"));
    let mut target = match (&first, &step) {
        (Some(words), _) => login(words, allow_programs)?,
        (None, Some(_)) => Target { form: Form::None, ..Target::default() },
        (None, None) => match text::bare(&lines) {
            Some(words) => match job_url::parse_words(&words) {
                Some(url) => return url.map(Asked::Job),
                None => login(&words, allow_programs)?,
            },
            None => return Err(text::what_else(&lines)),
        },
    };
    target.text = shown;
    target.enable_ssh = step;
    Ok(Asked::Login(Box::new(target)))
}

/// Puts ssh's arguments into a target.
fn login(arguments: &[String], trusted: bool) -> Result<Target, TargetError> {
    let mut line = argv::parse(arguments)?;
    line.mend_ports();
    let other = OTHER_PROGRAMS.iter().find(|program| **program == line.destination && !line.command.is_empty());
    if let Some(program) = other {
        return Err(TargetError::OtherProgram(program));
    }
    let destination = name::destination(&line.destination)?;
    let chosen = options::choose(&line, trusted)?;
    let two_users = chosen.user.clone().zip(destination.user.clone());
    let two_users = two_users.filter(|(user, typed)| line.user_before_host && user != typed);

    let mut target = Target {
        slip: line.slip.or(destination.colon_port.then_some(Slip::HostColonPort)),
        port: chosen.port.or(destination.port),
        user: if line.user_before_host { chosen.user.or(destination.user) } else { destination.user.or(chosen.user) },
        host: destination.host,
        tty: chosen.tty,
        no_tty: chosen.no_tty,
        no_session: options::wants_no_session(&line),
        forwards: options::forwards(&line),
        identity_files: chosen.identity_files,
        left_out: chosen.left_out,
        ..Target::default()
    };
    target.form = form(&target);
    target.port_missing = target.port.is_none() && name::is_address(&target.host);
    target.remote_command = if line.command.is_empty() { chosen.remote_command } else { line.command.clone() };
    target.windows_shell = command::windows_shell(&target.remote_command);
    target.command_needs_shell =
        target.form == Form::Direct && !line.subsystem && command::needs_shell(&target.remote_command);

    let mut head: Vec<String> = chosen.family.into_iter().collect();
    if let Some(port) = target.port {
        head.extend(["-p".into(), port.to_string()]);
    }
    let identity = || chosen.identity_words.iter().chain(&chosen.passed).chain(&chosen.identities_only);
    target.ssh_args_without_user = head.iter().chain(identity()).chain([&target.host]).cloned().collect();
    let mut host = match &target.user {
        Some(user) => format!("{user}@{}", target.host),
        None => target.host.clone(),
    };
    if let Some((user, typed)) = two_users {
        // Before 7.7 the one beside the host won all the same, so ssh is asked in the words that were typed.
        head.extend(["-l".into(), user]);
        host = format!("{typed}@{}", target.host);
    }
    let identity = chosen.identity_words.iter().cloned();
    target.ssh_args = head.iter().cloned().chain(identity).chain(chosen.passed.iter().cloned()).collect();
    target.ssh_args.extend(chosen.identities_only.iter().cloned());
    target.ssh_args.push(host.clone());
    target.ssh_args_without_identity = head.into_iter().chain(chosen.passed).chain([host]).collect();
    Ok(target)
}

fn form(target: &Target) -> Form {
    let high = target.port.is_some_and(|port| port >= 1024);
    if target.user.as_deref().is_some_and(name::is_session) {
        Form::Proxy
    } else if name::is_proxy(&target.host) {
        Form::ProxyHost
    } else if (name::is_address(&target.host) && high) || (target.host.contains('.') && target.job_port()) {
        Form::Direct
    } else if !name::is_address(&target.host) && !target.host.contains('.') {
        Form::Alias
    } else {
        Form::Other
    }
}

fn is_job_port(port: u16) -> bool {
    port == 54782 || port >= 64535
}

fn shown(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(KEPT_TEXT) {
        Some((at, _)) => text[..at].into(),
        None => text.into(),
    }
}
