//! A journey as a game: moves, going back, and what was played as a play that passes.

use expect_test::{Expect, expect};
use proptest::prelude::*;
use turnpage_journeys_authoring::game::{Game, Verb, parse, wall_time};
use turnpage_journeys_authoring::guards::Guards;
use turnpage_journeys_authoring::library::THEME_PARK;
use turnpage_journeys_authoring::play::Stage;
use turnpage_journeys_authoring::script::Scripts;
use turnpage_journeys_authoring::trial::{self, Bench, PlayFile};
use turnpage_journeys_authoring::{Library, Source, check, play};

use crate::stage::stage;

/// What a game borrows.
struct Park {
    library: Library,
    scripts: Scripts,
    guards: Guards,
    stage: Stage,
}

impl Park {
    fn new() -> Self {
        let stage = stage();
        let checked = check(THEME_PARK.sources(), &stage.schema);
        let library = checked.library.expect("what ships is sound");
        let guards = Guards::of(&library, &checked.scripts, &stage.schema);
        Self { library, scripts: checked.scripts, guards, stage }
    }

    fn bench(&self) -> Bench<'_> {
        Bench { library: &self.library, scripts: &self.scripts, guards: &self.guards, stage: &self.stage }
    }

    fn game(&self) -> Game<'_> {
        let at = wall_time("2026-07-18 12:00").expect("a time");
        Game::begin(self.bench(), "rainy-day", at).expect("it ships")
    }
}

/// Says lines; what happened, or why nothing did.
fn say(game: &mut Game<'_>, lines: &[&str]) -> String {
    let mut text = String::new();
    for line in lines {
        text.push_str(&format!("> {line}\n"));
        match parse(line) {
            Ok(Verb::Do(command)) => match game.act(&command) {
                Ok(moments) => moments.iter().for_each(|moment| text.push_str(&moment.to_string())),
                Err(why) => why.iter().for_each(|why| text.push_str(&format!("no: {why}\n"))),
            },
            Ok(other) => text.push_str(&format!("{other:?}\n")),
            Err(why) => text.push_str(&format!("no: {why}\n")),
        }
    }
    text
}

fn check_lines(lines: &[&str], expected: Expect) {
    let park = Park::new();
    expected.assert_eq(&say(&mut park.game(), lines));
}

#[test]
fn a_shower_is_played() {
    check_lines(
        &["zone square", "+5m", "rain 2.5", "accept", "at 12:12", "zone cafe"],
        expect![[r#"
        > zone square
        12:00:00 seen in square
            begins on strolling
        > +5m
        > rain 2.5
        12:05:00 weather, weather.rain 2.5
            offers cocoa: It rains. Cocoa at Café Heron, 40 m from here?
            turns to shelter
        > accept
        12:05:00 answers cocoa.accepted
            records cocoa.accepted
            turns to cosy
        > at 12:12
        > zone cafe
        12:12:00 seen in cafe
    "#]],
    );
}

/// Lines that nothing comes of.
const REFUSED: [&str; 21] = [
    "zone nowhere",
    "rian 2",
    "rain wet",
    "accept",
    "accept tea",
    "answer tea",
    "pick rest",
    "1",
    "99",
    "back",
    "back x",
    "at 11:00",
    "at noon",
    "+soon",
    "+99999d",
    "+9999999999999999d",
    "signal traffic",
    "feedback great",
    "dance",
    "dance now",
    "save",
];

#[test]
fn what_cannot_be_done_says_why_and_changes_nothing() {
    check_lines(
        &REFUSED,
        expect![[r#"
        > zone nowhere
        no: no zone is called `nowhere`
        > rian 2
        no: no fact is called `rian`
        > rain wet
        no: `weather.rain` cannot be `wet`
        > accept
        no: no offer stands that could be answered
        > accept tea
        no: `tea` was not offered before this
        > answer tea
        no: `tea` is no outcome of an offer, such as `cocoa.accepted`
        > pick rest
        no: nothing that can be picked now is called `rest`
        > 1
        no: there is no choice 1 here
        > 99
        no: there is no choice 99 here
        > back
        no: there are 0 moves to take back
        > back x
        no: `x` is no number of moves
        > at 11:00
        no: it is 12:00:00 already: `back` takes moves back
        > at noon
        no: `noon` is no time, such as `17:30`
        > +soon
        no: `soon` is no length of time, such as `20m`
        > +99999d
        no: that is longer than anybody waits
        > +9999999999999999d
        no: `9999999999999999d` is no length of time, such as `20m`
        > signal traffic
        no: no signal is called `traffic`
        > feedback great
        no: `great` is no score: a whole number
        > dance
        no: `dance` says nothing here; `help` lists what does
        > dance now
        no: no fact is called `dance`
        > save
        no: `save` needs a name
    "#]],
    );
    let park = Park::new();
    let mut game = park.game();
    say(&mut game, &REFUSED);
    assert_eq!((game.moves(), game.view()), (0, park.game().view()));
}

/// A failing example of a `proptest` is easier to read as the lines a player would type.
fn lines() -> impl Strategy<Value = Vec<&'static str>> {
    let line = prop::sample::select(vec![
        "zone square",
        "zone cafe",
        "zone comet",
        "leave",
        "rain 2.5",
        "rain 0",
        "rain unknown",
        "+5m",
        "+20m",
        "accept",
        "decline",
        "see",
        "stop",
        "role staff",
        "role guest",
        "temperature 25",
        "seen",
        "feedback 3",
    ]);
    prop::collection::vec(line, 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Any moves, taken back, leave no trace; played again they are the same.
    #[test]
    fn going_back_is_exact(before in lines(), after in lines()) {
        let park = Park::new();
        let mut game = park.game();
        say(&mut game, &before);
        let (view, history, moves) = (game.view(), game.history().clone(), game.moves());
        let told = say(&mut game, &after);
        let count = game.moves() - moves;
        prop_assert_eq!(say(&mut game, &[&format!("back {count}")]), format!("> back {count}\n"));
        prop_assert_eq!((game.view(), game.history()), (view, &history));
        prop_assert_eq!(say(&mut game, &after), told);
    }

    /// What was played is a play that passes, read back from its file.
    #[test]
    fn what_was_played_passes_as_a_play(lines in lines()) {
        let park = Park::new();
        let mut game = park.game();
        say(&mut game, &lines);
        let text = play::write(&game.play("what was played: \"so\""));
        let source = Source { name: "played.yaml".to_owned(), text: text.clone() };
        let files = [PlayFile { source, golden: None }];
        let trials = trial::run(park.bench(), &files, None, &Default::default());
        prop_assert!(trials.passed(), "{}\n{}", text, trial::tell(&trials, false));
        prop_assert_eq!(trials.trials[0].transcript.as_ref(), Some(game.history()));
    }
}
