//! Why a text names no target, and what to give instead.

/// Why there is nothing to look at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// `ssh`, or options only.
    #[error(
        "the ssh command names no host; give all of it, as the job's Enable SSH step prints it: -p 64535 203.0.113.7"
    )]
    NoHost,
    /// A command of another program, whose options are other ones: `scp -P`.
    #[error(
        "this is a command of {0}, and this program reads ssh's; give the command that the job's Enable SSH step prints"
    )]
    OtherProgram(&'static str),
    /// Nothing but white space.
    #[error("the text is empty; paste the ssh command that the job's Enable SSH step prints")]
    Empty,
    /// Prose, a log, or something else.
    #[error(
        "no ssh command was found in the text; paste the line with `ssh` of the job's Enable SSH step, or all of it"
    )]
    NoCommand,
    /// The output of `ssh -v`.
    #[error(
        "this is the output of ssh -v, which does not show the command: to have it judged, save it in a file and give \
         --log FILE; to have this machine looked at, paste the ssh command itself"
    )]
    Log,
    /// `<port>` and the like.
    #[error(
        "`{0}` stands for a value of your own; put in what the job's Enable SSH step prints, such as -p 64535 203.0.113.7"
    )]
    Placeholder(String),
    /// Not a number from 1 to 65535.
    #[error("`{text}` is no port: a port is a number from 1 to 65535{}", did_you_mean(.meant))]
    BadPort {
        /// What was given.
        text: String,
        /// The port in it, when there is one.
        meant: Option<u16>,
    },
    /// A host that ssh must not see.
    #[error("`{text}` is no host: {why}; give the address or name as the Enable SSH step prints it")]
    BadHost {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A user that ssh must not see.
    #[error("`{text}` is no user: {why}; give the user as the Enable SSH step prints it")]
    BadUser {
        /// What was given.
        text: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A value with control characters or the like.
    #[error("the value of {option} holds {why}; leave the option out or give it again by hand")]
    BadValue {
        /// The option.
        option: String,
        /// What is wrong with its value.
        why: &'static str,
    },
    /// An option that ssh does not have.
    #[error("ssh has no option {0}; give the command as it is printed, and options of cci-ssh by their long names")]
    UnknownOption(String),
    /// An option without its value.
    #[error("{0} needs a value, and nothing follows it")]
    MissingValue(String),
    /// A web address that is no job.
    #[error(
        "`{0}` is a web address, and not one of a CircleCI job; give the ssh command that the job's Enable SSH step prints"
    )]
    WebAddress(String),
}

fn did_you_mean(meant: &Option<u16>) -> String {
    meant.map(|port| format!("; was {port} meant?")).unwrap_or_default()
}
