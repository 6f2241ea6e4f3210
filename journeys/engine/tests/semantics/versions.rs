//! Rule 16: versions with people inside.

use crate::author::{Does, after, journey, page, when};
use crate::stage::{A, B, HOUR, Stage, compiled};
use turnpage_journeys_engine::{
    CallDef, ChoiceDef, Definition, Lapsed, Limit, Moves, On, Outcome, PageDef, SubjectKind, Upgrade, dry_run,
};

const VISITOR: SubjectKind = SubjectKind::Visitor;

/// `p` offers x on `a` and turns to `q`; `q` turns to `r` on `b`.
fn version(version: u32, upgrade: Upgrade) -> Definition {
    let pages = vec![
        page("p", vec![when("a").offers("x").turns("q"), after(3 * HOUR).offers("y")]),
        page("q", vec![when("b").turns("r"), after(HOUR).offers("y")]),
        page("r", vec![]),
    ];
    let mut def = journey("j", &["x", "y"], pages);
    def.offers[0].limit = Some(Limit::PerDay { count: 1 }.into());
    def.offers[0].valid_ms = Some((9 * HOUR).into());
    (def.version, def.upgrade) = (version, upgrade.into());
    def
}

/// The same without `q`: `p` turns to `s`.
fn without_q(number: u32, upgrade: Upgrade) -> Definition {
    let mut def = version(number, upgrade);
    def.pages[1].name = "s".into();
    def.pages[0].choices[0].turn_to = Some("s".into());
    def
}

fn map(from: &str, to: &str) -> Upgrade {
    Upgrade::Map(vec![(from.into(), to.into())])
}

/// Ada on `q` of version 1, with x standing; what was saved.
fn inside() -> (Vec<u8>, turnpage_journeys_engine::OfferId) {
    let mut stage = Stage::new(&[version(1, Upgrade::Keep)]);
    let id = stage.made(0, A);
    let ada = stage.who("ada");
    (stage.engine.save(ada).unwrap(), id)
}

/// Restores ada, and says on which page and version she is, and which of her offers lapsed.
fn restored(saved: &[u8], library: &[Definition]) -> (Stage, Option<(String, u32)>, Vec<Lapsed>) {
    let mut stage = Stage::new(library);
    let ada = stage.engine.restore(VISITOR, "ada", saved).unwrap();
    let on = stage.engine.library().of(VISITOR).iter().find_map(|ix| {
        let journey = stage.engine.library().journey(*ix)?;
        let page = journey.page(stage.engine.page(ada, *ix)?)?;
        Some((page.name.clone(), journey.version))
    });
    let lapsed = stage.engine.take_lapsed();
    assert_eq!(stage.engine.take_lapsed(), [], "told once");
    (stage, on, lapsed)
}

fn on(page: &str, version: u32) -> Option<(String, u32)> {
    Some((page.to_owned(), version))
}

#[test]
fn rule_16_1_the_newest_begins_and_is_found() {
    let both = [version(2, Upgrade::Pin), version(1, Upgrade::Keep)];
    let mut stage = Stage::new(&both);
    let library = stage.engine.library();
    let found = library.find("j").and_then(|ix| library.journey(ix)).unwrap();
    assert_eq!((library.journeys().len(), found.version), (2, 2));
    assert_eq!(
        stage.see(0, A),
        "@0: j begins on p, offers x until 32400000, p -0-> q",
        "once, in the newest"
    );
    let (saved, _) = inside();
    let (_, same, _) = restored(&saved, &[version(1, Upgrade::Restart)]);
    assert_eq!(same, on("q", 1), "its own version asks nothing of it");
}

#[test]
fn rule_16_2_keep_map_and_restart() {
    let (saved, id) = inside();
    let (mut stage, kept, lapsed) = restored(&saved, &[version(2, Upgrade::Keep)]);
    assert_eq!((kept, lapsed), (on("q", 2), vec![]));
    assert_eq!(stage.until(HOUR), "@3600000: offers y", "its timers run on");
    assert_eq!(stage.outcome(HOUR + 1, id, Outcome::Accepted), "@3600001: x accepted");
    let (_, mapped, lapsed) = restored(&saved, &[without_q(2, map("q", "s"))]);
    assert_eq!((mapped, lapsed), (on("s", 2), vec![]));
    let (_, moved, _) = restored(&saved, &[version(2, map("q", "p"))]);
    assert_eq!(moved, on("p", 2), "a map counts before names");
    let (mut stage, restarted, lapsed) = restored(&saved, &[version(2, Upgrade::Restart)]);
    assert_eq!((restarted, lapsed.len()), (None, 1));
    assert_eq!(stage.see(1, A), "@1: j begins on p, keeps x back", "limits go on");
    let (mut stage, gone, lapsed) = restored(&saved, &[without_q(2, Upgrade::Keep)]);
    assert_eq!((gone, lapsed.len()), (None, 1));
    assert_eq!(stage.see(1, A), "@1: j begins on p, keeps x back");
}

