//! One case: a home, and the comparison.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use cci_ssh::facts::{Attempt, PlannedKey};
use cci_ssh::ssh::log::Events;
use cci_ssh::ssh::public_key::PublicKey;

use crate::Verdict;
use crate::dice::Dice;
use crate::support::agent::Agent;
use crate::support::home::Home;
use crate::support::job_server::{JobServer, Options};
use crate::support::process::run;

/// What ssh-keygen is told, and how often it is chosen.
const KINDS: [(&str, usize); 8] = [
    ("ed25519", 6),
    ("rsa", 4),
    ("ecdsa", 3),
    ("-t rsa -b 1024", 1),
    ("-t rsa -b 2048 -m PEM", 3),
    ("-t ecdsa -m PKCS8", 1),
    ("-t ecdsa -m PEM", 1),
    ("-t dsa", 1),
];
const NAMES: [&str; 9] = [
    ".ssh/id_rsa",
    ".ssh/id_ed25519",
    ".ssh/id_ecdsa",
    ".ssh/id_dsa",
    ".ssh/id_ed25519_sk",
    ".ssh/work",
    ".ssh/circleci",
    ".ssh/my key",
    ".ssh/keys/deep",
];
const ZOO: [&str; 11] = [
    "bad-openssh-crlf",
    "bad-openssh-no-final-newline",
    "bad-openssh-text-before",
    "bad-pem-crlf",
    "bad-pem-cut",
    "openssh-gcm-encrypted",
    "pem-rsa-encrypted",
    "pkcs8-rsa-encrypted",
    "pkcs8-ed25519",
    "putty.ppk",
    "text",
];

/// The fingerprint of a key that only ssh could read.
const NOT_KNOWN: &str = "SHA256:unknown";

/// A key as the server hears it, or as it stands in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Heard {
    fingerprint: String,
    certificate: bool,
}

pub(crate) struct Case {
    number: u64,
    home: Home,
    agents: Vec<Agent>,
    server: JobServer,
    /// The server takes what servers of today take, so that ssh can be foretold without it.
    usual_server: bool,
    arguments: Vec<String>,
    config: String,
}

impl Case {
    pub(crate) fn new(number: u64) -> Self {
        let mut dice = Dice::new(number);
        let mut home = Home::new();
        let held = keys(&mut home, &mut dice);
        let mut agents = Vec::new();
        let named = agent(&mut home, &mut dice, held, &mut agents);
        let config = configuration(&home, &mut dice, &named);
        home.config(&config);
        let options = Options::new().refuse_all().max_auth_tries(1000);
        let (options, usual_server) = match dice.below(100) {
            0..12 => (options.no_rsa_sha2(), false),
            12..20 => (options.signature_algorithms(&["ssh-ed25519", "ssh-rsa"]), false),
            20..24 => (options.signature_algorithms(&["rsa-sha2-256"]), false),
            _ => (options, true),
        };
        let server = JobServer::start(options);
        let arguments = arguments(&home, &mut dice, server.port());
        Self { number, home, agents, server, usual_server, arguments, config }
    }

