//! `turnpage play`: a journey as a game, line by line, on a terminal or through a pipe.
//!
//! Reads lines, prints what the game says, writes plays; the game itself is in journeys/authoring. Before: bench.rs. Next:
//! play/screen.rs.

mod screen;

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use turnpage_journeys_authoring::game::{Game, HELP, Verb, parse};
use turnpage_journeys_authoring::play;

use crate::args::PlayArgs;
use crate::bench::Bench;
use crate::load;

/// Plays until the lines end or the player does.
pub(crate) fn run(args: &PlayArgs) -> anyhow::Result<ExitCode> {
    let bench = match Bench::load(&args.bench)? {
        Ok(bench) => bench,
        Err(report) => return Ok(load::print(&report)),
    };
    // What is called by another is played through its caller.
    let names: Vec<&str> = bench.scripts.iter().map(|script| script.definition.name.value.as_str()).collect();
    let Some(journey) = args.journey.as_deref().or(names.first().copied()) else {
        anyhow::bail!("there is no journey to play");
    };
    let mut game = match Game::begin(bench.for_trials(), journey, args.at) {
        Ok(game) => game,
        Err(_) => {
            eprintln!("error: no journey is called `{journey}`; there are {}", names.join(", "));
            return Ok(ExitCode::FAILURE);
        }
    };
    let mut out = std::io::stdout().lock();
    let talks = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    if talks {
        writeln!(out, "`help` lists what can be said.\n")?;
    }
    write!(out, "{}", screen::view(&game.view()))?;
    let mut lines = std::io::stdin().lock().lines();
    loop {
        if talks {
            write!(out, "\n> ")?;
            out.flush()?;
        }
        let Some(line) = lines.next() else { break };
        let line = line.context("cannot read the next line")?;
        if !talks && !line.trim().is_empty() {
            // On a terminal the player has just typed it.
            writeln!(out, "\n> {}", line.trim())?;
        }
        if answer(&mut game, &bench, &line, &mut out)? == Next::Quit {
            break;
        }
    }
    if talks {
        writeln!(out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What comes after a line.
#[derive(PartialEq, Eq)]
enum Next {
    Line,
    Quit,
}

fn answer(
    game: &mut Game<'_>,
    bench: &Bench,
    line: &str,
    out: &mut impl std::io::Write,
) -> anyhow::Result<Next> {
    match parse(line) {
        Err(why) => writeln!(out, "{}", screen::refusal(&why))?,
        Ok(Verb::Nothing) => {}
        Ok(Verb::Quit) => return Ok(Next::Quit),
        Ok(Verb::Help) => write!(out, "{HELP}")?,
        Ok(Verb::Look) => write!(out, "{}", screen::view(&game.view()))?,
        Ok(Verb::Facts) => write!(out, "{}", screen::facts(&game.view()))?,
        Ok(Verb::Zones) => {
            for zone in &bench.stage.zones {
                writeln!(out, "  {}", zone.name)?;
            }
        }
        Ok(Verb::History) => write!(out, "{}", game.history())?,
        Ok(Verb::Save(name)) => match save(game, bench, &name) {
            Ok(path) => writeln!(out, "saved as {}", path.display())?,
            Err(error) => writeln!(out, "{}", screen::refusal(&format!("{error:#}")))?,
        },
        Ok(Verb::Do(command)) => match game.act(&command) {
            Ok(moments) => {
                for moment in &moments {
                    write!(out, "{}", screen::moment(moment))?;
                }
                writeln!(out)?;
                write!(out, "{}", screen::view(&game.view()))?;
            }
            Err(reasons) => {
                for why in reasons {
                    writeln!(out, "{}", screen::refusal(&why))?;
                }
            }
        },
    }
    Ok(Next::Line)
}

/// Writes what was played into a file of its own beside the journeys, or here when those are in the binary.
fn save(game: &Game<'_>, bench: &Bench, name: &str) -> anyhow::Result<PathBuf> {
    let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let file: String = name.chars().map(word).collect();
    let folder = bench.plays_folder().unwrap_or_else(|| Path::new("").to_owned());
    let path = folder.join(file.trim_matches('-')).with_extension("yaml");
    if file.trim_matches('-').is_empty() {
        anyhow::bail!("`{name}` has no letter to name a file by");
    }
    if !folder.as_os_str().is_empty() {
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make `{}`", folder.display()))?;
    }
    let mut out = std::fs::File::create_new(&path)
        .with_context(|| format!("cannot write `{}`: take another name", path.display()))?;
    out.write_all(play::write(&game.play(name)).as_bytes())
        .with_context(|| format!("cannot write `{}`", path.display()))?;
    Ok(path)
}