#[test]
fn rule_16_3_pinned_finish_in_their_own_version() {
    let (saved, id) = inside();
    let both = [without_q(2, Upgrade::Pin), version(1, Upgrade::Keep)];
    let (mut stage, pinned, lapsed) = restored(&saved, &both);
    assert_eq!((pinned, lapsed), (on("q", 1), vec![]));
    assert_eq!(stage.see(1, A), "", "the newest does not begin beside it");
    assert_eq!(
        stage.event("bo", 1, turnpage_journeys_engine::Triggers::ENTER, A),
        "bo @1: j begins on p, offers x until 32400001, p -0-> s"
    );
    let ada = stage.who("ada");
    let again = stage.engine.save(ada).unwrap();
    let (mut twice, pinned, _) = restored(&again, &both);
    assert_eq!(pinned, on("q", 1), "saved and restored it is still pinned");
    assert_eq!(twice.engine.save(ada), Some(again));
    assert_eq!(twice.outcome(2, id, Outcome::Declined), "@2: x declined");
    assert_eq!(stage.until(HOUR), "@3600000: offers y");
    assert!(stage.stop("ada", HOUR + 1).contains("j ends on q"));
    let said = stage.see(HOUR + 2, A);
    assert!(said.ends_with("; @3600002: j begins on p, keeps x back"), "the newest, with the limits: {said}");
    let (_, alone, lapsed) = restored(&saved, &[version(2, Upgrade::Pin)]);
    assert_eq!((alone, lapsed.len()), (None, 1), "its version is not there");
}

#[test]
fn rule_16_4_offers_nobody_stands_by_are_told() {
    let (saved, id) = inside();
    let told = |lapsed: Vec<Lapsed>| match lapsed.as_slice() {
        [one] => (one.id, one.journey.clone(), one.offer.clone()),
        other => panic!("{other:?}"),
    };
    let (.., lapsed) = restored(&saved, &[version(2, Upgrade::Restart)]);
    assert_eq!(told(lapsed), (id, "j".to_owned(), "x".to_owned()));
    let mut other = version(1, Upgrade::Keep);
    other.name = "k".into();
    let (mut stage, _, lapsed) = restored(&saved, &[other]);
    assert_eq!(told(lapsed), (id, "j".to_owned(), "x".to_owned()), "the whole journey is gone");
    assert_eq!(stage.outcome(1, id, Outcome::Accepted), "", "it stands no more");
    let mut renamed = version(2, Upgrade::Keep);
    renamed.offers[0].name = "z".into();
    renamed.pages[0].choices[0].offer = Some("z".into());
    let (_, kept, lapsed) = restored(&saved, &[renamed]);
    assert_eq!((kept, told(lapsed).2), (on("q", 2), "x".to_owned()), "the offer is gone, the page is not");
}

#[test]
fn rule_16_5_a_dry_run_counts() {
    let (saved, _) = inside();
    let mut fresh = Stage::new(&[version(1, Upgrade::Keep)]);
    fresh.see(0, B);
    let ada = fresh.who("ada");
    let first = fresh.engine.save(ada).unwrap();
    let everyone = [saved.as_slice(), saved.as_slice(), first.as_slice()];
    let old = compiled(&[version(1, Upgrade::Keep)]).library.unwrap();
    let count = |new: &[Definition]| {
        let moves = dry_run(&old, &compiled(new).library.unwrap(), everyone.into_iter()).unwrap();
        let [moves] = moves.as_slice() else { panic!("{moves:?}") };
        moves.clone()
    };
    let journey = || "j".to_owned();
    let inside = vec![("p".to_owned(), 1), ("q".to_owned(), 2)];
    let all = |moves: Moves| Moves { journey: journey(), inside: inside.clone(), ..moves };
    assert_eq!(count(&[version(2, Upgrade::Keep)]), all(Moves { stay: 3, ..Moves::default() }));
    let moved = vec![("q".to_owned(), "s".to_owned(), 2)];
    assert_eq!(count(&[without_q(2, map("q", "s"))]), all(Moves { stay: 1, moved, ..Moves::default() }));
    let no_page = vec![("q".to_owned(), 2)];
    assert_eq!(count(&[without_q(2, Upgrade::Keep)]), all(Moves { stay: 1, no_page, ..Moves::default() }));
    assert_eq!(count(&[version(2, Upgrade::Restart)]), all(Moves { restarted: 3, ..Moves::default() }));
    let both = [version(2, Upgrade::Pin), version(1, Upgrade::Keep)];
    assert_eq!(count(&both), all(Moves { pinned: 3, ..Moves::default() }));
    let no_page = vec![("p".to_owned(), 1), ("q".to_owned(), 2)];
    assert_eq!(count(&[]), all(Moves { no_page, ..Moves::default() }), "the journey is gone");
    let new = compiled(&[version(2, Upgrade::Keep)]).library.unwrap();
    assert!(
        dry_run(&old, &new, [&saved[..5]].into_iter()).is_err(),
        "a count without them would not be true"
    );
}

