//! CircleCI's API, as far as this program speaks it: documents as types, and a function for each call.
//!
//! Everything may be missing from a document and every list of words is open: CircleCI adds to them, and a server of
//! somebody's own is older. To add a call: a function in the file of its version; the fake of the tests holds v2's to the
//! published description.

pub mod v1;
pub mod v2;
pub mod v3;
