//! How to open the store and make the pipeline from it: at the start, and again after a failure; and how to go on under
//! another edition.
//!
//! Before: gateway.rs. Next: shard.rs, which runs what was opened.

use turnpage_gateway_core::upgrade::{self, Moves};
use turnpage_gateway_core::{Edition, Keys, Options, Pipeline, State, Timestamp, Venue};
use turnpage_gateway_store::{Disk, Sequence, Store};
use turnpage_journeys_engine::Library;

use crate::{Error, Pictures, Storage};

/// Everything that a pipeline is made from.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) venue: Venue,
    pub(crate) library: Library,
    pub(crate) edition: Option<Edition>,
    pub(crate) pictures: Pictures,
    pub(crate) keys: Keys,
    pub(crate) options: Options,
    pub(crate) storage: Storage,
}

/// A store and the pipeline that goes on from its state.
pub(crate) struct Opened {
    pub(crate) pipeline: Pipeline,
    pub(crate) store: Box<dyn Store>,
    /// The last commit in it.
    pub(crate) last: Sequence,
    /// Where everyone went on, if the store's state was made under another edition.
    pub(crate) moves: Vec<Moves>,
}

impl Recipe {
    /// Opens the store and recovers. Blocks.
    pub(crate) fn open(&self, now: Timestamp) -> Result<Opened, Error> {
        let mut store: Box<dyn Store> = match &self.storage {
            Storage::Memory(memory) => Box::new(memory.clone()),
            Storage::Disk { dir, options } => Box::new(Disk::open(dir, *options)?),
            Storage::Custom(opener) => (opener.0)()?,
        };
        let recovered = store.recover()?;
        let before = recovered.state.edition();
        let (pipeline, moves) = match self.news(before.as_ref()) {
            // Journeys that are gone are counted by what was saved of them.
            Some(edition) => self.migrate(now, edition, &self.library, recovered.state)?,
            None => {
                let Self { venue, library, keys, options, .. } = self.clone();
                (Pipeline::restore(venue, library, keys, options, recovered.state)?, Vec::new())
            }
        };
        tracing::info!(
            commits = recovered.last.0,
            replayed = recovered.replayed,
            "the store is open and its state recovered"
        );
        Ok(Opened { pipeline, store, last: recovered.last, moves })
    }

    /// Goes on from the pipeline's state as it is now; tells where everyone goes on. On an error nothing has changed.
    pub(crate) fn take_over(&self, now: Timestamp, pipeline: &mut Pipeline) -> Result<Vec<Moves>, Error> {
        let Some(edition) = self.news(pipeline.edition()) else {
            pipeline.rekey(&self.keys);
            return Ok(Vec::new());
        };
        let (next, moves) = self.migrate(now, edition, pipeline.library(), pipeline.state())?;
        let old = std::mem::replace(pipeline, next);
        pipeline.relieve(old);
        Ok(moves)
    }

    /// This edition, if it is another than the one before.
    fn news(&self, before: Option<&Edition>) -> Option<&Edition> {
        self.edition.as_ref().filter(|edition| before.map(Edition::digest) != Some(edition.digest()))
    }

    fn migrate(
        &self,
        now: Timestamp,
        edition: &Edition,
        old: &Library,
        state: State,
    ) -> Result<(Pipeline, Vec<Moves>), Error> {
        let Self { venue, library, keys, options, .. } = self.clone();
        let moves = upgrade::dry_run(old, &library, &state)?;
        let pipeline = Pipeline::migrate(now, edition.clone(), venue, library, keys, options, state)?;
        Ok((pipeline, moves))
    }
}
