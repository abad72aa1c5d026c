//! How far a login came: what one log, or the last attempt in it, adds up to.
//!
//! `types.rs` holds the parts, `fold/` says what each event changes, `hops.rs` whose line it is when a jump host's
//! client writes into the same log, and when a new attempt begins; `earlier.rs` what is kept of those before, `shell.rs`
//! what prompts tell, `banner.rs` what a server may print before anybody is let in, `place.rs` where it went.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::parser::Logged;
use crate::ssh::seen::Seen;

mod banner;
mod earlier;
mod fold;
mod hops;
mod place;
mod shell;
mod types;

pub use place::place;
pub use types::{
    AgentSeen, AgentState, Client, ClientProblem, ClientProblemKind, ConfigProblem, Connect, Denied, Detail,
    Disconnect, Earlier, HostKey, HostKeyState, IdentityFile, InsteadOfGreeting, Jump, LoadFailure, Needs, NoMatch,
    Offer, OfferOutcome, Outcome, Planned, Prompted, Proposal, ProviderFailure, Proxy, Resolve, Server, Session,
    SessionEnd, SessionTrouble, Skipped, Stage, Target, Typed, Waiting,
};

/// One attempt to log in, as a log shows it. A log that holds several leaves the last one here.
///
/// Lists and texts are bounded, so an attempt stays small whatever the log's length.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Attempt {
    /// Where the lines come from, for every [`Seen`] in here: `ssh -v`, or the name of a file.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// How many attempts the log held, this one included. 0: no line of ssh was found.
    pub attempts: u64,
    /// What the attempts before this one came to: the last eight of them, the oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub earlier: Vec<Earlier>,
    /// Its first line with a known meaning, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_line: Option<usize>,
    /// How much the client was asked to say.
    pub detail: Detail,
    /// The log of this attempt begins in the middle: `debug` lines without the client's version before them.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub top_missing: bool,
    /// Two clients wrote into this log at a time, so that nobody can tell whose a line is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub mixed: bool,
    /// The command, where the log shows how it was typed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<Typed>,
    /// The farthest point reached.
    pub reached: Stage,
    /// How it ended.
    pub outcome: Outcome,
    /// The line that says how it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decisive: Option<Seen>,
    /// The last line with a known meaning: where it stood when the log ends.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last: Option<Seen>,
    /// The last line behind that one which nobody understands: the end, perhaps, in new words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<Seen>,
    /// What the client was waiting for when the log ends, or when the attempt failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Waiting>,
    /// The client program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<Client>,
    /// Why there was no client, or why it gave up before it looked at a configuration.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_problem: Option<ClientProblem>,
    /// Configuration files that it read, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config_files: Vec<String>,
    /// Lines of ssh_config or of the command line that ssh does not take.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub config_problems: Vec<ConfigProblem>,
    /// Whom the client logs in to, after ssh_config (`Authenticating to HOST:PORT as 'USER'`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// A name without address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolve: Option<Resolve>,
    /// The TCP connection: to where, and why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connect: Option<Connect>,
    /// The way through another host or program.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<Proxy>,
    /// What the server sent before, or instead of, its version line.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before_greeting: Vec<Seen>,
    /// The same by meaning.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instead_of_greeting: Option<InsteadOfGreeting>,
    /// What the server said of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<Server>,
    /// The algorithms that the client proposed (`-vv`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposal>,
    /// The algorithms that the server proposed (`-vv`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server_proposed: Option<Proposal>,
    /// An algorithm that client and server do not share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_match: Option<NoMatch>,
    /// What the client thinks of the server's host key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_key: Option<HostKey>,
    /// The line in which the client turns down the host's certificate: another name, another time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_certificate_invalid: Option<Seen>,
    /// Identity files the client looked at before connecting.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identity_files: Vec<IdentityFile>,
    /// Keys the client plans to try, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub planned: Vec<Planned>,
    /// Keys put to the server, in order, with its answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub offers: Vec<Offer>,
    /// Private keys without a public half that were looked for; most do not exist, and none of these was an offer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<String>,
    /// Keys left out before they were offered.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<Skipped>,
    /// Private keys that could not be used.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub load_failures: Vec<LoadFailure>,
    /// Libraries for tokens that did not serve.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub provider_failures: Vec<ProviderFailure>,
    /// The agent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentSeen>,
    /// What a person had to do for the accepted key, and did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs: Option<Needs>,
    /// The line that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub needs_seen: Option<Seen>,
    /// Key files whose passphrase ssh asked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prompts: Vec<Prompted>,
    /// The line in which ssh could not ask for a passphrase: no terminal, no program that asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cannot_ask: Option<Seen>,
    /// Authentication methods that the client began with, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub begun: Vec<String>,
    /// The client said that it has no method left to try.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub no_more_methods: bool,
    /// A factor that was accepted although another is still missing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<Seen>,
    /// Who was denied, and what the server would have taken.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied: Option<Denied>,
    /// The server's words when it hung up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disconnect: Option<Disconnect>,
    /// The method that let the user in, `publickey` say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// What came of the session.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<Session>,
    /// Other lines that mattered, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Seen>,
    #[serde(skip)]
    #[schemars(skip)]
    state: State,
}

