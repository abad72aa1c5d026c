//! Agents of this user that ssh does not ask, and their keys: the right key often lives in one of them.
//!
//! They are looked for only where a login was refused, all side by side, and each gets the same short time. They are asked
//! for their list and for nothing else, and none is asked that would do more than answer ([`places`]).

use std::{
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use super::{ask, places, program, same};
use crate::{
    facts::{Agent, OtherAgent},
    probes::text,
    system::{Account, Kind, Run, System},
};

/// Keys of one agent that are of interest: with more before it, no server hears of a key.
const KEYS: usize = 64;
/// How long tmux may take to tell a variable.
const TMUX_LIMIT: Duration = Duration::from_millis(500);

/// Finds and asks them; `agent` is the one that ssh asks, and `limit` is for each.
pub fn look(system: &dyn System, account: &Account, agent: &Agent, limit: Duration) -> Vec<OtherAgent> {
    let mut named: Vec<(PathBuf, &'static str)> = Vec::new();
    named.extend(text::filled(system.env("SSH_AUTH_SOCK")).map(|path| (path.into(), "SSH_AUTH_SOCK")));
    named.extend(tmux(system, limit).map(|path| (path, "tmux")));
    named.retain(|(path, _)| {
        places::is(system, account, path, Kind::Socket) && places::may_be_touched(system, account, path)
    });
    named.extend(places::usual(system, account).into_iter().map(|path| (path, "usual-place")));

    let asked = agent.socket.as_deref().map(Path::new);
    let mut wanted: Vec<(PathBuf, &'static str)> = Vec::new();
    for (path, named_by) in named {
        let known = asked.into_iter().chain(wanted.iter().map(|(known, _)| known.as_path()));
        if !known.into_iter().any(|known| same(system, known, &path)) {
            wanted.push((path, named_by));
        }
    }
    thread::scope(|scope| {
        let threads: Vec<_> =
            wanted.iter().map(|(path, named_by)| scope.spawn(move || one(system, path, named_by, limit))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok().flatten()).collect()
    })
}

/// The one that `SSH_AUTH_SOCK` names, where it has keys.
pub fn named_by_the_shell(others: &[OtherAgent]) -> Option<OtherAgent> {
    let found = others.iter().find(|other| other.named_by == "SSH_AUTH_SOCK" && other.identities > 0)?;
    Some(OtherAgent { keys: Vec::new(), ..found.clone() })
}

fn one(system: &dyn System, path: &Path, named_by: &str, limit: Duration) -> Option<OtherAgent> {
    let asked = places::may_be_asked(path);
    let mut keys = if asked {
        ask(system, path, limit).identities.filter(|keys| !keys.is_empty())?
    } else {
        system.connect_local(path, limit).ok()?;
        Vec::new()
    };
    let identities = keys.len();
    keys.truncate(KEYS);
    keys.iter_mut().for_each(|key| key.offered = false.into());
    let (socket, program) = (text::path(path), program::of(path).to_owned());
    Some(OtherAgent { socket, named_by: named_by.to_owned(), program, asked, identities, keys })
}

/// What new windows of this tmux would have for the agent: it takes the variable over from each client that attaches
/// (tmux(1), update-environment), and shells that were open before keep the old one.
fn tmux(system: &dyn System, limit: Duration) -> Option<PathBuf> {
    text::filled(system.env("TMUX"))?;
    let program = system.programs("tmux").into_iter().next()?;
    let run = Run {
        program: &program,
        args: ["show-environment", "SSH_AUTH_SOCK"].map(Into::into).to_vec(),
        env: Vec::new(),
        timeout: limit.min(TMUX_LIMIT),
        cap: 4 * 1024,
        stop: None,
    };
    let ran = system.run(&run).ok()?;
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let value = said.trim_end().strip_prefix("SSH_AUTH_SOCK=")?;
    (ran.code == Some(0) && value.starts_with('/')).then(|| PathBuf::from(value))
}
