//! What a line says, as events: names resolved, or told which name is wrong.
//!
//! One line may say several things. They happen at its instant in this order: weather, signals, what is known of the
//! subject, where it was seen, its consent, its feedback, its pick, its answer. Before: line.rs. Next: back in day.rs.

use turnpage_journeys_engine::Outcome;
use turnpage_journeys_expr::closest;

use super::line::{Consent, Keys, Line};
use crate::admit::FactPayload;
use crate::event::{ALL_PURPOSES, Place, Presence, Profile, Purpose, Said, Sighting, What};
use crate::id::SubjectName;
use crate::venue::Venue;

/// One thing that a line says.
pub(super) enum Saying {
    /// An event as the corridor takes it.
    What(What),
    /// What became of the latest offer of a name.
    Answer {
        subject: SubjectName,
        journey: Option<String>,
        offer: String,
        outcome: Outcome,
        value: Option<f64>,
    },
    /// A pick by its name.
    Pick { subject: SubjectName, journey: Option<String>, page: Option<String>, pick: String },
}

/// Everything that a line says, in order; nothing when it only lets time pass.
pub(super) fn of(line: Line, venue: &Venue) -> Result<Vec<Saying>, String> {
    let keys = line.keys;
    let place = place(&keys, venue)?;
    let mut said = Vec::new();
    if let Some(air) = &keys.weather {
        let place = place.clone().unwrap_or(Place::Venue);
        said.push(Saying::What(What::Weather { place, reading: air.reading() }));
    }
    for (name, value) in &keys.signals {
        known("signal", name, venue.signals.iter().map(|signal| signal.name.as_str()))?;
        said.push(Saying::What(What::Signal { name: name.clone(), value: *value }));
    }
    match keys.subject.clone() {
        Some(subject) => of_subject(&subject, keys, place, venue, &mut said)?,
        None => {
            if let Some(key) = lonely(&keys, place.is_some()) {
                return Err(format!("`{key}` is said of a `subject`, and there is none"));
            }
        }
    }
    Ok(said)
}

/// What a line says of its subject.
fn of_subject(
    subject: &SubjectName,
    keys: Keys,
    place: Option<Place>,
    venue: &Venue,
    said: &mut Vec<Saying>,
) -> Result<(), String> {
    let before = said.len();
    let name = || subject.clone();
    if let Some(role) = &keys.role {
        known("role", role, venue.roles.iter().map(String::as_str))?;
    }
    let mut profile = profile(&keys, venue)?;
    if profile != Profile::default() || place.is_none() && keys.role.is_some() {
        // Whoever is new here is what its role is from the first.
        profile.role.clone_from(&keys.role);
        said.push(Saying::What(What::Profile { subject: name(), profile }));
    }
    if let Some(place) = place {
        let presence = if keys.leaves == Some(true) { Presence::Left } else { Presence::Seen };
        let sighting = Sighting { subject: name(), role: keys.role, place, presence };
        said.push(Saying::What(What::Sighting(sighting)));
    } else if keys.leaves.is_some() {
        return Err("`leaves` stands beside the `zone` that is left".to_owned());
    }
    match keys.consent {
        Some(Consent::All(granted)) => {
            said.push(Saying::What(What::Consent { subject: name(), purpose: Purpose::Offers, granted }));
        }
        Some(Consent::Of(words)) => {
            for (word, granted) in words {
                let purpose = purpose(&word, venue)?;
                said.push(Saying::What(What::Consent { subject: name(), purpose, granted }));
            }
        }
        None => {}
    }
    if let Some(score) = keys.feedback {
        said.push(Saying::What(What::Feedback { subject: name(), score, about: keys.about }));
    }
    if let Some(pick) = keys.pick {
        let (journey, page) = (keys.journey.clone(), keys.page);
        said.push(Saying::Pick { subject: name(), journey, page, pick });
    }
    if let Some(answer) = keys.answer {
        let (offer, outcome) = answered(&answer)?;
        said.push(Saying::Answer {
            subject: name(),
            journey: keys.journey,
            offer,
            outcome,
            value: keys.value,
        });
    } else if keys.value.is_some() {
        return Err("`value` stands beside an `answer` that accepts".to_owned());
    }
    if said.len() == before {
        return Err(format!("nothing is said of `{subject}`: where it was seen, or what it did"));
    }
    Ok(())
}

