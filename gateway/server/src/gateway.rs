//! Puts the parts together and says where they listen.
//!
//! It contains no rule about messages. Before: setup.rs. Next: shard.rs; at the end gateway/stop.rs.

mod doors;
mod stop;

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use turnpage_gateway_core::upgrade::Moves;
use turnpage_gateway_core::{Keys, Live, Options, Outgoing, Venue, VenueName};

use crate::access::Entry;
use crate::audit::{Audit, What};
use crate::books::Books;
use crate::broker::Link;
use crate::certificates::Certificates;
use crate::clock::Clock;
use crate::control::{Control, Counts};
use crate::dispatch::{Dispatch, Outlets, ToDispatch};
use crate::door::{Door, Publication, Tls, TlsError};
use crate::history::History;
use crate::inbound::Inbound;
use crate::keeper::Keeper;
use crate::permits;
use crate::pulse::{Beat, Pulse};
use crate::reload::{Ending, Next, Reloaded, Shown, Tally};
use crate::shard::{Command, Health, Opened, Recipe, Shard, Wires, wired};
use crate::source::Sources;
use crate::traces::{Traces, TracesSetup};
use crate::webhook::{Common, Webhooks};
use crate::{Error, Setup, Storage, http};
use doors::{Doors, Ends, open_doors, roles};
pub(crate) use stop::{Phase, overdue, reached};

/// Notices on their way to dispatch: few, because whoever sends them can wait.
const NOTICES_MAX: usize = 1_024;
/// Offers that a slow console may be behind.
const OFFERS_MAX: usize = 1_024;

/// A running gateway. Dropped, it stops like a process that was killed; [`Gateway::stop`] says goodbye first.
pub struct Gateway {
    door: Option<Door>,
    /// Who may use the console.
    entry: Entry,
    keeper: Option<Keeper>,
    audit: Audit,
    http_addr: Option<SocketAddr>,
    live: watch::Receiver<Arc<Live>>,
    health: watch::Receiver<Health>,
    offers: broadcast::Sender<Arc<Outgoing>>,
    commands: mpsc::Sender<Command>,
    standing: Standing,
    webhooks: Webhooks,
    pulse: Arc<Pulse>,
    /// Holds the shard's channels open, whichever doors there are.
    _inbound: (mpsc::Sender<Publication>, mpsc::Sender<Inbound>),
    shard: oneshot::Receiver<Result<(), turnpage_gateway_store::Error>>,
    phase: watch::Sender<Phase>,
    /// How long what is under way may take at the end.
    drain: Duration,
    to_dispatch: mpsc::Sender<ToDispatch>,
    /// What brings messages in or out beside the front door.
    outward: Vec<JoinHandle<()>>,
    console: Option<JoinHandle<()>>,
    /// What is needed as long as anything is committed.
    inward: Vec<JoinHandle<()>>,
    books: Arc<Books>,
}

/// What reloads change and what they do not.
struct Standing {
    venue: VenueName,
    options: Options,
    storage: Storage,
    /// What a broker was asked for, where there is one: it is asked once.
    asked: Option<BTreeSet<String>>,
    shown: watch::Sender<Arc<Shown>>,
    reloads: Arc<Tally>,
    /// Where everyone went on at the start.
    moves: Vec<Moves>,
}

