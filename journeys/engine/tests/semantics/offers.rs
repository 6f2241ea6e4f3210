//! Rule 6: offers, limits and outcomes.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, DAY, HOUR, NONE, Stage};
use turnpage_journeys_engine::{ChoiceDef, Definition, Limit, OfferId, Outcome, Triggers};

fn offering(limit: Option<Limit>, valid_ms: Option<i64>, more: Vec<ChoiceDef>) -> Definition {
    let mut choices = vec![when("a").offers("x")];
    choices.extend(more);
    let mut def = journey("j", &["x"], vec![page("p", choices), page("q", vec![])]);
    (def.offers[0].limit, def.offers[0].valid_ms) = (limit.map(Into::into), valid_ms.map(Into::into));
    def
}

#[test]
fn rule_6_1_per_day_counts_by_the_date_on_the_venues_clock() {
    let mut stage = Stage::new(&[offering(Some(Limit::PerDay { count: 2 }), None, vec![])]);
    // The clock is an hour ahead on the first day: its second date begins at 23:00 UTC, and at 24:00 UTC
    // the clock goes back to 00:00 of the same date.
    assert_eq!(stage.see(22 * HOUR, A), "@79200000: j begins on p, offers x");
    assert_eq!(stage.see(23 * HOUR - 1, A), "@82799999: offers x");
    assert_eq!(stage.see(23 * HOUR - 1, A), "@82799999: keeps x back");
    assert_eq!(stage.see(23 * HOUR, A), "@82800000: offers x");
    assert_eq!(stage.see(DAY, A), "@86400000: offers x");
    assert_eq!(stage.see(DAY + HOUR, A), "@90000000: keeps x back");
    assert_eq!(stage.event("bo", DAY + HOUR, Triggers::NONE, A), "bo @90000000: j begins on p, offers x");
    let late = stage.late("ada", 5, Triggers::NONE, A);
    assert_eq!(late, "@5: keeps x back", "a late event counts on the later date");
    let late = stage.late("bo", 5, Triggers::NONE, A);
    assert_eq!(late, "bo @5: offers x");
    assert_eq!(stage.late("bo", DAY + HOUR, Triggers::NONE, A), "bo @90000000: keeps x back");
}