    /// Compares what is expected with what happens.
    pub(crate) fn compare(&self) -> Verdict {
        let option = if self.usual_server { "--offline" } else { "--no-key-probe" };
        let facts = self.home.cci_ssh(["facts", option].into_iter().chain(self.words())).json();
        let earlier = self.server.settled_record().offers.len();
        let plan = &facts["facts"]["plan"];
        let refused = facts["facts"]["config"]["errors"].as_array().is_some_and(|errors| !errors.is_empty());
        if refused || !plan["unsure"].is_null() {
            return Verdict::NotCompared;
        }
        if plan.is_null() {
            return Verdict::Different(self.story(&format!("no plan: {:#}", facts["unknown"])));
        }
        let offers: Vec<PlannedKey> = serde_json::from_value(plan["offers"].clone()).expect("the facts' own types");
        // Nobody is there to type a passphrase.
        let offers: Vec<PlannedKey> = offers.into_iter().filter(|offer| !offer.needs_passphrase).collect();
        let expected: Vec<Heard> = offers.iter().map(of_plan).collect();

        let said = self.home.ssh(["-v"].into_iter().chain(self.words())).stderr;
        let record = self.server.settled_record();
        let heard = each_once(record.offers[earlier..].iter().map(|offer| of_blob(&offer.key)));
        let mut attempt = Attempt::new("ssh -v");
        for logged in Events::new(said.as_bytes()) {
            attempt.apply(&logged.expect("a slice can always be read"));
        }
        let listed = each_once(attempt.planned.iter().filter_map(|planned| {
            let fingerprint = planned.fingerprint.clone()?;
            let certificate = planned.algorithm.as_deref().is_some_and(|name| name.ends_with("-CERT"));
            Some(Heard { fingerprint, certificate })
        }));
        let shown: Vec<Heard> = offers.iter().filter(|offer| !offer.loaded_first).map(of_plan).collect();
        // ssh makes its list also where it then offers nothing of it.
        let off =
            plan["left_out"].as_array().is_some_and(|list| list.iter().any(|key| key["because"] == "publickey-off"));
        // It also lists keys that it then has no signature for.
        let list_differs = !off && self.usual_server && !attempt.planned.is_empty() && listed != shown;
        let contradicted = plan["confirmed"] == false;
        if same(&heard, &expected) && !list_differs && !contradicted {
            return Verdict::Same(heard.len());
        }
        let debug: Vec<&str> = said.lines().filter(|line| !line.contains("kex") && !line.contains("Local")).collect();
        Verdict::Different(self.story(&format!(
            "expected {}\nheard    {}\nlisted   {}\n{:#}\n{:#}\n{}",
            names(&expected),
            names(&heard),
            names(&listed),
            plan,
            facts["facts"]["agent"]["identities"],
            debug.join("\n")
        )))
    }

    fn words(&self) -> impl Iterator<Item = &str> {
        self.arguments.iter().map(String::as_str)
    }

    fn story(&self, what: &str) -> String {
        let files = self.home.run("ls", ["-laR", ".ssh"]).stdout;
        let agents = self.agents.len();
        let Self { number, arguments, config, .. } = self;
        format!("case {number}: ssh {arguments:?}, {agents} agents\n{config}\n{files}\n{what}")
    }
}

/// A key that is in two places is offered again.
fn each_once(all: impl Iterator<Item = Heard>) -> Vec<Heard> {
    let mut kept = Vec::new();
    for heard in all {
        if !kept.contains(&heard) {
            kept.push(heard);
        }
    }
    kept
}

fn names(list: &[Heard]) -> String {
    let name = |heard: &Heard| format!("{}{}", &heard.fingerprint[7..13], if heard.certificate { "-cert" } else { "" });
    list.iter().map(name).collect::<Vec<_>>().join(" ")
}

/// What nobody could read before ssh did is allowed to be any key.
fn same(heard: &[Heard], expected: &[Heard]) -> bool {
    let alike = |(heard, expected): (&Heard, &Heard)| heard == expected || expected.fingerprint == NOT_KNOWN;
    heard.len() == expected.len() && heard.iter().zip(expected).all(alike)
}

fn of_plan(offer: &PlannedKey) -> Heard {
    let fingerprint = offer.fingerprint.clone().unwrap_or_else(|| NOT_KNOWN.to_owned());
    Heard { fingerprint, certificate: offer.algorithm.contains("-cert-") }
}

fn of_blob(blob: &[u8]) -> Heard {
    let key = PublicKey::from_blob(blob).expect("a key");
    Heard { fingerprint: key.fingerprint.to_string(), certificate: key.certificate }
}

