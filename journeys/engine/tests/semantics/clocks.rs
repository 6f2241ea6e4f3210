//! Rules 5.4 and 5.5: times on the venue's clock. The stage's goes back an hour after its first day, at 01:00.

use crate::also::Also;
use crate::author::{Does, journey, page, when};
use crate::stage::{A, B, DAY, HOUR, MINUTE, NONE, Stage};
use turnpage_journeys_engine::{ChoiceDef, Definition};

fn at(hours: i64, minutes: i64) -> ChoiceDef {
    ChoiceDef::default().at((hours * HOUR + minutes * MINUTE) as u32)
}

fn daily() -> Definition {
    let choices = vec![
        at(10, 0).given("a").offers("early"),
        at(10, 0).offers("late"),
        when("b").turns("q"),
        at(0, 30).offers("x"),
    ];
    journey("j", &["early", "late", "x"], vec![page("p", choices), page("q", vec![when("b").turns("p")])])
}

#[test]
fn rule_5_4_a_time_of_day_comes_after_entering_and_the_first_of_two() {
    let mut stage = Stage::new(&[daily()]);
    // The clock shows 10:00 one hour ahead of UTC.
    stage.see(9 * HOUR, NONE);
    assert_eq!(stage.until(9 * HOUR + 1), "", "entering at that very instant is too late");
    // 00:30 comes at half past eleven UTC, and an hour later again.
    assert_eq!(stage.until(DAY + HOUR), "@84600000: offers x");
    assert_eq!(stage.until(DAY + 9 * HOUR), "");
    assert_eq!(stage.until(DAY + 10 * HOUR), "@122400000: offers late", "the clock is UTC now");
}

#[test]
fn rule_5_4_a_time_the_clock_skips_is_the_skip() {
    use turnpage_journeys_engine::{Offsets, Timestamp, Transition};
    let spring = Offsets::new(0, vec![Transition { at: Timestamp(2 * HOUR), offset_ms: HOUR }]);
    let half_past_two = (2 * HOUR + 30 * MINUTE) as u32;
    assert_eq!(spring.next(half_past_two, Timestamp(0)), Some(Timestamp(2 * HOUR)));
    assert_eq!(spring.next(half_past_two, Timestamp(2 * HOUR)), Some(Timestamp(DAY + HOUR + 30 * MINUTE)));
}

#[test]
fn rule_5_5_it_comes_every_day_until_the_page_is_left() {
    let mut stage = Stage::new(&[daily()]);
    stage.see(0, A);
    assert_eq!(stage.until(9 * HOUR), "@32400000: offers early", "the first that is open");
    assert_eq!(stage.see(10 * HOUR, B), "@36000000: p -2-> q");
    assert_eq!(stage.until(2 * DAY), "");
    assert_eq!(stage.see(2 * DAY + HOUR, B), "@176400000: q -0-> p");
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada);
    let mut other = stage.moved_to(&[daily()]);
    assert_eq!(other.engine.save(ada), saved);
    for stage in [&mut stage, &mut other] {
        let said = stage.until(4 * DAY);
        assert_eq!(said, "@208800000: offers late; @261000000: offers x; @295200000: offers late");
    }
    // A time that is new on a page was missed by nobody: it comes next after entering, even if that is past.
    let mut edited = daily();
    edited.pages[0].choices.push(at(2, 0).offers("early"));
    let mut edited = stage.moved_to(&[edited]);
    assert_eq!(edited.until(2 * DAY + 2 * HOUR), "@180000000: offers early");
}
