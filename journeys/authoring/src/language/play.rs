//! The keys of a file of plays.

use super::{Form, Key, Shape};

/// A file of plays.
pub static PLAYS: Shape = Shape {
    name: "a file of plays",
    about: "Rehearsals of one journey: what is given, what happens, what must come of it.",
    keys: &[
        Key::needed("plays_of", Form::Name, "The journey's name."),
        Key::may("given", Form::MapAndFacts(&GIVEN), "Facts before the first event of every play."),
        Key::may(
            "properties",
            Form::List(&PROPERTY),
            "What must hold whatever happens: `explore` looks for more.",
        ),
        Key::needed("plays", Form::List(&PLAY), "The rehearsals."),
    ],
};

/// What must hold whatever happens.
pub static PROPERTY: Shape = Shape {
    name: "a property",
    about: "Exactly one of these.",
    keys: &[
        Key::may("always", Form::Guard, "A guard that is never false."),
        Key::may("never", Form::Guard, "A guard that is never true."),
        Key::may("eventually", Form::Map(&EVENTUALLY), "Something comes in time."),
        Key::may("at_most", Form::Map(&AT_MOST), "An offer is made no more often."),
    ],
};

/// What comes in time.
pub static EVENTUALLY: Shape = Shape {
    name: "`eventually`",
    about: "A page or an offer that comes in time.",
    keys: &[
        Key::may("after", Form::Name, "The page that starts the time; the beginning when absent."),
        Key::may("pages", Form::Names, "Being on one of these pages is enough."),
        Key::may("offer", Form::Within, "The offer that is enough."),
        Key::needed("within", Form::Duration, "How long it may take."),
    ],
};

/// How often an offer is made.
pub static AT_MOST: Shape = Shape {
    name: "`at_most`",
    about: "How often an offer is made.",
    keys: &[
        Key::needed("offer", Form::Within, "The offer."),
        Key::needed("times", Form::Limit, "How often: `3 per day`."),
    ],
};

/// One rehearsal.
pub static PLAY: Shape = Shape {
    name: "a play",
    about: "One rehearsal.",
    keys: &[
        Key::needed("play", Form::Text, "What it shows."),
        Key::may(
            "given",
            Form::MapAndFacts(&GIVEN),
            "Facts before the first event, after those of the file.",
        ),
        Key::needed("when", Form::ListAndFacts(&BEAT), "What happens, in order of time."),
        Key::may("until", Form::Moment, "How long time goes on after the last event."),
        Key::needed(
            "then",
            Form::ListOrWord(&EXPECTED, "nothing"),
            "What must come of it: all of it, in order.",
        ),
    ],
};

/// What is given.
pub static GIVEN: Shape = Shape {
    name: "`given`",
    about: "Facts by path, with the date and the seed.",
    keys: &[
        Key::may("date", Form::Date, "The date of times that have none."),
        Key::may("seed", Form::Whole, "The seed of everything drawn by chance."),
    ],
};

/// An event.
pub static BEAT: Shape = Shape {
    name: "an event",
    about: "Something that happens, with facts that change with it.",
    keys: &[
        Key::needed("at", Form::Moment, "When."),
        Key::may("zone", Form::Text, "Seen in this zone."),
        Key::may("leaves", Form::Flag, "Leaves its zone."),
        Key::may("answer", Form::OutcomeWithin, "What becomes of the latest offer of this name."),
        Key::may("pick", Form::Within, "The visitor's own pick."),
        Key::may("feedback", Form::Whole, "The score of the feedback given."),
        Key::may("signal", Form::Text, "This signal says the same again."),
        Key::may("stops", Form::Flag, "Withdraws consent: everything ends."),
    ],
};

/// What must come.
pub static EXPECTED: Shape = Shape {
    name: "an expectation",
    about: "Something that must come of a play.",
    keys: &[
        Key::needed("at", Form::Moment, "When."),
        Key::may("offer", Form::Within, "This offer is made."),
        Key::may("outcome", Form::OutcomeWithin, "This outcome is recorded."),
        Key::may("page", Form::Name, "The subject is on this page."),
        Key::may("dispatch", Form::Name, "Staff of this role is called."),
        Key::may("ticket", Form::Flag, "A ticket is opened."),
        Key::may("breach", Form::Within, "A breach is recorded on this page."),
        Key::may("nothing", Form::Flag, "Nothing comes of what happens then."),
        Key::may("text", Form::Text, "What the offer, the call or the ticket says."),
    ],
};
