//! From a cleaned line to an event: a file for each part of the way, a list of matchers for each level.
//!
//! The order of the parts is the order of trying; sentences are told apart by their beginnings, so it rarely matters.

use super::event::Event;
use super::line::Line;
use super::server;
use super::text::has;

mod agent;
mod auth;
mod config;
mod connect;
mod gate;
mod handshake;
mod host_key;
mod keys;
mod session;
mod shell;

pub(crate) use gate::Beginnings;
pub(super) use gate::may_mean;

/// What the line says; [`Event::Other`] where nobody knows.
pub(super) fn read(line: &Line) -> Event {
    if server::marked(line.body()) {
        return Event::Other;
    }
    let known = match line.level() {
        0 => plain(line),
        1 => debug1(line),
        _ => deeper(line),
    };
    known.unwrap_or(Event::Other)
}

/// What ssh says without `-v`; and what anybody else says (shells, servers, programs).
fn plain(line: &Line) -> Option<Event> {
    if line.body().is_empty() || is_note_of_powershell(line.body()) {
        return None;
    }
    if !may_mean(line.body()) {
        return None;
    }
    matched(line)
}

fn matched(line: &Line) -> Option<Event> {
    config::plain(line)
        .or_else(|| connect::plain(line))
        .or_else(|| handshake::plain(line))
        .or_else(|| host_key::plain(line))
        .or_else(|| keys::plain(line))
        .or_else(|| agent::plain(line))
        .or_else(|| auth::plain(line))
        .or_else(|| session::plain(line))
        .or_else(|| shell::plain(line))
}

/// `+ CategoryInfo : NotSpecified: (…:String) [], RemoteException` repeats the line above it. That of a missing program
/// names it.
fn is_note_of_powershell(body: &str) -> bool {
    let body = body.trim_start_matches(['+', ' ']);
    (body.starts_with("CategoryInfo") || body.starts_with("FullyQualifiedErrorId")) && !has(body, "(ssh:String)")
}

fn debug1(line: &Line) -> Option<Event> {
    config::debug1(line)
        .or_else(|| connect::debug1(line))
        .or_else(|| handshake::debug1(line))
        .or_else(|| host_key::debug1(line))
        .or_else(|| keys::debug1(line))
        .or_else(|| agent::debug1(line))
        .or_else(|| auth::debug1(line))
        .or_else(|| session::debug1(line))
}

/// `-vv` and `-vvv`. Nearly all of a big log is here, so this list is short and looks at beginnings only.
fn deeper(line: &Line) -> Option<Event> {
    keys::deeper(line).or_else(|| agent::deeper(line)).or_else(|| handshake::deeper(line))
}

/// The event of one line, for the tests of this folder.
#[cfg(test)]
fn of(raw: &str) -> Event {
    let line = Line::clean(raw.as_bytes());
    assert!(line.level() > 0 || may_mean(line.body()) || matched(&line).is_none(), "gate.rs lacks a word of {raw:?}");
    read(&line)
}
