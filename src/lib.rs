//! cci-ssh: the doctor for SSH into CircleCI jobs. This page is the map of the code.
//!
//! # The way of the data
//!
//! ```text
//! main ─▶ cli ─▶ doctor:  target ─▶ probes ─▶ facts ─▶ infer ─▶ checks ─▶ findings ─▶ report ─▶ exit code
//! ```
//!
//! What was seen (facts), what follows from it (inferred facts), what is wrong (checks) and how it is said (report) are four
//! different places, and each can be tested without the others: facts are one document, `cci-ssh facts` prints it, and
//! `cci-ssh doctor --from` judges it again.
//!
//! # The modules
//!
//! - [`target`]: what the user asked about. An ssh command in any shape a clipboard holds becomes a
//!   [`Target`](target::Target): words that can be handed to ssh, and what was left out because pasted text must not run
//!   programs.
//! - [`system`]: the one door to the machine. Files, environment, clock, processes, sockets and HTTP are methods of
//!   [`System`](system::System); the real one is [`system::real`], a recorded one ([`system::recorded`]) plays a Mac or a
//!   Windows machine in tests. `clippy.toml` refuses the standard library's doors everywhere else.
//! - [`ssh`]: formats and protocol. Bytes in, types out: keys, certificates, known_hosts, the agent's messages, the output of
//!   `ssh -G` and `ssh -v`, greetings and key exchange. Pure, and made for damaged and hostile input.
//! - [`circleci`]: CircleCI's side: which installation it is, and the token to ask it with, found where the official CLI
//!   keeps them. A token goes to the installation it was stored for, and nothing can print it. What acts stands here too: a
//!   job's rerun with SSH, followed to its command, and the jobs with SSH that hold places.
//! - [`image`]: what a job's image does to the environment of whoever logs in: which files its login shell reads, what they
//!   set anew, and the line of a Dockerfile that puts it right.
//! - [`facts`]: the document. A section for each thing that is looked at, typed and serialisable; what could not be learnt
//!   is [`Unknown`](facts::Fact::Unknown) with the reason. [`facts::infer`] holds what follows from facts: what ssh would
//!   offer, which key the job accepts, how far the login came.
//! - [`probes`]: a file per thing that is looked at. A probe fills its section through [`System`](system::System), inside a
//!   time limit, without a prompt and without a verdict. [`probes::log`] stands in for all of them where somebody sent a log:
//!   it fills what the log shows and leaves the rest unknown, and the same inference and the same checks follow.
//! - [`checks`]: the catalogue. `checks/<stage>/<id>.md` in the repository's root says when something is wrong, in which
//!   words, and what mends it; the module loads these files, evaluates their conditions (an unknown fact makes no
//!   accusation) and fills in their words, quoted for the shell they are for.
//! - [`findings`]: what fired. Findings with evidence and fixes, and the graph of what explains what, from which come the
//!   order and the [`Verdict`](findings::Verdict).
//! - [`report`]: one model, rendered as text or JSON; no format decides anything, and nothing reaches a terminal but
//!   through [`report::safe`].
//! - [`doctor`]: the pipeline, which reads like the arrow line above; `doctor/look.rs` says which probes run side by side.
//!   `doctor/connect.rs` makes of what was found the words with which a person gets in.
//! - [`cli`]: the command line as types, a file per subcommand, and the exit code. `src/bin/circleci-ssh-doctor.rs` is the same
//!   program as a plug-in of CircleCI's own CLI.
//!
//! # Who may import whom
//!
//! ```text
//! system, ssh, image, target, findings    nothing of ours
//! circleci                         system, target
//! facts                            ssh, image, target
//! probes                           system, ssh, image, circleci, target, facts
//! checks, report                   facts, findings
//! doctor                           all of the above but report
//! cli                              doctor, report and what they speak in
//! ```
//!
//! Nobody imports `doctor` or `cli` but what stands above them. `tests/layers.rs` holds the arrows.
//!
//! # To add something
//!
//! - **A check**: one file in `checks/`; `checks/README.md` goes through it from zero. `cargo test --test catalog` says what is
//!   wrong with it, and `UPDATE=1 cargo test --test docs` puts it into `docs/checks.md`.
//! - **A fact that follows from others**: a field with a doc comment that ends in "(inferred)", a function with its tests in
//!   the file of its subject in [`facts::infer`], and its line in [`facts::infer::all`] behind what it builds on. Then
//!   `UPDATE=1 cargo test --test docs`: the schema that it writes is the one that conditions are held against.
//! - **A fact that has to be looked up**: a field in [`facts`], filled by the probe that looks at that thing; where the thing
//!   has a format, a parser in [`ssh`]. A new section needs its words in `report/text/thing.rs` (a test says so).
//! - **A probe**: a section in [`facts`], a file in [`probes`] with `look`, tests against a recorded machine, its place in
//!   `doctor/look.rs`. What it needs of the machine and [`System`](system::System) cannot do yet is a new method there.
//! - **A sender**, something that has a command of its own sent in place of a plain login: how its script begins is a line in
//!   [`ssh::author`], how it takes the place of `ssh` an effect in `facts/infer/wrapper.rs`, and a check names it.
//! - **A base image** that Dockerfiles begin with: a line in [`image::base`], and a Dockerfile in `tests/dockerfiles/`.
//! - **A fault for the tests**: a test in `tests/live/faults/`, which sets it up, expects its check as the one root cause, and
//!   pastes the printed fix.
//! - **A question to CircleCI**: a call in [`circleci::api`], an endpoint of the fake in `tests/support/circleci/` (which holds v2
//!   to CircleCI's published description), a field in [`facts::circleci`], and its place in [`probes::circleci`].
//! - **A command**: a file in `cli/` and a line in its `Command`.

pub mod checks;
pub mod circleci;
pub mod cli;
pub mod doctor;
pub mod facts;
pub mod findings;
pub mod image;
pub mod probes;
pub mod report;
pub mod ssh;
pub mod system;
pub mod target;
