//! How to open the store and make the pipeline from it: at the start, and again after a failure.
//!
//! Before: gateway.rs. Next: shard.rs, which runs what was opened.

use turnpage_gateway_core::{Keys, Options, Pipeline, Venue};
use turnpage_gateway_store::{Disk, Sequence, Store};
use turnpage_journeys_engine::Library;

use crate::{Error, Storage};

/// Everything that a pipeline is made from.
#[derive(Clone)]
pub(crate) struct Recipe {
    pub(crate) venue: Venue,
    pub(crate) library: Library,
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
}

impl Recipe {
    /// Opens the store and recovers. Blocks.
    pub(crate) fn open(&self) -> Result<Opened, Error> {
        let mut store: Box<dyn Store> = match &self.storage {
            Storage::Memory(memory) => Box::new(memory.clone()),
            Storage::Disk { dir, options } => Box::new(Disk::open(dir, *options)?),
            Storage::Custom(opener) => (opener.0)()?,
        };
        let recovered = store.recover()?;
        let Self { venue, library, keys, options, .. } = self.clone();
        let pipeline = Pipeline::restore(venue, library, keys, options, recovered.state)?;
        tracing::info!(
            commits = recovered.last.0,
            replayed = recovered.replayed,
            "the store is open and its state recovered"
        );
        Ok(Opened { pipeline, store, last: recovered.last })
    }
}
