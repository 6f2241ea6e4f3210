//! `turnpage report`: what offers came to, from a gateway's data or from a file of single offers.
//!
//! A running gateway is asked at its own socket; without one its books and its log are read here. Counting and reckoning are
//! gateway/report's. Before: args.rs. Next: gateway/report.

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use turnpage_gateway_core::{Edition, State};
use turnpage_gateway_report::{Ledger, Promise, Report, Stories, Tally, Writer, table};
use turnpage_gateway_server::books::Books;
use turnpage_gateway_server::{control, promises};
use turnpage_gateway_store::{Disk, Sequence, Store as _, disk};

use crate::args::{Format, ReportArgs};
use crate::load;
use crate::out;

/// Prints a report.
pub(crate) fn run(args: &ReportArgs) -> anyhow::Result<ExitCode> {
    let (tally, promises) = if args.from.is_dir() {
        of_data(&args.from, args.offers.as_deref())?
    } else if args.offers.is_some() {
        bail!(
            "`--offers` writes the single offers of a data directory, and `{}` is none",
            args.from.display()
        );
    } else {
        (of_file(&args.from)?, Vec::new())
    };
    let report = Report::new(&tally, args.days, &args.by, &promises, args.baseline)?;
    match args.format {
        Format::Json => out::put(serde_json::to_string_pretty(&report)? + "\n")?,
        Format::Text => out::put(table(&report))?,
    }
    Ok(ExitCode::SUCCESS)
}

fn of_file(path: &Path) -> anyhow::Result<Tally> {
    let name = path.display();
    let mut tally = Tally::default();
    for story in Stories::read(load::events(path)?).with_context(|| format!("cannot read `{name}`"))? {
        tally.add(&story.with_context(|| format!("`{name}`"))?);
    }
    tally.close();
    Ok(tally)
}

fn of_data(data: &Path, offers: Option<&Path>) -> anyhow::Result<(Tally, Vec<Promise>)> {
    let running = control::counts(data);
    let running =
        running.with_context(|| format!("cannot ask the gateway that runs on `{}`", data.display()))?;
    if let Some(counted) = running {
        if offers.is_some() {
            bail!("a running gateway tells its counts; for single offers stop it, or restore a backup");
        }
        return Ok(counted);
    }
    if !disk::is_in(data) {
        bail!("`{}` holds no store", data.display());
    }
    // How much of the log is to be kept is written in a configuration that nobody named.
    let mut store = Disk::open(data, disk::Options::keep_all())?;
    let recovered = store.recover()?;
    let promises = promised(&recovered.state);
    if let Some(path) = offers {
        write_offers(&store, path)?;
    }
    let books = Books::open(Some(data));
    books.begin(&store, recovered.last);
    Ok((books.look(|ledger| ledger.tally().clone()), promises))
}

/// Every single offer in the log, as a row.
fn write_offers(store: &Disk, path: &Path) -> anyhow::Result<()> {
    let unwritable = || format!("cannot write `{}`", path.display());
    let mut rows = Writer::new(BufWriter::new(File::create(path).with_context(unwritable)?));
    let (mut ledger, mut written) = (Ledger::default(), Ok(()));
    let mut write = |story: &_| {
        if written.is_ok() {
            written = rows.write(story);
        }
    };
    store.log(Sequence(1), &mut |_, batch| {
        ledger.absorb(batch.now, &batch.decisions, &batch.ledger, &mut write);
        true
    })?;
    ledger.close(write);
    written.and_then(|()| rows.finish()).with_context(unwritable)
}

/// What the journeys promise that the store was last run under.
fn promised(state: &State) -> Vec<Promise> {
    let library = state.edition().as_ref().and_then(compiled);
    library.as_ref().map(promises).unwrap_or_default()
}

fn compiled(edition: &Edition) -> Option<load::Library> {
    let loaded = load::edition(edition);
    if loaded.is_none() {
        eprintln!("the journeys that it was run under no longer compile: what they promise is left out");
    }
    loaded
}
