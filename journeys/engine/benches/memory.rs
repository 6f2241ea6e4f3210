//! What a million live instances take in memory, names of subjects and waiting timers included. The budget is 200 bytes
//! each. Prints; the test of the same name holds it for fewer.

#[path = "../tests/common/crowd.rs"]
mod crowd;

fn main() {
    for (journeys, subjects) in [(1, 1_000_000), (5, 200_000)] {
        let each = crowd::bytes_each(journeys, subjects);
        println!("{each} bytes a live instance: {subjects} subjects in {journeys} journeys each");
    }
}
