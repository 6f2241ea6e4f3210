//! What holds of every journey and every stream: the same bytes twice, bytes and back at any instant, no panic,
//! bounded effects.

#[path = "properties/stored.rs"]
mod stored;
#[path = "properties/third.rs"]
mod third;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use turnpage_journeys_engine::{
    CallDef, ChoiceDef, ChoiceIx, Definition, DispatchDef, Effect, Engine, EntryDef, Event, Input, JourneyIx,
    Kind, Library, Limit, OfferDef, OfferId, Offsets, On, Outcome, OutcomeIn, OutcomeOf, PageDef, PageIx,
    PickIn, Span, Step, SubjectIx, SubjectKind, Timestamp, Transition, Triggers, TypeDef, Value, VariableDef,
    WordingDef, bounds, compile, dry_run,
};
use turnpage_journeys_expr::{Schema, Symbol, Type};

const MINUTE: i64 = 60_000;
const DAY: i64 = 1_440 * MINUTE;
const WHO: [(SubjectKind, &str); 4] = [
    (SubjectKind::Visitor, "ada"),
    (SubjectKind::Visitor, "bo"),
    (SubjectKind::Visitor, "a much longer name of 32 bytes.."),
    (SubjectKind::Zone, "ada"),
];
const PAGES: [&str; 4] = ["p", "q", "r", "s"];
const OFFERS: [&str; 2] = ["x", "y"];
/// Those of entries first: before an instance has begun it has no variables and no past.
const GUARDS: [&str; 13] = [
    "a",
    "b",
    "!a",
    "a || n > 2",
    "n % 2 == 0",
    "time.between(\"06:00\", \"18:00\")",
    "a != b",
    "true",
    "z == \"mill\"",
    "history.visits(\"q\") > 1",
    "history.count(\"x.accepted\") < 2",
    "history.today(\"x\") < 3",
    "history.since(\"y\") > duration(\"30m\") || a",
];

fn schema() -> Schema {
    let mut schema = Schema::new();
    let zone = schema.domain("zone", ["square", "mill"]);
    let kind = schema.domain("kind", ["ride", "food"]);
    for (path, of) in [
        ("a", Type::Bool),
        ("b", Type::Bool),
        ("place.zone", Type::Symbol(zone)),
        ("signal.queue", Type::Double),
        ("signal.parking", Type::Double),
        ("subject.tier", Type::Int),
        ("place.kind", Type::Symbol(kind)),
        ("next.food", Type::Double),
    ] {
        assert!(schema.fact(path, of).is_some());
    }
    schema
}

fn signal(name: &str) -> Triggers {
    schema().slot(name).map_or(Triggers::SIGNAL, Triggers::signal)
}

fn outcome_of() -> impl Strategy<Value = OutcomeOf> {
    (select(&OFFERS[..]), select(&Outcome::ALL[..]))
        .prop_map(|(offer, outcome)| OutcomeOf { offer: offer.to_owned(), outcome })
}

fn on() -> impl Strategy<Value = On> {
    prop_oneof![
        select(vec![
            On::Sighting,
            On::Enter,
            On::Exit,
            On::Weather,
            On::Signal,
            On::SignalOf("queue".to_owned()),
            On::Feedback,
        ]),
        outcome_of().prop_map(On::Outcome),
    ]
}

#[derive(Clone, Debug)]
enum Waits {
    Anything,
    On(On),
    After(i64),
    At(u32),
    Pick,
}

