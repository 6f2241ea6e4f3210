//! What holds of every journey and every stream: the same bytes twice, bytes and back at any instant, no panic,
//! bounded effects.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use turnpage_journeys_engine::{
    CallDef, ChoiceDef, CopyDef, Definition, Effect, Engine, EntryDef, Event, Input, Kind, Library, Limit,
    OfferDef, OfferId, Offsets, On, Outcome, OutcomeIn, OutcomeOf, PageDef, Span, Step, SubjectIx,
    SubjectKind, Timestamp, Transition, Triggers, Value, VariableDef, compile,
};
use turnpage_journeys_expr::{Schema, Type};

const MINUTE: i64 = 60_000;
const WHO: [&str; 3] = ["ada", "bo", "a much longer name of 32 bytes.."];
const PAGES: [&str; 4] = ["p", "q", "r", "s"];
const OFFERS: [&str; 2] = ["x", "y"];
const GUARDS: [&str; 8] =
    ["a", "b", "!a", "a || n > 2", "n % 2 == 0", "time.between(\"06:00\", \"18:00\")", "a != b", "true"];

fn schema() -> Schema {
    let mut schema = Schema::new();
    assert!(schema.fact("a", Type::Bool).is_some() && schema.fact("b", Type::Bool).is_some());
    schema
}

fn outcome_of() -> impl Strategy<Value = OutcomeOf> {
    (select(&OFFERS[..]), select(&Outcome::ALL[..]))
        .prop_map(|(offer, outcome)| OutcomeOf { offer: offer.to_owned(), outcome })
}

fn on() -> impl Strategy<Value = On> {
    prop_oneof![
        select(vec![On::Sighting, On::Enter, On::Exit, On::Weather, On::Signal]),
        outcome_of().prop_map(On::Outcome),
    ]
}

fn choice() -> impl Strategy<Value = ChoiceDef> {
    let waits = prop_oneof![
        3 => Just((None, None)),
        2 => on().prop_map(|on| (Some(on), None)),
        2 => select(vec![1, 5, 20, 60]).prop_map(|minutes| (None, Some(minutes * MINUTE))),
    ];
    let does = (
        option::of(select(&OFFERS[..])),
        option::weighted(0.2, outcome_of()),
        option::weighted(0.3, select(vec!["n + 1", "0", "a ? n : 7"])),
        option::of(select(&PAGES[..])),
    );
    (waits, option::weighted(0.7, select(&GUARDS[..])), does).prop_map(
        |((on, after), when, (offer, outcome, set, turn_to))| ChoiceDef {
            on: on.map(Into::into),
            when: when.map(Into::into),
            after_ms: after.map(Into::into),
            offer: offer.map(Into::into),
            outcome: outcome.map(Into::into),
            set: set.map(|value| ("n".into(), value.into())).into_iter().collect(),
            turn_to: turn_to.map(Into::into),
            ..ChoiceDef::default()
        },
    )
}

fn offer(name: &'static str) -> impl Strategy<Value = OfferDef> {
    let limit = prop_oneof![
        (1..4_u32).prop_map(|count| Limit::PerDay { count }),
        (1..4_u32, select(vec![1, 30, 240]))
            .prop_map(|(count, minutes)| { Limit::PerWindow { count, window_ms: minutes * MINUTE } }),
    ];
    (option::of(limit), option::of(select(vec![1, 20, 60]))).prop_map(move |(limit, valid)| OfferDef {
        name: name.into(),
        limit: limit.map(Into::into),
        valid_ms: valid.map(|minutes| (minutes * MINUTE).into()),
        ..OfferDef::default()
    })
}

fn entries(ad_hoc: bool) -> impl Strategy<Value = Vec<EntryDef>> {
    let entry =
        (option::of(select(vec![On::Enter, On::Exit])), select(&GUARDS[..6])).prop_map(|(on, when)| {
            // Variables are unknown before an instance has begun; guards on them are no way in, and no error.
            EntryDef { span: Span::default(), on: on.map(Into::into), when: Some(when.into()) }
        });
    vec(entry, if ad_hoc { 1..3 } else { 0..1 })
}

