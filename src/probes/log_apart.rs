//! ssh's log without the words of others.
//!
//! ssh shows a server's banner (RFC 4252 section 5.4) on the same standard error as its log, letter by letter, and programs
//! that it starts write there too: a banner of two lines can be a login that never was. `-E` (ssh(1)) takes the log out to
//! standard output, which is empty without a session. Through a proxy both stay together, for the proxy's words tell
//! where the way ends.

use std::{io, path::Path};

use crate::system::{Output, Ran, Run, System, Watch};

/// Standard output as a file.
const STDOUT: &str = "/dev/stdout";

/// Runs ssh and shows the lines of its log to `hear`; `proxied`: through a proxy command.
pub(super) fn watch(
    system: &dyn System,
    run: Run<'_>,
    proxied: bool,
    hear: &mut (dyn FnMut(&[u8]) -> Watch + Send),
) -> io::Result<Ran> {
    if proxied || system.metadata(Path::new(STDOUT)).is_err() {
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
