//! Asking again and again, until the time is up.

use std::time::{Duration, Instant};

use super::Client;

/// The longest time without a sign of life.
const TICK: Duration = Duration::from_secs(1);

/// How long to wait before the next question: it grows from the first to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Before the second question.
    pub first: Duration,
    /// Before late ones.
    pub most: Duration,
}

impl Pace {
    /// For somebody who sits there and waits for a command.
    pub const SOON: Self = Self { first: Duration::from_secs(1), most: Duration::from_secs(3) };
    /// For what takes minutes.
    pub const LATER: Self = Self { first: Duration::from_secs(2), most: Duration::from_secs(10) };
}

/// The turns of one wait.
pub struct Turns<'a, 'b> {
    client: &'a Client<'b>,
    wait: Duration,
    most: Duration,
    since: Instant,
}

impl<'b> Client<'b> {
    /// Begins a wait; the client's time is its end.
    pub(super) fn turns(&self, pace: Pace) -> Turns<'_, 'b> {
        Turns { client: self, wait: pace.first, most: pace.most, since: Instant::now() }
    }
}

impl Turns<'_, '_> {
    /// Waits for the next turn and shows the seconds since the first; no turn is left where the time is up.
    pub(super) fn next(&mut self, show: &dyn Fn(u64)) -> bool {
        let wait = self.wait;
        self.wait = (wait * 5 / 4).min(self.most);
        self.pause(wait, show)
    }

    /// The same after a time that CircleCI asked for.
    pub(super) fn pause(&mut self, mut wait: Duration, show: &dyn Fn(u64)) -> bool {
        loop {
            show(self.since.elapsed().as_secs());
            if self.client.left().is_zero() || wait.is_zero() {
                return !self.client.left().is_zero();
            }
            let slice = wait.min(TICK);
            self.client.pause(slice);
            wait -= slice;
        }
    }
}
