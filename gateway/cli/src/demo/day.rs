//! A park day under way: the gateway on one side, the simulated park on the other, and what can be seen of both.
//!
//! Owns their start and their end, in the order that loses nothing. Next: screen.rs shows it, summary.rs counts it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::sync::{broadcast, watch};
use turnpage_gateway_core::{Keys, Live, NodeId, NodeName, Options, Outgoing, Role, Timestamp};
use turnpage_gateway_server::access;
use turnpage_gateway_server::{Clock, DoorSetup, Gateway, Led, Login, Setup, Storage, door};
use turnpage_gateway_store::{Disk, Sequence, Store, disk};
use turnpage_simulators_venue::day::Day as RealDay;
use turnpage_simulators_venue::live::{self as simulation, Progress};
use turnpage_simulators_venue::provision::{self, Provision};
use turnpage_simulators_venue::world::{self, World};

use crate::args::DemoArgs;
use crate::demo::clock::dated;
use crate::demo::summary::Summary;
use crate::load::Loaded;

/// How long nodes may take at the end to hand over what they hold.
const PATIENCE: Duration = Duration::from_secs(10);

/// One acknowledged frame in this many is sent twice, so that every demo shows duplicates being absorbed.
const DUPLICATE_ONE_IN: u32 = 200;

/// Something to show.
pub(crate) enum Happened {
    /// An offer was committed.
    Offer(Arc<Outgoing>),
    /// Time went on.
    Progress(Progress, Arc<Live>),
    /// The park closed and everything is delivered.
    Over,
}

/// A running day.
pub(crate) struct Day {
    gateway: Gateway,
    simulation: simulation::Live,
    progress: watch::Receiver<Progress>,
    live: watch::Receiver<Arc<Live>>,
    offers: broadcast::Receiver<Arc<Outgoing>>,
    bands: (String, String),
    venue: (String, chrono_tz::Tz),
    /// What the console asks for, where others could reach it.
    token: Option<String>,
    resumed_at: Option<Timestamp>,
    began_with: Arc<Live>,
    data: PathBuf,
    // Removed with everything in it when the day is dropped.
    _temporary: Option<tempfile::TempDir>,
}

impl Day {
    /// Opens the gateway, then the park.
    pub(crate) async fn start(args: &DemoArgs, park: Loaded) -> anyhow::Result<Self> {
        let real_day = match &args.day {
            Some(dir) => RealDay::read(dir)?,
            None => RealDay::sample(),
        };
        let venue = park.venue;
        let nodes = venue.nodes.iter().map(|node| (node.id.0, node.name.as_str()));
        let provision = Provision::new(nodes, args.seed);
        let crowd = world::Options { seed: args.seed, visitors: args.visitors };
        let world = World::new(&venue, &real_day, &provision, &crowd)?;

        let (data, temporary) = data_directory(args.data.as_deref())?;
        let history = History::read(&data)?;
        let from = history.last.map_or(world.opens(), |last| last.max(world.opens()));
        let clock = Arc::new(Led::new(from, args.speed));

        let named = (venue.id.as_str().to_owned(), venue.time_zone);
        let mut setup = Setup::new(
            venue.clone(),
            park.library,
            keys(&provision),
            Storage::Disk { dir: data.clone(), options: disk::Options::default() },
        );
        setup.pictures = park.pictures;
        setup.clock = Clock::Led(Arc::clone(&clock));
        setup.options = options(args);
        setup.door = Some(front_door(args.mqtt, &provision)?);
        setup.http = Some(args.http);
        let token = if args.http.ip().is_loopback() { None } else { Some(token(&mut setup)?) };
        let gateway = Gateway::start(setup).await?;

        let bands = (provision.bands().user.clone(), provision.bands().password.clone());
        let options = simulation::Options {
            gateway: gateway.mqtt_addr().context("the gateway has no front door")?,
            speed: args.speed,
            from,
            boot: history.boots + 1,
            duplicate_one_in: DUPLICATE_ONE_IN,
        };
        let simulation =
            simulation::Live::start(world, &venue, &provision, &options, move |at| clock.set(at))?;
        let live = gateway.live();
        let began_with = live.borrow().clone();
        Ok(Self {
            progress: simulation.progress(),
            offers: gateway.offers(),
            live,
            gateway,
            simulation,
            bands,
            venue: named,
            token,
            resumed_at: history.last,
            began_with,
            data,
            _temporary: temporary,
        })
    }

    /// The next thing to show. Safe to cancel.
    pub(crate) async fn next(&mut self) -> anyhow::Result<Happened> {
        loop {
            tokio::select! {
                offer = self.offers.recv() => match offer {
                    Ok(offer) => return Ok(Happened::Offer(offer)),
                    // The screen fell behind; the offers went out all the same.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return Ok(Happened::Over),
                },
                changed = self.progress.changed() => {
                    if changed.is_ok() {
                        let progress = *self.progress.borrow_and_update();
                        return Ok(Happened::Progress(progress, self.live.borrow().clone()));
                    }
                    return Ok(Happened::Over);
                }
            }
        }
    }

