//! Rule 14: learning journeys.

use crate::author::{Does, journey, page, when};
use crate::stage::{A, Stage, compiled};
use turnpage_journeys_engine::{
    AlternativeDef, ChoiceDef, ChoiceIx, ChosenBy, Definition, Effect, Engine, Error, Event, Input,
    JourneyIx, Kind, LearnDef, Limit, OfferId, Offsets, Outcome, OutcomeIn, PageIx, Pooled, Step, SubjectIx,
    SubjectKind, Tally, Timestamp, Triggers, Value, VariableDef,
};
use turnpage_journeys_expr::Type;

const VISITOR: SubjectKind = SubjectKind::Visitor;
const PAGE: PageIx = PageIx(0);
const CHOICE: ChoiceIx = ChoiceIx(0);

fn alternative(offer: &str) -> AlternativeDef {
    AlternativeDef { offer: offer.into(), ..AlternativeDef::default() }
}

/// On `a`, one of three drinks.
fn drinks(floor: f64, hold_out: f64) -> Definition {
    let alternatives = ["cocoa", "tea", "soup"].map(alternative).to_vec();
    let choice = ChoiceDef { alternatives, ..when("a") };
    Definition {
        kind: Kind::Learning.into(),
        learn: Some(LearnDef { floor, hold_out }),
        ..journey("drinks", &["cocoa", "tea", "soup"], vec![page("p", vec![choice])])
    }
}

fn engine(definition: Definition, seed: u64) -> Engine {
    let library = compiled(&[definition]).library.expect("no errors");
    Engine::new(library, Offsets::fixed(0), seed)
}

/// An event for which `a` holds, and what was chosen by it.
fn choose(engine: &mut Engine, subject: SubjectIx, at: i64) -> (u16, ChosenBy, u32, OfferId) {
    let mut step = Step::default();
    let facts = [Value::Bool(true), Value::Bool(false), Value::Double(0.0)];
    let event = Event::Context(Triggers::SIGHTING);
    engine.event(&Input { at: Timestamp(at), subject, event, facts: &facts }, &mut step);
    let chosen = step.effects.iter().find_map(|effect| match effect {
        Effect::Chose { alternative, by, chance_ppm, .. } => Some((*alternative, *by, *chance_ppm)),
        _ => None,
    });
    let made = step.effects.iter().find_map(|effect| match effect {
        Effect::Offer { id, offer, .. } => Some((*id, offer.0)),
        _ => None,
    });
    let ((alternative, by, chance), (id, offer)) = (chosen.expect("chosen"), made.expect("made"));
    assert_eq!(alternative, offer);
    (alternative, by, chance, id)
}

fn answer(engine: &mut Engine, subject: SubjectIx, at: i64, id: OfferId, outcome: Outcome) {
    let event = Event::Outcome(OutcomeIn { id, outcome });
    engine.event(&Input { at: Timestamp(at), subject, event, facts: &[] }, &mut Step::default());
}

fn tally(successes: u32, failures: u32) -> Tally {
    Tally { successes, failures }
}

#[test]
fn rule_14_1_one_of_the_alternatives_is_taken_with_all_that_it_does() {
    let mut def = drinks(1.0, 0.0);
    def.variables = ["n", "m"]
        .map(|name| VariableDef { name: name.into(), of: Type::Int.into(), initial: Some("0".into()) })
        .to_vec();
    let mut choice = def.pages[0].choices[0].clone().sets("n", "m + 1").sets("m", "5").turns("q");
    choice.alternatives[0].set = vec![("n".into(), "m + 10".into())];
    choice.alternatives[1].turn_to = Some("r".into());
    def.pages = vec![page("p", vec![choice]), page("q", vec![]), page("r", vec![])];
    let mut seen = std::collections::BTreeSet::new();
    for nth in 0..40 {
        let mut stage = Stage::new(&[def.clone()]);
        let who = format!("visitor {nth}");
        let said = stage.event(&who, 0, Triggers::SIGHTING, A);
        let subject = stage.who(&who);
        let variables = stage.engine.variables(subject, JourneyIx(0)).to_vec();
        let (n, to) = match said.as_str() {
            s if s.contains("offers cocoa") => (10, "q"),
            s if s.contains("offers tea") => (1, "r"),
            _ => (1, "q"),
        };
        assert!(said.ends_with(&format!("-0-> {to}")), "{said}");
        assert_eq!(variables, [Value::Int(n), Value::Int(5)], "all from the values before, its own instead");
        seen.insert(said.split("offers ").nth(1).unwrap().to_owned());
    }
    assert_eq!(seen.len(), 3, "{seen:?}");
}