/// Calls `inner` while on `desk`.
fn outer(number: u32, upgrade: Upgrade) -> Definition {
    let back = ChoiceDef { on: Some(On::Returned.into()), ..ChoiceDef::default() }.turns("lobby");
    let desk = PageDef {
        call: Some(CallDef { journey: "inner".into(), with: Vec::new() }),
        ..page("desk", vec![back])
    };
    let mut def = journey("outer", &[], vec![page("lobby", vec![when("a").turns("desk")]), desk]);
    (def.version, def.upgrade) = (number, upgrade.into());
    def
}

fn inner(number: u32, ask: &str, upgrade: Upgrade) -> Definition {
    let pages = vec![
        page("hello", vec![when("a").turns(ask)]),
        page(ask, vec![when("b").offers("x").turns("done"), after(HOUR).turns("done")]),
        page("done", vec![]),
    ];
    let mut def = journey("inner", &["x"], pages);
    (def.version, def.upgrade) = (number, upgrade.into());
    def.admit = Some("true".into());
    def
}

#[test]
fn rule_16_6_a_callee_goes_where_its_caller_goes() {
    let only = |mut def: Definition| {
        def.parameters = vec![turnpage_journeys_engine::VariableDef {
            name: "n".into(),
            of: turnpage_journeys_expr::Type::Int.into(),
            initial: Some("1".into()),
        }];
        def
    };
    let mut stage = Stage::new(&[outer(1, Upgrade::Keep), only(inner(1, "ask", Upgrade::Keep))]);
    stage.see(0, A);
    stage.see(5, A);
    let ada = stage.who("ada");
    let saved = stage.engine.save(ada).unwrap();
    let where_is = |library: &[Definition]| {
        let mut stage = Stage::new(library);
        let ada = stage.engine.restore(VISITOR, "ada", &saved).unwrap();
        let pages: Vec<String> = (stage.engine.library().of(VISITOR).iter())
            .filter_map(|ix| {
                let journey = stage.engine.library().journey(*ix)?;
                let page = journey.page(stage.engine.page(ada, *ix)?)?;
                Some(format!("{} {} {}", journey.name, journey.version, page.name))
            })
            .collect();
        (stage, pages)
    };
    let (mut stage, pages) = where_is(&[outer(2, Upgrade::Keep), only(inner(1, "ask", Upgrade::Keep))]);
    assert_eq!(pages, ["outer 2 desk", "outer>inner 1 ask"]);
    assert_eq!(
        stage.see(9, B),
        "@9: offers x, ask -0-> done, outer>inner ends on done, outer>inner returns Unknown, desk -0-> lobby"
    );
    let (_, pages) = where_is(&[
        outer(2, Upgrade::Pin),
        outer(1, Upgrade::Keep),
        only(inner(2, "ask", Upgrade::Pin)),
        only(inner(1, "ask", Upgrade::Keep)),
    ]);
    assert_eq!(pages, ["outer 1 desk", "outer>inner 1 ask"], "both pinned");
    let (mut stage, pages) = where_is(&[
        outer(1, Upgrade::Keep),
        only(inner(2, "ask", Upgrade::Pin)),
        only(inner(1, "ask", Upgrade::Keep)),
    ]);
    assert_eq!(pages, ["outer 1 desk", "outer>inner 1 ask"], "the callee alone is pinned");
    assert!(stage.until(HOUR + 5).ends_with("outer>inner returns Unknown, desk -0-> lobby"));
    let (mut stage, pages) = where_is(&[outer(1, Upgrade::Keep), only(inner(2, "question", Upgrade::Keep))]);
    assert_eq!(pages, ["outer 1 desk", "outer>inner 2 hello"], "its page is gone: it begins anew at once");
    assert_eq!(stage.see(9, A), "@9: hello -0-> question");
    let (_, pages) = where_is(&[outer(2, Upgrade::Restart), only(inner(1, "ask", Upgrade::Keep))]);
    assert_eq!(pages, Vec::<String>::new(), "its caller begins anew, and calls anew");
}

#[test]
fn rule_16_7_a_version_that_means_nothing_is_told() {
    let codes = |definitions: &[Definition]| {
        compiled(definitions).problems.iter().map(|p| p.diagnostic.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(&[version(1, Upgrade::Keep), version(1, Upgrade::Keep)]), ["duplicate-journey"]);
    assert_eq!(codes(&[version(1, Upgrade::Keep), version(2, Upgrade::Keep)]), ["old-version"]);
    assert_eq!(codes(&[version(1, Upgrade::Keep), version(2, Upgrade::Pin)]), Vec::<&str>::new());
    assert_eq!(codes(&[version(2, map("q", "t"))]), ["unknown-page"]);
    let twice = Upgrade::Map(vec![("q".into(), "p".into()), ("q".into(), "r".into())]);
    assert_eq!(codes(&[version(2, twice)]), ["duplicate-name"]);
}
