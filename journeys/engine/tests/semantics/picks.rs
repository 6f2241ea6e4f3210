//! Rules 3.5 to 3.8: picks, choices taken once, signals by name, and what may be asked about choices.

use crate::also::Also;
use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, AB, B, HOUR, MINUTE, NONE, Stage, schema};
use turnpage_journeys_engine::{
    ChoiceDef, ChoiceIx, ChoiceState, Definition, JourneyIx, Limit, OfferIx, On, Outcome, PageIx, PickIn,
    Timestamp, Triggers, Waits, WordingDef,
};

fn english(text: &str) -> Vec<WordingDef> {
    vec![WordingDef { language: "en".to_owned(), channel: None, text: text.into() }]
}

fn resting() -> Definition {
    let rest = ChoiceDef { label: english("I need a rest"), ..when("a").picked("rest").turns("resting") };
    let eat = ChoiceDef::default().picked("eat").offers("soup");
    let mut def = journey(
        "j",
        &["soup"],
        vec![page("walking", vec![rest, eat]), page("resting", vec![when("b").turns("walking")])],
    );
    def.admit = Some("a || b".into());
    def.offers[0].limit = Some(Limit::PerDay { count: 1 }.into());
    def
}

#[test]
fn rule_3_5_a_pick_takes_the_open_choice_that_was_shown() {
    let mut stage = Stage::new(&[resting()]);
    assert_eq!(stage.picks(0), []);
    assert_eq!(stage.see(0, B), "@0: j begins on walking");
    let names = |picks: Vec<(String, PickIn)>| picks.into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let pick = |choice| PickIn { journey: JourneyIx(0), page: PageIx(0), choice: ChoiceIx(choice) };
    assert_eq!(names(stage.picks(1)), ["eat"], "`a` does not hold");
    assert_eq!(stage.pick(1, pick(0)), "", "a closed choice cannot be picked");
    stage.see(2, A);
    assert_eq!(stage.picks(2), [("rest".to_owned(), pick(0)), ("eat".to_owned(), pick(1))]);
    let journey = &stage.engine.library().journeys()[0];
    let label = &journey.choice(PageIx(0), ChoiceIx(0)).expect("it is there").label;
    assert_eq!(label.len(), 1, "a kiosk has something to show");
    assert_eq!(stage.pick(3, pick(1)), "@3: offers soup");
    assert_eq!(names(stage.picks(3)), ["rest"], "the limit closes it");
    assert_eq!(stage.pick(4, pick(1)), "@4: keeps soup back");
    stage.see(5, NONE);
    stage.see(5, A);
    assert_eq!(stage.pick(6, pick(0)), "@6: walking -0-> resting");
    assert_eq!(stage.pick(7, pick(0)), "", "that page was left");
    assert_eq!(stage.see(8, A), "", "nor does an event take a pick");
    for (journey, choice) in [(9, 0), (0, 9), (0, u16::MAX)] {
        let nowhere = PickIn { journey: JourneyIx(journey), page: PageIx(1), choice: ChoiceIx(choice) };
        assert_eq!(stage.pick(9, nowhere), "");
    }
}

#[test]
fn rule_2_4_admit_is_not_asked_of_picks() {
    let mut stage = Stage::new(&[resting()]);
    stage.see(0, A);
    stage.see(1, NONE);
    let pick = PickIn { journey: JourneyIx(0), page: PageIx(0), choice: ChoiceIx(1) };
    assert_eq!(stage.pick(2, pick), "@2: offers soup");
}

#[test]
fn rule_3_6_once_is_once_in_the_life_of_an_instance() {
    let pages = vec![
        page("p", vec![when("a").once().offers("x"), when("a").turns("q")]),
        page("q", vec![when("b").turns("p"), after(HOUR).once().given("a").turns("p")]),
    ];
    let def = journey("j", &["x"], pages);
    let mut stage = Stage::new(std::slice::from_ref(&def));
    assert_eq!(stage.see(0, A), "@0: j begins on p, offers x");
    assert!(stage.choices(1)[0].spent && !stage.choices(1)[0].open());
    assert_eq!(stage.see(1, A), "@1: p -1-> q");
    assert_eq!(stage.see(2, B), "@2: q -0-> p", "leaving and coming back");
    let mut edited = def;
    edited.pages[0].choices.insert(0, when("b").once().turns("q"));
    edited.pages[0].choices[1].when = Some("a && !b".into());
    let mut other = stage.moved_to(&[edited]);
    assert_eq!(other.see(3, A), "@3: p -2-> q", "found again by what it does");
    assert_eq!(other.until(HOUR + 3), "@3600003: q -1-> p");
    assert_eq!(other.see(HOUR + 4, B), "@3600004: p -0-> q", "the new one was not taken before");
    assert_eq!(other.until(3 * HOUR), "", "the timer's choice was");
    stage.stop("ada", 5);
    assert_eq!(stage.see(6, A), "@6: j begins on p, offers x", "another life");
}