#[test]
fn rule_14_2_the_hold_out_always_gets_the_first_and_stays_the_same() {
    let mut engine = engine(drinks(0.5, 0.25), 3);
    let mut held_out = 0;
    for nth in 0..400 {
        let subject = engine.subject(VISITOR, &format!("v{nth}")).unwrap();
        let by: Vec<_> = (0..6).map(|at| choose(&mut engine, subject, at)).collect();
        let out = by[0].1 == ChosenBy::HoldOut;
        assert!(by.iter().all(|(_, by, ..)| (*by == ChosenBy::HoldOut) == out));
        if out {
            held_out += 1;
            assert!(by.iter().all(|(alternative, _, chance, _)| (*alternative, *chance) == (0, 1_000_000)));
        }
    }
    // A quarter of 400, four standard errors either way.
    assert!((66..=134).contains(&held_out), "{held_out}");
}

#[test]
fn rule_14_3_the_floor_keeps_every_alternative_alive() {
    let mut engine = engine(drinks(0.3, 0.0), 5);
    let taught = [tally(900, 100), tally(10, 990), tally(10, 990)];
    engine.teach(JourneyIx(0), PAGE, CHOICE, &taught).unwrap();
    let ada = engine.subject(VISITOR, "ada").unwrap();
    let n = 2_000;
    let all: Vec<_> = (0..n).map(|at| choose(&mut engine, ada, at)).collect();
    let floor = all.iter().filter(|(_, by, ..)| *by == ChosenBy::Floor).count();
    assert!((518..=682).contains(&floor), "30 % of 2,000, four standard errors: {floor}");
    assert!(all.iter().all(|(alternative, by, ..)| *by == ChosenBy::Floor || *alternative == 0));
    for (alternative, _, chance, _) in &all {
        assert_eq!(*chance, if *alternative == 0 { 800_000 } else { 100_000 });
    }
    let last = all.iter().filter(|(alternative, ..)| *alternative == 2).count();
    assert!((147..=253).contains(&last), "a tenth of 2,000, four standard errors: {last}");
}

#[test]
fn rule_14_4_what_works_is_chosen_more_and_its_chance_is_told() {
    let mut engine = engine(drinks(0.0, 0.0), 5);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    engine.teach(JourneyIx(0), PAGE, CHOICE, &[tally(3, 7), tally(6, 4), tally(1, 9)]).unwrap();
    let n = 4_000;
    let mut counts = [0_u32; 3];
    let mut chances = [0; 3];
    for at in 0..n {
        let (alternative, by, chance, _) = choose(&mut engine, ada, at);
        assert_eq!(by, ChosenBy::Learned);
        counts[usize::from(alternative)] += 1;
        chances[usize::from(alternative)] = chance;
    }
    for (count, chance) in counts.iter().zip(chances) {
        let chance = f64::from(chance) / 1e6;
        let error = 4.0 * (chance * (1.0 - chance) / n as f64).sqrt() + 0.005;
        assert!((f64::from(*count) / n as f64 - chance).abs() < error, "{counts:?} {chances:?}");
    }
    assert!(counts[1] > 3_000 && counts[2] > 0, "{counts:?}");
}

#[test]
fn rule_14_5_an_alternative_at_its_limit_is_none() {
    let mut def = drinks(0.5, 0.0);
    for offer in &mut def.offers[..2] {
        offer.limit = Some(Limit::PerDay { count: 1 }.into());
    }
    def.offers[2].limit = Some(Limit::PerDay { count: 3 }.into());
    let mut stage = Stage::new(&[def.clone()]);
    let said: Vec<String> = (0..6).map(|at| stage.see(at, A)).collect();
    let made = |offer: &str| said.iter().filter(|said| said.contains(&format!("offers {offer}"))).count();
    assert_eq!((made("cocoa"), made("tea"), made("soup")), (1, 1, 3), "{said:?}");
    assert_eq!(said[5], "@5: keeps cocoa back", "then the choice is closed");
    def.learn = Some(LearnDef { floor: 0.5, hold_out: 1.0 });
    let mut stage = Stage::new(&[def]);
    assert!(stage.see(0, A).contains("offers cocoa"));
    assert_eq!(stage.see(1, A), "@1: keeps cocoa back", "the hold-out gets the first or none");
}

