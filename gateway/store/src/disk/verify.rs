//! Reads everything of a store and says what is damaged, and where. It repairs nothing and goes on behind each damage.
//!
//! Before: disk/upkeep.rs. Next: gateway/cli, which prints what was found.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::path::Path;

use turnpage_gateway_core::Batch;

use super::files::Files;
use super::layer;
use super::log::Log;
use super::manifest::{Folder, Manifest, Merged};
use super::witness::Witness;
use crate::entry::{self, Delta, Digest, Entry};
use crate::upkeep::{FINDINGS_MAX, Hear, Progress};
use crate::{Error, Sequence, StateDigest, Verified, record};

/// Reads the store of a directory that no gateway has open.
///
/// # Errors
/// When there is no store, or another process has it open.
pub fn verify(dir: &Path, progress: Hear<'_>) -> Result<Verified, Error> {
    super::refuse_unfinished(dir)?;
    if !super::is_in(dir) {
        return Err(Error::NoStore { path: dir.to_owned() });
    }
    read_back(dir, progress)
}

/// Reads a store whether it says that it is finished or not.
pub(super) fn read_back(dir: &Path, progress: Hear<'_>) -> Result<Verified, Error> {
    let mut found = Found::default();
    let log = match Log::open(dir, Files::default()) {
        Ok(log) => log,
        Err(error @ Error::Locked { .. }) => return Err(error),
        Err(error) => {
            found.damaged("the log", &error);
            return Ok(found.verified);
        }
    };
    let folder = Folder::open(dir, Files::default())?;
    let manifest = folder.manifest().unwrap_or_else(|error| {
        found.damaged("the snapshot", &error);
        Manifest::default()
    });
    let in_log = log.ends().map(|ends| ends.map_or(Sequence(0), |(_, last)| last)).unwrap_or_default();
    let last = in_log.max(manifest.through());
    match Witness::open(dir).and_then(|witness| witness.read()) {
        Ok(Some(promised)) if promised > last => {
            found.say(format!("commit {promised} was acknowledged, and the log ends at {last}"));
        }
        Ok(Some(_)) => {}
        Ok(None) => found.say("the file `last` is damaged; the next commit writes it anew".to_owned()),
        Err(error) => found.say(format!("the file `last`: {error}")),
    }
    let merged = folder.merged(&manifest.layers).map(|merged| (merged, Sequence(manifest.first)));
    let rest = all(&log, &folder, &manifest, merged, last, progress);
    let mut verified = found.verified;
    verified.findings.extend(rest.findings.iter().cloned());
    let state = rest.state.filter(|_| verified.findings.is_empty());
    Ok(Verified { findings: verified.findings, state, ..rest })
}

/// Reads the layers that a manifest names and the log from its first kept commit to `last`.
pub(super) fn all(
    log: &Log,
    folder: &Folder,
    manifest: &Manifest,
    merged: Result<(Merged, Sequence), Error>,
    last: Sequence,
    progress: Hear<'_>,
) -> Verified {
    let mut found = Found::default();
    let layers: u64 = manifest.layers.iter().map(|layer| layer.bytes).sum();
    let spans: u64 = manifest.spans.iter().map(|span| span.bytes).sum();
    let mut done = 0;
    let mut read = |bytes: u64| {
        done += bytes;
        progress(Progress { done, total: (layers + spans).max(done) });
    };
    found.verified.last = last;
    let mut tail = Delta::default();
    match merged {
        Ok((merged, first)) => {
            found.log(log, first, manifest.through(), last, &mut tail, &mut read);
            match state(merged, &tail, &mut read) {
                Ok((entries, digest)) => {
                    (found.verified.entries, found.verified.state) = (entries, Some(digest));
                }
                // Which layers these are is found out one by one.
                Err(_) => found.layers(folder, manifest),
            }
        }
        Err(_) => {
            found.layers(folder, manifest);
            found.log(log, Sequence(manifest.first), manifest.through(), last, &mut tail, &mut read);
        }
    }
    if !found.verified.findings.is_empty() {
        found.verified.state = None;
    }
    found.verified
}

/// The entries of a snapshot, and the digest of the state with the log's tail over them.
fn state(mut merged: Merged, tail: &Delta, read: &mut dyn FnMut(u64)) -> Result<(u64, StateDigest), Error> {
    let (mut entries, mut digest) = (0, Digest::over(tail));
    while merged.advance()? {
        let Some(entry) = merged.entry() else { break };
        if entry.value.is_some_and(|value| !entry::is_sound(entry.key, value)) {
            return Err(Error::Stopped);
        }
        digest.pass(entry);
        entries += 1;
        read((entry.key.len() + entry.value.map_or(0, <[u8]>::len)) as u64);
    }
    Ok((entries, digest.finish()))
}

