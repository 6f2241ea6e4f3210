//! An offer as a CloudEvent 1.0 in structured JSON mode.
//!
//! The same offer is the same bytes at every attempt. Before: webhook/worker.rs. Next: webhook/post.rs, which signs it.

use bytes::Bytes;
use chrono::{DateTime, SecondsFormat};
use serde::Serialize;
use turnpage_gateway_core::{OfferId, Outgoing, Timestamp, VenueName};

use crate::dispatch::OfferJson;

/// The media type of the structured mode.
pub(super) const CONTENT_TYPE: &str = "application/cloudevents+json; charset=utf-8";

#[derive(Serialize)]
struct CloudEvent<'a> {
    specversion: &'static str,
    id: OfferId,
    source: String,
    #[serde(rename = "type")]
    kind: &'static str,
    subject: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    /// The extension "Distributed Tracing": where the offer was handed over, at every attempt the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    traceparent: Option<String>,
    datacontenttype: &'static str,
    data: OfferJson<'a>,
}

/// The request's body; with its place in a trace, where traces are told.
pub(super) fn body(venue: &VenueName, offer: &Outgoing, traceparent: Option<String>) -> Bytes {
    let event = CloudEvent {
        specversion: "1.0",
        id: offer.id,
        source: format!("/turnpage/v1/{venue}"),
        kind: if offer.staff().is_some() { "turnpage.staff.called" } else { "turnpage.offer.made" },
        subject: offer.subject.as_str(),
        time: time(offer.made_at),
        traceparent,
        datacontenttype: "application/json",
        data: OfferJson::from(offer),
    };
    // Strings and numbers into memory: there is nothing that could fail.
    Bytes::from(serde_json::to_vec(&event).unwrap_or_default())
}

/// RFC 3339; nothing beyond the years that a calendar has.
fn time(at: Timestamp) -> Option<String> {
    DateTime::from_timestamp_millis(at.0).map(|at| at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

#[cfg(test)]
mod tests {
    use expect_test::expect;
    use turnpage_gateway_core::SubjectName;

    use super::*;

    #[test]
    fn an_offer_is_a_cloud_event() {
        let offer = Outgoing {
            id: OfferId(7),
            subject: SubjectName::new("ada").unwrap(),
            channel: "app".into(),
            journey: "rainy-day".into(),
            page: "strolling".into(),
            offer: "cocoa".into(),
            text: "Cocoa?".into(),
            made_at: Timestamp(1_784_368_800_000),
            valid_until: Timestamp(1_784_370_000_000),
        };
        let told = |offer: &Outgoing| {
            String::from_utf8(body(&VenueName::new("park").unwrap(), offer, None).to_vec()).unwrap()
        };
        expect![[r#"{"specversion":"1.0","id":"00000000000000000000000000000007","source":"/turnpage/v1/park","type":"turnpage.offer.made","subject":"ada","time":"2026-07-18T10:00:00.000Z","datacontenttype":"application/json","data":{"id":"00000000000000000000000000000007","at":1784368800000,"subject":"ada","journey":"rainy-day","page":"strolling","offer":"cocoa","channel":"app","text":"Cocoa?","valid_until":1784370000000}}"#]].assert_eq(&told(&offer));
        let call = told(&Outgoing { channel: "staff/cleaner".into(), ..offer });
        assert!(call.contains(r#""type":"turnpage.staff.called""#), "{call}");
    }
}
