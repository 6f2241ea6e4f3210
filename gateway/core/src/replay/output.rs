//! What a replay writes: every offer and outcome, sorted, one JSON object a line.
//!
//! Next: the file of whoever asked for the replay.

use std::io::{self, Write};

use turnpage_journeys_engine::{Engine, JourneyIx, Library, OfferIx, Outcome, SubjectIx};

use crate::Timestamp;

/// Words that can stand behind an offer's name: none, or one of the outcomes.
const WORDS: usize = 1 + Outcome::ALL.len();

/// A line to be written.
#[derive(Clone, Copy)]
struct Made {
    at: Timestamp,
    subject: SubjectIx,
    /// Of the label, in the order of (journey, offer with its word).
    rank: u32,
}

/// Lines in the order in which they came.
pub(super) struct Output {
    made: Vec<Made>,
    /// The middle of a line: `","journey":"lunch","offer":"lunch:accepted"}`, by rank.
    labels: Vec<String>,
    /// The rank of a label, by journey, offer and word.
    ranks: Vec<Vec<[u32; WORDS]>>,
}

impl Output {
    pub(super) fn new(library: &Library) -> Self {
        let mut names = Vec::new();
        for (journey, declared) in library.journeys().iter().enumerate() {
            for (offer, name) in declared.offers.iter().map(|offer| &offer.name).enumerate() {
                names.push((journey, name.clone(), (offer, 0)));
                for (word, outcome) in (1..).zip(Outcome::ALL) {
                    names.push((journey, format!("{name}:{}", outcome.name()), (offer, word)));
                }
            }
        }
        names.sort_unstable();
        let offers = library.journeys().iter().map(|journey| journey.offers.len());
        let mut ranks: Vec<_> = offers.map(|count| vec![[0; WORDS]; count]).collect();
        let mut labels = Vec::with_capacity(names.len());
        for (rank, (journey, label, (offer, word))) in (0..).zip(names) {
            let slot = ranks.get_mut(journey).and_then(|offers| offers.get_mut(offer)?.get_mut(word));
            if let Some(slot) = slot {
                *slot = rank;
            }
            let journey = library.journeys().get(journey).map_or("", |journey| journey.name.as_str());
            labels.push(format!(",\"journey\":{},\"offer\":{}}}\n", quoted(journey), quoted(&label)));
        }
        Self { made: Vec::new(), labels, ranks }
    }

    pub(super) fn push(
        &mut self,
        at: Timestamp,
        subject: SubjectIx,
        journey: JourneyIx,
        offer: OfferIx,
        outcome: Option<Outcome>,
    ) {
        let word = outcome.and_then(|outcome| Outcome::ALL.into_iter().position(|known| known == outcome));
        let words = self.ranks.get(journey.index()).and_then(|offers| offers.get(offer.index()));
        let rank = words.and_then(|words| words.get(word.map_or(0, |word| word + 1)));
        self.made.extend(rank.map(|rank| Made { at, subject, rank: *rank }));
    }

    /// Sorts and writes; how many lines that were.
    pub(super) fn write(mut self, engine: &Engine, writer: impl Write) -> io::Result<u64> {
        let name = |made: &Made| engine.name(made.subject).unwrap_or_default();
        self.made.sort_unstable_by(|a, b| {
            a.at.cmp(&b.at).then_with(|| name(a).cmp(name(b))).then(a.rank.cmp(&b.rank))
        });
        let mut writer = io::BufWriter::with_capacity(1 << 18, writer);
        for made in &self.made {
            let label = self.labels.get(made.rank as usize).map_or("", String::as_str);
            write!(writer, "{{\"t\":{},\"visitor\":{}{label}", made.at.0, quoted(name(made)))?;
        }
        writer.flush()?;
        Ok(self.made.len() as u64)
    }
}

/// A text as JSON writes it.
fn quoted(text: &str) -> String {
    // Writing text to memory cannot fail.
    serde_json::to_string(text).unwrap_or_default()
}