#[test]
fn rule_14_6_outcomes_count_for_the_alternative_that_made_the_offer() {
    let mut engine = engine(drinks(1.0, 0.0), 11);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    let mut expected = [tally(0, 0); 3];
    for (at, outcome) in (0..60).map(|at| (at * 10, Outcome::ALL[at as usize % 7])) {
        let (alternative, _, _, id) = choose(&mut engine, ada, at);
        answer(&mut engine, ada, at + 1, id, Outcome::Seen);
        answer(&mut engine, ada, at + 2, id, outcome);
        answer(&mut engine, ada, at + 3, id, outcome);
        let counted = match outcome {
            Outcome::Accepted => tally(1, 0),
            Outcome::Declined | Outcome::Expired => tally(0, 1),
            _ => tally(0, 0),
        };
        let tally = &mut expected[usize::from(alternative)];
        *tally = tally.with(counted);
    }
    assert_eq!(engine.tallies(JourneyIx(0), PAGE, CHOICE), expected);
    let total = expected.iter().fold(tally(0, 0), |sum, tally| sum.with(*tally));
    assert!(total.successes >= 8 && total.failures >= 16, "{total:?}");
    let mut def = drinks(0.0, 1.0);
    def.pages[0].choices.push(when("b").offers("cocoa"));
    let mut engine = engine_with(def);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    choose(&mut engine, ada, 0);
    let mut step = Step::default();
    let facts = [Value::Bool(false), Value::Bool(true)];
    let event = Event::Context(Triggers::SIGHTING);
    engine.event(&Input { at: Timestamp(1), subject: ada, event, facts: &facts }, &mut step);
    let Some(Effect::Offer { id, .. }) = step.effects.first() else { panic!("{step:?}") };
    answer(&mut engine, ada, 2, *id, Outcome::Accepted);
    assert_eq!(engine.tallies(JourneyIx(0), PAGE, CHOICE), [tally(0, 0); 3], "no alternative made it");
}

fn engine_with(definition: Definition) -> Engine {
    engine(definition, 1)
}

#[test]
fn rule_14_7_what_was_learned_is_saved_and_found_again() {
    let mut engine = engine(drinks(0.4, 0.0), 2);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    for at in 0..20 {
        let (.., id) = choose(&mut engine, ada, at * 10);
        answer(
            &mut engine,
            ada,
            at * 10 + 1,
            id,
            if at % 3 == 0 { Outcome::Accepted } else { Outcome::Declined },
        );
    }
    let (.., standing) = choose(&mut engine, ada, 300);
    let saved = engine.save(ada).unwrap();
    let mut other = engine_with(drinks(0.4, 0.0));
    let mut same = crate::learning::engine(drinks(0.4, 0.0), 2);
    let there = same.restore(VISITOR, "ada", &saved).unwrap();
    assert_eq!(same.save(there), Some(saved.clone()));
    answer(&mut same, there, 301, standing, Outcome::Accepted);
    answer(&mut engine, ada, 301, standing, Outcome::Accepted);
    assert_eq!(same.save(there), engine.save(ada));
    assert_eq!(choose(&mut same, there, 400), choose(&mut engine, ada, 400));
    // One alternative is gone, and the others are in another order.
    let mut edited = drinks(0.4, 0.0);
    edited.pages[0].choices[0].alternatives.remove(1);
    edited.pages[0].choices[0].alternatives.reverse();
    let tallies = engine_tallies(&saved, edited);
    let before = engine_tallies(&saved, drinks(0.4, 0.0));
    assert_eq!(tallies, [before[2], before[0]]);
    let restored = other.restore(VISITOR, "ada", &saved).unwrap();
    assert_eq!(other.save(restored), Some(saved), "another seed remembers the same");
}

fn engine_tallies(saved: &[u8], definition: Definition) -> Vec<Tally> {
    let mut engine = engine_with(definition);
    engine.restore(VISITOR, "ada", saved).unwrap();
    engine.tallies(JourneyIx(0), PAGE, CHOICE)
}