/// Key files in every state; gives copies of their private keys as they were made, for an agent.
fn keys(home: &mut Home, dice: &mut Dice) -> Vec<PathBuf> {
    let mut held = Vec::new();
    let mut names: Vec<&str> = NAMES.to_vec();
    dice.shuffle(&mut names);
    home.keygen("ca", "-t ed25519 -C authority");
    for (index, name) in names.into_iter().take(1 + dice.below(6)).enumerate() {
        if dice.percent(8) {
            let animal = dice.pick(&ZOO);
            let bytes = fs::read(format!("{}/tests/ssh/zoo/{animal}", env!("CARGO_MANIFEST_DIR"))).expect("in the zoo");
            home.write(name, bytes, 0o600);
            continue;
        }
        let weights: usize = KINDS.iter().map(|(_, weight)| weight).sum();
        let mut place = dice.below(weights);
        let kind = KINDS.iter().find(|(_, weight)| {
            let found = place < *weight;
            place = place.saturating_sub(*weight);
            found
        });
        let (kind, _) = kind.expect("one of them");
        let copy = format!("pool/{index}");
        let key = home.keygen(&copy, kind);
        if dice.percent(30) {
            certify(home, dice, &copy);
        }
        let text = home.read(&copy);
        let mode = if dice.percent(7) { 0o644 } else { 0o600 };
        home.write(name, &text, mode);
        if dice.percent(20) {
            let change = ["-q", "-p", "-P", "", "-N", "secret", "-a", "1", "-f", name];
            if mode == 0o600 {
                let format: &[&str] = if kind.contains("PEM") { &["-m", "PEM"] } else { &[] };
                home.run("ssh-keygen", change.iter().chain(format)).expect_code(0);
            }
        }
        match dice.below(100) {
            0..50 => drop(home.write(&format!("{name}.pub"), format!("{}\n", key.public), 0o644)),
            50..75 => {}
            75..83 => {
                let other = home.keygen(&format!("stale/{index}"), dice.pick(&["ed25519", "rsa", "-t rsa -b 1024"]));
                home.write(&format!("{name}.pub"), format!("{}\n", other.public), 0o644);
            }
            83..86 => drop(home.write(&format!("{name}.pub"), "rubbish\n", 0o644)),
            86..88 => {
                let key = format!("# a remark\n\n{}\nsomething after it\n", key.public);
                home.write(&format!("{name}.pub"), key, 0o644);
            }
            88..90 => {
                let line = include_str!("../ssh/zoo/public-sk-ed25519");
                home.write(&format!("{name}.pub"), line, 0o644);
            }
            _ => {
                home.write(&format!("{name}.pub"), format!("{}\n", key.public), 0o644);
                fs::remove_file(home.join(name)).expect("our own file");
            }
        }
        let certificate = home.join(format!("{copy}-cert.pub"));
        if certificate.exists() && dice.percent(70) {
            let copied = fs::read(&certificate).expect("our own file");
            home.write(&format!("{name}-cert.pub"), copied, 0o644);
        }
        held.push(home.join(&copy));
    }
    held
}

/// A certificate beside a key: for a user, rarely for a host.
fn certify(home: &Home, dice: &mut Dice, copy: &str) {
    let kind: &[&str] = if dice.percent(10) { &["-h"] } else { &[] };
    let words = ["-q", "-s", "ca", "-I", "id", "-n", "circleci"];
    let public = format!("{copy}.pub");
    // Not every kind of key can be certified by every ssh-keygen.
    home.run("ssh-keygen", words.iter().chain(kind).copied().chain([public.as_str()]));
}

/// The agent, and the lines of the configuration that name one.
fn agent(home: &mut Home, dice: &mut Dice, mut held: Vec<PathBuf>, agents: &mut Vec<Agent>) -> String {
    if dice.percent(30) {
        if dice.percent(30) {
            home.set_env("SSH_AUTH_SOCK", home.dead_agent_socket());
        }
        return String::new();
    }
    dice.shuffle(&mut held);
    held.truncate(dice.below(held.len() + 1));
    if dice.percent(50) {
        held.push(home.keygen("elsewhere", dice.pick(&["ed25519", "rsa", "-t rsa -b 1024"])).path);
        dice.shuffle(&mut held);
    }
    let agent = Agent::start(home, &home.join("agent.sock"));
    for key in &held {
        let mut add = home.command("ssh-add");
        add.env("SSH_AUTH_SOCK", agent.socket()).arg("-q").arg(key);
        run(add);
    }
    let socket = agent.socket().display().to_string();
    agents.push(agent);
    match dice.below(10) {
        0 => "IdentityAgent none\n".to_owned(),
        1 => format!("IdentityAgent {socket}\n"),
        2 => {
            home.set_env("SSH_AUTH_SOCK", &socket);
            "IdentityAgent SSH_AUTH_SOCK\n".to_owned()
        }
        3 => {
            home.set_env("SSH_AUTH_SOCK", &socket);
            "IdentityAgent ~/nobody.sock\n".to_owned()
        }
        _ => {
            home.set_env("SSH_AUTH_SOCK", &socket);
            String::new()
        }
    }
}

