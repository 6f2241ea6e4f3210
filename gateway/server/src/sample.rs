//! An offer for the tests of whatever carries offers about. What none of them looks at is one letter.

use turnpage_gateway_core::{OfferId, Outgoing, SubjectName, Timestamp};

/// An offer to `subject` on a band that ends at `until`.
pub(crate) fn offer(id: u128, subject: &str, until: i64) -> Outgoing {
    Outgoing {
        id: OfferId(id),
        subject: SubjectName::new(subject).unwrap(),
        channel: "band".into(),
        journey: "j".into(),
        page: "p".into(),
        offer: "o".into(),
        text: "t".into(),
        made_at: Timestamp(0),
        valid_until: Timestamp(until),
    }
}
