//! Units counted over whatever comes: every unit is held, used or free, and none is lost.

use proptest::prelude::*;

use super::*;

const DAY: i64 = 1_000;

fn venue(size: u32, back: Back) -> Vec<Pool> {
    vec![Pool { name: "cups".into(), size: Size::Fixed(size), back }]
}

fn saved(pools: &Pools, venue: &[Pool]) -> BTreeMap<String, Vec<u8>> {
    pools.save(venue).into_iter().collect()
}

#[test]
fn a_unit_is_held_used_and_comes_back() {
    let venue = venue(2, Back::After(50));
    let mut pools = Pools::new(&venue);
    let level = |pools: &mut Pools, at| {
        let PoolLevel { free, held, used, .. } = pools.level(0, 2, Timestamp(at));
        (free, held, used)
    };
    pools.hold(0, OfferId(1), Timestamp(100));
    pools.hold(0, OfferId(2), Timestamp(100));
    assert_eq!(level(&mut pools, 0), (0, 2, 0));
    pools.release(OfferId(1));
    pools.release(OfferId(1));
    assert_eq!(level(&mut pools, 0), (1, 1, 0), "told twice, it came back once");
    pools.take(&venue, OfferId(2), Timestamp(60), Timestamp(DAY));
    assert_eq!(level(&mut pools, 105), (1, 0, 1), "used goes by its own time");
    pools.release(OfferId(2));
    pools.take(&venue, OfferId(2), Timestamp(105), Timestamp(DAY));
    assert_eq!(level(&mut pools, 109), (1, 0, 1), "used is used, and once");
    assert_eq!(level(&mut pools, 110), (2, 0, 0));
}

#[test]
fn a_signal_counts_what_was_used_before_it() {
    let venue = vec![Pool { name: "tables".into(), size: Size::Left(0), back: Back::Told }];
    let mut pools = Pools::new(&venue);
    pools.hold(0, OfferId(1), Timestamp(100));
    pools.hold(0, OfferId(2), Timestamp(100));
    pools.take(&venue, OfferId(1), Timestamp(10), Timestamp(DAY));
    assert_eq!(pools.level(0, 5, Timestamp(10)).free, 3);
    pools.told(&venue, 0, Timestamp(20));
    assert_eq!(pools.level(0, 4, Timestamp(20)), PoolLevel { size: 4, free: 3, held: 1, used: 0 });
    assert_eq!(pools.level(0, 0, Timestamp(20)), PoolLevel { size: 0, free: 0, held: 1, used: 0 });
}

#[test]
fn what_is_not_ours_is_refused_and_a_pool_that_is_gone_is_let_go() {
    let cups = venue(2, Back::NextDay);
    let mut pools = Pools::new(&cups);
    pools.hold(0, OfferId(1), Timestamp(100));
    let (key, bytes) = pools.save(&cups).remove(0);
    let mut other = Pools::new(&[]);
    assert_eq!(other.restore(&[], &key, &bytes), Some(()));
    assert!(other.save(&[]).is_empty());
    for (key, bytes) in [("hold/x", &bytes[..]), (key.as_str(), &[9][..]), (key.as_str(), &[])] {
        assert_eq!(other.restore(&cups, key, bytes), None, "{key}");
    }
}

#[derive(Clone, Debug)]
enum Deed {
    Hold(u8, u8),
    Accept(u8),
    Over(u8),
    Pass(u8),
    /// A crash: what was committed comes back.
    Restart,
    /// The venue is edited to have so many.
    Resize(u32),
}

fn deeds() -> impl Strategy<Value = Vec<Deed>> {
    let deed = prop_oneof![
        4 => (0..24_u8, 1..40_u8).prop_map(|(id, ms)| Deed::Hold(id, ms)),
        2 => (0..24_u8).prop_map(Deed::Accept),
        2 => (0..24_u8).prop_map(Deed::Over),
        2 => (0..30_u8).prop_map(Deed::Pass),
        1 => Just(Deed::Restart),
        1 => (1..8_u32).prop_map(Deed::Resize),
    ];
    proptest::collection::vec(deed, 1..80)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    /// Whatever the order: held + used + free is the size, or more is out than an edit left and nothing is free; a unit is
    /// given only while one is free; and what batches hold is what a snapshot holds.
    #[test]
    fn no_unit_is_lost_and_none_is_made(
        size in 1..8_u32,
        back in prop_oneof![(1..60_i64).prop_map(Back::After), Just(Back::NextDay)],
        deeds in deeds(),
    ) {
        let mut venue = venue(size, back);
        let mut pools = Pools::new(&venue);
        let (mut size, mut now, mut committed) = (size, 0_i64, BTreeMap::<String, Vec<u8>>::new());
        for deed in deeds {
            match deed {
                Deed::Hold(id, ms) => {
                    let free = pools.level(0, size, Timestamp(now)).free;
                    if free > 0 {
                        pools.hold(0, OfferId(id.into()), Timestamp(now + i64::from(ms)));
                    }
                }
                Deed::Accept(id) => {
                    let midnight = (now / DAY + 1) * DAY;
                    pools.take(&venue, OfferId(id.into()), Timestamp(now), Timestamp(midnight));
                }
                Deed::Over(id) => pools.release(OfferId(id.into())),
                Deed::Pass(ms) => now += i64::from(ms),
                Deed::Restart => {
                    let mut restarted = Pools::new(&venue);
                    for (key, bytes) in &committed {
                        prop_assert_eq!(restarted.restore(&venue, key, bytes), Some(()));
                    }
                    prop_assert_eq!(restarted.level(0, size, Timestamp(now)), pools.level(0, size, Timestamp(now)));
                    pools = restarted;
                }
                Deed::Resize(to) => {
                    size = to;
                    venue[0].size = Size::Fixed(to);
                }
            }
            for (key, bytes) in pools.take_dirty(&venue) {
                if bytes.is_empty() { committed.remove(&key); } else { committed.insert(key, bytes); }
            }
            let PoolLevel { free, held, used, .. } = pools.level(0, size, Timestamp(now));
            for (key, bytes) in pools.take_dirty(&venue) {
                if bytes.is_empty() { committed.remove(&key); } else { committed.insert(key, bytes); }
            }
            prop_assert_eq!(held + used + free, size.max(held + used));
            prop_assert_eq!(&saved(&pools, &venue), &committed);
        }
    }
}
