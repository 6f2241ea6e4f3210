//! Opens the ways in: the front door, or the connections to a venue's broker.
//!
//! It hands on what comes and looks at none of it. Before: gateway.rs. Next: door.rs and broker.rs.

use std::sync::Arc;
use std::time::Duration;

use rustc_hash::FxHashMap;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use turnpage_gateway_core::topic::Filter as TopicFilter;
use turnpage_gateway_core::{Role, VenueName};

use super::Phase;
use crate::broker::{Ingest, Link, Outlet};
use crate::certificates::Certificates;
use crate::dispatch::Outlets;
use crate::door::{Account, Door, Notice, Publication};
use crate::inbound::Inbound;
use crate::keeper::Keeper;
use crate::opener::Opener;
use crate::permits;
use crate::shard::Wires;
use crate::source::Source;
use crate::{BrokerSetup, DoorSetup, Error, Login};

/// What doors write to, and what tells them to end.
pub(super) struct Ends {
    pub(super) publications: mpsc::Sender<Publication>,
    pub(super) deliveries: mpsc::Sender<Inbound>,
    pub(super) notices: mpsc::Sender<Notice>,
    pub(super) opener: Arc<Opener>,
    pub(super) phases: watch::Receiver<Phase>,
    pub(super) drain: Duration,
}

impl Ends {
    pub(super) fn new(
        wires: &Wires,
        notices: mpsc::Sender<Notice>,
        phases: watch::Receiver<Phase>,
        drain: Duration,
    ) -> Self {
        let (publications, deliveries) = (wires.publications.clone(), wires.deliveries.clone());
        Self { publications, deliveries, notices, opener: Arc::clone(&wires.opener), phases, drain }
    }
}

/// Whatever stands open.
#[derive(Default)]
pub(super) struct Doors {
    pub(super) door: Option<Door>,
    /// What each account of the door may say.
    pub(super) roles: FxHashMap<Account, Role>,
    pub(super) outlets: Outlets,
    /// Who may post over HTTP.
    pub(super) keeper: Option<Keeper>,
    /// How each connection to the broker stands, where there is one.
    pub(super) links: Vec<(&'static str, watch::Receiver<Link>)>,
    /// What they show of themselves.
    pub(super) certificates: Certificates,
    pub(super) tasks: Vec<JoinHandle<()>>,
}

pub(super) async fn open_doors(
    door: Option<DoorSetup>,
    broker: Option<BrokerSetup>,
    venue: &VenueName,
    sources: &[Arc<Source>],
    ends: &Ends,
) -> Result<Doors, Error> {
    let mut doors = Doors::default();
    if let Some(setup) = door {
        let accounts = permits::accounts(venue, &setup.logins, sources)?;
        let (publications, notices) = (ends.publications.clone(), ends.notices.clone());
        let door = Door::bind(setup.places, accounts, setup.limits, publications, notices).await?;
        door.handle().open_with(Arc::clone(&ends.opener));
        doors.outlets.door = Some(door.handle());
        doors.keeper = Some(Keeper::Door(door.handle()));
        doors.certificates.door = door.tls();
        doors.door = Some(door);
        doors.roles = roles(&setup.logins);
    }
    if let Some(setup) = broker {
        let name = venue.as_str();
        let heard = [TopicFilter::Offers { venue: name }, TopicFilter::Staff { venue: name }];
        let heard = heard.iter().map(|filter| permits::filter(&filter.to_string()));
        let heard = heard.collect::<Result<_, _>>()?;
        let accounts = permits::accounts(venue, &setup.logins, sources)?;
        doors.roles.extend(roles(&setup.logins));
        doors.keeper.get_or_insert(Keeper::alone(accounts));
        doors.certificates.broker = setup.certificate_until_s;
        let until = (ends.phases.clone(), ends.drain);
        let (outlet, task) = Outlet::start(setup.clone(), heard, ends.notices.clone(), until);
        let (link, shown) = watch::channel(Link::default());
        let declared = sources.iter().map(|source| source.topics.as_str().to_owned());
        let filters = permits::heard(venue).into_iter().chain(declared).collect();
        let (deliveries, patience) = (ends.deliveries.clone(), ends.drain);
        let ingest = Ingest { setup, filters, deliveries, link, patience };
        doors.tasks = vec![task, tokio::spawn(ingest.run(ends.phases.clone()))];
        doors.links = vec![("messages", shown), ("offers", outlet.link())];
        doors.outlets.broker = Some(outlet);
    }
    let looked_after = doors.certificates.clone().look_after(ends.phases.clone());
    doors.tasks.push(tokio::spawn(looked_after));
    Ok(doors)
}

/// What each account may say.
pub(super) fn roles(logins: &[Login]) -> FxHashMap<Account, Role> {
    logins.iter().map(|login| (Account::new(&login.user), login.role.clone())).collect()
}
