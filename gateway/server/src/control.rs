//! The operator's door: `turnpage store` asks a running gateway to look over, tidy up or back up its store, and `turnpage report` for
//! its counts.
//!
//! The store is locked by the process that has it open, so whoever wants something of it has to ask. They ask at a Unix
//! domain socket in a folder of the data directory that only the gateway's own user may enter: whoever can read the
//! data can ask, nobody else can, no password exists to be lost, and no network is involved, however the console is set
//! up. A request is one byte; frames come back until the last. Before: gateway.rs. Next: control/client.rs, which asks.

mod client;
mod frame;

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::sync::{Semaphore, watch};
use turnpage_gateway_store::{Error, Progress, Upkeep};

use crate::books::Books;
use crate::gateway::{Phase, reached};
use crate::reload::Shown;
pub use client::{connect, counts};
use frame::{Frame, Request};

/// The folder of the socket, in the data directory, and the socket.
const FOLDER: &str = "control";
const SOCKET: &str = "socket";
/// Operators at once: each holds a thread, and what it reads is kept for as long.
const OPERATORS_MAX: usize = 4;
/// Between two attempts to take a call when the system has no room for one.
const AFTER_A_FAILURE: Duration = Duration::from_millis(500);
/// Bytes between two words on how far it is.
const TOLD_EVERY: u64 = 1024 * 1024;
/// How long an operator may say or take nothing: the log that a backup reads is not let go of meanwhile.
const SILENCE_MAX: Duration = Duration::from_secs(30);

/// The first frame of what came over the operator's socket, as it is written: for the fuzzer.
#[doc(hidden)]
#[must_use]
pub fn frame_of(mut bytes: &[u8]) -> Option<Vec<u8>> {
    let mut written = Vec::new();
    Frame::read(&mut bytes).ok()?.write(&mut written).ok()?;
    Some(written)
}

/// The store that is open at the moment, if one is.
#[derive(Clone, Default)]
pub(crate) struct Slot(Arc<Mutex<Option<Arc<dyn Upkeep>>>>);

impl Slot {
    pub(crate) fn put(&self, upkeep: Option<Arc<dyn Upkeep>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = upkeep;
    }

    fn get(&self) -> Option<Arc<dyn Upkeep>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What reports are made of.
#[derive(Clone)]
pub(crate) struct Counts {
    pub(crate) books: Arc<Books>,
    pub(crate) shown: watch::Receiver<Arc<Shown>>,
}

/// The socket of a data directory.
pub(crate) struct Control {
    listener: UnixListener,
    path: PathBuf,
}

impl Control {
    /// Listens. The caller has the store open, so that a socket which is there already is a dead gateway's.
    pub(crate) fn bind(data: &Path) -> io::Result<Self> {
        let folder = data.join(FOLDER);
        match DirBuilder::new().mode(0o700).create(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            _ => {}
        }
        fs::set_permissions(&folder, Permissions::from_mode(0o700))?;
        let path = folder.join(SOCKET);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let listener = UnixListener::bind(&path)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(Self { listener, path })
    }

    /// Answers until the gateway stops.
    pub(crate) async fn run(self, slot: Slot, counts: Counts, mut phase: watch::Receiver<Phase>) {
        let operators = Arc::new(Semaphore::new(OPERATORS_MAX));
        loop {
            let accepted = tokio::select! {
                _ = reached(&mut phase, Phase::Over) => None,
                accepted = self.listener.accept() => Some(accepted),
            };
            let stream = match accepted {
                None => break,
                Some(Ok((stream, _))) => stream,
                Some(Err(error)) => {
                    tracing::warn!("cannot take an operator's call: {error}");
                    tokio::time::sleep(AFTER_A_FAILURE).await;
                    continue;
                }
            };
            let Ok(permit) = Arc::clone(&operators).try_acquire_owned() else { continue };
            let (slot, counts) = (slot.clone(), counts.clone());
            tokio::task::spawn_blocking(move || {
                let _permit = permit;
                let answered = stream.into_std().and_then(|stream| answer(stream, &slot, &counts));
                if let Err(error) = answered {
                    tracing::debug!("an operator hung up: {error}");
                }
            });
        }
        // The store is let go of before the process ends; whoever asks meanwhile shall find nobody.
        slot.put(None);
        drop(fs::remove_file(&self.path));
    }
}

fn answer(mut stream: UnixStream, slot: &Slot, counts: &Counts) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_read_timeout(Some(SILENCE_MAX))?;
    stream.set_write_timeout(Some(SILENCE_MAX))?;
    let mut request = [0];
    stream.read_exact(&mut request)?;
    let last = match (Request::of(request[0]), slot.get()) {
        (Some(Request::Report), _) => tell_counts(counts, &stream),
        (Some(request), Some(upkeep)) => carry_out(request, &*upkeep, &stream),
        (Some(_), None) => Err(Error::Stopped),
        (None, _) => {
            Err(Error::Gateway("it does not know this request; is it of another version?".to_owned()))
        }
    };
    match last {
        Ok(done) => Frame::Done(done).write(&mut stream),
        Err(error) => Frame::Failed(error.to_string()).write(&mut stream),
    }
}

fn carry_out(request: Request, upkeep: &dyn Upkeep, stream: &UnixStream) -> Result<Vec<u8>, Error> {
    let mut told = 0;
    let mut progress = |progress: Progress| {
        if progress.done >= told + TOLD_EVERY {
            told = progress.done;
            // A courtesy: an operator who has gone is noticed when there is something to say.
            drop(Frame::Progress(progress).write(&mut &*stream));
        }
    };
    let json = |error: serde_json::Error| Error::Gateway(error.to_string());
    match request {
        Request::Verify => serde_json::to_vec(&upkeep.verify(&mut progress)?).map_err(json),
        Request::Compact => serde_json::to_vec(&upkeep.compact(&mut progress)?).map_err(json),
        Request::Backup => {
            let mut out = io::BufWriter::with_capacity(frame::PAYLOAD_BYTES_MAX, Bytes(stream));
            let backup = upkeep.backup(&mut out, &mut progress)?;
            out.flush().map_err(Error::Output)?;
            serde_json::to_vec(&backup).map_err(json)
        }
        // It asks for nothing of the store.
        Request::Report => Ok(Vec::new()),
    }
}

/// Everything that was counted, and what journeys promise.
fn tell_counts(counts: &Counts, stream: &UnixStream) -> Result<Vec<u8>, Error> {
    let promises = counts.shown.borrow().promises.clone();
    let encoded = counts.books.look(|ledger| postcard::to_stdvec(ledger.tally()));
    let encoded = encoded.map_err(|error| Error::Gateway(error.to_string()))?;
    let mut out = io::BufWriter::with_capacity(frame::PAYLOAD_BYTES_MAX, Bytes(stream));
    out.write_all(&encoded).and_then(|()| out.flush()).map_err(Error::Output)?;
    serde_json::to_vec(&promises).map_err(|error| Error::Gateway(error.to_string()))
}

/// Writes frames of bytes.
struct Bytes<'a>(&'a UnixStream);

impl Write for Bytes<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let bytes = &bytes[..bytes.len().min(frame::PAYLOAD_BYTES_MAX)];
        Frame::Bytes(bytes.to_vec()).write(&mut self.0)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
