//! Asks a running gateway about its store: the store of another process, behind the same trait as one's own.
//!
//! Before: gateway/cli. Next: frame.rs.

use std::io::{self, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use turnpage_gateway_report::{Promise, Tally};
use turnpage_gateway_store::upkeep::Hear;
use turnpage_gateway_store::{BackedUp, Error, Snapshot, Upkeep, Verified};

use super::frame::{Frame, Request};
use super::{FOLDER, SOCKET};

/// The gateway that has a data directory open.
struct Running {
    path: PathBuf,
}

/// The store in a data directory, as the gateway that has it open knows it; `None` when no gateway answers there.
///
/// # Errors
/// When there is one, and this user may not ask it.
pub fn connect(data: &Path) -> io::Result<Option<Box<dyn Upkeep>>> {
    let path = data.join(FOLDER).join(SOCKET);
    match UnixStream::connect(&path) {
        Ok(_) => Ok(Some(Box::new(Running { path }))),
        // What a killed gateway leaves behind refuses.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// What was counted of the offers of a data directory, and what its journeys promise, as the gateway that runs on it knows it;
/// `None` when no gateway answers there.
///
/// # Errors
/// When there is one, and it may not be asked or does not answer.
pub fn counts(data: &Path) -> Result<Option<(Tally, Vec<Promise>)>, Error> {
    let path = data.join(FOLDER).join(SOCKET);
    if connect(data).map_err(|error| Error::Gateway(error.to_string()))?.is_none() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let promises = Running { path }.ask(Request::Report, &mut bytes, &mut |_| {})?;
    let tally = postcard::from_bytes(&bytes).map_err(|error| Error::Gateway(error.to_string()))?;
    Ok(Some((tally, promises)))
}

impl Running {
    fn ask<T: DeserializeOwned>(
        &self,
        request: Request,
        out: &mut dyn Write,
        progress: Hear<'_>,
    ) -> Result<T, Error> {
        let lost = |error: io::Error| Error::Gateway(format!("it does not answer any more: {error}"));
        let mut stream = UnixStream::connect(&self.path).map_err(lost)?;
        stream.write_all(&[request.byte()]).map_err(lost)?;
        let mut input = BufReader::new(stream);
        loop {
            match Frame::read(&mut input).map_err(lost)? {
                Frame::Progress(told) => progress(told),
                Frame::Bytes(bytes) => out.write_all(&bytes).map_err(Error::Output)?,
                Frame::Failed(why) => return Err(Error::Gateway(why)),
                Frame::Done(json) => {
                    return serde_json::from_slice(&json).map_err(|error| Error::Gateway(error.to_string()));
                }
            }
        }
    }
}

impl Upkeep for Running {
    fn verify(&self, progress: Hear<'_>) -> Result<Verified, Error> {
        self.ask(Request::Verify, &mut io::sink(), progress)
    }

    fn compact(&self, progress: Hear<'_>) -> Result<Snapshot, Error> {
        self.ask(Request::Compact, &mut io::sink(), progress)
    }

    fn backup(&self, out: &mut dyn Write, progress: Hear<'_>) -> Result<BackedUp, Error> {
        self.ask(Request::Backup, out, progress)
    }
}
