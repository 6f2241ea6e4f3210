//! The `turnpage` binary: reads the command line, runs one command, turns its result into an exit code.
//!
//! stdout is data, stderr is talk. Exit 0 is fine, 1 found problems, 2 wrong usage. Everything it does lives in a
//! library: this crate only wires, prints and counts. Next: args.rs, then the module of a command.

mod args;
mod audit;
mod bench;
mod check;
mod compile;
mod demo;
mod draw;
mod explore;
mod fmt;
mod import;
mod load;
mod log;
mod lsp;
mod moves;
mod out;
mod play;
mod progress;
mod replay;
mod report;
mod run;
mod schema;
mod stage;
mod store;
mod test;
mod token;
mod why;

use std::process::ExitCode;

use clap::Parser;

use args::{Args, Command, ImportCommand};

// The engine's state is many small allocations made once; mimalloc keeps them dense.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let args = Args::parse();
    log::start(args.verbose, args.log);
    let result = match args.command {
        Command::Demo(args) => demo::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Play(args) => play::run(&args),
        Command::Test(args) => test::run(&args),
        Command::Explore(args) => explore::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Why(args) => why::run(&args),
        Command::Report(args) => report::run(&args),
        Command::Draw(args) => draw::run(&args),
        Command::Compile(args) => compile::run(&args),
        Command::Fmt(args) => fmt::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Store(command) => store::run(&command),
        Command::Audit(command) => audit::run(&command),
        Command::Token(command) => token::run(&command),
        Command::Lsp(args) => lsp::run(&args),
        Command::Import(ImportCommand::AwsIotEvents(args)) => import::run(&args),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
