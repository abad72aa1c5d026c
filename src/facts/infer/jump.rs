//! The jump host at which the way to the target ended.

use crate::{
    facts::FailedJump,
    ssh::log::{Attempt, Outcome, Proxy},
};

/// The jump host that did not let the connection through; `None` when the attempt ended for another reason, or when no
/// jump host is to blame.
pub(super) fn failed(attempt: &Attempt) -> Option<FailedJump> {
    if attempt.outcome != Outcome::ProxyFailed {
        return None;
    }
    let jumps = &attempt.proxy.as_ref()?.jumps;
    // A jump host that let us in carries on until the one behind it fails.
    let jump = jumps.iter().find(|jump| jump.outcome != Outcome::Authenticated)?;
    let word = serde_json::to_value(jump.outcome).ok();
    Some(FailedJump {
        host: jump.host.clone(),
        port: jump.port,
        user: jump.user.clone(),
        outcome: word.and_then(|word| word.as_str().map(str::to_owned)).unwrap_or_default(),
        denied: matches!(jump.outcome, Outcome::Refused | Outcome::RefusedOther | Outcome::TooManyFailures),
        seen: jump.decisive.clone().unwrap_or_default(),
    })
}

/// Whether all that is said of the way is that there was one: `Connection closed by UNKNOWN port 65535` without `-v`.
pub(super) fn behind_unknown(attempt: &Attempt) -> bool {
    let nothing = |proxy: &Proxy| !proxy.jump && proxy.command.is_none() && proxy.jumps.is_empty();
    attempt.outcome == Outcome::ProxyFailed && attempt.proxy.as_ref().is_some_and(nothing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ssh::log::Jump;

    fn of(outcome: Outcome, jumps: &[(&str, Outcome)]) -> Option<(String, bool)> {
        let jumps = jumps
            .iter()
            .map(|(host, outcome)| Jump { host: Some((*host).to_owned()), outcome: *outcome, ..Jump::default() })
            .collect();
        let proxy = Some(Proxy { jump: true, jumps, ..Proxy::default() });
        let mut attempt = Attempt::new("test");
        (attempt.outcome, attempt.proxy) = (outcome, proxy);
        let jump = failed(&attempt)?;
        Some((jump.host?, jump.denied))
    }

    #[test]
    fn the_one_that_stopped_us_is_named() {
        let way = [("a", Outcome::Authenticated), ("b", Outcome::Refused)];
        assert_eq!(of(Outcome::ProxyFailed, &way), Some(("b".into(), true)));
        assert_eq!(of(Outcome::ProxyFailed, &[("a", Outcome::ConnectFailed)]), Some(("a".into(), false)));
        assert_eq!(of(Outcome::ProxyFailed, &[("a", Outcome::Authenticated)]), None, "the target did not answer it");
        assert_eq!(of(Outcome::Refused, &[("a", Outcome::Authenticated)]), None);
    }
}
