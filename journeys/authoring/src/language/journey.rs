//! The keys of a journey and of a blueprint.

use turnpage_journeys_engine::{Kind, On, SubjectKind};

use super::{Form, Key, Shape};

/// The kinds of journeys.
pub const KINDS: [(&str, Kind, &str); 5] = [
    ("guided", Kind::Guided, "a recommended way; straying is allowed"),
    ("ad-hoc", Kind::AdHoc, "pages are entered in whatever order life brings, through their `enter`"),
    ("mandated", Kind::Mandated, "the order is law: no page is skipped, and each one passed leaves evidence"),
    ("learning", Kind::Learning, "what works among the author's alternatives is learned"),
    ("intent", Kind::Intent, "acts on where the subject probably goes next, before it gets there"),
];

/// What journeys run for.
pub const SUBJECTS: [(&str, SubjectKind, &str); 6] = [
    ("visitor", SubjectKind::Visitor, "a visitor, known by a pseudonym"),
    ("party", SubjectKind::Party, "visitors who came together"),
    ("vehicle", SubjectKind::Vehicle, "a vehicle"),
    ("zone", SubjectKind::Zone, "a zone of the venue"),
    ("team", SubjectKind::Team, "a staff team"),
    ("venue", SubjectKind::Venue, "the venue itself"),
];

/// Triggers by their words. Two more are written with a dot: `signal.<name>`, and an offer's outcome such as
/// `cocoa.accepted`.
pub const TRIGGERS: [(&str, On, &str); 8] = [
    ("sighting", On::Sighting, "the subject was seen"),
    ("enter", On::Enter, "the subject came into a zone"),
    ("exit", On::Exit, "the subject left a zone"),
    ("weather", On::Weather, "the weather where the subject is changed"),
    ("signal", On::Signal, "a signal changed; `signal.<name>` waits for one of them"),
    ("feedback", On::Feedback, "the subject gave feedback"),
    ("returned", On::Returned, "the journey that the page calls came back"),
    ("reached", On::Reached, "the goal of an intent journey was reached"),
];

/// Words for what happens to those inside an older version.
pub const UPGRADES: [(&str, &str); 3] = [
    ("keep", "they go on where they are: pages of one name are one page"),
    ("pin", "they finish in the version they are in"),
    ("restart", "they begin anew with their next event"),
];

/// A journey.
pub static JOURNEY: Shape = Shape {
    name: "a journey",
    about: "A story that each subject walks through on its own: pages to be on, choices that turn to another page, offers \
            made on the way.",
    keys: &[
        Key::needed("journey", Form::Name, "The journey's name, unique in its folder."),
        Key::may("use", Form::Name, "The blueprint this journey is made from."),
        VERSION,
        KIND,
        SUBJECT,
        SERVES,
        PURPOSE,
        PRIORITY,
        HOLD_OUT,
        ADMIT,
        START,
        UPGRADE,
        LEARN,
        INTENT,
        PARAMETERS,
        RETURNS,
        Key::may(
            "with",
            Form::Values(&Form::Scalar),
            "Values for the inputs of the blueprint that `use` names.",
        ),
        VARIABLES,
        OFFERS,
        PAGES,
    ],
};

/// A blueprint: a journey's keys with inputs instead of a name.
pub static BLUEPRINT: Shape = Shape {
    name: "a blueprint",
    about: "A journey with inputs, from which journeys are made: `${name}` in any text of a value stands for an input.",
    keys: &[
        Key::needed("blueprint", Form::Name, "The blueprint's name, unique in its folder."),
        Key::may("about", Form::Text, "What it is for, in the author's words."),
        Key::may("inputs", Form::Named(&Form::Map(&INPUT)), "What a journey that uses it says."),
        Key::may("use", Form::Name, "Another blueprint that this one is made from."),
        VERSION,
        KIND,
        SUBJECT,
        SERVES,
        PURPOSE,
        PRIORITY,
        HOLD_OUT,
        ADMIT,
        START,
        UPGRADE,
        LEARN,
        INTENT,
        PARAMETERS,
        RETURNS,
        Key::may(
            "with",
            Form::Values(&Form::Scalar),
            "Values for the inputs of the blueprint that `use` names.",
        ),
        VARIABLES,
        OFFERS,
        PAGES,
    ],
};

/// An input of a blueprint.
pub static INPUT: Shape = Shape {
    name: "an input",
    about: "A value that a journey gives to its blueprint.",
    keys: &[
        Key::needed(
            "type",
            Form::Text,
            "`text`, `name`, `bool`, `int`, `number`, `duration`, a unit such as `mm/h`, or `zone`, `kind` or `role`.",
        ),
        Key::may(
            "default",
            Form::Scalar,
            "The value where a journey gives none. Without it the input must be given.",
        ),
        Key::may("about", Form::Text, "What it is for, in the author's words."),
    ],
};

