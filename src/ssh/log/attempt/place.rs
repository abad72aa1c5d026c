//! Where an attempt went, and how that is said.

use super::Attempt;

impl Attempt {
    /// Host and port that the client meant or, where no line says so, those that it connected to.
    pub fn destination(&self) -> Option<(&str, u16)> {
        let met = self.target.as_ref().map(|met| (met.host.as_str(), met.port));
        let connect = self.connect.as_ref().map(|connect| (connect.host.as_str(), connect.port));
        met.or(connect.filter(|(host, _)| !host.is_empty()))
    }
}

/// `203.0.113.7 port 64535`, as ssh says it.
pub fn place(host: &str, port: Option<u16>) -> String {
    port.map_or_else(|| host.to_owned(), |port| format!("{host} port {port}"))
}

#[cfg(test)]
mod tests {
    use super::super::types::{Connect, Target};
    use super::*;

    #[test]
    fn the_host_that_was_meant_comes_before_the_one_that_was_reached() {
        let mut attempt = Attempt { connect: Some(Connect::default()), ..Attempt::default() };
        assert_eq!(attempt.destination(), None, "a connection without a name");
        attempt.connect = Some(Connect { host: "192.0.2.1".into(), port: 22, ..Connect::default() });
        assert_eq!(attempt.destination(), Some(("192.0.2.1", 22)));
        attempt.target = Some(Target { host: "job".into(), port: 64535, ..Target::default() });
        assert_eq!(attempt.destination(), Some(("job", 64535)));
        assert_eq!((place("job", Some(22)), place("job", None)), ("job port 22".into(), "job".into()));
    }
}