/// What folding has to remember and nobody else needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    /// The key the server was asked about last.
    asking: Asking,
    /// Channel 0 was not opened, in a log that does not show the login: the session's, or a jump host's.
    channel_refused: Option<(String, Seen)>,
    /// The lists of algorithms that come next are the server's.
    lists_of_server: bool,
    /// No security key with the accepted key was found.
    security_key_missing: bool,
    /// The attempt is over; what comes next is another.
    ended: bool,
    /// A line with `debugN: ` belongs to this attempt.
    verbose: bool,
    /// How many jump hosts' clients this one is inside of.
    depth: usize,
    /// The jump host's client, while its lines come.
    hop: Option<Box<Attempt>>,
    /// The verbose attempt before this one, until it is certain that this one is another.
    previous: Option<Box<Attempt>>,
    /// What prompts told of whose shell it is.
    shell: shell::Shell,
    /// The client has greeted; a second greeting is another client's.
    greeted: bool,
    /// What comes through this login is another client's connection (ssh(1), -W).
    passes_on: bool,
    /// This attempt, as it was where the server's banner may have begun.
    before_banner: Option<Box<Attempt>>,
    /// The plain attempt before this one and its last line: it may turn out to be a jump host's.
    before: Option<(u64, Box<Jump>)>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Asking {
    #[default]
    Nothing,
    /// `offers[index]` was offered. No index: the list is full.
    Offered(Option<usize>),
    /// The server accepts `offers[index]`; a signature has to follow.
    Accepted(Option<usize>),
    /// A private key without public half was tried; whether it was offered shows in what comes next.
    Tried(Seen, String),
}

impl Attempt {
    /// An attempt about which nothing is known yet; `source` names where the lines will come from.
    pub fn new(source: impl Into<String>) -> Self {
        Attempt { source: source.into(), ..Attempt::default() }
    }

    /// Takes in one line. Lines have to come in the order of the log.
    pub fn apply(&mut self, logged: &Logged) {
        if let Event::Prompt { prompt, command } = &logged.event {
            self.hear_prompt(prompt, command, logged);
            return;
        }
        if self.is_of_a_program_inside(&logged.event) {
            self.hear_inside(logged);
            return;
        }
        self.note_level(logged);
        self.was_passed_on(logged);
        if self.goes_to_hop(logged) {
            return;
        }
        if self.begins_anew(logged) {
            self.restart(logged);
            self.note_level(logged);
        }
        self.mind_the_banner(logged);
        self.fold(logged);
    }

    /// The log is complete: a key that was accepted last, and nothing after, has failed for lack of a person.
    pub fn finish(&mut self) {
        self.settle();
    }

    /// We ended the client ourselves, for time or because enough was seen. An outcome already known stays.
    pub fn stop(&mut self) {
        if self.outcome == Outcome::Unknown {
            self.outcome = Outcome::Stopped;
            self.state.ended = true;
        }
    }

    /// A signal ended the client. Older ones die without a word when they write their greeting to a proxy program that is
    /// gone already (SIGPIPE). An outcome already known stays.
    pub fn died(&mut self) {
        let proxy = self.proxy.as_ref().filter(|_| self.outcome == Outcome::Unknown && self.reached < Stage::Greeting);
        if let Some(seen) = proxy.and_then(|proxy| proxy.seen.clone()) {
            self.end(Outcome::ProxyFailed, Stage::Connecting, seen);
        }
    }

    /// Whether a live client has got as far as it can, so that it need not be waited for.
    ///
    /// A server may print `Authenticated to …` as its banner, but not the `debug1` lines that follow a true login:
    /// with `-v` a login counts from `Entering interactive session` on, which also comes with `-N`. A failure is only
    /// certain when the client has ended, which it does at once.
    pub fn is_decided(&self) -> bool {
        self.outcome == Outcome::Authenticated && (self.reached >= Stage::Session || !self.state.verbose)
    }

    /// Whether its end was seen: what comes next is another attempt, or none.
    pub fn is_over(&self) -> bool {
        self.state.ended
    }

    /// Ends an attempt that goes on in spite of a host key that is revoked or another than known, as a client does that was
    /// told to take any; the user's own would not. Whether it was one.
    pub fn mind_the_host_key(&mut self) -> bool {
        let Some(host_key) = self.host_key.as_ref().filter(|_| self.state.hop.is_none()) else { return false };
        let bad = match host_key.state {
            HostKeyState::Revoked => true,
            // The line that names the file comes last.
            HostKeyState::Changed => host_key.file.is_some(),
            _ => false,
        };
        if bad && self.outcome == Outcome::Unknown {
            self.end(Outcome::HostKeyRejected, Stage::HostKey, host_key.seen.clone());
        }
        bad
    }

    /// How much the client says, and whether it begins with its version as every client does that says anything.
    fn note_level(&mut self, logged: &Logged) {
        if logged.level == 0 {
            return;
        }
        let is_first = self.detail == Detail::Plain && !self.state.verbose;
        if is_first && self.client.is_none() && !matches!(logged.event, Event::Version { .. }) {
            self.top_missing = true;
        }
        self.detail = self.detail.max(Detail::of(logged.level));
    }

    fn seen(&self, logged: &Logged) -> Seen {
        Seen { source: self.source.clone(), line: usize::try_from(logged.line).ok(), text: logged.text.clone() }
    }
}