/// What was found so far.
#[derive(Default)]
struct Found {
    verified: Verified,
}

impl Found {
    fn say(&mut self, what: String) {
        if self.verified.findings.len() < FINDINGS_MAX {
            self.verified.findings.push(what);
        }
    }

    fn damaged(&mut self, place: &str, error: &Error) {
        match error {
            Error::Corrupt { what, .. } => self.say(what.clone()),
            error => self.say(format!("{place}: {error}")),
        }
    }

    /// Each layer by itself.
    fn layers(&mut self, folder: &Folder, manifest: &Manifest) {
        for layer in &manifest.layers {
            let checked = layer::open(&folder.path, layer).and_then(|mut cursor| {
                let damaged = |at, damage| layer::damaged(&folder.path, layer, at, &damage);
                while cursor.advance().map_err(|damage| damaged(cursor.at(), damage))? {
                    let Entry { key, value } = cursor.entry();
                    if value.is_some_and(|value| !entry::is_sound(key, value)) {
                        let what = crate::block::Damage::Content("an entry is no part of a state");
                        return Err(damaged(cursor.at(), what));
                    }
                }
                layer::ended(&folder.path, layer, &cursor)?;
                Ok(cursor.entries())
            });
            match checked {
                Ok(entries) => self.verified.entries += entries,
                Err(error) => self.damaged("a layer", &error),
            }
        }
    }

    /// Each commit by itself, and that none is missing.
    fn log(
        &mut self,
        log: &Log,
        first: Sequence,
        through: Sequence,
        last: Sequence,
        tail: &mut Delta,
        read: &mut dyn FnMut(u64),
    ) {
        // Commits with a part that is damaged: each is told once, and is not missing.
        let mut damaged = BTreeSet::new();
        let (mut due, mut bytes, mut parts) = (first.0, Vec::new(), 0);
        for found in log.from(first) {
            let part = match &found {
                Ok((key, value)) => log.part(key, value).map_err(|error| (log.number(key).ok(), error)),
                Err(_) => Err((None, log.corrupt("the log cannot be read any further"))),
            };
            let part = match part {
                Ok(part) => part,
                Err((number, error)) => {
                    if number.is_none_or(|number| damaged.insert(number.0)) {
                        self.damaged("the log", &error);
                    }
                    continue;
                }
            };
            if part.number > last.0 {
                break;
            }
            read(part.bytes.len() as u64);
            if part.index == 0 {
                (parts, bytes) = (0, Vec::new());
            }
            let follows = part.index == parts;
            parts += 1;
            bytes.extend_from_slice(part.bytes);
            if !follows && damaged.insert(part.number) {
                self.say(format!("a part of commit {} is missing", part.number));
            }
            if part.index + 1 < part.count || damaged.contains(&part.number) {
                continue;
            }
            self.missing(due, part.number, &damaged);
            due = part.number + 1;
            self.commit(
                part.number,
                record::unpack(part.format, &bytes),
                (part.number > through.0).then_some(&mut *tail),
            );
        }
        self.missing(due, last.0 + 1, &damaged);
    }

    /// Says which commits are missing before `next`.
    fn missing(&mut self, due: u64, next: u64, damaged: &BTreeSet<u64>) {
        let mut from = None;
        for number in due..=next {
            let is_missing = number < next && !damaged.contains(&number);
            match (from, is_missing) {
                (None, true) => from = Some(number),
                (Some(first), false) => {
                    self.say(if first + 1 == number {
                        format!("commit {first} is missing")
                    } else {
                        format!("commits {first} through {} are missing", number - 1)
                    });
                    from = None;
                }
                _ => {}
            }
        }
    }

    fn commit(&mut self, number: u64, payload: Option<Cow<'_, [u8]>>, tail: Option<&mut Delta>) {
        let Some(payload) = payload else {
            return self.say(format!("commit {number}: it cannot be unpacked"));
        };
        match Batch::from_bytes(&payload) {
            Ok(batch) => {
                self.verified.commits += 1;
                let absorbed = tail.map_or(Ok(()), |tail| tail.absorb(batch));
                absorbed.unwrap_or_else(|error| self.say(format!("commit {number}: {error}")));
            }
            Err(error) => self.say(format!("commit {number}: {error}")),
        }
    }
}
