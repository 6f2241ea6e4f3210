//! The stages between the door and the disk, one after the other on one thread, without either: where the processor's
//! time goes.

use std::time::{Duration, Instant};

use turnpage_gateway_core::{Batch, NodeName, Origin, Pipeline, Role, State, Timestamp};

use crate::park::{self, Day, Park};

/// Messages in a group: what gathers behind a sync under load.
const GROUP: usize = 1_024;

/// Prints microseconds a message of each stage, and the bytes that the log gets for one.
pub(crate) fn print(park: &Park, day: Day) {
    let setup = park.setup(std::path::Path::new(""));
    let mut pipeline = Pipeline::new(setup.venue, setup.library, setup.keys, setup.options);
    let mut messages: Vec<(u32, park::Event)> = Vec::new();
    for (n, events) in (0..).zip(day.by_node) {
        messages.extend(events.into_iter().map(|event| (n, event)));
    }
    messages.sort_unstable_by_key(|(_, event)| event.place);
    let count = messages.len();
    let origins: Vec<(Origin, String)> = (0..park.nodes())
        .map(|n| {
            let role = Role::Node(NodeName::new(&park::name(n)).expect("a node's name"));
            (Origin { client: park::name(n), role }, park::topic(n))
        })
        .collect();
    let now = setup.clock.now();
    let [mut step, mut take, mut encode, mut decode, mut fold] = [Duration::ZERO; 5];
    let (mut bytes, mut state) = (0, State::default());
    for group in messages.chunks(GROUP) {
        timed(&mut step, || {
            for (n, event) in group {
                let (origin, topic) = &origins[*n as usize];
                pipeline.message(now, origin, topic, &event.payload);
            }
        });
        let batch = timed(&mut take, || pipeline.take_batch());
        let encoded = timed(&mut encode, || batch.to_bytes().expect("plain data"));
        bytes += encoded.len();
        let batch = timed(&mut decode, || Batch::from_bytes(&encoded).expect("as written"));
        timed(&mut fold, || state.absorb(batch));
    }
    assert_eq!(pipeline.live().counters.admitted, count as u64, "everything was admitted");
    assert!(now > Timestamp(0) && state == pipeline.state(), "what was folded is what there is");
    println!("{count} messages in groups of {GROUP}, us a message:");
    for (name, took) in [
        ("admit, enrich, step, plan", step),
        ("state to be committed", take),
        ("encode", encode),
        ("decode", decode),
        ("fold", fold),
    ] {
        println!("{name:28} {:6.2}", took.as_secs_f64() * 1e6 / count as f64);
    }
    println!("bytes in the log              {:6.0}", bytes as f64 / count as f64);
}

fn timed<T>(total: &mut Duration, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = work();
    *total += began.elapsed();
    done
}