#[test]
fn rule_14_8_teaching_resetting_and_explaining() {
    let mut engine = engine(drinks(0.1, 0.0), 2);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    let ix = JourneyIx(0);
    assert_eq!(engine.teach(ix, PAGE, CHOICE, &[tally(1, 1)]), Err(Error::Teach));
    assert_eq!(engine.teach(ix, PageIx(1), CHOICE, &[tally(1, 1); 3]), Err(Error::Teach));
    engine.teach(ix, PAGE, CHOICE, &[tally(90, 10), tally(2, 8), tally(2, 8)]).unwrap();
    let explained = engine.explain(ada, ix, PAGE, CHOICE).unwrap();
    let means: Vec<f64> = explained.iter().map(|alternative| alternative.mean).collect();
    assert_eq!(means, [91.0 / 102.0, 3.0 / 12.0, 3.0 / 12.0]);
    assert_eq!(explained[0].tally, tally(90, 10));
    assert!(explained[0].chance_ppm > 930_000 && explained[1].chance_ppm >= 33_333);
    assert_eq!(explained.iter().map(|alternative| alternative.draw).collect::<Vec<_>>(), [None; 3]);

    let facts = [Value::Bool(true)];
    let event = Event::Context(Triggers::SIGHTING);
    let mut step = Step::default();
    engine.event(&Input { at: Timestamp(0), subject: ada, event, facts: &facts }, &mut step);
    let [weighing] = step.weighings.as_slice() else { panic!("{step:?}") };
    let draws: Vec<Option<f64>> = weighing.alternatives.iter().map(|alternative| alternative.draw).collect();
    match weighing.by {
        ChosenBy::Learned => {
            let largest = draws.iter().flatten().copied().fold(0.0, f64::max);
            assert_eq!(draws[usize::from(weighing.alternative)], Some(largest), "the draws decided");
        }
        _ => assert_eq!(draws, [None; 3], "no draw decided"),
    }
    let Some(Effect::Offer { id, .. }) = step.effects.iter().find(|e| matches!(e, Effect::Offer { .. }))
    else {
        panic!("{step:?}")
    };
    answer(&mut engine, ada, 1, *id, Outcome::Accepted);
    assert_eq!(engine.reset(ix), [ada], "whose tallies are gone and need saving");
    assert_eq!(engine.reset(ix), Vec::<SubjectIx>::new());
    let explained = engine.explain(ada, ix, PAGE, CHOICE).unwrap();
    assert!(explained.iter().all(|alternative| alternative.tally == tally(0, 0)));
    assert_eq!(explained[0].chance_ppm, 333_333);
}

/// A bandit: each of 3,000 visitors gets one drink, and what came of it is taught to all every hundred.
fn accepted(floor: f64, seed: u64) -> u32 {
    let rates = [0.10, 0.30, 0.15];
    let mut engine = engine(drinks(floor, 0.0), seed);
    let (mut accepted, mut counted) = (0, [tally(0, 0); 3]);
    let mut world = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1;
    for nth in 0..3_000_i64 {
        let subject = engine.subject(VISITOR, &format!("v{nth}")).unwrap();
        let (alternative, _, _, id) = choose(&mut engine, subject, nth * 1_000);
        world = world.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let lot = (world >> 33) as f64 / (1_u64 << 31) as f64;
        let worked = lot < rates[usize::from(alternative)];
        accepted += u32::from(worked);
        answer(
            &mut engine,
            subject,
            nth * 1_000 + 1,
            id,
            if worked { Outcome::Accepted } else { Outcome::Declined },
        );
        let tally = &mut counted[usize::from(alternative)];
        *tally = tally.with(Tally { successes: worked.into(), failures: (!worked).into() });
        if nth % 100 == 99 {
            engine.teach(JourneyIx(0), PAGE, CHOICE, &counted).unwrap();
        }
    }
    accepted
}

#[test]
fn rule_14_4_learning_beats_choosing_evenly() {
    for seed in [1, 2] {
        let (learned, even) = (accepted(0.1, seed), accepted(1.0, seed));
        // Evenly 18.3 % of 3,000 accept: 550, standard error 21. Always the best: 900, standard error 25. With a
        // floor of a tenth at most 865 are to be hoped for; what is lost on the way there is held to 100.
        assert!((466..=634).contains(&even), "{even}");
        assert!(learned > 765 - 2 * 25, "{learned}");
        assert!(learned > even + 4 * 33, "four standard errors of the difference: {learned} and {even}");
    }
}

