//! What a log was made under: the texts of a venue and its journeys, and the digest that they go by together.
//!
//! It is part of the saved state, so that a log tells by itself what it is to be replayed under, and a restart notices
//! that it begins under another. It neither reads nor compiles a text: whoever runs the gateway does. Before: gateway/cli.
//! Next: pipeline/saved.rs, which moves everyone from one edition to the next.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::batch::{Batch, State};

/// The key of the edition in the saved house.
pub(crate) const KEY: &str = "edition";

/// The texts that a gateway runs, in the order in which they were read. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Edition {
    digest: EditionDigest,
    /// As it is saved.
    bytes: Arc<[u8]>,
}

/// A SHA-256 over an edition as it is saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct EditionDigest(pub [u8; 32]);

/// One text of an edition.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct EditionFile {
    /// Whether it is the venue's or a journey's.
    pub part: EditionPart,
    /// Its name in its directory.
    pub name: String,
    /// What it says.
    pub text: String,
}

/// What a text is about. Appended to, never reordered: it is part of what is saved.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum EditionPart {
    /// The venue: its file and its maps.
    Venue,
    /// Its journeys.
    Journeys,
}

impl Edition {
    /// An edition of these texts. `digest` makes a SHA-256: no hash of this crate's is meant for what others choose.
    #[must_use]
    pub fn new(files: &[EditionFile], digest: impl FnOnce(&[u8]) -> [u8; 32]) -> Self {
        // Writing plain data to memory does not fail.
        let bytes = postcard::to_stdvec(files).unwrap_or_default();
        Self { digest: EditionDigest(digest(&bytes)), bytes: bytes.into() }
    }

    /// What it goes by.
    #[must_use]
    pub fn digest(&self) -> EditionDigest {
        self.digest
    }

    /// Its texts.
    #[must_use]
    pub fn files(&self) -> Vec<EditionFile> {
        // The bytes were a list of texts when the edition was made.
        postcard::from_bytes(&self.bytes).unwrap_or_default()
    }

    /// As the house keeps it: the digest, then the texts.
    pub(crate) fn save(&self) -> Vec<u8> {
        [&self.digest.0[..], &self.bytes].concat()
    }

    /// From what the house keeps; `None` when that is no edition.
    pub(crate) fn read(saved: &[u8]) -> Option<Self> {
        let (digest, bytes) = saved.split_first_chunk::<32>()?;
        postcard::from_bytes::<Vec<EditionFile>>(bytes).ok()?;
        Some(Self { digest: EditionDigest(*digest), bytes: bytes.into() })
    }
}

impl Batch {
    /// The edition that begins with this batch, if one does.
    #[must_use]
    pub fn edition(&self) -> Option<Edition> {
        let kept = self.house.iter().find(|kept| kept.key == KEY)?;
        Edition::read(&kept.bytes)
    }
}

impl State {
    /// The edition that it was made under; `None` when that was never said.
    #[must_use]
    pub fn edition(&self) -> Option<Edition> {
        Edition::read(self.house.get(KEY)?)
    }
}

/// Its first digits: enough to tell the editions of one venue apart.
impl fmt::Display for EditionDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g, ..] = self.0;
        write!(f, "{a:02x}{b:02x}{c:02x}{d:02x}{e:02x}{g:02x}")
    }
}

impl fmt::Debug for Edition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edition({})", self.digest)
    }
}
