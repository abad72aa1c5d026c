//! `circleci ssh-doctor`: the same program as a plug-in of CircleCI's own CLI, which runs `circleci-NAME` for `circleci NAME`.

#[path = "../main.rs"]
mod program;

fn main() -> std::process::ExitCode {
    program::run(cci_ssh::cli::plugin)
}