fn definition(name: &'static str) -> impl Strategy<Value = Definition> {
    any::<bool>().prop_flat_map(move |ad_hoc| {
        let pages = (vec(vec(choice(), 0..5), 4), vec(entries(ad_hoc), 4));
        let admit = option::weighted(0.3, select(&["a", "!b"][..]));
        (pages, (offer("x"), offer("y")), admit).prop_map(move |((choices, enter), (x, y), admit)| {
            Definition {
                name: name.into(),
                version: 1,
                kind: if ad_hoc { Kind::AdHoc } else { Kind::Guided }.into(),
                admit: admit.map(Into::into),
                variables: vec![VariableDef {
                    name: "n".into(),
                    of: Type::Int.into(),
                    initial: Some("a ? 1 : 2".into()),
                }],
                offers: vec![x, y],
                pages: PAGES
                    .iter()
                    .zip(choices.into_iter().zip(enter))
                    .map(|(name, (choices, enter))| PageDef {
                        name: (*name).into(),
                        enter,
                        choices,
                        ..PageDef::default()
                    })
                    .collect(),
                ..Definition::default()
            }
        })
    })
}

fn library() -> impl Strategy<Value = Library> {
    (definition("one"), definition("two"), any::<bool>()).prop_map(|(mut one, mut two, calls)| {
        if calls && two.kind.value == Kind::Guided {
            two.returns = Some("n".into());
            two.pages[0].choices.push(ChoiceDef { turn_to: Some("s".into()), ..ChoiceDef::default() });
            two.pages[3].choices.clear();
            one.pages[1].call = Some(CallDef { journey: "two".into(), with: Vec::new() });
            one.pages[1].choices.push(ChoiceDef {
                on: Some(On::Returned.into()),
                offer: Some("x".into()),
                set: vec![("n".into(), "result + 1".into())],
                turn_to: Some("p".into()),
                ..ChoiceDef::default()
            });
        }
        let compiled = compile(&[two, one], &schema());
        compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems))
    })
}

#[derive(Clone, Debug)]
enum Act {
    Event { minutes: i64, triggers: Triggers, facts: Vec<Value> },
    Outcome { made: Index, outcome: Outcome },
    Stop,
    Remove,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let fact = select(vec![Value::Unknown, Value::Bool(true), Value::Bool(false), Value::Int(3)]);
    let triggers = vec(
        select(vec![
            Triggers::SIGHTING,
            Triggers::ENTER,
            Triggers::EXIT,
            Triggers::WEATHER,
            Triggers::SIGNAL,
        ]),
        0..3,
    )
    .prop_map(|all| all.into_iter().fold(Triggers::NONE, Triggers::with));
    let minutes = select(vec![0, 0, 1, 1, 5, 20, 45, 400, -30]);
    let act = prop_oneof![
        12 => (minutes, triggers, vec(fact, 0..3))
            .prop_map(|(minutes, triggers, facts)| Act::Event { minutes, triggers, facts }),
        4 => (any::<Index>(), select(&Outcome::ALL[..]))
            .prop_map(|(made, outcome)| Act::Outcome { made, outcome }),
        1 => Just(Act::Stop),
        1 => Just(Act::Remove),
    ];
    (0..WHO.len(), act)
}

fn engine(library: &Library) -> Engine {
    let change = Transition { at: Timestamp(600 * MINUTE), offset_ms: 0 };
    Engine::new(library.clone(), Offsets::new(60 * MINUTE, vec![change]), 7)
}

/// Runs acts on an engine and keeps every step, and what was saved at the end. With `bytes` each subject goes
/// through its bytes and back before and after each of its steps.
struct Run {
    engine: Engine,
    now: i64,
    facts: Vec<Value>,
    made: Vec<OfferId>,
    steps: Vec<Step>,
    bytes: bool,
}

impl Run {
    fn of(library: &Library, acts: &[(usize, Act)], bytes: bool) -> Run {
        let (engine, now) = (engine(library), 0);
        let mut run = Run { engine, now, facts: Vec::new(), made: Vec::new(), steps: Vec::new(), bytes };
        for (who, act) in acts {
            run.act(WHO[*who], act);
        }
        run
    }