/// A key file as somebody might write it.
fn written(home: &Home, dice: &mut Dice) -> String {
    let name = dice.pick(&NAMES);
    let ending = if dice.percent(15) { ".pub" } else { "" };
    match dice.below(4) {
        0 => format!("{}{ending}", home.join(name).display()),
        1 => format!("%d/{name}{ending}"),
        _ => format!("~/{name}{ending}"),
    }
}

fn configuration(home: &Home, dice: &mut Dice, agent: &str) -> String {
    let mut text = agent.to_owned();
    let mut line = |words: &str| writeln!(text, "{words}").expect("a string takes it");
    if dice.percent(35) {
        line(&format!("IdentitiesOnly {}", if dice.percent(85) { "yes" } else { "no" }));
    }
    if dice.percent(20) {
        line(dice.pick(&[
            "PubkeyAcceptedKeyTypes ssh-ed25519",
            "PubkeyAcceptedKeyTypes rsa-sha2-512,ecdsa-sha2-nistp256",
            "PubkeyAcceptedKeyTypes +ssh-rsa",
            "PubkeyAcceptedKeyTypes +ssh-dss",
            "PubkeyAcceptedKeyTypes -ssh-ed25519",
            "PubkeyAcceptedKeyTypes ssh-rsa",
            "PubkeyAcceptedKeyTypes ssh-ed25519-cert-v01@openssh.com,rsa-sha2-256",
        ]));
    }
    if dice.percent(12) {
        line("Match host 127.0.0.1\n  IgnoreUnknown RequiredRSASize\n  RequiredRSASize 3000\nHost *");
    }
    if dice.percent(5) {
        line(dice.pick(&["PubkeyAuthentication no", "PreferredAuthentications password", "IdentityFile none"]));
    }
    if dice.percent(20) {
        line("AddKeysToAgent yes");
    }
    if dice.percent(50) {
        for _ in 0..=dice.below(3) {
            line(&format!("IdentityFile \"{}\"", written(home, dice)));
        }
    }
    if dice.percent(20) {
        let name = dice.pick(&NAMES);
        line(&format!("CertificateFile \"~/{name}-cert.pub\""));
    }
    if dice.percent(5) {
        line("CertificateFile ~/pool/0-cert.pub");
    }
    if dice.percent(5) {
        line("CertificateFile ~/nothing-cert.pub");
    }
    if dice.percent(30) {
        line("BatchMode yes");
    }
    line("StrictHostKeyChecking no\nUserKnownHostsFile /dev/null");
    text
}

fn arguments(home: &Home, dice: &mut Dice, port: u16) -> Vec<String> {
    let mut words = vec!["-p".to_owned(), port.to_string()];
    for _ in 0..dice.below(3) {
        if dice.percent(40) {
            let name = dice.pick(&NAMES);
            let path = if dice.percent(50) { home.join(name).display().to_string() } else { (*name).to_owned() };
            let ending = if dice.percent(20) { ".pub" } else { "" };
            words.extend(["-i".to_owned(), format!("{path}{ending}")]);
        }
    }
    if dice.percent(8) {
        words.extend(["-o".to_owned(), format!("IdentityFile={}", written(home, dice))]);
    }
    if dice.percent(15) {
        words.extend(["-o".to_owned(), "IdentitiesOnly=yes".to_owned()]);
    }
    words.push("127.0.0.1".to_owned());
    words
}
