//! One fault at a time. See the list in `main.rs`.

mod agents;
mod algorithms;
mod certificates;
mod clients;
mod commands;
mod config;
mod dropbear;
mod enable_ssh;
mod greetings;
mod host_keys;
mod key_files;
mod key_formats;
mod keys;
mod lines;
mod network;
mod other_agents;
mod passphrases;
mod penalties;
mod pkcs11;
mod proxies;
mod refused_config;
mod secrets;
mod security_keys;
mod senders;
mod servers;
mod sha1;
mod sharing;

pub(crate) use certificates::signed;
