//! `circleci ssh-doctor`: the same program as a plug-in of CircleCI's own CLI, which runs `circleci-NAME` for `circleci NAME`.

#[path = "../main.rs"]
mod program;

fn main() -> std::process::ExitCode {
    cci_ssh::system::real::on_interrupt(|| std::process::exit(program::INTERRUPTED));
    program::run(cci_ssh::cli::plugin)
}
