//! What SSH programs write and send, as types: bytes in, types out.
//!
//! Nothing here touches a file, a socket, the clock or the environment, nothing imports another part of this crate, and
//! nothing judges: a module says what a file or a message *is*, in the terms of the RFC or manual page its head names.
//! Input is hostile or damaged as often as not, so no parser panics (each has a property test that says so), and texts are
//! handed on as they are: whoever prints them strips control characters.
//!
//! - [`version`]: which program, from `ssh -V`, `ssh -v` or a greeting; which versions have what.
//! - [`key_file`]: what a private-key file is, by the bytes as OpenSSH reads them, and why it refuses one.
//! - [`public_key`], [`certificate`]: public lines and blobs, fingerprints; what a certificate says.
//! - [`known_hosts`]: which lines speak about a host and port.
//! - [`agent`]: the agent protocol, both ways; [`agent_bind`]: the question that tells a locked agent.
//! - [`greeting`], [`kex`]: what a server sends before encryption, and what two offers agree on.
//! - [`effective`]: the outcome of `ssh -v -G`: values, files, blocks, errors.
//! - [`config_text`]: where in the configuration's text a value comes from.
//! - [`log`]: what `ssh -v` says about a login, as events, and how far it came.
//! - [`author`]: which program wrote a remote command, by how it begins.
//! - [`secrets`]: what in a command line must not be shown.
//! - [`seen`]: a line that somebody can look up again.
//! - [`options`]: the history of option names.
//! - [`drives`]: which paths lie on a drive of Windows.
//! - [`tokens`]: `~`, `%h` and `${NAME}` in paths.
//! - [`pattern`]: the `*` and `?` of host patterns. `wire`: the types of RFC 4251 that binary formats share.
//!
//! To add a format: a file named after it, whose head names its specification; an enum or struct that can say *unknown*
//! (an unknown name is kept, never an error); unit tests beneath it on real bytes, from `tests/ssh/zoo/make.sh` where a
//! program makes them; a property test with arbitrary bytes; a line in this list. Where the real program can be asked, a
//! test in `tests/ssh_zoo.rs` or `tests/ssh_config.rs` asks it.

pub mod agent;
pub mod agent_bind;
pub mod author;
pub mod certificate;
pub mod config_text;
pub mod drives;
pub mod effective;
pub mod greeting;
pub mod kex;
pub mod key_file;
pub mod known_hosts;
pub mod log;
pub mod options;
pub mod pattern;
pub mod public_key;
pub mod secrets;
pub mod seen;
pub mod tokens;
pub mod version;
mod wire;
