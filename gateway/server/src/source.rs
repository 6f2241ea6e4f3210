//! Sensors that speak another language: which topics they use, and what their JSON means.
//!
//! A mapping is plain data in, one event out; whether the event counts is admission's business, like for any other.
//! Here is what OwnTracks phones publish (<https://owntracks.org/booklet/tech/json/>). Before: shard.rs, which asks the
//! sources first. Next: `Pipeline::event` of gateway/core.

use serde::Deserialize;
use turnpage_gateway_core::{
    ContextEvent, Place, Presence, Sighting, SubjectName, TimeQuality, Timestamp, What,
};
use turnpage_gateway_mqtt::{Filter, Topic};

/// A declared source.
#[derive(Clone, Debug)]
pub struct Source {
    /// What it is called in logs and dead letters.
    pub name: String,
    /// The topics that are its own: nothing else reads them.
    pub topics: Filter,
    /// What its messages mean.
    pub mapping: Mapping,
}

/// What a source's messages mean.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Mapping {
    /// OwnTracks: the location of the phone `owntracks/<user>/<device>` becomes a sighting of the subject `<user>`.
    /// Phones are to be provisioned with a pseudonym for a user name.
    OwnTracks {
        /// What the subjects are here; the venue's first role where absent.
        role: Option<String>,
    },
}

/// What a message of a source was.
#[derive(Clone, PartialEq, Debug)]
pub enum Mapped {
    /// Something for the pipeline.
    Event(ContextEvent),
    /// Something that the source says and nobody needs, such as a phone's configuration.
    Ignored,
    /// Not what the source should say.
    Malformed,
}

/// A location message; what else it carries is not read. Numbers are as the booklet gives them.
#[derive(Deserialize)]
struct OwnTracks {
    #[serde(rename = "_type")]
    kind: String,
    lat: Option<f64>,
    lon: Option<f64>,
    /// When the fix was taken, in seconds since 1970.
    tst: Option<i64>,
}

impl Source {
    /// Whether a topic is this source's.
    #[must_use]
    pub fn owns(&self, topic: &Topic) -> bool {
        self.topics.matches(topic)
    }

    /// What a message on one of its topics means.
    #[must_use]
    pub fn map(&self, topic: &str, payload: &[u8]) -> Mapped {
        match &self.mapping {
            Mapping::OwnTracks { role } => own_tracks(role.as_deref(), topic, payload),
        }
    }
}

fn own_tracks(role: Option<&str>, topic: &str, payload: &[u8]) -> Mapped {
    let Ok(message) = serde_json::from_slice::<OwnTracks>(payload) else { return Mapped::Malformed };
    if message.kind != "location" {
        return Mapped::Ignored;
    }
    let mut levels = topic.rsplit('/');
    let user = levels.nth(1).and_then(SubjectName::new);
    let (Some(subject), Some(lat), Some(lon), Some(tst)) = (user, message.lat, message.lon, message.tst)
    else {
        return Mapped::Malformed;
    };
    let degrees = (-90.0..=90.0).contains(&lat) && (-180.0..=180.0).contains(&lon);
    let (true, Some(at)) = (degrees, tst.checked_mul(1000)) else { return Mapped::Malformed };
    Mapped::Event(ContextEvent {
        at: Timestamp(at),
        quality: TimeQuality::Synced,
        what: What::Sighting(Sighting {
            subject,
            role: role.map(str::to_owned),
            place: Place::Point { lon, lat, level: None },
            presence: Presence::Seen,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "owntracks/7f3a/phone";

    fn source() -> Source {
        Source {
            name: "phones".into(),
            topics: Filter::new("owntracks/+/+").unwrap(),
            mapping: Mapping::OwnTracks { role: Some("guest".into()) },
        }
    }

    #[test]
    fn a_location_is_a_sighting() {
        // As the iOS app publishes it.
        let payload = br#"{"_type":"location","acc":12,"alt":31,"batt":81,"bs":1,"conn":"w","lat":45.5081,
            "lon":-73.5540,"m":1,"t":"u","tid":"j1","tst":1435162022,"vac":4,"vel":0}"#;
        let Mapped::Event(event) = source().map(TOPIC, payload) else { panic!() };
        assert_eq!(event.at, Timestamp(1_435_162_022_000));
        let What::Sighting(sighting) = event.what else { panic!() };
        assert_eq!(sighting.subject.as_str(), "7f3a");
        assert_eq!(sighting.role.as_deref(), Some("guest"));
        assert_eq!(sighting.place, Place::Point { lon: -73.5540, lat: 45.5081, level: None });
    }

    #[test]
    fn other_messages_are_nobodys_business() {
        assert_eq!(source().map(TOPIC, br#"{"_type":"lwt","tst":1435162022}"#), Mapped::Ignored);
    }

    #[test]
    fn what_cannot_be_a_location_is_malformed() {
        for payload in [
            r#"{"_type":"location","lat":91,"lon":0,"tst":1}"#,
            r#"{"_type":"location","lat":0,"lon":1e999,"tst":1}"#,
            r#"{"_type":"location","lat":0,"lon":0}"#,
            r#"{"_type":"location","lat":0,"lon":0,"tst":9223372036854775807}"#,
            r#"{"_type":"location","lat":"0","lon":0,"tst":1}"#,
            "45.5",
            "",
        ] {
            assert_eq!(source().map(TOPIC, payload.as_bytes()), Mapped::Malformed, "{payload}");
        }
        let good = br#"{"_type":"location","lat":0,"lon":0,"tst":1}"#;
        assert_eq!(source().map("owntracks/j\u{e9}r\u{f4}me/phone", good), Mapped::Malformed);
    }

    #[test]
    fn only_its_own_topics_are_its_own() {
        assert!(source().owns(&Topic::new(TOPIC).unwrap()));
        assert!(!source().owns(&Topic::new("owntracks/7f3a/phone/event").unwrap()));
    }
}