#[test]
fn rule_6_2_per_window_forgets_what_was_made_a_window_ago() {
    let limit = Limit::PerWindow { count: 2, window_ms: 4 * HOUR };
    let mut stage = Stage::new(&[offering(Some(limit), None, vec![])]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x");
    assert_eq!(stage.see(HOUR, A), "@3600000: offers x");
    assert_eq!(stage.see(4 * HOUR - 1, A), "@14399999: keeps x back");
    assert_eq!(stage.see(4 * HOUR, A), "@14400000: offers x");
    assert_eq!(stage.see(5 * HOUR - 1, A), "@17999999: keeps x back");
    assert_eq!(stage.see(5 * HOUR, A), "@18000000: offers x");
    assert_eq!(stage.late("ada", 0, Triggers::NONE, A), "@0: keeps x back");
}

#[test]
fn rule_6_3_an_offer_stands_until_it_is_settled_or_made_again() {
    for outcome in Outcome::ALL {
        let mut stage = Stage::new(&[offering(None, None, vec![])]);
        let id = stage.made(0, A);
        assert_eq!(stage.outcome(1, id, outcome), format!("@1: x {}", outcome.name()));
        let ada = stage.who("ada");
        assert_eq!(stage.engine.standing(ada, id).is_some(), !outcome.settles());
        let again = stage.outcome(2, id, Outcome::Accepted);
        assert_eq!(again, if outcome.settles() { "" } else { "@2: x accepted" });
    }
    let mut stage = Stage::new(&[offering(None, None, vec![])]);
    let (first, second) = (stage.made(0, A), stage.made(1, A));
    assert_eq!(stage.outcome(2, first, Outcome::Accepted), "");
    assert_eq!(stage.outcome(2, second, Outcome::Accepted), "@2: x accepted");
}

#[test]
fn rule_6_4_a_choice_records_an_outcome_once() {
    let record = when("b").records("x", Outcome::Accepted).turns("p");
    let mut stage = Stage::new(&[offering(None, None, vec![record])]);
    assert_eq!(stage.see(0, B), "@0: j begins on p, p -1-> p");
    stage.see(1, A);
    assert_eq!(stage.see(2, B), "@2: x accepted, p -1-> p");
    assert_eq!(stage.see(3, B), "@3: p -1-> p");
}

#[test]
fn rule_6_5_an_outcome_from_outside_is_for_the_page_of_its_own_journey() {
    let more = vec![
        when("b").answers("x", Outcome::Accepted).turns("q"),
        ChoiceDef::default().answers("x", Outcome::Accepted).turns("p"),
        ChoiceDef::default().answers("x", Outcome::Seen).turns("p"),
    ];
    let def = offering(None, None, more);
    let mut other = def.clone();
    other.name = "k".into();
    let mut stage = Stage::new(&[def.clone(), other]);
    let id = stage.made(0, A);
    assert_eq!(stage.outcome(1, OfferId(id.0 ^ 1), Outcome::Accepted), "", "nobody's offer");
    assert_eq!(stage.outcome(1, id, Outcome::Seen), "@1: x seen, p -3-> p");
    assert_eq!(stage.outcome(1, id, Outcome::Clicked), "@1: x clicked", "`a` holds, and is not asked");
    assert_eq!(stage.outcome(2, id, Outcome::Accepted), "@2: x accepted, p -2-> p");
    assert_eq!(stage.outcome(3, id, Outcome::Accepted), "", "it stands no more");
    let mut stage = Stage::new(&[def]);
    let id = stage.made(0, A);
    stage.see(1, B);
    assert_eq!(stage.outcome(2, id, Outcome::Accepted), "@2: x accepted, p -1-> q");
    let id = OfferId::from_hex(&id.to_string());
    assert!(id.is_some_and(|id| stage.outcome(3, id, Outcome::Declined).is_empty()));
}

#[test]
fn rule_6_6_an_offer_expires_and_the_page_may_answer() {
    let more = vec![ChoiceDef::default().answers("x", Outcome::Expired).turns("q")];
    let mut stage = Stage::new(&[offering(None, Some(HOUR), more.clone())]);
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x until 3600000");
    assert_eq!(stage.until(9 * HOUR), "@3600000: x expired, p -1-> q");
    let mut stage = Stage::new(&[offering(None, Some(HOUR), more)]);
    let id = stage.made(0, A);
    stage.outcome(1, id, Outcome::Declined);
    assert_eq!(stage.until(9 * HOUR), "", "it was settled");
    stage.see(9 * HOUR, A);
    stage.see(9 * HOUR + 5, A);
    let expired = format!("@{}: x expired, p -1-> q", 10 * HOUR + 5);
    assert_eq!(stage.until(20 * HOUR), expired, "made again, it has the time of the second");
}

#[test]
fn rule_6_6_a_page_that_records_expiry_itself_is_not_told_twice() {
    let pages = vec![
        page("p", vec![when("a").offers("x").turns("q")]),
        page(
            "q",
            vec![
                after(HOUR).records("x", Outcome::Expired).turns("p"),
                ChoiceDef::default().answers("x", Outcome::Expired).turns("q"),
            ],
        ),
    ];
    let mut def = journey("j", &["x"], pages);
    def.offers[0].valid_ms = Some(HOUR.into());
    let mut stage = Stage::new(&[def]);
    stage.see(0, A);
    assert_eq!(stage.until(9 * HOUR), "@3600000: x expired, q -0-> p");
}

#[test]
fn rule_6_7_a_withheld_offer_has_counted() {
    let again = when("b").answers("x", Outcome::Withheld).offers("x");
    let mut stage = Stage::new(&[offering(Some(Limit::PerDay { count: 1 }), None, vec![again])]);
    stage.see(0, NONE);
    let id = stage.made(1, AB);
    assert_eq!(stage.outcome(1, id, Outcome::Withheld), "@1: x withheld, keeps x back");
}
