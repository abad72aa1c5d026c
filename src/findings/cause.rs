//! Which finding explains which, and what comes first.