    fn act(&mut self, who: &str, act: &Act) {
        if let Act::Event { minutes, facts, .. } = act {
            (self.now, self.facts) = (self.now + minutes * MINUTE, facts.clone());
        }
        let at = Timestamp(self.now);
        while let Some(due) = self.engine.due(at) {
            self.through_bytes(due.subject);
            let (mut step, facts) = (Step::default(), std::mem::take(&mut self.facts));
            self.engine.timer(&due, &facts, &mut step);
            self.facts = facts;
            assert_eq!(step.at, due.at);
            self.keep(step);
        }
        let subject = self.engine.subject(SubjectKind::Visitor, who).expect("a short name");
        self.through_bytes(subject);
        let mut step = Step::default();
        match act {
            Act::Event { triggers, facts, .. } => {
                let input = Input { at, subject, event: Event::Context(*triggers), facts };
                self.engine.event(&input, &mut step);
            }
            Act::Outcome { made, outcome } => {
                // One in three is an id nobody has.
                let known = (!self.made.is_empty()).then(|| *made.get(&self.made));
                let id = known.filter(|id| id.0 % 3 != 0).unwrap_or(OfferId(u128::from(at.0.unsigned_abs())));
                let event = Event::Outcome(OutcomeIn { id, outcome: *outcome });
                let input = Input { at, subject, event, facts: &self.facts };
                self.engine.event(&input, &mut step);
            }
            Act::Stop => self.engine.stop(subject, at, &mut step),
            Act::Remove => self.engine.remove(subject),
        }
        self.keep(step);
        if let Some(subject) = self.engine.find(SubjectKind::Visitor, who) {
            self.through_bytes(subject);
        }
    }

    fn through_bytes(&mut self, subject: SubjectIx) {
        if !self.bytes {
            return;
        }
        let name = self.engine.name(subject).expect("it is known").to_owned();
        let saved = self.engine.save(subject).expect("it is known");
        assert_eq!(
            self.engine.restore(SubjectKind::Visitor, &name, &saved),
            Ok(subject),
            "a freed place is given again first"
        );
        assert_eq!(self.engine.save(subject), Some(saved));
    }

    fn keep(&mut self, step: Step) {
        self.made.extend(step.effects.iter().filter_map(|effect| match effect {
            Effect::Offer { id, .. } => Some(*id),
            _ => None,
        }));
        self.steps.push(step);
    }

    fn saved(&self) -> Vec<Option<Vec<u8>>> {
        WHO.iter().map(|who| self.engine.save(self.engine.find(SubjectKind::Visitor, who)?)).collect()
    }