#[test]
fn rule_14_9_what_cannot_be_learned_is_refused() {
    let codes = |edit: &dyn Fn(&mut Definition)| {
        let mut def = drinks(0.1, 0.1);
        edit(&mut def);
        compiled(&[def]).problems.iter().map(|problem| problem.diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&|_| {}), Vec::<&str>::new());
    assert_eq!(codes(&|d| d.learn = None), Vec::<&str>::new(), "there are defaults");
    assert_eq!(codes(&|d| d.kind = Kind::Guided.into()), ["learn-not-learning", "alternatives-not-learning"]);
    assert_eq!(codes(&|d| d.learn = Some(LearnDef { floor: 1.1, hold_out: f64::NAN })), ["bad-share"; 2]);
    assert_eq!(codes(&|d| d.pages[0].choices[0].offer = Some("tea".into())), ["offer-and-alternatives"]);
    assert_eq!(codes(&|d| d.pages[0].choices[0].alternatives.truncate(1))[0], "one-alternative");
    assert_eq!(codes(&|d| d.pages[0].choices[0].alternatives[1].offer = "cocoa".into())[0], "duplicate-name");
    assert_eq!(codes(&|d| d.pages[0].choices[0].alternatives[1].offer = "te".into())[0], "unknown-offer");
    assert_eq!(
        codes(&|d| d.pages[0].choices[0].alternatives[1].turn_to = Some("q".into())),
        ["unknown-page"]
    );
    assert_eq!(
        codes(&|d| d.pages[0].choices[0].alternatives[1].set = vec![("x".into(), "1".into())]),
        ["unknown-variable"]
    );
    assert_eq!(codes(&|d| d.pages[0].choices = vec![when("a").offers("tea")])[0], "nothing-to-learn");
    let many = vec![alternative("tea"); 17];
    assert!(codes(&|d| d.pages[0].choices[0].alternatives = many.clone()).contains(&"too-many"));
}

#[test]
fn rule_14_10_pooled_subjects_learn_from_each_other_at_once() {
    let ix = JourneyIx(0);
    let mut engine = engine(drinks(0.1, 0.0), 3);
    let ada = engine.subject(VISITOR, "ada").unwrap();
    let ben = engine.subject(VISITOR, "ben").unwrap();
    let (_, _, _, id) = choose(&mut engine, ada, 0);
    answer(&mut engine, ada, 1, id, Outcome::Accepted);
    assert_eq!(engine.pooled(ix), [], "not asked for");
    assert_eq!(engine.take_pooled(), []);
    let mut engine = engine.pool();
    let (first, _, _, id) = choose(&mut engine, ada, 10);
    answer(&mut engine, ada, 11, id, Outcome::Accepted);
    answer(&mut engine, ada, 12, id, Outcome::Declined);
    assert_eq!((engine.take_pooled(), engine.take_pooled()), (vec![ix], Vec::new()));
    let known = |engine: &Engine, subject, alternative: u16| {
        engine.explain(subject, ix, PAGE, CHOICE).unwrap()[usize::from(alternative)].tally
    };
    assert_eq!(known(&engine, ben, first), tally(1, 0), "what ada did, ben's choice knows; once");
    let own = known(&engine, ada, first).successes;
    assert!((2..=3).contains(&own), "twice for herself, and once more if she took it before: {own}");
    let offer = ["cocoa", "tea", "soup"][usize::from(first)];
    let pooled = [Pooled { page: "p", nth: 0, offer, tally: tally(1, 0) }];
    assert_eq!(engine.pooled(ix), pooled);

    // It is found again by names, whatever the order, and what is gone is let go.
    let mut edited = drinks(0.1, 0.0);
    edited.pages[0].choices[0].alternatives.reverse();
    edited.offers.reverse();
    let mut next = self::engine(edited, 3).pool();
    let gone = Pooled { offer: "wine", ..pooled[0] };
    next.restore_pooled(ix, &[gone, pooled[0]]);
    assert_eq!(next.pooled(ix), pooled);
    next.restore_pooled(ix, &[gone]);
    assert_eq!(next.pooled(ix), []);

    engine.reset(ix);
    assert_eq!(engine.pooled(ix), []);
    assert_eq!(engine.take_pooled(), [ix]);
}