const VERSION: Key = Key::may("version", Form::Count, "Your number for what you changed; absent: 1.");
const KIND: Key = Key::may(
    "kind",
    Form::Word(|| KINDS.map(|(word, _, about)| (word, about)).to_vec()),
    "How strictly it holds its order; absent: `guided`.",
);
const SUBJECT: Key = Key::may(
    "subject",
    Form::Word(|| SUBJECTS.map(|(word, _, about)| (word, about)).to_vec()),
    "What it runs for; absent: `visitor`.",
);
const SERVES: Key =
    Key::may("serves", Form::Map(&SERVING), "Whom it serves. Shown to people; decides nothing.");
const PURPOSE: Key = Key::may(
    "purpose",
    Form::Name,
    "What its offers are for: one of the venue's purposes of consent. Who withdraws that has no such journey.",
);
const PRIORITY: Key = Key::may(
    "priority",
    Form::Whole,
    "Where several journeys want the same slot, the higher number goes first; absent: 0.",
);
const HOLD_OUT: Key = Key::may(
    "hold_out",
    Form::Share,
    "Share of subjects that it never makes offers to, from 0 to 1; absent: the venue's.",
);
const ADMIT: Key =
    Key::may("admit", Form::Guard, "Events for which this does not hold are no events of this journey.");
const START: Key = Key::may("start", Form::Name, "The page it begins on; absent: the first.");
const UPGRADE: Key = Key::may(
    "upgrade",
    Form::Upgrade,
    "What happens to those inside when a new version comes: `keep`, `pin`, `restart`, or a `map` of pages; absent: `keep`.",
);
const LEARN: Key = Key::may("learn", Form::Map(&LEARNING), "How a journey of `kind: learning` learns.");
const INTENT: Key = Key::may("intent", Form::Map(&INTENDED), "What a journey of `kind: intent` waits for.");
const PARAMETERS: Key = Key::may(
    "parameters",
    Form::Variables,
    "What a caller gives, with defaults. A journey with parameters begins only when it is called.",
);
const RETURNS: Key =
    Key::may("returns", Form::Name, "The variable whose value a caller gets back as `result`.");
const VARIABLES: Key = Key::may(
    "variables",
    Form::Variables,
    "What an instance remembers beside its page: first values or types.",
);
static AN_OFFER: Form = Form::Map(&OFFER);
static A_PAGE: Form = Form::MapOrNothing(&PAGE);
const OFFERS: Key = Key::may("offers", Form::Named(&AN_OFFER), "What it may propose.");
const PAGES: Key = Key::may(
    "pages",
    Form::Named(&A_PAGE),
    "Its pages. The first is where it begins; a page without choices is an end.",
);

/// Whom a journey serves.
pub static SERVING: Shape = Shape {
    name: "`serves`",
    about: "Whom a journey serves, in the author's words.",
    keys: &[
        Key::may("outcome", Form::Text, "What the venue gains."),
        Key::may("experience", Form::Text, "What the subject should feel."),
        Key::may("measure", Form::Text, "How it is measured: `conversion(cocoa)`."),
    ],
};

/// How a journey learns.
pub static LEARNING: Shape = Shape {
    name: "`learn`",
    about: "How a learning journey learns which alternative works.",
    keys: &[
        Key::may("floor", Form::Share, "Share of choosings that are uniform, from 0 to 1; absent: 0.1."),
        Key::may(
            "hold_out",
            Form::Share,
            "Share of subjects that always get the first alternative; absent: 0.1.",
        ),
    ],
};

/// What an intent journey waits for.
pub static INTENDED: Shape = Shape {
    name: "`intent`",
    about: "What an intent journey waits for.",
    keys: &[
        Key::needed("goal", Form::Name, "A kind of zone: where the subject will be."),
        Key::needed("likely", Form::Share, "How probable the goal must be as the next place, from 0 to 1."),
        Key::needed("within", Form::Duration, "How long the subject has to get there."),
    ],
};

/// An offer.
pub static OFFER: Shape = Shape {
    name: "an offer",
    about: "What is proposed to a subject.",
    keys: &[
        Key::needed("text", Form::Copy, "What it says, by language: `{..}` is an expression, `{{` a brace."),
        Key::needed("channels", Form::Channels, "Where it may go, best first."),
        Key::may(
            "valid",
            Form::Duration,
            "How long it stands before it expires by itself; absent: for ever.",
        ),
        Key::may("limit", Form::Limit, "How often one subject gets it: `3 per day` or `1 per 4h`."),
        Key::may("purpose", Form::Name, "What it is for; absent: what its journey is for."),
        Key::may(
            "priority",
            Form::Whole,
            "Where several offers want the same slot, the higher number goes first; absent: its journey's.",
        ),
        Key::may("hold", Form::Name, "The venue's pool of which it holds a unit while it stands."),
        Key::may(
            "vendor",
            Form::Name,
            "Whose offer it is: one of the venue's vendors, who pays for the slot.",
        ),
    ],
};