    /// Counts of pages are what the instances say.
    fn check_live(&self) {
        for (ix, journey) in self.engine.library().journeys().iter().enumerate() {
            let journey_ix = turnpage_journeys_engine::JourneyIx(ix as u16);
            for page in (0..journey.pages().len()).map(|page| turnpage_journeys_engine::PageIx(page as u16)) {
                let on = WHO
                    .iter()
                    .filter_map(|who| {
                        self.engine.page(self.engine.find(SubjectKind::Visitor, who)?, journey_ix)
                    })
                    .filter(|on| *on == page);
                assert_eq!(self.engine.live(journey_ix, page), on.count() as u64);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn rule_1_6_the_same_inputs_give_the_same_effects_and_bytes(
        library in library(), acts in vec(act(), 0..60)
    ) {
        let (first, second) = (Run::of(&library, &acts, false), Run::of(&library, &acts, false));
        prop_assert_eq!(&first.steps, &second.steps);
        prop_assert_eq!(first.saved(), second.saved());
        first.check_live();
    }

    #[test]
    fn rule_9_1_bytes_and_back_at_any_instant_change_nothing(
        library in library(), acts in vec(act(), 0..60)
    ) {
        let (plain, saved) = (Run::of(&library, &acts, false), Run::of(&library, &acts, true));
        prop_assert_eq!(&plain.steps, &saved.steps);
        prop_assert_eq!(plain.saved(), saved.saved());
        saved.check_live();
    }

    #[test]
    fn rule_4_5_no_offer_has_the_id_of_another(library in library(), acts in vec(act(), 0..60)) {
        let mut made = Run::of(&library, &acts, false).made;
        let all = made.len();
        made.sort();
        made.dedup();
        // Removing forgets steps: only then may a name come again, for the same instant.
        let removed = acts.iter().any(|(_, act)| matches!(act, Act::Remove));
        prop_assert!(made.len() == all || removed);
    }

    #[test]
    fn rule_10_2_no_step_has_more_effects_than_its_bound(library in library(), acts in vec(act(), 0..60)) {
        let bound = |journey: &turnpage_journeys_engine::Journey| {
            journey.pages().iter().map(|page| page.choices.len()).max().unwrap_or(0) + 12
        };
        let bound: usize = library.journeys().iter().map(bound).sum();
        for step in Run::of(&library, &acts, false).steps {
            prop_assert!(step.effects.len() <= bound, "{:?}", step);
        }
    }

    #[test]
    fn no_instant_and_no_index_makes_it_panic(
        library in library(),
        inputs in vec((any::<i64>(), 0..5_u32, any::<u128>(), any::<bool>()), 0..40)
    ) {
        let mut engine = engine(&library);
        let ada = engine.subject(SubjectKind::Visitor, "ada").unwrap();
        let mut step = Step::default();
        let facts = [Value::Bool(true); 2];
        for (at, subject, id, is_outcome) in inputs {
            let event = if is_outcome {
                Event::Outcome(OutcomeIn { id: OfferId(id), outcome: Outcome::Accepted })
            } else {
                Event::Context(Triggers::ENTER)
            };
            let (at, subject) = (Timestamp(at), SubjectIx(subject));
            let input = Input { at, subject, event, facts: &facts };
            engine.event(&input, &mut step);
            prop_assert!(subject == ada || step.effects.is_empty(), "only ada is known");
            // At the end of time timers of delays may be due for ever: a few are enough.
            for _ in 0..8 {
                if let Some(due) = engine.due(at) {
                    engine.timer(&due, &facts, &mut step);
                    engine.timer(&due, &facts, &mut step);
                    prop_assert!(step.effects.is_empty(), "a timer fires once");
                }
            }
            engine.stop(SubjectIx(9), at, &mut step);
            engine.remove(SubjectIx(9));
        }
    }

    #[test]
    fn bytes_of_no_origin_are_refused_or_harmless(
        library in library(), acts in vec(act(), 0..20), flips in vec((any::<Index>(), any::<u8>()), 1..4)
    ) {
        let mut run = Run::of(&library, &acts, false);
        for saved in run.saved().into_iter().flatten() {
            let mut garbled = saved;
            for (at, with) in &flips {
                let at = at.index(garbled.len());
                garbled[at] ^= with;
            }
            if let Ok(subject) = run.engine.restore(SubjectKind::Visitor, "ada", &garbled) {
                let bytes = run.engine.save(subject).unwrap();
                prop_assert_eq!(run.engine.restore(SubjectKind::Visitor, "ada", &bytes), Ok(subject));
                prop_assert_eq!(run.engine.save(subject), Some(bytes));
                run.act("ada", &Act::Event { minutes: 1, triggers: Triggers::ENTER, facts: Vec::new() });
                run.check_live();
            }
        }
    }

    #[test]
    fn nothing_an_author_writes_makes_compiling_panic(
        mut one in definition("one"),
        two in definition("two"),
        words in vec("[a-z .(){}\"'&|=0-9é-]{0,12}", 6),
        numbers in vec(any::<i64>(), 3),
        kind in select(vec![Kind::AdHoc, Kind::Mandated, Kind::Guided, Kind::Learning, Kind::Intent]),
    ) {
        one.kind = kind.into();
        one.start = Some(words[0].as_str().into());
        one.offers[0].text = vec![CopyDef { language: "en".to_owned(), channel: None, text: words[1].as_str().into() }];
        one.offers[0].valid_ms = Some(numbers[0].into());
        one.offers[1].limit = Some(Limit::PerWindow { count: numbers[1] as u32, window_ms: numbers[2] }.into());
        one.pages[0].name = words[2].as_str().into();
        one.pages[1].choices.push(ChoiceDef {
            when: Some(words[3].as_str().into()),
            after_ms: Some(numbers[2].into()),
            offer: Some(words[4].as_str().into()),
            set: vec![("n".into(), words[5].as_str().into())],
            ..ChoiceDef::default()
        });
        let compiled = compile(&[one, two], &schema());
        prop_assert!(compiled.library.is_some() || !compiled.problems.is_empty());
    }
}
