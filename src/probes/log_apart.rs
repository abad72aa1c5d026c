//! ssh's log without the words of others.
//!
//! ssh shows a server's banner (RFC 4252 section 5.4) on the same standard error as its log, letter by letter, and programs
//! that it starts write there too: a banner of two lines can be a login that never was. `-E` (ssh(1)) takes the log out to
//! standard output, which is empty without a session. Both stay together through a proxy, whose words tell where the way
//! ends, and where a token may be asked: ssh's helper for tokens says nothing at all beside `-E` (ssh-sk-client.c).

use std::{io, path::Path};

use crate::system::{Output, Ran, Run, System, Watch};

/// Standard output as a file.
const STDOUT: &str = "/dev/stdout";

/// Runs ssh and shows the lines of its log to `hear`; `together`: with what others write.
pub(super) fn watch(
    system: &dyn System,
    run: Run<'_>,
    together: bool,
    hear: &mut (dyn FnMut(&[u8]) -> Watch + Send),
) -> io::Result<Ran> {
    if together || system.metadata(Path::new(STDOUT)).is_err() {
        return system.watch(&run, &mut |_, line| hear(line));
    }
    let mut apart = run.clone();
    apart.args.splice(0..0, ["-E".into(), STDOUT.into()]);
    let mut begun = false;
    let mut refused = false;
    let ran = system.watch(&apart, &mut |output, line| {
        begun |= output == Output::Out;
        refused |= !begun && line.starts_with(b"Couldn't open logfile");
        // Before its log begins ssh may fail to start, or to understand its command line.
        if refused || (begun && output == Output::Err) { Watch::Continue } else { hear(line) }
    });
    // A sandbox may keep a process from opening its own output by name.
    if refused { system.watch(&run, &mut |_, line| hear(line)) } else { ran }
}
