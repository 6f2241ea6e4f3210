//! `turnpage store`: looks over, tidies up, backs up and restores the store of a gateway, running or not.
//!
//! A running gateway has its store locked; it is asked at its own socket (gateway/server/control). Without one the directory
//! is opened here. What was found goes to stdout, exit 1 when anything is damaged. Before: args.rs. Next: gateway/store.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context as _, bail};
use turnpage_gateway_server::control;
use turnpage_gateway_store::{BackedUp, Disk, Error, Snapshot, Store as _, Upkeep, Verified, backup, disk};

use crate::args::StoreCommand;
use crate::out;
use crate::progress::with_bytes;

/// Bytes read or written at a time.
const BUFFER_BYTES: usize = 256 * 1024;

pub(crate) fn run(command: &StoreCommand) -> anyhow::Result<ExitCode> {
    match command {
        StoreCommand::Verify { path } => verify(path),
        StoreCommand::Compact { data } => compact(data),
        StoreCommand::Backup { data, out } => back_up(data, out),
        StoreCommand::Restore { file, data } => restore(file, data),
    }
}

/// The running gateway of a data directory, if one answers.
fn running(data: &Path) -> anyhow::Result<Option<Box<dyn Upkeep>>> {
    let connected = control::connect(data);
    connected.with_context(|| format!("cannot ask the gateway that runs on `{}`", data.display()))
}

/// The store in a data directory, wherever it is open.
fn open(data: &Path) -> anyhow::Result<Arc<dyn Upkeep>> {
    if let Some(running) = running(data)? {
        return Ok(Arc::from(running));
    }
    if !disk::is_in(data) {
        return Err(Error::NoStore { path: data.to_owned() }.into());
    }
    // How much of the log is to be kept is written in a configuration that nobody named.
    let mut store = Disk::open(data, disk::Options::keep_all())?;
    store.recover()?;
    Ok(store.upkeep())
}

fn verify(path: &Path) -> anyhow::Result<ExitCode> {
    if path.is_file() {
        let backup = verify_backup(path)?;
        out::put(describe(&backup))?;
        return Ok(ExitCode::SUCCESS);
    }
    let Verified { commits, entries, last, state, findings } =
        with_bytes("read", |progress| match running(path)? {
            Some(running) => anyhow::Ok(running.verify(progress)?),
            None => anyhow::Ok(disk::verify(path, progress)?),
        })?;
    out::put(format_args!("commits {commits}, the last {last}; snapshot entries {entries}\n"))?;
    if let Some(state) = state {
        out::put(format_args!("state {state}\n"))?;
    }
    for finding in &findings {
        out::put(format_args!("damaged: {finding}\n"))?;
    }
    Ok(if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn verify_backup(file: &Path) -> anyhow::Result<BackedUp> {
    let opened = File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let input = BufReader::with_capacity(BUFFER_BYTES, opened);
    let verified = with_bytes("read", |progress| backup::verify(input, progress));
    verified.with_context(|| format!("`{}`", file.display()))
}

fn compact(data: &Path) -> anyhow::Result<ExitCode> {
    let store = open(data)?;
    let before = size(data);
    let Snapshot { through, layers, .. } = with_bytes("merged", |progress| store.compact(progress))?;
    let noun = if layers == 1 { "layer" } else { "layers" };
    let after = size(data);
    out::put(format_args!(
        "snapshot through commit {through} in {layers} {noun}; {after} bytes on disk, {before} before\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn back_up(data: &Path, file: &Path) -> anyhow::Result<ExitCode> {
    if file.exists() {
        bail!("`{}` is there already", file.display());
    }
    let store = open(data)?;
    let part = partial(file);
    let written = write(&*store, &part).and_then(|written| {
        // What has come over the socket and been written is read back before it has the name of a backup.
        let read = verify_backup(&part)?;
        if read != written {
            bail!("what was written is not what was sent");
        }
        fs::rename(&part, file)?;
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
        Ok(written)
    });
    if written.is_err() {
        drop(fs::remove_file(&part));
    }
    let written = written.with_context(|| format!("no backup in `{}`", file.display()))?;
    out::put(describe(&written))?;
    Ok(ExitCode::SUCCESS)
}

fn write(store: &dyn Upkeep, part: &Path) -> anyhow::Result<BackedUp> {
    // It holds what the data directory holds: nobody else may read it.
    let file = File::options().write(true).create(true).truncate(true).mode(0o600).open(part)?;
    let mut output = BufWriter::with_capacity(BUFFER_BYTES, file);
    let written = with_bytes("written", |progress| store.backup(&mut output, progress))?;
    output.flush()?;
    output.get_ref().sync_all()?;
    Ok(written)
}

/// The name of a backup that is not one yet.
fn partial(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

fn restore(file: &Path, data: &Path) -> anyhow::Result<ExitCode> {
    let opened = File::open(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    let input = BufReader::with_capacity(BUFFER_BYTES, opened);
    let restored = with_bytes("restored", |progress| disk::restore(input, data, progress));
    out::put(describe(&restored.with_context(|| format!("cannot restore `{}`", file.display()))?))?;
    Ok(ExitCode::SUCCESS)
}

fn describe(backup: &BackedUp) -> String {
    let BackedUp { last, commits, bytes, state } = backup;
    format!("through commit {last}, with {commits} commits of the log; {bytes} bytes\nstate {state}\n")
}

/// Bytes of a directory's files; what cannot be read counts nothing.
fn size(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let bytes = |entry: fs::DirEntry| match entry.metadata() {
        Ok(metadata) if metadata.is_dir() => size(&entry.path()),
        metadata => metadata.map_or(0, |metadata| metadata.len()),
    };
    entries.map(bytes).sum()
}
