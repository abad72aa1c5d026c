//! What is kept of the attempts before the last one.

use super::Attempt;
use super::types::{Earlier, Offer};

/// Attempts kept.
const MAX_EARLIER: usize = 8;
/// Offers kept of each.
const MAX_OFFERS: usize = 8;

impl Attempt {
    /// Keeps what this attempt came to for the one that follows it.
    pub(super) fn earlier_with_this(&self) -> Vec<Earlier> {
        let mut earlier = self.earlier.clone();
        if self.attempts > 0 {
            earlier.push(self.summary());
        }
        let surplus = earlier.len().saturating_sub(MAX_EARLIER);
        earlier.drain(..surplus);
        earlier
    }

    fn summary(&self) -> Earlier {
        let named = self.as_jump();
        Earlier {
            number: self.attempts,
            first_line: self.first_line,
            last_line: self.last.as_ref().and_then(|seen| seen.line),
            host: named.host,
            port: named.port,
            user: named.user,
            command: self.command.clone(),
            detail: self.detail,
            reached: self.reached,
            outcome: self.outcome,
            decisive: self.decisive.clone(),
            offers: self.offers.iter().take(MAX_OFFERS).cloned().collect(),
            accepted: self.offers.iter().rfind(|offer| took(offer)).cloned(),
            method: self.method.clone(),
            git_host: self.session.as_ref().and_then(|session| session.git_host.clone()),
        }
    }
}

fn took(offer: &Offer) -> bool {
    offer.accepted
}
