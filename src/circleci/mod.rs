//! CircleCI's side: which installation, and the token that it is asked with.
//!
//! - [`host`]: the installation. Everything that decides whether two addresses are the same CircleCI stands there.
//! - [`token`]: the API token, which nothing can print by accident.
//! - [`client`]: asks, and says what counts as an answer; its calls stand in [`api`], a file per version, and [`steps`] reads
//!   what the Enable SSH step prints. An answer that cannot be understood is no answer, and never a no.
//! - [`which`]: the job that an address is about. [`rerun`]: starts it again with SSH and follows it to its command.
//!   [`ssh_jobs`]: the jobs with SSH that run or wait, and how one is cancelled.
//! - [`credentials`]: where the user already has both: options, environment, the files and the keyring of CircleCI's own CLI.
//!
//! Two rules hold for all of it. A token goes to the installation it was stored for and to no other; an address that was
//! pasted never names the installation, it is only compared with it ([`host::Host::serves`]).
//!
//! # To add a source of tokens
//!
//! A variant in [`token::TokenSource`] with its words, and its place in the order: a variable in `credentials::TOKENS`, what is
//! stored in `Search::stored`. A stored token carries the installation it is for, and is passed over where the user named
//! another one; why a source gave nothing goes to `Search::passed`, which becomes
//! [`why_no_token`](credentials::Credentials::why_no_token) or the notes. The test `no_token_shows` formats whatever the new
//! source returns, in good and in damaged form.

pub mod api;
pub mod client;
pub mod credentials;
mod document;
mod error;
pub mod follow;
pub mod host;
pub mod rerun;
pub mod slug;
pub mod ssh_jobs;
pub mod steps;
pub mod time;
pub mod token;
pub mod turns;
pub mod which;

pub use client::Client;
pub use credentials::Credentials;
pub use error::ApiError;
pub use host::Host;
pub use slug::Slug;
pub use token::{Token, TokenSource};