    /// Closes the park, then the gateway, and counts.
    pub(crate) async fn finish(self) -> anyhow::Result<Summary> {
        let progress = self.simulation.stop(PATIENCE).await;
        let mut live = self.live;
        self.gateway.stop().await?;
        let counted = live.borrow_and_update().clone();
        Ok(Summary::new(&progress, &self.began_with, &counted, self.venue.1))
    }

    /// Where everything is, and how to look inside: a line each.
    pub(crate) fn opening(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(addr) = self.gateway.http_addr() {
            lines.push(format!("console    http://{addr}/"));
            lines.extend(self.token.iter().map(|token| format!("token      {token}")));
        }
        if let Some(addr) = self.gateway.mqtt_addr() {
            let ((user, password), (venue, _)) = (&self.bands, &self.venue);
            let listener =
                format!("mosquitto_sub -h {} -p {} -u {user} -P {password}", addr.ip(), addr.port());
            lines.push(format!("mqtt       {addr}"));
            lines.push(format!("listen in  {listener} -t 'turnpage/v1/{venue}/offer/+' -v"));
        }
        lines.push(format!("log        {}", self.data.display()));
        if let Some(at) = self.resumed_at {
            let at = dated(at, self.venue.1);
            lines.push(format!("resumed    the log ends at {at} park time; going on from there"));
        }
        lines
    }

    /// The venue's time zone.
    pub(crate) fn time_zone(&self) -> chrono_tz::Tz {
        self.venue.1
    }
}

/// A token of this run for a console that others on the network can reach.
fn token(setup: &mut Setup) -> anyhow::Result<String> {
    let secret = access::fresh().context("the system has no randomness to give")?;
    setup.console.tokens = vec![access::Token {
        name: "demo".to_owned(),
        role: access::Role::Admin,
        fingerprint: access::Fingerprint::of(&secret),
        until: None,
    }];
    Ok(secret)
}

/// What an earlier run left in the data directory.
struct History {
    /// How often the nodes were started on it.
    boots: u32,
    /// The gateway's time at the end of its log.
    last: Option<Timestamp>,
}

impl History {
    /// Reads the log's end, and counts this start: nodes must never use a boot count twice, so it is
    /// written before they do anything.
    fn read(data: &Path) -> anyhow::Result<Self> {
        let file = data.join("boots");
        let boots = match std::fs::read_to_string(&file) {
            Ok(text) => text.trim().parse().with_context(|| format!("`{}` is no count", file.display()))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(error).with_context(|| format!("cannot read `{}`", file.display())),
        };
        let last = if boots == 0 { None } else { last_time(data)? };
        std::fs::write(&file, format!("{}\n", boots + 1))
            .with_context(|| format!("cannot write `{}`", file.display()))?;
        Ok(Self { boots, last })
    }
}

/// The time of the last entry in the log.
fn last_time(data: &Path) -> anyhow::Result<Option<Timestamp>> {
    let store = Disk::open(data, disk::Options::default())?;
    let mut last = None;
    store.log(Sequence(0), &mut |_, batch| {
        last = batch.entries.last().map(|entry| entry.now).or(last);
        true
    })?;
    Ok(last)
}

fn data_directory(named: Option<&Path>) -> anyhow::Result<(PathBuf, Option<tempfile::TempDir>)> {
    match named {
        Some(dir) => {
            std::fs::create_dir_all(dir).with_context(|| format!("cannot make `{}`", dir.display()))?;
            Ok((dir.to_owned(), None))
        }
        None => {
            let dir = tempfile::Builder::new().prefix("turnpage-demo-").tempdir()?;
            Ok((dir.path().to_owned(), Some(dir)))
        }
    }
}

/// Admission for a clock that runs fast: what is a moment on the network is minutes in the park.
fn options(args: &DemoArgs) -> Options {
    let usual = Options::default();
    let under_way = 2 * simulation::lag_ms_max(args.speed);
    Options { seed: args.seed, late_ms: usual.late_ms.max(under_way), ..usual }
}

fn keys(provision: &Provision) -> Keys {
    Keys(provision.keys().map(|(node, key)| (NodeId(node), key)).collect())
}

fn front_door(listen: SocketAddr, provision: &Provision) -> anyhow::Result<DoorSetup> {
    let logins = provision.accounts().map(login).collect::<anyhow::Result<_>>()?;
    let places = door::Places { plain: Some(listen), tls: None };
    // All of the park is this one machine.
    let all = door::Limits::default();
    let limits = door::Limits { per_address_max: all.connections_max, ..all };
    Ok(DoorSetup { places, limits, logins })
}

fn login(account: &provision::Account) -> anyhow::Result<Login> {
    let role = match account.role {
        provision::Role::Node { .. } => Role::Node(
            NodeName::new(&account.user).with_context(|| format!("`{}` cannot name a node", account.user))?,
        ),
        provision::Role::Feed => Role::Source,
        provision::Role::Bands => Role::Channel,
    };
    Ok(Login {
        user: account.user.clone(),
        password: Some(account.password.clone()),
        certificate: None,
        role,
    })
}