#[test]
fn rule_3_7_a_signal_by_name_is_that_signal() {
    let on = |on: On, to: &str| ChoiceDef::default().on(on).turns(to);
    let pages = vec![
        page("p", vec![on(On::SignalOf("parking".to_owned()), "parking"), on(On::Signal, "any")]),
        page("parking", vec![on(On::Feedback, "p")]),
        page("any", vec![on(On::Feedback, "p")]),
    ];
    let mut stage = Stage::new(&[journey("j", &[], pages)]);
    let signal = |path| Triggers::signal(schema().slot(path).expect("a signal of the stage"));
    stage.see(0, A);
    assert_eq!(stage.event("ada", 1, signal("signal.queue"), A), "@1: p -1-> any");
    assert_eq!(stage.event("ada", 2, Triggers::SIGNAL | Triggers::ENTER, A), "");
    assert_eq!(stage.event("ada", 3, Triggers::FEEDBACK, A), "@3: any -0-> p");
    assert_eq!(stage.event("ada", 4, signal("signal.parking") | Triggers::ENTER, A), "@4: p -0-> parking");
    stage.event("ada", 5, Triggers::FEEDBACK, A);
    assert_eq!(stage.event("ada", 6, Triggers::SIGNAL, A), "@6: p -1-> any", "one that nobody named");
}

#[test]
fn rule_3_8_what_is_said_of_choices_is_what_the_next_event_finds() {
    let all = vec![
        when("a && b").on(On::Enter).turns("q"),
        when("rain > 5.0").offers("x"),
        ChoiceDef::default().answers("x", Outcome::Accepted).turns("q"),
        after(MINUTE).turns("q"),
        ChoiceDef::default().at(10 * HOUR as u32).turns("q"),
        when("a").picked("go").turns("q"),
        when("a").once().offers("x"),
    ];
    let mut def = journey("j", &["x"], vec![page("p", all), page("q", vec![])]);
    def.offers[0].limit = Some(Limit::PerDay { count: 1 }.into());
    let mut stage = Stage::new(&[def]);
    assert_eq!(stage.choices(0), [], "nothing has begun");
    stage.see(0, A);
    let ada = stage.who("ada");
    let before = stage.engine.save(ada);
    let states = stage.choices(1);
    let state = |choice, waits, guard| ChoiceState {
        choice: ChoiceIx(choice),
        waits,
        guard,
        limited: false,
        held: false,
        spent: false,
    };
    let any = states[1].waits;
    assert!(matches!(any, Waits::Event(_)) && any != Waits::Event(Triggers::ENTER));
    let answer = Waits::Outcome { offer: OfferIx(0), outcome: Outcome::Accepted };
    assert_eq!(
        states,
        [
            state(0, Waits::Event(Triggers::ENTER), Some(Some(false))),
            ChoiceState { limited: true, ..state(1, any, Some(Some(false))) },
            state(2, answer, None),
            state(3, Waits::Timer(Timestamp(MINUTE)), None),
            state(4, Waits::Clock(Timestamp(9 * HOUR)), None),
            state(5, Waits::Pick, Some(Some(true))),
            ChoiceState { limited: true, spent: true, ..state(6, any, Some(Some(true))) },
        ]
    );
    let open: Vec<u16> = states.iter().filter(|s| s.open()).map(|s| s.choice.0).collect();
    assert_eq!(open, [2, 3, 4, 5]);
    assert_eq!(stage.engine.save(ada), before);
    assert_eq!(stage.event("ada", 2, Triggers::ENTER, AB), "@2: p -0-> q");
}
