//! The ssh program, by the first line of a log with `-v`.

use crate::{
    facts::{Client, Fact, Machine, Os},
    probes::client::told,
    ssh::{log::Attempt, version},
    system::Platform,
};

pub(super) fn look(attempt: &Attempt, machine: &Fact<Machine>) -> Fact<Client> {
    let Some(client) = &attempt.client else {
        return Fact::unknown("the log does not show ssh's version; with -v it is the first line");
    };
    match version::parse(&client.text) {
        Ok(openssh) => {
            let platform = match machine.known().map(|machine| machine.os) {
                Some(Os::Macos) => Platform::Macos,
                Some(Os::Windows) => Platform::Windows,
                Some(Os::Linux) => Platform::Linux,
                Some(Os::Unix) | None => Platform::Unix,
            };
            told(&openssh, platform).into()
        }
        Err(_) => Fact::unknown("the log's first line is no version of OpenSSH"),
    }
}
