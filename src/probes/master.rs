//! The process behind ControlPath's socket, which ssh would rather use than make a connection of its own.
//!
//! A master greets whoever connects (OpenSSH's PROTOCOL.mux, section 2). One whose process hangs still has its socket, the
//! system still takes connections for it, and ssh waits for the greeting without a limit.

use std::{io, path::Path, time::Duration};

use crate::{facts::Config, system::System};

/// Whether the master keeps silent; nothing where there is no socket, or nobody behind it, which ssh sees by itself.
pub fn is_silent(system: &dyn System, config: &Config, limit: Duration) -> Option<bool> {
    let path = config.control_path.as_deref().filter(|_| config.control_socket_exists)?;
    let mut stream = system.connect_local(Path::new(path), limit).ok()?;
    stream.set_timeout(limit).ok()?;
    let mut first = [0];
    match stream.read_exact(&mut first) {
        Ok(()) => Some(false),
        Err(error) => Some(matches!(error.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::system::{
        Platform,
        recorded::{End, Exchange, Recorded},
    };

    fn with(exchange: Result<Exchange, io::ErrorKind>) -> Option<bool> {
        let system = Recorded::new(Platform::Linux).user("ana", "/home/ana").socket("/home/ana/.ssh/cm", exchange);
        let config =
            Config { control_path: Some("/home/ana/.ssh/cm".into()), control_socket_exists: true, ..Config::default() };
        is_silent(&system, &config, Duration::from_secs(1))
    }

    #[test]
    fn greets_or_keeps_silent_or_is_gone() {
        let hello = [0, 0, 0, 8, 0, 0, 0, 1, 0, 0, 0, 4];
        assert_eq!(with(Ok(Exchange::says(hello, End::Silence))), Some(false));
        assert_eq!(with(Ok(Exchange::says([], End::Silence))), Some(true));
        assert_eq!(with(Err(io::ErrorKind::ConnectionRefused)), None);
        assert_eq!(is_silent(&Recorded::new(Platform::Linux), &Config::default(), Duration::from_secs(1)), None);
    }
}
