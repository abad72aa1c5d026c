//! The server's banner (RFC 4252 section 5.4), which ssh prints as it comes: any text, the words of ssh among it.
//!
//! Servers send it with their first answer, so in a log with `-v` it stands between two lines of ssh: the service is
//! accepted, and these methods can continue. ssh itself says nothing of weight there but why a connection ends, and then no
//! methods follow. So where they do, all that was read in between is forgotten. To keep something of that place, add it to
//! [`Attempt::forget_the_banner`].

use super::Attempt;
use crate::ssh::log::event::Event;
use crate::ssh::log::parser::Logged;

impl Attempt {
    /// Remembers where a banner may begin, and forgets it where it has ended.
    pub(super) fn mind_the_banner(&mut self, logged: &Logged) {
        match logged.event {
            Event::ServiceAccepted if logged.level > 0 => {
                // What was known of other attempts changes with none of this.
                let (earlier, previous) = (std::mem::take(&mut self.earlier), self.state.previous.take());
                self.state.before_banner = None;
                let before = self.clone();
                (self.earlier, self.state.previous) = (earlier, previous);
                self.state.before_banner = Some(Box::new(before));
            }
            Event::AuthMethodsContinue { .. } if logged.level > 0 => self.forget_the_banner(),
            _ => {}
        }
    }

    fn forget_the_banner(&mut self) {
        let Some(before) = self.state.before_banner.take() else { return };
        let now = std::mem::replace(self, *before);
        (self.earlier, self.state.previous) = (now.earlier, now.state.previous);
        // Newer servers name their signature algorithms with the first answer too.
        (self.server, self.detail) = (now.server, now.detail);
    }
}