impl Gateway {
    /// Opens the store, recovers what it holds, and only then opens the doors.
    ///
    /// # Errors
    /// When the store cannot be used or an address cannot be listened on.
    pub async fn start(setup: Setup) -> Result<Self, Error> {
        let Setup { venue, library, edition, pictures, keys, options, storage, clock, .. } = setup;
        let Setup { door, broker, webhooks, traces, sources, http, console, drain, .. } = setup;
        let id = venue.id.clone();
        let recipe = Recipe { venue, library, edition, pictures, keys, options, storage };
        let (recipe, mut opened, (history, books)) = open(recipe, clock.clone()).await?;
        let audit = audit_of(&recipe)?;
        let entry = Entry::of(http, console, &audit)?;
        let (wires, ports) = wired(&opened, &history, Arc::clone(&books));
        let (notices, notices_in) = mpsc::channel(NOTICES_MAX);
        let (offers, _) = broadcast::channel(OFFERS_MAX);
        let (phase, phases) = watch::channel(Phase::Open);

        // Addresses first: what cannot be listened on is said before anything runs.
        let (listener, http_addr) = listen(http).await?.unzip();
        let ends = Ends::new(&wires, notices, phases, drain);
        let Doors { door, roles, keeper, outlets, links, certificates, tasks: outward } =
            open_doors(door, broker, &id, &sources, &ends).await?;
        let (traces, teller) = start_traces(traces, &id, &outlets, &ends)?.unzip();
        let common = common(&id, clock.clone(), &wires, traces.clone(), &ends);
        let (webhooks, told) = Webhooks::start(webhooks, common)?;
        let sources = Sources::new(sources);
        let standing = Standing::new(&recipe, &sources, !links.is_empty(), std::mem::take(&mut opened.moves));
        let out = (&outlets, &keeper, &webhooks, &traces);
        let views =
            views(&standing, &wires, out, links, &history, clock.clone(), (certificates, &entry, &audit));
        let dispatcher = Dispatch {
            venue: id,
            clock: clock.clone(),
            outlets,
            commands: wires.commands.clone(),
            webhooks: webhooks.clone(),
            offers: offers.clone(),
            history,
            traces: traces.clone(),
            measured: Arc::clone(&wires.measured),
        };
        let dispatcher = tokio::spawn(dispatcher.run(wires.dispatch, notices_in, told, ends.phases.clone()));
        let mut inward: Vec<_> = teller.into_iter().chain([dispatcher]).collect();
        if let Some(control) = operators_door(&recipe.storage) {
            let counts = Counts { books: Arc::clone(&books), shown: standing.shown.subscribe() };
            inward.push(tokio::spawn(control.run(wires.upkeep, counts, ends.phases.clone())));
        }
        let shard = spawn(Shard { recipe, clock, sources, roles, ports, traces }, opened)?;
        let console = listener.map(|listener| tokio::spawn(http::serve(listener, views, ends.phases)));
        Ok(Self {
            door,
            entry,
            keeper,
            audit,
            http_addr,
            live: wires.live,
            health: wires.health,
            offers,
            commands: wires.commands,
            standing,
            webhooks,
            pulse: wires.pulse,
            _inbound: (wires.publications, wires.deliveries),
            shard,
            phase,
            drain,
            to_dispatch: wires.to_dispatch,
            outward,
            console,
            inward,
            books,
        })
    }

    /// Where the front door listens unencrypted: with the port that the system chose for port 0. `None` when it does not.
    #[must_use]
    pub fn mqtt_addr(&self) -> Option<SocketAddr> {
        self.door.as_ref().and_then(Door::plain_addr)
    }

    /// Where the front door listens under TLS.
    #[must_use]
    pub fn mqtts_addr(&self) -> Option<SocketAddr> {
        self.door.as_ref().and_then(Door::tls_addr)
    }

    /// Reads the certificates and keys of the front door and of the console again, for whoever comes from now on.
    ///
    /// # Errors
    /// When they cannot be used; those from before stay in use.
    pub fn renew_certificate(&self) -> Result<(), TlsError> {
        self.entry.tls.as_ref().map_or(Ok(()), Tls::renew)?;
        self.door.as_ref().map_or(Ok(()), Door::renew_certificate)
    }

    /// Goes on under another venue, other journeys, keys, accounts, sources and webhooks of the same venue, while people are inside;
    /// answers once that is in the log. The rest of the setup is not looked at. One at a time.
    ///
    /// # Errors
    /// When it cannot go on so: nothing has changed then, but for [`Error::NotYet`].
    pub async fn reload(&self, setup: Setup) -> Result<Reloaded, Error> {
        let edition =
            |shown: &Shown| shown.edition.map_or_else(|| "none".to_owned(), |edition| edition.to_string());
        let before = edition(&self.standing.shown.borrow());
        let reloaded = self.go_on(setup).await;
        let after = edition(&self.standing.shown.borrow());
        match &reloaded {
            Ok(_) => self.audit.note(What::Reloaded, "gateway", format!("edition {before} to {after}")),
            Err(error) => self.audit.note(What::NotReloaded, "gateway", error.to_string()),
        }
        self.standing.reloads.count(match &reloaded {
            Ok(reloaded) if reloaded.changed => Ending::Applied,
            Ok(_) => Ending::Unchanged,
            Err(_) => Ending::Failed,
        });
        reloaded
    }

    /// Counts a reload that was never asked for, because something was wrong with what was read.
    pub fn count_refused(&self) {
        self.standing.reloads.count(Ending::Refused);
        self.audit.note(What::NotReloaded, "gateway", "something was wrong with what was read");
    }

    /// Where everyone went on when it started, if the log was made under another edition.
    #[must_use]
    pub fn moves(&self) -> &[Moves] {
        &self.standing.moves
    }