/// The first key that only a subject can have.
fn lonely(keys: &Keys, seen: bool) -> Option<&'static str> {
    [
        ("role", keys.role.is_some()),
        ("leaves", keys.leaves.is_some()),
        ("party", keys.party != Said::Nothing),
        ("language", keys.language != Said::Nothing),
        ("channel", keys.channel != Said::Nothing),
        ("facts", !keys.facts.is_empty()),
        ("consent", keys.consent.is_some()),
        ("feedback", keys.feedback.is_some()),
        ("about", keys.about.is_some()),
        ("pick", keys.pick.is_some()),
        ("answer", keys.answer.is_some()),
        ("value", keys.value.is_some()),
        ("journey", keys.journey.is_some()),
        ("page", keys.page.is_some()),
        // A place alone says nothing, unless it is that of the weather.
        ("zone", seen && keys.weather.is_none()),
    ]
    .into_iter()
    .find_map(|(key, said)| said.then_some(key))
}

/// What is known of the subject beside its role.
fn profile(keys: &Keys, venue: &Venue) -> Result<Profile, String> {
    if let Said::Is(channel) = &keys.channel {
        known("channel", channel, venue.policy.channels.iter().map(String::as_str))?;
    }
    let mut facts = Vec::with_capacity(keys.facts.len());
    for (name, value) in &keys.facts {
        known("fact", name, venue.facts.iter().map(|fact| fact.name.as_str()))?;
        let value = value.as_ref().map(FactPayload::value);
        let declared = venue.find_fact(name).and_then(|fact| venue.facts.get(fact));
        if let (Some(value), Some(declared)) = (&value, declared)
            && declared.of.value(value, venue).is_none()
        {
            return Err(format!("`{name}` cannot have this value"));
        }
        facts.push((name.clone(), value));
    }
    Ok(Profile {
        role: None,
        party: keys.party.clone(),
        language: keys.language.clone(),
        channel: keys.channel.clone(),
        facts,
    })
}

/// Where a line is about, as precisely as it says.
fn place(keys: &Keys, venue: &Venue) -> Result<Option<Place>, String> {
    match (&keys.zone, &keys.node, keys.lon, keys.lat) {
        (None, None, None, None) => Ok(None),
        (Some(zone), None, None, None) => {
            known("zone", zone.as_str(), venue.zones.iter().map(|zone| zone.id.as_str()))?;
            Ok(Some(Place::Zone(zone.clone())))
        }
        (None, Some(name), None, None) => {
            known("node", name, venue.nodes.iter().map(|node| node.name.as_str()))?;
            let node = venue.nodes.iter().find(|node| node.name.as_str() == name);
            Ok(node.map(|node| Place::Node(node.id)))
        }
        (None, None, Some(lon), Some(lat)) => Ok(Some(Place::Point { lon, lat, level: keys.level })),
        _ => Err("a place is a `zone`, a `node`, or `lon` and `lat`".to_owned()),
    }
}

/// `cocoa.accepted`, as an offer and what became of it.
fn answered(answer: &str) -> Result<(String, Outcome), String> {
    let (offer, word) = answer.rsplit_once('.').unwrap_or((answer, ""));
    match Outcome::ALL.into_iter().find(|outcome| outcome.name() == word) {
        Some(Outcome::Withheld) => Err("only the venue's policy withholds".to_owned()),
        Some(outcome) => Ok((offer.to_owned(), outcome)),
        None => {
            let meant = closest(word, Outcome::ALL.map(Outcome::name));
            let meant = meant.map(|meant| format!("; did you mean `{offer}.{meant}`?"));
            let help = meant.unwrap_or_else(|| "; write `offer.accepted`".to_owned());
            Err(format!("`{answer}` is no answer{help}"))
        }
    }
}

/// One of the venue's purposes, or all of them.
fn purpose(word: &str, venue: &Venue) -> Result<Purpose, String> {
    let purposes = venue.policy.purposes.iter().map(|purpose| purpose.name.as_str());
    known("purpose", word, purposes.chain([ALL_PURPOSES]))?;
    Purpose::of(word).ok_or_else(|| format!("`{word}` is no purpose"))
}

/// Whether a name is one of the venue's.
fn known<'a>(what: &str, name: &str, names: impl Iterator<Item = &'a str> + Clone) -> Result<(), String> {
    if names.clone().any(|known| known == name) {
        return Ok(());
    }
    let meant = closest(name, names).map(|meant| format!("; did you mean `{meant}`?"));
    Err(format!("unknown {what} `{name}`{}", meant.unwrap_or_default()))
}
