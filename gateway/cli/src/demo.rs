//! `turnpage demo`: a whole park day in one process tree: gateway, store, nodes, crowd, offers and their outcomes.
//!
//! Wires the gateway to the simulated park and shows what happens; it takes part in nothing. The simulated nodes and
//! bands reach the gateway over TCP like any others. Before: args.rs. Next: demo/day.rs.

mod clock;
mod day;
pub(crate) mod park;
mod screen;
mod summary;

use std::process::ExitCode;

use anyhow::Context as _;

use crate::args::DemoArgs;
use crate::{load, out};
use day::Day;
use screen::Screen;
use summary::Summary;

/// Runs the day until it is over, the time given is up, or ctrl-c; prints what came of it.
pub(crate) fn run(args: &DemoArgs) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    runtime.block_on(async {
        let park = match park::load() {
            Ok(park) => park,
            Err(report) => return Ok(load::print(&report)),
        };
        let mut day = Day::start(args, park).await?;
        let mut screen = Screen::new(args.headless, day.time_zone());
        screen.opening(&day.opening());
        let watched = watch(&mut day, &mut screen, args).await;
        screen.close();
        let summary = day.finish().await?;
        watched?;
        out::put(&summary)?;
        Ok(verdict(&summary, args.strict))
    })
}

/// Shows the day as it happens; returns when it is over or somebody wants it to be.
async fn watch(day: &mut Day, screen: &mut Screen, args: &DemoArgs) -> anyhow::Result<()> {
    let time_is_up = async {
        match args.real_time {
            Some(time) => tokio::time::sleep(time).await,
            None => std::future::pending().await,
        }
    };
    tokio::pin!(time_is_up);
    let interrupt = tokio::signal::ctrl_c();
    tokio::pin!(interrupt);
    loop {
        tokio::select! {
            happened = day.next() => match happened? {
                day::Happened::Offer(offer) => screen.offer(&offer),
                day::Happened::Progress(progress, live) => screen.progress(&progress, &live),
                day::Happened::Over => return Ok(()),
            },
            () = &mut time_is_up => return Ok(()),
            asked = &mut interrupt => return asked.context("cannot listen for ctrl-c"),
        }
    }
}

fn verdict(summary: &Summary, strict: bool) -> ExitCode {
    let failings = summary.failings();
    if !strict || failings.is_empty() {
        return ExitCode::SUCCESS;
    }
    for failing in failings {
        eprintln!("error: {failing}");
    }
    ExitCode::FAILURE
}