/// A page.
pub static PAGE: Shape = Shape {
    name: "a page",
    about: "Where a subject is in the story.",
    keys: &[
        Key::may("enter", Form::List(&ENTRY), "Ways in from anywhere, in ad-hoc journeys."),
        Key::may("call", Form::Name, "A journey that runs while the subject is on this page."),
        Key::may("with", Form::Values(&Form::Value), "Parameters of the journey that is called."),
        Key::may(
            "way",
            Form::Guard,
            "In guided journeys: holds while the subject is on the recommended way.",
        ),
        Key::may("nudge", Form::Name, "In guided journeys: the offer made to one who strays from `way`."),
        Key::may("breach", Form::Guard, "In mandated journeys: holds when the order is broken."),
        Key::may("choices", Form::List(&CHOICE), "What leads on. The first open choice is taken."),
    ],
};

/// A way in.
pub static ENTRY: Shape = Shape {
    name: "a way in",
    about: "A way into a page of an ad-hoc journey.",
    keys: &[
        Key::may("on", Form::Trigger, "The event it waits for; absent: any."),
        Key::may("when", Form::Guard, "A guard that must hold; unknown is not true."),
    ],
};

/// A choice.
pub static CHOICE: Shape = Shape {
    name: "a choice",
    about: "What leads to another page, or a reaction that stays on this one.",
    keys: &[
        Key::may("on", Form::Trigger, "The event it waits for; absent: any but an outcome."),
        Key::may("after", Form::Duration, "How long on this page before it is looked at, once."),
        Key::may("at", Form::Clock, "The time on the venue's clock at which it is looked at, every day."),
        Key::may("pick", Form::Name, "The name of the visitor's own pick, shown on a kiosk or an app."),
        Key::may("label", Form::Copy, "What the kiosk or the app shows for the pick, by language."),
        Key::may("when", Form::Guard, "A guard that must hold; unknown is not true."),
        Key::may("once", Form::Flag, "Taken at most once in the life of an instance."),
        Key::may(
            "offer",
            Form::Name,
            "The offer it makes, if its limit allows; otherwise the choice stays closed.",
        ),
        Key::may("alternatives", Form::List(&ALTERNATIVE), "In learning journeys: what to choose from."),
        Key::may("withdraw", Form::Name, "An offer of this journey that it takes back."),
        Key::may("outcome", Form::Outcome, "What became of an offer, recorded: `cocoa.accepted`."),
        Key::may("dispatch", Form::Map(&DISPATCH), "Staff that it calls."),
        Key::may("ticket", Form::Copy, "A ticket that it opens: what it says, by language."),
        Key::may(
            "remember",
            Form::Values(&Form::Value),
            "Facts of the subject that every journey can read from the next event on.",
        ),
        Key::may(
            "set",
            Form::Values(&Form::Value),
            "New values of variables, all computed from the old ones.",
        ),
        Key::may("turn_to", Form::Name, "The page to go on with; absent: stay."),
    ],
};

/// An alternative.
pub static ALTERNATIVE: Shape = Shape {
    name: "an alternative",
    about: "One of the things a learning journey chooses from.",
    keys: &[
        Key::needed("offer", Form::Name, "The offer it makes."),
        Key::may("set", Form::Values(&Form::Value), "New values of variables, after those of the choice."),
        Key::may("turn_to", Form::Name, "The page to go on with; absent: that of the choice."),
    ],
};

/// A call for staff.
pub static DISPATCH: Shape = Shape {
    name: "`dispatch`",
    about: "A call for staff.",
    keys: &[
        Key::needed("role", Form::Name, "Whom: one of the venue's roles."),
        Key::needed("task", Form::Copy, "What for, by language."),
    ],
};

/// A variable with its type.
pub static VARIABLE: Shape = Shape {
    name: "a variable",
    about: "A variable with its type.",
    keys: &[
        Key::needed(
            "type",
            Form::Text,
            "`bool`, `int`, `number`, `duration`, a unit such as `minutes`, or `zone`, `kind`, `role`.",
        ),
        Key::may(
            "initial",
            Form::Value,
            "The first value, computed when the instance begins; absent: unknown.",
        ),
    ],
};