fn choice() -> impl Strategy<Value = ChoiceDef> {
    let waits = prop_oneof![
        3 => Just(Waits::Anything),
        2 => on().prop_map(Waits::On),
        2 => select(vec![1, 5, 20, 60]).prop_map(|minutes| Waits::After(minutes * MINUTE)),
        1 => select(vec![0, 90, 690]).prop_map(|minutes: u32| Waits::At(minutes * 60_000)),
        2 => Just(Waits::Pick),
    ];
    let does = (
        option::of(select(&OFFERS[..])),
        option::weighted(0.2, outcome_of()),
        option::weighted(
            0.3,
            select(vec![
                ("n", "n + 1"),
                ("n", "0"),
                ("n", "a ? n : 7"),
                ("z", "place.zone"),
                ("z", "\"mill\""),
            ]),
        ),
        option::of(select(&PAGES[..])),
        option::weighted(0.1, select(&OFFERS[..])),
        option::weighted(0.1, select(vec!["n", "history.count(\"y\")"])),
    );
    let flags = (any::<bool>(), prop::bool::weighted(0.2), prop::bool::weighted(0.1));
    (waits, option::weighted(0.7, select(&GUARDS[..])), does, flags).prop_map(
        |(waits, when, (offer, outcome, set, turn_to, withdraw, remember), (_, once, calls_staff))| {
            let mut def = ChoiceDef {
                when: when.map(Into::into),
                once,
                offer: offer.map(Into::into),
                outcome: outcome.map(Into::into),
                withdraw: withdraw.map(Into::into),
                remember: remember.map(|value| ("tier".into(), value.into())).into_iter().collect(),
                set: set.map(|(name, value)| (name.into(), value.into())).into_iter().collect(),
                turn_to: turn_to.map(Into::into),
                ..ChoiceDef::default()
            };
            if calls_staff {
                def.ticket =
                    vec![WordingDef { language: "en".to_owned(), channel: None, text: "{n}".into() }];
            }
            match waits {
                Waits::Anything => {}
                Waits::On(on) => def.on = Some(on.into()),
                Waits::After(after) => def.after_ms = Some(after.into()),
                Waits::At(at) => def.at_ms = Some(at.into()),
                // Named when it has a page, where names are unique.
                Waits::Pick => def.pick = Some("pick".into()),
            }
            def
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
    let kind = select(vec![Kind::AdHoc, Kind::Guided, Kind::Guided, Kind::Mandated]);
    kind.prop_flat_map(move |kind| {
        let ad_hoc = kind == Kind::AdHoc;
        let watched = (option::of(select(&GUARDS[..])), any::<bool>());
        let pages = (vec(vec(choice(), 0..5), 4), vec(entries(ad_hoc), 4), vec(watched, 4));
        let admit = option::weighted(0.3, select(&["a", "!b"][..]));
        (pages, (offer("x"), offer("y")), admit).prop_map(
            move |((choices, enter, watched), (x, y), admit)| {
                let mut pages: Vec<PageDef> = (PAGES.iter().zip(choices).zip(enter))
                    .map(|((name, choices), enter)| PageDef {
                        name: (*name).into(),
                        enter,
                        choices,
                        ..PageDef::default()
                    })
                    .collect();
                for (nth, (page, (guard, nudges))) in pages.iter_mut().zip(watched).enumerate() {
                    tame(page, nth, kind);
                    match kind {
                        Kind::Guided => page.way = guard.map(Into::into),
                        Kind::Mandated => page.breach = guard.map(Into::into),
                        _ => {}
                    }
                    page.nudge = (nudges && page.way.is_some()).then(|| "y".into());
                }
                let mut def =
                    Definition { name: name.into(), version: 1, kind: kind.into(), ..Definition::default() };
                def.admit = admit.map(Into::into);
                def.variables = vec![
                    VariableDef { name: "n".into(), of: Type::Int.into(), initial: Some("a ? 1 : 2".into()) },
                    VariableDef { name: "z".into(), of: TypeDef::Of("zone".into()), initial: None },
                ];
                (def.offers, def.pages) = (vec![x, y], pages);
                def
            },
        )
    })
}

/// Gives picks names of their own, and keeps a mandated journey from skipping pages.
fn tame(page: &mut PageDef, nth: usize, kind: Kind) {
    for (choice, def) in page.choices.iter_mut().enumerate() {
        if def.pick.is_some() {
            def.pick = Some(format!("pick-{choice}").as_str().into());
        }
        let target = def.turn_to.as_ref().and_then(|to| PAGES.iter().position(|page| *page == to.value));
        if kind == Kind::Mandated && target.is_some_and(|to| to > nth + 1) {
            def.turn_to = Some(PAGES[nth + 1].into());
        }
    }
}

fn library() -> impl Strategy<Value = Library> {
    (definition("one"), definition("two"), definition("zonal"), any::<bool>(), any::<bool>()).prop_map(
        |(mut one, mut two, mut zonal, calls, learns)| {
            zonal.subject = SubjectKind::Zone.into();
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
            let compiled = compile(&[two, one, zonal, third::third(learns)], &schema());
            compiled.library.unwrap_or_else(|| panic!("{:?}", compiled.problems))
        },
    )
}

#[derive(Clone, Debug)]
enum Act {
    Event {
        minutes: i64,
        triggers: Triggers,
        facts: Vec<Value>,
    },
    Outcome {
        made: Index,
        outcome: Outcome,
    },
    /// An open pick, or one of the numbers.
    Pick {
        open: Option<Index>,
        journey: u16,
        page: u16,
        choice: u16,
    },
    Stop,
    Remove,
}

fn act() -> impl Strategy<Value = (usize, Act)> {
    let fact = select(vec![
        Value::Unknown,
        Value::Bool(true),
        Value::Bool(true),
        Value::Bool(false),
        Value::Bool(false),
        Value::Int(3),
        Value::Symbol(Symbol(1)),
        Value::Symbol(Symbol(9)),
    ]);
    let triggers = vec(
        select(vec![
            Triggers::SIGHTING,
            Triggers::ENTER,
            Triggers::EXIT,
            Triggers::WEATHER,
            Triggers::SIGNAL,
            Triggers::FEEDBACK,
            signal("signal.queue"),
            signal("signal.parking"),
        ]),
        0..3,
    )
    .prop_map(|all| all.into_iter().fold(Triggers::NONE, Triggers::with));
    let minutes = select(vec![0, 0, 1, 1, 5, 20, 45, 400, 2_000, -30]);
    let place = select(vec![Value::Unknown, Value::Symbol(Symbol(0)), Value::Symbol(Symbol(1))]);
    let next = select(vec![Value::Unknown, Value::Double(0.2), Value::Double(0.7)]);
    let act = prop_oneof![
        12 => (minutes, triggers, vec(fact, 0..4), option::of((place, next))).prop_map(
            |(minutes, triggers, mut facts, foretold)| {
                if let Some((place, next)) = foretold {
                    facts.resize(6, Value::Unknown);
                    facts.extend([place, next]);
                }
                Act::Event { minutes, triggers, facts }
            }
        ),
        4 => (any::<Index>(), select(&Outcome::ALL[..]))
            .prop_map(|(made, outcome)| Act::Outcome { made, outcome }),
        3 => (option::of(any::<Index>()), 0..4_u16, 0..5_u16, 0..6_u16)
            .prop_map(|(open, journey, page, choice)| Act::Pick { open, journey, page, choice }),
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

    fn act(&mut self, (kind, who): (SubjectKind, &str), act: &Act) {
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
        let subject = self.engine.subject(kind, who).expect("a short name");
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
            Act::Pick { open, journey, page, choice } => {
                let picks = self.engine.picks(subject, at, &self.facts);
                let (journey, page, choice) = (JourneyIx(*journey), PageIx(*page), ChoiceIx(*choice));
                let shown = open.filter(|_| !picks.is_empty()).map(|open| *open.get(&picks));
                let pick = shown.unwrap_or(PickIn { journey, page, choice });
                let input = Input { at, subject, event: Event::Pick(pick), facts: &self.facts };
                self.engine.event(&input, &mut step);
                assert_eq!(step.changed, picks.contains(&pick), "open is what can be picked");
            }
            Act::Stop => self.engine.stop(subject, at, &mut step),
            Act::Remove => self.engine.remove(subject),
        }
        self.keep(step);
        if let Some(subject) = self.engine.find(kind, who) {
            self.through_bytes(subject);
        }
    }

    fn through_bytes(&mut self, subject: SubjectIx) {
        if !self.bytes {
            return;
        }
        let name = self.engine.name(subject).expect("it is known").to_owned();
        let saved = self.engine.save(subject).expect("it is known");
        let kind = subject.kind();
        assert_eq!(
            self.engine.restore(kind, &name, &saved),
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
        WHO.iter().map(|(kind, who)| self.engine.save(self.engine.find(*kind, who)?)).collect()
    }

    /// How many subjects are inside a journey.
    fn inside(&self, name: &str) -> u64 {
        let ix = self.engine.library().find(name).expect("of the library");
        let journey = self.engine.library().journey(ix).expect("of the library");
        let pages = (0..journey.pages().len()).map(|page| PageIx(page as u16));
        pages.map(|page| self.engine.live(ix, page)).sum()
    }

    /// Counts of pages are what the instances say.
    fn check_live(&self) {
        for (ix, journey) in self.engine.library().journeys().iter().enumerate() {
            let journey_ix = JourneyIx(ix as u16);
            for page in (0..journey.pages().len()).map(|page| PageIx(page as u16)) {
                let on = WHO
                    .iter()
                    .filter_map(|(kind, who)| self.engine.page(self.engine.find(*kind, who)?, journey_ix))
                    .filter(|on| *on == page);
                assert_eq!(self.engine.live(journey_ix, page), on.count() as u64);
            }
        }
    }
}

/// Numbers that were given, and numbers that never were.
fn any_subject() -> impl Strategy<Value = SubjectIx> {
    prop_oneof![4 => (0..5_u32).prop_map(SubjectIx), 1 => any::<u32>().prop_map(SubjectIx)]
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
            let choices = journey.pages().iter().map(|page| page.choices.len()).max().unwrap_or(0);
            choices + journey.offers.len() + bounds::EFFECTS_MORE_MAX
        };
        let bound: usize = library.journeys().iter().map(bound).sum();
        for step in Run::of(&library, &acts, false).steps {
            prop_assert!(step.effects.len() <= bound, "{:?}", step);
        }
    }

    #[test]
    fn no_instant_no_index_and_no_clock_makes_it_panic(
        library in library(),
        clock in (any::<i64>(), vec((any::<i64>(), any::<i64>()), 0..4)),
        inputs in vec((any::<i64>(), any_subject(), any::<(u128, u16, u16, u16)>(), 0..3_u8), 0..40)
    ) {
        let changes = clock.1.into_iter().map(|(at, offset_ms)| Transition { at: Timestamp(at), offset_ms });
        let mut engine = Engine::new(library, Offsets::new(clock.0, changes.collect()), 7);
        let ada = engine.subject(SubjectKind::Visitor, "ada").unwrap();
        let mut step = Step::default();
        let facts = [Value::Bool(true); 2];
        for (at, subject, (id, journey, page, choice), what) in inputs {
            let event = match what {
                0 => Event::Outcome(OutcomeIn { id: OfferId(id), outcome: Outcome::Accepted }),
                1 => Event::Pick(PickIn {
                    journey: JourneyIx(journey % 5),
                    page: PageIx(page % 5),
                    choice: ChoiceIx(choice % 6),
                }),
                _ => Event::Context(Triggers::ENTER),
            };
            let at = Timestamp(at);
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
            for journey in 0..5 {
                prop_assert!(engine.choices(subject, JourneyIx(journey), at, &facts).len() <= 256);
            }
            prop_assert!(subject == ada || engine.picks(subject, at, &facts).is_empty());
            let nobody = SubjectIx(9);
            engine.stop(nobody, at, &mut step);
            engine.remove(nobody);
        }
    }

    #[test]
    fn the_next_time_of_day_is_later_and_soon(
        before in -DAY..DAY,
        changes in vec((-40 * DAY..40 * DAY, -DAY..DAY), 0..6),
        after in -40 * DAY..40 * DAY,
        at_ms in 0..86_400_000_u32,
    ) {
        let changes = changes.into_iter().map(|(at, offset_ms)| Transition { at: Timestamp(at), offset_ms });
        let clock = Offsets::new(before, changes.collect());
        let next = clock.next(at_ms, Timestamp(after)).unwrap();
        prop_assert!(next.0 > after);
        // Clocks that go back may hold it up by as much as they go back: by two days each.
        prop_assert!(next.0 - after <= 14 * DAY);
        let (shown, just_before) = (clock.local(next), clock.local(Timestamp(next.0 - 1)));
        let wall = |local: turnpage_journeys_expr::LocalTime| i64::from(local.day) * DAY + i64::from(local.ms);
        let skipped = wall(just_before) < wall(shown) - 1;
        prop_assert!(shown.ms == at_ms || skipped, "{shown:?} after {just_before:?}");
        prop_assert_eq!(clock.next(at_ms, Timestamp(next.0 - 1)), Some(next));
    }

    #[test]
    fn what_another_library_saved_is_taken_over_once(
        old in library(), new in library(), acts in vec(act(), 0..40)
    ) {
        let mut run = Run::of(&old, &acts, false);
        let saved = run.saved();
        run.engine = engine(&new);
        for ((kind, who), saved) in WHO.iter().zip(&saved) {
            let Some(saved) = saved else { continue };
            let subject = run.engine.restore(*kind, who, saved).unwrap();
            run.engine.take_lapsed();
            let again = run.engine.save(subject).unwrap();
            prop_assert_eq!(run.engine.restore(*kind, who, &again), Ok(subject));
            prop_assert_eq!(run.engine.take_lapsed(), Vec::new(), "nothing lapses twice");
            prop_assert_eq!(run.engine.save(subject), Some(again));
        }
        run.check_live();
        let everyone = saved.iter().flatten().map(Vec::as_slice);
        let moves = dry_run(&old, &new, everyone).unwrap();
        for (moves, journey) in moves.iter().zip(old.journeys()) {
            let gone: u64 = moves.no_page.iter().map(|(_, count)| count).sum();
            let live = Run::of(&old, &acts, false).inside(&journey.name);
            prop_assert_eq!(moves.stay + moves.pinned + moves.restarted + gone, live, "everyone is somewhere");
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
                run.act(WHO[0], &Act::Event { minutes: 1, triggers: Triggers::ENTER, facts: Vec::new() });
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
        one.offers[0].text = vec![WordingDef { language: "en".to_owned(), channel: None, text: words[1].as_str().into() }];
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
        let text = |word: &str| vec![WordingDef { language: "en".to_owned(), channel: None, text: word.into() }];
        one.pages[2].choices.push(ChoiceDef {
            on: (numbers[0] % 2 == 0).then(|| On::SignalOf(words[1].clone()).into()),
            at_ms: (numbers[1] % 2 == 0).then(|| (numbers[2] as u32).into()),
            pick: Some(words[2].as_str().into()),
            label: text(&words[3]),
            withdraw: Some(words[4].as_str().into()),
            dispatch: Some(DispatchDef { role: words[5].as_str().into(), task: text(&words[0]) }),
            ticket: text(&words[1]),
            remember: vec![(words[2].as_str().into(), words[3].as_str().into())],
            once: true,
            ..ChoiceDef::default()
        });
        one.pages[3].way = Some(words[4].as_str().into());
        one.pages[3].nudge = Some(words[5].as_str().into());
        one.pages[3].breach = Some(words[0].as_str().into());
        one.variables[1].of = TypeDef::Of(words[1].as_str().into());
        let compiled = compile(&[one, two], &schema());
        prop_assert!(compiled.library.is_some() || !compiled.problems.is_empty());
    }
}