    async fn go_on(&self, setup: Setup) -> Result<Reloaded, Error> {
        let Standing { venue: known, options, storage, shown, .. } = &self.standing;
        let Setup { venue, library, edition, pictures, keys, door, broker, .. } = setup;
        let Setup { sources, webhooks, console, .. } = setup;
        if venue.id != *known {
            let message =
                format!("this is the gateway of `{known}`, and not of `{}`: start another", venue.id);
            return Err(Error::Setup(message));
        }
        if edition.is_none() {
            return Err(Error::Setup("there are no texts to tell the log of".to_owned()));
        }
        warn_of_keyless(&venue, &keys);
        let logins = door.map(|door| door.logins).or(broker.map(|broker| broker.logins)).unwrap_or_default();
        let accounts = permits::accounts(known, &logins, &sources)?;
        let webhooks = self.webhooks.prepare(webhooks)?;
        let sources = shown.borrow().sources.renewed(sources);
        let restart = self.standing.not_asked(&sources);
        let (options, storage) = (options.clone(), storage.clone());
        let recipe = Recipe { venue, library, edition, pictures, keys, options, storage };
        let next_shown = Shown::of(&recipe, &sources);
        let changed = shown.borrow().edition != next_shown.edition;
        let (answer, answered) = oneshot::channel();
        let next = Next { recipe, sources, roles: roles(&logins), answer };
        // The shard is gone only when its thread has panicked; then nobody answers.
        let _ = self.commands.send(Command::Reload(Box::new(next))).await;
        let moves = answered.await.map_or(Err(Error::NotYet), |answer| answer);
        // Who may come in and what goes out follow in either case: what waits for the store is what the shard goes on with.
        if matches!(moves, Ok(_) | Err(Error::NotYet)) {
            if let Some(keeper) = &self.keeper {
                keeper.set_accounts(accounts);
            }
            self.webhooks.apply(webhooks);
            self.entry.access.set_tokens(console.tokens);
            shown.send_replace(Arc::new(next_shown));
        }
        Ok(Reloaded { changed, moves: moves?, restart })
    }

    /// Where the console and the API listen. `None` when they do not.
    #[must_use]
    pub fn http_addr(&self) -> Option<SocketAddr> {
        self.http_addr
    }

    /// The console's address for a browser on this machine.
    #[must_use]
    pub fn console_url(&self) -> Option<String> {
        let scheme = if self.entry.tls.is_some() { "https" } else { "http" };
        self.http_addr.map(|addr| format!("{scheme}://{addr}/"))
    }

    /// What is true in the venue, renewed four times a second while anything happens. It may be one group of messages
    /// ahead of the disk.
    #[must_use]
    pub fn live(&self) -> watch::Receiver<Arc<Live>> {
        self.live.clone()
    }

    /// Offers as they are committed. A receiver that falls behind misses the oldest, and is told how many.
    #[must_use]
    pub fn offers(&self) -> broadcast::Receiver<Arc<Outgoing>> {
        self.offers.subscribe()
    }

    /// Why the gateway takes no messages at the moment; `None` while it does.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        match &*self.health.borrow() {
            Health::Ready => None,
            Health::Failed(why) => Some(why.clone()),
            Health::Stopped => Some("it was stopped".to_owned()),
        }
    }

    /// Whether it is not stuck: it has moved since the last look, or waits for its store and says so. Two looks should be further
    /// apart than a slow disk's sync.
    pub fn is_moving(&self, last: &mut Beat) -> bool {
        let before = std::mem::replace(last, self.pulse.beat());
        *self.health.borrow() != Health::Ready || last.has_moved_since(before)
    }
}

impl Standing {
    fn new(recipe: &Recipe, sources: &Sources, behind_broker: bool, moves: Vec<Moves>) -> Self {
        Self {
            venue: recipe.venue.id.clone(),
            options: recipe.options.clone(),
            storage: recipe.storage.clone(),
            asked: behind_broker.then(|| sources.topics().map(str::to_owned).collect()),
            shown: watch::Sender::new(Arc::new(Shown::of(recipe, sources))),
            reloads: Arc::default(),
            moves,
        }
    }

    /// What a broker would have to be asked for anew.
    fn not_asked(&self, sources: &Sources) -> Vec<&'static str> {
        let unheard = |asked: &BTreeSet<String>| sources.topics().any(|topic| !asked.contains(topic));
        if self.asked.as_ref().is_some_and(unheard) { vec!["the topics of `sources`"] } else { Vec::new() }
    }
}

fn warn_of_keyless(venue: &Venue, keys: &Keys) {
    for node in venue.nodes.iter().filter(|node| !keys.0.contains_key(&node.id)) {
        tracing::warn!(node = node.name.as_str(), "a node without a key: nothing it says will be admitted");
    }
}

