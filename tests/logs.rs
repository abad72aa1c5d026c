//! Logs of ssh, and what the doctor says about them.
//!
//! `tests/logs` has them, in folders, each folder with its `labels.jsonl`: one object for each log, with the cause and what
//! its fixes have to say. Three promises are held here: the first cause is the true one, and what a log has lost makes the
//! doctor less sure but never sure of something else; what it prints may be pasted; a healthy login gets silence.
//!
//! `LOGS=all cargo test --test logs` tries everything that is otherwise sampled, and prints all that is wrong; `LOGS=7` takes
//! another sample.
#![expect(clippy::disallowed_methods, reason = "tests read their logs")]

#[path = "logs_runner/binary.rs"]
mod binary;
#[path = "offers/dice.rs"]
mod dice;
#[path = "logs_runner/label.rs"]
mod label;
#[path = "logs_runner/mixed.rs"]
mod mixed;
#[path = "logs_runner/mutated.rs"]
mod mutated;
#[path = "logs_runner/pipeline.rs"]
mod pipeline;
#[path = "logs_runner/removal.rs"]
mod removal;
#[path = "logs_runner/strangers.rs"]
mod strangers;
#[path = "logs_runner/whole.rs"]
mod whole;
