//! Names of the things in a world: handles for tests, UUIDs and tokens for the wire.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering};

use ring::digest::{SHA256, digest};

/// Which one of its kind a thing is: `world[job].status`.
pub(crate) struct Id<T> {
    pub(crate) index: usize,
    kind: PhantomData<fn() -> T>,
}

impl<T> Id<T> {
    pub(crate) fn new(index: usize) -> Self {
        Self { index, kind: PhantomData }
    }
}

impl<T> Clone for Id<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Id<T> {}

impl<T> PartialEq for Id<T> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}

impl<T> fmt::Debug for Id<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.index)
    }
}

/// The same in every run, so that reports can be compared.
pub(crate) fn uuid(kind: &str, number: usize) -> String {
    let hash = hex(digest(&SHA256, format!("{kind} {number}").as_bytes()).as_ref());
    format!("{}-{}-4{}-8{}-{}", &hash[..8], &hash[8..12], &hash[12..15], &hash[15..18], &hash[18..30])
}

/// A personal token, of the form that CircleCI gives out. Never the same twice: what one service takes is wrong for another.
pub(crate) fn token(login: &str) -> String {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::SeqCst);
    let hash = hex(digest(&SHA256, format!("{login} {} {number}", std::process::id()).as_bytes()).as_ref());
    format!("CCIPAT_{}_{}", opaque(login, usize::try_from(number).unwrap_or_default()), &hash[..40])
}

/// 22 letters and digits, as in the slugs of organisations and projects of the kind `circleci`.
pub(crate) fn opaque(kind: &str, number: usize) -> String {
    let hash = digest(&SHA256, format!("{kind} {number} opaque").as_bytes());
    let letters = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz123456789";
    hash.as_ref()[..22].iter().map(|byte| char::from(letters[usize::from(*byte) % letters.len()])).collect()
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
