//! The model on real traces: log-loss and calibration against the obvious baselines, on moves it never saw.
//!
//! The traces lie beside the workspace and are not part of it; without them the study says so and is content. Run
//! it with `--nocapture` for the tables that `README.md` shows.

mod baselines;
mod score;
mod traces;

use baselines::{Baseline, Markov, MostFrequent, Uniform};
use score::Score;
use traces::{Sighting, Trace};
use turnpage_journeys_nextplace::{Model, Trail};

/// How much worse than a baseline the model may be, in nats a move: the price of learning what to believe.
const MARGIN_NATS: f64 = 0.2;
/// Most expected calibration error of the likeliest place on one trace. Chance alone makes about 0.05 of it with a
/// few hundred moves, and more with fewer.
const ECE_MAX: f64 = 0.14;
/// Fewer moves than this say little about calibration.
const ECE_MOVES_MIN: usize = 200;
/// Over all traces together, chance evens out.
const ECE_ALL_MAX: f64 = 0.04;

struct Result {
    name: &'static str,
    learned: usize,
    places: usize,
    model: Score,
    baselines: Vec<(&'static str, Score)>,
}

/// Learns from the first part, then foretells the second without learning from it.
fn study(trace: &Trace) -> Result {
    let (train, test) = trace.split();
    let mut model = Model::new();
    for place in trace.places() {
        model.know(place);
    }
    let mut baselines: Vec<(&'static str, Box<dyn Baseline>)> = vec![
        ("uniform", Box::new(Uniform)),
        ("most frequent", Box::new(MostFrequent::default())),
        ("Markov", Box::new(Markov::default())),
    ];
    let mut trails = traces::by_subject(&train);
    for sightings in &mut trails {
        for pair in sightings.windows(2).filter(|pair| pair[0].place != pair[1].place) {
            baselines.iter_mut().for_each(|(_, baseline)| baseline.learn(pair[0].place, pair[1].place));
        }
    }
    // In order of time, as a gateway would: subjects interleave.
    let mut state = std::collections::BTreeMap::<u32, Trail>::new();
    for Sighting { subject, place, at } in train.iter().copied() {
        model.seen(state.entry(subject).or_default(), place, at);
    }
    let places: Vec<_> = trace.places().collect();
    let mut result = Result {
        name: trace.name,
        learned: model.moves() as usize,
        places: places.len(),
        model: Score::default(),
        baselines: baselines.iter().map(|(name, _)| (*name, Score::default())).collect(),
    };
    for sightings in traces::by_subject(&test) {
        let mut trail = Trail::new();
        for pair in sightings.windows(2) {
            let [was, next] = pair else { continue };
            model.follow(&mut trail, was.place, was.at);
            if was.place == next.place {
                continue;
            }
            let foretold = model.predict(&trail, next.at);
            result.model.add(foretold.iter(), next.place);
            for ((_, baseline), (_, score)) in baselines.iter().zip(&mut result.baselines) {
                let others = places.iter().filter(|place| **place != was.place);
                let shares = others.map(|place| (*place, baseline.share(was.place, *place, places.len())));
                score.add(shares, next.place);
            }
        }
    }
    result
}

#[test]
fn foretells_real_moves_no_worse_than_markov_and_knows_how_sure_it_is() {
    let Some(traces) = traces::all() else {
        eprintln!("skipped: the reference traces are not beside this checkout");
        return;
    };
    let results: Vec<Result> = traces.iter().map(study).collect();
    println!(
        "| trace | places | learned | foretold | uniform | most frequent | Markov | **model** | Brier Markov | **Brier** | ECE Markov | **ECE** |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut all = Score::default();
    for Result { name, learned, places, model, baselines } in &results {
        let nats: Vec<String> = baselines.iter().map(|(_, s)| format!("{:.3}", s.nats())).collect();
        let (moves, markov) = (model.moves(), &baselines[2].1);
        println!(
            "| {name} | {places} | {learned} | {moves} | {} | **{:.3}** | {:.3} | **{:.3}** | {:.3} | **{:.3}** |",
            nats.join(" | "),
            model.nats(),
            markov.brier(),
            model.brier(),
            markov.ece(),
            model.ece(),
        );
        all.join(model);
    }
    println!("\nAll traces together, ECE {:.3}:\n", all.ece());
    all.print_reliability();
    for Result { name, model, baselines, .. } in &results {
        let [uniform, frequent, markov] = [0, 1, 2].map(|ix| baselines[ix].1.nats());
        assert!(model.moves() > 50, "{name}: only {} moves to foretell", model.moves());
        assert!(model.nats() < uniform + MARGIN_NATS && model.nats() < frequent + MARGIN_NATS, "{name}");
        assert!(model.nats() < markov, "{name}: {} against {markov}", model.nats());
        assert!(model.moves() < ECE_MOVES_MIN || model.ece() < ECE_MAX, "{name}: {}", model.ece());
    }
    assert!(all.ece() < ECE_ALL_MAX, "all: {}", all.ece());
}
