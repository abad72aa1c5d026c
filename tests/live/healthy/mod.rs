//! Set-ups that work, however unusual. See the list in `main.rs`.

mod agents;
mod config;
mod keys;
mod known_hosts;
mod surroundings;
mod ways;
