//! The memory of an instance, in the budget's terms: at most 200 bytes each. `benches/memory.rs` says it for a million.

#[path = "common/crowd.rs"]
mod crowd;

#[test]
fn an_instance_costs_at_most_200_bytes() {
    let each = crowd::bytes_each(5, 20_000);
    println!("{each} bytes a live instance, of 100,000");
    assert!(each <= 200, "{each} bytes");
}