/// Opens the store off the runtime's threads, because it reads for as long as the log is.
async fn open(recipe: Recipe, clock: Clock) -> Result<(Recipe, Opened, (Arc<History>, Arc<Books>)), Error> {
    warn_of_keyless(&recipe.venue, &recipe.keys);
    let open = move || {
        let opened = recipe.open(clock.now())?;
        let history = Arc::<History>::default();
        history.begin(&*opened.store, opened.last);
        let dir = match &recipe.storage {
            Storage::Disk { dir, .. } => Some(dir.as_path()),
            Storage::Memory(_) | Storage::Custom(_) => None,
        };
        let books = Books::open(dir);
        books.begin(&*opened.store, opened.last);
        Ok((recipe, opened, (history, Arc::new(books))))
    };
    let panicked = |error| Error::Setup(format!("opening the store did not end well: {error}"));
    tokio::task::spawn_blocking(open).await.map_err(panicked)?
}

/// The operator's door of a store on disk. Without it the gateway does its work all the same.
fn operators_door(storage: &Storage) -> Option<Control> {
    let Storage::Disk { dir, .. } = storage else { return None };
    let bound = Control::bind(dir);
    bound
        .inspect_err(|error| {
            tracing::warn!("`turnpage store` cannot reach this gateway while it runs: {error}");
        })
        .ok()
}

/// Where it is written down who did what; nowhere for a store that is no directory.
fn audit_of(recipe: &Recipe) -> Result<Audit, Error> {
    let Storage::Disk { dir, .. } = &recipe.storage else { return Ok(Audit::default()) };
    let failed =
        |error| Error::Setup(format!("the audit log in `{}` cannot be gone on with: {error}", dir.display()));
    let audit = Audit::open(dir).map_err(failed)?;
    audit.note(What::Started, "gateway", edition_of(recipe));
    Ok(audit)
}

fn edition_of(recipe: &Recipe) -> String {
    let digest = recipe.edition.as_ref().map(|edition| edition.digest().to_string());
    digest.map_or_else(|| "no edition".to_owned(), |digest| format!("edition {digest}"))
}

/// What the console and the API look at.
fn views(
    standing: &Standing,
    wires: &Wires,
    (outlets, keeper, webhooks, traces): (&Outlets, &Option<Keeper>, &Webhooks, &Option<Traces>),
    broker: Vec<(&'static str, watch::Receiver<Link>)>,
    history: &Arc<History>,
    clock: Clock,
    (certificates, entry, audit): (Certificates, &Entry, &Audit),
) -> http::Views {
    http::Views {
        shown: standing.shown.subscribe(),
        reloads: Arc::clone(&standing.reloads),
        live: wires.live.clone(),
        health: wires.health.clone(),
        broker,
        history: Arc::clone(history),
        clock,
        recent: Arc::clone(&wires.recent),
        books: Arc::clone(&wires.books),
        door: outlets.door.clone(),
        keeper: keeper.clone(),
        webhooks: webhooks.clone(),
        traces: traces.clone(),
        requests: wires.requests.clone(),
        measured: Arc::clone(&wires.measured),
        queues: wires.queues.clone(),
        certificates,
        entry: entry.clone(),
        audit: audit.clone(),
    }
}

/// What workers of webhooks have.
fn common(venue: &VenueName, clock: Clock, wires: &Wires, traces: Option<Traces>, ends: &Ends) -> Common {
    Common {
        venue: venue.clone(),
        clock,
        recent: Arc::clone(&wires.recent),
        traces,
        phases: ends.phases.clone(),
        patience: ends.drain,
    }
}

/// Tells of offers, where somebody is to be told.
fn start_traces(
    setup: Option<TracesSetup>,
    venue: &VenueName,
    outlets: &Outlets,
    ends: &Ends,
) -> Result<Option<(Traces, JoinHandle<()>)>, Error> {
    let Some(setup) = setup else { return Ok(None) };
    if let Some(door) = &outlets.door {
        door.note_times();
    }
    Traces::start(setup, venue, ends.phases.clone()).map(Some)
}

async fn listen(addr: Option<SocketAddr>) -> Result<Option<(TcpListener, SocketAddr)>, Error> {
    let Some(addr) = addr else { return Ok(None) };
    let failed = |source| Error::Http { addr, source };
    let listener = TcpListener::bind(addr).await.map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    Ok(Some((listener, bound)))
}

/// Runs the shard on a thread of its own; the receiver gets what it ended with.
fn spawn(
    shard: Shard,
    opened: Opened,
) -> Result<oneshot::Receiver<Result<(), turnpage_gateway_store::Error>>, Error> {
    let runtime = tokio::runtime::Handle::current();
    let (done, ended) = oneshot::channel();
    let run = move || {
        let _inside = runtime.enter();
        // Nobody waits for the end of a gateway that is dropped.
        let _ = done.send(shard.run(opened));
    };
    std::thread::Builder::new()
        .name("shard".to_owned())
        .spawn(run)
        .map_err(|error| Error::Setup(format!("cannot start the shard's thread: {error}")))?;
    Ok(ended)
}
